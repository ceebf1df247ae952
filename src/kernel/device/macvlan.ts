/** macvlan (drivers/net/macvlan.c): more interfaces on one parent, each with a MAC of its own, cut off from the parent's stack. */
import { isGroupMac, type Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { EthernetHeader } from "../wire/packet.ts";
import { type Arrival, Crossing, DEFAULT_LATENCY } from "./crossing.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { traceIsolation } from "./isolation.ts";
import { LinkError } from "./link-error.ts";

export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru";

/** What a parent keeps of the macvlans on it: `struct macvlan_port`. */
class MacvlanPort implements Arrival {
  readonly parent: NetDevice;
  readonly children: Macvlan[] = [];
  readonly #crossing: Crossing;

  constructor(parent: NetDevice) {
    this.parent = parent;
    this.#crossing = new Crossing(parent, DEFAULT_LATENCY);
  }

  /** A frame from a child goes out by the parent. */
  receive(skb: Skb): void {
    this.parent.transmit(skb);
  }

  byMac(mac: Mac): Macvlan | undefined {
    for (const child of this.children) if (child.up && child.mac === mac) return child;
    return undefined;
  }

  /** A frame came in by the parent (macvlan_handle_frame). False: the parent's own stack takes it. */
  handleFrame(skb: Skb): boolean {
    const eth = skb.eth;
    if (!eth) return false;
    if (isGroupMac(eth.dst)) {
      const sender = this.byMac(eth.src);
      // What a child sent has come back (a VEPA switch reflects it): others in bridge mode have had it already.
      for (const child of this.children) {
        if (child === sender || !child.up) continue;
        if (sender && (child.mode === "private" || (sender.mode === "bridge" && child.mode === "bridge"))) continue;
        this.#crossing.send(skb.clone(), child);
      }
      return false;
    }
    const first = this.children[0];
    const child = first?.mode === "passthru" ? first : this.byMac(eth.dst);
    if (!child) return false;
    const sender = child.mode === "private" ? this.byMac(eth.src) : undefined;
    if (sender) {
      if (this.parent.netns.kernel.trace.hops) traceDevice(child, skb, "receive", "drop", "macvlan-no-match");
      return true;
    }
    this.#crossing.send(skb, child);
    return true;
  }

  /** The parent's own stack sends a frame. */
  watch(skb: Skb): void {
    if (skb.eth?.src === this.parent.mac) traceIsolation(skb, this.parent, this.children);
  }
}

const ports = new WeakMap<NetDevice, MacvlanPort>();

export class Macvlan extends NetDevice {
  readonly kind = "macvlan";
  readonly parent: NetDevice;
  #mode: MacvlanMode;
  readonly #crossing = new Crossing(this, DEFAULT_LATENCY);
  #port: MacvlanPort | undefined;

  constructor(netns: Netns, name: string, parent: NetDevice, mode: MacvlanMode, mac?: Mac) {
    super(netns, name, mac ?? (mode === "passthru" ? parent.mac : netns.kernel.random.mac()));
    this.parent = parent;
    this.#mode = mode;
    this.mtu = parent.mtu;
  }

  override get mode(): MacvlanMode {
    return this.#mode;
  }

  changeMode(mode: MacvlanMode): void {
    this.#mode = mode;
    this.netns.devices.changed(this);
  }

  override get link(): NetDevice | undefined {
    return this.parent;
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
      const made = new MacvlanPort(parent);
      port = made;
      ports.set(parent, made);
      parent.rxHandler = (skb) => made.handleFrame(skb);
      parent.txWatcher = (skb) => made.watch(skb);
    }
    port.children.push(this);
    parent.children.push(this);
    // Several MACs to listen for cost the parent one promiscuity (__dev_set_rx_mode).
    if (port.children.length === 1) parent.promiscuity++;
    this.#port = port;
  }

  override detached(): void {
    const port = this.#port;
    if (!port) return;
    const { parent } = this;
    this.#port = undefined;
    port.children.splice(port.children.indexOf(this), 1);
    parent.children.splice(parent.children.indexOf(this), 1);
    if (port.children.length > 0) return;
    parent.promiscuity--;
    ports.delete(parent);
    parent.rxHandler = undefined;
    parent.txWatcher = undefined;
  }

  protected startXmit(skb: Skb): void {
    const port = this.#port;
    if (!port) return;
    const eth = skb.eth as EthernetHeader;
    if (this.#mode === "bridge") {
      if (isGroupMac(eth.dst)) {
        for (const child of port.children) {
          if (child !== this && child.up && child.mode === "bridge") this.#crossing.send(skb.clone(), child);
        }
      } else {
        const sibling = port.byMac(eth.dst);
        if (sibling && sibling !== this && sibling.mode === "bridge") {
          this.#crossing.send(skb, sibling);
          return;
        }
      }
    }
    if (this.netns.kernel.trace.hops) traceIsolation(skb, this, [this.parent]);
    this.#crossing.send(skb, this.parent, port);
  }
}

/** `ip link set NAME type macvlan mode MODE` (macvlan_changelink). EINVAL to and from passthru. */
export function setMacvlanMode(device: Macvlan, mode: MacvlanMode): LinkError | undefined {
  if (mode !== device.mode && (mode === "passthru" || device.mode === "passthru")) return new LinkError("EINVAL", "Invalid argument");
  device.changeMode(mode);
  return undefined;
}

/**
 * `ip link add NAME link PARENT type macvlan mode MODE`. EBUSY when the parent is a bridge port or carries ipvlan, EINVAL when
 * it has a passthru child (macvlan_common_newlink). A macvlan on a macvlan sits on the latter's parent.
 */
export function createMacvlan(
  netns: Netns,
  name: string,
  parent: NetDevice,
  mode: MacvlanMode,
  options: { readonly mac?: Mac; readonly mtu?: number; readonly txQueueLength?: number; readonly ifindex?: number } = {},
): Macvlan | LinkError {
  const lower = parent instanceof Macvlan ? parent.parent : parent;
  if (lower.kind === "loopback") return new LinkError("EINVAL", "Invalid argument");
  const port = ports.get(lower);
  if (lower.rxHandler && !port) return new LinkError("EBUSY", "Device or resource busy");
  if (port && (mode === "passthru" || port.children[0]?.mode === "passthru")) return new LinkError("EINVAL", "Invalid argument");
  if (options.mtu !== undefined && options.mtu > lower.mtu) return new LinkError("EINVAL", "Invalid argument");
  const device = new Macvlan(netns, name, lower, mode, options.mac);
  if (options.mtu !== undefined) device.mtu = options.mtu;
  if (options.txQueueLength !== undefined) device.txQueueLength = options.txQueueLength;
  return netns.devices.add(device, options.ifindex) ?? device;
}
