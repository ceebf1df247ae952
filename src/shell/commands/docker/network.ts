/** `docker network …`. */

import type { DockerEngine } from "../../../engine/engine.ts";
import { EngineError, type IpamConfig, type NetworkSpec } from "../../../engine/types.ts";
import { contains, parseIp, parsePrefix } from "../../../kernel/address.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { daemonError } from "./errors.ts";
import { filtersOf } from "./filters.ts";
import { type Flag, type Flags, record, type Subcommand } from "./flags.ts";
import { printDocuments } from "./inspect.ts";
import { printListing } from "./table.ts";
import { TemplateError } from "./template/lexer.ts";
import { dateText } from "./times.ts";

export interface Verb {
  readonly names: readonly string[];
  readonly command: Subcommand;
  run(process: Process, flags: Flags, engine: DockerEngine): Op<number>;
}

const flag = (name: string, kind: Flag["kind"], help: string, short?: string, alias?: string): Flag => ({ name, kind, help, short, alias });

const CREATE: Subcommand = {
  path: "docker network create",
  usage: "[OPTIONS] NETWORK",
  summary: "Create a network",
  least: 1,
  most: 1,
  flags: [
    flag("attachable", "bool", "Enable manual container attachment"),
    flag("aux-address", "list", "Auxiliary IPv4 or IPv6 addresses used by Network driver"),
    flag("config-from", "string", "The network from which to copy the configuration"),
    flag("config-only", "bool", "Create a configuration only network"),
    flag("driver", "string", 'Driver to manage the Network (default "bridge")', "d"),
    flag("gateway", "list", "IPv4 or IPv6 Gateway for the master subnet"),
    flag("ingress", "bool", "Create swarm routing-mesh network"),
    flag("internal", "bool", "Restrict external access to the network"),
    flag("ip-range", "list", "Allocate container ip from a sub-range"),
    flag("ipam-driver", "string", 'IP Address Management Driver (default "default")'),
    flag("ipam-opt", "list", "Set IPAM driver specific options"),
    flag("ipv4", "bool", "Enable or disable IPv4 address assignment (default true)"),
    flag("ipv6", "bool", "Enable or disable IPv6 address assignment"),
    flag("label", "list", "Set metadata on a network"),
    flag("opt", "list", "Set driver specific options", "o"),
    flag("scope", "string", "Control the network's scope"),
    flag("subnet", "list", "Subnet in CIDR format that represents a network segment"),
  ],
};

/** Ranges, gateways and auxiliary addresses go to the subnet that they lie in; the client's own words when there is none. */
function ipamOf(flags: Flags): readonly IpamConfig[] | string {
  const configs: { subnet: string; ipRange?: string; gateway?: string; auxAddresses?: Record<string, string> }[] = [];
  const auxiliary = record(flags.list("aux-address"));
  if (flags.list("ip-range").length > flags.list("subnet").length || flags.list("gateway").length > flags.list("subnet").length)
    return "every ip-range or gateway must have a corresponding subnet";
  for (const subnet of flags.list("subnet")) configs.push({ subnet });
  const owner = (text: string) => {
    const ip = parseIp(text.split("/")[0] as string);
    return configs.find((config) => {
      const block = parsePrefix(config.subnet);
      return ip !== undefined && block !== undefined && contains(block, ip);
    });
  };
  for (const range of flags.list("ip-range")) {
    const config = owner(range);
    if (!config) return `no matching subnet for range ${range}`;
    if (config.ipRange) return `cannot configure multiple ranges (${range}, ${config.ipRange}) on the same subnet (${config.subnet})`;
    config.ipRange = range;
  }
  for (const gateway of flags.list("gateway")) {
    const config = owner(gateway);
    if (!config) return `no matching subnet for gateway ${gateway}`;
    if (config.gateway) return `cannot configure multiple gateways (${gateway}, ${config.gateway}) for the same subnet (${config.subnet})`;
    config.gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxiliary)) {
    const config = owner(address);
    if (!config) return `no matching subnet for aux-address ${address}`;
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

const CONNECT: Subcommand = {
  path: "docker network connect",
  usage: "[OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  least: 2,
  most: 2,
  flags: [
    flag("alias", "list", "Add network-scoped alias for the container"),
    flag("driver-opt", "list", "driver options for the network"),
    flag("gw-priority", "int", "Highest gw-priority provides the default gateway. Accepts positive and negative values."),
    flag("ip", "string", 'IPv4 address (e.g., "172.30.100.104")'),
    flag("ip6", "string", 'IPv6 address (e.g., "2001:db8::33")'),
    flag("link", "list", "Add link to another container"),
    flag("link-local-ip", "list", "Add a link-local address for the container"),
  ],
};

const simple = (verb: string, usage: string, summary: string, least: number, most: number, flags: readonly Flag[] = []): Subcommand => ({
  path: `docker network ${verb}`,
  usage,
  summary,
  least,
  most,
  flags,
});

export const networkVerbs: readonly Verb[] = [
  {
    names: ["connect"],
    command: CONNECT,
    *run(process, flags, engine) {
      const [network, container] = flags.args as [string, string];
      const refused = yield* engine.connect(network, container, {
        aliases: flags.list("alias"),
        ipv4: flags.text("ip"),
        ipv6: flags.text("ip6"),
        links: flags.list("link"),
        linkLocalIps: flags.list("link-local-ip"),
        driverOpts: record(flags.list("driver-opt")),
        gwPriority: flags.number("gw-priority"),
      });
      return refused ? daemonError(process, refused) : 0;
    },
  },
  {
    names: ["create"],
    command: CREATE,
    *run(process, flags, engine) {
      const spec = networkSpecOf(flags);
      if (typeof spec === "string") {
        process.stderr.write(`${spec}\n`);
        return 1;
      }
      const made = yield* engine.createNetwork(spec);
      if (made instanceof EngineError) return daemonError(process, made);
      if (made.warning) process.stderr.write(`WARNING: ${made.warning}\n`);
      process.stdout.write(`${made.id}\n`);
      return 0;
    },
  },
  {
    names: ["disconnect"],
    command: simple("disconnect", "[OPTIONS] NETWORK CONTAINER", "Disconnect a container from a network", 2, 2, [
      flag("force", "bool", "Force the container to disconnect from a network", "f"),
    ]),
    *run(process, flags, engine) {
      const [network, container] = flags.args as [string, string];
      const refused = yield* engine.disconnect(network, container, flags.on("force"));
      return refused ? daemonError(process, refused) : 0;
    },
  },
  {
    names: ["inspect"],
    command: simple(
      "inspect",
      "[OPTIONS] NETWORK [NETWORK...]",
      "Display detailed information on one or more networks",
      1,
      Number.POSITIVE_INFINITY,
      [
        flag("format", "string", "Format output using a custom template", "f"),
        flag("verbose", "bool", "Verbose output for diagnostics", "v"),
      ],
    ),
    *run(process, flags, engine) {
      return printDocuments(
        process,
        flags.args,
        (reference) => {
          const network = engine.findNetwork(reference);
          return network instanceof EngineError ? network : engine.inspectNetwork(network, flags.on("verbose"));
        },
        flags.text("format"),
        (error) => `Error response from daemon: ${error.message}`,
      );
    },
  },
  {
    names: ["ls", "list"],
    command: simple("ls", "[OPTIONS]", "List networks", 0, 0, [
      flag("filter", "list", 'Provide filter values (e.g. "driver=bridge")', "f"),
      flag("format", "string", "Format output using a custom template"),
      flag("no-trunc", "bool", "Do not truncate the output"),
      flag("quiet", "bool", "Only display network IDs", "q"),
    ]),
    *run(process, flags, engine) {
      const filters = filtersOf(process, flags);
      if (!filters) return 1;
      const networks = engine.networks(filters);
      if (networks instanceof EngineError) return daemonError(process, networks);
      const text = printListing(
        {
          headers: {
            ID: "NETWORK ID",
            Name: "NAME",
            Driver: "DRIVER",
            Scope: "SCOPE",
            Labels: "LABELS",
            IPv4: "IPV4",
            IPv6: "IPV6",
            Internal: "INTERNAL",
            CreatedAt: "CREATED AT",
          },
          columns: ["ID", "Name", "Driver", "Scope"],
          quiet: "ID",
          rows: [...networks]
            .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
            .map((network) => ({
              ID: flags.on("no-trunc") ? network.id : network.id.slice(0, 12),
              Name: network.name,
              Driver: network.driver,
              Scope: network.spec.scope ?? "local",
              Labels: Object.entries(network.spec.labels)
                .map(([key, value]) => `${key}=${value}`)
                .join(","),
              IPv4: String(network.enableIpv4),
              IPv6: String(network.enableIpv6),
              Internal: String(network.internal),
              CreatedAt: dateText(process.machine.kernel, network.created),
            })),
        },
        flags.text("format"),
        flags.on("quiet"),
      );
      if (text instanceof TemplateError) {
        process.stderr.write(`template parsing error: ${text.message}\n`);
        return 1;
      }
      process.stdout.write(text);
      return 0;
    },
  },
  {
    names: ["prune"],
    command: simple("prune", "[OPTIONS]", "Remove all unused networks", 0, 0, [
      flag("filter", "list", 'Provide filter values (e.g. "until=<timestamp>")'),
      flag("force", "bool", "Do not prompt for confirmation", "f"),
    ]),
    *run(process, flags, engine) {
      if (!flags.on("force")) {
        process.stdout.write(
          "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue? [y/N] ",
        );
        const answer = yield* process.stdin.readLine();
        if (!/^y(es)?$/i.test(answer ?? "")) return 0;
      }
      const filters = filtersOf(process, flags);
      if (!filters) return 1;
      const removed = yield* engine.pruneNetworks(filters);
      if (removed instanceof EngineError) return daemonError(process, removed);
      if (removed.length > 0) process.stdout.write(`Deleted Networks:\n${removed.join("\n")}\n\n`);
      return 0;
    },
  },
  {
    names: ["rm", "remove"],
    command: simple("rm", "NETWORK [NETWORK...]", "Remove one or more networks", 1, Number.POSITIVE_INFINITY, [
      flag("force", "bool", "Do not error if the network does not exist", "f"),
    ]),
    *run(process, flags, engine) {
      let failed = false;
      for (const reference of flags.args) {
        const refused = yield* engine.removeNetwork(reference);
        if (!refused) process.stdout.write(`${reference}\n`);
        else if (!(flags.on("force") && refused.status === 404)) {
          daemonError(process, refused);
          failed = true;
        }
      }
      if (failed) process.stderr.write("exit status 1\n");
      return failed ? 1 : 0;
    },
  },
];
