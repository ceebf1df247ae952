/** Reads the values of a compose file: lists and maps in either form, words, durations, sizes. */
import { parseGoDuration } from "../../times.ts";
import { ComposeError } from "./project.ts";
import type { Raw } from "./yaml.ts";

export type RawMap = { readonly [key: string]: Raw };

export const isMap = (value: Raw | undefined): value is RawMap => typeof value === "object" && value !== null && !Array.isArray(value);

export const mapOf = (value: Raw | undefined): RawMap => (isMap(value) ? value : {});

export const textOf = (value: Raw | undefined): string | undefined =>
  value === undefined || value === null || typeof value === "object" ? undefined : String(value);

export const numberOf = (value: Raw | undefined): number | undefined => {
  const text = textOf(value);
  return text === undefined || text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
};

export const flagOf = (value: Raw | undefined): boolean =>
  value === true || (typeof value === "string" && /^(true|yes|y|on|1|t)$/i.test(value));

/** A scalar alone, or a list. */
export const listOf = (value: Raw | undefined): readonly string[] =>
  Array.isArray(value) ? value.map((item) => textOf(item as Raw) ?? "") : textOf(value) === undefined ? [] : [textOf(value) as string];

/** "A=1" entries or a map, in alphabetical order; null for a name without value. */
export function pairsOf(value: Raw | undefined, separator = "="): ReadonlyMap<string, string | null> {
  const pairs: [string, string | null][] = [];
  if (Array.isArray(value)) {
    for (const entry of value) {
      const text = textOf(entry as Raw) ?? "";
      const at = text.indexOf(separator);
      pairs.push(at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]);
    }
  } else for (const [key, one] of Object.entries(mapOf(value))) pairs.push([key, one === null ? null : (textOf(one) ?? "")]);
  return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The same where a name without value means an empty one. */
export const recordOf = (value: Raw | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries([...pairsOf(value)].map(([key, one]) => [key, one ?? ""]));

/** Words as a shell splits them (google/shlex), for commands that are one string. */
function shellWords(text: string): readonly string[] | ComposeError {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"' && at + 1 < text.length) word += text[++at] as string;
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && at + 1 < text.length) word = (word ?? "") + (text[++at] as string);
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") return new ComposeError("invalid command line string");
  if (word !== undefined) words.push(word);
  return words;
}

/** A command line as one string or as words; undefined when nothing is said. */
export function commandOf(value: Raw | undefined): readonly string[] | undefined | ComposeError {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? listOf(value) : shellWords(textOf(value) ?? "");
}

/** A duration in µs. */
export function durationOf(value: Raw | undefined): number | undefined | ComposeError {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const micros = parseGoDuration(text);
  if (micros !== undefined) return micros;
  return new ComposeError(`time: ${durationFault(text)} ${JSON.stringify(text)}`);
}

/** What Go says of a duration that it cannot read. */
function durationFault(text: string): string {
  if (/^[\d.]+$/.test(text)) return "missing unit in duration";
  const unit = /^[-+]?[\d.]+([^\d.]+)/.exec(text)?.[1];
  return unit === undefined ? "invalid duration" : `unknown unit ${JSON.stringify(unit)} in duration`;
}

/** µs as Go prints a duration: "1m30s". */
export function durationText(micros: number): string {
  const hours = Math.floor(micros / 3600e6);
  const minutes = Math.floor((micros % 3600e6) / 60e6);
  const rest = (micros % 60e6) / 1e6;
  if (hours === 0 && minutes === 0 && rest < 1 && rest > 0)
    return rest < 0.001 ? `${Math.round(rest * 1e6)}µs` : `${Number((rest * 1000).toFixed(3))}ms`;
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${Number(rest.toFixed(6))}s`;
}
