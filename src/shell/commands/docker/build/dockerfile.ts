/** A Dockerfile, line by line (moby/buildkit: frontend/dockerfile/parser, instructions). */

/** What is wrong with a Dockerfile, in the daemon's words. */
export class DockerfileError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export interface Instruction {
  /** "RUN", in capitals. */
  readonly name: string;
  /** As it was written, on one line. */
  readonly original: string;
  /** --from=one and its like. */
  readonly flags: ReadonlyMap<string, string>;
  /** What follows the name and the flags. */
  readonly rest: string;
  /** The words of a list in JSON; undefined in any other form. */
  readonly json: readonly string[] | undefined;
  /** Words otherwise: quotes are still in them. */
  readonly words: readonly string[];
}

const INSTRUCTIONS = [
  "ADD",
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "RUN",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
];

const EXACTLY_ONE: ReadonlySet<string> = new Set(["FROM", "MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"]);
/** Further than this no word is taken for a slip. */
const FAR = 3;

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] as number;
}

/** " (did you mean FROM?)", or nothing. */
function suggestion(name: string): string {
  let best = FAR;
  let found: string | undefined;
  for (const one of INSTRUCTIONS) {
    const far = distance(name, one);
    if (far < best) [best, found] = [far, one];
  }
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}

/** Words apart at blanks that stand outside of quotes. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "\\" && quote !== "'" && i + 1 < text.length) word += char + (text[++i] as string);
    else if (quote !== "") {
      word += char;
      if (char === quote) quote = "";
    } else if (/\s/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
    } else {
      if (char === "'" || char === '"') quote = char;
      word += char;
    }
  }
  if (word !== "") words.push(word);
  return words;
}

function jsonOf(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function flagsOf(text: string): readonly [flags: ReadonlyMap<string, string>, rest: string] {
  const flags = new Map<string, string>();
  let rest = text;
  for (let match = /^--([\w-]+)(?:=(\S*))?\s*/.exec(rest); match; match = /^--([\w-]+)(?:=(\S*))?\s*/.exec(rest)) {
    flags.set(match[1] as string, match[2] ?? "true");
    rest = rest.slice(match[0].length);
  }
  return [flags, rest];
}

/** What is wrong with the words of an instruction; undefined when nothing is. */
function argumentsWrong({ name, words, json, rest }: Instruction): string | undefined {
  const count = (json ?? words).length;
  if (name === "FROM" && count === 3 && /^as$/i.test(words[1] as string)) return undefined;
  if (name === "FROM" && count !== 1) return "FROM requires either one or three arguments";
  if (name === "MAINTAINER" || name === "USER" || name === "WORKDIR" || name === "STOPSIGNAL")
    return rest === "" || (name === "STOPSIGNAL" && count !== 1) ? `${name} requires exactly one argument` : undefined;
  if (EXACTLY_ONE.has(name) && count !== 1) return `${name} requires exactly one argument`;
  if (name === "COPY" || name === "ADD") {
    if (count === 1) return `${name} requires at least two arguments, but only one was provided. Destination could not be determined`;
    return count === 0 ? `${name} requires at least two arguments` : undefined;
  }
  if (["ARG", "ENV", "LABEL", "EXPOSE", "VOLUME", "ONBUILD", "HEALTHCHECK", "RUN", "SHELL"].includes(name) && count === 0)
    return `${name} requires at least one argument`;
  if (name === "SHELL" && !json) return "SHELL requires the arguments to be in JSON form";
  return undefined;
}

function readLine(text: string, line: number, file: string): Instruction | DockerfileError {
  const [, written = "", after = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  const name = written.toUpperCase();
  const wrong = (message: string): DockerfileError => new DockerfileError(`dockerfile parse error on line ${line}: ${message}`);
  if (!INSTRUCTIONS.includes(name)) return wrong(`unknown instruction: ${name}${suggestion(name)}`);
  const [flags, rest] = flagsOf(after.trim());
  const takesJson = ["ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"].includes(name);
  const instruction = { name, original: text, flags, rest, json: takesJson ? jsonOf(rest) : undefined, words: wordsOf(rest) };
  if ((name === "ENV" || name === "LABEL") && instruction.words.length === 1 && !rest.includes("="))
    return new DockerfileError(`failed to parse ${file}: ${name} must have two arguments`);
  if (/(^|\s)<<-?["']?\w+/.test(rest) && (name === "RUN" || name === "COPY" || name === "ADD"))
    return wrong(`${name} with a here-document needs BuildKit, which is not supported here; && and \\ are`);
  const faulty = argumentsWrong(instruction);
  return faulty === undefined ? instruction : wrong(faulty);
}

/** The instructions of a Dockerfile; `file` is its name, for errors. */
export function parseDockerfile(text: string, file: string): readonly Instruction[] | DockerfileError {
  const instructions: Instruction[] = [];
  let pending = "";
  let start = 0;
  let empty = true;
  for (const [i, written] of text.split("\n").entries()) {
    const line = written.replace(/\r$/, "");
    // A comment may stand between the lines of one instruction.
    if (/^\s*#/.test(line) || (line.trim() === "" && pending === "")) continue;
    if (line.trim() === "") continue;
    empty = false;
    if (pending === "") start = i + 1;
    const plain = pending === "" ? line.trimStart() : line;
    if (/\\\s*$/.test(plain)) {
      pending += plain.replace(/\\\s*$/, "");
      continue;
    }
    const read = readLine((pending + plain).trim(), start, file);
    if (read instanceof DockerfileError) return read;
    instructions.push(read);
    pending = "";
  }
  if (pending !== "") {
    const read = readLine(pending.trim(), start, file);
    if (read instanceof DockerfileError) return read;
    instructions.push(read);
  }
  if (empty) return new DockerfileError(text === "" ? `the Dockerfile (${file}) cannot be empty` : "file with no instructions");
  return instructions;
}

/** What a name stands for. */
type LookUp = (name: string) => string | undefined;

/** A word with its variables filled in and its quotes taken off (frontend/dockerfile/shell/lex.go). */
export function expand(word: string, lookUp: LookUp): string {
  let result = "";
  let quote = "";
  for (let i = 0; i < word.length; i++) {
    const char = word[i] as string;
    if (char === "\\" && quote !== "'" && i + 1 < word.length) {
      const next = word[++i] as string;
      result += quote === '"' && !'"$\\'.includes(next) ? `\\${next}` : next;
    } else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
    else if (char === "$" && quote !== "'") {
      const match = /^\$(?:\{(\w+)(?::?([-+])([^}]*))?\}|(\w+))/.exec(word.slice(i));
      if (!match) {
        result += char;
        continue;
      }
      const value = lookUp(match[1] ?? match[4] ?? "");
      const given = value !== undefined && value !== "";
      if (match[2] === "-") result += given ? value : expand(match[3] ?? "", lookUp);
      else if (match[2] === "+") result += given ? expand(match[3] ?? "", lookUp) : "";
      else result += value ?? "";
      i += match[0].length - 1;
    } else result += char;
  }
  return result;
}

/** The pairs of ENV and LABEL: "A=1 B=2", or in the old form "A rest of the line". */
export function pairsIn({ words, rest }: Instruction, lookUp: LookUp): readonly (readonly [string, string])[] {
  const [first = ""] = words;
  if (!first.includes("=")) return [[first, expand(rest.slice(first.length).trim(), lookUp)]];
  return words.map((word) => {
    const at = word.indexOf("=");
    return [expand(word.slice(0, at), lookUp), expand(word.slice(at + 1), lookUp)] as const;
  });
}
