/** The default IPAM driver's local address space of one family: which subnets are pools (libnetwork/ipams/defaultipam). */
import { addToIp, contains, formatPrefix, type Ip, networkAddress, overlaps, type Prefix } from "../../kernel/address.ts";
import { AddressSet } from "./address-set.ts";

/** A block that is split into subnets of `size` bits where nobody names a subnet (libnetwork/ipamutils). */
export interface NetworkToSplit {
  readonly base: Prefix;
  readonly size: number;
}

interface Pool {
  readonly subnet: Prefix;
  readonly addresses: AddressSet;
  /** Ranges (`--ip-range`) that networks hold of it. */
  readonly ranges: Set<string>;
  /** Goes with its last range: nobody holds the whole subnet. */
  autoRelease: boolean;
}

/** A network's hold on a pool, or on a range of it. */
export interface PoolLease {
  readonly subnet: Prefix;
  readonly range: Prefix | undefined;
  /** Takes an address: the given one, or the lowest free of the range. */
  request(wanted?: Ip): Ip | "taken" | "exhausted" | "out-of-range";
  release(ip: Ip): void;
  /** The address that a request without wish would get. */
  readonly next: Ip | undefined;
}

const block = (text: string, length: number, size: number): NetworkToSplit => {
  const [a, b] = text.split(".").map(Number) as [number, number];
  return { base: { address: (a * 256 + b) * 65536, length }, size };
};

/** localScopeDefaultNetworks: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in twentieths. */
export const LOCAL_POOLS: readonly NetworkToSplit[] = [
  block("172.17", 16, 16),
  block("172.18", 16, 16),
  block("172.19", 16, 16),
  block("172.20", 14, 16),
  block("172.24", 14, 16),
  block("172.28", 14, 16),
  block("192.168", 16, 20),
];

export class AddressSpace {
  readonly #predefined: readonly NetworkToSplit[];
  readonly #pools = new Map<string, Pool>();

  constructor(predefined: readonly NetworkToSplit[]) {
    this.#predefined = predefined;
  }

  /**
   * A pool for `subnet` (host bits are cleared), or the first predefined one that overlaps neither a pool nor `exclude`.
   * "overlap": another pool shares addresses; where a range is given only the same pair of subnet and range is refused.
   */
  request(subnet: Prefix | undefined, range: Prefix | undefined, exclude: readonly Prefix[]): PoolLease | "overlap" | "exhausted" {
    if (!subnet) {
      const free = this.#firstFree(exclude);
      return free ? this.#lease(this.#add(free), undefined) : "exhausted";
    }
    const whole = masked(subnet);
    let part = range && masked(range);
    if (part && part.length < whole.length) part = whole;
    const known = this.#pools.get(formatPrefix(whole));
    if (known && (!part || known.ranges.has(formatPrefix(part)))) return "overlap";
    if (!part) return this.overlaps(whole) ? "overlap" : this.#lease(this.#add(whole), undefined);
    const pool = known ?? this.#add(whole);
    if (!known) pool.autoRelease = true;
    pool.ranges.add(formatPrefix(part));
    return this.#lease(pool, part);
  }

  /** Gives a lease back. */
  release(lease: PoolLease): void {
    const key = formatPrefix(lease.subnet);
    const pool = this.#pools.get(key);
    if (!pool) return;
    if (lease.range) pool.ranges.delete(formatPrefix(lease.range));
    else pool.autoRelease = true;
    if (pool.ranges.size === 0 && pool.autoRelease) this.#pools.delete(key);
  }

  /** What a request for this subnet would be refused with, without making it. */
  refuses(subnet: Prefix, range: Prefix | undefined): boolean {
    const whole = masked(subnet);
    const known = this.#pools.get(formatPrefix(whole));
    if (known) return !range || known.ranges.has(formatPrefix(masked(range)));
    return !range && this.overlaps(whole);
  }

  overlaps(subnet: Prefix): boolean {
    for (const pool of this.#pools.values()) if (overlaps(pool.subnet, subnet)) return true;
    return false;
  }

  #firstFree(exclude: readonly Prefix[]): Prefix | undefined {
    for (const { base, size } of this.#predefined) {
      const count = 2 ** (size - base.length);
      const step = typeof base.address === "number" ? 2 ** (32 - size) : 2 ** (128 - size);
      let address = base.address;
      for (let i = 0; i < count; i++, address = addToIp(address, step)) {
        const candidate = { address, length: size };
        if (!this.overlaps(candidate) && !exclude.some((taken) => overlaps(taken, candidate))) return candidate;
      }
    }
    return undefined;
  }

  #add(subnet: Prefix): Pool {
    const pool: Pool = { subnet, addresses: new AddressSet(subnet), ranges: new Set(), autoRelease: false };
    this.#pools.set(formatPrefix(subnet), pool);
    return pool;
  }

  #lease(pool: Pool, range: Prefix | undefined): PoolLease {
    const { subnet, addresses } = pool;
    return {
      subnet,
      range,
      request(wanted) {
        if (wanted === undefined) return addresses.addAny(range ?? subnet) ?? "exhausted";
        if (!contains(subnet, wanted)) return "out-of-range";
        return addresses.add(wanted) ? wanted : "taken";
      },
      release: (ip) => addresses.remove(ip),
      get next() {
        return addresses.lowestFree(range ?? subnet);
      },
    };
  }
}

const masked = (prefix: Prefix): Prefix => ({ address: networkAddress(prefix.address, prefix.length), length: prefix.length });
