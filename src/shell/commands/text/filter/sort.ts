/** sort: lines in order, by keys. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

export const sort = tool(
  {
    name: "sort",
    summary: "sorts lines",
    short: "bcCdfghik:Mmno:rRsS:t:T:uVz",
    long: {
      "ignore-leading-blanks": "b",
      check: "c",
      "dictionary-order": "d",
      "ignore-case": "f",
      "general-numeric-sort": "g",
      "human-numeric-sort": "h",
      key: "k",
      "month-sort": "M",
      "numeric-sort": "n",
      output: "o",
      reverse: "r",
      stable: "s",
      "field-separator": "t",
      unique: "u",
      "version-sort": "V",
      "zero-terminated": "z",
    },
    synopsis: "[OPTION]... [FILE]...",
    usageStatus: 2,
  },
  (call) => flowing(call.process, "sort", (flow) => run(call, flow), 2),
);

type Order = (a: string, b: string) => number;

interface Position {
  readonly field: number;
  readonly character: number;
}

interface Key {
  readonly from: Position;
  readonly to: Position | undefined;
  readonly letters: string;
}

const plain: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Digits of any length, compared as numbers without becoming one. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [Number.parseFloat(a), Number.parseFloat(b)];
  return (Number.isNaN(x) ? 0 : x) - (Number.isNaN(y) ? 0 : y);
}

const numeric: Order = (a, b) => compareNumbers(numberIn(a), numberIn(b));
const numberIn = (text: string): string => /^\s*-?\d*\.?\d*/.exec(text)?.[0].trim() || "0";

const general: Order = (a, b) => {
  const [x, y] = [Number.parseFloat(a), Number.parseFloat(b)];
  // What is no number comes before all numbers.
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) === Number.isNaN(y) ? 0 : Number.isNaN(x) ? -1 : 1;
  return x - y;
};

const SUFFIXES = "KMGTPEZY";
const human: Order = (a, b) => {
  const read = (text: string): readonly [number, number] => {
    const match = /^\s*(-?\d*\.?\d+)([kKMGTPEZY]?)/.exec(text);
    return match ? [match[2] === "" ? 0 : SUFFIXES.indexOf((match[2] as string).toUpperCase()) + 1, Number(match[1])] : [0, 0];
  };
  const [[suffixA, valueA], [suffixB, valueB]] = [read(a), read(b)];
  const sign = Math.sign(valueA) - Math.sign(valueB);
  if (sign !== 0) return sign;
  if (suffixA !== suffixB) return (suffixA - suffixB) * (valueA < 0 ? -1 : 1);
  return valueA - valueB;
};

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const monthOf = (text: string): number => MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase());
const month: Order = (a, b) => monthOf(a) - monthOf(b);

/** As Debian compares versions (gnulib filevercmp): runs of digits as numbers, ~ before everything, letters before other signs. */
export const version: Order = (a, b) => {
  const rank = (char: string | undefined): number => {
    if (char === undefined || /\d/.test(char)) return 0;
    if (char === "~") return -1;
    return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a[i] as string)) || (j < b.length && !/\d/.test(b[j] as string))) {
      const difference = rank(a[i]) - rank(b[j]);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const digits = (text: string, from: number): string => /^\d*/.exec(text.slice(from))?.[0] as string;
    const [x, y] = [digits(a, i), digits(b, j)];
    i += x.length;
    j += y.length;
    const [short, long] = [x.replace(/^0+/, ""), y.replace(/^0+/, "")];
    if (short.length !== long.length) return short.length - long.length;
    if (short !== long) return plain(short, long);
  }
  return 0;
};

function orderOf(letters: string): Order {
  if (letters.includes("n")) return numeric;
  if (letters.includes("g")) return general;
  if (letters.includes("h")) return human;
  if (letters.includes("M")) return month;
  if (letters.includes("V")) return version;
  const prepare = (text: string): string => {
    let one = letters.includes("b") ? text.trimStart() : text;
    if (letters.includes("d")) one = one.replace(/[^A-Za-z0-9 \t]/g, "");
    if (letters.includes("i")) one = one.replace(/[^ -~]/g, "");
    return letters.includes("f") ? one.toUpperCase() : one;
  };
  return /[bdif]/.test(letters) ? (a, b) => plain(prepare(a), prepare(b)) : plain;
}

/** "2,3n", "2.1b"; the string is what is wrong with it. */
function parseKey(text: string, busybox: boolean): Key | string {
  const match = /^(\d+)(?:\.(\d+))?([bdfghiMnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghiMnRrV]*))?$/.exec(text);
  if (!match || (busybox && match[1] === "0"))
    return busybox ? "bad field specification" : `invalid number at field start: invalid count at start of '${text}'`;
  const [, field, character, letters, toField, toCharacter, toLetters] = match;
  if (field === "0" || toField === "0") return `field number is zero: invalid field specification '${text}'`;
  return {
    from: { field: Number(field), character: Number(character ?? 1) },
    to: toField === undefined ? undefined : { field: Number(toField), character: Number(toCharacter ?? 0) },
    letters: (letters ?? "") + (toLetters ?? ""),
  };
}

/** Where the fields of a line start and end; without a separator a field takes the blanks in front of it. */
function fieldsOf(line: string, separator: string | undefined): readonly (readonly [number, number])[] {
  const fields: [number, number][] = [];
  if (separator !== undefined) {
    let from = 0;
    for (let at = line.indexOf(separator); at >= 0; at = line.indexOf(separator, from)) {
      fields.push([from, at]);
      from = at + separator.length;
    }
    fields.push([from, line.length]);
    return fields;
  }
  for (const match of line.matchAll(/[ \t]*[^ \t]+/g)) fields.push([match.index, match.index + match[0].length]);
  return fields;
}

function keyText(line: string, { from, to, letters }: Key, separator: string | undefined): string {
  const fields = fieldsOf(line, separator);
  const blanks = letters.includes("b") || /[nghM]/.test(letters);
  const place = ({ field, character }: Position, end: boolean): number => {
    const found = fields[field - 1];
    if (!found) return line.length;
    const [start, stop] = found;
    if (end && character === 0) return stop;
    let at = start;
    if (blanks) while (at < stop && /[ \t]/.test(line[at] as string)) at++;
    return Math.min(end ? at + character : at + character - 1, line.length);
  };
  return line.slice(place(from, false), to ? place(to, true) : line.length);
}

function* run(call: Call, flow: Flow): Op<number> {
  const separator = call.value("t");
  if (separator !== undefined && separator !== "\\0" && [...separator].length !== 1)
    return call.fail(call.busybox ? `bad -t parameter` : separator === "" ? "empty tab" : `multi-character tab '${separator}'`, 2);
  const global = "bdfghiMnRrV"
    .split("")
    .filter((letter) => call.has(letter))
    .join("");
  const keys: Key[] = [];
  for (const text of call.values("k")) {
    const key = parseKey(text, call.busybox);
    if (typeof key === "string") return call.fail(key, 2);
    // A key without letters of its own has the global ones.
    keys.push(key.letters === "" ? { ...key, letters: global } : key);
  }
  const order = comparison(keys, global, separator === "\\0" ? "\0" : separator);
  const unique = call.has("u");
  const last: Order | undefined = unique || call.has("s") ? undefined : (a, b) => (global.includes("r") ? plain(b, a) : plain(a, b));
  const terminator = call.has("z") ? "\0" : "\n";
  const lines: string[] = [];
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      if (input.message === "Is a directory") {
        if (call.busybox) continue;
        return call.fail(`read failed: ${name}: ${input.message}`, 2);
      }
      return call.fail(call.busybox ? `${name}: ${input.message}` : `cannot read: ${name}: ${input.message}`, 2);
    }
    const text = yield* flow.all(input);
    const own = text.split(terminator);
    if (own.at(-1) === "") own.pop();
    if (call.has("c") || call.has("C"))
      return check(call, own, name, unique ? (a, b) => order(a, b) || 1 : (a, b) => order(a, b) || (last?.(a, b) ?? 0));
    for (const line of own) lines.push(line);
  }
  flow.effort.spend(lines.length);
  lines.sort((a, b) => order(a, b) || (last?.(a, b) ?? 0));
  const shown = unique ? lines.filter((line, i) => i === 0 || order(lines[i - 1] as string, line) !== 0) : lines;
  const text = shown.map((line) => line + terminator).join("");
  const target = call.value("o");
  if (target === undefined) {
    flow.print(text);
    return 0;
  }
  const refused = call.process.fs.write(resolvePath(call.process.cwd, target), text);
  return refused ? call.fail(`open failed: ${target}: ${refused.message}`, 2) : 0;
}

function comparison(keys: readonly Key[], global: string, separator: string | undefined): Order {
  if (keys.length === 0) {
    const order = orderOf(global);
    return global.includes("r") ? (a, b) => order(b, a) : order;
  }
  const orders = keys.map((key) => {
    const order = orderOf(key.letters);
    const text = (line: string): string => keyText(line, key, separator);
    return key.letters.includes("r")
      ? (a: string, b: string) => order(text(b), text(a))
      : (a: string, b: string) => order(text(a), text(b));
  });
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function check(call: Call, lines: readonly string[], name: string, order: Order): number {
  for (let i = 1; i < lines.length; i++) {
    if (order(lines[i - 1] as string, lines[i] as string) <= 0) continue;
    if (!call.has("C")) call.fail(call.busybox ? `Check line ${i + 1}` : `${name}:${i + 1}: disorder: ${lines[i]}`);
    return 1;
  }
  return 0;
}
