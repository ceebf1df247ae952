/** What leaves loops, functions and shells, and what does nothing: exit, return, break, continue, :, true, false. */
import type { Op } from "../../../kernel/task.ts";
import type { Interpreter } from "../interpreter.ts";
import { Leave } from "../leave.ts";
import type { Streams } from "../streams.ts";
import { type Builtin, instant, refuse } from "./builtin.ts";

/** A status given as a word; the shell's own when there is none. */
function statusOf(shell: Interpreter, builtin: string, word: string | undefined, streams: Streams): number | undefined {
  if (word === undefined) return shell.status;
  if (/^[-+]?\d+$/.test(word) && (shell.dialect === "bash" || /^\d+$/.test(word)))
    return Number(BigInt.asUintN(8, BigInt(word.replace("+", ""))));
  shell.error(shell.dialect === "bash" ? `${word}: numeric argument required` : `Illegal number: ${word}`, streams, builtin);
  return undefined;
}

// biome-ignore lint/correctness/useYield: answers at once
function* exit(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const status = statusOf(shell, "exit", words[1], streams);
  if (shell.dialect === "bash") {
    // A status that is none is wrong usage and goes on; one too many leaves with a failure (get_exitstat() of bash 5.3).
    if (status === undefined) return 2;
    if (words.length > 2) {
      refuse(shell, "exit", "too many arguments", streams);
      throw new Leave("exit", 0, 1);
    }
  }
  if (shell.interactive && shell.dialect === "bash") streams.stderr.write("exit\n");
  if (shell.interactive && !shell.mayLeave()) {
    tellStopped(shell, streams);
    return 1;
  }
  throw new Leave("exit", 0, status ?? 2);
}

/** What keeps somebody from leaving, once. */
export function tellStopped(shell: Interpreter, streams: Streams): void {
  streams.stderr.write(shell.dialect === "bash" ? "There are stopped jobs.\n" : "You have stopped jobs.\n");
}

// biome-ignore lint/correctness/useYield: answers at once
function* returning(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const status = statusOf(shell, "return", words[1], streams);
  const inside = shell.variables.inFunction || shell.sourced.length > 0;
  if (!inside && shell.dialect === "bash")
    return refuse(shell, "return", "can only `return' from a function or sourced script", streams, 2);
  throw new Leave(inside ? "return" : "exit", 0, status ?? 2);
}

const leaveLoop = (kind: "break" | "continue"): Builtin =>
  instant(
    kind,
    (shell, words, streams) => {
      const word = words[1];
      if (shell.loopDepth === 0) {
        if (shell.dialect === "bash") shell.error("only meaningful in a `for', `while', or `until' loop", streams, kind);
        return 0;
      }
      if (word !== undefined && !/^[-+]?\d+$/.test(word)) {
        refuse(shell, kind, shell.dialect === "bash" ? `${word}: numeric argument required` : `Illegal number: ${word}`, streams);
        throw new Leave("exit", 0, 2);
      }
      const levels = Number(word ?? 1);
      if (levels < 1) {
        refuse(shell, kind, shell.dialect === "bash" ? `${word}: loop count out of range` : `Illegal number: ${word}`, streams);
        throw new Leave("break", 1000, 1);
      }
      throw new Leave(kind, levels, 0);
    },
    { special: true },
  );

export const flowBuiltins: readonly Builtin[] = [
  instant(":", () => 0, { special: true }),
  instant("true", () => 0),
  instant("false", () => 1),
  { name: "exit", special: true, run: exit },
  { name: "return", special: true, run: returning },
  leaveLoop("break"),
  leaveLoop("continue"),
  instant("logout", (shell, _words, streams) => refuse(shell, "logout", "not login shell: use `exit'", streams), { dialects: ["bash"] }),
];
