/** IP output of both families: route, source, OUTPUT, POSTROUTING, fragments, neighbour (net/ipv4/ip_output.c, net/ipv6/ip6_output.c). */
import { bitsOf, type Ip, type Ipv4, type Ipv6, isLinkLocal, isMulticast } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { Skb } from "../skb.ts";
import {
  IP_FRAG_CREATES,
  IP_FRAG_FAILS,
  IP_FRAG_OKS,
  IP_OUT_BCAST_PKTS,
  IP_OUT_MCAST_PKTS,
  IP_OUT_REQUESTS,
  IP_OUT_TRANSMITS,
  MESSAGES_SENT,
} from "../statistics.ts";
import { IPV6_HEADER_LENGTH, ipLength } from "../wire/length.ts";
import type { IpPacket } from "../wire/packet.ts";
import { type RouteResult, routeDecision } from "./fib.ts";
import { fragment } from "./fragment.ts";
import { addHop, drop } from "./hops.ts";
import { ICMP_FRAGMENTATION_NEEDED, ICMP_UNREACHABLE, ICMPV6_TOO_BIG } from "./icmp.ts";
import type { SendErrno, SendOptions } from "./inet.ts";
import { recording } from "./record-route.ts";
import type { Carried } from "./rules.ts";
import { selectSource } from "./source.ts";

/** Nothing on a link larger than this is asked about its size: loopback's MTU. */
const NO_LIMIT = 65535;
/** Bytes of a packet, whatever the link: its length field has 16 bits, and counts the header in IPv4 only. */
const LONGEST = 65535;
const LOOPBACK: Ipv4 = 0x7f000001;
const LOOPBACK6: Ipv6 = 1n;

/** Who "any address" means as a destination: oneself, by the source given or by loopback (ip_route_output_key_hash_rcu). */
export const destinationOf = (dst: Ip, src?: Ip): Ip => (dst === 0 ? src || LOOPBACK : dst === 0n ? src || LOOPBACK6 : dst);

/** ip_route_output_flow: the route of a packet from here, or the errno that the tables mean. */
export function routeOutput(
  netns: Netns,
  to: Ip,
  src: Ip | undefined,
  dev: NetDevice | undefined,
  mark: number,
  carried?: Carried,
): RouteResult | SendErrno {
  const dst = destinationOf(to, src);
  if (dev === undefined && typeof dst === "bigint" && isLinkLocal(dst)) {
    // Without a device a link-local address means nothing, unless it is our own.
    const own = netns.inet.fib.lookup(dst);
    return own?.route.type === "local" ? own : "EINVAL";
  }
  const found = netns.inet.fib.lookup(dst, src, dev, mark, undefined, carried);
  if (!found) {
    // With a device named and no route by it, IPv4 takes the destination to be on that link.
    return dev?.up && typeof dst === "number" ? onLink(netns, dst, dev) : "ENETUNREACH";
  }
  switch (found.route.type) {
    case "blackhole":
      return "EINVAL";
    case "unreachable":
      return "EHOSTUNREACH";
    case "prohibit":
      return "EACCES";
    default:
      return found;
  }
}

function onLink(netns: Netns, dst: Ip, dev: NetDevice): RouteResult {
  const src = selectSource(netns, dst, dev, undefined, "link");
  const route = {
    type: "unicast",
    dst: { address: dst, length: bitsOf(dst) },
    dev,
    metric: 0,
    table: "main",
    protocol: "kernel",
    scope: "link",
  } as const;
  return { route, dev, nextHop: dst, src, neighbour: undefined, decision: undefined };
}

/** The MTU in bytes towards a destination: what was learned of the path, the route's, the device's. */
export function mtuOf(netns: Netns, dst: Ip, result: RouteResult): number {
  const mtu = result.route.mtu ?? result.dev?.mtu ?? NO_LIMIT;
  const learned = result.route.mtuLocked ? undefined : netns.inet.paths.mtuTo(dst);
  return learned !== undefined && learned < mtu ? learned : mtu;
}

/** Sends a packet of this netns's own. */
export function sendIp(netns: Netns, options: SendOptions): { readonly id: number } | SendErrno {
  const dst = destinationOf(options.dst, options.src);
  const mark = options.mark ?? 0;
  const result = routeOutput(netns, dst, options.src, options.dev, mark, options);
  if (typeof result === "string") return result;
  const src = options.src ?? result.src;
  const four = typeof dst === "number";
  if (src === 0n && !isMulticast(dst)) return "EADDRNOTAVAIL";
  const { body, protocol } = options;
  const wanted = options.df ?? "want";
  const { trace } = netns.kernel;
  const settings = netns.sysctl;
  const ttl =
    options.ttl ?? (isMulticast(dst) && four ? 1 : four ? settings.quick.ttl : settings.device(result.dev as NetDevice).v6.hop_limit);
  let df = four && wanted !== false && !(wanted === "want" && result.route.mtuLocked);
  let packet: IpPacket = { kind: "ip", src, dst, ttl, tos: options.tos ?? 0, id: 0, df, protocol, body };
  packet = recording(packet, options.recorded, src);
  const deviceMtu = result.dev?.mtu ?? NO_LIMIT;
  const limit = wanted === "probe" ? deviceMtu : mtuOf(netns, dst, result);
  const length = ipLength(packet);
  if (length > (four ? LONGEST : LONGEST + IPV6_HEADER_LENGTH)) return "EMSGSIZE";
  if (limit < NO_LIMIT) {
    if (length > limit) {
      if (wanted === true || wanted === "probe") return "EMSGSIZE";
      df = false;
    } else if (wanted === "want" && four && length > deviceMtu) df = false;
  }
  if (!df)
    packet = {
      kind: "ip",
      src,
      dst,
      ttl,
      tos: packet.tos,
      id: netns.inet.nextIdent(),
      df,
      protocol,
      body,
      ...(packet.recorded && { recorded: packet.recorded }),
    };
  const skb = new Skb(options.id ?? trace.newPacketId(), options.cause ?? 0, packet, undefined, result.dev);
  skb.mark = mark;
  if (trace.hops) addHop(netns, skb, result.dev, "route", "pass", { decision: routeDecision(result) });
  const outcome = outputHook(netns, skb, result, options.dev);
  if (typeof outcome === "string") return outcome;
  emit(netns, skb, outcome);
  return skb;
}

/** ip_local_out: OUTPUT, and a new route where NAT or a mark has changed what the old one was for (ip_route_me_harder). */
function outputHook(netns: Netns, skb: Skb, result: RouteResult, dev: NetDevice | undefined): RouteResult | SendErrno {
  const { netfilter, statistics } = netns;
  const before = skb.packet as IpPacket;
  const four = typeof before.src === "number";
  statistics.countFor(before.dst, IP_OUT_REQUESTS);
  if (before.body.kind === "icmp") statistics.countMessage(before.dst, MESSAGES_SENT, before.body.type);
  if (!netfilter.active(four ? 4 : 6)) return result;
  const { mark } = skb;
  if (netfilter.hook("OUTPUT", skb, undefined, result.dev) === "drop") return "EPERM";
  const packet = skb.packet as IpPacket;
  if (packet.dst === before.dst && packet.src === before.src && skb.mark === mark) return result;
  const again = routeOutput(netns, packet.dst, packet.src, packet.dst === before.dst ? dev : undefined, skb.mark, packet);
  if (typeof again === "string") return again;
  if (netns.kernel.trace.hops && again !== result) addHop(netns, skb, again.dev, "route", "pass", { decision: routeDecision(again) });
  return again;
}

/** ip_output: POSTROUTING, pieces where the link is too small, and to the neighbour. */
export function emit(netns: Netns, skb: Skb, result: RouteResult): void {
  const out = result.dev;
  if (!out) return;
  const packet = skb.packet as IpPacket;
  const four = typeof packet.src === "number";
  skb.dev = out;
  if (result.route.type === "broadcast" && out.kind !== "loopback") loopBack(netns, skb, out);
  if (netns.netfilter.active(four ? 4 : 6) && netns.netfilter.hook("POSTROUTING", skb, undefined, out) === "drop") return;
  if (out.mtu < NO_LIMIT || result.route.mtu !== undefined) {
    const final = skb.packet as IpPacket;
    const length = ipLength(final);
    const mtu = Math.min(out.mtu, mtuOf(netns, final.dst, result));
    if (length > mtu) {
      sendPieces(netns, skb, final, mtu, length, out, result);
      return;
    }
  }
  if (!out.up) {
    drop(netns, skb, out, "transmit", "device-down");
    return;
  }
  countSent(netns, skb.packet as IpPacket, result);
  netns.inet.neighbours.output(skb, out, result.nextHop, result);
}

/** ip_fragment: sends the pieces, or says how large a packet may be that must not be cut. */
function sendPieces(netns: Netns, skb: Skb, packet: IpPacket, mtu: number, length: number, out: NetDevice, result: RouteResult): void {
  const { statistics } = netns;
  if (packet.df) {
    statistics.countFor(packet.dst, IP_FRAG_FAILS);
    drop(netns, skb, out, "fragment", "too-big", { by: "mtu", mtu, length });
    if (typeof packet.src === "number") netns.inet.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, mtu);
    else netns.inet.icmp.sendError(skb, ICMPV6_TOO_BIG, 0, mtu);
    return;
  }
  statistics.countFor(packet.dst, IP_FRAG_OKS);
  for (const piece of fragment(packet, mtu)) {
    statistics.countFor(packet.dst, IP_FRAG_CREATES);
    countSent(netns, piece, result);
    const part = skb.clone();
    part.packet = piece;
    if (netns.kernel.trace.hops) addHop(netns, part, out, "fragment", "pass", { before: packet, decision: { by: "mtu", mtu, length } });
    netns.inet.neighbours.output(part, out, result.nextHop, result);
  }
}

/** IPSTATS_MIB_OUT: what leaves, after it was cut. */
function countSent({ statistics }: Netns, packet: IpPacket, { route }: RouteResult): void {
  const { dst } = packet;
  const length = ipLength(packet);
  statistics.countPacket(dst, IP_OUT_TRANSMITS, length);
  if (isMulticast(dst)) statistics.countPacket(dst, IP_OUT_MCAST_PKTS, length);
  else if (route.type === "broadcast") statistics.countPacket(dst, IP_OUT_BCAST_PKTS, length);
}

/** dev_loopback_xmit: a broadcast is heard by its sender, too. */
function loopBack(netns: Netns, skb: Skb, out: NetDevice): void {
  const copy = skb.clone();
  copy.dev = out;
  copy.eth = undefined;
  copy.loopedBack = true;
  netns.kernel.clock.after(1, () => netns.inet.receive(copy));
}
