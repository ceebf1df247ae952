/** Tells the trace what devices look like after each operation: once a device, however many steps the operation took. */
import type { Kernel } from "../kernel.ts";
import type { NetDevice } from "./device.ts";

class Changes {
  /** Counts the netns that have come to their end: their numbers elsewhere are free. */
  netnsGone = 0;
  readonly #kernel: Kernel;
  #depth = 0;
  #pending = new Set<NetDevice>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Runs a part of an operation; what changed is told when the outermost part ends. */
  together(run: () => void): void {
    this.#depth++;
    try {
      run();
    } finally {
      if (--this.#depth === 0 && this.#pending.size > 0) this.#tell();
    }
  }

  device(device: NetDevice): void {
    if (this.#depth > 0) {
      this.#pending.add(device);
      return;
    }
    const { netns, link } = device;
    if (!netns.devices.has(device)) return;
    // Telling of a device whose other end is elsewhere gives that netns its number here (rtnl_fill_link_netnsid).
    if (link && link.netns !== netns && link.ifindex !== 0) netns.devices.netnsId(link.netns);
    this.#kernel.trace.change(this.#kernel.clock.now, "device", device.uid, device.view());
    if (netns.rtnetlink.heard) netns.rtnetlink.tell({ of: "link", device, gone: false });
  }

  gone(device: NetDevice): void {
    this.#pending.delete(device);
    this.#kernel.trace.change(this.#kernel.clock.now, "device", device.uid, null);
    if (device.netns.rtnetlink.heard) device.netns.rtnetlink.tell({ of: "link", device, gone: true });
  }

  #tell(): void {
    const devices = [...this.#pending];
    this.#pending.clear();
    for (const device of devices) this.device(device);
  }
}

const worlds = new WeakMap<Kernel, Changes>();

export function changesOf(kernel: Kernel): Changes {
  let changes = worlds.get(kernel);
  if (!changes) {
    changes = new Changes(kernel);
    worlds.set(kernel, changes);
  }
  return changes;
}
