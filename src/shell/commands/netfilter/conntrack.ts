/** conntrack (conntrack-tools): lists, deletes, counts and follows tracked connections. */
import { type Family, type Ip, parseIp } from "../../../kernel/address.ts";
import { type Connection, describeConnection, describeEvent } from "../../../kernel/netfilter/conntrack.ts";
import { parseProtocol } from "../../../kernel/netfilter/names.ts";
import { TCP_STATES } from "../../../kernel/netfilter/tcp-state.ts";
import { type Op, Signal, WaitQueue } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { CONNTRACK_USAGE } from "./conntrack-usage.ts";

const VERSION = "conntrack v1.4.9 (conntrack-tools)";

/** A refusal: the text after the version, and whether the hint to --help follows. */
class Refusal {
  readonly message: string;
  readonly status: number;

  constructor(message: string, status = 2) {
    this.message = message;
    this.status = status;
  }
}

type Test = (entry: Connection) => boolean;
type EventName = "NEW" | "UPDATE" | "DESTROY";

interface Request {
  command: string | undefined;
  table: string;
  readonly tests: Test[];
  protocol: number | undefined;
  extended: boolean;
  ids: boolean;
  readonly events: Set<EventName>;
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
const UNSUPPORTED = new Set(["I", "U", "A"]);

function address(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Refusal(`Invalid IP address \`${text}'`);
  return ip;
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65535)) throw new Refusal(`Invalid port \`${text}'`);
  return value;
}

const isSourceMapped = ({ original, reply }: Connection): boolean => reply.dst !== original.src;
const isDestinationMapped = ({ original, reply }: Connection): boolean => reply.src !== original.dst;

/** Filters that take a value, by option: each makes a test of entries. */
const FILTERS: readonly (readonly [names: readonly string[], make: (value: string) => Test])[] = [
  [
    ["-s", "--src", "--orig-src"],
    (value) =>
      (
        (ip) => (entry) =>
          entry.original.src === ip
      )(address(value)),
  ],
  [
    ["-d", "--dst", "--orig-dst"],
    (value) =>
      (
        (ip) => (entry) =>
          entry.original.dst === ip
      )(address(value)),
  ],
  [
    ["-r", "--reply-src"],
    (value) =>
      (
        (ip) => (entry) =>
          entry.reply.src === ip
      )(address(value)),
  ],
  [
    ["-q", "--reply-dst"],
    (value) =>
      (
        (ip) => (entry) =>
          entry.reply.dst === ip
      )(address(value)),
  ],
  [["-f", "--family"], familyTest],
  [["-m", "--mark"], markTest],
  [["-u", "--status"], statusTest],
];

/** Filters of TCP and UDP, and of ICMP: options only once `-p` has been read. */
const PORT_FILTERS: readonly (readonly [names: readonly string[], make: (value: string) => Test])[] = [
  [
    ["--sport", "--orig-port-src"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.original.srcPort === wanted
      )(port(value)),
  ],
  [
    ["--dport", "--orig-port-dst"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.original.dstPort === wanted
      )(port(value)),
  ],
  [
    ["--reply-port-src"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.reply.srcPort === wanted
      )(port(value)),
  ],
  [
    ["--reply-port-dst"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.reply.dstPort === wanted
      )(port(value)),
  ],
];
const TCP_FILTERS: typeof PORT_FILTERS = [...PORT_FILTERS, [["--state"], stateTest]];
const ICMP_FILTERS: typeof PORT_FILTERS = [
  [
    ["--icmp-type", "--icmpv6-type"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.original.dstPort >> 8 === wanted
      )(port(value)),
  ],
  [
    ["--icmp-code", "--icmpv6-code"],
    (value) =>
      (
        (wanted) => (entry) =>
          (entry.original.dstPort & 255) === wanted
      )(port(value)),
  ],
  [
    ["--icmp-id", "--icmpv6-id"],
    (value) =>
      (
        (wanted) => (entry) =>
          entry.original.srcPort === wanted
      )(port(value)),
  ],
];

function familyTest(value: string): Test {
  const family: Family | undefined = value === "ipv4" ? 4 : value === "ipv6" ? 6 : undefined;
  if (!family) throw new Refusal(`\`${value}' unsupported protocol`);
  return (entry) => entry.family === family;
}

function markTest(value: string): Test {
  const [mark, mask] = value.split("/").map(Number) as [number, number?];
  return (entry) => (mask === undefined ? entry.mark === mark : (entry.mark & mask) >>> 0 === mark);
}

const STATUS_TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["ASSURED", (entry) => entry.assured],
  ["SEEN_REPLY", (entry) => entry.seenReply],
  ["UNREPLIED", (entry) => !entry.seenReply],
  ["UNSET", (entry) => !entry.seenReply],
  ["SRC_NAT", (entry) => entry.sourceNat],
  ["DST_NAT", (entry) => entry.destinationNat],
  ["CONFIRMED", (entry) => entry.confirmed],
]);

function statusTest(value: string): Test {
  const wanted = value
    .toUpperCase()
    .split(",")
    .map((name) => {
      const test = STATUS_TESTS.get(name);
      if (!test) throw new Refusal(`Bad status \`${value}'`);
      return test;
    });
  return (entry) => wanted.every((test) => test(entry));
}

function stateTest(value: string): Test {
  if (!TCP_STATES.some((state) => state === value.toUpperCase())) throw new Refusal(`unknown TCP state \`${value}'`);
  return (entry) => entry.protocolState === value.toUpperCase();
}

function protocolFilters(protocol: number | undefined): typeof PORT_FILTERS {
  if (protocol === 6) return TCP_FILTERS;
  if (protocol === 17 || protocol === 132 || protocol === 33) return PORT_FILTERS;
  return protocol === 1 || protocol === 58 ? ICMP_FILTERS : [];
}

/** Reads the words after the program's name. Throws a Refusal. */
class RequestParser {
  readonly #words: readonly string[];
  #at = 0;
  readonly #request: Request = {
    command: undefined,
    table: "conntrack",
    tests: [],
    protocol: undefined,
    extended: false,
    ids: false,
    events: new Set(),
  };

  constructor(words: readonly string[]) {
    this.#words = words;
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
        request.tests.push((entry) => entry.original.protocol === request.protocol);
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
        this.#nat(attached, isSourceMapped, (entry) => entry.reply.dst);
        return;
      case "-g":
      case "--dst-nat":
        this.#nat(attached, isDestinationMapped, (entry) => entry.reply.src);
        return;
      case "-j":
      case "--any-nat":
        request.tests.push((entry) => isSourceMapped(entry) || isDestinationMapped(entry));
        return;
      case "-b":
      case "--buffer-size":
        this.#value(name, attached);
        return;
      case "-z":
      case "--zero":
        return;
    }
    const filter = [...FILTERS, ...protocolFilters(request.protocol)].find(([names]) => names.includes(name));
    if (!filter) throw new Refusal(word.startsWith("-") ? `unknown option \`${word}'` : `unknown argument \`${word}'`);
    request.tests.push(filter[1](this.#value(name, attached)));
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
    else throw new Refusal(`Bad event mask \`${event}'`);
  }

  #nat(attached: string | undefined, mapped: Test, read: (entry: Connection) => Ip): void {
    const next = this.#words[this.#at];
    const text = attached ?? (next !== undefined && !next.startsWith("-") ? next : undefined);
    if (attached === undefined && text !== undefined) this.#at++;
    const ip = text === undefined ? undefined : address(text);
    this.#request.tests.push((entry) => mapped(entry) && (ip === undefined || read(entry) === ip));
  }
}

const FAMILY_WORDS: Readonly<Record<Family, string>> = { 4: "ipv4     2 ", 6: "ipv6     10 " };

function line(process: Process, request: Request, entry: Connection): string {
  const head = request.extended ? FAMILY_WORDS[entry.family] : "";
  const id = request.ids ? ` id=${entry.id}` : "";
  return `${head}${describeConnection(entry, process.netns.kernel.clock.now)}${id}\n`;
}

/** Prints entries and how many they were. Through a pipe the entries, which are buffered, come after the line on stderr. */
function show(process: Process, request: Request, entries: readonly Connection[], done: string): void {
  const text = entries.map((entry) => line(process, request, entry)).join("");
  const things = request.table === "expect" ? "expectations" : "flow entries";
  const summary = `${VERSION}: ${entries.length} ${things} have been ${done}.\n`;
  if (process.tty) process.stdout.write(text);
  process.stderr.write(summary);
  if (!process.tty) process.stdout.write(text);
}

function* follow(process: Process, request: Request): Op<number> {
  const { netfilter, kernel } = process.netns;
  const { conntrack } = netfilter;
  const queue: string[] = [];
  const woken = new WaitQueue();
  let count = 0;
  const listener = (what: EventName, entry: Connection): void => {
    if ((request.events.size && !request.events.has(what)) || !request.tests.every((test) => test(entry))) return;
    queue.push(describeEvent(what, entry, kernel.clock.now));
    woken.wake();
  };
  conntrack.listeners.add(listener);
  try {
    for (;;) {
      for (const text of queue.splice(0)) {
        count++;
        process.stdout.write(`${text}\n`);
      }
      yield woken;
    }
  } catch (thrown) {
    if (!(thrown instanceof Signal)) throw thrown;
    process.stderr.write(`${VERSION}: ${count} flow events have been shown.\n`);
    return 0;
  } finally {
    conntrack.listeners.delete(listener);
  }
}

function statistics(process: Process): string {
  const { invalid, insertFailed, drop, earlyDrop } = process.netns.netfilter.conntrack.statistics;
  return `cpu=0   \tfound=0 invalid=${invalid} insert=0 insert_failed=${insertFailed} drop=${drop} early_drop=${earlyDrop} error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n`;
}

function* carryOut(process: Process, request: Request): Op<number> {
  const { conntrack } = process.netns.netfilter;
  const matching = (): Connection[] =>
    request.table === "conntrack" ? conntrack.list().filter((entry) => request.tests.every((test) => test(entry))) : [];
  switch (request.command) {
    case "L":
      show(process, request, matching(), "shown");
      return 0;
    case "G": {
      const [entry] = matching();
      if (!entry) throw new Refusal("Operation failed: such conntrack doesn't exist", 1);
      show(process, request, [entry], "shown");
      return 0;
    }
    case "D": {
      // Without a filter there is nothing that it could mean but everything, and that is -F's.
      const entries = request.tests.length ? matching() : [];
      show(process, request, entries, "deleted");
      for (const entry of entries) conntrack.remove(entry);
      return entries.length ? 0 : 1;
    }
    case "F":
      conntrack.flush();
      process.stderr.write(`${VERSION}: ${request.table === "expect" ? "expectation" : "connection tracking"} table has been emptied.\n`);
      return 0;
    case "C":
      process.stdout.write(`${request.table === "conntrack" ? conntrack.list().length : 0}\n`);
      return 0;
    case "S":
      process.stdout.write(statistics(process));
      return 0;
    default:
      return yield* follow(process, request);
  }
}

function* run(process: Process): Op<number> {
  try {
    const request = new RequestParser(process.argv.slice(1)).parse();
    const { command } = request;
    if (command === undefined || command === "h") {
      process.stdout.write(CONNTRACK_USAGE);
      return 0;
    }
    if (command === "V") {
      process.stdout.write(`${VERSION}\n`);
      return 0;
    }
    if (UNSUPPORTED.has(command)) throw new Refusal(`-${command} is not supported here; supported commands: -L -G -D -F -C -S -E`);
    if (!process.capabilities.has("NET_ADMIN"))
      throw new Refusal("Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this", 1);
    return yield* carryOut(process, request);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const hint = thrown.status === 2 ? "Try `conntrack -h' or 'conntrack --help' for more information.\n" : "";
    process.stderr.write(`${VERSION}: ${thrown.message}\n${hint}`);
    return thrown.status;
  }
}

export const conntrack: Command = {
  name: "conntrack",
  summary: "Show and delete tracked connections",
  userlands: ["host"],
  run,
  complete: () => ["-L", "-D", "-F", "-C", "-E", "-S", "-p", "-s", "-d", "-o"],
};
