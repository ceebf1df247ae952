/** bash and sh as programs: -c, a script, standard input, or a conversation on a terminal. */
import { type Op, Signal, Task } from "../../kernel/task.ts";
import type { Completion, LineReader, Tty } from "../../kernel/tty.ts";
import { FileError, resolvePath } from "../../kernel/vfs.ts";
import type { Command, Process } from "../command.ts";
import { completeLine } from "../completion.ts";
import { tellStopped } from "./builtins/flow.ts";
import { readHistory, remember, writeHistory } from "./builtins/history.ts";
import { builtinsOf } from "./builtins/index.ts";
import type { Dialect } from "./dialect.ts";
import { expandHistory, HistoryError } from "./history.ts";
import { Interpreter, type InterpreterOptions } from "./interpreter.ts";
import { processesIn } from "./jobs.ts";
import { Leave } from "./leave.ts";
import { parse } from "./parser.ts";
import { syntaxMessage } from "./syntax-error.ts";

/**
 * The prompt: "root@host:~# " of bash, "/ # " of BusyBox, "# " of dash. In Debian's images sh greets as bash does, so that one
 * sees in which container one is.
 */
function promptOf(shell: Interpreter): string {
  const own = shell.variables.textOf("PS1");
  if (own !== undefined) return promptText(shell, own);
  const home = shell.parameter("HOME") ?? "/root";
  const { cwd } = shell;
  const shown = cwd === home ? "~" : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  const { uid = 0, user = "root" } = shell.process.credentials ?? {};
  const sign = uid === 0 ? "#" : "$";
  if (shell.dialect === "dash") return `${sign} `;
  return shell.dialect === "bash" || shell.process.container?.image.flavour === "debian"
    ? `${user || "I have no name!"}@${shell.process.hostname.split(".")[0]}:${shown}${sign} `
    : `${shown} ${sign} `;
}

/** The escapes of a prompt that was set by hand (bash(1), PROMPTING). */
function promptText(shell: Interpreter, text: string): string {
  const home = shell.parameter("HOME") ?? "/root";
  const cwd = shell.cwd === home ? "~" : shell.cwd.startsWith(`${home}/`) ? `~${shell.cwd.slice(home.length)}` : shell.cwd;
  const values: Readonly<Record<string, string>> = {
    u: shell.process.credentials?.user ?? "root",
    h: shell.process.hostname.split(".")[0] as string,
    H: shell.process.hostname,
    w: cwd,
    W: cwd.split("/").at(-1) || cwd,
    $: (shell.process.credentials?.uid ?? 0) === 0 ? "#" : "$",
    s: shell.name,
    n: "\n",
    "\\": "\\",
    "[": "",
    "]": "",
    "?": String(shell.status),
  };
  const plain = text.replace(/\\(.)/gs, (all, letter: string) => values[letter] ?? all);
  return plain.replace(/\$(\?|\w+)/g, (_all, name: string) => shell.parameter(name) ?? "").slice(0, 500);
}

/** Talks with the user until exit or Ctrl-D. */
function* converse(shell: Interpreter, tty: Tty): Op<number> {
  let pending = "";
  readHistory(shell);
  for (;;) {
    const reader: LineReader = {
      prompt: pending === "" ? promptOf(shell) : (shell.parameter("PS2") ?? "> "),
      complete: (line, cursor): Completion => completeLine(shell, line, cursor),
      history: shell.history,
    };
    let typed: { readonly line: string } | "interrupted" | undefined;
    try {
      typed = yield* tty.readPrompted(reader);
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      yield* signalled(shell, thrown, tty);
      if (thrown.name === "INT") {
        pending = "";
        shell.status = 130;
      }
      continue;
    }
    if (typed === "interrupted") {
      pending = "";
      shell.status = 130;
      continue;
    }
    if (typed === undefined) {
      if (pending === "") {
        if (shell.dialect === "bash") tty.write("exit\n");
        if (!shell.mayLeave()) {
          tellStopped(shell, shell.streams);
          continue;
        }
        if (shell.dialect !== "bash") tty.write("\n");
        return shell.status;
      }
      tty.write("\n");
      const { error } = parse(pending, { dialect: shell.dialect, aliases: shell.aliases });
      if (error) tty.write(syntaxMessage(error, shell.place, pending));
      shell.status = 2;
      pending = "";
      continue;
    }
    const given = withEvents(shell, typed.line, tty);
    if (given === undefined) continue;
    const text = pending === "" ? given : `${pending}\n${given}`;
    const { lines, error } = parse(text, { dialect: shell.dialect, interactive: true, aliases: shell.aliases });
    if (error?.incomplete || endsInBackslash(text)) {
      pending = text;
      continue;
    }
    pending = "";
    if (text.trim() === "") {
      tty.write(shell.jobs.takeChanged());
      continue;
    }
    remember(shell, shell.dialect === "bash" ? oneLine(text) : text);
    if (!/^\s*(exit|logout|jobs)\b/.test(text)) shell.leaveRefused = false;
    let left = false;
    const run = function* (): Op<number> {
      for (const list of lines) {
        try {
          yield* shell.list(list, { streams: shell.streams, tested: false, final: false });
        } catch (thrown) {
          if (!(thrown instanceof Leave)) throw thrown;
          if (thrown.kind === "exit") left = true;
          if (thrown.kind !== "break" && thrown.kind !== "continue") shell.status = thrown.status;
          return shell.status;
        }
      }
      if (error) {
        shell.streams.stderr.write(syntaxMessage(error, shell.place, text));
        shell.status = error.status;
      }
      return shell.status;
    };
    yield* inForeground(shell, tty, run());
    if (left) return shell.status;
    tty.write(shell.jobs.takeChanged());
  }
}

/** A command of several lines as history keeps it (bash's cmdhist): joined with "; " where that means the same. */
function oneLine(text: string): string {
  const lines = text.split("\n");
  let joined = lines[0] as string;
  for (const line of lines.slice(1)) {
    const { error } = parse(joined, { dialect: "bash", interactive: true });
    if (error && /^unexpected EOF|here-document/.test(error.bash)) joined += `\n${line}`;
    else if (endsInBackslash(joined)) joined = joined.slice(0, -1) + line;
    else joined += `${/(^|[\s;])(do|then|else|elif|if|while|until|\{|in)\s*$|[|&;({]\s*$/.test(joined) ? " " : "; "}${line}`;
  }
  return joined;
}

/** The line with its history events put in, which is shown then; undefined when there is nothing to run. */
function withEvents(shell: Interpreter, line: string, tty: Tty): string | undefined {
  if (!shell.options.has("histexpand")) return line;
  const expanded = expandHistory(line, shell.history, shell.historyMemory);
  if (expanded instanceof HistoryError) {
    tty.write(`${shell.name}: ${expanded.message}\n`);
    return undefined;
  }
  if (expanded.changed) tty.write(`${expanded.line}\n`);
  if (!expanded.onlyPrint) return expanded.line;
  remember(shell, expanded.line);
  return undefined;
}

/** A backslash at the end joins the next line, unless it is quoted or stands in a comment. */
function endsInBackslash(text: string): boolean {
  if (!/(^|[^\\])(\\\\)*\\$/.test(text)) return false;
  const last = text.slice(text.lastIndexOf("\n") + 1);
  return !/(^|[\s;&|])#/.test(last);
}

/** Runs what a line says; Ctrl-C and Ctrl-\ go to it. */
function* inForeground(shell: Interpreter, tty: Tty, run: Op<number>): Op<void> {
  const task = new Task(shell.process.machine.kernel.clock, run);
  const { interrupt, suspend } = tty;
  tty.interrupt = (signal) => task.signal(signal);
  tty.suspend = () => shell.suspendForeground();
  try {
    while (!task.done) {
      try {
        yield task.exited;
      } catch (thrown) {
        if (!(thrown instanceof Signal)) throw thrown;
        // KILL and HUP end the shell, and what it runs with it; the others are the line's.
        task.signal(thrown);
        if (thrown.name === "KILL" || thrown.name === "HUP") throw thrown;
      }
    }
  } finally {
    tty.interrupt = interrupt;
    tty.suspend = suspend;
  }
  if (!task.outcome || !("signal" in task.outcome)) return;
  shell.status = task.outcome.signal.status;
  if (task.outcome.signal.name === "INT" || task.outcome.signal.name === "QUIT") tty.write("\n");
}

/** A signal to a shell that waits for a line: it has a trap, or leaves it alone, or dies of it. */
function* signalled(shell: Interpreter, signal: Signal, tty: Tty): Op<void> {
  if (signal.name === "KILL" || (/^(HUP|PIPE)$/.test(signal.name) && !shell.traps.has(signal.name))) throw signal;
  tty.write("\n");
  if (shell.traps.has(signal.name)) yield* shell.runTrap(signal.name);
}

interface Invocation {
  readonly letters: readonly string[];
  readonly longOptions: readonly string[];
  readonly rest: readonly string[];
}

function invocationOf(process: Process, name: string, dialect: Dialect): Invocation | number {
  const args = process.argv.slice(1);
  const letters: string[] = [];
  const longOptions: string[] = [];
  while (args[0] !== undefined && /^[-+]./.test(args[0])) {
    const flag = args.shift() as string;
    if (flag === "--") break;
    if (dialect === "bash" && flag === "--version") {
      process.stdout.write(
        "GNU bash, version 5.3.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2025 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n",
      );
      return 0;
    }
    if (dialect === "bash" && /^--(login|norc|noprofile|posix|noediting)$/.test(flag)) continue;
    if (flag === "-o" || flag === "+o") {
      longOptions.push(args.shift() ?? "");
      continue;
    }
    if (!/^[-+][acefhilnsuvxBC]+$/.test(flag)) {
      if (dialect === "bash")
        process.stderr.write(
          `${name}: ${flag.startsWith("--") ? flag : `-${flag.slice(-1)}`}: invalid option\nUsage:\t${name} [GNU long option] [option] ...\n\t${name} [GNU long option] [option] script-file ...\n`,
        );
      else process.stderr.write(`${name}: ${dialect === "dash" ? "0: Illegal" : "illegal"} option ${flag.slice(0, 2)}\n`);
      return 2;
    }
    letters.push(...flag.slice(1));
  }
  return { letters, longOptions, rest: args };
}

const OPTION_NAMES: Readonly<Record<string, string>> = {
  a: "allexport",
  e: "errexit",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  x: "xtrace",
  C: "noclobber",
};

function* runShell(process: Process, name: "bash" | "dash" | "sh"): Op<number> {
  const dialect: Dialect = name === "bash" ? "bash" : process.container && name === "sh" ? "ash" : "dash";
  const invocation = invocationOf(process, name, dialect);
  if (typeof invocation === "number") return invocation;
  const { letters, longOptions, rest } = invocation;
  const make = (options: Omit<InterpreterOptions, "dialect" | "builtins">): Interpreter => {
    const shell = new Interpreter(process, { ...options, dialect, builtins: builtinsOf });
    for (const letter of letters) if (OPTION_NAMES[letter]) shell.options.add(OPTION_NAMES[letter]);
    for (const option of longOptions) shell.options.add(option);
    return shell;
  };
  const toItsEnd = (shell: Interpreter, run: Op<number>): Op<number> => shell.withExitTrap(ended(shell, run));
  if (letters.includes("c")) {
    const [script, as, ...positional] = rest;
    if (script === undefined) {
      process.stderr.write(
        dialect === "dash"
          ? `${name}: 0: -c requires an argument\n`
          : `${name}: ${dialect === "bash" ? "-c: option requires" : "-c requires"} an argument\n`,
      );
      return 2;
    }
    const shell = make({ name: as ?? name, fromOption: true, positional });
    return yield* toItsEnd(shell, shell.runText(script));
  }
  const file = letters.includes("s") ? undefined : rest[0];
  const positional = letters.includes("s") ? rest : rest.slice(1);
  if (file !== undefined) {
    const text = process.fs.read(resolvePath(process.cwd, file));
    if (text instanceof FileError) {
      const said =
        dialect === "dash"
          ? `0: cannot open ${file}: No such file`
          : dialect === "ash"
            ? `can't open '${file}': ${text.message}`
            : `${file}: ${text.message}`;
      process.stderr.write(`${name}: ${said}\n`);
      return dialect === "bash" || dialect === "ash" ? (text.message === "Is a directory" ? 126 : dialect === "ash" ? 2 : 127) : 2;
    }
    const shell = make({ name: file, positional });
    return yield* toItsEnd(shell, shell.runText(text));
  }
  if (process.tty && process.stdin === process.tty) {
    const shell = make({ name, conversation: true, positional });
    const status = yield* shell.withExitTrap(converse(shell, process.tty));
    writeHistory(shell);
    for (const { child, children } of shell.jobs.all)
      if (process.container && !child.task.done) for (const { task } of children) task.signal(new Signal("HUP"));
    for (const job of shell.jobs.stopped)
      for (const entry of processesIn(process.machine, job)) {
        entry.signal(new Signal("TERM"));
        entry.resume();
      }
    return status;
  }
  const shell = make({ name, positional });
  return yield* toItsEnd(shell, readingInput(shell, process));
}

/** The status with which a shell ends, whichever way its text is left. */
function* ended(shell: Interpreter, run: Op<number>): Op<number> {
  try {
    return yield* run;
  } catch (thrown) {
    if (!(thrown instanceof Leave)) throw thrown;
    if (thrown.kind === "break" || thrown.kind === "continue") return shell.status;
    shell.status = thrown.status;
    return thrown.status;
  }
}

/** Commands from standard input: read as they are needed, so that a command may read on from there. */
function* readingInput(shell: Interpreter, process: Process): Op<number> {
  let pending = "";
  let first = 1;
  let line = 0;
  for (;;) {
    const next = yield* process.stdin.readLine();
    if (next !== undefined) {
      line++;
      pending += `${next}\n`;
      const { error } = parse(pending, { dialect: shell.dialect, interactive: true });
      if (error?.incomplete) continue;
    }
    if (pending !== "") {
      const status = yield* shell.runText(pending, "", first);
      if (shell.failedToParse) return status;
    }
    if (next === undefined) return shell.status;
    pending = "";
    first = line + 1;
  }
}

const shellCommand = (name: "bash" | "dash" | "sh"): Command => ({
  name,
  summary: name === "bash" ? "the Bourne-again shell" : "the standard shell",
  run: (process) => runShell(process, name),
});

export const shellCommands: readonly Command[] = [
  shellCommand("bash"),
  shellCommand("sh"),
  // What is sh there has its own name, too.
  { ...shellCommand("dash"), userlands: ["host", "debian"] },
];
