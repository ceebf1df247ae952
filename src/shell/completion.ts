/** Tab on a terminal: commands, what each command knows to follow, variables, files. */
import type { Completion } from "../kernel/tty.ts";
import { FileError, resolvePath } from "../kernel/vfs.ts";
import type { Process } from "./command.ts";
import type { Interpreter } from "./language/interpreter.ts";
import { programsOf } from "./userland.ts";

const BREAKS = new Set(["|", "||", "&&", ";", "&", "(", "{", "do", "then", "else", "!", "$("]);

/** Candidates for the word at the cursor. */
export function completeLine(shell: Interpreter, line: string, cursor: number): Completion {
  const before = line.slice(0, cursor);
  const start =
    Math.max(before.lastIndexOf(" "), before.lastIndexOf("|"), before.lastIndexOf(";"), before.lastIndexOf("&"), before.lastIndexOf("(")) +
    1;
  const current = before.slice(start);
  const tokens = before.slice(0, start).match(/\|\||&&|\$\(|[|;&(){}]|[^\s|;&(){}]+/g) ?? [];
  const from = tokens.findLastIndex((token) => BREAKS.has(token)) + 1;
  const words = tokens.slice(from).filter((token, i) => i > 0 || !/^\w+=/.test(token));
  return { start, candidates: [...new Set(candidates(shell, words, current))].sort() };
}

function candidates(shell: Interpreter, words: readonly string[], current: string): readonly string[] {
  const { process } = shell;
  if (current.startsWith("$"))
    return shell.variables
      .names()
      .map((name) => `$${name} `)
      .filter((name) => name.startsWith(current));
  const matching = (names: readonly string[]): string[] =>
    names.filter((name) => name.startsWith(current)).map((name) => (/[=/:]$/.test(name) ? name : `${name} `));
  const first = words[0];
  if (first === undefined) {
    if (current.includes("/")) return files(process, current);
    return matching([...programsOf(process).keys(), ...shell.builtins.keys(), ...shell.functions.keys(), ...shell.aliases.keys()]);
  }
  const command = programsOf(process).get(first);
  const known = command?.complete?.({ process, words, current }) ?? [];
  const found = matching(known);
  return found.length > 0 ? found : files(process, current);
}

function files(process: Process, current: string): readonly string[] {
  const slash = current.lastIndexOf("/") + 1;
  const folder = current.slice(0, slash);
  const path = resolvePath(process.cwd, folder || ".");
  const names = process.fs.list(path);
  if (names instanceof FileError) return [];
  return names
    .filter((name) => name.startsWith(current.slice(slash)) && (current.slice(slash).startsWith(".") || !name.startsWith(".")))
    .map((name) => `${folder}${name}${process.fs.isDirectory(resolvePath(path, name)) ? "/" : " "}`);
}
