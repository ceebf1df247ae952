/** `docker network ls` (cli/command/network/list.go). */
import type { DockerEngine, Filters } from "../../../../engine/engine.ts";
import { refuseUnknown } from "../../../../engine/filters.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { daemonError } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import type { Flags } from "../flags.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { labelMethod, labelsText, printListing } from "../table.ts";
import { preciseDateText } from "../times.ts";
import type { Verb } from "../verb.ts";

const FILTER_KEYS = ["dangling", "driver", "id", "label", "name", "scope", "type"] as const;

/** A key that the list does not know, or a value that there cannot be (daemon/network/filter.go). */
function filterRefusal(filters: Filters): EngineError | undefined {
  const unknown = refuseUnknown(filters, FILTER_KEYS);
  if (unknown) return unknown;
  const dangling = filters.get("dangling") ?? [];
  if (dangling.length > 1) return new EngineError('got more than one value for filter key "dangling"');
  if (dangling[0] !== undefined && !["0", "1", "true", "false"].includes(dangling[0]))
    return new EngineError(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
  const type = filters.get("type")?.find((value) => value !== "custom" && value !== "builtin");
  return type === undefined ? undefined : new EngineError(`invalid filter: 'type'='${type}'`, 500);
}

function* list(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const filters = filtersOf(flags);
  const refused = filterRefusal(filters);
  if (refused) return daemonError(process, refused);
  const networks = engine.networks(filters);
  return printListing(
    process,
    {
      type: "*network.networkContext",
      headers: {
        ID: "NETWORK ID",
        Name: "NAME",
        Driver: "DRIVER",
        Scope: "SCOPE",
        IPv4: "IPV4",
        IPv6: "IPV6",
        Internal: "INTERNAL",
        Labels: "LABELS",
        CreatedAt: "CREATED AT",
      },
      columns: ["ID", "Name", "Driver", "Scope"],
      quiet: "ID",
      raw: [
        ["network_id", "ID"],
        ["name", "Name"],
        ["driver", "Driver"],
        ["scope", "Scope"],
      ],
      rows: networks.map((network) => ({
        ID: flags.on("no-trunc") ? network.id : network.id.slice(0, 12),
        Name: network.name,
        Driver: network.driver,
        Scope: network.spec.scope || "local",
        IPv4: String(network.enableIpv4),
        IPv6: String(network.enableIpv6),
        Internal: String(network.internal),
        Labels: labelsText(network.spec.labels),
        Label: labelMethod(network.spec.labels),
        CreatedAt: preciseDateText(process.machine.kernel, network.created),
      })),
    },
    flags.text("format"),
    flags.on("quiet"),
  );
}

export const networkListVerb: Verb = {
  names: ["ls", "list"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "List networks",
    aliases: "docker network ls, docker network list",
    options: `-f, --filter filter  Provide filter values (e.g. "driver=bridge")
--format string  ${LIST_FORMAT}
--no-trunc  Do not truncate the output
-q, --quiet  Only display network IDs`,
    least: 0,
    most: 0,
  },
  run: list,
};
