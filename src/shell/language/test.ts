/** test, [ and [[: file, string and number conditions (POSIX test, bash's [[ for ==, =~, && and ||). */
import { FileError, type FileSystem, resolvePath } from "../../kernel/vfs.ts";
import { globSource } from "./expand.ts";

interface Surroundings {
  readonly fs: FileSystem;
  readonly cwd: string;
}

/** The truth of an expression, or what is wrong with it. `words[0]` tells which form it is. */
export function testCommand(words: readonly string[], around: Surroundings): boolean | string {
  const form = words[0] as string;
  let operands = words.slice(1);
  if (form === "[" || form === "[[") {
    const close = form === "[" ? "]" : "]]";
    if (operands.at(-1) !== close) return `missing \`${close}'`;
    operands = operands.slice(0, -1);
  }
  let at = 0;
  const or = (): boolean | string => {
    let value = and();
    while (operands[at] === "-o" || operands[at] === "||") {
      at++;
      const right = and();
      if (typeof right === "string") return right;
      value = value || right;
    }
    return value;
  };
  const and = (): boolean | string => {
    let value = not();
    while (operands[at] === "-a" || operands[at] === "&&") {
      at++;
      const right = not();
      if (typeof right === "string") return right;
      value = value && right;
    }
    return value;
  };
  const not = (): boolean | string => {
    if (operands[at] === "!" && operands.length > at + 1) {
      at++;
      const value = not();
      return typeof value === "string" ? value : !value;
    }
    if (operands[at] === "(" && operands.length > at + 1) {
      at++;
      const value = or();
      if (operands[at] !== ")") return "`)' expected";
      at++;
      return value;
    }
    return primary();
  };
  const primary = (): boolean | string => {
    const left = operands[at];
    if (left === undefined) return operands.length === 0 ? false : "argument expected";
    const operator = operands[at + 1];
    if (operator !== undefined && operands[at + 2] !== undefined && BINARY.has(operator)) {
      const right = operands[at + 2] as string;
      at += 3;
      return compare(left, operator, right, form === "[[");
    }
    if (/^-[a-zA-Z]$/.test(left) && operator !== undefined) {
      at += 2;
      return unary(left, operator, around);
    }
    at++;
    return left !== "";
  };
  if (operands.length > 2000) return "too many arguments";
  const value = or();
  if (typeof value === "boolean" && at < operands.length)
    return operands.length > 2 ? "too many arguments" : `${operands[at]}: unary operator expected`;
  return value;
}

const BINARY = new Set(["=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

function compare(left: string, operator: string, right: string, extended: boolean): boolean | string {
  switch (operator) {
    case "=":
    case "==":
    case "!=": {
      const same = extended ? new RegExp(`^${globSource(right, true)}$`, "s").test(left) : left === right;
      return (operator === "!=") !== same;
    }
    case "=~":
      try {
        return new RegExp(right).test(left);
      } catch {
        return `${right}: invalid regular expression`;
      }
    case "<":
      return left < right;
    case ">":
      return left > right;
  }
  for (const one of [left, right]) if (!/^\s*-?\d+\s*$/.test(one)) return `${one}: integer expression expected`;
  const difference = Number(left) - Number(right);
  return (
    {
      "-eq": difference === 0,
      "-ne": difference !== 0,
      "-lt": difference < 0,
      "-le": difference <= 0,
      "-gt": difference > 0,
      "-ge": difference >= 0,
    }[operator] ?? false
  );
}

function unary(operator: string, operand: string, { fs, cwd }: Surroundings): boolean | string {
  const path = resolvePath(cwd, operand);
  switch (operator) {
    case "-z":
      return operand === "";
    case "-n":
      return operand !== "";
    case "-e":
      return fs.exists(path);
    case "-f":
      return fs.exists(path) && !fs.isDirectory(path);
    case "-d":
      return fs.isDirectory(path);
    case "-s": {
      const text = fs.read(path);
      return !(text instanceof FileError) && text !== "";
    }
    case "-r":
    case "-w":
      return fs.exists(path);
    case "-x":
      return fs.isDirectory(path);
    case "-t":
    case "-L":
    case "-h":
      return false;
    default:
      return `${operator}: unary operator expected`;
  }
}
