/**
 * What has just come and what has just gone, read from the trace's changes, each with the show time at which it did: so that
 * it can be seen to come and to go. Keys are the picture's: "device:UID", "container:ID", "network:ID".
 */
import type { Change, DeviceView, Trace } from "../kernel/trace.ts";

export interface Coming {
  /** Ms of show time. */
  readonly since: number;
  /** A device's name when it was made, before it was moved into a netns and renamed. */
  readonly name: string;
}

/** What comes and goes, by whoever tells of it. */
export type News = Pick<Arrivals, "comings" | "goings">;

/** Ms of show time for which comings and goings are told. */
const NEWS_MS = 1800;

export class Arrivals {
  readonly #known = new Set<string>();
  #comings = new Map<string, Coming>();
  #goings = new Map<string, number>();

  /** What the trace tells of up to a position is no news. */
  constructor(trace: Trace, until: number) {
    for (const [subject, views] of Object.entries(trace.base)) for (const id of views.keys()) this.#known.add(`${subject}:${id}`);
    trace.changes(trace.dropped, until, (change) => {
      const key = keyOf(change);
      if (change.view) this.#known.add(key);
      else this.#known.delete(key);
    });
  }

  take(change: Change, shown: number): void {
    if (change.subject === "netns") return;
    const key = keyOf(change);
    if (!change.view) {
      this.#known.delete(key);
      this.#comings.delete(key);
      this.#goings.set(key, shown);
    } else if (!this.#known.has(key)) {
      this.#known.add(key);
      this.#goings.delete(key);
      this.#comings.set(key, { since: shown, name: (change.view as DeviceView).name });
    }
  }

  /** Forgets what is no longer news. */
  update(shown: number): void {
    for (const [key, { since }] of this.#comings) if (shown - since > NEWS_MS) this.#comings.delete(key);
    for (const [key, since] of this.#goings) if (shown - since > NEWS_MS) this.#goings.delete(key);
  }

  get comings(): ReadonlyMap<string, Coming> {
    return this.#comings;
  }

  /** Show time at which each went. */
  get goings(): ReadonlyMap<string, number> {
    return this.#goings;
  }
}

const keyOf = ({ subject, id }: Change): string => `${subject}:${id}`;
