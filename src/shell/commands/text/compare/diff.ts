/** diff: what differs between two files or directories. GNU's three forms; BusyBox's has the unified one alone. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { fullDate } from "../files/dates.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";
import { type Change, changesBetween, hunksOf } from "./script.ts";
import { sideBySide } from "./side.ts";

const NO_NEWLINE = "\\ No newline at end of file";

interface Side {
  readonly name: string;
  /** Lines as they are printed, and as they are compared. */
  readonly lines: readonly string[];
  readonly keys: readonly string[];
  readonly text: string;
}

/** The lines of a text; a last one without its newline is another line than one with it. */
function sideOf(call: Call, name: string, text: string): Side {
  const lines = linesOf(text);
  const unended = text !== "" && !text.endsWith("\n");
  const keyed = (line: string): string => {
    let key = call.has("i") ? line.toLowerCase() : line;
    if (call.has("w")) key = key.replace(/\s+/g, "");
    else if (call.has("b")) key = key.replace(/\s+/g, " ").trimEnd();
    return key;
  };
  const keys = lines.map((line, i) => keyed(line) + (unended && i === lines.length - 1 && !call.has("w") && !call.has("b") ? "\0" : ""));
  return { name, lines, keys, text };
}

const range = (from: number, to: number): string => (to - from <= 1 ? String(to === from ? from : to) : `${from + 1},${to}`);

/** "1,2c3", lines with < and >. */
function normal(one: Side, two: Side, changes: readonly Change[]): string {
  let text = "";
  for (const { a, aEnd, b, bEnd } of changes) {
    const letter = a === aEnd ? "a" : b === bEnd ? "d" : "c";
    text += `${range(a, aEnd)}${letter}${range(b, bEnd)}\n`;
    text += marked("< ", one, a, aEnd);
    if (letter === "c") text += "---\n";
    text += marked("> ", two, b, bEnd);
  }
  return text;
}

/** Lines with a mark before each, and a word where the last has no newline. */
function marked(mark: string, side: Side, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += `${mark}${side.lines[i]}\n`;
  if (to === side.lines.length && to > from && !side.text.endsWith("\n")) text += `${NO_NEWLINE}\n`;
  return text;
}

const unifiedRange = (from: number, to: number): string => (to - from === 1 ? String(to) : `${to === from ? from : from + 1},${to - from}`);

function unified(one: Side, two: Side, changes: readonly Change[], context: number): string {
  let text = "";
  for (const { changes: own, span } of hunksOf(changes, context, one.lines.length)) {
    text += `@@ -${unifiedRange(span.a, span.aEnd)} +${unifiedRange(span.b, span.bEnd)} @@\n`;
    let at = span.a;
    for (const change of own) {
      text += marked(" ", one, at, change.a) + marked("-", one, change.a, change.aEnd) + marked("+", two, change.b, change.bEnd);
      at = change.aEnd;
    }
    text += marked(" ", one, at, span.aEnd);
  }
  return text;
}

const contextRange = (from: number, to: number): string => (to - from <= 1 ? String(to) : `${from + 1},${to}`);

function inContext(one: Side, two: Side, changes: readonly Change[], context: number): string {
  let text = "";
  for (const { changes: own, span } of hunksOf(changes, context, one.lines.length)) {
    const half = (side: Side, mark: "-" | "+", from: "a" | "b", to: "aEnd" | "bEnd"): string => {
      if (own.every((change) => change[from] === change[to])) return "";
      let out = "";
      let at = span[from];
      for (const change of own) {
        const both = change.a < change.aEnd && change.b < change.bEnd;
        out += marked("  ", side, at, change[from]) + marked(`${both ? "!" : mark} `, side, change[from], change[to]);
        at = change[to];
      }
      return out + marked("  ", side, at, span[to]);
    };
    text += `***************\n*** ${contextRange(span.a, span.aEnd)} ****\n${half(one, "-", "a", "aEnd")}`;
    text += `--- ${contextRange(span.b, span.bEnd)} ----\n${half(two, "+", "b", "bEnd")}`;
  }
  return text;
}

type Form = "normal" | "unified" | "context" | "side";

/** The lines of context that -u, -U N, -c and -C N ask for, and in which form; a refused number as a text. */
function formOf(call: Call): { readonly form: Form; readonly context: number } | string {
  const unifiedCount = call.value("U");
  const contextCount = call.value("C");
  const word = unifiedCount ?? contextCount ?? "3";
  if (!/^\d{1,9}$/.test(word)) return call.busybox ? `invalid number '${word}'` : `invalid context length '${word}'`;
  const form =
    call.busybox || call.has("u") || unifiedCount !== undefined
      ? "unified"
      : call.has("c") || contextCount !== undefined
        ? "context"
        : call.has("y")
          ? "side"
          : "normal";
  return { form, context: Number(word) };
}

class Comparison {
  readonly call: Call;
  readonly flow: Flow;
  readonly form: Form;
  readonly context: number;
  status = 0;

  constructor(call: Call, flow: Flow, { form, context }: Exclude<ReturnType<typeof formOf>, string>) {
    this.call = call;
    this.flow = flow;
    this.form = form;
    this.context = context;
  }

  /** "name\tdate" as the head of a unified or context diff has it. */
  #title(name: string): string {
    if (this.call.busybox) return name;
    const { process } = this.call;
    const path = resolvePath(process.cwd, name);
    return `${name}\t${fullDate(process.machine.kernel, name === "-" ? process.machine.kernel.clock.now : process.fs.modified(path))}`;
  }

  *text(name: string): Op<string | FileError> {
    const input = this.flow.open(name);
    if (input instanceof FileError) {
      if (input.message === "No such file or directory" && this.call.has("N")) return "";
      return input;
    }
    return yield* this.flow.all(input);
  }

  /** Compares two files; `shown` is the command line that -r puts over what differs. */
  *files(first: string, second: string, shown?: string): Op<void> {
    const { call, flow } = this;
    if (call.busybox && first === second) return;
    const texts: string[] = [];
    // Beside a directory, what is missing is told alone.
    const { fs, cwd } = call.process;
    const missing = [first, second].filter((name) => name !== "-" && !name.startsWith("/dev/") && !fs.exists(resolvePath(cwd, name)));
    const folder = [first, second].some((name) => fs.isDirectory(resolvePath(cwd, name)));
    for (const name of folder && missing.length > 0 ? missing : [first, second]) {
      const text = yield* this.text(name);
      if (text instanceof FileError) {
        this.status = call.fail(call.busybox ? `can't stat '${name}': ${text.message}` : `${name}: ${text.message}`, 2);
        if (call.busybox) return;
      } else texts.push(text);
    }
    if (texts.length < 2) return;
    const one = sideOf(call, first, texts[0] as string);
    const two = sideOf(call, second, texts[1] as string);
    let changes = changesBetween(one.keys, two.keys);
    if (call.has("B")) {
      const blank = (side: Side, from: number, to: number): boolean => side.lines.slice(from, to).every((line) => line === "");
      changes = changes.filter(({ a, aEnd, b, bEnd }) => !blank(one, a, aEnd) || !blank(two, b, bEnd));
    }
    if (this.form === "side") {
      const word = call.value("W");
      flow.print(sideBySide(one.lines, two.lines, changes, Number(word ?? 130)));
      if (changes.length > 0) this.status = Math.max(this.status, 1);
      yield* flow.flush();
      return;
    }
    if (changes.length === 0) {
      if (call.has("s")) flow.print(`Files ${first} and ${second} are identical\n`);
      return;
    }
    this.status = Math.max(this.status, 1);
    if (call.has("q")) {
      flow.print(`Files ${first} and ${second} differ\n`);
      return;
    }
    if (shown !== undefined && !call.busybox) flow.print(`${shown}\n`);
    const labels = [...call.values("L"), ...call.values("label")];
    const titles = [first, second].map((name, i) => labels[i] ?? this.#title(name));
    switch (this.form) {
      case "unified":
        flow.print(`--- ${titles[0]}\n+++ ${titles[1]}\n${unified(one, two, changes, this.context)}`);
        break;
      case "context":
        flow.print(`*** ${titles[0]}\n--- ${titles[1]}\n${inContext(one, two, changes, this.context)}`);
        break;
      case "normal":
        flow.print(normal(one, two, changes));
    }
    yield* flow.flush();
  }

  /** BusyBox tells where something is missing by its way from the directories that were named. */
  *directories(first: string, second: string, depth: number, way = ""): Op<void> {
    const { call, flow } = this;
    const { fs, cwd } = call.process;
    const names = [first, second].map((name) => fs.list(resolvePath(cwd, name)));
    const [one, two] = names;
    if (one instanceof FileError || two instanceof FileError || !one || !two || depth > 40) return;
    const under = (folder: string, name: string): string => `${folder.replace(/\/$/, "")}/${name}`;
    for (const name of [...new Set([...one, ...two])].sort()) {
      const [a, b] = [under(first, name), under(second, name)];
      const only = one.includes(name) ? (two.includes(name) ? undefined : first) : second;
      if (only !== undefined && !call.has("N")) {
        flow.print(
          `Only in ${call.busybox && way !== "" ? only.slice(0, -way.length) : only}: ${call.busybox ? `${way}/${name}`.slice(1) : name}\n`,
        );
        this.status = Math.max(this.status, 1);
        continue;
      }
      const [aFolder, bFolder] = [fs.isDirectory(resolvePath(cwd, a)), fs.isDirectory(resolvePath(cwd, b))];
      if (aFolder && bFolder) {
        if (call.has("r")) yield* this.directories(a, b, depth + 1, `${way}/${name}`);
        else flow.print(`Common subdirectories: ${a} and ${b}\n`);
      } else if (aFolder !== bFolder) {
        const kind = (folder: boolean): string => (folder ? "directory" : "regular file");
        flow.print(`File ${a} is a ${kind(aFolder)} while file ${b} is a ${kind(bFolder)}\n`);
        this.status = Math.max(this.status, 1);
      } else yield* this.files(a, b, ["diff", ...call.process.argv.slice(1).filter((word) => word.startsWith("-")), a, b].join(" "));
      yield* flow.flush();
    }
  }
}

export const diff = tool(
  {
    name: "diff",
    summary: "what differs between two files",
    short: "abBcC:diNqrsuU:wL:yW:",
    busybox: "abBdiL:NqrTstU:wu",
    long: {
      text: "a",
      "ignore-space-change": "b",
      "ignore-blank-lines": "B",
      context: "c",
      minimal: "d",
      "ignore-case": "i",
      "new-file": "N",
      brief: "q",
      recursive: "r",
      "report-identical-files": "s",
      unified: "u",
      "ignore-all-space": "w",
      label: "L",
      "side-by-side": "y",
      width: "W",
    },
    synopsis: "[OPTION]... FILES",
    usageStatus: 2,
    signed: true,
    unsupported: "DeEFIlnpPStTxXZ",
    prepare: (words) =>
      words.map((word) =>
        word.replace(/^--(unified|context)=(\d+)$/, (_all, name: string, n: string) => (name === "unified" ? `-U${n}` : `-C${n}`)),
      ),
  },
  (call) => flowing(call.process, "diff", (flow) => run(call, flow), 2),
);

function* run(call: Call, flow: Flow): Op<number> {
  const [first, second, extra] = call.operands;
  if (second === undefined || first === undefined)
    return call.misuse(first === undefined ? "missing operand after 'diff'" : `missing operand after '${first}'`, 2);
  if (extra !== undefined) return call.misuse(`extra operand '${extra}'`, 2);
  const width = call.value("W");
  if (width !== undefined && !/^[1-9]\d{0,4}$/.test(width)) return call.misuse(`invalid width '${width}'`, 2);
  const form = formOf(call);
  if (typeof form === "string") return call.fail(form, 2);
  const { fs, cwd } = call.process;
  const folder = (name: string): boolean => name !== "-" && fs.isDirectory(resolvePath(cwd, name));
  const comparison = new Comparison(call, flow, form);
  if (folder(first) && folder(second)) yield* comparison.directories(first, second, 0);
  else {
    // A file against a directory: the file of its name in there.
    const inside = (directory: string, name: string): string => `${directory.replace(/\/$/, "")}/${name.split("/").at(-1)}`;
    const exists = (name: string): boolean => name === "-" || fs.exists(resolvePath(cwd, name));
    yield* comparison.files(
      folder(first) && exists(second) ? inside(first, second) : first,
      folder(second) && exists(first) ? inside(second, first) : second,
    );
  }
  return comparison.status;
}
