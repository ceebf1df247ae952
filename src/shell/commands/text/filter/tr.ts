/** tr: characters for others. */
import type { Op } from "../../../../kernel/task.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";

export const tr = tool(
  {
    name: "tr",
    summary: "translates characters",
    short: "cCdst",
    busybox: "cCds",
    long: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    synopsis: "[OPTION]... STRING1 [STRING2]",
    posix: true,
  },
  (call) => flowing(call.process, "tr", (flow) => run(call, flow)),
);

const range = (from: number, to: number): string =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => String.fromCharCode(from + i)).join("");
const LOWER = range(97, 122);
const UPPER = range(65, 90);
const DIGITS = range(48, 57);
const PUNCT = range(33, 47) + range(58, 64) + range(91, 96) + range(123, 126);
const CLASSES: Readonly<Record<string, string>> = {
  alpha: UPPER + LOWER,
  lower: LOWER,
  upper: UPPER,
  digit: DIGITS,
  alnum: DIGITS + UPPER + LOWER,
  punct: PUNCT,
  space: "\t\n\v\f\r ",
  blank: "\t ",
  cntrl: `${range(0, 31)}\x7f`,
  print: range(32, 126),
  graph: range(33, 126),
  xdigit: `${DIGITS}ABCDEFabcdef`,
};

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\" };

/** Characters of a set, and whether it names [:upper:] or [:lower:]; the string is what is wrong with it. */
interface CharSet {
  readonly chars: readonly string[];
  readonly casing: boolean;
  /** Place of [c*]: as many as the other set needs. */
  readonly fill: { readonly at: number; readonly char: string } | undefined;
}

function parseSet(text: string): CharSet | string {
  const chars: string[] = [];
  let casing = false;
  let fill: CharSet["fill"];
  const all = [...text];
  let i = 0;
  const take = (): string => {
    const char = all[i++] as string;
    if (char !== "\\" || i >= all.length) return char;
    const octal = /^[0-7]{1,3}/.exec(all.slice(i, i + 3).join(""));
    if (octal) {
      i += octal[0].length;
      return String.fromCharCode(Number.parseInt(octal[0], 8) & 255);
    }
    const next = all[i++] as string;
    return ESCAPES[next] ?? next;
  };
  while (i < all.length) {
    const rest = all.slice(i, i + 14).join("");
    const named = /^\[:([a-z]*):\]/.exec(rest);
    if (named) {
      const found = CLASSES[named[1] as string];
      if (found === undefined) return `invalid character class '${named[1]}'`;
      casing ||= named[1] === "upper" || named[1] === "lower";
      chars.push(...found);
      i += named[0].length;
      continue;
    }
    const equivalent = /^\[=(.)=\]/.exec(rest);
    if (equivalent) {
      chars.push(equivalent[1] as string);
      i += equivalent[0].length;
      continue;
    }
    const repeated = /^\[(\\?.)\*(\d*)\]/s.exec(rest);
    if (repeated) {
      const char = (repeated[1] as string).replace(/^\\(.)/, (_all, letter: string) => ESCAPES[letter] ?? letter);
      if (repeated[2] === "") fill = { at: chars.length, char };
      else
        for (let n = 0; n < Math.min(65_536, Number.parseInt(repeated[2] as string, (repeated[2] as string).startsWith("0") ? 8 : 10)); n++)
          chars.push(char);
      i += repeated[0].length;
      continue;
    }
    const first = take();
    if (all[i] !== "-" || i + 1 >= all.length) {
      chars.push(first);
      continue;
    }
    const before = i;
    i++;
    const last = take();
    const [from, to] = [first.codePointAt(0) as number, last.codePointAt(0) as number];
    if (to < from) return `range-endpoints of '${first}-${last}' are in reverse collating sequence order`;
    if (to - from > 65_536) {
      i = before;
      chars.push(first);
      continue;
    }
    for (let code = from; code <= to; code++) chars.push(String.fromCodePoint(code));
  }
  return { chars, casing, fill };
}

function* run(call: Call, flow: Flow): Op<number> {
  const [one, two, extra] = call.operands;
  const [deletes, squeezes, complement] = [call.has("d"), call.has("s"), call.has("c") || call.has("C")];
  if (one === undefined) return call.misuse("missing operand");
  const needsTwo = !deletes && !squeezes;
  if (two === undefined && (needsTwo || (deletes && squeezes)))
    return call.misuse(
      `missing operand after '${one}'\n${needsTwo ? "Two strings must be given when translating." : "Two strings must be given when both deleting and squeezing repeats."}`,
    );
  if (extra !== undefined) return call.misuse(`extra operand '${extra}'`);
  if (two !== undefined && deletes && !squeezes)
    return call.misuse(`extra operand '${two}'\nOnly one string may be given when deleting without squeezing repeats.`);
  const from = parseSet(one);
  const to = two === undefined ? undefined : parseSet(two);
  for (const set of [from, to]) if (typeof set === "string" && !call.busybox) return call.fail(set);
  // BusyBox takes a reversed range for nothing at all.
  if (typeof from === "string" || typeof to === "string") return yield* copy(call, flow);
  if (to?.casing && !from.casing && !deletes && !call.busybox) return call.fail("misaligned [:upper:] and/or [:lower:] construct");
  const inFirst = new Set(from.chars);
  const isIn = (char: string): boolean => inFirst.has(char) !== complement;
  const translation = to && !deletes ? mapping(from, to, complement) : undefined;
  const squeezed = squeezes ? new Set((to ?? from).chars) : undefined;
  const isSqueezed = (char: string): boolean =>
    squeezed !== undefined && (to === undefined && complement ? !squeezed.has(char) : squeezed.has(char));
  let last: string | undefined;
  for (let piece = yield* call.process.stdin.read(); piece !== undefined; piece = yield* call.process.stdin.read()) {
    let out = "";
    for (const char of piece) {
      if (deletes && isIn(char)) continue;
      const now = translation ? translation(char) : char;
      if (now === last && isSqueezed(now)) continue;
      out += now;
      last = now;
    }
    flow.print(out);
    flow.effort.spend(piece.length >> 8);
    yield* flow.flush();
  }
  return 0;
}

function* copy(call: Call, flow: Flow): Op<number> {
  for (let piece = yield* call.process.stdin.read(); piece !== undefined; piece = yield* call.process.stdin.read()) {
    flow.print(piece);
    yield* flow.flush();
  }
  return 0;
}

function mapping(from: CharSet, to: CharSet, complement: boolean): (char: string) => string {
  const target = [...to.chars];
  if (to.fill) {
    const missing = Math.max(0, from.chars.length - target.length);
    target.splice(to.fill.at, 0, ...Array.from({ length: missing }, () => (to.fill as { char: string }).char));
  }
  if (target.length === 0) return (char) => char;
  const last = target.at(-1) as string;
  if (complement) {
    const kept = new Set(from.chars);
    return (char) => (kept.has(char) ? char : last);
  }
  const map = new Map<string, string>();
  for (const [i, char] of from.chars.entries()) map.set(char, target[i] ?? last);
  return (char) => map.get(char) ?? char;
}
