/** head: the first lines or characters of files. */
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { countOf } from "../size.ts";
import { type Call, countOption, tool } from "../tool.ts";

export const head = tool(
  {
    name: "head",
    summary: "the first lines",
    short: "c:n:qvz",
    long: { bytes: "c", lines: "n", quiet: "q", silent: "q", verbose: "v", "zero-terminated": "z" },
    synopsis: "[OPTION]... [FILE]...",
    prepare: countOption,
  },
  (call) => flowing(call.process, "head", (flow) => run(call, flow)),
);

/** How much to print: from the start, or all but so much at the end. */
interface Amount {
  readonly unit: "lines" | "characters";
  readonly count: number;
  readonly allBut: boolean;
}

function amountOf(call: Call): Amount | string {
  const last = call.given.findLast(({ name }) => name === "c" || name === "n");
  if (!last) return { unit: "lines", count: 10, allBut: false };
  const unit = last.name === "c" ? "characters" : "lines";
  const word = last.value;
  const allBut = word.startsWith("-");
  const count = countOf(allBut ? word.slice(1) : word);
  if (count === undefined)
    return call.busybox ? `invalid number '${word}'` : `invalid number of ${unit === "lines" ? "lines" : "bytes"}: '${word}'`;
  return { unit, count, allBut };
}

function* run(call: Call, flow: Flow) {
  const amount = amountOf(call);
  if (typeof amount === "string") return call.fail(amount);
  const names = call.operands.length > 0 ? call.operands : ["-"];
  const titled = call.has("v") || (names.length > 1 && !call.has("q"));
  let status = 0;
  let shown = 0;
  for (const name of names) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      const directory = input.message === "Is a directory";
      if (call.busybox) call.fail(`${name}: ${directory ? "Input/output error" : input.message}`);
      else call.fail(directory ? `error reading '${name}': ${input.message}` : `cannot open '${name}' for reading: ${input.message}`);
      status = 1;
      continue;
    }
    if (titled) flow.print(`${shown++ > 0 ? "\n" : ""}==> ${name === "-" ? "standard input" : name} <==\n`);
    if (amount.unit === "characters") {
      if (amount.allBut) {
        const text = yield* flow.all(input);
        flow.print(text.slice(0, Math.max(0, text.length - amount.count)));
        continue;
      }
      for (let left = amount.count; left > 0; ) {
        const piece = yield* input.read(left);
        if (piece === undefined) break;
        flow.print(piece);
        left -= piece.length;
        yield* flow.flush();
      }
      continue;
    }
    const end = call.has("z") ? "\0" : "\n";
    if (!amount.allBut) {
      // Line by line, so that what follows is left to whoever reads next.
      for (let left = amount.count; left > 0; ) {
        const piece = yield* input.read(undefined, end);
        if (piece === undefined) break;
        flow.print(piece);
        if (piece.endsWith(end)) left--;
        if (flow.full) yield* flow.flush();
      }
      continue;
    }
    const held: string[] = [];
    yield* flow.lines(
      input,
      (line, terminated) => {
        held.push(terminated ? line + end : line);
        if (held.length > amount.count) flow.print(held.shift() as string);
        return undefined;
      },
      end,
    );
  }
  return status;
}
