/** The builtins of each shell by name. */
import type { Dialect } from "../dialect.ts";
import type { Builtin } from "./builtin.ts";
import { directoryBuiltins } from "./directory.ts";
import { flowBuiltins } from "./flow.ts";
import { historyBuiltins } from "./history.ts";
import { jobBuiltins } from "./jobs.ts";
import { optionBuiltins } from "./options.ts";
import { printBuiltins } from "./print.ts";
import { readBuiltins } from "./read.ts";
import { runBuiltins } from "./run.ts";
import { variableBuiltins } from "./variables.ts";

const ALL: readonly Builtin[] = [
  ...directoryBuiltins,
  ...flowBuiltins,
  ...historyBuiltins,
  ...jobBuiltins,
  ...optionBuiltins,
  ...printBuiltins,
  ...readBuiltins,
  ...runBuiltins,
  ...variableBuiltins,
];

const tables = new Map<Dialect, ReadonlyMap<string, Builtin>>();

export function builtinsOf(dialect: Dialect): ReadonlyMap<string, Builtin> {
  let table = tables.get(dialect);
  if (!table) {
    table = new Map(ALL.filter(({ dialects }) => !dialects || dialects.includes(dialect)).map((builtin) => [builtin.name, builtin]));
    tables.set(dialect, table);
  }
  return table;
}
