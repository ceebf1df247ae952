/** Jobs: their numbers, how they are listed, and what is told when they stop or end (bash's jobs.c). */
import type { Signal } from "../../kernel/task.ts";
import type { Child, Machine } from "../command.ts";
import { type ProcessEntry, processesOf } from "../process-table.ts";
import type { Dialect } from "./dialect.ts";

export interface Job {
  readonly id: number;
  readonly line: string;
  /** The one whose status is the job's: a pipeline's last. */
  readonly child: Child;
  readonly children: readonly Child[];
  /** Grows with each job that is put into the background or stops: the newest is the current one. */
  rank: number;
  /** Its stop has been told. */
  told: boolean;
  /** The shell waits for it. */
  foreground: boolean;
}

const NAMES: Readonly<Record<Signal["name"], string>> = {
  HUP: "Hangup",
  INT: "Interrupt",
  QUIT: "Quit",
  KILL: "Killed",
  PIPE: "Broken pipe",
  TERM: "Terminated",
  USR1: "User defined signal 1",
  USR2: "User defined signal 2",
  ALRM: "Alarm clock",
};

export const describeSignal = (signal: Signal): string => NAMES[signal.name];

const REASONS = { STOP: "signal", TSTP: "user", TTIN: "tty input", TTOU: "tty output" } as const;

/** All of its processes that are still there. */
export function processesIn(machine: Machine, job: Pick<Job, "children">): readonly ProcessEntry[] {
  return job.children.flatMap(({ process }) => processesOf(machine).family(process.pid));
}

/** Whether none of a job's processes that are left goes on. */
export const isStopped = ({ children }: Pick<Job, "children">): boolean => {
  const left = children.filter(({ task }) => !task.done);
  return left.length > 0 && left.every(({ task }) => task.stopped);
};

/** "Running", "Stopped", "Done", "Exit 2", "Terminated". */
function stateOf(job: Job, dialect: Dialect, long: boolean): string {
  const { outcome } = job.child.task;
  if (isStopped(job)) {
    const reason = job.children.find(({ task }) => task.stopped)?.task.stopped;
    return reason && reason !== "TSTP" && (long || dialect !== "bash") ? `Stopped (${REASONS[reason]})` : "Stopped";
  }
  if (!outcome) return "Running";
  if ("signal" in outcome) return describeSignal(outcome.signal);
  return outcome.value === 0 ? "Done" : dialect === "bash" ? `Exit ${outcome.value}` : `Done(${outcome.value})`;
}

/** Characters that the state takes in a listing. */
const STATE_WIDTH = 27;

export class Jobs {
  readonly #dialect: Dialect;
  #all: Job[] = [];
  #inherited: readonly Job[] = [];
  #rank = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  get all(): readonly Job[] {
    return this.#all;
  }

  /** Those that `jobs` lists: a subshell shows its parent's, which it cannot wait for. bash goes by number, the others have the current one first. */
  get listed(): readonly Job[] {
    const jobs = this.#all.length > 0 ? this.#all : this.#inherited;
    return this.#dialect === "bash" ? jobs : this.#ranked(jobs);
  }

  get stopped(): readonly Job[] {
    return this.#all.filter(isStopped);
  }

  inherit(from: Jobs): void {
    this.#inherited = from.listed;
  }

  add(line: string, children: readonly Child[]): Job {
    const job: Job = {
      id: (this.#all.at(-1)?.id ?? 0) + 1,
      line,
      child: children.at(-1) as Child,
      children,
      rank: ++this.#rank,
      told: false,
      foreground: false,
    };
    this.#all.push(job);
    return job;
  }

  /** It goes on: among those that run it is the newest, but in bash. */
  goesOn(job: Job): void {
    job.rank = ++this.#rank;
    job.told = false;
  }

  /** It has just stopped: from now on it is the current job. */
  stoppedNow(job: Job): void {
    job.rank = ++this.#rank;
    job.told = true;
    job.foreground = false;
  }

  remove(job: Job): void {
    this.#all = this.#all.filter((one) => one !== job);
  }

  clear(): void {
    this.#all = [];
  }

  /** The current job, the previous one, and so on: stopped ones first. */
  #ranked(jobs: readonly Job[]): readonly Job[] {
    const place = (job: Job): number => (isStopped(job) || this.#dialect !== "bash" ? job.rank : job.id);
    return [...jobs].sort((a, b) => Number(isStopped(b)) - Number(isStopped(a)) || place(b) - place(a));
  }

  /** By %1, %+, %-, %name, %?part; undefined when there is none such. */
  find(spec: string): Job | undefined {
    const text = spec.replace(/^%/, "");
    const [current, previous] = this.#ranked(this.#all);
    if (text === "" || text === "+" || text === "%") return current;
    if (text === "-") return previous ?? current;
    if (/^\d+$/.test(text)) return this.#all.find((job) => job.id === Number(text));
    if (text.startsWith("?")) return this.#all.find((job) => job.line.includes(text.slice(1)));
    return this.#all.find((job) => job.line.startsWith(text));
  }

  byPid(pid: number): Job | undefined {
    return this.#all.find((job) => job.children.some(({ process }) => process.ownPid === pid));
  }

  /** "+" for the current job, "-" for the one before. */
  mark(job: Job): string {
    const [current, previous] = this.#ranked(this.#all.length > 0 ? this.#all : this.#inherited);
    return job === current ? "+" : job === previous ? "-" : " ";
  }

  /** "[1]+  Running                    sleep 5 &" */
  describe(job: Job, long = false): string {
    const dash = this.#dialect === "dash";
    const own = job.child.process.ownPid;
    const pid = this.#dialect === "bash" ? (long ? `${String(own).padStart(5)} ` : " ") : `${dash ? "" : " "}${long ? `${own} ` : ""}`;
    const ampersand = this.#dialect === "bash" && !job.child.task.done && !isStopped(job) ? " &" : "";
    const state = stateOf(job, this.#dialect, long).padEnd(
      this.#dialect !== "bash" && long ? STATE_WIDTH - pid.trimStart().length : STATE_WIDTH,
    );
    return `[${job.id}]${dash ? " " : ""}${this.mark(job)} ${pid}${state}${job.line}${ampersand}\n`;
  }

  /** What has changed, as it is told before the next prompt: those that have ended are forgotten from now on. */
  takeChanged(): string {
    const changed = this.#all.filter((job) => job.child.task.done || (isStopped(job) && !job.told));
    for (const job of changed) if (!job.child.task.done) this.stoppedNow(job);
    const told = changed.map((job) => this.describe(job)).join("");
    this.#all = this.#all.filter((job) => !job.child.task.done);
    return told;
  }
}
