/** The words of `conntrack`, read (conntrack-tools, src/conntrack.c): command, table, filters, and the values of what is made or changed. */
import { type Family, type Ip, parseIp } from "../../../kernel/address.ts";
import type { Connection, ConntrackEvent } from "../../../kernel/netfilter/conntrack.ts";
import { parseProtocol } from "../../../kernel/netfilter/names.ts";
import { TCP_STATES } from "../../../kernel/netfilter/tcp-state.ts";

/** A refusal: the text after the version, and whether the hint to --help follows. */
export class Refusal {
  readonly message: string;
  readonly status: number;

  constructor(message: string, status = 2) {
    this.message = message;
    this.status = status;
  }
}

type Test = (entry: Connection) => boolean;

/** What an option says something about. */
export type Part =
  | "src"
  | "dst"
  | "replySrc"
  | "replyDst"
  | "sport"
  | "dport"
  | "replySport"
  | "replyDport"
  | "icmpType"
  | "icmpCode"
  | "icmpId"
  | "family"
  | "mark"
  | "status"
  | "state"
  | "timeout"
  | "zone"
  | "srcNat"
  | "dstNat";

export interface Request {
  command: string | undefined;
  table: string;
  readonly tests: Test[];
  /** The options as they were given. */
  readonly values: Map<Part, string>;
  protocol: number | undefined;
  extended: boolean;
  ids: boolean;
  readonly events: Set<ConntrackEvent>;
}

const COMMANDS: Readonly<Record<string, string>> = {
  "-L": "L",
  "--dump": "L",
  "-G": "G",
  "--get": "G",
  "-D": "D",
  "--delete": "D",
  "-F": "F",
  "--flush": "F",
  "-C": "C",
  "--count": "C",
  "-S": "S",
  "--stats": "S",
  "-E": "E",
  "--event": "E",
  "-I": "I",
  "--create": "I",
  "-U": "U",
  "--update": "U",
  "-A": "A",
  "--add": "A",
  "-h": "h",
  "--help": "h",
  "-V": "V",
  "--version": "V",
};
const TABLES = new Set(["conntrack", "expect", "dying", "unconfirmed"]);

/** Commands that make an entry, and so filter nothing. */
const MAKING = new Set(["I", "A"]);
/** What `-U` gives its entries anew; the rest says which they are. */
const UPDATED: ReadonlySet<Part> = new Set<Part>(["mark", "status", "state", "timeout"]);

export function addressOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Refusal(`Invalid IP address \`${text}'`);
  return ip;
}

export function portOf(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65535)) throw new Refusal(`Invalid port \`${text}'`);
  return value;
}

/** "ADDRESS" or "ADDRESS:PORT" of a mapping. */
export function mappingOf(text: string): { readonly ip: Ip; readonly port: number | undefined } {
  const [address = "", port] = text.includes(".") ? text.split(":") : [text];
  return { ip: addressOf(address), port: port === undefined ? undefined : portOf(port) };
}

export function markOf(text: string): { readonly mark: number; readonly mask: number } {
  const [mark, mask = 0xffffffff] = text.split("/").map(Number);
  if (mark === undefined || Number.isNaN(mark) || Number.isNaN(mask)) throw new Refusal(`unexpected value '${text}' with -m option`, 1);
  return { mark, mask };
}

const isSourceMapped = ({ original, reply }: Connection): boolean => reply.dst !== original.src;
const isDestinationMapped = ({ original, reply }: Connection): boolean => reply.src !== original.dst;

const STATUS_TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["ASSURED", (entry) => entry.assured],
  ["SEEN_REPLY", (entry) => entry.seenReply],
  ["UNREPLIED", (entry) => !entry.seenReply],
  ["UNSET", (entry) => !entry.seenReply],
  ["SRC_NAT", (entry) => entry.sourceNat],
  ["DST_NAT", (entry) => entry.destinationNat],
  ["CONFIRMED", (entry) => entry.confirmed],
]);

/** The names of a status, in capitals. */
export function statusOf(text: string): readonly string[] {
  const names = text.toUpperCase().split(",");
  if (!names.every((name) => STATUS_TESTS.has(name))) throw new Refusal(`Bad status \`${text}'`);
  return names;
}

function stateOf(text: string): string {
  const state = text.toUpperCase();
  if (!TCP_STATES.some((known) => known === state)) throw new Refusal(`unknown TCP state \`${text}'`);
  return state;
}

function familyOf(text: string): Family {
  if (text !== "ipv4" && text !== "ipv6") throw new Refusal(`\`${text}' unsupported protocol`);
  return text === "ipv4" ? 4 : 6;
}

/** A filter by one value that an entry has. */
const by =
  <T>(parse: (text: string) => T, read: (entry: Connection) => T) =>
  (text: string): Test => {
    const wanted = parse(text);
    return (entry) => read(entry) === wanted;
  };

interface Option {
  readonly names: readonly string[];
  readonly part: Part;
  /** The filter that a value stands for; throws a Refusal for what is none. */
  readonly test: (text: string) => Test;
}

const option = (names: string, part: Part, test: Option["test"]): Option => ({ names: names.split(" "), part, test });

const OPTIONS: readonly Option[] = [
  option(
    "-s --src --orig-src",
    "src",
    by(addressOf, ({ original }) => original.src),
  ),
  option(
    "-d --dst --orig-dst",
    "dst",
    by(addressOf, ({ original }) => original.dst),
  ),
  option(
    "-r --reply-src",
    "replySrc",
    by(addressOf, ({ reply }) => reply.src),
  ),
  option(
    "-q --reply-dst",
    "replyDst",
    by(addressOf, ({ reply }) => reply.dst),
  ),
  option(
    "-f --family",
    "family",
    by(familyOf, ({ family }) => family),
  ),
  option("-m --mark", "mark", (text) => {
    const { mark, mask } = markOf(text);
    return (entry) => (entry.mark & mask) >>> 0 === mark;
  }),
  option("-u --status", "status", (text) => {
    const tests = statusOf(text).flatMap((name) => STATUS_TESTS.get(name) ?? []);
    return (entry) => tests.every((test) => test(entry));
  }),
  option("-t --timeout", "timeout", () => () => true),
  // Every entry is of zone 0.
  option(
    "-w --zone",
    "zone",
    by(portOf, () => 0),
  ),
];

const PORT_OPTIONS: readonly Option[] = [
  option(
    "--sport --orig-port-src",
    "sport",
    by(portOf, ({ original }) => original.srcPort),
  ),
  option(
    "--dport --orig-port-dst",
    "dport",
    by(portOf, ({ original }) => original.dstPort),
  ),
  option(
    "--reply-port-src",
    "replySport",
    by(portOf, ({ reply }) => reply.srcPort),
  ),
  option(
    "--reply-port-dst",
    "replyDport",
    by(portOf, ({ reply }) => reply.dstPort),
  ),
];
const TCP_OPTIONS: readonly Option[] = [
  ...PORT_OPTIONS,
  option(
    "--state",
    "state",
    by(stateOf, ({ protocolState }) => protocolState),
  ),
];
const ICMP_OPTIONS: readonly Option[] = [
  option(
    "--icmp-type --icmpv6-type",
    "icmpType",
    by(portOf, ({ original }) => original.dstPort >> 8),
  ),
  option(
    "--icmp-code --icmpv6-code",
    "icmpCode",
    by(portOf, ({ original }) => original.dstPort & 255),
  ),
  option(
    "--icmp-id --icmpv6-id",
    "icmpId",
    by(portOf, ({ original }) => original.srcPort),
  ),
];

/** TCP's and UDP's options, and ICMP's: options only once `-p` has been read. */
function optionsOf(protocol: number | undefined): readonly Option[] {
  if (protocol === 6) return TCP_OPTIONS;
  if (protocol === 17 || protocol === 132 || protocol === 33) return PORT_OPTIONS;
  return protocol === 1 || protocol === 58 ? ICMP_OPTIONS : [];
}

/** Reads the words after the program's name. Throws a Refusal. */
export class RequestParser {
  readonly #words: readonly string[];
  /** The command, wherever it stands. */
  readonly #command: string | undefined;
  #at = 0;
  readonly #request: Request = {
    command: undefined,
    table: "conntrack",
    tests: [],
    values: new Map(),
    protocol: undefined,
    extended: false,
    ids: false,
    events: new Set(),
  };

  constructor(words: readonly string[]) {
    this.#words = words;
    const word = words.find((one) => Object.hasOwn(COMMANDS, one));
    this.#command = word === undefined ? undefined : COMMANDS[word];
  }

  parse(): Request {
    // The protocol decides which options there are, wherever it stands.
    const p = this.#words.findIndex((word) => word === "-p" || word === "--protonum" || word === "--proto");
    if (p >= 0) this.#request.protocol = this.#protocol(this.#words[p + 1]);
    while (this.#at < this.#words.length) this.#option(this.#words[this.#at++] as string);
    return this.#request;
  }

  #option(word: string): void {
    const request = this.#request;
    const command = COMMANDS[word];
    if (command) {
      if (request.command) throw new Refusal("Can't use more than one command");
      request.command = command;
      const next = this.#words[this.#at];
      if (next !== undefined && !next.startsWith("-")) {
        if (!TABLES.has(next)) throw new Refusal(`unknown type \`${next}'`);
        request.table = next;
        this.#at++;
      }
      return;
    }
    const [name, attached] = word.startsWith("--")
      ? (word.split("=", 2) as [string, string?])
      : ([word.slice(0, 2), word.slice(2) || undefined] as const);
    switch (name) {
      case "-p":
      case "--protonum":
      case "--proto":
        this.#value(name, attached);
        this.#filter((entry) => entry.original.protocol === request.protocol);
        return;
      case "-o":
      case "--output":
        for (const kind of this.#value(name, attached).split(",")) this.#output(kind);
        return;
      case "-e":
      case "--event-mask":
        for (const event of this.#value(name, attached).toUpperCase().split(",")) this.#event(event);
        return;
      case "-n":
      case "--src-nat":
        this.#nat("srcNat", attached, isSourceMapped, (entry) => entry.reply.dst);
        return;
      case "-g":
      case "--dst-nat":
        this.#nat("dstNat", attached, isDestinationMapped, (entry) => entry.reply.src);
        return;
      case "-j":
      case "--any-nat":
        this.#filter((entry) => isSourceMapped(entry) || isDestinationMapped(entry));
        return;
      case "-b":
      case "--buffer-size":
        this.#value(name, attached);
        return;
      case "-z":
      case "--zero":
        return;
    }
    const known = [...OPTIONS, ...optionsOf(request.protocol)].find(({ names }) => names.includes(name));
    if (!known) throw new Refusal(word.startsWith("-") ? `unknown option \`${word}'` : `unknown argument \`${word}'`);
    const { part } = known;
    if (this.#isIllegal(part)) throw new Refusal(`Illegal option \`--${part}' with this command`);
    const value = this.#value(name, attached);
    request.values.set(part, value);
    const test = known.test(value);
    if (!(this.#command === "U" && UPDATED.has(part))) this.#filter(test);
  }

  /** A family goes with looking, a timeout with making and changing. */
  #isIllegal(part: Part): boolean {
    const command = this.#command ?? "";
    if (part === "family") return MAKING.has(command) || command === "U";
    return part === "timeout" && !MAKING.has(command) && command !== "U";
  }

  #filter(test: Test): void {
    if (!MAKING.has(this.#command ?? "")) this.#request.tests.push(test);
  }

  #protocol(text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const protocol = parseProtocol(text);
    if (protocol === undefined) throw new Refusal(`\`${text}' unsupported protocol`);
    return protocol;
  }

  #value(name: string, attached: string | undefined): string {
    const value = attached ?? this.#words[this.#at++];
    if (value === undefined) throw new Refusal(`option \`${name}' requires an argument`);
    return value;
  }

  #output(kind: string): void {
    if (kind === "extended") this.#request.extended = true;
    else if (kind === "id") this.#request.ids = true;
    else throw new Refusal(`output type \`${kind}' is not supported here; supported: extended, id`);
  }

  #event(event: string): void {
    if (event === "ALL") for (const each of ["NEW", "UPDATE", "DESTROY"] as const) this.#request.events.add(each);
    else if (event === "NEW" || event === "DESTROY") this.#request.events.add(event);
    else if (event === "UPDATE" || event === "UPDATES") this.#request.events.add("UPDATE");
    else throw new Refusal(`Bad parameter \`${event}'`);
  }

  #nat(part: "srcNat" | "dstNat", attached: string | undefined, mapped: Test, read: (entry: Connection) => Ip): void {
    const next = this.#words[this.#at];
    const text = attached ?? (next !== undefined && !next.startsWith("-") ? next : undefined);
    if (attached === undefined && text !== undefined) this.#at++;
    const wanted = text === undefined ? undefined : mappingOf(text);
    if (text !== undefined) this.#request.values.set(part, text);
    this.#filter((entry) => mapped(entry) && (!wanted || read(entry) === wanted.ip));
  }
}
