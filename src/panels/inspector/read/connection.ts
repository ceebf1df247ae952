/** A connection of conntrack in words: also what the opened stack of the picture shows of it. */
import { formatIp } from "../../../kernel/address.ts";
import { protocolName } from "../../../kernel/netfilter/names.ts";
import type { ConntrackEntry, Tuple } from "../../../kernel/netfilter/types.ts";
import type { SocketView } from "../../../kernel/socket/table.ts";

/** "172.18.0.2:80"; an IPv4 address that a socket of both families shows as ::ffff:… is shown as what it is. */
export const end = (ip: SocketView["local"], port: number): string => {
  const text = formatIp(ip).replace(/^::ffff:(?=\d+\.)/, "");
  return port === 0 ? text : `${text.includes(":") ? `[${text}]` : text}:${port}`;
};

/** TCP and UDP. */
export const PORTS = new Set([6, 17]);

/** "172.18.0.2:40000 → 203.0.113.80:80"; ICMP without ports. */
export const flow = (tuple: Tuple): string => {
  const ports = PORTS.has(tuple.protocol);
  return `${end(tuple.src, ports ? tuple.srcPort : 0)} → ${end(tuple.dst, ports ? tuple.dstPort : 0)}`;
};

export const protocolOf = (entry: ConntrackEntry): string => protocolName(entry.original.protocol, true);

/** What conntrack says of a connection: the protocol's state, or whether it was answered. */
export function connectionState(entry: ConntrackEntry): string {
  if (entry.protocolState) return entry.protocolState;
  return entry.assured ? "ASSURED" : entry.seenReply ? "REPLIED" : "UNREPLIED";
}
