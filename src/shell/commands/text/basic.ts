/** The small tools that scripts lean on: reading, filtering, counting, naming. */

import { anyOf, type Op, Signal, sleep, Task } from "../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../kernel/vfs.ts";
import type { Command, Process } from "../../command.ts";
import { programsOf } from "../../userland.ts";
import { dateAt, unixDate } from "../../wall-clock.ts";

type Run = (process: Process, args: readonly string[]) => Op<number>;

const command = (name: string, summary: string, run: Run): Command => ({
  name,
  summary,
  run: (process) => run(process, process.argv.slice(1)),
});

/** A tool that answers at once. */
const instant = (name: string, summary: string, run: (process: Process, args: readonly string[]) => number): Command =>
  // biome-ignore lint/correctness/useYield: answers at once
  command(name, summary, function* (process, args) {
    return run(process, args);
  });

/** Short options as a set, values of those in `valued`, and the operands. */
function options(
  args: readonly string[],
  valued = "",
): { readonly set: ReadonlySet<string>; readonly values: ReadonlyMap<string, string>; readonly rest: readonly string[] } {
  const set = new Set<string>();
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--") {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (!/^-[^-]/.test(word)) {
      rest.push(word);
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      if (valued.includes(letter)) {
        values.set(letter, word.slice(j + 1) || (args[++i] ?? ""));
        break;
      }
      set.add(letter);
    }
  }
  return { set, values, rest };
}

/** The text of the files named, or of standard input; files that cannot be read are told. */
function* inputs(
  process: Process,
  files: readonly string[],
): Op<{ readonly text: string; readonly status: number; readonly each: readonly { readonly name: string; readonly text: string }[] }> {
  if (files.length === 0) {
    const text = yield* process.stdin.readAll();
    return { text, status: 0, each: [{ name: "-", text }] };
  }
  const each: { name: string; text: string }[] = [];
  let status = 0;
  for (const name of files) {
    if (name === "-") {
      each.push({ name, text: yield* process.stdin.readAll() });
      continue;
    }
    const text = process.fs.read(resolvePath(process.cwd, name));
    if (text instanceof FileError) {
      process.stderr.write(`${process.argv[0]}: ${name}: ${text.message}\n`);
      status = 1;
    } else each.push({ name, text });
  }
  return { text: each.map((one) => one.text).join(""), status, each };
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
const print = (process: Process, lines: readonly string[]): void => process.stdout.write(lines.map((line) => `${line}\n`).join(""));

/** A regular expression as typed to grep or sed, basic or extended. */
function regex(pattern: string, extended: boolean, flags: string): RegExp | undefined {
  let source = pattern;
  if (!extended)
    source = pattern.replace(
      /\\([(){}|+?])|([(){}|+?])/g,
      (_all, escaped: string | undefined, plain: string | undefined) => escaped ?? `\\${plain}`,
    );
  source = source.replace(
    /\[\[:(\w+):\]\]/g,
    (_all, name: string) =>
      ({ digit: "\\d", space: "\\s", alpha: "[A-Za-z]", alnum: "[A-Za-z0-9]", xdigit: "[0-9a-fA-F]", upper: "[A-Z]", lower: "[a-z]" })[
        name
      ] ?? "\\S",
  );
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

const grep: Run = function* (process, args) {
  const { set, values, rest } = options(args, "eABCm");
  const patterns = values.has("e") ? [values.get("e") as string] : rest.slice(0, 1);
  const files = values.has("e") ? rest : rest.slice(1);
  const name = process.argv[0] as string;
  if (patterns.length === 0) {
    process.stderr.write("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
    return 2;
  }
  let source = patterns[0] as string;
  if (set.has("F")) source = source.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  let pattern = regex(source, set.has("E") || set.has("F") || set.has("P") || name === "egrep", set.has("i") ? "gi" : "g");
  if (pattern && set.has("w")) pattern = regex(`\\b(?:${pattern.source})\\b`, true, pattern.flags);
  if (pattern && set.has("x")) pattern = regex(`^(?:${pattern.source})$`, true, pattern.flags);
  if (!pattern) {
    process.stderr.write(`${name}: Invalid regular expression\n`);
    return 2;
  }
  const { each, status } = yield* inputs(process, files);
  const before = Number(values.get("B") ?? values.get("C") ?? 0);
  const after = Number(values.get("A") ?? values.get("C") ?? 0);
  let found = 0;
  for (const file of each) {
    const lines = linesOf(file.text);
    const prefix = each.length > 1 && !set.has("h") ? `${file.name}:` : "";
    const hits = lines.map((line) => {
      pattern.lastIndex = 0;
      return pattern.test(line) !== set.has("v");
    });
    const count = hits.filter(Boolean).length;
    found += count;
    if (set.has("q")) continue;
    if (set.has("c")) {
      print(process, [`${prefix}${count}`]);
      continue;
    }
    if (set.has("l")) {
      if (count > 0) print(process, [file.name]);
      continue;
    }
    let left = Number(values.get("m") ?? Number.POSITIVE_INFINITY);
    for (const [i, line] of lines.entries()) {
      const hit = hits[i];
      if (hit && left-- <= 0) break;
      const number = set.has("n") ? `${i + 1}:` : "";
      if (hit && set.has("o"))
        print(
          process,
          [...line.matchAll(pattern)].filter((match) => match[0] !== "").map((match) => `${prefix}${number}${match[0]}`),
        );
      else if (hit || hits.slice(i, i + before + 1).includes(true) || hits.slice(Math.max(0, i - after), i + 1).includes(true))
        print(process, [`${prefix}${number}${line}`]);
    }
  }
  return found > 0 ? 0 : status === 1 ? 2 : 1;
};

/** Numbers inside the text count as numbers (filevercmp of gnulib). */
function compareVersions(a: string, b: string): number {
  const parts = (text: string): readonly string[] => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (const [i, x] of left.entries()) {
    const y = right[i];
    if (y === undefined) return 1;
    const difference = Number(x) - Number(y);
    if (difference) return difference;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

const sort: Run = function* (process, args) {
  const { set, values, rest } = options(args, "kt");
  const { text, status } = yield* inputs(process, rest);
  const field = Number.parseInt(values.get("k") ?? "0", 10);
  const numeric = set.has("n") || /n/.test(values.get("k") ?? "");
  const separator = values.get("t");
  const key = (line: string): string =>
    field > 0 ? (separator === undefined ? line.trim().split(/\s+/) : line.split(separator)).slice(field - 1).join(separator ?? " ") : line;
  let lines = linesOf(text).sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (numeric) return (Number.parseFloat(x) || 0) - (Number.parseFloat(y) || 0) || (a < b ? -1 : a > b ? 1 : 0);
    if (set.has("V")) return compareVersions(x, y);
    return x < y ? -1 : x > y ? 1 : 0;
  });
  if (set.has("r")) lines.reverse();
  if (set.has("u")) lines = lines.filter((line, i) => i === 0 || line !== lines[i - 1]);
  print(process, lines);
  return status;
};

const wc: Run = function* (process, args) {
  const { set, rest } = options(args);
  const { each, status } = yield* inputs(process, rest);
  for (const { name, text } of each) {
    const counts = { l: text.split("\n").length - 1, w: text.split(/\s+/).filter(Boolean).length, c: text.length };
    const wanted = (["l", "w", "c"] as const).filter((letter) => set.size === 0 || set.has(letter));
    const shown = wanted
      .map((letter) => (wanted.length > 1 || rest.length > 1 ? String(counts[letter]).padStart(7) : String(counts[letter])))
      .join(" ");
    print(process, [name === "-" ? shown : `${shown} ${name}`]);
  }
  return status;
};

const ends = (last: boolean): Run =>
  function* (process, args) {
    const { values, rest } = options(
      args.map((word) => (/^-\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
      "nc",
    );
    const wanted = values.get("n") ?? "10";
    const { text, status } = yield* inputs(process, rest);
    const lines = linesOf(text);
    const count = Math.abs(Number.parseInt(wanted, 10) || 0);
    const from = wanted.startsWith("+") ? count - 1 : undefined;
    if (last) print(process, from === undefined ? lines.slice(Math.max(0, lines.length - count)) : lines.slice(Math.max(0, from)));
    else print(process, wanted.startsWith("-") ? lines.slice(0, Math.max(0, lines.length - count)) : lines.slice(0, count));
    return status;
  };

const cut: Run = function* (process, args) {
  const { set, values, rest } = options(args, "dfc");
  const list = values.get("f") ?? values.get("c");
  if (list === undefined) {
    process.stderr.write("cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n");
    return 1;
  }
  const ranges = list.split(",").map((part) => {
    const [from, to] = part.includes("-") ? part.split("-") : [part, part];
    return [Number(from || 1), to === "" ? Number.POSITIVE_INFINITY : Number(to)] as const;
  });
  const wanted = (at: number): boolean => ranges.some(([from, to]) => at >= from && at <= to);
  const separator = values.get("d") ?? "\t";
  const { text, status } = yield* inputs(process, rest);
  print(
    process,
    linesOf(text).flatMap((line) => {
      if (values.has("c")) return [[...line].filter((_, i) => wanted(i + 1)).join("")];
      if (!line.includes(separator)) return set.has("s") ? [] : [line];
      return [
        line
          .split(separator)
          .filter((_, i) => wanted(i + 1))
          .join(separator),
      ];
    }),
  );
  return status;
};

const uniq: Run = function* (process, args) {
  const { set, rest } = options(args);
  const { text, status } = yield* inputs(process, rest);
  const groups: { line: string; count: number }[] = [];
  for (const line of linesOf(text)) {
    const last = groups.at(-1);
    if (last?.line === line) last.count++;
    else groups.push({ line, count: 1 });
  }
  const shown = groups.filter((group) => (!set.has("d") || group.count > 1) && (!set.has("u") || group.count === 1));
  print(
    process,
    shown.map((group) => (set.has("c") ? `${String(group.count).padStart(7)} ${group.line}` : group.line)),
  );
  return status;
};

/** sed: s, d, p, q with line numbers, $ and /patterns/ as addresses; -n, -E, -e. */
const sed: Run = function* (process, args) {
  const { set, values, rest } = options(args, "e");
  const script = values.get("e") ?? rest[0];
  const files = values.has("e") ? rest : rest.slice(1);
  if (script === undefined) {
    process.stderr.write("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
    return 1;
  }
  const extended = set.has("E") || set.has("r");
  const steps: { from: string | undefined; to: string | undefined; act: (line: string) => string | undefined; kind: string }[] = [];
  for (const part of script.split(/;(?=\s*(?:$|[sdpq0-9$/]))/)) {
    const match = /^\s*((?:\d+|\$|\/(?:[^/\\]|\\.)*\/)?)(?:,(\d+|\$|\/(?:[^/\\]|\\.)*\/))?\s*([sdpq])(.*)$/s.exec(part);
    if (!match) {
      if (part.trim() === "") continue;
      process.stderr.write(`sed: -e expression #1, char ${part.length}: unknown command (supported: s, d, p, q)\n`);
      return 1;
    }
    const [, from, to, kind, tail = ""] = match as unknown as [string, string, string | undefined, string, string];
    let act = (line: string): string | undefined => line;
    if (kind === "s") {
      const mark = tail[0] ?? "/";
      const fields = tail.slice(1).split(new RegExp(`(?<!\\\\)${mark.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}`));
      const pattern = regex(
        (fields[0] ?? "").replaceAll(`\\${mark}`, mark),
        extended,
        `${/g/.test(fields[2] ?? "") ? "g" : ""}${/[iI]/.test(fields[2] ?? "") ? "i" : ""}`,
      );
      if (fields.length < 3 || !pattern) {
        process.stderr.write(`sed: -e expression #1, char ${part.length}: unterminated \`s' command\n`);
        return 1;
      }
      const replacement = (fields[1] ?? "")
        .replaceAll("$", "$$$$")
        .replace(/\\([1-9])/g, "$$$1")
        .replace(/(?<!\\)&/g, "$$&")
        .replace(/\\([&/\\])/g, "$1")
        .replaceAll("\\n", "\n");
      act = (line) => line.replace(pattern, replacement);
    }
    steps.push({ from: from || undefined, to, act, kind });
  }
  const { text, status } = yield* inputs(process, files);
  const lines = linesOf(text);
  const open = steps.map(() => false);
  const hits = (address: string, line: string, i: number): boolean =>
    address === "$"
      ? i === lines.length - 1
      : address.startsWith("/")
        ? (regex(address.slice(1, -1), extended, "")?.test(line) ?? false)
        : Number(address) === i + 1;
  const out: string[] = [];
  nextLine: for (const [i, original] of lines.entries()) {
    let line = original;
    for (const [s, step] of steps.entries()) {
      let applies = step.from === undefined || hits(step.from, line, i);
      if (step.to !== undefined) {
        if (open[s]) {
          applies = true;
          if (hits(step.to, line, i)) open[s] = false;
        } else if (applies) open[s] = !hits(step.to, line, i);
      }
      if (!applies) continue;
      if (step.kind === "d") continue nextLine;
      if (step.kind === "p") out.push(line);
      else if (step.kind === "q") {
        if (!set.has("n")) out.push(line);
        break nextLine;
      } else line = step.act(line) ?? line;
    }
    if (!set.has("n")) out.push(line);
  }
  print(process, out);
  return status;
};

/** awk as people use it to pick columns: [/pattern/|NR==n|$n=="x"] { print $a, $b "text" }. */
const awk: Run = function* (process, args) {
  const { values, rest } = options(args, "Fv");
  const program = rest[0];
  if (program === undefined) {
    process.stderr.write("usage: awk [-F fs] 'program' [file ...]\n");
    return 2;
  }
  const match =
    /^\s*(\/(?:[^/\\]|\\.)*\/|NR\s*(?:==|>|<|>=|<=|!=)\s*\d+|\$\d+\s*(?:==|!=|~)\s*(?:"[^"]*"|\/[^/]*\/|\d+))?\s*(?:\{\s*print\s*([^{};]*);?\s*\})?\s*$/.exec(
      program,
    );
  if (!match || (match[1] === undefined && match[2] === undefined)) {
    process.stderr.write("awk: only [pattern] { print expressions } is supported here\n");
    return 2;
  }
  const separator = values.get("F");
  const { text, status } = yield* inputs(process, rest.slice(1));
  const expressions =
    (match[2] ?? "").trim() === ""
      ? [["$0"]]
      : (match[2] as string).split(",").map((expression) => expression.match(/"(?:[^"\\]|\\.)*"|\$NF|\$\d+|NR|NF|\d+/g) ?? []);
  const out: string[] = [];
  for (const [i, line] of linesOf(text).entries()) {
    const fields = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
    const value = (word: string): string => {
      if (word.startsWith('"')) return word.slice(1, -1).replaceAll("\\t", "\t").replaceAll("\\n", "\n");
      if (word === "NR") return String(i + 1);
      if (word === "NF") return String(fields.length);
      if (word === "$0") return line;
      if (word === "$NF") return fields.at(-1) ?? "";
      return word.startsWith("$") ? (fields[Number(word.slice(1)) - 1] ?? "") : word;
    };
    if (holds(match[1], line, i + 1, value)) out.push(expressions.map((words) => words.map(value).join("")).join(" "));
  }
  print(process, out);
  return status;
};

function holds(pattern: string | undefined, line: string, number: number, value: (word: string) => string): boolean {
  if (pattern === undefined) return true;
  if (pattern.startsWith("/")) return regex(pattern.slice(1, -1), true, "")?.test(line) ?? false;
  const [, left = "", operator = "", right = ""] = /^(NR|\$\d+)\s*(==|!=|>=|<=|>|<|~)\s*(.*)$/.exec(pattern) ?? [];
  const have = left === "NR" ? String(number) : value(left);
  if (operator === "~") return regex(right.slice(1, -1), true, "")?.test(have) ?? false;
  const want = right.startsWith('"') ? right.slice(1, -1) : right;
  const difference = Number(have) - Number(want);
  return (
    { "==": have === want, "!=": have !== want, ">": difference > 0, "<": difference < 0, ">=": difference >= 0, "<=": difference <= 0 }[
      operator
    ] ?? false
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  v: "\v",
};
const unescapeText = (text: string): string =>
  text.replace(/\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)/g, (all, one: string) =>
    /^x./.test(one)
      ? String.fromCharCode(Number.parseInt(one.slice(1), 16))
      : /^[0-7]/.test(one)
        ? String.fromCharCode(Number.parseInt(one, 8))
        : (ESCAPES[one] ?? all),
  );

function printf(format: string, args: readonly string[]): string {
  const queue = [...args];
  let out = "";
  do {
    out += unescapeText(format).replace(
      /%([-0 +#]*)(\d*)(?:\.(\d+))?([sdifxXocbq%])/g,
      (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
        if (verb === "%") return "%";
        const word = queue.shift() ?? "";
        let text =
          verb === "s" || verb === "q"
            ? word
            : verb === "b"
              ? unescapeText(word)
              : verb === "c"
                ? (word[0] ?? "")
                : verb === "f"
                  ? (Number(word) || 0).toFixed(Number(precision ?? 6))
                  : (Math.trunc(Number(word)) || 0).toString(verb === "x" || verb === "X" ? 16 : verb === "o" ? 8 : 10);
        if (verb === "X") text = text.toUpperCase();
        if (verb === "s" && precision !== undefined) text = text.slice(0, Number(precision));
        const size = Math.min(Number(width || 0), 1000);
        return flags.includes("-") ? text.padEnd(size) : text.padStart(size, flags.includes("0") && verb !== "s" ? "0" : " ");
      },
    );
  } while (queue.length > 0 && /%[^%]/.test(format) && queue.length < args.length);
  return out;
}

function list(process: Process, args: readonly string[]): number {
  const { set, rest } = options(args);
  let status = 0;
  const targets = rest.length > 0 ? rest : ["."];
  for (const target of targets) {
    const path = resolvePath(process.cwd, target);
    const names = process.fs.isDirectory(path)
      ? process.fs.list(path)
      : process.fs.exists(path)
        ? [target]
        : new FileError("No such file or directory");
    if (names instanceof FileError) {
      process.stderr.write(`ls: cannot access '${target}': ${names.message}\n`);
      status = 2;
      continue;
    }
    if (targets.length > 1 && process.fs.isDirectory(path)) print(process, [`${target}:`]);
    const shown = names.filter((name) => set.has("a") || set.has("A") || !name.startsWith("."));
    if (set.has("l"))
      print(
        process,
        shown.map((name) => {
          const at = process.fs.isDirectory(path) ? resolvePath(path, name) : path;
          const text = process.fs.read(at);
          return `${process.fs.isDirectory(at) ? "drwxr-xr-x 2" : "-rw-r--r-- 1"} root root ${String(typeof text === "string" ? text.length : 4096).padStart(5)} ${name}`;
        }),
      );
    else if (set.has("1") || process.stdout !== process.tty) print(process, shown);
    else if (shown.length > 0) print(process, [shown.join("  ")]);
  }
  return status;
}

/** One file operation on each operand, in the tool's own words when it fails. */
const onFiles = (process: Process, files: readonly string[], verb: string, act: (path: string) => FileError | undefined): number => {
  let status = 0;
  if (files.length === 0) {
    process.stderr.write(`${process.argv[0]}: missing operand\nTry '${process.argv[0]} --help' for more information.\n`);
    return 1;
  }
  for (const file of files) {
    const failed = act(resolvePath(process.cwd, file));
    if (!failed) continue;
    process.stderr.write(`${process.argv[0]}: ${verb} '${file}': ${failed.message}\n`);
    status = 1;
  }
  return status;
};

function duration(word: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(word ?? "");
  if (match) return Number(match[1]) * ({ m: 60, h: 3600, d: 86400 }[match[2] ?? ""] ?? 1) * 1e6;
  return word === "infinity" || word === "inf" ? 1e15 : undefined;
}

const PACKAGES =
  /^(iputils-ping|net-tools|iproute2|dnsutils|bind9-dnsutils|bind-tools|bridge-utils|curl|wget|tcpdump|traceroute|iputils-tracepath|netcat|netcat-openbsd|telnet|iptables|procps|vim|less|nano)$/;

const install: Run = function* (process, args) {
  const name = process.argv[0] as string;
  const words = args.filter((word) => !word.startsWith("-"));
  const [verb, ...packages] = words;
  if (verb === "update" || verb === "upgrade") {
    yield sleep(900_000);
    process.stdout.write(
      name === "apk"
        ? "OK: 25397 distinct packages available\n"
        : "Hit:1 http://archive.ubuntu.com/ubuntu bionic InRelease\nReading package lists... Done\n",
    );
    return 0;
  }
  if (verb !== "install" && verb !== "add") {
    process.stderr.write(`${name}: only update and ${name === "apk" ? "add" : "install"} are supported here\n`);
    return 100;
  }
  const unknown = packages.filter((one) => !PACKAGES.test(one));
  if (unknown.length > 0) {
    process.stderr.write(
      name === "apk"
        ? `ERROR: unable to select packages:\n  ${unknown[0]} (no such package)\n`
        : `E: Unable to locate package ${unknown[0]}\n`,
    );
    return name === "apk" ? 1 : 100;
  }
  yield sleep(1_200_000);
  if (name === "apk")
    process.stdout.write(
      `${packages.map((one, i) => `(${i + 1}/${packages.length}) Installing ${one}\n`).join("")}OK: 12 MiB in 22 packages\n`,
    );
  else
    process.stdout.write(
      `Reading package lists... Done\nBuilding dependency tree\nReading state information... Done\n${packages.map((one) => `${one} is already the newest version.\n`).join("")}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
    );
  return 0;
};

export const basicCommands: readonly Command[] = [
  command("cat", "prints files", function* (process, args) {
    const { set, rest } = options(args);
    if (rest.length === 0) {
      for (let line = yield* process.stdin.readLine(); line !== undefined; line = yield* process.stdin.readLine())
        process.stdout.write(`${line}\n`);
      return 0;
    }
    const { text, status } = yield* inputs(process, rest);
    process.stdout.write(
      set.has("n")
        ? linesOf(text)
            .map((line, i) => `${String(i + 1).padStart(6)}\t${line}\n`)
            .join("")
        : text,
    );
    return status;
  }),
  instant("echo", "prints its arguments", (process, args) => {
    let words = args;
    let newline = true;
    let escapes = false;
    while (words[0] !== undefined && /^-[neE]+$/.test(words[0])) {
      newline &&= !words[0].includes("n");
      escapes ||= words[0].includes("e");
      words = words.slice(1);
    }
    const text = words.join(" ");
    process.stdout.write((escapes ? unescapeText(text) : text) + (newline ? "\n" : ""));
    return 0;
  }),
  instant("printf", "prints by a format", (process, [format, ...rest]) => {
    if (format === undefined) {
      process.stderr.write("printf: usage: printf [-v var] format [arguments]\n");
      return 2;
    }
    process.stdout.write(printf(format, rest));
    return 0;
  }),
  command("grep", "lines that match", grep),
  command("egrep", "lines that match an extended expression", grep),
  command("sort", "sorts lines", sort),
  command("uniq", "repeated lines once", uniq),
  command("wc", "counts lines, words and bytes", wc),
  command("head", "the first lines", ends(false)),
  command("tail", "the last lines", ends(true)),
  command("cut", "columns of lines", cut),
  command("sed", "edits a stream", sed),
  command("awk", "picks columns", awk),
  command("tr", "translates characters", function* (process, args) {
    const { set, rest } = options(args);
    const expand = (text: string): string[] => [
      ...unescapeText(text).replace(/(.)-(.)/g, (_all, a: string, b: string) =>
        Array.from({ length: Math.max(0, Math.min(256, b.charCodeAt(0) - a.charCodeAt(0) + 1)) }, (_, i) =>
          String.fromCharCode(a.charCodeAt(0) + i),
        ).join(""),
      ),
    ];
    const from = expand(rest[0] ?? "");
    const to = expand(rest[1] ?? "");
    const text = yield* process.stdin.readAll();
    process.stdout.write(
      [...text]
        .map((char) => (from.includes(char) ? (set.has("d") ? "" : (to[Math.min(from.indexOf(char), to.length - 1)] ?? char)) : char))
        .join(""),
    );
    return 0;
  }),
  command("tee", "copies its input to files", function* (process, args) {
    const { set, rest } = options(args);
    const text = yield* process.stdin.readAll();
    process.stdout.write(text);
    return onFiles(process, rest.length > 0 ? rest : ["/tmp/.tee"], "cannot open", (path) =>
      set.has("a") ? process.fs.append(path, text) : process.fs.write(path, text),
    );
  }),
  command("xargs", "runs a command with its input as arguments", function* (process, args) {
    const { values, rest } = options(args, "nI");
    const words = (yield* process.stdin.readAll()).split(/\s+/).filter(Boolean);
    const mark = values.get("I");
    const size = mark !== undefined ? 1 : Number(values.get("n") ?? (words.length || 1));
    let status = 0;
    for (let i = 0; i < Math.max(1, words.length); i += Math.max(1, size)) {
      const part = words.slice(i, i + Math.max(1, size));
      const argv =
        mark === undefined ? [...(rest.length > 0 ? rest : ["echo"]), ...part] : rest.map((word) => word.replaceAll(mark, part[0] ?? ""));
      const ended = yield* process.run(argv);
      if (ended !== 0) status = 123;
    }
    return status;
  }),
  command("sleep", "waits", function* (process, args) {
    const wait = duration(args[0]);
    if (wait === undefined) {
      process.stderr.write(
        args[0] === undefined
          ? "sleep: missing operand\nTry 'sleep --help' for more information.\n"
          : `sleep: invalid time interval '${args[0]}'\nTry 'sleep --help' for more information.\n`,
      );
      return 1;
    }
    yield sleep(wait);
    return 0;
  }),
  instant("seq", "counts", (process, args) => {
    const numbers = args.map(Number);
    const [from, step, to] = numbers.length >= 3 ? numbers : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : [1, 1, numbers[0]];
    if ([from, step, to].some((one) => one === undefined || Number.isNaN(one)) || step === 0) {
      process.stderr.write("seq: invalid argument\n");
      return 1;
    }
    const out: string[] = [];
    for (
      let n = from as number;
      ((step as number) > 0 ? n <= (to as number) : n >= (to as number)) && out.length < 10_000;
      n += step as number
    )
      out.push(String(n));
    print(process, out);
    return 0;
  }),
  instant("clear", "clears the terminal", (process) => {
    if (process.tty) process.stdout.write("\f");
    return 0;
  }),
  instant("hostname", "the host's name", (process, args) => {
    if (args[0] === "-i" || args[0] === "-I") {
      const addresses = process.netns.devices
        .all()
        .filter((device) => device.kind !== "loopback")
        .flatMap((device) => device.addresses.filter((address) => typeof address.ip === "number").map((address) => address.ip as number));
      const shown = addresses.map((ip) => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join("."));
      process.stdout.write(
        args[0] === "-i" ? `${(process.container ? shown.join(" ") : "127.0.1.1") || "127.0.0.1"}\n` : `${shown.join(" ")} \n`,
      );
    } else process.stdout.write(`${args[0] === "-s" ? process.hostname.split(".")[0] : process.hostname}\n`);
    return 0;
  }),
  instant("ls", "lists files", list),
  instant("mkdir", "makes directories", (process, args) => {
    const { set, rest } = options(args);
    return onFiles(process, rest, "cannot create directory", (path) => process.fs.makeDirectory(path, set.has("p")));
  }),
  instant("rm", "removes files", (process, args) => {
    const { set, rest } = options(args);
    return onFiles(process, rest, "cannot remove", (path) => {
      const failed = process.fs.remove(path, set.has("r") || set.has("R"));
      return failed && set.has("f") && failed.message === "No such file or directory" ? undefined : failed;
    });
  }),
  instant("touch", "makes empty files", (process, args) =>
    onFiles(process, options(args).rest, "cannot touch", (path) => process.fs.append(path, "")),
  ),
  instant("cp", "copies a file", (process, args) => {
    const [from = "", to = ""] = options(args).rest;
    const text = process.fs.read(resolvePath(process.cwd, from));
    if (text instanceof FileError) {
      process.stderr.write(`cp: cannot stat '${from}': ${text.message}\n`);
      return 1;
    }
    const target = resolvePath(process.cwd, to);
    return onFiles(process, [to], "cannot create regular file", () =>
      process.fs.write(process.fs.isDirectory(target) ? `${target}/${from.split("/").at(-1)}` : target, text),
    );
  }),
  instant("env", "the environment", (process) => {
    print(
      process,
      [...process.env].filter(([name]) => name !== "VETHLAB_SHELL").map(([name, value]) => `${name}=${value}`),
    );
    return 0;
  }),
  instant("date", "the virtual date", (process) => {
    print(process, [unixDate(dateAt(process.machine.kernel))]);
    return 0;
  }),
  instant("whoami", "who you are", (process) => {
    const { uid = 0, user = "root" } = process.credentials ?? {};
    if (user !== "") print(process, [user]);
    else process.stderr.write(`whoami: unknown uid ${uid}\n`);
    return user === "" ? 1 : 0;
  }),
  instant("id", "who you are, in numbers", (process) => {
    const { uid = 0, gid = 0, user = "root", group = "root" } = process.credentials ?? {};
    const [owner, primary] = [`${uid}${user && `(${user})`}`, `${gid}${group && `(${group})`}`];
    print(process, [`uid=${owner} gid=${primary} groups=${primary}`]);
    return 0;
  }),
  instant("uname", "the kernel's name", (process, args) => {
    print(process, [
      args[0] === "-a"
        ? `Linux ${process.hostname} 6.18.0 #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux`
        : args[0] === "-r"
          ? "6.18.0"
          : args[0] === "-n"
            ? process.hostname
            : "Linux",
    ]);
    return 0;
  }),
  instant("which", "where a program lies", (process, args) => {
    let status = 0;
    for (const name of args) {
      if (programsOf(process).has(name)) print(process, [`/usr/bin/${name}`]);
      else status = 1;
    }
    return status;
  }),
  instant("help", "this list", (process) => {
    const all = [...programsOf(process).values()];
    const width = Math.max(...all.map((one) => one.name.length));
    print(process, [
      "Commands of this host (Tab completes them; --help explains most):",
      ...all.map((one) => `  ${one.name.padEnd(width)}  ${one.summary}`),
    ]);
    return 0;
  }),
  command("timeout", "runs a command for a limited time", function* (process, args) {
    const wait = duration(args[0]);
    if (wait === undefined || args.length < 2) {
      process.stderr.write("Try 'timeout --help' for more information.\n");
      return 125;
    }
    return yield* limited(process, args.slice(1), wait);
  }),
  command("apt-get", "installs packages", install),
  command("apt", "installs packages", install),
  command("apk", "installs packages", install),
  ...["vi", "vim", "nano"].map((name) =>
    instant(name, "says how to write a file here", (process) => {
      process.stderr.write(`${name}: there is no editor here; write a file with: cat > FILE, its lines, then Ctrl-D\n`);
      return 1;
    }),
  ),
];

function* limited(process: Process, argv: readonly string[], wait: number): Op<number> {
  const { clock } = process.machine.kernel;
  const task = new Task(clock, process.run(argv));
  const end = clock.now + wait;
  while (!task.done && clock.now < end) yield anyOf(task.exited, sleep(end - clock.now));
  if (!task.done) {
    task.signal(new Signal("TERM"));
    return 124;
  }
  return task.outcome && "value" in task.outcome ? task.outcome.value : 124;
}
