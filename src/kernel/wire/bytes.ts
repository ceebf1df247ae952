/**
 * Packets as octets on the wire, headers and checksums as the RFCs have them: what `tcpdump -x` shows and a pcap file holds.
 * What the model keeps without content (ping's padding) is filled in as the tools fill it.
 */
import { type Ip, type Ipv4, parseIp } from "../address.ts";
import {
  dnsLength,
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  ipLength,
  RECORD_ROUTE_LENGTH,
  tcpHeaderLength,
  transportLength,
  VXLAN_HEADER_LENGTH,
} from "./length.ts";
import { octetsOf } from "./octets.ts";
import {
  type ArpPacket,
  type DnsMessage,
  type DnsRecord,
  type DnsStatus,
  type EncapsulatedFrame,
  ETH_VLAN,
  type EthernetHeader,
  type IcmpMessage,
  type IpPacket,
  ND_NEIGHBOUR_ADVERT,
  ND_NEIGHBOUR_SOLICIT,
  type NetworkPacket,
  type Payload,
  PROTO_ICMPV6,
  PROTO_TCP,
  PROTO_UDP,
  type TcpSegment,
  type Transport,
  type UdpDatagram,
} from "./packet.ts";

/** Writes big-endian numbers one after the other. */
class Writer {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  u8(value: number): void {
    this.bytes[this.at++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  ip(ip: Ip): void {
    if (typeof ip === "number") this.u32(ip);
    else for (let shift = 96n; shift >= 0n; shift -= 32n) this.u32(Number((ip >> shift) & 0xffffffffn));
  }

  mac(mac: string): void {
    for (const octet of mac.split(":")) this.u8(Number.parseInt(octet, 16));
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes.subarray(0, this.bytes.length - this.at), this.at);
    this.at += bytes.length;
  }

  set16(at: number, value: number): void {
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }
}

/** The ones' complement sum of 16-bit words (RFC 1071), to be folded and complemented. */
function sum(bytes: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i + 1 < bytes.length; i += 2) total += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  if (bytes.length % 2 === 1) total += (bytes[bytes.length - 1] as number) << 8;
  return total;
}

function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65536);
  return ~folded & 0xffff;
}

/** The frame as it is on an Ethernet, without padding and check sequence. `inner`: the packet's octets, where they are at hand. */
export function frameBytes(eth: EthernetHeader, packet: NetworkPacket, inner = packetBytes(packet)): Uint8Array {
  const tag = eth.vlan === undefined ? 0 : 4;
  const writer = new Writer(14 + tag + inner.length);
  writer.mac(eth.dst);
  writer.mac(eth.src);
  if (eth.vlan !== undefined) {
    writer.u16(ETH_VLAN);
    writer.u16(eth.vlan);
  }
  writer.u16(eth.type);
  writer.raw(inner);
  return writer.bytes;
}

export const packetBytes = (packet: NetworkPacket): Uint8Array => (packet.kind === "arp" ? arpBytes(packet) : ipBytes(packet));

function arpBytes(arp: ArpPacket): Uint8Array {
  const writer = new Writer(28);
  writer.u16(1);
  writer.u16(0x0800);
  writer.u8(6);
  writer.u8(4);
  writer.u16(arp.op === "request" ? 1 : 2);
  writer.mac(arp.senderMac);
  writer.u32(arp.senderIp);
  writer.mac(arp.targetMac);
  writer.u32(arp.targetIp);
  return writer.bytes;
}

function ipBytes(packet: IpPacket): Uint8Array {
  const length = ipLength(packet);
  const writer = new Writer(length);
  const { body } = packet;
  if (typeof packet.src === "number") {
    const header = IPV4_HEADER_LENGTH + (packet.recorded ? RECORD_ROUTE_LENGTH : 0);
    writer.u8(0x40 | (header / 4));
    writer.u8(packet.tos);
    writer.u16(length);
    writer.u16(packet.id);
    const fragment = body.kind === "fragment" ? (body.more ? 0x2000 : 0) | (body.offset >>> 3) : 0;
    writer.u16((packet.df ? 0x4000 : 0) | fragment);
    writer.u8(packet.ttl);
    writer.u8(packet.protocol);
    writer.u16(0);
    writer.ip(packet.src);
    writer.ip(packet.dst);
    if (packet.recorded) writer.raw(recordBytes(packet.recorded));
    writer.set16(10, checksum(sum(writer.bytes.subarray(0, header))));
  } else {
    writer.u32(0x60000000 | (packet.tos << 20));
    writer.u16(length - IPV6_HEADER_LENGTH);
    writer.u8(body.kind === "fragment" ? 44 : packet.protocol);
    writer.u8(packet.ttl);
    writer.ip(packet.src);
    writer.ip(packet.dst);
    if (body.kind === "fragment") {
      writer.u8(packet.protocol);
      writer.u8(0);
      writer.u16(body.offset | (body.more ? 1 : 0));
      writer.u32(packet.id);
    }
  }
  writer.raw(bodyBytes(packet, body));
  return writer.bytes;
}

/** Type 7, its length, where the next address goes, and the addresses; the end of the options fills the last word. */
function recordBytes(recorded: readonly Ipv4[]): Uint8Array {
  const writer = new Writer(RECORD_ROUTE_LENGTH);
  writer.u8(7);
  writer.u8(RECORD_ROUTE_LENGTH - 1);
  writer.u8(4 * (recorded.length + 1));
  for (const ip of recorded) writer.ip(ip);
  return writer.bytes;
}

function bodyBytes(packet: IpPacket, body: Transport): Uint8Array {
  switch (body.kind) {
    case "fragment": {
      const whole = bodyBytes(packet, body.whole);
      return whole.subarray(body.offset, body.offset + body.length);
    }
    case "raw":
      return new Uint8Array(body.length);
    case "icmp":
      return icmpBytes(packet, body);
    case "udp":
      return udpBytes(packet, body);
    case "tcp":
      return tcpBytes(packet, body);
  }
}

/** The sum over the pseudo-header that TCP, UDP and ICMPv6 checksums begin with (RFC 9293 section 3.1, RFC 8200 section 8.1). */
function pseudoHeader(packet: IpPacket, protocol: number, length: number): number {
  const writer = new Writer(40);
  writer.ip(packet.src);
  writer.ip(packet.dst);
  writer.u32(length);
  writer.u32(protocol);
  return sum(writer.bytes);
}

function udpBytes(packet: IpPacket, udp: UdpDatagram): Uint8Array {
  const length = transportLength(udp);
  const writer = new Writer(length);
  writer.u16(udp.srcPort);
  writer.u16(udp.dstPort);
  writer.u16(length);
  writer.u16(0);
  writer.raw(payloadBytes(udp.payload));
  // A sum of zero is sent as all ones: zero means none (RFC 768).
  writer.set16(6, checksum(sum(writer.bytes, pseudoHeader(packet, PROTO_UDP, length))) || 0xffff);
  return writer.bytes;
}

function tcpBytes(packet: IpPacket, tcp: TcpSegment): Uint8Array {
  const header = tcpHeaderLength(tcp);
  const payload = payloadBytes(tcp.payload);
  const writer = new Writer(header + payload.length);
  writer.u16(tcp.srcPort);
  writer.u16(tcp.dstPort);
  writer.u32(tcp.seq);
  writer.u32(tcp.ack);
  writer.u16(((header / 4) << 12) | tcp.flags);
  writer.u16(tcp.window);
  writer.u32(0);
  const timestamps = (): void => {
    writer.u8(8);
    writer.u8(10);
    writer.u32(tcp.timestamps?.value ?? 0);
    writer.u32(tcp.timestamps?.echo ?? 0);
  };
  if (header === 40) {
    writer.u8(2);
    writer.u8(4);
    writer.u16(tcp.mss ?? 536);
    writer.u16(0x0402);
    timestamps();
    writer.u32(0x01030300 | (tcp.windowScale ?? 0));
  } else if (header === 32) {
    writer.u16(0x0101);
    timestamps();
  }
  writer.raw(payload);
  writer.set16(16, checksum(sum(writer.bytes, pseudoHeader(packet, PROTO_TCP, writer.bytes.length))));
  return writer.bytes;
}

const ICMP_REDIRECT = 5;

function icmpBytes(packet: IpPacket, icmp: IcmpMessage): Uint8Array {
  const v4 = typeof packet.src === "number";
  const writer = new Writer(transportLength(icmp));
  writer.u8(icmp.type);
  writer.u8(icmp.code);
  writer.u16(0);
  if (icmp.original) {
    if (v4 && icmp.type === ICMP_REDIRECT) writer.ip(icmp.target ?? 0);
    else writer.u32(icmp.mtu ?? 0);
    writer.raw(packetBytes(icmp.original));
  } else if (icmp.target !== undefined) {
    const advertisement = icmp.type === ND_NEIGHBOUR_ADVERT;
    writer.u32(advertisement ? (icmp.solicited ? 0x40000000 : 0) | (icmp.override ? 0x20000000 : 0) : 0);
    writer.ip(icmp.target);
    if (icmp.linkAddress !== undefined) {
      writer.u8(icmp.type === ND_NEIGHBOUR_SOLICIT ? 1 : 2);
      writer.u8(1);
      writer.mac(icmp.linkAddress);
    }
  } else {
    writer.u16(icmp.id);
    writer.u16(icmp.sequence);
    // ping's pattern counts up from the place where its time stamp ends.
    for (let i = 0; i < icmp.dataLength; i++) writer.u8(i < 16 ? 0 : i & 255);
  }
  const start = v4 ? 0 : pseudoHeader(packet, PROTO_ICMPV6, writer.bytes.length);
  writer.set16(2, checksum(sum(writer.bytes, start)));
  return writer.bytes;
}

/** RFC 7348 section 5: flags with the I bit, 24 reserved bits, the network's number, 8 reserved bits, the frame. */
function vxlanBytes({ vni, eth, packet }: EncapsulatedFrame): Uint8Array {
  const frame = frameBytes(eth, packet);
  const writer = new Writer(VXLAN_HEADER_LENGTH + frame.length);
  writer.u32(0x08000000);
  writer.u32(vni * 256);
  writer.raw(frame);
  return writer.bytes;
}

/** What UDP or TCP carries, as octets. */
function payloadBytes(payload: Payload): Uint8Array {
  switch (payload.kind) {
    case "zeros":
      return new Uint8Array(payload.length);
    case "text":
      return octetsOf(payload.text);
    case "dns":
      return dnsBytes(payload.message);
    case "frame":
      return vxlanBytes(payload);
  }
}

const DNS_TYPE_NUMBERS: Readonly<Record<DnsRecord["type"], number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  HTTPS: 65,
  ANY: 255,
};
const DNS_STATUS_NUMBERS: Readonly<Record<DnsStatus, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const QUESTION_OFFSET = 12;

/** RFC 1035 section 4; an owner that repeats the question's name is a pointer to it. */
function dnsBytes(message: DnsMessage): Uint8Array {
  const writer = new Writer(dnsLength(message));
  writer.u16(message.id);
  writer.u16(
    (message.response ? 0x8000 : 0) |
      (message.authoritative ? 0x0400 : 0) |
      (message.truncated ? 0x0200 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      (message.recursionAvailable ? 0x0080 : 0) |
      DNS_STATUS_NUMBERS[message.status],
  );
  writer.u16(1);
  writer.u16(message.answers.length);
  writer.u16(message.authority.length);
  writer.u16(message.additional.length + (message.edns === undefined ? 0 : 1));
  dnsName(writer, message.question.name);
  writer.u16(DNS_TYPE_NUMBERS[message.question.type]);
  writer.u16(1);
  const asked = message.question.name.toLowerCase();
  for (const section of [message.answers, message.authority, message.additional]) {
    for (const record of section) {
      if (record.name.toLowerCase() === asked && !message.uncompressed) writer.u16(0xc000 | QUESTION_OFFSET);
      else dnsName(writer, record.name);
      writer.u16(DNS_TYPE_NUMBERS[record.type]);
      writer.u16(1);
      writer.u32(record.ttl);
      const lengthAt = writer.at;
      writer.u16(0);
      dnsData(writer, record);
      writer.set16(lengthAt, writer.at - lengthAt - 2);
    }
  }
  if (message.edns !== undefined) {
    writer.u8(0);
    writer.u16(41);
    writer.u16(message.edns);
    writer.u32(0);
    writer.u16(0);
  }
  return writer.bytes;
}

function dnsName(writer: Writer, name: string): void {
  for (const label of name.split(".")) {
    if (label === "") continue;
    const octets = new TextEncoder().encode(label);
    writer.u8(octets.length);
    writer.raw(octets);
  }
  writer.u8(0);
}

function dnsData(writer: Writer, record: DnsRecord): void {
  const words = record.data.split(" ");
  switch (record.type) {
    case "A":
    case "AAAA":
      writer.ip(parseIp(record.data) ?? 0);
      return;
    case "TXT": {
      const octets = new TextEncoder().encode(record.data.replace(/^"|"$/g, ""));
      writer.u8(octets.length);
      writer.raw(octets);
      return;
    }
    case "MX":
      writer.u16(Number(words[0]));
      dnsName(writer, words[1] ?? "");
      return;
    case "SRV":
      for (let i = 0; i < 3; i++) writer.u16(Number(words[i]));
      dnsName(writer, words[3] ?? "");
      return;
    case "SOA":
      dnsName(writer, words[0] ?? "");
      dnsName(writer, words[1] ?? "");
      for (let i = 2; i < 7; i++) writer.u32(Number(words[i]));
      return;
    default:
      dnsName(writer, record.data);
  }
}
