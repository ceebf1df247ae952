/** od, hexdump, xxd: bytes as numbers and letters. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { type Flow, flowing } from "../flow.ts";
import { countOf } from "../size.ts";
import { type Call, tool } from "../tool.ts";
import { bytesOf, textOf } from "./bytes.ts";

/** All the bytes of the operands; the status once one could not be opened. */
function* gather(call: Call, flow: Flow, names: readonly string[]): Op<{ readonly bytes: Uint8Array; readonly status: number }> {
  const pieces: Uint8Array[] = [];
  let status = 0;
  for (const name of names.length > 0 ? names : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) status = call.fail(`${name}: ${input.message}`);
    else pieces.push(bytesOf(yield* flow.all(input)));
  }
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, status };
}

const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, "0");
const printable = (byte: number): string => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".");

/** How od shows a group of bytes: how wide each is, and its text. */
interface Format {
  readonly size: number;
  readonly width: number;
  readonly letters: boolean;
  show(bytes: Uint8Array): string;
}

const little = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);

const ESCAPES: Readonly<Record<number, string>> = { 0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r" };
const NAMES = "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp".split(
  " ",
);

const asChar = (byte: number): string =>
  ESCAPES[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0"));
const asName = (byte: number): string => NAMES[byte & 127] ?? ((byte & 127) === 127 ? "del" : String.fromCharCode(byte & 127));

const DECIMAL_DIGITS: Readonly<Record<number, number>> = { 1: 3, 2: 5, 4: 10, 8: 20 };
const OCTAL_DIGITS: Readonly<Record<number, number>> = { 1: 3, 2: 6, 4: 11, 8: 22 };
const SIZES: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8 };

/** Formats of -t: "x1", "d4z", several in a row; undefined when one is none. */
function formatsOf(word: string): readonly Format[] | undefined {
  const formats: Format[] = [];
  let rest = word;
  while (rest !== "") {
    const match = /^(?:([ac])|([doux])([1248CSIL]?))(z?)/.exec(rest);
    if (!match) return undefined;
    rest = rest.slice(match[0].length);
    const letters = match[4] === "z";
    if (match[1]) {
      const show = match[1] === "c" ? asChar : asName;
      formats.push({ size: 1, width: 3, letters, show: (bytes) => show(bytes[0] as number) });
      continue;
    }
    const size = SIZES[match[3] ?? ""] ?? Number(match[3] || 4);
    formats.push({ ...numbers(match[2] as string, size), letters });
  }
  return formats;
}

function numbers(kind: string, size: number): Omit<Format, "letters"> {
  switch (kind) {
    case "x":
      return { size, width: size * 2, show: (bytes) => hex(little(bytes), size * 2) };
    case "o": {
      const digits = OCTAL_DIGITS[size] as number;
      return { size, width: digits, show: (bytes) => little(bytes).toString(8).padStart(digits, "0") };
    }
    case "u":
      return { size, width: DECIMAL_DIGITS[size] as number, show: (bytes) => String(little(bytes)) };
    default:
      return {
        size,
        width: (DECIMAL_DIGITS[size] as number) + (size === 8 ? 0 : 1),
        show: (bytes) => String(BigInt.asIntN(size * 8, little(bytes))),
      };
  }
}

/** od's old letters as formats of -t. */
const TRADITIONAL: Readonly<Record<string, string>> = {
  a: "a",
  b: "o1",
  c: "c",
  d: "u2",
  i: "d4",
  l: "d8",
  o: "o2",
  s: "d2",
  x: "x2",
  h: "x2",
};

function* od(call: Call, flow: Flow): Op<number> {
  const formats: Format[] = [];
  for (const { name, value } of call.given) {
    const word = name === "t" ? value : TRADITIONAL[name];
    if (word === undefined) continue;
    const parsed = formatsOf(word);
    if (!parsed) return call.fail(`invalid type string '${word}'`);
    formats.push(...parsed);
  }
  if (formats.length === 0) formats.push(...(formatsOf("o2") as readonly Format[]));
  const radix = call.value("A") ?? "o";
  if (!/^[doxn]$/.test(radix)) return call.fail(`invalid output address radix '${radix}'; it must be one character from [doxn]`);
  const sizes = { N: Number.POSITIVE_INFINITY, j: 0, w: 16 };
  for (const letter of ["N", "j", "w"] as const) {
    const word = call.value(letter);
    if (word === undefined) continue;
    const count = word === "" && letter === "w" ? 32 : /^0x[0-9a-fA-F]{1,8}$/.test(word) ? Number(word) : countOf(word);
    if (count === undefined) return call.fail(call.busybox ? `invalid number '${word}'` : `invalid -${letter} argument '${word}'`);
    sizes[letter] = count;
  }
  const widest = Math.max(...formats.map(({ size }) => size));
  if (sizes.w === 0 || sizes.w > 4096 || sizes.w % widest !== 0)
    return call.fail(`invalid line width ${sizes.w}: groups have ${widest} bytes here`);
  const { bytes: all, status } = yield* gather(call, flow, call.operands);
  if (sizes.j > all.length) return call.fail("cannot skip past end of combined input");
  const bytes = all.subarray(sizes.j, Math.min(all.length, sizes.j + sizes.N));
  const address = (at: number): string => {
    const place = at + sizes.j;
    if (radix === "n") return "";
    return radix === "d" ? String(place).padStart(7, "0") : radix === "x" ? hex(place, 6) : place.toString(8).padStart(7, "0");
  };
  // Columns of several formats stand over each other: each byte gets the room of the widest.
  const room = Math.max(...formats.map(({ size, width }) => (width + 1) / size));
  let last: string | undefined;
  let starred = false;
  for (let at = 0; at < bytes.length; at += sizes.w) {
    const line = bytes.subarray(at, at + sizes.w);
    const key = line.join(" ");
    if (!call.has("v") && key === last && line.length === sizes.w) {
      if (!starred) flow.print("*\n");
      starred = true;
      continue;
    }
    [last, starred] = [key, false];
    for (const [i, format] of formats.entries()) {
      let text = i === 0 ? address(at) : " ".repeat(address(at).length);
      for (let from = 0; from < line.length; from += format.size) {
        const group = new Uint8Array(format.size);
        group.set(line.subarray(from, from + format.size));
        text += format.show(group).padStart(Math.floor(room * format.size));
      }
      if (format.letters) text = `${text.padEnd(address(at).length + Math.floor(room * sizes.w))}  >${[...line].map(printable).join("")}<`;
      flow.print(`${text}\n`);
    }
    if (flow.full) yield* flow.flush();
  }
  if (radix !== "n" && (status === 0 || bytes.length > 0)) flow.print(`${address(bytes.length)}\n`);
  return status;
}

/** hexdump's lines: two-byte words as od -x has them, or with -C bytes and letters. */
function* hexdump(call: Call, flow: Flow): Op<number> {
  const limit = call.value("n");
  const skip = call.value("s");
  for (const word of [limit, skip]) if (word !== undefined && countOf(word) === undefined) return call.fail(`invalid number '${word}'`);
  const { bytes: all, status } = yield* gather(call, flow, call.operands);
  const from = Math.min(all.length, countOf(skip ?? "0") as number);
  const bytes = all.subarray(from, Math.min(all.length, from + (limit === undefined ? all.length : (countOf(limit) as number))));
  const canonical = call.has("C");
  const digits = canonical ? 8 : 7;
  let last: string | undefined;
  let starred = false;
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16);
    const key = line.join(" ");
    if (!call.has("v") && key === last) {
      if (!starred) flow.print("*\n");
      starred = true;
      continue;
    }
    [last, starred] = [key, false];
    if (canonical) {
      const half = (part: Uint8Array): string => [...part].map((byte) => `${hex(byte, 2)} `).join("");
      const shown = `${half(line.subarray(0, 8)).padEnd(25)}${half(line.subarray(8))}`.padEnd(50);
      flow.print(`${hex(from + at, digits)}  ${shown}|${[...line].map(printable).join("")}|\n`);
    } else {
      const words: string[] = [];
      for (let i = 0; i < line.length; i += 2) words.push(hex((line[i] as number) | ((line[i + 1] ?? 0) << 8), 4));
      flow.print(`${`${hex(from + at, digits)} ${words.join(" ")}`.padEnd(47)}\n`);
    }
    if (flow.full) yield* flow.flush();
  }
  if (bytes.length > 0) flow.print(`${hex(from + bytes.length, digits)}\n`);
  return status;
}

function* xxd(call: Call, flow: Flow): Op<number> {
  const plain = call.has("p");
  const word = call.value("c") ?? (plain ? "30" : "16");
  const group = call.value("g") ?? "2";
  for (const one of [word, group, call.value("l") ?? "0", call.value("s") ?? "0"])
    if (!/^\d{1,4}$/.test(one)) return call.fail(`invalid number '${one}'`);
  const columns = Math.max(1, Number(word));
  const { bytes: all, status } = yield* gather(call, flow, call.operands.slice(0, 1));
  if (call.has("r")) {
    flow.print(textOf(reversed(textOf(all), plain)));
    return status;
  }
  const from = Number(call.value("s") ?? 0);
  const length = call.value("l");
  const bytes = all.subarray(from, length === undefined ? all.length : from + Number(length));
  const size = Number(group) || columns;
  for (let at = 0; at < bytes.length; at += columns) {
    const line = bytes.subarray(at, at + columns);
    if (plain) flow.print(`${[...line].map((byte) => hex(byte, 2)).join("")}\n`);
    else {
      const shown = [...line].map((byte, i) => hex(byte, 2) + ((i + 1) % size === 0 ? " " : "")).join("");
      const width = columns * 2 + Math.ceil(columns / size);
      flow.print(`${hex(from + at, 8)}: ${shown.padEnd(width)} ${[...line].map(printable).join("")}\n`);
    }
    if (flow.full) yield* flow.flush();
  }
  return status;
}

/** The bytes of a dump: hex digits, behind an address and before two spaces unless it is plain. */
function reversed(text: string, plain: boolean): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split("\n")) {
    const digits = (plain ? line : (line.replace(/^[0-9a-fA-F]+: /, "").split("  ")[0] as string)).replace(/\s/g, "");
    for (const pair of digits.match(/[0-9a-fA-F]{2}/g) ?? []) bytes.push(Number.parseInt(pair, 16));
  }
  return Uint8Array.from(bytes);
}

export const dumpCommands: readonly Command[] = [
  tool(
    {
      name: "od",
      summary: "bytes as numbers",
      short: "A:abcdij:lN:ost:vw:x",
      busybox: "A:abcdhij:lN:ost:vw:x",
      long: { "address-radix": "A", "skip-bytes": "j", "read-bytes": "N", format: "t", "output-duplicates": "v", width: "w" },
      synopsis: "[OPTION]... [FILE]...",
      unsupported: "fS",
      prepare: (words) => words.map((word) => (word === "-w" || word === "--width" ? "-w32" : word)),
    },
    (call) => flowing(call.process, "od", (flow) => od(call, flow)),
  ),
  tool(
    {
      name: "hexdump",
      summary: "bytes in hexadecimal",
      userlands: ["debian", "alpine", "busybox"],
      short: "Cn:s:v",
      synopsis: "[-Cv] [-n LEN] [-s OFS] [FILE]...",
      unsupported: "bcdeofx",
    },
    (call) => flowing(call.process, "hexdump", (flow) => hexdump(call, flow)),
  ),
  tool(
    {
      name: "xxd",
      summary: "bytes in hexadecimal, and back",
      userlands: ["debian", "alpine", "busybox"],
      short: "c:g:l:prs:",
      synopsis: "[-pr] [-g N] [-c N] [-l LEN] [-s OFS] [FILE]",
      unsupported: "abeinou",
      prepare: (words) => words.map((word) => (word === "-ps" ? "-p" : word)),
    },
    (call) => flowing(call.process, "xxd", (flow) => xxd(call, flow)),
  ),
];
