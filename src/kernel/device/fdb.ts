/** The forwarding database of a bridge (net/bridge/br_fdb.c): which MAC is behind which port, learned or set. */
import type { Mac } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { BridgePort } from "./bridge-port.ts";

/** Seconds after which a learned entry is forgotten unless its MAC is seen again (BR_DEFAULT_AGEING_TIME). */
const DEFAULT_AGEING = 300;

export interface FdbEntry {
  readonly mac: Mac;
  /** Undefined: the bridge itself. */
  port: BridgePort | undefined;
  /** Frames to it are for this host: MACs of the ports and of the bridge. */
  readonly local: boolean;
  /** Set by hand: never learned away; `permanent` and `static` entries do not age. */
  readonly static: boolean;
  /** Virtual time in µs at which a frame from it was last seen, and one to it last looked up. */
  updated: number;
  used: number;
}

/** Learned entries age when somebody looks: nothing runs while nobody does. */
export class Fdb {
  /** µs; 0 forgets at once, so that every frame is flooded as by a hub. */
  ageing = DEFAULT_AGEING * 1e6;
  readonly #clock: Clock;
  readonly #entries = new Map<Mac, FdbEntry>();

  /** Told of entries that come, move or go (fdb_notify). */
  readonly #notify: (entry: FdbEntry, gone: boolean) => void;

  constructor(clock: Clock, notify: (entry: FdbEntry, gone: boolean) => void) {
    this.#clock = clock;
    this.#notify = notify;
  }

  /** The entry for a frame to `mac`. */
  find(mac: Mac): FdbEntry | undefined {
    const entry = this.#entries.get(mac);
    if (entry === undefined || entry.static) return entry;
    if (!this.#hasAged(entry)) return entry;
    this.remove(mac);
    return undefined;
  }

  /** A frame from `mac` came in by `port` (br_fdb_update). True when that is news. */
  learn(mac: Mac, port: BridgePort): boolean {
    const entry = this.find(mac);
    if (entry !== undefined) {
      // A frame with this host's own address as its source is not believed.
      if (entry.local) return false;
      entry.updated = this.#clock.now;
      if (entry.port === port || entry.static) return false;
      entry.port = port;
      this.#notify(entry, false);
      return true;
    }
    if (this.ageing === 0) return false;
    this.#put({ mac, port, local: false, static: false, updated: this.#clock.now, used: this.#clock.now });
    return true;
  }

  /** Sets an entry by hand, over a learned one. */
  set(mac: Mac, port: BridgePort | undefined, kind: "local" | "static" | "dynamic"): void {
    const { now } = this.#clock;
    this.#entries.delete(mac);
    this.#put({ mac, port, local: kind === "local", static: kind !== "dynamic", updated: now, used: now });
  }

  #put(entry: FdbEntry): void {
    this.#entries.set(entry.mac, entry);
    this.#notify(entry, false);
  }

  get(mac: Mac): FdbEntry | undefined {
    return this.#entries.get(mac);
  }

  remove(mac: Mac): void {
    const entry = this.#entries.get(mac);
    if (entry === undefined) return;
    this.#entries.delete(mac);
    this.#notify(entry, true);
  }

  /** Forgets what is behind a port: all of it, or what was learned only (the port lost its carrier). */
  flush(port: BridgePort, learnedOnly = false): void {
    this.flushWhere((entry) => entry.port === port && !(learnedOnly && entry.static));
  }

  /** RTM_DELNEIGH with NLM_F_BULK: forgets all that `gone` holds for. */
  flushWhere(gone: (entry: FdbEntry) => boolean): void {
    for (const [mac, entry] of this.#entries) if (gone(entry)) this.remove(mac);
  }

  /** Entries that have not aged out, oldest first. Looking changes nothing: a world that was looked at is the same world. */
  list(): readonly FdbEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.static || !this.#hasAged(entry));
  }

  #hasAged(entry: FdbEntry): boolean {
    return this.#clock.now - entry.updated > this.ageing;
  }
}
