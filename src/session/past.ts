/** The past as the trace has it: a course that a play head can move along, without a world that lives. */
import type { Trace } from "../kernel/trace.ts";
import type { Course } from "./playhead.ts";

/** Entries before a moment that are read to see what was on its way then. */
const LEAD = 400;
/** How long before a moment (µs) what happened still belongs to it. */
const RECENT = 5_000;

export class Past implements Course {
  /** Whoever looks back waits for what comes next. */
  readonly busy = true;
  readonly kernel: { readonly trace: Trace };
  readonly #trace: Trace;
  #position: number;
  #now: number;

  /** Stands at `now` (µs): everything that the trace has up to then has happened. */
  constructor(trace: Trace, now: number) {
    this.kernel = { trace };
    this.#trace = trace;
    this.#now = now;
    let [from, to] = [trace.dropped, trace.end];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((trace.timeAt(middle) as number) <= now) from = middle + 1;
      else to = middle;
    }
    this.#position = from;
  }

  get world(): this {
    return this;
  }

  get now(): number {
    return this.#now;
  }

  get nextEventAt(): number | undefined {
    return this.#trace.timeAt(this.#position);
  }

  /** The position in the trace of what comes next; the trace's end when nothing does. */
  get position(): number {
    return this.#position;
  }

  /** From where in the trace on to read so as to know what is on its way. */
  get lead(): number {
    let from = this.#position;
    while (from > this.#position - LEAD && (this.#trace.timeAt(from - 1) ?? -1) >= this.#now - RECENT) from--;
    return from;
  }

  advanceTo(time: number): void {
    this.#now = time;
    while ((this.#trace.timeAt(this.#position) ?? Number.POSITIVE_INFINITY) <= time) this.#position++;
  }
}
