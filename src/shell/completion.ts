/** Tab on a terminal: commands, what each command knows to follow, variables, files (readline's and bash's complete.c). */
import type { Completion } from "../kernel/tty.ts";
import { FileError, resolvePath } from "../kernel/vfs.ts";
import type { Interpreter } from "./language/interpreter.ts";
import { SIGNAL_NAMES } from "./signals.ts";
import { programsOf } from "./userland.ts";

/** Words after which a command follows. */
const COMMAND_AFTER = new Set(["do", "then", "else", "elif", "if", "while", "until", "!", "{", "time"]);

/** Programs that run the command which follows them. */
const RUNS_ANOTHER = new Set([
  "command",
  "builtin",
  "exec",
  "env",
  "nohup",
  "sudo",
  "timeout",
  "watch",
  "xargs",
  "nice",
  "setsid",
  "strace",
]);

const QUOTED = /[\s\\'"|&;()<>$`!*?[\]{}#~]/g;

/** The part of a line that Tab looks at. */
interface Place {
  /** Words of the command at the cursor before the current one, without quotes. */
  readonly words: readonly string[];
  /** What is written of the current word, quotes and all, and what it stands for. */
  readonly start: number;
  readonly current: string;
  /** The quote that is open at the cursor. */
  readonly quote: string;
  /** A redirection's target. */
  readonly redirected: boolean;
}

/** Reads a line up to the cursor as the shell splits it: quotes kept together, operators between commands. */
function placeIn(line: string): Place {
  let words: string[] = [];
  let start = -1;
  let current = "";
  let quote = "";
  let redirected = false;
  const end = (): void => {
    if (start < 0) return;
    if (redirected) redirected = false;
    else if (words.length > 0 || !(/^\w+=/.test(current) || COMMAND_AFTER.has(current))) words.push(current);
    start = -1;
    current = "";
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (quote === '"' && char === "\\" && /["\\$`]/.test(line[i + 1] ?? "")) current += line[++i];
      else current += char;
      continue;
    }
    if (/\s/.test(char)) end();
    else if (/[|&;()]/.test(char) || (char === "`" && start < 0)) {
      end();
      words = [];
      redirected = false;
    } else if (/[<>]/.test(char)) {
      if (/^\d+$/.test(current)) start = -1;
      end();
      current = "";
      redirected = true;
    } else {
      if (start < 0) start = i;
      if (char === "'" || char === '"') quote = char;
      else if (char === "\\" && i + 1 < line.length) current += line[++i];
      else current += char;
    }
  }
  return { words, start: start < 0 ? line.length : start, current, quote, redirected };
}

interface Found {
  readonly names: readonly string[];
  readonly files?: boolean;
  /** Characters at the beginning of the current word that stay: "--network=", "HOME:". */
  readonly kept?: string;
}

/** Candidates for the word at the cursor. */
export function completeLine(shell: Interpreter, line: string, cursor: number): Completion {
  const place = placeIn(line.slice(0, cursor));
  const { start, quote, current } = place;
  const variable = quote === "'" ? undefined : /\$(\{?)(\w*)$/.exec(current);
  if (variable) {
    const [whole = "", brace = "", begun = ""] = variable;
    const before = line.slice(start, cursor - whole.length);
    const names = shell.variables.names().filter((name) => name.startsWith(begun));
    return { start, candidates: names.map((name) => `${before}$${brace}${name}${brace ? "}" : quote ? "" : " "}`).sort() };
  }
  const { names, files = false, kept = "" } = candidates(shell, place);
  const quoted = (name: string): string => {
    const ended = /[=/:]$/.test(name) ? "" : " ";
    if (quote) return `${quote}${kept}${name}${ended && quote}${ended}`;
    return kept + (files ? name.replace(QUOTED, (char) => (char === "~" ? char : `\\${char}`)) : name) + ended;
  };
  return { start, candidates: [...new Set(names)].sort().map(quoted), files };
}

function candidates(shell: Interpreter, place: Place): Found {
  const { process } = shell;
  const { current } = place;
  let { words } = place;
  const matching = (names: readonly string[], begun = current): readonly string[] => names.filter((name) => name.startsWith(begun));
  const file = (kept = "", folders = false): Found => ({ names: files(shell, current.slice(kept.length), folders), files: true, kept });
  if (place.redirected) return file();
  while (words.length > 1 && RUNS_ANOTHER.has(words[0] as string)) {
    const next = words.findIndex((word, i) => i > 0 && !/^(-|\w+=|[\d.]+[smhd]?$)/.test(word));
    words = next < 0 ? words.slice(0, 1) : words.slice(next);
  }
  const [first] = words;
  if (first === undefined || (words.length === 1 && RUNS_ANOTHER.has(first) && !current.startsWith("-"))) {
    if (current.includes("/")) return file();
    const assigned = /^\w+=/.exec(current)?.[0];
    if (assigned !== undefined) return file(assigned);
    const names = matching([...programsOf(process).keys(), ...shell.builtins.keys(), ...shell.functions.keys(), ...shell.aliases.keys()]);
    return names.length > 0 ? { names } : file();
  }
  const own = ofBuiltin(shell, first, words);
  if (own === "folders") return file("", true);
  if (own !== undefined) return { names: matching(own) };
  const command = programsOf(process).get(first.slice(first.lastIndexOf("/") + 1));
  const option = /^--[\w-]+=/.exec(current)?.[0];
  if (option !== undefined) {
    const value = current.slice(option.length);
    const known = command?.complete?.({ process, words: [...words, option.slice(0, -1)], current: value }) ?? [];
    const names = matching(known, value);
    return names.length > 0 ? { names, kept: option } : file(option);
  }
  const names = matching(command?.complete?.({ process, words, current }) ?? []);
  return names.length > 0 ? { names } : file();
}

/** What the shell's own commands take; "folders" for those that take directories alone. */
function ofBuiltin(shell: Interpreter, name: string, words: readonly string[]): readonly string[] | "folders" | undefined {
  switch (name) {
    case "cd":
    case "pushd":
    case "rmdir":
      return "folders";
    case "export":
    case "unset":
    case "readonly":
    case "declare":
    case "local":
      return shell.variables.names();
    case "type":
    case "which":
    case "hash":
      return [...programsOf(shell.process).keys(), ...shell.builtins.keys()];
    case "help":
      return [...shell.builtins.keys()];
    case "alias":
    case "unalias":
      return [...shell.aliases.keys()];
    case "fg":
    case "bg":
    case "jobs":
    case "disown":
    case "wait":
      return shell.jobs.all.map(({ id }) => `%${id}`);
    case "kill":
      return words.length === 1 ? [...SIGNAL_NAMES.map((signal) => `-${signal}`), ...shell.jobs.all.map(({ id }) => `%${id}`)] : undefined;
    default:
      return undefined;
  }
}

/** Paths that begin so; directories end in a slash. */
function files(shell: Interpreter, begun: string, foldersOnly: boolean): readonly string[] {
  const { process } = shell;
  const home = shell.parameter("HOME") ?? "/root";
  if (begun === "~") return ["~/"];
  const slash = begun.lastIndexOf("/") + 1;
  const folder = begun.slice(0, slash);
  const path = resolvePath(process.cwd, folder.startsWith("~/") ? `${home}/${folder.slice(2)}` : folder || ".");
  const names = process.fs.list(path);
  if (names instanceof FileError) return [];
  const programs = /^\/(usr\/)?s?bin$/.test(path) ? [...programsOf(process).keys()] : [];
  const begin = begun.slice(slash);
  return [...names, ...programs]
    .filter((name) => name.startsWith(begin) && (begin.startsWith(".") || !name.startsWith(".")))
    .map((name) => ({ name, isFolder: process.fs.isDirectory(resolvePath(path, name)) }))
    .filter(({ isFolder }) => isFolder || !foldersOnly)
    .map(({ name, isFolder }) => `${folder}${name}${isFolder ? "/" : ""}`);
}
