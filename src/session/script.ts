/**
 * A session is a script: lines and keys, each typed on a terminal at a virtual time. Everything else (the world, the
 * picture, what terminals show) is its replay; saving, sharing, undo and lessons all read and write this.
 */
import * as v from "valibot";
import type { ControlKey, TtyInput } from "../kernel/tty.ts";

/** A line, a control key, or characters for a program that takes them one at a time. `at` in µs of virtual time. Terminals are named after their machine: "docker-host", "server:2". */
export type Entry = { readonly at: number; readonly terminal: string } & TtyInput;

export interface Script {
  readonly seed: number;
  readonly entries: readonly Entry[];
  /** How many entries have happened; those after it were undone and can be redone. */
  readonly cursor: number;
  /** The virtual time in µs that the session had reached. */
  readonly reached: number;
}

/** Limits that keep a hostile file or link from slowing anybody down. */
export const MAX_ENTRIES = 20_000;
const MAX_LINE_LENGTH = 8_192;
const MAX_TIME = 30 * 24 * 3600 * 1e6;

const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_TIME));
const terminal = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}(:[1-9][0-9]?)?$/));
const keys: readonly ControlKey[] = ["C-c", "C-d", "C-p C-q", "C-z", "C-\\"];
const entry = v.union([
  v.strictObject({ at: time, terminal, line: v.pipe(v.string(), v.maxLength(MAX_LINE_LENGTH)) }),
  v.strictObject({ at: time, terminal, key: v.picklist(keys) }),
  v.strictObject({ at: time, terminal, typed: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_LINE_LENGTH)) }),
]);
const script = v.strictObject({
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  entries: v.pipe(v.array(entry), v.maxLength(MAX_ENTRIES)),
  cursor: v.pipe(v.number(), v.integer(), v.minValue(0)),
  reached: time,
});

/** Reads a saved script. Undefined when it is not one, or breaks a limit, or runs backwards in time. */
export function parseScript(value: unknown): Script | undefined {
  const parsed = v.safeParse(script, value);
  if (!parsed.success) return undefined;
  const { entries, cursor } = parsed.output;
  if (cursor > entries.length) return undefined;
  if (entries.some((one, i) => i > 0 && one.at < (entries[i - 1] as Entry).at)) return undefined;
  return parsed.output;
}

/** What somebody typed, to be shown. */
export const typedText = (entry: Entry): string =>
  "line" in entry ? entry.line : "key" in entry ? entry.key : JSON.stringify(entry.typed);

/** The machine that a terminal is on: "server:2" is the server's second. */
export const machineOf = (terminalId: string): string => terminalId.split(":")[0] as string;

export const newScript = (seed: number): Script => ({ seed, entries: [], cursor: 0, reached: 0 });
