/** `ip`: which object, which verb (iproute2 ip/ip.c). */
import type { Op } from "../../../kernel/task.ts";
import { FileError } from "../../../kernel/vfs.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";
import { openInput } from "../../open.ts";
import { changeAddress, flushAddresses } from "./address-change.ts";
import { showAddresses } from "./address-show.ts";
import { type Answer, Failure, finish } from "./answer.ts";
import { netnsCommand } from "./ip-netns.ts";
import { addLink } from "./link-add.ts";
import { changeProperties, deleteLink, setLink } from "./link-change.ts";
import { showLinks } from "./link-show.ts";
import { showMulticast } from "./maddress.ts";
import { monitor } from "./monitor.ts";
import { changeNeighbour, flushNeighbours, showNeighbours } from "./neighbour.ts";
import { inNetns, type Options, readOptions } from "./options.ts";
import { changeRoute } from "./route-change.ts";
import { getRoute } from "./route-get.ts";
import { flushRoutes, showRoutes } from "./route-show.ts";
import { changeRule, flushRules, showRules } from "./rule.ts";
import { ADDRESS_USAGE, IP_USAGE, LINK_USAGE, NEIGHBOUR_USAGE, ROUTE_USAGE, RULE_USAGE } from "./usage.ts";
import { match, unsupported, Words } from "./words.ts";

/** Objects in the order of iproute2's table: the first that a word shortens is meant. */
const OBJECTS = [
  "address",
  "addrlabel",
  "maddress",
  "route",
  "rule",
  "neighbor",
  "neighbour",
  "ntable",
  "ntbl",
  "link",
  "l2tp",
  "fou",
  "ila",
  "macsec",
  "tunnel",
  "tunl",
  "tuntap",
  "tap",
  "token",
  "tcpmetrics",
  "tcp_metrics",
  "monitor",
  "xfrm",
  "mroute",
  "mrule",
  "netns",
  "netconf",
  "vrf",
  "sr",
  "nexthop",
  "mptcp",
  "ioam",
  "help",
  "stats",
] as const;

const SUPPORTED = "address, link, route, neighbour, rule, maddress, netns, monitor";

type Verb = (process: Process, options: Options, words: Words) => Answer;

/** What can be done with an object. Verbs in the order of iproute2's comparisons. */
interface IpObject {
  /** As the messages name it: `try "ip address help"`. */
  readonly name: string;
  readonly usage: string;
  readonly verbs: readonly (readonly [name: string, run: Verb])[];
  /** Without a verb. */
  readonly show: Verb;
}

const address: IpObject = {
  name: "address",
  usage: ADDRESS_USAGE,
  show: showAddresses,
  verbs: [
    ["add", (process, options, words) => changeAddress(process, options, "add", words)],
    ["change", (process, options, words) => changeAddress(process, options, "change", words)],
    ["chg", (process, options, words) => changeAddress(process, options, "change", words)],
    ["replace", (process, options, words) => changeAddress(process, options, "replace", words)],
    ["delete", (process, options, words) => changeAddress(process, options, "delete", words)],
    ["show", showAddresses],
    ["lst", showAddresses],
    ["list", showAddresses],
    ["ls", showAddresses],
    ["flush", flushAddresses],
  ],
};

const link: IpObject = {
  name: "link",
  usage: LINK_USAGE,
  show: showLinks,
  verbs: [
    ["add", (process, _options, words) => addLink(process, words)],
    ["set", (process, _options, words) => setLink(process, words)],
    ["change", (process, _options, words) => setLink(process, words)],
    ["delete", (process, _options, words) => deleteLink(process, words)],
    ["property", (process, _options, words) => changeProperties(process, words)],
    ["show", showLinks],
    ["lst", showLinks],
    ["list", showLinks],
    ["ls", showLinks],
  ],
};

const routeVerb =
  (verb: "add" | "append" | "prepend" | "replace" | "change" | "delete"): Verb =>
  (process, options, words) =>
    changeRoute(process, options, verb, words, ROUTE_USAGE);

const route: IpObject = {
  name: "route",
  usage: ROUTE_USAGE,
  show: showRoutes,
  verbs: [
    ["list", showRoutes],
    ["show", showRoutes],
    ["lst", showRoutes],
    ["ls", showRoutes],
    ["get", getRoute],
    ["add", routeVerb("add")],
    ["change", routeVerb("change")],
    ["chg", routeVerb("change")],
    ["replace", routeVerb("replace")],
    ["prepend", routeVerb("prepend")],
    ["append", routeVerb("append")],
    ["delete", routeVerb("delete")],
    ["flush", flushRoutes],
  ],
};

const neighbourVerb =
  (verb: "add" | "change" | "replace" | "delete" | "get"): Verb =>
  (process, options, words) =>
    changeNeighbour(process, options, verb, words);

const neighbour: IpObject = {
  name: "neigh",
  usage: NEIGHBOUR_USAGE,
  show: showNeighbours,
  verbs: [
    ["add", neighbourVerb("add")],
    ["change", neighbourVerb("change")],
    ["chg", neighbourVerb("change")],
    ["replace", neighbourVerb("replace")],
    ["delete", neighbourVerb("delete")],
    ["get", neighbourVerb("get")],
    ["show", showNeighbours],
    ["lst", showNeighbours],
    ["list", showNeighbours],
    ["ls", showNeighbours],
    ["flush", flushNeighbours],
  ],
};

const rule: IpObject = {
  name: "rule",
  usage: RULE_USAGE,
  show: showRules,
  verbs: [
    ["list", showRules],
    ["lst", showRules],
    ["show", showRules],
    ["ls", showRules],
    ["add", (process, options, words) => changeRule(process, options, "add", words)],
    ["delete", (process, options, words) => changeRule(process, options, "delete", words)],
    ["flush", flushRules],
  ],
};

const maddress: IpObject = {
  name: "maddr",
  usage: "Usage: ip maddr show [ dev STRING ]",
  show: showMulticast,
  verbs: [
    ["show", showMulticast],
    ["lst", showMulticast],
    ["list", showMulticast],
    ["ls", showMulticast],
  ],
};

const OBJECT_OF: Readonly<Partial<Record<(typeof OBJECTS)[number], IpObject>>> = {
  address,
  link,
  route,
  neighbor: neighbour,
  neighbour,
  rule,
  maddress,
};

function* ip(process: Process): Op<number> {
  const words = new Words(process.argv.slice(1));
  const outcome = readOptions(words, "ip");
  if (outcome instanceof Failure) return finish(process, outcome);
  if (outcome === "version") return finish(process, "ip utility, iproute2-7.3.0, libbpf 1.7.0\n");
  if (outcome === "help") return finish(process, new Failure(IP_USAGE, 255));
  const inside = inNetns(process, outcome.options);
  if (inside instanceof Failure) return finish(process, inside);
  const { batch } = outcome.options;
  return batch === undefined ? yield* command(inside, outcome.options, words) : yield* runBatch(inside, outcome.options, batch);
}

/** -b: each line is what might follow `ip`; comments and empty lines are passed over, a backslash at the end goes on. */
function* runBatch(process: Process, options: Options, name: string): Op<number> {
  const input = openInput(process, name === "-" ? "/dev/stdin" : name);
  if (input instanceof FileError) return finish(process, new Failure(`Cannot open file "${name}" for reading: ${input.message}`, 1));
  const lines = (yield* input.readAll()).split("\n");
  let status = 0;
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i] as string;
    while (line.endsWith("\\") && i + 1 < lines.length) line = `${line.slice(0, -1)} ${lines[++i]}`;
    const words = line.replace(/#.*/, "").match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
    if (words.length === 0) continue;
    const plain = words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
    if ((yield* command(process, options, new Words(plain))) === 0) continue;
    process.stderr.write(`Command failed ${name}:${i + 1}\n`);
    status = 1;
    if (!options.force) break;
  }
  return status;
}

function* command(inside: Process, options: Options, words: Words): Op<number> {
  const given = words.next();
  if (given === undefined) return finish(inside, new Failure(IP_USAGE, 255));
  const name = match(given, OBJECTS);
  if (name === "monitor") return yield* monitor(inside, options, words);
  if (name === "netns") return yield* netnsCommand(inside, options, words);
  return finish(inside, answer(inside, options, given, name, words));
}

function answer(process: Process, options: Options, given: string, name: (typeof OBJECTS)[number] | undefined, words: Words): Answer {
  if (!name) return new Failure(`Object "${given}" is unknown, try "ip help".`, 1);
  if (name === "help") return new Failure(IP_USAGE, 255);
  const object = OBJECT_OF[name];
  if (object) return carryOut(process, options, object, words);
  // Tunnels and their like: there are none, so a listing is empty.
  const verb = words.peek();
  const lists = verb === undefined || ["show", "list", "ls", "lst"].includes(verb);
  if (lists && name === "vrf") return `Name              Table\n${"-".repeat(23)}\nNo VRF has been configured\n`;
  if (lists && ["tuntap", "tunnel", "tap", "tunl", "nexthop", "mroute", "tcpmetrics", "tcp_metrics"].includes(name)) return "";
  return unsupported(`ip ${name}`, SUPPORTED);
}

function carryOut(process: Process, options: Options, object: IpObject, words: Words): Answer {
  const given = words.next();
  if (given === undefined) return object.show(process, options, words);
  const name = match(given, [...object.verbs.map(([verb]) => verb), "help"]);
  if (name === "help") return new Failure(object.usage, 255);
  const verb = object.verbs.find(([known]) => known === name);
  if (!verb) return new Failure(`Command "${given}" is unknown, try "ip ${object.name} help".`, 255);
  return verb[1](process, options, words);
}

const OBJECT_WORDS = ["addr", "link", "route", "neigh", "rule", "maddr", "netns", "monitor", "help"];
const DEVICE_AFTER: ReadonlySet<string> = new Set(["dev", "master", "oif", "iif", "link", "set", "show", "delete", "del"]);

function complete({ process, words }: CompletionContext): readonly string[] {
  const plain = words.slice(1).filter((word) => !word.startsWith("-"));
  if (plain.length === 0) return OBJECT_WORDS;
  const name = match(plain[0] as string, OBJECTS);
  const object = name && OBJECT_OF[name];
  if (name === "monitor") return ["link", "address", "route", "neigh", "rule", "all", "label", "dev"];
  if (!object) return [];
  if (plain.length === 1)
    return [...new Set([...object.verbs.map(([verb]) => verb), "help"])].filter((verb) => !["lst", "ls", "chg"].includes(verb));
  const devices = process.netns.devices.all().map((device) => device.name);
  const last = plain[plain.length - 1] as string;
  if (last === "type") return ["veth", "bridge", "macvlan", "ipvlan", "vlan", "vxlan", "dummy"];
  if (DEVICE_AFTER.has(last)) return ["dev", ...devices];
  if (object === link && plain[1]?.startsWith("s"))
    return ["up", "down", "master", "nomaster", "mtu", "address", "name", "netns", "promisc"];
  return ["dev", "via", "src", "metric", "table", "default", "lladdr", "type"];
}

export const ipCommand: Command = { name: "ip", summary: "links, addresses, routes, neighbours and namespaces", complete, run: ip };
