/** cat: files one after the other. */
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

interface Marks {
  readonly numbers: "none" | "all" | "filled";
  readonly squeeze: boolean;
  readonly ends: boolean;
  readonly tabs: boolean;
  readonly controls: boolean;
}

function marksOf(call: Call): Marks {
  const all = call.has("A");
  return {
    numbers: call.has("b") ? "filled" : call.has("n") ? "all" : "none",
    squeeze: call.has("s"),
    ends: all || call.has("E") || call.has("e"),
    tabs: all || call.has("T") || call.has("t"),
    controls: all || call.has("v") || call.has("e") || call.has("t"),
  };
}

/** ^X and M-X as cat -v shows what cannot be printed; UTF-8 by its bytes. */
function visible(text: string, tabs: boolean): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (char === "\t") out += tabs ? "^I" : char;
    else if (code >= 32 && code < 127) out += char;
    else if (code < 128) out += code === 127 ? "^?" : `^${String.fromCharCode(code + 64)}`;
    else
      for (const byte of utf8(code)) {
        const low = byte & 127;
        out += `M-${low >= 32 && low < 127 ? String.fromCharCode(low) : low === 127 ? "^?" : `^${String.fromCharCode(low + 64)}`}`;
      }
  }
  return out;
}

const utf8 = (code: number): readonly number[] => {
  const tail = (shift: number): number => 0x80 | ((code >> shift) & 63);
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
};

export const cat = tool(
  {
    name: "cat",
    summary: "prints files",
    short: "AbeEnstTuv",
    long: { number: "n", "number-nonblank": "b", "show-all": "A", "show-ends": "E", "show-tabs": "T", "squeeze-blank": "s" },
    busybox: "nbvteA",
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) => flowing(call.process, "cat", (flow) => run(call, flow)),
);

function* run(call: Call, flow: Flow) {
  const marks = marksOf(call);
  const plain = marks.numbers === "none" && !marks.squeeze && !marks.ends && !marks.tabs && !marks.controls;
  let status = 0;
  let number = 0;
  let blank = false;
  let midLine = false;
  const line = (text: string, terminated: boolean): undefined => {
    const empty = text === "" && terminated && !midLine;
    if (marks.squeeze && empty && blank) return;
    blank = empty;
    let shown = marks.controls ? visible(text, marks.tabs) : marks.tabs ? text.replaceAll("\t", "^I") : text;
    if (!midLine && (marks.numbers === "all" || (marks.numbers === "filled" && !empty)))
      shown = `${String(++number).padStart(6)}\t${shown}`;
    flow.print(terminated ? `${shown}${marks.ends ? "$" : ""}\n` : shown);
    midLine = !terminated;
  };
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      if (call.busybox)
        call.fail(input.message === "Is a directory" ? "read error: Is a directory" : `can't open '${name}': ${input.message}`);
      else call.fail(`${name}: ${input.message}`);
      status = 1;
      continue;
    }
    if (!plain) {
      yield* flow.lines(input, line);
      continue;
    }
    for (let piece = yield* input.read(); piece !== undefined; piece = yield* input.read()) {
      flow.print(piece);
      yield* flow.flush();
    }
  }
  return status;
}
