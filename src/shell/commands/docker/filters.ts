/** `--filter key=value` of the lists (opts.FilterOpt). */
import type { Filters } from "../../../engine/engine.ts";
import type { Flags } from "./flags.ts";

export function filtersOf(flags: Flags): Filters {
  const filters = new Map<string, string[]>();
  for (const word of flags.list("filter")) {
    if (word === "") continue;
    const at = word.indexOf("=");
    const key = word.slice(0, at).trim().toLowerCase();
    filters.set(key, [...(filters.get(key) ?? []), word.slice(at + 1).trim()]);
  }
  return filters;
}
