/** tee: its input, and copies of it. */
import type { Output } from "../../../../kernel/stdio.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { openOutput } from "../../../open.ts";
import { flowing } from "../flow.ts";
import { tool } from "../tool.ts";

export const tee = tool(
  {
    name: "tee",
    summary: "copies its input to files",
    short: "aip",
    busybox: "ai",
    long: { append: "a", "ignore-interrupts": "i" },
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) =>
    flowing(call.process, "tee", function* (flow) {
      let status = 0;
      const copies: { readonly name: string; readonly output: Output }[] = [];
      for (const name of call.operands) {
        const output = name === "-" ? call.process.stdout : openOutput(call.process, name, call.has("a"));
        if (output instanceof FileError) status = call.fail(`${name}: ${output.message}`);
        else copies.push({ name, output });
      }
      const { stdin } = call.process;
      for (let piece = yield* stdin.read(); piece !== undefined; piece = yield* stdin.read()) {
        for (const { name, output } of copies) {
          const before = output.failure;
          output.write(piece);
          if (output.failure !== undefined && before === undefined) status = call.fail(`${name}: ${output.failure}`);
        }
        flow.print(piece);
        yield* flow.flush();
      }
      return status;
    }),
);
