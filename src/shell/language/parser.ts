/** Reads shell text into a tree. Errors are bash's own words; text that only lacks its end is told apart, so a terminal can ask for more. */
import type { AndOr, Command, List, Part, Pipeline, Redirection, SimpleCommand, Word } from "./ast.ts";

/** `incomplete`: a quote, here-document or compound command is still open. */
export class ShellSyntaxError {
  readonly message: string;
  readonly incomplete: boolean;

  constructor(message: string, incomplete = false) {
    this.message = message;
    this.incomplete = incomplete;
  }
}

type Token =
  | { readonly kind: "word"; readonly word: Word; readonly raw: string; readonly at: number }
  | { readonly kind: "operator"; readonly text: string; readonly at: number; readonly fd?: number }
  | { readonly kind: "newline"; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

const OPERATORS = ["&>>", "<<<", "<<-", ";;", "&&", "||", ">>", "<<", ">&", "<&", "&>", ">|", "|&", "|", "&", ";", "(", ")", "<", ">"];
const RESERVED = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "for",
  "while",
  "until",
  "do",
  "done",
  "case",
  "esac",
  "{",
  "}",
  "!",
  "in",
  "function",
]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** How deep compound commands and substitutions may nest. */
const MAX_DEPTH = 100;

class Lexer {
  readonly text: string;
  at = 0;
  /** Here-documents announced on this line, to be read at its end. */
  readonly pending: { readonly delimiter: string; readonly strip: boolean; readonly quoted: boolean; take(body: Word): void }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  next(): Token {
    const { text } = this;
    for (;;) {
      const char = text[this.at];
      if (char === " " || char === "\t") this.at++;
      else if (char === "\\" && text[this.at + 1] === "\n") this.at += 2;
      else if (char === "#") while (this.at < text.length && text[this.at] !== "\n") this.at++;
      else break;
    }
    const start = this.at;
    if (start >= text.length) return { kind: "end", at: start };
    if (text[start] === "\n") {
      this.at++;
      this.#readHereDocuments();
      return { kind: "newline", at: start };
    }
    const digits = /^\d(?=[<>])/.exec(text.slice(start, start + 2));
    const from = start + (digits ? 1 : 0);
    const operator = OPERATORS.find((one) => text.startsWith(one, from));
    if (operator && (!digits || /^[<>]/.test(operator))) {
      this.at = from + operator.length;
      return digits
        ? { kind: "operator", text: operator, at: start, fd: Number(digits[0]) }
        : { kind: "operator", text: operator, at: start };
    }
    const word = this.word((char) => " \t\n;&|<>()".includes(char));
    return { kind: "word", word, raw: text.slice(start, this.at), at: start };
  }

  /** Reads the parts of a word up to a character that ends it. */
  word(ends: (char: string) => boolean, inDouble = false): Word {
    const { text } = this;
    const parts: Part[] = [];
    let plain = "";
    let plainQuoted = inDouble;
    const flush = (): void => {
      if (plain !== "") parts.push({ kind: "text", text: plain, quoted: plainQuoted });
      plain = "";
    };
    const add = (piece: string, quoted: boolean): void => {
      if (quoted !== plainQuoted) flush();
      plainQuoted = quoted;
      plain += piece;
    };
    while (this.at < text.length) {
      const char = text[this.at] as string;
      if (ends(char)) break;
      if (char === "\\") {
        const next = text[this.at + 1];
        if (next === undefined) throw new ShellSyntaxError("unexpected end of file", true);
        this.at += 2;
        if (next === "\n") continue;
        if (inDouble && !'$`"\\'.includes(next)) add(`\\${next}`, true);
        else add(next, true);
      } else if (char === "'" && !inDouble) {
        const end = text.indexOf("'", this.at + 1);
        if (end < 0) throw new ShellSyntaxError("unexpected EOF while looking for matching `''", true);
        flush();
        parts.push({ kind: "text", text: text.slice(this.at + 1, end), quoted: true });
        this.at = end + 1;
      } else if (char === '"' && !inDouble) {
        this.at++;
        flush();
        const inner = this.word((one) => one === '"', true);
        if (text[this.at] !== '"') throw new ShellSyntaxError("unexpected EOF while looking for matching `\"'", true);
        this.at++;
        if (inner.length === 0) parts.push({ kind: "text", text: "", quoted: true });
        parts.push(...inner);
      } else if (char === "$" && text[this.at + 1] === "'" && !inDouble) {
        flush();
        parts.push({ kind: "text", text: this.#ansiQuoted(), quoted: true });
      } else if (char === "$") {
        const part = this.#dollar(inDouble);
        if (typeof part === "string") add(part, inDouble);
        else {
          flush();
          parts.push(part);
        }
      } else if (char === "`") {
        const end = text.indexOf("`", this.at + 1);
        if (end < 0) throw new ShellSyntaxError("unexpected EOF while looking for matching ``'", true);
        flush();
        parts.push({ kind: "command", script: text.slice(this.at + 1, end).replaceAll("\\`", "`"), quoted: inDouble });
        this.at = end + 1;
      } else {
        add(char, inDouble);
        this.at++;
      }
    }
    flush();
    return parts;
  }

  #ansiQuoted(): string {
    let end = this.at + 2;
    while (end < this.text.length && this.text[end] !== "'") end += this.text[end] === "\\" ? 2 : 1;
    if (end >= this.text.length) throw new ShellSyntaxError("unexpected EOF while looking for matching `''", true);
    const body = this.text.slice(this.at + 2, end);
    this.at = end + 1;
    return unescapeAnsi(body);
  }

  #dollar(quoted: boolean): Part | string {
    const { text } = this;
    const rest = text.slice(this.at + 1);
    if (rest.startsWith("((")) {
      const end = this.#matching(this.at + 1, "(", ")");
      const inner = text.slice(this.at + 3, end - 2);
      if (text[end - 2] === ")") {
        this.at = end;
        return { kind: "arithmetic", expression: inner, quoted };
      }
    }
    if (rest.startsWith("(")) {
      const end = this.#matching(this.at + 1, "(", ")");
      const script = text.slice(this.at + 2, end - 1);
      this.at = end;
      return { kind: "command", script, quoted };
    }
    if (rest.startsWith("{")) {
      const end = this.#matching(this.at + 1, "{", "}");
      const inner = text.slice(this.at + 2, end - 1);
      this.at = end;
      const length = /^#([A-Za-z_][A-Za-z0-9_]*|[@*#?$!0-9])$/.exec(inner);
      if (length) return { kind: "variable", name: length[1] as string, operator: "length", argument: undefined, quoted };
      const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(:-|:=|:\+|:\?|:|-|=|\+|\?|%%|%|##|#|\/\/|\/|\^\^|\^|,,|,)?([\s\S]*)$/.exec(
        inner,
      );
      if (!match) throw new ShellSyntaxError(`\${${inner}}: bad substitution`);
      const [, name, operator = "", argument = ""] = match as unknown as [string, string, string | undefined, string];
      return { kind: "variable", name, operator, argument: operator ? new Lexer(argument).word(() => false, quoted) : undefined, quoted };
    }
    const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(rest);
    if (!name) {
      this.at++;
      return "$";
    }
    this.at += 1 + (name[0] as string).length;
    return { kind: "variable", name: name[0] as string, operator: "", argument: undefined, quoted };
  }

  /** The index after the bracket that closes the one at `open`, quotes and nesting considered. */
  #matching(open: number, left: string, right: string): number {
    const { text } = this;
    let depth = 0;
    for (let i = open; i < text.length; i++) {
      const char = text[i];
      if (char === "\\") i++;
      else if (char === "'") {
        const end = text.indexOf("'", i + 1);
        if (end < 0) break;
        i = end;
      } else if (char === '"') {
        i++;
        while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
      } else if (char === left) depth++;
      else if (char === right && --depth === 0) return i + 1;
    }
    throw new ShellSyntaxError(`unexpected EOF while looking for matching \`${right}'`, true);
  }

  #readHereDocuments(): void {
    for (const document of this.pending.splice(0)) {
      let body = "";
      let closed = false;
      while (this.at < this.text.length) {
        const end = this.text.indexOf("\n", this.at);
        const line = this.text.slice(this.at, end < 0 ? undefined : end);
        this.at = end < 0 ? this.text.length : end + 1;
        const stripped = document.strip ? line.replace(/^\t+/, "") : line;
        if (stripped === document.delimiter) {
          closed = true;
          break;
        }
        body += `${stripped}\n`;
      }
      if (!closed) throw new ShellSyntaxError(`here-document delimited by end-of-file (wanted \`${document.delimiter}')`, true);
      document.take(document.quoted ? [{ kind: "text", text: body, quoted: true }] : new Lexer(body).word(() => false, true));
    }
  }

  /** A here-document whose body must follow but has not. */
  get waitsForDocument(): boolean {
    return this.pending.length > 0;
  }
}

function unescapeAnsi(body: string): string {
  const simple: Readonly<Record<string, string>> = {
    n: "\n",
    t: "\t",
    r: "\r",
    a: "\x07",
    b: "\b",
    e: "\x1b",
    f: "\f",
    v: "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
  };
  return body.replace(/\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)/gs, (_all, code: string) => {
    if (/^[xu]/.test(code) && code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
    return simple[code] ?? `\\${code}`;
  });
}

const literal = (word: Word): string | undefined =>
  word.length === 1 && word[0]?.kind === "text" && !word[0].quoted ? word[0].text : undefined;

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  script(): List {
    const list = this.#list([]);
    if (this.#token.kind !== "end") throw this.#unexpected();
    if (this.#lexer.waitsForDocument) throw new ShellSyntaxError("unexpected end of file", true);
    return list;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #unexpected(): ShellSyntaxError {
    const token = this.#token;
    if (token.kind === "end") return new ShellSyntaxError("syntax error: unexpected end of file", true);
    const shown = token.kind === "newline" ? "newline" : token.kind === "operator" ? token.text : token.raw;
    return new ShellSyntaxError(`syntax error near unexpected token \`${shown}'`);
  }

  #isOperator(...texts: readonly string[]): boolean {
    return this.#token.kind === "operator" && texts.includes(this.#token.text);
  }

  #reserved(): string | undefined {
    if (this.#token.kind !== "word") return undefined;
    const text = literal(this.#token.word);
    return text !== undefined && RESERVED.has(text) ? text : undefined;
  }

  #expect(word: string): void {
    if (this.#reserved() !== word) throw this.#unexpected();
    this.#advance();
  }

  /** Asked anew each time: the token moves on under the checker's eyes. */
  #at(kind: Token["kind"]): boolean {
    return this.#token.kind === kind;
  }

  #skipNewlines(): void {
    while (this.#token.kind === "newline") this.#advance();
  }

  /** Commands up to one of the reserved words, `)` or `;;`. */
  #list(ends: readonly string[]): List {
    const list: AndOr[] = [];
    for (;;) {
      while (this.#token.kind === "newline") this.#advance();
      const reserved = this.#reserved();
      if (this.#token.kind === "end" || (reserved !== undefined && ends.includes(reserved)) || this.#isOperator(")", ";;")) return list;
      const andOr = this.#andOr();
      if (this.#isOperator("&")) {
        list.push({ ...andOr, background: true });
        this.#advance();
      } else {
        list.push(andOr);
        if (this.#isOperator(";")) this.#advance();
        else if (!this.#at("newline")) {
          const next = this.#reserved();
          if (this.#at("end") || this.#isOperator(")", ";;") || (next !== undefined && ends.includes(next))) return list;
          throw this.#unexpected();
        }
      }
    }
  }

  #andOr(): AndOr {
    const first = this.#pipeline();
    const rest: { operator: "&&" | "||"; pipeline: Pipeline }[] = [];
    while (this.#isOperator("&&", "||")) {
      const operator = (this.#token as { text: "&&" | "||" }).text;
      this.#advance();
      this.#skipNewlines();
      rest.push({ operator, pipeline: this.#pipeline() });
    }
    return { first, rest, background: false };
  }

  #pipeline(): Pipeline {
    let negated = false;
    while (this.#reserved() === "!") {
      negated = !negated;
      this.#advance();
    }
    const commands = [this.#command()];
    while (this.#isOperator("|", "|&")) {
      const both = (this.#token as { text: string }).text === "|&";
      this.#advance();
      this.#skipNewlines();
      if (both) {
        const last = commands.pop() as Command;
        commands.push(
          "redirections" in last
            ? {
                ...last,
                redirections: [...last.redirections, { fd: 2, operator: ">&", target: [{ kind: "text", text: "1", quoted: false }] }],
              }
            : last,
        );
      }
      commands.push(this.#command());
    }
    return { negated, commands };
  }

  #command(): Command {
    if (++this.#depth > MAX_DEPTH) throw new ShellSyntaxError("too many nested commands");
    try {
      return this.#commandInner();
    } finally {
      this.#depth--;
    }
  }

  #commandInner(): Command {
    if (this.#isOperator("(")) {
      this.#advance();
      const body = this.#list([]);
      if (!this.#isOperator(")")) throw this.#unexpected();
      this.#advance();
      return { kind: "group", body, subshell: true, redirections: this.#redirections() };
    }
    switch (this.#reserved()) {
      case "{": {
        this.#advance();
        const body = this.#list(["}"]);
        this.#expect("}");
        return { kind: "group", body, subshell: false, redirections: this.#redirections() };
      }
      case "if":
        return this.#if();
      case "while":
      case "until": {
        const until = this.#reserved() === "until";
        this.#advance();
        const test = this.#list(["do"]);
        this.#expect("do");
        const body = this.#list(["done"]);
        this.#expect("done");
        return { kind: "while", until, test, body, redirections: this.#redirections() };
      }
      case "for":
        return this.#for();
      case "case":
        return this.#case();
      case "function": {
        this.#advance();
        const name = this.#wordText();
        if (this.#isOperator("(")) {
          this.#advance();
          if (!this.#isOperator(")")) throw this.#unexpected();
          this.#advance();
        }
        this.#skipNewlines();
        return { kind: "function", name, body: this.#command() };
      }
      case undefined:
      case "in":
        return this.#simple();
      default:
        throw this.#unexpected();
    }
  }

  #if(): Command {
    this.#advance();
    const branches: { test: List; body: List }[] = [];
    let otherwise: List | undefined;
    for (;;) {
      const test = this.#list(["then"]);
      this.#expect("then");
      branches.push({ test, body: this.#list(["elif", "else", "fi"]) });
      const next = this.#reserved();
      if (next === "elif") {
        this.#advance();
        continue;
      }
      if (next === "else") {
        this.#advance();
        otherwise = this.#list(["fi"]);
      }
      this.#expect("fi");
      return { kind: "if", branches, otherwise, redirections: this.#redirections() };
    }
  }

  #for(): Command {
    this.#advance();
    const name = this.#wordText();
    if (!NAME.test(name)) throw new ShellSyntaxError(`\`${name}': not a valid identifier`);
    this.#skipNewlines();
    let words: Word[] | undefined;
    if (this.#reserved() === "in") {
      this.#advance();
      words = [];
      while (this.#token.kind === "word") {
        words.push(this.#token.word);
        this.#advance();
      }
    }
    if (this.#isOperator(";")) this.#advance();
    this.#skipNewlines();
    this.#expect("do");
    const body = this.#list(["done"]);
    this.#expect("done");
    return { kind: "for", name, words, body, redirections: this.#redirections() };
  }

  #case(): Command {
    this.#advance();
    if (this.#token.kind !== "word") throw this.#unexpected();
    const subject = this.#token.word;
    this.#advance();
    this.#skipNewlines();
    this.#expect("in");
    this.#skipNewlines();
    const arms: { patterns: Word[]; body: List }[] = [];
    while (this.#reserved() !== "esac") {
      if (this.#isOperator("(")) this.#advance();
      const patterns: Word[] = [];
      for (;;) {
        if (this.#token.kind !== "word") throw this.#unexpected();
        patterns.push(this.#token.word);
        this.#advance();
        if (!this.#isOperator("|")) break;
        this.#advance();
      }
      if (!this.#isOperator(")")) throw this.#unexpected();
      this.#advance();
      arms.push({ patterns, body: this.#list(["esac"]) });
      if (this.#isOperator(";;")) this.#advance();
      this.#skipNewlines();
    }
    this.#expect("esac");
    return { kind: "case", subject, arms, redirections: this.#redirections() };
  }

  #wordText(): string {
    if (this.#token.kind !== "word") throw this.#unexpected();
    const { raw } = this.#token;
    this.#advance();
    return raw;
  }

  #redirections(): Redirection[] {
    const redirections: Redirection[] = [];
    for (let one = this.#redirection(); one; one = this.#redirection()) redirections.push(one);
    return redirections;
  }

  #redirection(): Redirection | undefined {
    if (!this.#isOperator("<", ">", ">>", ">&", "<&", "&>", "&>>", "<<<", "<<", "<<-", ">|")) return undefined;
    const token = this.#token as { text: string; fd?: number };
    this.#advance();
    const target = this.#token as Token;
    if (target.kind !== "word") throw this.#unexpected();
    const fd = token.fd ?? (token.text.startsWith("<") ? 0 : 1);
    if (token.text === "<<" || token.text === "<<-") {
      const redirection = { fd, operator: "<<" as const, target: [] as Word };
      const quoted = target.word.some((part) => part.kind === "text" && part.quoted);
      const delimiter = target.word.map((part) => (part.kind === "text" ? part.text : "")).join("");
      this.#lexer.pending.push({
        delimiter,
        strip: token.text === "<<-",
        quoted,
        take: (body) => {
          redirection.target = body;
        },
      });
      this.#advance();
      return redirection;
    }
    this.#advance();
    return { fd, operator: (token.text === ">|" ? ">" : token.text) as Redirection["operator"], target: target.word };
  }

  #simple(): Command {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const redirection = this.#redirection();
      if (redirection) {
        redirections.push(redirection);
        continue;
      }
      if (this.#token.kind !== "word") break;
      const { word } = this.#token;
      const assignment = words.length === 0 ? assignmentOf(word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(word);
      this.#advance();
      if (words.length === 1 && assignments.length === 0 && redirections.length === 0 && this.#isOperator("(")) {
        const name = literal(word);
        if (name === undefined) throw this.#unexpected();
        this.#advance();
        if (!this.#isOperator(")")) throw this.#unexpected();
        this.#advance();
        this.#skipNewlines();
        return { kind: "function", name, body: this.#command() };
      }
    }
    if (words.length === 0 && assignments.length === 0 && redirections.length === 0) throw this.#unexpected();
    return { kind: "simple", assignments, words, redirections } satisfies SimpleCommand;
  }
}

function assignmentOf(word: Word): { name: string; value: Word } | undefined {
  const first = word[0];
  if (first?.kind !== "text" || first.quoted) return undefined;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(first.text);
  if (!match) return undefined;
  const rest: Part[] = match[2] === "" ? [] : [{ kind: "text", text: match[2] as string, quoted: false }];
  return { name: match[1] as string, value: [...rest, ...word.slice(1)] };
}

/** The tree of a script, or why it is none. */
export function parse(text: string): List | ShellSyntaxError {
  try {
    return new Parser(text).script();
  } catch (thrown) {
    if (thrown instanceof ShellSyntaxError) return thrown;
    throw thrown;
  }
}
