/**
 * A session: a script, its cursor, and the world that replaying it up to the cursor gives. No React, no DOM. Whether that world
 * was lived through, replayed from the start or taken from those kept ready for undo, it is the same, byte for byte.
 */
import type { TtyInput } from "../kernel/tty.ts";
import type { World } from "../world/world.ts";
import type { ProgramTable } from "./programs.ts";
import type { Replay } from "./replay.ts";
import { type Entry, MAX_ENTRIES, type Script } from "./script.ts";
import { Spares } from "./spares.ts";

export class Session {
  readonly seed: number;
  readonly #spares: Spares;
  #live: Replay;
  #entries: Entry[];
  #cursor: number;
  /** The time at which the newest state was left, so that redo of the last entry comes back to it. */
  #reached: number;
  #listeners = new Set<() => void>();

  constructor(script: Script, programs: { readonly table: ProgramTable }) {
    this.#spares = new Spares(script.seed, programs);
    this.seed = script.seed;
    this.#entries = [...script.entries];
    this.#cursor = script.cursor;
    this.#reached = script.reached;
    this.#live = this.#spares.take(this.#entries, this.#cursor, this.#until);
  }

  get world(): World {
    return this.#live.world;
  }

  /** µs of virtual time. */
  get now(): number {
    return this.#live.now;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get script(): Script {
    const atTip = this.#cursor === this.#entries.length;
    return {
      seed: this.seed,
      entries: this.#entries,
      cursor: this.#cursor,
      reached: atTip ? Math.max(this.now, this.#reached) : this.#reached,
    };
  }

  /** Called after every entry, undo and redo: what saves and redraws. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Types on a terminal, now. What was undone before is cut off. False when the session is full. */
  type(terminal: string, input: TtyInput): boolean {
    if (this.#cursor >= MAX_ENTRIES) return false;
    this.#entries.length = this.#cursor;
    this.#spares.cut(this.#cursor);
    this.#entries.push({ at: this.now, terminal, ...input });
    this.#cursor++;
    this.#reached = this.now;
    this.#live.type(terminal, input);
    this.#changed();
    return true;
  }

  get canUndo(): boolean {
    return this.#cursor > 0;
  }

  get canRedo(): boolean {
    return this.#cursor < this.#entries.length;
  }

  /** Back to the moment before the last entry was typed. Gives the entry. */
  undo(): Entry | undefined {
    const entry = this.#entries[this.#cursor - 1];
    if (entry) this.goTo(this.#cursor - 1);
    return entry;
  }

  /** Forward over the next undone entry, to the moment before the one after it, or to where the session had been left. */
  redo(): Entry | undefined {
    const entry = this.#entries[this.#cursor];
    if (entry) this.goTo(this.#cursor + 1);
    return entry;
  }

  /** To the moment at which so many entries had happened and the next was about to: back or forth. */
  goTo(cursor: number): void {
    if (cursor === this.#cursor || cursor < 0 || cursor > this.#entries.length) return;
    if (this.#cursor === this.#entries.length) {
      this.#reached = this.now;
      this.#spares.keep(this.#live);
    }
    this.#cursor = cursor;
    // Forth, if no time has passed since the way back: the world on show itself leads there.
    if (this.#live.leadsTo(this.#entries, cursor, this.#until)) this.#live.goTo(this.#entries, cursor, this.#until);
    else this.#live = this.#spares.take(this.#entries, cursor, this.#until);
    this.#changed();
  }

  /** Back to a time (µs) that has been; what was typed after it is cut off. */
  cutAt(time: number): void {
    const later = this.#entries.slice(0, this.#cursor).findIndex((entry) => entry.at > time);
    if (later >= 0) this.#cursor = later;
    this.#entries.length = this.#cursor;
    this.#spares.cut(this.#cursor);
    this.#reached = time;
    this.#live = this.#spares.take(this.#entries, this.#cursor, time);
    this.#changed();
  }

  /** Moves the world on to a virtual time. */
  advanceTo(time: number): void {
    this.#live.world.advance(time);
  }

  /** Makes undo quick, for when nobody waits: works until that is `enough`. True when there is more to do. */
  prepare(enough: () => boolean): boolean {
    return this.#spares.prepare(this.#entries, this.#cursor, this.#live, enough);
  }

  /** How far the state of the cursor goes: to where the next entry was typed, or to where the session had been left. */
  get #until(): number {
    return this.#entries[this.#cursor]?.at ?? Math.max(this.#reached, this.#entries[this.#cursor - 1]?.at ?? 0);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
