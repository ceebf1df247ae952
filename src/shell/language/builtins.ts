/** What the shell does itself, since it changes the shell: cd, export, set, exit, test, jobs … */
import type { Stdio } from "../../kernel/stdio.ts";
import { type Op, Signal } from "../../kernel/task.ts";
import { FileError, resolvePath } from "../../kernel/vfs.ts";
import { processesOf } from "../process-table.ts";
import { programsOf } from "../userland.ts";
import type { Interpreter } from "./interpreter.ts";
import { Leave } from "./leave.ts";
import { testCommand } from "./test.ts";

export type Builtin = (shell: Interpreter, words: readonly string[], stdio: Stdio) => Op<number>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A builtin that answers at once. */
const plain = (run: (shell: Interpreter, words: readonly string[], stdio: Stdio) => number): Builtin =>
  // biome-ignore lint/correctness/useYield: answers at once
  function* (shell, words, stdio) {
    return run(shell, words, stdio);
  };

const numeric = (shell: Interpreter, name: string, word: string | undefined, fallback: number, stdio: Stdio): number => {
  if (word === undefined) return fallback;
  if (/^-?\d+$/.test(word)) return Number(word);
  shell.error(`${name}: ${word}: numeric argument required`, stdio);
  return 2;
};

function changeDirectory(shell: Interpreter, words: readonly string[], stdio: Stdio): number {
  if (words.length > 2) {
    shell.error("cd: too many arguments", stdio);
    return 1;
  }
  const wanted = words[1] === "-" ? shell.variable("OLDPWD") : (words[1] ?? shell.variable("HOME") ?? "/root");
  if (wanted === undefined) {
    shell.error("cd: OLDPWD not set", stdio);
    return 1;
  }
  const path = resolvePath(shell.cwd, wanted);
  if (!shell.fs.isDirectory(path)) {
    shell.error(`cd: ${wanted}: ${shell.fs.exists(path) ? "Not a directory" : "No such file or directory"}`, stdio);
    return 1;
  }
  shell.assign("OLDPWD", shell.cwd);
  shell.process.cwd = path;
  if (words[1] === "-") stdio.stdout.write(`${path}\n`);
  return 0;
}

function exportNames(shell: Interpreter, words: readonly string[], stdio: Stdio): number {
  const names = words.slice(1).filter((word) => word !== "-p");
  if (names.length === 0) {
    for (const [name, value] of shell.variables()) if (shell.exported.has(name)) stdio.stdout.write(`declare -x ${name}="${value}"\n`);
    return 0;
  }
  let status = 0;
  for (const word of names) {
    const [name, ...rest] = word.split("=") as [string, ...string[]];
    if (!NAME.test(name)) {
      shell.error(`export: \`${word}': not a valid identifier`, stdio);
      status = 1;
      continue;
    }
    if (word.includes("=")) shell.assign(name, rest.join("="));
    shell.export(name);
  }
  return status;
}

function setOptions(shell: Interpreter, words: readonly string[], stdio: Stdio): number {
  if (words.length === 1) {
    for (const [name, value] of shell.variables()) stdio.stdout.write(`${name}=${/^[\w@%+=:,./-]*$/.test(value) ? value : `'${value}'`}\n`);
    return 0;
  }
  for (const [i, word] of words.slice(1).entries()) {
    if (word === "--") {
      shell.positional = words.slice(i + 2);
      return 0;
    }
    if (!/^[-+][a-z]+$/.test(word)) {
      shell.positional = words.slice(i + 1);
      return 0;
    }
    for (const letter of word.slice(1)) {
      if (!"euxo".includes(letter)) {
        shell.error(`set: ${word[0]}${letter}: invalid option`, stdio);
        return 2;
      }
      if (word[0] === "-") shell.options.add(letter);
      else shell.options.delete(letter);
    }
  }
  return 0;
}

const typeOf: Builtin = plain((shell, words, stdio) => {
  let status = 0;
  for (const name of words.slice(1)) {
    if (shell.aliases.has(name)) stdio.stdout.write(`${name} is aliased to \`${shell.aliases.get(name)}'\n`);
    else if (shell.functions.has(name)) stdio.stdout.write(`${name} is a function\n`);
    else if (builtins.has(name)) stdio.stdout.write(`${name} is a shell builtin\n`);
    else if (programsOf(shell.process).has(name)) stdio.stdout.write(`${name} is /usr/bin/${name}\n`);
    else {
      shell.error(`type: ${name}: not found`, stdio);
      status = 1;
    }
  }
  return status;
});

function* readLine(shell: Interpreter, words: readonly string[], stdio: Stdio): Op<number> {
  const names = words.slice(1).filter((word) => !word.startsWith("-"));
  const promptAt = words.indexOf("-p");
  if (promptAt >= 0) stdio.stderr.write(words[promptAt + 1] ?? "");
  const wanted = promptAt >= 0 ? names.filter((name) => name !== words[promptAt + 1]) : names;
  const line = yield* stdio.stdin.readLine();
  const fields = (line ?? "").trim().split(/\s+/);
  const into = wanted.length > 0 ? wanted : ["REPLY"];
  for (const [i, name] of into.entries()) shell.assign(name, i === into.length - 1 ? fields.slice(i).join(" ") : (fields[i] ?? ""));
  return line === undefined ? 1 : 0;
}

function* waitForJobs(shell: Interpreter): Op<number> {
  let status = 0;
  for (const job of shell.jobs.splice(0)) {
    while (!job.task.done) yield job.task.exited;
    if (job.task.outcome && "value" in job.task.outcome) status = job.task.outcome.value;
  }
  return status;
}

function* foreground(shell: Interpreter, words: readonly string[], stdio: Stdio): Op<number> {
  const id = words[1] ? Number(words[1].replace("%", "")) : shell.jobs.at(-1)?.id;
  const job = shell.jobs.find((one) => one.id === id);
  if (!job) {
    shell.error(`fg: ${words[1] ?? "current"}: no such job`, stdio);
    return 1;
  }
  stdio.stdout.write(`${job.line}\n`);
  try {
    while (!job.task.done) yield job.task.exited;
  } catch (thrown) {
    if (thrown instanceof Signal) job.task.signal(thrown);
    throw thrown;
  }
  shell.jobs.splice(shell.jobs.indexOf(job), 1);
  return job.task.outcome && "value" in job.task.outcome ? job.task.outcome.value : 130;
}

function signalProcess(shell: Interpreter, pid: number, signal: Signal): boolean {
  const entry = processesOf(shell.process.machine).find(shell.process, pid);
  entry?.signal(signal);
  return entry !== undefined;
}

function killJobs(shell: Interpreter, words: readonly string[], stdio: Stdio): number {
  let signal = new Signal("TERM");
  let status = 0;
  for (const word of words.slice(1)) {
    const named = /^-(?:SIG)?(INT|TERM|KILL|HUP|9|15|2|1)$/.exec(word);
    if (named) {
      const names: Readonly<Record<string, Signal["name"]>> = { "9": "KILL", "15": "TERM", "2": "INT", "1": "HUP" };
      signal = new Signal(names[named[1] as string] ?? (named[1] as Signal["name"]));
      continue;
    }
    const job = shell.jobs.find((one) => `%${one.id}` === word);
    if (job) job.task.signal(signal);
    else if (!signalProcess(shell, Number(word), signal)) {
      shell.error(
        `kill: ${word.startsWith("%") ? `${word}: no such job` : /^\d+$/.test(word) ? `(${word}) - No such process` : `${word}: arguments must be process or job IDs`}`,
        stdio,
      );
      status = 1;
    }
  }
  return status;
}

function* source(shell: Interpreter, words: readonly string[], stdio: Stdio): Op<number> {
  const file = words[1];
  if (file === undefined) {
    shell.error(`${words[0]}: filename argument required`, stdio);
    return 2;
  }
  const text = shell.fs.read(resolvePath(shell.cwd, file));
  if (text instanceof FileError) {
    shell.error(`${file}: ${text.message}`, stdio);
    return 1;
  }
  return yield* shell.runText(text, stdio);
}

const leave = (kind: "break" | "continue"): Builtin =>
  plain((shell, words, stdio) => {
    throw new Leave(kind, Math.max(1, numeric(shell, kind, words[1], 1, stdio)), 0);
  });

const test: Builtin = plain((shell, words, stdio) => {
  const result = testCommand(words, shell);
  if (typeof result === "boolean") return result ? 0 : 1;
  shell.error(`${words[0]}: ${result}`, stdio);
  return 2;
});

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [":", plain(() => 0)],
  ["true", plain(() => 0)],
  ["false", plain(() => 1)],
  ["cd", plain(changeDirectory)],
  [
    "pwd",
    plain((shell, _words, stdio) => {
      stdio.stdout.write(`${shell.cwd}\n`);
      return 0;
    }),
  ],
  ["export", plain(exportNames)],
  [
    "unset",
    plain((shell, words) => {
      for (const name of words.slice(1)) {
        shell.unset(name);
        shell.functions.delete(name);
      }
      return 0;
    }),
  ],
  ["set", plain(setOptions)],
  [
    "shift",
    plain((shell, words) => {
      shell.positional = shell.positional.slice(Number(words[1] ?? 1) || 1);
      return 0;
    }),
  ],
  [
    "local",
    plain((shell, words) => {
      for (const word of words.slice(1))
        if (word.includes("=")) shell.assign(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
      return 0;
    }),
  ],
  [
    "alias",
    plain((shell, words, stdio) => {
      for (const word of words.slice(1))
        if (word.includes("=")) shell.aliases.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
      if (words.length === 1) for (const [name, value] of shell.aliases) stdio.stdout.write(`alias ${name}='${value}'\n`);
      return 0;
    }),
  ],
  [
    "unalias",
    plain((shell, words) => {
      for (const name of words.slice(1)) shell.aliases.delete(name);
      return 0;
    }),
  ],
  [
    "exit",
    plain((shell, words, stdio) => {
      throw new Leave("exit", 0, numeric(shell, "exit", words[1], shell.status, stdio) & 255);
    }),
  ],
  [
    "return",
    plain((shell, words, stdio) => {
      throw new Leave("return", 0, numeric(shell, "return", words[1], shell.status, stdio) & 255);
    }),
  ],
  ["break", leave("break")],
  ["continue", leave("continue")],
  ["test", test],
  ["[", test],
  ["[[", test],
  ["type", typeOf],
  ["read", readLine],
  ["wait", waitForJobs],
  ["fg", foreground],
  ["kill", plain(killJobs)],
  [
    "jobs",
    plain((shell, _words, stdio) => {
      for (const job of shell.jobs)
        stdio.stdout.write(`[${job.id}]+  ${job.task.done ? "Done   " : "Running"}                 ${job.line} &\n`);
      return 0;
    }),
  ],
  [
    "history",
    plain((shell, _words, stdio) => {
      for (const [i, line] of shell.history.entries()) stdio.stdout.write(`${String(i + 1).padStart(5)}  ${line}\n`);
      return 0;
    }),
  ],
  ["source", source],
  [".", source],
  [
    "eval",
    function* (shell, words, stdio) {
      return yield* shell.runText(words.slice(1).join(" "), stdio);
    },
  ],
  [
    "exec",
    function* (shell, words, stdio) {
      if (words.length === 1) return 0;
      throw new Leave("exit", 0, yield* shell.process.run(words.slice(1), stdio));
    },
  ],
  [
    "command",
    function* (shell, words, stdio) {
      if (words[1] !== "-v") return yield* shell.process.run(words.slice(1), stdio);
      const name = words[2] ?? "";
      if (builtins.has(name)) stdio.stdout.write(`${name}\n`);
      else if (programsOf(shell.process).has(name)) stdio.stdout.write(`/usr/bin/${name}\n`);
      else return 1;
      return 0;
    },
  ],
]);
