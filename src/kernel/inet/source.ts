/** Which of this netns's addresses a packet gets as its source: net/ipv4/devinet.c inet_select_addr, RFC 6724 for IPv6. */
import { contains, type Ip, type Ipv6, isLinkLocal, isLoopback, isMulticast } from "../address.ts";
import type { InterfaceAddress, NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Route } from "./fib.ts";

const SCOPES = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;

/** The source for a route without a preferred one: by the gateway where there is one, else by the destination. 0 when none. */
export function selectSource(netns: Netns, dst: Ip, dev: NetDevice | undefined, via: Ip | undefined, scope: Route["scope"]): Ip {
  return typeof dst === "number" ? selectSource4(netns, dev, typeof via === "number" ? via : dst, scope) : selectSource6(netns, dev, dst);
}

/**
 * The first primary address of the device whose block holds `towards`, else its first, in both cases of a scope no narrower
 * than the route's; a device without any borrows another's.
 */
export function selectSource4(netns: Netns, dev: NetDevice | undefined, towards: number, scope: Route["scope"]): number {
  const bound = SCOPES[scope];
  const fits = (address: InterfaceAddress): boolean =>
    typeof address.ip === "number" && !address.secondary && SCOPES[address.scope] <= bound;
  let first: number | undefined;
  for (const address of dev?.addresses ?? []) {
    if (!fits(address)) continue;
    if (contains({ address: address.ip, length: address.length }, towards)) return address.ip as number;
    first ??= address.ip as number;
  }
  if (first !== undefined) return first;
  for (const other of netns.devices.all()) {
    for (const address of other.addresses) if (fits(address) && address.scope !== "link") return address.ip as number;
  }
  return 0;
}

/** RFC 4007 scopes as RFC 4291's multicast scope values: 1 interface, 2 link, 14 global. */
function scopeOf(ip: Ipv6): number {
  if (isMulticast(ip)) return Number((ip >> 112n) & 15n);
  return isLoopback(ip) || isLinkLocal(ip) ? 2 : 14;
}

const commonBits = (a: Ipv6, b: Ipv6): number => 128 - (a ^ b).toString(2).length + (a === b ? 1 : 0);

/** ipv6_dev_get_saddr: same address, right scope, outgoing device, longest common prefix, in this order. */
function selectSource6(netns: Netns, dev: NetDevice | undefined, dst: Ipv6): Ipv6 {
  const wanted = scopeOf(dst);
  // To a link or a group only the outgoing device's own addresses can be answered.
  const devices = dev && (wanted <= 2 || isMulticast(dst)) ? [dev] : netns.devices.all();
  let best: Ipv6 | undefined;
  let bestRank = -1;
  for (const device of devices) {
    for (const { ip, tentative, dadFailed } of device.addresses) {
      if (typeof ip !== "bigint" || tentative || dadFailed) continue;
      if (device.kind === "loopback" && device !== dev && isLoopback(ip)) continue;
      const scope = scopeOf(ip);
      const sameAddress = ip === dst ? 1 : 0;
      // Rule 2: the smallest scope that still reaches; among those too small, the largest.
      const scopeRank = scope >= wanted ? 64 - (scope - wanted) : scope;
      const rank = ((sameAddress * 128 + scopeRank) * 2 + (device === dev ? 1 : 0)) * 256 + commonBits(ip, dst);
      if (rank <= bestRank) continue;
      best = ip;
      bestRank = rank;
    }
  }
  return best ?? 0n;
}
