/** dd, truncate, split: files by their size. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { openInput, openOutput } from "../../../open.ts";
import { bytesOf, textOf } from "../bytes/bytes.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { countOf } from "../size.ts";
import { type Call, instantTool, tool } from "../tool.ts";

/** No more than a file of this world holds. */
const MOST_BYTES = 2_000_000;

const OPERANDS = new Set(["if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv", "status", "iflag", "oflag"]);

/** "10240 bytes (10 kB, 10 KiB) copied, 0.0001 s, 100 MB/s" (dd's print_stats); how long it took is not simulated. */
function copied(bytes: number): string {
  const scaled = (step: number, units: readonly string[]): string | undefined => {
    let value = bytes;
    let unit = -1;
    while (value >= step && unit < units.length - 1) {
      value /= step;
      unit++;
    }
    return unit < 0 ? undefined : `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, ".0") : Math.round(value)} ${units[unit]}`;
  };
  const short = scaled(1000, ["kB", "MB", "GB"]);
  const binary = scaled(1024, ["KiB", "MiB", "GiB"]);
  const sizes = [short, binary].filter((size) => size !== undefined).join(", ");
  return `${bytes} byte${bytes === 1 ? "" : "s"}${sizes === "" ? "" : ` (${sizes})`} copied, 0.0001 s, ${(bytes / 100).toFixed(1)} MB/s\n`;
}

function* dd(call: Call): Op<number> {
  const { process } = call;
  const given = new Map<string, string>();
  for (const word of call.operands) {
    const equals = word.indexOf("=");
    const name = word.slice(0, Math.max(0, equals));
    if (!OPERANDS.has(name)) return call.misuse(`unrecognized operand '${word}'`);
    given.set(name, word.slice(equals + 1));
  }
  const numbers: Record<string, number> = {};
  for (const name of ["bs", "ibs", "obs", "count", "skip", "seek"]) {
    const word = given.get(name);
    const value = word === undefined ? undefined : countOf(word);
    if (word !== undefined && (value === undefined || (value === 0 && name.endsWith("bs"))))
      return call.fail(call.busybox ? `invalid number '${word}'` : `invalid number: '${word}'`);
    if (value !== undefined) numbers[name] = value;
  }
  const conversions = (given.get("conv") ?? "").split(",").filter(Boolean);
  const unknown = conversions.find((word) => !["ucase", "lcase", "notrunc", "fsync", "sync", "noerror"].includes(word));
  if (unknown !== undefined) return call.fail(`conv=${unknown} is not supported here; ucase, lcase, notrunc, noerror, sync and fsync are`);
  for (const name of ["iflag", "oflag"]) if (given.has(name)) return call.fail(`${name}= is not supported here`);
  const input = given.get("if");
  const from = input === undefined ? process.stdin : openInput(process, input);
  if (from instanceof FileError)
    return call.fail(call.busybox ? `can't open '${input}': ${from.message}` : `failed to open '${input}': ${from.message}`);
  const block = numbers.bs ?? numbers.ibs ?? 512;
  const most = numbers.count === undefined ? Number.POSITIVE_INFINITY : numbers.count * block;
  const skipped = (numbers.skip ?? 0) * block;
  if (Math.min(most, MOST_BYTES + 1) + skipped > MOST_BYTES && most !== Number.POSITIVE_INFINITY)
    return call.fail(`error writing '${given.get("of") ?? "standard output"}': No space left on device`);
  // Whole characters are read until there are as many bytes as are wanted.
  let text = "";
  while (text.length < most + skipped && text.length <= MOST_BYTES) {
    const piece = yield* from.read(Math.min(block, most + skipped - text.length));
    if (piece === undefined) break;
    text += piece;
  }
  const bytes = bytesOf(text).slice(skipped, skipped + most);
  let result = textOf(bytes);
  if (conversions.includes("ucase")) result = result.toUpperCase();
  if (conversions.includes("lcase")) result = result.toLowerCase();
  const target = given.get("of");
  if (target === undefined) process.stdout.write(result);
  else {
    const path = resolvePath(process.cwd, target);
    const seek = (numbers.seek ?? 0) * (numbers.bs ?? numbers.obs ?? 512);
    const before = process.fs.isComputed(path) ? "" : process.fs.read(path);
    const old = typeof before === "string" ? before : "";
    const kept = old.slice(0, seek).padEnd(Math.min(seek, MOST_BYTES), "\0");
    const rest = conversions.includes("notrunc") ? old.slice(seek + result.length) : "";
    const output = openOutput(process, target, false);
    if (output instanceof FileError)
      return call.fail(call.busybox ? `can't open '${target}': ${output.message}` : `failed to open '${target}': ${output.message}`);
    output.write(kept + result + rest);
    if (output.failure !== undefined) return call.fail(`error writing '${target}': ${output.failure}`);
  }
  if (given.get("status") === "none") return 0;
  const whole = Math.floor(bytes.length / block);
  const records = `${whole}+${bytes.length % block > 0 ? 1 : 0}`;
  process.stderr.write(`${records} records in\n${records} records out\n`);
  if (given.get("status") !== "noxfer" && !call.busybox) process.stderr.write(copied(bytes.length));
  return 0;
}

/** A size as truncate takes it: how the old one becomes the new one. */
function resizing(word: string): ((size: number) => number) | undefined {
  const match = /^([-+<>/%]?)(\d+[a-zA-Z]{0,2})$/.exec(word);
  const value = match ? countOf(match[2] as string) : undefined;
  if (!match || value === undefined) return undefined;
  switch (match[1]) {
    case "+":
      return (size) => size + value;
    case "-":
      return (size) => Math.max(0, size - value);
    case "<":
      return (size) => Math.min(size, value);
    case ">":
      return (size) => Math.max(size, value);
    case "/":
      return value === 0 ? undefined : (size) => size - (size % value);
    case "%":
      return value === 0 ? undefined : (size) => Math.ceil(size / value) * value;
    default:
      return () => value;
  }
}

function truncate(call: Call): number {
  const { fs, cwd } = call.process;
  const word = call.value("s");
  const reference = call.value("r");
  if (word === undefined && reference === undefined)
    return call.busybox ? call.usage() : call.misuse("you must specify either '--size' or '--reference'");
  let resize = word === undefined ? undefined : resizing(word);
  if (word !== undefined && !resize) return call.fail(call.busybox ? `invalid number '${word}'` : `Invalid number: '${word}'`);
  if (reference !== undefined) {
    const model = fs.read(resolvePath(cwd, reference));
    if (typeof model !== "string") return call.fail(`cannot stat '${reference}': ${model.message}`);
    resize ??= () => model.length;
  }
  if (call.operands.length === 0) return call.busybox ? call.usage() : call.misuse("missing file operand");
  let status = 0;
  for (const name of call.operands) {
    const path = resolvePath(cwd, name);
    const old = fs.read(path);
    if (old instanceof FileError && call.has("c")) continue;
    if (old instanceof FileError && old.message !== "No such file or directory") {
      status = call.fail(call.busybox ? `${name}: ${old.message}` : `cannot open '${name}' for writing: ${old.message}`);
      continue;
    }
    const text = typeof old === "string" ? old : "";
    const size = (resize as (size: number) => number)(text.length);
    const failed = size > MOST_BYTES ? new FileError("No space left on device") : fs.write(path, text.slice(0, size).padEnd(size, "\0"));
    if (failed) status = call.fail(`failed to truncate '${name}' at ${size} bytes: ${failed.message}`);
  }
  return status;
}

/** The suffix of a file: letters or digits, of a width. */
function suffixOf(index: number, width: number, digits: boolean): string | undefined {
  const radix = digits ? 10 : 26;
  if (index >= radix ** width) return undefined;
  let text = "";
  for (let i = 0, rest = index; i < width; i++, rest = Math.floor(rest / radix))
    text = (digits ? String(rest % 10) : String.fromCharCode(97 + (rest % 26))) + text;
  return text;
}

function* split(call: Call, flow: Flow): Op<number> {
  const { process } = call;
  const [file = "-", prefix = "x"] = call.operands;
  const number = (letter: string, what: string): number | string | undefined => {
    const word = call.value(letter);
    if (word === undefined) return undefined;
    const value = countOf(word);
    return value === undefined || value === 0
      ? call.busybox
        ? `invalid number '${word}'`
        : `invalid number of ${what}: '${word}'`
      : value;
  };
  const [lines, bytes, chunks] = [number("l", "lines"), number("b", "bytes"), number("n", "chunks")];
  for (const one of [lines, bytes, chunks]) if (typeof one === "string") return call.fail(one);
  const width = Number(call.value("a") ?? 2);
  const input = flow.open(file);
  if (input instanceof FileError)
    return call.fail(call.busybox ? `can't open '${file}': ${input.message}` : `cannot open '${file}' for reading: ${input.message}`);
  const text = yield* flow.all(input);
  const pieces: string[] = [];
  const size = bytes ?? (typeof chunks === "number" ? Math.max(1, Math.ceil(text.length / chunks)) : undefined);
  if (typeof size === "number") for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  else {
    const all = linesOf(text);
    const count = typeof lines === "number" ? lines : 1000;
    for (let at = 0; at < all.length; at += count) pieces.push(`${all.slice(at, at + count).join("\n")}\n`);
  }
  for (const [i, piece] of pieces.entries()) {
    const suffix = suffixOf(i, width, call.has("d"));
    if (suffix === undefined) return call.fail(call.busybox ? "suffixes exhausted" : "output file suffixes exhausted");
    const name = `${prefix}${suffix}${call.value("S") ?? ""}`;
    const failed = process.fs.write(resolvePath(process.cwd, name), piece);
    if (failed) return call.fail(`${name}: ${failed.message}`);
  }
  return 0;
}

export const blockCommands: readonly Command[] = [
  tool({ name: "dd", summary: "copies a file by blocks", short: "", synopsis: "[OPERAND]..." }, dd),
  instantTool(
    {
      name: "truncate",
      summary: "shrinks or extends a file",
      short: "cs:r:",
      busybox: "cs:",
      long: { size: "s", "no-create": "c", reference: "r" },
      synopsis: "OPTION... FILE...",
      unsupported: "o",
    },
    truncate,
  ),
  tool(
    {
      name: "split",
      summary: "cuts a file into pieces",
      short: "l:b:n:a:dS:",
      busybox: "l:b:a:",
      long: { lines: "l", bytes: "b", number: "n", "suffix-length": "a", "numeric-suffixes": "d", "additional-suffix": "S" },
      synopsis: "[OPTION]... [FILE [PREFIX]]",
      unsupported: "Cetux",
    },
    (call) => flowing(call.process, "split", (flow) => split(call, flow)),
  ),
];
