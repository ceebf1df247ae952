/** Reads awk programs. */
import { unescapeText } from "../../../escapes.ts";
import type { AwkFunction, Expression, Program, Redirect, Rule, Statement, Target } from "./ast.ts";

export class AwkError {
  /** mawk's words, which follow "awk: ". */
  readonly message: string;
  /** BusyBox's, which follow "awk: cmd. line:1: ". */
  readonly busybox: string;

  constructor(message: string, busybox = "Unexpected token") {
    this.message = message;
    this.busybox = busybox;
  }
}

interface Token {
  readonly kind: "number" | "string" | "regex" | "name" | "call" | "builtin" | "keyword" | "operator" | "newline" | "end";
  readonly text: string;
  readonly line: number;
}

const KEYWORDS = new Set(
  "BEGIN END function func if else while for do break continue next nextfile exit return delete in print printf getline".split(" "),
);
const BUILTINS: ReadonlySet<string> = new Set(
  "length substr index split sub gsub match tolower toupper sprintf int sqrt exp log sin cos atan2 rand srand close fflush system systime strftime".split(
    " ",
  ),
);
const OPERATORS = ["**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", "!~", ">>"].concat(
  "{}()[];,+-*/%^!<>|?:~$=".split(""),
);
/** How deep expressions and statements may nest. */
const MAX_DEPTH = 80;

class Lexer {
  readonly #text: string;
  #at = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** `regexAllowed`: a slash begins a regular expression, where a value is looked for. */
  next(regexAllowed: boolean): Token {
    const text = this.#text;
    for (;;) {
      const char = text[this.#at];
      if (char === " " || char === "\t" || char === "\r") this.#at++;
      else if (char === "\\" && text[this.#at + 1] === "\n") {
        this.#at += 2;
        this.line++;
      } else if (char === "#") while (this.#at < text.length && text[this.#at] !== "\n") this.#at++;
      else break;
    }
    const { line } = this;
    const char = text[this.#at];
    if (char === undefined) return { kind: "end", text: "", line };
    if (char === "\n") {
      this.#at++;
      this.line++;
      return { kind: "newline", text: "\n", line };
    }
    const rest = text.slice(this.#at, this.#at + 40);
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest);
    if (number) return this.#take("number", number[0]);
    if (/[A-Za-z_]/.test(char)) return this.#name(line);
    if (char === '"') return this.#string(line);
    if (char === "/" && regexAllowed) return this.#regex(line);
    const operator = OPERATORS.find((one) => rest.startsWith(one));
    if (operator === undefined) throw new AwkError(`line ${line}: syntax error at or near ${char}`);
    return this.#take("operator", operator);
  }

  #take(kind: Token["kind"], text: string): Token {
    this.#at += text.length;
    return { kind, text, line: this.line };
  }

  #name(line: number): Token {
    const [text] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.#text.slice(this.#at)) as RegExpExecArray;
    this.#at += text.length;
    if (KEYWORDS.has(text)) return { kind: "keyword", text: text === "func" ? "function" : text, line };
    if (BUILTINS.has(text)) return { kind: "builtin", text, line };
    return { kind: this.#text[this.#at] === "(" ? "call" : "name", text, line };
  }

  #string(line: number): Token {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') {
      if (this.#text[end] === "\n") break;
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    if (this.#text[end] !== '"')
      throw new AwkError(
        `line ${line}: runaway string constant ${this.#text.slice(this.#at, this.#at + 12)} ...`,
        "Unexpected end of string",
      );
    const raw = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return { kind: "string", text: unescapeString(raw), line };
  }

  #regex(line: number): Token {
    let end = this.#at + 1;
    let inBracket = false;
    for (; end < this.#text.length; end++) {
      const char = this.#text[end];
      if (char === "\n") break;
      if (char === "\\") end++;
      else if (char === "[" && !inBracket) {
        inBracket = this.#text.indexOf("]", end + 2) >= 0;
        if (this.#text[end + 1] === "]") end++;
      } else if (char === "]") inBracket = false;
      else if (char === "/" && !inBracket) break;
    }
    if (this.#text[end] !== "/")
      throw new AwkError(
        `line ${line}: runaway regular expression ${this.#text.slice(this.#at, this.#at + 12)} ...`,
        "Unexpected end of string",
      );
    const source = this.#text.slice(this.#at + 1, end).replaceAll("\\/", "/");
    this.#at = end + 1;
    return { kind: "regex", text: source, line };
  }
}

/** The escapes of a string; a backslash in front of anything else stays, as it may be meant for a regular expression. */
export const unescapeString = (raw: string): string =>
  raw.replace(
    /\\(["/])|(\\[\s\S])/g,
    (_all, quote: string | undefined, other: string | undefined) =>
      quote ?? unescapeText(other as string, "format", { unicode: false }).text,
  );

export function parseAwk(text: string, busybox: boolean): Program | AwkError {
  try {
    return new Parser(text, busybox).program();
  } catch (thrown) {
    if (thrown instanceof AwkError) return thrown;
    throw thrown;
  }
}

class Parser {
  readonly #lexer: Lexer;
  readonly #busybox: boolean;
  #token: Token;
  #depth = 0;
  #braces = 0;
  readonly #called = new Set<string>();

  constructor(text: string, busybox: boolean) {
    this.#lexer = new Lexer(text);
    this.#busybox = busybox;
    this.#token = this.#lexer.next(true);
  }

  /** The next token is read with the present one in mind: behind a value a slash divides. */
  #advance(): Token {
    const token = this.#token;
    const afterValue =
      ["number", "string", "regex", "name", "builtin"].includes(token.kind) ||
      (token.kind === "operator" && /^[)\]$]|\+\+|--$/.test(token.text) && token.text !== "$");
    this.#token = this.#lexer.next(!afterValue);
    return token;
  }

  #unexpected(): AwkError {
    const { kind, text, line } = this.#token;
    if (kind === "end")
      return new AwkError(
        this.#braces > 0 ? `line ${line + 1}: missing } near end of file` : `line ${line}: syntax error at or near end of line`,
      );
    if (text === "|" && kind === "operator")
      return new AwkError(`line ${line}: a command as input ("cmd" | getline) is not supported here; awk reads its files line by line`);
    return new AwkError(`line ${line}: syntax error at or near ${kind === "newline" ? "end of line" : text}`);
  }

  #is(...texts: readonly string[]): boolean {
    return (this.#token.kind === "operator" || this.#token.kind === "keyword") && texts.includes(this.#token.text);
  }

  #at(kind: Token["kind"]): boolean {
    return this.#token.kind === kind;
  }

  #expect(text: string): void {
    if (!this.#is(text)) throw this.#unexpected();
    this.#advance();
  }

  #skipNewlines(): void {
    while (this.#at("newline")) this.#advance();
  }

  #skipTerminators(): void {
    while (this.#at("newline") || this.#is(";")) this.#advance();
  }

  program(): Program {
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    for (;;) {
      this.#skipTerminators();
      if (this.#at("end")) break;
      if (this.#is("function")) this.#function(functions);
      else rules.push(this.#rule());
    }
    for (const name of this.#called)
      if (!functions.has(name))
        throw new AwkError(`line ${this.#lexer.line + 1}: function ${name} never defined`, "Call to undefined function");
    return { rules, functions };
  }

  #function(functions: Map<string, AwkFunction>): void {
    this.#advance();
    if (!this.#at("name") && !this.#at("call")) throw this.#unexpected();
    const name = this.#advance().text;
    this.#expect("(");
    const parameters: string[] = [];
    while (!this.#is(")")) {
      if (!this.#at("name")) throw this.#unexpected();
      parameters.push(this.#advance().text);
      if (this.#is(",")) this.#advance();
      else if (!this.#is(")")) throw this.#unexpected();
    }
    this.#advance();
    this.#skipNewlines();
    functions.set(name, { parameters, body: this.#block() });
  }

  #rule(): Rule {
    if (this.#is("BEGIN", "END")) {
      const pattern = this.#advance().text as "BEGIN" | "END";
      this.#skipNewlines();
      if (!this.#is("{")) throw this.#unexpected();
      return { pattern, action: this.#block() };
    }
    if (this.#is("{")) return { pattern: undefined, action: this.#block() };
    const from = this.#expression();
    let pattern: Rule["pattern"] = from;
    if (this.#is(",")) {
      this.#advance();
      this.#skipNewlines();
      pattern = { from, to: this.#expression() };
    }
    if (this.#is("{")) return { pattern, action: this.#block() };
    if (!this.#at("newline") && !this.#at("end") && !this.#is(";")) throw this.#unexpected();
    return { pattern, action: undefined };
  }

  #block(): Statement {
    this.#expect("{");
    this.#braces++;
    const body: Statement[] = [];
    for (;;) {
      this.#skipTerminators();
      if (this.#is("}")) break;
      if (this.#at("end")) throw this.#unexpected();
      body.push(this.#statement());
    }
    this.#braces--;
    this.#advance();
    return { kind: "block", body };
  }

  /** A statement and what ends it. */
  #statement(): Statement {
    if (++this.#depth > MAX_DEPTH) throw new AwkError(`line ${this.#token.line}: nested too deeply`, "Unexpected token");
    const statement = this.#statementInner();
    this.#depth--;
    return statement;
  }

  #statementInner(): Statement {
    if (this.#is("{")) return this.#block();
    if (this.#is(";")) {
      this.#advance();
      return { kind: "block", body: [] };
    }
    if (this.#is("if")) return this.#if();
    if (this.#is("while")) {
      this.#advance();
      this.#expect("(");
      const test = this.#expression();
      this.#expect(")");
      if (this.#is(";")) {
        this.#advance();
        return { kind: "while", test, body: { kind: "block", body: [] } };
      }
      return { kind: "while", test, body: this.#body() };
    }
    if (this.#is("do")) {
      this.#advance();
      const body = this.#body();
      this.#skipTerminators();
      this.#expect("while");
      this.#expect("(");
      const test = this.#expression();
      this.#expect(")");
      this.#terminate();
      return { kind: "do", test, body };
    }
    if (this.#is("for")) return this.#for();
    const simple = this.#simple();
    this.#terminate();
    return simple;
  }

  #body(): Statement {
    this.#skipNewlines();
    return this.#statement();
  }

  #terminate(): void {
    if (this.#at("newline") || this.#is(";")) this.#advance();
    else if (!this.#is("}") && !this.#at("end")) throw this.#unexpected();
  }

  #if(): Statement {
    this.#advance();
    this.#expect("(");
    const test = this.#expression();
    this.#expect(")");
    const yes = this.#body();
    // An else may stand behind newlines and semicolons, which the next statement does not mind.
    this.#skipTerminators();
    if (!this.#is("else")) return { kind: "if", test, yes, no: undefined };
    this.#advance();
    return { kind: "if", test, yes, no: this.#body() };
  }

  #for(): Statement {
    this.#advance();
    this.#expect("(");
    if (this.#at("name")) {
      const start = this.#expression();
      if (start.kind === "in" && this.#is(")")) {
        const [subscript] = start.subscripts;
        if (start.subscripts.length === 1 && subscript?.kind === "variable") {
          this.#advance();
          return { kind: "for-in", name: subscript.name, array: start.array, body: this.#body() };
        }
      }
      return this.#forRest({ kind: "expression", expression: start });
    }
    return this.#forRest(this.#is(";") ? undefined : this.#simple());
  }

  #forRest(first: Statement | undefined): Statement {
    this.#expect(";");
    this.#skipNewlines();
    const test = this.#is(";") ? undefined : this.#expression();
    this.#expect(";");
    this.#skipNewlines();
    const step = this.#is(")") ? undefined : this.#simple();
    this.#expect(")");
    if (this.#is(";")) {
      this.#advance();
      return { kind: "for", first, test, step, body: { kind: "block", body: [] } };
    }
    return { kind: "for", first, test, step, body: this.#body() };
  }

  #simple(): Statement {
    if (this.#token.kind === "keyword") {
      const { text } = this.#token;
      switch (text) {
        case "print":
        case "printf":
          return this.#print(text);
        case "next":
        case "nextfile":
        case "break":
        case "continue":
          this.#advance();
          return { kind: text };
        case "exit":
        case "return": {
          this.#advance();
          const bare = this.#at("newline") || this.#at("end") || this.#is(";", "}");
          return { kind: text, value: bare ? undefined : this.#expression() };
        }
        case "delete": {
          this.#advance();
          if (!this.#at("name")) throw this.#unexpected();
          const array = this.#advance().text;
          if (!this.#is("[")) return { kind: "delete", array, subscripts: undefined };
          return { kind: "delete", array, subscripts: this.#subscripts() };
        }
      }
    }
    return { kind: "expression", expression: this.#expression() };
  }

  #print(kind: "print" | "printf"): Statement {
    this.#advance();
    const args: Expression[] = [];
    const ends = (): boolean => this.#at("newline") || this.#at("end") || this.#is(";", "}", ">", ">>", "|");
    while (!ends()) {
      const item = this.#expression(true);
      // print (a, b): the brackets hold the arguments.
      if (item.kind === "list" && args.length === 0) args.push(...item.items);
      else args.push(item);
      if (!this.#is(",")) break;
      this.#advance();
      this.#skipNewlines();
    }
    if (kind === "printf" && args.length === 0)
      throw new AwkError(`line ${this.#token.line}: no arguments in call to printf`, "Not enough arguments");
    let redirect: Redirect | undefined;
    if (this.#is(">", ">>", "|")) {
      const operator = this.#advance().text as Redirect["operator"];
      redirect = { operator, target: this.#concatenation(true) };
    }
    return { kind, args, redirect };
  }

  #subscripts(): readonly Expression[] {
    this.#expect("[");
    const subscripts = [this.#expression()];
    while (this.#is(",")) {
      this.#advance();
      subscripts.push(this.#expression());
    }
    this.#expect("]");
    return subscripts;
  }

  /** `inPrint`: a > is a redirection. */
  #expression(inPrint = false): Expression {
    if (++this.#depth > MAX_DEPTH) throw new AwkError(`line ${this.#token.line}: nested too deeply`, "Unexpected token");
    const value = this.#assignment(inPrint);
    this.#depth--;
    return value;
  }

  #assignment(inPrint: boolean): Expression {
    const left = this.#conditional(inPrint);
    if (!this.#is("=", "+=", "-=", "*=", "/=", "%=", "^=", "**=")) return left;
    const target = targetOf(left);
    if (!target) throw this.#unexpected();
    const operator = this.#advance().text;
    this.#skipNewlines();
    return { kind: "assign", operator, target, value: this.#expression(inPrint) };
  }

  #conditional(inPrint: boolean): Expression {
    const test = this.#or(inPrint);
    if (!this.#is("?")) return test;
    this.#advance();
    this.#skipNewlines();
    const yes = this.#expression(inPrint);
    this.#skipNewlines();
    this.#expect(":");
    this.#skipNewlines();
    return { kind: "conditional", test, yes, no: this.#expression(inPrint) };
  }

  #or(inPrint: boolean): Expression {
    let left = this.#and(inPrint);
    while (this.#is("||")) {
      this.#advance();
      this.#skipNewlines();
      left = { kind: "binary", operator: "||", left, right: this.#and(inPrint) };
    }
    return left;
  }

  #and(inPrint: boolean): Expression {
    let left = this.#membership(inPrint);
    while (this.#is("&&")) {
      this.#advance();
      this.#skipNewlines();
      left = { kind: "binary", operator: "&&", left, right: this.#membership(inPrint) };
    }
    return left;
  }

  #membership(inPrint: boolean): Expression {
    let left = this.#matching(inPrint);
    while (this.#is("in")) {
      this.#advance();
      if (!this.#at("name")) throw this.#unexpected();
      left = { kind: "in", subscripts: left.kind === "list" ? left.items : [left], array: this.#advance().text };
    }
    return left;
  }

  #matching(inPrint: boolean): Expression {
    let left = this.#comparison(inPrint);
    while (this.#is("~", "!~")) {
      const operator = this.#advance().text;
      left = { kind: "binary", operator, left, right: this.#comparison(inPrint) };
    }
    return left;
  }

  #comparison(inPrint: boolean): Expression {
    const left = this.#concatenation(inPrint);
    if (!this.#is("<", "<=", "==", "!=", ">=") && !(this.#is(">") && !inPrint)) return left;
    const operator = this.#advance().text;
    return { kind: "binary", operator, left, right: this.#concatenation(inPrint) };
  }

  #concatenation(inPrint: boolean): Expression {
    let left = this.#additive();
    for (;;) {
      const { kind } = this.#token;
      const value =
        kind === "number" ||
        kind === "string" ||
        kind === "name" ||
        kind === "call" ||
        kind === "builtin" ||
        this.#is("$", "!", "(", "-", "+", "++", "--");
      // A regular expression cannot follow: its slash would divide.
      if (!value || (this.#is("in") && !inPrint)) return left;
      left = { kind: "binary", operator: " ", left, right: this.#additive() };
    }
  }

  #additive(): Expression {
    let left = this.#multiplicative();
    while (this.#is("+", "-")) {
      const operator = this.#advance().text;
      left = { kind: "binary", operator, left, right: this.#multiplicative() };
    }
    return left;
  }

  #multiplicative(): Expression {
    let left = this.#unary();
    while (this.#is("*", "/", "%")) {
      const operator = this.#advance().text;
      left = { kind: "binary", operator, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new AwkError(`line ${this.#token.line}: nested too deeply`, "Unexpected token");
    const value = this.#is("!", "-", "+")
      ? ({ kind: "unary", operator: this.#advance().text as "-", operand: this.#unary() } as const)
      : this.#power();
    this.#depth--;
    return value;
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#is("^", "**")) return base;
    if (this.#is("**") && !this.#busybox) throw new AwkError(`line ${this.#token.line}: syntax error at or near *`);
    this.#advance();
    // Right to left; the exponent may have a sign.
    const right = this.#is("-", "+", "!") ? this.#unary() : this.#power();
    return { kind: "binary", operator: "^", left: base, right };
  }

  #postfix(): Expression {
    const value = this.#primary();
    if (!this.#is("++", "--")) return value;
    const target = targetOf(value);
    if (!target) return value;
    return { kind: "step", operator: this.#advance().text as "++", prefix: false, target };
  }

  #primary(): Expression {
    const { kind, text, line } = this.#token;
    switch (kind) {
      case "number":
        this.#advance();
        return { kind: "number", value: this.#number(text) };
      case "string":
        this.#advance();
        return { kind: "string", value: text };
      case "regex":
        this.#advance();
        return { kind: "regex", source: text };
      case "builtin":
        return this.#builtin();
      case "call": {
        this.#advance();
        this.#called.add(text);
        return { kind: "call", name: text, args: this.#arguments() };
      }
      case "name": {
        this.#advance();
        return this.#is("[") ? { kind: "element", array: text, subscripts: this.#subscripts() } : { kind: "variable", name: text };
      }
      case "keyword":
        if (text === "getline")
          throw new AwkError(
            `line ${line}: getline is not supported here; awk reads its files line by line`,
            "getline is not supported here",
          );
        throw this.#unexpected();
    }
    if (this.#is("$")) {
      this.#advance();
      if (this.#is("++", "--")) return { kind: "field", index: this.#step() };
      return { kind: "field", index: this.#is("-", "+", "!") ? this.#unary() : this.#primary() };
    }
    if (this.#is("++", "--")) return this.#step();
    if (this.#is("(")) return this.#bracketed();
    throw this.#unexpected();
  }

  #step(): Expression {
    const operator = this.#advance().text as "++";
    const target = targetOf(this.#primary());
    if (!target) throw this.#unexpected();
    return { kind: "step", operator, prefix: true, target };
  }

  #bracketed(): Expression {
    this.#advance();
    const inner = this.#expression();
    if (this.#is(",")) {
      const items = [inner];
      while (this.#is(",")) {
        this.#advance();
        this.#skipNewlines();
        items.push(this.#expression());
      }
      this.#expect(")");
      return { kind: "list", items };
    }
    this.#expect(")");
    return { kind: "group", inner };
  }

  #arguments(): readonly Expression[] {
    this.#expect("(");
    const args: Expression[] = [];
    this.#skipNewlines();
    while (!this.#is(")")) {
      args.push(this.#expression());
      this.#skipNewlines();
      if (!this.#is(",")) break;
      this.#advance();
      this.#skipNewlines();
    }
    this.#expect(")");
    return args;
  }

  #builtin(): Expression {
    const { text: name, line } = this.#advance();
    if (name === "system")
      throw new AwkError(`line ${line}: system() is not supported here; print | "command" is`, "system() is not supported here");
    if (this.#is("(")) return { kind: "builtin", name, args: this.#arguments(), bare: false };
    if (name !== "length") throw this.#unexpected();
    return { kind: "builtin", name, args: [], bare: true };
  }

  /** BusyBox reads hexadecimal and octal numbers as C does; mawk stops at the first letter. */
  #number(text: string): number {
    if (/^0[xX]/.test(text)) return this.#busybox ? Number(text) : 0;
    if (this.#busybox && /^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
    return Number(text);
  }
}

function targetOf(expression: Expression): Target | undefined {
  return expression.kind === "variable" || expression.kind === "field" || expression.kind === "element" ? expression : undefined;
}
