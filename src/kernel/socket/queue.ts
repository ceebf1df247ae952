/** A first-in, first-out queue with a bound, as sk_receive_queue with its sk_rcvbuf. */
export class ReceiveQueue<T> {
  #items: T[] = [];
  #head = 0;
  readonly #limit: number;
  /** How many items were refused because the queue was full. */
  overflow = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** False when the queue is full and the item is dropped. */
  push(item: T): boolean {
    if (this.length >= this.#limit) {
      this.overflow++;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head] as T;
    if (++this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
  }
}
