/** A port of a bridge: `struct net_bridge_port`, with the flags of `bridge link set`. */
import type { Timer } from "../clock.ts";
import type { NetDevice, PortView } from "./device.ts";

/** BR_STATE_* in the order of their numbers (include/uapi/linux/if_bridge.h). */
export const PORT_STATES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;
export type PortState = (typeof PORT_STATES)[number];

export class BridgePort implements PortView {
  readonly device: NetDevice;
  /** From 1 up, the lowest free one. */
  readonly number: number;
  /**
   * Without STP a port forwards once bridge and device are up and have carrier, unless somebody sets another state; with it,
   * it listens and learns first.
   */
  state: PortState = "disabled";
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
  /** Ends listening or learning. */
  timer: Timer | undefined;

  /** The priority in the upper six bits, the number in the rest. */
  get id(): number {
    return (this.priority << 10) + this.number;
  }

  get forwarding(): boolean {
    return this.state === "forwarding";
  }

  constructor(device: NetDevice, number: number) {
    this.device = device;
    this.number = number;
  }
}
