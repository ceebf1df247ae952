/** What the engine and the kernels did, read from the trace's own events. */
import type { Happening, Trace } from "../kernel/trace.ts";

export interface LoggedEvent extends Happening {
  /** Position in the trace: tells one event from another. */
  readonly position: number;
}

const MOST = 400;

/** Follows the trace and keeps the newest events. */
export class EventWatch {
  #trace: Trace;
  #read: number;
  #events: readonly LoggedEvent[] = [];

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.dropped;
  }

  /** Oldest first; the same array as long as nothing is new. */
  events(): readonly LoggedEvent[] {
    const fresh: LoggedEvent[] = [];
    for (this.#read = Math.max(this.#read, this.#trace.dropped); this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "event") fresh.push({ ...entry, position: this.#read });
    }
    if (fresh.length > 0) this.#events = [...this.#events, ...fresh].slice(-MOST);
    return this.#events;
  }
}
