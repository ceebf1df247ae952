/** A netns' tables as lines of text: for the opened stack on the picture, and for documents. */
import { formatIp, formatPrefix } from "../../kernel/address.ts";
import type { Route } from "../../kernel/inet/fib.ts";
import type { Tuple } from "../../kernel/netfilter/types.ts";
import type { Netns } from "../../kernel/netns.ts";

export const destination = (route: Route): string => (route.dst.length === 0 ? "default" : formatPrefix(route.dst));

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

const tuple = (one: Tuple): string => `${formatIp(one.src)}:${one.srcPort} → ${formatIp(one.dst)}:${one.dstPort}`;

/** Tracked connections as rows: protocol, both directions, state. */
export const connectionsOf = (netns: Netns): readonly (readonly string[])[] =>
  netns.netfilter.conntrack
    .list()
    .map((entry) => [
      PROTOCOLS[entry.original.protocol] ?? String(entry.original.protocol),
      tuple(entry.original),
      tuple(entry.reply),
      entry.protocolState,
    ]);

/** What a machine's stack shows when it is opened on the picture. */
export function stackLinesOf(netns: Netns): { routing: string[]; netfilter: string[]; conntrack: string[] } {
  return {
    routing: netns.inet.fib
      .list(4, "main")
      .map((route) =>
        [destination(route), route.via === undefined ? "" : `via ${formatIp(route.via)}`, route.dev ? `dev ${route.dev.name}` : ""]
          .filter(Boolean)
          .join(" "),
      ),
    netfilter: chainsOf(netns)
      .split("\n")
      .filter((line) => line.startsWith("-A") || line.startsWith("*") || / DROP$/.test(line)),
    conntrack: connectionsOf(netns).map((row) => row.join(" ")),
  };
}

/** The chains of a netns as text, table by table, those without rules left out. */
export function chainsOf(netns: Netns): string {
  return (["raw", "mangle", "nat", "filter"] as const)
    .flatMap((table) => {
      const listing = netns.netfilter.command(4, ["-t", table, "-S"]);
      if (typeof listing !== "string") return [];
      const lines = listing.split("\n").filter(Boolean);
      return lines.some((line) => line.startsWith("-A") || line.startsWith("-N")) ? [`*${table}`, ...lines] : [];
    })
    .join("\n");
}
