/** The three shells of this world: bash, dash as Debian's sh, and BusyBox ash as sh in the containers. What each understands and how each complains. */

export type Dialect = "bash" | "dash" | "ash";

/** A part of the language that not every shell has. */
export type Feature =
  | "braces"
  | "arrays"
  | "arithmetic command"
  | "condition command"
  | "process substitution"
  | "case conversion"
  | "case fallthrough"
  | "indirection"
  | "append"
  | "pipe both"
  | "time"
  | "ansi quotes"
  | "here-string"
  | "function keyword"
  | "redirect both"
  | "slices"
  | "power"
  | "let"
  | "pipefail"
  | "arithmetic bracket";

const ASH: ReadonlySet<Feature> = new Set<Feature>([
  "ansi quotes",
  "here-string",
  "function keyword",
  "redirect both",
  "slices",
  "power",
  "let",
  "pipefail",
  "process substitution",
]);
const DASH: ReadonlySet<Feature> = new Set<Feature>(["pipefail"]);

export const has = (dialect: Dialect, feature: Feature): boolean => dialect === "bash" || (dialect === "ash" ? ASH : DASH).has(feature);

/** Where a command was written, as error messages name it. */
export interface Place {
  readonly dialect: Dialect;
  /** "bash", "sh", or the path of a script. */
  readonly program: string;
  /** 1 for the first; undefined in a conversation, where bash names no line. */
  readonly line: number | undefined;
  /** -c: dash counts from 1, ash from 0, and bash names the option in front of a syntax error. */
  readonly fromOption: boolean;
}

/** What a message begins with: "bash: line 1: ", "sh: 1: ", "sh: line 0: ". */
export function prefix({ dialect, program, line, fromOption }: Place, builtin = ""): string {
  const named = builtin === "" ? "" : `${builtin}: `;
  switch (dialect) {
    case "bash":
      return line === undefined ? `${program}: ${named}` : `${program}: line ${line}: ${named}`;
    case "dash":
      return `${program}: ${line ?? 0}: ${named}`;
    case "ash":
      return line === undefined ? `${program}: ${named}` : `${program}: ${named}line ${fromOption ? line - 1 : line}: `;
  }
}
