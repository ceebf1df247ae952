/** echo, printf, test and [. */
import { unescapeText } from "../../escapes.ts";
import { type PrintfProblem, printf } from "../../printf.ts";
import { formatTime } from "../../wall-clock.ts";
import type { Interpreter } from "../interpreter.ts";
import { backslashed } from "../quote.ts";
import type { Streams } from "../streams.ts";
import { testCommand } from "../test.ts";
import { type Builtin, instant, invalidOption, NAME, refuse } from "./builtin.ts";

/** Options -n, -e and -E are words of their own in front; dash knows only -n, and always reads escapes. */
export function echoText(words: readonly string[], dialect: "bash" | "dash" | "ash"): string {
  let rest = words;
  let newline = true;
  let escapes = dialect === "dash";
  const option = dialect === "dash" ? /^-n$/ : /^-[neE]+$/;
  while (rest[0] !== undefined && option.test(rest[0])) {
    for (const letter of rest[0].slice(1))
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    rest = rest.slice(1);
    if (dialect === "dash") break;
  }
  const text = rest.join(" ");
  if (!escapes) return newline ? `${text}\n` : text;
  const { text: plain, stopped } = unescapeText(text, "argument", { unicode: dialect === "bash" });
  return newline && !stopped ? `${plain}\n` : plain;
}

function say(shell: Interpreter, problem: PrintfProblem, streams: Streams): void {
  const { dialect } = shell;
  // BusyBox's applets run inside of its shell, under the shell's name.
  const busybox = (message: string): void => streams.stderr.write(`${shell.name}: ${message}\n`);
  switch (problem.kind) {
    case "too many":
      return;
    case "bad conversion":
      if (dialect === "bash") shell.error(`\`${problem.conversion.slice(-1) || "%"}': invalid format character`, streams, "printf");
      else if (dialect === "dash")
        shell.error(`${/^%[-+ #0']*[0-9]*(?:\.[0-9]*)?.?/s.exec(problem.conversion)?.[0]}: invalid directive`, streams, "printf");
      else busybox(`${problem.conversion}: invalid format`);
      return;
    default:
      if (dialect === "bash") shell.error(`${problem.word}: invalid number`, streams, "printf");
      else if (dialect === "dash")
        shell.error(
          `${problem.word}: ${problem.kind === "not a number" ? "expected numeric value" : "not completely converted"}`,
          streams,
          "printf",
        );
      else busybox(`invalid number '${problem.word}'`);
  }
}

function printFormatted(shell: Interpreter, words: readonly string[], streams: Streams): number {
  let rest = words.slice(1);
  let variable: string | undefined;
  const { dialect } = shell;
  if (dialect === "bash" && rest[0] === "-v") {
    variable = rest[1];
    rest = rest.slice(2);
    if (variable !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*(\[.*\])?$/s.test(variable))
      return refuse(shell, "printf", `\`${variable}': not a valid identifier`, streams, 2);
  }
  if (dialect === "dash" && /^-[^-]/.test(rest[0] ?? ""))
    return invalidOption(shell, "printf", (rest[0] as string).slice(0, 2), "", streams);
  if (rest[0] === "--") rest = rest.slice(1);
  const [format, ...args] = rest;
  if (format === undefined) {
    if (dialect === "bash") streams.stderr.write("printf: usage: printf [-v var] format [arguments]\n");
    else if (dialect === "dash") shell.error("usage: printf format [arg ...]", streams, "printf");
    else streams.stderr.write(`${shell.name}: usage: printf FORMAT [ARGUMENT...]\n`);
    return 2;
  }
  let text = "";
  let badConversion = false;
  const well = printf(format, args, {
    ...(dialect === "bash" && {
      quote: backslashed,
      time: (pattern: string, seconds: number) =>
        formatTime(shell.process.machine.kernel, pattern || "%X", seconds < 0 ? undefined : seconds),
    }),
    leadingDigits: dialect !== "ash",
    write: (piece) => {
      if (variable === undefined) streams.stdout.write(piece);
      else text += piece;
    },
    tell: (problem) => {
      badConversion ||= problem.kind === "bad conversion";
      say(shell, problem, streams);
    },
  });
  if (variable !== undefined) {
    const [, name = "", index] = /^([^[]*)(?:\[(.*)\])?$/s.exec(variable) ?? [];
    if (NAME.test(name)) shell.assign(name, index, text);
  }
  if (well) return 0;
  return dialect === "dash" && badConversion ? 2 : 1;
}

function test(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const result = testCommand(words, { fs: shell.fs, cwd: shell.cwd, streams, scope: shell }, shell.dialect);
  if (typeof result === "boolean") return result ? 0 : 1;
  if (shell.dialect === "ash") streams.stderr.write(`${shell.name}: ${result}\n`);
  else shell.error(result, streams, words[0]);
  return 2;
}

export const printBuiltins: readonly Builtin[] = [
  instant("echo", (shell, words, streams) => {
    streams.stdout.write(echoText(words.slice(1), shell.dialect));
    return 0;
  }),
  instant("printf", printFormatted),
  instant("test", test),
  instant("[", test),
  instant("[[", test, { dialects: ["ash"] }),
];
