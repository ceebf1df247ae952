/** Handles that the kernel gives to qdiscs for which none was asked: 8001:, 8002:, … (net/sched/sch_api.c, qdisc_alloc_handle). */
import type { Kernel } from "../kernel.ts";
import type { NetDevice } from "./device.ts";

const last = new WeakMap<Kernel, number>();

/** The next major number in this world. */
export function nextQdiscHandle(device: NetDevice): number {
  const { kernel } = device.netns;
  const handle = (last.get(kernel) ?? 0x8000) + 1;
  // Major numbers from 0x8000 on are the kernel's; they come round.
  last.set(kernel, handle >= 0xffff ? 0x8000 : handle);
  return handle;
}
