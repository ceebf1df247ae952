/** The loopback device (drivers/net/loopback.c): what is sent comes in again, without a link layer. */
import { ZERO_MAC } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { crossingsOf } from "./crossing.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";

/** From the sending to the receiving side of the stack, in µs. */
const LATENCY = 5;

export class Loopback extends NetDevice {
  readonly kind = "loopback";
  override mtu = 65536;
  override txQueueLength = 1000;
  protected override readonly rxHeader = 0;
  protected override readonly txHeader = 0;
  readonly #lane;

  constructor(netns: Netns) {
    super(netns, "lo", ZERO_MAC);
    this.#lane = crossingsOf(netns.kernel).lane(LATENCY);
  }

  get lowerUp(): boolean {
    return true;
  }

  override get maxMtu(): number {
    return 0xffffffff;
  }

  protected startXmit(skb: Skb): void {
    const { kernel } = this.netns;
    skb.eth = undefined;
    if (!this.#lane.send(skb, this)) {
      this.counters.txDropped++;
      if (kernel.trace.hops) traceDevice(this, skb, "transmit", "drop", "queue-full");
      return;
    }
    if (!kernel.trace.hops) return;
    traceDevice(this, skb, "transmit", "send", undefined, { by: "link", peer: this.uid, takes: LATENCY });
  }
}
