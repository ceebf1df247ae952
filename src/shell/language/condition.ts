/** [[ … ]]: conditions whose right sides may be patterns and regular expressions (bash's execute_cond). */
import type { Op } from "../../kernel/task.ts";
import { Regex } from "../regex.ts";
import { ArithmeticError } from "./arithmetic.ts";
import type { Condition } from "./ast.ts";
import { ExpansionError } from "./expand/scope.ts";
import { expandToPattern, expandToText, piecesOf } from "./expand/words.ts";
import type { Interpreter } from "./interpreter.ts";
import { Pattern } from "./pattern.ts";
import type { Streams } from "./streams.ts";
import { compareFiles, unaryTest } from "./test.ts";

/** The truth of a condition, or what is wrong with a regular expression in it. */
export function* holds(condition: Condition, shell: Interpreter, streams: Streams, trace: (text: string) => void): Op<boolean | string> {
  switch (condition.kind) {
    case "and":
    case "or": {
      const left = yield* holds(condition.left, shell, streams, trace);
      if (typeof left === "string" || left === (condition.kind === "or")) return left;
      return yield* holds(condition.right, shell, streams, trace);
    }
    case "not": {
      const value = yield* holds(condition.operand, shell, streams, trace);
      return typeof value === "string" ? value : !value;
    }
    case "word": {
      const text = yield* expandToText(condition.word, shell);
      if (shell.option("xtrace")) trace(`[[ -n ${text} ]]`);
      return text !== "";
    }
    case "unary": {
      const operand = yield* expandToText(condition.operand, shell);
      if (shell.option("xtrace")) trace(`[[ ${condition.operator} ${operand} ]]`);
      const value = unaryTest(condition.operator, operand, { fs: shell.fs, cwd: shell.cwd, streams, scope: shell });
      return value ?? `${condition.operator}: unary operator expected`;
    }
    case "binary":
      return yield* binary(condition, shell, trace);
  }
}

function* binary(
  condition: Extract<Condition, { kind: "binary" }>,
  shell: Interpreter,
  trace: (text: string) => void,
): Op<boolean | string> {
  const { operator } = condition;
  const left = yield* expandToText(condition.left, shell);
  const right = yield* expandToText(condition.right, shell);
  if (shell.option("xtrace")) trace(`[[ ${left} ${operator} ${right} ]]`);
  switch (operator) {
    case "=":
    case "==":
    case "!=":
      return new Pattern(yield* expandToPattern(condition.right, shell), shell.option("nocasematch")).matches(left) === (operator !== "!=");
    case "=~":
      return yield* matchesRegex(condition, left, shell);
    case "<":
      return left < right;
    case ">":
      return left > right;
  }
  const files = compareFiles(operator, left, right, shell);
  if (files !== undefined) return files;
  const [a, b] = [shell.evaluate(left), shell.evaluate(right)];
  for (const value of [a, b]) if (value instanceof ArithmeticError) throw new ExpansionError(`[[: ${value.message}`);
  const [x, y] = [a as bigint, b as bigint];
  return { "-eq": x === y, "-ne": x !== y, "-lt": x < y, "-le": x <= y, "-gt": x > y, "-ge": x >= y }[operator] ?? false;
}

/** What was quoted in a regular expression stands for itself; groups go to BASH_REMATCH. */
function* matchesRegex(condition: Extract<Condition, { kind: "binary" }>, left: string, shell: Interpreter): Op<boolean | string> {
  const pieces = yield* piecesOf(condition.right, shell);
  const source = pieces.map(({ text, quoted }) => (quoted ? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : text)).join("");
  const regex = Regex.compile(source, { extended: true, ignoreCase: shell.option("nocasematch") });
  if (!(regex instanceof Regex)) return `invalid regular expression \`${source}': ${regex.message}`;
  const match = regex.exec(left);
  const variable = shell.variables.declare("BASH_REMATCH");
  variable.text = undefined;
  variable.list = new Map((match?.groups ?? []).map((group, i) => [i, group ?? ""]));
  return match !== undefined;
}
