/** Trees as bash writes them back (print_cmd.c): job lines, `type` and `declare -f`. */
import type { AndOr, Assignment, Command, Condition, List, Pipeline, Redirection, Word } from "./ast.ts";

const textOf = (word: Word | Assignment): string => word.raw;

function redirectionText({ fd, operator, target }: Redirection): string {
  const from = fd === undefined ? "" : String(fd);
  if (operator === ">&" || operator === "<&") return `${from}${operator}${target.raw}`;
  return `${from}${operator}${operator === "<<" || operator === "<<-" ? "" : " "}${target.raw}`;
}

const pipelineText = ({ negated, timed, commands }: Pipeline, depth = 0): string =>
  `${timed === "" ? "" : `${timed} `}${negated ? "! " : ""}${commands.map((command) => commandText(command, depth)).join(" | ")}`;

export const andOrText = ({ first, rest }: AndOr, depth = 0): string =>
  pipelineText(first, depth) + rest.map(({ operator, pipeline }) => ` ${operator} ${pipelineText(pipeline, depth)}`).join("");

/** On one line, as a job is listed. */
function inline(list: List, depth: number): string {
  return list.map((one, i) => `${andOrText(one, depth)}${one.background ? " &" : i < list.length - 1 ? ";" : ""}`).join(" ");
}

/** How many functions are being written, one in the other: only there does each command get a line (inside_function_def). */
let functionsAround = 0;

/** The body of a compound command, indented by `depth` steps of four; what follows an & stays on its line. */
function lines(list: List, depth: number): string {
  const indent = "    ".repeat(depth);
  let text = indent;
  for (const [i, one] of list.entries()) {
    text += andOrText(one, depth);
    const last = i === list.length - 1;
    if (one.background) text += last ? " &" : " & ";
    else if (!last) text += functionsAround > 0 ? `;\n${indent}` : "; ";
  }
  return text;
}

function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case "word":
      return condition.word.raw;
    case "unary":
      return `${condition.operator} ${condition.operand.raw}`;
    case "binary":
      return `${condition.left.raw} ${condition.operator} ${condition.right.raw}`;
    case "not":
      return `! ${conditionText(condition.operand)}`;
    default:
      return `${conditionText(condition.left)} ${condition.kind === "and" ? "&&" : "||"} ${conditionText(condition.right)}`;
  }
}

function commandText(command: Command, depth = 0): string {
  const indent = "    ".repeat(depth);
  const redirections = "redirections" in command ? command.redirections.map((one) => ` ${redirectionText(one)}`).join("") : "";
  switch (command.kind) {
    case "simple":
      return `${[...command.assignments, ...command.words].map(textOf).join(" ")}${redirections}`.trimStart();
    case "group":
      return `{ \n${lines(command.body, depth + 1)}\n${indent}}${redirections}`;
    case "subshell":
      return `( ${lines(command.body, depth).trimStart()} )${redirections}`;
    case "if": {
      const [first, ...others] = command.branches;
      const branch = (test: List, body: List): string => `${inline(test, depth)}; then\n${lines(body, depth + 1)};\n`;
      const elses = others.map(({ test, body }) => `${indent}elif ${branch(test, body)}`).join("");
      const last = command.otherwise ? `${indent}else\n${lines(command.otherwise, depth + 1)};\n` : "";
      return `if ${first ? branch(first.test, first.body) : ""}${elses}${last}${indent}fi${redirections}`;
    }
    case "while":
      return `${command.until ? "until" : "while"} ${inline(command.test, depth)}; do\n${lines(command.body, depth + 1)};\n${indent}done${redirections}`;
    case "for":
      return `${command.asks ? "select" : "for"} ${command.name} in ${(command.words ?? []).map(textOf).join(" ") || '"$@"'};\n${indent}do\n${lines(command.body, depth + 1)};\n${indent}done${redirections}`;
    case "for-arithmetic":
      return `for ((${command.expressions.map((one) => one.raw.trim()).join("; ")}))\n${indent}do\n${lines(command.body, depth + 1)};\n${indent}done${redirections}`;
    case "case": {
      const arms = command.arms.map(
        ({ patterns, body, end }) =>
          `${indent}    ${patterns.map(textOf).join(" | ")})\n${body.length > 0 ? lines(body, depth + 2) : ""}\n${indent}    ${end}\n`,
      );
      return `case ${command.subject.raw} in \n${arms.join("")}${indent}esac${redirections}`;
    }
    case "arithmetic":
      return `((${command.expression.raw}))${redirections}`;
    case "condition":
      return `[[ ${conditionText(command.condition)} ]]${redirections}`;
    case "function":
      return functionText(command.name, command.body, depth);
  }
}

/** A function as `type` and `declare -f` show it. */
export function functionText(name: string, body: Command, depth = 0): string {
  const indent = "    ".repeat(depth);
  functionsAround++;
  const inner = body.kind === "group" ? lines(body.body, depth + 1) : `${"    ".repeat(depth + 1)}${commandText(body, depth + 1)}`;
  functionsAround--;
  return `${name} () \n${indent}{ \n${inner}\n${indent}}`;
}
