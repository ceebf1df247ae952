/**
 * The play head: how fast the page lets virtual time pass. Slowly while a packet is on its way, in leaps over waiting, as
 * on a wall clock while nobody runs anything. It only chooses how far to advance; what happens is the world's.
 */
import type { Trace } from "../kernel/trace.ts";
import type { Arrivals } from "./arrivals.ts";
import { type Flight, FlightWatch, type Mark, type QuietFlight } from "./flights.ts";

/** Real milliseconds that any stretch of mere waiting takes at the most. */
const WAITING_MS = 240;
/** µs of virtual time per ms while a command is waited for: what an engine takes to start a container teaches nobody anything. */
const BUSY_PACE = 5000;
/** Ms of show time that a mark (a drop, a rewrite) is kept for; the packet layer fades it within that time. */
const KEEP_MARKS_MS = 4000;
/** Ms of show time after a drop in which nothing is leapt over, so that it can be read. */
const READING_MS = 2400;
/** Events that one step may run at the most. */
const EVENTS_PER_STEP = 20_000;
/** µs of virtual time within which what is on its way lands before a key that interrupts it. */
const LANDING = 20_000;
/** Real milliseconds after which a frame goes on with the next, so that a storm cannot hang the page: it is played slower. */
const FRAME_MS = 10;
/** Scaled milliseconds of a frame that are not worth another round: what rounding leaves over. */
const LEAST_MS = 1e-6;

/** What a play head moves along: a session as it lives, or what its trace still has of the past. Times in µs. */
export interface Course {
  readonly now: number;
  readonly world: {
    readonly kernel: { readonly trace: Trace };
    readonly nextEventAt: number | undefined;
    /** Somebody waits for a command, or to see what comes next: what lies between is leapt over. */
    readonly busy: boolean;
  };
  advanceTo(time: number): void;
}

export class PlayHead {
  playing = true;
  /** 1 is normal, 0.25 slow motion, 4 fast. */
  speed = 1;
  /** µs at which it pauses, once what was on its way then has arrived. */
  pauseAt = Number.POSITIVE_INFINITY;
  #course: Course;
  #world: Course["world"];
  #watch: FlightWatch;
  #time: number;
  #wallClock: () => number;

  /** Tells what is on its way from a position in the trace on; from its end when none is told. */
  constructor(course: Course, wallClock: () => number = () => performance.now(), from?: number) {
    this.#course = course;
    this.#wallClock = wallClock;
    this.#world = course.world;
    this.#watch = new FlightWatch(course.world.kernel.trace, course.now, from);
    this.#time = course.now;
  }

  /** µs of virtual time, with fractions: frames glide while the world's clock moves in whole steps. */
  get time(): number {
    return this.#time;
  }

  get flights(): readonly Flight[] {
    return this.#watch.flights;
  }

  get marks(): readonly Mark[] {
    return this.#watch.marks;
  }

  /** Housekeeping on its way, timed in show time. */
  get quiet(): readonly QuietFlight[] {
    return this.#watch.quiet;
  }

  /** What has just come and gone, timed in show time. */
  get arrivals(): Arrivals {
    return this.#watch.arrivals;
  }

  /** Whether packets that somebody waits for are on their way. */
  get flying(): boolean {
    return this.#watch.flights.some((flight) => !flight.housekeeping);
  }

  /** Show time in ms, by which what comes and fades is drawn: it stands still when virtual time does. */
  get shown(): number {
    return this.#watch.shown;
  }

  /** After undo, redo or a reload the session has another world. */
  follow(): void {
    if (this.#world === this.#course.world && this.#course.now <= Math.floor(this.#time)) return;
    this.#world = this.#course.world;
    this.#watch = new FlightWatch(this.#world.kernel.trace, this.#course.now);
    this.#time = this.#course.now;
  }

  /** One animation frame of `elapsed` real milliseconds. */
  frame(elapsed: number): void {
    this.follow();
    if (!this.playing) return;
    let budget = Math.min(elapsed, 100) * this.speed;
    const end = this.#wallClock() + FRAME_MS;
    while (budget > LEAST_MS && this.#wallClock() < end) {
      const used = this.#advance(budget);
      budget -= used;
      if (this.#time >= this.pauseAt && !this.flying) {
        this.playing = false;
        this.pauseAt = Number.POSITIVE_INFINITY;
        break;
      }
      if (used === 0 && this.#world.nextEventAt === undefined) break;
    }
  }

  /** To the next thing that can be seen: the start or the arrival of a frame that somebody waits for, or a change. */
  step(): void {
    this.follow();
    const landing = this.#nextLanding();
    const before = this.#watch.seen;
    for (let events = 0; events < EVENTS_PER_STEP; events++) {
      const next = this.#world.nextEventAt;
      if (next === undefined) break;
      this.#moveTo(Math.max(this.#time, next));
      if (landing !== undefined ? this.#time >= landing : this.#watch.seen > before) break;
    }
    if (landing !== undefined) this.#moveTo(Math.max(this.#time, landing));
  }

  /**
   * Lets what is on its way arrive. A packet takes microseconds, and only the page makes a second of them: whoever presses Ctrl-C
   * on a real host does not catch one in flight. What takes longer (a delay by tc) is left on its way, as is everything while
   * time stands still.
   */
  land(): void {
    this.follow();
    if (!this.playing) return;
    const until = this.#time + LANDING;
    for (let events = 0; events < EVENTS_PER_STEP && this.flying; events++) {
      const to = Math.min(this.#nextLanding() ?? until, this.#world.nextEventAt ?? until);
      if (to >= until) return;
      this.#moveTo(Math.max(this.#time, to));
    }
  }

  /** Spends up to `budget` scaled milliseconds; gives how many it took. */
  #advance(budget: number): number {
    const next = this.#world.nextEventAt;
    if (this.flying) {
      const perMs = this.#watch.microsecondsPerMs;
      // Land exactly: what happens on arrival starts its own flight, which must be seen from its beginning.
      const landing = this.#nextLanding() ?? this.#time;
      const to = Math.max(this.#time, Math.min(this.#time + perMs * budget, landing, next ?? landing));
      const used = (to - this.#time) / perMs;
      this.#moveTo(to);
      return used;
    }
    if (next === undefined || !this.#world.busy) {
      const to = this.#time + budget * 1000;
      if (next === undefined || next > to) {
        this.#moveTo(to);
        return budget;
      }
      const used = Math.max(0, (next - this.#time) / 1000);
      this.#moveTo(Math.max(next, this.#time));
      return used;
    }
    const gap = Math.max(0, next - this.#time);
    const perMs = this.#isReading() ? 1000 : Math.max(BUSY_PACE, gap / WAITING_MS);
    const to = Math.min(next, this.#time + perMs * budget);
    const used = gap === 0 ? 0 : (to - this.#time) / perMs;
    this.#moveTo(Math.max(to, this.#time));
    return used;
  }

  #nextLanding(): number | undefined {
    let least: number | undefined;
    for (const flight of this.#watch.flights)
      if (!flight.housekeeping && flight.end > this.#time && (least === undefined || flight.end < least)) least = flight.end;
    return least;
  }

  #moveTo(time: number): void {
    this.#time = time;
    const whole = Math.floor(time);
    if (whole >= this.#course.now) this.#course.advanceTo(whole);
    this.#watch.update(this.#time, KEEP_MARKS_MS);
  }

  /** A drop that has just been shown is read before time leaps on. */
  #isReading(): boolean {
    const { marks, shown } = this.#watch;
    return marks.some((mark) => mark.hop.verdict === "drop" && shown - mark.since < READING_MS);
  }
}
