/** A network of the engine and its pools (libnetwork/network.go). */
import { contains, formatIp, formatPrefix, type Ip, lastAddress, type Prefix, parseIp } from "../../kernel/address.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import { ServiceRecords } from "../dns/records.ts";
import type { NetworkDriver } from "../drivers/driver.ts";
import type { PoolLease } from "../ipam/address-space.ts";
import type { IpamConfig, Network, NetworkPool, NetworkSpec, NetworkView } from "../types.ts";
import type { EngineEndpoint } from "./endpoint.ts";

export class EnginePool implements NetworkPool {
  readonly family: 4 | 6;
  readonly prefix: Prefix;
  readonly subnet: string;
  readonly ipRange: string | undefined;
  readonly auxAddresses: Readonly<Record<string, string>>;
  readonly size: number;
  readonly taken = new Map<string, string>();
  readonly lease: PoolLease;
  /** What the user asked for; undefined when the engine chose the subnet. */
  readonly config: IpamConfig | undefined;
  gateway = "";

  constructor(lease: PoolLease, config: IpamConfig | undefined) {
    this.lease = lease;
    this.prefix = lease.subnet;
    this.family = typeof lease.subnet.address === "number" ? 4 : 6;
    this.subnet = formatPrefix(lease.subnet);
    this.ipRange = config?.ipRange || undefined;
    this.auxAddresses = config?.auxAddresses ?? {};
    this.config = config;
    this.size = usableAddresses(lease.subnet, lease.range ?? lease.subnet);
  }

  get showsGateway(): boolean {
    return this.config === undefined || Boolean(this.config.gateway);
  }

  /** Takes an address for `owner`; the refusals are the lease's. */
  take(owner: string, wanted?: Ip): Ip | "taken" | "exhausted" | "out-of-range" {
    const ip = this.lease.request(wanted);
    if (typeof ip !== "string") this.taken.set(formatIp(ip), owner);
    return ip;
  }

  give(address: string, ip: Ip): void {
    if (!this.taken.delete(address)) return;
    this.lease.release(ip);
  }

  /** The lowest address that a container would get now; "" when there is none. */
  get next(): string {
    const { next } = this.lease;
    return next === undefined ? "" : formatIp(next);
  }
}

function usableAddresses(subnet: Prefix, range: Prefix): number {
  const bits = (typeof range.address === "number" ? 32 : 128) - range.length;
  let count = 2 ** bits;
  const four = typeof subnet.address === "number";
  if (four && subnet.length >= 31) return count;
  if (contains(range, subnet.address)) count--;
  if (four && contains(range, lastAddress(subnet.address, subnet.length))) count--;
  return count;
}

export class EngineNetwork implements Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly spec: NetworkSpec;
  readonly created: number;
  enableIpv4: boolean;
  enableIpv6: boolean;
  readonly internal: boolean;
  readonly predefined: boolean;
  readonly pools: EnginePool[] = [];
  /** By id, in the order in which they came. */
  readonly endpoints = new Map<string, EngineEndpoint>();
  readonly endpointsByName = new Map<string, EngineEndpoint>();
  device: NetDevice | undefined;
  readonly handler: NetworkDriver;
  readonly records = new ServiceRecords();
  /** What a configuration-only network lends to this one (`--config-from`). */
  ipam: readonly IpamConfig[];
  options: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;

  constructor(id: string, spec: NetworkSpec, handler: NetworkDriver, created: number, predefined: boolean) {
    this.id = id;
    this.name = spec.name;
    this.driver = handler.name;
    this.spec = spec;
    this.handler = handler;
    this.created = created;
    this.enableIpv4 = spec.enableIpv4 ?? true;
    this.enableIpv6 = spec.enableIpv6 ?? false;
    this.internal = spec.internal;
    this.predefined = predefined;
    this.ipam = spec.ipam;
    this.options = spec.options;
    this.labels = spec.labels;
  }

  /** Without addresses: host and none. */
  get special(): boolean {
    return this.handler.special;
  }

  /** Container names resolve on it (all but the three predefined ones). */
  get userDefined(): boolean {
    return !this.predefined;
  }

  pool(family: 4 | 6): EnginePool | undefined {
    return this.pools.find((pool) => pool.family === family);
  }

  /** The pool that an address lies in. */
  poolOf(address: string): EnginePool | undefined {
    const ip = parseIp(address);
    return ip === undefined ? undefined : this.pools.find((pool) => contains(pool.prefix, ip));
  }

  view(): NetworkView {
    return {
      id: this.id,
      name: this.name,
      driver: this.driver,
      internal: this.internal,
      predefined: this.predefined,
      device: this.device?.uid ?? 0,
      pools: this.pools.map(({ subnet, gateway, ipRange, size, taken }) => ({
        subnet,
        gateway,
        ipRange: ipRange ?? "",
        size,
        taken: taken.size,
      })),
      options: this.options,
    };
  }
}
