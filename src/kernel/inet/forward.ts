/** Forwarding: net/ipv4/ip_forward.c, and ip6_forward of net/ipv6/ip6_output.c. */
import { type Ip, isLinkLocal, isLoopback, isMulticast } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { IP_FRAG_FAILS, IP_IN_HDR_ERRORS, IP_IN_TOO_BIG_ERRORS, IP_OUT_FORW_DATAGRAMS } from "../statistics.ts";
import { ipLength } from "../wire/length.ts";
import type { IpPacket } from "../wire/packet.ts";
import { type RouteResult, routeDecision } from "./fib.ts";
import { addHop, drop } from "./hops.ts";
import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  ICMPV6_BEYOND_SCOPE,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_TOO_BIG,
  ICMPV6_UNREACHABLE,
} from "./icmp.ts";
import { emit } from "./output.ts";
import { recording } from "./record-route.ts";

/** ip_forward: TTL, size, redirect, FORWARD, then out as any packet. */
export function forward4(netns: Netns, skb: Skb, dev: NetDevice, result: RouteResult): void {
  const packet = skb.packet as IpPacket;
  const out = result.dev as NetDevice;
  const { inet } = netns;
  const { hops } = netns.kernel.trace;
  if (hops) addHop(netns, skb, dev, "route", "pass", { decision: routeDecision(result) });
  if (packet.ttl <= 1) {
    netns.statistics.count(IP_IN_HDR_ERRORS);
    drop(netns, skb, dev, "forward", "ttl-exceeded", { by: "ttl", ttl: packet.ttl });
    inet.icmp.sendError(skb, ICMP_TIME_EXCEEDED, 0);
    return;
  }
  const mtu = forwardMtu(netns, result, packet.dst);
  if (packet.df && mtu < 65535 && ipLength(packet) > mtu) {
    netns.statistics.count(IP_FRAG_FAILS);
    drop(netns, skb, dev, "forward", "too-big", { by: "mtu", mtu, length: ipLength(packet) });
    inet.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, mtu);
    return;
  }
  if (out === dev && sendsRedirects(netns, out) && nearer(dev, packet.src, result.nextHop))
    inet.icmp.sendRedirect(skb, packet, result.nextHop);
  pass(netns, skb, dev, out, result, packet);
}

/** ip6_forward. */
export function forward6(netns: Netns, skb: Skb, dev: NetDevice, result: RouteResult): void {
  const packet = skb.packet as IpPacket;
  const out = result.dev as NetDevice;
  const { inet } = netns;
  const { hops } = netns.kernel.trace;
  if (hops) addHop(netns, skb, dev, "route", "pass", { decision: routeDecision(result) });
  if (packet.ttl <= 1) {
    netns.statistics.countFor(packet.dst, IP_IN_HDR_ERRORS);
    drop(netns, skb, dev, "forward", "ttl-exceeded", { by: "ttl", ttl: packet.ttl });
    inet.icmp.sendError(skb, ICMPV6_TIME_EXCEEDED, 0);
    return;
  }
  const { src } = packet;
  if (isLinkLocal(src) || isMulticast(src) || isLoopback(src) || src === 0n) {
    drop(netns, skb, dev, "forward", "martian-source");
    if (isLinkLocal(src)) inet.icmp.sendError(skb, ICMPV6_UNREACHABLE, ICMPV6_BEYOND_SCOPE);
    return;
  }
  const mtu = forwardMtu(netns, result, packet.dst);
  if (mtu < 65535 && ipLength(packet) > mtu) {
    netns.statistics.countFor(src, IP_IN_TOO_BIG_ERRORS);
    netns.statistics.countFor(src, IP_FRAG_FAILS);
    drop(netns, skb, dev, "forward", "too-big", { by: "mtu", mtu, length: ipLength(packet) });
    inet.icmp.sendError(skb, ICMPV6_TOO_BIG, 0, mtu);
    return;
  }
  if (out === dev && nearer(dev, src, result.nextHop)) inet.icmp.sendRedirect(skb, packet, result.nextHop);
  pass(netns, skb, dev, out, result, packet);
}

function pass(netns: Netns, skb: Skb, dev: NetDevice, out: NetDevice, result: RouteResult, packet: IpPacket): void {
  const { src, dst, ttl, tos, id, df, protocol, body } = packet;
  skb.packet = { kind: "ip", src, dst, ttl: ttl - 1, tos, id, df, protocol, body };
  if (packet.recorded) skb.packet = recording(skb.packet, packet.recorded, result.src);
  const family = typeof src === "number" ? 4 : 6;
  if (netns.netfilter.active(family) && netns.netfilter.hook("FORWARD", skb, dev, out) === "drop") return;
  netns.statistics.countFor(dst, IP_OUT_FORW_DATAGRAMS);
  if (netns.kernel.trace.hops) addHop(netns, skb, out, "forward", "pass", { before: packet });
  emit(netns, skb, result);
}

/** ip_dst_mtu_maybe_forward: the link's or the route's; what was learned of the path only where ip_forward_use_pmtu says so. */
function forwardMtu(netns: Netns, result: RouteResult, dst: Ip): number {
  const mtu = result.route.mtu ?? (result.dev as NetDevice).mtu;
  const learned = netns.inet.paths.mtuTo(dst);
  if (learned === undefined || netns.sysctl.number("net.ipv4.ip_forward_use_pmtu") === 0) return mtu;
  return Math.min(mtu, learned);
}

const sendsRedirects = (netns: Netns, dev: NetDevice): boolean =>
  netns.sysctl.all.v4.send_redirects !== 0 || netns.sysctl.device(dev).v4.send_redirects !== 0;

/** Whether the sender could have asked the next hop itself: both on the link that the packet came by (shared_media). */
function nearer(dev: NetDevice, src: Ip, nextHop: Ip): boolean {
  const onLink = (ip: Ip): boolean =>
    dev.addresses.some((address) => typeof address.ip === typeof ip && sharesPrefix(address.ip, ip, address.length));
  return onLink(src) && onLink(nextHop);
}

function sharesPrefix(a: Ip, b: Ip, length: number): boolean {
  if (typeof a === "number" && typeof b === "number") return length === 0 || (a ^ b) >>> (32 - length) === 0;
  return typeof a === "bigint" && typeof b === "bigint" && (a ^ b) >> BigInt(128 - length) === 0n;
}
