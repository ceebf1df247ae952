/** bash and sh as programs: -c, a script, standard input, or a conversation on a terminal. */
import { type Op, Signal, Task } from "../../kernel/task.ts";
import type { Completion, LineReader, Tty } from "../../kernel/tty.ts";
import { FileError, resolvePath } from "../../kernel/vfs.ts";
import type { Command, Process } from "../command.ts";
import { completeLine } from "../completion.ts";
import { Interpreter } from "./interpreter.ts";
import { parse, ShellSyntaxError } from "./parser.ts";

/** The prompt: "root@host:~# " of bash, "/ # " of busybox. */
function promptOf(shell: Interpreter): string {
  const home = shell.variable("HOME") ?? "/root";
  const { cwd } = shell;
  const shown = cwd === home ? "~" : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  return shell.isBash ? `root@${shell.process.hostname.split(".")[0]}:${shown}# ` : `${cwd} # `;
}

/** Talks with the user until exit or Ctrl-D. */
function* converse(shell: Interpreter, tty: Tty): Op<number> {
  const { process } = shell;
  const { clock } = process.machine.kernel;
  shell.options.add("interactive");
  let pending = "";
  for (;;) {
    const reader: LineReader = {
      prompt: pending === "" ? promptOf(shell) : "> ",
      complete: (line, cursor): Completion => completeLine(shell, line, cursor),
    };
    const typed = yield* tty.readPrompted(reader);
    if (typed === "interrupted") {
      pending = "";
      shell.status = 130;
      continue;
    }
    if (typed === undefined) {
      if (pending !== "") {
        tty.write("\n");
        shell.error("unexpected EOF while looking for matching quote or keyword");
        pending = "";
        continue;
      }
      tty.write(shell.isBash ? "exit\n" : "\n");
      return shell.status;
    }
    const text = pending === "" ? typed.line : `${pending}\n${typed.line}`;
    const tree = parse(text);
    const goesOn = /(^|[^\\])(\\\\)*\\$/.test(typed.line);
    if ((tree instanceof ShellSyntaxError && tree.incomplete) || goesOn) {
      pending = text;
      continue;
    }
    pending = "";
    if (text.trim() === "") continue;
    shell.history.push(text);
    if (tree instanceof ShellSyntaxError) {
      shell.error(tree.message);
      shell.status = 2;
      continue;
    }
    let left = false;
    const line = function* (): Op<number> {
      const status = yield* shell.conversationLine(tree);
      left = shell.left;
      return status;
    };
    const task = new Task(clock, line());
    const outer = tty.interrupt;
    tty.interrupt = (signal) => task.signal(signal);
    try {
      while (!task.done) yield task.exited;
    } catch (thrown) {
      // The shell itself is being ended: so is what it runs.
      if (thrown instanceof Signal) task.signal(thrown);
      throw thrown;
    } finally {
      tty.interrupt = outer;
    }
    if (task.outcome && "signal" in task.outcome) {
      shell.status = task.outcome.signal.status;
      if (task.outcome.signal.name === "INT") tty.write("\n");
    }
    if (left) return shell.status;
    reportJobs(shell, tty);
  }
}

/** Tells of background jobs that have ended, before the next prompt. */
function reportJobs(shell: Interpreter, tty: Tty): void {
  for (const job of shell.jobs.filter((one) => one.task.done)) {
    tty.write(`[${job.id}]+  Done                    ${job.line}\n`);
    shell.jobs.splice(shell.jobs.indexOf(job), 1);
  }
}

function* runShell(process: Process, name: "bash" | "sh"): Op<number> {
  const args = process.argv.slice(1);
  const letters: string[] = [];
  while (args[0]?.startsWith("-") && args[0].length > 1) {
    const flag = args.shift() as string;
    if (flag === "--") break;
    if (flag === "--version") {
      process.stdout.write("GNU bash, version 5.2.37(1)-release (x86_64-pc-linux-gnu)\n");
      return 0;
    }
    if (flag === "--login" || flag === "--norc" || flag === "--posix") continue;
    if (!/^-[ceilsux]+$/.test(flag)) {
      process.stderr.write(`${name}: ${flag}: invalid option\nUsage: ${name} [-ceilsux] [-c command] [file [argument ...]]\n`);
      return 2;
    }
    letters.push(...flag.slice(1));
  }
  process.env.set("VETHLAB_SHELL", name);
  const options = letters.filter((letter) => "eux".includes(letter));
  const make = (as: string, positional: readonly string[]): Interpreter => {
    const shell = new Interpreter(process, as, positional);
    for (const option of options) shell.options.add(option);
    return shell;
  };
  if (letters.includes("c")) {
    const [script, , ...positional] = args;
    if (script === undefined) {
      process.stderr.write(`${name}: -c: option requires an argument\n`);
      return 2;
    }
    process.env.set("VETHLAB_SHELL", name === "bash" ? "bash: line 1" : "sh");
    return yield* make(name === "bash" ? "bash: line 1" : "sh", positional).runText(script);
  }
  const file = args[0];
  if (file !== undefined) {
    const text = process.fs.read(resolvePath(process.cwd, file));
    if (text instanceof FileError) {
      process.stderr.write(`${name}: ${file}: ${text.message}\n`);
      return 127;
    }
    return yield* make(file, args.slice(1)).runText(text);
  }
  if (process.tty && process.stdin === process.tty) return yield* converse(make(name, []), process.tty);
  return yield* make(name, []).runText(yield* process.stdin.readAll());
}

const shellCommand = (name: "bash" | "sh"): Command => ({
  name,
  summary: name === "bash" ? "the Bourne-again shell" : "the standard shell",
  run: (process) => runShell(process, name),
});

export const shellCommands: readonly Command[] = [shellCommand("bash"), shellCommand("sh")];
