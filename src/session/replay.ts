/** A world on its way along a script: so many entries have been typed, and the clock has come so far. */
import type { TtyInput } from "../kernel/tty.ts";
import { buildWorld, type World } from "../world/world.ts";
import type { ProgramTable } from "./programs.ts";
import { type Entry, machineOf } from "./script.ts";

/** Hops of all but the newest entries are left out: they are long past, and describing them costs most of the time. */
const ENTRIES_WITH_HOPS = 12;
/** Events of the clock between two looks at the time. */
const EVENTS_AT_A_TIME = 32;

export class Replay {
  readonly world: World;
  #typed = 0;
  /** Where in the trace the newest entries begin. */
  #starts: number[] = [];

  constructor(seed: number, programs: { readonly table: ProgramTable }) {
    this.world = buildWorld({ programs: () => programs.table, seed, dnsOrder: "round-robin" });
  }

  /** How many entries have been typed. */
  get typed(): number {
    return this.#typed;
  }

  /** µs of virtual time. */
  get now(): number {
    return this.world.kernel.clock.now;
  }

  /** Types on a terminal, now. */
  type(terminal: string, input: TtyInput): void {
    // What is due at this moment comes first: two lines typed at once are as they are in a replay.
    this.world.advance(this.now);
    this.#typed++;
    this.world.input(terminal, input);
  }

  /** Whether it can come to where `cursor` entries have been typed and it is `until`: it has not gone past either. */
  leadsTo(entries: readonly Entry[], cursor: number, until: number): boolean {
    return this.#typed <= cursor && this.now <= (this.#typed < cursor ? (entries[this.#typed] as Entry).at : until);
  }

  /** Types entries at their times up to `cursor`, then goes on to `until`. False when it stopped because that was `enough`. */
  goTo(entries: readonly Entry[], cursor: number, until: number, enough?: () => boolean): boolean {
    const { trace } = this.world.kernel;
    while (this.#typed < cursor) {
      const entry = entries[this.#typed] as Entry;
      trace.hops = this.#typed > cursor - ENTRIES_WITH_HOPS;
      if (!this.#advance(entry.at, enough)) return false;
      trace.hops = this.#typed >= cursor - ENTRIES_WITH_HOPS;
      this.#starts.push(trace.end);
      if (this.#starts.length > ENTRIES_WITH_HOPS) trace.letGo(this.#starts.shift() as number);
      this.world.openTerminal(entry.terminal, machineOf(entry.terminal));
      const { at: _at, terminal, ...input } = entry;
      this.type(terminal, input);
    }
    trace.hops = true;
    return this.#advance(until, enough);
  }

  #advance(time: number, enough: (() => boolean) | undefined): boolean {
    const { clock } = this.world.kernel;
    if (enough) {
      for (let events = 1; (clock.nextAt ?? Number.POSITIVE_INFINITY) <= time; events++) {
        clock.step();
        if (events % EVENTS_AT_A_TIME === 0 && enough()) return false;
      }
    }
    this.world.advance(time);
    return true;
  }
}
