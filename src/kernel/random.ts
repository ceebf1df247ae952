/** The model's only source of chance: seeded, so that the same script gives the same bytes on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Where in its sequence the generator is: equal in worlds that are equal. */
  get state(): number {
    return this.#state;
  }

  /** The next 32 random bits as an unsigned number (a splitmix32 generator). */
  uint32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** `digits` lower-case hex digits: container, network and endpoint ids, veth names. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  }

  /** A random unicast, locally administered MAC, as eth_random_addr() of include/linux/etherdevice.h makes them. */
  mac(): string {
    const high = this.uint32();
    const low = this.uint32();
    const octets = [((high >>> 24) & 0xfe) | 2, high >>> 16, high >>> 8, high, low >>> 24, low >>> 16];
    return octets.map((octet) => (octet & 255).toString(16).padStart(2, "0")).join(":");
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
    return items;
  }
}
