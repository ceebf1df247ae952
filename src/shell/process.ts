/** Running programs: what `fork` and `exec` come to here. A program is a command of the table, found by the userland's path. */
import type { Container } from "../engine/types.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Input, Output, Stdio } from "../kernel/stdio.ts";
import { type Op, Signal, Task } from "../kernel/task.ts";
import type { Tty } from "../kernel/tty.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { Command, Machine, Process, Userland } from "./command.ts";

/** What a new process takes over from whoever starts it. */
export interface Surroundings {
  readonly machine: Machine;
  readonly netns: Netns;
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
}

/** Where programs stand: the table of commands, and who is told of an error that is ours. */
export interface ProgramTable {
  find(name: string, userland: Userland | "scratch"): Command | undefined;
  /** A bug in the model: the world goes on, the process ends with status 1. */
  onInternalError(error: unknown, argv: readonly string[]): void;
}

/** The program's name without the directory that it was called by; undefined when that is none of PATH's. */
export function programName(word: string): string | undefined {
  if (!word.includes("/")) return word;
  const match = /^\/(?:usr\/)?(?:local\/)?s?bin\/([^/]+)$/.exec(word);
  return match?.[1];
}

export const userlandOf = (container: Container | undefined): Userland | "scratch" => container?.image.flavour ?? "host";

/** Which shell says that a program is missing, and how: bash, or busybox's and dash's sh. */
export function notFound(process: Process, word: string): string {
  const shell = process.env.get("VETHLAB_SHELL") ?? "bash";
  const missing = word.includes("/") ? "No such file or directory" : shell.startsWith("bash") ? "command not found" : "not found";
  return `${shell}: ${word}: ${missing}\n`;
}

export class RunningProcess implements Process {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly machine: Machine;
  readonly netns: Netns;
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  readonly env: Map<string, string>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly tty: Tty | undefined;
  cwd: string;
  readonly #programs: ProgramTable;

  constructor(programs: ProgramTable, around: Surroundings, argv: readonly string[], stdio: Stdio) {
    this.#programs = programs;
    this.pid = around.machine.newPid();
    this.argv = argv;
    this.machine = around.machine;
    this.netns = around.netns;
    this.fs = around.fs;
    this.hostname = around.hostname;
    this.container = around.container;
    this.capabilities = around.capabilities;
    this.cwd = around.cwd;
    this.env = new Map(around.env);
    this.stdin = stdio.stdin;
    this.stdout = stdio.stdout;
    this.stderr = stdio.stderr;
    this.tty = stdio.tty;
  }

  *run(argv: readonly string[], stdio: Partial<Stdio> = {}): Op<number> {
    const streams: Stdio = {
      stdin: stdio.stdin ?? this.stdin,
      stdout: stdio.stdout ?? this.stdout,
      stderr: stdio.stderr ?? this.stderr,
      tty: "tty" in stdio ? stdio.tty : this.tty,
    };
    const word = argv[0] ?? "";
    const command = findProgram(this.#programs, this, word);
    if (!command) {
      streams.stderr.write(notFound(this, word));
      return 127;
    }
    // The caller may be a subshell that stands in for this process: its directory and environment count.
    const child = new RunningProcess(this.#programs, { ...surroundingsOf(this), cwd: this.cwd, env: this.env }, argv, streams);
    return yield* runProgram(this.#programs, command, child);
  }
}

const surroundingsOf = (process: Process): Surroundings => ({
  machine: process.machine,
  netns: process.netns,
  fs: process.fs,
  hostname: process.hostname,
  container: process.container,
  capabilities: process.capabilities,
  cwd: process.cwd,
  env: process.env,
});

export function findProgram(programs: ProgramTable, process: Pick<Process, "container">, word: string): Command | undefined {
  const name = programName(word);
  return name === undefined ? undefined : programs.find(name, userlandOf(process.container));
}

/** Runs a command in its process; whatever it throws but a signal is our own error, and ends only this process. */
export function* runProgram(programs: ProgramTable, command: Command, process: Process): Op<number> {
  try {
    return yield* command.run(process);
  } catch (thrown) {
    if (thrown instanceof Signal) throw thrown;
    programs.onInternalError(thrown, process.argv);
    process.stderr.write(`${process.argv[0]}: internal error of the simulation: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 1;
  }
}

/** A process that runs by itself: pid 1 of a container, an exec'd program, a terminal's shell. */
export class Job {
  readonly process: RunningProcess;
  readonly task: Task<number>;

  constructor(programs: ProgramTable, command: Command, process: RunningProcess) {
    this.process = process;
    this.task = new Task(process.machine.kernel.clock, runProgram(programs, command, process));
  }

  get exitCode(): number | undefined {
    const { outcome } = this.task;
    if (!outcome) return undefined;
    return "value" in outcome ? outcome.value : outcome.signal.status;
  }
}
