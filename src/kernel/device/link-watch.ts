/**
 * When a change of carrier takes effect beyond the driver (net/core/link_watch.c): at once when a device with another end or
 * a parent is concerned, or one that has gained it; a bridge that has lost it is looked after at most once a second. Until
 * then it has no LOWER_UP, yet is RUNNING, its state is UP and its routes are not linkdown.
 */
import type { Timer } from "../clock.ts";
import type { Kernel } from "../kernel.ts";
import type { NetDevice } from "./device.ts";

const SECOND = 1_000_000;

class LinkWatch {
  readonly #kernel: Kernel;
  /** Events that can wait are not looked after before this time, in µs (linkwatch_nextevent). */
  #next = 0;
  #waiting = new Set<NetDevice>();
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A device was made, closed, or told its carrier: a second begins in which others wait, unless one runs already. */
  event(): void {
    const { now } = this.#kernel.clock;
    if (this.#next <= now) this.#next = now + SECOND;
  }

  /** A device has lost its carrier and is told so when its turn comes: now, or when the second that runs is over. */
  lost(device: NetDevice): void {
    const { clock } = this.#kernel;
    if (this.#next <= clock.now) {
      this.#next = clock.now + SECOND;
      device.carrierSettled();
      return;
    }
    this.#waiting.add(device);
    this.#timer ??= clock.after(this.#next - clock.now, () => this.#run(), true);
  }

  /** Somebody asks for this one link (rtnl_getlink, carrier_show): what waits for it is done now (linkwatch_sync_dev). */
  sync(device: NetDevice): void {
    if (this.#waiting.delete(device)) device.carrierSettled();
  }

  #run(): void {
    this.#timer = undefined;
    this.#next = this.#kernel.clock.now + SECOND;
    const devices = [...this.#waiting];
    this.#waiting.clear();
    for (const device of devices) device.carrierSettled();
  }
}

const worlds = new WeakMap<Kernel, LinkWatch>();

export function linkWatchOf(kernel: Kernel): LinkWatch {
  let watch = worlds.get(kernel);
  if (!watch) {
    watch = new LinkWatch(kernel);
    worlds.set(kernel, watch);
  }
  return watch;
}
