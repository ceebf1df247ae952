/** tac, rev, paste, fold, nl, column: what is done to each line, or to all of them. */
import type { Input } from "../../../../kernel/stdio.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

/** Opens each operand in turn; those that cannot be opened are told by `refused`. Gives the status. */
function* each(
  call: Call,
  flow: Flow,
  take: (input: Input, name: string) => Op<void>,
  refused?: (name: string, error: FileError) => string,
): Op<number> {
  let status = 0;
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) status = call.fail(refused && !call.busybox ? refused(name, input) : `${name}: ${input.message}`);
    else yield* take(input, name);
  }
  return status;
}

export const tac = tool(
  { name: "tac", summary: "lines from the last to the first", short: "", synopsis: "[FILE]...", unsupported: "brs" },
  (call) =>
    flowing(call.process, "tac", (flow) =>
      each(
        call,
        flow,
        function* (input) {
          const text = yield* flow.all(input);
          const lines = text.split("\n");
          const tail = lines.pop() as string;
          // A last line without its newline stays so, and comes first.
          flow.print(
            tail +
              lines
                .reverse()
                .map((line) => `${line}\n`)
                .join(""),
          );
        },
        (name, error) => `failed to open '${name}' for reading: ${error.message}`,
      ),
    ),
);

export const rev = tool({ name: "rev", summary: "each line backwards", short: "", synopsis: "[FILE]..." }, (call) =>
  flowing(call.process, "rev", (flow) =>
    each(
      call,
      flow,
      function* (input) {
        yield* flow.lines(input, (line, terminated) => {
          flow.print([...line].reverse().join("") + (terminated ? "\n" : ""));
          return undefined;
        });
      },
      (name, error) => `cannot open ${name}: ${error.message}`,
    ),
  ),
);

export const paste = tool(
  {
    name: "paste",
    summary: "lines of files side by side",
    short: "d:sz",
    busybox: "d:s",
    long: { delimiters: "d", serial: "s" },
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) => flowing(call.process, "paste", (flow) => pasted(call, flow)),
);

function* pasted(call: Call, flow: Flow): Op<number> {
  const delimiters = [
    ...(call.value("d") ?? "\t").replace(/\\(.)/g, (_all, char: string) => ({ n: "\n", t: "\t", "0": "\0" })[char] ?? char),
  ];
  const delimiter = (i: number): string => (delimiters.length === 0 ? "" : (delimiters[i % delimiters.length] as string).replace("\0", ""));
  const columns: string[][] = [];
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) return call.fail(`${name}: ${input.message}`);
    const lines: string[] = [];
    yield* flow.lines(input, (line) => {
      lines.push(line);
      return undefined;
    });
    columns.push(lines);
  }
  if (call.has("s")) {
    for (const lines of columns) flow.print(`${lines.map((line, i) => (i === 0 ? line : delimiter(i - 1) + line)).join("")}\n`);
    return 0;
  }
  const height = Math.max(0, ...columns.map((lines) => lines.length));
  for (let row = 0; row < height; row++) {
    flow.print(`${columns.map((lines, i) => (i === 0 ? "" : delimiter(i - 1)) + (lines[row] ?? "")).join("")}\n`);
    if (flow.full) yield* flow.flush();
  }
  return 0;
}

export const fold = tool(
  {
    name: "fold",
    summary: "breaks long lines",
    short: "bsw:",
    long: { bytes: "b", spaces: "s", width: "w" },
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) =>
    flowing(call.process, "fold", function* (flow) {
      const word = call.value("w") ?? "80";
      if (!/^[1-9]\d*$/.test(word)) return call.fail(call.busybox ? `invalid number '${word}'` : `invalid number of columns: '${word}'`);
      const width = Number(word);
      return yield* each(call, flow, function* (input) {
        yield* flow.lines(input, (line, terminated) => {
          flow.print(folded(line, width, call.has("s")).join("\n") + (terminated ? "\n" : ""));
          return undefined;
        });
      });
    }),
);

function folded(line: string, width: number, atSpaces: boolean): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (line.length - from > width) {
    const space = atSpaces ? line.lastIndexOf(" ", from + width - 1) : -1;
    const end = space >= from ? space + 1 : from + width;
    pieces.push(line.slice(from, end));
    from = end;
  }
  pieces.push(line.slice(from));
  return pieces;
}

export const nl = tool(
  {
    name: "nl",
    summary: "numbers lines",
    short: "b:i:n:s:v:w:",
    long: {
      "body-numbering": "b",
      "line-increment": "i",
      "number-format": "n",
      "number-separator": "s",
      "starting-line-number": "v",
      "number-width": "w",
    },
    synopsis: "[OPTION]... [FILE]...",
    unsupported: "dfhlp",
  },
  (call) =>
    flowing(call.process, "nl", function* (flow) {
      const style = call.value("b") ?? "t";
      if (!/^[atn]$/.test(style)) return call.fail(`invalid body numbering style: '${style}'`);
      const width = Math.min(1000, Number(call.value("w") ?? 6) || 6);
      const format = call.value("n") ?? "rn";
      const separator = call.value("s") ?? "\t";
      let number = Number(call.value("v") ?? 1) || 0;
      const step = Number(call.value("i") ?? 1) || 0;
      return yield* each(call, flow, function* (input) {
        yield* flow.lines(input, (line) => {
          const numbered = style === "a" || (style === "t" && line !== "");
          const text = String(number);
          const shown = format === "ln" ? text.padEnd(width) : text.padStart(width, format === "rz" ? "0" : " ");
          if (numbered) number += step;
          flow.print(numbered ? `${shown}${separator}${line}\n` : `${" ".repeat(width + separator.length)}${line}\n`);
          return undefined;
        });
      });
    }),
);

export const column = tool(
  {
    name: "column",
    summary: "lines as a table: column -t",
    userlands: ["host"],
    short: "c:o:s:t",
    long: { table: "t", separator: "s", "output-separator": "o", "output-width": "c" },
    synopsis: "[options] [<file>...]",
    unsupported: "JLnNORTWxerdEHil",
  },
  (call) =>
    flowing(call.process, "column", function* (flow) {
      const lines: string[] = [];
      const status = yield* each(call, flow, function* (input) {
        yield* flow.lines(input, (line) => {
          if (line.trim() !== "") lines.push(line);
          return undefined;
        });
      });
      flow.print(
        call.has("t") ? table(lines, call.value("s"), call.value("o") ?? "  ") : filled(lines, Number(call.value("c") ?? 80) || 80),
      );
      return status;
    }),
);

function table(lines: readonly string[], separators: string | undefined, joiner: string): string {
  const rows = lines.map((line) => (separators === undefined ? line.trim().split(/[ \t]+/) : splitAt(line, separators)));
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows
    .map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] as number))).join(joiner)}\n`)
    .join("");
}

function splitAt(line: string, separators: string): string[] {
  const cells = [""];
  for (const char of line)
    if (separators.includes(char)) cells.push("");
    else cells[cells.length - 1] += char;
  return cells;
}

/** Items in columns, filled from top to bottom (util-linux column, also how ls shows names on a terminal). */
function filled(items: readonly string[], width: number): string {
  if (items.length === 0) return "";
  const cell = Math.ceil((Math.max(...items.map((item) => item.length)) + 1) / 8) * 8;
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(items.length / columns);
  let text = "";
  for (let row = 0; row < rows; row++) {
    let line = "";
    for (let i = row; i < items.length; i += rows) line += i + rows < items.length ? (items[i] as string).padEnd(cell) : items[i];
    text += `${line}\n`;
  }
  return text;
}
