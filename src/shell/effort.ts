/**
 * Work that waits for nothing: a shell's loop, awk's, sed's. A real processor takes time for it, during which Ctrl-C comes
 * through and other programs run; here virtual time is let pass after every so many steps.
 */
import type { Clock } from "../kernel/clock.ts";
import { type Op, sleep } from "../kernel/task.ts";

/** Steps in a slice, and the µs that one takes. */
const SLICE = 100;
const QUANTUM = 1000;
/** After so many slices at a stretch it is a busy loop: it gets less of the processor, so that a replay over minutes stays short. */
const PATIENCE = 1000;
const LONG_QUANTUM = 100_000;
/** µs of waiting for something else after which a stretch is over. */
const REST = 5000;

export class Effort {
  readonly #clock: Clock;
  #steps = 0;
  #slices = 0;
  #sliceEnd = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts steps; true when a slice is used up and `rest` is due. */
  spend(steps = 1): boolean {
    this.#steps += steps;
    return this.#steps >= SLICE;
  }

  /** Lets the time of the slices pass that were used. */
  *rest(): Op<void> {
    if (this.#clock.now - this.#sliceEnd > REST) this.#slices = 0;
    const slices = Math.max(1, Math.floor(this.#steps / SLICE));
    this.#steps = 0;
    this.#slices += slices;
    yield sleep(this.#slices > PATIENCE ? LONG_QUANTUM : QUANTUM * Math.min(slices, PATIENCE));
    this.#sliceEnd = this.#clock.now;
  }
}
