/** The IP layer of one netns, both families: routes, neighbours, input, output, forwarding, ICMP, fragments. */
import type { Ip } from "../address.ts";
import type { InterfaceAddress, NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import type { Fib } from "./fib.ts";
import type { NeighbourTable } from "./neighbour.ts";

/** Why `send` could not send: errno of the system call, as the tools print it. */
export type SendErrno = "ENETUNREACH" | "EHOSTUNREACH" | "EMSGSIZE" | "EPERM" | "EACCES" | "EINVAL" | "ENETDOWN";

export interface SendOptions {
  /** Source address; chosen by the route when absent. */
  readonly src?: Ip;
  readonly dst: Ip;
  readonly protocol: number;
  readonly body: Transport;
  readonly ttl?: number;
  readonly tos?: number;
  /** Default true as for TCP and ping -M want; false fragments when needed, "probe" ignores the cached path MTU. */
  readonly df?: boolean | "probe";
  /** SO_BINDTODEVICE / ping -I eth0. */
  readonly dev?: NetDevice;
  readonly mark?: number;
  readonly cause?: number;
  /** A journey id to go on with, else a new one. */
  readonly id?: number;
}

export class Inet {
  readonly fib!: Fib;
  readonly neighbours!: NeighbourTable;
  constructor(readonly netns: Netns) {}
  /** A frame of type IPv4, IPv6 or ARP came in on `skb.dev` (ip_rcv, ipv6_rcv, arp_rcv). */
  receive(_skb: Skb): void { throw new Error("todo"); }
  /** ip_queue_xmit / ip_push_pending_frames: route, OUTPUT, fragment, POSTROUTING, neighbour, device. Gives the journey id. */
  send(_options: SendOptions): { readonly id: number } | SendErrno { throw new Error("todo"); }
  /** Sends an ICMP or ICMPv6 error about a packet, rate limits and RFC 1122's exceptions considered (icmp_send). */
  sendError(_about: Skb, _type: number, _code: number, _mtu?: number): void { throw new Error("todo"); }
  isLocal(_ip: Ip): boolean { throw new Error("todo"); }
  /** The source address that a packet to `dst` would get, or why not. */
  sourceFor(_dst: Ip, _dev?: NetDevice): Ip | SendErrno { throw new Error("todo"); }
  /** What the device table tells: an address came or went (connected, local and broadcast routes follow), a device changed. */
  addressAdded(_device: NetDevice, _address: InterfaceAddress): void { throw new Error("todo"); }
  addressRemoved(_device: NetDevice, _address: InterfaceAddress): void { throw new Error("todo"); }
  deviceUp(_device: NetDevice): void { throw new Error("todo"); }
  deviceDown(_device: NetDevice): void { throw new Error("todo"); }
  carrierChanged(_device: NetDevice): void { throw new Error("todo"); }
  deviceRemoved(_device: NetDevice): void { throw new Error("todo"); }
  /** Announces an IPv4 address by gratuitous ARP, an IPv6 address by an unsolicited neighbour advertisement. */
  announce(_device: NetDevice, _ip: Ip): void { throw new Error("todo"); }
  /** br_netfilter's way to the IP hooks lives in device/bridge.ts and netfilter; this rebuilds an oversize forwarded packet's error. */
  stop(): void { throw new Error("todo"); }
  /** Delivers a packet to this netns's own transport layer: after PREROUTING and routing said "local". */
  deliverLocal(_skb: Skb, _packet: IpPacket): void { throw new Error("todo"); }
}
