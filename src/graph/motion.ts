/** What moves in the picture, as the packet layer reads it anew for each frame. */
import type { News } from "../session/arrivals.ts";
import type { Flight, Mark, QuietFlight } from "../session/flights.ts";

export interface Motion {
  readonly flights: () => readonly Flight[];
  readonly marks: () => readonly Mark[];
  readonly quiet: () => readonly QuietFlight[];
  readonly arrivals: () => News;
  /** µs of virtual time, with fractions. */
  readonly now: () => number;
  /** Ms of show time: stands still when virtual time does. */
  readonly shown: () => number;
  /** Whether it is one of the past, moved by a play head of its own. */
  readonly past: boolean;
}
