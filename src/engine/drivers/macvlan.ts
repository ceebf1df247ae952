/** The macvlan driver (libnetwork/drivers/macvlan): each container gets an interface with a MAC of its own on the parent. */
import { createMacvlan, type LinkError, type MacvlanMode, type NetDevice } from "../../kernel/device/index.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork } from "../network/network.ts";
import { EngineError } from "../types.ts";
import { SubInterfaceDriver } from "./sub-interface.ts";

const MODE_OPTION = "macvlan_mode";
const MODES: readonly string[] = ["bridge", "private", "passthru", "vepa"];

export class MacvlanDriver extends SubInterfaceDriver<MacvlanMode> {
  readonly name = "macvlan";

  protected parseOptions(options: Readonly<Record<string, string>>): MacvlanMode | EngineError {
    const mode = options[MODE_OPTION] || "bridge";
    if (MODES.includes(mode)) return mode as MacvlanMode;
    return new EngineError(`requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`, 500);
  }

  protected parentConflict(_network: EngineNetwork, parent: string, mode: MacvlanMode): string | undefined {
    for (const other of this.networks.values()) {
      if (other.parent !== parent) continue;
      const { id } = other.network;
      if (mode === "passthru") return `cannot use mode passthru, macvlan network ${id} is already using parent interface ${parent}`;
      if (other.options === "passthru") return `macvlan network ${id} is already using parent interface ${parent} in mode passthru`;
    }
    return undefined;
  }

  protected createDevice(name: string, parent: NetDevice, mode: MacvlanMode): NetDevice | LinkError {
    return createMacvlan(this.context.netns, name, parent, mode);
  }

  protected setGateways(endpoint: EngineEndpoint): void {
    if (endpoint.ipv4 !== "") endpoint.gateway = endpoint.network.poolOf(endpoint.ipv4)?.gateway ?? "";
    if (endpoint.ipv6 !== "") endpoint.gateway6 = endpoint.network.poolOf(endpoint.ipv6)?.gateway ?? "";
  }

  protected skipsGateway(network: EngineNetwork): boolean {
    return network.internal || !network.options.parent;
  }
}
