/** What runs other things: eval, source, exec, command, builtin, type, hash, trap. */
import type { Op } from "../../../kernel/task.ts";
import { FileError } from "../../../kernel/vfs.ts";
import { openInput } from "../../open.ts";
import { SIGNAL_NAMES, signalName } from "../../signals.ts";
import { findProgram, PROGRAM_DIRECTORIES } from "../../userland.ts";
import type { Interpreter } from "../interpreter.ts";
import { Leave } from "../leave.ts";
import { functionText } from "../print.ts";
import { singleQuoted } from "../quote.ts";
import { type Streams, stdioOf } from "../streams.ts";
import { type Builtin, failed, instant, invalidOption, options, refuse } from "./builtin.ts";

const KEYWORDS = "if then else elif fi for while until do done case esac { } ! in function [[ ]] time select coproc".split(" ");
const POSIX_KEYWORDS = "if then else elif fi for while until do done case esac { } ! in".split(" ");

const isKeyword = (shell: Interpreter, word: string): boolean => (shell.dialect === "bash" ? KEYWORDS : POSIX_KEYWORDS).includes(word);

/** Paths under which a program lies, as $PATH is searched. */
function pathsOf(shell: Interpreter, name: string): readonly string[] {
  if (name === "") return [];
  const found = findProgram(shell.process, name);
  if (!("command" in found) && name.includes("/")) return [];
  if (name.includes("/")) return [name];
  if (!("command" in found)) return [];
  // Debian's /bin is /usr/bin: a program shows up under both where the path names both.
  const directories = (shell.parameter("PATH") ?? PROGRAM_DIRECTORIES.join(":")).split(":");
  const own = found.path.slice(0, found.path.lastIndexOf("/"));
  const short = own.replace(/^\/usr/, "");
  return [found.path, ...(directories.includes(short) && short !== own ? [`${short}/${name}`] : [])];
}

function* evaluate(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const text = words.slice(words[1] === "--" ? 2 : 1).join(" ");
  if (text.trim() === "") return 0;
  return yield* withStreams(shell, streams, shell.runText(text, "eval"));
}

/** Lets a text run on the streams that its builtin was given. */
function* withStreams(shell: Interpreter, streams: Streams, run: Op<number>): Op<number> {
  const outer = shell.streams;
  shell.streams = streams;
  try {
    return yield* run;
  } finally {
    if (shell.streams === streams) shell.streams = outer;
  }
}

function* source(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const [builtin = ".", name, ...positional] = words;
  if (name === undefined) {
    if (shell.dialect !== "bash") return failed(shell, ".", 2);
    shell.error("filename argument required", streams, builtin);
    streams.stderr.write(`${builtin}: usage: ${builtin} [-p path] filename [arguments]\n`);
    return 2;
  }
  const input = openInput({ ...stdioOf(streams), machine: shell.process.machine, fs: shell.fs, cwd: shell.cwd }, name);
  const text = input instanceof FileError ? input : yield* input.readAll();
  if (text instanceof FileError) {
    if (shell.dialect === "bash") {
      shell.error(text.message === "Is a directory" ? `${builtin}: ${name}: is a directory` : `${name}: ${text.message}`, streams);
      return 1;
    }
    if (name.includes("/"))
      shell.error(shell.dialect === "dash" ? `cannot open ${name}: No such file` : `can't open ${name}: no such file`, streams, builtin);
    else shell.error(`${name}: not found`, streams, builtin);
    return failed(shell, ".", 2);
  }
  const outer = shell.positional;
  const { line } = shell;
  if (positional.length > 0) shell.positional = positional;
  shell.sourced.push(name);
  try {
    return yield* withStreams(shell, streams, shell.runText(text));
  } catch (thrown) {
    if (thrown instanceof Leave && thrown.kind === "return") return thrown.status;
    throw thrown;
  } finally {
    shell.sourced.pop();
    shell.line = line;
    if (positional.length > 0) shell.positional = outer;
  }
}

function* execute(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const given =
    shell.dialect === "bash"
      ? options(shell, words, "cla:", "exec [-cl] [-a name] [command [argument ...]] [redirection ...]", streams)
      : { on: new Map<string, string>(), rest: words.slice(1) };
  if (!given) return 2;
  const { rest } = given;
  if (rest.length === 0) return 0;
  const env = given.on.has("c") ? new Map<string, string>() : new Map(shell.process.env);
  const run = shell.process.exec(rest, { stdio: stdioOf(streams), env });
  if ("reason" in run) {
    const missing = run.reason === "command not found";
    const reason = missing ? "not found" : run.reason;
    shell.error(`${rest[0]}: ${reason}`, streams, "exec");
    throw new Leave("exit", 0, run.status);
  }
  const status = yield* run;
  // The shell's EXIT trap went with the shell.
  shell.traps.delete("EXIT");
  throw new Leave("exit", 0, status);
}

function* command(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const given = options(shell, words, "pvV", "command [-pVv] command [arg ...]", streams);
  if (!given) return 2;
  const { on, rest } = given;
  if (on.has("v") || on.has("V")) {
    let status = 1;
    for (const name of shell.dialect === "bash" ? rest : rest.slice(0, 1)) {
      const said = on.has("V") ? description(shell, name) : shortly(shell, name);
      if (said === undefined) {
        if (on.has("V")) shell.error(`${name}: not found`, streams, "command");
        if (shell.dialect !== "bash") status = 127;
        continue;
      }
      streams.stdout.write(said);
      status = 0;
    }
    return status;
  }
  const [name] = rest;
  if (name === undefined) return 0;
  const builtin = shell.builtins.get(name);
  if (builtin) return yield* builtin.run(shell, rest, streams, []);
  const started = shell.process.spawn(rest, { stdio: stdioOf(streams), env: new Map(shell.process.env) });
  if ("task" in started) return yield* shell.waitFor(started);
  shell.error(`${name}: ${shell.dialect === "bash" ? started.reason : "not found"}`, streams);
  return started.status;
}

/** What `command -v` prints. */
function shortly(shell: Interpreter, name: string): string | undefined {
  if (isKeyword(shell, name) || shell.functions.has(name) || shell.builtins.has(name)) return `${name}\n`;
  if (shell.aliases.has(name)) return `alias ${name}=${singleQuoted(shell.aliases.get(name) as string)}\n`;
  const [path] = pathsOf(shell, name);
  return path && `${path}\n`;
}

/** What `type` prints. */
function description(shell: Interpreter, name: string): string | undefined {
  const bash = shell.dialect === "bash";
  const alias = shell.aliases.get(name);
  if (alias !== undefined && (shell.interactive || !bash))
    return bash ? `${name} is aliased to \`${alias}'\n` : `${name} is an alias for ${alias}\n`;
  if (isKeyword(shell, name)) return `${name} is a shell keyword\n`;
  const body = shell.functions.get(name);
  if (body)
    return bash
      ? `${name} is a function\n${functionText(name, body)}\n`
      : `${name} is a ${shell.dialect === "dash" ? "shell function" : "function"}\n`;
  const builtin = shell.builtins.get(name);
  if (builtin) return `${name} is a ${builtin.special && shell.dialect !== "bash" ? "special " : ""}shell builtin\n`;
  const [path] = pathsOf(shell, name);
  if (path === undefined) return undefined;
  // BusyBox's shell runs its own applets without looking for a file.
  return `${name} is ${shell.dialect === "ash" && !name.includes("/") ? name : path}\n`;
}

function type(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const given =
    shell.dialect === "dash"
      ? { on: new Map<string, string>(), rest: words.slice(1) }
      : options(shell, words, "afptP", "type [-afptP] name [name ...]", streams);
  if (!given) return 2;
  const { on, rest } = given;
  let status = 0;
  for (const name of rest) {
    const said = typeAnswer(shell, name, on);
    if (said !== undefined) {
      streams.stdout.write(said);
      continue;
    }
    status = shell.dialect === "bash" ? 1 : 127;
    if (shell.dialect !== "bash") streams.stdout.write(on.has("t") ? "" : `${name}: not found\n`);
    else if (on.size === 0 || (on.size === 1 && on.has("a"))) shell.error(`${name}: not found`, streams, "type");
  }
  return status;
}

function typeAnswer(shell: Interpreter, name: string, on: ReadonlyMap<string, string>): string | undefined {
  const paths = pathsOf(shell, name);
  const plain = shell.builtins.has(name) || shell.functions.has(name) || isKeyword(shell, name);
  if (on.has("P")) return paths[0] && `${paths[0]}\n`;
  if (on.has("p")) return plain ? "" : paths[0] && `${paths[0]}\n`;
  if (on.has("t")) {
    if (shell.dialect !== "bash") return plain || paths.length > 0 ? `${name}\n` : undefined;
    if (shell.aliases.has(name) && shell.interactive) return "alias\n";
    if (isKeyword(shell, name)) return "keyword\n";
    if (shell.functions.has(name)) return "function\n";
    if (shell.builtins.has(name)) return "builtin\n";
    return paths.length > 0 ? "file\n" : undefined;
  }
  const first = description(shell, name);
  if (!on.has("a") || first === undefined) return first;
  return first + (plain ? paths : paths.slice(1)).map((path) => `${name} is ${path}\n`).join("");
}

const TRAP_USAGE = "trap [-Plp] [[action] signal_spec ...]";

function trap(shell: Interpreter, words: readonly string[], streams: Streams): number {
  let rest = words.slice(1);
  const order = (name: string): number => (name === "EXIT" ? 0 : SIGNAL_NAMES.indexOf(name) + 1 || 100);
  const shownName = (name: string): string => (shell.dialect !== "bash" || name === "EXIT" || name === "ERR" ? name : `SIG${name}`);
  const show = (names: readonly string[]): number => {
    for (const name of [...shell.traps.keys()].sort((a, b) => order(a) - order(b)))
      if (names.length === 0 || names.includes(name))
        streams.stdout.write(`trap -- ${singleQuoted(shell.traps.get(name) as string)} ${shownName(name)}\n`);
    return 0;
  };
  if (rest[0] === "-l") return refuse(shell, "trap", "-l: not supported here; kill -l lists the signals", streams);
  if (rest[0] === "-p") return show(rest.slice(1).map((word) => nameOf(word) ?? word));
  if (rest[0] === "--") rest = rest.slice(1);
  else if (rest[0] !== undefined && /^-./.test(rest[0]) && shell.dialect === "bash")
    return invalidOption(shell, "trap", rest[0], TRAP_USAGE, streams);
  if (rest.length === 0) return show([]);
  // A lone signal, or a number in front, resets.
  const resets = rest.length === 1 || /^\d+$/.test(rest[0] as string) || rest[0] === "-";
  const action = resets ? undefined : (rest[0] as string);
  const names = rest.length === 1 || /^\d+$/.test(rest[0] as string) ? rest : rest.slice(1);
  let status = 0;
  for (const word of names) {
    const name = nameOf(word);
    if (name === undefined) {
      if (shell.dialect === "dash") streams.stderr.write(`trap: ${word}: bad trap\n`);
      else shell.error(`${word}: invalid signal specification`, streams, "trap");
      status = 1;
      continue;
    }
    if (name === "DEBUG" || name === "RETURN") {
      shell.error(`${name}: not supported here; EXIT, ERR and signals are`, streams, "trap");
      status = 1;
      continue;
    }
    shell.setTrap(name, action);
  }
  return status;
}

function nameOf(word: string): string | undefined {
  const upper = word.toUpperCase();
  if (upper === "EXIT" || upper === "0") return "EXIT";
  if (upper === "ERR" || upper === "DEBUG" || upper === "RETURN") return upper;
  return signalName(word);
}

export const runBuiltins: readonly Builtin[] = [
  { name: "eval", special: true, run: evaluate },
  { name: ".", special: true, run: source },
  { name: "source", dialects: ["bash", "ash"], special: true, run: source },
  { name: "exec", special: true, run: execute },
  { name: "command", run: command },
  {
    name: "builtin",
    dialects: ["bash"],
    *run(shell, words, streams, ready) {
      const name = words[1];
      if (name === undefined) return 0;
      const builtin = shell.builtins.get(name);
      if (!builtin) return refuse(shell, "builtin", `${name}: not a shell builtin`, streams);
      return yield* builtin.run(shell, words.slice(1), streams, ready);
    },
  },
  instant("type", type),
  instant("hash", (shell, words, streams) => {
    const names = words.slice(1).filter((word) => !word.startsWith("-"));
    if (words.length === 1 && shell.dialect === "bash") streams.stdout.write("hash: hash table empty\n");
    let status = 0;
    for (const name of names)
      if (pathsOf(shell, name).length === 0 && !shell.builtins.has(name)) status = refuse(shell, "hash", `${name}: not found`, streams);
    return status;
  }),
  instant("trap", trap, { special: true }),
];
