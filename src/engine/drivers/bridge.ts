/** The bridge driver (libnetwork/drivers/bridge): a bridge on the host, a veth pair for each container, and their rules. */
import { bitsOf, contains, formatIp, formatPrefix, type Ip, isMulticast, overlaps, type Prefix, parseIp } from "../../kernel/address.ts";
import { Bridge } from "../../kernel/device/bridge.ts";
import { LinkError } from "../../kernel/device/link-error.ts";
import { createVeth } from "../../kernel/device/veth.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { EngineContext } from "../context.ts";
import { BridgeRules } from "../iptables/bridge-rules.ts";
import { setUpForwarding } from "../iptables/daemon-chains.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import { globalAddress } from "../network/interface.ts";
import type { EngineNetwork } from "../network/network.ts";
import { addPortMappings, type MappingContext, releasePortMappings } from "../ports/mapping.ts";
import { EngineError } from "../types.ts";
import { type BridgeConfig, parseBridgeConfig } from "./bridge-config.ts";
import { type Connectivity, INTERFACE_PREFIX, type NetworkDriver } from "./driver.ts";
import { goErrno } from "./errno.ts";

/** A network as the driver keeps it. */
interface BridgeNetwork {
  readonly network: EngineNetwork;
  readonly config: BridgeConfig;
  readonly rules: BridgeRules;
  /** The bridge was there before the network and stays after it. */
  readonly byUser: boolean;
  readonly gateway4: string;
  readonly gateway6: string;
}

const LINK_LOCAL: Prefix = { address: 0xfe80n << 112n, length: 64 };
const DEFAULT_GATEWAY_4 = "DefaultGatewayIPv4";
const DEFAULT_GATEWAY_6 = "DefaultGatewayIPv6";
/** Digits after "veth". */
const VETH_DIGITS = 7;

export class BridgeDriver implements NetworkDriver {
  readonly name = "bridge";
  readonly special = false;
  readonly #context: EngineContext;
  readonly #networks = new Map<string, BridgeNetwork>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  checkOptions(network: EngineNetwork): { skip4: boolean; skip6: boolean } | EngineError {
    const config = parseBridgeConfig(this.#context.netns, network);
    if (config instanceof EngineError) return config;
    const skip4 = config.mode4 === "isolated" || (config.inhibitIpv4 && network.internal);
    return { skip4, skip6: config.mode6 === "isolated" };
  }

  createNetwork(network: EngineNetwork): EngineError | undefined {
    const host = this.#context.netns;
    const config = parseBridgeConfig(host, network);
    if (config instanceof EngineError) return config;
    const refused = this.#validate(network, config);
    if (refused) return refused;

    const existing = host.devices.byName(config.bridgeName);
    const bridge = existing instanceof Bridge ? existing : new Bridge(host, config.bridgeName, host.kernel.random.mac());
    if (!existing) {
      const failed = host.devices.add(bridge);
      // A name that is too long fails in netlink already.
      if (failed) return new EngineError(config.bridgeName.length > 15 ? "numerical result out of range" : goErrno(failed), 500);
    }
    const failed = this.#setUpDevice(network, config, bridge, existing !== undefined);
    if (failed) {
      if (!existing) host.devices.remove(bridge);
      return failed;
    }
    const pool4 = network.enableIpv4 ? network.pool(4) : undefined;
    const pool6 = network.enableIpv6 ? network.pool(6) : undefined;
    if (pool4) setUpForwarding(host, 4);
    if (pool6) setUpForwarding(host, 6);
    const family = (prefix: string, hostIp: string, mode: BridgeConfig["mode4"]) => ({
      prefix,
      hostIp: hostIp || undefined,
      routed: mode === "routed",
      unprotected: mode === "nat-unprotected",
    });
    const rules = new BridgeRules(host, {
      name: config.bridgeName,
      internal: network.internal,
      icc: config.icc,
      masquerade: config.masquerade,
      trustedInterfaces: config.trustedInterfaces,
      v4: pool4 && family(pool4.subnet, config.hostIpv4, config.mode4),
      v6: pool6 && family(pool6.subnet, config.hostIpv6, config.mode6),
    });
    rules.addNetwork();
    host.devices.setUp(bridge, true);
    network.device = bridge;
    this.#networks.set(network.id, {
      network,
      config,
      rules,
      byUser: existing !== undefined,
      gateway4: pool4?.auxAddresses[DEFAULT_GATEWAY_4] ?? pool4?.gateway ?? "",
      gateway6: pool6?.auxAddresses[DEFAULT_GATEWAY_6] ?? pool6?.gateway ?? "",
    });
    return undefined;
  }

  deleteNetwork(network: EngineNetwork): void {
    const state = this.#networks.get(network.id);
    if (!state) return;
    this.#networks.delete(network.id);
    const bridge = network.device;
    if (bridge && !state.byUser && !state.config.defaultBridge && this.#context.netns.devices.has(bridge))
      this.#context.netns.devices.remove(bridge);
    network.device = undefined;
    state.rules.removeNetwork();
  }

  createEndpoint(endpoint: EngineEndpoint, sandbox: Netns): EngineError | undefined {
    const state = this.#state(endpoint);
    const host = this.#context.netns;
    const { kernel } = host;
    const hostName = this.#vethName();
    const peerName = this.#vethName();
    const { mtu, bridgeName } = state.config;
    const pair = createVeth({ netns: host, name: hostName }, { netns: sandbox, name: peerName });
    if (pair instanceof LinkError)
      return new EngineError(`failed to add the host (${hostName}) <=> sandbox (${peerName}) pair interfaces: ${goErrno(pair)}`, 500);
    const { device: hostEnd, peer } = pair;
    if (mtu !== 0) {
      host.devices.setMtu(hostEnd, mtu);
      sandbox.devices.setMtu(peer, mtu);
    }
    const bridge = host.devices.byName(bridgeName);
    const failed = bridge ? host.devices.setMaster(hostEnd, bridge) : undefined;
    if (failed || !bridge) {
      host.devices.remove(hostEnd);
      const reason = failed ? goErrno(failed) : "Device does not exist";
      return new EngineError(`adding interface ${hostName} to bridge ${bridgeName} failed: ${reason}`, 500);
    }
    const now = kernel.clock.now;
    const { name } = endpoint;
    kernel.trace.event(now, "veth-created", host.uid, { host: hostEnd.uid, container: peer.uid, name, bridge: bridge.uid });
    kernel.trace.event(now, "veth-plugged", host.uid, { port: hostEnd.uid, bridge: bridge.uid, name });
    endpoint.sourceName = peerName;
    endpoint.device = peer;
    endpoint.hostDevice = hostEnd;
    if (endpoint.macAddress === "") endpoint.macAddress = kernel.random.mac();
    state.rules.addEndpoint(endpoint.ipv4, endpoint.ipv6);
    host.devices.setUp(hostEnd, true);
    return undefined;
  }

  deleteEndpoint(endpoint: EngineEndpoint): void {
    const state = this.#networks.get(endpoint.network.id);
    state?.rules.removeEndpoint(endpoint.ipv4, endpoint.ipv6);
    // By its name among the host's devices: one that is still in a sandbox is not found and stays.
    const { device } = endpoint;
    const { devices } = this.#context.netns;
    if (device && devices.has(device)) devices.remove(device);
    endpoint.device = undefined;
    endpoint.hostDevice = undefined;
  }

  join(endpoint: EngineEndpoint): undefined {
    const state = this.#state(endpoint);
    if (endpoint.network.internal) return undefined;
    endpoint.gateway = endpoint.ipv4 === "" ? "" : state.gateway4;
    endpoint.gateway6 = endpoint.ipv6 === "" ? "" : state.gateway6;
    return undefined;
  }

  leave(endpoint: EngineEndpoint): void {
    this.#link(endpoint, false);
  }

  programConnectivity(endpoint: EngineEndpoint, connectivity: Connectivity): string | undefined {
    endpoint.exposedPorts = connectivity.exposed;
    const mapped = addPortMappings(this.#mapping(endpoint, connectivity.noProxy6To4), connectivity.ports);
    if (typeof mapped === "string") return mapped;
    endpoint.portMappings = mapped;
    const { kernel, uid } = this.#context.netns;
    for (const { protocol, hostIp, hostPort, containerIp, containerPort } of mapped) {
      const data = { protocol, hostIp, hostPort, containerIp, containerPort, container: endpoint.container.id };
      kernel.trace.event(kernel.clock.now, "port-published", uid, data);
    }
    this.#forgetConnections(endpoint);
    this.#link(endpoint, true);
    return undefined;
  }

  revokeConnectivity(endpoint: EngineEndpoint): void {
    releasePortMappings(this.#mapping(endpoint, false), endpoint.portMappings);
    this.#forgetConnections(endpoint);
    endpoint.portMappings = [];
  }

  interfacePrefix(network: EngineNetwork): string {
    return this.#networks.get(network.id)?.config.interfacePrefix || INTERFACE_PREFIX;
  }

  #state(endpoint: EngineEndpoint): BridgeNetwork {
    return this.#networks.get(endpoint.network.id) as BridgeNetwork;
  }

  #mapping(endpoint: EngineEndpoint, noProxy6To4: boolean): MappingContext {
    const { config, rules } = this.#state(endpoint);
    return {
      host: this.#context.netns,
      allocator: this.#context.ports,
      rules,
      containerIpv4: endpoint.ipv4,
      containerIpv6: endpoint.ipv6,
      defaultHostIp: config.defaultBindingIp,
      routed4: config.mode4 === "routed",
      routed6: config.mode6 === "routed",
      noProxy6To4,
      newPid: this.#context.newPid,
    };
  }

  /** clearConntrackEntries: flows of an address, or of a published UDP port, start anew by the rules as they are now. */
  #forgetConnections(endpoint: EngineEndpoint): void {
    const addresses = new Set<Ip>();
    for (const text of endpoint.hostsAddresses) addresses.add(parseIp(text) as Ip);
    const udpPorts = new Set(endpoint.portMappings.filter(({ protocol }) => protocol === "udp").map(({ hostPort }) => hostPort));
    const { conntrack } = this.#context.netns.netfilter;
    for (const entry of conntrack.list()) {
      const { original, reply } = entry;
      const concerned = addresses.has(original.src) || addresses.has(original.dst) || addresses.has(reply.src) || addresses.has(reply.dst);
      if (concerned || (original.protocol === 17 && udpPorts.has(original.dstPort))) conntrack.remove(entry);
    }
  }

  /** Rules for --link where containers may not talk to each other: ports of linked containers (driver.link). */
  #link(endpoint: EngineEndpoint, enable: boolean): void {
    const state = this.#networks.get(endpoint.network.id);
    if (!state || state.config.icc) return;
    const { containers } = this.#context;
    for (const child of containers.linkedFrom(endpoint.container)) {
      const other = child.endpoints.get(endpoint.network.name);
      if (!other) continue;
      for (const exposed of child.exposedPorts) {
        const [port, protocol] = exposed.split("/") as [string, string];
        if (enable) state.rules.addLink(endpoint.ipv4, other.ipv4, Number(port), protocol);
        else state.rules.removeLink(endpoint.ipv4, other.ipv4, Number(port), protocol);
      }
    }
  }

  #vethName(): string {
    const { netns } = this.#context;
    for (;;) {
      const name = `veth${netns.kernel.random.hex(VETH_DIGITS)}`;
      if (!netns.devices.byName(name)) return name;
    }
  }

  #validate(network: EngineNetwork, config: BridgeConfig): EngineError | undefined {
    const { enableIpv4, enableIpv6 } = network;
    if (!enableIpv4 && !enableIpv6) return new EngineError("IPv4 or IPv6 must be enabled");
    for (const family of [4, 6] as const) {
      if (!(family === 4 ? enableIpv4 : enableIpv6)) continue;
      const pools = network.pools.filter((pool) => pool.family === family);
      if (pools.length > 1) return new EngineError("bridge driver doesn't support multiple subnets", 403);
      const pool = pools[0];
      if (!pool) return new EngineError(`ipv${family} pool is empty`);
      const own = pool.auxAddresses[family === 4 ? DEFAULT_GATEWAY_4 : DEFAULT_GATEWAY_6];
      const ip = own === undefined ? undefined : parseIp(own);
      if (ip !== undefined && !contains(pool.prefix, ip)) return new EngineError("default gateway ip must be part of the network");
      if (ip !== undefined && network.internal) return new EngineError("no gateway can be set on an internal bridge network");
    }
    const subnet6 = enableIpv6 ? network.pool(6)?.prefix : undefined;
    if (subnet6) {
      const text = formatPrefix(subnet6);
      const gateway = network.pool(6)?.gateway ?? "";
      if (isMulticast(subnet6.address)) return new EngineError(`multicast subnet '${gateway}/${subnet6.length}' is not allowed`);
      const whole = subnet6.address === LINK_LOCAL.address && subnet6.length === LINK_LOCAL.length;
      if (!whole && overlaps(LINK_LOCAL, subnet6)) return new EngineError(`'${text}' clashes with the Link-Local prefix 'fe80::/64'`);
    }
    if (config.mtu < 0) return new EngineError(`invalid MTU number: ${config.mtu}`);
    return this.#conflict(network, config);
  }

  #conflict(network: EngineNetwork, config: BridgeConfig): EngineError | undefined {
    for (const other of this.#networks.values()) {
      const reason = conflictReason(network, config, other);
      if (!reason) continue;
      const mine = `${network.id} (${config.bridgeName})`;
      const theirs = `${other.network.id} (${other.config.bridgeName})`;
      return new EngineError(`cannot create network ${mine}: conflicts with network ${theirs}: ${reason}`, 403);
    }
    return undefined;
  }

  #setUpDevice(network: EngineNetwork, config: BridgeConfig, bridge: Bridge, existed: boolean): EngineError | undefined {
    const { devices, sysctl } = this.#context.netns;
    if (!existed || config.defaultBridge) sysctl.set(`net.ipv6.conf.${bridge.name.replaceAll(".", "/")}.accept_ra`, "0");
    if (config.mtu > 0) {
      const failed = devices.setMtu(bridge, config.mtu);
      if (failed) return new EngineError("invalid argument", 500);
    }
    const pool4 = network.enableIpv4 ? network.pool(4) : undefined;
    if (pool4 && !config.inhibitIpv4 && config.mode4 !== "isolated") {
      const ip = parseIp(pool4.gateway);
      if (ip !== undefined) this.#assignIpv4(bridge, ip, pool4.prefix.length);
    }
    const pool6 = network.enableIpv6 ? network.pool(6) : undefined;
    if (pool6) {
      const key = `net.ipv6.conf.${bridge.name.replaceAll(".", "/")}.disable_ipv6`;
      sysctl.set(key, config.mode6 === "isolated" ? "1" : "0");
      const ip = parseIp(pool6.gateway);
      if (config.mode6 !== "isolated" && ip !== undefined) devices.addAddress(bridge, globalAddress(ip, pool6.prefix.length, bridge.name));
    }
    return undefined;
  }

  /** setupBridgeIPv4: the bridge's first address in the subnet is taken off if it is not the gateway's. */
  #assignIpv4(bridge: Bridge, ip: Ip, length: number): void {
    const { devices } = this.#context.netns;
    const block = { address: ip, length };
    const v4 = bridge.addresses.filter((address) => typeof address.ip === "number");
    const current = v4.find((address) => contains(block, address.ip)) ?? v4[0];
    if (current && current.ip === ip && current.length === length) return;
    if (current) devices.removeAddress(bridge, current.ip, current.length);
    devices.addAddress(bridge, globalAddress(ip, length, bridge.name));
  }
}

function conflictReason(network: EngineNetwork, config: BridgeConfig, other: BridgeNetwork): string | undefined {
  if (config.bridgeName === other.config.bridgeName) return "networks have same bridge name";
  for (const family of [4, 6] as const) {
    const mine = network.pool(family);
    const theirs = other.network.pool(family);
    if (!mine || !theirs) continue;
    const hit = (pool: typeof mine, gateway: string): boolean => {
      const ip = parseIp(gateway) ?? pool.prefix.address;
      return typeof ip === typeof pool.prefix.address && bitsOf(ip) >= pool.prefix.length && contains(pool.prefix, ip);
    };
    if (hit(mine, theirs.gateway || formatIp(theirs.prefix.address)) || hit(theirs, mine.gateway || formatIp(mine.prefix.address)))
      return `networks have overlapping IPv${family}`;
  }
  return undefined;
}
