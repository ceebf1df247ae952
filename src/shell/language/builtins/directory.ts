/** cd, pwd, pushd, popd, dirs. */
import { resolvePath } from "../../../kernel/vfs.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Streams } from "../streams.ts";
import { type Builtin, instant, options, refuse } from "./builtin.ts";

/** Goes to a directory; why not, when it cannot be. */
function enter(shell: Interpreter, path: string): string | undefined {
  const { fs, cwd } = shell;
  if (!fs.isDirectory(path)) return fs.exists(path) ? "Not a directory" : "No such file or directory";
  shell.variables.set("OLDPWD", cwd);
  shell.process.cwd = path;
  shell.variables.set("PWD", path);
  return undefined;
}

function changeDirectory(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const given = options(shell, words, "LPe@", "cd [-L|[-P [-e]]] [-@] [dir]", streams);
  if (!given) return 2;
  const [operand, ...more] = given.rest;
  if (more.length > 0 && shell.dialect === "bash") {
    shell.error("too many arguments", streams, "cd");
    return 2;
  }
  let wanted = operand ?? shell.variables.textOf("HOME");
  let shows = false;
  if (wanted === undefined) return refuse(shell, "cd", "HOME not set", streams);
  if (wanted === "" && shell.dialect === "bash") return refuse(shell, "cd", "null directory", streams);
  if (operand === "-") {
    const old = shell.variables.textOf("OLDPWD");
    if (old === undefined && shell.dialect === "bash") return refuse(shell, "cd", "OLDPWD not set", streams);
    wanted = old ?? shell.cwd;
    shows = true;
  }
  if (wanted === "") return 0;
  let path = resolvePath(shell.cwd, wanted);
  if (!/^\.{0,2}\//.test(wanted) && wanted !== "." && wanted !== "..") {
    for (const base of (shell.variables.textOf("CDPATH") ?? "").split(":")) {
      const candidate = resolvePath(shell.cwd, `${base}/${wanted}`);
      if (base === "" || !shell.fs.isDirectory(candidate)) continue;
      path = candidate;
      shows = true;
      break;
    }
  }
  const failed = enter(shell, path);
  if (failed === undefined) {
    if (shows) streams.stdout.write(`${path}\n`);
    return 0;
  }
  if (shell.dialect === "bash") return refuse(shell, "cd", `${wanted}: ${failed}`, streams);
  return refuse(shell, "cd", shell.dialect === "dash" ? `can't cd to ${wanted}` : `can't cd to ${wanted}: ${failed}`, streams);
}

const shown = (shell: Interpreter, path: string): string => {
  const home = shell.variables.textOf("HOME") ?? "";
  if (home !== "" && home !== "/" && (path === home || path.startsWith(`${home}/`))) return `~${path.slice(home.length)}`;
  return path;
};

function printStack(shell: Interpreter, streams: Streams, vertical = false, long = false): void {
  const all = [shell.cwd, ...shell.directories].map((path) => (long ? path : shown(shell, path)));
  streams.stdout.write(vertical ? all.map((path, i) => `${String(i).padStart(2)}  ${path}\n`).join("") : `${all.join(" ")}\n`);
}

/** "+2" and "-1" as an index into the stack. */
function stackIndex(shell: Interpreter, word: string): number | undefined {
  if (!/^[-+]\d+$/.test(word)) return undefined;
  const count = Number(word.slice(1));
  return word.startsWith("+") ? count : shell.directories.length - count;
}

function push(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const operand = words[1];
  const all = [shell.cwd, ...shell.directories];
  if (operand === undefined) {
    const [first] = shell.directories;
    if (first === undefined) return refuse(shell, "pushd", "no other directory", streams);
    shell.directories = [shell.cwd, ...shell.directories.slice(1)];
    enter(shell, first);
  } else {
    const index = stackIndex(shell, operand);
    if (index !== undefined) {
      if (index < 0 || index >= all.length) return refuse(shell, "pushd", `${operand}: directory stack index out of range`, streams);
      const turned = [...all.slice(index), ...all.slice(0, index)];
      shell.directories = turned.slice(1);
      enter(shell, turned[0] as string);
    } else {
      const failed = enter(shell, resolvePath(shell.cwd, operand));
      if (failed !== undefined) return refuse(shell, "pushd", `${operand}: ${failed}`, streams);
      shell.directories = all;
    }
  }
  printStack(shell, streams);
  return 0;
}

function pop(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const all = [shell.cwd, ...shell.directories];
  if (all.length === 1) return refuse(shell, "popd", "directory stack empty", streams);
  const index = words[1] === undefined ? 0 : stackIndex(shell, words[1]);
  if (index === undefined) return refuse(shell, "popd", `${words[1]}: invalid argument`, streams);
  if (index < 0 || index >= all.length) return refuse(shell, "popd", `${words[1]}: directory stack index out of range`, streams);
  all.splice(index, 1);
  shell.directories = all.slice(1);
  if (index === 0) enter(shell, all[0] as string);
  printStack(shell, streams);
  return 0;
}

export const directoryBuiltins: readonly Builtin[] = [
  instant("cd", changeDirectory),
  instant("pwd", (shell, _words, streams) => {
    streams.stdout.write(`${shell.cwd}\n`);
    return 0;
  }),
  instant("pushd", push, { dialects: ["bash"] }),
  instant("popd", pop, { dialects: ["bash"] }),
  instant(
    "dirs",
    (shell, words, streams) => {
      if (words.includes("-c")) shell.directories = [];
      else printStack(shell, streams, words.includes("-v"), words.includes("-l"));
      return 0;
    },
    { dialects: ["bash"] },
  ),
];
