/** uniq: neighbouring lines that are equal. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

export const uniq = tool(
  {
    name: "uniq",
    summary: "repeated lines once",
    short: "cdDf:is:uw:z",
    busybox: "cdf:is:uw:z",
    long: { count: "c", repeated: "d", "skip-fields": "f", "ignore-case": "i", "skip-chars": "s", unique: "u", "check-chars": "w" },
    synopsis: "[OPTION]... [INPUT [OUTPUT]]",
  },
  (call) => flowing(call.process, "uniq", (flow) => run(call, flow)),
);

function* run(call: Call, flow: Flow): Op<number> {
  const [name = "-", target, extra] = call.operands;
  if (extra !== undefined) return call.misuse(`extra operand '${extra}'`);
  for (const [letter, what] of [
    ["f", "fields to skip"],
    ["s", "bytes to skip"],
    ["w", "bytes to compare"],
  ] as const) {
    const value = call.value(letter);
    if (value !== undefined && !/^\d+$/.test(value))
      return call.fail(call.busybox ? `invalid number '${value}'` : `${value}: invalid number of ${what}`);
  }
  const input = flow.open(name);
  if (input instanceof FileError) return call.fail(call.busybox ? `can't open '${name}': ${input.message}` : `${name}: ${input.message}`);
  const fields = Number(call.value("f") ?? 0);
  const skipped = Number(call.value("s") ?? 0);
  const compared = call.value("w");
  const key = (line: string): string => {
    let text = fields === 0 ? line : line.replace(new RegExp(`^(?:[ \\t]*[^ \\t]+){0,${Math.min(fields, 1000)}}`), "");
    text = text.slice(skipped, compared === undefined ? undefined : skipped + Number(compared));
    return call.has("i") ? text.toLowerCase() : text;
  };
  let written = "";
  const print = (text: string): void => {
    if (target === undefined) flow.print(text);
    else written += text;
  };
  let group: { readonly line: string; readonly key: string; count: number } | undefined;
  const close = (): void => {
    if (!group) return;
    const repeated = group.count > 1;
    if (call.has("D") || (call.has("d") && !repeated) || (call.has("u") && repeated)) return;
    print(call.has("c") ? `${String(group.count).padStart(7)} ${group.line}\n` : `${group.line}\n`);
  };
  yield* flow.lines(input, (line) => {
    const own = key(line);
    if (group?.key === own) {
      if (call.has("D")) print(group.count === 1 ? `${group.line}\n${line}\n` : `${line}\n`);
      group.count++;
      return undefined;
    }
    close();
    group = { line, key: own, count: 1 };
    return undefined;
  });
  close();
  if (target === undefined) return 0;
  const refused = call.process.fs.write(resolvePath(call.process.cwd, target), written);
  return refused ? call.fail(`${target}: ${refused.message}`) : 0;
}
