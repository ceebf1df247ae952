/** Which host ports the engine has given away (libnetwork/portallocator). Addresses without brackets. */

export type PortProtocol = "tcp" | "udp" | "sctp";

interface PortMap {
  readonly taken: Set<number>;
  /** By "first-last": the port given last, where the next search goes on from. */
  readonly last: Map<string, number>;
}

const ANY4 = "0.0.0.0";
const ANY6 = "::";
const isV4 = (address: string): boolean => !address.includes(":");

export class PortAllocator {
  readonly #range: () => readonly [number, number];
  readonly #maps = new Map<string, Map<PortProtocol, PortMap>>();

  /** `range`: the ports that are given where nobody names one (net.ipv4.ip_local_port_range as the daemon started). */
  constructor(range: () => readonly [number, number]) {
    this.#range = range;
    this.#protocols(ANY4);
    this.#protocols(ANY6);
  }

  /**
   * Takes one port on all the addresses: `first` itself when it equals `last`, else the first free one after the one given
   * last, round and round; 0 and 0 mean the ephemeral range. An unspecified address needs the port free on every address
   * of its family. The text is the daemon's refusal.
   */
  request(addresses: readonly string[], protocol: PortProtocol, first: number, last: number): number | string {
    const own = addresses.map((address) => ({ address, map: this.#map(address, protocol) }));
    const others = this.#others(addresses, protocol);
    if (first > 0 && first === last) {
      const taken = [...own, ...others].find(({ map }) => map.taken.has(first));
      if (taken) return `Bind for ${taken.address}:${first} failed: port is already allocated`;
      for (const { map } of own) map.taken.add(first);
      return first;
    }
    const [begin, end] = first === 0 ? this.#range() : [first, last];
    const key = `${begin}-${end}`;
    let port = own[0]?.map.last.get(key) ?? end;
    for (let i = begin; i <= end; i++) {
      port = port >= end ? begin : port + 1;
      const candidate = port;
      if (own.some(({ map }) => map.taken.has(candidate)) || others.some(({ map }) => map.taken.has(candidate))) continue;
      for (const { map } of own) {
        map.taken.add(candidate);
        map.last.set(key, candidate);
      }
      return candidate;
    }
    return "all ports are allocated";
  }

  release(address: string, protocol: PortProtocol, port: number): void {
    this.#maps.get(address)?.get(protocol)?.taken.delete(port);
  }

  /** What a request for exactly this port would be refused with. */
  refusal(addresses: readonly string[], protocol: PortProtocol, port: number): string | undefined {
    const maps = [...addresses.map((address) => ({ address, map: this.#map(address, protocol) })), ...this.#others(addresses, protocol)];
    const taken = maps.find(({ map }) => map.taken.has(port));
    return taken && `Bind for ${taken.address}:${port} failed: port is already allocated`;
  }

  /** Addresses that are not asked for but stand in the way. */
  #others(addresses: readonly string[], protocol: PortProtocol): { address: string; map: PortMap }[] {
    const others: { address: string; map: PortMap }[] = [];
    for (const any of [ANY4, ANY6]) {
      if (addresses.includes(any)) {
        for (const address of this.#maps.keys()) {
          if (isV4(address) === isV4(any) && !addresses.includes(address)) others.push({ address, map: this.#map(address, protocol) });
        }
      } else if (addresses.some((address) => isV4(address) === isV4(any))) others.push({ address: any, map: this.#map(any, protocol) });
    }
    return others;
  }

  #protocols(address: string): Map<PortProtocol, PortMap> {
    let protocols = this.#maps.get(address);
    if (!protocols) {
      protocols = new Map();
      this.#maps.set(address, protocols);
    }
    return protocols;
  }

  #map(address: string, protocol: PortProtocol): PortMap {
    const protocols = this.#protocols(address);
    let map = protocols.get(protocol);
    if (!map) {
      map = { taken: new Set(), last: new Map() };
      protocols.set(protocol, map);
    }
    return map;
  }
}
