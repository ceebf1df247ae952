/** What a machine's stack shows when it is opened on the picture: lines as the tools would print them. */
import { formatRoute } from "../../kernel/inet/format.ts";
import type { Netns } from "../../kernel/netns.ts";
import { connectionState, flow, protocolOf } from "./read/connection.ts";

export function stackLinesOf(netns: Netns): { routing: string[]; netfilter: string[]; conntrack: string[] } {
  return {
    routing: netns.inet.fib.list(4, "main").map(formatRoute),
    netfilter: (["raw", "mangle", "nat", "filter"] as const).flatMap((table) => {
      const listing = netns.netfilter.command(4, ["-t", table, "-S"]);
      const lines = typeof listing === "string" ? listing.split("\n").filter((line) => line.startsWith("-A") || / DROP$/.test(line)) : [];
      return lines.length > 0 ? [`*${table}`, ...lines] : [];
    }),
    conntrack: netns.netfilter.conntrack.list().map((entry) => `${protocolOf(entry)} ${flow(entry.original)} ${connectionState(entry)}`),
  };
}
