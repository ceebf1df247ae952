/** Hop entries of the IP layer. Callers ask `trace.hops` first. */
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Decision, DropReason, Hop, HopPoint } from "../trace.ts";
import type { NetworkPacket } from "../wire/packet.ts";

/** What a hop tells beside where and what: why it was dropped, what decided, what the packet was before the step. */
export interface HopDetail {
  readonly reason?: DropReason;
  readonly decision?: Decision;
  readonly before?: NetworkPacket;
}

const NO_DETAIL: HopDetail = {};

/** Adds a hop about a packet as it is now, or as it was `before` the step, which then is told with both. */
export function addHop(
  netns: Netns,
  skb: Skb,
  device: NetDevice | undefined,
  point: HopPoint,
  verdict: Hop["verdict"],
  detail: HopDetail = NO_DETAIL,
): void {
  const { reason, decision, before = skb.packet } = detail;
  const { clock, trace } = netns.kernel;
  const after = before === skb.packet ? undefined : skb.packet;
  trace.hop(clock.now, skb.id, skb.cause, netns.uid, device?.uid ?? 0, point, verdict, reason, decision, skb.eth, before, after);
}

/** Drops a packet: the reason is told where hops are. */
export function drop(
  netns: Netns,
  skb: Skb,
  device: NetDevice | undefined,
  point: HopPoint,
  reason: DropReason,
  decision?: Decision,
): void {
  if (netns.kernel.trace.hops) addHop(netns, skb, device, point, "drop", { reason, decision });
}
