/** Routes of one table and family by prefix: one hash per prefix length in use, asked from the longest to the shortest. */
import type { Ip } from "../address.ts";
import { networkAddress } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Route } from "./fib.ts";
import { leadsBy } from "./multipath.ts";

export class PrefixTable {
  /** Routes to one prefix are in order of metric, then of age. */
  #byLength = new Map<number, Map<Ip, Route[]>>();
  /** Prefix lengths in use, longest first. */
  #lengths: number[] = [];

  /**
   * The route with the longest prefix that contains `dst`, then with the lowest metric. `oif` passes over routes by other
   * devices; `usable` may refuse more (routes whose link is down, where the device is set to ignore those).
   */
  find(dst: Ip, oif: NetDevice | undefined, usable: ((route: Route) => boolean) | undefined): Route | undefined {
    for (const length of this.#lengths) {
      const routes = this.#byLength.get(length)?.get(networkAddress(dst, length));
      if (!routes) continue;
      for (const route of routes) if ((!oif || route.dev === oif || leadsBy(route, oif)) && (!usable || usable(route))) return route;
    }
    return undefined;
  }

  /** Routes to exactly this prefix. */
  at(address: Ip, length: number): readonly Route[] {
    return this.#byLength.get(length)?.get(networkAddress(address, length)) ?? [];
  }

  /** Puts a route behind those to the same prefix with the same metric, or before them. */
  insert(route: Route, first = false): void {
    const { address, length } = route.dst;
    let hash = this.#byLength.get(length);
    if (!hash) {
      hash = new Map();
      this.#byLength.set(length, hash);
      this.#lengths.push(length);
      this.#lengths.sort((a, b) => b - a);
    }
    const routes = hash.get(address);
    if (!routes) {
      hash.set(address, [route]);
      return;
    }
    let i = routes.length;
    while (i > 0 && ((routes[i - 1] as Route).metric > route.metric || (first && (routes[i - 1] as Route).metric === route.metric))) i--;
    routes.splice(i, 0, route);
  }

  delete(route: Route): void {
    const { address, length } = route.dst;
    const hash = this.#byLength.get(length);
    const routes = hash?.get(address);
    const i = routes?.indexOf(route) ?? -1;
    if (!hash || !routes || i < 0) return;
    routes.splice(i, 1);
    if (routes.length > 0) return;
    hash.delete(address);
    if (hash.size > 0) return;
    this.#byLength.delete(length);
    this.#lengths.splice(this.#lengths.indexOf(length), 1);
  }

  /** All routes, prefixes in no particular order. */
  *routes(): Generator<Route> {
    for (const hash of this.#byLength.values()) for (const routes of hash.values()) yield* routes;
  }

  get empty(): boolean {
    return this.#lengths.length === 0;
  }
}
