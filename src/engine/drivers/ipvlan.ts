/** The ipvlan driver (libnetwork/drivers/ipvlan): containers share the parent's MAC and are told apart by address. */
import { createIpvlan, type IpvlanFlag, type IpvlanMode, type LinkError, type NetDevice } from "../../kernel/device/index.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork } from "../network/network.ts";
import { EngineError } from "../types.ts";
import { SubInterfaceDriver, type SubInterfaceNetwork } from "./sub-interface.ts";

interface IpvlanOptions {
  readonly mode: IpvlanMode;
  readonly flag: IpvlanFlag;
}

const MODES: readonly string[] = ["l2", "l3", "l3s"];
const FLAGS: readonly string[] = ["bridge", "private", "vepa"];

export class IpvlanDriver extends SubInterfaceDriver<IpvlanOptions> {
  readonly name = "ipvlan";

  protected parseOptions(options: Readonly<Record<string, string>>): IpvlanOptions | EngineError {
    const mode = options.ipvlan_mode || "l2";
    if (!MODES.includes(mode))
      return new EngineError(`requested ipvlan mode '${mode}' is not valid, 'l2' mode is the ipvlan driver default`, 500);
    const flag = options.ipvlan_flag || "bridge";
    if (!FLAGS.includes(flag))
      return new EngineError(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`, 500);
    return { mode: mode as IpvlanMode, flag: flag as IpvlanFlag };
  }

  protected parentConflict(_network: EngineNetwork, parent: string): string | undefined {
    for (const other of this.networks.values())
      if (other.parent === parent) return `network di-${other.network.id.slice(0, 12)} is already using parent interface ${parent}`;
    return undefined;
  }

  override createEndpoint(endpoint: EngineEndpoint): EngineError | undefined {
    if (endpoint.macAddress === "") return undefined;
    return new EngineError("ipvlan interfaces do not support custom mac address assignment", 500);
  }

  protected createDevice(name: string, parent: NetDevice, { mode, flag }: IpvlanOptions): NetDevice | LinkError {
    return createIpvlan(this.context.netns, name, parent, mode, flag);
  }

  /** l3 and l3s route by the device itself, l2 by the subnet's gateway. */
  protected setGateways(endpoint: EngineEndpoint, { options }: SubInterfaceNetwork<IpvlanOptions>): void {
    const { ipv4, ipv6, network } = endpoint;
    if (options.mode !== "l2") {
      endpoint.deviceRoute4 = ipv4 !== "";
      endpoint.deviceRoute6 = ipv6 !== "";
      return;
    }
    if (ipv4 !== "") endpoint.gateway = network.poolOf(ipv4)?.gateway ?? "";
    if (ipv6 !== "") endpoint.gateway6 = network.poolOf(ipv6)?.gateway ?? "";
  }

  protected skipsGateway(network: EngineNetwork, { mode }: IpvlanOptions): boolean {
    return mode !== "l2" || network.internal;
  }
}
