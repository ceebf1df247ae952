/** Neighbour discovery for IPv6 (RFC 4861, net/ipv6/ndisc.c) and duplicate address detection (RFC 4862, net/ipv6/addrconf.c). */
import { type Ipv6, isGroupMac, isLoopback, isMulticast, type Mac, multicastMac, solicitedNode } from "../address.ts";
import type { Timer } from "../clock.ts";
import type { InterfaceAddress, NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { Skb } from "../skb.ts";
import { IP_OUT_MCAST_PKTS, IP_OUT_REQUESTS, IP_OUT_TRANSMITS, MESSAGES_SENT } from "../statistics.ts";
import { ipLength } from "../wire/length.ts";
import {
  ETH_IPV6,
  type IcmpMessage,
  type IpPacket,
  ND_NEIGHBOUR_ADVERT,
  ND_NEIGHBOUR_SOLICIT,
  ND_REDIRECT,
  ND_ROUTER_SOLICIT,
  PROTO_ICMPV6,
} from "../wire/packet.ts";
import { addHop } from "./hops.ts";
import { selectSource } from "./source.ts";

const ALL_NODES: Ipv6 = 0xff020000000000000000000000000001n;
const ALL_ROUTERS: Ipv6 = 0xff020000000000000000000000000002n;

/** Discovery packets are only believed when no router can have passed them on. */
const HOP_LIMIT = 255;
const SECOND = 1_000_000;

/** Sends a discovery message by a device, through OUTPUT and POSTROUTING where those have rules. */
function sendDiscovery(netns: Netns, dev: NetDevice, src: Ipv6, dst: Ipv6, to: Mac, fields: Partial<IcmpMessage>, cause: number): void {
  const body: IcmpMessage = { kind: "icmp", type: 0, code: 0, id: 0, sequence: 0, dataLength: 0, ...fields };
  const packet: IpPacket = { kind: "ip", src, dst, ttl: HOP_LIMIT, tos: 0, id: 0, df: false, protocol: PROTO_ICMPV6, body };
  const { trace } = netns.kernel;
  const skb = new Skb(trace.newPacketId(), cause, packet, undefined, dev);
  const { statistics } = netns;
  statistics.countFor(dst, IP_OUT_REQUESTS);
  statistics.countMessage(dst, MESSAGES_SENT, body.type);
  const { netfilter } = netns;
  if (netfilter.active(6)) {
    if (netfilter.hook("OUTPUT", skb, undefined, dev) === "drop") return;
    if (netfilter.hook("POSTROUTING", skb, undefined, dev) === "drop") return;
  }
  const length = ipLength(packet);
  statistics.countPacket(dst, IP_OUT_TRANSMITS, length);
  if (isMulticast(dst)) statistics.countPacket(dst, IP_OUT_MCAST_PKTS, length);
  skb.eth = { src: dev.mac, dst: to, type: ETH_IPV6 };
  if (trace.hops) addHop(netns, skb, dev, "icmp", "send");
  dev.transmit(skb);
}

/** Asks who has `target` (ndisc_solicit): its solicited-node group, or the one at `unicastTo` when an entry is only checked. */
export function solicitByDiscovery(netns: Netns, dev: NetDevice, target: Ipv6, unicastTo: Mac | undefined, behind: Skb | undefined): void {
  const packet = behind?.packet;
  const own = packet?.kind === "ip" && typeof packet.src === "bigint" && has(dev, packet.src) ? packet.src : undefined;
  const src = own ?? (selectSource(netns, target, dev, undefined, "link") as Ipv6);
  const dst = unicastTo ? target : solicitedNode(target);
  const fields = { type: ND_NEIGHBOUR_SOLICIT, target, linkAddress: dev.mac };
  sendDiscovery(netns, dev, src, dst, unicastTo ?? multicastMac(dst), fields, behind?.id ?? 0);
}

/** An unsolicited advertisement to all nodes: what gratuitous ARP is for IPv4. */
export function announceByDiscovery(netns: Netns, dev: NetDevice, target: Ipv6): void {
  if (dev.noArp || !dev.up) return;
  const fields = { type: ND_NEIGHBOUR_ADVERT, target, linkAddress: dev.mac, override: true, solicited: false };
  sendDiscovery(netns, dev, target, ALL_NODES, multicastMac(ALL_NODES), fields, 0);
}

const has = (dev: NetDevice, ip: Ipv6): boolean => dev.addresses.some((address) => address.ip === ip && !address.tentative);

/** Whether a device listens to an IPv6 group: all nodes, all routers on a router, and its addresses' solicited-node groups. */
export function listensTo(netns: Netns, dev: NetDevice, group: Ipv6): boolean {
  if (group === ALL_NODES || group === 0xff010000000000000000000000000001n) return true;
  if (group === ALL_ROUTERS) return netns.sysctl.device(dev).v6.forwarding !== 0;
  return dev.addresses.some(({ ip }) => typeof ip === "bigint" && solicitedNode(ip) === group);
}

/** Whether an ICMPv6 message belongs to neighbour discovery. */
export const isDiscovery = (message: IcmpMessage): boolean => message.type >= ND_ROUTER_SOLICIT && message.type <= ND_REDIRECT;

/** ndisc_rcv: solicitations and advertisements. */
export function receiveDiscovery(netns: Netns, skb: Skb, packet: IpPacket, message: IcmpMessage): void {
  const dev = skb.dev as NetDevice;
  const { target } = message;
  if (packet.ttl !== HOP_LIMIT || typeof target !== "bigint" || isMulticast(target)) return;
  if (message.type === ND_NEIGHBOUR_SOLICIT) solicited(netns, skb, packet, message, dev, target);
  else if (message.type === ND_NEIGHBOUR_ADVERT) advertised(netns, skb, packet, message, dev, target);
}

function solicited(netns: Netns, skb: Skb, packet: IpPacket, message: IcmpMessage, dev: NetDevice, target: Ipv6): void {
  const src = packet.src as Ipv6;
  const probe = src === 0n;
  const address = dev.addresses.find(({ ip }) => ip === target);
  if (!address) return;
  if (address.tentative) {
    // Somebody else tries the same address at the same time.
    if (probe && skb.eth?.src !== dev.mac) netns.inet.duplicate.found(dev, target);
    return;
  }
  if (address.dadFailed) return;
  const { trace } = netns.kernel;
  if (trace.hops) addHop(netns, skb, dev, "icmp", "deliver");
  if (probe) {
    const fields = { type: ND_NEIGHBOUR_ADVERT, target, linkAddress: dev.mac, override: true, solicited: false };
    sendDiscovery(netns, dev, target, ALL_NODES, multicastMac(ALL_NODES), fields, skb.id);
    return;
  }
  const mac = message.linkAddress;
  if (mac) netns.inet.neighbours.heard(src, dev, mac, { reachable: false, override: true }, true);
  const to = mac ?? netns.inet.neighbours.get(src, dev)?.mac;
  if (!to) return;
  const fields = { type: ND_NEIGHBOUR_ADVERT, target, linkAddress: dev.mac, solicited: true, override: true };
  sendDiscovery(netns, dev, target, src, to, fields, skb.id);
}

function advertised(netns: Netns, skb: Skb, packet: IpPacket, message: IcmpMessage, dev: NetDevice, target: Ipv6): void {
  if (message.solicited && isMulticast(packet.dst)) return;
  const own = dev.addresses.find(({ ip }) => ip === target);
  if (own) {
    if (own.tentative) netns.inet.duplicate.found(dev, target);
    return;
  }
  const entry = netns.inet.neighbours.get(target, dev);
  const mac = message.linkAddress ?? entry?.mac;
  if (!entry || !mac) return;
  if (netns.kernel.trace.hops) addHop(netns, skb, dev, "icmp", "deliver");
  const forUs = skb.eth === undefined || !isGroupMac(skb.eth.dst);
  const update = { reachable: message.solicited === true && forUs, override: message.override === true };
  netns.inet.neighbours.heard(target, dev, mac, update, false);
}

/**
 * Duplicate address detection: a tentative address is asked for before it is used. The addresses themselves live on the
 * device; when detection ends they are replaced by what they have become.
 */
export class DuplicateDetection {
  readonly netns: Netns;
  #running = new Map<NetDevice, Map<Ipv6, Timer>>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /**
   * Starts it for a tentative address of a device that is ready: after a random part of a second the question, then
   * dad_transmits times retrans_time of silence. Devices where accept_dad is below 1 have their addresses at once.
   */
  start(dev: NetDevice, address: InterfaceAddress): void {
    const ip = address.ip as Ipv6;
    if (this.#running.get(dev)?.has(ip)) return;
    const { sysctl, kernel } = this.netns;
    const settings = sysctl.device(dev);
    const wanted = !address.nodad && !dev.noArp && !isLoopback(ip) && settings.v6.dad_transmits > 0;
    if (!wanted || (settings.v6.accept_dad < 1 && sysctl.all.v6.accept_dad < 1)) {
      this.#replace(dev, ip, { tentative: undefined });
      return;
    }
    this.#after(dev, ip, kernel.random.below(settings.v6.router_solicitation_delay * SECOND), () =>
      this.#ask(dev, ip, settings.v6.dad_transmits),
    );
  }

  /** Somebody has it already: the address stays, marked, and is not used (addrconf_dad_failure). */
  found(dev: NetDevice, ip: Ipv6): void {
    this.stop(dev, ip);
    this.#replace(dev, ip, { dadFailed: true });
  }

  /** Ends it without a result: the address or the device has gone. */
  stop(dev: NetDevice, ip?: Ipv6): void {
    const running = this.#running.get(dev);
    if (!running) return;
    for (const [address, timer] of [...running]) {
      if (ip !== undefined && address !== ip) continue;
      this.netns.kernel.clock.cancel(timer);
      running.delete(address);
    }
    if (running.size === 0) this.#running.delete(dev);
  }

  stopAll(): void {
    for (const dev of [...this.#running.keys()]) this.stop(dev);
  }

  #ask(dev: NetDevice, ip: Ipv6, left: number): void {
    if (left === 0) {
      this.#replace(dev, ip, { tentative: undefined });
      return;
    }
    const group = solicitedNode(ip);
    sendDiscovery(this.netns, dev, 0n, group, multicastMac(group), { type: ND_NEIGHBOUR_SOLICIT, target: ip }, 0);
    const interval = this.netns.sysctl.device(dev).neigh6.retrans_time_ms * 1000;
    this.#after(dev, ip, interval, () => this.#ask(dev, ip, left - 1));
  }

  #after(dev: NetDevice, ip: Ipv6, delay: number, run: () => void): void {
    let running = this.#running.get(dev);
    if (!running) {
      running = new Map();
      this.#running.set(dev, running);
    }
    const timer = this.netns.kernel.clock.after(
      delay,
      () => {
        this.stop(dev, ip);
        run();
      },
      true,
    );
    running.set(ip, timer);
  }

  #replace(dev: NetDevice, ip: Ipv6, change: Partial<InterfaceAddress>): void {
    const address = dev.addresses.find((held) => held.ip === ip);
    if (!address) return;
    const changed = { ...address, ...change };
    this.netns.devices.replaceAddress(dev, changed);
    if (!changed.tentative) this.netns.inet.addressAdded(dev, changed);
  }
}
