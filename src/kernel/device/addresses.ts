/** The list of a device's addresses: where a new one goes, and which ones the kernel adds by itself. */
import { type Ip, linkLocalOf, networkAddress, parseIpv4 } from "../address.ts";
import type { InterfaceAddress, NetDevice } from "./device.ts";

/** What `lo` gets as it comes up (devinet.c inetdev_event, addrconf.c init_loopback). */
export const LOOPBACK_ADDRESSES: readonly [InterfaceAddress, InterfaceAddress] = [
  { ip: parseIpv4("127.0.0.1") as number, length: 8, scope: "host" },
  { ip: 1n, length: 128, scope: "host", proto: "kernel_lo" },
];

/** IPv6 needs so large an MTU in bytes (RFC 8200 section 5). */
const IPV6_MIN_MTU = 1280;

const SCOPE_RANK = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;

export const findAddress = (device: NetDevice, ip: Ip, length: number): InterfaceAddress | undefined =>
  device.addresses.find((address) => address.ip === ip && address.length === length);

/** Whether two IPv4 addresses are of one block and length: the later one is secondary then. */
export const sameBlock = (a: InterfaceAddress, b: InterfaceAddress): boolean =>
  a.length === b.length && typeof a.ip === typeof b.ip && networkAddress(a.ip, a.length) === networkAddress(b.ip, b.length);

/**
 * Puts an address where the kernel does and gives it as it stands then. IPv4: primaries by scope, behind their equals;
 * secondaries last (__inet_insert_ifa). IPv6: by scope, before its equals (ipv6_link_dev_addr).
 */
export function insertAddress(device: NetDevice, address: InterfaceAddress): InterfaceAddress {
  const list = device.addresses;
  const firstSix = list.findIndex((known) => typeof known.ip === "bigint");
  const ends4 = firstSix < 0 ? list.length : firstSix;
  if (typeof address.ip === "bigint") {
    let at = ends4;
    while (at < list.length && SCOPE_RANK[(list[at] as InterfaceAddress).scope] < SCOPE_RANK[address.scope]) at++;
    list.splice(at, 0, address);
    return address;
  }
  let afterPrimaries = 0;
  let secondary = false;
  for (let i = 0; i < ends4; i++) {
    const known = list[i] as InterfaceAddress;
    if (!known.secondary && SCOPE_RANK[address.scope] <= SCOPE_RANK[known.scope]) afterPrimaries = i + 1;
    if (sameBlock(known, address)) secondary = true;
  }
  const placed = secondary ? { ...address, secondary: true } : address;
  list.splice(secondary ? ends4 : afterPrimaries, 0, placed);
  return placed;
}

/**
 * The link-local address that IPv6 autoconfiguration would add now (addrconf_addr_gen with eui64), undefined when the device
 * has one, IPv6 is disabled on it, or its MTU is below IPv6's least.
 */
export function linkLocalAddress(device: NetDevice): InterfaceAddress | undefined {
  if (!device.isEthernet || device.mtu < IPV6_MIN_MTU) return undefined;
  if (device.addresses.some((address) => typeof address.ip === "bigint" && address.scope === "link")) return undefined;
  const settings = device.netns.sysctl.device(device).v6;
  if (settings.disable_ipv6) return undefined;
  const tentative = settings.accept_dad > 0 && !device.noArp;
  return { ip: linkLocalOf(device.mac), length: 64, scope: "link", proto: "kernel_ll", ...(tentative && { tentative }) };
}
