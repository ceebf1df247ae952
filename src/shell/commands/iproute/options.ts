/** Options that stand before the object: `ip -4 -br addr`, `bridge -j fdb`, `tc -s qdisc`. */
import type { Family } from "../../../kernel/address.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { namedNetns, nameOfNetns } from "../../netns-file.ts";
import { Failure } from "./answer.ts";
import { shortens, unsupported, type Words } from "./words.ts";

export interface Options {
  readonly family: Family | undefined;
  /** -0 or `-f link`: links alone, no addresses (AF_PACKET). */
  readonly linkOnly: boolean;
  /** -n: the named netns to work in. */
  readonly netns: string | undefined;
  /** -all: of every named netns. */
  readonly all: boolean;
  readonly oneLine: boolean;
  readonly brief: boolean;
  /** How often -s was given. */
  readonly statistics: number;
  readonly details: boolean;
  readonly json: boolean;
  readonly pretty: boolean;
  readonly color: boolean;
  readonly human: boolean;
  readonly resolve: boolean;
  /** -t, -ts: when something happened, for `monitor`. */
  readonly timestamps: "short" | "long" | undefined;
  /** -b: the file with a command on each line, "-" for standard input. */
  readonly batch: string | undefined;
  /** -force: a batch goes on after a command that failed. */
  readonly force: boolean;
}

/** What an option asks for instead of an object. */
export type OptionOutcome = { readonly options: Options } | "version" | "help" | Failure;

const SUPPORTED = "-4 -6 -0 -f -o -br -s -d -j -p -c -h -r -t -n -b -force -V";

/** Reads options up to the first other word. `program` is for messages. */
export function readOptions(words: Words, program: string): OptionOutcome {
  const options = {
    family: undefined as Family | undefined,
    linkOnly: false,
    netns: undefined as string | undefined,
    all: false,
    oneLine: false,
    brief: false,
    statistics: 0,
    details: false,
    json: false,
    pretty: false,
    color: false,
    human: false,
    resolve: false,
    timestamps: undefined as Options["timestamps"],
    batch: undefined as string | undefined,
    force: false,
  };
  for (let word = words.peek(); word?.startsWith("-"); word = words.peek()) {
    words.next();
    if (word === "--") break;
    // Two dashes are taken as one.
    const name = word.startsWith("--") ? word.slice(2) : word.slice(1);
    const is = (full: string): boolean => shortens(name, full);
    if (name === "4" || name === "6") options.family = name === "4" ? 4 : 6;
    else if (name === "0") options.linkOnly = true;
    else if (name === "B" || name === "M") return unsupported(`${program} ${word}`, SUPPORTED);
    else if (is("loops")) words.next();
    else if (is("family")) {
      const family = words.next();
      if (family === undefined) return new Failure('Command line is not complete. Try option "help"', 255);
      if (family === "help") return "help";
      if (family === "bridge" || family === "mpls") return unsupported(`${program} -f ${family}`, "-f inet, inet6, link");
      if (family !== "inet" && family !== "inet6" && family !== "link")
        return new Failure(`Error: argument "${family}" is wrong: invalid protocol family\n`, 255);
      if (family === "link") options.linkOnly = true;
      else options.family = family === "inet" ? 4 : 6;
    } else if (/^c(ol(o(r)?)?)?(=|$)/.test(name)) options.color = /=always$/.test(name) || !name.includes("=");
    else if (is("human-readable")) options.human = true;
    else if (is("stats") || is("statistics")) options.statistics++;
    else if (is("details")) options.details = true;
    else if (is("resolve")) options.resolve = true;
    else if (is("oneline")) options.oneLine = true;
    else if (is("timestamp")) options.timestamps ??= "long";
    else if (is("tshort")) options.timestamps = "short";
    else if (is("Numeric") || is("iec") || is("echo")) return unsupported(`${program} ${word}`, SUPPORTED);
    else if (is("compressvlans")) continue;
    else if (program !== "ip" && (is("batch") || is("force"))) return unsupported(`${program} ${word}`, SUPPORTED);
    else if (is("force")) options.force = true;
    else if (is("batch")) {
      options.batch = words.next();
      if (options.batch === undefined) return new Failure('Error: argument "batch file" is required\n', 255);
    } else if (is("brief")) options.brief = true;
    else if (is("rcvbuf")) words.next();
    else if (is("json")) options.json = true;
    else if (is("pretty")) options.pretty = true;
    else if (is("Version")) return "version";
    else if (is("help")) return "help";
    else if (is("netns")) {
      const netns = words.next();
      if (netns === undefined) return new Failure('Command line is not complete. Try option "help"', 255);
      options.netns = netns;
    } else if (is("all")) options.all = true;
    else return new Failure(`Option "${word}" is unknown, try "${program} -help".`, 255);
  }
  return { options };
}

/** The process as it is in the netns that -n names; the process itself without -n. */
export function inNetns(process: Process, { netns: name }: Options): Process | Failure {
  if (name === undefined) return process;
  const netns = namedNetns(process, name);
  if (!netns || netns === "other") return cannotEnter(name, netns === "other");
  return Object.create(process, { netns: { value: netns } }) as Process;
}

/** netns_switch of iproute2's lib/namespace.c, when the file is missing or is no netns. */
export function cannotEnter(name: string, exists: boolean, status = 255): Failure {
  if (!exists) return new Failure(`Cannot open network namespace "${name}": No such file or directory`, status);
  return new Failure(`setting the network namespace "${name}" failed: Invalid argument`, status);
}

/** How a device's other end in another netns is told: by the name of that netns where it has one. */
export function netnsWords(
  process: Process,
  netns: Netns,
  id: number,
): readonly [key: "link-netns" | "link-netnsid", value: string | number] {
  const name = nameOfNetns(process, netns);
  return name === undefined ? ["link-netnsid", id] : ["link-netns", name];
}
