/** UDP sockets (net/ipv4/udp.c). */
import type { Family, Ip } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import { IP_OUT_NO_ROUTES, UDP_IN_DATAGRAMS, UDP_IN_ERRORS, UDP_OUT_DATAGRAMS, UDP_RCVBUF_ERRORS } from "../statistics.ts";
import { WaitQueue } from "../task.ts";
import { type IpPacket, type Payload, PROTO_UDP, type UdpDatagram } from "../wire/packet.ts";
import { describePacket, SocketHops } from "./hops.ts";
import { type Binding, ephemeralPort } from "./ports.ts";
import { ReceiveQueue } from "./queue.ts";
import type { SocketErrno, SocketOwner, SocketTable, SocketView } from "./table.ts";

export interface ReceivedDatagram {
  readonly from: Ip;
  readonly fromPort: number;
  readonly to: Ip;
  readonly payload: Payload;
  /** Journey of the datagram, so that an answer can name its cause. */
  readonly packet: number;
}

export interface UdpSocket {
  readonly readable: WaitQueue;
  readonly localPort: number;
  connect(remote: Ip, port: number): SocketErrno | undefined;
  send(payload: Payload, to?: { readonly ip: Ip; readonly port: number }, cause?: number): SocketErrno | undefined;
  receive(): ReceivedDatagram | undefined;
  /** An asynchronous error (ECONNREFUSED after a port unreachable); reading clears it. */
  takeError(): SocketErrno | undefined;
  /** TTL of what is sent, for traceroute. */
  ttl: number | undefined;
  /** IP_RECVERR: every ICMP error about what was sent is told, not only the fatal ones on a connected socket. */
  receiveErrors: boolean;
  /** SO_BROADCAST. */
  broadcast: boolean;
  /** SO_BINDTODEVICE. */
  device: NetDevice | undefined;
  close(): void;
}

/** Datagrams that wait to be read: net.core.rmem_default holds about so many short ones. */
const QUEUE_LIMIT = 256;

export class InetUdpSocket implements UdpSocket {
  readonly readable = new WaitQueue();
  readonly owner: SocketOwner;
  readonly #hops: SocketHops;
  binding: Binding;
  localPort = 0;
  remote: Ip | undefined;
  remotePort = 0;
  ttl: number | undefined;
  receiveErrors = false;
  broadcast = false;
  device: NetDevice | undefined;
  #table: SocketTable;
  #queue = new ReceiveQueue<ReceivedDatagram>(QUEUE_LIMIT);
  #error: SocketErrno | undefined;
  #closed = false;
  /** Whether the family was left open: the first destination decides. */
  #anyFamily: boolean;

  constructor(table: SocketTable, owner: SocketOwner, binding: Binding, anyFamily: boolean) {
    this.#table = table;
    this.owner = owner;
    this.#hops = new SocketHops("udp", owner);
    this.binding = binding;
    this.#anyFamily = anyFamily;
  }

  connect(remote: Ip, port: number): SocketErrno | undefined {
    const refused = this.#takeFamily(remote);
    if (refused) return refused;
    const src = this.#table.netns.inet.sourceFor(remote, this.device);
    if (src === "ENETUNREACH") this.#table.netns.statistics.countFor(remote, IP_OUT_NO_ROUTES);
    if (typeof src === "string") return src;
    if (this.#table.isBroadcast(remote) && !this.broadcast) return "EACCES";
    this.remote = remote;
    this.remotePort = port;
    // A connected socket is shown with, and receives on, the address that the route gave it.
    if (this.binding.ip === undefined) this.binding = { ip: src, family: typeof src === "number" ? 4 : 6, dual: false };
    return this.#bindEphemeral();
  }

  send(payload: Payload, to?: { readonly ip: Ip; readonly port: number }, cause = 0): SocketErrno | undefined {
    const pending = this.takeError();
    if (pending) return pending;
    if (this.#closed) return "EINVAL";
    const ip = to?.ip ?? this.remote;
    const port = to?.port ?? this.remotePort;
    if (ip === undefined || port < 1 || port > 65535) return "EINVAL";
    const refused = this.#takeFamily(ip) ?? this.#bindEphemeral();
    if (refused) return refused;
    const table = this.#table;
    const { netns } = table;
    if (!this.broadcast && table.isBroadcast(ip)) return "EACCES";
    const body: UdpDatagram = { kind: "udp", srcPort: this.localPort, dstPort: port, payload };
    let id: number | undefined;
    if (netns.kernel.trace.hops) {
      const src = this.binding.ip ?? netns.inet.sourceFor(ip, this.device);
      if (typeof src === "string") return src;
      id = netns.kernel.trace.newPacketId();
      const packet = describePacket(netns, src, ip, PROTO_UDP, body, this.ttl, true);
      this.#hops.send(netns, id, cause, this.localPort, packet);
    }
    // IP_PMTUDISC_WANT: what fits carries DF, what does not leaves in fragments.
    const options = { src: this.binding.ip, dst: ip, protocol: PROTO_UDP, body, ttl: this.ttl, df: true, dev: this.device, cause, id };
    let sent = netns.inet.send(options);
    if (sent === "EMSGSIZE") sent = netns.inet.send({ ...options, df: false });
    if (typeof sent !== "string") netns.statistics.countFor(ip, UDP_OUT_DATAGRAMS);
    else if (sent === "ENETUNREACH") netns.statistics.countFor(ip, IP_OUT_NO_ROUTES);
    return typeof sent === "string" ? sent : undefined;
  }

  receive(): ReceivedDatagram | undefined {
    const received = this.#queue.shift();
    if (received) this.#table.netns.statistics.countFor(received.to, UDP_IN_DATAGRAMS);
    return received;
  }

  takeError(): SocketErrno | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  /** udp_queue_rcv_skb. */
  enqueue(skb: Skb, packet: IpPacket, datagram: UdpDatagram): void {
    const received = { from: packet.src, fromPort: datagram.srcPort, to: packet.dst, payload: datagram.payload, packet: skb.id };
    if (!this.#queue.push(received)) {
      const { statistics } = this.#table.netns;
      statistics.countFor(packet.dst, UDP_IN_ERRORS);
      statistics.countFor(packet.dst, UDP_RCVBUF_ERRORS);
      return;
    }
    const { netns } = this.#table;
    if (netns.kernel.trace.hops) this.#hops.receive(netns, skb, this.localPort, packet);
    this.readable.wake();
  }

  /** udp_err: an ICMP error about something sent from here. */
  fail(errno: SocketErrno, fatal: boolean): void {
    if (!this.receiveErrors && (!fatal || this.remote === undefined)) return;
    this.#error = errno;
    this.readable.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#table.forgetUdp(this);
    this.#queue.clear();
    this.readable.wake();
  }

  get view(): SocketView {
    const any = this.binding.family === 4 ? 0 : 0n;
    return {
      protocol: "udp",
      family: this.binding.family,
      dual: this.binding.dual,
      state: this.remote === undefined ? "UNCONN" : "ESTABLISHED",
      local: this.binding.ip ?? any,
      localPort: this.localPort,
      remote: this.remote ?? any,
      remotePort: this.remotePort,
      receiveQueue: this.#queue.length,
      sendQueue: 0,
      process: this.owner.process,
      pid: this.owner.pid,
    };
  }

  #takeFamily(ip: Ip): SocketErrno | undefined {
    const family: Family = typeof ip === "number" ? 4 : 6;
    if (this.#anyFamily && this.localPort === 0) this.binding = { ip: undefined, family, dual: false };
    this.#anyFamily = false;
    if (this.binding.family === family || (this.binding.dual && family === 4)) return undefined;
    return "EINVAL";
  }

  #bindEphemeral(): SocketErrno | undefined {
    if (this.localPort !== 0) return undefined;
    const port = ephemeralPort(this.#table.netns, "odd", (candidate) => !this.#table.udpConflict(this.binding, candidate));
    if (port === undefined) return "EADDRINUSE";
    this.localPort = port;
    this.#table.insertUdp(this);
    return undefined;
  }
}
