/** The networks of the engine: made, found, removed, joined and left (daemon/network.go, libnetwork/controller.go). */
import { contains, familyOf, formatIp, type Ip, parseIp, parseMac } from "../../kernel/address.ts";
import type { EngineContainer } from "../container/container.ts";
import { type EngineContext, shortId } from "../context.ts";
import { BridgeDriver } from "../drivers/bridge.ts";
import { BRIDGE_NAME_OPTION } from "../drivers/bridge-config.ts";
import type { NetworkDriver } from "../drivers/driver.ts";
import { HostDriver } from "../drivers/host.ts";
import { IpvlanDriver } from "../drivers/ipvlan.ts";
import { MacvlanDriver } from "../drivers/macvlan.ts";
import { NoneDriver } from "../drivers/none.ts";
import { parseBool } from "../drivers/options.ts";
import { type Filters, matches, matchesExactly, matchesLabels, refuseUnknown } from "../filters.ts";
import { reservedNetworks } from "../ipam/reserved.ts";
import { parseCidr, validateIpam } from "../ipam/validate.ts";
import { type EndpointSpec, EngineError, type IpamConfig, type NetworkSpec } from "../types.ts";
import { EngineEndpoint } from "./endpoint.ts";
import { EngineNetwork, EnginePool } from "./network.ts";
import type { Sandbox } from "./sandbox.ts";

export const DEFAULT_BRIDGE = "bridge";
const PREDEFINED: readonly string[] = [DEFAULT_BRIDGE, "host", "none", "default"];
const ID_LENGTH = 64;

const OVERLAY_REFUSAL =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export const isPredefined = (name: string): boolean => PREDEFINED.includes(name);

export class NetworkStore {
  readonly #context: EngineContext;
  readonly #byId = new Map<string, EngineNetwork>();
  readonly #byName = new Map<string, EngineNetwork>();
  readonly #drivers: ReadonlyMap<string, NetworkDriver>;

  constructor(context: EngineContext) {
    this.#context = context;
    const drivers = [new BridgeDriver(context), new HostDriver(), new NoneDriver(), new MacvlanDriver(context), new IpvlanDriver(context)];
    this.#drivers = new Map<string, NetworkDriver>(drivers.map((driver) => [driver.name, driver]));
  }

  /** none, host and the default bridge, as the daemon makes them when it starts. */
  addPredefined(): void {
    const spec = (name: string, driver: string, options: Readonly<Record<string, string>>): NetworkSpec => ({
      name,
      driver,
      ipam: [],
      ipamDriver: "default",
      ipamOptions: {},
      internal: false,
      attachable: false,
      ingress: false,
      enableIpv4: undefined,
      enableIpv6: undefined,
      options,
      labels: {},
      configOnly: false,
    });
    this.#add(spec("none", "null", {}), true);
    this.#add(spec("host", "host", {}), true);
    const bridge = "com.docker.network.bridge.";
    const options = {
      [`${bridge}default_bridge`]: "true",
      [`${bridge}enable_icc`]: "true",
      [`${bridge}enable_ip_masquerade`]: "true",
      [`${bridge}host_binding_ipv4`]: "0.0.0.0",
      [`${bridge}name`]: "docker0",
      "com.docker.network.driver.mtu": "1500",
    };
    this.#add(spec(DEFAULT_BRIDGE, "bridge", options), true);
  }

  all(): Iterable<EngineNetwork> {
    return this.#byId.values();
  }

  byName(name: string): EngineNetwork | undefined {
    return this.#byName.get(name);
  }

  /** Sorted by name, numbers by value, as the client shows them. */
  list(filters?: Filters): readonly EngineNetwork[] {
    const collator = (a: EngineNetwork, b: EngineNetwork): number => naturalCompare(a.name, b.name);
    if (!filters) return [...this.#byId.values()].sort(collator);
    return [...this.#byId.values()].filter((network) => included(network, filters)).sort(collator);
  }

  /** By name, id, or unambiguous beginning of an id. */
  find(given: string): EngineNetwork | EngineError {
    const reference = given.trim();
    const exact = this.#byId.get(reference) ?? this.#byName.get(reference);
    if (exact) return exact;
    const partial = reference === "" ? [] : [...this.#byId.values()].filter((network) => network.id.startsWith(reference));
    if (partial.length === 1) return partial[0] as EngineNetwork;
    if (partial.length > 1)
      return new EngineError(`network ${reference} is ambiguous (${partial.length} matches found based on ID prefix)`);
    return new EngineError(`network ${reference} not found`, 404);
  }

  create(given: NetworkSpec): EngineNetwork | EngineError {
    const spec = switched(given);
    const refused = this.#refuse(spec);
    if (refused) return refused;
    return this.#add(spec, false);
  }

  /** What `create` would refuse, without doing anything. */
  check(spec: NetworkSpec): EngineError | undefined {
    const refused = this.#refuse(spec);
    if (refused) return refused;
    const handler = this.#drivers.get(spec.driver) as NetworkDriver;
    if (handler.special) return new EngineError(`only one instance of "${handler.name}" network is allowed`, 403);
    const network = new EngineNetwork("0".repeat(64), spec, handler, 0, false);
    const wrong = handler.checkOptions(network);
    if (wrong instanceof EngineError) return wrong;
    for (const config of spec.ipam) {
      const subnet = parseCidr(config.subnet);
      if (!subnet) continue;
      const range = config.ipRange ? parseCidr(config.ipRange) : undefined;
      if (this.#context.addresses[familyOf(subnet.address)].refuses(subnet, range)) return OVERLAP;
    }
    const name = spec.options[BRIDGE_NAME_OPTION];
    for (const other of this.#byId.values()) {
      if (name && spec.driver === "bridge" && other.device?.name === name)
        return new EngineError(`conflicts with network ${other.id} (${name}): networks have same bridge name`, 403);
    }
    return undefined;
  }

  remove(network: EngineNetwork): EngineError | undefined {
    if (network.predefined) return new EngineError(`${network.name} is a pre-defined network and cannot be removed`, 403);
    const removing = (reason: string): EngineError => new EngineError(`error while removing network: ${reason}`, 403);
    if (network.spec.configOnly) {
      const used = [...this.#byId.values()].some((other) => other.spec.configFrom === network.name);
      if (used) return removing(`configuration network "${network.name}" is in use`);
    }
    if (network.endpoints.size > 0) {
      const active = [...network.endpoints.values()].map(({ name, id }) => `name:${JSON.stringify(name)} id:"${shortId(id)}"`);
      return removing(`network ${network.name} has active endpoints (${active.join(", ")})`);
    }
    if (!network.spec.configOnly) {
      this.#releasePools(network);
      network.handler.deleteNetwork(network);
    }
    this.#byId.delete(network.id);
    this.#byName.delete(network.name);
    const { kernel } = this.#context;
    kernel.trace.change(kernel.clock.now, "network", network.id, null);
    this.#context.event("network", "destroy", network.id, { name: network.name, type: network.driver });
    return undefined;
  }

  /** Networks that `docker network prune` takes: neither predefined nor in use. */
  prunable(filters?: Filters, before = Number.POSITIVE_INFINITY): readonly EngineNetwork[] | EngineError {
    const refused = filters && refuseUnknown(filters, ["until", "label", "label!"]);
    if (refused) return refused;
    return [...this.#byId.values()].filter(
      ({ predefined, spec, endpoints, labels, created }) =>
        !predefined && !spec.configOnly && endpoints.size === 0 && created <= before && (!filters || matchesLabels(filters, labels)),
    );
  }

  /** What `host-gateway` stands for: the addresses of docker0. */
  hostGateways(): readonly string[] {
    const pools = this.#byName.get(DEFAULT_BRIDGE)?.pools ?? [];
    return pools.map((pool) => pool.gateway).filter((gateway) => gateway !== "");
  }

  /** Network.CreateEndpoint: addresses, device, names. */
  createEndpoint(network: EngineNetwork, container: EngineContainer, spec: EndpointSpec, sandbox: Sandbox): EngineEndpoint | EngineError {
    const { kernel } = this.#context;
    const { name } = container;
    if (network.spec.configOnly) return new EngineError("cannot create endpoint on configuration-only network", 403);
    if (network.endpointsByName.has(name))
      return new EngineError(`endpoint with name ${name} already exists in network ${network.name}`, 403);
    const wrong = spec.linkLocalIps?.find((address) => !/^(169\.254\.|fe[89ab].:)/i.test(address));
    if (wrong) return new EngineError(`invalid link local IP address: ${wrong}`);
    const endpoint = new EngineEndpoint(kernel.random.hex(ID_LENGTH), name, network, container, spec);
    if (spec.macAddress) endpoint.macAddress = parseMac(spec.macAddress) ?? "";
    if (!network.special) {
      const refused = this.#assignAddresses(endpoint);
      if (refused) return refused;
    }
    const failed = network.handler.createEndpoint(endpoint, sandbox.netns);
    if (failed) {
      this.#releaseAddresses(endpoint);
      return new EngineError(`failed to create endpoint ${name} on network ${network.name}: ${failed.message}`, failed.status);
    }
    network.endpoints.set(endpoint.id, endpoint);
    network.endpointsByName.set(name, endpoint);
    if (network.userDefined) {
      endpoint.dnsNames = container.dnsNames(spec.aliases);
      network.records.add(endpoint.dnsNames, endpoint.ipv4, endpoint.ipv6);
    }
    return endpoint;
  }

  /** Endpoint.Delete: what `createEndpoint` made. */
  deleteEndpoint(endpoint: EngineEndpoint): void {
    const { network } = endpoint;
    network.endpoints.delete(endpoint.id);
    network.endpointsByName.delete(endpoint.name);
    network.records.remove(endpoint.dnsNames, endpoint.ipv4, endpoint.ipv6);
    network.handler.deleteEndpoint(endpoint);
    this.#releaseAddresses(endpoint);
    this.changed(network);
  }

  /** A container has another name: so have its endpoints. */
  renameEndpoint(endpoint: EngineEndpoint): void {
    const { network, container } = endpoint;
    network.endpointsByName.delete(endpoint.name);
    endpoint.name = container.name;
    network.endpointsByName.set(endpoint.name, endpoint);
    for (const address of endpoint.hostsAddresses) network.poolOf(address)?.taken.set(address, container.name);
    if (!network.userDefined) return;
    network.records.remove(endpoint.dnsNames, endpoint.ipv4, endpoint.ipv6);
    endpoint.dnsNames = container.dnsNames(endpoint.spec.aliases);
    network.records.add(endpoint.dnsNames, endpoint.ipv4, endpoint.ipv6);
  }

  /** Lets the trace know what a network looks like now. */
  changed(network: EngineNetwork): void {
    const { kernel } = this.#context;
    kernel.trace.change(kernel.clock.now, "network", network.id, network.view());
  }

  #refuse(spec: NetworkSpec): EngineError | undefined {
    if (isPredefined(spec.name)) return new EngineError(`operation is not permitted on predefined ${spec.name} network`, 403);
    if (spec.driver === "overlay") return new EngineError(OVERLAY_REFUSAL, 403);
    const invalid = validateIpam(spec.ipam, spec.enableIpv6 ?? false);
    if (invalid) return invalid;
    if (spec.name.trim() === "") return new EngineError("invalid name: name is empty");
    if (this.#byName.has(spec.name)) return new EngineError(`network with name ${spec.name} already exists`, 409);
    if (spec.configOnly && (spec.ingress || spec.internal || spec.attachable || spec.scope))
      return new EngineError(
        "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.",
        403,
      );
    if (spec.configOnly && spec.configFrom)
      return new EngineError("a configuration network cannot depend on another configuration network", 403);
    if (spec.configOnly) return undefined;
    if (!this.#drivers.has(spec.driver)) return new EngineError(`plugin ${JSON.stringify(spec.driver)} not found`, 404);
    if (spec.ipamDriver !== "default" && spec.ipamDriver !== "null" && spec.ipamDriver !== "")
      return new EngineError(`plugin ${JSON.stringify(spec.ipamDriver)} not found`, 404);
    if (spec.ingress) return new EngineError("Ingress network can only be global scope network", 403);
    if (spec.configFrom && this.#byName.get(spec.configFrom)?.spec.configOnly !== true)
      return new EngineError(`configuration network ${JSON.stringify(spec.configFrom)} does not exist`, 404);
    if (spec.configFrom && (spec.ipam.length > 0 || Object.keys(spec.options).length > 0))
      return new EngineError("user specified configurations are not supported if the network depends on a configuration network", 403);
    if (spec.scope === "swarm") return new EngineError("cannot create a swarm scoped network when swarm is not active", 403);
    return undefined;
  }

  #add(spec: NetworkSpec, predefined: boolean): EngineNetwork | EngineError {
    const { kernel } = this.#context;
    // A configuration-only network is of type null, so that nothing can use it.
    const handler = this.#drivers.get(spec.configOnly ? "null" : spec.driver) as NetworkDriver;
    const network = new EngineNetwork(kernel.random.hex(ID_LENGTH), spec, handler, kernel.clock.now, predefined);
    if (!spec.configOnly) {
      const failed = this.#build(network);
      if (failed) return failed;
    }
    this.#byId.set(network.id, network);
    this.#byName.set(network.name, network);
    this.changed(network);
    if (!predefined) this.#context.event("network", "create", network.id, { name: network.name, type: network.driver });
    return network;
  }

  #build(network: EngineNetwork): EngineError | undefined {
    const { handler, spec } = network;
    const from = spec.configFrom ? this.#byName.get(spec.configFrom) : undefined;
    if (from) {
      network.ipam = from.ipam;
      network.options = from.options;
      network.labels = from.labels;
      network.enableIpv4 = from.enableIpv4;
      network.enableIpv6 = from.enableIpv6;
    }
    const gateways = handler.checkOptions(network);
    if (gateways instanceof EngineError) return gateways;
    const failed = (handler.special ? undefined : this.#allocatePools(network, gateways)) ?? handler.createNetwork(network);
    if (failed) this.#releasePools(network);
    return failed;
  }

  #allocatePools(network: EngineNetwork, { skip4, skip6 }: { skip4: boolean; skip6: boolean }): EngineError | undefined {
    if (network.spec.ipamDriver === "null") return undefined;
    for (const family of [4, 6] as const) {
      if (!(family === 4 ? network.enableIpv4 : network.enableIpv6)) continue;
      const configs = network.ipam.filter((config) => config.subnet.includes(":") === (family === 6));
      for (const config of configs.length > 0 ? configs : [undefined]) {
        const refused = this.#allocatePool(network, family, config, family === 4 ? skip4 : skip6);
        if (refused) return refused;
      }
    }
    return undefined;
  }

  #allocatePool(network: EngineNetwork, family: 4 | 6, config: IpamConfig | undefined, skipGateway: boolean): EngineError | undefined {
    const { netns, fs, addresses } = this.#context;
    const subnet = config && parseCidr(config.subnet);
    const range = config?.ipRange ? parseCidr(config.ipRange) : undefined;
    const lease = addresses[family].request(subnet, range, subnet ? [] : reservedNetworks(netns, fs, family));
    if (lease === "overlap") return OVERLAP;
    if (lease === "exhausted") return new EngineError("all predefined address pools have been fully subnetted", 403);
    const pool = new EnginePool(lease, config);
    network.pools.push(pool);
    const wanted = config?.gateway ? parseIp(config.gateway) : undefined;
    if (wanted !== undefined || !skipGateway) {
      const gateway = pool.take("gateway", wanted);
      if (typeof gateway === "string")
        return new EngineError(`failed to allocate gateway (${config?.gateway ?? ""}): ${POOL_REFUSALS[gateway]}`, 500);
      pool.gateway = formatIp(gateway);
    }
    for (const [name, text] of Object.entries(pool.auxAddresses)) {
      const ip = parseIp(text);
      if (ip === undefined)
        return new EngineError(`non parsable secondary ip address (${name}:${text}) passed for network ${network.name}`);
      if (!contains(pool.prefix, ip))
        return new EngineError(`auxiliary address: (${name}:${text}) must belong to the master pool: ${pool.subnet}`, 403);
      const taken = pool.take(name, ip);
      if (typeof taken === "string")
        return new EngineError(`failed to allocate secondary ip address (${name}:${text}): ${POOL_REFUSALS[taken]}`, 500);
    }
    return undefined;
  }

  #releasePools(network: EngineNetwork): void {
    for (const pool of network.pools.splice(0)) {
      for (const address of [...pool.taken.keys()]) pool.give(address, parseIp(address) as Ip);
      this.#context.addresses[pool.family].release(pool.lease);
    }
  }

  #assignAddresses(endpoint: EngineEndpoint): EngineError | undefined {
    const { network, spec } = endpoint;
    for (const family of [4, 6] as const) {
      if (!(family === 4 ? network.enableIpv4 : network.enableIpv6)) continue;
      const wanted = family === 4 ? spec.ipv4 : spec.ipv6;
      const refused = this.#assignAddress(endpoint, family, wanted ? parseIp(wanted) : undefined);
      if (refused) {
        this.#releaseAddresses(endpoint);
        return refused;
      }
    }
    return undefined;
  }

  #assignAddress(endpoint: EngineEndpoint, family: 4 | 6, wanted: Ip | undefined): EngineError | undefined {
    const { network, name } = endpoint;
    for (const pool of network.pools) {
      if (pool.family !== family || (wanted !== undefined && !contains(pool.prefix, wanted))) continue;
      const ip = pool.take(name, wanted);
      if (ip === "exhausted") continue;
      if (typeof ip === "string") return new EngineError(POOL_REFUSALS[ip], 403);
      const address = formatIp(ip);
      if (family === 4) {
        endpoint.ipv4 = address;
        endpoint.ipv4Length = pool.prefix.length;
      } else {
        endpoint.ipv6 = address;
        endpoint.ipv6Length = pool.prefix.length;
      }
      const { kernel, netns } = this.#context;
      const data = { network: network.id, subnet: pool.subnet, address, container: endpoint.container.id, next: pool.next };
      kernel.trace.event(kernel.clock.now, "address-assigned", netns.uid, data);
      return undefined;
    }
    if (wanted !== undefined)
      return new EngineError(`invalid address ${formatIp(wanted)}: It does not belong to any of this network's subnets`);
    return new EngineError(`no available IPv${family} addresses on this network's address pools: ${network.name} (${network.id})`, 500);
  }

  /** Endpoint.releaseIPv6Addresses: where IPv6 is off it stays without. */
  releaseIpv6(endpoint: EngineEndpoint): void {
    if (endpoint.ipv6 === "") return;
    endpoint.network.poolOf(endpoint.ipv6)?.give(endpoint.ipv6, parseIp(endpoint.ipv6) as Ip);
    endpoint.ipv6 = "";
    endpoint.ipv6Length = 0;
  }

  #releaseAddresses(endpoint: EngineEndpoint): void {
    for (const address of endpoint.hostsAddresses) endpoint.network.poolOf(address)?.give(address, parseIp(address) as Ip);
  }
}

/** Without a flag of its own a driver option turns IPv4 or IPv6 on or off (daemon/network.go, createNetwork). */
function switched(spec: NetworkSpec): NetworkSpec {
  const on = (family: 4 | 6): boolean | undefined => parseBool(spec.options[`com.docker.network.enable_ipv${family}`] ?? "");
  return { ...spec, enableIpv4: spec.enableIpv4 ?? on(4), enableIpv6: spec.enableIpv6 ?? on(6) };
}

const OVERLAP = new EngineError("invalid pool request: Pool overlaps with other one on this address space", 403);

const POOL_REFUSALS = {
  taken: "Address already in use",
  exhausted: "no available addresses on this pool",
  "out-of-range": "Requested address is out of range",
} as const;

/** Numbers in names by their value: n2 before n10 (fvbommel/sortorder). */
function naturalCompare(a: string, b: string): number {
  const chunk = /\d+|\D+/g;
  const [x, y] = [a.match(chunk) ?? [], b.match(chunk) ?? []];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string, y[i] as string];
    if (p === q) continue;
    const numbers = /^\d/.test(p) && /^\d/.test(q);
    if (numbers && Number(p) !== Number(q)) return Number(p) - Number(q);
    return p < q ? -1 : 1;
  }
  return x.length - y.length || (a < b ? -1 : a > b ? 1 : 0);
}

function included(network: EngineNetwork, filters: Filters): boolean {
  if (!matchesExactly(filters, "driver", network.driver) || !matchesExactly(filters, "scope", "local")) return false;
  if (!matches(filters, "name", network.name) || !matches(filters, "id", network.id)) return false;
  if (!matchesLabels(filters, network.labels)) return false;
  const dangling = filters.get("dangling")?.[0];
  if (dangling !== undefined) {
    // As the list has it: containers do not count here, the daemon does not look them up for a list.
    const unused = !network.predefined;
    if (unused !== (dangling === "1" || dangling === "true")) return false;
  }
  const types = filters.get("type");
  return !types || types.some((type) => (type === "builtin") === network.predefined);
}
