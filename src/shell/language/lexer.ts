/** Text to tokens: operators, and words with their quotes, expansions and here-documents taken apart (POSIX XCU 2.2, 2.3, 2.6). */
import type { List, Operation, Parameter, Part, Redirection, Word } from "./ast.ts";
import { type Dialect, has } from "./dialect.ts";
import { ShellSyntaxError, unterminated } from "./syntax-error.ts";

export type Token =
  | { readonly kind: "word"; readonly word: Word; readonly start: number; readonly line: number }
  | { readonly kind: "operator"; readonly text: string; readonly fd: number | undefined; readonly start: number; readonly line: number }
  | { readonly kind: "newline" | "end"; readonly start: number; readonly line: number };

/** Longest first. */
const OPERATORS = ["&>>", "<<<", "<<-", ";;&", ";;", ";&", "&&", "||", "|&", ">>", "<<", "<>", ">&", "<&", "&>", ">|"].concat(
  "|&;()<>".split(""),
);
const DASH_OPERATORS = OPERATORS.filter((one) => !["&>>", "<<<", ";;&", ";&", "|&", "&>"].includes(one));
const ASH_OPERATORS = OPERATORS.filter((one) => ![";;&", ";&", "|&"].includes(one));

export const REDIRECTIONS: ReadonlySet<string> = new Set(["<", ">", ">>", ">|", "<>", ">&", "<&", "&>", "&>>", "<<<", "<<", "<<-"]);

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const PARAMETER = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y;
const BRACED = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y;
const DIGITS = /[0-9]+(?=[<>])/y;
/** How deep quotes and substitutions may nest. */
const MAX_DEPTH = 60;

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t";
const isMeta = (char: string): boolean => " \t\n;&|<>()".includes(char);

/** What a piece of text stands in: which characters are special there. */
type Setting = "plain" | "double" | "document" | "arithmetic" | "regex";

interface Announced {
  readonly redirection: Redirection;
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly line: number;
}

export interface LexerOptions {
  readonly dialect: Dialect;
  /** The number of the text's first line. */
  readonly firstLine: number;
  /** A terminal: what is unfinished can be asked for. */
  readonly interactive: boolean;
  /** Reads commands up to ")", for $( ) at some depth of nesting. */
  readonly nested: (lexer: Lexer, depth: number) => List;
}

export class Lexer {
  readonly dialect: Dialect;
  readonly interactive: boolean;
  readonly warnings: { readonly text: string; readonly line: number }[] = [];
  at = 0;
  #text: string;
  #pending: Announced[] = [];
  #depth = 0;
  readonly #operators: readonly string[];
  readonly #firstLine: number;
  readonly #nested: LexerOptions["nested"];
  #lineStarts: number[] | undefined;

  constructor(text: string, { dialect, firstLine, interactive, nested }: LexerOptions) {
    this.#text = text;
    this.dialect = dialect;
    this.interactive = interactive;
    this.#firstLine = firstLine;
    this.#nested = nested;
    this.#operators = dialect === "bash" ? OPERATORS : dialect === "ash" ? ASH_OPERATORS : DASH_OPERATORS;
  }

  get text(): string {
    return this.#text;
  }

  lineAt(position: number): number {
    if (!this.#lineStarts) {
      this.#lineStarts = [];
      for (let i = this.#text.indexOf("\n"); i >= 0; i = this.#text.indexOf("\n", i + 1)) this.#lineStarts.push(i + 1);
    }
    let low = 0;
    let high = this.#lineStarts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#firstLine + low;
  }

  /** Puts an alias's value in the place of its name, to be read next. */
  replace(start: number, end: number, value: string): void {
    this.#text = this.#text.slice(0, start) + value + this.#text.slice(end);
    this.#lineStarts = undefined;
    this.at = start;
  }

  /** Skips blanks, escaped newlines and comments. */
  skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.at];
      if (isBlank(char)) this.at++;
      else if (char === "\\" && this.#text[this.at + 1] === "\n") this.at += 2;
      else if (char === "#") while (this.at < this.#text.length && this.#text[this.at] !== "\n") this.at++;
      else return;
    }
  }

  next(): Token {
    this.skipBlanks();
    const text = this.#text;
    const start = this.at;
    const line = this.lineAt(start);
    if (start >= text.length) {
      if (this.#pending.length > 0) this.#readDocuments();
      return { kind: "end", start, line };
    }
    if (text[start] === "\n") {
      this.at++;
      this.#readDocuments();
      return { kind: "newline", start, line };
    }
    DIGITS.lastIndex = start;
    const digits = DIGITS.exec(text)?.[0];
    const from = start + (digits?.length ?? 0);
    const operator = this.#operators.find((one) => text.startsWith(one, from));
    if (operator && !((operator === "<" || operator === ">") && text[from + 1] === "(" && has(this.dialect, "process substitution"))) {
      this.at = from + operator.length;
      return { kind: "operator", text: operator, fd: digits === undefined ? undefined : Number(digits), start, line };
    }
    return { kind: "word", word: this.word(isMeta), start, line };
  }

  /** A here-document whose lines come after this one. */
  announce(redirection: Redirection, line: number): void {
    const { parts } = redirection.target;
    const quoted = parts.some((part) => part.kind === "text" && part.quoted) || /[\\'"]/.test(redirection.target.raw);
    const plain = parts.every((part) => part.kind === "text");
    const delimiter = plain ? parts.map((part) => (part.kind === "text" ? part.text : "")).join("") : redirection.target.raw;
    this.#pending.push({ redirection, delimiter, quoted, line });
  }

  /** Takes the announced documents away while commands inside a substitution are read. */
  withOwnDocuments<T>(read: () => T): T {
    const outer = this.#pending;
    this.#pending = [];
    const result = read();
    this.#pending = outer;
    return result;
  }

  #readDocuments(): void {
    for (const document of this.#pending.splice(0)) this.#readDocument(document);
  }

  #readDocument({ redirection, delimiter, quoted, line }: Announced): void {
    const text = this.#text;
    const strip = redirection.operator === "<<-";
    const from = this.at;
    let body = "";
    let closed = false;
    while (this.at < text.length) {
      const end = text.indexOf("\n", this.at);
      let one = text.slice(this.at, end < 0 ? undefined : end);
      this.at = end < 0 ? text.length : end + 1;
      if (strip) one = one.replace(/^\t+/, "");
      if (one === delimiter) {
        closed = true;
        break;
      }
      body += `${one}\n`;
    }
    if (!closed) {
      const message = `here-document at line ${line} delimited by end-of-file (wanted \`${delimiter}')`;
      if (this.interactive) throw new ShellSyntaxError(message, message, line, { incomplete: true });
      this.warnings.push({ text: `warning: ${message}`, line });
    }
    if (quoted) redirection.document = { parts: [{ kind: "text", text: body, quoted: true }], raw: body };
    else redirection.document = this.#inner(body, "document", this.lineAt(from));
  }

  /** Text of its own, read with the rules of `setting`. */
  #inner(text: string, setting: Setting, line: number): Word {
    const lexer = new Lexer(text, {
      dialect: this.dialect,
      firstLine: line,
      interactive: false,
      nested: this.#nested,
    });
    lexer.#depth = this.#depth + 1;
    return { parts: lexer.#parts(() => false, setting), raw: text };
  }

  /** A word up to a character that ends it. */
  word(ends: (char: string) => boolean, setting: Setting = "plain"): Word {
    const start = this.at;
    const parts = this.#parts(ends, setting);
    return { parts, raw: this.#text.slice(start, this.at) };
  }

  #parts(ends: (char: string) => boolean, setting: Setting): Part[] {
    if (++this.#depth > MAX_DEPTH)
      throw new ShellSyntaxError("syntax error: too many nested quotes", "too many nested quotes", this.lineAt(this.at));
    const quotes = setting === "plain" || setting === "regex";
    const quoted = !quotes;
    const text = this.#text;
    const parts: Part[] = [];
    let plain = "";
    let plainQuoted = quoted;
    const flush = (): void => {
      if (plain !== "") parts.push({ kind: "text", text: plain, quoted: plainQuoted });
      plain = "";
    };
    const add = (piece: string, asQuoted: boolean): void => {
      if (asQuoted !== plainQuoted) flush();
      plainQuoted = asQuoted;
      plain += piece;
    };
    const push = (part: Part): void => {
      flush();
      parts.push(part);
    };
    while (this.at < text.length) {
      const char = text[this.at] as string;
      if (char === "\\") {
        const next = text[this.at + 1];
        if (next === undefined) {
          this.at++;
          if (this.interactive && quotes) throw unterminated("\\", this.lineAt(this.at));
          add("\\", quoted);
          continue;
        }
        this.at += 2;
        if (next === "\n") continue;
        if (quotes) add(next, true);
        else if ("$`\\".includes(next) || (next === '"' && setting === "double") || (ends(next) && setting === "double")) add(next, true);
        else add(`\\${next}`, true);
        continue;
      }
      if (ends(char) && !((char === "<" || char === ">") && quotes && this.#startsProcess())) break;
      if (char === "'" && quotes) {
        const end = text.indexOf("'", this.at + 1);
        if (end < 0) throw unterminated("'", this.lineAt(this.at));
        push({ kind: "text", text: text.slice(this.at + 1, end), quoted: true });
        this.at = end + 1;
      } else if (char === '"' && setting !== "document" && setting !== "arithmetic") {
        flush();
        parts.push(...this.#doubleQuoted());
      } else if (char === '"' && setting === "arithmetic") this.at++;
      else if (char === "$" && quotes && text[this.at + 1] === "'" && has(this.dialect, "ansi quotes")) {
        push({ kind: "text", text: this.#ansiQuoted(), quoted: true });
      } else if (char === "$" && quotes && text[this.at + 1] === '"' && this.dialect === "bash") {
        this.at++;
        flush();
        parts.push(...this.#doubleQuoted());
      } else if (char === "$") {
        const part = this.#dollar(quoted);
        if (typeof part === "string") add(part, quoted);
        else push(part);
      } else if (char === "`") push({ kind: "command", body: this.#backticks(setting), quoted });
      else if ((char === "<" || char === ">") && quotes && setting === "plain" && this.#startsProcess()) push(this.#process(char));
      else {
        add(char, quoted);
        this.at++;
      }
    }
    flush();
    this.#depth--;
    return parts;
  }

  #substitution(): List {
    return this.#nested(this, this.#depth);
  }

  #startsProcess(): boolean {
    return this.#text[this.at + 1] === "(" && has(this.dialect, "process substitution");
  }

  #process(char: "<" | ">"): Part {
    if (char === ">")
      throw new ShellSyntaxError(
        "process substitution >( ) is not supported here; <( ) and pipes are",
        "process substitution is not supported here",
        this.lineAt(this.at),
      );
    this.at += 2;
    return { kind: "process", body: this.#substitution() };
  }

  #doubleQuoted(): Part[] {
    const line = this.lineAt(this.at);
    this.at++;
    const inner = this.#parts((one) => one === '"', "double");
    if (this.#text[this.at] !== '"') throw unterminated('"', line);
    this.at++;
    return inner.length === 0 ? [{ kind: "text", text: "", quoted: true }] : inner;
  }

  #ansiQuoted(): string {
    const text = this.#text;
    let end = this.at + 2;
    while (end < text.length && text[end] !== "'") end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) throw unterminated("'", this.lineAt(this.at));
    const body = text.slice(this.at + 2, end);
    this.at = end + 1;
    return unescapeAnsi(body);
  }

  #backticks(setting: Setting): string {
    const text = this.#text;
    let script = "";
    let i = this.at + 1;
    for (; i < text.length && text[i] !== "`"; i++) {
      const next = text[i + 1];
      if (text[i] === "\\" && next !== undefined && ("$`\\".includes(next) || (setting === "double" && next === '"'))) {
        script += next;
        i++;
      } else script += text[i];
    }
    if (i >= text.length) throw unterminated("`", this.lineAt(this.at));
    this.at = i + 1;
    return script;
  }

  #dollar(quoted: boolean): Part | string {
    const text = this.#text;
    const next = text[this.at + 1];
    if (next === "(") {
      const arithmetic = text[this.at + 2] === "(" ? this.#arithmetic(quoted) : undefined;
      if (arithmetic) return arithmetic;
      this.at += 2;
      return { kind: "command", body: this.#substitution(), quoted };
    }
    if (next === "[" && has(this.dialect, "arithmetic bracket")) {
      const end = this.#bracketEnd(this.at + 1, "[", "]");
      if (end === undefined) throw unterminated("]", this.lineAt(this.at));
      const inner = text.slice(this.at + 2, end);
      const line = this.lineAt(this.at);
      this.at = end + 1;
      return { kind: "arithmetic", expression: this.#inner(inner, "arithmetic", line), quoted };
    }
    if (next === "{") return this.#braced(quoted);
    PARAMETER.lastIndex = this.at + 1;
    const name = PARAMETER.exec(text)?.[0];
    if (name === undefined) {
      this.at++;
      return "$";
    }
    this.at += 1 + name.length;
    return { kind: "parameter", name, index: undefined, indirect: false, operation: undefined, quoted, raw: `$${name}` };
  }

  /** $(( … )), unless the brackets close apart: then it is a command substitution that begins with a subshell. */
  #arithmetic(quoted: boolean): Part | undefined {
    const text = this.#text;
    const end = this.#bracketEnd(this.at + 2, "(", ")");
    if (end === undefined) throw unterminated("))", this.lineAt(this.at));
    if (text[end + 1] !== ")") return undefined;
    const inner = text.slice(this.at + 3, end);
    const line = this.lineAt(this.at);
    this.at = end + 2;
    return { kind: "arithmetic", expression: this.#inner(inner, "arithmetic", line), quoted };
  }

  /** Where the bracket that opens at `open` closes, quotes left out. */
  #bracketEnd(open: number, left: string, right: string): number | undefined {
    const text = this.#text;
    let depth = 0;
    for (let i = open; i < text.length; i++) {
      const char = text[i];
      if (char === "\\") i++;
      else if (char === "'" || char === '"') {
        const close = text.indexOf(char, i + 1);
        if (close < 0) return undefined;
        i = close;
      } else if (char === left) depth++;
      else if (char === right && --depth === 0) return i;
    }
    return undefined;
  }

  /** The inside of (( … )), as an expression; undefined when the brackets close apart. */
  arithmeticCommand(): Word | undefined {
    const open = this.at;
    const end = this.#bracketEnd(open, "(", ")");
    if (end === undefined) throw unterminated(")", this.lineAt(open));
    if (this.#text[open] !== "(" || this.#text[end + 1] !== ")") return undefined;
    this.at = end + 2;
    return this.#inner(this.#text.slice(open + 1, end), "arithmetic", this.lineAt(open));
  }

  expression(text: string): Word {
    return this.#inner(text, "arithmetic", this.lineAt(this.at));
  }

  #braced(quoted: boolean): Parameter {
    const text = this.#text;
    const start = this.at;
    const line = this.lineAt(start);
    this.at += 2;
    const fail = (): never => {
      throw unterminated("}", line);
    };
    const plain = { index: undefined, indirect: false, operation: undefined, quoted } as const;
    const bad = (): Parameter => {
      while (this.at < text.length && text[this.at] !== "}") this.at++;
      if (this.at >= text.length) fail();
      this.at++;
      return { kind: "parameter", name: "", ...plain, operation: { kind: "bad" }, raw: text.slice(start, this.at) };
    };
    const close = (parameter: Omit<Parameter, "raw" | "kind">): Parameter => {
      if (this.at >= text.length) fail();
      if (text[this.at] !== "}") return bad();
      this.at++;
      return { kind: "parameter", ...parameter, raw: text.slice(start, this.at) };
    };
    if (text[this.at] === "#" && text[this.at + 1] !== "}" && !/^#(?:[-=?+%:]|#[^}])/.test(text.slice(this.at, this.at + 3))) {
      this.at++;
      BRACED.lastIndex = this.at;
      const name = BRACED.exec(text)?.[0];
      if (name === undefined) return bad();
      this.at += name.length;
      return close({ ...plain, name, index: this.#index(), operation: { kind: "length" } });
    }
    let indirect = false;
    if (text[this.at] === "!" && text[this.at + 1] !== "}" && has(this.dialect, "indirection")) {
      indirect = true;
      this.at++;
    }
    BRACED.lastIndex = this.at;
    const name = BRACED.exec(text)?.[0];
    if (name === undefined) return bad();
    this.at += name.length;
    if (indirect && /^[@*]\}/.test(text.slice(this.at, this.at + 2))) {
      const index = text[this.at] as "@" | "*";
      this.at++;
      return close({ ...plain, name, index, operation: { kind: "names" } });
    }
    const index = this.#index();
    const operation = this.#operation(quoted);
    if (operation?.kind === "bad") return bad();
    return close({ name, index, indirect, operation, quoted });
  }

  #index(): Word | "@" | "*" | undefined {
    const text = this.#text;
    if (text[this.at] !== "[" || !has(this.dialect, "arrays")) return undefined;
    const every = text.slice(this.at, this.at + 3);
    if (every === "[@]" || every === "[*]") {
      this.at += 3;
      return every[1] as "@" | "*";
    }
    return this.subscript();
  }

  /** The inside of [ … ] at the current place. */
  subscript(): Word {
    this.at++;
    const word = this.word((char) => char === "]");
    if (this.#text[this.at] !== "]") throw unterminated("]", this.lineAt(this.at));
    this.at++;
    return word;
  }

  #operation(quoted: boolean): Operation | undefined {
    const text = this.#text;
    const rest = text.slice(this.at, this.at + 2);
    const argument = (ends = "}", setting: Setting = quoted ? "double" : "plain"): Word =>
      this.word((char) => ends.includes(char), setting);
    // A pattern has quotes of its own even inside of double ones.
    const pattern = (ends = "}"): Word => this.word((char) => ends.includes(char), "plain");
    const take = (length: number): void => {
      this.at += length;
    };
    const value = /^(:?)([-=+?])/.exec(rest);
    if (value) {
      take(value[0].length);
      const kind = ({ "-": "default", "=": "assign", "+": "alternative", "?": "error" } as const)[value[2] as "-"];
      return { kind, colon: value[1] === ":", word: argument() };
    }
    const trim = /^(##?|%%?)/.exec(rest);
    if (trim) {
      take(trim[0].length);
      return { kind: "trim", end: trim[0][0] === "#" ? "prefix" : "suffix", longest: trim[0].length === 2, pattern: pattern() };
    }
    if (rest[0] === "/" && has(this.dialect, "slices")) {
      take(1);
      const where = { "/": "all", "#": "prefix", "%": "suffix" }[text[this.at] ?? ""] as "all" | undefined;
      if (where && (where === "all" || this.dialect === "bash")) take(1);
      const from = pattern("/}");
      const none: Word = { parts: [], raw: "" };
      if (text[this.at] !== "/") return { kind: "replace", where: where ?? "first", pattern: from, by: none };
      take(1);
      return {
        kind: "replace",
        where: (this.dialect === "bash" ? where : where === "all" ? where : undefined) ?? "first",
        pattern: from,
        by: argument(),
      };
    }
    if (rest[0] === ":" && has(this.dialect, "slices")) {
      take(1);
      const offset = this.#sliceWord(":}");
      if (text[this.at] !== ":") return { kind: "slice", offset, length: undefined };
      take(1);
      return { kind: "slice", offset, length: this.#sliceWord("}") };
    }
    const conversion = /^(\^\^?|,,?)/.exec(rest);
    if (conversion && has(this.dialect, "case conversion")) {
      take(conversion[0].length);
      return { kind: "case", mode: conversion[0] as "^", pattern: pattern() };
    }
    if (rest[0] === "@" && has(this.dialect, "case conversion")) {
      take(1);
      const letter = text[this.at] ?? "";
      if (!/[QULuEAaPKk]/.test(letter)) return { kind: "bad" };
      take(1);
      return { kind: "transform", letter };
    }
    return rest[0] === "}" || rest === "" ? undefined : { kind: "bad" };
  }

  /** An arithmetic expression up to one of `ends`; a ? keeps its : to itself. */
  #sliceWord(ends: string): Word {
    const text = this.#text;
    const start = this.at;
    let depth = 0;
    let questions = 0;
    for (; this.at < text.length; this.at++) {
      const char = text[this.at] as string;
      if (char === "\\") this.at++;
      else if ("({[".includes(char)) depth++;
      else if (depth === 0 && ends.includes(char) && !(char === ":" && questions > 0)) break;
      else if (")}]".includes(char)) depth--;
      else if (char === "?") questions++;
      else if (char === ":") questions--;
    }
    return this.#inner(text.slice(start, this.at), "arithmetic", this.lineAt(start));
  }

  /** The name that an assignment at `position` would be to, and where its value starts. */
  assignmentAt(
    raw: string,
  ): { readonly name: string; readonly index: string | undefined; readonly append: boolean; readonly length: number } | undefined {
    NAME.lastIndex = 0;
    const name = NAME.exec(raw)?.[0];
    if (name === undefined) return undefined;
    let at = name.length;
    let index: string | undefined;
    if (raw[at] === "[" && has(this.dialect, "arrays")) {
      const end = closingBracket(raw, at);
      if (end === undefined) return undefined;
      index = raw.slice(at + 1, end);
      at = end + 1;
    }
    const append = raw[at] === "+" && has(this.dialect, "append");
    if (append) at++;
    return raw[at] === "=" ? { name, index, append, length: at + 1 } : undefined;
  }

  /** A word made of given text: an assignment's value or subscript. */
  reread(text: string, line: number): Word {
    return this.#inner(text, "plain", line);
  }
}

function closingBracket(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === "'" || char === '"') {
      const end = text.indexOf(char, i + 1);
      if (end < 0) return undefined;
      i = end;
    } else if (char === "[") depth++;
    else if (char === "]" && --depth === 0) return i;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

/** The inside of $' '. */
function unescapeAnsi(body: string): string {
  return body.replace(/\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)/gs, (_all, code: string) => {
    if (/^[xuU]./.test(code)) {
      const point = Number.parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : "";
    }
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
    if (/^c./s.test(code)) return String.fromCharCode((code.codePointAt(1) as number) & 31);
    return ESCAPES[code] ?? `\\${code}`;
  });
}
