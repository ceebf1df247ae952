/** What head and tail have in common: how much of a file is asked for, and a title over each where there are several. */
import type { Flow } from "../flow.ts";
import { countOf } from "../size.ts";
import type { Call } from "../tool.ts";

export interface Amount {
  readonly unit: "lines" | "characters";
  readonly count: number;
  /** The sign was there that turns it about: all but so much of the end, or from there on. */
  readonly turned: boolean;
}

/** The last -c or -n, ten lines when there is none; a refusal. `signs` may stand before the number, `turning` turns it about. */
export function amountOf(call: Call, signs: string, turning: string): Amount | string {
  const last = call.given.findLast(({ name }) => name === "c" || name === "n");
  if (!last) return { unit: "lines", count: 10, turned: false };
  const unit = last.name === "c" ? "characters" : "lines";
  const word = last.value;
  const count = countOf(word !== "" && signs.includes(word[0] as string) ? word.slice(1) : word);
  if (count === undefined)
    return call.busybox ? `invalid number '${word}'` : `invalid number of ${unit === "lines" ? "lines" : "bytes"}: '${word}'`;
  return { unit, count, turned: word.startsWith(turning) };
}

/** The files that are asked for, and a title over each where there are several. */
export class TitledFiles {
  readonly names: readonly string[];
  /** Whether they have titles. */
  readonly titled: boolean;
  /** Titles that have been printed. */
  shown = 0;
  readonly #flow: Flow;

  constructor(call: Call, flow: Flow) {
    this.names = call.operands.length > 0 ? call.operands : ["-"];
    this.titled = call.has("v") || (this.names.length > 1 && !call.has("q"));
    this.#flow = flow;
  }

  title(name: string): void {
    if (this.titled) this.#flow.print(`${this.shown++ > 0 ? "\n" : ""}==> ${name === "-" ? "standard input" : name} <==\n`);
  }
}
