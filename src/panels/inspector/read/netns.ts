/** The tables of one netns as rows, each with the commands that change it. */
import { bitsOf, formatIp, formatPrefix, isLinkLocal } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/device.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import type { NeighbourEntry } from "../../../kernel/inet/neighbour.ts";
import { protocolName } from "../../../kernel/netfilter/names.ts";
import type { ConntrackEntry } from "../../../kernel/netfilter/types.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { SocketView } from "../../../kernel/socket/table.ts";
import { end, PORTS } from "./connection.ts";
import { type Act, act, type Place } from "./place.ts";

export type LinkState = "UP" | "NO-CARRIER" | "DOWN";

export const linkState = (device: Pick<NetDevice, "up" | "carrier">): LinkState =>
  device.up ? (device.carrier ? "UP" : "NO-CARRIER") : "DOWN";

/** Addresses as `ip addr` shows them, IPv6 link-local ones last. */
export const addressesOf = (device: NetDevice): readonly string[] =>
  [...device.addresses]
    .sort((a, b) => Number(isLinkLocal(a.ip)) - Number(isLinkLocal(b.ip)))
    .map((address) => `${formatIp(address.ip)}/${address.length}`);

/** Where the other end of an interface is: the peer of a veth, the parent of a macvlan or VLAN. */
export interface FarEnd {
  readonly device: NetDevice;
  readonly kind: "peer" | "parent";
  /** Whether it is in another netns than this one. */
  readonly elsewhere: boolean;
}

export function farEnd(device: NetDevice): FarEnd | undefined {
  const { link } = device;
  return link && { device: link, kind: device.kind === "veth" ? "peer" : "parent", elsewhere: link.netns !== device.netns };
}

/** What may be done to an interface: `ip link set … up|down`. */
export const linkActs = (device: NetDevice, place: Place | undefined): Act[] =>
  act(place, device.up ? "down" : "up", `ip link set ${device.name} ${device.up ? "down" : "up"}`, device.up);

/** The qdisc as `tc qdisc show` names it, undefined for the one that is always there. */
export const qdiscOf = ({ qdisc }: NetDevice): string | undefined => (qdisc ? `${qdisc.kind}${qdisc.options}`.trim() : undefined);

/** Spoiling a link on purpose, and mending it again. */
export function qdiscActs(device: NetDevice, place: Place | undefined): Act[] {
  const tc = (verb: string, rest: string): string => `tc qdisc ${verb} dev ${device.name} root${rest}`;
  if (device.qdisc) return act(place, "mend", tc("del", ""));
  return [...act(place, "delay", tc("add", " netem delay 100ms")), ...act(place, "lose", tc("add", " netem loss 30%"))];
}

/** A route's destination: "default", an address, or a prefix, with its type in front where it is no way on. */
export function destinationOf(route: Route): string {
  const { address, length } = route.dst;
  const words = length === 0 ? "default" : length === bitsOf(address) ? formatIp(address) : formatPrefix(route.dst);
  return route.type === "unicast" ? words : `${route.type} ${words}`;
}

/** Where a route leads, as `ip route` has it: "via 172.17.0.1 eth0", each of several ways with its weight. */
export const wayOf = ({ via, dev, nexthops }: Pick<Route, "via" | "dev" | "nexthops">): string =>
  nexthops
    ? nexthops.map((hop) => `${wayOf(hop)} weight ${hop.weight}`).join(" · ")
    : `${via === undefined ? "" : `via ${formatIp(via)} `}${dev?.name ?? ""}`.trim();

/** The main tables of both families; IPv6's link-local and multicast routes are left out. */
export const routesOf = (netns: Netns): readonly Route[] => [
  ...netns.inet.fib.list(4, "main"),
  ...netns.inet.fib.list(6, "main").filter((route) => route.type === "unicast" && !isLinkLocal(route.dst.address)),
];

export function routeActs(route: Route, place: Place | undefined): Act[] {
  const family = typeof route.dst.address === "bigint" ? "ip -6" : "ip";
  const words = [family, "route", "del", destinationOf(route)];
  if (route.via !== undefined) words.push("via", formatIp(route.via));
  if (route.dev) words.push("dev", route.dev.name);
  if (route.metric) words.push("metric", String(route.metric));
  return act(place, "delete", words.join(" "), true);
}

/** µs since a neighbour was last heard of for certain; undefined while that has never been. */
export function neighbourAge(entry: NeighbourEntry, now: number): number | undefined {
  if (entry.state === "PERMANENT" || entry.state === "INCOMPLETE") return undefined;
  return now - (entry.state === "REACHABLE" ? Math.max(entry.confirmed, entry.updated) : entry.updated);
}

export const neighbourActs = (entry: NeighbourEntry, place: Place | undefined): Act[] =>
  act(place, "flush", `ip neigh del ${formatIp(entry.ip)} dev ${entry.dev.name}`, true);

/** Sockets that wait for others to come, and those that talk. Captures and raw sockets are of the first sort. */
export function socketsOf(netns: Netns): { readonly listening: readonly SocketView[]; readonly connected: readonly SocketView[] } {
  const listening: SocketView[] = [];
  const connected: SocketView[] = [];
  for (const socket of netns.sockets.list()) {
    const talks = socket.protocol === "tcp" ? socket.state !== "LISTEN" : socket.protocol === "udp" && socket.remotePort !== 0;
    (talks ? connected : listening).push(socket);
  }
  return { listening, connected };
}

export const localEnd = (socket: SocketView): string => (socket.dual ? `*:${socket.localPort}` : end(socket.local, socket.localPort));
export const remoteEnd = (socket: SocketView): string => end(socket.remote, socket.remotePort);

/** How NAT has changed it, "" where the answer simply comes back: "DNAT → 172.18.0.2:80", "SNAT 192.168.0.10". */
export function natOf({ original, reply }: ConntrackEntry): string {
  const ports = PORTS.has(original.protocol);
  const words: string[] = [];
  if (reply.src !== original.dst || (ports && reply.srcPort !== original.dstPort))
    words.push(`DNAT → ${end(reply.src, ports ? reply.srcPort : 0)}`);
  if (reply.dst !== original.src || (ports && reply.dstPort !== original.srcPort))
    words.push(`SNAT ${end(reply.dst, ports ? reply.dstPort : 0)}`);
  return words.join(", ");
}

export function connectionActs({ original }: ConntrackEntry, place: Place | undefined): Act[] {
  const words = ["conntrack -D -p", protocolName(original.protocol, true), "-s", formatIp(original.src), "-d", formatIp(original.dst)];
  if (PORTS.has(original.protocol)) words.push("--sport", String(original.srcPort), "--dport", String(original.dstPort));
  const family = typeof original.src === "bigint" ? words.with(0, "conntrack -D -f ipv6 -p") : words;
  return act(place, "delete", family.join(" "), true);
}

/** A setting of the kernel that decides about packets: its key, its value, and what it may be switched to. */
export interface SysctlRow {
  readonly key: string;
  readonly value: string;
  readonly acts: readonly Act[];
}

/** Settings of the netns that people stumble over; per-interface ones only where they differ from `all`'s. */
export function sysctlsOf(netns: Netns, place: Place | undefined): readonly SysctlRow[] {
  const keys = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.conf.all.rp_filter"];
  if (netns.initial) {
    keys.push("net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables");
    keys.push("net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_count");
  }
  keys.push("net.ipv4.icmp_echo_ignore_all", "net.ipv4.conf.all.proxy_arp", "net.ipv4.ip_default_ttl");
  const general = netns.sysctl.get("net.ipv4.conf.default.rp_filter");
  for (const device of netns.devices.all()) {
    const key = `net.ipv4.conf.${device.name.replaceAll(".", "/")}.rp_filter`;
    if (device.kind !== "loopback" && netns.sysctl.get(key) !== general) keys.push(key);
  }
  return keys.flatMap((key) => {
    const value = netns.sysctl.get(key);
    return value === undefined ? [] : [{ key, value, acts: sysctlActs(netns, key, value, place) }];
  });
}

function sysctlActs(netns: Netns, key: string, value: string, place: Place | undefined): readonly Act[] {
  const isSwitch = value === "0" || value === "1" || value === "2";
  if (!isSwitch || !netns.sysctl.writable(key) || key.endsWith("count")) return [];
  return act(place, value === "0" ? "on" : "off", `sysctl -w ${key}=${value === "0" ? 1 : 0}`);
}
