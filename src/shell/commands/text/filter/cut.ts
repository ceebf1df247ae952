/** cut: columns of lines. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

export const cut = tool(
  {
    name: "cut",
    summary: "columns of lines",
    short: "b:c:d:f:nsz",
    busybox: "b:c:d:f:F:nsDO:",
    long: {
      bytes: "b",
      characters: "c",
      delimiter: "d",
      fields: "f",
      "only-delimited": "s",
      "zero-terminated": "z",
      complement: "complement",
      "output-delimiter": "O:",
    },
    synopsis: "OPTION... [FILE]...",
  },
  (call) => flowing(call.process, "cut", (flow) => run(call, flow)),
);

type Range = readonly [number, number];

/** "1,3-5,7-"; the string is what is wrong with it. */
function parseList(text: string, call: Call, fields: boolean): readonly Range[] | string {
  const ranges: Range[] = [];
  for (const part of text.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match || part === "" || part === "-") {
      if (call.busybox) return `invalid number '${part}'`;
      if (part === "-") return "invalid range with no endpoint: -";
      return fields ? `invalid field value '${part}'` : `invalid byte/character position '${part}'`;
    }
    const [, from = "", dash, to = ""] = match;
    const first = Number(from || 1);
    const last = dash === "" ? first : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    if (first === 0 || last === 0)
      return call.busybox
        ? `invalid range ${from}-${dash === "" ? from : to}`
        : fields
          ? "fields are numbered from 1"
          : "byte/character positions are numbered from 1";
    if (last < first) return call.busybox ? `invalid range ${from}-${to}` : "invalid decreasing range";
    ranges.push([first, last]);
  }
  return ranges;
}

function* run(call: Call, flow: Flow): Op<number> {
  const given = call.given.filter(({ name }) => "bcf".includes(name));
  if (given.length === 0) return call.misuse("you must specify a list of bytes, characters, or fields");
  if (given.length > 1) return call.misuse("only one list may be specified");
  const { name: kind, value } = given[0] as { name: string; value: string };
  const delimiter = call.value("d");
  if (delimiter !== undefined && [...delimiter].length > 1 && !call.busybox) return call.misuse("the delimiter must be a single character");
  if (delimiter !== undefined && kind !== "f" && !call.busybox)
    return call.misuse("an input delimiter may be specified only when operating on fields");
  if (call.has("s") && kind !== "f" && !call.busybox)
    return call.misuse("suppressing non-delimited lines makes sense\n\tonly when operating on fields");
  const ranges = parseList(value, call, kind === "f");
  if (typeof ranges === "string") return call.busybox ? call.fail(ranges) : call.misuse(ranges);
  const complement = call.has("complement");
  const wanted = (at: number): boolean => ranges.some(([from, to]) => at >= from && at <= to) !== complement;
  const separator = delimiter === undefined ? "\t" : delimiter === "" ? "\0" : delimiter;
  const joiner = call.value("O");
  const end = call.has("z") ? "\0" : "\n";
  const one = (line: string): string | undefined => {
    if (kind !== "f") return pieces([...line], wanted, joiner);
    if (!line.includes(separator)) return call.has("s") ? undefined : line;
    return line
      .split(separator)
      .filter((_, i) => wanted(i + 1))
      .join(joiner ?? separator);
  };
  let status = 0;
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      status = call.fail(`${name}: ${input.message}`);
      continue;
    }
    yield* flow.lines(
      input,
      (line) => {
        const shown = one(line);
        if (shown !== undefined) flow.print(shown + end);
        return undefined;
      },
      end,
    );
  }
  return status;
}

/** Chosen characters; an output delimiter stands between runs of them. */
function pieces(chars: readonly string[], wanted: (at: number) => boolean, joiner: string | undefined): string {
  let text = "";
  let open = false;
  for (const [i, char] of chars.entries()) {
    const take = wanted(i + 1);
    if (take && !open && text !== "" && joiner !== undefined) text += joiner;
    if (take) text += char;
    open = take;
  }
  return text;
}
