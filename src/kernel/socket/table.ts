/** The sockets of a netns: who listens where, and who gets an incoming datagram, segment, echo reply or ICMP error. */
import { type Ip, LIMITED_BROADCAST } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import { mtuOf } from "../inet/output.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import {
  ICMP_IN_ERRORS,
  IP_OUT_NO_ROUTES,
  TCP_IN_SEGS,
  TCP_LISTEN_OVERFLOWS,
  TCP_OUT_RSTS,
  TCP_OUT_SEGS,
  UDP_IGNORED_MULTI,
  UDP_NO_PORTS,
} from "../statistics.ts";
import { utf8Length } from "../wire/length.ts";
import {
  type IpPacket,
  NO_PAYLOAD,
  PROTO_TCP,
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  type TcpSegment,
  type UdpDatagram,
} from "../wire/packet.ts";
import { icmpErrno, reportedMtu } from "./errors.ts";
import { traceNoSocket } from "./hops.ts";
import { type PacketSocket, TapSocket } from "./packet.ts";
import { type Binding, bindingOf, conflict, ephemeralPort, match } from "./ports.ts";
import { InetRawSocket, type RawSocket } from "./raw.ts";
import type { TcpListener, TcpSocket } from "./tcp.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { InetTcpListener } from "./tcp-listener.ts";
import { seqAdd } from "./tcp-sequence.ts";
import { InetUdpSocket, type UdpSocket } from "./udp.ts";

export type SocketErrno =
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "ECONNREFUSED"
  | "EHOSTUNREACH"
  | "ENETUNREACH"
  | "ETIMEDOUT"
  | "ECONNRESET"
  | "EMSGSIZE"
  | "EPERM"
  | "EACCES"
  | "EINVAL"
  | "ENETDOWN"
  | "EPIPE"
  | "ENOPROTOOPT";

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
  /** TIME-WAIT: when it will be over, in µs. */
  readonly until?: number | undefined;
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
  /** SO_REUSEPORT: shared with others that said the same. */
  readonly reusePort?: boolean;
}

/** net.core.somaxconn: the most that listen() grants. */
const SOMAXCONN = 4096;

const isMulticast = (ip: Ip): boolean => (typeof ip === "number" ? ip >>> 28 === 0xe : ip >> 120n === 0xffn);

export class SocketTable {
  readonly netns: Netns;
  #udp = new Map<number, InetUdpSocket[]>();
  #listeners = new Map<number, InetTcpListener[]>();
  /** By local port × 65536 + remote port: few share one, so addresses are compared. */
  #connections = new Map<number, TcpConnection[]>();
  /** By protocol number. */
  #raw = new Map<number, InetRawSocket[]>();
  #taps = new Set<TapSocket>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /**
   * A UDP socket, bound when `local` is given. Without it the first destination decides the family, and the port is an
   * ephemeral one. EADDRINUSE for a port taken on an overlapping address, EADDRNOTAVAIL for an address that is not ours.
   */
  udp(owner: SocketOwner, local?: LocalAddress): UdpSocket | SocketErrno {
    const binding = bindingOf(local);
    const socket = new InetUdpSocket(this, owner, binding, local === undefined);
    if (!local) return socket;
    if (!this.#mayBind(binding)) return "EADDRNOTAVAIL";
    if (local.port === 0) {
      const port = ephemeralPort(this.netns, "odd", (candidate) => !this.udpConflict(binding, candidate));
      if (port === undefined) return "EADDRINUSE";
      socket.localPort = port;
    } else {
      if (this.udpConflict(binding, local.port)) return "EADDRINUSE";
      socket.localPort = local.port;
    }
    this.insertUdp(socket);
    return socket;
  }

  /** Listens; EADDRINUSE when another socket has the port on an overlapping address. `backlog` shows as ss's Send-Q. */
  tcpListen(owner: SocketOwner, local: LocalAddress, backlog = SOMAXCONN): TcpListener | SocketErrno {
    const binding = bindingOf(local);
    if (!this.#mayBind(binding)) return "EADDRNOTAVAIL";
    const taken = (port: number): boolean => this.#listeners.get(port)?.some((other) => conflict(other.binding, binding)) ?? false;
    const port = local.port === 0 ? ephemeralPort(this.netns, "odd", (candidate) => !taken(candidate)) : local.port;
    if (port === undefined || taken(port)) return "EADDRINUSE";
    const listener = new InetTcpListener(this, owner, binding, port, Math.min(backlog, SOMAXCONN));
    append(this.#listeners, port, listener);
    return listener;
  }

  /** Starts a connection; wait on the socket's `changed` until it is established or has an error. */
  tcpConnect(owner: SocketOwner, remote: Ip, port: number, local?: LocalAddress, dev?: NetDevice): TcpSocket | SocketErrno {
    if (port < 1 || port > 65535) return "EADDRNOTAVAIL";
    // 0.0.0.0 and :: mean this host (tcp_v4_connect, tcp_v6_connect).
    const peer = remote === 0 ? 0x7f000001 : remote === 0n ? 1n : remote;
    const routed = this.netns.inet.sourceFor(peer, dev);
    if (routed === "ENETUNREACH") this.netns.statistics.countFor(peer, IP_OUT_NO_ROUTES);
    if (typeof routed === "string") return routed;
    if (isMulticast(peer) || this.isBroadcast(peer)) return "ENETUNREACH";
    const binding = bindingOf(local);
    if (!this.#mayBind(binding)) return "EADDRNOTAVAIL";
    const source = binding.ip ?? routed;
    if (typeof source !== typeof peer) return "EINVAL";
    const free = (candidate: number): boolean => !this.#findConnection(source, candidate, peer, port);
    const localPort = local?.port || ephemeralPort(this.netns, "even", (p) => free(p) && !this.#listeners.has(p));
    if (localPort === undefined || !free(localPort)) return "EADDRNOTAVAIL";
    return TcpConnection.connect(this, owner, { local: source, localPort, remote: peer, remotePort: port }, dev);
  }

  /** A raw ICMP, ICMPv6 or other-protocol socket, as ping and traceroute open. */
  raw(owner: SocketOwner, family: 4 | 6, protocol: number): RawSocket {
    const socket = new InetRawSocket(this, owner, family, protocol);
    append(this.#raw, protocol, socket);
    return socket;
  }

  /** An AF_PACKET socket on a device, or on all of the netns: tcpdump. */
  packet(owner: SocketOwner, dev?: NetDevice): PacketSocket {
    const socket = new TapSocket(this, owner, dev);
    this.#taps.add(socket);
    if (dev) socket.attach(dev);
    else for (const device of this.netns.devices.all()) socket.attach(device);
    return socket;
  }

  /** Local delivery of a whole IP packet. False: nobody wants this protocol or port, the IP layer answers with an error. */
  deliver(skb: Skb, packet: IpPacket): boolean {
    const raw = this.#raw.size > 0 && this.#deliverRaw(skb, packet);
    const { body } = packet;
    if (body.kind === "udp") return this.#deliverUdp(skb, packet, body);
    if (body.kind === "tcp") {
      this.#deliverTcp(skb, packet, body);
      return true;
    }
    return raw;
  }

  /** An ICMP error about a packet that this netns sent: goes to the socket that sent it. */
  deliverError(_skb: Skb, error: IpPacket): void {
    if (error.body.kind !== "icmp" || !error.body.original) return;
    const { original } = error.body;
    const body = original.body.kind === "fragment" ? original.body.whole : original.body;
    const v4 = typeof original.src === "number";
    const { errno, fatal } = icmpErrno(error.body, v4);
    if (body.kind === "udp") {
      const socket = this.#findUdp(original.src, body.srcPort, original.dst, body.dstPort);
      if (!socket) this.netns.statistics.countFor(original.src, ICMP_IN_ERRORS);
      socket?.fail(errno, fatal);
    } else if (body.kind === "tcp") {
      const connection = this.#findConnection(original.src, body.srcPort, original.dst, body.dstPort);
      if (!connection) this.netns.statistics.countFor(original.src, ICMP_IN_ERRORS);
      connection?.fail(errno, reportedMtu(error.body, v4));
    }
  }

  /** In the order in which `ss` shows them: IPv4 before IPv6, given addresses before wildcards, then by port. */
  list(): readonly SocketView[] {
    const views: SocketView[] = [];
    for (const map of [this.#listeners, this.#connections, this.#udp, this.#raw])
      for (const sockets of map.values()) for (const socket of sockets) views.push(socket.view);
    for (const tap of this.#taps) views.push(tap.view);
    const rank = (view: SocketView): number => (view.local === 0 || view.local === 0n ? 1 : 0);
    return views.sort((a, b) => a.family - b.family || rank(a) - rank(b) || a.localPort - b.localPort || a.remotePort - b.remotePort);
  }

  /** The netns goes away: nothing is sent any more. */
  closeAll(): void {
    for (const connections of [...this.#connections.values()]) for (const connection of [...connections]) connection.forget();
    for (const map of [this.#listeners, this.#udp, this.#raw])
      for (const sockets of [...map.values()]) for (const socket of [...sockets]) socket.close();
    for (const tap of [...this.#taps]) tap.close();
  }

  /** Closes what a process has left open as it ended. */
  closeOwned(pid: number): void {
    for (const map of [this.#listeners, this.#connections, this.#udp, this.#raw])
      for (const sockets of [...map.values()]) for (const socket of [...sockets]) if (socket.owner.pid === pid) socket.close();
    for (const tap of [...this.#taps]) if (tap.owner.pid === pid) tap.close();
  }

  /** The device table tells: captures on all devices cover a new one, and end on one that has gone. */
  deviceAdded(device: NetDevice): void {
    for (const tap of this.#taps) if (!tap.device) tap.attach(device);
  }

  deviceRemoved(device: NetDevice): void {
    for (const tap of this.#taps) tap.detach(device);
  }

  /** Answers a segment that no connection wants (tcp_v4_send_reset): `seq` as given, or an ACK of what came when absent. */
  sendReset(
    local: Ip,
    localPort: number,
    remote: Ip,
    remotePort: number,
    seq: number | undefined,
    ack: number | undefined,
    cause: number,
  ): void {
    const body: TcpSegment = {
      kind: "tcp",
      srcPort: localPort,
      dstPort: remotePort,
      seq: seq ?? 0,
      ack: ack ?? 0,
      flags: ack === undefined ? TCP_RST : TCP_RST | TCP_ACK,
      window: 0,
      payload: NO_PAYLOAD,
    };
    this.netns.statistics.count(TCP_OUT_SEGS);
    this.netns.statistics.count(TCP_OUT_RSTS);
    this.netns.inet.send({ src: local, dst: remote, protocol: PROTO_TCP, body, df: true, cause });
  }

  /** A broadcast address by the routing table, or 255.255.255.255. */
  isBroadcast(ip: Ip): boolean {
    if (typeof ip === "bigint") return false;
    return ip === LIMITED_BROADCAST || this.netns.inet.fib.lookup(ip)?.route.type === "broadcast";
  }

  /** The MTU in bytes of the way to an address; undefined without a route. */
  routeMtu(remote: Ip, dev?: NetDevice): number | undefined {
    const result = this.netns.inet.fib.lookup(remote, undefined, dev);
    return result && mtuOf(this.netns, remote, result);
  }

  /** What the route to an address says of the MSS to ask for. */
  routeAdvMss(remote: Ip, dev?: NetDevice): number | undefined {
    return this.netns.inet.fib.lookup(remote, undefined, dev)?.route.advMss;
  }

  udpConflict(binding: Binding, port: number): boolean {
    return this.#udp.get(port)?.some((other) => conflict(other.binding, binding)) ?? false;
  }

  insertUdp(socket: InetUdpSocket): void {
    append(this.#udp, socket.localPort, socket);
  }

  forgetUdp(socket: InetUdpSocket): void {
    remove(this.#udp, socket.localPort, socket);
  }

  insertConnection(connection: TcpConnection): void {
    append(this.#connections, connection.localPort * 65536 + connection.remotePort, connection);
  }

  forgetConnection(connection: TcpConnection): void {
    remove(this.#connections, connection.localPort * 65536 + connection.remotePort, connection);
  }

  forgetListener(listener: InetTcpListener): void {
    remove(this.#listeners, listener.localPort, listener);
  }

  forgetRaw(socket: InetRawSocket): void {
    remove(this.#raw, socket.protocol, socket);
  }

  forgetTap(tap: TapSocket): void {
    this.#taps.delete(tap);
    if (tap.device) tap.detach(tap.device);
    else for (const device of this.netns.devices.all()) tap.detach(device);
  }

  #mayBind(binding: Binding): boolean {
    return binding.ip === undefined || this.netns.isLocal(binding.ip) || isMulticast(binding.ip) || this.isBroadcast(binding.ip);
  }

  #deliverRaw(skb: Skb, packet: IpPacket): boolean {
    const sockets = this.#raw.get(packet.protocol);
    if (!sockets) return false;
    const family = typeof packet.dst === "number" ? 4 : 6;
    let taken = false;
    // Whoever is woken may close a socket: the list of one is by far the most common.
    for (const socket of sockets.length === 1 ? sockets : [...sockets]) {
      if (socket.family !== family) continue;
      taken = true;
      socket.enqueue(skb, packet);
    }
    return taken;
  }

  #deliverUdp(skb: Skb, packet: IpPacket, datagram: UdpDatagram): boolean {
    if (isMulticast(packet.dst) || this.isBroadcast(packet.dst)) {
      const sockets = this.#udp.get(datagram.dstPort) ?? [];
      const takers = sockets.filter((socket) => match(socket.binding, packet.dst) > 0);
      if (takers.length === 0) this.netns.statistics.countFor(packet.dst, UDP_IGNORED_MULTI);
      for (const socket of takers) socket.enqueue(skb, packet, datagram);
      return takers.length > 0;
    }
    const socket = this.#findUdp(packet.dst, datagram.dstPort, packet.src, datagram.srcPort);
    if (!socket) {
      this.netns.statistics.countFor(packet.dst, UDP_NO_PORTS);
      if (this.netns.kernel.trace.hops) traceNoSocket(this.netns, skb, packet, "udp", datagram.dstPort);
      return false;
    }
    socket.enqueue(skb, packet, datagram);
    return true;
  }

  /** The socket that fits best: a connected one first, then one on the address, then a wildcard (compute_score). */
  #findUdp(local: Ip, localPort: number, remote: Ip, remotePort: number): InetUdpSocket | undefined {
    const sockets = this.#udp.get(localPort);
    if (!sockets) return undefined;
    let best: InetUdpSocket | undefined;
    let bestScore = 0;
    for (const socket of sockets) {
      let score: number = match(socket.binding, local);
      if (score === 0) continue;
      if (socket.remote !== undefined) {
        if (socket.remote !== remote || socket.remotePort !== remotePort) continue;
        score += 4;
      }
      if (score > bestScore) {
        best = socket;
        bestScore = score;
      }
    }
    return best;
  }

  #deliverTcp(skb: Skb, packet: IpPacket, segment: TcpSegment): void {
    this.netns.statistics.count(TCP_IN_SEGS);
    const connection = this.#findConnection(packet.dst, segment.dstPort, packet.src, segment.srcPort);
    const opening = (segment.flags & (TCP_SYN | TCP_ACK | TCP_RST)) === TCP_SYN;
    if (connection && !(opening && connection.state === "TIME-WAIT")) {
      connection.receiveSegment(skb, packet, segment);
      return;
    }
    connection?.forget();
    const listener = this.#findListener(packet.dst, segment.dstPort);
    if (listener && opening) {
      if (listener.hasRoom) TcpConnection.answer(this, listener, skb, packet, segment);
      else this.netns.statistics.count(TCP_LISTEN_OVERFLOWS);
      return;
    }
    if (!listener && this.netns.kernel.trace.hops) traceNoSocket(this.netns, skb, packet, "tcp", segment.dstPort);
    if (segment.flags & TCP_RST) return;
    const acked = (segment.flags & TCP_ACK) !== 0;
    const length = segment.payload.kind === "text" ? utf8Length(segment.payload.text) : 0;
    const next = seqAdd(segment.seq, length + (segment.flags & TCP_SYN ? 1 : 0) + (segment.flags & TCP_FIN ? 1 : 0));
    this.sendReset(
      packet.dst,
      segment.dstPort,
      packet.src,
      segment.srcPort,
      acked ? segment.ack : undefined,
      acked ? undefined : next,
      skb.id,
    );
  }

  #findListener(ip: Ip, port: number): InetTcpListener | undefined {
    const listeners = this.#listeners.get(port);
    if (!listeners) return undefined;
    let best: InetTcpListener | undefined;
    let bestFit = 0;
    for (const listener of listeners) {
      const score = match(listener.binding, ip);
      if (score > bestFit) {
        best = listener;
        bestFit = score;
      }
    }
    return best;
  }

  #findConnection(local: Ip, localPort: number, remote: Ip, remotePort: number): TcpConnection | undefined {
    const connections = this.#connections.get(localPort * 65536 + remotePort);
    return connections?.find((connection) => connection.local === local && connection.remote === remote);
  }
}

function append<T>(map: Map<number, T[]>, key: number, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

function remove<T>(map: Map<number, T[]>, key: number, item: T): void {
  const list = map.get(key);
  const at = list ? list.indexOf(item) : -1;
  if (!list || at < 0) return;
  list.splice(at, 1);
  if (list.length === 0) map.delete(key);
}
