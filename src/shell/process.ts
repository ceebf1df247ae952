/**
 * Running programs: what fork, exec and wait are to a real shell. Every process is a task of its own, so a pid can be
 * signalled; an error of the model inside one ends that process with a line on stderr and leaves the world as it is.
 */
import type { Container } from "../engine/types.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Stdio } from "../kernel/stdio.ts";
import { type Op, Signal, sleep, Task } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { Child, Command, Credentials, Machine, NoProgram, Process, SpawnOptions } from "./command.ts";
import { own, type ProcessEntry, processesOf } from "./process-table.ts";
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
  fs: FileSystem;
  readonly hostname: string;
  readonly container: Container | undefined;
  readonly capabilities: ReadonlySet<string>;
  readonly credentials?: Credentials;
  readonly pid: number;
  readonly ownPid: number;
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
    { pid, ownPid }: Pick<Process, "pid" | "ownPid">,
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
    this.ownPid = ownPid;
    this.argv = argv;
    this.stdin = stdio.stdin ?? from.stdin;
    this.stdout = stdio.stdout ?? from.stdout;
    this.stderr = stdio.stderr ?? from.stderr;
    this.tty = "tty" in stdio ? stdio.tty : from.tty;
    this.cwd = from.cwd;
    this.env = new Map(env);
  }

  *run(argv: readonly string[], stdio: Partial<Stdio> = {}): Op<number> {
    const started = this.spawn(argv, { stdio });
    if ("task" in started) return yield* waitFor(started);
    (stdio.stderr ?? this.stderr).write(`${argv[0] ?? ""}: ${started.reason}\n`);
    return started.status;
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): Child | NoProgram {
    const found = findProgram(this, argv[0] ?? "");
    if (!("command" in found)) return found;
    return start(this, found.command, argvFor(found, argv), options);
  }

  fork(body: (child: Process) => Op<number>, stdio: Partial<Stdio> = {}): Child {
    return launch(this, this.argv, body, { stdio, forked: true });
  }

  exec(argv: readonly string[], { stdio, env }: SpawnOptions = {}): Op<number> | NoProgram {
    const found = findProgram(this, argv[0] ?? "");
    if (!("command" in found)) return found;
    const words = argvFor(found, argv);
    const entry = processesOf(this.machine).entries.get(this.pid);
    if (entry) {
      entry.argv = words;
      entry.environ = env ?? new Map(this.env);
      entry.title = words.join(" ");
      entry.handles = new Set(found.command.handles);
    }
    return becoming(new ShellProcess(this, words, this, stdio, env), found.command);
  }
}

function* becoming(process: ShellProcess, command: Command): Op<number> {
  yield sleep(EXEC_TIME);
  return yield* finished(process, command.run(process));
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

export interface StartOptions extends SpawnOptions {
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

/** Forks and executes a program with the surroundings of `parent`. */
export function start(
  parent: Surroundings & { readonly pid?: number },
  command: Command,
  argv: readonly string[],
  options: StartOptions = {},
): Child {
  return launch(parent, argv, (process) => command.run(process), options, command.handles);
}

function launch(
  parent: Surroundings & { readonly pid?: number },
  argv: readonly string[],
  body: (process: ShellProcess) => Op<number>,
  options: StartOptions & { readonly forked?: boolean },
  handles: readonly Signal["name"][] = [],
): Child {
  const { machine } = parent;
  const from =
    options.netns || options.fs || options.hostname || options.container || options.capabilities
      ? { ...surroundingsOf(parent), ...definedOf(options) }
      : parent;
  const table = processesOf(machine);
  const pid = options.pid ?? machine.newPid();
  const ownPid = table.ownPid(parent.container, pid, options.init === true);
  const process = new ShellProcess(from, argv, { pid, ownPid }, options.stdio, options.env);
  const refused = table.full && !options.init && options.pid === undefined;
  const entry: ProcessEntry = {
    process,
    ownPid,
    parentPid: parent.pid ?? 0,
    started: machine.kernel.clock.now,
    argv,
    environ: new Map(process.env),
    title: argv.join(" "),
    handles: new Set(handles),
    signal: (signal) => task.signal(signal),
    ignoresStops: false,
    get stopped() {
      return task.stopped;
    },
    stop: (signal) => task.stop(signal),
    resume: () => task.resume(),
    setBackground(background) {
      task.background = background;
    },
  };
  if (!refused) table.add(entry);
  const run = refused ? noProcess(process) : guarded(process, entry, body, options.pid === undefined && !options.forked);
  own(process, entry);
  const task: Task<number> = new Task(machine.kernel.clock, run, process);
  return { process, task };
}

/** What fork(2) says at RLIMIT_NPROC; the shell tries again for a while before it gives up. */
function* noProcess(process: ShellProcess): Op<number> {
  yield sleep(1_000_000);
  process.stderr.write(`${process.argv[0] ?? ""}: fork: Resource temporarily unavailable\n`);
  return 254;
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
    return yield* finished(process, body(process));
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

/** As gnulib's close_stdout: what a full file did not take is told at the end. */
function* finished(process: ShellProcess, body: Op<number>): Op<number> {
  const before = process.stdout.failure;
  const status = yield* body;
  const { failure } = process.stdout;
  if (failure === undefined || failure === before || status !== 0) return status;
  process.stderr.write(`${process.argv[0]}: write error: ${failure}\n`);
  return 1;
}

/**
 * Waits for a child and gives its status. A signal that reaches the waiting parent goes on to the child, as both are in the
 * terminal's foreground: the child may handle it and end in its own way; when it dies of it, so does the parent.
 */
export function* waitFor({ task }: Child): Op<number> {
  let passedOn: Signal | undefined;
  while (!task.outcome) {
    try {
      yield task.exited;
    } catch (thrown) {
      // Of a child that has ended while this one was stopped nothing is left to go on to.
      if (!(thrown instanceof Signal) || task.outcome) throw thrown;
      passedOn = thrown;
      task.signal(thrown);
    }
  }
  if ("value" in task.outcome) return task.outcome.value;
  if (passedOn && task.outcome.signal.name === passedOn.name) throw passedOn;
  return task.outcome.signal.status;
}
