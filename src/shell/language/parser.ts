/**
 * Reads shell text into trees, one complete command line at a time, as shells do: what stands before a syntax error runs.
 * The grammar is that of POSIX XCU 2.10 with bash's additions where the dialect has them.
 */
import type { AndOr, ArrayItem, Assignment, CaseArm, Command, Condition, List, Pipeline, Redirection, SimpleCommand, Word } from "./ast.ts";
import { type Dialect, has } from "./dialect.ts";
import { Lexer, REDIRECTIONS, type Token } from "./lexer.ts";
import { type Opened, ShellSyntaxError, type Unexpected, unexpected, unterminated } from "./syntax-error.ts";

export interface ParseOptions {
  readonly dialect: Dialect;
  readonly firstLine?: number;
  /** A terminal, which can be asked for the rest. */
  readonly interactive?: boolean;
  readonly aliases?: ReadonlyMap<string, string>;
}

const RESERVED = new Set(["if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!", "in"]);
const BASH_RESERVED = new Set([...RESERVED, "function", "[[", "time", "select", "coproc"]);
const ASH_RESERVED = new Set([...RESERVED, "function"]);
/** Builtins whose arguments may be assignments. */
const DECLARING = new Set(["export", "readonly", "local", "declare", "typeset", "alias"]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** How deep compound commands and substitutions may nest. */
const MAX_DEPTH = 100;

const UNARY = /^-[a-hknopr-zGLNORSv]$/;
const BINARY = new Set(["=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]);

/** The text of a word that has neither quotes nor expansions. */
const plainText = (word: Word): string | undefined => {
  if (word.parts.length !== 1) return word.parts.length === 0 ? "" : undefined;
  const part = word.parts[0];
  return part?.kind === "text" && !part.quoted && part.text === word.raw ? part.text : undefined;
};

/** A word without its first characters, which are plain text: "name=". */
function withoutPrefix(word: Word, length: number): Word {
  const [first, ...others] = word.parts;
  const rest = first?.kind === "text" ? first.text.slice(length) : "";
  return { parts: rest === "" ? others : [{ kind: "text", text: rest, quoted: false }, ...others], raw: word.raw.slice(length) };
}

export class Parser {
  readonly #lexer: Lexer;
  readonly #options: ParseOptions;
  readonly #reservedWords: ReadonlySet<string>;
  #token: Token | undefined;
  #depth: number;
  #opened: Opened[] = [];
  /** Aliases that stand in the text being read: each is replaced once. */
  #replaced = new Set<string>();

  /** `text` may be read by a lexer already: inside of a substitution, at `depth`. */
  constructor(text: string | Lexer, options: ParseOptions, depth = 0) {
    this.#options = options;
    this.#depth = depth;
    const { dialect } = options;
    this.#reservedWords = dialect === "bash" ? BASH_RESERVED : dialect === "ash" ? ASH_RESERVED : RESERVED;
    this.#lexer =
      typeof text === "string"
        ? new Lexer(text, {
            dialect,
            firstLine: options.firstLine ?? 1,
            interactive: options.interactive === true,
            nested: (lexer, nesting) => new Parser(lexer, options, nesting).#substitution(),
          })
        : text;
  }

  /** How far the text has been read. */
  get at(): number {
    return this.#token?.start ?? this.#lexer.at;
  }

  get warnings(): readonly { readonly text: string; readonly line: number }[] {
    return this.#lexer.warnings;
  }

  /** The next line's commands; undefined at the end of the text. */
  line(): List | undefined | ShellSyntaxError {
    try {
      this.#opened = [];
      while (this.#peek().kind === "newline") this.#advance();
      if (this.#peek().kind === "end") return undefined;
      const list = this.#lineList();
      if (this.#peek().kind !== "end") this.#advance();
      return list;
    } catch (thrown) {
      if (thrown instanceof ShellSyntaxError) return thrown;
      throw thrown;
    }
  }

  #peek(): Token {
    this.#token ??= this.#lexer.next();
    return this.#token;
  }

  /** As `#peek`, typed anew: the token moves on under the checker's eyes. */
  #kind(): Token["kind"] {
    return this.#peek().kind;
  }

  /** The next token is read only when it is asked for: a here-document must be announced before its line ends. */
  #advance(): Token {
    const token = this.#peek();
    this.#token = undefined;
    return token;
  }

  get #atLine(): number {
    return this.#peek().line;
  }

  #unexpected(expecting?: string): ShellSyntaxError {
    const token = this.#peek();
    // bash counts a line more when the text ends, as it waited for one.
    const ended = token.kind === "end" && this.#options.dialect === "bash" && !this.#lexer.text.endsWith("\n");
    return unexpected(this.#shown(token), token.line + (ended ? 1 : 0), expecting, this.#opened.at(-1));
  }

  #shown(token: Token): Unexpected {
    if (token.kind === "operator") {
      const redirection = REDIRECTIONS.has(token.text) && this.#options.dialect !== "bash";
      return { kind: redirection ? "redirection" : "operator", text: token.text };
    }
    return token.kind === "word" ? { kind: "word", text: token.word.raw } : { kind: token.kind, text: "" };
  }

  #isOperator(...texts: readonly string[]): boolean {
    const token = this.#peek();
    return token.kind === "operator" && token.fd === undefined && texts.includes(token.text);
  }

  #reserved(): string | undefined {
    const token = this.#peek();
    if (token.kind !== "word") return undefined;
    const { raw } = token.word;
    return this.#reservedWords.has(raw) ? raw : undefined;
  }

  #expect(word: string): void {
    if (this.#reserved() !== word) throw this.#unexpected(word);
    this.#advance();
  }

  #expectOperator(text: string): void {
    if (!this.#isOperator(text)) throw this.#unexpected(text);
    this.#advance();
  }

  #skipNewlines(): void {
    while (this.#peek().kind === "newline") this.#advance();
  }

  /** Commands inside $( ): the lexer stands behind the bracket, and does so again after the closing one. */
  #substitution(): List {
    if (this.#depth > MAX_DEPTH) throw this.#tooDeep();
    return this.#lexer.withOwnDocuments(() => {
      const commands = this.#list([]);
      if (this.#kind() === "end" && this.#options.dialect === "bash")
        throw this.#opened.length > 0 ? this.#unexpected() : unterminated(")", this.#atLine + 1);
      this.#expectOperator(")");
      return commands;
    });
  }

  #tooDeep(): ShellSyntaxError {
    return new ShellSyntaxError("syntax error: too many nested commands", "too many nested commands", this.#lexer.lineAt(this.#lexer.at));
  }

  /** Commands up to the end of the line. */
  #lineList(): List {
    const list: AndOr[] = [];
    for (;;) {
      const andOr = this.#andOr();
      if (this.#isOperator("&")) {
        list.push({ ...andOr, background: true });
        this.#advance();
      } else {
        list.push(andOr);
        if (this.#isOperator(";")) this.#advance();
        else if (this.#kind() !== "newline" && this.#kind() !== "end") throw this.#unexpected();
      }
      if (this.#kind() === "newline" || this.#kind() === "end") return list;
    }
  }

  /** Commands up to one of the reserved words, `)` or `;;`. */
  #list(ends: readonly string[]): List {
    const list: AndOr[] = [];
    const ended = (): boolean => {
      const reserved = this.#reserved();
      return this.#kind() === "end" || (reserved !== undefined && ends.includes(reserved)) || this.#isOperator(")", ";;", ";&", ";;&");
    };
    for (;;) {
      this.#skipNewlines();
      if (ended()) return list;
      const andOr = this.#andOr();
      if (this.#isOperator("&")) {
        list.push({ ...andOr, background: true });
        this.#advance();
        continue;
      }
      list.push(andOr);
      if (this.#isOperator(";")) this.#advance();
      else if (this.#kind() !== "newline") {
        if (ended()) return list;
        throw this.#unexpected(ends.length === 1 ? ends[0] : undefined);
      }
    }
  }

  /** As `#list`, where there must be a command. */
  #body(ends: readonly string[]): List {
    const list = this.#list(ends);
    if (list.length === 0) throw this.#unexpected(this.#kind() === "end" ? ends.at(-1) : undefined);
    return list;
  }

  #andOr(): AndOr {
    const first = this.#pipeline();
    const rest: { operator: "&&" | "||"; pipeline: Pipeline }[] = [];
    while (this.#isOperator("&&", "||")) {
      const operator = (this.#advance() as { text: "&&" | "||" }).text;
      this.#skipNewlines();
      rest.push({ operator, pipeline: this.#pipeline() });
    }
    return { first, rest, background: false };
  }

  #pipeline(): Pipeline {
    let negated = false;
    let timed: Pipeline["timed"] = "";
    for (;;) {
      const reserved = this.#reserved();
      if (reserved === "!" && (!negated || this.#options.dialect === "bash")) {
        negated = !negated;
        this.#advance();
      } else if (reserved === "time") {
        this.#advance();
        timed = "time";
        const token = this.#peek();
        if (token.kind === "word" && token.word.raw === "-p") {
          timed = "time -p";
          this.#advance();
        }
      } else break;
    }
    // bash takes a bare ! or time for a command that does nothing.
    const bare = this.#options.dialect === "bash" && (negated || timed !== "");
    if (bare && (this.#kind() === "newline" || this.#kind() === "end" || this.#isOperator(";", ")")))
      return { negated, timed, commands: [{ kind: "simple", assignments: [], words: [], redirections: [], line: this.#atLine }] };
    const commands = [this.#command()];
    while (this.#isOperator("|", "|&")) {
      const both = (this.#advance() as { text: string }).text === "|&";
      this.#skipNewlines();
      if (both) {
        const last = commands.pop() as Command;
        const redirection: Redirection = {
          fd: 2,
          operator: ">&",
          target: { parts: [{ kind: "text", text: "1", quoted: false }], raw: "1" },
        };
        commands.push("redirections" in last ? { ...last, redirections: [...last.redirections, redirection] } : last);
      }
      commands.push(this.#command());
    }
    return { negated, timed, commands };
  }

  #command(): Command {
    if (++this.#depth > MAX_DEPTH) throw this.#tooDeep();
    const command = this.#commandInner();
    this.#depth--;
    return command;
  }

  /** Reads a compound command, which is named when the text ends inside. */
  #within<T>(word: string, read: () => T): T {
    this.#opened.push({ word, line: this.#atLine });
    const result = read();
    this.#opened.pop();
    return result;
  }

  #commandInner(): Command {
    const line = this.#atLine;
    if (this.#isOperator("(")) {
      if (has(this.#options.dialect, "arithmetic command")) {
        const expression = this.#arithmeticCommand();
        if (expression) return { kind: "arithmetic", expression, line, redirections: this.#redirections() };
      }
      const body = this.#within("(", () => {
        this.#advance();
        const list = this.#body([]);
        this.#expectOperator(")");
        return list;
      });
      return { kind: "subshell", body, line, redirections: this.#redirections() };
    }
    const reserved = this.#reserved();
    switch (reserved) {
      case "{": {
        const body = this.#within("{", () => {
          this.#advance();
          const list = this.#body(["}"]);
          this.#expect("}");
          return list;
        });
        return { kind: "group", body, line, redirections: this.#redirections() };
      }
      case "if":
        return this.#if(line);
      case "while":
      case "until":
        return this.#while(reserved, line);
      case "for":
      case "select":
        return this.#for(line, reserved === "select");
      case "case":
        return this.#case(line);
      case "[[":
        return this.#conditionCommand(line);
      case "function":
        return this.#functionKeyword(line);
      case "coproc":
        throw new ShellSyntaxError(`${reserved} is not supported here`, `${reserved} is not supported here`, line);
      case undefined:
      case "in":
        return this.#simple();
      default:
        throw this.#unexpected();
    }
  }

  /** ((…)), when the brackets close together; the lexer goes back otherwise. */
  #arithmeticCommand(): Word | undefined {
    const { start } = this.#peek();
    if (this.#lexer.text[start + 1] !== "(") return undefined;
    const token = this.#token;
    this.#lexer.at = start + 1;
    const expression = this.#lexer.arithmeticCommand();
    if (expression) this.#token = undefined;
    else {
      this.#lexer.at = start + 1;
      this.#token = token;
    }
    return expression;
  }

  #if(line: number): Command {
    const branches: { test: List; body: List }[] = [];
    let otherwise: List | undefined;
    this.#within("if", () => {
      this.#advance();
      for (;;) {
        const test = this.#body(["then"]);
        this.#expect("then");
        branches.push({ test, body: this.#body(["elif", "else", "fi"]) });
        const next = this.#reserved();
        if (next === "elif") {
          this.#advance();
          continue;
        }
        if (next === "else") {
          this.#advance();
          otherwise = this.#body(["fi"]);
        }
        this.#expect("fi");
        return;
      }
    });
    return { kind: "if", branches, otherwise, line, redirections: this.#redirections() };
  }

  #while(word: "while" | "until", line: number): Command {
    const [test, body] = this.#within(word, () => {
      this.#advance();
      const condition = this.#body(["do"]);
      return [condition, this.#doGroup()] as const;
    });
    return { kind: "while", until: word === "until", test, body, line, redirections: this.#redirections() };
  }

  #doGroup(): List {
    this.#expect("do");
    const body = this.#body(["done"]);
    this.#expect("done");
    return body;
  }

  #for(line: number, asks: boolean): Command {
    const loop = this.#within("for", () => {
      this.#advance();
      if (!asks && this.#isOperator("(") && has(this.#options.dialect, "arithmetic command")) return this.#forArithmetic(line);
      const token = this.#peek();
      if (token.kind !== "word") {
        if (this.#options.dialect !== "bash") throw this.#badLoopVariable();
        throw token.kind === "end" ? this.#endOfLine(token.line) : this.#unexpected();
      }
      const name = token.word.raw;
      if (this.#options.dialect !== "bash" && !NAME.test(name)) throw this.#badLoopVariable();
      this.#advance();
      this.#skipNewlines();
      let words: Word[] | undefined;
      if (this.#reserved() === "in") {
        this.#advance();
        words = [];
        while (this.#kind() === "word") words.push((this.#advance() as { word: Word }).word);
        if (!this.#isOperator(";") && this.#kind() !== "newline") throw this.#unexpected("do");
      }
      if (this.#isOperator(";")) this.#advance();
      this.#skipNewlines();
      return { kind: "for" as const, asks, name, words, body: this.#loopBody(), line };
    });
    return { ...loop, redirections: this.#redirections() };
  }

  /** bash takes the end of the text for the end of its last line. */
  #endOfLine(line: number): ShellSyntaxError {
    return unexpected({ kind: "newline", text: "" }, line, undefined, undefined);
  }

  #badLoopVariable(): ShellSyntaxError {
    return new ShellSyntaxError("", "bad for loop variable", this.#atLine);
  }

  /** do … done, or { … } in its place. */
  #loopBody(): List {
    if (this.#reserved() !== "{") return this.#doGroup();
    this.#advance();
    const body = this.#body(["}"]);
    this.#expect("}");
    return body;
  }

  #forArithmetic(line: number) {
    const { start } = this.#peek();
    this.#lexer.at = start + 1;
    const whole = this.#lexer.text[start + 1] === "(" ? this.#lexer.arithmeticCommand() : undefined;
    const pieces = whole?.raw.split(";") ?? [];
    if (pieces.length !== 3) {
      this.#token = undefined;
      throw new ShellSyntaxError("syntax error: arithmetic expression required\nsyntax error: `(('", "bad for loop variable", line, {
        showsLine: true,
      });
    }
    this.#token = undefined;
    const expressions = pieces.map((piece) => this.#lexer.expression(piece)) as unknown as readonly [Word, Word, Word];
    if (this.#isOperator(";")) this.#advance();
    this.#skipNewlines();
    return { kind: "for-arithmetic" as const, expressions, body: this.#loopBody(), line };
  }

  #case(line: number): Command {
    const arms: CaseArm[] = [];
    const subject = this.#within("case", () => {
      this.#advance();
      const token = this.#peek();
      if (token.kind !== "word") throw this.#unexpected();
      this.#advance();
      this.#skipNewlines();
      this.#expect("in");
      this.#skipNewlines();
      while (this.#reserved() !== "esac") arms.push(this.#caseArm());
      this.#advance();
      return token.word;
    });
    return { kind: "case", subject, arms, line, redirections: this.#redirections() };
  }

  #caseArm(): CaseArm {
    if (this.#isOperator("(")) this.#advance();
    const patterns: Word[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind !== "word") throw this.#unexpected(patterns.length > 0 || token.kind === "end" ? ")" : undefined);
      patterns.push(token.word);
      this.#advance();
      if (!this.#isOperator("|")) break;
      this.#advance();
    }
    this.#expectOperator(")");
    const body = this.#list(["esac"]);
    let end: CaseArm["end"] = ";;";
    if (this.#isOperator(";;", ";&", ";;&")) end = (this.#advance() as { text: CaseArm["end"] }).text;
    else if (this.#reserved() !== "esac") throw this.#unexpected(";;");
    this.#skipNewlines();
    return { patterns, body, end };
  }

  #functionKeyword(line: number): Command {
    this.#advance();
    const token = this.#peek();
    if (token.kind !== "word") throw this.#unexpected();
    this.#advance();
    if (this.#isOperator("(")) {
      this.#advance();
      this.#expectOperator(")");
    }
    return this.#functionBody(token.word.raw, line);
  }

  #functionBody(name: string, line: number): Command {
    this.#skipNewlines();
    if (this.#options.dialect === "bash") {
      const compound = this.#isOperator("(") || (this.#reserved() !== undefined && this.#reserved() !== "in");
      if (!compound) throw this.#unexpected();
    }
    return { kind: "function", name, body: this.#command(), line };
  }

  #redirections(): Redirection[] {
    const redirections: Redirection[] = [];
    for (let one = this.#redirection(); one; one = this.#redirection()) redirections.push(one);
    return redirections;
  }

  #redirection(): Redirection | undefined {
    const token = this.#peek();
    if (token.kind !== "operator" || !REDIRECTIONS.has(token.text)) return undefined;
    this.#advance();
    const target = this.#peek();
    // The line ends where the text does, for bash and on a terminal.
    if (target.kind === "end" && (this.#options.dialect === "bash" || this.#options.interactive)) throw this.#endOfLine(target.line);
    if (target.kind !== "word") throw this.#unexpected();
    this.#advance();
    const redirection: Redirection = { fd: token.fd, operator: token.text as Redirection["operator"], target: target.word };
    if (token.text === "<<" || token.text === "<<-") this.#lexer.announce(redirection, token.line);
    const { raw } = target.word;
    if (this.#options.dialect === "dash" && /^[<>]&$/.test(token.text) && plainText(target.word) !== undefined && !/^(\d|-)$/.test(raw))
      throw new ShellSyntaxError("", "Bad fd number", target.line);
    return redirection;
  }

  #simple(): Command {
    const { line } = this.#peek();
    const assignments: Assignment[] = [];
    const words: (Word | Assignment)[] = [];
    const redirections: Redirection[] = [];
    let declaring = false;
    let mayBeAlias = true;
    for (;;) {
      const redirection = this.#redirection();
      if (redirection) {
        redirections.push(redirection);
        continue;
      }
      if (words.length === 0 && mayBeAlias && this.#replaceAlias()) continue;
      const token = this.#peek();
      if (token.kind !== "word") break;
      const assignment = words.length === 0 || declaring ? this.#assignment(token) : undefined;
      if (assignment) {
        if (words.length === 0) assignments.push(assignment);
        else words.push(assignment);
        continue;
      }
      this.#advance();
      words.push(token.word);
      mayBeAlias = false;
      if (words.length > 1) continue;
      declaring = has(this.#options.dialect, "arrays") ? DECLARING.has(token.word.raw) : /^(export|readonly|local)$/.test(token.word.raw);
      if (assignments.length === 0 && redirections.length === 0 && this.#isOperator("(")) return this.#function(token.word, line);
    }
    this.#replaced.clear();
    if (words.length === 0 && assignments.length === 0 && redirections.length === 0) throw this.#unexpected();
    return { kind: "simple", assignments, words, redirections, line } satisfies SimpleCommand;
  }

  #function(word: Word, line: number): Command {
    const name = plainText(word);
    const bash = this.#options.dialect === "bash";
    if (bash && name === undefined) throw this.#unexpected();
    this.#advance();
    if (!this.#isOperator(")")) throw this.#unexpected(")");
    this.#advance();
    if (name === undefined || (!bash && !NAME.test(name))) throw new ShellSyntaxError("", "bad function name", line);
    return this.#functionBody(name, line);
  }

  /** Puts the value of an alias in its place; true when there was one. */
  #replaceAlias(): boolean {
    const { aliases } = this.#options;
    const token = this.#peek();
    if (!aliases || aliases.size === 0 || token.kind !== "word") return false;
    const name = plainText(token.word);
    const value = name === undefined || this.#replaced.has(name) ? undefined : aliases.get(name);
    if (name === undefined || value === undefined) return false;
    this.#replaced.add(name);
    this.#lexer.replace(token.start, token.start + token.word.raw.length, value);
    this.#token = undefined;
    return true;
  }

  #assignment(token: Token & { kind: "word" }): Assignment | undefined {
    const { raw } = token.word;
    const target = this.#lexer.assignmentAt(raw);
    if (!target) return undefined;
    this.#advance();
    const { name, append, length } = target;
    const index = target.index === undefined ? undefined : this.#reread(target.index, token);
    const bracket = length === raw.length && has(this.#options.dialect, "arrays") ? this.#lexer.text[token.start + raw.length] : undefined;
    if (bracket === "(") {
      this.#advance();
      const items = this.#arrayItems();
      return { kind: "assignment", name, index, append, value: items, raw: this.#lexer.text.slice(token.start, this.#lexer.at) };
    }
    const value = index === undefined ? withoutPrefix(token.word, length) : this.#reread(raw.slice(length), token);
    return { kind: "assignment", name, index, append, value, raw };
  }

  /** A part of a word as a word of its own. What is read twice must not nest: each level would double the work. */
  #reread(text: string, token: Token): Word {
    if ((text.match(/\$\(|`|\$\{/g)?.length ?? 0) > 6) throw this.#tooDeep();
    return this.#lexer.reread(text, token.line);
  }

  #arrayItems(): ArrayItem[] {
    const items: ArrayItem[] = [];
    for (;;) {
      this.#skipNewlines();
      const token = this.#peek();
      if (token.kind === "end")
        throw new ShellSyntaxError("unexpected EOF while looking for matching `)'", "", token.line, { incomplete: true, status: 1 });
      if (this.#isOperator(")")) {
        this.#advance();
        return items;
      }
      if (token.kind !== "word") throw this.#unexpected();
      this.#advance();
      const match = /^\[((?:[^\][]|\[[^\]]*\])*)\]=/.exec(token.word.raw);
      if (match)
        items.push({
          index: this.#reread(match[1] as string, token),
          value: this.#reread(token.word.raw.slice(match[0].length), token),
        });
      else items.push({ index: undefined, value: token.word });
    }
  }

  // [[ … ]]

  #conditionCommand(line: number): Command {
    const condition = this.#within("[[", () => {
      this.#advance();
      const inner = this.#conditionOr();
      const token = this.#peek();
      if (token.kind === "end") throw this.#openCondition();
      if (token.kind !== "word" || token.word.raw !== "]]")
        throw this.#conditionError(`syntax error in conditional expression: unexpected token \`${this.#shown(token).text || "newline"}'`);
      this.#advance();
      return inner;
    });
    return { kind: "condition", condition, line, redirections: this.#redirections() };
  }

  #openCondition(): ShellSyntaxError {
    const error = this.#unexpected();
    return new ShellSyntaxError(`unexpected EOF while looking for \`]]'\n${error.bash}`, "", error.line, { incomplete: true });
  }

  #conditionError(message: string): ShellSyntaxError {
    const token = this.#peek();
    if (token.kind === "end") return this.#openCondition();
    const near = this.#shown(token).text || "newline";
    const text = message === "" ? "" : `${message}\n`;
    return new ShellSyntaxError(`${text}syntax error near \`${near}'`, "", token.line, { showsLine: true });
  }

  #conditionOr(): Condition {
    let left = this.#conditionAnd();
    while (this.#isOperator("||")) {
      this.#advance();
      this.#skipNewlines();
      left = { kind: "or", left, right: this.#conditionAnd() };
    }
    return left;
  }

  #conditionAnd(): Condition {
    let left = this.#conditionTerm();
    while (this.#isOperator("&&")) {
      this.#advance();
      this.#skipNewlines();
      left = { kind: "and", left, right: this.#conditionTerm() };
    }
    return left;
  }

  #conditionTerm(): Condition {
    if (++this.#depth > MAX_DEPTH) throw this.#tooDeep();
    const term = this.#conditionTermInner();
    this.#depth--;
    return term;
  }

  #conditionTermInner(): Condition {
    this.#skipNewlines();
    const opening = this.#peek();
    if (opening.kind === "word" && opening.word.raw === "]]") {
      this.#advance();
      throw this.#conditionError("");
    }
    if (this.#isOperator("(")) {
      this.#advance();
      const inner = this.#conditionOr();
      if (!this.#isOperator(")"))
        throw this.#conditionError(`unexpected token \`${this.#shown(this.#peek()).text || "newline"}', expected \`)'`);
      this.#advance();
      return inner;
    }
    const token = this.#peek();
    if (token.kind !== "word") throw this.#conditionError("");
    const { word } = token;
    this.#advance();
    if (word.raw === "!") return { kind: "not", operand: this.#conditionTerm() };
    if (UNARY.test(word.raw)) {
      const operand = this.#peek();
      const binary = operand.kind === "word" && BINARY.has(operand.word.raw);
      if (operand.kind === "word" && operand.word.raw !== "]]" && !binary) {
        this.#advance();
        return { kind: "unary", operator: word.raw, operand: operand.word };
      }
      if (!binary)
        throw this.#conditionError(`unexpected argument \`${this.#shown(operand).text || "newline"}' to conditional unary operator`);
    }
    const next = this.#peek();
    const operator = next.kind === "word" ? next.word.raw : next.kind === "operator" ? next.text : "";
    if (BINARY.has(operator)) return this.#conditionBinary(word, operator);
    const goesOn = (next.kind === "word" && operator === "]]") || this.#isOperator("&&", "||", ")") || next.kind === "newline";
    if (!goesOn) throw this.#conditionError(`unexpected token \`${operator}', conditional binary operator expected`);
    this.#skipNewlines();
    return { kind: "word", word };
  }

  #conditionBinary(left: Word, operator: string): Condition {
    this.#advance();
    let right: Word;
    if (operator === "=~") {
      this.#lexer.skipBlanks();
      let depth = 0;
      right = this.#lexer.word((char) => {
        if (char === "(") depth++;
        else if (char === ")" && --depth < 0) return true;
        return (char === " " || char === "\t" || char === "\n") && depth <= 0;
      }, "regex");
    } else {
      const token = this.#peek();
      if (token.kind !== "word" || token.word.raw === "]]")
        throw this.#conditionError(`unexpected argument \`${this.#shown(token).text || "newline"}' to conditional binary operator`);
      this.#advance();
      right = token.word;
    }
    return { kind: "binary", operator, left, right };
  }
}

/** The trees of a whole text, or the first thing that is wrong with it. For what is read at once: backticks, eval, a line. */
export function parse(
  text: string,
  options: ParseOptions,
): { readonly lines: readonly List[]; readonly error: ShellSyntaxError | undefined } {
  const parser = new Parser(text, options);
  const lines: List[] = [];
  for (let line = parser.line(); line !== undefined; line = parser.line()) {
    if (line instanceof ShellSyntaxError) return { lines, error: line };
    lines.push(line);
  }
  return { lines, error: undefined };
}
