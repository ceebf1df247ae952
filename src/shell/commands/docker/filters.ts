/** `--filter key=value` of the lists. */
import type { Filters } from "../../../engine/engine.ts";
import type { Process } from "../../command.ts";
import type { Flags } from "./flags.ts";

/** Undefined when a filter is malformed, which has been told. */
export function filtersOf(process: Process, flags: Flags): Filters | undefined {
  const filters = new Map<string, string[]>();
  for (const word of flags.list("filter")) {
    const at = word.indexOf("=");
    if (at < 0) {
      process.stderr.write(`invalid argument "${word}" for "-f, --filter" flag: invalid filter '${word}'\n`);
      return undefined;
    }
    const key = word.slice(0, at).trim().toLowerCase();
    filters.set(key, [...(filters.get(key) ?? []), word.slice(at + 1).trim()]);
  }
  return filters;
}
