/** Which processes a machine runs: what `ps` lists, `kill` reaches, and a container takes with it when it ends. */
import type { Container } from "../engine/types.ts";
import { type Signal, type StopSignal, Task } from "../kernel/task.ts";
import type { Machine, Process } from "./command.ts";

export interface ProcessEntry {
  readonly process: Process;
  /** Its number as it sees itself: in a container the first process is 1. */
  readonly ownPid: number;
  readonly parentPid: number;
  /** µs of virtual time. */
  started: number;
  /** Program and arguments, and the same as one line. */
  argv: readonly string[];
  /** The environment that it was started with. */
  environ: ReadonlyMap<string, string>;
  title: string;
  /** Signals that it has a handler for: the only ones that reach the first process of a container. */
  handles: Set<Signal["name"]>;
  signal(signal: Signal): void;
  /** Ignores TSTP, TTIN and TTOU, as a shell does that controls jobs. */
  ignoresStops: boolean;
  readonly stopped: StopSignal | undefined;
  stop(signal: StopSignal): void;
  resume(): void;
  /** In the background of its terminal, where it may not read. */
  setBackground(background: boolean): void;
}

/** Beyond this many a fork fails, as with RLIMIT_NPROC: nothing typed may fill memory with processes. First processes of containers do not count. */
const MAX_PROCESSES = 600;

/** Whose pid namespace a container's processes are in: its own, that of the one that it has joined, or the machine's. */
export function pidNamespaceOf(container: Container): Container | "host" {
  let owner = container;
  while (owner.pidNamespace !== undefined) {
    if (owner.pidNamespace === "host") return "host";
    owner = owner.pidNamespace;
  }
  return owner;
}

/** The namespace that a process sees the others in; "host" for the machine's own. */
const namespaceOf = ({ container }: Process): Container | "host" => (container ? pidNamespaceOf(container) : "host");

/** Whether a process knows the others under the machine's numbers. */
export const seesMachine = (process: Process): boolean => namespaceOf(process) === "host";

export class ProcessTable {
  readonly entries = new Map<number, ProcessEntry>();
  /** Told of errors of the model itself that a command ran into. */
  onInternalError: ((error: unknown, argv: readonly string[]) => void) | undefined;
  readonly #waiting = new Map<ProcessEntry, (() => void)[]>();
  #forked = 0;
  #ownPids = new WeakMap<Container, number>();

  get full(): boolean {
    return this.#forked >= MAX_PROCESSES;
  }

  add(entry: ProcessEntry): void {
    this.entries.set(entry.process.pid, entry);
    if (entry.ownPid !== 1) this.#forked++;
  }

  remove(entry: ProcessEntry): void {
    if (this.entries.delete(entry.process.pid) && entry.ownPid !== 1) this.#forked--;
    const waiting = this.#waiting.get(entry);
    if (!waiting) return;
    this.#waiting.delete(entry);
    for (const run of waiting) run();
  }

  /** Calls `run` when the process has ended. */
  whenGone(entry: ProcessEntry, run: () => void): void {
    this.#waiting.set(entry, [...(this.#waiting.get(entry) ?? []), run]);
  }

  /** The number that a new process has in its own pid namespace. `first` starts the container's numbers afresh. */
  ownPid(container: Container | undefined, pid: number, first: boolean): number {
    const namespace = container ? pidNamespaceOf(container) : "host";
    if (namespace === "host") return pid;
    const own = first && namespace === container ? 1 : (this.#ownPids.get(namespace) ?? 1) + 1;
    this.#ownPids.set(namespace, own);
    return own;
  }

  /** Those that a process can see: its pid namespace's. */
  visibleTo(process: Process): readonly ProcessEntry[] {
    const all = [...this.entries.values()];
    const namespace = namespaceOf(process);
    return namespace === "host" ? all : all.filter((entry) => namespaceOf(entry.process) === namespace);
  }

  /** The processes of a container's pid namespace by the numbers that they have there; of the whole machine without one. */
  numbered(container: Container | undefined): ReadonlyMap<number, ProcessEntry> {
    const namespace = container ? pidNamespaceOf(container) : "host";
    if (namespace === "host") return this.entries;
    const inside = [...this.entries.values()].filter((entry) => namespaceOf(entry.process) === namespace);
    return new Map(inside.map((entry) => [entry.ownPid, entry]));
  }

  /** By the number that `process` would use for it. */
  find(process: Process, pid: number): ProcessEntry | undefined {
    if (seesMachine(process)) return this.entries.get(pid);
    return this.visibleTo(process).find((entry) => entry.ownPid === pid);
  }

  /** A process and those that it has started, and they in turn: what a job's process group is here. */
  family(pid: number): readonly ProcessEntry[] {
    const own = this.entries.get(pid);
    const children = [...this.entries.values()].filter(({ parentPid }) => parentPid === pid);
    return [...(own ? [own] : []), ...children.flatMap(({ process }) => this.family(process.pid))];
  }

  /** What `process` calls the process of `entry`. */
  static pidFor(process: Process, entry: ProcessEntry): number {
    return seesMachine(process) ? entry.process.pid : entry.ownPid;
  }
}

const owners = new WeakMap<object, ProcessEntry>();

/** From now on the tasks of `owner` are those of a process. */
export const own = (owner: object, entry: ProcessEntry): void => void owners.set(owner, entry);

/** The process that runs at this moment: who opens a file, say. */
export const currentProcess = (): ProcessEntry | undefined => {
  const owner = Task.running?.owner;
  return owner && owners.get(owner);
};

const tables = new WeakMap<Machine, ProcessTable>();

export function processesOf(machine: Machine): ProcessTable {
  let table = tables.get(machine);
  if (!table) {
    table = new ProcessTable();
    tables.set(machine, table);
  }
  return table;
}
