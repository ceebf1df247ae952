/** `ip route add|append|replace|change|del` (iproute2 ip/iproute.c, iproute_modify). */
import { type Family, familyOf, type Ip, networkAddress, type Prefix } from "../../../kernel/address.ts";
import { LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import type { Nexthop } from "../../../kernel/inet/multipath.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import { readNexthops } from "./nexthops.ts";
import type { Options } from "./options.ts";
import { parseAddress, parseDestination } from "./prefix.ts";
import { parseRouteProtocol, parseTable, ROUTE_TYPES } from "./route-show.ts";
import { parseScope } from "./select.ts";
import { garbage, incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

export type RouteVerb = "add" | "append" | "prepend" | "replace" | "change" | "delete";

interface Given {
  type?: Route["type"];
  dst?: Prefix;
  via?: Ip;
  dev?: NetDevice;
  src?: Ip;
  metric?: number;
  table?: Route["table"];
  protocol?: Route["protocol"];
  scope?: Route["scope"];
  mtu?: number;
  mtuLocked?: boolean;
  advMss?: number;
  onlink?: boolean;
  nexthops?: readonly Nexthop[];
  family: Family | undefined;
}

const SUPPORTED = "to via dev src metric table proto scope mtu advmss onlink type nexthop";
const KEYS: ReadonlySet<string> = new Set(
  "via dev oif src metric priority preference table proto protocol scope mtu type to tos dsfield advmss nhid encap rtt pref window initcwnd".split(
    " ",
  ),
);

function read(process: Process, options: Options, words: Words): Given | Failure {
  const given: Given = { family: options.family };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "onlink") {
      given.onlink = true;
      continue;
    }
    if (word === "nexthop") {
      const nexthops = readNexthops(process, given.family, words);
      if (nexthops instanceof Failure) return nexthops;
      given.nexthops = nexthops;
      const { via } = nexthops[0] ?? {};
      if (via !== undefined) given.family ??= familyOf(via);
      return given;
    }
    if (!KEYS.has(word)) {
      if ((ROUTE_TYPES as readonly string[]).includes(word) && given.dst === undefined) {
        given.type = word as Route["type"];
        continue;
      }
      if (given.dst !== undefined) return garbage("to", word);
      const dst = parseDestination(word, given.family);
      if (dst instanceof Failure) return dst;
      given.dst = dst;
      if (dst.length > 0 || typeof dst.address === "bigint") given.family = familyOf(dst.address);
      continue;
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    const refused = readOne(process, word, value, given, words);
    if (refused) return refused;
  }
  return given;
}

function readOne(process: Process, key: string, value: string, given: Given, words: Words): Failure | undefined {
  switch (key) {
    case "to": {
      const dst = parseDestination(value, given.family);
      if (dst instanceof Failure) return dst;
      given.dst = dst;
      return undefined;
    }
    case "via": {
      const text = value === "inet" || value === "inet6" ? words.next() : value;
      if (text === undefined) return incomplete();
      const family = given.dst && given.dst.length > 0 ? familyOf(given.dst.address) : given.family;
      const via = parseAddress(text, family);
      if (via instanceof Failure) return via;
      given.via = via;
      given.family ??= familyOf(via);
      return undefined;
    }
    case "src": {
      const src = parseAddress(value, given.family);
      if (src instanceof Failure) return src;
      given.src = src;
      return undefined;
    }
    case "dev":
    case "oif":
      given.dev = linkNamed(process.netns, value);
      return given.dev ? undefined : noSuchDevice(value);
    case "metric":
    case "priority":
    case "preference":
      given.metric = parseUnsigned(value);
      return given.metric === undefined ? invalid(value, '"metric" value is invalid\n') : undefined;
    case "table":
      given.table = parseTable(value);
      return given.table === undefined ? invalid(value, '"table" value is invalid\n') : undefined;
    case "proto":
    case "protocol":
      given.protocol = parseRouteProtocol(value);
      return given.protocol === undefined ? invalid(value, '"protocol" value is invalid\n') : undefined;
    case "scope": {
      const scope = value === "nowhere" ? value : parseScope(value);
      if (!scope) return invalid(value, 'invalid "scope" value\n');
      given.scope = scope;
      return undefined;
    }
    case "advmss":
      given.advMss = parseUnsigned(value);
      return given.advMss === undefined ? invalid(value, '"mss" value is invalid\n') : undefined;
    case "mtu": {
      if (value === "lock") given.mtuLocked = true;
      const text = value === "lock" ? words.next() : value;
      given.mtu = text === undefined ? undefined : parseUnsigned(text);
      return given.mtu === undefined ? invalid(text ?? "", '"mtu" value is invalid\n') : undefined;
    }
    case "type":
      if (!(ROUTE_TYPES as readonly string[]).includes(value)) return invalid(value, '"type" value is invalid\n');
      given.type = value as Route["type"];
      return undefined;
    default:
      return unsupported(`ip route ${key}`, SUPPORTED);
  }
}

/** RT_SCOPE of a new route when none is given: on-link ones reach the link, local ones the host, the rest the world. */
function defaultScope(given: Given, verb: RouteVerb, six: boolean): Route["scope"] {
  if (six) return "global";
  if (given.type === "local") return "host";
  if (given.type === "broadcast" || given.type === "multicast" || given.type === "anycast") return "link";
  if (given.type && given.type !== "unicast") return "global";
  if (verb === "delete") return "nowhere";
  return given.via === undefined && !given.nexthops ? "link" : "global";
}

export function changeRoute(process: Process, options: Options, verb: RouteVerb, words: Words, usage: string): Answer {
  if (words.done) return new Failure(usage, 255);
  const given = read(process, options, words);
  if (given instanceof Failure) return given;
  const { fib } = process.netns.inet;
  const six = given.family === 6 || typeof given.dst?.address === "bigint";
  const dst = given.dst === undefined || given.dst.length === 0 ? { address: six ? 0n : 0, length: 0 } : given.dst;
  const table = given.table ?? (given.type === "local" || given.type === "broadcast" ? "local" : "main");
  if (verb === "delete") {
    const { family: _family, ...asked } = given;
    return change(process, () => {
      const refused = fib.remove({ ...asked, table, dst });
      // IPv6's root has an entry that refuses: it is found in place of a missing default route, and cannot go (ip6_del_rt).
      return refused && six && dst.length === 0 ? new LinkError("ENOENT", "No such file or directory") : refused;
    });
  }
  const rejects = given.type !== undefined && ["blackhole", "unreachable", "prohibit", "throw"].includes(given.type);
  const { nexthops } = given;
  const [first] = nexthops ?? [];
  if (first && given.via !== undefined && given.via !== first.via)
    return change(process, () => new LinkError("EINVAL", "Nexthop gateway does not match RTA_GATEWAY or RTA_VIA.", true));
  if (first && given.dev && given.dev !== first.dev)
    return change(process, () => new LinkError("EINVAL", "Nexthop device index does not match RTA_OIF.", true));
  if (!rejects && !nexthops && given.via === undefined && given.dev === undefined) {
    return change(process, () => new LinkError("ENODEV", "No such device"));
  }
  const route: Route = {
    type: given.type ?? "unicast",
    dst,
    ...(nexthops ? { nexthops } : { via: given.via, dev: given.dev }),
    src: given.src,
    metric: given.metric ?? (six ? 1024 : 0),
    table,
    protocol: given.protocol ?? "boot",
    scope: given.scope ?? defaultScope(given, verb, six),
    mtu: given.mtu,
    ...(given.advMss !== undefined && { advMss: given.advMss }),
    ...(given.mtuLocked && { mtuLocked: true }),
    ...(given.onlink && { onlink: true }),
  };
  return change(process, () => {
    if (verb !== "change") return fib.add(route, verb === "add" ? "create" : verb);
    const known = fib.list(six ? 6 : 4, table).some(({ dst: other, metric }) => sameBlock(other, dst) && metric === route.metric);
    return known ? fib.add(route, "replace") : new LinkError("ENOENT", "No such file or directory");
  });
}

const sameBlock = (a: Prefix, b: Prefix): boolean => a.length === b.length && a.address === networkAddress(b.address, b.length);
