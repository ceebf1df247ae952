/** ipvlan (drivers/net/ipvlan): more interfaces on one parent that share its MAC and are told apart by their IP addresses. */
import { type Ip, isGroupMac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { EthernetHeader, IpPacket, NetworkPacket } from "../wire/packet.ts";
import { type Arrival, Crossing, DEFAULT_LATENCY } from "./crossing.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { traceIsolation } from "./isolation.ts";
import { LinkError } from "./link-error.ts";

export type IpvlanMode = "l2" | "l3" | "l3s";
export type IpvlanFlag = "bridge" | "private" | "vepa";

/** The address by which a received frame is given to a child: ipvlan_get_L3_hdr and ipvlan_addr_lookup with use_dest. */
function destinationOf(packet: NetworkPacket): Ip {
  if (packet.kind === "arp") return packet.targetIp;
  // A neighbour solicitation goes to a group; the address it asks for tells whose it is.
  return packet.body.kind === "icmp" && packet.body.target !== undefined ? packet.body.target : packet.dst;
}

/** What a parent keeps of the ipvlans on it: `struct ipvl_port`. The mode is one for all. */
class IpvlanPort implements Arrival {
  readonly parent: NetDevice;
  readonly children: Ipvlan[] = [];
  mode: IpvlanMode;
  readonly flag: IpvlanFlag;
  readonly #crossing: Crossing;
  #byAddress: Map<Ip, Ipvlan> | undefined;

  constructor(parent: NetDevice, mode: IpvlanMode, flag: IpvlanFlag) {
    this.parent = parent;
    this.mode = mode;
    this.flag = flag;
    this.#crossing = new Crossing(parent, DEFAULT_LATENCY);
  }

  /** A frame from a child goes out by the parent. */
  receive(skb: Skb): void {
    this.parent.transmit(skb);
  }

  addressesChanged(): void {
    this.#byAddress = undefined;
  }

  find(ip: Ip): Ipvlan | undefined {
    let known = this.#byAddress;
    if (!known) {
      known = new Map();
      for (const child of this.children) for (const address of child.addresses) known.set(address.ip, child);
      this.#byAddress = known;
    }
    const child = known.get(ip);
    return child?.up ? child : undefined;
  }

  /** A frame came in by the parent (ipvlan_handle_frame). False: the parent's own stack takes it. */
  handleFrame(skb: Skb): boolean {
    const eth = skb.eth;
    if (!eth) return false;
    const child = this.find(destinationOf(skb.packet));
    if (this.mode === "l2" && isGroupMac(eth.dst)) {
      for (const other of this.children) {
        // A broadcast that names an address is of use to its owner only; all get it, as on a wire.
        if (other.up) this.#crossing.send(skb.clone(), other);
      }
      return false;
    }
    if (!child || (this.mode !== "l2" && skb.packet.kind === "arp")) return false;
    if (this.mode === "l3s" && !this.#passesHost(skb)) return true;
    this.#crossing.send(skb, child);
    return true;
  }

  /** l3s: the host's PREROUTING and INPUT see the packet before the child gets it (ipvlan_l3s.c). */
  #passesHost(skb: Skb): boolean {
    const { netfilter } = this.parent.netns;
    if (skb.packet.kind !== "ip" || !netfilter.active(typeof skb.packet.dst === "number" ? 4 : 6)) return true;
    if (netfilter.hook("PREROUTING", skb, this.parent, undefined) === "drop") return false;
    return netfilter.hook("INPUT", skb, this.parent, undefined) !== "drop";
  }
}

const ports = new WeakMap<NetDevice, IpvlanPort>();

export class Ipvlan extends NetDevice {
  readonly kind = "ipvlan";
  readonly parent: NetDevice;
  readonly #asked: { readonly mode: IpvlanMode; readonly flag: IpvlanFlag };
  readonly #crossing = new Crossing(this, DEFAULT_LATENCY);
  #port: IpvlanPort | undefined;

  constructor(netns: Netns, name: string, parent: NetDevice, mode: IpvlanMode, flag: IpvlanFlag) {
    super(netns, name, parent.mac);
    this.parent = parent;
    this.#asked = { mode, flag };
    this.mtu = parent.mtu;
  }

  override get mode(): IpvlanMode {
    return this.#port?.mode ?? this.#asked.mode;
  }

  get flag(): IpvlanFlag {
    return this.#port?.flag ?? this.#asked.flag;
  }

  override get link(): NetDevice | undefined {
    return this.parent;
  }

  override get noArp(): boolean {
    return this.mode !== "l2" || this.arpOff;
  }

  get lowerUp(): boolean {
    return this.#port !== undefined && this.parent.carrier;
  }

  override get maxMtu(): number {
    return this.parent.mtu;
  }

  override attached(): void {
    if (this.#port) return;
    const { parent } = this;
    let port = ports.get(parent);
    if (!port) {
      const made = new IpvlanPort(parent, this.#asked.mode, this.#asked.flag);
      port = made;
      ports.set(parent, made);
      parent.rxHandler = (skb) => made.handleFrame(skb);
    }
    // The newest child's mode becomes that of all (ipvlan_set_port_mode).
    port.mode = this.#asked.mode;
    port.children.push(this);
    parent.children.push(this);
    this.#port = port;
  }

  override detached(): void {
    const port = this.#port;
    if (!port) return;
    const { parent } = this;
    this.#port = undefined;
    port.children.splice(port.children.indexOf(this), 1);
    parent.children.splice(parent.children.indexOf(this), 1);
    port.addressesChanged();
    if (port.children.length > 0) return;
    ports.delete(parent);
    parent.rxHandler = undefined;
  }

  override addressesChanged(): void {
    this.#port?.addressesChanged();
  }

  /** Another child of the parent that holds the address already (ipvlan_addr_busy): EADDRINUSE for a second one. */
  holderOf(ip: Ip): Ipvlan | undefined {
    const holder = this.#port?.children.find((child) => child.addresses.some((address) => address.ip === ip));
    return holder === this ? undefined : holder;
  }

  protected startXmit(skb: Skb): void {
    const port = this.#port;
    if (!port) return;
    const { packet } = skb;
    if (this.mode === "l2") {
      this.#transmitL2(skb, port);
      return;
    }
    // l3: nothing but routed IP, and the host's own routing table and OUTPUT see it (ipvlan_process_outbound).
    if (packet.kind === "arp") return;
    const sibling = port.flag === "bridge" ? port.find(packet.dst) : undefined;
    if (sibling && sibling !== this) {
      skb.eth = { src: this.mac, dst: sibling.mac, type: skb.eth?.type ?? 0 };
      this.#crossing.send(skb, sibling);
      return;
    }
    this.#sendByHost(skb, packet);
  }

  #transmitL2(skb: Skb, port: IpvlanPort): void {
    const eth = skb.eth as EthernetHeader;
    if (port.flag === "bridge") {
      if (isGroupMac(eth.dst)) {
        for (const child of port.children) if (child !== this && child.up) this.#crossing.send(skb.clone(), child);
      } else if (eth.dst === eth.src) {
        const sibling = port.find(destinationOf(skb.packet));
        if (sibling && sibling !== this) {
          this.#crossing.send(skb, sibling);
          return;
        }
      }
    }
    if (this.netns.kernel.trace.hops) traceIsolation(skb, this, [this.parent]);
    this.#crossing.send(skb, this.parent, port);
  }

  #sendByHost(skb: Skb, packet: IpPacket): void {
    const { parent } = this;
    const { kernel } = this.netns;
    if (kernel.trace.hops) {
      traceDevice(this, skb, "transmit", "send", undefined, { by: "link", peer: parent.uid, takes: 0 });
    }
    const { src, dst, protocol, body, ttl, tos, df } = packet;
    const sent = parent.netns.inet.send({ src, dst, protocol, body, ttl, tos, df, id: skb.id, cause: skb.cause });
    if (typeof sent === "string") this.counters.txDropped++;
  }
}

/**
 * `ip link add NAME link PARENT type ipvlan mode MODE FLAG`. EBUSY when the parent is a bridge port or carries macvlan; an
 * ipvlan on an ipvlan sits on the latter's parent (ipvlan_link_new).
 */
export function createIpvlan(
  netns: Netns,
  name: string,
  parent: NetDevice,
  mode: IpvlanMode,
  flag: IpvlanFlag = "bridge",
  options: { readonly mtu?: number; readonly txQueueLength?: number; readonly ifindex?: number } = {},
): Ipvlan | LinkError {
  const lower = parent instanceof Ipvlan ? parent.parent : parent;
  if (lower.kind === "loopback") return new LinkError("EINVAL", "Invalid argument");
  if (lower.rxHandler && !ports.has(lower)) return new LinkError("EBUSY", "Device or resource busy");
  if (options.mtu !== undefined && options.mtu > lower.mtu) return new LinkError("EINVAL", "Invalid argument");
  const device = new Ipvlan(netns, name, lower, mode, flag);
  if (options.mtu !== undefined) device.mtu = options.mtu;
  if (options.txQueueLength !== undefined) device.txQueueLength = options.txQueueLength;
  return netns.devices.add(device, options.ifindex) ?? device;
}
