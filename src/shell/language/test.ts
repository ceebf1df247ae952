/** test and [: file, string and number conditions, as bash, dash and BusyBox each evaluate and refuse them. */
import { FileError, type FileSystem, resolvePath } from "../../kernel/vfs.ts";
import { Regex } from "../regex.ts";
import type { Dialect } from "./dialect.ts";
import type { Scope } from "./expand/scope.ts";
import { Pattern } from "./pattern.ts";
import type { Streams } from "./streams.ts";
import type { Variables } from "./variables.ts";

export interface TestSurroundings {
  readonly fs: FileSystem;
  readonly cwd: string;
  readonly streams: Streams;
  /** For -v and -o; absent in the program `test`. */
  readonly scope?: Pick<Scope, "variables" | "option">;
}

/** Conditions on one operand; undefined when the operator is none. */
export function unaryTest(operator: string, operand: string, { fs, cwd, streams, scope }: TestSurroundings): boolean | undefined {
  const path = resolvePath(cwd, operand);
  const status = (): ReturnType<FileSystem["status"]> => fs.status(path);
  switch (operator) {
    case "-z":
      return operand === "";
    case "-n":
      return operand !== "";
    case "-a":
    case "-e":
      return operand !== "" && fs.exists(path);
    case "-f":
      return fs.exists(path) && !fs.isDirectory(path) && !isDevice(fs, path);
    case "-d":
      return operand !== "" && fs.isDirectory(path);
    case "-c":
      return isDevice(fs, path);
    case "-s": {
      const text = fs.read(path);
      return fs.isDirectory(path) || (!(text instanceof FileError) && text !== "");
    }
    case "-r":
    case "-w":
    case "-O":
    case "-G":
      return fs.exists(path);
    case "-x":
      return fs.isDirectory(path) || fs.isExecutable(path);
    case "-L":
    case "-h": {
      const found = status();
      return !(found instanceof FileError) && found.kind === "link";
    }
    case "-t": {
      const stream = [streams.stdin, streams.stdout, streams.stderr][Number(operand)];
      return stream !== undefined && stream === streams.tty;
    }
    case "-b":
    case "-p":
    case "-S":
    case "-g":
    case "-k":
    case "-u":
    case "-N":
      return false;
    case "-v":
      return scope ? isSet(operand, scope.variables) : undefined;
    case "-R":
      return scope ? false : undefined;
    case "-o":
      return scope ? scope.option(operand) : undefined;
    default:
      return undefined;
  }
}

/** -v: a variable, or an element of one; an array by its name alone is its element 0. */
function isSet(operand: string, variables: Variables): boolean {
  const element = /^(\w+)\[(.*)\]$/s.exec(operand);
  if (!element) return variables.textOf(operand) !== undefined;
  const [, name, key] = element as unknown as [string, string, string];
  if (key === "@" || key === "*") return variables.elements(name).length > 0;
  const place = /^-\d+$/.test(key) ? String(Number(variables.keys(name).at(-1) ?? -1) + 1 + Number(key)) : key;
  return variables.keys(name).includes(place);
}

const isDevice = (fs: FileSystem, path: string): boolean => {
  const status = fs.status(path);
  return !(status instanceof FileError) && status.kind === "device";
};

/** -nt, -ot and -ef; undefined for any other operator. */
export function compareFiles(
  operator: string,
  left: string,
  right: string,
  { fs, cwd }: Pick<TestSurroundings, "fs" | "cwd">,
): boolean | undefined {
  const [a, b] = [resolvePath(cwd, left), resolvePath(cwd, right)];
  switch (operator) {
    case "-ef":
      return fs.exists(a) && a === b;
    case "-nt":
      return fs.exists(a) && (!fs.exists(b) || fs.modified(a) > fs.modified(b));
    case "-ot":
      return fs.exists(b) && (!fs.exists(a) || fs.modified(a) < fs.modified(b));
    default:
      return undefined;
  }
}

const BINARY = new Set(["=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]);
const UNARY = /^-[abcdefghknoprstuvwxzGLNOSR]$/;
const MAX_OPERANDS = 2000;

class Refused {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

class Reader {
  readonly #words: readonly string[];
  readonly #around: TestSurroundings;
  readonly #dialect: Dialect;
  /** BusyBox's [[: right sides are patterns and regular expressions. */
  readonly #extended: boolean;
  #at = 0;
  #depth = 0;

  constructor(words: readonly string[], around: TestSurroundings, dialect: Dialect, extended: boolean) {
    this.#extended = extended;
    this.#words = words;
    this.#around = around;
    this.#dialect = dialect;
  }

  whole(): boolean {
    const { length } = this.#words;
    if (length > MAX_OPERANDS) throw new Refused("too many arguments");
    if (length === 0) return false;
    const value = length <= 4 ? this.#byCount(this.#words) : this.#or();
    if (length > 4 && this.#at < length) throw this.#left();
    return value;
  }

  /** POSIX tells what is meant by the number of operands alone. */
  #byCount(words: readonly string[]): boolean {
    const [first = "", second = "", third = ""] = words;
    switch (words.length) {
      case 0:
        return false;
      case 1:
        return first !== "";
      case 2: {
        if (first === "!") return second === "";
        const value = UNARY.test(first) ? unaryTest(first, second, this.#around) : undefined;
        if (value === undefined) throw this.#notUnary(first, second);
        return value;
      }
      case 3:
        if (BINARY.has(second)) return this.#compare(first, second, third);
        if (second === "-a") return first !== "" && third !== "";
        if (second === "-o") return first !== "" || third !== "";
        if (first === "!") return !this.#byCount([second, third]);
        if (first === "(" && third === ")") return second !== "";
        throw this.#notBinary(second);
      default: {
        if (first === "!") return !this.#byCount(words.slice(1));
        if (first === "(" && words[3] === ")") return this.#byCount([second, third]);
        const value = this.#or();
        if (this.#at < words.length) throw this.#left();
        return value;
      }
    }
  }

  #notUnary(first: string, second: string): Refused {
    if (this.#dialect === "ash") return new Refused(`${second}: unknown operand`);
    return new Refused(`${first}: ${this.#dialect === "dash" ? "unexpected operator" : "unary operator expected"}`);
  }

  #notBinary(second: string): Refused {
    if (this.#dialect === "ash") return new Refused(`${second}: unknown operand`);
    if (this.#dialect === "dash") return new Refused(`${second}: unexpected operator`);
    return new Refused(`${second}: binary operator expected`);
  }

  #left(): Refused {
    const word = this.#words[this.#at] as string;
    if (this.#dialect === "ash") return new Refused(`${word}: unknown operand`);
    return new Refused(this.#dialect === "dash" ? `${this.#words[this.#at - 1]}: unexpected operator` : "too many arguments");
  }

  #peek(ahead = 0): string | undefined {
    return this.#words[this.#at + ahead];
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#peek() === "-o") {
      this.#at++;
      const right = this.#and();
      value = value || right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#peek() === "-a") {
      this.#at++;
      const right = this.#not();
      value = value && right;
    }
    return value;
  }

  #not(): boolean {
    if (++this.#depth > 100) throw new Refused("too many arguments");
    if (this.#peek() !== "!" || this.#at + 1 >= this.#words.length) return this.#primary();
    this.#at++;
    return !this.#not();
  }

  #primary(): boolean {
    const word = this.#peek();
    if (word === undefined) throw new Refused("argument expected");
    const operator = this.#peek(1);
    if (word === "(") {
      this.#at++;
      const value = this.#or();
      if (this.#peek() !== ")") throw new Refused(this.#dialect === "bash" ? "`)' expected" : "closing paren expected");
      this.#at++;
      return value;
    }
    const third = this.#peek(2);
    if (operator !== undefined && third !== undefined && BINARY.has(operator)) {
      this.#at += 3;
      return this.#compare(word, operator, third);
    }
    if (UNARY.test(word) && operator !== undefined) {
      this.#at += 2;
      return unaryTest(word, operator, this.#around) ?? operator !== "";
    }
    this.#at++;
    return word !== "";
  }

  #compare(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case "=":
      case "==":
        return this.#extended ? new Pattern(right).matches(left) : left === right;
      case "!=":
        return this.#extended ? !new Pattern(right).matches(left) : left !== right;
      case "<":
        return left < right;
      case ">":
        return left > right;
      case "=~": {
        const regex = this.#extended ? Regex.compile(right, { extended: true }) : undefined;
        if (!(regex instanceof Regex)) throw regex ? new Refused(`bad regex '${right}': ${regex.message}`) : this.#notBinary(operator);
        return regex.test(left);
      }
    }
    const files = compareFiles(operator, left, right, this.#around);
    if (files !== undefined) return files;
    const [a, b] = [this.#integer(left), this.#integer(right)];
    switch (operator) {
      case "-eq":
        return a === b;
      case "-ne":
        return a !== b;
      case "-lt":
        return a < b;
      case "-le":
        return a <= b;
      case "-gt":
        return a > b;
      default:
        return a >= b;
    }
  }

  #integer(text: string): bigint {
    if (/^\s*[-+]?\d{1,30}\s*$/.test(text)) return BigInt(text.trim().replace(/^\+/, ""));
    const said = { bash: `${text}: integer expected`, dash: `Illegal number: ${text}`, ash: `${text}: bad number` };
    throw new Refused(said[this.#dialect]);
  }
}

/** The truth of an expression, or what is wrong with it. `words[0]` is "test" or "[". */
export function testCommand(words: readonly string[], around: TestSurroundings, dialect: Dialect): boolean | string {
  let operands = words.slice(1);
  const close = { "[": "]", "[[": "]]" }[words[0] as string];
  if (close !== undefined) {
    if (operands.at(-1) !== close) return dialect === "bash" ? `missing \`${close}'` : `missing ${close}`;
    operands = operands.slice(0, -1);
  }
  try {
    return new Reader(operands, around, dialect, words[0] === "[[").whole();
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.message;
    throw thrown;
  }
}
