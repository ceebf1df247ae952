/** `ip route show`, `ip route flush` and `ip route get`. */
import {
  bitsOf,
  contains,
  type Family,
  familyOf,
  formatIp,
  type Ip,
  isMulticast,
  LIMITED_BROADCAST,
  type Prefix,
} from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import { routeOutput } from "../../../kernel/inet/output.ts";
import type { Process } from "../../command.ts";
import { type Answer, Failure, mayAdminister, mayWriteSysctls } from "./answer.ts";
import { printJson } from "./json.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { type Hidden, routeJson, routeText, tableWord } from "./route-record.ts";
import { garbage, incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

export const ROUTE_TYPES: readonly Route["type"][] = [
  "unicast",
  "local",
  "broadcast",
  "multicast",
  "anycast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];

/** /etc/iproute2/rt_protos. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  8: "gated",
  9: "ra",
  10: "mrt",
  11: "zebra",
  12: "bird",
  13: "dnrouted",
  14: "xorp",
  15: "ntk",
  16: "dhcp",
  18: "keepalived",
  42: "babel",
  84: "ovn",
  99: "openr",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

/** A protocol by name or number, by its name where it has one; undefined for what is neither. */
export function parseRouteProtocol(word: string): string | undefined {
  if (Object.values(PROTOCOLS).includes(word)) return word;
  const number = parseUnsigned(word, 255);
  return number === undefined ? undefined : (PROTOCOLS[number] ?? String(number));
}

/** A table by name or number; undefined when it is neither. */
export function parseTable(word: string): Route["table"] | undefined {
  if (word === "main" || word === "local") return word;
  if (word === "default") return 253;
  const number = parseUnsigned(word);
  return number === 254 ? "main" : number === 255 ? "local" : number;
}

interface Filter {
  family: Family | undefined;
  table: Route["table"] | "all";
  device?: NetDevice;
  via?: Prefix;
  protocol?: string;
  scope?: string;
  type?: string;
  src?: Prefix;
  /** Routes to exactly this prefix, to what lies in it, to what contains it. */
  exact?: Prefix;
  root?: Prefix;
  match?: Prefix;
}

function readFilter(process: Process, options: Options, words: Words): Filter | Failure {
  const filter: Filter = { family: options.family, table: "main" };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    let key: string = word;
    if (!FILTER_KEYS.has(key)) key = "to";
    let value = key === "to" && word !== "to" ? word : words.next();
    if (value === undefined) return incomplete();
    if (key === "to") {
      // `to root PREFIX`, `to match PREFIX`, `to exact PREFIX`, or a prefix at once.
      if (["root", "match", "exact"].includes(value)) {
        key = value;
        value = words.next();
        if (value === undefined) return incomplete();
      } else key = "exact";
    }
    const refused = readFilterValue(process, key, value, filter);
    if (refused) return refused;
  }
  return filter;
}

const FILTER_KEYS: ReadonlySet<string> = new Set(
  "table dev oif iif via proto protocol scope type src to root match exact vrf cache metric tos dsfield mark".split(" "),
);

function readFilterValue(process: Process, key: string, value: string, filter: Filter): Failure | undefined {
  switch (key) {
    case "table": {
      const table = value === "all" ? "all" : parseTable(value);
      if (table === undefined) return invalid(value, "table id value is invalid\n");
      filter.table = table;
      return undefined;
    }
    case "dev":
    case "oif":
      filter.device = process.netns.device(value);
      return filter.device ? undefined : noSuchDevice(value);
    case "via":
    case "src": {
      const prefix = parseDestination(value, filter.family);
      if (prefix instanceof Failure) return prefix;
      filter[key] = prefix;
      return undefined;
    }
    case "proto":
    case "protocol":
      if (value === "all") return undefined;
      filter.protocol = parseRouteProtocol(value);
      return filter.protocol === undefined ? invalid(value, 'invalid "protocol"\n') : undefined;
    case "scope":
      if (!["global", "link", "host", "nowhere", "all"].includes(value)) return invalid(value, 'invalid "scope"\n');
      if (value !== "all") filter.scope = value;
      return undefined;
    case "type":
      if (!(ROUTE_TYPES as readonly string[]).includes(value)) return invalid(value, "node type value is invalid\n");
      filter.type = value;
      return undefined;
    case "root":
    case "match":
    case "exact": {
      const prefix = parseDestination(value, filter.family);
      if (prefix instanceof Failure) return prefix;
      // "default" without -6 is IPv4's.
      if (value !== "default" && value !== "any" && value !== "all") filter.family = familyOf(prefix.address);
      filter[key] = prefix;
      return undefined;
    }
    default:
      return unsupported(`ip route show ${key}`, "table dev via proto scope type src root match exact");
  }
}

const within = (outer: Prefix, inner: Prefix): boolean => inner.length >= outer.length && contains(outer, inner.address);

function passes(route: Route, filter: Filter): boolean {
  const { device, via, protocol, scope, type, src, exact, root, match } = filter;
  if (device && route.dev !== device) return false;
  if (via && (route.via === undefined || !contains(via, route.via))) return false;
  if (protocol && route.protocol !== protocol) return false;
  if (scope && route.scope !== scope) return false;
  if (type && route.type !== type) return false;
  if (src && (route.src === undefined || !contains(src, route.src))) return false;
  if (exact && (route.dst.length !== exact.length || !within(exact, route.dst))) return false;
  if (root && !within(root, route.dst)) return false;
  return !match || within(route.dst, match);
}

function select(process: Process, filter: Filter): readonly Route[] {
  const { fib } = process.netns.inet;
  const families: readonly Family[] = filter.family ? [filter.family] : filter.table === "all" ? [4, 6] : [4];
  return families.flatMap((family) => fib.list(family, filter.table)).filter((route) => passes(route, filter));
}

export function showRoutes(process: Process, options: Options, words: Words): Answer {
  const filter = readFilter(process, options, words);
  if (filter instanceof Failure) return filter;
  const hidden: Hidden = {
    device: filter.device !== undefined,
    via: filter.via !== undefined && filter.via.length === bitsOf(filter.via.address),
    protocol: filter.protocol !== undefined,
    scope: filter.scope !== undefined,
    showTable: filter.table === "all",
  };
  const { table, family = 4 } = filter;
  if (table !== "all" && !process.netns.inet.fib.hasTable(family, table)) {
    return new Failure(`Error: ipv${family}: FIB table does not exist.\nDump terminated`, 2);
  }
  const routes = select(process, filter);
  if (options.json)
    return printJson(
      routes.map((route) => routeJson(route, hidden)),
      options.pretty,
    );
  return routes.map((route) => `${routeText(route, options, hidden)}\n`).join("");
}

/** What was learned about single destinations goes (net/ipv4/route.c, ipv4_sysctl_rtcache_flush). */
function flushCache(process: Process): Answer {
  const path = "/proc/sys/net/ipv4/route/flush";
  if (!mayWriteSysctls(process)) return new Failure(`Cannot open "${path}": Read-only file system`, 1);
  process.netns.inet.paths.forget();
  process.netns.inet.fib.invalidate();
  return "";
}

export function flushRoutes(process: Process, options: Options, words: Words): Answer {
  if (words.done) return new Failure('"ip route flush" requires arguments.', 1);
  if (words.take("cache")) return flushCache(process);
  const filter = readFilter(process, options, words);
  if (filter instanceof Failure) return filter;
  const routes = select(process, filter);
  if (routes.length > 0 && !mayAdminister(process)) return new Failure("Failed to send flush request: Operation not permitted", 2);
  for (const route of routes) process.netns.inet.fib.remove(route);
  return "";
}

interface Asked {
  dst?: Ip;
  src?: Ip;
  oif?: NetDevice;
  iif?: NetDevice;
  mark: number;
  /** fibmatch: the route of the table, not the way of a packet. */
  match: boolean;
}

function readAsked(process: Process, options: Options, words: Words): Asked | Failure {
  const asked: Asked = { mark: 0, match: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "fibmatch") {
      asked.match = true;
      continue;
    }
    if (word === "connected" || word === "notify") return unsupported(`ip route get ${word}`, "from oif dev iif mark uid fibmatch");
    const keyed = ["to", "from", "oif", "dev", "iif", "mark", "uid", "tos", "dsfield"].includes(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    if (word === "uid" || word === "tos" || word === "dsfield") continue;
    if (word === "oif" || word === "dev" || word === "iif") {
      const device = process.netns.device(value);
      if (!device) return noSuchDevice(value);
      asked[word === "iif" ? "iif" : "oif"] = device;
    } else if (word === "mark") {
      const mark = parseUnsigned(value);
      if (mark === undefined) return invalid(value, "Invalid mark value");
      asked.mark = mark;
    } else {
      const prefix = parseDestination(value, options.family);
      if (prefix instanceof Failure) return prefix;
      if (word === "from") asked.src = prefix.address;
      else if (asked.dst !== undefined) return garbage("to", value);
      else asked.dst = prefix.address;
    }
  }
  return asked;
}

const refusal = (text: string): Failure => new Failure(`RTNETLINK answers: ${text}`, 2);

export function getRoute(process: Process, options: Options, words: Words): Answer {
  const asked = readAsked(process, options, words);
  if (asked instanceof Failure) return asked;
  const { dst, src, oif, iif, mark } = asked;
  if (dst === undefined) return new Failure("need at least a destination address", 1);
  const { netns } = process;
  if (src !== undefined && !iif && !netns.isLocal(src))
    return refusal(typeof dst === "number" ? "Network is unreachable" : "Invalid argument");
  const found = netns.inet.fib.lookup(dst, src, oif, mark, iif);
  // With a device named and no route by it, IPv4 takes the destination to be on that link.
  const onLink = !found && oif ? routeOutput(netns, dst, src, oif, mark) : undefined;
  const result = found ?? (typeof onLink === "object" ? onLink : undefined);
  if (!result) return refusal("Network is unreachable");
  if (asked.match) return `${routeText(result.route, options)}\n`;
  if (iif && result.route.type === "unicast" && !netns.sysctl.device(iif).v4.forwarding) return refusal("No route to host");
  switch (result.route.type) {
    case "blackhole":
      return refusal("Invalid argument");
    case "unreachable":
      return refusal("No route to host");
    case "prohibit":
      return refusal("Permission denied");
    default:
      return typeof dst === "number"
        ? get4(options, dst, asked, result.route, result.dev, result.src, result.nextHop)
        : get6(options, dst, asked, result.route, result.dev, result.src);
  }
}

function get4(options: Options, dst: Ip, asked: Asked, route: Route, dev: NetDevice | undefined, chosen: Ip, nextHop: Ip): Answer {
  const { src, iif, mark } = asked;
  const group = isMulticast(dst);
  const type = group ? "multicast" : dst === LIMITED_BROADCAST ? "broadcast" : route.type;
  const via = route.via === undefined || nextHop === dst ? undefined : nextHop;
  const local = type === "local" || dev?.kind === "loopback";
  const cache = local ? ["local"] : type === "broadcast" ? ["local", "brd"] : type === "multicast" ? ["local", "mc"] : [];
  if (options.json) {
    const record = {
      type: type === "unicast" ? undefined : type,
      dst: formatIp(dst),
      from: src === undefined ? undefined : formatIp(src),
      gateway: via === undefined ? undefined : formatIp(via),
      dev: dev?.name,
      prefsrc: src === undefined ? formatIp(chosen) : undefined,
      flags: [],
      uid: 0,
      cache,
      metrics: route.mtu === undefined ? undefined : [{ mtu: route.mtu }],
    };
    return printJson([record], options.pretty);
  }
  const words = type === "unicast" ? [] : [type as string];
  words.push(formatIp(dst));
  if (src !== undefined) words.push("from", formatIp(src));
  if (via !== undefined) words.push("via", formatIp(via));
  if (dev) words.push("dev", dev.name);
  if (route.table !== "main" && route.table !== "local") words.push("table", tableWord(route.table));
  if (src === undefined) words.push("src", formatIp(chosen));
  if (mark) words.push("mark", String(mark));
  // RTCF_MULTICAST is the bit that the tool knows as RTM_F_OFFLOAD_FAILED.
  if (type === "multicast") words.push("rt_offload_failed");
  words.push(`${iif ? "" : "uid 0 "}\n    cache`);
  if (cache.length > 0) words.push(`<${cache.join(",")}>`);
  if (route.mtu !== undefined) words.push("mtu", String(route.mtu));
  if (iif) words.push("iif", iif.name);
  return `${words.join(" ")} \n`;
}

function get6(options: Options, dst: Ip, asked: Asked, route: Route, dev: NetDevice | undefined, chosen: Ip): Answer {
  const { type } = route;
  const local = type === "local";
  const from = asked.src === undefined ? "::" : formatIp(asked.src);
  if (options.json) {
    const record = {
      type: type === "unicast" ? undefined : type,
      dst: formatIp(dst),
      from,
      gateway: route.via === undefined ? undefined : formatIp(route.via),
      dev: dev?.name,
      table: route.table === "main" ? undefined : String(route.table),
      protocol: route.protocol === "boot" ? undefined : route.protocol,
      prefsrc: formatIp(chosen),
      metric: route.metric,
      flags: [],
      pref: "medium",
    };
    return printJson([record], options.pretty);
  }
  const words = type === "unicast" ? [] : [type as string];
  words.push(formatIp(dst), "from", from);
  if (route.via !== undefined) words.push("via", formatIp(route.via));
  if (dev) words.push("dev", dev.name);
  if (local || route.table !== "main") words.push("table", String(route.table));
  if (route.protocol !== "boot") words.push("proto", route.protocol);
  words.push("src", formatIp(chosen), "metric", String(route.metric));
  if (route.mtu !== undefined) words.push("mtu", String(route.mtu));
  return `${words.join(" ")} pref medium\n`;
}
