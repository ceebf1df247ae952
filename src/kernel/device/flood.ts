/**
 * ARP broadcasts on a bridge with many ports: nearly all who hear one have no use for it, so hearing it must cost next to
 * nothing. The frame passes the same devices and counters as any other; only the copies and the walk up the stack are left
 * out for those who would drop it without a trace. Used while no hops are recorded.
 */
import { mindsArp } from "../inet/arp.ts";
import type { Skb } from "../skb.ts";
import { ARP_LENGTH } from "../wire/length.ts";
import { type ArpPacket, ETH_HEADER_LENGTH } from "../wire/packet.ts";
import type { Arrival } from "./crossing.ts";
import type { NetDevice } from "./device.ts";
import { Veth } from "./veth.ts";

const LENGTH = ETH_HEADER_LENGTH + ARP_LENGTH;

export class ArpFlood implements Arrival {
  readonly #hearers: NetDevice[] = [];
  readonly #ports: NetDevice[] = [];

  get size(): number {
    return this.#hearers.length;
  }

  /** Sends the frame by a port if nothing there but the cable to its peer has to do with it; false when something has. */
  takes(port: NetDevice): boolean {
    if (!(port instanceof Veth)) return false;
    const peer = port.plainPeer;
    if (!peer) return false;
    port.counters.txPackets++;
    port.counters.txBytes += LENGTH;
    this.#hearers.push(peer);
    this.#ports.push(port);
    return true;
  }

  /** Where no more than so many frames have room, those by the last ports are dropped. */
  limit(room: number): void {
    for (const port of this.#ports.splice(room)) port.counters.txDropped++;
    this.#hearers.length = this.#ports.length;
  }

  receive(skb: Skb): void {
    const packet = skb.packet as ArpPacket;
    for (const device of this.#hearers) {
      if (!device.up || device.taps.length > 0 || device.rxHandler !== undefined || device.vlans !== undefined) {
        device.receive(skb.clone());
        continue;
      }
      device.counters.rxPackets++;
      device.counters.rxBytes += LENGTH;
      const { netns } = device;
      if (!mindsArp(netns, device, packet)) continue;
      const copy = skb.clone();
      copy.dev = device;
      copy.depth = 0;
      netns.inet.receive(copy);
    }
  }
}
