/** cmp: the first byte in which two files differ. comm: what two sorted files have in common. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { bytesOf } from "../bytes/bytes.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";

/** The texts of two operands, or the status once one could not be opened. */
function* both(call: Call, flow: Flow, status: number): Op<readonly [string, string] | number> {
  const texts: string[] = [];
  for (const name of [call.operands[0] ?? "-", call.operands[1] ?? "-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) return call.fail(`${name}: ${input.message}`, status);
    texts.push(yield* flow.all(input));
  }
  return [texts[0] as string, texts[1] as string];
}

export const cmp = tool(
  {
    name: "cmp",
    summary: "where two files differ first",
    short: "bln:s",
    busybox: "ln:s",
    long: { "print-bytes": "b", verbose: "l", bytes: "n", quiet: "s", silent: "s" },
    synopsis: "[OPTION]... FILE1 [FILE2]",
    usageStatus: 2,
    signed: true,
    unsupported: "i",
  },
  (call) => flowing(call.process, "cmp", (flow) => compared(call, flow), 2),
);

function* compared(call: Call, flow: Flow): Op<number> {
  const [first, second = "-", extra] = call.operands;
  if (first === undefined) return call.misuse("missing operand after 'cmp'", 2);
  if (extra !== undefined)
    return call.busybox ? call.fail("skipping bytes is not supported here", 2) : call.misuse("skipping bytes is not supported here", 2);
  const limit = call.value("n");
  if (limit !== undefined && !/^\d{1,15}$/.test(limit)) return call.misuse(`invalid --bytes value '${limit}'`, 2);
  const texts = yield* both(call, flow, 2);
  if (typeof texts === "number") return texts;
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const [a, b] = texts.map((text) => bytesOf(text).subarray(0, most)) as [Uint8Array, Uint8Array];
  const shared = Math.min(a.length, b.length);
  const octal = (byte: number): string => byte.toString(8).padStart(3);
  let line = 1;
  let status = 0;
  for (let i = 0; i < shared; i++) {
    const [one, two] = [a[i] as number, b[i] as number];
    if (one !== two) {
      status = 1;
      if (call.has("s")) return 1;
      if (!call.has("l")) {
        const shown = call.has("b") ? ` is ${octal(one)} ${visible(one)} ${octal(two)} ${visible(two)}` : "";
        flow.print(`${first} ${second} differ: ${call.busybox ? "char" : "byte"} ${i + 1}, line ${line}${shown}\n`);
        return 1;
      }
      flow.print(`${String(i + 1).padStart(String(Math.max(a.length, b.length)).length)} ${octal(one)} ${octal(two)}\n`);
      if (flow.full) yield* flow.flush();
    }
    if (one === 10) line++;
  }
  if (a.length === b.length) return status;
  if (call.has("s")) return 1;
  const shorter = a.length < b.length ? first : second;
  if (call.busybox || shared === 0) call.process.stderr.write(`cmp: EOF on ${call.busybox ? shorter : `'${shorter}' which is empty`}\n`);
  else {
    const ends = (a.length < b.length ? a : b)[shared - 1] === 10;
    const where = call.has("l") ? "" : ends ? `, line ${line - 1}` : `, in line ${line}`;
    call.process.stderr.write(`cmp: EOF on '${shorter}' after byte ${shared}${where}\n`);
  }
  return 1;
}

/** A byte as cmp -b and cat -v show it. */
const visible = (byte: number): string =>
  byte < 32
    ? `^${String.fromCharCode(byte + 64)}`
    : byte === 127
      ? "^?"
      : byte < 127
        ? String.fromCharCode(byte)
        : `M-${visible(byte - 128)}`;

export const comm = tool(
  {
    name: "comm",
    summary: "what two sorted files have in common",
    userlands: ["host", "debian"],
    short: "123z",
    long: { "output-delimiter": "output-delimiter:", "check-order": "check", "nocheck-order": "nocheck", total: "total" },
    synopsis: "[OPTION]... FILE1 FILE2",
  },
  (call) =>
    flowing(call.process, "comm", function* (flow) {
      const [first, second, extra] = call.operands;
      if (second === undefined) return call.misuse(first === undefined ? "missing operand" : `missing operand after '${first}'`);
      if (extra !== undefined) return call.misuse(`extra operand '${extra}'`);
      const texts = yield* both(call, flow, 1);
      if (typeof texts === "number") return texts;
      const [a, b] = texts.map(linesOf) as [readonly string[], readonly string[]];
      const gap = call.value("output-delimiter") ?? "\t";
      const before = (column: number): string => gap.repeat(["1", "2"].slice(0, column - 1).filter((one) => !call.has(one)).length);
      const counts = [0, 0, 0];
      const print = (line: string, column: number): void => {
        counts[column - 1] = (counts[column - 1] ?? 0) + 1;
        if (!call.has(String(column))) flow.print(`${before(column)}${line}\n`);
      };
      let [i, j] = [0, 0];
      let unsorted = 0;
      const check = (lines: readonly string[], at: number, file: number): void => {
        if (unsorted & file || at === 0 || call.has("nocheck") || (lines[at - 1] as string) <= (lines[at] as string)) return;
        unsorted |= file;
        call.process.stderr.write(`comm: file ${file} is not in sorted order\n`);
      };
      while (i < a.length || j < b.length) {
        const [one, two] = [a[i], b[j]];
        if (one !== undefined) check(a, i, 1);
        if (two !== undefined) check(b, j, 2);
        if (two === undefined || (one !== undefined && one < two)) {
          print(one as string, 1);
          i++;
        } else if (one === undefined || two < one) {
          print(two, 2);
          j++;
        } else {
          print(one, 3);
          i++;
          j++;
        }
        if (flow.full) yield* flow.flush();
      }
      if (call.has("total")) flow.print(`${counts.join(gap)}${gap}total\n`);
      if (unsorted > 0) call.fail("input is not in sorted order");
      return unsorted > 0 ? 1 : 0;
    }),
);
