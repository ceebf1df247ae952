/** The tree of a Go template: actions, pipelines, control structures (text/template/parse). */
import { lex, type Piece, TemplateError, type Token } from "./lexer.ts";

export type Operand =
  | { readonly kind: "dot" | "nil"; readonly token: Token }
  | { readonly kind: "field"; readonly names: readonly string[]; readonly token: Token }
  | { readonly kind: "variable"; readonly name: string; readonly names: readonly string[]; readonly token: Token }
  | { readonly kind: "literal"; readonly value: string | number | boolean; readonly token: Token }
  | { readonly kind: "function"; readonly name: string; readonly token: Token }
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly names: readonly string[]; readonly token: Token };

export type Call = readonly Operand[];

/** A call as errors show it. */
export const callText = (call: Call): string => call.map(operandText).join(" ");

/** An operand as errors show it. */
export function operandText(one: Operand): string {
  if (one.kind !== "pipe") return one.token.text;
  return `(${one.pipe.calls.map(callText).join(" | ")})${one.names.map((name) => `.${name}`).join("")}`;
}

export interface Pipe {
  readonly declare: readonly string[];
  readonly assign: boolean;
  readonly calls: readonly Call[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | { readonly kind: "if" | "with" | "range"; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | { readonly kind: "break" | "continue" }
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined; readonly place: string };

export interface Template {
  readonly nodes: readonly Node[];
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

const MAX_DEPTH = 100;

const FUNCTION_NAMES = new Set([
  "and",
  "or",
  "not",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "index",
  "slice",
  "len",
  "print",
  "printf",
  "println",
  "html",
  "js",
  "urlquery",
  "call",
  "json",
  "split",
  "join",
  "title",
  "lower",
  "upper",
  "pad",
  "truncate",
]);

class Parser {
  readonly #pieces: readonly Piece[];
  #at = 0;
  #depth = 0;
  /** How many ranges stand around what is read. */
  #loops = 0;
  readonly named = new Map<string, readonly Node[]>();
  #variables = new Set(["$"]);

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Nodes up to `{{end}}` or `{{else…}}`; at the top level, to the end of the text. */
  list(top: boolean): { nodes: Node[]; ended: "end" | "else" | "eof"; rest: readonly Token[]; line: number } {
    if (++this.#depth > MAX_DEPTH) throw new TemplateError("template: :1: exceeded max depth");
    const nodes: Node[] = [];
    const outer = new Set(this.#variables);
    const done = (ended: "end" | "else" | "eof", rest: readonly Token[], line: number) => {
      this.#variables = outer;
      this.#depth--;
      return { nodes, ended, rest, line };
    };
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++] as Piece;
      if (piece.kind === "text") {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      if (!first) throw new TemplateError(`template: :${piece.line}: missing value for command`);
      const word = first.kind === "identifier" ? first.text : "";
      if (word === "end" || word === "else") {
        if (top) throw new TemplateError(`template: :${piece.line}: unexpected {{${word}}}`);
        return done(word, rest, piece.line);
      }
      if (word === "if" || word === "with" || word === "range") nodes.push(this.#control(word, rest, piece.line));
      else if (word === "break" || word === "continue") {
        if (this.#loops === 0) throw new TemplateError(`template: :${piece.line}: {{${word}}} outside {{range}}`);
        nodes.push({ kind: word });
      } else if (word === "define" || word === "block") this.#define(word, rest, piece.line, nodes);
      else if (word === "template") {
        const name = stringOf(rest[0], piece.line);
        nodes.push({
          kind: "template",
          name,
          place: `${piece.line}:${rest[0]?.column ?? 0}: executing "" at <{{${piece.source}}}>`,
          pipe: rest.length > 1 ? this.#pipe(rest.slice(1), piece.line, "template clause") : undefined,
        });
      } else nodes.push({ kind: "action", pipe: this.#pipe(piece.tokens, piece.line, "command") });
    }
    if (!top) throw new TemplateError("template: :1: unexpected EOF");
    return done("eof", [], 1);
  }

  #control(kind: "if" | "with" | "range", tokens: readonly Token[], line: number): Node {
    const before = new Set(this.#variables);
    const pipe = this.#pipe(tokens, line, kind);
    if (kind === "range") this.#loops++;
    const body = this.list(false);
    if (kind === "range") this.#loops--;
    let otherwise: readonly Node[] = [];
    if (body.ended === "else") {
      const [next, ...rest] = body.rest;
      if (next?.kind === "identifier" && (next.text === "if" || next.text === "with"))
        otherwise = [this.#control(next.text, rest, body.line)];
      else otherwise = this.list(false).nodes;
    }
    this.#variables = before;
    return { kind, pipe, body: body.nodes, otherwise };
  }

  #define(word: "define" | "block", rest: readonly Token[], line: number, nodes: Node[]): void {
    const name = stringOf(rest[0], line);
    const pipe = word === "block" ? this.#pipe(rest.slice(1), line, "block clause") : undefined;
    this.named.set(name, this.list(false).nodes);
    if (word === "block") nodes.push({ kind: "template", name, pipe, place: `${line}:0` });
  }

  #pipe(tokens: readonly Token[], line: number, context: string): Pipe {
    let from = 0;
    const declare: string[] = [];
    let assign = false;
    const mark = tokens.findIndex((token) => token.kind === "declare" || token.kind === "assign");
    if (mark > 0 && tokens.slice(0, mark).every((token) => token.kind === "variable" || token.kind === "comma")) {
      assign = tokens[mark]?.kind === "assign";
      for (const token of tokens.slice(0, mark)) if (token.kind === "variable") declare.push(token.text);
      from = mark + 1;
    }
    const calls: Call[] = [];
    let at = from;
    let call: Operand[] = [];
    const close = (): void => {
      if (call.length === 0) throw new TemplateError(`template: :${line}: missing value for ${context}`);
      calls.push(call);
      call = [];
    };
    while (at < tokens.length) {
      const token = tokens[at] as Token;
      if (token.kind === "pipe") {
        close();
        at++;
        continue;
      }
      const read = this.#operand(tokens, at, line);
      call.push(read.operand);
      at = read.next;
    }
    close();
    for (const name of declare) this.#variables.add(name);
    return { declare, assign, calls };
  }

  #operand(tokens: readonly Token[], at: number, line: number): { operand: Operand; next: number } {
    const token = tokens[at] as Token;
    const names: string[] = [];
    const chain = (from: number): number => {
      let next = from;
      for (let one = tokens[next]; one?.kind === "field" && adjacent(tokens[next - 1] as Token, one); one = tokens[next]) {
        names.push(one.text.slice(1));
        next++;
      }
      return next;
    };
    switch (token.kind) {
      case "dot":
        return { operand: { kind: "dot", token }, next: at + 1 };
      case "nil":
        return { operand: { kind: "nil", token }, next: at + 1 };
      case "field": {
        names.push(token.text.slice(1));
        const next = chain(at + 1);
        return { operand: { kind: "field", names, token: chained(tokens, at, next) }, next };
      }
      case "variable": {
        if (!this.#variables.has(token.text)) throw new TemplateError(`template: :${line}: undefined variable "${token.text}"`);
        const next = chain(at + 1);
        return { operand: { kind: "variable", name: token.text, names, token: chained(tokens, at, next) }, next };
      }
      case "bool":
        return { operand: { kind: "literal", value: token.text === "true", token }, next: at + 1 };
      case "number":
        return { operand: { kind: "literal", value: Number(token.text), token }, next: at + 1 };
      case "char":
        return { operand: { kind: "literal", value: unquote(`"${token.text.slice(1, -1)}"`).codePointAt(0) ?? 0, token }, next: at + 1 };
      case "string":
        return { operand: { kind: "literal", value: unquote(token.text), token }, next: at + 1 };
      case "identifier":
        if (!FUNCTION_NAMES.has(token.text)) throw new TemplateError(`template: :${line}: function "${token.text}" not defined`);
        return { operand: { kind: "function", name: token.text, token }, next: at + 1 };
      case "open": {
        let depth = 0;
        let end = at;
        for (; end < tokens.length; end++) {
          if (tokens[end]?.kind === "open") depth++;
          if (tokens[end]?.kind === "close" && --depth === 0) break;
        }
        if (end === tokens.length) throw new TemplateError(`template: :${line}: unclosed left paren`);
        if (++this.#depth > MAX_DEPTH) throw new TemplateError("template: :1: exceeded max depth");
        const pipe = this.#pipe(tokens.slice(at + 1, end), line, "parenthesized pipeline");
        this.#depth--;
        const next = chain(end + 1);
        return { operand: { kind: "pipe", pipe, names, token }, next };
      }
      default:
        throw new TemplateError(
          `template: :${line}: unexpected ${token.kind === "close" ? "right paren" : JSON.stringify(token.text)} in operand`,
        );
    }
  }
}

/** A chain of fields as errors name it: all of it, at the place of its second link. */
function chained(tokens: readonly Token[], from: number, to: number): Token {
  const first = tokens[from] as Token;
  if (to - from < 2) return first;
  const text = tokens
    .slice(from, to)
    .map((token) => token.text)
    .join("");
  return { ...first, text, column: (tokens[from + 1] as Token).column };
}

const adjacent = (before: Token, after: Token): boolean =>
  before.line === after.line && before.column + before.text.length === after.column;

function stringOf(token: Token | undefined, line: number): string {
  if (token?.kind !== "string") throw new TemplateError(`template: :${line}: missing template name`);
  return unquote(token.text);
}

/** A Go string literal's value. */
function unquote(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
  return literal
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gs, (_all, code: string) =>
      /^[xu]./.test(code) ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (simple[code] ?? code),
    );
}

export function parseTemplate(source: string): Template {
  const parser = new Parser(lex(source));
  const { nodes } = parser.list(true);
  return { nodes, named: parser.named };
}
