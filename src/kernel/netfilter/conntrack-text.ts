/** Connections in the words of conntrack-tools (libnetfilter_conntrack, snprintf_default.c). */
import { formatIp } from "../address.ts";
import { PROTO_ICMPV6, PROTO_TCP, PROTO_UDP } from "../wire/packet.ts";
import type { ConntrackEvent } from "./conntrack.ts";
import { protocolName } from "./names.ts";
import type { ConntrackEntry, Tuple } from "./types.ts";

const SECOND = 1_000_000;

const describeDirection = (tuple: Tuple): string => {
  const addresses = `src=${formatIp(tuple.src)} dst=${formatIp(tuple.dst)}`;
  if (tuple.protocol === PROTO_TCP || tuple.protocol === PROTO_UDP) return `${addresses} sport=${tuple.srcPort} dport=${tuple.dstPort}`;
  if (tuple.protocol === 1 || tuple.protocol === PROTO_ICMPV6)
    return `${addresses} type=${tuple.dstPort >> 8} code=${tuple.dstPort & 255} id=${tuple.srcPort}`;
  return addresses;
};

const protocolColumn = (protocol: number): string => {
  const name = protocol === PROTO_ICMPV6 ? "icmpv6" : protocolName(protocol, true);
  return `${(/^\d/.test(name) ? "unknown" : name).padEnd(8)} ${protocol}`;
};

const secondsLeft = (entry: ConntrackEntry, now: number): number => Math.max(0, Math.floor((entry.expires - now) / SECOND));

/** State and both tuples, as every line of conntrack has them. */
function describeFlow(entry: ConntrackEntry, withState: boolean): string {
  const parts = withState && entry.original.protocol === PROTO_TCP ? [entry.protocolState] : [];
  parts.push(describeDirection(entry.original));
  if (!entry.seenReply) parts.push("[UNREPLIED]");
  parts.push(describeDirection(entry.reply));
  if (entry.assured) parts.push("[ASSURED]");
  return parts.join(" ");
}

/** One line of `conntrack -L` for an entry, without the family in front and with the seconds that are left at `now` (µs). */
export function describeConnection(entry: ConntrackEntry, now: number, use = 1): string {
  const head = `${protocolColumn(entry.original.protocol)} ${secondsLeft(entry, now)}`;
  return `${head} ${describeFlow(entry, true)} mark=${entry.mark} use=${use}`;
}

/** One line of `conntrack -E`; `by`: the program that asked for it. */
export function describeEvent(what: ConntrackEvent, entry: ConntrackEntry, now: number, by?: number): string {
  const head = `${`[${what}]`.padStart(9)} ${protocolColumn(entry.original.protocol)}`;
  if (by !== undefined)
    return `${head} ${secondsLeft(entry, now)} ${describeFlow(entry, what !== "DESTROY")} mark=${entry.mark} [USERSPACE] portid=${by}`;
  return what === "DESTROY" ? `${head} ${describeFlow(entry, false)}` : `${head} ${secondsLeft(entry, now)} ${describeFlow(entry, true)}`;
}
