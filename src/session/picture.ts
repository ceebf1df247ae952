/**
 * The picture: what there is to draw at a virtual time, folded from the trace's changes. Plain immutable views, so React
 * compares references: a map is a new one only when something in it changed.
 */
import type { ContainerView, NetworkView } from "../engine/types.ts";
import type { Change, DeviceView, Fold, NetnsView, Trace } from "../kernel/trace.ts";

export interface Picture {
  readonly devices: ReadonlyMap<number, DeviceView>;
  readonly netns: ReadonlyMap<number, NetnsView>;
  readonly containers: ReadonlyMap<string, ContainerView>;
  readonly networks: ReadonlyMap<string, NetworkView>;
}

const EMPTY_PICTURE: Picture = { devices: new Map(), netns: new Map(), containers: new Map(), networks: new Map() };

/** The picture that a trace's own fold of what it has let go stands for. */
function pictureOf({ device, netns, container, network }: Fold): Picture {
  const byUid = <V>(views: ReadonlyMap<string, V> | undefined): Map<number, V> => {
    const map = new Map<number, V>();
    for (const [uid, view] of views ?? []) map.set(Number(uid), view);
    return map;
  };
  return { devices: byUid(device), netns: byUid(netns), containers: new Map(container), networks: new Map(network) };
}

/** Whether two views, plain data both, say the same. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** The map, with the objects of `shown` wherever they say the same; `shown` itself when all do, in the same order. */
function mergedMap<K, V>(shown: ReadonlyMap<K, V>, map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  const order = shown.keys();
  let all = shown.size === map.size;
  const result = new Map<K, V>();
  for (const [key, view] of map) {
    const known = shown.get(key);
    const kept = known !== undefined && same(known, view);
    all &&= kept && order.next().value === key;
    result.set(key, kept ? known : view);
  }
  return all ? shown : result;
}

const merged = (shown: Picture, { devices, netns, containers, networks }: Picture): Picture => ({
  devices: mergedMap(shown.devices, devices),
  netns: mergedMap(shown.netns, netns),
  containers: mergedMap(shown.containers, containers),
  networks: mergedMap(shown.networks, networks),
});

/** Folds changes; copies each map at most once however many changes come in one go. */
class PictureFold {
  #picture: Picture;
  #copied = new Set<keyof Picture>();

  constructor(start: Picture) {
    this.#picture = start;
  }

  readonly add = (change: Change): void => {
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
  };

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
/** Times of changes that are kept. */
const MOST_TIMES = 50_000;
/** Earlier pictures that are kept once they have been asked for: what is shown of the past is asked for again and again. */
const MOST_EARLIER = 200;

interface Snapshot {
  readonly position: number;
  readonly picture: Picture;
}

/**
 * Follows a trace: the newest picture as it grows, and the picture at any earlier time that is still kept. What the trace
 * has let go unread comes in as its fold, so the picture is right however much went by at once.
 */
export class PictureHistory {
  #trace: Trace;
  #fold = new PictureFold(EMPTY_PICTURE);
  #read = 0;
  /** In order of position. */
  #snapshots: Snapshot[] = [];
  /** The times of the newest changes that were read, in order: between two of them there is but one picture. */
  readonly #changed: number[] = [];
  /** By the time of the last change before. */
  readonly #earlier = new Map<number, Picture>();
  /** What had happened before the oldest entry that is kept. */
  #oldest: Snapshot = { position: 0, picture: EMPTY_PICTURE };

  /**
   * `shown` is the picture of another world that is about to be replaced by this one, as undo does: what looks the same in both
   * stays the same object, so that only what differs is drawn anew.
   */
  constructor(trace: Trace, shown?: Picture) {
    this.#trace = trace;
    if (shown) this.#fold = new PictureFold(merged(shown, this.latest()));
  }

  /** Folds what is new and gives the picture at the end of the trace: the same object when nothing changed. */
  latest(): Picture {
    const { dropped, end } = this.#trace;
    if (this.#read < dropped) {
      this.#fold = new PictureFold(this.#base().picture);
      this.#read = dropped;
    }
    while (this.#read < end) {
      const next = Math.min(end, this.#read - (this.#read % SNAPSHOT_EVERY) + SNAPSHOT_EVERY);
      this.#trace.changes(this.#read, next, (change) => {
        this.#changed.push(change.t);
        this.#fold.add(change);
      });
      this.#read = next;
      if (next % SNAPSHOT_EVERY === 0) this.#snapshots.push({ position: next, picture: this.#fold.take() });
    }
    if (this.#changed.length > MOST_TIMES) this.#changed.splice(0, MOST_TIMES / 2);
    while (this.#snapshots[0] && this.#snapshots[0].position < dropped) this.#snapshots.shift();
    return this.#fold.take();
  }

  /** The picture at time `t` (µs): everything that had changed by then. For what is no longer kept, the oldest that is. */
  at(t: number): Picture {
    const latest = this.latest();
    let [come, after] = [0, this.#changed.length];
    while (come < after) {
      const middle = (come + after) >>> 1;
      if ((this.#changed[middle] as number) <= t) come = middle + 1;
      else after = middle;
    }
    if (come === this.#changed.length) return latest;
    const since = this.#changed[come - 1];
    if (since === undefined) return this.#foldUntil(t);
    const picture = this.#earlier.get(since) ?? this.#foldUntil(t);
    this.#earlier.set(since, picture);
    if (this.#earlier.size > MOST_EARLIER) this.#earlier.delete(this.#earlier.keys().next().value as number);
    return picture;
  }

  #foldUntil(t: number): Picture {
    const { end } = this.#trace;
    const start =
      this.#snapshots.findLast(({ position }) => (this.#trace.timeAt(position) ?? Number.POSITIVE_INFINITY) <= t) ?? this.#base();
    const fold = new PictureFold(start.picture);
    let stop = start.position;
    while (stop < end && (this.#trace.timeAt(stop) as number) <= t) stop++;
    this.#trace.changes(start.position, stop, fold.add);
    return fold.take();
  }

  #base(): Snapshot {
    const { dropped } = this.#trace;
    if (this.#oldest.position !== dropped) this.#oldest = { position: dropped, picture: pictureOf(this.#trace.base) };
    return this.#oldest;
  }
}
