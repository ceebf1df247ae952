/** grep, egrep, fgrep: lines that match. */
import type { Input } from "../../../../kernel/stdio.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { Pattern } from "../../../language/pattern.ts";
import { Regex } from "../../../regex.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { Call, type ToolSpec, tool } from "../tool.ts";

const SPEC: ToolSpec = {
  name: "grep",
  summary: "lines that match",
  short: "A:abB:C:ce:EFf:GHhIiLlm:noPqRrsTUvwxyZz",
  busybox: "A:B:C:ce:EFf:HhiLlm:noqrRsvwxyz",
  long: {
    "after-context": "A",
    "before-context": "B",
    context: "C",
    count: "c",
    regexp: "e",
    "extended-regexp": "E",
    "fixed-strings": "F",
    file: "f",
    "basic-regexp": "G",
    "with-filename": "H",
    "no-filename": "h",
    "ignore-case": "i",
    "files-without-match": "L",
    "files-with-matches": "l",
    "max-count": "m",
    "line-number": "n",
    "only-matching": "o",
    "perl-regexp": "P",
    quiet: "q",
    silent: "q",
    recursive: "r",
    "dereference-recursive": "R",
    "no-messages": "s",
    "invert-match": "v",
    "word-regexp": "w",
    "line-regexp": "x",
    "null-data": "z",
    "byte-offset": "b",
    color: "color",
    colour: "color",
    include: "include:",
    exclude: "exclude:",
    "exclude-dir": "exclude-dir:",
    "line-buffered": "line-buffered",
    text: "a",
  },
  synopsis: "[OPTION]... PATTERNS [FILE]...",
  usageStatus: 2,
  showsSynopsis: true,
  prepare: (words) =>
    words
      .map((word) =>
        /^-\d+$/.test(word) ? `-C${word.slice(1)}` : /^--colou?r=/.test(word) ? `--color${word.endsWith("=always") ? "" : "-off"}` : word,
      )
      .filter((word) => word !== "--color-off"),
};

/** What is looked for in a line: where the next match is. */
interface Matcher {
  find(line: string, from: number): { readonly start: number; readonly end: number } | undefined;
}

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char);

/** Fixed strings, the longest at the leftmost place. */
function fixed(patterns: readonly string[], ignoreCase: boolean): Matcher {
  const wanted = patterns.map((pattern) => (ignoreCase ? pattern.toLowerCase() : pattern));
  return {
    find(line, from) {
      const text = ignoreCase ? line.toLowerCase() : line;
      let best: { start: number; end: number } | undefined;
      for (const pattern of wanted) {
        const start = text.indexOf(pattern, from);
        if (start < 0) continue;
        const end = start + pattern.length;
        if (!best || start < best.start || (start === best.start && end > best.end)) best = { start, end };
      }
      return best;
    },
  };
}

/** -w: only where no letter stands before or behind. -x: only the whole line. */
function restricted(matcher: Matcher, whole: "word" | "line"): Matcher {
  return {
    find(line, from) {
      if (whole === "line") {
        const found = from > 0 ? undefined : matcher.find(line, 0);
        return found && found.start === 0 && found.end === line.length ? found : undefined;
      }
      for (let at = from; at <= line.length; ) {
        const found = matcher.find(line, at);
        if (!found) return undefined;
        if (!isWord(line[found.start - 1]) && !isWord(line[found.end])) return found;
        at = found.start + 1;
      }
      return undefined;
    },
  };
}

/** A matcher for the patterns, or what is wrong with one of them. */
function matcherOf(call: Call, patterns: readonly string[], extended: boolean, literal: boolean): Matcher | string {
  const ignoreCase = call.has("i") || call.has("y");
  const whole = call.has("x") ? "line" : call.has("w") ? "word" : undefined;
  if (literal) {
    const matcher = fixed(patterns, ignoreCase);
    return whole ? restricted(matcher, whole) : matcher;
  }
  const regexes: Regex[] = [];
  for (const pattern of patterns) {
    // -x and -w go into the pattern, so that the matcher looks for a longer or shorter way.
    const source = whole === "line" ? (extended || call.has("P") ? `^(${pattern})$` : `^\\(${pattern}\\)$`) : pattern;
    const regex = Regex.compile(source, { extended, ignoreCase, perl: call.has("P") });
    if (!(regex instanceof Regex))
      return call.busybox
        ? `bad regex '${pattern}'`
        : regex.message === "Unmatched [, [^, [:, [., or [="
          ? "Invalid regular expression"
          : regex.message;
    regexes.push(regex);
  }
  const matcher: Matcher = {
    find(line, from) {
      let best: { readonly start: number; readonly end: number } | undefined;
      for (const regex of regexes) {
        const found = regex.exec(line, from);
        if (found && (!best || found.start < best.start || (found.start === best.start && found.end > best.end))) best = found;
      }
      return best;
    },
  };
  return whole === "word" ? restricted(matcher, "word") : matcher;
}

interface Search {
  readonly call: Call;
  readonly flow: Flow;
  readonly matcher: Matcher;
  readonly names: boolean;
  readonly before: number;
  readonly after: number;
  readonly most: number;
  /** A group of lines has been printed: the next is set apart. */
  grouped: boolean;
}

const ESC = "\x1b";
const coloured = (code: string, text: string): string => `${ESC}[${code}m${ESC}[K${text}${ESC}[m${ESC}[K`;

/** Searches one input; gives how many lines were selected. */
function* search(input: Input, name: string, run: Search): Op<number> {
  const { call, flow, matcher } = run;
  const [invert, only, quiet] = [call.has("v"), call.has("o"), call.has("q")];
  const silent = quiet || call.has("l") || call.has("L") || call.has("c");
  const colour = call.has("color");
  const end = call.has("z") ? "\0" : "\n";
  let selected = 0;
  let number = 0;
  let offset = 0;
  let held: { readonly text: string; readonly number: number; readonly offset: number }[] = [];
  let trailing = 0;
  let lastPrinted = 0;
  const prefix = (line: number, at: number, mark: ":" | "-"): string => {
    const sign = colour ? coloured("36", mark) : mark;
    const file = run.names ? (colour ? coloured("35", name) : name) + sign : "";
    const where = call.has("n") ? (colour ? coloured("32", String(line)) : String(line)) + sign : "";
    return file + where + (call.has("b") ? `${at}${mark}` : "");
  };
  const highlight = (text: string): string => {
    let out = "";
    let from = 0;
    for (let found = matcher.find(text, 0); found; found = matcher.find(text, from)) {
      if (found.end === found.start) break;
      out += text.slice(from, found.start) + coloured("01;31", text.slice(found.start, found.end));
      from = found.end;
    }
    return out + text.slice(from);
  };
  const print = (text: string, line: number, at: number, mark: ":" | "-"): void => {
    const apart = run.before > 0 || run.after > 0;
    if (apart && !only && lastPrinted < line - 1 && (run.grouped || lastPrinted > 0))
      flow.print(colour ? `${coloured("36", "--")}\n` : "--\n");
    run.grouped = true;
    lastPrinted = line;
    flow.print(`${prefix(line, at, mark)}${colour && mark === ":" && !invert ? highlight(text) : text}${end}`);
  };
  yield* flow.lines(
    input,
    (text) => {
      number++;
      const at = offset;
      offset += utf8Length(text) + 1;
      flow.effort.spend(0.05 + text.length / 400);
      const first = matcher.find(text, 0);
      if ((first !== undefined) !== invert && selected < run.most) {
        selected++;
        if (quiet || call.has("l") || call.has("L")) return false;
        if (silent) return selected < run.most;
        if (only) {
          if (!invert) printMatches(text, number, at);
          return selected < run.most;
        }
        for (const one of held) print(one.text, one.number, one.offset, "-");
        held = [];
        print(text, number, at, ":");
        trailing = run.after;
        return selected < run.most || trailing > 0;
      }
      if (silent || only) return true;
      if (trailing > 0) {
        trailing--;
        print(text, number, at, "-");
        return selected < run.most || trailing > 0;
      }
      if (run.before > 0) {
        held.push({ text, number, offset: at });
        if (held.length > run.before) held.shift();
      }
      return true;
    },
    end,
  );
  function printMatches(text: string, line: number, at: number): void {
    let from = 0;
    for (let found = matcher.find(text, 0); found; found = matcher.find(text, from)) {
      const piece = text.slice(found.start, found.end);
      if (piece !== "")
        flow.print(`${prefix(line, at + utf8Length(text.slice(0, found.start)), ":")}${colour ? coloured("01;31", piece) : piece}\n`);
      from = piece === "" ? found.end + 1 : found.end;
      if (from > text.length) break;
    }
  }
  if (call.has("c") && !quiet) flow.print(`${run.names ? `${name}:` : ""}${selected}\n`);
  if (call.has("l") && selected > 0 && !quiet) flow.print(`${name}\n`);
  if (call.has("L") && selected === 0 && !quiet) flow.print(`${name}\n`);
  return selected;
}

function* run(call: Call, flow: Flow, extended: boolean, literal: boolean): Op<number> {
  let operands = call.operands;
  const patterns = [...call.values("e")];
  for (const name of call.values("f")) {
    const input = flow.open(name);
    if (input instanceof FileError) return call.fail(`${name}: ${input.message}`, 2);
    const text = yield* flow.all(input);
    patterns.push(...linesOf(text));
  }
  if (!call.has("e") && !call.has("f")) {
    const [first, ...rest] = operands;
    if (first === undefined) {
      if (call.busybox) return call.usage(2);
      call.process.stderr.write("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
      return 2;
    }
    patterns.push(first);
    operands = rest;
  }
  const context = (letter: string): number | string => {
    const word = call.value(letter) ?? call.value("C") ?? "0";
    return /^\d{1,9}$/.test(word) ? Number(word) : word;
  };
  const [before, after] = [context("B"), context("A")];
  const most = call.value("m") ?? "";
  for (const word of [before, after])
    if (typeof word === "string")
      return call.fail(call.busybox ? `invalid number '${word}'` : `${word}: invalid context length argument`, 2);
  if (most !== "" && !/^-?\d+$/.test(most)) return call.fail(call.busybox ? `invalid number '${most}'` : "invalid max count", 2);
  // A newline in a pattern stands between two.
  const matcher = matcherOf(
    call,
    patterns.flatMap((pattern) => pattern.split("\n")),
    extended,
    literal,
  );
  if (typeof matcher === "string") return call.fail(matcher, 2);
  const recursive = call.has("r") || call.has("R");
  const files: string[] = [];
  let status = 0;
  for (const operand of operands.length > 0 ? operands : [recursive ? "." : "-"]) {
    const path = resolvePath(call.process.cwd, operand);
    if (operand !== "-" && call.process.fs.isDirectory(path)) {
      if (recursive) files.push(...filesUnder(call.process, operand, operands.length > 0, call));
      else if (!call.busybox) {
        if (!call.has("s")) call.fail(`${operand}: Is a directory`, 2);
        status = 2;
      }
    } else files.push(operand);
  }
  const names = call.has("H") || (!call.has("h") && (files.length > 1 || recursive || operands.length > 1));
  const search1: Search = {
    call,
    flow,
    matcher,
    names,
    before: before as number,
    after: after as number,
    most: most === "" || Number(most) < 0 ? Number.POSITIVE_INFINITY : Number(most),
    grouped: false,
  };
  let selected = 0;
  for (const name of files) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      if (!call.has("s")) call.fail(`${name}: ${input.message}`, 2);
      status = 2;
      continue;
    }
    const found = yield* search(input, name === "-" ? "(standard input)" : name, search1);
    selected += call.has("L") ? (found === 0 ? 1 : 0) : found;
    if (selected > 0 && call.has("q")) return 0;
  }
  return status === 2 ? 2 : selected > 0 ? 0 : 1;
}

/** How many files a recursive search goes through at most. */
const MAX_FILES = 20_000;

function filesUnder(process: Process, root: string, named: boolean, call: Call): string[] {
  const found: string[] = [];
  const include = call.values("include").map((pattern) => new Pattern(pattern));
  const exclude = call.values("exclude").map((pattern) => new Pattern(pattern));
  const without = call.values("exclude-dir").map((pattern) => new Pattern(pattern));
  const visit = (name: string, depth: number): void => {
    const path = resolvePath(process.cwd, name);
    const names = process.fs.list(path);
    if (names instanceof FileError || depth > 64) return;
    for (const child of names) {
      if (found.length >= MAX_FILES) return;
      const at = resolvePath(path, child);
      const shown = name.endsWith("/") ? `${name}${child}` : `${name}/${child}`;
      if (process.fs.linkTarget(at) !== undefined) continue;
      if (process.fs.isDirectory(at)) {
        if (!without.some((pattern) => pattern.matches(child))) visit(shown, depth + 1);
      } else if (
        (include.length === 0 || include.some((pattern) => pattern.matches(child))) &&
        !exclude.some((pattern) => pattern.matches(child))
      )
        found.push(shown);
    }
  };
  visit(root, 0);
  return named ? found : found.map((name) => (call.busybox ? name : name.replace(/^\.\//, "")));
}

const variant = (name: string, summary: string, extended: boolean, literal: boolean): Command =>
  tool({ ...SPEC, name, summary }, (given) => {
    // All three speak as grep.
    const call = new Call(given.process, SPEC, given.given, given.operands);
    const asExtended = call.has("E") || (extended && !call.has("G"));
    return flowing(call.process, "grep", (flow) => run(call, flow, asExtended, call.has("F") || (literal && !call.has("E"))), 2);
  });

export const grepCommands: readonly Command[] = [
  variant("grep", "lines that match", false, false),
  variant("egrep", "lines that match an extended expression", true, false),
  variant("fgrep", "lines that hold a text", false, true),
];
