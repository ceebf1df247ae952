/**
 * IP input of both families: from the device through PREROUTING and the routing decision to INPUT or to forwarding
 * (net/ipv4/ip_input.c, net/ipv4/route.c, net/ipv6/ip6_input.c).
 */
import { type Ipv4, isGroupMac, isLinkLocal, isLoopback, isMulticast, LIMITED_BROADCAST } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import {
  IP_IN_ADDR_ERRORS,
  IP_IN_BCAST_PKTS,
  IP_IN_DELIVERS,
  IP_IN_DISCARDS,
  IP_IN_ECN,
  IP_IN_MCAST_PKTS,
  IP_IN_NO_ROUTES,
  IP_IN_RECEIVES,
  IP_IN_UNKNOWN_PROTOS,
  TCP_REVERSE_PATH_FILTER,
} from "../statistics.ts";
import type { DropReason } from "../trace.ts";
import { ipLength } from "../wire/length.ts";
import { type IpPacket, PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP } from "../wire/packet.ts";
import { type RouteResult, routeDecision } from "./fib.ts";
import { forward4, forward6 } from "./forward.ts";
import { addHop, drop } from "./hops.ts";
import {
  ICMP_FILTERED,
  ICMP_HOST_UNREACHABLE,
  ICMP_NET_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_UNREACHABLE,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_NO_ROUTE,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_PROHIBITED,
  ICMPV6_UNREACHABLE,
} from "./icmp.ts";
import { listensTo } from "./ndisc.ts";
import { recording } from "./record-route.ts";

const ALL_SYSTEMS: Ipv4 = 0xe0000001;

/** ip_rcv and ipv6_rcv: frames for other stations, which a promiscuous device lets through, end here. */
export function receiveIp(netns: Netns, skb: Skb): void {
  const dev = skb.dev as NetDevice;
  const { eth } = skb;
  if (eth && eth.dst !== dev.mac && !isGroupMac(eth.dst)) return;
  const received = skb.packet as IpPacket;
  const four = typeof received.src === "number";
  countReceived(netns, received);
  if (!four && netns.sysctl.device(dev).v6.disable_ipv6) {
    netns.statistics.countFor(received.src, IP_IN_DISCARDS);
    drop(netns, skb, dev, "receive", "no-address", { by: "sysctl", key: `net.ipv6.conf.${dev.name}.disable_ipv6`, value: "1" });
    return;
  }
  const { netfilter } = netns;
  const family = four ? 4 : 6;
  // A frame that a bridge handed up has passed PREROUTING there (ip_sabotage_in).
  if (skb.physIn === undefined && netfilter.active(family)) {
    // Connection tracking sees whole packets only (nf_defrag_ipv4).
    const packet = skb.packet as IpPacket;
    if (packet.body.kind === "fragment" && !netns.inet.reassembly.collect(skb, packet, packet.body)) return;
    if (netfilter.hook("PREROUTING", skb, dev, undefined) === "drop") return;
  }
  if (skb.loopedBack) {
    countBroadcast(netns, received);
    deliver(netns, skb);
  } else if (four) route4(netns, skb, dev);
  else route6(netns, skb, dev);
}

/** IPSTATS_MIB_IN and the marks of congestion. */
function countReceived({ statistics }: Netns, packet: IpPacket): void {
  const { dst } = packet;
  const length = ipLength(packet);
  statistics.countPacket(dst, IP_IN_RECEIVES, length);
  statistics.countFor(dst, IP_IN_ECN + (packet.tos & 3));
  if (isMulticast(dst)) statistics.countPacket(dst, IP_IN_MCAST_PKTS, length);
}

/** ip_route_input: for us, to be forwarded, or nothing of the kind. */
function route4(netns: Netns, skb: Skb, dev: NetDevice): void {
  const packet = skb.packet as IpPacket;
  const src = packet.src as Ipv4;
  const dst = packet.dst as Ipv4;
  const { inet } = netns;
  const fromLoopback = dev.kind === "loopback";
  if (!fromLoopback && isMartian(netns, dev, src, dst)) {
    drop(netns, skb, dev, "route", "martian-source");
    return;
  }
  if (isMulticast(dst)) {
    if (dst === ALL_SYSTEMS) deliver(netns, skb);
    return;
  }
  if (dst === LIMITED_BROADCAST) {
    countBroadcast(netns, packet);
    deliver(netns, skb);
    return;
  }
  const result = inet.fib.lookup(dst, src, undefined, skb.mark, dev, packet);
  const { v4 } = netns.sysctl.device(dev);
  if (!result) {
    if (netns.kernel.trace.hops)
      addHop(netns, skb, dev, "route", "drop", { reason: v4.forwarding ? "no-route" : "not-local-no-forwarding" });
    netns.statistics.count(v4.forwarding ? IP_IN_NO_ROUTES : IP_IN_ADDR_ERRORS);
    if (v4.forwarding) inet.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE);
    return;
  }
  const { type } = result.route;
  if (!fromLoopback && src !== 0) {
    const refused = validateSource(netns, skb, src, dev, result);
    if (refused) {
      if (refused === "reverse-path-filter") netns.statistics.count(TCP_REVERSE_PATH_FILTER);
      drop(netns, skb, dev, "route", refused, refusal(netns, dev, refused));
      return;
    }
  }
  if (type === "local" || type === "broadcast") {
    if (type === "broadcast") countBroadcast(netns, packet);
    if (netns.kernel.trace.hops) addHop(netns, skb, dev, "route", "pass", { decision: routeDecision(result) });
    deliver(netns, skb);
    return;
  }
  // What was sent to loopback is for this host: it goes no further.
  if (fromLoopback) {
    drop(netns, skb, dev, "route", "not-local-no-forwarding", { by: "device", note: dev.name });
    return;
  }
  if (!v4.forwarding) {
    netns.statistics.count(IP_IN_ADDR_ERRORS);
    const decision = { by: "sysctl", key: `net.ipv4.conf.${dev.name}.forwarding`, value: "0" } as const;
    drop(netns, skb, dev, "route", "not-local-no-forwarding", decision);
    return;
  }
  if (type === "unicast") {
    if (skb.eth && isGroupMac(skb.eth.dst)) {
      drop(netns, skb, dev, "forward", "broadcast-ignored");
      return;
    }
    forward4(netns, skb, dev, result);
    return;
  }
  rejected4(netns, skb, dev, result);
}

function countBroadcast({ statistics }: Netns, packet: IpPacket): void {
  statistics.countPacket(packet.dst, IP_IN_BCAST_PKTS, ipLength(packet));
}

/** ip_error: what a router says to packets that a blackhole, unreachable or prohibit route catches. */
function rejected4(netns: Netns, skb: Skb, dev: NetDevice, result: RouteResult): void {
  const { type } = result.route;
  const reason: DropReason = type === "prohibit" ? "prohibit-route" : type === "unreachable" ? "unreachable-route" : "blackhole-route";
  if (netns.kernel.trace.hops) addHop(netns, skb, dev, "route", "drop", { reason, decision: routeDecision(result) });
  if (type === "unreachable") netns.inet.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE);
  else if (type === "prohibit") netns.inet.icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_FILTERED);
}

/** Addresses that cannot stand in a packet from outside: groups and broadcasts as source, loopback on either side. */
function isMartian(netns: Netns, dev: NetDevice, src: Ipv4, dst: Ipv4): boolean {
  if (src >>> 28 === 0xe || src === LIMITED_BROADCAST) return true;
  if (src >>> 24 === 0 && !(src === 0 && (dst === LIMITED_BROADCAST || isMulticast(dst)))) return true;
  if (src >>> 24 !== 127 && dst >>> 24 !== 127) return false;
  return !netns.sysctl.all.v4.route_localnet && !netns.sysctl.device(dev).v4.route_localnet;
}

/** fib_validate_source: our own addresses do not come from outside; with rp_filter the way back must be the way it came. */
function validateSource(netns: Netns, skb: Skb, src: Ipv4, dev: NetDevice, result: RouteResult | undefined): DropReason | undefined {
  const { all } = netns.sysctl;
  const { v4 } = netns.sysctl.device(dev);
  const back = netns.inet.fib.lookup(src, result?.src, undefined, all.v4.src_valid_mark || v4.src_valid_mark ? skb.mark : 0);
  const type = back?.route.type;
  if (type === "local" && !all.v4.accept_local && !v4.accept_local) return "martian-source";
  if (type === "broadcast") return "martian-source";
  const mode = Math.max(all.v4.rp_filter, v4.rp_filter);
  if (mode === 0) return undefined;
  if (mode === 1) return back?.route.dev === dev ? undefined : "reverse-path-filter";
  return back && (type === "unicast" || type === "local") ? undefined : "reverse-path-filter";
}

function refusal(netns: Netns, dev: NetDevice, reason: DropReason): { by: "sysctl"; key: string; value: string } | undefined {
  if (reason !== "reverse-path-filter") return undefined;
  const value = Math.max(netns.sysctl.all.v4.rp_filter, netns.sysctl.device(dev).v4.rp_filter);
  return { by: "sysctl", key: `net.ipv4.conf.${dev.name}.rp_filter`, value: String(value) };
}

/** Whether a packet, or an ARP request, from `src` would be let in by `dev`. */
export function acceptsSource(netns: Netns, src: Ipv4, dev: NetDevice): boolean {
  if (isMartian(netns, dev, src, 0)) return false;
  const { all } = netns.sysctl;
  const { v4 } = netns.sysctl.device(dev);
  const back = netns.inet.fib.lookup(src);
  if (back?.route.type === "local" && !all.v4.accept_local && !v4.accept_local) return false;
  const mode = Math.max(all.v4.rp_filter, v4.rp_filter);
  return mode === 0 || (mode === 1 ? back?.route.dev === dev : back !== undefined);
}

/** ip6_route_input. */
function route6(netns: Netns, skb: Skb, dev: NetDevice): void {
  const packet = skb.packet as IpPacket;
  const src = packet.src as bigint;
  const dst = packet.dst as bigint;
  const { inet } = netns;
  const outside = dev.kind !== "loopback";
  if (isMulticast(src) || (outside && (isLoopback(src) || isLoopback(dst)))) {
    drop(netns, skb, dev, "route", "martian-source");
    return;
  }
  if (isMulticast(dst)) {
    if (listensTo(netns, dev, dst)) deliver(netns, skb);
    return;
  }
  const result = inet.fib.lookup(dst, src, isLinkLocal(dst) && outside ? dev : undefined, skb.mark, dev, packet);
  const type = result?.route.type;
  if (result && (type === "local" || type === "anycast")) {
    if (netns.kernel.trace.hops) addHop(netns, skb, dev, "route", "pass", { decision: routeDecision(result) });
    deliver(netns, skb);
    return;
  }
  const { all } = netns.sysctl;
  if (result && type === "unicast") {
    if (all.v6.forwarding === 0) netns.statistics.countFor(dst, IP_IN_ADDR_ERRORS);
    if (all.v6.forwarding === 0 || (skb.eth && isGroupMac(skb.eth.dst))) {
      drop(netns, skb, dev, "route", "not-local-no-forwarding", {
        by: "sysctl",
        key: "net.ipv6.conf.all.forwarding",
        value: String(all.v6.forwarding),
      });
      return;
    }
    forward6(netns, skb, dev, result);
    return;
  }
  const reason: DropReason = !result
    ? "no-route"
    : type === "prohibit"
      ? "prohibit-route"
      : type === "unreachable"
        ? "unreachable-route"
        : "blackhole-route";
  if (netns.kernel.trace.hops) addHop(netns, skb, dev, "route", "drop", { reason, decision: result && routeDecision(result) });
  netns.statistics.countFor(dst, IP_IN_NO_ROUTES);
  if (type === "blackhole") return;
  const code = type === "prohibit" ? ICMPV6_PROHIBITED : type === "unreachable" ? ICMPV6_ADDRESS_UNREACHABLE : ICMPV6_NO_ROUTE;
  inet.icmp.sendError(skb, ICMPV6_UNREACHABLE, code);
}

/** ip_local_deliver: whole again, past INPUT, to the transport layer. */
function deliver(netns: Netns, skb: Skb): void {
  const packet = skb.packet as IpPacket;
  if (packet.body.kind === "fragment" && !netns.inet.reassembly.collect(skb, packet, packet.body)) return;
  const family = typeof packet.src === "number" ? 4 : 6;
  if (netns.netfilter.active(family) && netns.netfilter.hook("INPUT", skb, skb.dev, undefined) === "drop") return;
  if (netns.kernel.trace.hops) addHop(netns, skb, skb.dev, "local", "deliver");
  const arrived = skb.packet as IpPacket;
  netns.inet.deliverLocal(skb, arrived.recorded ? recording(arrived, arrived.recorded, arrived.dst) : arrived);
}

/** ip_local_deliver_finish: ICMP is the kernel's own, the rest goes to sockets; what nobody wants is answered with an error. */
export function deliverToTransport(netns: Netns, skb: Skb, packet: IpPacket): void {
  const four = typeof packet.src === "number";
  const { icmp } = netns.inet;
  const { statistics } = netns;
  statistics.countFor(packet.dst, IP_IN_DELIVERS);
  if (packet.protocol === PROTO_ICMP && four) icmp.receive4(skb, packet);
  else if (packet.protocol === PROTO_ICMPV6 && !four) icmp.receive6(skb, packet);
  else if (!netns.sockets.deliver(skb, packet) && packet.protocol !== PROTO_TCP) {
    if (packet.body.kind === "udp") {
      if (four) icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE);
      else icmp.sendError(skb, ICMPV6_UNREACHABLE, ICMPV6_PORT_UNREACHABLE);
    } else {
      statistics.countFor(packet.dst, IP_IN_DELIVERS, -1);
      statistics.countFor(packet.dst, IP_IN_UNKNOWN_PROTOS);
      if (four) icmp.sendError(skb, ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE);
      else icmp.sendError(skb, ICMPV6_PARAMETER_PROBLEM, 1);
    }
  }
}
