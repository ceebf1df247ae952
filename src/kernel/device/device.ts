/** What every network device is: `struct net_device`, its counters and the two verbs that packets know it by. */
import type { Ip, Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { DeviceView } from "../trace.ts";

export type DeviceKind = "loopback" | "veth" | "bridge" | "macvlan" | "ipvlan" | "vlan" | "vxlan" | "dummy";

/** An address of an interface: `struct in_ifaddr` / `inet6_ifaddr`. */
export interface InterfaceAddress {
  readonly ip: Ip;
  /** Prefix length in bits. */
  readonly length: number;
  readonly broadcast?: number;
  readonly scope: "global" | "link" | "host";
  readonly label?: string;
  /** IPv6: who made it, as `proto kernel_lo`, `proto kernel_ll`. */
  readonly proto?: "kernel_lo" | "kernel_ll" | "kernel_ra";
  readonly peer?: Ip;
  readonly secondary?: boolean;
  /** Duplicate address detection has not ended, or has found a duplicate (IPv6). */
  readonly tentative?: boolean;
  readonly dadFailed?: boolean;
  readonly nodad?: boolean;
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
  /** As `tc qdisc show` prints it after the kind: handle, device and options are the caller's. */
  readonly kind: string;
  /** Passes the packet on by `send`, now, later, several times or never. Sizes in bytes. */
  enqueue(skb: Skb, send: (skb: Skb) => void): void;
}

/** Base of all devices. One file per kind beside this one; `index.ts` lists the constructors. */
export abstract class NetDevice {
  /** Unique in the world, for ever; an ifindex is only unique in a netns. */
  readonly uid: number;
  abstract readonly kind: DeviceKind;
  netns: Netns;
  name: string;
  ifindex: number;
  mac: Mac;
  mtu = 1500;
  txQueueLength = 0;
  /** Administratively up (IFF_UP). */
  up = false;
  promiscuity = 0;
  allMulticast = false;
  /** The bridge that this is a port of; who takes the frames that come in before the stack sees them (rx_handler). */
  master: NetDevice | undefined;
  /** Takes an incoming frame away from the stack: a bridge from its port, macvlan and ipvlan from their parent. True when taken. */
  rxHandler: ((skb: Skb, device: NetDevice) => boolean) | undefined;
  /** VLAN sub-interfaces by VLAN id. */
  vlans: Map<number, NetDevice> | undefined;
  readonly addresses: InterfaceAddress[] = [];
  readonly counters: DeviceCounters = {
    rxPackets: 0, rxBytes: 0, rxErrors: 0, rxDropped: 0, rxMulticast: 0,
    txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0,
  };
  readonly taps: Tap[] = [];
  qdisc: Qdisc | undefined;

  constructor(netns: Netns, name: string, mac: Mac) {
    this.uid = netns.kernel.newUid();
    this.netns = netns;
    this.name = name;
    this.mac = mac;
    this.ifindex = 0;
  }

  /** Whether the device can carry packets now, its peer, ports or parent considered (IFF_LOWER_UP). */
  abstract get carrier(): boolean;

  /** Sends a frame: qdisc, taps and counters are dealt with in `transmit`, this is the driver's part (ndo_start_xmit). */
  protected abstract startXmit(skb: Skb): void;

  /** Broadcast, link-layer addresses and ARP exist on it. Not so on loopback. */
  get isEthernet(): boolean {
    return this.kind !== "loopback";
  }

  /** IFF_NOARP: ipvlan l3 and loopback. */
  get noArp(): boolean {
    return this.kind === "loopback";
  }

  /** dev_queue_xmit: through the qdisc, past the taps, counted, to the driver. `skb.eth` is written already. */
  abstract transmit(skb: Skb): void;

  /** netif_receive_skb on this device: counted, past the taps, to the rx handler or by protocol into `netns.inet`. */
  abstract receive(skb: Skb): void;

  abstract view(): DeviceView;
}
