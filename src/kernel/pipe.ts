/** A pipe: one end writes, the other reads, in order. */
import type { Input, Output } from "./stdio.ts";
import { type Op, WaitQueue } from "./task.ts";

export class Pipe implements Input, Output {
  readonly changed = new WaitQueue();
  #text = "";
  #closed = false;
  #readerGone = false;

  /** Told when something is written that nobody will read: the writer's SIGPIPE. */
  onBroken: (() => void) | undefined;

  write(text: string): void {
    if (this.#readerGone) this.onBroken?.();
    if (this.#closed || this.#readerGone) return;
    this.#text += text;
    this.changed.wake();
  }

  close(): void {
    this.#closed = true;
    this.changed.wake();
  }

  /** The reader has ended; what is still written is dropped. */
  closeReader(): void {
    this.#readerGone = true;
    this.#text = "";
    this.changed.wake();
  }

  /** Whether a writer may stop: `yes | head` must end. */
  get broken(): boolean {
    return this.#readerGone;
  }

  *readLine(): Op<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#closed) {
        const rest = this.#text;
        this.#text = "";
        return rest === "" ? undefined : rest;
      }
      yield this.changed;
    }
  }

  *readAll(): Op<string> {
    while (!this.#closed) yield this.changed;
    const all = this.#text;
    this.#text = "";
    return all;
  }
}
