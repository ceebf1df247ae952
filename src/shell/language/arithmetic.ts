/** $(( … )), (( … )) and let: whole numbers of 64 bits with C's operators, as bash's expr.c evaluates them. */
import { type Dialect, has } from "./dialect.ts";

export interface ArithmeticScope {
  /** The value of a variable or of an array's element; undefined when unset. */
  read(name: string, index: string | undefined): string | undefined;
  write(name: string, index: string | undefined, value: string): void;
}

/** What is wrong, without the shell's name: "1/0: division by 0 (error token is "0")". */
export class ArithmeticError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type Failing =
  | "operand"
  | "operator"
  | "expression"
  | "division"
  | "base"
  | "assignment"
  | "recursion"
  | "exponent"
  | "missing"
  | "colon"
  | "number";

const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="]);
/** dash knows neither ** nor ++ nor the comma. */
const DASH_TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9][0-9A-Za-z_@#]*)|(<<=|>>=|&&|\|\||<<|>>|[-+*/%&|^=!<>]=|[-+*/%<>=!~?:()&|^]))/y;
const TOKEN =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9][0-9A-Za-z_@#]*)|(<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^=!<>]=|[-+*/%<>=!~?:(),&|^[\]]))/y;

const MAX_DEPTH = 120;
/** An exponent beyond this wraps to the same 64 bits anyway. */
const WORD = 64;
const wrap = (value: bigint): bigint => BigInt.asIntN(WORD, value);

interface Lexeme {
  readonly kind: "name" | "number" | "operator" | "end" | "strange";
  readonly text: string;
  readonly at: number;
}

class Thrown {
  readonly what: Failing;
  readonly token: string;

  constructor(what: Failing, token: string) {
    this.what = what;
    this.token = token;
  }
}

class Evaluator {
  readonly #text: string;
  readonly #scope: ArithmeticScope;
  readonly #dialect: Dialect;
  readonly #depth: number;
  #at = 0;
  #token: Lexeme;
  #nesting = 0;
  /** Inside the side of ?: or && that does not count. */
  #idle = 0;
  #last: Lexeme;

  constructor(text: string, scope: ArithmeticScope, dialect: Dialect, depth: number) {
    this.#text = text;
    this.#scope = scope;
    this.#dialect = dialect;
    this.#depth = depth;
    this.#token = this.#lex();
    this.#last = this.#token;
  }

  whole(): bigint {
    if (this.#token.kind === "end") return 0n;
    const value = this.#comma();
    if (this.#kind === "strange") throw this.#strange();
    if (this.#kind !== "end") throw new Thrown("expression", this.#rest(this.#token));
    return value;
  }

  #rest(token: Lexeme): string {
    return this.#text.slice(token.at);
  }

  /** A character that begins nothing: bash tells a missing operand from a wrong operator. */
  #strange(): Thrown {
    return new Thrown("operator", this.#rest(this.#token));
  }

  #lex(): Lexeme {
    const pattern = this.#dialect === "dash" ? DASH_TOKEN : TOKEN;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) {
      const rest = this.#text.slice(this.#at);
      const blank = rest.length - rest.trimStart().length;
      return rest.trim() === ""
        ? { kind: "end", text: "", at: this.#text.length }
        : { kind: "strange", text: rest[blank] as string, at: this.#at + blank };
    }
    this.#at = pattern.lastIndex;
    const text = (match[1] ?? match[2] ?? match[3]) as string;
    const kind = match[1] !== undefined ? "name" : match[2] !== undefined ? "number" : "operator";
    return { kind, text, at: pattern.lastIndex - text.length };
  }

  #take(): Lexeme {
    const token = this.#token;
    this.#last = token;
    this.#token = this.#lex();
    return token;
  }

  /** Asked anew each time: the token moves on under the checker's eyes. */
  get #kind(): Lexeme["kind"] {
    return this.#token.kind;
  }

  #is(text: string): boolean {
    return this.#token.kind === "operator" && this.#token.text === text;
  }

  #comma(): bigint {
    let value = this.#assignment();
    while (this.#is(",")) {
      this.#take();
      value = this.#assignment();
    }
    return value;
  }

  #assignment(): bigint {
    if (++this.#nesting > MAX_DEPTH) throw new Thrown("recursion", this.#rest(this.#token));
    const value = this.#assignmentInner();
    this.#nesting--;
    return value;
  }

  #assignmentInner(): bigint {
    if (this.#token.kind === "name") {
      const saved = { at: this.#at, token: this.#token, last: this.#last };
      const target = this.#target();
      if (this.#kind === "operator" && ASSIGNMENTS.has(this.#token.text)) {
        const operator = this.#take().text;
        const right = this.#assignment();
        const value = operator === "=" ? right : this.#apply(operator.slice(0, -1), this.#value(target), right);
        if (this.#idle === 0) this.#scope.write(target.name, target.index, String(value));
        return value;
      }
      this.#at = saved.at;
      this.#token = saved.token;
      this.#last = saved.last;
    }
    return this.#ternary();
  }

  #target(): { readonly name: string; readonly index: string | undefined } {
    const name = this.#take().text;
    if (!this.#is("[") || !has(this.#dialect, "arrays")) return { name, index: undefined };
    const start = this.#at;
    let depth = 1;
    while (depth > 0) {
      this.#take();
      if (this.#token.kind === "end") throw new Thrown("missing", "[");
      if (this.#is("[")) depth++;
      else if (this.#is("]")) depth--;
    }
    const index = this.#text.slice(start, this.#token.at);
    this.#take();
    return { name, index };
  }

  #ternary(): bigint {
    const test = this.#binary(0);
    if (!this.#is("?")) return test;
    this.#take();
    const yes = this.#unless(test === 0n, () => this.#comma());
    if (!this.#is(":")) throw new Thrown("colon", this.#rest(this.#token));
    this.#take();
    const no = this.#unless(test !== 0n, () => this.#assignment());
    return test !== 0n ? yes : no;
  }

  /** Evaluates without effect when the value is not wanted. */
  #unless(idle: boolean, evaluate: () => bigint): bigint {
    if (!idle) return evaluate();
    this.#idle++;
    const value = evaluate();
    this.#idle--;
    return value;
  }

  #binary(level: number): bigint {
    const operators = LEVELS[level];
    if (!operators) return this.#power();
    let left = this.#binary(level + 1);
    while (this.#token.kind === "operator" && operators.includes(this.#token.text)) {
      const operator = this.#take().text;
      const settled = (operator === "&&" && left === 0n) || (operator === "||" && left !== 0n);
      const start = this.#token;
      const right = this.#unless(settled, () => this.#binary(level + 1));
      if (settled) left = operator === "||" ? 1n : 0n;
      else left = this.#apply(operator, left, right, start);
    }
    return left;
  }

  #power(): bigint {
    const base = this.#unary();
    if (!this.#is("**") || !has(this.#dialect, "power")) return base;
    this.#take();
    const exponent = this.#power();
    if (exponent < 0n) throw new Thrown("exponent", this.#rest(this.#last));
    return power(base, exponent);
  }

  #unary(): bigint {
    if (++this.#nesting > MAX_DEPTH) throw new Thrown("recursion", this.#rest(this.#token));
    const value = this.#unaryInner();
    this.#nesting--;
    return value;
  }

  #unaryInner(): bigint {
    const token = this.#token;
    if (token.kind === "strange") throw new Thrown("operand", this.#rest(token));
    // Where the text ends, bash points at what came before.
    if (token.kind === "end") throw new Thrown("operand", this.#rest(this.#last));
    if (token.kind === "operator") return this.#prefix(token.text);
    if (token.kind === "number") {
      this.#take();
      return this.#number(token);
    }
    const target = this.#target();
    const value = this.#value(target);
    if (!this.#is("++") && !this.#is("--")) return value;
    const step = this.#take().text === "++" ? 1n : -1n;
    if (this.#idle === 0) this.#scope.write(target.name, target.index, String(wrap(value + step)));
    return value;
  }

  #prefix(operator: string): bigint {
    switch (operator) {
      case "-":
        this.#take();
        return wrap(-this.#unary());
      case "+":
        this.#take();
        return this.#unary();
      case "!":
        this.#take();
        return this.#unary() === 0n ? 1n : 0n;
      case "~":
        this.#take();
        return ~this.#unary();
      case "++":
      case "--": {
        this.#take();
        if (this.#token.kind !== "name") return this.#unary();
        const target = this.#target();
        const value = wrap(this.#value(target) + (operator === "++" ? 1n : -1n));
        if (this.#idle === 0) this.#scope.write(target.name, target.index, String(value));
        return value;
      }
      case "(": {
        this.#take();
        const value = this.#comma();
        if (!this.#is(")")) throw new Thrown("missing", this.#rest(this.#token.kind === "end" ? this.#last : this.#token));
        this.#take();
        return value;
      }
      default:
        throw new Thrown("operand", this.#rest(this.#token));
    }
  }

  #value({ name, index }: { readonly name: string; readonly index: string | undefined }): bigint {
    const text = this.#scope.read(name, index)?.trim() ?? "";
    if (text === "") return 0n;
    if (/^[-+]?[0-9]{1,18}$/.test(text) && !/^[-+]?0./.test(text)) return BigInt(text);
    if (this.#depth > 40) throw new Thrown("recursion", text);
    return new Evaluator(text, this.#scope, this.#dialect, this.#depth + 1).whole();
  }

  #number(token: Lexeme): bigint {
    const { text } = token;
    const based = /^(\d+)#([0-9A-Za-z@_]+)$/.exec(text);
    if (based && this.#dialect === "bash") {
      const base = Number(based[1]);
      if (base < 2 || base > 64) throw new Thrown("number", text);
      return digits(based[2] as string, base, text);
    }
    if (/^0[xX][0-9a-fA-F]*$/.test(text)) return digits(text.slice(2), 16, text);
    if (this.#dialect === "dash" && /^[0-9]+[A-Za-z_@#]/.test(text)) throw new Thrown("operator", text);
    if (/^0[0-9]/.test(text)) return digits(text.slice(1), 8, text);
    return digits(text, 10, text);
  }

  #apply(operator: string, a: bigint, b: bigint, right: Lexeme = this.#last): bigint {
    const truth = (value: boolean): bigint => (value ? 1n : 0n);
    switch (operator) {
      case "||":
        return truth(a !== 0n || b !== 0n);
      case "&&":
        return truth(a !== 0n && b !== 0n);
      case "|":
        return a | b;
      case "^":
        return a ^ b;
      case "&":
        return a & b;
      case "==":
        return truth(a === b);
      case "!=":
        return truth(a !== b);
      case "<=":
        return truth(a <= b);
      case ">=":
        return truth(a >= b);
      case "<":
        return truth(a < b);
      case ">":
        return truth(a > b);
      case "<<":
        return wrap(a << BigInt.asUintN(6, b));
      case ">>":
        return a >> BigInt.asUintN(6, b);
      case "+":
        return wrap(a + b);
      case "-":
        return wrap(a - b);
      case "*":
        return wrap(a * b);
      default:
        if (b === 0n) {
          if (this.#idle > 0) return 0n;
          throw new Thrown("division", this.#rest(right));
        }
        return operator === "/" ? wrap(a / b) : a % b;
    }
  }
}

function digits(text: string, base: number, whole: string): bigint {
  let value = 0n;
  for (const char of text) {
    const digit = digitOf(char, base);
    if (digit >= base) throw new Thrown("base", whole);
    value = wrap(value * BigInt(base) + BigInt(digit));
  }
  return value;
}

function digitOf(char: string, base: number): number {
  if (/[0-9]/.test(char)) return Number(char);
  if (/[a-z]/.test(char)) return char.charCodeAt(0) - 87;
  if (/[A-Z]/.test(char)) return char.charCodeAt(0) - (base <= 36 ? 55 : 29);
  return char === "@" ? 62 : char === "_" ? 63 : 99;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = BigInt.asUintN(WORD, exponent); left > 0n; left >>= 1n) {
    if (left & 1n) result = wrap(result * square);
    square = wrap(square * square);
  }
  return result;
}

const BASH: Readonly<Record<Failing, string>> = {
  operand: "arithmetic syntax error: operand expected",
  operator: "arithmetic syntax error: invalid arithmetic operator",
  expression: "arithmetic syntax error in expression",
  division: "division by 0",
  base: "value too great for base",
  assignment: "attempted assignment to non-variable",
  recursion: "expression recursion level exceeded",
  exponent: "exponent less than 0",
  missing: "missing `)'",
  colon: "`:' expected for conditional expression",
  number: "invalid arithmetic base",
};

/** dash names what it was looking for. */
function dashMessage(what: Failing): string {
  if (what === "division") return "division by zero";
  if (what === "missing") return "expecting ')'";
  if (what === "colon") return "expecting ':'";
  return what === "expression" || what === "operator" ? "expecting EOF" : "expecting primary";
}

/** The value of an expression, or what the shell says of it. */
export function evaluate(expression: string, scope: ArithmeticScope, dialect: Dialect): bigint | ArithmeticError {
  try {
    return new Evaluator(expression, scope, dialect, 0).whole();
  } catch (thrown) {
    if (!(thrown instanceof Thrown)) throw thrown;
    const { what, token } = thrown;
    if (dialect === "ash") return new ArithmeticError(what === "division" ? "divide by zero" : "arithmetic syntax error");
    if (dialect === "dash") return new ArithmeticError(`arithmetic expression: ${dashMessage(what)}: "${expression}"`);
    return new ArithmeticError(`${expression.trimStart()}: ${BASH[what]} (error token is "${token}")`);
  }
}
