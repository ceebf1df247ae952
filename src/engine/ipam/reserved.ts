/** What no automatic subnet may overlap: the host's name servers and what it reaches on-link (netutils.InferReservedNetworks). */
import { bitsOf, type Prefix, parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { FileSystem } from "../../kernel/vfs.ts";

export function reservedNetworks(netns: Netns, fs: FileSystem, family: 4 | 6): Prefix[] {
  const reserved: Prefix[] = [];
  const resolv = fs.read("/etc/resolv.conf");
  for (const line of typeof resolv === "string" ? resolv.split("\n") : []) {
    const [keyword, server] = line.trim().split(/\s+/);
    const address = keyword === "nameserver" && server ? parseIp(server) : undefined;
    if (address !== undefined && (typeof address === "number") === (family === 4)) reserved.push({ address, length: bitsOf(address) });
  }
  // IPv6 has no on-link routes in this sense.
  if (family === 6) return reserved;
  for (const route of netns.inet.fib.list(4)) if (route.scope === "link" && route.dst.length > 0) reserved.push(route.dst);
  return reserved;
}
