/** Flags as pflag reads them. */
import type { Process } from "../../command.ts";
import { type Flag, type FlagType, parseOptions, type Subcommand, shownFlags } from "./subcommand.ts";
import { argumentsError, helpOf, usageError } from "./usage.ts";

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

/** Why a label is none (opts.ValidateLabel). */
export function labelError(text: string): string | undefined {
  const key = (text.split("=")[0] as string).trimStart();
  if (key === "") return `invalid label '${text}': empty name`;
  return /\s/.test(key) ? `label '${key}' contains whitespaces` : undefined;
}

/** What big.Rat reads: "1.5", ".5", "1e-1", "1/2". */
export function rational(text: string): number | undefined {
  const fraction = /^([-+]?\d+)\/(\d+)$/.exec(text);
  if (fraction) return Number(fraction[2]) === 0 ? undefined : Number(fraction[1]) / Number(fraction[2]);
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?$/.test(text) ? Number(text) : undefined;
}

/** opts.ParseCPUs: processors down to a thousand millionth. */
function cpusError(text: string): string | undefined {
  const cpus = rational(text);
  if (cpus === undefined) return `failed to parse ${text} as a rational number`;
  return /[./e]/i.test(text) && Math.abs(cpus * 1e9 - Math.round(cpus * 1e9)) > 1e-4 ? "value is too precise" : undefined;
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

const DURATION = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/;

/** Why a value is none of its type, in the words of Go's parsers. */
function typeError(type: FlagType, value: string): string | undefined {
  const number = (parser: string): string | undefined =>
    /^[-+]?\d{1,18}$/.test(value) ? undefined : `strconv.${parser}: parsing ${JSON.stringify(value)}: invalid syntax`;
  switch (type) {
    case "bool":
      return Object.hasOwn(BOOLEANS, value) ? undefined : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    case "int":
      return number("ParseInt");
    case "uint16":
      return number("ParseUint");
    case "duration":
      if (DURATION.test(value)) return undefined;
      return `time: ${/^[-+]?[\d.]+$/.test(value) ? "missing unit in" : "invalid"} duration ${JSON.stringify(value)}`;
    case "bytes":
      return /^-?\d+(\.\d+)? ?([kmgtpKMGTP](i?[bB])?|[bB])?$/.test(value)
        ? undefined
        : /^-?\d+(\.\d+)? ?[a-zA-Z]+$/.test(value)
          ? `invalid suffix: '${value.replace(/^[-\d. ]+/, "").toLowerCase()}'`
          : `invalid size: '${value}'`;
    case "decimal":
      return cpusError(value);
    case "ulimit":
      return /^\w+=-?\d+(:-?\d+)?$/.test(value) ? undefined : `invalid ulimit argument: ${value}`;
    case "gpu-request":
      return /^(all|-?\d+)$|=/.test(value)
        ? undefined
        : `invalid count (${value}): value must be either "all" or an integer: invalid syntax`;
    case "filter":
      return value === "" || value.includes("=") ? undefined : "bad format of filter (expected name=value)";
    case "scale": {
      const [service, replicas] = value.split("=");
      if (!service || replicas === undefined) return `${value} must be formatted as key=value`;
      return undefined;
    }
    default:
      return undefined;
  }
}

const LISTS: ReadonlySet<FlagType> = new Set(["list", "strings", "stringArray", "map", "filter", "network", "mount", "ulimit", "scale"]);

/** Reads the words after a command's path: flags and arguments, a wish for help, or what is wrong with a flag. */
export function parseWords(
  command: Subcommand,
  words: readonly string[],
): Flags | { readonly help: "help" | "h" } | { readonly wrong: string } {
  const values = new Map<string, string[]>();
  const args: string[] = [];
  const flags = [...shownFlags(command), ...parseOptions(command.hidden ?? "")];
  const fail = (message: string): { readonly wrong: string } => ({ wrong: message });
  const find = (name: string): Flag | undefined => {
    const plain = command.renamed?.[name] ?? name;
    return flags.find((flag) => flag.name === plain);
  };
  const put = (flag: Flag, value: string, written: string): { readonly wrong: string } | undefined => {
    const label =
      written === flag.name || written === flag.short ? (flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`) : `--${written}`;
    const wrong = typeError(flag.type, value) ?? command.checks?.[flag.name]?.(value);
    if (wrong !== undefined) return fail(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(label)} flag: ${wrong}`);
    if (flag.type === "bool") values.set(flag.name, [BOOLEANS[value] as string]);
    else if (flag.type === "strings") values.set(flag.name, [...(values.get(flag.name) ?? []), ...value.split(",")]);
    else if (LISTS.has(flag.type)) values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
    else values.set(flag.name, [value]);
    return undefined;
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") {
      args.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      if (!command.leading) continue;
      args.push(...words.slice(i + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      if (name === "" || name.startsWith("-")) return fail(`bad flag syntax: ${word}`);
      const flag = find(name);
      if (name === "help" && flag?.type !== "string") return { help: "help" };
      if (!flag) return fail(`unknown flag: --${name}`);
      let value: string | undefined = equals < 0 ? (flag.type === "bool" ? "true" : undefined) : word.slice(equals + 1);
      value ??= words[++i];
      if (value === undefined) return fail(`flag needs an argument: --${name}`);
      const refused = put(flag, value, name);
      if (refused) return refused;
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const flag = flags.find((one) => one.short === letter);
      if (!flag && letter === "h") return { help: "h" };
      if (!flag) return fail(`unknown shorthand flag: '${letter}' in ${word.slice(0, 1)}${word.slice(j)}`);
      if (flag.type === "bool" && word[j + 1] !== "=") {
        put(flag, "true", letter);
        continue;
      }
      let value: string | undefined = word.slice(j + 1);
      if (value.startsWith("=")) value = value.slice(1);
      else if (value === "") value = words[++i];
      if (value === undefined) return fail(`flag needs an argument: '${letter}' in ${word.slice(0, 1)}${word.slice(j)}`);
      const refused = put(flag, value, letter);
      if (refused) return refused;
      break;
    }
  }
  return new Flags(values, args);
}

/** What pflag says of the letter that the client has given up. */
export const SHORT_HELP = "Flag shorthand -h has been deprecated, use --help\n";

/** The same for `docker` itself: what is wrong with them is told, and help printed, here. */
export function parseFlags(process: Process, path: string, command: Subcommand, words: readonly string[]): Flags | Refused {
  const read = parseWords(command, words);
  if (command.notice) process.stderr.write(command.notice);
  if ("help" in read) {
    if (read.help === "h") process.stdout.write(SHORT_HELP);
    process.stdout.write(helpOf(path, command));
    return { status: 0 };
  }
  if ("wrong" in read) {
    process.stderr.write(usageError(path, command, read.wrong));
    return { status: 125 };
  }
  const wrong = argumentsError(path, command, read.args.length);
  if (wrong === undefined) return read;
  process.stderr.write(wrong);
  return { status: 1 };
}
