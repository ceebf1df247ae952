/** `ip route show`, `ip route flush` and `ip route get`. */
import { bitsOf, contains, type Family, familyOf, type Prefix } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import { devicesOf } from "../../../kernel/inet/multipath.ts";
import type { Process } from "../../command.ts";
import { type Answer, Failure, flushed, mayAdminister, mayWriteSysctls } from "./answer.ts";
import { printJson } from "./json.ts";
import { askNames, linkNamed } from "./link-named.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { type Hidden, routeJson, routeText } from "./route-record.ts";
import { incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

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
  metric?: number;
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
      filter.device = linkNamed(process.netns, value);
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
    case "metric":
      filter.metric = parseUnsigned(value);
      return filter.metric === undefined ? invalid(value, 'invalid "metric"\n') : undefined;
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
      return unsupported(`ip route show ${key}`, "table dev via proto scope type src metric root match exact");
  }
}

const within = (outer: Prefix, inner: Prefix): boolean => inner.length >= outer.length && contains(outer, inner.address);

function passes(route: Route, filter: Filter): boolean {
  const { device, via, protocol, scope, type, src, exact, root, match } = filter;
  if (device && !devicesOf(route).includes(device)) return false;
  if (via && (route.via === undefined || !contains(via, route.via))) return false;
  if (protocol && route.protocol !== protocol) return false;
  if (scope && route.scope !== scope) return false;
  if (type && route.type !== type) return false;
  if (filter.metric !== undefined && route.metric !== filter.metric) return false;
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
  // What was learned about destinations is no route of a table: there is no cache to show (IPv4 has had none since 3.6).
  if (words.take("cache")) return "";
  const filter = readFilter(process, options, words);
  if (filter instanceof Failure) return filter;
  const hidden: Hidden = {
    device: filter.device !== undefined,
    via: filter.via !== undefined && filter.via.length === bitsOf(filter.via.address),
    protocol: filter.protocol !== undefined,
    scope: filter.scope !== undefined,
    src: filter.src !== undefined && filter.src.length === bitsOf(filter.src.address),
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
  const text = routes.map((route) => `${routeText(route, options, hidden)}\n`).join("");
  askNames(process.netns, routes.flatMap(devicesOf));
  return text;
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
  return flushed(
    options.statistics,
    routes.map((route) => `${routeText(route, options)}\n`),
  );
}
