/** Commands that are made of others: groups, subshells, conditions and loops, as they run once they are redirected. */
import type { Op } from "../../kernel/task.ts";
import { ArithmeticError } from "./arithmetic.ts";
import type { Command, List, SimpleCommand, Word } from "./ast.ts";
import { holds } from "./condition.ts";
import { expandToPattern, expandToText, expandWord } from "./expand/words.ts";
import type { Context, Interpreter } from "./interpreter.ts";
import { Leave } from "./leave.ts";
import { menuOf } from "./menu.ts";
import { Pattern } from "./pattern.ts";
import { andOrText } from "./print.ts";
import type { Streams } from "./streams.ts";

export type CompoundCommand = Exclude<Command, SimpleCommand | { readonly kind: "function" }>;

/** Runs a command that is made of others, its redirections done. */
export function* runCompound(shell: Interpreter, command: CompoundCommand, context: Context): Op<number> {
  const { streams } = context;
  const testing: Context = { ...context, tested: true, final: false };
  switch (command.kind) {
    case "group":
      return yield* shell.list(command.body, context);
    case "subshell":
      return yield* runSubshell(shell, command, streams);
    case "if":
      for (const branch of command.branches)
        if ((yield* shell.list(branch.test, testing)) === 0) return yield* shell.list(branch.body, context);
      return command.otherwise ? yield* shell.list(command.otherwise, context) : 0;
    case "while":
      return yield* runLoop(shell, command.body, context, function* (): Op<boolean> {
        return ((yield* shell.list(command.test, testing)) === 0) !== command.until;
      });
    case "for":
      return yield* runFor(shell, command, context);
    case "for-arithmetic":
      return yield* runForArithmetic(shell, command, context);
    case "case":
      return yield* runCase(shell, command, context);
    case "arithmetic": {
      const text = yield* expandToText(command.expression, shell);
      if (shell.option("xtrace")) shell.trace(`(( ${command.expression.raw} ))`, streams);
      const value = shell.evaluate(text);
      if (!(value instanceof ArithmeticError)) return value === 0n ? 1 : 0;
      shell.error(`((: ${value.message}`, streams);
      return 1;
    }
    case "condition": {
      const result = yield* holds(command.condition, shell, streams, (text) => shell.trace(text, streams));
      if (typeof result === "boolean") return result ? 0 : 1;
      shell.error(`[[: ${result}`, streams);
      return 2;
    }
  }
}

function* runSubshell(shell: Interpreter, command: Extract<Command, { readonly kind: "subshell" }>, streams: Streams): Op<number> {
  const child = shell.fork(streams, (shell) => shell.runTree(command.body));
  const line = (): string => andOrText({ first: { commands: [command], negated: false, timed: "" }, rest: [], background: false });
  return yield* shell.inForeground({ children: [child], line }, shell.waitFor(child));
}

function* runFor(shell: Interpreter, command: Extract<Command, { readonly kind: "for" }>, context: Context): Op<number> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(command.name)) {
    shell.error(`\`${command.name}': not a valid identifier`, context.streams);
    return 1;
  }
  const words: string[] = [];
  if (command.words) for (const word of command.words) words.push(...(yield* expandWord(word, shell)));
  else words.push(...shell.positional);
  if (command.asks) return yield* runSelect(shell, command, words, context);
  let at = 0;
  return yield* runLoop(shell, command.body, context, function* (): Op<boolean> {
    const next = words[at++];
    if (next === undefined) return false;
    if (shell.option("xtrace"))
      shell.trace(`for ${command.name} in ${(command.words ?? []).map((word) => word.raw).join(" ") || '"$@"'}`, context.streams);
    shell.assign(command.name, undefined, next);
    return true;
  });
}

/** Shows the words with their numbers, and runs the body for each answer until there is none. */
function* runSelect(
  shell: Interpreter,
  command: Extract<Command, { readonly kind: "for" }>,
  words: readonly string[],
  context: Context,
): Op<number> {
  if (words.length === 0) return 0;
  const { stderr, stdin } = context.streams;
  let ended = false;
  let shows = true;
  const status = yield* runLoop(shell, command.body, context, function* (): Op<boolean> {
    for (;;) {
      if (shows) stderr.write(menuOf(words, Number(shell.parameter("COLUMNS")) || 80));
      stderr.write(shell.parameter("PS3") ?? "#? ");
      const reply = yield* stdin.readLine();
      if (reply === undefined) {
        stderr.write("\n");
        ended = true;
        return false;
      }
      shows = reply === "";
      if (shows) continue;
      shell.assign("REPLY", undefined, reply);
      shell.assign(command.name, undefined, (/^\d+$/.test(reply) && words[Number(reply) - 1]) || "");
      return true;
    }
  });
  return ended ? 1 : status;
}

function* runForArithmetic(
  shell: Interpreter,
  command: Extract<Command, { readonly kind: "for-arithmetic" }>,
  context: Context,
): Op<number> {
  const [first, test, step] = command.expressions;
  const compute = function* (expression: Word): Op<bigint | undefined> {
    const value = shell.evaluate(yield* expandToText(expression, shell));
    if (!(value instanceof ArithmeticError)) return value;
    shell.error(`((: ${value.message}`, context.streams);
    return undefined;
  };
  if ((yield* compute(first)) === undefined) return 1;
  let begun = false;
  return yield* runLoop(shell, command.body, context, function* (): Op<boolean> {
    if (begun && (yield* compute(step)) === undefined) return false;
    begun = true;
    if (test.raw.trim() === "") return true;
    return ((yield* compute(test)) ?? 0n) !== 0n;
  });
}

function* runCase(shell: Interpreter, command: Extract<Command, { readonly kind: "case" }>, context: Context): Op<number> {
  if (shell.option("xtrace")) shell.trace(`case ${command.subject.raw} in`, context.streams);
  const subject = yield* expandToText(command.subject, shell);
  let falling = false;
  let status = 0;
  for (const arm of command.arms) {
    let matched: boolean = falling;
    for (let i = 0; i < arm.patterns.length && !matched; i++)
      matched = new Pattern(yield* expandToPattern(arm.patterns[i] as Word, shell)).matches(subject);
    if (!matched) continue;
    status = arm.body.length === 0 ? 0 : yield* shell.list(arm.body, context);
    if (arm.end === ";;") return status;
    falling = arm.end === ";&";
  }
  return status;
}

function* runLoop(shell: Interpreter, body: List, context: Context, again: () => Op<boolean>): Op<number> {
  let status = 0;
  const inside: Context = { ...context, final: false };
  shell.loopDepth++;
  try {
    while (yield* again()) {
      if (shell.effort.spend()) yield* shell.effort.rest();
      try {
        status = yield* shell.list(body, inside);
      } catch (thrown) {
        if (!(thrown instanceof Leave) || (thrown.kind !== "break" && thrown.kind !== "continue")) throw thrown;
        status = thrown.status;
        if (thrown.levels > 1 && shell.loopDepth > 1) throw new Leave(thrown.kind, thrown.levels - 1, status);
        if (thrown.kind === "break") break;
      }
    }
  } finally {
    shell.loopDepth--;
  }
  return status;
}
