/** `docker network …`. */
import { EngineError } from "../../../../engine/types.ts";
import { confirmed, daemonError } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import { record } from "../flags.ts";
import { documentVerb } from "../inspect.ts";
import { pruneNetworks } from "../prune.ts";
import type { Check } from "../subcommand.ts";
import { type Group, MANY, type Verb } from "../verb.ts";
import { networkCreateVerb } from "./create.ts";
import { networkListVerb } from "./list.ts";

const link: Check = (value) =>
  value === "" ? "empty string specified for links" : value.split(":").length > 2 ? `bad format for links: ${value}` : undefined;

const connectVerb: Verb = {
  names: ["connect"],
  completes: "network",
  command: {
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Connect a container to a network",
    options: `--alias strings  Add network-scoped alias for the container
--driver-opt strings  driver options for the network
--gw-priority int  Highest gw-priority provides the default gateway. Accepts positive and negative values.
--ip string  IPv4 address (e.g., "172.30.100.104")
--ip6 string  IPv6 address (e.g., "2001:db8::33")
--link list  Add link to another container
--link-local-ip strings  Add a link-local address for the container`,
    checks: { link },
    least: 2,
    most: 2,
  },
  *run(process, flags, engine) {
    const [network, container] = flags.args as [string, string];
    for (const option of flags.list("driver-opt")) {
      if (option.includes("=")) continue;
      process.stderr.write("invalid key/value pair format in driver options\n");
      return 1;
    }
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
};

const disconnectVerb: Verb = {
  names: ["disconnect"],
  completes: "network",
  command: {
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Disconnect a container from a network",
    options: `-f, --force  Force the container to disconnect from a network`,
    least: 2,
    most: 2,
  },
  *run(process, flags, engine) {
    const [network, container] = flags.args as [string, string];
    const refused = yield* engine.disconnect(network, container, flags.on("force"));
    return refused ? daemonError(process, refused) : 0;
  },
};

const pruneVerb: Verb = {
  names: ["prune"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Remove all unused networks",
    options: `--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const warning = "WARNING! This will remove all custom networks not used by at least one container.";
    if (!(yield* confirmed(process, flags.on("force"), warning))) return 0;
    const pruned = yield* pruneNetworks(process, engine, filtersOf(flags));
    if (pruned instanceof EngineError) return daemonError(process, pruned);
    return 0;
  },
};

const removeVerb: Verb = {
  names: ["rm", "remove"],
  completes: "network",
  command: {
    usage: "NETWORK [NETWORK...]",
    summary: "Remove one or more networks",
    aliases: "docker network rm, docker network remove",
    options: `-f, --force  Do not error if the network does not exist`,
    least: 1,
    most: MANY,
  },
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
};

export const networkGroup: Group = {
  name: "network",
  summary: "Manage networks",
  verbs: [connectVerb, networkCreateVerb, disconnectVerb, documentVerb("network"), networkListVerb, pruneVerb, removeVerb],
};
