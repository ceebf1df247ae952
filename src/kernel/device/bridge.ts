/** The bridge (net/bridge): learns, forwards, floods, and hands up what is for its host. */
import { BROADCAST_MAC, isGroupMac, type Mac, ZERO_MAC } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { frameLength } from "../wire/length.ts";
import { ETH_HEADER_LENGTH, type EthernetHeader } from "../wire/packet.ts";
import { bridgedForward, bridgedPrerouting, callsNetfilter, cutAgain } from "./bridge-netfilter.ts";
import { BridgePort, type PortState } from "./bridge-port.ts";
import { crossingsOf, DEFAULT_LATENCY } from "./crossing.ts";
import { isTooLongFor, NetDevice } from "./device.ts";
import { Fdb } from "./fdb.ts";
import { ArpFlood } from "./flood.ts";
import { traceDevice } from "./hops.ts";
import { LinkError } from "./link-error.ts";

/** BR_MAX_PORTS is 1 << BR_PORT_BITS, and number 0 is not given out. */
export const MAX_BRIDGE_PORTS = 1023;

const SECOND = 1_000_000;

export class Bridge extends NetDevice {
  readonly kind = "bridge";
  /** br_pass_frame_up counts what is left once the Ethernet header is off. */
  protected override readonly rxHeader = 0;
  readonly fdb: Fdb;
  /** Newest first, as br_add_if links them: the order of flooding. */
  readonly ports: BridgePort[] = [];
  /** Spanning tree. This bridge is always the root, as none speaks to another; but a port that comes up waits before it forwards. */
  stp = false;
  /** The first four hex digits of the bridge id. */
  priority = 0x8000;
  /** µs. */
  readonly times = { forwardDelay: 15 * SECOND, hello: 2 * SECOND, maxAge: 20 * SECOND };
  #numbers = new Set<number>();
  #gaps = false;
  #forwarding = 0;
  /** Live ports have been counted since it was made: by a port coming or going, or by a MAC that was given to it. */
  #counted: boolean;
  /** Somebody has given it a MAC (NET_ADDR_SET); else it follows the lowest of its ports'. */
  #macSet: boolean;
  #mtuSet = false;
  /** The largest MTU among bridge and ports: only ports below it can get frames that are too long for them. */
  #longest = 1500;

  constructor(netns: Netns, name: string, mac?: Mac) {
    super(netns, name, mac ?? netns.kernel.random.mac());
    this.#macSet = mac !== undefined;
    this.#counted = this.#macSet;
    const { rtnetlink } = netns;
    this.fdb = new Fdb(netns.kernel.clock, (entry, gone) => {
      if (rtnetlink.heard) rtnetlink.tell({ of: "fdb", bridge: this, entry, gone });
    });
  }

  /** One port must be forwarding; a new bridge has carrier until its ports are counted for the first time (br_port_state_selection). */
  get lowerUp(): boolean {
    return this.#forwarding > 0 || !this.#counted;
  }

  override get signalsCarrier(): boolean {
    return this.#counted;
  }

  /** The bridge's own MAC as `bridge id` shows it. */
  get id(): string {
    return `${this.priority.toString(16).padStart(4, "0")}.${this.mac.replaceAll(":", "")}`;
  }

  override attached(): void {
    this.#rebuildLocal();
  }

  /** Takes a device as a port (br_add_if). EINVAL, ELOOP, EBUSY or EXFULL when it cannot be one. */
  addPort(device: NetDevice): LinkError | undefined {
    if (device.kind === "loopback") return new LinkError("EINVAL", "Invalid argument");
    if (device.kind === "bridge") return new LinkError("ELOOP", "Can not enslave a bridge to a bridge", true);
    if (device.kind === "ipvlan") return new LinkError("EOPNOTSUPP", "Device does not allow enslaving to a bridge", true);
    if (device.rxHandler) return new LinkError("EBUSY", "Device or resource busy");
    if (this.ports.length >= MAX_BRIDGE_PORTS) return new LinkError("EXFULL", "Exchange full");
    // find_portno takes the lowest free number; they are dense unless a port has left.
    let number = this.#gaps ? 1 : this.ports.length + 1;
    while (this.#numbers.has(number)) number++;
    if (number > this.ports.length) this.#gaps = false;
    const port = new BridgePort(device, number);
    this.#numbers.add(number);
    this.ports.unshift(port);
    this.#counted = true;
    device.master = this;
    device.port = port;
    device.promiscuity++;
    device.allMulticast = true;
    device.rxHandler = (skb) => {
      this.#handleFrame(skb, port);
      return true;
    };
    this.fdb.set(device.mac, port, "local");
    this.#recalculateMac();
    this.#includeMtu(device);
    this.portCarrierChanged(device);
    this.refreshCarrier();
    return undefined;
  }

  /** Lets a port go (br_del_if): what was behind it is forgotten. */
  removePort(device: NetDevice): void {
    const at = this.ports.findIndex((port) => port.device === device);
    const port = this.ports[at];
    if (!port) return;
    if (port.timer) this.netns.kernel.clock.cancel(port.timer);
    this.ports.splice(at, 1);
    this.#numbers.delete(port.number);
    this.#gaps = true;
    if (port.forwarding) this.#forwarding--;
    device.master = undefined;
    device.port = undefined;
    device.promiscuity--;
    device.allMulticast = false;
    device.rxHandler = undefined;
    this.fdb.flush(port);
    this.#rebuildLocal();
    this.#recalculateMac();
    if (device.mtu === this.mtu || device.mtu === this.#longest) this.#recalculateMtu();
    this.refreshCarrier();
  }

  /** br_stp_start: with the spanning tree the forward delay is one that 802.1D allows. */
  setStp(on: boolean): void {
    this.stp = on;
    if (on) this.times.forwardDelay = Math.min(30 * SECOND, Math.max(2 * SECOND, this.times.forwardDelay));
  }

  /** A port's carrier has changed: it forwards or is disabled. */
  portCarrierChanged(device: NetDevice): void {
    const port = device.port as BridgePort | undefined;
    const forwarding = this.up && device.carrier;
    if (!port || forwarding === (port.state !== "disabled")) return;
    const waits = this.stp && this.times.forwardDelay > 0;
    this.#enter(port, forwarding ? (waits ? "listening" : "forwarding") : "disabled");
    if (forwarding && waits) this.#settle(port);
    if (!forwarding) this.fdb.flush(port, true);
  }

  /** `bridge link set dev PORT state N` (br_set_port_state). ENETDOWN for a port without carrier. */
  setPortState(port: BridgePort, state: PortState): LinkError | undefined {
    if (state !== "disabled" && !port.device.carrier) return new LinkError("ENETDOWN", "Network is down");
    this.#enter(port, state);
    return undefined;
  }

  /** br_make_forwarding: it listens, then learns, each for the forward delay. */
  #settle(port: BridgePort): void {
    const { clock } = this.netns.kernel;
    port.timer = clock.after(this.times.forwardDelay, () => {
      port.timer = undefined;
      if (port.state !== "listening" && port.state !== "learning") return;
      this.#enter(port, port.state === "listening" ? "learning" : "forwarding");
      if (port.state === "learning") this.#settle(port);
    });
  }

  #enter(port: BridgePort, state: PortState): void {
    if (port.timer) this.netns.kernel.clock.cancel(port.timer);
    port.timer = undefined;
    const before = port.forwarding;
    port.state = state;
    if (port.forwarding !== before) this.#forwarding += before ? -1 : 1;
    this.refreshCarrier();
  }

  override upChanged(): void {
    for (const port of this.ports) this.portCarrierChanged(port.device);
  }

  /** A port's MAC has changed from `old`. */
  portMacChanged(device: NetDevice, old: Mac): void {
    this.fdb.remove(old);
    this.#rebuildLocal();
    if (device.port) this.#recalculateMac();
  }

  /** Somebody has set the bridge's MAC: it no longer follows its ports'. */
  override macChanged(): void {
    this.#macSet = true;
    this.#counted = true;
    this.#rebuildLocal();
    this.refreshCarrier();
  }

  /** Somebody has set the bridge's MTU: it no longer follows its ports'. */
  mtuChanged(): void {
    this.#mtuSet = true;
  }

  /** A port's MTU has changed: the bridge takes the least, unless it was told one (br_mtu_auto_adjust). */
  portMtuChanged(): void {
    this.#recalculateMtu();
  }

  #recalculateMtu(): void {
    let least = 65535;
    let longest = this.mtu;
    for (const { device } of this.ports) {
      least = Math.min(least, device.mtu);
      longest = Math.max(longest, device.mtu);
    }
    this.#longest = longest;
    if (!this.#mtuSet && this.ports.length > 0) this.mtu = least;
  }

  /** The same for a port that has just come: the others need not be asked. */
  #includeMtu(device: NetDevice): void {
    this.#longest = Math.max(this.#longest, device.mtu);
    if (!this.#mtuSet) this.mtu = this.ports.length === 1 ? device.mtu : Math.min(this.mtu, device.mtu);
  }

  /** br_stp_recalculate_bridge_id: the lowest MAC of the ports, zeros when there are none left. */
  #recalculateMac(): void {
    if (this.#macSet) return;
    let lowest: Mac | undefined;
    for (const { device } of this.ports) if (lowest === undefined || device.mac < lowest) lowest = device.mac;
    const mac = lowest ?? ZERO_MAC;
    if (mac === this.mac) return;
    this.fdb.remove(this.mac);
    this.mac = mac;
    this.#rebuildLocal();
    this.netns.devices.changed(this);
  }

  /** Entries for the MACs of the ports and of the bridge itself. */
  #rebuildLocal(): void {
    for (const entry of this.fdb.list()) if (entry.local && entry.port === undefined) this.fdb.remove(entry.mac);
    for (const port of this.ports) if (!this.fdb.get(port.device.mac)?.local) this.fdb.set(port.device.mac, port, "local");
    // What has no port has no address (br_mac_zero).
    if (this.mac !== ZERO_MAC && !this.fdb.get(this.mac)?.local) this.fdb.set(this.mac, undefined, "local");
  }

  /** A frame came in by a port (br_handle_frame). */
  #handleFrame(skb: Skb, port: BridgePort): void {
    const eth = skb.eth;
    const hops = this.netns.kernel.trace.hops;
    if ((!port.forwarding && port.state !== "learning") || !this.up) {
      if (hops) traceDevice(this, skb, "bridge", "drop", "bridge-port-blocked", { by: "device", note: port.device.name });
      return;
    }
    // 01:80:c2:00:00:0x is for the neighbour only: spanning tree, LLDP, pause frames.
    if (eth === undefined || isGroupMac(eth.src) || eth.dst.startsWith("01:80:c2:00:00:0")) return;
    if (port.state === "learning") {
      if (port.learning) this.fdb.learn(eth.src, port);
      if (hops) traceDevice(this, skb, "bridge", "drop", "bridge-port-blocked", { by: "device", note: port.device.name });
      return;
    }
    const filtered = callsNetfilter(this, skb);
    if (filtered && !bridgedPrerouting(this, skb, port)) return;
    this.bridgeFrame(skb, port, filtered);
  }

  /**
   * Learns from a frame that has passed PREROUTING and sends it where it belongs: by other ports, or up to the host's stack
   * as if it had come in on the bridge device (br_handle_frame_finish, br_pass_frame_up).
   */
  bridgeFrame(skb: Skb, from: BridgePort, filtered: boolean): void {
    const eth = skb.eth as EthernetHeader;
    const hops = this.netns.kernel.trace.hops;
    if (from.learning && this.fdb.learn(eth.src, from) && hops) {
      traceDevice(this, skb, "bridge", "pass", undefined, { by: "fdb", mac: eth.src, port: from.device.name, action: "learn" });
    }
    if (isGroupMac(eth.dst)) {
      if (eth.dst !== BROADCAST_MAC) this.counters.rxMulticast++;
      this.#flood(skb, from, filtered, true);
      this.receive(skb);
      return;
    }
    const entry = this.fdb.find(eth.dst);
    if (entry?.local) {
      if (hops) traceDevice(this, skb, "bridge", "pass", undefined, { by: "fdb", mac: eth.dst, action: "local" });
      this.receive(skb);
      return;
    }
    const watched = this.promiscuity > 0;
    if (entry === undefined) {
      this.#flood(skb, from, filtered, watched);
    } else {
      entry.used = this.netns.kernel.clock.now;
      this.#forward(skb, entry.port as BridgePort, from, filtered, watched);
    }
    if (watched) this.receive(skb);
  }

  /** Whether a frame from one port may leave by another (should_deliver). */
  #mayLeave(port: BridgePort, from: BridgePort | undefined): boolean {
    return port.forwarding && (port !== from || port.hairpin) && !(port.isolated && from?.isolated);
  }

  #forward(skb: Skb, port: BridgePort, from: BridgePort | undefined, filtered: boolean, keep: boolean): void {
    const hops = this.netns.kernel.trace.hops;
    if (!this.#mayLeave(port, from)) {
      if (hops) {
        const reason = port === from ? "bridge-hairpin-off" : "bridge-port-blocked";
        const mac = (skb.eth as EthernetHeader).dst;
        traceDevice(this, skb, "bridge", "drop", reason, { by: "fdb", mac, port: port.device.name, action: "forward" });
      }
      return;
    }
    if (hops) {
      const mac = (skb.eth as EthernetHeader).dst;
      traceDevice(this, skb, "bridge", "pass", undefined, { by: "fdb", mac, port: port.device.name, action: "forward" });
    }
    this.#send(keep ? skb.clone() : skb, port, from, filtered);
  }

  #flood(skb: Skb, from: BridgePort | undefined, filtered: boolean, keep: boolean): void {
    const { dst } = skb.eth as EthernetHeader;
    const group = isGroupMac(dst);
    const broadcast = dst === BROADCAST_MAC;
    const { ports } = this;
    if (this.netns.kernel.trace.hops) {
      const names: string[] = [];
      for (const port of ports) if (this.#mayLeave(port, from)) names.push(port.device.name);
      if (names.length > 0) {
        traceDevice(this, skb, "bridge", "pass", undefined, { by: "fdb", mac: dst, action: "flood", ports: names });
      } else if (!keep) {
        traceDevice(this, skb, "bridge", "drop", "no-bridge-port", { by: "fdb", mac: dst, action: "flood", ports: names });
      }
    }
    // A frame that has come through several devices may run in a ring: it goes the way on which rings are noticed.
    const simple = skb.packet.kind === "arp" && broadcast && skb.depth <= 2;
    let quick = simple && !this.netns.kernel.trace.hops ? new ArpFlood() : undefined;
    // The last port gets the frame itself, those before it a copy (maybe_deliver).
    let pending: BridgePort | undefined;
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i] as BridgePort;
      if (!this.#mayLeave(port, from)) continue;
      if (!(broadcast ? port.broadcastFlood : group ? port.multicastFlood : port.flood)) continue;
      if (pending !== undefined) {
        this.#send(skb.clone(), pending, from, filtered);
        pending = undefined;
      }
      if (quick?.takes(port.device)) continue;
      // Who hears it first is the same whichever way it goes: in the order of the ports.
      if (quick !== undefined && quick.size > 0) {
        this.#sendQuick(skb, quick);
        quick = new ArpFlood();
      }
      pending = port;
    }
    if (pending !== undefined) this.#send(keep ? skb.clone() : skb, pending, from, filtered);
    else if (quick !== undefined && quick.size > 0) this.#sendQuick(skb, quick);
  }

  #sendQuick(skb: Skb, quick: ArpFlood): void {
    const copy = skb.clone();
    copy.scrub();
    copy.depth++;
    const lane = crossingsOf(this.netns.kernel).lane(DEFAULT_LATENCY);
    quick.limit(lane.room);
    if (quick.size > 0) lane.send(copy, quick);
  }

  /** Out by a port, past FORWARD and POSTROUTING where br_netfilter wants them (__br_forward). */
  #send(skb: Skb, port: BridgePort, from: BridgePort | undefined, filtered: boolean): void {
    if (!filtered || from === undefined) this.#push(skb, port);
    else if (bridgedForward(this, skb, port)) for (const part of cutAgain(skb, port)) this.#push(part, port);
  }

  /** br_dev_queue_push_xmit: a frame too long for the port is dropped without a word (is_skb_forwardable). */
  #push(skb: Skb, port: BridgePort): void {
    const { device } = port;
    if (device.mtu < this.#longest && isTooLongFor(device, skb.packet)) {
      this.counters.txDropped++;
      if (this.netns.kernel.trace.hops) {
        const length = frameLength(skb.packet) - ETH_HEADER_LENGTH;
        traceDevice(device, skb, "bridge", "drop", "too-big", { by: "mtu", mtu: device.mtu, length });
      }
      return;
    }
    device.transmit(skb);
  }

  /** A frame of the host itself (br_dev_xmit). */
  protected startXmit(skb: Skb): void {
    const { dst } = skb.eth as EthernetHeader;
    if (isGroupMac(dst)) {
      this.#flood(skb, undefined, false, false);
      return;
    }
    const entry = this.fdb.find(dst);
    if (entry === undefined) {
      this.#flood(skb, undefined, false, false);
    } else if (entry.port !== undefined) {
      entry.used = this.netns.kernel.clock.now;
      this.#forward(skb, entry.port, undefined, false, false);
    }
  }
}
