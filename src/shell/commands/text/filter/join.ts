/** join: lines of two sorted files that share a field (GNU join). */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";

export const join = tool(
  {
    name: "join",
    summary: "lines of two sorted files that share a field",
    userlands: ["host"],
    short: "a:e:i1:2:j:o:t:v:",
    long: { "ignore-case": "i", "nocheck-order": "nocheck-order", "check-order": "check-order", header: "header" },
    synopsis: "[OPTION]... FILE1 FILE2",
    unsupported: "z",
  },
  (call) => flowing(call.process, "join", (flow) => run(call, flow)),
);

type Fields = readonly string[];
/** A column of the output: the shared field, or one of a file, from 0 up. */
type Column = "shared" | { readonly file: 0 | 1; readonly field: number };

interface Wish {
  /** The field of each file that is compared, from 0 up. */
  readonly keys: readonly [number, number];
  readonly separator: string | undefined;
  readonly columns: readonly Column[] | "auto" | undefined;
  /** Stands for a field that is not there. */
  readonly empty: string;
  /** Files whose lines without a partner are printed, and whether the pairs are. */
  readonly unpaired: readonly [boolean, boolean];
  readonly pairs: boolean;
  readonly fold: boolean;
}

/** The options; a string is a complaint. */
function readWish(call: Call): Wish | string {
  const keys: [number, number] = [0, 0];
  const unpaired: [boolean, boolean] = [false, false];
  let columns: Wish["columns"];
  for (const { name, value } of call.given) {
    if (name === "1" || name === "2" || name === "j") {
      if (!/^[1-9]\d{0,5}$/.test(value)) return `invalid field number: '${value}'`;
      if (name !== "2") keys[0] = Number(value) - 1;
      if (name !== "1") keys[1] = Number(value) - 1;
    } else if (name === "a" || name === "v") {
      if (value !== "1" && value !== "2") return `invalid file number: '${value}'`;
      unpaired[value === "1" ? 0 : 1] = true;
    } else if (name === "t" && [...value].length > 1) return `multi-character tab '${value}'`;
    else if (name === "o") {
      const read = value === "auto" ? "auto" : readColumns(value);
      if (typeof read === "string" && read !== "auto") return read;
      columns = read as Wish["columns"];
    }
  }
  return {
    keys,
    separator: call.value("t"),
    columns,
    empty: call.value("e") ?? "",
    unpaired,
    pairs: !call.has("v"),
    fold: call.has("i"),
  };
}

function readColumns(text: string): readonly Column[] | string {
  const columns: Column[] = [];
  for (const word of text.split(/[,\s]+/)) {
    const parts = /^([12])\.([1-9]\d{0,5})$/.exec(word);
    if (word === "0") columns.push("shared");
    else if (parts) columns.push({ file: parts[1] === "1" ? 0 : 1, field: Number(parts[2]) - 1 });
    else return /^\d+\./.test(word) ? `invalid file number in field spec: '${word}'` : `invalid field specifier: '${word}'`;
  }
  return columns;
}

const fieldsOf = (line: string, separator: string | undefined): Fields =>
  separator ? line.split(separator) : (line.match(/[^ \t]+/g) ?? []);

interface Source {
  readonly name: string;
  readonly rows: readonly Fields[];
  readonly lines: readonly string[];
}

function* readSource(call: Call, flow: Flow, name: string, separator: string | undefined): Op<Source | number> {
  const input = flow.open(name);
  if (input instanceof FileError) return call.fail(`${name}: ${input.message}`);
  const lines = linesOf(yield* flow.all(input));
  return { name, lines, rows: lines.map((line) => fieldsOf(line, separator)) };
}

/** The first line that is less than the one before it; undefined when all are in order. */
function disorder({ name, rows, lines }: Source, key: (fields: Fields) => string): string | undefined {
  const at = rows.findIndex((row, i) => i > 0 && key(row) < key(rows[i - 1] as Fields));
  return at < 0 ? undefined : `${name}:${at + 1}: is not sorted: ${lines[at]}`;
}

function* run(call: Call, flow: Flow): Op<number> {
  const wish = readWish(call);
  if (typeof wish === "string") return call.fail(wish);
  const [first, second, extra] = call.operands;
  if (first === undefined || second === undefined)
    return call.misuse(first === undefined ? "missing operand" : `missing operand after '${first}'`);
  if (extra !== undefined) return call.misuse(`extra operand '${extra}'`);
  if (first === "-" && second === "-") return call.fail("both files cannot be standard input");
  const left = yield* readSource(call, flow, first, wish.separator);
  if (typeof left === "number") return left;
  const right = yield* readSource(call, flow, second, wish.separator);
  if (typeof right === "number") return right;
  const sources = [left, right] as const;
  const key = (file: 0 | 1) => (fields: Fields) => {
    const text = fields[wish.keys[file]] ?? "";
    return wish.fold ? text.toLowerCase() : text;
  };
  const print = printer(flow, wish, sources);
  let [i, j] = [0, 0];
  if (call.has("header") && left.rows.length + right.rows.length > 0) print(left.rows[i++] ?? [], right.rows[j++] ?? []);
  let alone = false;
  const single = (file: 0 | 1, row: Fields): void => {
    alone = true;
    if (wish.unpaired[file]) print(file === 0 ? row : undefined, file === 1 ? row : undefined);
  };
  while (i < left.rows.length || j < right.rows.length) {
    const [a, b] = [left.rows[i], right.rows[j]];
    if (a && b && key(0)(a) === key(1)(b)) {
      const same = key(0)(a);
      const ends = [i, j] as [number, number];
      while (left.rows[ends[0]] && key(0)(left.rows[ends[0]] as Fields) === same) ends[0]++;
      while (right.rows[ends[1]] && key(1)(right.rows[ends[1]] as Fields) === same) ends[1]++;
      for (const one of left.rows.slice(i, ends[0])) {
        for (const other of right.rows.slice(j, ends[1])) if (wish.pairs) print(one, other);
        yield* flow.flush();
      }
      [i, j] = ends;
    } else if (a && (!b || key(0)(a) < key(1)(b))) single(0, left.rows[i++] as Fields);
    else single(1, right.rows[j++] as Fields);
    if (flow.full) yield* flow.flush();
  }
  yield* flow.flush();
  if (call.has("nocheck-order") || !(alone || call.has("check-order"))) return 0;
  const wrong = [disorder(left, key(0)), disorder(right, key(1))].filter((text) => text !== undefined);
  for (const text of wrong) call.fail(text);
  return wrong.length > 0 ? call.fail("input is not in sorted order") : 0;
}

/** Prints a pair, or a line without a partner. */
function printer(flow: Flow, wish: Wish, sources: readonly [Source, Source]): (a: Fields | undefined, b: Fields | undefined) => void {
  const others = (file: 0 | 1, row: Fields): Fields => row.filter((_, at) => at !== wish.keys[file]);
  const counts = sources.map(({ rows }, file) => Math.max(0, others(file as 0 | 1, rows[0] ?? []).length));
  return (a, b) => {
    const shared = (a ? a[wish.keys[0]] : b?.[wish.keys[1]]) ?? "";
    const fill = (value: string | undefined): string => value || wish.empty;
    let words: readonly string[];
    if (wish.columns === "auto") {
      const part = (file: 0 | 1, row: Fields | undefined): Fields =>
        Array.from({ length: counts[file] as number }, (_, at) => fill(row && others(file, row)[at]));
      words = [shared, ...part(0, a), ...part(1, b)];
    } else if (wish.columns)
      words = wish.columns.map((column) => fill(column === "shared" ? shared : (column.file === 0 ? a : b)?.[column.field]));
    else words = [shared, ...(a ? others(0, a) : []), ...(b ? others(1, b) : [])];
    flow.print(`${words.join(wish.separator || " ")}\n`);
  };
}
