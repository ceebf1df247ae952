/** 802.1Q sub-interfaces (net/8021q): one VLAN of a parent as a device of its own. */
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { EthernetHeader } from "../wire/packet.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { LinkError } from "./link-error.ts";

export class Vlan extends NetDevice {
  readonly kind = "vlan";
  readonly parent: NetDevice;
  /** 1 to 4094. */
  readonly id: number;
  /** vlan_skb_recv counts what is left once the headers are off. */
  protected override readonly rxHeader = 0;

  constructor(netns: Netns, name: string, parent: NetDevice, id: number) {
    super(netns, name, parent.mac);
    this.parent = parent;
    this.id = id;
    this.mtu = parent.mtu;
  }

  override get mode(): string {
    return String(this.id);
  }

  override get link(): NetDevice | undefined {
    return this.parent;
  }

  get lowerUp(): boolean {
    return this.parent.vlans?.get(this.id) === this && this.parent.carrier;
  }

  override get maxMtu(): number {
    return this.parent.mtu;
  }

  override attached(): void {
    if (this.parent.vlans?.get(this.id) === this) return;
    this.parent.vlans ??= new Map();
    this.parent.vlans.set(this.id, this);
    this.parent.children.push(this);
  }

  override detached(): void {
    const { vlans, children } = this.parent;
    if (vlans?.get(this.id) !== this) return;
    vlans.delete(this.id);
    children.splice(children.indexOf(this), 1);
    if (vlans.size === 0) this.parent.vlans = undefined;
  }

  protected startXmit(skb: Skb): void {
    const { kernel } = this.netns;
    if (kernel.trace.hops) {
      traceDevice(this, skb, "transmit", "send", undefined, { by: "link", peer: this.parent.uid, takes: 0 });
    }
    const { src, dst, type } = skb.eth as EthernetHeader;
    skb.eth = { src, dst, type, vlan: this.id };
    this.parent.transmit(skb);
  }
}

/** `ip link add link PARENT name NAME type vlan id ID`. EEXIST when the parent has the VLAN already. */
export function createVlan(
  netns: Netns,
  name: string,
  parent: NetDevice,
  id: number,
  options: { readonly txQueueLength?: number; readonly ifindex?: number } = {},
): Vlan | LinkError {
  if (parent.kind === "loopback") return new LinkError("EOPNOTSUPP", "VLANs not supported on device", true);
  if (parent.vlans?.has(id)) return new LinkError("EEXIST", "VLAN device already exists", true);
  const device = new Vlan(netns, name, parent, id);
  if (options.txQueueLength !== undefined) device.txQueueLength = options.txQueueLength;
  return netns.devices.add(device, options.ifindex) ?? device;
}
