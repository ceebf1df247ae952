/** netem (net/sched/sch_netem.c): delay, loss, duplication, corruption, reordering and rate, drawn from the world's randomness. */
import type { Kernel } from "../kernel.ts";
import { Random } from "../random.ts";
import type { Skb } from "../skb.ts";
import type { Decision } from "../trace.ts";
import { frameLength } from "../wire/length.ts";
import type { NetDevice, Qdisc } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { formatPercent, formatRate, formatTime } from "./qdisc-units.ts";

/** A chance in percent, with the correlation to the packet before, in percent. */
export interface Chance {
  readonly percent: number;
  readonly correlation: number;
}

export type Distribution = "uniform" | "normal" | "pareto" | "paretonormal";

/** What `tc qdisc … netem` was given. Times in µs, rate in bytes a second, limit in packets. */
export interface NetemOptions {
  readonly limit: number;
  readonly delay: number;
  readonly jitter: number;
  readonly delayCorrelation: number;
  readonly distribution: Distribution;
  readonly loss: Chance;
  readonly duplicate: Chance;
  readonly corrupt: Chance;
  readonly reorder: Chance;
  /** Every so many packets one goes at once; 0: no reordering. */
  readonly gap: number;
  readonly rate: number;
  /** Of its own randomness; drawn from the world's when absent. 64 bits. */
  readonly seed?: bigint;
}

const NEVER: Chance = { percent: 0, correlation: 0 };

export const DEFAULT_NETEM: NetemOptions = {
  limit: 1000,
  delay: 0,
  jitter: 0,
  delayCorrelation: 0,
  distribution: "uniform",
  loss: NEVER,
  duplicate: NEVER,
  corrupt: NEVER,
  reorder: NEVER,
  gap: 0,
  rate: 0,
};

/** A stream of numbers in [0, 1), each leaning to the one before by `correlation` (get_crandom). */
class CorrelatedRandom {
  #last = 0;

  next(random: Random, correlation: number): number {
    const fresh = random.unit();
    if (correlation === 0) return fresh;
    const rho = correlation / 100;
    this.#last = fresh * (1 - rho) + this.#last * rho;
    return this.#last;
  }
}

/** A frame that waits for its time, in µs. */
interface Waiting {
  readonly skb: Skb;
  readonly at: number;
}

export class Netem implements Qdisc {
  readonly kind = "netem";
  readonly handle: number;
  dropped = 0;
  sentPackets = 0;
  sentBytes = 0;
  readonly #device: NetDevice;
  readonly #kernel: Kernel;
  #settings: NetemOptions;
  #seed = 0n;
  #random = new Random(0);
  readonly #chances: Record<"delay" | "loss" | "duplicate" | "corrupt" | "reorder", CorrelatedRandom>;
  /** In order of time, as tfifo keeps them. */
  #queue: Waiting[] = [];
  #counter = 0;
  /** When the last packet will have been sent at `rate`. */
  #busyUntil = 0;
  #epoch = 0;

  constructor(device: NetDevice, handle: number, options: NetemOptions) {
    this.#device = device;
    this.#kernel = device.netns.kernel;
    this.handle = handle;
    this.#settings = options;
    const stream = (): CorrelatedRandom => new CorrelatedRandom();
    this.#chances = { delay: stream(), loss: stream(), duplicate: stream(), corrupt: stream(), reorder: stream() };
    this.settings = options;
  }

  get settings(): NetemOptions {
    return this.#settings;
  }

  /** What waits stays; randomness starts anew from the seed that is given, or from a new one (netem_change). */
  set settings(options: NetemOptions) {
    this.#settings = options;
    const { random } = this.#kernel;
    this.#seed = options.seed ?? (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
    this.#random = new Random(Number(this.#seed & 0xffffffffn) ^ Number(this.#seed >> 32n));
  }

  get backlog(): number {
    return this.#queue.length;
  }

  get backlogBytes(): number {
    return this.#queue.reduce((sum, { skb }) => sum + frameLength(skb.packet), 0);
  }

  get options(): string {
    return printNetem(this.#settings, this.#seed);
  }

  enqueue(skb: Skb, send: (skb: Skb) => void): void {
    const { loss, duplicate, corrupt, limit } = this.#settings;
    let copies = 1;
    if (this.#happens("duplicate", duplicate)) copies++;
    if (this.#happens("loss", loss)) copies--;
    if (copies === 0) {
      this.dropped++;
      this.#trace(skb, "drop", "loss", formatPercent(loss.percent), "netem-loss");
      return;
    }
    for (let copy = 1; copy < copies; copy++) {
      this.#trace(skb, "pass", "duplicate", formatPercent(duplicate.percent));
      this.#schedule(skb.clone(), send);
    }
    if (this.#happens("corrupt", corrupt)) {
      skb.corrupted = true;
      this.#trace(skb, "pass", "corrupt", formatPercent(corrupt.percent));
    }
    if (this.#queue.length >= limit) {
      this.dropped++;
      this.#device.counters.txDropped++;
      if (this.#kernel.trace.hops) traceDevice(this.#device, skb, "qdisc", "drop", "queue-full");
      return;
    }
    this.#schedule(skb, send);
  }

  reset(): void {
    this.#queue = [];
    this.#epoch++;
  }

  #happens(what: "loss" | "duplicate" | "corrupt" | "reorder", chance: Chance): boolean {
    return chance.percent > 0 && this.#chances[what].next(this.#random, chance.correlation) * 100 < chance.percent;
  }

  #schedule(skb: Skb, send: (skb: Skb) => void): void {
    const { gap, reorder, rate, delay, jitter } = this.#settings;
    const { now } = this.#kernel.clock;
    // With `reorder`, all but some packets are delayed, and those go at once to the head.
    if (gap !== 0 && this.#counter >= gap - 1 && this.#happens("reorder", reorder)) {
      this.#counter = 0;
      this.#trace(skb, "pass", "reorder", formatPercent(reorder.percent));
      this.#send(skb, send);
      return;
    }
    this.#counter++;
    let at = now + this.#drawDelay();
    if (rate > 0) {
      const took = (frameLength(skb.packet) * 1e6) / rate;
      at = Math.max(at, Math.max(this.#busyUntil, now) + took);
      this.#busyUntil = at;
    }
    if (at <= now) {
      this.#send(skb, send);
      return;
    }
    if (this.#kernel.trace.hops) {
      if (delay > 0 || jitter > 0) this.#trace(skb, "hold", "delay", formatTime(Math.round(at - now)));
      else this.#trace(skb, "hold", "rate", formatRate(rate));
    }
    const waiting: Waiting = { skb, at };
    this.#insert(waiting);
    const epoch = this.#epoch;
    this.#kernel.clock.after(at - now, () => {
      if (epoch !== this.#epoch) return;
      const i = this.#queue.indexOf(waiting);
      if (i < 0) return;
      this.#queue.splice(i, 1);
      this.#send(skb, send);
    });
  }

  #send(skb: Skb, send: (skb: Skb) => void): void {
    this.sentPackets++;
    this.sentBytes += frameLength(skb.packet);
    send(skb);
  }

  #insert(waiting: Waiting): void {
    let i = this.#queue.length;
    while (i > 0 && (this.#queue[i - 1] as Waiting).at > waiting.at) i--;
    this.#queue.splice(i, 0, waiting);
  }

  /** tabledist(): the delay give or take the jitter, in µs; never negative. */
  #drawDelay(): number {
    const { delay, jitter, delayCorrelation, distribution } = this.#settings;
    if (jitter === 0) return delay;
    const drawn = this.#chances.delay.next(this.#random, delayCorrelation);
    return Math.max(0, delay + jitter * this.#deviation(distribution, drawn));
  }

  /** How many sigmas off the mean. Sums, quotients and square roots only, which are the same on every machine. */
  #deviation(distribution: Distribution, drawn: number): number {
    switch (distribution) {
      case "uniform":
        return 2 * drawn - 1;
      case "normal":
        return this.#bell(drawn);
      case "pareto":
        return this.#pareto(drawn);
      case "paretonormal":
        return this.#bell(drawn) * 0.25 + this.#pareto(this.#random.unit()) * 0.75;
    }
  }

  /** A sum of twelve uniform numbers less six has the normal distribution's mean and variance. */
  #bell(drawn: number): number {
    let sum = drawn - 6;
    for (let i = 1; i < 12; i++) sum += this.#random.unit();
    return sum;
  }

  /** Pareto with shape 4: mean 4/3, standard deviation 0.4714, moved to mean 0 and scaled to 1; cut at 4 sigmas. */
  #pareto(drawn: number): number {
    return Math.min(4, (Math.sqrt(Math.sqrt(1 / (1 - drawn))) - 4 / 3) / 0.4714);
  }

  #trace(
    skb: Skb,
    verdict: "pass" | "drop" | "hold",
    effect: Extract<Decision, { by: "netem" }>["effect"],
    value: string,
    reason?: "netem-loss",
  ): void {
    if (this.#kernel.trace.hops) traceDevice(this.#device, skb, "qdisc", verdict, reason, { by: "netem", effect, value });
  }
}

/** The options as `tc qdisc show` prints them (iproute2 tc/q_netem.c, netem_print_opt). */
function printNetem(options: NetemOptions, seed: bigint): string {
  const { limit, delay, jitter, delayCorrelation, loss, duplicate, corrupt, reorder, gap, rate } = options;
  const words = [` limit ${limit}`];
  const correlated = ({ correlation }: Chance): string => (correlation > 0 ? ` ${formatPercent(correlation)}` : "");
  if (delay > 0 || jitter > 0) {
    words.push(` delay ${formatTime(delay)}`);
    if (jitter > 0) words.push(`  ${formatTime(jitter)}`);
    if (delayCorrelation > 0) words.push(` ${formatPercent(delayCorrelation)}`);
  }
  if (loss.percent > 0) words.push(` loss ${formatPercent(loss.percent)}${correlated(loss)}`);
  if (duplicate.percent > 0) words.push(` duplicate ${formatPercent(duplicate.percent)}${correlated(duplicate)}`);
  if (reorder.percent > 0) words.push(` reorder ${formatPercent(reorder.percent)}${correlated(reorder)}`);
  if (corrupt.percent > 0) words.push(` corrupt ${formatPercent(corrupt.percent)}${correlated(corrupt)}`);
  if (rate > 0) words.push(` rate ${formatRate(rate)}`);
  words.push(` seed ${seed}`);
  if (gap > 0) words.push(` gap ${gap}`);
  return words.join("");
}
