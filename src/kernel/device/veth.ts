/** veth (drivers/net/veth.c): two devices joined by a cable, each in a netns of its own or both in one. */
import type { Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { frameLength } from "../wire/length.ts";
import { ETH_HEADER_LENGTH } from "../wire/packet.ts";
import { Crossing, DEFAULT_LATENCY } from "./crossing.ts";
import { isTooLongFor, NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { LinkError } from "./link-error.ts";

export class Veth extends NetDevice {
  readonly kind = "veth";
  readonly #crossing = new Crossing(this, DEFAULT_LATENCY);
  #peer: Veth | undefined;

  /** The other end; undefined once the pair is gone. */
  get peer(): Veth | undefined {
    return this.#peer;
  }

  override get link(): NetDevice | undefined {
    return this.#peer;
  }

  get lowerUp(): boolean {
    return this.#peer?.up === true;
  }

  /** How long a frame takes to the peer, in µs: 10 unless set, as for the wires of the LAN. */
  get latency(): number {
    return this.#crossing.latency;
  }

  set latency(latency: number) {
    this.#crossing.latency = latency;
  }

  /** The peer, when nothing but the cable of usual length has to do with what is sent: no qdisc, no taps, no carrier lost. */
  get plainPeer(): Veth | undefined {
    if (!this.carrier || this.qdisc !== undefined || this.taps.length > 0 || this.txWatcher !== undefined) return undefined;
    return this.#crossing.latency === DEFAULT_LATENCY ? this.#peer : undefined;
  }

  /** Joins two ends. */
  static join(a: Veth, b: Veth): void {
    a.#peer = b;
    b.#peer = a;
  }

  override detached(): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#peer = undefined;
    peer.#peer = undefined;
    peer.refreshCarrier();
  }

  protected startXmit(skb: Skb): void {
    const peer = this.#peer;
    if (peer) {
      if (peer.mtu >= this.mtu || !isTooLongFor(peer, skb.packet)) {
        this.#crossing.send(skb, peer);
        return;
      }
      peer.counters.rxDropped++;
      if (this.netns.kernel.trace.hops) {
        const length = frameLength(skb.packet) - ETH_HEADER_LENGTH;
        traceDevice(peer, skb, "receive", "drop", "too-big", { by: "mtu", mtu: peer.mtu, length });
      }
      return;
    }
    this.counters.txDropped++;
    if (this.netns.kernel.trace.hops) traceDevice(this, skb, "transmit", "drop", "peer-missing");
  }
}

/** One end of a pair to be made. */
export interface VethEnd {
  readonly netns: Netns;
  readonly name: string;
  /** A random one when absent. */
  readonly mac?: Mac;
  readonly ifindex?: number;
  readonly mtu?: number;
  /** 0 when absent, as the engine makes them; `ip link add` gives 1000. */
  readonly txQueueLength?: number;
}

/**
 * `ip link add END type veth peer PEER`: both ends down. The peer is registered first and so takes its ifindex first
 * (veth_newlink). EEXIST when a name is taken, and nothing is made then.
 */
export function createVeth(end: VethEnd, peerEnd: VethEnd): { readonly device: Veth; readonly peer: Veth } | LinkError {
  const make = ({ netns, name, mac, mtu, txQueueLength }: VethEnd): Veth => {
    const veth = new Veth(netns, name, mac ?? netns.kernel.random.mac());
    if (mtu !== undefined) veth.mtu = mtu;
    if (txQueueLength !== undefined) veth.txQueueLength = txQueueLength;
    return veth;
  };
  const refused = end.netns.devices.refuseName(end.name) ?? peerEnd.netns.devices.refuseName(peerEnd.name);
  if (refused) return refused;
  if (end.netns === peerEnd.netns && end.name === peerEnd.name) {
    // The peer has been registered and gone again by the time that the name is found taken.
    peerEnd.netns.devices.wasteIndex();
    return new LinkError("EEXIST", "File exists");
  }
  const peer = make(peerEnd);
  const device = make(end);
  Veth.join(device, peer);
  peerEnd.netns.devices.add(peer, peerEnd.ifindex);
  end.netns.devices.add(device, end.ifindex);
  // The first end was announced before its peer had an index.
  end.netns.devices.changed(peer);
  return { device, peer };
}
