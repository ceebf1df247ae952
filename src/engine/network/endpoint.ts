/** One end of a container on a network (libnetwork/endpoint.go). */
import type { Mac } from "../../kernel/address.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import type { EngineContainer } from "../container/container.ts";
import type { PortMapping } from "../ports/mapping.ts";
import type { Endpoint, EndpointSpec } from "../types.ts";
import type { EngineNetwork } from "./network.ts";
import type { Sandbox } from "./sandbox.ts";

export class EngineEndpoint implements Endpoint {
  readonly id: string;
  /** The container's name when the endpoint was made, or since it was renamed. */
  name: string;
  readonly network: EngineNetwork;
  readonly container: EngineContainer;
  readonly spec: EndpointSpec;
  macAddress: Mac | "" = "";
  ipv4 = "";
  ipv4Length = 0;
  ipv6 = "";
  ipv6Length = 0;
  gateway = "";
  gateway6 = "";
  device: NetDevice | undefined;
  hostDevice: NetDevice | undefined;
  dnsNames: readonly string[] = [];

  /** The sandbox that it has joined. */
  sandbox: Sandbox | undefined;
  /** What the device is called before it gets its name in the sandbox, and again once it has left. */
  sourceName = "";
  /** What the daemon has called it in the sandbox. */
  interfaceName = "";
  /** Whether the device is in the sandbox under its own name. */
  populated = false;
  /** A default route by the device itself, without gateway (ipvlan l3). */
  deviceRoute4 = false;
  deviceRoute6 = false;
  readonly gwPriority: number;
  /** Names that only this container uses for others on the network (--link), with what they stand for. */
  readonly aliases = new Map<string, string>();
  /** Bound ports, and ports that the container names, while it is the sandbox's gateway. */
  portMappings: readonly PortMapping[] = [];
  exposedPorts: readonly string[] = [];
  /** Stops the announcements of its addresses. */
  stopAnnouncing: (() => void) | undefined;

  constructor(id: string, name: string, network: EngineNetwork, container: EngineContainer, spec: EndpointSpec) {
    this.id = id;
    this.name = name;
    this.network = network;
    this.container = container;
    this.spec = spec;
    this.gwPriority = spec.gwPriority ?? 0;
  }

  get hasGateway4(): boolean {
    return this.gateway !== "" || this.deviceRoute4;
  }

  get hasGateway6(): boolean {
    return this.gateway6 !== "" || this.deviceRoute6;
  }

  /** Addresses that stand in the container's /etc/hosts. */
  get hostsAddresses(): readonly string[] {
    return [this.ipv4, this.ipv6].filter((address) => address !== "");
  }
}

/** Better candidates for the default gateway first (Endpoint.Less of libnetwork/sandbox.go). */
export function compareEndpoints(a: EngineEndpoint, b: EngineEndpoint): number {
  const gateways = (endpoint: EngineEndpoint): number => Number(endpoint.hasGateway4) + Number(endpoint.hasGateway6);
  return (
    b.gwPriority - a.gwPriority ||
    Number(a.network.internal) - Number(b.network.internal) ||
    gateways(b) - gateways(a) ||
    (a.network.name < b.network.name ? -1 : a.network.name > b.network.name ? 1 : 0)
  );
}

/** Who leads out by IPv4 and by IPv6: the first dual-stack endpoint for both, else the first of each (default_gateway.go). */
export function selectGateways(endpoints: readonly EngineEndpoint[]): {
  readonly v4: EngineEndpoint | undefined;
  readonly v6: EngineEndpoint | undefined;
} {
  let v4: EngineEndpoint | undefined;
  let v6: EngineEndpoint | undefined;
  for (const endpoint of endpoints) {
    if (endpoint.network.special) continue;
    if (endpoint.hasGateway4 && endpoint.hasGateway6) return { v4: endpoint, v6: endpoint };
    if (endpoint.hasGateway4) v4 ??= endpoint;
    if (endpoint.hasGateway6) v6 ??= endpoint;
  }
  return { v4, v6 };
}
