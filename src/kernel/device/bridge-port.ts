/** A port of a bridge: `struct net_bridge_port`, with the flags of `bridge link set`. */
import type { NetDevice, PortView } from "./device.ts";

export class BridgePort implements PortView {
  readonly device: NetDevice;
  /** From 1 up, the lowest free one. */
  readonly number: number;
  /** BR_STATE_FORWARDING: the bridge is up, and the device is up and has carrier. Without STP there is nothing in between. */
  forwarding = false;
  /** Frames may leave by the port that they came in by. */
  hairpin = false;
  learning = true;
  /** Unknown unicast, multicast and broadcast frames are flooded to it. */
  flood = true;
  multicastFlood = true;
  broadcastFlood = true;
  /** Isolated ports reach only those that are not isolated. */
  isolated = false;
  cost = 2;
  priority = 32;

  constructor(device: NetDevice, number: number) {
    this.device = device;
    this.number = number;
  }
}
