/** What all netns of the world share: clock, randomness, trace, identifiers. Machines are netns without a common parent. */
import { Clock } from "./clock.ts";
import { Netns } from "./netns.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";

export class Kernel {
  readonly clock = new Clock();
  readonly random: Random;
  readonly trace: Trace;
  readonly netns = new Map<number, Netns>();
  /** The date that virtual time 0 stands for, in ms since 1970; set before anything runs. */
  epoch = Date.UTC(2026, 0, 5, 9);
  #nextUid = 1;

  constructor(seed: number, trace = new Trace()) {
    this.random = new Random(seed);
    this.trace = trace;
  }

  /** The date at a virtual time in µs; now when absent. */
  date(at: number = this.clock.now): Date {
    return new Date(this.epoch + Math.floor(at / 1000));
  }

  /** Identifiers of netns and devices; never used twice in a world. */
  newUid(): number {
    return this.#nextUid++;
  }

  /** Makes a netns. A machine's first is its initial one; containers' sandboxes belong to their host's machine. */
  addNetns(name: string, machine: string, initial = false): Netns {
    const netns = new Netns(this, name, machine, initial);
    this.netns.set(netns.uid, netns);
    return netns;
  }

  removeNetns(netns: Netns): void {
    netns.destroy();
    this.netns.delete(netns.uid);
  }
}
