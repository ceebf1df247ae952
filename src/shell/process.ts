/**
 * Running programs: what fork, exec and wait are to a real shell. Every process is a task of its own, so a pid can be
 * signalled; an error of the model inside one ends that process with a line on stderr and leaves the world as it is.
 */
import type { Container } from "../engine/types.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Stdio } from "../kernel/stdio.ts";
import { type Op, Signal, sleep, Task } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { Command, Credentials, Machine, Process } from "./command.ts";
import { type ProcessEntry, processesOf } from "./process-table.ts";
import { argvFor, findProgram } from "./userland.ts";

/** µs from fork to the first instruction of main(). */
const EXEC_TIME = 900;

/** What a process is born with. */
export interface Surroundings extends Stdio {
  readonly machine: Machine;
  readonly netns: Netns;
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  readonly credentials?: Credentials;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
}

class ShellProcess implements Process {
  readonly machine: Machine;
  readonly netns: Netns;
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  readonly credentials?: Credentials;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly stdin: Stdio["stdin"];
  readonly stdout: Stdio["stdout"];
  readonly stderr: Stdio["stderr"];
  readonly tty: Stdio["tty"];
  cwd: string;
  readonly env: Map<string, string>;

  constructor(
    from: Surroundings,
    argv: readonly string[],
    pid: number,
    stdio: Partial<Stdio> = {},
    env: ReadonlyMap<string, string> = from.env,
  ) {
    this.machine = from.machine;
    this.netns = from.netns;
    this.fs = from.fs;
    this.hostname = from.hostname;
    this.container = from.container;
    this.capabilities = from.capabilities;
    if (from.credentials) this.credentials = from.credentials;
    this.pid = pid;
    this.argv = argv;
    this.stdin = stdio.stdin ?? from.stdin;
    this.stdout = stdio.stdout ?? from.stdout;
    this.stderr = stdio.stderr ?? from.stderr;
    this.tty = "tty" in stdio ? stdio.tty : from.tty;
    this.cwd = from.cwd;
    this.env = new Map(env);
  }

  *run(argv: readonly string[], stdio: Partial<Stdio> = {}): Op<number> {
    const name = argv[0] ?? "";
    const found = findProgram(this, name);
    if ("command" in found) return yield* waitFor(start(this, found.command, argvFor(found, argv), { stdio }));
    (stdio.stderr ?? this.stderr).write(`${name}: ${found.reason}\n`);
    return found.status;
  }
}

/** The namespaces that setns() and unshare() change. */
export type Namespaces = Pick<StartOptions, "netns" | "fs" | "hostname" | "container">;

/** Runs a program as `process` would, in other namespaces; gives its exit status, or undefined when there is no such program. */
export function* runIn(process: Process, argv: readonly string[], options: Namespaces): Op<number | undefined> {
  const { fs = process.fs, container = process.container } = options;
  const found = findProgram({ machine: process.machine, cwd: process.cwd, env: process.env, fs, container }, argv[0] ?? "");
  if (!("command" in found)) return undefined;
  return yield* waitFor(start(process, found.command, argvFor(found, argv), options));
}

export interface StartOptions {
  readonly stdio?: Partial<Stdio>;
  readonly env?: ReadonlyMap<string, string>;
  readonly netns?: Netns;
  readonly fs?: FileSystem;
  readonly hostname?: string;
  /** In whose userland it runs, as after setns() into the mount namespace. */
  readonly container?: Container;
  readonly capabilities?: ReadonlySet<string>;
  /** The first process of a container. */
  readonly init?: boolean;
  /** For what is there from the start: a number of its own, and no time from fork to main(). */
  readonly pid?: number;
}

export interface Started {
  readonly process: ShellProcess;
  readonly task: Task<number>;
}

/** Forks and executes a program with the surroundings of `parent`. */
export function start(
  parent: Surroundings & { readonly pid?: number },
  command: Command,
  argv: readonly string[],
  options: StartOptions = {},
): Started {
  return launch(parent, argv, (process) => command.run(process), options);
}

/** As `start`, for an operation that is no program: a shell's child without exec. */
function launch(
  parent: Surroundings & { readonly pid?: number },
  argv: readonly string[],
  body: (process: ShellProcess) => Op<number>,
  options: StartOptions = {},
): Started {
  const { machine } = parent;
  const from =
    options.netns || options.fs || options.hostname || options.container || options.capabilities
      ? { ...surroundingsOf(parent), ...definedOf(options) }
      : parent;
  const process = new ShellProcess(from, argv, options.pid ?? machine.newPid(), options.stdio, options.env);
  const table = processesOf(machine);
  const entry: ProcessEntry = {
    process,
    ownPid: table.ownPid(process.container, process.pid, options.init === true),
    parentPid: parent.pid ?? 0,
    started: machine.kernel.clock.now,
    title: argv.join(" "),
    signal: (signal) => task.signal(signal),
  };
  table.add(entry);
  const task: Task<number> = new Task(machine.kernel.clock, guarded(process, entry, body, options.pid === undefined));
  return { process, task };
}

const surroundingsOf = ({
  machine,
  netns,
  fs,
  hostname,
  container,
  capabilities,
  credentials,
  cwd,
  env,
  stdin,
  stdout,
  stderr,
  tty,
}: Surroundings): Surroundings => ({
  machine,
  netns,
  fs,
  hostname,
  container,
  capabilities,
  ...(credentials && { credentials }),
  cwd,
  env,
  stdin,
  stdout,
  stderr,
  tty,
});

const definedOf = ({ netns, fs, hostname, container, capabilities }: StartOptions): Partial<Surroundings> => ({
  ...(netns && { netns }),
  ...(fs && { fs }),
  ...(hostname !== undefined && { hostname }),
  ...(container && { container }),
  ...(capabilities && { capabilities }),
});

function* guarded(process: ShellProcess, entry: ProcessEntry, body: (process: ShellProcess) => Op<number>, takesTime: boolean): Op<number> {
  const table = processesOf(process.machine);
  try {
    if (takesTime) yield sleep(EXEC_TIME);
    return yield* body(process);
  } catch (thrown) {
    if (thrown instanceof Signal) throw thrown;
    table.onInternalError?.(thrown, process.argv);
    process.stderr.write(
      `vethlab: ${process.argv[0] ?? ""}: an error of the simulator itself: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
    );
    return 1;
  } finally {
    table.remove(entry);
  }
}

/**
 * Waits for a child and gives its status. A signal that reaches the waiting parent goes on to the child, as both are in the
 * terminal's foreground: the child may handle it and end in its own way; when it dies of it, so does the parent.
 */
function* waitFor({ task }: { readonly task: Task<number> }): Op<number> {
  let passedOn: Signal | undefined;
  while (!task.outcome) {
    try {
      yield task.exited;
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      passedOn = thrown;
      task.signal(thrown);
    }
  }
  if ("value" in task.outcome) return task.outcome.value;
  if (passedOn && task.outcome.signal.name === passedOn.name) throw passedOn;
  return task.outcome.signal.status;
}
