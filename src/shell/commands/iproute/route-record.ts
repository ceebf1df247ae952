/** One route as `ip route show` and `ip route get` print it (iproute2 ip/iproute.c, print_route). */
import { bitsOf, formatIp, formatPrefix, type Prefix } from "../../../kernel/address.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import type { Json } from "./json.ts";
import { colored } from "./link-record.ts";
import { nexthopsJson, nexthopsText } from "./nexthops.ts";
import type { Options } from "./options.ts";

/** What a listing was narrowed to by one value, and so need not print. */
export interface Hidden {
  readonly device?: boolean;
  readonly via?: boolean;
  readonly protocol?: boolean;
  readonly scope?: boolean;
  readonly src?: boolean;
  /** Tables other than main are named: `table all`. */
  readonly showTable?: boolean;
}

export const tableWord = (table: Route["table"]): string => (table === 253 ? "default" : String(table));

const destination = ({ address, length }: Prefix): string =>
  length === 0 ? "default" : length === bitsOf(address) ? formatIp(address) : formatPrefix({ address, length });

/** RTNH_F_LINKDOWN: its device is up without carrier; local addresses do not care. */
const isLinkDown = ({ dev, type }: Route): boolean => dev?.up === true && !dev.running && type !== "local";

/** IPv4 routes of the wide world are of scope global, and that is not said; IPv6 has no scopes. */
const scopeOf = (route: Route): string | undefined =>
  typeof route.dst.address === "bigint" || route.scope === "global" ? undefined : route.scope;

export function routeText(route: Route, options: Options, hidden: Hidden = {}): string {
  const six = typeof route.dst.address === "bigint";
  const color = six ? "inet6" : "inet";
  const words: string[] = [];
  if (route.type !== "unicast" || options.details) words.push(route.type);
  const to = destination(route.dst);
  words.push(to === "default" ? to : colored(options, color, to));
  if (route.via !== undefined && !hidden.via) words.push("via", colored(options, color, formatIp(route.via)));
  if (route.dev && !hidden.device) words.push("dev", colored(options, "ifname", route.dev.name));
  if (hidden.showTable && route.table !== "main") words.push("table", tableWord(route.table));
  if ((route.protocol !== "boot" || options.details) && !hidden.protocol) words.push("proto", route.protocol);
  const scope = options.details ? (six ? "global" : route.scope) : scopeOf(route);
  if (scope !== undefined && !hidden.scope) words.push("scope", scope);
  if (route.src !== undefined && !hidden?.src) words.push("src", colored(options, color, formatIp(route.src)));
  if (six || route.metric !== 0) words.push("metric", String(route.metric));
  if (route.onlink) words.push("onlink");
  if (isLinkDown(route)) words.push("linkdown");
  words.push(...metricWords(route));
  return `${words.join(" ")}${six ? " pref medium" : " "}${nexthopsText(route, options)}`;
}

/** The metrics of a route: RTAX_MTU, with RTAX_LOCK where it is set for it, and RTAX_ADVMSS. */
export const metricWords = ({ mtu, mtuLocked, advMss }: Route): readonly string[] => [
  ...(mtu === undefined ? [] : ["mtu", ...(mtuLocked ? ["lock"] : []), String(mtu)]),
  ...(advMss === undefined ? [] : ["advmss", String(advMss)]),
];

export const metricsJson = ({ mtu, mtuLocked, advMss }: Route): Json | undefined => {
  if (mtu === undefined && advMss === undefined) return undefined;
  const values = { ...(mtu !== undefined && { mtu }), ...(advMss !== undefined && { advmss: advMss }) };
  return mtuLocked ? [{ mtu: ["lock"] }, values] : [values];
};

export function routeJson(route: Route, hidden: Hidden = {}): { [key: string]: Json | undefined } {
  const six = typeof route.dst.address === "bigint";
  const flags = [...(route.onlink ? ["onlink"] : []), ...(isLinkDown(route) ? ["linkdown"] : [])];
  return {
    type: route.type === "unicast" ? undefined : route.type,
    dst: destination(route.dst),
    gateway: route.via === undefined || hidden.via ? undefined : formatIp(route.via),
    dev: hidden.device ? undefined : route.dev?.name,
    table: hidden.showTable && route.table !== "main" ? tableWord(route.table) : undefined,
    protocol: route.protocol === "boot" || hidden.protocol ? undefined : route.protocol,
    scope: hidden.scope ? undefined : scopeOf(route),
    prefsrc: route.src === undefined ? undefined : formatIp(route.src),
    metric: six || route.metric !== 0 ? route.metric : undefined,
    flags,
    metrics: metricsJson(route),
    pref: six ? "medium" : undefined,
    nexthops: nexthopsJson(route),
  };
}
