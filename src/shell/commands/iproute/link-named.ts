/**
 * How iproute2 finds a link by its name (lib/ll_map.c, ll_name_to_index): it asks the kernel for that one, RTM_GETLINK, and the
 * kernel sees to what it has put off of it before it answers. A dump of all links tells them as they stand.
 */
import { linkWatchOf, type NetDevice } from "../../../kernel/device/index.ts";
import type { Netns } from "../../../kernel/netns.ts";

export function linkNamed(netns: Netns, name: string): NetDevice | undefined {
  const device = netns.device(name);
  if (device) linkWatchOf(netns.kernel).sync(device);
  return device;
}

/** Asks for the names of links by their numbers, as a tool does that prints what it knows only those of (ll_index_to_name). */
export function askNames(netns: Netns, devices: Iterable<NetDevice>): void {
  for (const device of devices) linkWatchOf(netns.kernel).sync(device);
}
