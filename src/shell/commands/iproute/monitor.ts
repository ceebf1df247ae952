/** `ip monitor`: what changes, as it does (iproute2 ip/ipmonitor.c). */
import { familyOf } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import { devicesOf } from "../../../kernel/inet/multipath.ts";
import type { RtMessage } from "../../../kernel/rtnetlink.ts";
import { type Op, WaitQueue } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { preciseTime, unixDate } from "../../wall-clock.ts";
import { addressText } from "./address-show.ts";
import { Failure } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import { linkText } from "./link-record.ts";
import { neighbourText } from "./neighbour.ts";
import type { Options } from "./options.ts";
import { routeText } from "./route-record.ts";
import { ruleText } from "./rule-record.ts";
import { garbage, incomplete, match, noSuchDevice, unsupported, type Words } from "./words.ts";

/** Objects in the order of the tool's comparisons. Of those without messages here nothing ever changes. */
const OBJECTS = [
  "link",
  "address",
  "acaddress",
  "maddress",
  "route",
  "mroute",
  "prefix",
  "neigh",
  "netconf",
  "rule",
  "nsid",
  "nexthop",
  "stats",
] as const;
type Watched = (typeof OBJECTS)[number];

const MONITOR_USAGE = `Usage: ip monitor [ all | OBJECTS ] [ FILE ] [ label ] [ all-nsid ]
                  [ dev DEVICE ]
OBJECTS :=  address | link | mroute | maddress | acaddress | neigh |
            netconf | nexthop | nsid | prefix | route | rule | stats
FILE := file FILENAME`;

/** What `ip monitor` shows; of forwarding databases `bridge monitor` tells. */
type ShownMessage = Exclude<RtMessage, { readonly of: "fdb" }>;

const LABELS: Readonly<Record<ShownMessage["of"], string>> = {
  link: "[LINK]",
  address: "[ADDR]",
  route: "[ROUTE]",
  neigh: "[NEIGH]",
  rule: "[RULE]",
};

interface Request {
  readonly watched: ReadonlySet<Watched>;
  readonly labelled: boolean;
  readonly device: NetDevice | undefined;
}

function readRequest(process: Process, words: Words): Request | Failure {
  const watched = new Set<Watched>();
  let labelled = false;
  let all = false;
  let device: NetDevice | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "help") return new Failure(MONITOR_USAGE, 255);
    if (word === "label") labelled = true;
    else if (word === "all") all = true;
    else if (word === "all-nsid" || word === "file") return unsupported(`ip monitor ${word}`, `${OBJECTS.join(" ")} all label dev`);
    else if (word === "dev") {
      const name = words.next();
      if (name === undefined) return incomplete();
      if (device) return garbage("dev", name);
      device = linkNamed(process.netns, name);
      if (!device) return noSuchDevice(name);
    } else {
      const object = match(word, OBJECTS);
      if (!object) return new Failure(`Argument "${word}" is unknown, try "ip monitor help".`, 255);
      if (object === "netconf") return unsupported("ip monitor netconf", OBJECTS.filter((known) => known !== "netconf").join(" "));
      watched.add(object);
    }
  }
  const whole = all || watched.size === 0;
  return { watched: whole ? new Set(OBJECTS) : watched, labelled: labelled || whole, device };
}

function devicesIn(message: ShownMessage): readonly NetDevice[] {
  switch (message.of) {
    case "link":
    case "address":
      return [message.device];
    case "neigh":
      return [message.entry.dev];
    case "route":
      return devicesOf(message.route);
    case "rule":
      return [];
  }
}

function familyIn(message: ShownMessage): 4 | 6 | undefined {
  switch (message.of) {
    case "link":
      return undefined;
    case "address":
      return familyOf(message.address.ip);
    case "neigh":
      return familyOf(message.entry.ip);
    case "route":
      return familyOf(message.route.dst.address);
    case "rule":
      return message.family;
  }
}

/** The queue's length is told only of devices that are asked for. */
const linkLines = (process: Process, device: NetDevice, options: Options): string =>
  linkText(process, device, options, false).replace(/ qlen \d+/, " ");

/** A device that has gone has no queueing and no other end any more. */
const goneLines = (process: Process, device: NetDevice, options: Options): string =>
  linkLines(process, device, options)
    .replace(/^(\d+: [^:@]+)[^:]*:/, device.kind === "veth" ? "$1@NONE:" : "$1:")
    .replace(/ qdisc \S+/, " qdisc noop");

function textOf(process: Process, message: ShownMessage, options: Options, hidden: boolean): string {
  switch (message.of) {
    case "link":
      return `${(message.gone ? goneLines : linkLines)(process, message.device, options)}\n`;
    case "address":
      return `${message.device.ifindex}: ${message.device.name}${addressText(message.device, message.address, options)}\n`;
    case "route":
      return `${routeText(message.route, options, { device: hidden, showTable: true })}\n`;
    case "neigh":
      return message.gone
        ? neighbourText(process, message.entry, options, !hidden, "FAILED")
        : neighbourText(process, message.entry, options, !hidden);
    case "rule":
      return ruleText(message.rule, options, {
        has: (name) => linkNamed(process.netns, name) !== undefined,
        resolved: message.rule.goto === undefined || process.netns.inet.fib.hasRule(message.family, message.rule.goto),
      });
  }
}

export function stamp(process: Process, { timestamps }: Options): string {
  const { kernel } = process.machine;
  const { now } = kernel.clock;
  const date = kernel.date(now);
  if (timestamps === "short") return `[${date.toISOString().slice(0, 10)}T${preciseTime(kernel, now)}] `;
  if (timestamps === "long") return `Timestamp: ${unixDate(date).replace(" UTC", "")} ${preciseTime(kernel, now).slice(9)} usec\n`;
  return "";
}

/** Prints what `lines` makes of the messages, until a signal ends it. */
export function* follow(process: Process, lines: (message: RtMessage) => string): Op<number> {
  const queue: string[] = [];
  const woken = new WaitQueue();
  const stop = process.netns.rtnetlink.listen((message) => {
    const text = lines(message);
    if (text === "") return;
    queue.push(text);
    woken.wake();
  });
  try {
    for (;;) {
      for (const text of queue.splice(0)) process.stdout.write(text);
      yield woken;
    }
  } finally {
    stop();
  }
}

export function* monitor(process: Process, options: Options, words: Words): Op<number> {
  const request = readRequest(process, words);
  if (request instanceof Failure) {
    process.stderr.write(`${request.message}\n`);
    return request.status;
  }
  const { watched, labelled, device } = request;
  // What the trace tells of a device that looks to `ip` as before is no message.
  const looks = new Map(process.netns.devices.all().map((known) => [known, linkLines(process, known, options)]));
  return yield* follow(process, (message) => {
    if (message.of === "fdb" || !watched.has(message.of)) return "";
    if (device && !devicesIn(message).includes(device)) return "";
    const family = familyIn(message);
    if (options.family && family !== undefined && family !== options.family) return "";
    const text = textOf(process, message, options, device !== undefined);
    if (message.of === "link" && !message.gone) {
      if (`${looks.get(message.device)}\n` === text) return "";
      looks.set(message.device, text.slice(0, -1));
    }
    const label = labelled ? LABELS[message.of] : "";
    const whole = `${stamp(process, options)}${label}${message.gone ? "Deleted " : ""}${text}`;
    return options.oneLine ? `${whole.slice(0, -1).replaceAll("\n", "\\")}\n` : whole;
  });
}
