/** xargs: commands made of what is read. */
import { NO_INPUT } from "../../../../kernel/stdio.ts";
import { anyOf, type Op, Signal } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Child } from "../../../command.ts";
import { openInput } from "../../../open.ts";
import { waitFor } from "../../../process.ts";
import { type Flow, flowing } from "../flow.ts";
import { execError } from "../process/life.ts";
import { type Call, tool } from "../tool.ts";

/** Characters of one command line, at most (128 KiB less what the environment takes). */
const MOST = 127_000;

interface Item {
  readonly text: string;
  /** The number of the input line that it ends, trailing blanks joining lines. */
  readonly line: number;
}

/** The words of the input; a text tells which quote was left open. */
function wordsOf(text: string, busybox: boolean): { readonly items: readonly Item[]; readonly unmatched: string | undefined } {
  const items: Item[] = [];
  let word: string | undefined;
  let quote = "";
  let line = 0;
  let filled = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\n" && !busybox) return { items, unmatched: quote };
      else word += char;
      continue;
    }
    if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && i + 1 < text.length) word = (word ?? "") + text[++i];
    else if (/\s/.test(char)) {
      if (word !== undefined) {
        items.push({ text: word, line });
        filled = true;
        word = undefined;
      }
      // A line that ends in a blank goes on in the next (-L).
      if (char === "\n" && filled && !/[ \t]/.test(text[i - 1] ?? "")) {
        line++;
        filled = false;
      }
    } else word = (word ?? "") + char;
  }
  if (quote !== "") return { items, unmatched: quote };
  if (word !== undefined) items.push({ text: word, line });
  return { items, unmatched: undefined };
}

/** Items as the options say they are set apart. */
function itemsOf(call: Call, text: string): { readonly items: readonly Item[]; readonly unmatched: string | undefined } {
  const delimiter = call.has("0")
    ? "\0"
    : call.value("d")?.replace(/\\(.)/, (_all, letter: string) => ({ n: "\n", t: "\t", "0": "\0" })[letter] ?? letter);
  if (delimiter !== undefined) {
    const parts = text.split(delimiter);
    if (parts.at(-1) === "") parts.pop();
    return { items: parts.map((part, line) => ({ text: part, line })), unmatched: undefined };
  }
  if (call.has("I")) {
    const items: Item[] = [];
    for (const [line, one] of text.split("\n").entries()) {
      const { items: words, unmatched } = wordsOf(one.trim().replace(/[ \t]/g, "\\$&"), call.busybox);
      if (unmatched !== undefined) return { items, unmatched };
      if (one.trim() !== "") items.push({ text: words.map((word) => word.text).join(" "), line });
    }
    return { items, unmatched: undefined };
  }
  return wordsOf(text, call.busybox);
}

/** The items of each command line. */
function groupsOf(
  call: Call,
  items: readonly Item[],
  fixed: number,
  limits: { readonly words: number; readonly lines: number },
): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let group: string[] = [];
  let size = fixed;
  let firstLine = 0;
  for (const { text, line } of items) {
    const full = group.length >= limits.words || line - firstLine >= limits.lines || size + text.length + 1 > MOST;
    if (group.length > 0 && (full || call.has("I"))) {
      groups.push(group);
      group = [];
      size = fixed;
    }
    if (group.length === 0) firstLine = line;
    group.push(text);
    size += text.length + 1;
  }
  if (group.length > 0) groups.push(group);
  else if (!call.has("r") && !call.has("I") && groups.length === 0) groups.push([]);
  return groups;
}

/** A positive number that an option was given; undefined when it was not. A text complains. */
function numberOf(call: Call, letter: string, least: number): number | undefined | string {
  const word = call.value(letter);
  if (word === undefined) return undefined;
  if (!/^\d{1,9}$/.test(word)) return call.busybox ? `invalid number '${word}'` : `invalid number "${word}" for -${letter} option`;
  return Number(word) < least
    ? call.busybox
      ? `number ${word} is not in ${least}..2147483647 range`
      : `value ${word} for -${letter} option should be >= ${least}`
    : Number(word);
}

/** Programs that run beside each other, at most `most` of them. */
class Crew {
  readonly #call: Call;
  readonly #most: number;
  #running: Child[] = [];
  status = 0;
  /** Set when no more are to be started. */
  stopped = false;

  constructor(call: Call, most: number) {
    this.#call = call;
    this.#most = most;
  }

  *add(argv: readonly string[]): Op<void> {
    while (this.#running.length >= this.#most) yield* this.#settle();
    if (this.stopped) return;
    const { process } = this.#call;
    if (this.#call.has("t")) process.stderr.write(`${argv.join(" ")}\n`);
    const child = process.spawn(argv, { stdio: this.#call.has("a") ? {} : { stdin: NO_INPUT } });
    if ("reason" in child) {
      const why = execError(child.reason);
      this.status = this.#call.fail(this.#call.busybox ? `${argv[0]}: ${why}` : `failed to run command '${argv[0]}': ${why}`, child.status);
      this.stopped = true;
      return;
    }
    this.#running.push(child);
    if (this.#most === 1) yield* this.#settle();
  }

  *end(): Op<void> {
    while (this.#running.length > 0) yield* this.#settle();
  }

  /** Waits until one has ended. */
  *#settle(): Op<void> {
    if (this.#running.length > 1)
      while (!this.#running.some(({ task }) => task.done)) {
        try {
          yield anyOf(...this.#running.map(({ task }) => task.exited));
        } catch (thrown) {
          if (thrown instanceof Signal) for (const { task } of this.#running) task.signal(thrown);
          throw thrown;
        }
      }
    const child = this.#running.find(({ task }) => task.done) ?? (this.#running[0] as Child);
    const status = yield* waitFor(child);
    this.#running = this.#running.filter((one) => one !== child);
    const { outcome } = child.task;
    const name = child.process.argv[0];
    if (outcome && "signal" in outcome) {
      this.status = this.#call.fail(
        `${name}: ${this.#call.busybox ? "" : "terminated by "}${this.#call.busybox ? `killed by signal ${status - 128}` : `signal ${status - 128}`}`,
        125,
      );
      this.stopped = true;
    } else if (status === 255) {
      this.status = this.#call.fail(`${name}: exited with status 255; aborting`, 124);
      this.stopped = true;
    } else if (status !== 0 && !this.stopped) this.status = 123;
  }
}

function* run(call: Call, flow: Flow): Op<number> {
  const numbers = { n: numberOf(call, "n", 1), L: numberOf(call, "L", 1), P: numberOf(call, "P", 0) };
  for (const number of Object.values(numbers))
    if (typeof number === "string") return call.busybox ? call.fail(number) : call.misuse(number);
  const file = call.value("a");
  const input = file === undefined ? call.process.stdin : openInput(call.process, file);
  if (input instanceof FileError)
    return call.fail(call.busybox ? `can't open '${file}': ${input.message}` : `Cannot open input file '${file}': ${input.message}`);
  const { items: all, unmatched } = itemsOf(call, yield* flow.all(input));
  const end = call.value("E");
  const last = end === undefined || end === "" ? -1 : all.findIndex(({ text }) => text === end);
  const items = last < 0 ? all : all.slice(0, last);
  const command = call.operands.length > 0 ? call.operands : ["echo"];
  const mark = call.value("I");
  const crew = new Crew(call, numbers.P === 0 ? 100 : ((numbers.P as number | undefined) ?? 1));
  if (unmatched !== undefined) {
    const name = unmatched === "'" ? "single" : "double";
    if (call.busybox) return call.fail(`unmatched ${name} quote`);
    call.fail(`unmatched ${name} quote; by default quotes are special to xargs unless you use the -0 option`);
    if (items.length === 0) return 1;
  }
  const fixed = command.reduce((sum, word) => sum + word.length + 1, 0);
  const words = (numbers.n as number | undefined) ?? Number.POSITIVE_INFINITY;
  const lines = (numbers.L as number | undefined) ?? Number.POSITIVE_INFINITY;
  for (const group of groupsOf(call, items, fixed, { words, lines })) {
    yield* crew.add(
      mark === undefined
        ? [...command, ...group]
        : command.map((word) =>
            word
              .split(mark)
              .join(group[0] ?? "")
              .slice(0, MOST),
          ),
    );
    if (crew.stopped) break;
  }
  yield* crew.end();
  return unmatched === undefined ? crew.status : 1;
}

export const xargs = tool(
  {
    name: "xargs",
    summary: "runs a command with its input as arguments",
    short: "0a:d:E:I:L:n:P:rtx",
    busybox: "0a:E:I:n:P:rtx",
    long: {
      null: "0",
      "arg-file": "a",
      delimiter: "d",
      replace: "I",
      "max-lines": "L",
      "max-args": "n",
      "max-procs": "P",
      "no-run-if-empty": "r",
      verbose: "t",
      exit: "x",
    },
    synopsis: "[OPTION]... COMMAND [INITIAL-ARGS]...",
    posix: true,
    unsupported: "opseil",
  },
  (call) => flowing(call.process, "xargs", (flow) => run(call, flow)),
);
