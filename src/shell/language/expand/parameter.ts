/** ${…}: values of parameters and what the operators make of them (POSIX XCU 2.6.2, bash's subst.c). */
import type { Op } from "../../../kernel/task.ts";
import type { Operation, Parameter, Word } from "../ast.ts";
import { Pattern } from "../pattern.ts";
import { backslashed, declared, singleQuoted } from "../quote.ts";
import { ExpansionError, MAX_TEXT, type Scope, type WordExpander } from "./scope.ts";

/** Steps of all pattern matching that one expansion may take. */
const MAX_STEPS = 4_000_000;

/** One value, as many as "$@" and "${a[@]}" give, or a word that stands in its place with quotes of its own: ${x:-word}. */
type Value = { readonly one: string } | { readonly many: readonly string[]; readonly joined: boolean } | { readonly word: Word };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a parameter stands for, before an operator looks at it. */
type Reading = { readonly text: string | undefined } | { readonly list: readonly string[]; readonly joined: boolean };

function* read(part: Parameter, name: string, scope: Scope, words: WordExpander): Op<Reading> {
  const every = part.index === "@" || part.index === "*" ? part.index : undefined;
  if (part.index === undefined && (name === "@" || name === "*")) return { list: scope.positional, joined: name === "*" };
  if (every) return { list: scope.variables.elements(name), joined: every === "*" };
  if (part.index === undefined || typeof part.index === "string") return { text: scope.parameter(name) };
  return { text: scope.variables.element(name, yield* subscript(name, part.index, scope, words)) };
}

/** An array's index as a key: a number, or text for an associative array. */
export function* subscript(name: string, index: Word, scope: Scope, words: WordExpander): Op<string> {
  if (scope.variables.get(name)?.table) return yield* words.text(index, scope);
  return String(yield* scope.arithmetic(index));
}

const unbound = (name: string, scope: Scope): ExpansionError =>
  new ExpansionError(`${name}: ${scope.dialect === "bash" ? "unbound variable" : "parameter not set"}`, {
    status: scope.dialect === "bash" ? 127 : 2,
    fatal: true,
  });

const badSubstitution = (raw: string, scope: Scope): ExpansionError =>
  scope.dialect === "bash"
    ? new ExpansionError(`${raw}: bad substitution`)
    : new ExpansionError(scope.dialect === "dash" ? "Bad substitution" : "syntax error: bad substitution", { status: 2, fatal: true });

export function* expandParameter(given: Parameter, scope: Scope, words: WordExpander): Op<Value> {
  const { operation } = given;
  if (operation?.kind === "bad") throw badSubstitution(given.raw, scope);
  if (operation?.kind === "names") {
    const names = scope.variables.names().filter((name) => name.startsWith(given.name));
    return { many: names, joined: given.index === "*" };
  }
  if (given.indirect && (given.index === "@" || given.index === "*"))
    return { many: scope.variables.keys(given.name), joined: given.index === "*" };
  const part = given.indirect ? yield* indirect(given, scope, words) : given;
  const reading = yield* read(part, part.name, scope, words);
  if (operation === undefined) return plain(part, reading, scope);
  if (operation.kind === "length") return length(part, reading, scope);
  if ("word" in operation) return yield* conditional(part, operation, reading, scope, words);
  if ("list" in reading) {
    if (operation.kind === "slice") return { many: yield* sliceList(part, operation, reading.list, scope), joined: reading.joined };
    const many: string[] = [];
    const apply = yield* transformer(part, operation, scope, words);
    for (const text of reading.list) many.push(apply(text));
    return { many, joined: reading.joined };
  }
  if (reading.text === undefined && scope.option("nounset")) throw unbound(part.name, scope);
  if (operation.kind === "slice") return { one: yield* sliceText(operation, reading.text ?? "", scope) };
  return { one: (yield* transformer(part, operation, scope, words))(reading.text ?? "") };
}

function plain(part: Parameter, reading: Reading, scope: Scope): Value {
  if ("list" in reading) return { many: reading.list, joined: reading.joined };
  if (reading.text === undefined && scope.option("nounset"))
    throw unbound(part.raw.startsWith("${") && part.index !== undefined ? part.raw.slice(2, -1) : part.name, scope);
  return { one: reading.text ?? "" };
}

function length(part: Parameter, reading: Reading, scope: Scope): Value {
  if ("list" in reading) return { one: String(reading.list.length) };
  if (reading.text === undefined && scope.option("nounset")) throw unbound(part.name, scope);
  return { one: String([...(reading.text ?? "")].length) };
}

function* indirect(part: Parameter, scope: Scope, words: WordExpander): Op<Parameter> {
  const reading = yield* read(part, part.name, scope, words);
  const target = "text" in reading ? (reading.text ?? "") : reading.list.join(" ");
  const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?:\[(.*)\])?$/s.exec(target);
  if (!match) throw new ExpansionError(target === "" ? `${part.name}: invalid indirect expansion` : `${target}: invalid variable name`);
  const subscripted = match[2];
  const index =
    subscripted === "@" || subscripted === "*"
      ? subscripted
      : subscripted === undefined
        ? undefined
        : { parts: [{ kind: "text" as const, text: subscripted, quoted: true }], raw: subscripted };
  return { ...part, name: match[1] as string, index, indirect: false };
}

type Conditional = Extract<Operation, { readonly word: unknown }>;

function* conditional(part: Parameter, operation: Conditional, reading: Reading, scope: Scope, words: WordExpander): Op<Value> {
  const present =
    "list" in reading
      ? reading.list.length > 0 && !(operation.colon && reading.list.length === 1 && reading.list[0] === "")
      : reading.text !== undefined && !(operation.colon && reading.text === "");
  if (operation.kind === "alternative") return present ? { word: operation.word } : { one: "" };
  if (present) return "list" in reading ? { many: reading.list, joined: reading.joined } : { one: reading.text as string };
  if (operation.kind === "default") return { word: operation.word };
  const text = yield* words.text(operation.word, scope);
  if (operation.kind === "error") {
    const missing = operation.colon ? "parameter null or not set" : "parameter not set";
    throw new ExpansionError(
      `${part.name}: ${text || (scope.dialect === "bash" || !operation.colon ? missing : "parameter not set or null")}`,
      {
        status: scope.dialect === "bash" ? 127 : 2,
        fatal: true,
      },
    );
  }
  if (!NAME.test(part.name)) throw new ExpansionError(`$${part.name}: cannot assign in this way`);
  const index = typeof part.index === "object" ? yield* subscript(part.name, part.index, scope, words) : undefined;
  scope.assign(part.name, index, text);
  return { one: text };
}

function* sliceText(operation: Extract<Operation, { kind: "slice" }>, text: string, scope: Scope): Op<string> {
  const offset = Number(yield* scope.arithmetic(operation.offset));
  const from = offset < 0 ? text.length + offset : offset;
  if (operation.length === undefined) return from < 0 ? "" : text.slice(from);
  const count = Number(yield* scope.arithmetic(operation.length));
  if (from < 0 || from > text.length) return "";
  if (count >= 0) return text.slice(from, from + count);
  if (text.length + count < from) {
    if (scope.dialect === "bash") throw new ExpansionError(`${operation.length.raw}: substring expression < 0`);
    return "";
  }
  return text.slice(from, text.length + count);
}

/** Where the elements from an index on begin: an array may have gaps, and a negative index counts back from its end. */
function placeOf(keys: readonly string[], offset: number): number {
  const numbers = keys.map(Number);
  const wanted = offset < 0 ? (numbers.at(-1) ?? -1) + 1 + offset : offset;
  if (wanted < 0) return -1;
  const found = numbers.findIndex((number) => !(number < wanted));
  return found < 0 ? numbers.length : found;
}

function* sliceList(
  part: Parameter,
  operation: Extract<Operation, { kind: "slice" }>,
  list: readonly string[],
  scope: Scope,
): Op<readonly string[]> {
  const offset = Number(yield* scope.arithmetic(operation.offset));
  // Positional parameters count from 1; ${@:0} begins with $0.
  const positional = part.index === undefined;
  const all = positional ? [scope.parameter("0") ?? "", ...list] : list;
  const from = positional ? (offset < 0 ? all.length + offset : offset) : placeOf(scope.variables.keys(part.name), offset);
  if (from < 0) return [];
  if (operation.length === undefined) return all.slice(from);
  const count = Number(yield* scope.arithmetic(operation.length));
  if (count < 0) throw new ExpansionError(`${operation.length.raw}: substring expression < 0`);
  return all.slice(from, from + count);
}

/** What an operator does to each text that it is given. */
function* transformer(
  part: Parameter,
  operation: Exclude<Operation, Conditional>,
  scope: Scope,
  words: WordExpander,
): Op<(text: string) => string> {
  switch (operation.kind) {
    case "trim": {
      const pattern = new Pattern(yield* words.pattern(operation.pattern, scope));
      const { end, longest } = operation;
      return (text) => {
        if (end === "prefix") return text.slice(pattern.endAt(text, 0, longest) ?? 0);
        return text.slice(0, pattern.startOfSuffix(text, longest) ?? text.length);
      };
    }
    case "replace":
      return yield* replacer(operation, scope, words);
    case "case": {
      const source = yield* words.pattern(operation.pattern, scope);
      const pattern = source === "" ? undefined : new Pattern(source);
      const upper = operation.mode[0] === "^";
      const change = (char: string): string => (pattern && !pattern.matches(char) ? char : upper ? char.toUpperCase() : char.toLowerCase());
      return (text) =>
        operation.mode.length === 2 ? [...text].map(change).join("") : text === "" ? "" : change(text[0] as string) + text.slice(1);
    }
    case "transform":
      return (text) => transformed(part, operation.letter, text, scope);
    default:
      return (text) => text;
  }
}

function* replacer(operation: Extract<Operation, { kind: "replace" }>, scope: Scope, words: WordExpander): Op<(text: string) => string> {
  const source = yield* words.pattern(operation.pattern, scope);
  const pattern = new Pattern(source);
  const pieces = yield* words.pieces(operation.by, scope);
  // An & that is not quoted stands for what matched (bash's patsub_replacement).
  const by = (matched: string): string =>
    pieces
      .map(({ text, quoted }) =>
        quoted || scope.dialect !== "bash" ? text : text.replace(/\\&|&/g, (one) => (one === "&" ? matched : "&")),
      )
      .join("");
  return (text) => {
    const { where } = operation;
    if (source === "") return where === "prefix" ? by("") + text : where === "suffix" ? text + by("") : text;
    if (where === "suffix") {
      const start = pattern.startOfSuffix(text, true);
      return start === undefined ? text : text.slice(0, start) + by(text.slice(start));
    }
    let out = "";
    let steps = 0;
    for (let at = 0; at <= text.length; ) {
      const end = pattern.endAt(text, at, true);
      if (end !== undefined && (end > at || text === "")) {
        out += by(text.slice(at, end));
        if (where !== "all") return out + text.slice(end);
        steps += end - at;
        at = Math.max(end, at + 1);
      } else {
        if (where === "prefix") return text;
        steps += text.length - at;
        out += text[at++] ?? "";
      }
      if (steps > MAX_STEPS || out.length > MAX_TEXT) throw new ExpansionError("cannot allocate memory");
    }
    return out;
  };
}

function transformed(part: Parameter, letter: string, text: string, scope: Scope): string {
  const variable = scope.variables.get(part.name);
  switch (letter) {
    case "Q":
      return /[\x00-\x1f]/.test(text) ? backslashed(text) : singleQuoted(text);
    case "U":
      return text.toUpperCase();
    case "L":
      return text.toLowerCase();
    case "u":
      return text === "" ? "" : (text[0] as string).toUpperCase() + text.slice(1);
    case "A":
      if (!variable) return "";
      return variable.list || variable.table || variable.exported
        ? `declare -${attributes(part.name, scope)} ${part.name}=${declared(text)}`
        : `${part.name}=${singleQuoted(text)}`;
    case "a":
      return attributes(part.name, scope);
    default:
      return text;
  }
}

/** The letters that declare -p shows: "x" for an exported variable. */
export function attributes(name: string, scope: Pick<Scope, "variables">): string {
  const variable = scope.variables.get(name);
  if (!variable) return "";
  const letters = [
    variable.list && "a",
    variable.table && "A",
    variable.integer && "i",
    variable.letters === "lower" && "l",
    variable.readonly && "r",
    variable.letters === "upper" && "u",
    variable.exported && "x",
  ];
  return letters.filter(Boolean).join("");
}
