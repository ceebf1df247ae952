/** History expansion as bash's conversations have it (readline's histexpand.c): !!, !n, !text, !?text?, ^a^b, words and modifiers. */

import { singleQuoted } from "./quote.ts";

/** A line with its events put in; `shown` alone when it is only to be printed (:p). */
export interface Expanded {
  readonly line: string;
  readonly changed: boolean;
  readonly onlyPrint: boolean;
}

/** What bash says after its name: "!x: event not found". */
export class HistoryError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What lasts from one expansion to the next: the last :s, and the word that the last !?text? found. */
export interface HistoryMemory {
  substitution: readonly [string, string] | undefined;
  found: string | undefined;
}

/** Splits a line into words as the history library does: quotes kept, operators words of their own. */
function historyWords(line: string): readonly string[] {
  const words: string[] = [];
  const WORD =
    /\s*(<<<|<<-?|>>|>&|<&|&>|\|\||&&|;;|[()<>;&|\n]|(?:\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|`[^`]*`?|\$\([^)]*\)?|[^\s\\"'`()<>;&|])+)/gsy;
  for (let match = WORD.exec(line); match; match = WORD.exec(line)) words.push(match[1] as string);
  return words;
}

const EVENT = /!(?:(!)|(#)|(-?\d+)|\?([^?\n]*)\??|([^\s:^$*%;&|()<>"'!?-][^\s:^$*%;&|()<>"']*)|(?=[$^*%:-]))/y;
const DESIGNATOR = /:?(?:([\^$*%])|(-(?:\d+|\$)?))|:(?:(\d+)(-(?:\d+|\$)|[*-])?|(\^|\$)-(\d+|\$)|(\*))/y;
const MODIFIER = /:(g?[a-zA-Z&])/y;

interface Cursor {
  at: number;
}

const take = (pattern: RegExp, text: string, cursor: Cursor): RegExpExecArray | undefined => {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(text);
  if (!match) return undefined;
  cursor.at += match[0].length;
  return match;
};

/** The line that an event names; `soFar` is what has been read of this one. */
function eventOf(match: RegExpExecArray, history: readonly string[], soFar: string, memory: HistoryMemory): string | HistoryError {
  const [whole, , itself, number, part, begin] = match;
  const none = new HistoryError(`${whole}: event not found`);
  if (itself) return soFar;
  if (number !== undefined) return history.at(number.startsWith("-") ? Number(number) : Number(number) - 1) ?? none;
  if (part !== undefined) {
    const found = history.findLast((one) => one.includes(part));
    memory.found = found === undefined ? undefined : historyWords(found).find((word) => word.includes(part));
    return found ?? none;
  }
  if (begin !== undefined) return history.findLast((one) => one.startsWith(begin)) ?? none;
  return history.at(-1) ?? none;
}

/** The words that a designator chooses. */
function chosen(match: RegExpExecArray, event: string, memory: HistoryMemory): string | HistoryError {
  const [whole, sign, upTo, from, rest, edge, edgeTo, all] = match;
  const words = historyWords(event);
  const last = words.length - 1;
  const bad = new HistoryError(`${whole}: bad word specifier`);
  const range = (a: number, b: number): string | HistoryError => (a > last || b > last || b < a ? bad : words.slice(a, b + 1).join(" "));
  const end = (text: string): number => (text === "$" ? last : Number(text));
  if (sign === "*" || all) return last < 1 ? "" : range(1, last);
  if (sign === "^") return range(1, 1);
  if (sign === "$") return range(Math.max(0, last), Math.max(0, last));
  if (sign === "%") return memory.found ?? bad;
  if (upTo !== undefined) return upTo === "-" ? range(0, Math.max(0, last - 1)) : range(0, end(upTo.slice(1)));
  if (edge !== undefined) return range(edge === "^" ? 1 : last, end(edgeTo as string));
  const first = Number(from);
  if (rest === undefined) return range(first, first);
  if (rest === "*") return first === last + 1 ? "" : range(first, last);
  if (rest === "-") return range(first, last - 1);
  return range(first, end(rest.slice(1)));
}

/** Replaces the first match, or all; & stands for what was matched. */
function substituted(text: string, [from, to]: readonly [string, string], globally: boolean): string | undefined {
  if (from === "" || !text.includes(from)) return undefined;
  const put = to.replace(/\\&|&/g, (sign) => (sign === "&" ? from : "&"));
  return globally ? text.split(from).join(put) : text.replace(from, () => put);
}

/** Reads `/old/new/` with any delimiter. */
function patterns(line: string, cursor: Cursor, memory: HistoryMemory): readonly [string, string] {
  const delimiter = line[cursor.at++] ?? "";
  const part = (): string => {
    let text = "";
    for (; cursor.at < line.length && line[cursor.at] !== delimiter; cursor.at++) {
      if (line[cursor.at] === "\\" && line[cursor.at + 1] === delimiter) cursor.at++;
      text += line[cursor.at];
    }
    cursor.at++;
    return text;
  };
  const from = part() || memory.substitution?.[0] || "";
  return [from, part()];
}

/** Applies what follows the words: :h, :t, :s/a/b/, :p and their kin. */
function modified(
  words: string,
  line: string,
  cursor: Cursor,
  memory: HistoryMemory,
): { readonly text: string; readonly print: boolean } | HistoryError {
  let text = words;
  let print = false;
  for (;;) {
    const start = cursor.at;
    const match = take(MODIFIER, line, cursor);
    if (!match) return { text, print };
    const letter = (match[1] as string).at(-1) as string;
    const globally = (match[1] as string).length > 1;
    switch (letter) {
      case "h":
        text = text.includes("/") ? text.slice(0, text.lastIndexOf("/")) : text;
        break;
      case "t":
        text = text.slice(text.lastIndexOf("/") + 1);
        break;
      case "r":
        text = text.replace(/\.[^./]*$/, "");
        break;
      case "e":
        text = /\.[^./]*$/.exec(text)?.[0] ?? text;
        break;
      case "p":
        print = true;
        break;
      case "q":
        text = singleQuoted(text);
        break;
      case "x":
        text = text.split(/\s+/).map(singleQuoted).join(" ");
        break;
      case "g":
      case "a":
        // "ga" at the end of another modifier: the letter that follows is the modifier.
        cursor.at = start + 1;
        return new HistoryError(`${line[cursor.at]}: unrecognized history modifier`);
      case "s":
      case "&": {
        if (letter === "s") memory.substitution = patterns(line, cursor, memory);
        if (!memory.substitution) return new HistoryError(`${line.slice(start, cursor.at)}: no previous substitution`);
        const done = substituted(text, memory.substitution, globally);
        if (done === undefined) return new HistoryError(`${line.slice(start, cursor.at)}: substitution failed`);
        text = done;
        break;
      }
      default:
        return new HistoryError(`${letter}: unrecognized history modifier`);
    }
  }
}

/** Puts the events in that a line names. `history` is the lines before it, oldest first. */
export function expandHistory(line: string, history: readonly string[], memory: HistoryMemory): Expanded | HistoryError {
  const typed = line.startsWith("^") ? `!!:s${line}` : line;
  if (!typed.includes("!")) return { line, changed: false, onlyPrint: false };
  let result = "";
  let quoted = false;
  let changed = false;
  let onlyPrint = false;
  const cursor: Cursor = { at: 0 };
  while (cursor.at < typed.length) {
    const char = typed[cursor.at] as string;
    const next = typed[cursor.at + 1];
    if (char === "\\" && next !== undefined) {
      result += char + next;
      cursor.at += 2;
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (char === "'" && !quoted) {
      const end = typed.indexOf("'", cursor.at + 1);
      const to = end < 0 ? typed.length : end + 1;
      result += typed.slice(cursor.at, to);
      cursor.at = to;
      continue;
    }
    const plain = char !== "!" || next === undefined || /[\s=(]/.test(next) || (next === '"' && quoted) || /[$[]$|\$\{$/.test(result);
    if (plain) {
      result += char;
      cursor.at++;
      continue;
    }
    const event = take(EVENT, typed, cursor);
    const named = event ? eventOf(event, history, result, memory) : new HistoryError(`${typed.slice(cursor.at)}: event not found`);
    if (named instanceof HistoryError) return named;
    const designator = take(DESIGNATOR, typed, cursor);
    const words = designator ? chosen(designator, named, memory) : named;
    if (words instanceof HistoryError) return words;
    const outcome = modified(words, typed, cursor, memory);
    if (outcome instanceof HistoryError) return outcome;
    result += outcome.text;
    onlyPrint ||= outcome.print;
    changed = true;
  }
  return { line: result, changed, onlyPrint };
}
