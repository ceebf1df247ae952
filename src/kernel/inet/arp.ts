/** The Address Resolution Protocol (RFC 826, net/ipv4/arp.c). */
import { BROADCAST_MAC, contains, type Ipv4, isGroupMac, isLoopback, isMulticast, type Mac, ZERO_MAC } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { Skb } from "../skb.ts";
import { type ArpPacket, ETH_ARP } from "../wire/packet.ts";
import { addHop, drop } from "./hops.ts";
import { selectSource4 } from "./source.ts";

/** How long an entry that has changed stays as it is, whatever others say (neigh_parms LOCKTIME). */
const LOCK_TIME = 1_000_000;

/** Sends an ARP packet by a device; `cause` is the journey that made it necessary. */
export function sendArp(netns: Netns, dev: NetDevice, packet: ArpPacket, to: Mac, cause: number): void {
  const { trace } = netns.kernel;
  const skb = new Skb(trace.newPacketId(), cause, packet, { src: dev.mac, dst: to, type: ETH_ARP }, dev);
  if (trace.hops) addHop(netns, skb, dev, "arp", "send");
  dev.transmit(skb);
}

/**
 * Asks who has `target` (arp_solicit): everybody, or the one at `unicastTo` when an entry is only checked. The sender's
 * address is that of the packet `behind` it where arp_announce allows, else the device's own for that subnet.
 */
export function solicitByArp(netns: Netns, dev: NetDevice, target: Ipv4, unicastTo: Mac | undefined, behind: Skb | undefined): void {
  const { sysctl } = netns;
  const announce = Math.max(sysctl.all.v4.arp_announce, sysctl.device(dev).v4.arp_announce);
  const packet = behind?.packet;
  const wanted = packet?.kind === "ip" && typeof packet.src === "number" && netns.isLocal(packet.src) ? packet.src : undefined;
  let senderIp: Ipv4 | undefined;
  if (announce === 0) senderIp = wanted;
  else if (announce === 1 && wanted !== undefined && sameSubnet(dev, wanted, target)) senderIp = wanted;
  senderIp ??= selectSource4(netns, dev, target, "link");
  const request: ArpPacket = { kind: "arp", op: "request", senderMac: dev.mac, senderIp, targetMac: ZERO_MAC, targetIp: target };
  sendArp(netns, dev, request, unicastTo ?? BROADCAST_MAC, behind?.id ?? 0);
}

const sameSubnet = (dev: NetDevice, a: Ipv4, b: Ipv4): boolean =>
  dev.addresses.some(({ ip, length }) => contains({ address: ip, length }, a) && contains({ address: ip, length }, b));

/** Tells everybody on the link that we have `ip` (inetdev_send_gratuitous_arp): a request for one's own address. */
export function announceByArp(netns: Netns, dev: NetDevice, ip: Ipv4): void {
  if (dev.noArp || !dev.up) return;
  const packet: ArpPacket = { kind: "arp", op: "request", senderMac: dev.mac, senderIp: ip, targetMac: ZERO_MAC, targetIp: ip };
  sendArp(netns, dev, packet, BROADCAST_MAC, 0);
}

/**
 * Whether a broadcast ARP request can matter to a netns that hears it on `dev`: false only where `receiveArp` would neither
 * answer nor learn nor tell. Cheap, for those on a large bridge who hear them all.
 */
export function mindsArp(netns: Netns, dev: NetDevice, packet: ArpPacket): boolean {
  if (packet.op !== "request" || netns.inet.neighbours.get(packet.senderIp, dev) !== undefined) return true;
  // More than loopback and `dev`: the address asked for may be another device's.
  if (netns.devices.all().length > 2) return true;
  for (const address of dev.addresses) if (address.ip === packet.targetIp) return true;
  const { all } = netns.sysctl;
  const own = netns.sysctl.device(dev).v4;
  return (own.arp_accept | all.v4.arp_accept | own.proxy_arp | all.v4.proxy_arp | own.proxy_arp_pvlan | all.v4.proxy_arp_pvlan) !== 0;
}

/** arp_rcv and arp_process: learns from what it hears, answers for addresses that are ours or that we stand in for. */
export function receiveArp(netns: Netns, skb: Skb, packet: ArpPacket): void {
  const dev = skb.dev as NetDevice;
  if (dev.noArp || (skb.eth && skb.eth.dst !== dev.mac && !isGroupMac(skb.eth.dst))) return;
  const { senderIp, targetIp, senderMac } = packet;
  if (isMulticast(targetIp) || (isLoopback(targetIp) && !routeLocalnet(netns, dev))) return;
  const { inet, kernel } = netns;
  if (!mindsArp(netns, dev, packet)) return;

  if (packet.op === "request") {
    if (senderIp === 0) {
      // Duplicate address detection (RFC 5227): defend what is ours, learn nothing.
      if (isOwn(netns, targetIp) && !ignores(netns, dev, senderIp, targetIp)) answer(netns, skb, packet, dev);
      return;
    }
    if (inet.acceptsSource(senderIp, dev)) {
      const type = inet.fib.lookup(targetIp)?.route.type;
      if (type === "local") {
        if (ignores(netns, dev, senderIp, targetIp)) {
          drop(netns, skb, dev, "arp", "arp-ignored");
        } else {
          inet.neighbours.heard(senderIp, dev, senderMac, { reachable: false, override: true }, true);
          answer(netns, skb, packet, dev);
        }
        return;
      }
      if (type === "unicast" && standsIn(netns, dev, targetIp)) {
        inet.neighbours.heard(senderIp, dev, senderMac, { reachable: false, override: true }, true);
        answer(netns, skb, packet, dev);
        return;
      }
    }
  }

  const gratuitous = senderIp === targetIp;
  const settings = netns.sysctl.device(dev).v4;
  if (gratuitous && (settings.drop_gratuitous_arp || netns.sysctl.all.v4.drop_gratuitous_arp)) return;
  const accept = settings.arp_accept || netns.sysctl.all.v4.arp_accept;
  const entry = inet.neighbours.get(senderIp, dev);
  if (!entry && !(accept && gratuitous && senderIp !== 0)) return;
  // A reply to us proves that it is there; an announcement is only hearsay.
  const reachable = packet.op === "reply" && skb.eth?.dst === dev.mac;
  const override = gratuitous || !entry || kernel.clock.now > entry.updated + LOCK_TIME;
  if (kernel.trace.hops) addHop(netns, skb, dev, "arp", "deliver");
  inet.neighbours.heard(senderIp, dev, senderMac, { reachable, override }, !entry);
}

function answer(netns: Netns, skb: Skb, request: ArpPacket, dev: NetDevice): void {
  if (netns.kernel.trace.hops) addHop(netns, skb, dev, "arp", "deliver");
  const { senderMac, senderIp, targetIp } = request;
  const reply: ArpPacket = { kind: "arp", op: "reply", senderMac: dev.mac, senderIp: targetIp, targetMac: senderMac, targetIp: senderIp };
  sendArp(netns, dev, reply, senderMac, skb.id);
}

const isOwn = (netns: Netns, ip: Ipv4): boolean => netns.inet.fib.lookup(ip)?.route.type === "local";

const routeLocalnet = (netns: Netns, dev: NetDevice): boolean =>
  (netns.sysctl.all.v4.route_localnet || netns.sysctl.device(dev).v4.route_localnet) !== 0;

/** arp_ignore(): for which of our addresses a device does not answer. */
function ignores(netns: Netns, dev: NetDevice, senderIp: Ipv4, targetIp: Ipv4): boolean {
  const level = Math.max(netns.sysctl.all.v4.arp_ignore, netns.sysctl.device(dev).v4.arp_ignore);
  const here = (): boolean => dev.addresses.some(({ ip }) => ip === targetIp);
  switch (level) {
    case 1:
      return !here();
    case 2:
      return !here() || !sameSubnet(dev, targetIp, senderIp);
    case 3:
      return dev.addresses.some(({ ip, scope }) => ip === targetIp && scope === "host");
    case 8:
      return true;
    default:
      return filters(netns, dev, senderIp);
  }
}

/** arp_filter: answer only by the device that we would send to the asker by. */
function filters(netns: Netns, dev: NetDevice, senderIp: Ipv4): boolean {
  if (!netns.sysctl.all.v4.arp_filter && !netns.sysctl.device(dev).v4.arp_filter) return false;
  return netns.inet.fib.lookup(senderIp)?.dev !== dev;
}

/** arp_fwd_proxy: a router with proxy_arp, or told to by hand, answers for what it reaches by another device. */
function standsIn(netns: Netns, dev: NetDevice, targetIp: Ipv4): boolean {
  const { all } = netns.sysctl;
  const { v4 } = netns.sysctl.device(dev);
  if (!v4.forwarding) return false;
  const out = netns.inet.fib.lookup(targetIp)?.dev;
  if ((v4.proxy_arp_pvlan || all.v4.proxy_arp_pvlan) && out === dev) return true;
  if (!all.v4.proxy_arp && !v4.proxy_arp && !netns.inet.neighbours.proxies.has(targetIp, dev)) return false;
  return out !== undefined && out !== dev;
}
