/** Options as getopt_long(3) reads them: clusters of short ones, values attached or apart, "--" at the end, operands anywhere. */

export interface OptionSpec {
  /** Short options, with ":" after those that take a value: "anp:w:". */
  readonly short: string;
  /** Long options by name: true for those that take a value. */
  readonly long?: Readonly<Record<string, boolean>>;
  /** Stop at the first operand, as POSIX tools and those with a filter expression do. */
  readonly posix?: boolean;
}

interface GivenOption {
  /** "p", or "port" for --port. */
  readonly name: string;
  readonly value: string;
}

export interface Parsed {
  readonly options: readonly GivenOption[];
  readonly operands: readonly string[];
}

/** getopt's own words, to be put after "program: ". */
export class OptionError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Takes the arguments after the program's name apart. */
export function getopt(words: readonly string[], spec: OptionSpec): Parsed | OptionError {
  const options: GivenOption[] = [];
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      if (!spec.posix) continue;
      operands.push(...words.slice(i + 1));
      break;
    }
    if (word.startsWith("--")) {
      const [given, attached] = splitOnce(word.slice(2));
      const name = completeName(given, spec.long ?? {});
      if (name instanceof OptionError) return name;
      if (!spec.long?.[name]) {
        if (attached !== undefined) return new OptionError(`option '--${name}' doesn't allow an argument`);
        options.push({ name, value: "" });
        continue;
      }
      const value = attached ?? words[++i];
      if (value === undefined) return new OptionError(`option '--${name}' requires an argument`);
      options.push({ name, value });
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      const place = letter === ":" ? -1 : spec.short.indexOf(letter);
      if (place < 0) return new OptionError(`invalid option -- '${letter}'`);
      if (spec.short[place + 1] !== ":") {
        options.push({ name: letter, value: "" });
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : words[++i];
      if (value === undefined) return new OptionError(`option requires an argument -- '${letter}'`);
      options.push({ name: letter, value });
      break;
    }
  }
  return { options, operands };
}

const splitOnce = (text: string): [string, string | undefined] => {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
};

/** A long option may be shortened as long as it is plain which one is meant. */
function completeName(given: string, long: Readonly<Record<string, boolean>>): string | OptionError {
  if (Object.hasOwn(long, given)) return given;
  const candidates = Object.keys(long).filter((name) => name.startsWith(given));
  if (candidates.length === 1) return candidates[0] as string;
  if (candidates.length === 0) return new OptionError(`unrecognized option '--${given}'`);
  return new OptionError(`option '--${given}' is ambiguous; possibilities: ${candidates.map((name) => `'--${name}'`).join(" ")}`);
}
