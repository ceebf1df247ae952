/** Local ports: who may bind what, and which ephemeral one comes next (net/ipv4/inet_connection_sock.c, net/ipv4/udp.c). */
import type { Family, Ip } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { LocalAddress } from "./table.ts";

/** A local address once bound. `ip` undefined is the wildcard of `family`; `dual` lets :: take IPv4 as well. */
export interface Binding {
  readonly ip: Ip | undefined;
  readonly family: Family;
  readonly dual: boolean;
  /** SO_REUSEPORT. */
  readonly reusePort?: boolean | undefined;
}

/** Fills in what a caller left out: the family of the address, 0.0.0.0 where nothing is said. */
export function bindingOf(local: LocalAddress | undefined): Binding {
  if (local?.ip !== undefined && local.ip !== 0 && local.ip !== 0n) {
    return { ip: local.ip, family: typeof local.ip === "number" ? 4 : 6, dual: false, reusePort: local.reusePort };
  }
  const family = local?.family ?? (local?.ip === 0n ? 6 : 4);
  return { ip: undefined, family, dual: family === 6 && local?.dual === true, reusePort: local?.reusePort };
}

const covers = (binding: Binding, family: Family): boolean => binding.family === family || (binding.dual && family === 4);

/** Whether two bindings of one port are in each other's way: a wildcard with everything that it covers (inet_rcv_saddr_equal). */
function overlap(a: Binding, b: Binding): boolean {
  if (a.ip !== undefined && b.ip !== undefined) return a.ip === b.ip;
  if (a.ip !== undefined) return covers(b, a.family);
  if (b.ip !== undefined) return covers(a, b.family);
  return (covers(a, 4) && covers(b, 4)) || (covers(a, 6) && covers(b, 6));
}

/** Whether one binding keeps the other from a port: they overlap, and not both share (inet_csk_bind_conflict). */
export const conflict = (a: Binding, b: Binding): boolean => overlap(a, b) && !(a.reusePort === true && b.reusePort === true);

/** How well a binding fits a packet to `ip`: 2 for the address itself, 1 for a wildcard, 0 for not at all. */
export function match(binding: Binding, ip: Ip): 0 | 1 | 2 {
  if (binding.ip !== undefined) return binding.ip === ip ? 2 : 0;
  return covers(binding, typeof ip === "number" ? 4 : 6) ? 1 : 0;
}

const DEFAULT_RANGE: readonly [number, number] = [32768, 60999];

/** net.ipv4.ip_local_port_range. */
function portRange(netns: Netns): readonly [number, number] {
  const words = netns.sysctl.get("net.ipv4.ip_local_port_range")?.split(/\s+/).map(Number);
  const low = words?.[0];
  const high = words?.[1];
  return low !== undefined && high !== undefined && low <= high ? [low, high] : DEFAULT_RANGE;
}

/**
 * A free port of the range, or undefined when there is none. A connect() starts at a random even offset and takes steps of
 * two, so that bind(0) finds the odd ones free (inet_hash_connect, inet_csk_find_open_port).
 */
export function ephemeralPort(netns: Netns, parity: "even" | "odd", free: (port: number) => boolean): number | undefined {
  const [low, high] = portRange(netns);
  const count = high - low + 1;
  const start = netns.kernel.random.below(count);
  const first = (start & ~1) | (parity === "odd" ? 1 : 0);
  for (const shift of [0, 1]) {
    for (let step = 0; step < count; step += 2) {
      const port = low + ((first + shift + step) % count);
      if (free(port)) return port;
    }
  }
  return undefined;
}
