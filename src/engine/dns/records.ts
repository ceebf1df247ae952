/** The names of one network's endpoints, as its containers' DNS servers answer for them (svcInfo in libnetwork/network.go). */
import { formatIp, type Ip, parseIp } from "../../kernel/address.ts";

export class ServiceRecords {
  /** Names are kept in lower case; addresses in the order in which they came. */
  readonly #v4 = new Map<string, Ip[]>();
  readonly #v6 = new Map<string, Ip[]>();
  readonly #names = new Map<Ip, string[]>();
  /** How often a name has been asked for: whose turn it is. */
  readonly #turns = new Map<string, number>();

  add(names: readonly string[], ipv4: string, ipv6: string): void {
    this.#each(names, ipv4, ipv6, (map, key, value) => {
      const values = map.get(key);
      if (!values) map.set(key, [value]);
      else if (!values.includes(value)) values.push(value);
    });
  }

  remove(names: readonly string[], ipv4: string, ipv6: string): void {
    this.#each(names, ipv4, ipv6, (map, key, value) => {
      const values = map.get(key);
      const at = values?.indexOf(value) ?? -1;
      if (!values || at < 0) return;
      values.splice(at, 1);
      if (values.length === 0) map.delete(key);
    });
  }

  /** Addresses of a name; undefined when nobody has it, empty when it has none of that family. */
  resolve(name: string, family: 4 | 6): readonly Ip[] | undefined {
    const key = name.toLowerCase();
    const v4 = this.#v4.get(key);
    const v6 = this.#v6.get(key);
    return v4 || v6 ? ((family === 4 ? v4 : v6) ?? []) : undefined;
  }

  /** The first name of the endpoint that has an address: what a PTR query is answered with. */
  nameOf(ip: Ip): string | undefined {
    return this.#names.get(ip)?.[0];
  }

  /** Counts a question for a name and gives how many there were before. */
  turn(name: string, family: 4 | 6): number {
    const key = `${name.toLowerCase()}/${family}`;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return turn;
  }

  /**
   * Names with their addresses, for whoever shows who answers for what: IPv4 before IPv6, each family beginning with the one
   * whose turn it is.
   */
  list(): readonly { readonly name: string; readonly addresses: readonly string[] }[] {
    const names = new Set([...this.#v4.keys(), ...this.#v6.keys()]);
    const inTurn = (name: string, family: 4 | 6): readonly Ip[] => {
      const addresses = (family === 4 ? this.#v4 : this.#v6).get(name) ?? [];
      const first = (this.#turns.get(`${name}/${family}`) ?? 0) % Math.max(1, addresses.length);
      return [...addresses.slice(first), ...addresses.slice(0, first)];
    };
    return [...names].map((name) => ({ name, addresses: [...inTurn(name, 4), ...inTurn(name, 6)].map(formatIp) }));
  }

  #each(names: readonly string[], ipv4: string, ipv6: string, change: <K, V>(map: Map<K, V[]>, key: K, value: V) => void): void {
    for (const [text, map] of [
      [ipv4, this.#v4],
      [ipv6, this.#v6],
    ] as const) {
      const ip = text === "" ? undefined : parseIp(text);
      if (ip === undefined) continue;
      for (const name of names) change(map, name.toLowerCase(), ip);
      if (names[0] !== undefined) change(this.#names, ip, names[0]);
    }
  }
}
