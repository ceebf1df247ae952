/** Options that stand before the object: `ip -4 -br addr`, `bridge -j fdb`, `tc -s qdisc`. */
import type { Family } from "../../../kernel/address.ts";
import { Failure } from "./answer.ts";
import { shortens, unsupported, type Words } from "./words.ts";

export interface Options {
  readonly family: Family | undefined;
  /** -0 or `-f link`: links alone, no addresses (AF_PACKET). */
  readonly linkOnly: boolean;
  /** -n: the named netns to work in. */
  readonly netns: string | undefined;
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
}

/** What an option asks for instead of an object. */
export type OptionOutcome = { readonly options: Options } | "version" | "help" | Failure;

const SUPPORTED = "-4 -6 -0 -f -o -br -s -d -j -p -c -h -r -t -N -n -V";

/** Reads options up to the first other word. `program` is for messages. */
export function readOptions(words: Words, program: string): OptionOutcome {
  const options = {
    family: undefined as Family | undefined,
    linkOnly: false,
    netns: undefined as string | undefined,
    oneLine: false,
    brief: false,
    statistics: 0,
    details: false,
    json: false,
    pretty: false,
    color: false,
    human: false,
    resolve: false,
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
    else if (is("loops") || is("rcvbuf")) words.next();
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
    else if (is("timestamp") || is("tshort") || is("Numeric") || is("iec") || is("echo") || is("compressvlans")) continue;
    else if (is("brief")) options.brief = true;
    else if (is("json")) options.json = true;
    else if (is("pretty")) options.pretty = true;
    else if (is("Version")) return "version";
    else if (is("help")) return "help";
    else if (is("netns")) {
      const netns = words.next();
      if (netns === undefined) return new Failure('Command line is not complete. Try option "help"', 255);
      options.netns = netns;
    } else if (is("batch") || is("force") || is("all")) {
      if (is("all")) continue;
      return unsupported(`${program} ${word}`, SUPPORTED);
    } else return new Failure(`Option "${word}" is unknown, try "${program} -help".`, 255);
  }
  return { options };
}
