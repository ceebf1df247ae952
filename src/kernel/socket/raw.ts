/** Raw sockets: whole ICMP messages in and out, errors about own packets included (net/ipv4/raw.c). */
import type { NetDevice } from "../device/device.ts";
import type { SendErrno, SendOptions } from "../inet/inet.ts";
import type { Skb } from "../skb.ts";
import { WaitQueue } from "../task.ts";
import { type IpPacket, PROTO_ICMP, PROTO_ICMPV6 } from "../wire/packet.ts";
import { describePacket, SocketHops } from "./hops.ts";
import { ReceiveQueue } from "./queue.ts";
import type { SocketOwner, SocketTable, SocketView } from "./table.ts";

export interface ReceivedPacket {
  readonly packet: IpPacket;
  readonly dev: NetDevice | undefined;
  /** µs. */
  readonly at: number;
  readonly journey: number;
}

export interface RawSocket {
  readonly readable: WaitQueue;
  send(options: Omit<SendOptions, "protocol">): { readonly id: number } | SendErrno;
  receive(): ReceivedPacket | undefined;
  close(): void;
}

const QUEUE_LIMIT = 4096;

export class InetRawSocket implements RawSocket {
  readonly readable = new WaitQueue();
  readonly owner: SocketOwner;
  readonly #hops: SocketHops;
  readonly family: 4 | 6;
  readonly protocol: number;
  #table: SocketTable;
  #queue = new ReceiveQueue<ReceivedPacket>(QUEUE_LIMIT);

  constructor(table: SocketTable, owner: SocketOwner, family: 4 | 6, protocol: number) {
    this.#table = table;
    this.owner = owner;
    this.family = family;
    this.protocol = protocol;
    this.#hops = new SocketHops(protocol === PROTO_ICMP || protocol === PROTO_ICMPV6 ? "icmp" : "raw", owner);
  }

  send(options: Omit<SendOptions, "protocol">): { readonly id: number } | SendErrno {
    const { netns } = this.#table;
    let id = options.id;
    if (netns.kernel.trace.hops) {
      const src = options.src ?? netns.inet.sourceFor(options.dst, options.dev);
      if (typeof src === "string") return src;
      id ??= netns.kernel.trace.newPacketId();
      const packet = describePacket(netns, src, options.dst, this.protocol, options.body, options.ttl, options.df !== false);
      this.#hops.send(netns, id, options.cause ?? 0, 0, packet);
    }
    return netns.inet.send({
      src: options.src,
      dst: options.dst,
      protocol: this.protocol,
      body: options.body,
      ttl: options.ttl,
      tos: options.tos,
      df: options.df,
      dev: options.dev,
      mark: options.mark,
      recorded: options.recorded,
      cause: options.cause,
      id,
    });
  }

  receive(): ReceivedPacket | undefined {
    return this.#queue.shift();
  }

  /** raw_rcv: takes a copy of a packet of its protocol. */
  enqueue(skb: Skb, packet: IpPacket): void {
    const { netns } = this.#table;
    if (!this.#queue.push({ packet, dev: skb.dev, at: netns.kernel.clock.now, journey: skb.id })) return;
    if (netns.kernel.trace.hops) this.#hops.receive(netns, skb, 0, packet);
    this.readable.wake();
  }

  close(): void {
    this.#table.forgetRaw(this);
    this.#queue.clear();
  }

  get view(): SocketView {
    const any = this.family === 4 ? 0 : 0n;
    return {
      protocol: "raw",
      family: this.family,
      dual: false,
      state: "UNCONN",
      local: any,
      localPort: this.protocol,
      remote: any,
      remotePort: 0,
      receiveQueue: this.#queue.length,
      sendQueue: 0,
      process: this.owner.process,
      pid: this.owner.pid,
    };
  }
}
