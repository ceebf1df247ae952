/** Routes with several next hops, and which of them a flow takes (net/ipv4/fib_semantics.c, net/ipv6/route.c). */
import { type Ip, isLinkLocal } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Route } from "./fib.ts";
import { selectSource } from "./source.ts";

/** One way of several (struct fib_nh). */
export interface Nexthop {
  readonly via?: Ip;
  /** Found by the gateway where it is not named; always there once the route is in a table. */
  readonly dev?: NetDevice;
  /** Its share of the flows, 1 to 256. */
  readonly weight: number;
  readonly onlink?: boolean;
}

/** RTNH_F_DEAD: its device is down, or IPv4 has left it. It keeps its place in the route until none is left alive. */
export const isDead = ({ via, dev }: Nexthop): boolean =>
  dev?.up !== true || (typeof via === "number" && !dev.addresses.some(({ ip }) => typeof ip === "number"));

/** Whether all of a route's ways but those by this device are dead. */
export const hasNoWayBut = ({ nexthops }: Route, device: NetDevice): boolean =>
  nexthops?.every((hop) => hop.dev === device || isDead(hop)) ?? false;

/** Whether a route leads by a device, by its only way or by one of several. */
export const leadsBy = ({ dev, nexthops }: Route, device: NetDevice): boolean =>
  nexthops ? nexthops.some((hop) => hop.dev === device && !isDead(hop)) : dev === device || dev === undefined;

/** The devices that a route leads by. */
export const devicesOf = ({ dev, nexthops }: Route): readonly NetDevice[] =>
  nexthops ? [...new Set(nexthops.flatMap((hop) => hop.dev ?? []))] : dev ? [dev] : [];

/** A route as it is by one of its next hops. */
export function byNexthop(route: Route, { via, dev, onlink }: Nexthop): Route {
  const { nexthops: _nexthops, ...rest } = route;
  return { ...rest, via, dev, ...(onlink && { onlink }) };
}

/** A route by each of its ways; by its only one as it is. */
export const waysOf = (route: Route): readonly [Route, ...Route[]] => {
  const [first, ...others] = (route.nexthops ?? []).map((hop) => byNexthop(route, hop));
  return first ? [first, ...others] : [route];
};

/** A route with these ways: an ordinary one where there is but one. Undefined without any. */
export function withWays(route: Route, nexthops: readonly Nexthop[]): Route | undefined {
  const [first, second] = nexthops;
  return first && (second ? { ...route, nexthops } : byNexthop(route, first));
}

type Way = Pick<Nexthop, "via" | "dev">;

const fits = (asked: Way, way: Way): boolean =>
  (asked.via === undefined || asked.via === way.via) && (asked.dev === undefined || asked.dev === way.dev);

/**
 * Whether a request to remove a route names its ways. IPv4 (fib_nh_match) wants all that there are, and takes a bare gateway or
 * device for the first's; IPv6 has each for itself.
 */
export function namesWays(match: Partial<Route>, route: Route): boolean {
  const ways = waysOf(route);
  if (typeof route.dst.address === "bigint") return ways.some((way) => fits(match, way));
  const { nexthops } = match;
  if (!fits(match, ways[0])) return false;
  return !nexthops || (nexthops.length >= ways.length && ways.every((way, i) => fits(nexthops[i] ?? {}, way)));
}

/** What is left of a route once the ways that are asked for have gone. */
export const withoutWay = (route: Route, asked: Way): Route | undefined =>
  withWays(
    route,
    (route.nexthops ?? []).filter((hop) => !fits(asked, hop)),
  );

/**
 * rt6_qualify_for_ecmp and fib6_add_rt2node: IPv6 keeps routes to one prefix with one metric and gateways as one of several ways.
 * Gives the two as one, undefined where they stay apart.
 */
export function merged(known: Route, added: Route): Route | undefined {
  const ways = ({ nexthops, via, dev, onlink }: Route): readonly Nexthop[] =>
    nexthops ?? (via === undefined ? [] : [{ via, dev, weight: 1, ...(onlink && { onlink }) }]);
  const [old, more] = [ways(known), ways(added)];
  if (old.length === 0 || more.length === 0 || known.type !== "unicast" || added.type !== "unicast") return undefined;
  return { ...known, via: undefined, dev: undefined, onlink: undefined, nexthops: [...old, ...more] };
}

/** A 31-bit hash of a flow's addresses (fib_multipath_hash with policy 0: layer 3). */
function hashOf(src: Ip | undefined, dst: Ip, seed: number): number {
  const fold = (ip: Ip): number =>
    typeof ip === "number" ? ip : Number(BigInt.asUintN(32, ip ^ (ip >> 32n) ^ ((ip >> 64n) * 0x9e3779b1n) ^ (ip >> 96n)));
  let hash = Math.imul(fold(src ?? 0) ^ seed, 0x9e3779b1) ^ Math.imul(fold(dst) + seed, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 1;
}

/**
 * fib_select_multipath: each live way owns its weight's share of the hash values; one whose own address the flow already has
 * as its source is preferred. `oif` leaves only the ways by that device.
 */
export function chooseNexthop(
  netns: Netns,
  route: Route,
  dst: Ip,
  src: Ip | undefined,
  oif: NetDevice | undefined,
  seed: number,
): Nexthop | undefined {
  const live = (route.nexthops ?? []).filter((hop) => !isDead(hop) && (!oif || hop.dev === oif));
  const own = src === undefined ? [] : live.filter((hop) => sourceBy(netns, dst, route, hop) === src);
  const total = live.reduce((sum, { weight }) => sum + weight, 0);
  const hash = hashOf(src, dst, seed);
  let share = 0;
  for (const hop of live) {
    share += hop.weight;
    if (hash > Math.round((share * 2 ** 31) / total) - 1) continue;
    return own.length > 0 && !own.includes(hop) ? own[0] : hop;
  }
  return live.at(-1);
}

const sourceBy = (netns: Netns, dst: Ip, route: Route, { via, dev }: Nexthop): Ip =>
  typeof dst === "bigint" && isLinkLocal(dst) ? 0n : selectSource(netns, dst, dev, via, route.scope);
