/** shuf, expand, unexpand, factor. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";

/** Lines that one call prints at most. */
const MOST = 100_000;

function* shuffle(call: Call, flow: Flow): Op<number> {
  const { random } = call.process.machine.kernel;
  const word = call.value("n");
  if (word !== undefined && !/^\d+$/.test(word))
    return call.fail(call.busybox ? `invalid number '${word}'` : `invalid line count: '${word}'`);
  const range = call.value("i");
  let lines: string[];
  if (call.has("e")) lines = [...call.operands];
  else if (range !== undefined) {
    const match = /^(\d+)-(\d+)$/.exec(range);
    const [from, to] = [Number(match?.[1]), Number(match?.[2])];
    if (!match || from > to + 1 || to - from > MOST)
      return call.fail(call.busybox ? `bad range '${range}'` : `invalid input range: '${range}'`);
    lines = Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
  } else {
    const file = call.operands[0] ?? "-";
    const input = flow.open(file);
    if (input instanceof FileError) return call.fail(`${file}: ${input.message}`);
    lines = [...linesOf(yield* flow.all(input))];
  }
  const count = Math.min(MOST, word === undefined ? (call.has("r") ? MOST : lines.length) : Number(word));
  if (call.has("r") && lines.length > 0) lines = Array.from({ length: count }, () => lines[random.below(lines.length)] as string);
  else random.shuffle(lines);
  for (const line of lines.slice(0, count)) flow.print(`${line}${call.has("z") ? "\0" : "\n"}`);
  return 0;
}

/** Where a tab at a column leads to. */
function stopAfter(column: number, stops: readonly number[]): number {
  if (stops.length === 1) return column + (stops[0] as number) - (column % (stops[0] as number));
  return stops.find((stop) => stop > column) ?? column + 1;
}

function expanded(line: string, stops: readonly number[], initial: boolean): string {
  let text = "";
  let begun = false;
  for (const char of line) {
    if (char === "\t" && !(initial && begun)) text = text.padEnd(stopAfter(text.length, stops));
    else text += char;
    begun ||= char !== "\t" && char !== " ";
  }
  return text;
}

/** Blanks before the text, or all that reach a stop, as tabs. */
function unexpanded(line: string, stops: readonly number[], all: boolean): string {
  let text = "";
  let column = 0;
  let blanks = 0;
  let begun = false;
  for (const char of line) {
    if (char === " " && (all || !begun)) {
      blanks++;
      column++;
      if (stopAfter(column - 1, stops) === column) {
        text += blanks > 1 || !begun ? "\t" : " ";
        blanks = 0;
      }
      continue;
    }
    if (char === "\t" && (all || !begun)) {
      text += "\t";
      column = stopAfter(column, stops);
      blanks = 0;
      continue;
    }
    begun = true;
    text += " ".repeat(blanks) + char;
    blanks = 0;
    column++;
  }
  return text + " ".repeat(blanks);
}

function* tabs(call: Call, flow: Flow): Op<number> {
  const word = call.value("t") ?? "8";
  const stops = word.split(/[, ]+/).map(Number);
  const bad = word.split(/[, ]+/).find((stop) => !/^\d+$/.test(stop));
  if (bad !== undefined) return call.fail(call.busybox ? `invalid number '${bad}'` : `tab size contains invalid character(s): '${bad}'`);
  if (stops.includes(0)) return call.fail("tab size cannot be 0");
  let status = 0;
  for (const file of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(file);
    if (input instanceof FileError) {
      status = call.fail(`${file}: ${input.message}`);
      continue;
    }
    yield* flow.lines(input, (line, terminated) => {
      const changed =
        call.spec.name === "expand" ? expanded(line, stops, call.has("i")) : unexpanded(line, stops, call.has("a") || call.has("t"));
      flow.print(changed + (terminated ? "\n" : ""));
      return undefined;
    });
  }
  return status;
}

/** The largest number whose factors are looked for: beyond it division would take too long. */
const LARGEST = 1_000_000_000_000_000;

function factorsOf(number: number): readonly number[] {
  const factors: number[] = [];
  let rest = number;
  for (let divisor = 2; divisor * divisor <= rest; divisor += divisor === 2 ? 1 : 2)
    while (rest % divisor === 0) {
      factors.push(divisor);
      rest /= divisor;
    }
  if (rest > 1) factors.push(rest);
  return factors;
}

function* factor(call: Call, flow: Flow): Op<number> {
  const words = call.operands.length > 0 ? call.operands : (yield* flow.all(call.process.stdin)).split(/\s+/).filter(Boolean);
  let status = 0;
  for (const word of words) {
    if (!/^\d+$/.test(word)) {
      if (call.busybox) return call.usage();
      status = call.fail(`'${word}' is not a valid positive integer`);
      continue;
    }
    const number = Number(word);
    if (number > LARGEST) status = call.fail(`'${word}' is too large here; up to ${LARGEST} is supported`);
    else
      flow.print(
        `${word}:${factorsOf(number)
          .map((one) => ` ${one}`)
          .join("")}\n`,
      );
    yield* flow.flush();
  }
  return status;
}

const filter = (spec: Parameters<typeof tool>[0], run: (call: Call, flow: Flow) => Op<number>): Command =>
  tool(spec, (call) => flowing(call.process, spec.name, (flow) => run(call, flow)));

export const arrangeCommands: readonly Command[] = [
  filter(
    {
      name: "shuf",
      summary: "lines in random order",
      short: "en:i:rz",
      busybox: "en:i:z",
      long: { echo: "e", "head-count": "n", "input-range": "i", repeat: "r", "zero-terminated": "z" },
      synopsis: "[OPTION]... [FILE]",
      unsupported: "o",
    },
    shuffle,
  ),
  filter(
    { name: "expand", summary: "tabs to blanks", short: "it:", long: { initial: "i", tabs: "t" }, synopsis: "[OPTION]... [FILE]..." },
    tabs,
  ),
  filter(
    { name: "unexpand", summary: "blanks to tabs", short: "at:", long: { all: "a", tabs: "t" }, synopsis: "[OPTION]... [FILE]..." },
    tabs,
  ),
  filter({ name: "factor", summary: "prime factors", short: "", synopsis: "[NUMBER]..." }, factor),
];
