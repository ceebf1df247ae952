/** The multicast groups of rtnetlink: who listens hears of every change of a netns's links, addresses, routes, neighbours, rules and forwarding databases. */
import type { Family } from "./address.ts";
import type { InterfaceAddress, NetDevice } from "./device/device.ts";
import type { FdbEntry } from "./device/fdb.ts";
import type { Route } from "./inet/fib.ts";
import type { NeighbourEntry } from "./inet/neighbour.ts";
import type { PolicyRule } from "./inet/rules.ts";

/** RTM_NEW… and, where it is `gone`, RTM_DEL…. */
export type RtMessage = { readonly gone: boolean } & (
  | { readonly of: "link"; readonly device: NetDevice }
  | { readonly of: "address"; readonly device: NetDevice; readonly address: InterfaceAddress }
  | { readonly of: "route"; readonly route: Route }
  | { readonly of: "neigh"; readonly entry: NeighbourEntry }
  | { readonly of: "rule"; readonly family: Family; readonly rule: PolicyRule }
  | { readonly of: "fdb"; readonly bridge: NetDevice; readonly entry: FdbEntry }
);

export class Rtnetlink {
  readonly #listeners = new Set<(message: RtMessage) => void>();

  /** Whether anybody listens: only then is a message worth making. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  tell(message: RtMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  /** Gives what ends the listening. */
  listen(listener: (message: RtMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
