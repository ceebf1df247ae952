/** What a builtin is: a command that the shell does itself, since it changes the shell. */
import type { Op } from "../../../kernel/task.ts";
import type { Dialect } from "../dialect.ts";
import type { Interpreter, Ready } from "../interpreter.ts";
import { Leave } from "../leave.ts";
import type { Streams } from "../streams.ts";

export interface Builtin {
  readonly name: string;
  /** Shells that have it; all when absent. */
  readonly dialects?: readonly Dialect[];
  /** POSIX's special ones (XCU 2.14): in dash and ash their failure ends a script. */
  readonly special?: boolean;
  /** `declared`: arguments that are assignments, expanded. */
  run(shell: Interpreter, words: readonly string[], streams: Streams, declared: readonly Ready[]): Op<number>;
}

type Immediate = (shell: Interpreter, words: readonly string[], streams: Streams, declared: readonly Ready[]) => number;

/** A builtin that answers at once. */
export const instant = (name: string, run: Immediate, more: Pick<Builtin, "dialects" | "special"> = {}): Builtin => ({
  name,
  ...more,
  // biome-ignore lint/correctness/useYield: answers at once
  *run(shell, words, streams, declared) {
    return run(shell, words, streams, declared);
  },
});

export const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A refused argument of a builtin: told, with the status that each shell has for it. */
export function refuse(shell: Interpreter, builtin: string, message: string, streams: Streams, status = 1): number {
  shell.error(message, streams, builtin);
  return failed(shell, builtin, status);
}

/** The status of a builtin that refused; a special one of a POSIX shell ends the script (XCU 2.8.1). */
export function failed(shell: Interpreter, builtin: string, status: number): number {
  if (shell.dialect === "bash") return status;
  if (!shell.interactive && shell.builtins.get(builtin)?.special) throw new Leave("exit", 0, 2);
  return 2;
}

/** "cd: -z: invalid option" and how the builtin is used. */
export function invalidOption(shell: Interpreter, builtin: string, option: string, usage: string, streams: Streams): number {
  if (shell.dialect === "bash") {
    shell.error(`${option}: invalid option`, streams, builtin);
    streams.stderr.write(`${builtin}: usage: ${usage}\n`);
  } else if (shell.dialect === "dash") shell.error(`Illegal option ${option}`, streams, builtin);
  else shell.error(`illegal option ${option}`, streams, builtin);
  return failed(shell, builtin, 2);
}

/** Short options in front of the operands; undefined when one is unknown (told). Those with ":" behind them take a value. */
export function options(
  shell: Interpreter,
  words: readonly string[],
  letters: string,
  usage: string,
  streams: Streams,
): { readonly on: ReadonlyMap<string, string>; readonly rest: readonly string[] } | undefined {
  const on = new Map<string, string>();
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") return { on, rest: words.slice(i + 1) };
    if (!/^-./.test(word)) return { on, rest: words.slice(i) };
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      const place = letter === ":" ? -1 : letters.indexOf(letter);
      if (place < 0) {
        invalidOption(shell, words[0] as string, `-${letter}`, usage, streams);
        return undefined;
      }
      if (letters[place + 1] !== ":") {
        on.set(letter, "");
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : words[++i];
      if (value === undefined) {
        shell.error(
          shell.dialect === "bash" ? `-${letter}: option requires an argument` : `No arg for -${letter} option`,
          streams,
          words[0],
        );
        return undefined;
      }
      on.set(letter, value);
      break;
    }
  }
  return { on, rest: [] };
}
