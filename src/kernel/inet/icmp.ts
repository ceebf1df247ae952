/** ICMP and ICMPv6: echo, errors and when they may be sent, what is believed of others' (net/ipv4/icmp.c, net/ipv6/icmp.c). */
import { formatIp, type Ip, isGroupMac, isLinkLocal, isLoopback, isMulticast, LIMITED_BROADCAST } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { ICMP_IN_ERRORS, ICMP_OUT_RATE_LIMIT_GLOBAL, ICMP_OUT_RATE_LIMIT_HOST, MESSAGES_RECEIVED } from "../statistics.ts";
import { type IcmpMessage, type IpPacket, ND_REDIRECT, PROTO_ICMP, PROTO_ICMPV6, type Transport } from "../wire/packet.ts";
import { addHop, drop } from "./hops.ts";
import { isDiscovery, receiveDiscovery } from "./ndisc.ts";

const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
const ICMP_REDIRECT = 5;
const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
const ICMP_PARAMETER_PROBLEM = 12;

/** Codes of ICMP_UNREACHABLE. */
export const ICMP_NET_UNREACHABLE = 0;
export const ICMP_HOST_UNREACHABLE = 1;
export const ICMP_PROTOCOL_UNREACHABLE = 2;
export const ICMP_PORT_UNREACHABLE = 3;
export const ICMP_FRAGMENTATION_NEEDED = 4;
export const ICMP_FILTERED = 13;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
const ICMPV6_ECHO = 128;
const ICMPV6_ECHO_REPLY = 129;

/** Codes of ICMPV6_UNREACHABLE. */
export const ICMPV6_NO_ROUTE = 0;
export const ICMPV6_PROHIBITED = 1;
export const ICMPV6_BEYOND_SCOPE = 2;
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
export const ICMPV6_PORT_UNREACHABLE = 4;

/** Precedence "internetwork control", which errors carry (RFC 1812 section 4.3.2.5). */
const TOS_INTERNETWORK_CONTROL = 0xc0;
/** XRLIM_BURST_FACTOR: so many errors to one destination at once. */
const BURST = 6;
/** Destinations whose rate is remembered. */
const PEERS_BOUND = 1024;

const isError4 = (type: number): boolean =>
  type === ICMP_UNREACHABLE || type === 4 || type === ICMP_REDIRECT || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM;

/** Whether a message reports an error about another packet. */
const isIcmpError = (family: 4 | 6, type: number): boolean => (family === 4 ? isError4(type) : type < 128);

/** The message in a packet's body, or in the first piece of it. */
function messageOf(body: Transport): IcmpMessage | undefined {
  const whole = body.kind === "fragment" ? body.whole : body;
  return whole.kind === "icmp" ? whole : undefined;
}

export class Icmp {
  readonly netns: Netns;
  #peers = new Map<Ip, { tokens: number; last: number }>();
  #global = { tokens: 50, last: 0 };
  #redirects = new Map<Ip, { sent: number; last: number }>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** icmp_rcv: an ICMP packet for this netns. */
  receive4(skb: Skb, packet: IpPacket): void {
    const { body } = packet;
    if (body.kind !== "icmp") {
      this.netns.sockets.deliver(skb, packet);
      return;
    }
    this.netns.statistics.countMessage(packet.dst, MESSAGES_RECEIVED, body.type);
    if (body.type === ICMP_ECHO) {
      const { quick } = this.netns.sysctl;
      if (quick.echoIgnoreAll) {
        drop(this.netns, skb, skb.dev, "icmp", "broadcast-ignored", { by: "sysctl", key: "net.ipv4.icmp_echo_ignore_all", value: "1" });
        return;
      }
      const toOne = !isMulticast(packet.dst) && this.netns.inet.fib.lookup(packet.dst)?.route.type !== "broadcast";
      if (!toOne && quick.echoIgnoreBroadcasts) {
        this.netns.statistics.count(ICMP_IN_ERRORS);
        const decision = { by: "sysctl", key: "net.ipv4.icmp_echo_ignore_broadcasts", value: "1" } as const;
        drop(this.netns, skb, skb.dev, "icmp", "broadcast-ignored", decision);
        return;
      }
      this.#echo(skb, packet, body, ICMP_ECHO_REPLY, toOne ? packet.dst : undefined);
      return;
    }
    if (body.type === ICMP_REDIRECT) {
      this.#redirected(skb, packet, body);
      return;
    }
    if (body.original && isError4(body.type)) {
      this.#errorReceived(skb, packet, body, body.original, body.type === ICMP_UNREACHABLE && body.code === ICMP_FRAGMENTATION_NEEDED);
      return;
    }
    this.netns.sockets.deliver(skb, packet);
  }

  /** icmpv6_rcv. */
  receive6(skb: Skb, packet: IpPacket): void {
    const { body } = packet;
    if (body.kind !== "icmp") {
      this.netns.sockets.deliver(skb, packet);
      return;
    }
    this.netns.statistics.countMessage(packet.dst, MESSAGES_RECEIVED, body.type);
    if (body.type === ICMPV6_ECHO) {
      const { quick } = this.netns.sysctl;
      const group = isMulticast(packet.dst);
      if (quick.echoIgnoreAll6 || (group && quick.echoIgnoreMulticast6)) {
        const key = quick.echoIgnoreAll6 ? "net.ipv6.icmp.echo_ignore_all" : "net.ipv6.icmp.echo_ignore_multicast";
        drop(this.netns, skb, skb.dev, "icmp", "broadcast-ignored", { by: "sysctl", key, value: "1" });
        return;
      }
      this.#echo(skb, packet, body, ICMPV6_ECHO_REPLY, group ? undefined : packet.dst);
      return;
    }
    if (isDiscovery(body)) {
      if (body.type === ND_REDIRECT) this.#redirected(skb, packet, body);
      else receiveDiscovery(this.netns, skb, packet, body);
      return;
    }
    if (body.original && body.type < 128) {
      this.#errorReceived(skb, packet, body, body.original, body.type === ICMPV6_TOO_BIG);
      return;
    }
    this.netns.sockets.deliver(skb, packet);
  }

  /**
   * icmp_send, icmp6_send: tells the sender of `about` what went wrong. Nothing is sent about an error, about a later
   * fragment, about what was sent to or by a group (RFC 1122 section 3.2.2), or above the rate that sysctls allow.
   */
  sendError(about: Skb, type: number, code: number, mtu?: number): void {
    const { packet } = about;
    if (packet.kind !== "ip" || !this.#mayComplain(about, packet)) return;
    const four = typeof packet.src === "number";
    const tooBig = four ? type === ICMP_UNREACHABLE && code === ICMP_FRAGMENTATION_NEEDED : type === ICMPV6_TOO_BIG;
    // A packet too big for IPv6 may also have gone to a group (RFC 4443 section 2.4 e.3).
    if (isMulticast(packet.dst) && (four || !tooBig)) return;
    if (!this.#allowed(packet.src, four, tooBig && four)) return;
    const { inet } = this.netns;
    const body: IcmpMessage = { kind: "icmp", type, code, id: 0, sequence: 0, dataLength: 0, original: packet, mtu };
    const src = inet.isLocal(packet.dst) ? packet.dst : this.#inboundAddress(about.dev, four);
    inet.send({
      src,
      dst: packet.src,
      protocol: four ? PROTO_ICMP : PROTO_ICMPV6,
      body,
      tos: four ? TOS_INTERNETWORK_CONTROL | (packet.tos & 0x1e) : 0,
      df: false,
      dev: scopedDevice(packet.src, about.dev),
      cause: about.id,
    });
  }

  /** ip_rt_send_redirect: there is a shorter way. At most nine to a destination, ever more seldom, until it is quiet for a while. */
  sendRedirect(about: Skb, packet: IpPacket, gateway: Ip): void {
    const { now } = this.netns.kernel.clock;
    const entry = this.#redirects.get(packet.src) ?? { sent: 0, last: 0 };
    const { load, silence, number } = REDIRECT_LIMITS;
    if (entry.sent > 0 && now > entry.last + silence) entry.sent = 0;
    if (entry.sent >= number || (entry.sent > 0 && now < entry.last + load * 2 ** entry.sent)) return;
    entry.sent++;
    entry.last = now;
    if (this.#redirects.size >= PEERS_BOUND) this.#redirects.clear();
    this.#redirects.set(packet.src, entry);
    const four = typeof packet.src === "number";
    const body: IcmpMessage = {
      kind: "icmp",
      type: four ? ICMP_REDIRECT : ND_REDIRECT,
      code: four ? 1 : 0,
      id: 0,
      sequence: 0,
      dataLength: 0,
      original: packet,
      target: gateway,
    };
    const protocol = four ? PROTO_ICMP : PROTO_ICMPV6;
    const tos = four ? TOS_INTERNETWORK_CONTROL : 0;
    this.netns.inet.send({ dst: packet.src, protocol, body, tos, df: false, dev: scopedDevice(packet.src, about.dev), cause: about.id });
  }

  #echo(skb: Skb, packet: IpPacket, body: IcmpMessage, type: number, src: Ip | undefined): void {
    if (this.netns.kernel.trace.hops) addHop(this.netns, skb, skb.dev, "icmp", "deliver");
    const reply: IcmpMessage = { kind: "icmp", type, code: 0, id: body.id, sequence: body.sequence, dataLength: body.dataLength };
    this.netns.inet.send({
      src,
      dst: packet.src,
      protocol: packet.protocol,
      body: reply,
      tos: packet.tos,
      df: false,
      ...(packet.recorded && { recorded: packet.recorded }),
      dev: scopedDevice(packet.src, skb.dev),
      cause: skb.id,
    });
  }

  #errorReceived(skb: Skb, packet: IpPacket, body: IcmpMessage, original: IpPacket, tooBig: boolean): void {
    if (this.netns.kernel.trace.hops) addHop(this.netns, skb, skb.dev, "icmp", "deliver");
    if (tooBig && body.mtu !== undefined) this.netns.inet.paths.learnMtu(original.dst, body.mtu);
    this.netns.sockets.deliver(skb, packet);
    this.netns.sockets.deliverError(skb, packet);
  }

  /** __ip_do_redirect: believed when the gateway that we use says so, names a neighbour, and the sysctls allow it. */
  #redirected(skb: Skb, packet: IpPacket, body: IcmpMessage): void {
    const { target, original } = body;
    const { inet, sysctl } = this.netns;
    const dev = skb.dev as NetDevice;
    // Raw sockets hear of it whether it is believed or not.
    this.netns.sockets.deliver(skb, packet);
    if (target === undefined || !original || typeof target !== typeof original.dst) return;
    const settings = sysctl.device(dev);
    const accepts =
      typeof target === "number"
        ? settings.v4.forwarding
          ? settings.v4.accept_redirects && sysctl.all.v4.accept_redirects
          : settings.v4.accept_redirects || sysctl.all.v4.accept_redirects
        : !settings.v6.forwarding && settings.v6.accept_redirects;
    const known = inet.fib.lookup(original.dst);
    const fromOurGateway = known?.dev === dev && known.nextHop === packet.src;
    const toNeighbour = inet.fib.lookup(target)?.dev === dev && inet.fib.lookup(target)?.route.via === undefined;
    if (!accepts || !fromOurGateway || !toNeighbour) {
      drop(this.netns, skb, dev, "icmp", "no-socket", {
        by: "sysctl",
        key: `net.ipv${typeof target === "number" ? 4 : 6}.conf.${dev.name}.accept_redirects`,
        value: accepts ? "1" : "0",
      });
      return;
    }
    if (this.netns.kernel.trace.hops) {
      addHop(this.netns, skb, dev, "icmp", "deliver", { decision: { by: "neighbour", ip: formatIp(target), state: "redirect" } });
    }
    inet.paths.learnGateway(original.dst, target);
  }

  #mayComplain(about: Skb, packet: IpPacket): boolean {
    if (about.eth && about.dev && isGroupMac(about.eth.dst) && about.eth.src !== about.dev.mac) return false;
    const { src, dst, body } = packet;
    if (src === 0 || src === 0n || isMulticast(src) || src === LIMITED_BROADCAST || dst === LIMITED_BROADCAST) return false;
    if (body.kind === "fragment" && body.offset !== 0) return false;
    if (typeof dst === "number" && this.netns.inet.fib.lookup(dst)?.route.type === "broadcast") return false;
    if (packet.protocol !== PROTO_ICMP && packet.protocol !== PROTO_ICMPV6) return true;
    const message = messageOf(body);
    return !message || (!isIcmpError(typeof src === "number" ? 4 : 6, message.type) && message.type !== ND_REDIRECT);
  }

  /** icmp_errors_use_inbound_ifaddr: errors come from the address of the device that the packet came in by. */
  #inboundAddress(dev: NetDevice | undefined, four: boolean): Ip | undefined {
    if (!four || !dev || this.netns.sysctl.number("net.ipv4.icmp_errors_use_inbound_ifaddr") === 0) return undefined;
    return dev.addresses.find(({ ip }) => typeof ip === "number")?.ip;
  }

  /** icmpv4_xrlim_allow and icmp_global_allow: a bucket of six tokens for each destination, and one of icmp_msgs_burst for all. */
  #allowed(peer: Ip, four: boolean, exempt: boolean): boolean {
    if (exempt || isLoopback(peer) || this.netns.inet.isLocal(peer)) return true;
    const { now } = this.netns.kernel.clock;
    const { sysctl } = this.netns;
    const perSecond = sysctl.number("net.ipv4.icmp_msgs_per_sec");
    const most = sysctl.number("net.ipv4.icmp_msgs_burst");
    const all = this.#global;
    all.tokens = Math.min(most, all.tokens + ((now - all.last) * perSecond) / 1_000_000);
    all.last = now;
    if (all.tokens < 1) {
      this.netns.statistics.countFor(peer, ICMP_OUT_RATE_LIMIT_GLOBAL);
      return false;
    }
    const interval = sysctl.number(four ? "net.ipv4.icmp_ratelimit" : "net.ipv6.icmp.ratelimit") * 1000;
    if (interval > 0) {
      let bucket = this.#peers.get(peer);
      if (!bucket) {
        if (this.#peers.size >= PEERS_BOUND) this.#peers.clear();
        bucket = { tokens: BURST * interval, last: now };
        this.#peers.set(peer, bucket);
      }
      bucket.tokens = Math.min(BURST * interval, bucket.tokens + now - bucket.last);
      bucket.last = now;
      if (bucket.tokens < interval) {
        this.netns.statistics.countFor(peer, ICMP_OUT_RATE_LIMIT_HOST);
        return false;
      }
      bucket.tokens -= interval;
    }
    all.tokens--;
    return true;
  }
}

/** Link-local addresses only mean something with the device that they were heard on. */
const scopedDevice = (ip: Ip, dev: NetDevice | undefined): NetDevice | undefined =>
  typeof ip === "bigint" && isLinkLocal(ip) ? dev : undefined;

/** ip_rt_redirect_load (HZ/50), _silence and _number, in µs. */
const REDIRECT_LIMITS = { load: 20_000, silence: 20_000 * 2 ** 10, number: 9 } as const;
