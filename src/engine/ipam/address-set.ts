/** Which addresses of a subnet are taken (libnetwork/internal/addrset), and the lowest free one without a search. */
import { addToIp, bitsOf, contains, type Ip, lastAddress, type Prefix } from "../../kernel/address.ts";

/** Where the search for a free address of a range starts: nothing below `next` is free; undefined when the range is full. */
interface Cursor {
  readonly range: Prefix;
  readonly last: Ip;
  next: Ip | undefined;
}

export class AddressSet {
  readonly subnet: Prefix;
  #taken = new Set<Ip>();
  #cursors = new Map<string, Cursor>();

  /**
   * Reserves what no host may have: an IPv4 subnet's network and broadcast address (not in a /31, RFC 3021), and the
   * subnet-router anycast address of IPv6 (RFC 4291). As newPoolData of libnetwork/ipams/defaultipam.
   */
  constructor(subnet: Prefix) {
    this.subnet = subnet;
    const hostBits = bitsOf(subnet.address) - subnet.length;
    const four = typeof subnet.address === "number";
    if (!four || hostBits > 1) this.#taken.add(subnet.address);
    if (four && hostBits > 1) this.#taken.add(lastAddress(subnet.address, subnet.length));
  }

  /** Takes a given address; false when somebody has it. */
  add(ip: Ip): boolean {
    if (this.#taken.has(ip)) return false;
    this.#taken.add(ip);
    return true;
  }

  /** The lowest free address of the range; undefined when there is none. */
  lowestFree(range: Prefix = this.subnet): Ip | undefined {
    const cursor = this.#cursor(range);
    while (cursor.next !== undefined && this.#taken.has(cursor.next))
      cursor.next = cursor.next === cursor.last ? undefined : addToIp(cursor.next, 1);
    return cursor.next;
  }

  /** Takes the lowest free address of the range. */
  addAny(range: Prefix = this.subnet): Ip | undefined {
    const ip = this.lowestFree(range);
    if (ip !== undefined) this.#taken.add(ip);
    return ip;
  }

  remove(ip: Ip): void {
    if (!this.#taken.delete(ip)) return;
    for (const cursor of this.#cursors.values()) {
      if (contains(cursor.range, ip) && (cursor.next === undefined || ip < cursor.next)) cursor.next = ip;
    }
  }

  #cursor(range: Prefix): Cursor {
    const key = `${range.address}/${range.length}`;
    let cursor = this.#cursors.get(key);
    if (!cursor) {
      cursor = { range, last: lastAddress(range.address, range.length), next: range.address };
      this.#cursors.set(key, cursor);
    }
    return cursor;
  }
}
