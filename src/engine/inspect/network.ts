/** The document of `docker network inspect` (buildNetworkResource of daemon/network.go). */
import { type EngineContext, timestamp } from "../context.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork, EnginePool } from "../network/network.ts";
import type { IpamConfig } from "../types.ts";
import { type Json, sortedObject, stringMap } from "./json.ts";

export function networkDocument(context: EngineContext, network: EngineNetwork): Json {
  const { spec } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: timestamp(context, network.created),
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: network.enableIpv4,
    EnableIPv6: network.enableIpv6,
    IPAM: {
      Driver: spec.ipamDriver || "default",
      Options: network.predefined || !spec.ipamOptions ? null : stringMap(spec.ipamOptions),
      Config: ipamConfigs(network),
    },
    Internal: network.internal,
    Attachable: spec.attachable,
    Ingress: spec.ingress,
    ConfigFrom: { Network: spec.configFrom ?? "" },
    ConfigOnly: spec.configOnly,
    Containers: sortedObject(
      [...network.endpoints.values()].map((endpoint) => [endpoint.container.id, endpoint] as const),
      describeEndpoint,
    ),
    Options: stringMap(network.options),
    Labels: stringMap(network.labels),
  };
}

/** What was asked for, IPv4 first, then what the engine chose for a family that nothing was asked for. */
function ipamConfigs(network: EngineNetwork): Json {
  if (network.special && !network.spec.configOnly) return null;
  const chosen = network.pools.filter((pool) => pool.config === undefined);
  const byFamily = (family: 4 | 6): IpamConfig[] => network.ipam.filter((config) => config.subnet.includes(":") === (family === 6));
  const configs = [...[...byFamily(4), ...byFamily(6)].map(givenConfig), ...chosen.map(chosenConfig)];
  return configs.length > 0 ? configs : null;
}

const givenConfig = (config: IpamConfig): Json => ({
  Subnet: config.subnet,
  ...(config.ipRange ? { IPRange: config.ipRange } : {}),
  ...(config.gateway ? { Gateway: config.gateway } : {}),
  ...(config.auxAddresses && Object.keys(config.auxAddresses).length > 0 ? { AuxiliaryAddresses: stringMap(config.auxAddresses) } : {}),
});

const chosenConfig = (pool: EnginePool): Json => ({ Subnet: pool.subnet, ...(pool.gateway === "" ? {} : { Gateway: pool.gateway }) });

const describeEndpoint = (endpoint: EngineEndpoint): Json => ({
  Name: endpoint.name,
  EndpointID: endpoint.id,
  MacAddress: endpoint.macAddress,
  IPv4Address: endpoint.ipv4 === "" ? "" : `${endpoint.ipv4}/${endpoint.ipv4Length}`,
  IPv6Address: endpoint.ipv6 === "" ? "" : `${endpoint.ipv6}/${endpoint.ipv6Length}`,
});
