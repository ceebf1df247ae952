/**
 * The forwarding information base: routes by table, longest prefix first, then metric (net/ipv4/fib_trie.c,
 * net/ipv4/fib_semantics.c, net/ipv6/route.c), and the policy rules that choose the table (net/core/fib_rules.c).
 */

import type { Prefix } from "../address.ts";
import {
  bitsOf,
  contains,
  type Family,
  familyOf,
  formatIp,
  type Ip,
  isLinkLocal,
  isMulticast,
  LIMITED_BROADCAST,
  networkAddress,
} from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import { LinkError } from "../device/table.ts";
import type { Netns } from "../netns.ts";
import type { Decision } from "../trace.ts";
import { formatRoute, tableName } from "./format.ts";
import { byNexthop, chooseNexthop, devicesOf, merged, type Nexthop, namesWays, waysOf, withoutWay, withWays } from "./multipath.ts";
import type { NeighbourEntry } from "./neighbour.ts";
import { PrefixTable } from "./prefix-table.ts";
import { type Carried, DEFAULT_RULES, type Flow, fitsRule, type PolicyRule, ruleMatches, sameRule, suppresses } from "./rules.ts";
import { selectSource } from "./source.ts";

export type RouteType = "unicast" | "local" | "broadcast" | "multicast" | "blackhole" | "unreachable" | "prohibit" | "throw" | "anycast";

export interface Route {
  readonly type: RouteType;
  readonly dst: Prefix;
  readonly via?: Ip;
  readonly dev?: NetDevice;
  /** Preferred source address. */
  readonly src?: Ip;
  readonly metric: number;
  readonly table: "main" | "local" | number;
  /** A name of /etc/iproute2/rt_protos, or a number: "kernel", "boot", "static", "bird", "77". */
  readonly protocol: string;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  readonly mtu?: number;
  /** Path MTU discovery leaves `mtu` as it is, and packets on it carry no DF. */
  readonly mtuLocked?: boolean;
  /** The MSS that connections by it ask for (RTAX_ADVMSS). */
  readonly advMss?: number;
  readonly onlink?: boolean;
  /** Several ways, of which a flow takes one: then `via` and `dev` are not set. */
  readonly nexthops?: readonly Nexthop[];
}

/** What a lookup finds. Kept and given again until the tables change, so that a flow pays for it once. */
export interface RouteResult {
  readonly route: Route;
  /** The device to send by: loopback for local addresses; undefined for blackhole, unreachable and prohibit. */
  readonly dev: NetDevice | undefined;
  /** The neighbour to ask for: the gateway, or the destination itself. */
  readonly nextHop: Ip;
  readonly src: Ip;
  /** The neighbour entry last used with it (struct dst_entry's neigh), kept by the neighbour table. */
  neighbour: NeighbourEntry | undefined;
  /** The trace's words for it, made when first needed. */
  decision: Decision | undefined;
  /** It is the way of this flow only: others to the same address may take another. */
  readonly shared?: boolean;
}

/** Lookups kept per device restriction; beyond it the cache starts afresh (a scan of many addresses). */
const CACHE_BOUND = 4096;

type Tables = Map<Route["table"], PrefixTable>;
type Cache = Map<Ip, RouteResult | null>;

export class Fib {
  readonly netns: Netns;
  /** Counts changes: who keeps something derived from routes compares it. */
  generation = 0;
  #tables: Record<Family, Tables> = { 4: new Map(), 6: new Map() };
  #rules: Record<Family, PolicyRule[]> = { 4: [...DEFAULT_RULES], 6: DEFAULT_RULES.slice(0, 2) };
  /** Whether only the rules that every netns has are there, so that sources and marks do not matter. */
  #plainRules = true;
  /** Table local is no longer part of main: since rules were first touched, for good (fib_unmerge). */
  localApart = false;
  /** Routes by the device that they lead to, and those with a preferred source: what goes when a device or an address goes. */
  #byDevice = new Map<NetDevice, Set<Route>>();
  #preferring = new Set<Route>();
  #cache: Cache = new Map();
  #cacheByDevice = new Map<NetDevice, Cache>();
  /** What flows are hashed with; drawn with the first route that has several ways. */
  #hashSeed: number | undefined;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** Forgets what was looked up: addresses, devices or settings have changed. */
  invalidate(): void {
    this.generation++;
    // Emptying a map costs a new one, and most changes come before anybody has looked anything up.
    if (this.#cache.size > 0) this.#cache.clear();
    if (this.#cacheByDevice.size > 0) this.#cacheByDevice.clear();
  }

  /**
   * The best route, or undefined when there is none (ENETUNREACH). `oif` restricts to routes by that device. The limited
   * broadcast and multicast groups are routes of those types by the device that the tables, or `oif`, name. A lookup that
   * ends at a blackhole, unreachable or prohibit route gives that route.
   */
  lookup(dst: Ip, src?: Ip, oif?: NetDevice, mark = 0, iif?: NetDevice, carried?: Carried): RouteResult | undefined {
    if (!this.#plainRules) return this.#resolve(dst, oif, { src, mark, iif, carried });
    let cache = this.#cache;
    if (oif) {
      const own = this.#cacheByDevice.get(oif);
      if (own) cache = own;
      else {
        cache = new Map();
        this.#cacheByDevice.set(oif, cache);
      }
    }
    const known = cache.get(dst);
    if (known !== undefined) return known ?? undefined;
    const result = this.#resolve(dst, oif, { src });
    // Which of several ways it is depends on the source, too.
    if (result?.shared) return result;
    if (cache.size >= CACHE_BOUND) cache.clear();
    cache.set(dst, result ?? null);
    return result;
  }

  /** The route of the tables that a lookup comes to, with all of its ways (RTM_F_FIB_MATCH). */
  match(dst: Ip, oif: NetDevice | undefined, flow: Flow): Route | undefined {
    return this.#find(dst, oif, flow);
  }

  /** Whether an address is in table local as this netns's own. */
  isLocal(ip: Ip): boolean {
    return this.lookup(ip)?.route.type === "local";
  }

  /** Whether another device than `dev` has the address, too. */
  isLocalElsewhere(ip: Ip, dev: NetDevice): boolean {
    const table = this.#tables[familyOf(ip)].get("local");
    return table?.at(ip, bitsOf(ip)).some((route) => route.type === "local" && route.dev !== dev) ?? false;
  }

  /**
   * RTM_NEWROUTE. EEXIST "File exists" unless `how` is "replace"; "Nexthop has invalid gateway." (ENETUNREACH), "Device for nexthop
   * is not up." (ENETDOWN), "Invalid prefsrc address.", "Invalid prefix for given prefix length." (EINVAL);
   * "append" puts it after routes with the same prefix and metric, "prepend" before them.
   */
  add(route: Route, how: "create" | "replace" | "append" | "prepend" = "create"): LinkError | undefined {
    const checked = this.#check(route);
    if (checked instanceof LinkError) return checked;
    const table = this.#table(familyOf(route.dst.address), checked.table);
    const same = table.at(checked.dst.address, checked.dst.length).filter((other) => other.metric === checked.metric);
    const family = familyOf(route.dst.address);
    const ways = waysOf(checked);
    const twin = (other: Route): boolean =>
      other.type === checked.type && waysOf(other).some(({ dev, via }) => ways.some((way) => way.dev === dev && way.via === via));
    const twice = family === 6 && ways.some(({ dev, via }, i) => ways.slice(i + 1).some((way) => way.dev === dev && way.via === via));
    if (twice || (how === "create" && same.length > 0) || (how !== "replace" && same.some(twin)))
      return new LinkError("EEXIST", "File exists");
    let added = checked;
    const [first] = same;
    if (first && how === "replace") this.#take(table, first);
    else if (family === 6) {
      for (const other of same) {
        const together = merged(other, checked);
        if (!together) continue;
        this.#take(table, other);
        added = together;
        break;
      }
    }
    this.#put(table, added, how === "prepend");
    this.#tell(added, false);
    this.invalidate();
    return undefined;
  }

  /** Whether a table has been made: main and local are there from the start, others come with their first route. */
  hasTable(family: Family, name: Route["table"]): boolean {
    return name === "main" || name === "local" || this.#tables[family].has(name);
  }

  /** RTM_DELROUTE by what is given; ESRCH "No such process" when nothing matches. */
  remove(match: Partial<Route> & { readonly dst: Prefix }): LinkError | undefined {
    const family = familyOf(match.dst.address);
    if (family === 6 && match.nexthops) {
      const { nexthops, ...rest } = match;
      return nexthops.map(({ via, dev }) => this.remove({ ...rest, via, dev })).findLast((refused) => refused !== undefined);
    }
    const table = this.#tables[family].get(match.table ?? "main");
    const dst = networkAddress(match.dst.address, match.dst.length);
    const found = table
      ?.at(dst, match.dst.length)
      .find(
        (route) =>
          namesWays(match, route) &&
          (match.src === undefined || match.src === route.src) &&
          (match.metric === undefined || match.metric === route.metric) &&
          (match.type === undefined || match.type === route.type) &&
          (match.protocol === undefined || match.protocol === route.protocol) &&
          (match.scope === undefined || match.scope === route.scope),
      );
    if (!table || !found) return new LinkError("ESRCH", "No such process");
    this.#take(table, found);
    const left = family === 6 && match.via !== undefined ? withoutWay(found, match) : undefined;
    if (left) this.#put(table, left);
    this.#tell(left ? byNexthop(found, { weight: 1, via: match.via }) : found, true);
    this.invalidate();
    return undefined;
  }

  /** Removes the routes by a device for which `gone` holds: it went down, or one of its addresses went away. */
  purge(dev: NetDevice, gone: (route: Route) => boolean): void {
    this.#removeAll(this.#byDevice.get(dev), gone);
  }

  /** The same because the device has gone down: of IPv4's routes nobody is told (fib_flush). */
  purgeWithDevice(dev: NetDevice, gone: (route: Route) => boolean): void {
    this.#removeAll(this.#byDevice.get(dev), gone, ({ dst }) => typeof dst.address === "bigint");
  }

  /** Removes the routes, whatever their device, that prefer a source address (fib_sync_down_addr). */
  purgePreferring(src: Ip): void {
    this.#removeAll(this.#preferring, (route) => route.src === src);
  }

  /** Puts a route in without the checks of a system call: those that follow addresses. Nothing when it is there already. */
  insert(route: Route): void {
    const { address, length } = route.dst;
    for (const other of (route.dev && this.#byDevice.get(route.dev)) ?? []) {
      const samePlace = other.dst.address === address && other.dst.length === length && other.table === route.table;
      if (samePlace && other.metric === route.metric && other.type === route.type && other.src === route.src) return;
    }
    this.#put(this.#table(familyOf(address), route.table), route);
    this.#tell(route, false);
    this.invalidate();
  }

  /** In the order in which `ip route` prints a table: IPv4 by address, IPv6 the more specific before what contains it. */
  list(family: Family, table: Route["table"] | "all" = "main"): readonly Route[] {
    const tables = table === "all" ? [...this.#tables[family].keys()].sort((a, b) => tableNumber(a) - tableNumber(b)) : [table];
    return tables.flatMap((name) => {
      const routes = [...(this.#tables[family].get(name)?.routes() ?? [])];
      // Routes to one prefix come in order of metric and age already, and the sort is stable.
      return routes.sort(family === 4 ? compareV4 : compareV6);
    });
  }

  /** In order of priority. */
  rules(family: Family): readonly PolicyRule[] {
    return this.#rules[family];
  }

  hasRule(family: Family, priority: number): boolean {
    return this.#rules[family].some((rule) => rule.priority === priority);
  }

  /** RTM_NEWRULE; EEXIST "File exists", EINVAL "Backward goto not supported.". */
  addRule(family: Family, rule: PolicyRule): LinkError | undefined {
    const rules = this.#rules[family];
    if (rule.goto !== undefined && rule.goto <= rule.priority) return new LinkError("EINVAL", "Backward goto not supported.", true);
    if (rules.some((other) => sameRule(other, rule))) return new LinkError("EEXIST", "File exists");
    let i = rules.length;
    while (i > 0 && (rules[i - 1] as PolicyRule).priority > rule.priority) i--;
    rules.splice(i, 0, rule);
    this.#rulesChanged(family, rule, false);
    return undefined;
  }

  removeRule(family: Family, match: Partial<PolicyRule>): LinkError | undefined {
    const rules = this.#rules[family];
    const i = rules.findIndex((rule) => fitsRule(rule, match));
    if (i < 0) return new LinkError("ENOENT", "No such file or directory");
    const [removed] = rules.splice(i, 1);
    if (removed) this.#rulesChanged(family, removed, true);
    return undefined;
  }

  #put(table: PrefixTable, route: Route, first = false): void {
    table.insert(route, first);
    if (route.src !== undefined && route.protocol !== "kernel") this.#preferring.add(route);
    if (route.nexthops) {
      this.#hashSeed ??= this.netns.kernel.random.below(2 ** 31);
      for (const dev of devicesOf(route)) this.#note(route, dev);
    } else if (route.dev) this.#note(route, route.dev);
  }

  #note(route: Route, dev: NetDevice): void {
    const routes = this.#byDevice.get(dev);
    if (routes) routes.add(route);
    else this.#byDevice.set(dev, new Set([route]));
  }

  #take(table: PrefixTable, route: Route): void {
    table.delete(route);
    this.#preferring.delete(route);
    for (const dev of devicesOf(route)) {
      const routes = this.#byDevice.get(dev);
      routes?.delete(route);
      if (routes?.size === 0) this.#byDevice.delete(dev);
    }
  }

  /** rtmsg_fib, inet6_rt_notify. */
  #tell(route: Route, gone: boolean): void {
    const { rtnetlink } = this.netns;
    if (rtnetlink.heard) rtnetlink.tell({ of: "route", route, gone });
  }

  #removeAll(routes: ReadonlySet<Route> | undefined, gone: (route: Route) => boolean, told: (route: Route) => boolean = () => true): void {
    if (!routes) return;
    const going = [...routes].filter(gone);
    for (const route of going) this.#take(this.#table(familyOf(route.dst.address), route.table), route);
    if (this.netns.rtnetlink.heard) {
      // fib_del_ifaddr: the prefix first, the address itself last.
      const rank = ({ type }: Route): number => (type === "local" ? 2 : type === "broadcast" ? 1 : 0);
      for (const route of going.filter(told).sort((a, b) => rank(a) - rank(b))) this.#tell(route, true);
    }
    this.invalidate();
  }

  #rulesChanged(family: Family, rule: PolicyRule, gone: boolean): void {
    const { rtnetlink } = this.netns;
    if (rtnetlink.heard) rtnetlink.tell({ of: "rule", family, rule, gone });
    if (family === 4) this.localApart = true;
    const plain = (family: Family, expected: number): boolean =>
      this.#rules[family].length === expected && this.#rules[family].every((rule) => DEFAULT_RULES.includes(rule));
    this.#plainRules = plain(4, 3) && plain(6, 2);
    this.invalidate();
  }

  #table(family: Family, name: Route["table"]): PrefixTable {
    let table = this.#tables[family].get(name);
    if (!table) {
      table = new PrefixTable();
      this.#tables[family].set(name, table);
    }
    return table;
  }

  /** fib_rules_lookup: the first table, in order of the rules that match, that has a route. */
  #find(dst: Ip, oif: NetDevice | undefined, flow: Flow): Route | undefined {
    const family = familyOf(dst);
    let from = 0;
    for (const rule of this.#rules[family]) {
      if (rule.priority < from || !ruleMatches(rule, dst, oif, flow)) continue;
      if (rule.action === "nop") continue;
      if (rule.goto !== undefined) {
        // To a rule that is not there nothing leads.
        if (this.hasRule(family, rule.goto)) from = rule.goto;
        continue;
      }
      if (rule.action === "unreachable") return undefined;
      if (rule.action) return { ...REJECTING, type: rule.action, dst: { address: dst, length: bitsOf(dst) } };
      const route = this.#tables[family].get(rule.table)?.find(dst, oif, this.#usable);
      // A throw route ends the look into this table, not the search.
      if (route && route.type !== "throw" && !suppresses(rule, route)) return route;
    }
    return undefined;
  }

  #usable = (route: Route): boolean => {
    const { dev } = route;
    if (!dev || route.type === "local" || dev.carrier) return true;
    const { v4, v6 } = this.netns.sysctl.device(dev);
    const { all } = this.netns.sysctl;
    const four = typeof route.dst.address === "number";
    return !(four
      ? v4.ignore_routes_with_linkdown || all.v4.ignore_routes_with_linkdown
      : v6.ignore_routes_with_linkdown || all.v6.ignore_routes_with_linkdown);
  };

  #resolve(dst: Ip, oif: NetDevice | undefined, flow: Flow): RouteResult | undefined {
    let route = this.#find(dst, oif, flow);
    const group = isMulticast(dst);
    if (group || dst === LIMITED_BROADCAST) {
      const dev = oif ?? route?.dev;
      if (!dev) return undefined;
      const type = group ? "multicast" : "broadcast";
      route = { type, dst: { address: dst, length: bitsOf(dst) }, dev, metric: 0, table: "local", protocol: "kernel", scope: "link" };
    }
    if (!route) return undefined;
    const shared = route.nexthops !== undefined;
    if (shared) {
      const hop = chooseNexthop(this.netns, route, dst, flow.src, oif, this.#hashSeed ?? 0);
      if (!hop) return undefined;
      route = byNexthop(route, hop);
    }
    const local = route.type === "local" || route.type === "anycast";
    const reject = isReject(route);
    const dev = reject ? undefined : local ? this.netns.devices.byName("lo") : route.dev;
    const nextHop = (route.type === "unicast" ? this.netns.inet.paths.gatewayTo(dst) : undefined) ?? route.via ?? dst;
    const src =
      route.type === "local" && typeof dst === "bigint"
        ? dst
        : (route.src ?? selectSource(this.netns, dst, route.dev, route.via, route.scope));
    return { route, dev, nextHop, src, neighbour: undefined, decision: undefined, ...(shared && { shared }) };
  }

  /** fib_create_info: what a route from user space must satisfy; gives it with its device found and host bits checked. */
  #check(route: Route): Route | LinkError {
    const { address, length } = route.dst;
    if (networkAddress(address, length) !== address) return new LinkError("EINVAL", "Invalid prefix for given prefix length.", true);
    const four = typeof address === "number";
    if (isReject(route)) {
      if (four && (route.via !== undefined || route.dev || route.nexthops))
        return new LinkError("EINVAL", "Gateway, device and multipath can not be specified for this route type.", true);
      return four ? route : { ...route, dev: route.dev ?? this.netns.devices.byName("lo") };
    }
    if (route.nexthops) return this.#checkNexthops(route, route.nexthops);
    let { dev } = route;
    if (route.via !== undefined) {
      const through = four ? this.#gatewayDevice4(route.via, route) : this.#gatewayDevice6(route.via, route);
      if (through instanceof LinkError) return through;
      dev = through;
    } else if (!dev) return new LinkError("ENODEV", "No such device");
    if (!dev.up && route.type !== "local") {
      return four ? new LinkError("ENETDOWN", "Device for nexthop is not up.", true) : new LinkError("ENETDOWN", "Network is down");
    }
    if (route.src !== undefined && !this.isLocal(route.src)) {
      return four ? new LinkError("EINVAL", "Invalid prefsrc address.", true) : new LinkError("EINVAL", "Invalid argument");
    }
    return dev === route.dev ? route : { ...route, dev };
  }

  /** fib_get_nhs: each way must be one that a route of its own could go. A single one is an ordinary route. */
  #checkNexthops(route: Route, nexthops: readonly Nexthop[]): Route | LinkError {
    const found: Nexthop[] = [];
    for (const hop of nexthops) {
      const checked = this.#check(byNexthop(route, hop));
      if (checked instanceof LinkError) return checked;
      found.push({ ...hop, dev: checked.dev });
    }
    return withWays(route, found) ?? new LinkError("EINVAL", "Invalid argument");
  }

  /** fib_check_nh_v4_gw: a gateway must be on a link, by the device named where one is. */
  #gatewayDevice4(via: Ip, route: Route): NetDevice | LinkError {
    const invalid = new LinkError("ENETUNREACH", "Nexthop has invalid gateway.", true);
    if (route.scope === "host") return new LinkError("EINVAL", "Route with host scope can not have a gateway.", true);
    if (route.onlink) {
      if (!route.dev) return new LinkError("EINVAL", "Nexthop device required for onlink", true);
      if (!route.dev.up) return new LinkError("ENETDOWN", "Nexthop device is not up", true);
      return this.#find(via, undefined, {})?.type === "local" ? invalid : route.dev;
    }
    const found = this.#find(via, route.dev, {});
    // The gateway must be nearer than what is behind it: for what is on the link itself only an own address is.
    const near = route.scope === "link" ? found?.type === "local" : found?.type === "unicast" || found?.type === "local";
    if (!found?.dev || found.via !== undefined || !near) return invalid;
    return route.dev ?? found.dev;
  }

  /** ip6_route_check_nh and ip6_validate_gw. */
  #gatewayDevice6(via: Ip, route: Route): NetDevice | LinkError {
    const own = this.#find(via, undefined, {});
    if (own?.type === "local") return new LinkError("EINVAL", "Gateway can not be a local address.", true);
    if (isLinkLocal(via)) return route.dev ?? new LinkError("EINVAL", "Nexthop device required", true);
    if (route.onlink && route.dev) return route.dev;
    const found = this.#find(via, route.dev, {});
    if (!found?.dev || found.via !== undefined || found.type !== "unicast") return new LinkError("EHOSTUNREACH", "No route to host");
    return route.dev ?? found.dev;
  }
}

/** Whether a route refuses what it catches, or sends it on to the next table: it leads to no device. */
export const isReject = ({ type }: Route): boolean =>
  type === "blackhole" || type === "unreachable" || type === "prohibit" || type === "throw";

/** What a rule that refuses stands for, but for type and destination. */
const REJECTING = { metric: 0, table: "main", protocol: "kernel", scope: "global" } as const;

/** The trace's words for a lookup's result. */
export function routeDecision(result: RouteResult): Decision {
  result.decision ??= {
    by: "route",
    route: formatRoute(result.route),
    table: tableName(result.route.table),
    via: result.route.via === undefined ? undefined : formatIp(result.route.via),
    dev: result.dev?.name ?? "",
    src: formatIp(result.src),
  };
  return result.decision;
}

const tableNumber = (table: Route["table"]): number => (table === "main" ? 254 : table === "local" ? 255 : table);

function compareV4(a: Route, b: Route): number {
  return (a.dst.address as number) - (b.dst.address as number) || b.dst.length - a.dst.length;
}

/** fib6_walk: the subtrees of a node before the node itself. */
function compareV6(a: Route, b: Route): number {
  if (a.dst.length === b.dst.length && a.dst.address === b.dst.address) return 0;
  if (contains(a.dst, b.dst.address) && a.dst.length <= b.dst.length) return 1;
  if (contains(b.dst, a.dst.address) && b.dst.length <= a.dst.length) return -1;
  return a.dst.address < b.dst.address ? -1 : 1;
}
