/** head: the first lines or characters of files. */
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, countOption, tool } from "../tool.ts";
import { amountOf, TitledFiles } from "./part.ts";

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

function* run(call: Call, flow: Flow) {
  const amount = amountOf(call, "-", "-");
  if (typeof amount === "string") return call.fail(amount);
  const files = new TitledFiles(call, flow);
  let status = 0;
  for (const name of files.names) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      const directory = input.message === "Is a directory";
      if (call.busybox) call.fail(`${name}: ${directory ? "Input/output error" : input.message}`);
      else call.fail(directory ? `error reading '${name}': ${input.message}` : `cannot open '${name}' for reading: ${input.message}`);
      status = 1;
      continue;
    }
    files.title(name);
    if (amount.unit === "characters") {
      if (amount.turned) {
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
    if (!amount.turned) {
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
