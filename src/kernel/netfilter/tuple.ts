/** Tuples of a connection (struct nf_conntrack_tuple): read off a packet, turned round, hashed and compared. */
import type { Ip } from "../address.ts";
import type { IcmpMessage, IpPacket, Transport } from "../wire/packet.ts";
import { PROTO_ICMP, PROTO_ICMPV6 } from "../wire/packet.ts";
import type { Tuple } from "./types.ts";

/** The transport header of a packet, that of the whole datagram for a fragment (nf_defrag works before conntrack). */
export const wholeBody = (body: Transport): Transport => (body.kind === "fragment" ? body.whole : body);

/** ICMP queries and the type of their answer (invmap of nf_conntrack_proto_icmp.c). */
const ICMP_ANSWER: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
const ICMPV6_ANSWER: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };

/** Whether an ICMP message reports an error about another packet. */
export const isIcmpError = (protocol: number, message: IcmpMessage): boolean =>
  protocol === PROTO_ICMPV6
    ? message.type < 128
    : message.type === 3 || message.type === 4 || message.type === 5 || message.type === 11 || message.type === 12;

/** Whether an ICMP message may begin a connection: a query of a kind that has answers. */
export const isIcmpQuery = (protocol: number, type: number): boolean =>
  protocol === PROTO_ICMPV6 ? type === 128 || type === 139 : type === 8 || type === 13 || type === 15 || type === 17;

/** Source "port" of a transport header: for ICMP the echo id, 0 for protocols without ports. */
export function sourcePort(body: Transport): number {
  return body.kind === "tcp" || body.kind === "udp" ? body.srcPort : body.kind === "icmp" ? body.id : 0;
}

/** Destination "port" of a transport header: for ICMP type and code as one number, type in the high byte. */
export function destinationPort(body: Transport): number {
  return body.kind === "tcp" || body.kind === "udp" ? body.dstPort : body.kind === "icmp" ? (body.type << 8) | body.code : 0;
}

/** The tuple that a packet has as it is. */
export function tupleOf(packet: IpPacket): Tuple {
  const body = wholeBody(packet.body);
  return { protocol: packet.protocol, src: packet.src, dst: packet.dst, srcPort: sourcePort(body), dstPort: destinationPort(body) };
}

/** The tuple of an answer to `tuple` (nf_ct_invert_tuple). */
export function invertTuple(tuple: Tuple): Tuple {
  const { protocol } = tuple;
  if (protocol !== PROTO_ICMP && protocol !== PROTO_ICMPV6)
    return { protocol, src: tuple.dst, dst: tuple.src, srcPort: tuple.dstPort, dstPort: tuple.srcPort };
  const type = tuple.dstPort >> 8;
  const answer = (protocol === PROTO_ICMP ? ICMP_ANSWER : ICMPV6_ANSWER)[type] ?? type;
  return { protocol, src: tuple.dst, dst: tuple.src, srcPort: tuple.srcPort, dstPort: (answer << 8) | (tuple.dstPort & 255) };
}

export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.protocol === b.protocol && a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort;

const fold = (ip: Ip): number => (typeof ip === "number" ? ip : Number(BigInt.asUintN(32, ip)) ^ Number(BigInt.asUintN(32, ip >> 64n)));

/** A 32-bit hash of a tuple given as its parts, so that looking one up allocates nothing. */
export function hashTuple(protocol: number, src: Ip, dst: Ip, srcPort: number, dstPort: number): number {
  let hash =
    Math.imul(fold(src), 0x9e3779b1) ^ Math.imul(fold(dst), 0x85ebca6b) ^ Math.imul((srcPort << 16) | dstPort, 0xc2b2ae35) ^ protocol;
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 15)) >>> 0;
}
