/** Flags as pflag reads them and errors as cobra and docker/cli tell them. */
import type { Process } from "../../command.ts";

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: "bool" | "string" | "list" | "int";
  readonly help?: string;
  /** Another name of the same flag that help does not show. */
  readonly alias?: string;
}

export interface Subcommand {
  /** "docker network create". */
  readonly path: string;
  /** What follows the path in its usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  readonly least: number;
  readonly most: number;
  /** Flags end at the first word that is none: run, exec, create. */
  readonly leading?: boolean;
}

export class Flags {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly args: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, args: readonly string[]) {
    this.#values = values;
    this.args = args;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  on(name: string): boolean {
    return this.text(name) === "true";
  }

  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }
}

/** "NAME=value" words as a record. */
export function record(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** The status that a command ends with once its help or its error has been printed. */
export interface Refused {
  readonly status: number;
}

const BOOLEANS: Readonly<Record<string, string>> = {
  "1": "true",
  t: "true",
  T: "true",
  true: "true",
  TRUE: "true",
  True: "true",
  "0": "false",
  f: "false",
  F: "false",
  false: "false",
  FALSE: "false",
  False: "false",
};

const plural = (count: number): string => `${count} argument${count === 1 ? "" : "s"}`;

function argumentsError(command: Subcommand, given: number): string | undefined {
  const { path, least, most } = command;
  const usage = `\n\nUsage:  ${path} ${command.usage}\n\n`;
  const run = `Run '${path} --help' for more information\n`;
  const see = `See '${path} --help' for more information\n`;
  if (given >= least && given <= most) return undefined;
  if (most === 0) return `docker: '${path}' accepts no arguments${usage}${run}`;
  if (least === most) return `docker: '${path}' requires ${plural(least)}${usage}${run}`;
  if (most === Number.POSITIVE_INFINITY) return `docker: '${path}' requires at least ${plural(least)}${usage}${see}`;
  if (least === 0) return `docker: '${path}' requires at most ${plural(most)}${usage}${see}`;
  return `docker: '${path}' requires at least ${least} and at most ${plural(most)}${usage}${see}`;
}

/** The help that `--help` prints. */
function helpOf(command: Subcommand): string {
  const options = command.flags
    .filter((flag) => flag.help !== undefined)
    .map((flag) => {
      const type = flag.kind === "bool" ? "" : flag.kind === "string" ? " string" : ` ${flag.kind}`;
      return [`${flag.short ? `-${flag.short}, ` : "    "}--${flag.name}${type}`, flag.help as string] as const;
    });
  const width = Math.max(0, ...options.map(([name]) => name.length));
  const list = options.map(([name, help]) => `  ${name.padEnd(width)}   ${help}\n`).join("");
  return `Usage:  ${command.path} ${command.usage}\n\n${command.summary}\n${list ? `\nOptions:\n${list}` : ""}`;
}

/** Reads the words after the command's path. */
export function parseFlags(process: Process, command: Subcommand, words: readonly string[]): Flags | Refused {
  const values = new Map<string, string[]>();
  const args: string[] = [];
  const fail = (message: string): Refused => {
    process.stderr.write(`${message}\n\nUsage:  ${command.path} ${command.usage}\n\nRun '${command.path} --help' for more information\n`);
    return { status: 125 };
  };
  const put = (flag: Flag, value: string, shown: string): Refused | undefined => {
    if (flag.kind === "bool") {
      const known = BOOLEANS[value];
      if (known === undefined)
        return fail(`invalid argument "${value}" for "${shown}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`);
      values.set(flag.name, [known]);
      return undefined;
    }
    if (flag.kind === "int" && !/^[-+]?\d+$/.test(value))
      return fail(`invalid argument "${value}" for "${shown}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`);
    if (flag.kind === "list") values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
    else values.set(flag.name, [value]);
    return undefined;
  };
  const labelOf = (flag: Flag): string => (flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") {
      args.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      if (command.leading) {
        args.push(...words.slice(i + 1));
        break;
      }
      continue;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      if (name === "help") {
        process.stdout.write(helpOf(command));
        return { status: 0 };
      }
      const flag = command.flags.find((one) => one.name === name || one.alias === name);
      if (!flag) return fail(`unknown flag: --${name}`);
      let value: string | undefined = equals < 0 ? (flag.kind === "bool" ? "true" : undefined) : word.slice(equals + 1);
      if (value === undefined) {
        value = words[++i];
        if (value === undefined) return fail(`flag needs an argument: --${name}`);
      }
      const refused = put(flag, value, labelOf(flag));
      if (refused) return refused;
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const flag = command.flags.find((one) => one.short === letter);
      if (!flag) return fail(`unknown shorthand flag: '${letter}' in ${word}`);
      if (flag.kind === "bool" && word[j + 1] !== "=") {
        put(flag, "true", labelOf(flag));
        continue;
      }
      let value: string | undefined = word.slice(j + 1).replace(/^=/, "");
      if (value === "" && word[j + 1] !== "=") value = words[++i];
      if (value === undefined) return fail(`flag needs an argument: '${letter}' in ${word}`);
      const refused = put(flag, value, labelOf(flag));
      if (refused) return refused;
      break;
    }
  }
  const wrong = argumentsError(command, args.length);
  if (wrong !== undefined) {
    process.stderr.write(wrong);
    return { status: 1 };
  }
  return new Flags(values, args);
}
