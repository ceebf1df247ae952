/** How many bytes headers and payloads take on the wire: what counters, MTU checks, tcpdump and pcap go by. */
import type { DnsMessage, DnsRecord, IcmpMessage, IpPacket, NetworkPacket, Payload, TcpSegment, Transport } from "./packet.ts";
import { ETH_HEADER_LENGTH, ND_REDIRECT, ND_ROUTER_SOLICIT, TCP_RST, TCP_SYN } from "./packet.ts";

export const IPV4_HEADER_LENGTH = 20;
export const IPV6_HEADER_LENGTH = 40;
export const ARP_LENGTH = 28;
export const VXLAN_HEADER_LENGTH = 8;
const IPV6_FRAGMENT_HEADER_LENGTH = 8;

/** Bytes of the record route option, with its padding: it has room from the start. */
export const RECORD_ROUTE_LENGTH = 40;

const ipHeaderLength = (packet: IpPacket): number =>
  typeof packet.src === "bigint" ? IPV6_HEADER_LENGTH : packet.recorded ? IPV4_HEADER_LENGTH + RECORD_ROUTE_LENGTH : IPV4_HEADER_LENGTH;

/** Bytes of a text in UTF-8; what stands for a single octet there (octets.ts) is one. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80 || (unit >= 0xdc80 && unit < 0xdd00 && text.charCodeAt(i - 1) >>> 10 !== 0x36)) continue;
    // A surrogate pair is four bytes: two for each of its halves.
    length += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return length;
}

/** Bytes of what UDP or TCP carries. */
export function payloadLength(payload: Payload): number {
  switch (payload.kind) {
    case "zeros":
      return payload.length;
    case "text":
      return utf8Length(payload.text);
    case "dns":
      return dnsLength(payload.message);
    case "frame":
      return VXLAN_HEADER_LENGTH + frameLength(payload.packet);
  }
}

/**
 * Bytes of a TCP header with the options that Linux sends: MSS, SACK permitted, timestamps and window scale on a SYN (20),
 * timestamps on the rest (12), none on a RST (net/ipv4/tcp_output.c, tcp_syn_options and tcp_established_options).
 */
export function tcpHeaderLength(segment: TcpSegment): number {
  if (segment.flags & TCP_SYN) return 40;
  return segment.flags & TCP_RST ? 20 : 32;
}

/** Bytes of a transport header and what follows it. */
export function transportLength(body: Transport): number {
  switch (body.kind) {
    case "udp":
      return 8 + payloadLength(body.payload);
    case "tcp":
      return tcpHeaderLength(body) + payloadLength(body.payload);
    case "icmp":
      return icmpLength(body);
    case "fragment":
      return body.length;
    case "raw":
      return body.length;
  }
}

/** Bytes of an IP packet with its header: IPv4's total length; for IPv6, 40 more than its payload length. */
export function ipLength(packet: IpPacket): number {
  const header = ipHeaderLength(packet);
  const extension = header === IPV6_HEADER_LENGTH && packet.body.kind === "fragment" ? IPV6_FRAGMENT_HEADER_LENGTH : 0;
  return header + extension + transportLength(packet.body);
}

/** Bytes of an Ethernet frame without padding and check sequence, as counters and tcpdump -e count them. */
export const frameLength = (packet: NetworkPacket): number => ETH_HEADER_LENGTH + (packet.kind === "arp" ? ARP_LENGTH : ipLength(packet));

function icmpLength(message: IcmpMessage): number {
  if (message.original) {
    // RFC 1812 section 4.3.2.3 and RFC 4443: as much of the packet as fits in 576 or 1,280 bytes.
    const v4 = typeof message.original.src === "number";
    return 8 + Math.min(ipLength(message.original), v4 ? 576 - 28 : 1280 - 48);
  }
  // Discovery with its target and its link-layer address option (RFC 4861 sections 4.1 to 4.5).
  if (message.type >= ND_ROUTER_SOLICIT && message.type <= ND_REDIRECT) {
    return 8 + (message.target === undefined ? 0 : 16) + (message.linkAddress === undefined ? 0 : 8);
  }
  return 8 + message.dataLength;
}

const DNS_HEADER_LENGTH = 12;
const DNS_OPT_LENGTH = 11;

/** Labels with their length octets, and the root's. */
const dnsNameLength = (name: string): number => (name === "." || name === "" ? 1 : utf8Length(name) + (name.endsWith(".") ? 1 : 2));

function dnsDataLength(record: DnsRecord): number {
  switch (record.type) {
    case "A":
      return 4;
    case "AAAA":
      return 16;
    case "TXT":
      return 1 + utf8Length(record.data.replace(/^"|"$/g, ""));
    case "MX":
      return 2 + dnsNameLength(record.data.split(" ")[1] ?? "");
    case "SRV":
      return 6 + dnsNameLength(record.data.split(" ")[3] ?? "");
    case "SOA": {
      const words = record.data.split(" ");
      return 20 + dnsNameLength(words[0] ?? "") + dnsNameLength(words[1] ?? "");
    }
    default:
      return dnsNameLength(record.data);
  }
}

/** Bytes of a DNS message; owners that repeat the question's name are compressed to a pointer unless it says otherwise. */
export function dnsLength(message: DnsMessage): number {
  let length = DNS_HEADER_LENGTH + dnsNameLength(message.question.name) + 4;
  const asked = message.question.name.toLowerCase();
  for (const section of [message.answers, message.authority, message.additional])
    for (const record of section)
      length +=
        (record.name.toLowerCase() === asked && !message.uncompressed ? 2 : dnsNameLength(record.name)) + 10 + dnsDataLength(record);
  return message.edns === undefined ? length : length + DNS_OPT_LENGTH;
}
