/** The virtual clock: a queue of events in time order. All times and delays are whole microseconds since boot. */

export interface Timer {
  readonly at: number;
  readonly sequence: number;
  run: (() => void) | undefined;
  /** A background timer (ageing, garbage collection, a renewed announcement) does not keep a replay waiting. */
  readonly background: boolean;
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export class Clock {
  #now = 0;
  #sequence = 0;
  #heap: Timer[] = [];
  #foreground = 0;

  get now(): number {
    return this.#now;
  }

  /** Calls `run` after `delay` µs; events at the same time run in the order in which they were scheduled. */
  after(delay: number, run: () => void, background = false): Timer {
    const timer: Timer = { at: this.#now + Math.max(0, Math.round(delay)), sequence: this.#sequence++, run, background };
    if (!background) this.#foreground++;
    this.#push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    if (!timer.run) return;
    timer.run = undefined;
    if (!timer.background) this.#foreground--;
  }

  /** The time of the next event, or undefined when nothing is scheduled. */
  get nextAt(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** Whether anything but background timers is scheduled. */
  get busy(): boolean {
    return this.#foreground > 0;
  }

  /** Runs the next event, moving the clock to it. False when there is none. */
  step(): boolean {
    this.#dropCancelled();
    const timer = this.#heap[0];
    if (!timer) return false;
    this.#pop();
    const run = timer.run as () => void;
    timer.run = undefined;
    if (!timer.background) this.#foreground--;
    this.#now = timer.at;
    run();
    return true;
  }

  /** Runs every event up to and at `time`, then sets the clock to `time`. */
  advanceTo(time: number): void {
    for (let next = this.nextAt; next !== undefined && next <= time; next = this.nextAt) this.step();
    if (time > this.#now) this.#now = time;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && !(this.#heap[0] as Timer).run) this.#pop();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Timer;
      if (!before(timer, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    const length = heap.length;
    if (length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      const below = heap[child] as Timer;
      if (!before(below, last)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
  }
}
