/** A pipe (fs/pipe.c): one end writes, the other reads, in order. */
import { type Input, type Output, pieceEnd, Readable } from "./stdio.ts";
import { type Op, Signal, Task, type Wait, WaitQueue } from "./task.ts";

/** Characters that a pipe takes before a writer should wait (16 pages). */
const CAPACITY = 65_536;
/** What is written beyond this by somebody who does not wait is lost. */
const MOST = 8_000_000;

export class Pipe extends Readable implements Input, Output {
  readonly changed = new WaitQueue();
  #text = "";
  #at = 0;
  #closed = false;
  #readerGone = false;

  write(text: string): void {
    if (this.#readerGone) Task.running?.signal(new Signal("PIPE"));
    if (this.#closed || this.#readerGone || text === "" || this.#text.length - this.#at > MOST) return;
    this.#text = this.#at === this.#text.length ? text : this.#text + text;
    if (this.#text === text) this.#at = 0;
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
    this.#at = 0;
    this.changed.wake();
  }

  room(): Wait | undefined {
    return this.#text.length - this.#at >= CAPACITY && !this.#readerGone ? this.changed : undefined;
  }

  *read(limit = Number.POSITIVE_INFINITY, until?: string): Op<string | undefined> {
    while (this.#at >= this.#text.length) {
      if (this.#closed) return undefined;
      yield this.changed;
    }
    const wasFull = this.room() !== undefined;
    const from = this.#at;
    this.#at = pieceEnd(this.#text, from, limit, until);
    const piece = this.#text.slice(from, this.#at);
    if (this.#at > CAPACITY) {
      this.#text = this.#text.slice(this.#at);
      this.#at = 0;
    }
    if (wasFull) this.changed.wake();
    return piece;
  }
}
