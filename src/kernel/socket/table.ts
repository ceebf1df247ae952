/** The sockets of a netns: who listens where, and who gets an incoming datagram, segment, echo reply or ICMP error. */
import type { Ip } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { IpPacket } from "../wire/packet.ts";
import type { PacketSocket } from "./packet.ts";
import type { RawSocket } from "./raw.ts";
import type { TcpListener, TcpSocket } from "./tcp.ts";
import type { UdpSocket } from "./udp.ts";

export type SocketErrno =
  | "EADDRINUSE" | "EADDRNOTAVAIL" | "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "ETIMEDOUT" | "ECONNRESET"
  | "EMSGSIZE" | "EPERM" | "EACCES" | "EINVAL" | "ENETDOWN" | "EPIPE" | "ENOPROTOOPT";

/** One line of `ss`: what a socket shows of itself. */
export interface SocketView {
  readonly protocol: "tcp" | "udp" | "raw" | "packet";
  readonly family: 4 | 6;
  /** IPV6_V6ONLY off: shown as `*`. */
  readonly dual: boolean;
  readonly state: string;
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly process: string;
  readonly pid: number;
}

/** Where a new socket belongs: shown by ss -p and netstat -p, and closed with its process. */
export interface SocketOwner {
  readonly process: string;
  readonly pid: number;
}

/** A local address: `ip` undefined is the wildcard; `family` then says 0.0.0.0, :: (with `dual`, both). */
export interface LocalAddress {
  readonly ip?: Ip;
  readonly family?: 4 | 6;
  readonly dual?: boolean;
  /** 0: an ephemeral port (net.ipv4.ip_local_port_range). */
  readonly port: number;
}

export class SocketTable {
  constructor(readonly netns: Netns) {}
  udp(_owner: SocketOwner, _local?: LocalAddress): UdpSocket | SocketErrno { throw new Error("todo"); }
  /** Listens; EADDRINUSE when another socket has the port on an overlapping address. `backlog` shows as ss's Send-Q. */
  tcpListen(_owner: SocketOwner, _local: LocalAddress, _backlog?: number): TcpListener | SocketErrno { throw new Error("todo"); }
  /** Starts a connection; wait on the socket's `changed` until it is established or has an error. */
  tcpConnect(_owner: SocketOwner, _remote: Ip, _port: number, _local?: LocalAddress, _dev?: NetDevice): TcpSocket | SocketErrno { throw new Error("todo"); }
  /** A raw ICMP, ICMPv6 or other-protocol socket, as ping and traceroute open. */
  raw(_owner: SocketOwner, _family: 4 | 6, _protocol: number): RawSocket { throw new Error("todo"); }
  /** An AF_PACKET socket on a device, or on all of the netns: tcpdump. */
  packet(_owner: SocketOwner, _dev?: NetDevice): PacketSocket { throw new Error("todo"); }
  /** Local delivery of a whole IP packet. False: nobody wants this protocol or port, the IP layer answers with an error. */
  deliver(_skb: Skb, _packet: IpPacket): boolean { throw new Error("todo"); }
  /** An ICMP error about a packet that this netns sent: goes to the socket that sent it. */
  deliverError(_skb: Skb, _error: IpPacket): void { throw new Error("todo"); }
  list(): readonly SocketView[] { throw new Error("todo"); }
  closeAll(): void { throw new Error("todo"); }
}
