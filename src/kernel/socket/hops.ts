/** What sockets tell the trace. Callers ask `trace.hops` first, so that an untraced world builds no descriptions. */
import { formatIp, type Ip } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import type { SocketOwner } from "./table.ts";

const endpoint = (ip: Ip, port: number): string => {
  const address = typeof ip === "bigint" && port ? `[${formatIp(ip)}]` : formatIp(ip);
  return port ? `${address}:${port}` : address;
};

/** A packet leaves a socket: the first hop of a journey. */
export function traceSend(
  netns: Netns,
  id: number,
  cause: number,
  protocol: string,
  owner: SocketOwner,
  port: number,
  packet: IpPacket,
): void {
  netns.kernel.trace.add({
    kind: "hop",
    t: netns.kernel.clock.now,
    packet: id,
    cause,
    netns: netns.uid,
    device: 0,
    point: "socket-send",
    verdict: "send",
    decision: { by: "socket", protocol, local: endpoint(packet.src, port), process: owner.process },
    before: packet,
  });
}

/** A packet has reached a socket: the last hop of its journey. */
export function traceReceive(netns: Netns, skb: Skb, packet: IpPacket, protocol: string, owner: SocketOwner, port: number): void {
  netns.kernel.trace.add({
    kind: "hop",
    t: netns.kernel.clock.now,
    packet: skb.id,
    cause: skb.cause,
    netns: netns.uid,
    device: skb.dev?.uid ?? 0,
    point: "socket-receive",
    verdict: "deliver",
    decision: { by: "socket", protocol, local: endpoint(packet.dst, port), process: owner.process },
    before: packet,
  });
}

/** Nobody listens on the port that the packet is for. */
export function traceNoSocket(netns: Netns, skb: Skb, packet: IpPacket, protocol: string, port: number): void {
  netns.kernel.trace.add({
    kind: "hop",
    t: netns.kernel.clock.now,
    packet: skb.id,
    cause: skb.cause,
    netns: netns.uid,
    device: skb.dev?.uid ?? 0,
    point: "socket-receive",
    verdict: "drop",
    reason: "no-socket",
    decision: { by: "socket", protocol, local: endpoint(packet.dst, port) },
    before: packet,
  });
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
