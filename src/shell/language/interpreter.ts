/** Runs the shell's trees: commands, pipelines, loops, functions, jobs. One interpreter a shell process; a subshell gets a copy. */
import { Pipe } from "../../kernel/pipe.ts";
import { type Input, NO_INPUT, type Output } from "../../kernel/stdio.ts";
import { anyOf, type Op, Signal, sleep, Task } from "../../kernel/task.ts";
import { resolvePath } from "../../kernel/vfs.ts";
import type { Child, Process } from "../command.ts";
import { Effort } from "../effort.ts";
import { processesOf } from "../process-table.ts";
import { wallClockSeconds } from "../wall-clock.ts";
import { ArithmeticError, evaluate } from "./arithmetic.ts";
import {
  type AndOr,
  type Assignment,
  type Command,
  isArray,
  type List,
  type Pipeline,
  type Redirection,
  type SimpleCommand,
  type Word,
} from "./ast.ts";
import type { Builtin } from "./builtins/builtin.ts";
import { type CompoundCommand, runCompound } from "./compound.ts";
import { type Dialect, type Place, prefix } from "./dialect.ts";
import { ExpansionError, MAX_TEXT, type Scope } from "./expand/scope.ts";
import { expandAssigned, expandToText, expandWord, subscriptOf } from "./expand/words.ts";
import type { HistoryMemory } from "./history.ts";
import { describeSignal, isStopped, type Job, Jobs, processesIn } from "./jobs.ts";
import { Leave } from "./leave.ts";
import { Parser } from "./parser.ts";
import { andOrText } from "./print.ts";
import { quotedIfNeeded } from "./quote.ts";
import { type Redirected, RedirectionError, redirect } from "./redirect.ts";
import { type Streams, stdioOf } from "./streams.ts";
import { ShellSyntaxError, syntaxMessage } from "./syntax-error.ts";
import { AssignmentError, Variables } from "./variables.ts";

/** Functions and substitutions within each other: bash would run out of stack somewhere beyond. */
const MAX_CALLS = 120;

/** Forks within each other, and processes altogether, up to which a fork takes no time; and the µs that it takes beyond, a process. */
const AT_ONCE = 16;
const CROWD = 200;
const FORK_TIME = 20;

/** An assignment with its words expanded. */
export interface Ready {
  readonly name: string;
  readonly index: string | undefined;
  readonly append: boolean;
  readonly value: string | readonly { readonly index: string | undefined; readonly value: string }[];
}

export interface InterpreterOptions {
  /** "bash", "sh", or the path of a script: $0, and what errors begin with. */
  readonly name: string;
  readonly dialect: Dialect;
  readonly fromOption?: boolean;
  /** Lines come from a terminal: messages name no line. */
  readonly conversation?: boolean;
  readonly positional?: readonly string[];
  readonly builtins: (dialect: Dialect) => ReadonlyMap<string, Builtin>;
}

/** A job in the foreground; `job` once it has a number. */
interface ForegroundJob {
  readonly children: readonly Child[];
  readonly line: () => string;
  job?: Job;
}

/** 128 + SIGTSTP. */
const STOPPED = 148;

/** Where a list runs: what its failure means for `set -e`, and whether its last command may take the shell's place. */
export interface Context {
  readonly streams: Streams;
  /** The status is looked at (if, while, &&, !): set -e does not end the shell for it. */
  readonly tested: boolean;
  /** Nothing comes after: a program is executed without a fork. */
  readonly final: boolean;
}

export class Interpreter implements Scope {
  readonly process: Process;
  readonly name: string;
  readonly dialect: Dialect;
  readonly variables: Variables;
  readonly functions: Map<string, Command>;
  readonly aliases: Map<string, string>;
  readonly options: Set<string>;
  readonly jobs: Jobs;
  readonly history: string[];
  readonly historyMemory: HistoryMemory = { substitution: undefined, found: undefined };
  /** How many of them HISTFILE has. */
  historyKept = 0;
  /** That there are stopped jobs has been told: to leave again is to mean it. */
  leaveRefused = false;
  /** Actions by signal name, and EXIT and ERR; "" ignores. */
  readonly traps: Map<string, string>;
  readonly effort: Effort;
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** Talks with somebody; a subshell does not. */
  readonly interactive: boolean;
  positional: readonly string[];
  /** Directories below the current one, for pushd and popd. */
  directories: string[] = [];
  status = 0;
  line = 1;
  lastBackground = "";
  lastArgument: string;
  /** The shell's own open files; `exec >file` changes them. */
  streams: Streams;
  /** How far `getopts` is in a cluster of options. */
  optionPlace = { index: 0, at: 1 };
  loopDepth = 0;
  /** How deep in $( ), for set -x. */
  readonly substitutions: number;
  /** $$: a subshell keeps its parent's. */
  readonly shellPid: number;
  /** The function that runs, innermost last. */
  readonly callStack: string[] = [];
  /** Files that are being read by `source`, innermost last. */
  readonly sourced: string[] = [];
  /** µs of virtual time. */
  readonly started: number;
  readonly #interpreterOptions: InterpreterOptions;
  /** The last text had a syntax error: a shell that reads it from its input ends. */
  failedToParse = false;
  /** The job that the shell waits for, which Ctrl-Z stops. */
  foreground: ForegroundJob | undefined;
  #calls: number;
  #lastSubstitution: number | undefined;
  #files = 0;

  constructor(process: Process, options: InterpreterOptions, parent?: Interpreter) {
    this.process = process;
    this.name = options.name;
    this.dialect = options.dialect;
    this.jobs = new Jobs(options.dialect);
    this.history = parent?.history ?? [];
    this.started = parent?.started ?? process.machine.kernel.clock.now;
    this.#interpreterOptions = options;
    this.builtins = options.builtins(options.dialect);
    this.positional = parent?.positional ?? options.positional ?? [];
    this.functions = new Map(parent?.functions);
    this.aliases = new Map(parent?.aliases);
    this.options = new Set(parent?.options ?? ["braceexpand", "hashall", "interactive-comments"]);
    this.interactive = options.conversation === true && parent === undefined;
    if (this.interactive) {
      for (const option of ["monitor", ...(this.dialect === "bash" ? ["emacs", "histexpand", "history"] : [])]) this.options.add(option);
      const entry = processesOf(process.machine).entries.get(process.pid);
      if (entry) entry.ignoresStops = true;
    }
    this.variables = new Variables(parent?.variables);
    this.variables.onExport = (name, value) => {
      if (value === undefined) process.env.delete(name);
      else process.env.set(name, value);
    };
    // What a subshell is told to ignore it ignores; other actions are its parent's.
    this.traps = new Map([...(parent?.traps ?? [])].filter(([, action]) => action === ""));
    this.effort = new Effort(process.machine.kernel.clock);
    this.status = parent?.status ?? 0;
    this.line = parent?.line ?? 1;
    this.#calls = (parent?.calls ?? 0) + (parent ? 1 : 0);
    this.callStack.push(...(parent?.callStack ?? []));
    this.substitutions = parent?.substitutions ?? 0;
    this.shellPid = parent?.shellPid ?? process.ownPid;
    this.lastBackground = parent?.lastBackground ?? "";
    this.lastArgument = parent?.lastArgument ?? options.name;
    this.directories = [...(parent?.directories ?? [])];
    this.streams = { ...stdioOf(process), more: parent?.streams.more };
    if (parent) this.jobs.inherit(parent.jobs);
    if (!parent) this.#setUp();
  }

  #setUp(): void {
    const { variables, process } = this;
    for (const [name, value] of process.env) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
      variables.set(name, value);
      variables.export(name, true);
    }
    variables.set("IFS", " \t\n");
    variables.set("PS4", "+ ");
    variables.set("OPTIND", "1");
    const old = process.env.get("PWD");
    variables.set("PWD", old !== undefined && resolvePath("/", old) === process.cwd ? old : process.cwd);
    variables.export("PWD", true);
    if (this.dialect === "dash") return;
    variables.set("SHLVL", String((Number(process.env.get("SHLVL")) || 0) + 1));
    variables.export("SHLVL", true);
    if (this.dialect === "ash") return;
    if (!process.env.has("OLDPWD")) variables.export("OLDPWD", true);
    variables.set("BASH", "/bin/bash");
    variables.set("BASH_VERSION", "5.3.15(1)-release");
    variables.set("HOSTTYPE", "x86_64");
    variables.set("MACHTYPE", "x86_64-pc-linux-gnu");
    variables.set("OSTYPE", "linux-gnu");
    const uid = String(process.credentials?.uid ?? 0);
    variables.set("UID", uid);
    variables.set("EUID", uid);
    variables.set("PPID", "1");
    if (!process.env.has("SHELL")) variables.set("SHELL", "/bin/bash");
  }

  get fs() {
    return this.process.fs;
  }

  get cwd(): string {
    return this.process.cwd;
  }

  /** How deep in functions and subshells. */
  get calls(): number {
    return this.#calls;
  }

  option(name: string): boolean {
    return this.options.has(name);
  }

  // Messages

  get place(): Place {
    const { dialect } = this;
    const { fromOption = false, conversation } = this.#interpreterOptions;
    const sourced = this.sourced.at(-1);
    if (sourced !== undefined) return { dialect, program: sourced, line: this.line, fromOption: false };
    return { dialect, program: this.name, line: conversation ? undefined : this.line, fromOption };
  }

  /** A complaint of the shell itself, or of one of its builtins. */
  error(message: string, streams: Streams = this.streams, builtin = ""): void {
    streams.stderr.write(`${prefix(this.place, builtin)}${message}\n`);
  }

  // Parameters

  parameter(name: string): string | undefined {
    switch (name) {
      case "?":
        return String(this.status);
      case "$":
        return String(this.shellPid);
      case "#":
        return String(this.positional.length);
      case "@":
      case "*":
        return this.positional.length === 0 ? undefined : this.positional.join(" ");
      case "!":
        return this.lastBackground === "" ? undefined : this.lastBackground;
      case "-":
        return this.#optionLetters();
      case "0":
        return this.name;
      case "_":
        return this.dialect === "bash" ? this.lastArgument : undefined;
    }
    if (/^\d+$/.test(name)) return this.positional[Number(name) - 1];
    return this.variables.textOf(name) ?? this.#computed(name);
  }

  #optionLetters(): string {
    const letters = [
      ["allexport", "a"],
      ["errexit", "e"],
      ["noglob", "f"],
      ["hashall", "h"],
      ["interactive", "i"],
      ["monitor", "m"],
      ["nounset", "u"],
      ["verbose", "v"],
      ["xtrace", "x"],
      ["braceexpand", "B"],
      ["noclobber", "C"],
      ["histexpand", "H"],
    ] as const;
    const has = (option: string): boolean => (option === "interactive" ? this.interactive : this.options.has(option));
    const on = letters.filter(([option]) => has(option) && (this.dialect === "bash" || !/hashall|braceexpand/.test(option)));
    return (
      on.map(([, letter]) => letter).join("") +
      (this.interactive && this.dialect === "bash" ? "s" : "") +
      (this.#interpreterOptions.fromOption && this.dialect !== "dash" ? "c" : "")
    );
  }

  #computed(name: string): string | undefined {
    const { kernel } = this.process.machine;
    if (this.dialect === "dash") return undefined;
    switch (name) {
      case "LINENO":
        return String(this.dialect === "ash" && this.#interpreterOptions.fromOption ? this.line - 1 : this.line);
      case "RANDOM":
        return String(kernel.random.below(32768));
      case "SECONDS":
        return String(Math.floor((kernel.clock.now - this.started) / 1e6));
    }
    if (this.dialect !== "bash") return undefined;
    switch (name) {
      case "HOSTNAME":
        return this.process.hostname;
      case "BASHPID":
        return String(this.process.ownPid);
      case "BASH_SUBSHELL":
        return String(this.substitutions);
      case "EPOCHSECONDS":
        return String(Math.floor(wallClockSeconds(kernel)));
      case "EPOCHREALTIME":
        return wallClockSeconds(kernel).toFixed(6);
      case "COLUMNS":
        return this.interactive ? String(this.process.tty?.columns ?? 80) : undefined;
    }
    return undefined;
  }

  assign(name: string, index: string | undefined, value: string): void {
    const failed = this.assignReady({ name, index, append: false, value });
    if (failed) throw this.refusal(failed);
  }

  /** A refused assignment ends what is being read; in a POSIX shell the whole script. */
  refusal({ message }: AssignmentError): ExpansionError {
    if (this.dialect === "bash") return new ExpansionError(message);
    return new ExpansionError(message.replace("readonly variable", "is read only"), { status: 2, fatal: true });
  }

  assignReady({ name, index, append, value }: Ready): AssignmentError | undefined {
    const variable = this.variables.get(name);
    if (typeof value === "string") {
      let text = value;
      if (variable?.integer) {
        const number = this.evaluate(text);
        const old = append ? this.evaluate(this.variables.textOf(name) ?? "0") : 0n;
        if (number instanceof ArithmeticError) throw new ExpansionError(number.message);
        text = String(number + (old instanceof ArithmeticError ? 0n : old));
      } else if (append) text = ((index === undefined ? this.variables.textOf(name) : this.variables.element(name, index)) ?? "") + text;
      const failed = this.variables.setElement(name, index, text);
      if (!failed && this.options.has("allexport")) this.variables.export(name, true);
      return failed;
    }
    const isTable = variable?.table !== undefined;
    if (!append || !(variable?.list || variable?.table)) {
      const old = append && variable?.text !== undefined ? variable.text : undefined;
      const failed = this.variables.makeArray(name, isTable ? "table" : "list");
      if (failed) return failed;
      if (old !== undefined) this.variables.setElement(name, "0", old);
    }
    let next = append ? Math.max(-1, ...this.variables.keys(name).map(Number)) + 1 : 0;
    for (const item of value) {
      if (isTable && item.index === undefined)
        return new AssignmentError(`${name}: ${item.value}: must use subscript when assigning associative array`);
      if (item.index !== undefined && !isTable) next = Number(item.index);
      const failed = this.variables.setElement(name, isTable ? item.index : String(next), item.value);
      if (failed) return failed;
      next++;
    }
    return undefined;
  }

  // Arithmetic

  evaluate(expression: string): bigint | ArithmeticError {
    return evaluate(
      expression,
      {
        read: (name, index) => {
          const value = index === undefined ? this.parameter(name) : this.variables.element(name, this.#key(name, index));
          if (value === undefined && this.options.has("nounset"))
            throw new ExpansionError(`${name}: ${this.dialect === "bash" ? "unbound variable" : "parameter not set"}`, {
              status: 127,
              fatal: true,
            });
          return value;
        },
        write: (name, index, value) => this.assign(name, index === undefined ? undefined : this.#key(name, index), value),
      },
      this.dialect,
    );
  }

  #key(name: string, index: string): string {
    if (this.variables.get(name)?.table) return index.replace(/^(["'])(.*)\1$/s, "$2");
    const value = this.evaluate(index);
    return value instanceof ArithmeticError ? "0" : String(value);
  }

  *arithmetic(expression: Word): Op<bigint> {
    const value = this.evaluate(yield* expandToText(expression, this));
    if (!(value instanceof ArithmeticError)) return value;
    throw new ExpansionError(value.message, this.dialect === "bash" ? {} : { status: 2, fatal: true });
  }

  // Substitutions and subshells

  *substitute(body: List | string): Op<string> {
    let text = "";
    const stdout: Output = {
      write: (piece) => {
        if (text.length > MAX_TEXT) Task.running?.signal(new Signal("KILL"));
        else text += piece;
      },
      close() {},
    };
    const streams: Streams = { ...this.streams, stdout };
    this.status = yield* this.subshell(streams, (shell) => shell.#substituted(body), true);
    this.#lastSubstitution = this.status;
    const end = text.endsWith("\n") ? text.replace(/\n+$/, "") : text;
    return end.includes("\0") ? end.replaceAll("\0", "") : end;
  }

  *#substituted(body: List | string): Op<number> {
    if (typeof body === "string") return yield* this.runText(body);
    const file = this.dialect === "bash" ? onlyInput(body) : undefined;
    if (!file) return yield* this.runTree(body);
    // $(< FILE): what stands in the file, without a program that reads it.
    const opened = yield* this.#redirected([file], { streams: this.streams, tested: false, final: false });
    if (!opened) return 1;
    for (let piece = yield* opened.streams.stdin.read(); piece !== undefined; piece = yield* opened.streams.stdin.read())
      opened.streams.stdout.write(piece);
    opened.close();
    return 0;
  }

  *fileOf(body: List): Op<string> {
    const text = yield* this.substitute(body);
    const path = `/tmp/.fd-${this.shellPid}-${63 - (this.#files++ % 64)}`;
    this.fs.write(path, text === "" ? "" : `${text}\n`);
    return path;
  }

  /** Forks: runs `body` on a copy of this shell, in a process of its own, and waits for it. */
  *subshell(streams: Streams, body: (shell: Interpreter) => Op<number>, substituting = false): Op<number> {
    return yield* this.waitFor(this.fork(streams, body, substituting));
  }

  fork(streams: Streams, body: (shell: Interpreter) => Op<number>, substituting = false): Child {
    return this.process.fork((process) => {
      const shell = new Interpreter(process, this.#interpreterOptions, this);
      if (substituting && this.dialect === "bash") shell.options.delete("errexit");
      (shell as { substitutions: number }).substitutions = this.substitutions + (substituting ? 1 : 0);
      shell.streams = streams;
      return shell.#toItsEnd(body);
    }, stdioOf(streams));
  }

  *#toItsEnd(body: (shell: Interpreter) => Op<number>): Op<number> {
    if (this.#calls > MAX_CALLS) {
      this.error("maximum subshell nesting level exceeded");
      return 1;
    }
    // Forks that beget forks take the longer the more there are: a fork bomb must neither run in no time at all nor for ever.
    const { size } = processesOf(this.process.machine).entries;
    if (this.#calls > AT_ONCE || size > CROWD) yield sleep(FORK_TIME * (1 + size));
    return yield* this.withExitTrap(this.#leaving(body(this)));
  }

  /** The status of a whole run, when `exit`, a stray `return` or a failed expansion ends it early. */
  *#leaving(run: Op<number>): Op<number> {
    try {
      return yield* run;
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown;
      this.status = thrown.kind === "break" || thrown.kind === "continue" ? this.status : thrown.status;
      return this.status;
    }
  }

  /** Runs the EXIT trap afterwards, also when a signal ended the run. */
  *withExitTrap(run: Op<number>): Op<number> {
    try {
      this.status = yield* run;
    } catch (thrown) {
      if (thrown instanceof Signal && thrown.name !== "KILL" && this.traps.has("EXIT")) yield* this.runTrap("EXIT");
      throw thrown;
    }
    if (!this.traps.has("EXIT")) return this.status;
    const { status } = this;
    const left = yield* this.#leaving(this.runTrap("EXIT"));
    return left === 0 ? status : left;
  }

  /** Sets the action for a signal, EXIT or ERR; undefined takes it back. */
  setTrap(name: string, action: string | undefined): void {
    if (action === undefined) this.traps.delete(name);
    else this.traps.set(name, action);
    const handles = processesOf(this.process.machine).entries.get(this.process.pid)?.handles as Set<string> | undefined;
    if (action) handles?.add(name);
    else handles?.delete(name);
  }

  /** Runs a trap's action; gives the status that `exit` in it asks for, 0 otherwise. */
  *runTrap(name: string): Op<number> {
    const action = this.traps.get(name);
    if (action === undefined || action === "") return 0;
    if (name === "EXIT") this.traps.delete("EXIT");
    const { status } = this;
    yield* this.runText(action, "trap");
    this.status = status;
    return 0;
  }

  /**
   * Waits for a child. Ctrl-C reaches both, as they are in the terminal's foreground; other signals with a trap wait for the
   * child to end, as bash has it; without one they take the child along.
   */
  *waitFor(child: Child): Op<number> {
    const { task } = child;
    let caught: Signal | undefined;
    while (!task.outcome) {
      if (this.foreground && this.interactive && isStopped(this.foreground)) return this.#suspended(this.foreground);
      try {
        yield this.foreground ? anyOf(task.exited, ...this.foreground.children.map((one) => one.task.changed)) : task.exited;
      } catch (thrown) {
        const action = thrown instanceof Signal ? this.traps.get(thrown.name) : undefined;
        // Of a child that has ended while this shell was stopped nothing is left to go on to.
        if (!(thrown instanceof Signal) || (task.outcome && action === undefined)) throw thrown;
        if (action === "") continue;
        caught = thrown;
        if (action === undefined || thrown.name === "INT" || thrown.name === "QUIT") task.signal(thrown);
      }
    }
    const { outcome } = task;
    const status = "value" in outcome ? outcome.value : outcome.signal.status;
    if (caught && this.traps.has(caught.name)) {
      this.status = status;
      yield* this.runTrap(caught.name);
    } else if (caught && "signal" in outcome && outcome.signal.name === caught.name) throw caught;
    return status;
  }

  /** Runs `wait` with a job in the foreground: Ctrl-Z stops it, and gives it a number. */
  *inForeground(foreground: ForegroundJob, wait: Op<number>): Op<number> {
    if (!this.interactive) return yield* wait;
    const outer = this.foreground;
    this.foreground = foreground;
    try {
      return yield* wait;
    } finally {
      this.foreground = outer;
    }
  }

  /** Whether the shell ends when asked to: not at the first time while jobs are stopped. */
  mayLeave(): boolean {
    if (this.leaveRefused || this.jobs.stopped.length === 0) return true;
    this.leaveRefused = true;
    return false;
  }

  /** Ctrl-Z: all of the job in the foreground is stopped. */
  suspendForeground(): void {
    if (!this.foreground) return;
    for (const entry of processesIn(this.process.machine, this.foreground)) if (!entry.ignoresStops) entry.stop("TSTP");
  }

  /** The job in the foreground has stopped: the shell goes on without it. */
  #suspended(foreground: ForegroundJob): number {
    foreground.job ??= this.jobs.add(foreground.line(), foreground.children);
    this.jobs.stoppedNow(foreground.job);
    // bash tells it at once, the others before the next prompt.
    if (this.dialect === "bash") this.streams.stderr.write(`\n${this.jobs.describe(foreground.job)}`);
    else foreground.job.told = false;
    // What stands in a loop after it would run again and again: bash leaves all loops.
    if (this.loopDepth > 0 && this.dialect === "bash") throw new Leave("break", this.loopDepth, STOPPED);
    return STOPPED;
  }

  /** As `waitFor`, for a program of the user's: how it was killed is told. */
  *#awaitProgram(child: Child, text: string): Op<number> {
    const status = yield* this.inForeground({ children: [child], line: () => text }, this.waitFor(child));
    const { outcome } = child.task;
    if (this.dialect === "bash" && outcome && "signal" in outcome && outcome.signal.name !== "INT" && outcome.signal.name !== "PIPE") {
      const said = describeSignal(outcome.signal);
      if (this.interactive) this.streams.stderr.write(`${said}\n`);
      else if (outcome.signal.name === "TERM") this.streams.stderr.write(`${said.padEnd(27)}${text}\n`);
      else this.error(`${String(child.process.ownPid).padStart(5)} ${said.padEnd(27)}${text}`);
    }
    return status;
  }

  // Texts

  /** Runs a script's text; gives its exit status. `within`: the builtin that reads it. */
  *runText(text: string, within = "", firstLine = within === "" ? 1 : this.line): Op<number> {
    const { place } = this;
    const aliases = this.dialect !== "bash" || this.interactive || this.options.has("expand_aliases") ? this.aliases : undefined;
    const parser = new Parser(text, { dialect: this.dialect, aliases, firstLine });
    let told = 0;
    let read = 0;
    this.status = within === "" ? 0 : this.status;
    for (let list = parser.line(); list !== undefined; list = parser.line()) {
      for (const { text: warning } of parser.warnings.slice(told)) this.#warn(warning);
      told = parser.warnings.length;
      if (list instanceof ShellSyntaxError) {
        this.streams.stderr.write(syntaxMessage(list, place, text, within));
        this.status = list.status;
        this.failedToParse = true;
        return this.status;
      }
      if (this.options.has("verbose") && within === "") this.streams.stderr.write(text.slice(read, parser.at).replace(/^\n/, ""));
      read = parser.at;
      if (this.options.has("noexec")) continue;
      const discarded = yield* this.#runLine(list, within);
      if (discarded) return this.status;
    }
    return this.status;
  }

  #warn(text: string): void {
    if (this.dialect === "bash") this.error(text);
  }

  /** Runs one line; true when a failed expansion ends the whole text with it. */
  *#runLine(list: List, within: string): Op<boolean> {
    try {
      yield* this.list(list, { streams: this.streams, tested: false, final: false });
      return false;
    } catch (thrown) {
      if (!(thrown instanceof Leave) || thrown.kind !== "discard") throw thrown;
      this.status = thrown.status;
      return within !== "" || this.#interpreterOptions.fromOption === true;
    }
  }

  /** Runs ready trees to the end of the shell that they are all of: ( ), $( ). */
  *runTree(tree: List): Op<number> {
    return yield* this.list(tree, { streams: this.streams, tested: false, final: true });
  }

  // Lists and pipelines

  *list(list: List, context: Context): Op<number> {
    // Where the shell's own streams are in use, `exec >file` changes them for what follows.
    const own = context.streams === this.streams;
    for (const [i, andOr] of list.entries()) {
      const streams = own ? this.streams : context.streams;
      const final = context.final && i === list.length - 1;
      if (andOr.background) this.#background(andOr, streams);
      else this.status = yield* this.#andOr(andOr, { ...context, streams, final });
    }
    return this.status;
  }

  #background(andOr: AndOr, streams: Streams): void {
    // With job control it may read the terminal, and is stopped for it.
    const stdin = this.interactive && streams.stdin === this.process.tty ? streams.stdin : NO_INPUT;
    const child = this.fork({ ...streams, stdin }, (shell) => {
      if (this.interactive && Task.running) Task.running.background = true;
      return shell.#andOr({ ...andOr, background: false }, { streams: shell.streams, tested: false, final: true });
    });
    const job = this.jobs.add(andOrText(andOr), [child]);
    this.lastBackground = String(child.process.ownPid);
    if (this.interactive && this.dialect === "bash") streams.stderr.write(`[${job.id}] ${child.process.ownPid}\n`);
    this.status = 0;
  }

  *#andOr({ first, rest }: AndOr, context: Context): Op<number> {
    const alone = rest.length === 0;
    this.status = yield* this.#pipeline(first, alone ? context : { ...context, tested: true, final: false });
    for (const [i, { operator, pipeline }] of rest.entries()) {
      if ((operator === "&&") !== (this.status === 0)) continue;
      const last = i === rest.length - 1;
      this.status = yield* this.#pipeline(pipeline, last ? context : { ...context, tested: true, final: false });
    }
    return this.status;
  }

  *#pipeline(pipeline: Pipeline, context: Context): Op<number> {
    const { commands, negated, timed } = pipeline;
    const started = this.process.machine.kernel.clock.now;
    const inner: Context = negated || timed !== "" ? { ...context, tested: context.tested || negated, final: false } : context;
    let status: number;
    if (commands.length === 1) {
      status = yield* this.command(commands[0] as Command, inner);
      if (this.dialect === "bash") this.#setPipeStatus([status]);
    } else status = yield* this.#piped(pipeline, inner.streams);
    if (timed !== "")
      context.streams.stderr.write(timing(timed, this.process.machine.kernel.clock.now - started, this.variables.textOf("TIMEFORMAT")));
    this.status = negated ? (status === 0 ? 1 : 0) : status;
    if (status !== 0 && !negated && !context.tested && (commands.length > 1 || failsByItself(commands[0] as Command)))
      yield* this.#failed(status);
    return this.status;
  }

  *#failed(status: number): Op<void> {
    if (this.traps.has("ERR") && this.callStack.length === 0) yield* this.runTrap("ERR");
    if (this.options.has("errexit")) throw new Leave("exit", 0, status);
  }

  #setPipeStatus(statuses: readonly number[]): void {
    const variable = this.variables.declare("PIPESTATUS");
    variable.text = undefined;
    variable.list = new Map(statuses.map((status, i) => [i, String(status)]));
  }

  *#piped(pipeline: Pipeline, streams: Streams): Op<number> {
    const { commands } = pipeline;
    let stdin: Input = streams.stdin;
    const children: Child[] = [];
    for (const [i, command] of commands.entries()) {
      const pipe = i === commands.length - 1 ? undefined : new Pipe();
      const from = stdin;
      const stage: Streams = { ...streams, stdin: from, stdout: pipe ?? streams.stdout };
      children.push(
        this.fork(stage, function* (shell) {
          try {
            return yield* shell.command(command, { streams: shell.streams, tested: false, final: true });
          } finally {
            pipe?.close();
            if (from instanceof Pipe && i > 0) from.closeReader();
          }
        }),
      );
      if (pipe) stdin = pipe;
    }
    const line = (): string => andOrText({ first: pipeline, rest: [], background: false });
    const statuses: number[] = [];
    const waiting = function* (this: Interpreter): Op<number> {
      for (const child of children) {
        try {
          statuses.push(yield* this.waitFor(child));
        } catch (thrown) {
          if (thrown instanceof Signal) for (const one of children) one.task.signal(thrown);
          throw thrown;
        }
        if (!child.task.done) return STOPPED;
      }
      return statuses.at(-1) as number;
    };
    if ((yield* this.inForeground({ children, line }, waiting.call(this))) === STOPPED && children.some(({ task }) => !task.done))
      return STOPPED;
    if (this.dialect === "bash") this.#setPipeStatus(statuses);
    const failed = this.options.has("pipefail") ? statuses.filter((status) => status !== 0).at(-1) : undefined;
    return failed ?? (statuses.at(-1) as number);
  }

  // Commands

  *command(command: Command, context: Context): Op<number> {
    // A writer that is far ahead of its reader waits, and everybody lets time pass now and then.
    for (let wait = context.streams.stdout.room?.(); wait; wait = context.streams.stdout.room?.()) yield wait;
    if (this.effort.spend()) yield* this.effort.rest();
    this.line = command.line;
    try {
      if (command.kind === "simple") return yield* this.#trapping(this.#simple(command, context));
      if (command.kind === "function") {
        this.functions.set(command.name, command.body);
        return 0;
      }
      return yield* this.#compound(command, context);
    } catch (thrown) {
      if (thrown instanceof ExpansionError) throw this.complain(thrown, context.streams);
      throw thrown;
    }
  }

  /** A signal with a trap ends the command that waited, and runs the action. */
  *#trapping(run: Op<number>): Op<number> {
    try {
      return yield* run;
    } catch (thrown) {
      if (!(thrown instanceof Signal) || !this.traps.has(thrown.name)) throw thrown;
      this.status = thrown.status;
      yield* this.runTrap(thrown.name);
      return thrown.status;
    }
  }

  /** Says what was wrong with an expansion, and gives what leaves the line. */
  complain({ message, status, fatal }: ExpansionError, streams: Streams): Leave {
    this.error(message, streams);
    const exits = (fatal || this.dialect !== "bash") && !this.interactive;
    // 127 is what the text of -c itself ends with; a script, a subshell and a function end with an ordinary failure.
    const outermost = this.#interpreterOptions.fromOption === true && this.#calls === 0 && !this.options.has("errexit");
    return new Leave(exits ? "exit" : "discard", 0, status === 127 && !outermost ? 1 : status);
  }

  *#redirected(redirections: readonly Redirection[], context: Context): Op<Redirected | undefined> {
    if (redirections.length === 0) return { streams: context.streams, close() {} };
    const result = yield* redirect(redirections, context.streams, this);
    if (!(result instanceof RedirectionError)) return result;
    const { before, message } = result;
    if (before) context.streams.stderr.write(`${before.line ? prefix(this.place) : `${this.name}: `}${before.text}\n`);
    this.error(message, context.streams);
    return undefined;
  }

  /** What a failed redirection leaves: dash tells 2 where the others tell 1. */
  get #redirectionStatus(): number {
    return this.dialect === "dash" ? 2 : 1;
  }

  *#compound(command: CompoundCommand, context: Context): Op<number> {
    const redirected = yield* this.#redirected(command.redirections, context);
    if (!redirected) return this.#redirectionStatus;
    try {
      return yield* runCompound(this, command, {
        ...context,
        streams: redirected.streams,
        final: context.final && command.redirections.length === 0,
      });
    } finally {
      redirected.close();
    }
  }

  // Simple commands

  *#simple(command: SimpleCommand, context: Context): Op<number> {
    this.#lastSubstitution = undefined;
    const words: string[] = [];
    const declared: Ready[] = [];
    let table = false;
    for (const word of command.words) {
      if ("kind" in word) {
        const ready = yield* this.#ready(word, table);
        declared.push(ready);
        words.push(assignmentText(ready));
        continue;
      }
      table ||= /^-[a-zA-Z]*A/.test(word.raw);
      // BusyBox's [[ is a builtin whose words are taken as they are.
      if (this.dialect === "ash" && words[0] === "[[") words.push(yield* expandToText(word, this));
      else words.push(...(yield* expandWord(word, this)));
    }
    const ready: Ready[] = [];
    for (const assignment of command.assignments) ready.push(yield* this.#ready(assignment));
    const [name] = words;
    if (name === undefined) return yield* this.#bare(command, ready, context);
    const redirected = yield* this.#redirected(command.redirections, context);
    const builtin = this.builtins.get(name);
    if (!redirected) {
      if (builtin?.special && this.dialect !== "bash" && !this.interactive) throw new Leave("exit", 0, 2);
      return this.#redirectionStatus;
    }
    if (this.option("xtrace")) this.#traceCommand(command, ready, words, redirected.streams);
    this.lastArgument = words.at(-1) as string;
    let keep = false;
    try {
      const body = this.functions.get(name);
      if (body) return yield* this.#withTemporary(ready, this.call(name, body, words.slice(1), redirected.streams, context.tested));
      const fg = this.interactive && this.dialect === "bash" && name.startsWith("%") ? this.builtins.get("fg") : undefined;
      if (fg) return yield* fg.run(this, ["fg", name], redirected.streams, []);
      if (!builtin) return yield* this.#program(command, words, ready, redirected.streams, context);
      keep = name === "exec" && words.length === 1;
      if (keep) this.streams = redirected.streams;
      return yield* this.#withTemporary(ready, this.#builtin(builtin, words, redirected.streams, declared), builtin.special === true);
    } finally {
      if (!keep) redirected.close();
    }
  }

  *#builtin(builtin: Builtin, words: readonly string[], streams: Streams, declared: readonly Ready[]): Op<number> {
    const before = streams.stdout.failure;
    const status = yield* builtin.run(this, words, streams, declared);
    const { failure } = streams.stdout;
    if (
      failure === undefined ||
      (failure === before && before !== "Bad file descriptor") ||
      !/^(echo|printf|pwd)$/.test(words[0] as string)
    )
      return status;
    if (this.dialect === "bash") this.error(`${words[0]}: write error: ${failure}`, streams);
    else if (this.dialect === "dash") this.error(`${words[0]}: ${words[0]}: I/O error`, streams);
    else streams.stderr.write(`${this.name}: write error: ${failure}\n`);
    return 1;
  }

  /** Only assignments and redirections. */
  *#bare(command: SimpleCommand, ready: readonly Ready[], context: Context): Op<number> {
    if (this.option("xtrace"))
      for (const [i, one] of ready.entries()) this.trace(traceText(one, command.assignments[i] as Assignment), context.streams);
    for (const one of ready) {
      const failed = this.assignReady(one);
      if (failed) throw this.refusal(failed);
    }
    const redirected = yield* this.#redirected(command.redirections, context);
    redirected?.close();
    return redirected ? (this.#lastSubstitution ?? 0) : this.#redirectionStatus;
  }

  /** `table`: it will be an associative array, whose keys are text. */
  *#ready({ name, index, append, value }: Assignment, table = false): Op<Ready> {
    const key = index === undefined ? undefined : yield* subscriptOf(name, index, this);
    if (!isArray(value)) return { name, index: key, append, value: yield* expandAssigned(value, this) };
    const items: { index: string | undefined; value: string }[] = [];
    for (const item of value) {
      if (item.index) {
        const key = table ? yield* expandToText(item.index, this) : yield* subscriptOf(name, item.index, this);
        items.push({ index: key, value: yield* expandAssigned(item.value, this) });
      } else for (const text of yield* expandWord(item.value, this)) items.push({ index: undefined, value: text });
    }
    return { name, index: key, append, value: items };
  }

  /** `x=1 command`: the value holds while the command runs; after a special builtin of a POSIX shell it stays. */
  *#withTemporary(ready: readonly Ready[], run: Op<number>, stays = false): Op<number> {
    if (ready.length === 0) return yield* run;
    const restore = stays && this.dialect !== "bash" ? undefined : this.variables.saved(ready.map(({ name }) => name));
    try {
      for (const one of ready) {
        const failed = this.assignReady(one);
        if (failed) throw this.refusal(failed);
        this.variables.export(one.name, true);
      }
      return yield* run;
    } finally {
      restore?.();
    }
  }

  *#program(command: SimpleCommand, words: readonly string[], ready: readonly Ready[], streams: Streams, context: Context): Op<number> {
    const env = new Map(this.process.env);
    for (const { name, value } of ready) if (typeof value === "string") env.set(name, value);
    if (this.dialect === "bash") env.set("_", words[0] as string);
    const options = { stdio: stdioOf(streams), env };
    const mayExec = context.final && command.redirections.length === 0 && this.traps.size === 0 && !this.interactive;
    const started = mayExec ? this.process.exec(words, options) : this.process.spawn(words, options);
    if ("reason" in started) {
      this.error(`${words[0]}: ${this.#noProgram(words[0] as string, started.reason)}`, streams);
      return started.status;
    }
    if (!("task" in started)) return yield* started;
    return yield* this.#awaitProgram(
      started,
      andOrText({ first: { commands: [command], negated: false, timed: "" }, rest: [], background: false }),
    );
  }

  #noProgram(word: string, reason: string): string {
    if (this.dialect === "bash") {
      const path = word.includes("/");
      return reason === "command not found" || path ? reason : "command not found";
    }
    if (word === "" || reason === "Is a directory") return "Permission denied";
    return reason === "command not found" || reason === "No such file or directory" ? "not found" : reason;
  }

  /** Calls a function. */
  *call(name: string, body: Command, parameters: readonly string[], streams: Streams, tested: boolean): Op<number> {
    if (this.#calls >= MAX_CALLS) {
      this.error(`${name}: maximum function nesting level exceeded (${MAX_CALLS})`, streams);
      throw new Leave("discard", 0, 1);
    }
    const outer = this.positional;
    const { loopDepth, line } = this;
    this.positional = parameters;
    this.loopDepth = 0;
    this.#calls++;
    this.callStack.push(name);
    this.#nameFunctions();
    this.variables.enter();
    try {
      return yield* this.command(body, { streams, tested, final: false });
    } catch (thrown) {
      if (thrown instanceof Leave && thrown.kind === "return") return thrown.status;
      throw thrown;
    } finally {
      this.variables.leave();
      this.callStack.pop();
      this.#nameFunctions();
      this.#calls--;
      this.loopDepth = loopDepth;
      this.positional = outer;
      this.line = line;
    }
  }

  /** FUNCNAME: the functions that run, innermost first. */
  #nameFunctions(): void {
    if (this.dialect !== "bash") return;
    const variable = this.variables.declare("FUNCNAME");
    variable.text = undefined;
    variable.list = new Map([...this.callStack].reverse().map((one, i) => [i, one]));
  }

  // set -x

  trace(text: string, streams: Streams): void {
    const mark = this.parameter("PS4") ?? "+ ";
    const first = mark[0] ?? "";
    streams.stderr.write(`${first.repeat(this.dialect === "bash" ? this.substitutions : 0)}${mark}${text}\n`);
  }

  #traceCommand(command: SimpleCommand, ready: readonly Ready[], words: readonly string[], streams: Streams): void {
    const quote = this.dialect === "dash" ? (word: string) => word : quotedIfNeeded;
    const assignments = ready.map((one, i) => traceText(one, command.assignments[i] as Assignment));
    if (this.dialect === "bash") {
      for (const one of assignments) this.trace(one, streams);
      this.trace(words.map(quote).join(" "), streams);
    } else this.trace([...assignments, ...words.map(quote)].join(" "), streams);
  }
}

/** The redirection of a substitution that is nothing else than `< FILE`. */
function onlyInput(body: List): Redirection | undefined {
  const [only, more] = body;
  if (!only || more || only.rest.length > 0 || only.background || only.first.commands.length !== 1) return undefined;
  const [command] = only.first.commands;
  if (command?.kind !== "simple" || command.words.length + command.assignments.length > 0 || command.redirections.length !== 1)
    return undefined;
  const [redirection] = command.redirections;
  return redirection?.operator === "<" ? redirection : undefined;
}

/** Whether a command's own failure, and no command inside of it, is what `set -e` looks at. */
const failsByItself = ({ kind }: Command): boolean =>
  kind === "simple" || kind === "subshell" || kind === "arithmetic" || kind === "condition";

const assignmentText = ({ name, index, append, value }: Ready): string =>
  `${name}${index === undefined ? "" : `[${index}]`}${append ? "+" : ""}=${typeof value === "string" ? value : ""}`;

const traceText = (ready: Ready, { raw }: Assignment): string =>
  typeof ready.value === "string"
    ? `${assignmentText({ ...ready, value: "" })}${ready.value === "" ? "" : quotedIfNeeded(ready.value)}`
    : raw;

/** What `time` prints, for a duration in µs: a program here uses no time of a processor. */
function timing(kind: "time" | "time -p", duration: number, format: string | undefined): string {
  const seconds = duration / 1e6;
  if (kind === "time" && format !== undefined) return format === "" ? "" : `${inTimeFormat(format, seconds)}\n`;
  if (kind === "time -p") return `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`;
  const shown = (value: number): string => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
  return `\nreal\t${shown(seconds)}\nuser\t0m0.000s\nsys\t0m0.000s\n`;
}

/** TIMEFORMAT: %R elapsed, %U and %S of the processor, %P its part; digits behind the point and an l for minutes may stand before the letter. */
function inTimeFormat(format: string, seconds: number): string {
  return format.replace(/%(?:%|([0-3])?(l)?([RUSP]))/g, (_, digits: string | undefined, long: string | undefined, letter?: string) => {
    if (letter === undefined) return "%";
    if (letter === "P") return "0.00";
    const value = letter === "R" ? seconds : 0;
    const places = Number(digits ?? 3);
    const cut = (number: number): string => (Math.floor(number * 10 ** places) / 10 ** places).toFixed(places);
    return long === undefined ? cut(value) : `${Math.floor(value / 60)}m${cut(value % 60)}s`;
  });
}
