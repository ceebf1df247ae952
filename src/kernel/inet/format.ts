/** Routes in the words of `ip route`, for the trace. */
import { bitsOf, formatIp, formatPrefix } from "../address.ts";
import type { Route } from "./fib.ts";

export const tableName = (table: Route["table"]): string => (table === 253 ? "default" : String(table));

/** As `ip route show` begins its line: type, destination, gateway, device, source, metric. */
export function formatRoute(route: Route): string {
  const { address, length } = route.dst;
  const dst = length === 0 ? "default" : length === bitsOf(address) ? formatIp(address) : formatPrefix(route.dst);
  const words = route.type === "unicast" ? [dst] : [route.type, dst];
  if (route.via !== undefined) words.push("via", formatIp(route.via));
  if (route.dev) words.push("dev", route.dev.name);
  if (route.src !== undefined) words.push("src", formatIp(route.src));
  if (route.metric) words.push("metric", String(route.metric));
  for (const { via, dev, weight } of route.nexthops ?? []) {
    words.push("nexthop", ...(via === undefined ? [] : ["via", formatIp(via)]), "dev", dev?.name ?? "", "weight", String(weight));
  }
  return words.join(" ");
}
