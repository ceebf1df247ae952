/** Arithmetic of TCP's 32-bit sequence numbers, and of its retransmission timer. */

export const seqAdd = (seq: number, bytes: number): number => (seq + bytes) >>> 0;
/** How far `a` is ahead of `b`, negative when it is behind (RFC 9293 section 3.4). */
export const seqDiff = (a: number, b: number): number => (a - b) | 0;

/** µs, as in include/net/tcp.h. */
const RTO_INITIAL = 1_000_000;
const RTO_MIN = 200_000;
const RTO_MAX = 120_000_000;

/** The retransmission timeout from measured round trips (RFC 6298 with Linux' floor on the variation, tcp_rtt_estimator). */
export class RtoEstimator {
  #smoothed = 0;
  #variation = 0;
  #backoff = 0;
  #base = RTO_INITIAL;

  /** Takes a round trip of a segment that was sent once (Karn's rule), in µs. */
  sample(rtt: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = Math.max(1, rtt);
      this.#variation = rtt / 2;
    } else {
      this.#variation += (Math.abs(this.#smoothed - rtt) - this.#variation) / 4;
      this.#smoothed += (rtt - this.#smoothed) / 8;
    }
    this.#base = this.#smoothed + Math.max(RTO_MIN, 4 * this.#variation);
    this.#backoff = 0;
  }

  /** New data was acknowledged: the next timeout starts without back-off. */
  reset(): void {
    this.#backoff = 0;
  }

  backOff(): void {
    this.#backoff++;
  }

  get timeout(): number {
    return Math.min(RTO_MAX, this.#base * 2 ** this.#backoff);
  }
}

/** The longest head of `text` that takes at most `limit` bytes in UTF-8, and its length in bytes. */
export function takeBytes(text: string, limit: number): { readonly head: string; readonly bytes: number } {
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) as number;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes + size > limit) break;
    bytes += size;
    at += code > 0xffff ? 2 : 1;
  }
  return { head: at === text.length ? text : text.slice(0, at), bytes };
}
