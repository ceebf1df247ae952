/** Routes that follow addresses and devices (net/ipv4/fib_frontend.c, net/ipv6/addrconf.c). */
import { bitsOf, type Ip, type Ipv4, LIMITED_BROADCAST, lastAddress, networkAddress, type Prefix } from "../address.ts";
import type { InterfaceAddress, NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { type Fib, isReject, type Route, type RouteType } from "./fib.ts";
import { hasNoWayBut } from "./multipath.ts";

/** The metric of routes that the kernel makes for IPv6 prefixes. */
const PREFIX_METRIC = 256;
const MULTICAST_PREFIX: Prefix = { address: 0xffn << 120n, length: 8 };

const whole = (ip: Ip): Prefix => ({ address: ip, length: bitsOf(ip) });
const blockOf = (address: InterfaceAddress): Prefix => ({
  address: networkAddress(address.peer ?? address.ip, address.length),
  length: address.length,
});

function kernelRoute(type: RouteType, dst: Prefix, dev: NetDevice, scope: Route["scope"], src: Ip | undefined, metric: number): Route {
  const table = type === "unicast" ? "main" : "local";
  return { type, dst, dev, src, metric, table, protocol: "kernel", scope };
}

/** The routes of an IPv4 address on a device that is up: connected, broadcast; the local one is there in any case. */
function* routesOf4(dev: NetDevice, address: InterfaceAddress): Generator<Route> {
  const ip = address.ip as Ipv4;
  const primary = primaryOf(dev, address);
  yield kernelRoute("local", whole(ip), dev, "host", primary, 0);
  if (!dev.up) return;
  if (address.broadcast && address.broadcast !== LIMITED_BROADCAST)
    yield kernelRoute("broadcast", whole(address.broadcast), dev, "link", primary, 0);
  const block = blockOf(address);
  // 0.0.0.0/8 is nobody's, and a secondary address lives by its primary's routes.
  if ((block.address as Ipv4) >>> 24 === 0 || address.secondary || (block.address === ip && block.length === 32)) return;
  const loopback = dev.kind === "loopback";
  if (!address.noPrefixRoute) yield kernelRoute(loopback ? "local" : "unicast", block, dev, loopback ? "host" : "link", primary, 0);
  if (block.length < 31) yield kernelRoute("broadcast", whole(lastAddress(block.address, block.length)), dev, "link", primary, 0);
}

/** The primary address that a secondary one belongs to, else itself. */
function primaryOf(dev: NetDevice, address: InterfaceAddress): Ip {
  if (!address.secondary) return address.ip;
  const block = blockOf(address);
  const primary = dev.addresses.find(
    (other) => !other.secondary && other.length === block.length && blockOf(other).address === block.address,
  );
  return primary?.ip ?? address.ip;
}

/** fib_add_ifaddr, and for IPv6 what an address brings once it is no longer tentative. */
export function addRoutesOf(netns: Netns, dev: NetDevice, address: InterfaceAddress): void {
  const { fib } = netns.inet;
  if (typeof address.ip === "number") {
    for (const route of routesOf4(dev, address)) fib.insert(route);
    return;
  }
  if (!dev.up) return;
  if (!address.tentative && !address.dadFailed) fib.insert(kernelRoute("local", whole(address.ip), dev, "global", undefined, 0));
  if (dev.kind !== "loopback" && !address.noPrefixRoute)
    fib.insert(kernelRoute("unicast", blockOf(address), dev, "global", undefined, PREFIX_METRIC));
  addAnycast(netns, dev, address);
}

/** A router answers for the subnet's first address (addrconf_join_anycast, RFC 4291 section 2.6.1). */
function addAnycast(netns: Netns, dev: NetDevice, address: InterfaceAddress): void {
  if (dev.kind === "loopback" || address.length >= 127 || netns.sysctl.device(dev).v6.forwarding === 0) return;
  netns.inet.fib.insert(kernelRoute("anycast", whole(blockOf(address).address), dev, "global", undefined, 0));
}

/** IPv6 forwarding was switched on a device: it takes up or gives up the subnet-router anycast addresses. */
export function followForwarding(netns: Netns, dev: NetDevice): void {
  netns.inet.fib.purge(dev, (route) => route.type === "anycast");
  if (!dev.up) return;
  for (const address of dev.addresses) if (typeof address.ip === "bigint") addAnycast(netns, dev, address);
}

/** fib_del_ifaddr: takes away what only this address was the reason for. The address is off the device already, or about to be. */
export function removeRoutesOf(netns: Netns, dev: NetDevice, address: InterfaceAddress): void {
  const { fib } = netns.inet;
  const { ip } = address;
  const rest = dev.addresses.filter((other) => other !== address && typeof other.ip === typeof ip && other.ip !== ip);
  const block = blockOf(address);
  const shares = rest.filter((other) => other.length === block.length && blockOf(other).address === block.address);
  if (!fib.isLocalElsewhere(ip, dev)) fib.purgePreferring(ip);
  if (typeof ip === "bigint") removeRoutesOf6(fib, dev, ip, block, shares.length > 0);
  else removeRoutesOf4(fib, dev, ip, rest.length === 0);
  // What the others need and has gone with this one comes back: a promoted secondary's connected route.
  for (const other of rest) addRoutesOf(netns, dev, other);
}

/** The last IPv4 address takes all of the device's routes along (fib_disable_ip). */
function removeRoutesOf4(fib: Fib, dev: NetDevice, ip: Ipv4, last: boolean): void {
  fib.purge(dev, (route) => {
    if (typeof route.dst.address !== "number") return false;
    if (route.nexthops) return last && hasNoWayBut(route, dev);
    return last || (route.protocol === "kernel" && (route.src === ip || (route.type === "local" && route.dst.address === ip)));
  });
}

function removeRoutesOf6(fib: Fib, dev: NetDevice, ip: Ip, block: Prefix, shared: boolean): void {
  fib.purge(dev, (route) => {
    if (route.protocol !== "kernel") return false;
    if (route.type === "local") return route.dst.address === ip;
    if (shared || route.dst.address !== block.address) return false;
    return route.type === "anycast" || route.dst.length === block.length;
  });
}

/** The group route of a device that IPv6 runs on (addrconf_add_mroute). */
export function addMulticastRoute(netns: Netns, dev: NetDevice): void {
  if (dev.kind === "loopback" || netns.sysctl.device(dev).v6.disable_ipv6) return;
  netns.inet.fib.insert(kernelRoute("multicast", MULTICAST_PREFIX, dev, "global", undefined, PREFIX_METRIC));
}

/**
 * A device goes down: its routes go, static ones for good; IPv4's local routes stay as long as the address
 * (fib_sync_down_dev), IPv6 lets go of all (rt6_disable_ip).
 */
export function removeRoutesBy(fib: Fib, dev: NetDevice, localToo: boolean): void {
  fib.purgeWithDevice(dev, (route) => {
    if (route.nexthops) return localToo || hasNoWayBut(route, dev);
    return typeof route.dst.address === "number" ? localToo || route.type !== "local" : !isReject(route);
  });
}
