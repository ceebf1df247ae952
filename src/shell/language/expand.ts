/** Word expansion in the shell's order: braces, tilde, parameters, commands, arithmetic, splitting, file names. */
import type { Op } from "../../kernel/task.ts";
import { FileError, type FileSystem, resolvePath } from "../../kernel/vfs.ts";
import { evaluate } from "./arithmetic.ts";
import type { Part, Word } from "./ast.ts";

/** What expansion asks of the shell that runs. */
export interface Scope {
  readonly fs: FileSystem;
  readonly cwd: string;
  /** Undefined when unset. Specials ($?, $#, $@ …) included. */
  variable(name: string): string | undefined;
  /** "$@": the positional parameters as separate words. */
  readonly positional: readonly string[];
  assign(name: string, value: string): void;
  /** Runs a script and gives what it printed, trailing newlines taken off. */
  substitute(script: string): Op<string>;
}

/** An expansion that the user got wrong; the text follows "bash: ". */
export class ExpansionError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const MAX_WORDS = 20_000;

/** A piece of expanded text: quoted text is neither split nor globbed. `separate`: a word boundary of "$@". */
interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  readonly separate?: boolean;
}

function* expandPart(part: Part, scope: Scope): Op<Piece[]> {
  switch (part.kind) {
    case "text":
      return [{ text: part.text, quoted: part.quoted }];
    case "command":
      return [{ text: yield* scope.substitute(part.script), quoted: part.quoted }];
    case "arithmetic": {
      const value = evaluate(part.expression, scope);
      if (typeof value === "string") throw new ExpansionError(`${part.expression}: ${value}`);
      return [{ text: String(value), quoted: part.quoted }];
    }
    case "variable":
      if ((part.name === "@" || part.name === "*") && part.operator === "") {
        if (part.name === "*" && part.quoted) return [{ text: scope.positional.join(" "), quoted: true }];
        return scope.positional.map((text, i) => ({ text, quoted: part.quoted, separate: i > 0 }));
      }
      return [{ text: yield* parameter(part, scope), quoted: part.quoted }];
  }
}

function* parameter(part: Extract<Part, { kind: "variable" }>, scope: Scope): Op<string> {
  const value = scope.variable(part.name);
  const empty = value === undefined || (part.operator.startsWith(":") && value === "");
  const argument = function* (): Op<string> {
    return part.argument ? yield* expandToText(part.argument, scope) : "";
  };
  switch (part.operator) {
    case "":
      return value ?? "";
    case "length":
      return String(part.name === "@" || part.name === "*" ? scope.positional.length : (value ?? "").length);
    case ":-":
    case "-":
      return empty ? yield* argument() : (value as string);
    case ":=":
    case "=":
      if (!empty) return value as string;
      scope.assign(part.name, yield* argument());
      return scope.variable(part.name) ?? "";
    case ":+":
    case "+":
      return empty ? "" : yield* argument();
    case ":?":
    case "?":
      if (!empty) return value as string;
      throw new ExpansionError(`${part.name}: ${(yield* argument()) || "parameter null or not set"}`);
    case "^^":
      return (value ?? "").toUpperCase();
    case ",,":
      return (value ?? "").toLowerCase();
    case "^":
      return (value ?? "").replace(/^./, (first) => first.toUpperCase());
    case ",":
      return (value ?? "").replace(/^./, (first) => first.toLowerCase());
    case "/":
    case "//": {
      const [from, to = ""] = (yield* argument()).split("/", 2) as [string, string?];
      const pattern = globSource(from, true);
      return (value ?? "").replace(new RegExp(pattern, part.operator === "//" ? "gs" : "s"), () => to);
    }
    default:
      return trimmed(value ?? "", part.operator, yield* argument());
  }
}

/** ${x#p}, ${x##p}, ${x%p}, ${x%%p}. */
function trimmed(value: string, operator: string, pattern: string): string {
  const matches = new RegExp(`^${globSource(pattern, true)}$`, "s");
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => i);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    if (operator[0] === "#" && matches.test(value.slice(0, length))) return value.slice(length);
    if (operator[0] === "%" && matches.test(value.slice(value.length - length))) return value.slice(0, value.length - length);
  }
  return value;
}

/** A shell pattern as the source of a regular expression. `slash`: `*` also matches "/", as outside of file names. */
export function globSource(pattern: string, slash: boolean): string {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === "*") source += slash ? ".*" : "[^/]*";
    else if (char === "?") source += slash ? "." : "[^/]";
    else if (char === "[") {
      const end = pattern.indexOf("]", i + 2);
      if (end < 0) source += "\\[";
      else {
        source += `[${pattern
          .slice(i + 1, end)
          .replace(/^!/, "^")
          .replaceAll("\\", "\\\\")}]`;
        i = end;
      }
    } else if (char === "\\" && i + 1 < pattern.length) source += escapeRegex(pattern[++i] as string);
    else source += escapeRegex(char);
  }
  return source;
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** A word as one text, unsplit: right side of an assignment, target of a redirection, case subject. */
export function* expandToText(word: Word, scope: Scope): Op<string> {
  let text = "";
  for (const [i, part] of tilde(word, scope).entries()) {
    for (const piece of yield* expandPart(part, scope)) text += piece.separate ? ` ${piece.text}` : piece.text;
    if (i > MAX_WORDS) break;
  }
  return text;
}

/** As `expandToText`, with what was quoted escaped, so that only unquoted * and ? are wild. */
export function* expandToPattern(word: Word, scope: Scope): Op<string> {
  let pattern = "";
  for (const part of tilde(word, scope))
    for (const piece of yield* expandPart(part, scope)) pattern += piece.quoted ? piece.text.replace(/[*?[\]\\]/g, "\\$&") : piece.text;
  return pattern;
}

function tilde(word: Word, scope: Scope): Word {
  const first = word[0];
  if (first?.kind !== "text" || first.quoted || !/^~(\/|$)/.test(first.text)) return word;
  return [{ kind: "text", text: (scope.variable("HOME") ?? "/root") + first.text.slice(1), quoted: false }, ...word.slice(1)];
}

/** Words of a command as its arguments. */
export function* expandWords(words: readonly Word[], scope: Scope): Op<string[]> {
  const out: string[] = [];
  for (const word of words) {
    if (isPlain(word)) {
      out.push(word[0].text);
      continue;
    }
    for (const braced of braces(word)) {
      const fields: Piece[][] = [];
      let current: Piece[] | undefined;
      for (const part of tilde(braced, scope)) {
        for (const piece of yield* expandPart(part, scope)) {
          if (piece.separate && current) {
            fields.push(current);
            current = undefined;
          }
          if (piece.quoted || part.kind === "text") {
            current = [...(current ?? []), piece];
            continue;
          }
          const split = piece.text.split(/[ \t\n]+/);
          for (const [i, text] of split.entries()) {
            if (i > 0 && current) {
              fields.push(current);
              current = undefined;
            }
            if (text !== "") current = [...(current ?? []), { text, quoted: false }];
          }
        }
      }
      if (current) fields.push(current);
      for (const field of fields) out.push(...fileNames(field, scope));
      if (out.length > MAX_WORDS) throw new ExpansionError("Argument list too long");
    }
  }
  return out;
}

/** Whether a word stands for itself. */
const isPlain = (word: Word): word is readonly [Extract<Part, { kind: "text" }>] =>
  word.length === 1 && word[0]?.kind === "text" && (word[0].quoted || !/[~{*?[]/.test(word[0].text));

/** {a,b} and {1..3} in unquoted text. */
function braces(word: Word): Word[] {
  for (const [i, part] of word.entries()) {
    if (part.kind !== "text" || part.quoted) continue;
    const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(part.text);
    if (!match) continue;
    const [, before, inner, after] = match as unknown as [string, string, string, string];
    const range = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(inner);
    const choices = range
      ? sequence(Number(range[1]), Number(range[2]), Number(range[3] ?? 1))
      : inner.includes(",")
        ? inner.split(",")
        : undefined;
    if (!choices) continue;
    const text = (value: string): Part => ({ kind: "text", text: value, quoted: false });
    return choices.flatMap((choice) =>
      braces([...word.slice(0, i), text(before + choice), ...(after ? [text(after)] : []), ...word.slice(i + 1)]),
    );
  }
  return [word];
}

function sequence(from: number, to: number, step: number): string[] {
  const by = Math.max(1, Math.abs(step));
  const count = Math.min(MAX_WORDS, Math.floor(Math.abs(to - from) / by) + 1);
  return Array.from({ length: count }, (_, i) => String(from <= to ? from + i * by : from - i * by));
}

function fileNames(field: readonly Piece[], scope: Scope): string[] {
  const text = field.map((piece) => piece.text).join("");
  if (!field.some((piece) => !piece.quoted && /[*?[]/.test(piece.text))) return [text];
  const pattern = field.map((piece) => (piece.quoted ? piece.text.replace(/[*?[\]\\]/g, "\\$&") : piece.text)).join("");
  const parts = pattern.split("/");
  let found = [pattern.startsWith("/") ? "/" : ""];
  for (const [i, part] of parts.entries()) {
    if (part === "") continue;
    const matcher = new RegExp(`^${globSource(part, false)}$`);
    found = found.flatMap((base) => {
      const names = scope.fs.list(resolvePath(scope.cwd, base || "."));
      if (names instanceof FileError) return [];
      return names
        .filter((name) => matcher.test(name) && (part.startsWith(".") || !name.startsWith(".")))
        .map((name) => `${base}${name}`)
        .filter((path) => i === parts.length - 1 || scope.fs.isDirectory(resolvePath(scope.cwd, path)))
        .map((path) => (i === parts.length - 1 ? path : `${path}/`));
    });
  }
  return found.length > 0 ? found : [text];
}
