/** Word expansion in the shell's order: braces, tilde, parameters, commands, arithmetic, splitting, file names, quotes. */
import type { Op } from "../../../kernel/task.ts";
import type { Part, Word } from "../ast.ts";
import { has } from "../dialect.ts";
import { isPattern, quotePattern } from "../pattern.ts";
import { expandBraces } from "./braces.ts";
import { matchingFiles } from "./filenames.ts";
import { expandParameter, subscript } from "./parameter.ts";
import { ExpansionError, MAX_TEXT, MAX_WORDS, type Piece, type Scope, type WordExpander } from "./scope.ts";

/** Collects the fields that a word becomes. */
class Fields {
  readonly done: Piece[][] = [];
  #current: Piece[] | undefined;
  readonly #ifs: string;
  #length = 0;

  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  add(piece: Piece): void {
    this.#length += piece.text.length;
    if (this.#length > MAX_TEXT) throw new ExpansionError("cannot allocate memory");
    if (this.#current) this.#current.push(piece);
    else this.#current = [piece];
  }

  /** Ends the field that is open, if one is. */
  end(): void {
    if (!this.#current) return;
    this.done.push(this.#current);
    this.#current = undefined;
    if (this.done.length > MAX_WORDS) throw new ExpansionError("Argument list too long");
  }

  /** Adds what an expansion gave outside of quotes, split at $IFS (POSIX XCU 2.6.5). */
  split(text: string): void {
    const ifs = this.#ifs;
    const isWhite = (char: string | undefined): boolean => char !== undefined && " \t\n".includes(char) && ifs.includes(char);
    let at = 0;
    while (at < text.length) {
      let end = at;
      while (end < text.length && !ifs.includes(text[end] as string)) end++;
      if (end > at) this.add({ text: text.slice(at, end), quoted: false });
      if (end >= text.length) return;
      at = end;
      while (isWhite(text[at])) at++;
      const hard = at < text.length && ifs.includes(text[at] as string);
      if (hard) {
        at++;
        while (isWhite(text[at])) at++;
        // Two separators that are not blanks have an empty field between them.
        this.#current ??= [{ text: "", quoted: false }];
      }
      this.end();
    }
  }
}

/** Separator of "$*". */
const joiner = (scope: Scope): string => (scope.parameter("IFS") ?? " ")[0] ?? "";

function* addPart(part: Part, scope: Scope, fields: Fields): Op<void> {
  switch (part.kind) {
    case "text":
      fields.add({ text: part.text, quoted: part.quoted });
      return;
    case "process":
      fields.add({ text: yield* scope.fileOf(part.body), quoted: true });
      return;
    case "command": {
      const text = yield* scope.substitute(part.body);
      if (part.quoted) fields.add({ text, quoted: true });
      else fields.split(text);
      return;
    }
    case "arithmetic": {
      const text = String(yield* scope.arithmetic(part.expression));
      if (part.quoted) fields.add({ text, quoted: true });
      else fields.split(text);
      return;
    }
    case "parameter": {
      const value = yield* expandParameter(part, scope, EXPANDER);
      if ("one" in value) {
        if (part.quoted) fields.add({ text: value.one, quoted: true });
        else fields.split(value.one);
        return;
      }
      if ("word" in value) {
        if (part.quoted) fields.add({ text: "", quoted: true });
        for (const one of withoutTilde(value.word.parts, scope, false)) {
          if (one.kind === "text" && !one.quoted) fields.split(one.text);
          else yield* addPart(one, scope, fields);
        }
        return;
      }
      if (part.quoted && value.joined) {
        fields.add({ text: value.many.join(joiner(scope)), quoted: true });
        return;
      }
      for (const [i, text] of value.many.entries()) {
        if (i > 0) fields.end();
        if (part.quoted) fields.add({ text, quoted: true });
        else fields.split(text);
      }
    }
  }
}

/** ~, ~user, ~+ and ~- at the start of a word; after each : in an assignment too. */
function withoutTilde(parts: readonly Part[], scope: Scope, assignment: boolean): readonly Part[] {
  const first = parts[0];
  if (!assignment) return first?.kind === "text" && !first.quoted ? replaceTilde(parts, 0, scope) : parts;
  let result = parts;
  for (let i = 0; i < parts.length; i++) {
    const part = result[i];
    if (part?.kind === "text" && !part.quoted && (i === 0 || part.text.includes(":~"))) result = replaceTilde(result, i, scope, i > 0);
  }
  return result;
}

function replaceTilde(parts: readonly Part[], at: number, scope: Scope, onlyAfterColon = false): readonly Part[] {
  const { text } = parts[at] as { text: string };
  const closes = parts.length === at + 1;
  const pattern = onlyAfterColon ? /(:)~([A-Za-z0-9_+-]*)(?=[/:]|$)/ : /^()~([A-Za-z0-9_+-]*)(?=[/:]|$)/;
  const match = pattern.exec(text);
  if (!match || (!closes && match.index + match[0].length === text.length)) return parts;
  const home = homeOf(match[2] as string, scope);
  if (home === undefined) return parts;
  const end = match.index + match[0].length;
  const pieces: Part[] = [
    { kind: "text", text: text.slice(0, match.index) + match[1], quoted: false },
    { kind: "text", text: home, quoted: true },
    { kind: "text", text: text.slice(end), quoted: false },
  ];
  return [
    ...parts.slice(0, at),
    ...pieces.filter((piece) => piece.kind === "text" && (piece.quoted || piece.text !== "")),
    ...parts.slice(at + 1),
  ];
}

function homeOf(user: string, scope: Scope): string | undefined {
  if (user === "") return scope.parameter("HOME") ?? "/root";
  if (user === "+") return scope.parameter("PWD");
  if (user === "-") return scope.parameter("OLDPWD");
  const passwd = scope.fs.read("/etc/passwd");
  if (typeof passwd !== "string") return undefined;
  for (const line of passwd.split("\n")) {
    const fields = line.split(":");
    if (fields[0] === user) return fields[5];
  }
  return undefined;
}

function* fieldsOf(parts: readonly Part[], scope: Scope): Op<Piece[][]> {
  const fields = new Fields(scope.parameter("IFS") ?? " \t\n");
  for (const part of parts) yield* addPart(part, scope, fields);
  fields.end();
  return fields.done;
}

/** A word's pieces as they are, unsplit. */
export function* piecesOf(word: Word, scope: Scope, assignment = false): Op<Piece[]> {
  const fields = new Fields("");
  for (const part of withoutTilde(word.parts, scope, assignment)) {
    if (part.kind === "parameter") {
      const value = yield* expandParameter(part, scope, EXPANDER);
      if ("word" in value) for (const piece of yield* piecesOf(value.word, scope)) fields.add(piece);
      else fields.add({ text: "one" in value ? value.one : value.many.join(value.joined ? joiner(scope) : " "), quoted: part.quoted });
    } else yield* addPart(part, scope, fields);
  }
  fields.end();
  return fields.done[0] ?? [];
}

/** A word as one text: a redirection's target, a case's subject. */
export function* expandToText(word: Word, scope: Scope): Op<string> {
  return (yield* piecesOf(word, scope)).map((piece) => piece.text).join("");
}

/** The right side of an assignment. */
export function* expandAssigned(word: Word, scope: Scope): Op<string> {
  return (yield* piecesOf(word, scope, true)).map((piece) => piece.text).join("");
}

/** As `expandToText`, with what was quoted escaped, so that only unquoted * and ? are wild. */
export function* expandToPattern(word: Word, scope: Scope): Op<string> {
  return (yield* piecesOf(word, scope)).map((piece) => (piece.quoted ? quotePattern(piece.text) : piece.text)).join("");
}

/** Given to whoever expands a parameter, so that the two files need not know each other. */
const EXPANDER: WordExpander = { text: expandToText, pattern: expandToPattern, pieces: piecesOf };

/** The key of an array's element: a number, or text for an associative array. */
export const subscriptOf = (name: string, index: Word, scope: Scope): Op<string> => subscript(name, index, scope, EXPANDER);

/** A word as the arguments that it becomes. */
export function* expandWord(word: Word, scope: Scope): Op<string[]> {
  const out: string[] = [];
  const alternatives = has(scope.dialect, "braces") && scope.option("braceexpand") ? expandBraces(word) : [word.parts];
  for (const parts of alternatives) {
    for (const field of yield* fieldsOf(withoutTilde(parts, scope, false), scope)) out.push(...names(field, scope));
    if (out.length > MAX_WORDS) throw new ExpansionError("Argument list too long");
  }
  return out;
}

function names(field: readonly Piece[], scope: Scope): readonly string[] {
  const text = field.map((piece) => piece.text).join("");
  if (scope.option("noglob") || !field.some((piece) => !piece.quoted && /[*?[]/.test(piece.text))) return [text];
  const pattern = field.map((piece) => (piece.quoted ? quotePattern(piece.text) : piece.text)).join("");
  if (!isPattern(pattern)) return [text];
  const found = matchingFiles(pattern, scope);
  if (found.length > 0) return found;
  if (scope.option("failglob")) throw new ExpansionError(`no match: ${text}`);
  return scope.option("nullglob") ? [] : [text];
}
