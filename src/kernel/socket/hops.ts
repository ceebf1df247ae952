/** What sockets tell the trace. Callers ask `trace.hops` first, so that an untraced world builds no descriptions. */
import { formatIp, type Ip } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Decision } from "../trace.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import type { SocketOwner } from "./table.ts";

function endpoint(ip: Ip, port: number): string {
  const address = typeof ip === "bigint" && port ? `[${formatIp(ip)}]` : formatIp(ip);
  return port ? `${address}:${port}` : address;
}

/** A socket's hops. What they say of it is made once for as long as it is the same. */
export class SocketHops {
  readonly #protocol: string;
  readonly #owner: SocketOwner;
  #ip: Ip | undefined;
  #port = 0;
  #decision: Decision | undefined;

  constructor(protocol: string, owner: SocketOwner) {
    this.#protocol = protocol;
    this.#owner = owner;
  }

  /** A packet leaves the socket: the first hop of a journey. */
  send(netns: Netns, id: number, cause: number, port: number, packet: IpPacket): void {
    const { clock, trace } = netns.kernel;
    const decision = this.#decide(packet.src, port);
    trace.hop(clock.now, id, cause, netns.uid, 0, "socket-send", "send", undefined, decision, undefined, packet);
  }

  /** A packet has reached the socket: the last hop of its journey. */
  receive(netns: Netns, skb: Skb, port: number, packet: IpPacket): void {
    const { clock, trace } = netns.kernel;
    const decision = this.#decide(packet.dst, port);
    const device = skb.dev?.uid ?? 0;
    trace.hop(clock.now, skb.id, skb.cause, netns.uid, device, "socket-receive", "deliver", undefined, decision, undefined, packet);
  }

  #decide(ip: Ip, port: number): Decision {
    if (this.#decision && this.#ip === ip && this.#port === port) return this.#decision;
    this.#ip = ip;
    this.#port = port;
    this.#decision = { by: "socket", protocol: this.#protocol, local: endpoint(ip, port), process: this.#owner.process };
    return this.#decision;
  }
}

/** Nobody listens on the port that the packet is for. */
export function traceNoSocket(netns: Netns, skb: Skb, packet: IpPacket, protocol: string, port: number): void {
  const { clock, trace } = netns.kernel;
  const decision = { by: "socket", protocol, local: endpoint(packet.dst, port) } as const;
  const device = skb.dev?.uid ?? 0;
  trace.hop(clock.now, skb.id, skb.cause, netns.uid, device, "socket-receive", "drop", "no-socket", decision, undefined, packet);
}

/** The packet as the IP layer will make it, for the trace of a send that is about to happen. */
export function describePacket(
  netns: Netns,
  src: Ip,
  dst: Ip,
  protocol: number,
  body: Transport,
  ttl: number | undefined,
  df: boolean,
): IpPacket {
  const key = typeof dst === "number" ? "net.ipv4.ip_default_ttl" : "net.ipv6.conf.all.hop_limit";
  return { kind: "ip", src, dst, ttl: ttl ?? (netns.sysctl.number(key) || 64), tos: 0, id: 0, df, protocol, body };
}
