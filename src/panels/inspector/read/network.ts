/** What a network's head shows: its options in plain words, and its pools with every address and its owner. */
import type { Network, NetworkPool } from "../../../engine/types.ts";
import { parseIp } from "../../../kernel/address.ts";
import type { Bridge } from "../../../kernel/device/bridge.ts";
import type { FdbEntry } from "../../../kernel/device/fdb.ts";
import { quote } from "../../add/words.ts";
import { type Act, act, onMachine, type Place } from "./place.ts";

const BRIDGE = "com.docker.network.bridge.";

export interface NetworkOptions {
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mtu: string;
  readonly gatewayMode: string;
  readonly parent: string;
  readonly mode: string;
}

const isOff = (value: string | undefined): boolean => value !== undefined && /^(0|f|false)$/i.test(value);

/** Options with the defaults that the drivers give to what is not set. */
export function optionsOf(network: Pick<Network, "driver" | "internal" | "spec">): NetworkOptions {
  const { options } = network.spec;
  const isBridge = network.driver === "bridge";
  return {
    icc: !isOff(options[`${BRIDGE}enable_icc`]),
    masquerade: isBridge && !network.internal && !isOff(options[`${BRIDGE}enable_ip_masquerade`]),
    mtu: options["com.docker.network.driver.mtu"] ?? "",
    gatewayMode: options[`${BRIDGE}gateway_mode_ipv4`] ?? "",
    parent: options.parent ?? "",
    mode:
      (network.driver === "macvlan" && (options.macvlan_mode || "bridge")) ||
      (network.driver === "ipvlan" && (options.ipvlan_mode || "l2")) ||
      "",
  };
}

/** Options that have no place of their own in the head: "key = value". */
export const otherOptions = (network: Pick<Network, "spec">): readonly string[] =>
  Object.entries(network.spec.options)
    .filter(([key]) => !/enable_icc|enable_ip_masquerade|driver\.mtu|gateway_mode_ipv4|^parent$|_mode$|default_bridge/.test(key))
    .map(([key, value]) => `${key.replace("com.docker.network.", "")} = ${value}`);

export interface PoolRow {
  readonly address: string;
  readonly owner: string;
  /** The container's id; "" for the gateway and reserved addresses. */
  readonly container: string;
}

/** Every address that is taken, by number. */
export function poolRows(network: Network, pool: NetworkPool): readonly PoolRow[] {
  const byAddress = new Map<string, string>();
  for (const endpoint of network.endpoints.values())
    for (const address of [endpoint.ipv4, endpoint.ipv6]) if (address) byAddress.set(address, endpoint.container.id);
  return [...pool.taken]
    .map(([address, owner]) => ({ address, owner, container: byAddress.get(address) ?? "", ip: parseIp(address) ?? 0 }))
    .sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0))
    .map(({ address, owner, container }) => ({ address, owner, container }));
}

export const poolActs = (network: Pick<Network, "name">, row: PoolRow, host: string): readonly Act[] =>
  row.container ? act(onMachine(host), "disconnect", `docker network disconnect ${quote(network.name)} ${quote(row.owner)}`, true) : [];

export const networkActs = (network: Pick<Network, "name" | "predefined">, host: string): readonly Act[] =>
  network.predefined ? [] : act(onMachine(host), "remove", `docker network rm ${quote(network.name)}`, true);

/** Forgets what a bridge has learned: one entry. */
export const fdbActs = (entry: FdbEntry, place: Place | undefined): readonly Act[] =>
  entry.static || !entry.port ? [] : act(place, "flush", `bridge fdb del ${entry.mac} dev ${entry.port.device.name} master`, true);

/** A port's cable: down or up, out of the bridge. */
export function portActs(bridge: Bridge, port: Bridge["ports"][number], place: Place | undefined): readonly Act[] {
  const { device } = port;
  return [
    ...act(place, device.up ? "down" : "up", `ip link set ${device.name} ${device.up ? "down" : "up"}`, device.up),
    ...act(place, "unplug", `brctl delif ${bridge.name} ${device.name}`, true),
  ];
}
