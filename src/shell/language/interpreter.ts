/** Runs the shell's tree: variables, functions, redirections, pipelines, jobs. One interpreter a shell process; subshells get a copy. */
import { Pipe } from "../../kernel/pipe.ts";
import { type Input, NO_INPUT, type Output, outputTo, type Stdio } from "../../kernel/stdio.ts";
import { type Op, Signal, Task } from "../../kernel/task.ts";
import { FileError, resolvePath } from "../../kernel/vfs.ts";
import type { Process } from "../command.ts";
import { findProgram } from "../userland.ts";
import type { AndOr, Command, List, Pipeline, Redirection, SimpleCommand } from "./ast.ts";
import { builtins } from "./builtins.ts";
import { ExpansionError, expandToPattern, expandToText, expandWords, globSource, type Scope } from "./expand.ts";
import { Leave } from "./leave.ts";
import { parse, ShellSyntaxError } from "./parser.ts";

const MAX_CALLS = 200;
/** Commands that one line may run before it is stopped: `while true; do :; done` must not hang the page. */
const MAX_COMMANDS_WITHOUT_WAITING = 20_000;

export interface Job {
  readonly id: number;
  readonly line: string;
  readonly task: Task<number>;
}

export class Interpreter implements Scope {
  readonly process: Process;
  /** What errors begin with: "bash", or "bash: line 1" for -c and scripts. */
  readonly name: string;
  readonly functions: Map<string, Command>;
  readonly aliases: Map<string, string>;
  readonly exported: Set<string>;
  readonly jobs: Job[] = [];
  readonly options: Set<string>;
  readonly history: string[] = [];
  positional: readonly string[];
  status = 0;
  /** Id of the last background process, for $!. */
  lastBackground = "";
  readonly #variables: Map<string, string>;
  #calls = 0;
  #steps = 0;
  #stepsAt = -1;

  constructor(process: Process, name: string, positional: readonly string[] = [], parent?: Interpreter) {
    this.process = process;
    this.name = name;
    this.positional = positional;
    this.functions = new Map(parent?.functions);
    this.aliases = new Map(parent?.aliases);
    this.options = new Set(parent?.options);
    this.#variables = new Map(parent ? parent.#variables : process.env);
    this.exported = new Set(parent ? parent.exported : process.env.keys());
  }

  get fs() {
    return this.process.fs;
  }

  get cwd(): string {
    return this.process.cwd;
  }

  /** Which shell it is: dash and busybox say some things differently. */
  get isBash(): boolean {
    return this.name.startsWith("bash");
  }

  variable(name: string): string | undefined {
    switch (name) {
      case "?":
        return String(this.status);
      case "$":
        return String(this.process.pid);
      case "#":
        return String(this.positional.length);
      case "@":
      case "*":
        return this.positional.join(" ");
      case "!":
        return this.lastBackground;
      case "-":
        return [...this.options].join("");
      case "0":
        return this.isBash ? "bash" : "sh";
      case "PWD":
        return this.cwd;
      case "HOSTNAME":
        return this.process.hostname;
      case "RANDOM":
        return String(this.process.machine.kernel.random.below(32768));
      case "SECONDS":
        return String(Math.floor(this.process.machine.kernel.clock.now / 1e6));
    }
    return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.#variables.get(name);
  }

  assign(name: string, value: string): void {
    this.#variables.set(name, value);
    if (this.exported.has(name)) this.process.env.set(name, value);
  }

  unset(name: string): void {
    this.#variables.delete(name);
    this.exported.delete(name);
    this.process.env.delete(name);
  }

  export(name: string): void {
    this.exported.add(name);
    const value = this.#variables.get(name);
    if (value !== undefined) this.process.env.set(name, value);
  }

  variables(): readonly (readonly [string, string])[] {
    return [...this.#variables].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  error(message: string, stdio: Stdio = this.process): void {
    stdio.stderr.write(`${this.name}: ${message}\n`);
  }

  *substitute(script: string): Op<string> {
    let text = "";
    const stdio = { ...stdioOf(this.process), stdout: outputTo((piece) => (text += piece)) };
    this.status = yield* this.#subshell().runText(script, stdio);
    return text.replace(/\n+$/, "");
  }

  #subshell(): Interpreter {
    const copy = new Interpreter(subshellProcess(this.process), this.name, this.positional, this);
    copy.status = this.status;
    copy.#calls = this.#calls + 1;
    return copy;
  }

  /** Runs a script's text; gives its exit status. Syntax errors are told with status 2. */
  *runText(text: string, stdio: Stdio = this.process): Op<number> {
    const tree = parse(text);
    if (tree instanceof ShellSyntaxError) {
      this.error(tree.message, stdio);
      if (this.isBash && /unexpected token/.test(tree.message)) this.error(`\`${text.split("\n")[0]}'`, stdio);
      this.status = 2;
      return 2;
    }
    return yield* this.runTree(tree, stdio);
  }

  /** As `runText`, where `exit` ends with its status. */
  *runTree(tree: List, stdio: Stdio): Op<number> {
    try {
      return yield* this.list(tree, stdio);
    } catch (thrown) {
      if (thrown instanceof Leave && thrown.kind !== "exit") return this.status;
      if (thrown instanceof Leave) {
        this.status = thrown.status;
        return thrown.status;
      }
      throw thrown;
    }
  }

  /** Whether the last line of a conversation was `exit`. */
  left = false;

  /** Runs a line of a conversation: `exit` ends the conversation, anything else only the line. */
  *conversationLine(tree: List): Op<number> {
    try {
      return yield* this.list(tree, stdioOf(this.process));
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown;
      if (thrown.kind === "exit") {
        this.left = true;
        this.status = thrown.status;
      }
      return this.status;
    }
  }

  *list(list: List, stdio: Stdio): Op<number> {
    for (const andOr of list) {
      if (andOr.background) this.#background(andOr, stdio);
      else {
        this.status = yield* this.#andOr(andOr, stdio);
        if (this.status !== 0 && this.options.has("e") && andOr.rest.length === 0) throw new Leave("exit", 0, this.status);
      }
    }
    return this.status;
  }

  #background(andOr: AndOr, stdio: Stdio): void {
    const shell = this.#subshell();
    const { clock } = this.process.machine.kernel;
    const task = new Task(clock, shell.#andOr(andOr, { ...stdio, stdin: NO_INPUT }));
    const id = (this.jobs.at(-1)?.id ?? 0) + 1;
    this.jobs.push({ id, line: describeJob(andOr), task });
    this.lastBackground = String(shell.process.pid);
    if (this.options.has("interactive")) stdio.stderr.write(`[${id}] ${shell.process.pid}\n`);
    this.status = 0;
  }

  *#andOr(andOr: AndOr, stdio: Stdio): Op<number> {
    this.status = yield* this.#pipeline(andOr.first, stdio);
    for (const { operator, pipeline } of andOr.rest)
      if ((operator === "&&") === (this.status === 0)) this.status = yield* this.#pipeline(pipeline, stdio);
    return this.status;
  }

  *#pipeline(pipeline: Pipeline, stdio: Stdio): Op<number> {
    const { commands, negated } = pipeline;
    let status: number;
    if (commands.length === 1) status = yield* this.command(commands[0] as Command, stdio);
    else status = yield* this.#piped(commands, stdio);
    return negated ? (status === 0 ? 1 : 0) : status;
  }

  *#piped(commands: readonly Command[], stdio: Stdio): Op<number> {
    const { clock } = this.process.machine.kernel;
    let stdin: Input = stdio.stdin;
    const tasks: Task<number>[] = [];
    for (const [i, command] of commands.entries()) {
      const last = i === commands.length - 1;
      const pipe = last ? undefined : new Pipe();
      const from = stdin;
      const stage = { ...stdio, stdin: from, stdout: pipe ?? stdio.stdout };
      const shell = this.#subshell();
      const run = function* (): Op<number> {
        try {
          return yield* shell.#inSubshell(command, stage);
        } finally {
          pipe?.close();
          if (from instanceof Pipe) from.closeReader();
        }
      };
      tasks.push(new Task(clock, run()));
      if (pipe) stdin = pipe;
    }
    return yield* joinAll(tasks);
  }

  *#inSubshell(command: Command, stdio: Stdio): Op<number> {
    try {
      return yield* this.command(command, stdio);
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.kind === "exit" ? thrown.status : this.status;
      throw thrown;
    }
  }

  *command(command: Command, stdio: Stdio): Op<number> {
    this.#countStep(stdio);
    if (command.kind === "simple") return yield* this.#simple(command, stdio);
    if (command.kind === "function") {
      this.functions.set(command.name, command.body);
      return 0;
    }
    const redirected = yield* this.redirect(command.redirections, stdio);
    if (!redirected) return 1;
    switch (command.kind) {
      case "group":
        if (!command.subshell) return yield* this.list(command.body, redirected);
        return yield* this.#subshell().runTree(command.body, redirected);
      case "if":
        for (const branch of command.branches)
          if ((yield* this.list(branch.test, redirected)) === 0) return yield* this.list(branch.body, redirected);
        return command.otherwise ? yield* this.list(command.otherwise, redirected) : 0;
      case "while":
        return yield* this.#loop(command.body, redirected, function* (this: Interpreter): Op<boolean> {
          return ((yield* this.list(command.test, redirected)) === 0) !== command.until;
        });
      case "for": {
        const words = command.words ? yield* this.#words(command.words, redirected) : this.positional;
        if (!words) return 1;
        const queue = [...words];
        // biome-ignore lint/correctness/useYield: the next word is at hand
        return yield* this.#loop(command.body, redirected, function* (this: Interpreter): Op<boolean> {
          const next = queue.shift();
          if (next === undefined) return false;
          this.assign(command.name, next);
          return true;
        });
      }
      case "case": {
        const subject = yield* expandToText(command.subject, this);
        for (const arm of command.arms)
          for (const pattern of arm.patterns) {
            const source = globSource(yield* expandToPattern(pattern, this), true);
            if (new RegExp(`^${source}$`, "s").test(subject)) return yield* this.list(arm.body, redirected);
          }
        return 0;
      }
    }
  }

  *#loop(body: List, stdio: Stdio, again: (this: Interpreter) => Op<boolean>): Op<number> {
    let status = 0;
    while (yield* again.call(this)) {
      this.#countStep(stdio);
      try {
        status = yield* this.list(body, stdio);
      } catch (thrown) {
        if (!(thrown instanceof Leave) || (thrown.kind !== "break" && thrown.kind !== "continue")) throw thrown;
        if (thrown.levels > 1) throw new Leave(thrown.kind, thrown.levels - 1, 0);
        if (thrown.kind === "break") break;
      }
    }
    return status;
  }

  /** Stops a script that runs on and on without letting any time pass. */
  #countStep(stdio: Stdio): void {
    const { now } = this.process.machine.kernel.clock;
    if (now !== this.#stepsAt) {
      this.#stepsAt = now;
      this.#steps = 0;
    }
    if (++this.#steps <= MAX_COMMANDS_WITHOUT_WAITING) return;
    this.error("stopped: the loop runs without ever waiting; put a sleep in it", stdio);
    throw new Signal("KILL");
  }

  *#words(words: SimpleCommand["words"], stdio: Stdio): Op<string[] | undefined> {
    try {
      return yield* expandWords(words, this);
    } catch (thrown) {
      if (!(thrown instanceof ExpansionError)) throw thrown;
      this.error(thrown.message, stdio);
      return undefined;
    }
  }

  *#simple(command: SimpleCommand, stdio: Stdio): Op<number> {
    const before = this.status;
    let words = yield* this.#words(command.words, stdio);
    if (!words) return 1;
    const alias = words[0] === undefined ? undefined : this.aliases.get(words[0]);
    if (alias !== undefined) words = [...alias.split(/\s+/), ...words.slice(1)];
    const values: [string, string][] = [];
    this.status = 0;
    for (const { name, value } of command.assignments) {
      try {
        values.push([name, yield* expandToText(value, this)]);
      } catch (thrown) {
        if (!(thrown instanceof ExpansionError)) throw thrown;
        this.error(thrown.message, stdio);
        return 1;
      }
      if (words.length === 0) this.assign(name, (values.at(-1) as [string, string])[1]);
    }
    const substituted = this.status;
    this.status = before;
    const redirected = yield* this.redirect(command.redirections, stdio);
    if (!redirected) return 1;
    const [name] = words;
    if (name === undefined) return substituted;
    if (this.options.has("x")) stdio.stderr.write(`+ ${words.join(" ")}\n`);
    const body = this.functions.get(name);
    if (body) return yield* this.#call(body, words.slice(1), redirected);
    const builtin = builtins.get(name);
    const restore = builtin ? undefined : this.#exportFor(values);
    try {
      if (builtin) return yield* builtin(this, words, redirected);
      const found = findProgram(this.process, name);
      if (!("command" in found)) {
        this.error(`${name}: ${this.isBash ? found.reason : found.reason.replace("command not found", "not found")}`, redirected);
        return found.status;
      }
      return yield* this.process.run(words, redirected);
    } finally {
      restore?.();
    }
  }

  /** Puts `NAME=value cmd` into the environment of one command. */
  #exportFor(values: readonly [string, string][]): () => void {
    const { env } = this.process;
    const old = values.map(([name]) => [name, env.get(name)] as const);
    for (const [name, value] of values) env.set(name, value);
    return () => {
      for (const [name, value] of old) {
        if (value === undefined) env.delete(name);
        else env.set(name, value);
      }
    };
  }

  *#call(body: Command, parameters: readonly string[], stdio: Stdio): Op<number> {
    if (this.#calls >= MAX_CALLS) {
      this.error("maximum function nesting level exceeded", stdio);
      return 1;
    }
    const outer = this.positional;
    this.positional = parameters;
    this.#calls++;
    try {
      return yield* this.command(body, stdio);
    } catch (thrown) {
      if (thrown instanceof Leave && thrown.kind === "return") return thrown.status;
      throw thrown;
    } finally {
      this.#calls--;
      this.positional = outer;
    }
  }

  /** Standard streams with redirections carried out, left to right; undefined when one failed, which has been told. */
  *redirect(redirections: readonly Redirection[], stdio: Stdio): Op<Stdio | undefined> {
    const streams: { stdin: Input; stdout: Output; stderr: Output; tty: Stdio["tty"] } = { ...stdioOf(stdio), tty: stdio.tty };
    for (const { fd, operator, target } of redirections) {
      let text: string;
      try {
        text = yield* expandToText(target, this);
      } catch (thrown) {
        if (!(thrown instanceof ExpansionError)) throw thrown;
        this.error(thrown.message, stdio);
        return undefined;
      }
      const path = resolvePath(this.cwd, text);
      switch (operator) {
        case "<<":
        case "<<<":
          streams.stdin = inputOf(operator === "<<<" ? `${text}\n` : text);
          break;
        case "<": {
          if (path === "/dev/null") {
            streams.stdin = NO_INPUT;
            break;
          }
          const content = this.fs.read(path);
          if (content instanceof FileError) {
            this.error(`${text}: ${content.message}`, streams);
            return undefined;
          }
          streams.stdin = inputOf(content);
          break;
        }
        case ">&":
        case "<&":
          if (text === "1" || text === "2") {
            const source = text === "1" ? streams.stdout : streams.stderr;
            if (fd === 2) streams.stderr = source;
            else streams.stdout = source;
            break;
          }
          if (text === "-" || text === "0") break;
          this.error(`${text}: Bad file descriptor`, streams);
          return undefined;
        default: {
          const output = this.#openOutput(path, operator === ">>" || operator === "&>>");
          if (output instanceof FileError) {
            this.error(`${text}: ${output.message}`, streams);
            return undefined;
          }
          if (operator.startsWith("&")) streams.stdout = streams.stderr = output;
          else if (fd === 2) streams.stderr = output;
          else streams.stdout = output;
        }
      }
    }
    return streams;
  }

  #openOutput(path: string, append: boolean): Output | FileError {
    if (path === "/dev/null") return outputTo(() => {});
    if (path === "/dev/stdout") return this.process.stdout;
    if (path === "/dev/stderr") return this.process.stderr;
    const opened = append ? this.fs.append(path, "") : this.fs.write(path, "");
    if (opened) return opened;
    return outputTo((text) => void this.fs.append(path, text));
  }
}

/** Input that is there already. */
function inputOf(text: string): Input {
  const pipe = new Pipe();
  pipe.write(text);
  pipe.close();
  return pipe;
}

const stdioOf = (stdio: Stdio): { stdin: Input; stdout: Output; stderr: Output; tty: Stdio["tty"] } => ({
  stdin: stdio.stdin,
  stdout: stdio.stdout,
  stderr: stdio.stderr,
  tty: stdio.tty,
});

/** A shell that runs in parentheses changes its own directory and environment only. */
function subshellProcess(process: Process): Process {
  return Object.create(process, {
    cwd: { value: process.cwd, writable: true },
    env: { value: new Map(process.env) },
    pid: { value: process.machine.newPid() },
  }) as Process;
}

/** Waits for all; a signal goes to each that still runs. The status is the last one's. */
function* joinAll(tasks: readonly Task<number>[]): Op<number> {
  let status = 0;
  for (const task of tasks) {
    try {
      while (!task.done) yield task.exited;
    } catch (thrown) {
      if (thrown instanceof Signal) for (const one of tasks) one.signal(thrown);
      throw thrown;
    }
    const { outcome } = task;
    status = outcome && "value" in outcome ? outcome.value : outcome && "signal" in outcome ? outcome.signal.status : 0;
  }
  return status;
}

function describeJob(andOr: AndOr): string {
  const words = (command: Command): string =>
    command.kind === "simple"
      ? command.words.map((word) => word.map((part) => (part.kind === "text" ? part.text : "…")).join("")).join(" ")
      : command.kind;
  return andOr.first.commands.map(words).join(" | ");
}
