/** history and HISTFILE (bash's history.def and bashhist.c). */
import { FileError, resolvePath } from "../../../kernel/vfs.ts";
import { openOutput } from "../../open.ts";
import { expandHistory, HistoryError } from "../history.ts";
import type { Interpreter } from "../interpreter.ts";
import { type Streams, stdioOf } from "../streams.ts";
import { type Builtin, instant, options, refuse } from "./builtin.ts";

const USAGE = "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]";

/** Where the lines of this shell are kept between conversations; undefined when nowhere. */
function historyFile(shell: Interpreter): string | undefined {
  const name = shell.dialect === "ash" ? ".ash_history" : ".bash_history";
  const path = shell.parameter("HISTFILE") ?? `${shell.parameter("HOME") ?? "/root"}/${name}`;
  return path === "" ? undefined : resolvePath(shell.cwd, path);
}

function linesIn(shell: Interpreter, path: string): readonly string[] | FileError {
  const text = shell.fs.read(path);
  return text instanceof FileError ? text : text.split("\n").filter((line) => line !== "");
}

/** Takes in the lines of earlier conversations. */
export function readHistory(shell: Interpreter): void {
  if (shell.dialect === "dash") return;
  const path = historyFile(shell);
  const lines = path === undefined ? [] : linesIn(shell, path);
  if (!(lines instanceof FileError)) shell.history.push(...lines);
  shell.historyKept = shell.history.length;
}

/** Adds the lines of this conversation to those of earlier ones. */
export function writeHistory(shell: Interpreter): void {
  const path = historyFile(shell);
  const lines = shell.history.slice(shell.historyKept);
  if (shell.dialect === "dash" || path === undefined || lines.length === 0) return;
  shell.fs.append(path, `${lines.join("\n")}\n`);
  shell.historyKept = shell.history.length;
}

/** Keeps a line, unless HISTCONTROL says not to. */
export function remember(shell: Interpreter, line: string): void {
  const control = (shell.parameter("HISTCONTROL") ?? "").split(":");
  const both = control.includes("ignoreboth");
  if ((both || control.includes("ignorespace")) && line.startsWith(" ")) return;
  if ((both || control.includes("ignoredups")) && shell.history.at(-1) === line) return;
  shell.history.push(line);
}

function list(shell: Interpreter, count: string | undefined, streams: Streams): number {
  if (count !== undefined && !/^\d+$/.test(count)) return refuse(shell, "history", `${count}: numeric argument required`, streams);
  const from = count === undefined ? 0 : Math.max(0, shell.history.length - Number(count));
  const width = shell.dialect === "ash" ? 4 : 5;
  for (const [i, line] of shell.history.entries())
    if (i >= from)
      streams.stdout.write(
        `${String(shell.dialect === "ash" ? i : i + 1).padStart(width)}${shell.dialect === "ash" ? " " : "  "}${line}\n`,
      );
  return 0;
}

/** `history -d 3`, `-d -1`, `-d 2-5`. */
function forget(shell: Interpreter, word: string, streams: Streams): number {
  const bad = (): number => refuse(shell, "history", `${word}: history position out of range`, streams);
  const match = /^(-?\d+)(?:-(-?\d+))?$/.exec(word);
  if (!match) return bad();
  const place = (text: string): number => (text.startsWith("-") ? shell.history.length + Number(text) : Number(text) - 1);
  const from = place(match[1] as string);
  const to = match[2] === undefined ? from : place(match[2]);
  if (from < 0 || to < from || to >= shell.history.length) return bad();
  shell.history.splice(from, to - from + 1);
  return 0;
}

function history(shell: Interpreter, words: readonly string[], streams: Streams): number {
  if (shell.dialect === "ash") return list(shell, words[1], streams);
  // Negative offsets are no options.
  const given = options(shell, words, "cd:anrwps", USAGE, streams);
  if (!given) return 2;
  const { on, rest } = given;
  if (on.has("c")) shell.history.length = 0;
  const place = on.get("d");
  if (place !== undefined) return forget(shell, place, streams);
  if (on.has("p")) {
    for (const word of rest) {
      const expanded = expandHistory(word, shell.history, shell.historyMemory);
      if (expanded instanceof HistoryError) return refuse(shell, "history", `${word}: history expansion failed`, streams);
      streams.stdout.write(`${expanded.line}\n`);
    }
    return 0;
  }
  if (on.has("s")) {
    // The command itself does not stay.
    shell.history.pop();
    if (rest.length > 0) shell.history.push(rest.join(" "));
    return 0;
  }
  if (on.has("a") || on.has("w") || on.has("r") || on.has("n")) {
    const path = rest[0] === undefined ? historyFile(shell) : resolvePath(shell.cwd, rest[0]);
    if (path === undefined) return 0;
    if (on.has("r") || on.has("n")) {
      const lines = linesIn(shell, path);
      if (lines instanceof FileError) return refuse(shell, "history", `${rest[0] ?? path}: cannot read: ${lines.message}`, streams);
      shell.history.push(...lines);
      return 0;
    }
    const text = shell.history
      .slice(on.has("a") ? shell.historyKept : 0)
      .map((line) => `${line}\n`)
      .join("");
    const output = openOutput({ ...stdioOf(streams), machine: shell.process.machine, fs: shell.fs, cwd: shell.cwd }, path, on.has("a"));
    if (output instanceof FileError) return refuse(shell, "history", `${rest[0] ?? path}: cannot create: ${output.message}`, streams);
    output.write(text);
    shell.historyKept = shell.history.length;
    return 0;
  }
  return on.has("c") ? 0 : list(shell, rest[0], streams);
}

export const historyBuiltins: readonly Builtin[] = [instant("history", history, { dialects: ["bash", "ash"] })];
