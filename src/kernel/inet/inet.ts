/**
 * The IP layer of one netns, both families. Who does what: input.ts takes packets in, forward.ts passes them on, output.ts
 * sends; fib.ts knows the way, source.ts the sender's address, addresses.ts the routes that follow addresses, neighbour.ts
 * the next station's MAC by arp.ts and ndisc.ts; icmp.ts answers and complains; fragment.ts cuts and mends; paths.ts
 * remembers what routers said about single destinations.
 */
import type { Ip, Ipv4 } from "../address.ts";
import type { InterfaceAddress, NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import { addMulticastRoute, addRoutesOf, followForwarding, removeRoutesBy, removeRoutesOf } from "./addresses.ts";
import { announceByArp, receiveArp } from "./arp.ts";
import { Fib } from "./fib.ts";
import { Reassembly } from "./fragment.ts";
import {
  ICMP_HOST_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
  Icmp,
} from "./icmp.ts";
import { acceptsSource, deliverToTransport, receiveIp } from "./input.ts";
import { announceByDiscovery, DuplicateDetection } from "./ndisc.ts";
import { NeighbourTable } from "./neighbour.ts";
import { mtuOf, routeOutput, sendIp } from "./output.ts";
import { Paths } from "./paths.ts";

/** Why `send` could not send: errno of the system call, as the tools print it. */
export type SendErrno = "ENETUNREACH" | "EHOSTUNREACH" | "EMSGSIZE" | "EPERM" | "EACCES" | "EINVAL" | "ENETDOWN" | "EADDRNOTAVAIL";

export interface SendOptions {
  /** Source address; chosen by the route when absent. */
  readonly src?: Ip;
  readonly dst: Ip;
  readonly protocol: number;
  readonly body: Transport;
  readonly ttl?: number;
  readonly tos?: number;
  /**
   * IP_MTU_DISCOVER. "want", the default: DF when it fits the path, else cut here. true ("do"): DF always, EMSGSIZE when it
   * does not fit. "probe": as true, but only the device's MTU counts. false ("dont"): never DF.
   */
  readonly df?: boolean | "want" | "probe";
  /** SO_BINDTODEVICE / ping -I eth0. */
  readonly dev?: NetDevice;
  readonly mark?: number;
  /** The packet carries IPv4's record route option, and in it these addresses already. */
  readonly recorded?: readonly Ipv4[];
  readonly cause?: number;
  /** A journey id to go on with, else a new one. */
  readonly id?: number;
}

export class Inet {
  readonly netns: Netns;
  readonly fib: Fib;
  readonly neighbours: NeighbourTable;
  readonly icmp: Icmp;
  readonly paths: Paths;
  readonly reassembly: Reassembly;
  readonly duplicate: DuplicateDetection;
  #ident = 0;

  constructor(netns: Netns) {
    this.netns = netns;
    this.paths = new Paths(netns);
    this.fib = new Fib(netns);
    this.neighbours = new NeighbourTable(netns);
    this.icmp = new Icmp(netns);
    this.reassembly = new Reassembly(netns);
    this.duplicate = new DuplicateDetection(netns);
  }

  /** A frame of type IPv4, IPv6 or ARP came in on `skb.dev` (ip_rcv, ipv6_rcv, arp_rcv). */
  receive(skb: Skb): void {
    const { packet } = skb;
    if (packet.kind === "arp") receiveArp(this.netns, skb, packet);
    else receiveIp(this.netns, skb);
  }

  /** ip_queue_xmit / ip_push_pending_frames: route, OUTPUT, fragment, POSTROUTING, neighbour, device. Gives the journey id. */
  send(options: SendOptions): { readonly id: number } | SendErrno {
    return sendIp(this.netns, options);
  }

  /** Sends an ICMP or ICMPv6 error about a packet, rate limits and RFC 1122's exceptions considered (icmp_send). MTU in bytes. */
  sendError(about: Skb, type: number, code: number, mtu?: number): void {
    this.icmp.sendError(about, type, code, mtu);
  }

  isLocal(ip: Ip): boolean {
    return this.fib.isLocal(ip);
  }

  /** The source address that a packet to `dst` would get, or why not. */
  sourceFor(dst: Ip, dev?: NetDevice): Ip | SendErrno {
    const result = routeOutput(this.netns, dst, undefined, dev, 0);
    if (typeof result === "string") return result;
    return result.src === 0n ? "EADDRNOTAVAIL" : result.src;
  }

  /** The largest packet in bytes that may go to `dst` uncut, as far as known (IP_MTU); undefined without a route. */
  mtuTo(dst: Ip, dev?: NetDevice): number | undefined {
    const result = routeOutput(this.netns, dst, undefined, dev, 0);
    return typeof result === "string" ? undefined : mtuOf(this.netns, dst, result);
  }

  /** Whether a packet or an ARP request from `src` would be let in by `dev`: no martian, and as rp_filter has it. */
  acceptsSource(src: Ipv4, dev: NetDevice): boolean {
    return acceptsSource(this.netns, src, dev);
  }

  /** An identification for a packet that may be cut: different for every one, wrapping at 16 bits. */
  nextIdent(): number {
    this.#ident = this.#ident === 0 ? 1 + this.netns.kernel.random.below(0xffff) : (this.#ident & 0xffff) + 1;
    return this.#ident & 0xffff;
  }

  /** What the device table tells: an address came or went (connected, local and broadcast routes follow), a device changed. */
  addressAdded(device: NetDevice, address: InterfaceAddress): void {
    addRoutesOf(this.netns, device, address);
    this.fib.invalidate();
    if (address.tentative && !address.dadFailed && device.up && device.carrier) this.duplicate.start(device, address);
  }

  addressRemoved(device: NetDevice, address: InterfaceAddress): void {
    if (typeof address.ip === "bigint") this.duplicate.stop(device, address.ip);
    removeRoutesOf(this.netns, device, address);
    this.netns.netfilter.addressRemoved(device, address.ip);
    this.paths.forget();
    this.fib.invalidate();
  }

  deviceUp(device: NetDevice): void {
    for (const address of [...device.addresses]) addRoutesOf(this.netns, device, address);
    this.fib.invalidate();
    if (device.carrier) this.#linkReady(device);
  }

  deviceDown(device: NetDevice): void {
    this.duplicate.stop(device);
    removeRoutesBy(this.fib, device, false);
    this.netns.netfilter.deviceDown(device);
    this.neighbours.flush(device);
    this.neighbours.proxies.forget(device);
    this.paths.forget();
  }

  carrierChanged(device: NetDevice): void {
    this.fib.invalidate();
    if (!device.up) return;
    if (device.carrier) this.#linkReady(device);
    else if (this.netns.sysctl.device(device).v4.arp_evict_nocarrier) this.neighbours.flush(device, true);
  }

  deviceRemoved(device: NetDevice): void {
    this.duplicate.stop(device);
    removeRoutesBy(this.fib, device, true);
    this.netns.netfilter.deviceDown(device);
    this.neighbours.flush(device);
    this.paths.forget();
    this.netns.sysctl.forget(device);
  }

  /** A sysctl was written: what was derived from them is forgotten. */
  settingsChanged(): void {
    this.fib.invalidate();
  }

  /** net.ipv6.conf.DEVICE.disable_ipv6 was written: IPv6 leaves the device, or comes back with its routes. */
  ipv6Switched(device: NetDevice, on: boolean): void {
    if (on) {
      if (!device.up || !device.carrier) return;
      this.#linkReady(device);
      this.netns.devices.addLinkLocal(device);
      return;
    }
    this.duplicate.stop(device);
    for (const address of [...device.addresses]) {
      if (typeof address.ip === "bigint") this.netns.devices.removeAddress(device, address.ip, address.length);
    }
    this.fib.purge(device, (route) => typeof route.dst.address === "bigint");
  }

  ipv6ForwardingSwitched(device: NetDevice): void {
    followForwarding(this.netns, device);
  }

  /** Announces an IPv4 address by gratuitous ARP, an IPv6 address by an unsolicited neighbour advertisement. */
  announce(device: NetDevice, ip: Ip): void {
    if (typeof ip === "number") announceByArp(this.netns, device, ip);
    else announceByDiscovery(this.netns, device, ip);
  }

  /** The next station did not answer: the sender of what waited for it is told (ipv4_link_failure, ip6_link_failure). */
  linkFailure(skb: Skb): void {
    const { packet } = skb;
    if (packet.kind !== "ip") return;
    if (typeof packet.src === "number") this.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE);
    else this.icmp.sendError(skb, ICMPV6_UNREACHABLE, ICMPV6_ADDRESS_UNREACHABLE);
  }

  /** Pieces of a packet did not all come in time. */
  reassemblyTimedOut(first: Skb): void {
    const four = first.packet.kind === "ip" && typeof first.packet.src === "number";
    this.icmp.sendError(first, four ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED, 1);
  }

  /** Stops every timer: the netns is being destroyed. */
  stop(): void {
    this.neighbours.stop();
    this.reassembly.stop();
    this.duplicate.stopAll();
  }

  /** Delivers a packet to this netns's own transport layer: after PREROUTING and routing said "local". */
  deliverLocal(skb: Skb, packet: IpPacket): void {
    deliverToTransport(this.netns, skb, packet);
  }

  /** The link can carry packets now: the group route is there, and waiting addresses are asked about. */
  #linkReady(device: NetDevice): void {
    addMulticastRoute(this.netns, device);
    for (const address of [...device.addresses]) {
      if (address.tentative && !address.dadFailed) this.duplicate.start(device, address);
    }
  }
}
