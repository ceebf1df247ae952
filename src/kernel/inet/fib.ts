/** The forwarding information base: routes by table, longest prefix first, then metric (net/ipv4/fib_trie.c, net/ipv6/route.c). */
import type { Family, Ip, Prefix } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { LinkError } from "../device/table.ts";
import type { Netns } from "../netns.ts";

export type RouteType = "unicast" | "local" | "broadcast" | "multicast" | "blackhole" | "unreachable" | "prohibit" | "anycast";

export interface Route {
  readonly type: RouteType;
  readonly dst: Prefix;
  readonly via?: Ip;
  readonly dev?: NetDevice;
  /** Preferred source address. */
  readonly src?: Ip;
  readonly metric: number;
  readonly table: "main" | "local" | number;
  readonly protocol: "kernel" | "boot" | "static" | "ra";
  readonly scope: "global" | "link" | "host" | "nowhere";
  readonly mtu?: number;
  readonly onlink?: boolean;
}

export interface RouteResult {
  readonly route: Route;
  readonly dev: NetDevice | undefined;
  /** The neighbour to ask for: the gateway, or the destination itself. */
  readonly nextHop: Ip;
  readonly src: Ip;
}

export class Fib {
  constructor(readonly netns: Netns) {}
  /** The best route, or undefined when there is none (ENETUNREACH). `oif` restricts to routes by that device. */
  lookup(_dst: Ip, _src?: Ip, _oif?: NetDevice): RouteResult | undefined { throw new Error("todo"); }
  /** RTM_NEWROUTE: EEXIST unless `replace`, ENETUNREACH "Nexthop has invalid gateway.", ENETDOWN … */
  add(_route: Route, _replace?: boolean): LinkError | undefined { throw new Error("todo"); }
  /** RTM_DELROUTE by what is given; ESRCH "No such process" when nothing matches. */
  remove(_match: Partial<Route> & { readonly dst: Prefix }): LinkError | undefined { throw new Error("todo"); }
  /** In the order in which `ip route` prints a table. */
  list(_family: Family, _table?: Route["table"] | "all"): readonly Route[] { throw new Error("todo"); }
}
