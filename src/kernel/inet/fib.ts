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
import type { NeighbourEntry } from "./neighbour.ts";
import { PrefixTable } from "./prefix-table.ts";
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
  readonly onlink?: boolean;
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
}

/** A policy rule, `ip rule`. */
export interface PolicyRule {
  readonly priority: number;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly mark?: number;
  /** Names of devices; "lo" as `iif` means what this host sends. */
  readonly iif?: string;
  readonly oif?: string;
  /** Holds for what does not match. */
  readonly not?: boolean;
  readonly table: Route["table"];
  /** What happens instead of a look into the table. */
  readonly action?: "blackhole" | "unreachable" | "prohibit";
}

/** What policy rules look at beside the destination. */
export interface Flow {
  readonly src?: Ip;
  readonly mark?: number;
  /** The device that it came in by; none when it is sent from here. */
  readonly iif?: NetDevice | undefined;
}

const DEFAULT_RULES: readonly PolicyRule[] = [
  { priority: 0, table: "local" },
  { priority: 32766, table: "main" },
  { priority: 32767, table: 253 },
];

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
  /** Routes by the device that they lead to, and those with a preferred source: what goes when a device or an address goes. */
  #byDevice = new Map<NetDevice, Set<Route>>();
  #preferring = new Set<Route>();
  #cache: Cache = new Map();
  #cacheByDevice = new Map<NetDevice, Cache>();

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
  lookup(dst: Ip, src?: Ip, oif?: NetDevice, mark = 0, iif?: NetDevice): RouteResult | undefined {
    if (!this.#plainRules) return this.#resolve(dst, oif, { src, mark, iif });
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
    const result = this.#resolve(dst, oif, {});
    if (cache.size >= CACHE_BOUND) cache.clear();
    cache.set(dst, result ?? null);
    return result;
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
    if (how === "replace") {
      const first = same[0];
      if (first) this.#take(table, first);
    } else {
      // IPv4 allows one route for a prefix and metric, IPv6 one for each next hop.
      const twin = same.some(
        (other) =>
          (family === 4 && how === "create") || (other.dev === checked.dev && other.via === checked.via && other.type === checked.type),
      );
      if (twin) return new LinkError("EEXIST", "File exists");
    }
    this.#put(table, checked, how === "prepend");
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
    const table = this.#tables[family].get(match.table ?? "main");
    const dst = networkAddress(match.dst.address, match.dst.length);
    const found = table
      ?.at(dst, match.dst.length)
      .find(
        (route) =>
          (match.via === undefined || match.via === route.via) &&
          (match.dev === undefined || match.dev === route.dev) &&
          (match.src === undefined || match.src === route.src) &&
          (match.metric === undefined || match.metric === route.metric) &&
          (match.type === undefined || match.type === route.type) &&
          (match.protocol === undefined || match.protocol === route.protocol) &&
          (match.scope === undefined || match.scope === route.scope),
      );
    if (!table || !found) return new LinkError("ESRCH", "No such process");
    this.#take(table, found);
    this.invalidate();
    return undefined;
  }

  /** Removes the routes by a device for which `gone` holds: it went down, or one of its addresses went away. */
  purge(dev: NetDevice, gone: (route: Route) => boolean): void {
    this.#removeAll(this.#byDevice.get(dev), gone);
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

  addRule(family: Family, rule: PolicyRule): LinkError | undefined {
    const rules = this.#rules[family];
    if (rules.some((other) => sameRule(other, rule))) return new LinkError("EEXIST", "File exists");
    let i = rules.length;
    while (i > 0 && (rules[i - 1] as PolicyRule).priority > rule.priority) i--;
    rules.splice(i, 0, rule);
    this.#rulesChanged();
    return undefined;
  }

  removeRule(family: Family, match: Partial<PolicyRule>): LinkError | undefined {
    const rules = this.#rules[family];
    const i = rules.findIndex(
      (rule) =>
        PLAIN_RULE_PARTS.every((part) => match[part] === undefined || match[part] === rule[part]) &&
        (match.from === undefined || samePrefix(match.from, rule.from)) &&
        (match.to === undefined || samePrefix(match.to, rule.to)),
    );
    if (i < 0) return new LinkError("ENOENT", "No such file or directory");
    rules.splice(i, 1);
    this.#rulesChanged();
    return undefined;
  }

  #put(table: PrefixTable, route: Route, first = false): void {
    table.insert(route, first);
    if (route.src !== undefined && route.protocol !== "kernel") this.#preferring.add(route);
    if (!route.dev) return;
    const routes = this.#byDevice.get(route.dev);
    if (routes) routes.add(route);
    else this.#byDevice.set(route.dev, new Set([route]));
  }

  #take(table: PrefixTable, route: Route): void {
    table.delete(route);
    this.#preferring.delete(route);
    if (!route.dev) return;
    const routes = this.#byDevice.get(route.dev);
    routes?.delete(route);
    if (routes?.size === 0) this.#byDevice.delete(route.dev);
  }

  #removeAll(routes: ReadonlySet<Route> | undefined, gone: (route: Route) => boolean): void {
    if (!routes) return;
    for (const route of [...routes]) if (gone(route)) this.#take(this.#table(familyOf(route.dst.address), route.table), route);
    this.invalidate();
  }

  #rulesChanged(): void {
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
    for (const rule of this.#rules[family]) {
      if (ruleMatches(rule, dst, oif, flow) === (rule.not === true)) continue;
      if (rule.action === "unreachable") return undefined;
      if (rule.action) return { ...REJECTING, type: rule.action, dst: { address: dst, length: bitsOf(dst) } };
      const route = this.#tables[family].get(rule.table)?.find(dst, oif, this.#usable);
      // A throw route ends the look into this table, not the search.
      if (route && route.type !== "throw") return route;
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
    const local = route.type === "local" || route.type === "anycast";
    const reject = isReject(route);
    const dev = reject ? undefined : local ? this.netns.devices.byName("lo") : route.dev;
    const nextHop = (route.type === "unicast" ? this.netns.inet.paths.gatewayTo(dst) : undefined) ?? route.via ?? dst;
    const src =
      route.type === "local" && typeof dst === "bigint"
        ? dst
        : (route.src ?? selectSource(this.netns, dst, route.dev, route.via, route.scope));
    return { route, dev, nextHop, src, neighbour: undefined, decision: undefined };
  }

  /** fib_create_info: what a route from user space must satisfy; gives it with its device found and host bits checked. */
  #check(route: Route): Route | LinkError {
    const { address, length } = route.dst;
    if (networkAddress(address, length) !== address) return new LinkError("EINVAL", "Invalid prefix for given prefix length.", true);
    const four = typeof address === "number";
    if (isReject(route)) {
      return four ? route : { ...route, dev: route.dev ?? this.netns.devices.byName("lo") };
    }
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

  /** fib_check_nh_v4_gw: a gateway must be on a link, by the device named where one is. */
  #gatewayDevice4(via: Ip, route: Route): NetDevice | LinkError {
    const invalid = new LinkError("ENETUNREACH", "Nexthop has invalid gateway.", true);
    if (route.onlink) {
      if (!route.dev) return new LinkError("EINVAL", "Nexthop device required for onlink", true);
      if (!route.dev.up) return new LinkError("ENETDOWN", "Nexthop device is not up", true);
      return this.#find(via, undefined, {})?.type === "local" ? invalid : route.dev;
    }
    const found = this.#find(via, route.dev, {});
    if (!found?.dev || found.via !== undefined || (found.type !== "unicast" && found.type !== "local")) return invalid;
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

/** fib_rule_match and fib4_rule_match, "not" left aside. */
function ruleMatches(rule: PolicyRule, dst: Ip, oif: NetDevice | undefined, flow: Flow): boolean {
  if (rule.from && (flow.src === undefined || !contains(rule.from, flow.src))) return false;
  if (rule.to && !contains(rule.to, dst)) return false;
  if (rule.mark !== undefined && rule.mark !== flow.mark) return false;
  if (rule.iif !== undefined && rule.iif !== (flow.iif?.name ?? "lo")) return false;
  return rule.oif === undefined || rule.oif === oif?.name;
}

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

const samePrefix = (a: Prefix | undefined, b: Prefix | undefined): boolean => a?.address === b?.address && a?.length === b?.length;

/** What of a rule is the same where it is equal; its prefixes are compared by what is in them. */
const PLAIN_RULE_PARTS = ["priority", "table", "mark", "iif", "oif", "action", "not"] as const satisfies readonly (keyof PolicyRule)[];

const sameRule = (a: PolicyRule, b: PolicyRule): boolean =>
  PLAIN_RULE_PARTS.every((part) => a[part] === b[part]) && samePrefix(a.from, b.from) && samePrefix(a.to, b.to);

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
