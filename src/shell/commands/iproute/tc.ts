/** `tc qdisc`: netem and tbf at the root of a device (iproute2 tc/tc_qdisc.c). */
import { type NetDevice, nextQdiscHandle, type Qdisc } from "../../../kernel/device/index.ts";
import { Netem, type NetemOptions, Tbf, type TbfOptions } from "../../../kernel/device/modules.ts";
import type { CompletionContext, Process } from "../../command.ts";
import { type Answer, Failure, instantCommand, mayAdminister } from "./answer.ts";
import { printJson } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import { type Options, readOptions } from "./options.ts";
import { readNetem, readTbf } from "./tc-options.ts";
import { QDISC_USAGE, TC_USAGE } from "./usage.ts";
import { incomplete, match, noSuchDevice, unsupported, Words } from "./words.ts";

/** Queues of a device that a qdisc at its root refers to, and the device itself. */
const references = (device: NetDevice): number => (device.qdisc && device.kind === "veth" ? 3 : 2);

const handleText = ({ handle }: Qdisc): string => `${handle.toString(16)}:`;

function qdiscText(device: NetDevice, options: Options, withDevice: boolean): string {
  const { qdisc } = device;
  const name = withDevice ? `dev ${device.name} ` : "";
  const first = qdisc
    ? `qdisc ${qdisc.kind} ${handleText(qdisc)} ${name}root refcnt ${references(device)}${qdisc.options} `
    : `qdisc noqueue 0: ${name}root refcnt ${references(device)} `;
  const trimmed = qdisc?.kind === "netem" ? first.trimEnd() : first;
  if (options.statistics === 0) return `${trimmed}\n`;
  const { sentBytes, sentPackets, dropped, backlog, backlogBytes } = qdisc ?? NOTHING;
  return [
    trimmed,
    ` Sent ${sentBytes} bytes ${sentPackets} pkt (dropped ${dropped}, overlimits 0 requeues 0) `,
    ` backlog ${backlogBytes}b ${backlog}p requeues 0`,
    "",
  ].join("\n");
}

const NOTHING = { sentBytes: 0, sentPackets: 0, dropped: 0, backlog: 0, backlogBytes: 0 };

/** Devices that were never up have the noop qdisc, which is not shown. */
function show(process: Process, options: Options, words: Words): Answer {
  let only: NetDevice | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "root" || word === "invisible") continue;
    if (word !== "dev") return unsupported(`tc qdisc show ${word}`, "dev root");
    const name = words.next();
    if (name === undefined) return incomplete();
    only = linkNamed(process.netns, name);
    if (!only) return noSuchDevice(name);
  }
  const devices = process.netns.devices.all().filter((device) => (device.activated || device.qdisc) && (!only || device === only));
  if (options.json) {
    const records = devices.map((device) => ({
      kind: device.qdisc?.kind ?? "noqueue",
      handle: device.qdisc ? handleText(device.qdisc) : "0:",
      dev: only ? undefined : device.name,
      root: true,
      refcnt: references(device),
      options: device.qdisc instanceof Tbf ? tbfJson(device.qdisc.settings) : {},
    }));
    return printJson(records, options.pretty);
  }
  return devices.map((device) => qdiscText(device, options, !only)).join("");
}

/** tbf's numbers; the kernel keeps its limit in bytes, the tool tells it as the µs that it amounts to. */
const tbfJson = ({ rate, burst, limit }: TbfOptions): { [key: string]: number } => ({
  rate,
  burst,
  lat: Math.max(0, Math.round(((limit - burst) * 1e6) / rate)),
});

type Verb = "add" | "change" | "replace" | "delete";

interface Given {
  device?: NetDevice;
  root: boolean;
  parent: boolean;
  handle?: number;
  kind?: string;
  /** Makes or changes the qdisc as the options say. */
  netem?: NetemOptions;
  tbf?: TbfOptions;
}

/** "1:" or "8001:0" as a major number in hex. */
function parseHandle(word: string): number | undefined {
  const digits = /^([0-9a-fA-F]{1,4}):0?$/.exec(word)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

function read(process: Process, words: Words): Given | Failure {
  const given: Given = { root: false, parent: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "root") {
      given.root = true;
      continue;
    }
    if (word === "help") return new Failure(QDISC_USAGE, 0);
    if (word === "ingress" || word === "clsact") return unsupported(`tc qdisc ${word}`, "root netem, root tbf");
    if (word === "dev" || word === "handle" || word === "parent") {
      const value = words.next();
      if (value === undefined) return incomplete();
      if (word === "parent") given.parent = true;
      else if (word === "handle") {
        given.handle = parseHandle(value);
        if (given.handle === undefined) return new Failure(`Error: argument "${value}" is wrong: invalid qdisc ID\n`, 255);
      } else {
        given.device = linkNamed(process.netns, value);
        if (!given.device) return noSuchDevice(value);
      }
      continue;
    }
    given.kind = word;
    break;
  }
  if (given.kind === "netem") {
    const options = readNetem(words);
    if (options instanceof Failure) return options;
    given.netem = options;
  } else if (given.kind === "tbf") {
    const options = readTbf(words);
    if (options instanceof Failure) return options;
    given.tbf = options;
  }
  return given;
}

const rtnetlink = (text: string): Failure => new Failure(text, 2);

/** Kinds of Linux that are not part of this world. */
const FOREIGN_KINDS: ReadonlySet<string> = new Set(
  (
    "pfifo bfifo pfifo_fast fq fq_codel codel sfq htb prio hfsc red cake mq mqprio noqueue drr ets choke gred pie fq_pie hhf qfq " +
    "multiq skbprio etf taprio cbs plug sfb teql"
  ).split(" "),
);

function modify(process: Process, verb: Verb, words: Words): Answer {
  const given = read(process, words);
  if (given instanceof Failure) return given;
  const { device, kind } = given;
  if (kind !== undefined && FOREIGN_KINDS.has(kind) && verb !== "delete") return unsupported(`tc qdisc ${verb} ${kind}`, "netem, tbf");
  if (!mayAdminister(process)) return rtnetlink("RTNETLINK answers: Operation not permitted");
  if (!device) return rtnetlink("RTNETLINK answers: No such device");
  if (given.parent) return rtnetlink("Error: Failed to find specified qdisc.");
  if (!given.root && given.handle === undefined) return rtnetlink("Error: Handle cannot be zero.");
  const { qdisc } = device;
  if (verb === "delete") {
    if (!qdisc) return rtnetlink("Error: Cannot delete qdisc with handle of zero.");
    if (given.handle !== undefined && given.handle !== qdisc.handle) return rtnetlink("Error: Invalid handle.");
    if (kind !== undefined && kind !== qdisc.kind) return rtnetlink("Error: Invalid qdisc name: must match existing qdisc.");
    device.qdisc = undefined;
    return "";
  }
  if (verb === "add" && qdisc) {
    return rtnetlink(
      given.handle === undefined || given.handle === qdisc.handle
        ? "Error: Exclusivity flag on, cannot modify."
        : "Error: NLM_F_REPLACE needed to override.",
    );
  }
  if (verb === "change" && !qdisc) return rtnetlink("Error: Qdisc not found. To create specify NLM_F_CREATE flag.");
  if (given.netem === undefined && given.tbf === undefined) return rtnetlink("Error: Specified qdisc kind is unknown.");
  if (qdisc && qdisc.kind !== kind && verb === "change") return rtnetlink("Error: Invalid qdisc name: must match existing qdisc.");
  // A qdisc of the same kind and handle is changed where it is: what waits in it stays.
  const same = qdisc && (given.handle === undefined || given.handle === qdisc.handle);
  if (same && qdisc instanceof Netem && given.netem) qdisc.settings = given.netem;
  else if (same && qdisc instanceof Tbf && given.tbf) qdisc.settings = given.tbf;
  else {
    const handle = given.handle || nextQdiscHandle(device);
    device.qdisc = given.netem ? new Netem(device, handle, given.netem) : new Tbf(device, handle, given.tbf as TbfOptions);
  }
  return "";
}

function tc(process: Process, args: readonly string[]): Answer {
  const words = new Words(args);
  const outcome = readOptions(words, "tc");
  if (outcome instanceof Failure) return outcome;
  if (outcome === "version") return "tc utility, iproute2-7.3.0, libbpf 1.7.0\n";
  if (outcome === "help") return new Failure(TC_USAGE, 0);
  const object = words.next();
  if (object === undefined) return new Failure(TC_USAGE, 0);
  const name = match(object, ["qdisc", "class", "filter", "chain", "actions", "monitor", "exec", "help"]);
  if (name === undefined) return new Failure(`Object "${object}" is unknown, try "tc help".`, 255);
  if (name === "help") return new Failure(TC_USAGE, 0);
  const verb = words.next() ?? "show";
  const is = (full: string): boolean => full.startsWith(verb);
  if (name !== "qdisc") {
    // There are no classes, filters and actions, so their lists are empty.
    return is("show") || is("list") || is("ls") ? "" : unsupported(`tc ${name} ${verb}`, "tc qdisc");
  }
  if (is("add")) return modify(process, "add", words);
  if (is("change")) return modify(process, "change", words);
  if (is("replace")) return modify(process, "replace", words);
  if (is("delete")) return modify(process, "delete", words);
  if (is("list") || is("show") || verb === "lst" || verb === "ls") return show(process, outcome.options, words);
  if (is("help")) return new Failure(QDISC_USAGE, 0);
  return is("link")
    ? unsupported("tc qdisc link", "add, change, replace, del, show")
    : new Failure(`Command "${verb}" is unknown, try "tc qdisc help".`, 255);
}

function complete({ process, words }: CompletionContext): readonly string[] {
  if (words.length === 1) return ["qdisc"];
  if (words.length === 2) return ["show", "add", "change", "replace", "del"];
  const last = words[words.length - 1];
  if (last === "dev") return process.netns.devices.all().map(({ name }) => name);
  if (words.includes("netem")) return ["delay", "loss", "duplicate", "corrupt", "reorder", "rate", "limit", "gap", "distribution"];
  if (words.includes("tbf")) return ["rate", "burst", "latency", "limit"];
  return words.includes("root") ? ["netem", "tbf"] : words.includes("dev") ? ["root"] : ["dev"];
}

export const tcCommand = instantCommand("tc", "delay, loss and rate of a link: tc qdisc add dev eth0 root netem delay 100ms", tc, complete);
