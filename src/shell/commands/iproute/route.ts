/** `route` of net-tools 2.10: the main table as /proc/net/route has it, changed by SIOCADDRT and SIOCDELRT. */
import {
  bitsOf,
  formatIp,
  formatPrefix,
  type Ip,
  type Ipv4,
  maskV4,
  networkAddress,
  type Prefix,
  parseIpv4,
  parsePrefix,
} from "../../../kernel/address.ts";
import type { LinkError, NetDevice } from "../../../kernel/device/index.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import { waysOf } from "../../../kernel/inet/multipath.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { reverseLookup } from "../../resolver.ts";
import { type Answer, Failure, mayAdminister } from "./answer.ts";
import { ROUTE_TOOL_LIST_USAGE, ROUTE_TOOL_USAGE } from "./net-tools-usage.ts";

interface Listing {
  readonly numeric: boolean;
  readonly six: boolean;
  /** How often -e was given. */
  readonly extended: number;
}

const isReject = ({ type }: Route): boolean => type === "unreachable" || type === "prohibit";

/** Names for addresses, each asked for once. */
class Names {
  readonly #process: Process;
  readonly #known = new Map<Ip, string>();

  constructor(process: Process) {
    this.#process = process;
  }

  *of(ip: Ip): Op<string> {
    let name = this.#known.get(ip);
    if (name === undefined) {
      name = (yield* reverseLookup(this.#process, ip)) ?? formatIp(ip);
      this.#known.set(ip, name);
    }
    return name;
  }
}

const HEADINGS = [
  "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
  "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
  "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt",
] as const;

function* list4(process: Process, { numeric, extended }: Listing): Op<string> {
  const names = new Names(process);
  const shown = process.netns.inet.fib.list(4).filter(({ type }) => type !== "local" && type !== "broadcast");
  const lines = ["Kernel IP routing table", HEADINGS[Math.min(extended, 2)] as string];
  for (const listed of shown) {
    const [route] = waysOf(listed);
    const { dst, via, dev, metric } = route;
    const reject = isReject(route);
    const host = dst.length === 32;
    let to = formatIp(dst.address);
    if (!numeric) to = dst.length === 0 ? "default" : host ? yield* names.of(dst.address) : to;
    const by = via === undefined ? (reject ? "-" : "0.0.0.0") : numeric ? formatIp(via) : yield* names.of(via);
    const flags = reject ? (host ? "!H" : "!") : `U${via === undefined ? "" : "G"}${host ? "H" : ""}`;
    const start = [to.slice(0, 15).padEnd(15), by.slice(0, 15).padEnd(15), formatIp(maskV4(dst.length)).padEnd(15), flags.padEnd(5)].join(
      " ",
    );
    const face = reject ? "-" : (dev?.name ?? "*");
    const ref = reject ? "-" : "0";
    const zero = reject ? "-" : "0";
    if (extended === 1) {
      lines.push(`${start} ${zero.padStart(5)} ${zero.padEnd(5)} ${zero.padStart(6)} ${face}`);
      continue;
    }
    const row = `${start} ${String(metric).padEnd(6)} ${ref.padEnd(2)} ${"0".padStart(7)} `;
    lines.push(extended === 0 ? `${row}${face}` : `${row}${face.slice(0, 6).padEnd(8)} ${zero.padEnd(5)} ${zero.padEnd(6)} ${zero}`);
  }
  return `${lines.join("\n")}\n`;
}

/** /proc/net/ipv6_route: main and local, between them the entry that refuses what nothing else matches. */
export function list6(process: Process): string {
  const { fib } = process.netns.inet;
  const row = (to: string, by: string, flags: string, metric: number, refs: number, face: string): string =>
    `${to.padEnd(30)} ${by.padEnd(26)} ${flags.padEnd(4)} ${String(metric).padEnd(3)} ${refs} ${"0".padStart(6)} ${face}`;
  const none = row("::/0", "::", "!n", -1, 1, "lo");
  const line = (route: Route): string => {
    const { dst, via, dev, metric, type } = route;
    const local = type === "local";
    const to = dst.length === bitsOf(dst.address) ? `${formatIp(dst.address)}/128` : formatPrefix(dst);
    const flags = isReject(route) ? "!n" : `U${via === undefined ? "" : "G"}${local ? "n" : dst.length === 128 ? "H" : ""}`;
    return row(to, via === undefined ? "::" : formatIp(via), flags, metric, local ? 2 : 1, dev?.name ?? "lo");
  };
  const local = fib.list(6, "local");
  const lines = [
    "Kernel IPv6 routing table",
    "Destination                    Next Hop                   Flag Met Ref  Use If",
    ...fib.list(6).flatMap(waysOf).map(line),
    none,
    ...local.map(line),
    none,
  ];
  return `${lines.join("\n")}\n`;
}

interface Given {
  dst: Prefix | undefined;
  gateway: Ipv4 | undefined;
  device: NetDevice | undefined;
  metric: number | undefined;
  reject: boolean;
}

const lookupFailure = (name: string): Failure => new Failure(`${name}: Host name lookup failure`, 6);

function change(process: Process, verb: "add" | "del", args: readonly string[]): Answer {
  const words = [...args];
  let kind: "net" | "host" | undefined;
  if (words[0] === "-net" || words[0] === "-host") kind = words.shift() === "-net" ? "net" : "host";
  const target = words.shift();
  // inet_setroute's usage() ends with what is left of the arguments' count: none.
  if (target === undefined) return new Failure(ROUTE_TOOL_USAGE, 0);
  const given: Given = { dst: undefined, gateway: undefined, device: undefined, metric: undefined, reject: false };
  const given4 = target === "default" ? { address: 0, length: 0 } : parsePrefix(target);
  if (!given4 || typeof given4.address !== "number") return lookupFailure(target);
  let length = target === "default" ? 0 : target.includes("/") ? given4.length : undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "reject") {
      given.reject = true;
      continue;
    }
    if (word === "netmask" && target.includes("/")) return new Failure(ROUTE_TOOL_USAGE, 3);
    if (["netmask", "gw", "gateway", "metric", "dev", "device", "mss", "window", "irtt"].includes(word)) {
      const value = words.shift();
      if (value === undefined) return new Failure(ROUTE_TOOL_USAGE, 3);
      const refused = readValue(process, word, value, given, (mask) => {
        length = mask;
      });
      if (refused) return refused;
      continue;
    }
    if (["mod", "dyn", "reinstate"].includes(word)) continue;
    given.device = process.netns.device(word);
    if (!given.device) return new Failure(`${verb === "add" ? "SIOCADDRT" : "SIOCDELRT"}: No such device`, 7);
  }
  // A network without a mask has one of no bits, which the kernel takes for the default route only.
  if (length === undefined && kind === "net" && given4.address !== 0)
    return new Failure(`${verb === "add" ? "SIOCADDRT" : "SIOCDELRT"}: Invalid argument`, 7);
  length ??= kind === "net" ? 0 : 32;
  if (kind === "host" && length !== 32) {
    const mask = (~maskV4(length) >>> 0).toString(16).padStart(8, "0");
    return new Failure(`route: netmask ${mask} doesn't make sense with host route\n${ROUTE_TOOL_USAGE}`, 3);
  }
  if (networkAddress(given4.address, length) !== given4.address) {
    return new Failure(`route: netmask doesn't match route address\n${ROUTE_TOOL_USAGE}`, 3);
  }
  given.dst = { address: given4.address, length };
  return carryOut(process, verb, given, given.dst);
}

function readValue(process: Process, word: string, value: string, given: Given, setLength: (length: number) => void): Failure | undefined {
  if (word === "netmask") {
    const mask = parseIpv4(value);
    if (mask === undefined) return new Failure(`route: bogus netmask ${value}`, 2);
    for (let length = 0; length <= 32; length++) {
      if (maskV4(length) !== mask) continue;
      setLength(length);
      return undefined;
    }
    return new Failure(`route: bogus netmask ${value}`, 2);
  }
  if (word === "gw" || word === "gateway") {
    given.gateway = parseIpv4(value);
    return given.gateway === undefined ? lookupFailure(value) : undefined;
  }
  if (word === "dev" || word === "device") {
    given.device = process.netns.device(value);
    return given.device ? undefined : new Failure("SIOCADDRT: No such device", 7);
  }
  if (word === "metric") {
    if (!/^\d+$/.test(value)) return new Failure(ROUTE_TOOL_USAGE, 3);
    given.metric = Number(value);
  }
  return undefined;
}

/** The ioctl knows errno only, not the kernel's sentence. */
const errnoText = ({ errno, message, extended }: LinkError): string =>
  !extended ? message : errno === "ENETUNREACH" ? "Network is unreachable" : errno === "ENETDOWN" ? "Network is down" : "Invalid argument";

function carryOut(process: Process, verb: "add" | "del", given: Given, dst: Prefix): Answer {
  const call = verb === "add" ? "SIOCADDRT" : "SIOCDELRT";
  if (!mayAdminister(process)) return new Failure(`${call}: Operation not permitted`, 7);
  const { fib } = process.netns.inet;
  const { gateway: via, device: dev, metric, reject } = given;
  if (verb === "del") {
    const refused = fib.remove({ dst, ...(via !== undefined && { via }), ...(dev && { dev }), ...(metric !== undefined && { metric }) });
    return refused ? new Failure(`${call}: ${errnoText(refused)}`, 7) : "";
  }
  if (via === undefined && !dev && !reject) return new Failure(`${call}: No such device`, 7);
  // SIOCADDRT asks for neither exclusion nor order: a new way goes before those that are there (fib_table_insert).
  const route: Route = {
    type: reject ? "unreachable" : "unicast",
    dst,
    via,
    dev: reject ? undefined : dev,
    metric: metric ?? 0,
    table: "main",
    protocol: "boot",
    scope: reject ? "host" : via !== undefined ? "global" : "link",
  };
  const refused = fib.add(route, "prepend");
  return refused ? new Failure(`${call}: ${errnoText(refused)}`, 7) : "";
}

function* route(process: Process): Op<Answer> {
  const listing = { numeric: false, six: false, extended: 0 };
  const words = process.argv.slice(1);
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === "add" || word === "del" || word === "delete") {
      if (listing.six) return new Failure("vethlab: route -6 add is not supported here; supported: ip -6 route add", 1);
      return change(process, word === "add" ? "add" : "del", words);
    }
    if (word === "-A" || word === "--inet6" || word === "--inet") {
      const family = word === "-A" ? words.shift() : word.slice(2);
      if (family !== "inet" && family !== "inet6") return new Failure(`route: unknown address family: ${family ?? ""}`, 1);
      listing.six = family === "inet6";
    } else if (word === "--help" || word === "-h") return new Failure(ROUTE_TOOL_LIST_USAGE, 0);
    else if (word === "--version" || word === "-V") return "net-tools 2.10\n";
    else if (word === "--numeric") listing.numeric = true;
    else if (/^-[nNveFC46]+$/.test(word)) {
      if (word.includes("n")) listing.numeric = true;
      if (word.includes("6")) listing.six = true;
      listing.extended += word.split("e").length - 1;
    } else return new Failure(ROUTE_TOOL_LIST_USAGE, 3);
  }
  return listing.six ? list6(process) : yield* list4(process, listing);
}

export const routeCommand: Command = {
  name: "route",
  summary: "the routing table: route -n",
  complete: ({ words }) =>
    words.length === 1 ? ["add", "del", "-n"] : ["-net", "-host", "default", "gw", "netmask", "dev", "metric", "reject"],
  *run(process) {
    const answer = yield* route(process);
    if (typeof answer === "string") {
      process.stdout.write(answer);
      return 0;
    }
    process.stderr.write(`${answer.message}\n`);
    return answer.status;
  },
};
