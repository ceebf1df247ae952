/** {a,b} and {1..5}: the first expansion, of text alone (bash's braces.c). */
import type { Part, Word } from "../ast.ts";
import { ExpansionError, MAX_WORDS } from "./scope.ts";

/** A character that is not quoted, or a part that braces leave alone. */
type Item = string | Part;

export function expandBraces(word: Word): readonly (readonly Part[])[] {
  if (!word.raw.includes("{") || !word.raw.includes("}")) return [word.parts];
  const items: Item[] = [];
  for (const part of word.parts)
    if (part.kind === "text" && !part.quoted) items.push(...part.text);
    else items.push(part);
  return expand(items).map(partsOf);
}

function expand(items: readonly Item[]): Item[][] {
  for (let open = 0; open < items.length; open++) {
    if (items[open] !== "{") continue;
    const group = groupAt(items, open);
    if (!group) continue;
    const before = items.slice(0, open);
    const afters = expand(items.slice(group.end + 1));
    const middles = group.choices.flatMap((choice) => (choice.length === 1 || group.sequence ? [choice] : expand(choice)));
    if (middles.length * afters.length > MAX_WORDS)
      throw new ExpansionError(`brace expansion: more than ${MAX_WORDS} words are not supported here`);
    return middles.flatMap((middle) => afters.map((after) => [...before, ...middle, ...after]));
  }
  return [[...items]];
}

interface Group {
  readonly choices: readonly (readonly Item[])[];
  readonly end: number;
  readonly sequence: boolean;
}

/** The alternatives of the braces that open at `open`; undefined when they are plain text. */
function groupAt(items: readonly Item[], open: number): Group | undefined {
  let depth = 0;
  const commas: number[] = [];
  for (let i = open; i < items.length; i++) {
    if (items[i] === "{") depth++;
    else if (items[i] === "," && depth === 1) commas.push(i);
    else if (items[i] === "}" && --depth === 0) {
      if (commas.length > 0) {
        const edges = [open, ...commas, i];
        return { choices: edges.slice(1).map((edge, n) => items.slice((edges[n] as number) + 1, edge)), end: i, sequence: false };
      }
      const inner = items.slice(open + 1, i);
      const numbers = inner.every((item) => typeof item === "string") ? sequence(inner.join("")) : undefined;
      return numbers && { choices: numbers.map((one) => [...one]), end: i, sequence: true };
    }
  }
  return undefined;
}

function sequence(text: string): string[] | undefined {
  const numbers = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.(-?\d{1,15}))?$/.exec(text);
  if (numbers) {
    const [, from = "", to = "", step] = numbers;
    const padded = [from, to].some((one) => /^-?0\d/.test(one)) ? Math.max(from.length, to.length) : 0;
    return steps(Number(from), Number(to), step).map((value) =>
      value < 0 ? `-${String(-value).padStart(padded - 1, "0")}` : String(value).padStart(padded, "0"),
    );
  }
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,15}))?$/.exec(text);
  if (!letters) return undefined;
  const [from, to] = [letters[1] as string, letters[2] as string].map((one) => one.charCodeAt(0)) as [number, number];
  return steps(from, to, letters[3]).map((code) => String.fromCharCode(code));
}

function steps(from: number, to: number, step: string | undefined): number[] {
  const by = Math.abs(Number(step ?? 1)) || 1;
  const count = Math.floor(Math.abs(to - from) / by) + 1;
  if (count > MAX_WORDS) throw new ExpansionError(`brace expansion: more than ${MAX_WORDS} words are not supported here`);
  return Array.from({ length: count }, (_, i) => (from <= to ? from + i * by : from - i * by));
}

function partsOf(items: readonly Item[]): readonly Part[] {
  const parts: Part[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") parts.push({ kind: "text", text, quoted: false });
    text = "";
  };
  for (const item of items) {
    if (typeof item === "string") text += item;
    else {
      flush();
      parts.push(item);
    }
  }
  flush();
  return parts;
}
