/**
 * Packets are immutable values: one interface per header, one file per protocol's helpers. Whatever rewrites a header
 * (NAT, TTL, VLAN) makes a new one that shares the rest, so the trace can keep "before" and "after" for the price of a
 * reference, and a flooded frame is one value on every port.
 */
import type { Ip, Ipv4, Mac } from "../address.ts";

export const ETH_IPV4 = 0x0800;
/** An 802.1Q tag comes first. */
export const ETH_VLAN = 0x8100;
export const ETH_ARP = 0x0806;
export const ETH_IPV6 = 0x86dd;
export const ETH_HEADER_LENGTH = 14;

/** Ethernet II header, with at most one 802.1Q tag. */
export interface EthernetHeader {
  readonly src: Mac;
  readonly dst: Mac;
  readonly type: number;
  readonly vlan?: number;
}

/** RFC 826. A gratuitous announcement has sender and target address equal. */
export interface ArpPacket {
  readonly kind: "arp";
  readonly op: "request" | "reply";
  readonly senderMac: Mac;
  readonly senderIp: number;
  readonly targetMac: Mac;
  readonly targetIp: number;
}

export const PROTO_ICMP = 1;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;
export const PROTO_ICMPV6 = 58;
/** ICMPv6 types of neighbour discovery (RFC 4861). */
export const ND_ROUTER_SOLICIT = 133;
export const ND_NEIGHBOUR_SOLICIT = 135;
export const ND_NEIGHBOUR_ADVERT = 136;
export const ND_REDIRECT = 137;

/** An IPv4 (RFC 791) or IPv6 (RFC 8200) packet; the type of the addresses tells the family. */
export interface IpPacket {
  readonly kind: "ip";
  readonly src: Ip;
  readonly dst: Ip;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** Type of service or traffic class. */
  readonly tos: number;
  /** IPv4 identification; 0 where it does not matter. */
  readonly id: number;
  /** IPv4 "don't fragment". IPv6 behaves as if it were set. */
  readonly df: boolean;
  /** Protocol or next header number. */
  readonly protocol: number;
  readonly body: Transport;
  /** IPv4's record route option (RFC 791): the addresses that it holds so far; undefined without the option. */
  readonly recorded?: readonly Ipv4[];
}

export type Transport = IcmpMessage | UdpDatagram | TcpSegment | Fragment | RawPayload;

/** ICMP (RFC 792) or ICMPv6 (RFC 4443); numbers of `type` and `code` are the family's own. */
export interface IcmpMessage {
  readonly kind: "icmp";
  readonly type: number;
  readonly code: number;
  /** Echo identifier and sequence number; 0 otherwise. */
  readonly id: number;
  readonly sequence: number;
  /** Bytes of echo data (ping's -s); 0 otherwise. */
  readonly dataLength: number;
  /** Errors: the packet that caused it, as it was when it was dropped. */
  readonly original?: IpPacket;
  /** Fragmentation needed / packet too big: the next hop's MTU in bytes. Redirect uses `target`. */
  readonly mtu?: number;
  /** Neighbour discovery: the address asked for or advertised. Redirect: the better gateway. */
  readonly target?: Ip;
  /** Neighbour discovery: the source or target link-layer address option. */
  readonly linkAddress?: Mac;
  /** Neighbour advertisement flags. */
  readonly solicited?: boolean;
  readonly override?: boolean;
}

/**
 * An Ethernet frame as VXLAN carries it (RFC 7348), with the 24-bit number of its network. `journey` and `cause` are the
 * frame's own, so that it goes on with them when it is unpacked.
 */
export interface EncapsulatedFrame {
  readonly kind: "frame";
  readonly vni: number;
  readonly eth: EthernetHeader;
  readonly packet: NetworkPacket;
  readonly journey: number;
  readonly cause: number;
}

/** What UDP or TCP carries: text, or so many unspecified bytes, or a DNS message or a whole frame kept as an object. */
export type Payload =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "zeros"; readonly length: number }
  | { readonly kind: "dns"; readonly message: DnsMessage }
  | EncapsulatedFrame;

export interface UdpDatagram {
  readonly kind: "udp";
  readonly srcPort: number;
  readonly dstPort: number;
  readonly payload: Payload;
}

export interface TcpSegment {
  readonly kind: "tcp";
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: TcpFlags;
  readonly window: number;
  /** Maximum segment size option in bytes, on SYN. */
  readonly mss?: number;
  /** Window scale option (a shift), on SYN. `window` of later segments is in units of it. */
  readonly windowScale?: number;
  /** Timestamps option (RFC 7323) in ms. */
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly payload: Payload;
}

/** A set of TCP flags as a bit mask of `TCP_*`. */
type TcpFlags = number;
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

/** A piece of a transport body. `offset` and `length` in bytes; `whole` is the body that the pieces make up. */
export interface Fragment {
  readonly kind: "fragment";
  readonly whole: Transport;
  readonly offset: number;
  readonly length: number;
  readonly more: boolean;
}

/** Any other protocol number: so many bytes. */
interface RawPayload {
  readonly kind: "raw";
  readonly length: number;
}

export type DnsType = "A" | "AAAA" | "PTR" | "MX" | "TXT" | "NS" | "SOA" | "CNAME" | "SRV" | "HTTPS" | "ANY";
export type DnsStatus = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

export interface DnsRecord {
  /** Owner with its trailing dot. */
  readonly name: string;
  readonly type: DnsType;
  /** Seconds. */
  readonly ttl: number;
  /** The data as dig prints it: an address, a name with trailing dot, … */
  readonly data: string;
}

/** RFC 1035. */
export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly status: DnsStatus;
  readonly authoritative: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly truncated: boolean;
  readonly question: { readonly name: string; readonly type: DnsType };
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** EDNS0 OPT present, with this UDP payload size in bytes. */
  readonly edns?: number;
  /** Names are written out in full each time, as the engine's resolver does. */
  readonly uncompressed?: boolean;
}

export const NO_PAYLOAD: Payload = { kind: "zeros", length: 0 };

/** What an Ethernet frame carries here. */
export type NetworkPacket = ArpPacket | IpPacket;
