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

/** `rows` in order of time; the script's entries likewise. Keys belong to the line before them. */
export function groupByLine<T extends { readonly t: number }>(rows: readonly T[], entries: readonly Entry[]): readonly Group<T>[] {
  const groups: { entry: number; line: string; at: number; rows: T[] }[] = [];
  let entry = -1;
  let next = 0;
  for (const row of rows) {
    for (; next < entries.length && (entries[next] as Entry).at <= row.t; next++) if ("line" in (entries[next] as Entry)) entry = next;
    const last = groups.at(-1);
    if (last?.entry === entry) last.rows.push(row);
    else {
      const typed = entries[entry];
      groups.push({ entry, line: typed && "line" in typed ? typed.line : "", at: typed?.at ?? 0, rows: [row] });
    }
  }
  return groups;
}
