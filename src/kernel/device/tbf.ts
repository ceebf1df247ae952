/** tbf, the token bucket filter (net/sched/sch_tbf.c): a rate with room for a burst, and a queue of limited length. */
import type { Kernel } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { frameLength } from "../wire/length.ts";
import type { NetDevice, Qdisc } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { formatRate, formatSize, formatTime } from "./qdisc-units.ts";

/** Rate in bytes a second; burst and limit in bytes. */
export interface TbfOptions {
  readonly rate: number;
  readonly burst: number;
  readonly limit: number;
}

export class Tbf implements Qdisc {
  readonly kind = "tbf";
  readonly handle: number;
  settings: TbfOptions;
  dropped = 0;
  sentPackets = 0;
  sentBytes = 0;
  readonly #device: NetDevice;
  readonly #kernel: Kernel;
  #queue: Skb[] = [];
  #queued = 0;
  #tokens: number;
  #filledAt: number;
  #waiting = false;
  #epoch = 0;

  constructor(device: NetDevice, handle: number, settings: TbfOptions) {
    this.#device = device;
    this.#kernel = device.netns.kernel;
    this.handle = handle;
    this.settings = settings;
    this.#tokens = settings.burst;
    this.#filledAt = this.#kernel.clock.now;
  }

  get backlog(): number {
    return this.#queue.length;
  }

  get backlogBytes(): number {
    return this.#queued;
  }

  get options(): string {
    const { rate, burst, limit } = this.settings;
    // The kernel keeps the limit only; tc shows it as the latency that it amounts to.
    const latency = Math.max(0, Math.round(((limit - burst) * 1e6) / rate));
    return ` rate ${formatRate(rate)} burst ${formatSize(burst)} lat ${formatTime(latency)}`;
  }

  enqueue(skb: Skb, send: (skb: Skb) => void): void {
    const length = frameLength(skb.packet);
    if (length > this.settings.burst || this.#queued + length > this.settings.limit) {
      this.dropped++;
      this.#device.counters.txDropped++;
      if (this.#kernel.trace.hops) traceDevice(this.#device, skb, "qdisc", "drop", "queue-full");
      return;
    }
    this.#queue.push(skb);
    this.#queued += length;
    if (!this.#waiting) this.#drain(send);
  }

  reset(): void {
    this.#queue = [];
    this.#queued = 0;
    this.#waiting = false;
    this.#epoch++;
  }

  #drain(send: (skb: Skb) => void): void {
    const { rate, burst } = this.settings;
    const { clock } = this.#kernel;
    this.#tokens = Math.min(burst, this.#tokens + ((clock.now - this.#filledAt) * rate) / 1e6);
    this.#filledAt = clock.now;
    for (let skb = this.#queue[0]; skb; skb = this.#queue[0]) {
      const length = frameLength(skb.packet);
      // A hair short of a whole token is rounding, not want.
      if (this.#tokens + 1e-6 < length) {
        const wait = Math.max(1, Math.ceil(((length - this.#tokens) * 1e6) / rate));
        if (this.#kernel.trace.hops)
          traceDevice(this.#device, skb, "qdisc", "hold", undefined, { by: "netem", effect: "rate", value: formatRate(rate) });
        this.#waiting = true;
        const epoch = this.#epoch;
        clock.after(wait, () => {
          if (epoch !== this.#epoch) return;
          this.#waiting = false;
          this.#drain(send);
        });
        return;
      }
      this.#queue.shift();
      this.#queued -= length;
      this.#tokens -= length;
      this.sentPackets++;
      this.sentBytes += length;
      send(skb);
    }
  }
}
