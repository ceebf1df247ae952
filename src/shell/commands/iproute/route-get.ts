/** `ip route get`: the way that a packet would go (iproute2 ip/iproute.c, iproute_get). */
import { formatIp, type Ip, isMulticast, LIMITED_BROADCAST } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import { destinationOf, routeOutput } from "../../../kernel/inet/output.ts";
import type { Carried } from "../../../kernel/inet/rules.ts";
import { parseProtocol } from "../../../kernel/netfilter/names.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { type Answer, Failure } from "./answer.ts";
import { printJson } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { metricsJson, metricWords, routeJson, routeText, tableWord } from "./route-record.ts";
import { garbage, incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

interface Asked {
  dst?: Ip;
  src?: Ip;
  oif?: NetDevice;
  iif?: NetDevice;
  mark: number;
  uid: number;
  tos: number;
  protocol?: number;
  srcPort?: number;
  dstPort?: number;
  /** fibmatch: the route of the table, not the way of a packet. */
  match: boolean;
}

const GET_KEYS: ReadonlySet<string> = new Set("to from oif dev iif mark uid tos dsfield ipproto sport dport".split(" "));

/** The words that say what the packet carries: "read", or undefined for a word of another sort. */
function readSelector(word: string, value: string, asked: Asked): Failure | "read" | undefined {
  const number = (radix: number, most: number): number | undefined => {
    const read = radix === 16 ? Number.parseInt(value, 16) : parseUnsigned(value, most);
    return read === undefined || Number.isNaN(read) || read > most ? undefined : read;
  };
  switch (word) {
    case "mark": {
      const mark = number(10, 0xffffffff);
      if (mark === undefined) return invalid(value, "Invalid mark value");
      asked.mark = mark;
      return "read";
    }
    case "uid": {
      const uid = number(10, 0xffffffff);
      if (uid === undefined) return invalid(value, "invalid UID\n");
      asked.uid = uid;
      return "read";
    }
    case "tos":
    case "dsfield": {
      const tos = number(16, 255);
      if (tos === undefined) return invalid(value, "TOS value is invalid\n");
      asked.tos = tos;
      return "read";
    }
    case "ipproto":
      asked.protocol = parseProtocol(value);
      return asked.protocol === undefined ? invalid(value, 'Invalid "ipproto" value\n') : "read";
    case "sport":
    case "dport": {
      const port = number(10, 65535);
      if (port === undefined) return invalid(value, `invalid ${word}\n`);
      asked[word === "sport" ? "srcPort" : "dstPort"] = port;
      return "read";
    }
    default:
      return undefined;
  }
}

/** The packet that was asked about, as far as the policy rules look at it. */
function carriedOf({ protocol, srcPort = 0, dstPort = 0, tos, uid }: Asked): Carried {
  if (protocol === undefined) return { tos, uid };
  return { protocol, tos, uid, body: { kind: "ports", srcPort, dstPort } };
}

function readAsked(process: Process, options: Options, words: Words): Asked | Failure {
  const asked: Asked = { mark: 0, uid: 0, tos: 0, match: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "fibmatch") {
      asked.match = true;
      continue;
    }
    if (word === "connected" || word === "notify")
      return unsupported(`ip route get ${word}`, "from oif dev iif mark uid tos ipproto sport dport fibmatch");
    const keyed = GET_KEYS.has(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    const refused = readSelector(word, value, asked);
    if (refused instanceof Failure) return refused;
    if (refused === "read") continue;
    if (word === "oif" || word === "dev" || word === "iif") {
      const device = linkNamed(process.netns, value);
      if (!device) return noSuchDevice(value);
      asked[word === "iif" ? "iif" : "oif"] = device;
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
  if (iif && typeof src === "number" && iif.kind !== "loopback" && !netns.inet.acceptsSource(src, iif)) return refusal("Invalid argument");
  const carried = carriedOf(asked);
  if (asked.match) {
    const route = netns.inet.fib.match(dst, oif, { src, mark, iif, carried });
    if (!route) return refusal("Network is unreachable");
    return options.json ? printJson([routeJson(route)], options.pretty) : `${routeText(route, options)}\n`;
  }
  const to = iif ? dst : destinationOf(dst, src);
  const found = netns.inet.fib.lookup(to, src, oif, mark, iif, carried);
  // With a device named and no route by it, IPv4 takes the destination to be on that link.
  const onLink = !found && oif ? routeOutput(netns, to, src, oif, mark, carried) : undefined;
  const result = found ?? (typeof onLink === "object" ? onLink : undefined);
  if (!result) return refusal("Network is unreachable");
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
        ? get4(options, dst, asked, result.route, result.dev, result.src, result.nextHop, netns)
        : get6(options, dst, asked, result.route, result.dev, result.src);
  }
}

/** What was learned of the path: its MTU in bytes, and for how many seconds it holds. */
interface Learned {
  readonly mtu: number;
  readonly seconds: number;
}

function learnedOf({ inet, kernel }: Netns, dst: Ip): Learned | undefined {
  const [mtu, expiry] = [inet.paths.mtuTo(dst), inet.paths.expiryOf(dst)];
  return mtu === undefined || expiry === undefined ? undefined : { mtu, seconds: Math.floor((expiry - kernel.clock.now) / 1e6) };
}

function get4(
  options: Options,
  dst: Ip,
  asked: Asked,
  route: Route,
  dev: NetDevice | undefined,
  chosen: Ip,
  nextHop: Ip,
  netns: Netns,
): Answer {
  const learned = learnedOf(netns, dst);
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
      uid: asked.uid,
      cache,
      expires: learned?.seconds,
      metrics: learned ? [{ mtu: learned.mtu }] : metricsJson(route),
    };
    return printJson([record], options.pretty);
  }
  const words = type === "unicast" ? [] : [type as string];
  words.push(formatIp(dst));
  if (src !== undefined) words.push("from", formatIp(src));
  if (via !== undefined) words.push("via", formatIp(via));
  if (dev) words.push("dev", dev.name);
  if (route.table !== "main" && (route.table !== "local" || netns.inet.fib.localApart)) words.push("table", tableWord(route.table));
  if (src === undefined) words.push("src", formatIp(chosen));
  if (mark) words.push("mark", String(mark));
  // RTCF_MULTICAST is the bit that the tool knows as RTM_F_OFFLOAD_FAILED.
  if (type === "multicast") words.push("rt_offload_failed");
  words.push(`${iif ? "" : `uid ${asked.uid} `}${options.oneLine ? "\\" : "\n"}    cache`);
  if (cache.length > 0) words.push(`<${cache.join(",")}>`);
  if (learned) words.push("expires", `${learned.seconds}sec`);
  words.push(...(learned ? ["mtu", String(learned.mtu)] : metricWords(route)));
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
  words.push(...metricWords(route));
  return `${words.join(" ")} pref medium\n`;
}
