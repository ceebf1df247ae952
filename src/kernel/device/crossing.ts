/**
 * The way from one device to the next: frames that set out at one instant with the same latency arrive as one clock event,
 * in the order in which they set out, so a flood over a thousand ports costs one event and not a thousand.
 */
import type { Kernel } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import type { Decision } from "../trace.ts";
import type { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";

/** How long a frame takes through a veth pair unless somebody has set something else, in µs. */
export const DEFAULT_LATENCY = 10;

/** As many frames may be under way at one latency; more are dropped, as by a full netdev_max_backlog. */
const BACKLOG_LIMIT = 8_192;

/** A frame that has crossed so many devices without meeting an IP layer runs in a ring of bridges. */
const MAX_DEPTH = 32;

/** Who takes a frame at the other end: a device, the sending side of the device below, or several devices as one. */
export interface Arrival {
  /** As how many frames it counts while under way; one when absent. */
  readonly size?: number;
  receive(skb: Skb): void;
}

class Lane {
  #skbs: Skb[] = [];
  #to: Arrival[] = [];
  #at: number[] = [];
  #head = 0;
  #underWay = 0;
  #scheduled = -1;
  readonly #kernel: Kernel;
  readonly #latency: number;
  readonly #run = (): void => this.#arrive();

  constructor(kernel: Kernel, latency: number) {
    this.#kernel = kernel;
    this.#latency = latency;
  }

  /** How many frames more it takes. */
  get room(): number {
    return BACKLOG_LIMIT - this.#underWay;
  }

  /** False when too much is under way already. */
  send(skb: Skb, to: Arrival): boolean {
    if (this.#underWay >= BACKLOG_LIMIT) return false;
    this.#underWay += to.size ?? 1;
    const { clock } = this.#kernel;
    const at = clock.now + this.#latency;
    this.#skbs.push(skb);
    this.#to.push(to);
    this.#at.push(at);
    if (at !== this.#scheduled) {
      this.#scheduled = at;
      clock.after(this.#latency, this.#run);
    }
    return true;
  }

  #arrive(): void {
    const { now } = this.#kernel.clock;
    const skbs = this.#skbs;
    const to = this.#to;
    const at = this.#at;
    while (this.#head < skbs.length && (at[this.#head] as number) <= now) {
      const i = this.#head++;
      const arrival = to[i] as Arrival;
      this.#underWay -= arrival.size ?? 1;
      arrival.receive(skbs[i] as Skb);
    }
    if (this.#head === skbs.length) {
      this.#head = skbs.length = to.length = at.length = 0;
    } else if (this.#head >= 1024) {
      skbs.splice(0, this.#head);
      to.splice(0, this.#head);
      at.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

/** All that is under way between devices of a world. */
export class Crossings {
  readonly #kernel: Kernel;
  readonly #lanes = new Map<number, Lane>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The lane for a latency of so many whole µs, at least 1. */
  lane(latency: number): Lane {
    const whole = Math.max(1, Math.round(latency));
    let lane = this.#lanes.get(whole);
    if (!lane) {
      lane = new Lane(this.#kernel, whole);
      this.#lanes.set(whole, lane);
    }
    return lane;
  }
}

const worlds = new WeakMap<Kernel, Crossings>();

export function crossingsOf(kernel: Kernel): Crossings {
  let crossings = worlds.get(kernel);
  if (!crossings) {
    crossings = new Crossings(kernel);
    worlds.set(kernel, crossings);
  }
  return crossings;
}

/** One device's way to others: keeps the lane for its latency at hand. */
export class Crossing {
  readonly #from: NetDevice;
  #latency: number;
  #lane: Lane;
  /** What hops say of it, kept from one frame to the next. */
  #told: Extract<Decision, { readonly by: "link" }> | undefined;

  constructor(from: NetDevice, latency: number) {
    this.#from = from;
    this.#latency = latency;
    this.#lane = crossingsOf(from.netns.kernel).lane(latency);
  }

  /** µs. */
  get latency(): number {
    return this.#latency;
  }

  set latency(latency: number) {
    this.#latency = Math.max(1, Math.round(latency));
    this.#lane = crossingsOf(this.#from.netns.kernel).lane(this.#latency);
    this.#told = undefined;
  }

  /**
   * Sends a frame across; it forgets what this kernel noted about it (skb_scrub_packet). `device` is the one that it gets
   * to, `to` who takes it there.
   */
  send(skb: Skb, device: NetDevice, to: Arrival = device): void {
    const from = this.#from;
    const { kernel } = from.netns;
    if (++skb.depth > MAX_DEPTH || !this.#lane.send(skb, to)) {
      from.counters.txDropped++;
      if (kernel.trace.hops) traceDevice(from, skb, "transmit", "drop", "queue-full");
      return;
    }
    if (kernel.trace.hops) {
      if (this.#told?.peer !== device.uid) this.#told = { by: "link", peer: device.uid, takes: this.#latency };
      traceDevice(from, skb, "transmit", "send", undefined, this.#told);
    }
    skb.scrub();
  }
}
