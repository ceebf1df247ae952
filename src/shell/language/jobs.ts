/** Background jobs: their numbers, how they are listed, and what is told when they end (bash's jobs.c). */
import type { Signal } from "../../kernel/task.ts";
import type { Child } from "../command.ts";

export interface Job {
  readonly id: number;
  readonly line: string;
  readonly child: Child;
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

/** "Running", "Done", "Exit 2", "Terminated". */
function stateOf({ child }: Job): string {
  const { outcome } = child.task;
  if (!outcome) return "Running";
  if ("signal" in outcome) return describeSignal(outcome.signal);
  return outcome.value === 0 ? "Done" : `Exit ${outcome.value}`;
}

/** Characters that the state takes in a listing. */
const STATE_WIDTH = 27;

export class Jobs {
  #all: Job[] = [];
  #inherited: readonly Job[] = [];

  get all(): readonly Job[] {
    return this.#all;
  }

  /** Those that `jobs` lists: a subshell shows its parent's, which it cannot wait for. */
  get listed(): readonly Job[] {
    return this.#all.length > 0 ? this.#all : this.#inherited;
  }

  inherit(from: Jobs): void {
    this.#inherited = from.listed;
  }

  add(line: string, child: Child): Job {
    const job = { id: (this.#all.at(-1)?.id ?? 0) + 1, line, child };
    this.#all.push(job);
    return job;
  }

  remove(job: Job): void {
    this.#all = this.#all.filter((one) => one !== job);
  }

  clear(): void {
    this.#all = [];
  }

  /** By %1, %+, %-, %name, %?part; undefined when there is none such. */
  find(spec: string): Job | undefined {
    const text = spec.replace(/^%/, "");
    if (text === "" || text === "+" || text === "%") return this.#all.at(-1);
    if (text === "-") return this.#all.at(-2) ?? this.#all.at(-1);
    if (/^\d+$/.test(text)) return this.#all.find((job) => job.id === Number(text));
    if (text.startsWith("?")) return this.#all.find((job) => job.line.includes(text.slice(1)));
    return this.#all.find((job) => job.line.startsWith(text));
  }

  byPid(pid: number): Job | undefined {
    return this.#all.find((job) => job.child.process.ownPid === pid);
  }

  /** "[1]+  Running                    sleep 5 &" */
  describe(job: Job, long = false): string {
    const at = this.listed.indexOf(job);
    const mark = at === this.listed.length - 1 ? "+" : at === this.listed.length - 2 ? "-" : " ";
    const pid = long ? `${String(job.child.process.ownPid).padStart(5)} ` : " ";
    const running = job.child.task.done ? "" : " &";
    return `[${job.id}]${mark} ${pid}${stateOf(job).padEnd(STATE_WIDTH)}${job.line}${running}\n`;
  }

  /** Those that have ended, forgotten from now on, each as it is told before the next prompt. */
  takeEnded(): string {
    const ended = this.#all.filter((job) => job.child.task.done);
    const told = ended.map((job) => this.describe(job)).join("");
    this.#all = this.#all.filter((job) => !ended.includes(job));
    return told;
  }
}
