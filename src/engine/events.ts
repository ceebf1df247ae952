/** What happened, as `docker events` tells it (daemon/events). */

export interface EngineEvent {
  /** µs of virtual time. */
  readonly t: number;
  readonly type: "container" | "network" | "image" | "volume" | "builder";
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** As many as the daemon keeps (eventsLimit). */
const LIMIT = 256;

export class EventLog {
  readonly #events: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  /** The newest ones, oldest first. */
  get recent(): readonly EngineEvent[] {
    return this.#events;
  }

  add(event: EngineEvent): void {
    this.#events.push(event);
    if (this.#events.length > LIMIT) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` with each event from now on; the result ends that. */
  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
