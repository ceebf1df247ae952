/** `ip route add|append|replace|change|del` (iproute2 ip/iproute.c, iproute_modify). */
import { type Family, familyOf, type Ip, networkAddress, type Prefix, parseIp } from "../../../kernel/address.ts";
import { LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
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
  onlink?: boolean;
  family: Family | undefined;
}

const SUPPORTED = "to via dev src metric table proto scope mtu onlink type";
const KEYS: ReadonlySet<string> = new Set(
  "via dev oif src metric priority preference table proto protocol scope mtu type to tos dsfield advmss nexthop nhid encap rtt pref window initcwnd".split(
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

const parseAddress = (word: string, family: Family | undefined): Ip | Failure => {
  const ip = parseIp(word);
  if (ip !== undefined && (!family || familyOf(ip) === family)) return ip;
  return new Failure(`Error: ${family ? (family === 6 ? "inet6" : "inet") : "any valid"} address is expected rather than "${word}".`, 1);
};

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
      given.dev = process.netns.device(value);
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
    case "mtu": {
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
  return given.via === undefined ? "link" : "global";
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
  if (!rejects && given.via === undefined && given.dev === undefined) {
    return change(process, () => new LinkError("ENODEV", "No such device"));
  }
  const route: Route = {
    type: given.type ?? "unicast",
    dst,
    via: given.via,
    dev: given.dev,
    src: given.src,
    metric: given.metric ?? (six ? 1024 : 0),
    table,
    protocol: given.protocol ?? "boot",
    scope: given.scope ?? defaultScope(given, verb, six),
    mtu: given.mtu,
    ...(given.onlink && { onlink: true }),
  };
  return change(process, () => {
    if (verb !== "change") return fib.add(route, verb === "add" ? "create" : verb);
    const known = fib.list(six ? 6 : 4, table).some(({ dst: other, metric }) => sameBlock(other, dst) && metric === route.metric);
    return known ? fib.add(route, "replace") : new LinkError("ENOENT", "No such file or directory");
  });
}

const sameBlock = (a: Prefix, b: Prefix): boolean => a.length === b.length && a.address === networkAddress(b.address, b.length);
