/**
 * What a subcommand takes. Its options are written as its help shows them, and the help is what they are read from:
 * `-f, --filter filter  Filter output …`, the type after the name, two spaces, the text; `| ` goes on with the text.
 */

/** pflag's and docker/cli's types, as help names them. `bool` is shown by nothing. */
export type FlagType =
  | "bool"
  | "string"
  | "int"
  | "uint16"
  | "list"
  | "strings"
  | "stringArray"
  | "map"
  | "filter"
  | "network"
  | "decimal"
  | "bytes"
  | "duration"
  | "mount"
  | "ulimit"
  | "gpu-request"
  | "scale"
  | "stringToString";

export interface Flag {
  readonly name: string;
  readonly short: string | undefined;
  readonly type: FlagType;
  readonly help: string;
}

/** What is wrong with a flag's value, as it follows `invalid argument "x" for "--flag" flag: `. */
export type Check = (value: string) => string | undefined;

export interface Subcommand {
  /** What follows the path in its usage line: "[OPTIONS] IMAGE [COMMAND] [ARG...]". */
  readonly usage: string;
  readonly summary: string;
  /** What the client says before all else. */
  readonly notice?: string;
  /** Paths under which it goes, as help lists them. */
  readonly aliases?: string;
  readonly options?: string;
  /** Flags that work and are not shown, in the same form. */
  readonly hidden?: string;
  /** Other names of flags: { net: "network" }. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Refusals of values by flag name, beside those of the flag's type. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** How many arguments it takes. */
  readonly least: number;
  readonly most: number;
  /** Flags end at the first word that is none: run, exec, create. */
  readonly leading?: boolean;
}

/** What `--format` says of itself in every list. */
export const LIST_FORMAT = `Format output using a custom template:
| 'table':            Print output in table format with column headers (default)
| 'table TEMPLATE':   Print output in table format using the given Go template
| 'json':             Print in JSON format
| 'TEMPLATE':         Print output using the given Go template.
| Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;

/** And in commands that print documents. */
export const DOCUMENT_FORMAT = `Format output using a custom template:
| 'json':             Print in JSON format
| 'TEMPLATE':         Print output using the given Go template.
| Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;

const OPTION = /^(?:-(\w), )?--([\w-]+)(?: ([\w-]+))? {2,}(.*)$/;

/** Reads options written as help shows them. */
export function parseOptions(text: string): readonly Flag[] {
  const flags: { name: string; short: string | undefined; type: FlagType; help: string }[] = [];
  for (const line of text.split("\n")) {
    const match = OPTION.exec(line.trimStart());
    if (match) {
      const [, short, name = "", type = "bool", help = ""] = match;
      flags.push({ name, short, type: type as FlagType, help });
    } else if (line.startsWith("| ")) (flags.at(-1) as { help: string }).help += `\n${line.slice(2)}`;
  }
  return flags;
}

const known = new WeakMap<Subcommand, readonly Flag[]>();

/** The flags that help shows. */
export function shownFlags(command: Subcommand): readonly Flag[] {
  let flags = known.get(command);
  if (!flags) {
    flags = parseOptions(command.options ?? "");
    known.set(command, flags);
  }
  return flags;
}
