/** A container's way onto its networks and off again (daemon/container_operations.go). */
import type { EngineContext } from "../context.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork } from "../network/network.ts";
import { DEFAULT_BRIDGE } from "../network/store.ts";
import { type EndpointSpec, EngineError } from "../types.ts";
import type { EndpointSettings, EngineContainer } from "./container.ts";
import { endpointSettings, isUserDefinedMode } from "./store.ts";
import { SHARED_NETWORK, validateEndpoint } from "./validate.ts";

/** `docker network connect`: joins at once when the container runs, else when it starts. */
export function connect(
  context: EngineContext,
  container: EngineContainer,
  reference: string,
  spec: EndpointSpec,
): EngineError | undefined {
  const settings = endpointSettings(spec, true);
  if (container.running && container.sandbox) return connectEndpoint(context, container, reference, settings);
  if (container.running && container.joinedContainer !== undefined) return new EngineError(SHARED_NETWORK);
  if (container.removing) return removalError(container);
  const network = context.networks.find(reference);
  if (network instanceof EngineError) {
    container.endpointSpecs.set(reference, settings);
    return undefined;
  }
  return registerNetwork(context, container, network, settings);
}

/**
 * What `connect` would be refused with, without doing it. `leaving`: the container is taken off the network first, so that
 * its own endpoint does not stand in the way.
 */
export function checkConnect(
  context: EngineContext,
  container: EngineContainer,
  reference: string,
  spec: EndpointSpec,
  leaving: boolean,
): EngineError | undefined {
  if (container.joinedContainer !== undefined) return new EngineError(SHARED_NETWORK);
  const network = context.networks.find(reference);
  if (network instanceof EngineError) return network;
  const refused = refusesNetwork(context, container, network, spec);
  if (refused) return refused;
  const own = container.endpoints.get(network.name);
  if (own && !leaving) return new EngineError(`endpoint with name ${container.name} already exists in network ${network.name}`, 403);
  for (const address of [spec.ipv4, spec.ipv6]) {
    if (!address || own?.hostsAddresses.includes(address)) continue;
    if (network.poolOf(address)?.taken.has(address)) return new EngineError("Address already in use", 403);
  }
  return undefined;
}

export function disconnect(context: EngineContext, container: EngineContainer, reference: string, force: boolean): EngineError | undefined {
  const network = context.networks.find(reference);
  const missing = network instanceof EngineError;
  if (!container.running || (missing && force)) {
    if (container.removing) return removalError(container);
    const name = missing ? reference : network.name;
    if (!container.endpointSpecs.delete(name))
      return new EngineError(`container ${container.id} is not connected to the network ${name}`, 500);
    context.containers.changed(container);
    return undefined;
  }
  if (missing) return network;
  if (container.isHostMode && network.driver === "host")
    return new EngineError("cannot disconnect container from host network - container was created in host network mode");
  const endpoint = container.endpoints.get(network.name);
  if (!endpoint) return new EngineError(`container ${container.id} is not connected to network ${network.name}`, 500);
  leave(context, endpoint);
  container.endpointSpecs.delete(network.name);
  context.containers.changed(container);
  networkEvent(context, network, container, "disconnect");
  return undefined;
}

/** Takes an endpoint away whose container nobody finds any more (ForceEndpointDelete). */
export function forceDisconnect(context: EngineContext, reference: string, name: string): EngineError | undefined {
  const network = context.networks.find(reference);
  if (network instanceof EngineError) return network;
  const endpoint = network.endpointsByName.get(name);
  if (!endpoint) return new EngineError(`endpoint ${name} not found`, 404);
  leave(context, endpoint);
  return undefined;
}

/** connectToNetwork: an endpoint on the network, and its device in the sandbox. */
export function connectEndpoint(
  context: EngineContext,
  container: EngineContainer,
  reference: string,
  settings: EndpointSettings,
): EngineError | undefined {
  const { sandbox } = container;
  if (container.joinedContainer !== undefined || !sandbox) return new EngineError(SHARED_NETWORK);
  const network = context.networks.find(settings.networkId && isUserDefinedMode(reference) ? settings.networkId : reference);
  if (network instanceof EngineError) return network;
  const { networkMode } = container;
  // normalizeNetMode: the network of the mode has to be there, whichever is joined.
  const home = isUserDefinedMode(networkMode) && reference !== networkMode && context.networks.find(networkMode);
  if (home instanceof EngineError)
    return new EngineError(`could not find a network matching network mode ${networkMode}: ${home.message}`, 500);
  const refused = registerNetwork(context, container, network, settings);
  if (refused) return refused;
  const endpoint = context.networks.createEndpoint(network, container, settings, sandbox);
  if (endpoint instanceof EngineError) return endpoint;
  if (reference !== network.name) container.endpointSpecs.delete(reference);
  container.endpointSpecs.set(network.name, settings);
  settings.networkId = network.id;
  for (const link of settings.links ?? []) {
    const [name = "", alias = name] = link.split(":");
    endpoint.aliases.set(alias, name);
  }
  container.endpoints.set(network.name, endpoint);
  if (network.name === DEFAULT_BRIDGE) context.containers.addLegacyLinks(container, endpoint.ipv4, endpoint.ipv6);
  const failed = sandbox.join(endpoint);
  if (failed) {
    container.endpoints.delete(network.name);
    context.networks.deleteEndpoint(endpoint);
    return failed;
  }
  context.networks.changed(network);
  context.containers.changed(container);
  networkEvent(context, network, container, "connect");
  return undefined;
}

function networkEvent(context: EngineContext, network: EngineNetwork, container: EngineContainer, action: "connect" | "disconnect"): void {
  context.event("network", action, network.id, { container: container.id, name: network.name, type: network.driver });
}

/** releaseNetwork: every endpoint leaves, its address is free for the next. */
export function releaseNetworks(context: EngineContext, container: EngineContainer): void {
  const { sandbox } = container;
  if (sandbox) {
    for (const endpoint of [...sandbox.endpoints]) leave(context, endpoint);
    sandbox.delete();
    for (const name of [...container.endpointSpecs.keys()].sort()) {
      const network = context.networks.byName(name);
      if (network) networkEvent(context, network, container, "disconnect");
    }
  }
  container.sandbox = undefined;
}

function leave(context: EngineContext, endpoint: EngineEndpoint): void {
  endpoint.sandbox?.leave(endpoint);
  endpoint.container.endpoints.delete(endpoint.network.name);
  context.networks.deleteEndpoint(endpoint);
}

/** updateNetworkConfig and updateNetworkSettings: what may stand beside what, noted whether or not the join succeeds. */
function registerNetwork(
  context: EngineContext,
  container: EngineContainer,
  network: EngineNetwork,
  settings: EndpointSettings,
): EngineError | undefined {
  if (network.userDefined) settings.dnsNames = container.dnsNames(settings.aliases);
  const refused = refusesNetwork(context, container, network, settings);
  if (refused) return refused;
  if (container.endpointSpecs.has(network.name)) return undefined;
  container.endpointSpecs.set(network.name, settings);
  return undefined;
}

/** Why the container's other networks, or the endpoint itself, stand in the way. */
function refusesNetwork(
  context: EngineContext,
  container: EngineContainer,
  network: EngineNetwork,
  spec: EndpointSpec,
): EngineError | undefined {
  const invalid = validateEndpoint(network, network.name, spec);
  if (invalid) return invalid;
  if (!container.isHostMode && network.driver === "host")
    return new EngineError("cannot connect container to host network - container must be created in host network mode");
  // The daemon goes by a map in random order; the model by name.
  for (const name of [...container.endpointSpecs.keys()].sort()) {
    const other = context.networks.byName(name);
    if (!other) continue;
    if (other === network) return undefined;
    if (other.driver === "host" || network.driver === "host") return new EngineError(SHARED_NETWORK);
    if (other.name === "none" || network.name === "none")
      return new EngineError("container cannot be connected to multiple networks with one of the networks in private (none) mode");
  }
  return undefined;
}

const removalError = (container: EngineContainer): EngineError =>
  new EngineError(`Container ${container.id} is marked for removal and cannot be connected or disconnected to the network`, 500);
