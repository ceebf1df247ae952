/** Network address translation: choosing a mapping for a connection and rewriting its packets (net/netfilter/nf_nat_core.c). */
import type { Ip } from "../address.ts";
import type { Random } from "../random.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import { PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP } from "../wire/packet.ts";
import type { Connection, ConntrackTable } from "./conntrack.ts";
import { hashTuple, invertTuple, sameTuple } from "./tuple.ts";
import type { Tuple } from "./types.ts";

/** Which end of a packet is rewritten: SNAT at INPUT and POSTROUTING, DNAT at PREROUTING and OUTPUT. */
export type Manip = "SNAT" | "DNAT";

/** What a connection may be mapped to (struct nf_nat_range2); absent parts are kept as they are. */
export interface NatRange {
  readonly minIp?: Ip;
  readonly maxIp?: Ip;
  readonly minPort?: number;
  readonly maxPort?: number;
  /** Choose the port at random, even where the old one is free. */
  readonly random?: boolean;
  readonly fullyRandom?: boolean;
  /** Choose the address by the client alone, not by the pair of ends. */
  readonly persistent?: boolean;
}

/** How many ports are tried before a clash is given up on (NF_NAT_MAX_ATTEMPTS). */
const MAX_ATTEMPTS = 128;

const isIcmp = (protocol: number): boolean => protocol === PROTO_ICMP || protocol === PROTO_ICMPV6;
const hasPorts = (protocol: number): boolean => protocol === PROTO_TCP || protocol === PROTO_UDP || protocol === 132 || protocol === 33;

const ipInRange = (ip: Ip, range: NatRange): boolean => range.minIp === undefined || (ip >= range.minIp && ip <= (range.maxIp as Ip));
const portInRange = (port: number, range: NatRange): boolean =>
  range.minPort === undefined || (port >= range.minPort && port <= (range.maxPort as number));

const withSource = (tuple: Tuple, src: Ip, srcPort: number): Tuple => ({ ...tuple, src, srcPort });
const withDestination = (tuple: Tuple, dst: Ip, dstPort: number): Tuple => ({ ...tuple, dst, dstPort });

/** The address of a range for a connection: always the same one for the same ends (find_best_ips_proto). */
function chooseAddress(tuple: Tuple, range: NatRange, manip: Manip): Ip {
  const { minIp, maxIp } = range as { minIp: Ip; maxIp: Ip };
  if (minIp === maxIp) return minIp;
  const client = manip === "SNAT" ? tuple.src : tuple.dst;
  const hash = hashTuple(0, range.persistent ? tuple.src : client, range.persistent ? tuple.src : tuple.dst, 0, 0);
  if (typeof minIp === "number") return minIp + (hash % ((maxIp as number) - minIp + 1));
  return minIp + (BigInt(hash) % ((maxIp as bigint) - minIp + 1n));
}

/** A free port for the mapping (nf_nat_l4proto_unique_tuple); the last one tried when none is. */
function choosePort(tuple: Tuple, range: NatRange, manip: Manip, random: Random, free: (candidate: Tuple) => boolean): Tuple {
  const icmp = isIcmp(tuple.protocol);
  if (!icmp && !hasPorts(tuple.protocol)) return tuple;
  // An ICMP id is one for both directions; only sources need it changed.
  const source = manip === "SNAT" || icmp;
  const now = source ? tuple.srcPort : tuple.dstPort;
  let first: number;
  let count: number;
  if (range.minPort !== undefined) {
    first = range.minPort;
    count = (range.maxPort as number) - first + 1;
  } else if (manip === "DNAT") return tuple;
  else if (icmp) {
    first = 0;
    count = 65536;
  } else if (now < 512) {
    first = 1;
    count = 511;
  } else if (now < 1024) {
    first = 600;
    count = 424;
  } else {
    first = 1024;
    count = 64512;
  }
  let offset = random.below(count);
  let candidate = tuple;
  for (let attempt = Math.min(count, MAX_ATTEMPTS); attempt > 0; attempt--, offset++) {
    const port = first + (offset % count);
    candidate = source ? withSource(tuple, tuple.src, port) : withDestination(tuple, tuple.dst, port);
    if (free(candidate)) return candidate;
  }
  return candidate;
}

/** A tuple inside the range that no other connection uses, as near to the old one as can be (get_unique_tuple). */
function uniqueTuple(table: ConntrackTable, connection: Connection, current: Tuple, range: NatRange, manip: Manip): Tuple {
  const free = (candidate: Tuple): boolean => !table.taken(invertTuple(candidate), connection);
  const anyPort = !range.random && !range.fullyRandom;
  const end = manip === "SNAT" ? current.src : current.dst;
  const port = manip === "SNAT" || isIcmp(current.protocol) ? current.srcPort : current.dstPort;
  if (manip === "SNAT" && anyPort && ipInRange(end, range) && portInRange(port, range) && free(current)) return current;
  const address = range.minIp === undefined ? end : chooseAddress(current, range, manip);
  const moved = manip === "SNAT" ? withSource(current, address, current.srcPort) : withDestination(current, address, current.dstPort);
  if (anyPort) {
    if (range.minPort !== undefined) {
      if (portInRange(port, range) && (range.minPort === range.maxPort || free(moved))) return moved;
    } else if (free(moved)) return moved;
  }
  return choosePort(moved, range, manip, table.netns.kernel.random, free);
}

/** Binds a new connection's source or destination to a place in `range` (nf_nat_setup_info). Once for each of the two. */
export function setUpNat(table: ConntrackTable, connection: Connection, range: NatRange, manip: Manip): void {
  const current = invertTuple(connection.reply);
  const mapped = uniqueTuple(table, connection, current, range, manip);
  if (!sameTuple(mapped, current)) {
    connection.reply = invertTuple(mapped);
    if (manip === "SNAT") connection.sourceNat = true;
    else connection.destinationNat = true;
  }
  connection.natDone[manip] = true;
}

/** A connection that no rule maps keeps its end, or moves its port when that is taken (nf_nat_alloc_null_binding). */
export function setUpNullBinding(table: ConntrackTable, connection: Connection, manip: Manip): void {
  const ip = manip === "SNAT" ? connection.reply.dst : connection.reply.src;
  if (manip === "DNAT") {
    // A destination that no rule changes cannot clash: its port is never chosen anew.
    connection.natDone.DNAT = true;
    return;
  }
  setUpNat(table, connection, { minIp: ip, maxIp: ip }, manip);
}

function rewriteBody(body: Transport, port: number, manip: Manip): Transport {
  switch (body.kind) {
    case "fragment":
      return { ...body, whole: rewriteBody(body.whole, port, manip) };
    case "tcp":
    case "udp":
      return manip === "SNAT" ? { ...body, srcPort: port } : { ...body, dstPort: port };
    case "icmp":
      return body.original || body.id === port ? body : { ...body, id: port };
    case "raw":
      return body;
  }
}

/** A packet with its source or destination made that of `target` (nf_nat_manip_pkt). */
function rewrite(packet: IpPacket, target: Tuple, manip: Manip): IpPacket {
  const port = manip === "SNAT" || isIcmp(target.protocol) ? target.srcPort : target.dstPort;
  const body = rewriteBody(packet.body, port, manip);
  return manip === "SNAT" ? { ...packet, src: target.src, body } : { ...packet, dst: target.dst, body };
}

/** Whether packets of this direction have this end rewritten: a reply undoes at the other hook what was done to the request. */
export const isMapped = (connection: Connection, manip: Manip, reply: boolean): boolean =>
  (manip === "SNAT") === reply ? connection.destinationNat : connection.sourceNat;

/** Rewrites a packet of a connection, or an ICMP error about one together with the packet that it quotes. */
export function translate(packet: IpPacket, connection: Connection, manip: Manip, reply: boolean): IpPacket {
  // It shall look like the inverse of the other direction.
  const other = reply ? connection.original : connection.reply;
  const target = invertTuple(other);
  const { body } = packet;
  if (body.kind !== "icmp" || !body.original) return rewrite(packet, target, manip);
  const original = rewrite(body.original, other, manip === "SNAT" ? "DNAT" : "SNAT");
  const outer: IpPacket = { ...packet, body: { ...body, original } };
  return manip === "SNAT" ? { ...outer, src: target.src } : { ...outer, dst: target.dst };
}
