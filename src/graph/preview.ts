/** The command line that letting go, or choosing, would run: shown beside the pointer before anything happens. */
import type { Point } from "./sizes.ts";

export interface Preview {
  readonly line: string;
  /** In pixels from the canvas' left top; undefined puts it into the canvas' corner, as for the keyboard. */
  readonly at: Point | undefined;
}

/** A store of one value, so that showing a preview draws nothing but the preview. */
export class PreviewStore {
  #preview: Preview | undefined;
  readonly #listeners = new Set<() => void>();

  readonly get = (): Preview | undefined => this.#preview;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  show(line: string, at?: Point): void {
    if (line === "") {
      this.clear();
      return;
    }
    if (this.#preview?.line === line && this.#preview.at?.x === at?.x && this.#preview.at?.y === at?.y) return;
    this.#preview = { line, at };
    for (const listener of this.#listeners) listener();
  }

  clear(): void {
    if (!this.#preview) return;
    this.#preview = undefined;
    for (const listener of this.#listeners) listener();
  }
}
