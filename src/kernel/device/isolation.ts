/**
 * macvlan and ipvlan part a host from the devices on its NIC: a frame from one to the other goes out by the NIC, and no
 * switch sends it back. No rule drops it, so nothing would be told; this tells it.
 */
import { type Ip, isGroupMac } from "../address.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";

/** The address that a frame looks for or is meant for. */
function wanted(skb: Skb): Ip | undefined {
  const { packet } = skb;
  if (packet.kind === "arp") return packet.senderIp === packet.targetIp ? undefined : packet.targetIp;
  if (packet.body.kind === "icmp" && packet.body.target !== undefined) return packet.body.target;
  return isGroupMac(skb.eth?.dst ?? "00") ? undefined : packet.dst;
}

/** A hop for each of `hidden` that the frame is meant for and will not reach: by its MAC, or by an address of its netns. */
export function traceIsolation(skb: Skb, sender: NetDevice, hidden: readonly NetDevice[]): void {
  const ip = wanted(skb);
  if (ip === undefined) return;
  for (const device of hidden) {
    if (device.addresses.every((address) => address.ip !== ip)) continue;
    traceDevice(device, skb, "receive", "drop", "macvlan-host-isolation", { by: "device", note: `${sender.name} ${device.name}` });
  }
}
