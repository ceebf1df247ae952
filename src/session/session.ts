/** A session: a script, its cursor, and the world that replaying it up to the cursor gives. No React, no DOM. */
import type { TtyInput } from "../kernel/tty.ts";
import { buildWorld, type World } from "../world/world.ts";
import type { ProgramTable } from "./programs.ts";
import { type Entry, MAX_ENTRIES, machineOf, type Script } from "./script.ts";

/** Hops of all but the newest entries are left out of a replay: they are long past, and describing them costs most of the time. */
const ENTRIES_WITH_HOPS = 12;

export class Session {
  readonly seed: number;
  readonly #programs: { readonly table: ProgramTable };
  #world: World;
  #entries: Entry[];
  #cursor: number;
  /** The time at which the newest state was left, so that redo of the last entry comes back to it. */
  #reached: number;
  #listeners = new Set<() => void>();

  constructor(script: Script, programs: { readonly table: ProgramTable }) {
    this.#programs = programs;
    this.seed = script.seed;
    this.#entries = [...script.entries];
    this.#cursor = script.cursor;
    this.#reached = script.reached;
    this.#world = this.#replay(this.#cursor, Math.max(script.reached, this.#entries[this.#cursor - 1]?.at ?? 0));
  }

  get world(): World {
    return this.#world;
  }

  /** µs of virtual time. */
  get now(): number {
    return this.#world.kernel.clock.now;
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
    this.#entries.push({ at: this.now, terminal, ...input });
    this.#cursor++;
    this.#world.input(terminal, input);
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
    if (!entry) return undefined;
    if (this.#cursor === this.#entries.length) this.#reached = Math.max(this.#reached, this.now);
    this.#cursor--;
    this.#world = this.#replay(this.#cursor, entry.at);
    this.#changed();
    return entry;
  }

  /** Forward over the next undone entry, to the moment before the one after it, or to where the session had been left. */
  redo(): Entry | undefined {
    const entry = this.#entries[this.#cursor];
    if (!entry) return undefined;
    this.#cursor++;
    this.#world = this.#replay(this.#cursor, this.#entries[this.#cursor]?.at ?? Math.max(this.#reached, entry.at));
    this.#changed();
    return entry;
  }

  /** To the moment at which so many entries had happened and the next was about to: back or forth. */
  goTo(cursor: number): void {
    if (cursor === this.#cursor || cursor < 0 || cursor > this.#entries.length) return;
    if (this.#cursor === this.#entries.length) this.#reached = Math.max(this.#reached, this.now);
    this.#cursor = cursor;
    this.#world = this.#replay(cursor, this.#entries[cursor]?.at ?? this.#reached);
    this.#changed();
  }

  /** Moves the world on to a virtual time. */
  advanceTo(time: number): void {
    this.#world.advance(time);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #replay(cursor: number, until: number): World {
    const world = buildWorld({ programs: () => this.#programs.table, seed: this.seed, dnsOrder: "round-robin" });
    const { trace } = world.kernel;
    trace.hops = false;
    for (let i = 0; i < cursor; i++) {
      const entry = this.#entries[i] as Entry;
      if (i >= cursor - ENTRIES_WITH_HOPS) trace.hops = true;
      world.advance(entry.at);
      world.openTerminal(entry.terminal, machineOf(entry.terminal));
      world.input(entry.terminal, "line" in entry ? { line: entry.line } : { key: entry.key });
    }
    trace.hops = true;
    world.advance(until);
    return world;
  }
}
