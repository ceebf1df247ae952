/** conntrack (conntrack-tools): lists, deletes, counts and follows tracked connections. */
import type { Family } from "../../../kernel/address.ts";
import type { Connection, ConntrackEvent } from "../../../kernel/netfilter/conntrack.ts";
import { describeConnection, describeEvent } from "../../../kernel/netfilter/conntrack-text.ts";
import { type Op, Signal, WaitQueue } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { addEntry, changeEntry, createEntry } from "./conntrack-change.ts";
import { Refusal, type Request, RequestParser } from "./conntrack-request.ts";
import { CONNTRACK_USAGE } from "./conntrack-usage.ts";

const VERSION = "conntrack v1.4.9 (conntrack-tools)";

const FAMILY_WORDS: Readonly<Record<Family, string>> = { 4: "ipv4     2 ", 6: "ipv6     10 " };

/** `use`: how many hold the entry while it is told: the table, and who asked for this one alone. */
function line(process: Process, request: Request, entry: Connection, use: number): string {
  const head = request.extended ? FAMILY_WORDS[entry.family] : "";
  const id = request.ids ? ` id=${entry.id}` : "";
  return `${head}${describeConnection(entry, process.netns.kernel.clock.now, use)}${id}\n`;
}

/** Prints entries and how many they were. Through a pipe the entries, which are buffered, come after the line on stderr. */
function show(process: Process, request: Request, entries: readonly Connection[], done: string, use = 1): void {
  const text = entries.map((entry) => line(process, request, entry, use)).join("");
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
  const listener = (what: ConntrackEvent, entry: Connection, by?: number): void => {
    if ((request.events.size && !request.events.has(what)) || !request.tests.every((test) => test(entry))) return;
    queue.push(describeEvent(what, entry, kernel.clock.now, by));
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
    case "I":
      if (request.table === "expect") throw new Refusal("-I expect is not supported here; supported: -I conntrack");
      if (!createEntry(process, request)) throw new Refusal("Operation failed: Such conntrack exists, try -U to update", 1);
      process.stderr.write(`${VERSION}: 1 flow entries have been created.\n`);
      return 0;
    case "A":
      addEntry(process, request);
      process.stderr.write(`${VERSION}: 1 flow entries have been added.\n`);
      return 0;
    case "U": {
      const entries = request.values.size > 0 ? matching() : [];
      for (const entry of entries) changeEntry(process, request, entry);
      show(process, request, entries, "updated", 2);
      return entries.length > 0 ? 0 : 1;
    }
    case "G": {
      if (request.protocol === undefined) throw new Refusal("You need to supply the `--protonum' option for this command");
      const [entry] = matching();
      if (!entry) throw new Refusal("Operation failed: such conntrack doesn't exist", 1);
      show(process, request, [entry], "shown", 2);
      return 0;
    }
    case "D": {
      const entries = matching();
      show(process, request, entries, "deleted");
      for (const entry of entries) conntrack.remove(entry, process.pid);
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
