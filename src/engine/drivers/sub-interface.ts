/** What macvlan and ipvlan have in common: a parent device, made where it is missing as a VLAN or a dummy. */
import { createVlan, Dummy, LinkError, type NetDevice } from "../../kernel/device/index.ts";
import type { EngineContext } from "../context.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { EngineNetwork } from "../network/network.ts";
import { EngineError } from "../types.ts";
import type { NetworkDriver } from "./driver.ts";
import { goErrno } from "./errno.ts";

/** A network as these drivers keep it. */
export interface SubInterfaceNetwork<Options> {
  readonly network: EngineNetwork;
  readonly parent: string;
  readonly options: Options;
  /** Internal by wish, or because there is no parent to go out by. */
  readonly internal: boolean;
  /** The driver made the parent and removes it with its last network. */
  readonly madeParent: boolean;
}

const PARENT_OPTION = "parent";
const MAX_VLAN_ID = 4094;
const DUMMY_ID_LENGTH = 12;
const NAME_DIGITS = 7;

export abstract class SubInterfaceDriver<Options> implements NetworkDriver {
  abstract readonly name: "macvlan" | "ipvlan";
  readonly special = false;
  protected readonly context: EngineContext;
  protected readonly networks = new Map<string, SubInterfaceNetwork<Options>>();

  constructor(context: EngineContext) {
    this.context = context;
  }

  /** Options other than the parent; the EngineError names what is allowed. */
  protected abstract parseOptions(options: Readonly<Record<string, string>>): Options | EngineError;

  /** Why another network on the same parent stands in the way. */
  protected abstract parentConflict(network: EngineNetwork, parent: string, options: Options): string | undefined;

  protected abstract createDevice(name: string, parent: NetDevice, options: Options, endpoint: EngineEndpoint): NetDevice | LinkError;

  protected abstract setGateways(endpoint: EngineEndpoint, state: SubInterfaceNetwork<Options>): void;

  protected abstract skipsGateway(network: EngineNetwork, options: Options): boolean;

  checkOptions(network: EngineNetwork): { skip4: boolean; skip6: boolean } | EngineError {
    const options = this.parseOptions(network.options);
    if (options instanceof EngineError) return options;
    if (network.options[PARENT_OPTION] === "lo") return new EngineError(`loopback interface is not a valid ${this.name} parent link`, 500);
    const skip = this.skipsGateway(network, options);
    return { skip4: skip, skip6: skip };
  }

  createNetwork(network: EngineNetwork): EngineError | undefined {
    for (const family of [4, 6] as const) {
      if ((family === 4 ? network.enableIpv4 : network.enableIpv6) && !network.pool(family))
        return new EngineError(`ipv${family} pool is empty`);
    }
    const options = this.parseOptions(network.options);
    if (options instanceof EngineError) return options;
    const given = network.options[PARENT_OPTION] ?? "";
    const parent = given || `${this.name === "macvlan" ? "dm" : "di"}-${network.id.slice(0, DUMMY_ID_LENGTH)}`;
    const conflict = this.parentConflict(network, parent, options);
    if (conflict) return new EngineError(conflict, 500);
    const { devices } = this.context.netns;
    let madeParent = [...this.networks.values()].some((other) => other.parent === parent && other.madeParent);
    if (!devices.byName(parent)) {
      const failed = given === "" ? this.#makeDummy(parent) : this.#makeVlan(parent);
      if (failed) return new EngineError(failed, 500);
      madeParent = true;
    }
    network.device = devices.byName(parent);
    this.networks.set(network.id, { network, parent, options, internal: network.internal || given === "", madeParent });
    return undefined;
  }

  deleteNetwork(network: EngineNetwork): void {
    const state = this.networks.get(network.id);
    if (!state) return;
    this.networks.delete(network.id);
    network.device = undefined;
    const shared = [...this.networks.values()].some((other) => other.parent === state.parent);
    const { devices } = this.context.netns;
    const parent = devices.byName(state.parent);
    if (state.madeParent && !shared && parent) devices.remove(parent);
  }

  createEndpoint(endpoint: EngineEndpoint): EngineError | undefined {
    if (endpoint.macAddress === "" && this.name === "macvlan") endpoint.macAddress = this.context.kernel.random.mac();
    return undefined;
  }

  deleteEndpoint(endpoint: EngineEndpoint): void {
    const { device } = endpoint;
    if (device?.netns.devices.has(device)) device.netns.devices.remove(device);
    endpoint.device = undefined;
  }

  join(endpoint: EngineEndpoint): EngineError | undefined {
    const state = this.networks.get(endpoint.network.id) as SubInterfaceNetwork<Options>;
    const { netns, kernel } = this.context;
    const parent = netns.devices.byName(state.parent);
    if (!parent) return new EngineError(`the requested parent interface ${state.parent} was not found on the Docker host`, 500);
    let name: string;
    do name = `veth${kernel.random.hex(NAME_DIGITS)}`;
    while (netns.devices.byName(name));
    const device = this.createDevice(name, parent, state.options, endpoint);
    if (device instanceof LinkError) return new EngineError(`failed to create the ${this.name} port: ${goErrno(device)}`, 500);
    endpoint.sourceName = name;
    endpoint.device = device;
    if (!state.internal) this.setGateways(endpoint, state);
    return undefined;
  }

  leave(): void {}

  /** Neither driver publishes ports: the container is on the network itself. */
  programConnectivity(): undefined {
    return undefined;
  }

  revokeConnectivity(): void {}

  /** createVlanLink: `-o parent=eth0.10` makes the VLAN. */
  #makeVlan(name: string): string | undefined {
    const { netns } = this.context;
    if (!name.includes(".")) return `invalid subinterface vlan name ${name}, example formatting is eth0.10`;
    const [parentName, id, ...rest] = name.split(".") as [string, string, ...string[]];
    if (rest.length > 0) return `required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`;
    if (!/^[+-]?\d+$/.test(id)) return `unable to parse a valid vlan id from: ${id} (ex. eth0.10 for vlan 10)`;
    const parent = netns.devices.byName(parentName);
    if (!parent) return `-o parent interface was not found on the host: ${parentName}`;
    const number = Number(id);
    if (number < 1 || number > MAX_VLAN_ID) return `vlan id must be between 1-4094, received: ${number}`;
    const vlan = createVlan(netns, name, parent, number);
    if (vlan instanceof LinkError) return `failed to create ${name} vlan link: ${goErrno(vlan)}`;
    netns.devices.setUp(vlan, true);
    return undefined;
  }

  #makeDummy(name: string): string | undefined {
    const { netns, kernel } = this.context;
    const dummy = new Dummy(netns, name, kernel.random.mac());
    const refused = netns.devices.add(dummy);
    if (refused) return goErrno(refused);
    netns.devices.setUp(dummy, true);
    return undefined;
  }
}
