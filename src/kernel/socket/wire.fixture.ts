/** Two netns on one wire, without devices: what the sockets' own tests run on. */
import type { Ip } from "../address.ts";
import { Clock } from "../clock.ts";
import type { SendOptions } from "../inet/inet.ts";
import type { Netns } from "../netns.ts";
import { Random } from "../random.ts";
import { Skb } from "../skb.ts";
import { Statistics } from "../statistics.ts";
import { Trace } from "../trace.ts";
import type { IpPacket } from "../wire/packet.ts";
import { SocketTable } from "./table.ts";

export const CLIENT = 0x0a000001;
export const SERVER = 0x0a000002;

export class Wire {
  readonly clock = new Clock();
  readonly random = new Random(1);
  readonly trace = new Trace();
  readonly sent: IpPacket[] = [];
  /** Decides what is lost. */
  lose: (packet: IpPacket, index: number) => boolean = () => false;
  /** Of every device. */
  mtu = 1500;
  readonly client = this.#node(CLIENT);
  readonly server = this.#node(SERVER);

  #node(ip: Ip): SocketTable {
    const inet = {
      sourceFor: () => ip,
      paths: { mtuTo: () => undefined },
      fib: { lookup: () => ({ route: { type: "unicast" }, dev: { mtu: this.mtu } }) },
      send: (options: SendOptions) => {
        const { dst, protocol, body } = options;
        const packet: IpPacket = { kind: "ip", src: options.src ?? ip, dst, ttl: 64, tos: 0, id: 0, df: true, protocol, body };
        const id = options.id ?? this.trace.newPacketId();
        const index = this.sent.push(packet) - 1;
        if (!this.lose(packet, index)) this.clock.after(100, () => this.#arrive(new Skb(id, options.cause ?? 0, packet), packet));
        return { id };
      },
    };
    const netns = {
      uid: Number(ip),
      kernel: { clock: this.clock, random: this.random, trace: this.trace },
      inet,
      statistics: new Statistics(),
      sysctl: { get: () => undefined, number: () => 0 },
      devices: { all: () => [] },
      isLocal: (address: Ip) => address === ip,
    };
    return new SocketTable(netns as unknown as Netns);
  }

  #arrive(skb: Skb, packet: IpPacket): void {
    const to = packet.dst === CLIENT ? this.client : this.server;
    if (to.deliver(skb, packet)) return;
    const from = packet.dst === CLIENT ? this.server : this.client;
    const body = { kind: "icmp", type: 3, code: 3, id: 0, sequence: 0, dataLength: 0, original: packet } as const;
    from.deliverError(skb, { ...packet, src: packet.dst, dst: packet.src, protocol: 1, body });
  }
}
