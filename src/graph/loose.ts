/** A cable that has been pulled off at one end and hangs from the pointer. A store of its own, so that only it is drawn as it moves. */
import type { CableSide } from "./gestures.ts";
import type { Hue } from "./hues.ts";
import type { Point } from "./sizes.ts";

export interface Loose {
  readonly cable: string;
  readonly side: CableSide;
  readonly hue: Hue;
  /** The end that is still plugged in, and where the other is held. */
  readonly fixed: Point;
  readonly at: Point;
}

export class LooseStore {
  #loose: Loose | undefined;
  readonly #listeners = new Set<() => void>();

  readonly get = (): Loose | undefined => this.#loose;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(loose: Loose | undefined): void {
    this.#loose = loose;
    for (const listener of this.#listeners) listener();
  }
}
