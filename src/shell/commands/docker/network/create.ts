/** `docker network create` (cli/command/network/create.go). */
import { EngineError, type IpamConfig, type NetworkSpec } from "../../../../engine/types.ts";
import { contains, parseIp, parsePrefix } from "../../../../kernel/address.ts";
import { daemonError, fail } from "../errors.ts";
import { type Flags, labelError, record } from "../flags.ts";
import type { Verb } from "../verb.ts";

interface Config {
  readonly subnet: string;
  ipRange?: string;
  gateway?: string;
  auxAddresses?: Record<string, string>;
}

/**
 * Whether a subnet holds an address or a block's first (subnetMatches); a sentence when a block is no CIDR address. A subnet is
 * read before what is looked for in it, and an address that is none lies in no subnet.
 */
function holds(subnet: string, text: string, isBlock = text.includes("/")): boolean | string {
  const block = subnet.includes("/") ? parsePrefix(subnet) : undefined;
  if (!block) return `invalid subnet: invalid CIDR address: ${subnet}`;
  if (isBlock && !(text.includes("/") && parsePrefix(text))) return `invalid CIDR address: ${text}`;
  const ip = parseIp(text.split("/")[0] as string);
  return ip !== undefined && contains(block, ip);
}

/** Ranges, gateways and auxiliary addresses go to the subnet that they lie in; the client's own words when there is none (consolidateIpam). */
function ipamOf(flags: Flags): readonly IpamConfig[] | string {
  const subnets = flags.list("subnet");
  if (flags.list("ip-range").length > subnets.length || flags.list("gateway").length > subnets.length)
    return "every ip-range or gateway must have a corresponding subnet";
  const configs: Config[] = [];
  for (const subnet of subnets) {
    for (const { subnet: other } of configs) {
      for (const found of [holds(subnet, other), holds(other, subnet)]) {
        if (typeof found === "string") return found;
        if (found) return "multiple overlapping subnet configuration is not supported";
      }
    }
    configs.push({ subnet });
  }
  /** The subnet that an address lies in, or the client's words. */
  const owner = (text: string, what: string): Config | string => {
    let owning: Config | undefined;
    for (const config of configs) {
      const found = holds(config.subnet, text, what === "range" || undefined);
      if (typeof found === "string") return found;
      if (found) owning ??= config;
    }
    return owning ?? `no matching subnet for ${what} ${text}`;
  };
  for (const range of flags.list("ip-range")) {
    const config = owner(range, "range");
    if (typeof config === "string") return config;
    if (config.ipRange) return `cannot configure multiple ranges (${range}, ${config.ipRange}) on the same subnet (${config.subnet})`;
    config.ipRange = range;
  }
  for (const gateway of flags.list("gateway")) {
    const config = owner(gateway, "gateway");
    if (typeof config === "string") return config;
    if (config.gateway) return `cannot configure multiple gateways (${gateway}, ${config.gateway}) for the same subnet (${config.subnet})`;
    config.gateway = gateway;
  }
  for (const [name, address] of Object.entries(record(flags.list("aux-address")))) {
    const config = owner(address, "aux-address");
    if (typeof config === "string") return config;
    config.auxAddresses = { ...config.auxAddresses, [name]: address };
  }
  return configs;
}

/** What a `docker network create` asks for, or the client's refusal. */
export function networkSpecOf(flags: Flags): NetworkSpec | string {
  const ipam = ipamOf(flags);
  if (typeof ipam === "string") return ipam;
  return {
    name: flags.args[0] as string,
    driver: flags.text("driver") ?? "bridge",
    ipam,
    ipamDriver: flags.text("ipam-driver") ?? "default",
    ipamOptions: record(flags.list("ipam-opt")),
    internal: flags.on("internal"),
    attachable: flags.on("attachable"),
    ingress: flags.on("ingress"),
    enableIpv4: flags.has("ipv4") ? flags.on("ipv4") : undefined,
    enableIpv6: flags.has("ipv6") ? flags.on("ipv6") : undefined,
    options: record(flags.list("opt")),
    labels: record(flags.list("label")),
    scope: flags.text("scope"),
    configFrom: flags.text("config-from"),
    configOnly: flags.on("config-only"),
  };
}

export const networkCreateVerb: Verb = {
  names: ["create"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS] NETWORK",
    summary: "Create a network",
    options: `--attachable  Enable manual container attachment
--aux-address map  Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])
--config-from string  The network from which to copy the configuration
--config-only  Create a configuration only network
-d, --driver string  Driver to manage the Network (default "bridge")
--gateway strings  IPv4 or IPv6 Gateway for the master subnet
--ingress  Create swarm routing-mesh network
--internal  Restrict external access to the network
--ip-range strings  Allocate container ip from a sub-range
--ipam-driver string  IP Address Management Driver (default "default")
--ipam-opt map  Set IPAM driver specific options (default map[])
--ipv4  Enable or disable IPv4 address assignment (default true)
--ipv6  Enable or disable IPv6 address assignment
--label list  Set metadata on a network
-o, --opt map  Set driver specific options (default map[])
--scope string  Control the network's scope
--subnet strings  Subnet in CIDR format that represents a network segment`,
    checks: { label: labelError },
    least: 1,
    most: 1,
  },
  *run(process, flags, engine) {
    const spec = networkSpecOf(flags);
    if (typeof spec === "string") return fail(process, spec);
    const made = yield* engine.createNetwork(spec);
    if (made instanceof EngineError) return daemonError(process, made);
    if (made.warning) process.stderr.write(`WARNING: ${made.warning}\n`);
    process.stdout.write(`${made.id}\n`);
    return 0;
  },
};
