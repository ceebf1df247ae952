/** A packet on its way through one kernel, with what the kernel notes about it: `struct sk_buff`. */
import type { NetDevice } from "./device/device.ts";
import type { ConntrackEntry } from "./netfilter/types.ts";
import type { EthernetHeader, NetworkPacket } from "./wire/packet.ts";

export class Skb {
  /** The journey that this packet belongs to: kept from the sending socket to the last hop, through NAT and forwarding. */
  id: number;
  /** The journey that caused this one: the request of a reply, the packet of an ICMP error, the ping behind an ARP. 0: none. */
  cause: number;
  packet: NetworkPacket;
  /** Absent until the neighbour layer has written it, or on devices without link layer. */
  eth: EthernetHeader | undefined;
  /** Input device while receiving, output device while sending. */
  dev: NetDevice | undefined;
  /**
   * The bridge ports that the frame came in and leaves by, while br_netfilter shows it to iptables. With `physIn` set, a
   * packet that comes into the IP layer has passed PREROUTING on the bridge already (ip_sabotage_in).
   */
  physIn: NetDevice | undefined;
  physOut: NetDevice | undefined;
  mark = 0;
  conntrack: ConntrackEntry | undefined;
  /** How the packet stands to its conntrack entry. */
  ctInfo: "new" | "established" | "related" | "reply" | "related-reply" | "invalid" | "untracked" | undefined;
  /** Devices that the frame has crossed since an IP layer last had it, to stop loops (a ring of bridges without STP). */
  depth = 0;
  /** Routed already, to this host: a broadcast that its sender hears itself (dev_loopback_xmit keeps the route). */
  loopedBack = false;
  /** netem has flipped a bit of it: whoever receives it finds the checksum wrong. */
  corrupted = false;

  constructor(id: number, cause: number, packet: NetworkPacket, eth?: EthernetHeader, dev?: NetDevice) {
    this.id = id;
    this.cause = cause;
    this.packet = packet;
    this.eth = eth;
    this.dev = dev;
    this.physIn = undefined;
    this.physOut = undefined;
    this.conntrack = undefined;
    this.ctInfo = undefined;
  }

  /** A copy for another port: shares the packet, forgets what the first kernel noted when `fresh`. */
  clone(): Skb {
    const copy = new Skb(this.id, this.cause, this.packet, this.eth, this.dev);
    copy.mark = this.mark;
    copy.conntrack = this.conntrack;
    copy.ctInfo = this.ctInfo;
    copy.physIn = this.physIn;
    copy.physOut = this.physOut;
    copy.depth = this.depth;
    copy.corrupted = this.corrupted;
    return copy;
  }

  /** Forgets conntrack, mark and bridge ports: what nf_reset and skb_scrub_packet do as a packet enters another netns. */
  scrub(): void {
    this.mark = 0;
    this.conntrack = undefined;
    this.ctInfo = undefined;
    this.physIn = undefined;
    this.physOut = undefined;
  }
}
