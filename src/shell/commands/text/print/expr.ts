/** expr: an expression whose words are arguments (POSIX expr; GNU's length, substr, index and match). */
import type { Command } from "../../../command.ts";
import { Regex } from "../../../regex.ts";
import { type Call, instantTool } from "../tool.ts";

class ExprError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type Value = bigint | string;

const text = (value: Value): string => String(value);
/** A whole number, or undefined when the value is none. */
const whole = (value: Value): bigint | undefined => (typeof value === "bigint" ? value : /^-?\d+$/.test(value) ? BigInt(value) : undefined);
const isNull = (value: Value): boolean => /^-?0*$/.test(text(value)) && text(value) !== "-";

const LEVELS: readonly (readonly string[])[] = [["|"], ["&"], ["<", "<=", "=", "==", "!=", ">=", ">"], ["+", "-"], ["*", "/", "%"], [":"]];
/** How deep brackets may nest. */
const MAX_DEPTH = 100;

class Evaluator {
  readonly #words: readonly string[];
  readonly #busybox: boolean;
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], busybox: boolean) {
    this.#words = words;
    this.#busybox = busybox;
  }

  whole(): Value {
    const value = this.#level(0);
    if (this.#at < this.#words.length) throw this.#wrong(`unexpected argument '${this.#words[this.#at]}'`);
    return value;
  }

  #wrong(detail: string): ExprError {
    return new ExprError(this.#busybox ? "syntax error" : `syntax error: ${detail}`);
  }

  #level(level: number): Value {
    const operators = LEVELS[level];
    if (!operators) return this.#operand();
    let left = this.#level(level + 1);
    for (let word = this.#words[this.#at]; word !== undefined && operators.includes(word); word = this.#words[this.#at]) {
      this.#at++;
      left = this.#apply(word, left, this.#level(level + 1));
    }
    return left;
  }

  #apply(operator: string, left: Value, right: Value): Value {
    if (operator === "|") return isNull(left) ? (isNull(right) ? 0n : right) : left;
    if (operator === "&") return isNull(left) || isNull(right) ? 0n : left;
    if (operator === ":") return this.#match(text(left), text(right));
    const [a, b] = [whole(left), whole(right)];
    if (LEVELS[2]?.includes(operator)) {
      const numbers = a !== undefined && b !== undefined;
      const less = numbers ? a < b : text(left) < text(right);
      const same = numbers ? a === b : text(left) === text(right);
      const holds = { "<": less, "<=": less || same, "=": same, "==": same, "!=": !same, ">=": !less, ">": !less && !same }[operator];
      return holds ? 1n : 0n;
    }
    if (a === undefined || b === undefined) throw new ExprError(this.#busybox ? "non-numeric argument" : "non-integer argument");
    if (operator === "+") return a + b;
    if (operator === "-") return a - b;
    if (operator === "*") return this.#bounded(a * b);
    if (b === 0n) throw new ExprError("division by zero");
    return operator === "/" ? a / b : a % b;
  }

  /** GNU's numbers have no end; here they have enough digits for anybody. */
  #bounded(value: bigint): bigint {
    if (value > 10n ** 400n || value < -(10n ** 400n)) throw new ExprError("the number is too long here");
    return value;
  }

  /** How long the match is from the start on, or what the first group holds. */
  #match(subject: string, pattern: string): Value {
    const regex = Regex.compile(pattern, { extended: false });
    if (!(regex instanceof Regex)) throw new ExprError(regex.message);
    const found = regex.exec(subject);
    const match = found?.start === 0 ? found : undefined;
    if (regex.groups > 0) return match?.groups[1] ?? "";
    return BigInt(match ? [...subject.slice(0, match.end)].length : 0);
  }

  #operand(): Value {
    const word = this.#words[this.#at];
    const before = this.#words[this.#at - 1];
    if (word === undefined) {
      if (this.#busybox && before === undefined) throw new ExprError("too few arguments");
      throw this.#wrong(before === undefined ? "missing argument" : `missing argument after '${before}'`);
    }
    this.#at++;
    if (word === "(") {
      if (++this.#depth > MAX_DEPTH) throw new ExprError("nested too deeply");
      const value = this.#level(0);
      this.#depth--;
      if (this.#words[this.#at] === undefined) throw this.#wrong(`expecting ')' after '${this.#words[this.#at - 1]}'`);
      if (this.#words[this.#at] !== ")") throw this.#wrong(`expecting ')' instead of '${this.#words[this.#at]}'`);
      this.#at++;
      return value;
    }
    if (word === ")") throw this.#wrong(`unexpected '${word}'`);
    if (this.#words[this.#at] === undefined) return word;
    switch (word) {
      case "+":
        return this.#busybox ? word : (this.#words[this.#at++] as string);
      case "length":
        return BigInt([...text(this.#operand())].length);
      case "match":
        return this.#match(text(this.#operand()), text(this.#operand()));
      case "index": {
        const [subject, chars] = [[...text(this.#operand())], text(this.#operand())];
        return BigInt(subject.findIndex((char) => chars.includes(char)) + 1);
      }
      case "substr": {
        const subject = [...text(this.#operand())];
        const [from, length] = [whole(this.#operand()), whole(this.#operand())];
        if (from === undefined || length === undefined || from < 1n || length < 1n) return "";
        return subject.slice(Number(from) - 1, Number(from + length) - 1).join("");
      }
    }
    return word;
  }
}

function run(call: Call): number {
  const words = call.operands;
  if (words.length === 0) return call.busybox ? call.fail("too few arguments", 2) : call.misuse("missing operand", 2);
  try {
    const value = new Evaluator(words, call.busybox).whole();
    call.print(`${value}\n`);
    return isNull(value) ? 1 : 0;
  } catch (thrown) {
    if (!(thrown instanceof ExprError)) throw thrown;
    return call.fail(thrown.message, 2);
  }
}

export const expr: Command = instantTool(
  {
    name: "expr",
    summary: "the value of an expression",
    short: "",
    synopsis: "EXPRESSION",
    usageStatus: 2,
    // Every word but a lone --help belongs to the expression.
    prepare: (words) => (words[0] === "--" ? words : words.length === 1 && words[0] === "--help" ? words : ["--", ...words]),
  },
  run,
);
