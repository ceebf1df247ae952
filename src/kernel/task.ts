/**
 * Running things: a generator over the virtual clock, as in SimPy. It yields a `Wait` and is resumed when that is over,
 * so `ping`, `tcpdump` and a web server run side by side and can be interrupted.
 */
import type { Clock, Timer } from "./clock.ts";

/** Something to wait for. `arm` registers `wake` and returns what takes the registration back. */
export interface Wait {
  arm(clock: Clock, wake: () => void): () => void;
}

/** An operation that takes virtual time. Compose with `yield*`. */
export type Op<T> = Generator<Wait, T, void>;

/** Waits for `delay` µs. */
export const sleep = (delay: number): Wait => ({
  arm(clock, wake) {
    const timer: Timer = clock.after(delay, wake);
    return () => clock.cancel(timer);
  },
});

/** Waits for the first of several. Afterwards look at the state that they stand for to see which it was. */
export const anyOf = (...waits: readonly Wait[]): Wait => ({
  arm(clock, wake) {
    const disarm = waits.map((wait) => wait.arm(clock, wake));
    return () => {
      for (const undo of disarm) undo();
    };
  },
});

/** A list of sleepers that are woken together, as wait_queue_head_t in the kernel: "readable", "exited", "input". */
export class WaitQueue implements Wait {
  #sleepers = new Set<() => void>();

  arm(_clock: Clock, wake: () => void): () => void {
    this.#sleepers.add(wake);
    return () => this.#sleepers.delete(wake);
  }

  /** Wakes all who sleep now. A listener that stays is `subscribe`d instead. */
  wake(): void {
    if (this.#sleepers.size === 0) return;
    const sleepers = [...this.#sleepers];
    for (const wake of sleepers) wake();
  }
}

/** Signals that stop a process (signal(7)). */
export type StopSignal = "STOP" | "TSTP" | "TTIN" | "TTOU";

/** Thrown into a waiting generator to interrupt it; a command that handles Ctrl-C catches it (ping's statistics). */
export class Signal {
  readonly name: "INT" | "TERM" | "KILL" | "HUP" | "PIPE" | "QUIT" | "USR1" | "USR2" | "ALRM";

  constructor(name: Signal["name"]) {
    this.name = name;
  }

  /** The exit status of a process that the signal ended: 128 + number. */
  get status(): number {
    return 128 + { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15 }[this.name];
  }
}

/** A started operation. Runs at once up to its first wait. */
export class Task<T> {
  /** The innermost task that runs at this moment: whoever writes to a broken pipe. */
  static running: Task<unknown> | undefined;
  readonly exited = new WaitQueue();
  /** Woken when it is stopped and when it goes on. */
  readonly changed = new WaitQueue();
  #clock: Clock;
  #op: Op<T>;
  #disarm: (() => void) | undefined;
  #running = false;
  #pending: Signal | undefined;
  /** The signal that stopped it; undefined while it runs. */
  #stopped: StopSignal | undefined;
  /** What it waited for came while it was stopped. */
  #missed = false;
  /** Not in the foreground of its terminal: reading there stops it. Whatever it starts is neither. */
  background: boolean;
  /** Whose it is: the process, for those who know of processes. What it starts is its own unless told otherwise. */
  readonly owner: object | undefined;
  /** Set once the operation has ended: with its value, or with the signal that ended it. */
  outcome: { readonly value: T } | { readonly signal: Signal } | undefined;

  constructor(clock: Clock, op: Op<T>, owner: object | undefined = Task.running?.owner) {
    this.#clock = clock;
    this.#op = op;
    this.owner = owner;
    this.background = Task.running?.background ?? false;
    this.#resume(undefined);
  }

  get done(): boolean {
    return this.outcome !== undefined;
  }

  /** What stopped it; undefined while it runs, and once it has ended. */
  get stopped(): StopSignal | undefined {
    return this.#stopped;
  }

  /** Stops it where it waits: what comes meanwhile it gets when it goes on (TASK_STOPPED). */
  stop(signal: StopSignal): void {
    if (this.done || this.#stopped) return;
    this.#stopped = signal;
    this.changed.wake();
  }

  /** Lets it go on after a stop (SIGCONT). */
  resume(): void {
    if (!this.#stopped) return;
    this.#stopped = undefined;
    this.changed.wake();
    const signal = this.#pending;
    if (this.#running || (!signal && !this.#missed)) return;
    this.#pending = undefined;
    this.#missed = false;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#resume(signal);
  }

  /** Interrupts the operation where it waits. Once it has ended this does nothing; while it is stopped only KILL gets through. */
  signal(signal: Signal): void {
    if (this.done) return;
    if (this.#stopped && signal.name === "KILL") this.#stopped = undefined;
    if (this.#running || this.#stopped) {
      // A task that signals itself gets it at its next wait, and one that is stopped when it goes on.
      if (this.#pending?.name !== "KILL") this.#pending = signal;
      return;
    }
    this.#disarm?.();
    this.#disarm = undefined;
    this.#resume(signal);
  }

  /** Waits for the end and gives the value; a signal that ended the task is thrown on. */
  *join(): Op<T> {
    while (!this.outcome) yield this.exited;
    if ("signal" in this.outcome) throw this.outcome.signal;
    return this.outcome.value;
  }

  #resume(signal: Signal | undefined): void {
    let toThrow = signal;
    for (;;) {
      this.#running = true;
      const outer = Task.running;
      Task.running = this;
      let step: IteratorResult<Wait, T>;
      try {
        step = toThrow ? this.#op.throw(toThrow) : this.#op.next();
      } catch (thrown) {
        if (!(thrown instanceof Signal)) throw thrown;
        this.#running = false;
        Task.running = outer;
        this.#end({ signal: thrown });
        return;
      } finally {
        this.#running = false;
        Task.running = outer;
      }
      if (step.done) {
        this.#end({ value: step.value });
        return;
      }
      if (this.#pending && !this.#stopped) {
        toThrow = this.#pending;
        this.#pending = undefined;
        continue;
      }
      let fired = false;
      let disarm: (() => void) | undefined;
      const wake = (): void => {
        if (fired) return;
        fired = true;
        if (!disarm) return; // woken while arming: the loop below goes on
        disarm();
        this.#disarm = undefined;
        if (this.#stopped) this.#missed = true;
        else this.#resume(undefined);
      };
      disarm = step.value.arm(this.#clock, wake);
      if (!fired) {
        this.#disarm = disarm;
        return;
      }
      disarm();
      if (this.#stopped) {
        this.#missed = true;
        return;
      }
      toThrow = undefined;
    }
  }

  #end(outcome: { readonly value: T } | { readonly signal: Signal }): void {
    this.outcome = outcome;
    this.exited.wake();
  }
}
