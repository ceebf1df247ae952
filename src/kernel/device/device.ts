/** What every network device is: `struct net_device`, its counters and the two verbs that packets know it by. */
import { formatIp, type Ip, isGroupMac, type Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { DeviceView } from "../trace.ts";
import { frameLength } from "../wire/length.ts";
import { ETH_HEADER_LENGTH, type NetworkPacket } from "../wire/packet.ts";
import { traceDevice } from "./hops.ts";
import { linkWatchOf } from "./link-watch.ts";

export type DeviceKind = "loopback" | "veth" | "bridge" | "macvlan" | "ipvlan" | "vlan" | "vxlan" | "dummy";

/** An address of an interface: `struct in_ifaddr` / `inet6_ifaddr`. */
export interface InterfaceAddress {
  readonly ip: Ip;
  /** Prefix length in bits. */
  readonly length: number;
  readonly broadcast?: number;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  readonly label?: string;
  /** IPv6: who made it, as `proto kernel_lo`, `proto kernel_ll`. */
  readonly proto?: "kernel_lo" | "kernel_ll" | "kernel_ra";
  readonly peer?: Ip;
  readonly secondary?: boolean;
  /** Duplicate address detection has not ended, or has found a duplicate (IPv6). */
  readonly tentative?: boolean;
  readonly dadFailed?: boolean;
  readonly nodad?: boolean;
  /** IFA_F_NOPREFIXROUTE: it brings no connected route. */
  readonly noPrefixRoute?: boolean;
  /** When it goes by itself, and from when on it is deprecated: µs of virtual time, for ever when absent. */
  readonly validUntil?: number;
  readonly preferredUntil?: number;
}

export interface DeviceCounters {
  rxPackets: number;
  rxBytes: number;
  rxErrors: number;
  rxDropped: number;
  rxMulticast: number;
  txPackets: number;
  txBytes: number;
  txErrors: number;
  txDropped: number;
}

/** Sees frames as a device sends or receives them: packet sockets (tcpdump), pcap writers. */
export interface Tap {
  frame(skb: Skb, device: NetDevice, direction: "in" | "out"): void;
}

/** The kernel's own view of an egress queue other than noqueue: netem. */
export interface Qdisc {
  /** As `tc qdisc show` prints it after the word `qdisc`: `netem`, `tbf`. */
  readonly kind: string;
  /** The major number of its handle, as in `8001:`. */
  readonly handle: number;
  /** The options as `tc qdisc show` prints them, with a leading space where there are any. */
  readonly options: string;
  /** Packets and bytes that have left it, and packets that it has thrown away. */
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly dropped: number;
  /** How many packets wait, and their bytes. */
  readonly backlog: number;
  readonly backlogBytes: number;
  /** Passes the packet on by `send`, now, later, several times or never. Sizes in bytes. */
  enqueue(skb: Skb, send: (skb: Skb) => void): void;
  /** Forgets what waits: the device goes down or the qdisc is taken off. */
  reset(): void;
}

/** What a bridge keeps of a port, as far as others look at it. */
export interface PortView {
  /** IFLA_BRPORT_STATE: BR_STATE_FORWARDING, or BR_STATE_DISABLED while the device is down or without carrier. */
  readonly forwarding: boolean;
  readonly number: number;
}

/** is_skb_forwardable: whether a frame handed on by a bridge or a peer is more than a device takes, a VLAN tag allowed for. */
export const isTooLongFor = (device: NetDevice, packet: NetworkPacket): boolean => frameLength(packet) > device.mtu + ETH_HEADER_LENGTH + 4;

/** Base of all devices. One file per kind beside this one; `index.ts` lists the constructors. */
export abstract class NetDevice {
  /** Unique in the world, for ever; an ifindex is only unique in a netns. */
  readonly uid: number;
  abstract readonly kind: DeviceKind;
  netns: Netns;
  name: string;
  /** 0 until it is registered in a netns. */
  ifindex = 0;
  mac: Mac;
  mtu = 1500;
  txQueueLength = 0;
  /** Administratively up (IFF_UP). */
  up = false;
  /** Up, and its peer, ports or parent let it carry packets (IFF_LOWER_UP). Kept by `refreshCarrier`. */
  carrier = false;
  /** IFF_RUNNING: follows `carrier`, on a bridge that has lost it up to a second later (link-watch.ts). */
  running = false;
  /** Whether it has been up since it was registered here: its queue is noqueue from then on, noop before. */
  activated = false;
  /** How many want all frames: bridge, macvlan, `ip link set promisc on` (dev->promiscuity). */
  promiscuity = 0;
  allMulticast = false;
  /** What `ip link set` has switched: IFF_PROMISC, IFF_ALLMULTI, IFF_NOARP, IFF_MULTICAST; and IFLA_IFALIAS. */
  promisc = false;
  allMulticastAsked = false;
  arpOff = false;
  multicastOff = false;
  alias = "";
  /** IFLA_GROUP: a number that devices can be taken together by. */
  group = 0;
  /** Further names that it answers to (IFLA_ALT_IFNAME). */
  altNames: readonly string[] = [];
  /** How often carrier came or went (carrier_changes). */
  carrierChanges = 0;
  /** The bridge that this is a port of. */
  master: NetDevice | undefined;
  /** What the bridge keeps of it as a port. */
  port: PortView | undefined;
  /** Takes an incoming frame away from the stack: a bridge from its port, macvlan and ipvlan from their parent. True when taken. */
  rxHandler: ((skb: Skb, device: NetDevice) => boolean) | undefined;
  /** macvlan on this parent: tells the trace of frames that the parent's own stack sends to a child in vain. */
  txWatcher: ((skb: Skb) => void) | undefined;
  /** VLAN sub-interfaces by VLAN id. */
  vlans: Map<number, NetDevice> | undefined;
  /** Devices that sit on this one: macvlan, ipvlan, VLAN. */
  readonly children: NetDevice[] = [];
  /** IPv4 before IPv6, each in the order in which `ip addr` shows them. */
  readonly addresses: InterfaceAddress[] = [];
  readonly counters: DeviceCounters = {
    rxPackets: 0,
    rxBytes: 0,
    rxErrors: 0,
    rxDropped: 0,
    rxMulticast: 0,
    txPackets: 0,
    txBytes: 0,
    txErrors: 0,
    txDropped: 0,
  };
  readonly taps: Tap[] = [];
  /** Bytes of the link-layer header that this driver counts on the way in and out. */
  protected readonly rxHeader: number = ETH_HEADER_LENGTH;
  protected readonly txHeader: number = ETH_HEADER_LENGTH;
  #qdisc: Qdisc | undefined;
  #dequeue: ((skb: Skb) => void) | undefined;

  constructor(netns: Netns, name: string, mac: Mac) {
    this.uid = netns.kernel.newUid();
    this.netns = netns;
    this.name = name;
    this.mac = mac;
  }

  /** Sends a frame: qdisc, taps and counters are dealt with in `transmit`, this is the driver's part (ndo_start_xmit). */
  protected abstract startXmit(skb: Skb): void;

  /** Whether what lies below would let it carry packets if it were up (netif_carrier_ok). */
  abstract get lowerUp(): boolean;

  /** The device that `@…` names and IFLA_LINK points to: the peer of a veth, the parent of a macvlan. */
  get link(): NetDevice | undefined {
    return undefined;
  }

  /** Broadcast, link-layer addresses and ARP exist on it. Not so on loopback. */
  get isEthernet(): boolean {
    return this.kind !== "loopback";
  }

  /** IFF_NOARP: ipvlan l3 and loopback, or switched off. */
  get noArp(): boolean {
    return this.arpOff || this.kind === "loopback";
  }

  /**
   * RFC 2863 operational state as the kernel works it out (net/core/link_watch.c default_operstate): what never had a carrier
   * event is UNKNOWN; without carrier it is LOWERLAYERDOWN when the device that IFLA_LINK's number means in this netns has
   * none either.
   */
  get operState(): "UNKNOWN" | "DOWN" | "LOWERLAYERDOWN" | "UP" {
    if (!this.up) return "DOWN";
    if (this.running) return this.signalsCarrier ? "UP" : "UNKNOWN";
    const link = this.link;
    const lower = link && this.netns.devices.byIndex(link.ifindex);
    return lower && !lower.carrier ? "LOWERLAYERDOWN" : "DOWN";
  }

  /** Whether the driver ever tells of carrier (netif_carrier_on, netif_carrier_off). */
  get signalsCarrier(): boolean {
    return this.kind !== "loopback" && this.kind !== "dummy" && this.kind !== "vxlan";
  }

  /** The largest MTU that the driver takes. Bytes. */
  get maxMtu(): number {
    return 65535;
  }

  /** The mode of a macvlan or ipvlan, the id of a VLAN. */
  get mode(): string | undefined {
    return undefined;
  }

  get qdisc(): Qdisc | undefined {
    return this.#qdisc;
  }

  /** Replaces the root qdisc; undefined puts the default (noqueue) back. What waited is lost. */
  set qdisc(qdisc: Qdisc | undefined) {
    this.#qdisc?.reset();
    this.#qdisc = qdisc;
    this.#dequeue = qdisc && ((skb) => this.#hardStartXmit(skb));
  }

  /** dev_queue_xmit: through the qdisc, past the taps, counted, to the driver. `skb.eth` is written already. */
  transmit(skb: Skb): void {
    skb.dev = this;
    if (!this.carrier) {
      // Without carrier the kernel puts the noop qdisc there, which drops (linkwatch, dev_deactivate).
      if (this.up) this.counters.txDropped++;
      if (this.netns.kernel.trace.hops) traceDevice(this, skb, "transmit", "drop", this.up ? "no-carrier" : "device-down");
      return;
    }
    const qdisc = this.#qdisc;
    if (qdisc !== undefined) qdisc.enqueue(skb, this.#dequeue as (skb: Skb) => void);
    else this.#hardStartXmit(skb);
  }

  #hardStartXmit(skb: Skb): void {
    if (!this.carrier) return;
    const { counters, taps } = this;
    counters.txPackets++;
    counters.txBytes += frameLength(skb.packet) - ETH_HEADER_LENGTH + this.txHeader;
    for (let i = 0; i < taps.length; i++) (taps[i] as Tap).frame(skb, this, "out");
    if (this.txWatcher !== undefined && this.netns.kernel.trace.hops) this.txWatcher(skb);
    this.startXmit(skb);
  }

  /** netif_receive_skb on this device: counted, past the taps, to the rx handler or by protocol into `netns.inet`. */
  receive(skb: Skb): void {
    const hops = this.netns.kernel.trace.hops;
    if (!this.up) {
      if (hops) traceDevice(this, skb, "receive", "drop", "device-down");
      return;
    }
    skb.dev = this;
    const { counters, taps, mac } = this;
    const eth = skb.eth;
    counters.rxPackets++;
    counters.rxBytes += frameLength(skb.packet) - ETH_HEADER_LENGTH + this.rxHeader;
    for (let i = 0; i < taps.length; i++) (taps[i] as Tap).frame(skb, this, "in");
    if (skb.corrupted) {
      counters.rxErrors++;
      if (hops) traceDevice(this, skb, "receive", "drop", "corrupted");
      return;
    }
    if (eth !== undefined && eth.vlan !== undefined) {
      const vlan = this.vlans?.get(eth.vlan);
      if (vlan !== undefined) {
        skb.eth = { src: eth.src, dst: eth.dst, type: eth.type };
        vlan.receive(skb);
        return;
      }
    }
    if (this.rxHandler?.(skb, this)) return;
    if (eth !== undefined) {
      if (eth.vlan !== undefined) {
        if (hops) traceDevice(this, skb, "receive", "drop", "vlan-no-device");
        return;
      }
      // PACKET_OTHERHOST: even a promiscuous device shows such frames to its taps only, ip_rcv drops them.
      if (eth.dst !== mac && !isGroupMac(eth.dst)) {
        if (hops && this.promiscuity === 0) traceDevice(this, skb, "receive", "drop", "not-for-this-mac");
        return;
      }
    }
    if (hops) traceDevice(this, skb, "receive", "pass");
    skb.depth = 0;
    this.netns.inet.receive(skb);
  }

  /** Works out `carrier` anew and lets it take effect on the master, on devices above, and in the IP layer. */
  refreshCarrier(): void {
    const on = this.up && this.lowerUp;
    if (on === this.carrier) return;
    this.carrier = on;
    if (this.signalsCarrier) this.carrierChanges++;
    this.netns.devices.changed(this);
    const watch = linkWatchOf(this.netns.kernel);
    if (on || !this.up || this.link) {
      if (!this.up) watch.event();
      this.carrierSettled();
    } else watch.lost(this);
    for (const child of this.children) child.refreshCarrier();
  }

  /** The change of carrier has been looked after (linkwatch_do_dev): it is running or not, and everybody is told. */
  carrierSettled(): void {
    if (this.running === this.carrier || !this.netns.devices.has(this)) return;
    this.running = this.carrier;
    this.netns.devices.carrierChanged(this);
  }

  /** Has been set up or down (ndo_open, ndo_stop). */
  upChanged(): void {}

  /** The driver's part of registering, so far unregistered: claims what it sits on. */
  attached(): void {}

  /** The driver's part of unregistering: frees what it sits on. */
  detached(): void {}

  /** Its addresses have changed (inetaddr notifier). */
  addressesChanged(): void {}

  /** Its own MAC has changed to `mac`. */
  macChanged(): void {}

  view(): DeviceView {
    const peer = this.kind === "veth" ? this.link : undefined;
    const parent = this.kind === "veth" ? undefined : this.link;
    const view = {
      uid: this.uid,
      netns: this.netns.uid,
      ifindex: this.ifindex,
      name: this.name,
      kind: this.kind,
      mac: this.mac,
      mtu: this.mtu,
      up: this.up,
      carrier: this.carrier,
      master: this.master?.uid ?? 0,
      peer: peer?.uid ?? 0,
      parent: parent?.uid ?? 0,
      addresses: this.addresses.map((address) => `${formatIp(address.ip)}/${address.length}`),
    };
    return this.mode === undefined ? view : { ...view, mode: this.mode };
  }
}
