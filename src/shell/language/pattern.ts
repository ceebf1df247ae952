/**
 * Shell patterns: *, ?, [ ], with a backslash in front of what is meant as itself (POSIX XCU 2.14). Matched by following all
 * states at once, so that no pattern takes longer than its length times that of the text.
 */
import { CHAR_CLASSES } from "../char-classes.ts";

type Item = { readonly kind: "one"; readonly matches: (char: string) => boolean } | { readonly kind: "any" };

/** Text that stands for itself in a pattern. */
export const quotePattern = (text: string): string => text.replace(/[*?[\]\\]/g, "\\$&");

/** Whether a pattern has anything that is not meant as itself. */
export const isPattern = (pattern: string): boolean => /[*?[]/.test(pattern.replace(/\\./gs, ""));

/** A pattern without special characters as the text that it matches. */
export const unquotePattern = (pattern: string): string => pattern.replace(/\\(.)/gs, "$1");

export class Pattern {
  readonly #items: readonly Item[];

  constructor(pattern: string, ignoreCase = false) {
    const items = read(pattern);
    this.#items = ignoreCase ? items.map(folded) : items;
  }

  matches(text: string): boolean {
    return this.#ends(text, 0, (at) => at === text.length) === text.length;
  }

  /** Where the shortest or the longest match that begins at `from` ends; undefined when none does. */
  endAt(text: string, from: number, longest: boolean): number | undefined {
    let found: number | undefined;
    this.#ends(text, from, (at) => {
      found = at;
      return !longest;
    });
    return found;
  }

  /** Where the shortest or longest match that reaches to the end of the text begins; undefined when none does. */
  startOfSuffix(text: string, longest: boolean): number | undefined {
    const items = [...this.#items].reverse();
    const reversed = [...Array(text.length).keys()].map((i) => text[text.length - 1 - i]).join("");
    let found: number | undefined;
    follow(items, reversed, 0, (at) => {
      found = at;
      return !longest;
    });
    return found === undefined ? undefined : text.length - found;
  }

  #ends(text: string, from: number, accept: (at: number) => boolean): number | undefined {
    return follow(this.#items, text, from, accept);
  }
}

/** Calls `accept` with every place where the items may end, nearest first, until it says so; gives that place. */
function follow(items: readonly Item[], text: string, from: number, accept: (at: number) => boolean): number | undefined {
  const last = items.length;
  let states = new Set<number>();
  const add = (to: Set<number>, state: number): void => {
    for (let next = state; ; next++) {
      to.add(next);
      if (items[next]?.kind !== "any") return;
    }
  };
  add(states, 0);
  for (let at = from; ; at++) {
    if (states.has(last) && accept(at)) return at;
    if (at >= text.length || states.size === 0) return undefined;
    const char = text[at] as string;
    const next = new Set<number>();
    for (const state of states) {
      const item = items[state];
      if (item?.kind === "any") add(next, state);
      else if (item?.matches(char)) add(next, state + 1);
    }
    states = next;
  }
}

function read(pattern: string): Item[] {
  const items: Item[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === "*") {
      if (items.at(-1)?.kind !== "any") items.push({ kind: "any" });
    } else if (char === "?") items.push({ kind: "one", matches: () => true });
    else if (char === "[") {
      const bracket = readBracket(pattern, i);
      if (bracket) {
        items.push(bracket.item);
        i = bracket.end;
      } else items.push(only("["));
    } else if (char === "\\" && i + 1 < pattern.length) items.push(only(pattern[++i] as string));
    else items.push(only(char));
  }
  return items;
}

const only = (char: string): Item => ({ kind: "one", matches: (one) => one === char });

const folded = (item: Item): Item =>
  item.kind === "any" ? item : { kind: "one", matches: (char) => item.matches(char.toLowerCase()) || item.matches(char.toUpperCase()) };

function readBracket(pattern: string, open: number): { readonly item: Item; readonly end: number } | undefined {
  let i = open + 1;
  const negated = pattern[i] === "!" || pattern[i] === "^";
  if (negated) i++;
  const tests: ((char: string) => boolean)[] = [];
  for (let first = true; ; first = false) {
    let char = pattern[i];
    if (char === undefined) return undefined;
    if (char === "]" && !first) break;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    if (named) {
      const kind = CHAR_CLASSES[named[1] as string];
      if (kind) tests.push((one) => kind.test(one));
      i += named[0].length;
      continue;
    }
    if (char === "\\") char = pattern[++i];
    if (char === undefined) return undefined;
    i++;
    let last = char;
    if (pattern[i] === "-" && pattern[i + 1] !== undefined && pattern[i + 1] !== "]") {
      i++;
      if (pattern[i] === "\\") i++;
      last = pattern[i] ?? "-";
      i++;
    }
    const [low, high] = [char, last];
    tests.push((one) => one >= low && one <= high);
  }
  return { item: { kind: "one", matches: (char) => tests.some((test) => test(char)) !== negated }, end: i };
}
