/** The dummy device (drivers/net/dummy.c): an interface to hang addresses on; what is sent through it is gone. */
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";

export class Dummy extends NetDevice {
  readonly kind = "dummy";

  get lowerUp(): boolean {
    return true;
  }

  override get noArp(): boolean {
    return true;
  }

  override get maxMtu(): number {
    return 0xffffffff;
  }

  protected startXmit(skb: Skb): void {
    if (this.netns.kernel.trace.hops) {
      traceDevice(this, skb, "transmit", "pass", undefined, { by: "device", note: "a dummy device sends nothing" });
    }
  }
}
