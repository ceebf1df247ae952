/**
 * The picture: what there is to draw at a virtual time, folded from the trace's changes. Plain immutable views, so React
 * compares references: a map is a new one only when something in it changed.
 */
import type { ContainerView, NetworkView } from "../engine/types.ts";
import type { Change, DeviceView, NetnsView, Trace, TraceEntry } from "../kernel/trace.ts";

export interface Picture {
  readonly devices: ReadonlyMap<number, DeviceView>;
  readonly netns: ReadonlyMap<number, NetnsView>;
  readonly containers: ReadonlyMap<string, ContainerView>;
  readonly networks: ReadonlyMap<string, NetworkView>;
}

export const EMPTY_PICTURE: Picture = { devices: new Map(), netns: new Map(), containers: new Map(), networks: new Map() };

/** Folds changes; copies each map at most once however many changes come in one go. */
class PictureFold {
  #picture: Picture;
  #copied = new Set<keyof Picture>();

  constructor(start: Picture = EMPTY_PICTURE) {
    this.#picture = start;
  }

  add(entry: TraceEntry): void {
    if (entry.kind !== "change") return;
    const change: Change = entry;
    switch (change.subject) {
      case "device":
        this.#set("devices", Number(change.id), change.view as DeviceView | null);
        break;
      case "netns":
        this.#set("netns", Number(change.id), change.view as NetnsView | null);
        break;
      case "container":
        this.#set("containers", change.id, change.view as ContainerView | null);
        break;
      case "network":
        this.#set("networks", change.id, change.view as NetworkView | null);
        break;
    }
  }

  /** The picture so far. What is added afterwards does not show in it. */
  take(): Picture {
    this.#copied.clear();
    return this.#picture;
  }

  #set<K extends number | string, V>(key: keyof Picture, id: K, view: V | null): void {
    if (!this.#copied.has(key)) {
      this.#picture = { ...this.#picture, [key]: new Map(this.#picture[key] as ReadonlyMap<K, V>) };
      this.#copied.add(key);
    }
    const map = this.#picture[key] as unknown as Map<K, V>;
    if (view) map.set(id, view);
    else map.delete(id);
  }
}

const SNAPSHOT_EVERY = 5000;

/** Follows a trace: the newest picture as it grows, and the picture at any earlier time that is still kept. */
export class PictureHistory {
  #trace: Trace;
  #fold = new PictureFold();
  #read: number;
  #snapshots: { readonly position: number; readonly picture: Picture }[] = [{ position: 0, picture: EMPTY_PICTURE }];

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.dropped;
  }

  /** Folds what is new and gives the picture at the end of the trace: the same object when nothing changed. */
  latest(): Picture {
    while (this.#read < this.#trace.end) {
      const entry = this.#trace.at(this.#read++);
      if (entry) this.#fold.add(entry);
      if (this.#read % SNAPSHOT_EVERY === 0) this.#snapshots.push({ position: this.#read, picture: this.#fold.take() });
    }
    const drop = this.#snapshots.findLastIndex((snapshot) => snapshot.position <= this.#trace.dropped);
    if (drop > 0) this.#snapshots.splice(0, drop);
    return this.#fold.take();
  }

  /** The picture at time `t` (µs): everything that had changed by then. */
  at(t: number): Picture {
    this.latest();
    let base = this.#snapshots[0] as { readonly position: number; readonly picture: Picture };
    for (const snapshot of this.#snapshots) {
      const next = this.#trace.at(snapshot.position);
      if (next && next.t > t) break;
      base = snapshot;
    }
    const fold = new PictureFold(base.picture);
    for (let position = Math.max(base.position, this.#trace.dropped); position < this.#trace.end; position++) {
      const entry = this.#trace.at(position);
      if (!entry || entry.t > t) break;
      fold.add(entry);
    }
    return fold.take();
  }
}
