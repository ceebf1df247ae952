/** $(( … )): whole numbers with C's operators, as bash evaluates them. */

interface Variables {
  variable(name: string): string | undefined;
  assign(name: string, value: string): void;
}

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

class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The value, or bash's complaint. */
export function evaluate(expression: string, variables: Variables): number | string {
  const tokens = expression.match(/\d+|[A-Za-z_]\w*|\$\w+|\*\*|&&|\|\||[=!<>]=|<<|>>|\+\+|--|[-+*/%]=|[-+*/%<>=!~?:(),&|^]|\S/g) ?? [];
  let at = 0;
  let depth = 0;
  const peek = (): string | undefined => tokens[at];
  const take = (): string | undefined => tokens[at++];
  const numberIn = (name: string): number => Math.trunc(Number(variables.variable(name.replace(/^\$/, "")) ?? 0)) || 0;

  const ternary = (): number => {
    if (++depth > 100) throw new Failure("expression recursion level exceeded");
    const name = peek();
    const operator = tokens[at + 1];
    if (name !== undefined && /^[A-Za-z_]/.test(name) && operator !== undefined && /^([-+*/%]?=)$/.test(operator)) {
      at += 2;
      const right = ternary();
      const value = operator === "=" ? right : apply(operator[0] as string, numberIn(name), right);
      variables.assign(name, String(value));
      depth--;
      return value;
    }
    const test = binary(0);
    if (peek() !== "?") {
      depth--;
      return test;
    }
    take();
    const yes = ternary();
    if (take() !== ":") throw new Failure("`:' expected for conditional expression");
    const no = ternary();
    depth--;
    return test ? yes : no;
  };

  const binary = (level: number): number => {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    while (peek() !== undefined && operators.includes(peek() as string)) left = apply(take() as string, left, binary(level + 1));
    return left;
  };

  const unary = (): number => {
    const token = take();
    if (token === undefined) throw new Failure("syntax error: operand expected");
    if (token === "-") return -unary();
    if (token === "+") return unary();
    if (token === "!") return unary() ? 0 : 1;
    if (token === "~") return ~unary();
    if (token === "(") {
      const value = ternary();
      if (take() !== ")") throw new Failure("missing `)'");
      return value;
    }
    if (/^\d+$/.test(token)) return power(Number(token));
    if (/^\$?[A-Za-z_]\w*$/.test(token)) {
      const name = token.replace(/^\$/, "");
      if (peek() === "++" || peek() === "--") {
        const old = numberIn(name);
        variables.assign(name, String(old + (take() === "++" ? 1 : -1)));
        return old;
      }
      return power(numberIn(name));
    }
    throw new Failure(`syntax error: operand expected (error token is "${token}")`);
  };

  const power = (base: number): number => {
    if (peek() !== "**") return base;
    take();
    return base ** unary();
  };

  try {
    if (tokens.length === 0) return 0;
    const value = ternary();
    if (at < tokens.length) return `syntax error in expression (error token is "${tokens.slice(at).join(" ")}")`;
    return value;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case "||":
      return a || b ? 1 : 0;
    case "&&":
      return a && b ? 1 : 0;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case "<<":
      return a << b;
    case ">>":
      return a >> b;
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
    case "%":
      if (b === 0) throw new Failure("division by 0");
      return operator === "/" ? Math.trunc(a / b) : a % b;
    default:
      return 0;
  }
}
