/** The words of a command line, read from left to right as iproute2's NEXT_ARG does. */
import { Failure } from "./answer.ts";

export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#at];
  }

  next(): string | undefined {
    return this.#words[this.#at++];
  }

  /** Takes the next word if it is one of these. */
  take(...wanted: readonly string[]): boolean {
    const word = this.peek();
    if (word === undefined || !wanted.includes(word)) return false;
    this.#at++;
    return true;
  }

  /** All that is left. */
  rest(): readonly string[] {
    const rest = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return rest;
  }
}

/** Whether `word` shortens `full`: iproute2's matches(). */
export const shortens = (word: string, full: string): boolean => word !== "" && full.startsWith(word);

/** The first of the names that `word` shortens; the order of the names decides, as in iproute2's tables. */
export const match = <T extends string>(word: string, names: readonly T[]): T | undefined => names.find((name) => shortens(word, name));

/** incomplete_command() of iproute2. */
export const incomplete = (): Failure => new Failure('Command line is not complete. Try option "help"', 255);

/** invarg() of iproute2; most of its sentences bring a newline of their own, and so an empty line. */
export const invalid = (argument: string, why: string): Failure => new Failure(`Error: argument "${argument}" is wrong: ${why}`, 255);

/** duparg2() of iproute2. */
export const garbage = (key: string, argument: string): Failure =>
  new Failure(`Error: either "${key}" is duplicate, or "${argument}" is garbage.`, 255);

export const noSuchDevice = (name: string): Failure => new Failure(`Cannot find device "${name}"`, 1);

/** What a real tool knows and this one does not, in one line. */
export const unsupported = (what: string, supported: string): Failure =>
  new Failure(`vethlab: ${what} is not supported here; supported: ${supported}`, 1);

/** rtnl_group_a2n: a group of links by name or number. */
export const parseGroup = (word: string): number | undefined => (word === "default" ? 0 : parseUnsigned(word));

/** A whole number in decimal, hex or octal, as get_unsigned reads it. Undefined when it is none or too large. */
export function parseUnsigned(text: string, most = 0xffffffff): number | undefined {
  const value = /^0[xX][0-9a-fA-F]+$/.test(text)
    ? Number(text)
    : /^0[0-7]*$/.test(text)
      ? Number.parseInt(text, 8)
      : /^\d+$/.test(text)
        ? Number(text)
        : Number.NaN;
  return Number.isNaN(value) || value > most ? undefined : value;
}
