/** What devices tell the trace. Callers ask `trace.hops` first, so that an untraced world builds no descriptions. */
import type { Skb } from "../skb.ts";
import type { Decision, DropReason, Hop, HopPoint } from "../trace.ts";
import type { NetDevice } from "./device.ts";

/** A step that a device takes with a frame: passed on, or dropped for a reason. */
export function traceDevice(
  device: NetDevice,
  skb: Skb,
  point: HopPoint,
  verdict: Hop["verdict"],
  reason?: DropReason,
  decision?: Decision,
): void {
  const { kernel, uid } = device.netns;
  kernel.trace.hop(kernel.clock.now, skb.id, skb.cause, uid, device.uid, point, verdict, reason, decision, skb.eth, skb.packet);
}
