/** Addresses that a netns answers for in others' place, entered by hand: `ip neigh add proxy` (net/core/neighbour.c, pneigh_lookup). */
import type { Ip } from "../address.ts";
import type { NetDevice } from "../device/device.ts";

export interface ProxyEntry {
  readonly ip: Ip;
  /** The device by which it answers; any when undefined. */
  readonly dev: NetDevice | undefined;
}

const BUCKETS = 16;

/** pneigh_hash: by the last four octets of the address, read as a little-endian machine does. */
function bucketOf(ip: Ip): number {
  const word = typeof ip === "number" ? ip : Number(BigInt.asUintN(32, ip));
  let hash = ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0;
  for (const shift of [16, 8, 4]) hash ^= hash >>> shift;
  return hash & (BUCKETS - 1);
}

export class ProxyTable {
  /** The newest first. */
  #entries: ProxyEntry[] = [];

  /** In the kernel's dump order: IPv4 before IPv6, by hash bucket. */
  list(): readonly ProxyEntry[] {
    const six = (ip: Ip): number => (typeof ip === "bigint" ? 1 : 0);
    return [...this.#entries].sort((a, b) => six(a.ip) - six(b.ip) || bucketOf(a.ip) - bucketOf(b.ip));
  }

  /** Whether the address is answered for by the device. */
  has(ip: Ip, dev: NetDevice): boolean {
    return this.#entries.some((entry) => entry.ip === ip && (entry.dev === undefined || entry.dev === dev));
  }

  add(ip: Ip, dev: NetDevice | undefined): void {
    if (!this.#entries.some((entry) => entry.ip === ip && entry.dev === dev)) this.#entries.unshift({ ip, dev });
  }

  /** False when there is none. */
  remove(ip: Ip, dev: NetDevice | undefined): boolean {
    const at = this.#entries.findIndex((entry) => entry.ip === ip && entry.dev === dev);
    if (at >= 0) this.#entries.splice(at, 1);
    return at >= 0;
  }

  /** The device is going (pneigh_ifdown). */
  forget(dev: NetDevice): void {
    this.#entries = this.#entries.filter((entry) => entry.dev !== dev);
  }
}
