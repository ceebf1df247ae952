/** wc: lines, words, characters. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

export const wc = tool(
  {
    name: "wc",
    summary: "counts lines, words and bytes",
    short: "clmwL",
    long: { bytes: "c", chars: "m", lines: "l", words: "w", "max-line-length": "L" },
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) => flowing(call.process, "wc", (flow) => run(call, flow)),
);

/** In the order in which they are printed. */
const COLUMNS = ["l", "w", "m", "c", "L"] as const;
type Counts = Record<(typeof COLUMNS)[number], number>;

const nothing = (): Counts => ({ l: 0, w: 0, m: 0, c: 0, L: 0 });

function* count(flow: Flow, input: Exclude<ReturnType<Flow["open"]>, FileError>): Op<Counts> {
  const counts = nothing();
  let inWord = false;
  let column = 0;
  for (let piece = yield* input.read(); piece !== undefined; piece = yield* input.read()) {
    const bytes = utf8Length(piece);
    counts.c += bytes;
    // The C locale counts bytes as characters.
    counts.m += bytes;
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (code === 10) {
        counts.l++;
        counts.L = Math.max(counts.L, column);
        column = 0;
      } else column = code === 9 ? column + 8 - (column % 8) : column + 1;
      const space = code === 32 || (code >= 9 && code <= 13);
      if (!space && !inWord) counts.w++;
      inWord = !space;
    }
    yield* flow.flush();
  }
  counts.L = Math.max(counts.L, column);
  return counts;
}

function* run(call: Call, flow: Flow): Op<number> {
  const chosen = COLUMNS.filter((letter) => call.has(letter));
  const columns = chosen.length > 0 ? chosen : (["l", "w", "c"] as const);
  const names = call.operands.length > 0 ? call.operands : ["-"];
  const rows: { readonly counts: Counts; readonly name: string; readonly error?: string }[] = [];
  const total = nothing();
  let status = 0;
  for (const name of names) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      status = 1;
      const error = `${name}: ${input.message}`;
      if (input.message !== "Is a directory") rows.push({ counts: nothing(), name: "", error });
      else rows.push({ counts: nothing(), name, error });
      continue;
    }
    const counts = yield* count(flow, input);
    for (const letter of COLUMNS) total[letter] = letter === "L" ? Math.max(total.L, counts.L) : total[letter] + counts[letter];
    rows.push({ counts, name: call.operands.length > 0 ? name : "" });
  }
  const width = widthOf(call, columns.length, total, names);
  const line = (counts: Counts, name: string): string =>
    `${columns.map((letter) => String(counts[letter]).padStart(width)).join(" ")}${name === "" ? "" : ` ${name}`}\n`;
  for (const { counts, name, error } of rows) {
    const directory = error !== undefined && name !== "";
    // GNU prints what it counted of a directory before it complains; BusyBox after.
    if (directory && !call.busybox) call.print(line(counts, name));
    if (error !== undefined) call.fail(error);
    if (error === undefined || (directory && call.busybox)) call.print(line(counts, name));
  }
  if (names.length > 1) call.print(line(total, "total"));
  return status;
}

/** GNU: as wide as the sizes of the files need; 7 where a size is not known. BusyBox: 9. One column alone is not padded. */
function widthOf(call: Call, columns: number, total: Counts, names: readonly string[]): number {
  if (call.busybox) return columns === 1 && names.length === 1 ? 1 : 9;
  if (columns === 1 && names.length === 1) return 1;
  if (call.operands.length === 0 || names.includes("-") || total.c === 0) return 7;
  return String(total.c).length;
}
