/** Rows of a list under the command that was typed before them. Pure. */
import type { Entry } from "../../session/script.ts";

export interface Group<T> {
  /** Place of the line in the script; -1 for what came before the first. */
  readonly entry: number;
  readonly line: string;
  /** µs of virtual time at which it was typed: what the rows' times are told from. */
  readonly at: number;
  readonly rows: readonly T[];
}

/** Who sent a row's packet: the program, and the container or machine that it ran in. */
export interface Sender {
  readonly process: string;
  readonly owner: string;
}

/** The newest line of each terminal, and how somebody got to where it was typed: "docker exec -it c1 sh". */
class Terminals {
  readonly #newest = new Map<string, { readonly entry: number; readonly line: string; readonly within: string }>();
  #last = -1;

  type(entry: number, terminal: string, line: string): void {
    const within = /^docker (exec|run|attach|start) /.test(line) ? line : (this.#newest.get(terminal)?.within ?? "");
    this.#newest.set(terminal, { entry, line, within });
    this.#last = entry;
  }

  /** The line that a sender's packet is told under: of several terminals the one whose line names it best, else the newest line. */
  lineOf(sender: Sender | undefined): number {
    if (!sender || this.#newest.size < 2) return this.#last;
    let best = { entry: this.#last, score: 0 };
    for (const { entry, line, within } of this.#newest.values()) {
      const score = 2 * Number(names(line, sender.process)) + Number(names(line, sender.owner) || names(within, sender.owner));
      if (score > best.score || (score === best.score && entry > best.entry)) best = { entry, score };
    }
    return best.entry;
  }
}

const names = (line: string, word: string): boolean => word !== "" && line.split(/[\s:/]+/).includes(word);

/** `rows` in order of time; the script's entries likewise. Keys belong to the line before them. `senderOf`: tells lines of several terminals apart. */
export function groupByLine<T extends { readonly t: number }>(
  rows: readonly T[],
  entries: readonly Entry[],
  senderOf: (row: T) => Sender | undefined = () => undefined,
): readonly Group<T>[] {
  const groups: { entry: number; line: string; at: number; rows: T[] }[] = [];
  const terminals = new Terminals();
  let next = 0;
  for (const row of rows) {
    for (; next < entries.length && (entries[next] as Entry).at <= row.t; next++) {
      const typed = entries[next] as Entry;
      if ("line" in typed) terminals.type(next, typed.terminal, typed.line);
    }
    const entry = terminals.lineOf(senderOf(row));
    const last = groups.at(-1);
    if (last?.entry === entry) last.rows.push(row);
    else {
      const typed = entries[entry];
      groups.push({ entry, line: typed && "line" in typed ? typed.line : "", at: typed?.at ?? 0, rows: [row] });
    }
  }
  return groups;
}
