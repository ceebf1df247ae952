/** What a network driver does for the engine (libnetwork/driverapi). One file per driver beside this one. */
import type { Netns } from "../../kernel/netns.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork } from "../network/network.ts";
import type { EngineError, PortSpec } from "../types.ts";

/** What a container opens to the outside where its gateway is: published ports, and those that it only names. */
export interface Connectivity {
  readonly ports: readonly PortSpec[];
  readonly exposed: readonly string[];
  readonly noProxy6To4: boolean;
}

export interface NetworkDriver {
  readonly name: string;
  /** host and none: one instance, no addresses. */
  readonly special: boolean;
  /** Refuses options; tells for which families no gateway address is wanted (GwAllocChecker). */
  checkOptions(network: EngineNetwork): { readonly skip4: boolean; readonly skip6: boolean } | EngineError;
  /** Makes what the network needs on the host; its pools are allocated already. */
  createNetwork(network: EngineNetwork): EngineError | undefined;
  deleteNetwork(network: EngineNetwork): void;
  /** The endpoint has its addresses; the driver makes the device where the driver does so early. */
  createEndpoint(endpoint: EngineEndpoint, sandbox: Netns): EngineError | undefined;
  deleteEndpoint(endpoint: EngineEndpoint): void;
  /** The endpoint joins its sandbox: sets `sourceName`, the device if it is not there yet, and the gateways. */
  join(endpoint: EngineEndpoint): EngineError | undefined;
  /** The endpoint leaves its sandbox, but is not deleted yet. */
  leave(endpoint: EngineEndpoint): void;
  /** Opens ports, now that the endpoint is the gateway; the text is the reason why not. */
  programConnectivity(endpoint: EngineEndpoint, connectivity: Connectivity): string | undefined;
  revokeConnectivity(endpoint: EngineEndpoint): void;
  /** What the names of its devices in sandboxes begin with; "eth" where the driver does not say. */
  interfacePrefix?(network: EngineNetwork): string;
}

/** The beginning of device names in sandboxes. */
export const INTERFACE_PREFIX = "eth";

/** Driver option that names the interface (`--network name=…,driver-opt=…`). */
export const IFNAME_OPTION = "com.docker.network.endpoint.ifname";
/** Driver option with sysctls of the interface, which stands as IFNAME in them. */
export const SYSCTLS_OPTION = "com.docker.network.endpoint.sysctls";
