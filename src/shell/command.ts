/**
 * What a command is: one file per command under commands/, all answering to this interface, listed in commands/index.ts.
 * A running command is a generator over the virtual clock; it ends with its exit status.
 */
import type { DockerEngine } from "../engine/engine.ts";
import type { Container } from "../engine/types.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Stdio } from "../kernel/stdio.ts";
import type { Op, Signal, Task } from "../kernel/task.ts";
import type { FileError, FileSystem } from "../kernel/vfs.ts";

/** A computer on the stage with a userland: the Docker host, the router, the server, the internet host. */
export interface Machine {
  readonly name: string;
  readonly kernel: Kernel;
  readonly netns: Netns;
  readonly fs: FileSystem;
  /** Only on a Docker host. */
  readonly engine: DockerEngine | undefined;
  /** Kernel log lines, for dmesg. */
  readonly log: string[];
  newPid(): number;
  /** The programs of this world by name; each userland has its part of them. */
  readonly commands: ReadonlyMap<string, Command>;
}

/** As whom a program runs; names are "" where /etc/passwd and /etc/group have none. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  /** Further groups, in order of their numbers. */
  readonly groups?: readonly number[];
}

/** A running program: where it runs, as whom, with what. */
export interface Process extends Stdio {
  readonly pid: number;
  /** The number that it sees itself under: in a container the first process is 1. */
  readonly ownPid: number;
  /** Program name and arguments. */
  readonly argv: readonly string[];
  readonly machine: Machine;
  readonly netns: Netns;
  /** The files as it sees them, with its umask: whoever calls umask(2) sees them through another. */
  fs: FileSystem;
  readonly hostname: string;
  /** The container it runs in; undefined on the machine itself. */
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  /** Root's when absent. */
  readonly credentials?: Credentials;
  cwd: string;
  readonly env: Map<string, string>;
  /** Runs another program with this one's surroundings, as fork and exec; gives its exit status (127 when there is none such, told on stderr). */
  run(argv: readonly string[], stdio?: Partial<Stdio>): Op<number>;
  /** A child without exec: the same program with its own pid, directory and environment, on which `body` runs. */
  fork(body: (child: Process) => Op<number>, stdio?: Partial<Stdio>): Child;
  /** Starts another program beside this one; how it could not be, when there is none such. */
  spawn(argv: readonly string[], options?: SpawnOptions): Child | NoProgram;
  /** Becomes another program, under the same pid: execve(2). Gives its exit status. */
  exec(argv: readonly string[], options?: SpawnOptions): Op<number> | NoProgram;
}

export interface SpawnOptions {
  readonly stdio?: Partial<Stdio>;
  readonly env?: ReadonlyMap<string, string>;
}

/** A process that was started, and the task that runs it. */
export interface Child {
  readonly process: Process;
  readonly task: Task<number>;
}

/** Why there is no such program, in bash's words, and the status of a shell that was to run it. */
export interface NoProgram {
  readonly reason: "command not found" | FileError["message"];
  readonly status: 126 | 127;
}

export interface CompletionContext {
  readonly process: Process;
  /** Words before the one at the cursor, the command first. */
  readonly words: readonly string[];
  /** The word at the cursor, up to it. */
  readonly current: string;
}

/** Userlands that have the command; all when absent. */
export type Userland = "host" | "debian" | "alpine" | "busybox";

export interface Command {
  readonly name: string;
  /** One line for `help`. */
  readonly summary: string;
  readonly userlands?: readonly Userland[];
  /** Signals that it handles by itself: as the first process of a container it would ignore them otherwise. */
  readonly handles?: readonly Signal["name"][];
  run(process: Process): Op<number>;
  /** Words that may stand at the cursor; the shell filters by prefix and adds file names where none are given. */
  complete?(context: CompletionContext): readonly string[];
}
