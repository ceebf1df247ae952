/** Neighbour entries of both families with their states and timers (net/core/neighbour.c), fed by ARP and neighbour discovery. */
import type { Ip, Mac } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";

export type NeighbourState = "INCOMPLETE" | "REACHABLE" | "STALE" | "DELAY" | "PROBE" | "FAILED" | "PERMANENT" | "NOARP";

export interface NeighbourEntry {
  readonly ip: Ip;
  readonly dev: NetDevice;
  mac: Mac | undefined;
  state: NeighbourState;
  /** µs of virtual time of the last confirmation and of the last use. */
  confirmed: number;
  used: number;
  readonly isRouter: boolean;
}

export class NeighbourTable {
  constructor(readonly netns: Netns) {}
  /** In the kernel's dump order as far as it is one: by device, then by age. */
  list(): readonly NeighbourEntry[] { throw new Error("todo"); }
  get(_ip: Ip, _dev: NetDevice): NeighbourEntry | undefined { throw new Error("todo"); }
  /** Sends `skb` to the neighbour once its MAC is known, asking for it when it is not; at most so many wait (unres_qlen). */
  output(_skb: Skb, _dev: NetDevice, _nextHop: Ip): void { throw new Error("todo"); }
  /** `ip neigh add|replace|change`. */
  set(_ip: Ip, _dev: NetDevice, _mac: Mac, _state: NeighbourState): void { throw new Error("todo"); }
  remove(_ip: Ip, _dev: NetDevice): boolean { throw new Error("todo"); }
  /** Upper layers have heard from it: keeps it REACHABLE (dst_confirm). */
  confirm(_ip: Ip, _dev: NetDevice): void { throw new Error("todo"); }
}
