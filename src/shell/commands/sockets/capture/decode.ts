/**
 * Packets out of octets: what a capture file holds, as values again (RFC 791, 8200, 826, 792, 4443, 768, 9293). The other way
 * round is kernel/wire/bytes.ts. Octets that are missing at the end, since only so many were captured, are taken as zeros.
 */
import type { Mac } from "../../../../kernel/address.ts";
import {
  type ArpPacket,
  ETH_ARP,
  ETH_HEADER_LENGTH,
  ETH_IPV4,
  ETH_IPV6,
  ETH_VLAN,
  type EthernetHeader,
  type IcmpMessage,
  type IpPacket,
  ND_NEIGHBOUR_ADVERT,
  ND_NEIGHBOUR_SOLICIT,
  ND_REDIRECT,
  type NetworkPacket,
  NO_PAYLOAD,
  type Payload,
  PROTO_ICMP,
  PROTO_ICMPV6,
  PROTO_TCP,
  PROTO_UDP,
  type TcpSegment,
  type Transport,
  type UdpDatagram,
} from "../../../../kernel/wire/packet.ts";
import { textOf } from "../../text/bytes/bytes.ts";
import { decodeDns } from "./decode-dns.ts";
import { Reader } from "./reader.ts";

const DNS_PORTS = new Set([53, 5353]);
const VXLAN_PORTS = new Set([4789, 8472]);
const FRAGMENT_HEADER = 44;

export interface DecodedFrame {
  readonly eth: EthernetHeader;
  readonly packet: NetworkPacket;
  /** The octets behind the Ethernet header. */
  readonly bytes: Uint8Array;
}

/** An Ethernet frame; undefined when it carries neither IP nor ARP. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame | undefined {
  const reader = new Reader(bytes);
  const dst: Mac = reader.mac();
  const src: Mac = reader.mac();
  let type = reader.u16();
  let vlan: number | undefined;
  if (type === ETH_VLAN) {
    vlan = reader.u16();
    type = reader.u16();
  }
  const inner = bytes.subarray(reader.at);
  const packet = decodePacket(type, inner);
  return packet && { eth: { src, dst, type, ...(vlan !== undefined && { vlan }) }, packet, bytes: inner };
}

/** What a frame of an Ethernet type carries. */
export function decodePacket(type: number, bytes: Uint8Array): NetworkPacket | undefined {
  if (type === ETH_ARP) return decodeArp(new Reader(bytes));
  return type === ETH_IPV4 || type === ETH_IPV6 ? decodeIp(bytes) : undefined;
}

function decodeArp(reader: Reader): ArpPacket | undefined {
  reader.at = 6;
  const op = reader.u16();
  if (op !== 1 && op !== 2) return undefined;
  return {
    kind: "arp",
    op: op === 1 ? "request" : "reply",
    senderMac: reader.mac(),
    senderIp: reader.ipv4(),
    targetMac: reader.mac(),
    targetIp: reader.ipv4(),
  };
}

function decodeIp(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >>> 4;
  if (version === 4) return decodeIp4(new Reader(bytes));
  return version === 6 ? decodeIp6(new Reader(bytes)) : undefined;
}

const RECORD_ROUTE = 7;

function decodeIp4(reader: Reader): IpPacket {
  const header = 4 * (reader.u8() & 15);
  const tos = reader.u8();
  const total = reader.u16();
  const id = reader.u16();
  const fragment = reader.u16();
  const ttl = reader.u8();
  const protocol = reader.u8();
  reader.u16();
  const src = reader.ipv4();
  const dst = reader.ipv4();
  let recorded: number[] | undefined;
  if (header > 20 && reader.u8() === RECORD_ROUTE) {
    reader.u8();
    const next = reader.u8();
    recorded = Array.from({ length: Math.max(0, Math.floor(next / 4) - 1) }, () => reader.ipv4());
  }
  reader.at = header;
  const whole = padded(reader, total - header);
  const offset = (fragment & 0x1fff) * 8;
  const more = (fragment & 0x2000) !== 0;
  const body = offset > 0 || more ? piece(protocol, true, whole, offset, more) : decodeTransport(protocol, true, whole);
  const df = (fragment & 0x4000) !== 0;
  return { kind: "ip", src, dst, ttl, tos, id, df, protocol, body, ...(recorded && { recorded }) };
}

function decodeIp6(reader: Reader): IpPacket {
  const tos = (reader.u32() >>> 20) & 255;
  const length = reader.u16();
  let protocol = reader.u8();
  const ttl = reader.u8();
  const src = reader.ip(false);
  const dst = reader.ip(false);
  const common = { kind: "ip", src, dst, ttl, tos, df: false } as const;
  if (protocol !== FRAGMENT_HEADER) return { ...common, id: 0, protocol, body: decodeTransport(protocol, false, padded(reader, length)) };
  protocol = reader.u8();
  reader.u8();
  const fragment = reader.u16();
  const id = reader.u32();
  return { ...common, id, protocol, body: piece(protocol, false, padded(reader, length - 8), fragment & 0xfff8, (fragment & 1) === 1) };
}

/** The next `length` octets, with zeros for those that were not captured. */
function padded(reader: Reader, length: number): Uint8Array {
  const wanted = Math.max(0, length);
  const taken = reader.take(wanted);
  if (taken.length === wanted) return taken;
  const whole = new Uint8Array(wanted);
  whole.set(taken);
  return whole;
}

/** A piece: only the first one has the header of what is in it. */
function piece(protocol: number, four: boolean, bytes: Uint8Array, offset: number, more: boolean): Transport {
  const whole: Transport = offset === 0 ? decodeTransport(protocol, four, bytes) : { kind: "raw", length: offset + bytes.length };
  return { kind: "fragment", whole, offset, length: bytes.length, more };
}

function decodeTransport(protocol: number, four: boolean, bytes: Uint8Array): Transport {
  if (protocol === PROTO_TCP && bytes.length >= 20) return decodeTcp(bytes);
  if (protocol === PROTO_UDP && bytes.length >= 8) return decodeUdp(bytes);
  if (protocol === (four ? PROTO_ICMP : PROTO_ICMPV6) && bytes.length >= 8) return decodeIcmp(bytes, four);
  return { kind: "raw", length: bytes.length };
}

function decodeUdp(bytes: Uint8Array): UdpDatagram {
  const reader = new Reader(bytes);
  const srcPort = reader.u16();
  const dstPort = reader.u16();
  const length = reader.u16();
  const data = bytes.subarray(8);
  const ports = [srcPort, dstPort];
  const message = ports.some((port) => DNS_PORTS.has(port)) ? decodeDns(data) : undefined;
  const frame = VXLAN_PORTS.has(dstPort) ? decodeVxlan(data) : undefined;
  // The first piece of a longer datagram says how long that is.
  const rest: Payload = length - 8 > data.length ? { kind: "zeros", length: length - 8 } : payloadOf(data);
  return { kind: "udp", srcPort, dstPort, payload: message ? { kind: "dns", message } : (frame ?? rest) };
}

function decodeVxlan(bytes: Uint8Array): Payload | undefined {
  const vni = new Reader(bytes, 4).u32() >>> 8;
  const inner = bytes.length < 8 + ETH_HEADER_LENGTH ? undefined : decodeFrame(bytes.subarray(8));
  return inner && { kind: "frame", vni, eth: inner.eth, packet: inner.packet, journey: 0, cause: 0 };
}

function payloadOf(bytes: Uint8Array): Payload {
  if (bytes.length === 0) return NO_PAYLOAD;
  return bytes.every((byte) => byte === 0) ? { kind: "zeros", length: bytes.length } : { kind: "text", text: textOf(bytes) };
}

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
const OPTION_SCALE = 3;
const OPTION_TIMESTAMPS = 8;

function decodeTcp(bytes: Uint8Array): TcpSegment {
  const reader = new Reader(bytes);
  const srcPort = reader.u16();
  const dstPort = reader.u16();
  const seq = reader.u32();
  const ack = reader.u32();
  const bits = reader.u16();
  const window = reader.u16();
  const header = 4 * (bits >>> 12);
  reader.at = 20;
  const options: { mss?: number; windowScale?: number; timestamps?: { value: number; echo: number } } = {};
  while (reader.at < Math.min(header, bytes.length)) {
    const kind = reader.u8();
    if (kind === OPTION_END) break;
    if (kind === OPTION_NOP) continue;
    const length = reader.u8();
    const next = reader.at - 2 + Math.max(2, length);
    if (kind === OPTION_MSS) options.mss = reader.u16();
    else if (kind === OPTION_SCALE) options.windowScale = reader.u8();
    else if (kind === OPTION_TIMESTAMPS) options.timestamps = { value: reader.u32(), echo: reader.u32() };
    reader.at = next;
  }
  return { kind: "tcp", srcPort, dstPort, seq, ack, flags: bits & 0x1ff, window, ...options, payload: payloadOf(bytes.subarray(header)) };
}

const REDIRECT = 5;
const isError = (type: number, four: boolean): boolean => (four ? [3, 4, REDIRECT, 11, 12].includes(type) : type < 128);

function decodeIcmp(bytes: Uint8Array, four: boolean): IcmpMessage {
  const reader = new Reader(bytes);
  const type = reader.u8();
  const code = reader.u8();
  reader.u16();
  const common = { kind: "icmp", type, code, id: 0, sequence: 0, dataLength: 0 } as const;
  if (isError(type, four) || (!four && type === ND_REDIRECT)) {
    const word = reader.u32();
    const original = decodeIp(bytes.subarray(8));
    if (!original) return { ...common, dataLength: bytes.length - 8 };
    if (type === REDIRECT && four) return { ...common, target: word, original };
    return { ...common, original, ...(word !== 0 && { mtu: word }) };
  }
  if (!four && (type === ND_NEIGHBOUR_SOLICIT || type === ND_NEIGHBOUR_ADVERT)) {
    const flags = reader.u32();
    const target = reader.ip(false);
    const solicited = (flags & 0x40000000) !== 0;
    const override = (flags & 0x20000000) !== 0;
    reader.u16();
    const linkAddress = reader.left >= 6 ? reader.mac() : undefined;
    const marks = type === ND_NEIGHBOUR_ADVERT ? { solicited, override } : {};
    return { ...common, target, ...marks, ...(linkAddress !== undefined && { linkAddress }) };
  }
  return { ...common, id: reader.u16(), sequence: reader.u16(), dataLength: bytes.length - 8 };
}
