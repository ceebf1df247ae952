/**
 * Worlds kept ready for undo. To go back is to replay the script from its start, which takes a second once hundreds of
 * containers have been started; so a few worlds stand ready, made while nobody waits: one before the last entry, one before
 * the last two, four, and so on. Undo takes the nearest and the others follow, so that any number of undos is quick. They are
 * replays like any other, and which of them is taken changes nothing but the time that it takes.
 */
import type { ProgramTable } from "./programs.ts";
import { Replay } from "./replay.ts";
import type { Entry } from "./script.ts";

/** Worlds kept ready at most, and netns in all of them together: a world of 1,000 containers takes some 60 MB. */
const MOST = 4;
const MOST_NETNS = 1500;

export class Spares {
  readonly #seed: number;
  readonly #programs: { readonly table: ProgramTable };
  #worlds: Replay[] = [];

  constructor(seed: number, programs: { readonly table: ProgramTable }) {
    this.#seed = seed;
    this.#programs = programs;
  }

  /** Gives the world where `cursor` entries have been typed and it is `until` µs. */
  take(entries: readonly Entry[], cursor: number, until: number): Replay {
    let nearest: Replay | undefined;
    for (const one of this.#worlds) if (one.leadsTo(entries, cursor, until) && !(nearest && nearest.typed > one.typed)) nearest = one;
    const replay = nearest ?? new Replay(this.#seed, this.#programs);
    this.#worlds = this.#worlds.filter((one) => one !== replay);
    replay.goTo(entries, cursor, until);
    return replay;
  }

  /** Keeps the newest state of the session as undo leaves it: the last redo comes back to it. */
  keep(newest: Replay): void {
    this.#worlds.push(newest);
  }

  /** What was typed after the first `cursor` entries never happened. */
  cut(cursor: number): void {
    this.#worlds = this.#worlds.filter((one) => one.typed <= cursor);
  }

  /**
   * Makes worlds ready for undo from `cursor`, and lets go of those that are of no more use; `live` is the one on show. Stops
   * when that is `enough`; true when there is more to do.
   */
  prepare(entries: readonly Entry[], cursor: number, live: Replay, enough: () => boolean): boolean {
    const ahead = this.#worlds.find((one) => one.typed > cursor && one.typed === entries.length);
    const kept: Replay[] = ahead ? [ahead] : [];
    const room = Math.max(1, Math.min(MOST, Math.floor(MOST_NETNS / live.world.kernel.netns.size)));
    let more = false;
    for (let i = 0; i < room && cursor >= 2 ** i; i++) {
      const target = cursor - 2 ** i;
      const until = (entries[target] as Entry).at;
      let spare: Replay | undefined;
      for (const one of this.#worlds)
        if (!kept.includes(one) && one.leadsTo(entries, target, until) && (!spare || one.typed > spare.typed)) spare = one;
      if (!spare && more) continue;
      spare ??= new Replay(this.#seed, this.#programs);
      kept.push(spare);
      more ||= !spare.goTo(entries, target, until, enough);
    }
    this.#worlds = kept;
    return more;
  }
}
