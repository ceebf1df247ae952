/** seq and yes: numbers one after the other, and a word for ever. */
import type { Op } from "../../../../kernel/task.ts";
import type { Command } from "../../../command.ts";
import { formatNumber } from "../../../format.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

const decimals = (word: string): number => (/[eE]/.test(word) ? 0 : (word.split(".")[1] ?? "").length);

function* count(call: Call, flow: Flow): Op<number> {
  const { operands } = call;
  if (operands.length === 0) return call.misuse("missing operand");
  if (operands.length > 3) return call.misuse(`extra operand '${operands[3]}'`);
  for (const word of operands) if (!NUMBER.test(word)) return call.misuse(`invalid floating point argument: '${word}'`);
  const [first, step, last] =
    operands.length === 1 ? ["1", "1", operands[0]] : operands.length === 2 ? [operands[0], "1", operands[1]] : operands;
  const from = Number(first);
  const by = Number(step);
  const to = Number(last);
  if (by === 0) return call.misuse(`invalid Zero increment value: '${step}'`);
  const precision = Math.min(20, Math.max(decimals(first as string), decimals(step as string)));
  const format = formatOf(call);
  if (format === undefined) return call.fail(`format '${call.value("f")}' has no % directive`);
  const amount = Math.floor((to - from) / by + 1e-9);
  const shown = (i: number): string => {
    const value = from + i * by;
    if (format !== "") return printed(format, value);
    return precision === 0 && Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : value.toFixed(precision);
  };
  const width = call.has("w") && amount >= 0 ? Math.max(shown(0).length, shown(amount).length) : 0;
  const separator = call.value("s") ?? "\n";
  for (let i = 0; i <= amount; i++) {
    const text = shown(i);
    const padded = text.startsWith("-") ? `-${text.slice(1).padStart(width - 1, "0")}` : text.padStart(width, "0");
    flow.print(i === 0 ? padded : separator + padded);
    flow.effort.spend();
    if (flow.full) yield* flow.flush();
  }
  if (amount >= 0) flow.print("\n");
  return 0;
}

/** The format of -f; "" without one, undefined when it is none. */
function formatOf(call: Call): string | undefined {
  const format = call.value("f");
  if (format === undefined) return "";
  return /^(?:[^%]|%%)*%[-+ #0']*\d*(?:\.\d+)?[efgEFG](?:[^%]|%%)*$/s.test(format) ? format : undefined;
}

const printed = (format: string, value: number): string =>
  format.replace(
    /%%|%([-+ #0']*)(\d*)(?:\.(\d+))?([efgEFG])/g,
    (all, flags: string, width: string, precision: string | undefined, verb: string) =>
      all === "%%"
        ? "%"
        : formatNumber(
            { flags, width: Math.min(1000, Number(width)), precision: precision === undefined ? undefined : Number(precision), verb },
            value,
          ),
  );

/** -1 is a number, no option. */
const negative = (words: readonly string[]): readonly string[] => {
  const at = words.findIndex((word) => NUMBER.test(word));
  return at >= 0 && !words.includes("--") ? [...words.slice(0, at), "--", ...words.slice(at)] : words;
};

export const seqCommands: readonly Command[] = [
  tool(
    {
      name: "seq",
      summary: "counts",
      short: "wf:s:",
      busybox: "ws:",
      long: { "equal-width": "w", format: "f", separator: "s" },
      synopsis: "[OPTION]... LAST\n  or:  seq [OPTION]... FIRST LAST\n  or:  seq [OPTION]... FIRST INCREMENT LAST",
      posix: true,
      prepare: negative,
    },
    (call) => flowing(call.process, "seq", (flow) => count(call, flow)),
  ),
  tool({ name: "yes", summary: "a word for ever", short: "", synopsis: "[STRING]...", posix: true }, (call) =>
    flowing(call.process, "yes", function* (flow): Op<number> {
      const line = `${call.operands.join(" ") || "y"}\n`;
      for (;;) {
        flow.print(line.repeat(Math.max(1, Math.floor(2048 / line.length))));
        flow.effort.spend(50);
        yield* flow.flush();
      }
    }),
  ),
];
