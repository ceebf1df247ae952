/** `docker system df` and `docker system prune` (cli/command/system/df.go, prune.go). */
import { EngineError } from "../../../../engine/types.ts";
import { confirmed, daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { printListing } from "../table.ts";
import { humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";

const percent = (part: number, whole: number): string => (whole > 0 ? ` (${Math.floor((part / whole) * 100)}%)` : "");

export const dfVerb: Verb = {
  names: ["df"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Show docker disk usage",
    options: `--format string  ${LIST_FORMAT}\n-v, --verbose  Show detailed information on space usage`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    if (flags.on("verbose"))
      return fail(process, "docker system df: --verbose is not supported here; docker images, docker ps -as and docker volume ls are");
    const images = engine.images();
    const containers = engine.containers(true);
    const volumes = engine.volumes();
    if (containers instanceof EngineError || volumes instanceof EngineError) return 1;
    const byId = new Map(images.map((image) => [image.id, image.size]));
    const used = new Set(containers.map((container) => container.image.id));
    const size = [...byId.values()].reduce((sum, one) => sum + one, 0);
    const idle = [...byId].reduce((sum, [id, one]) => sum + (used.has(id) ? 0 : one), 0);
    const active = volumes.filter((volume) => containers.some(({ mounts }) => mounts.some((mount) => mount.name === volume.name)));
    const row = (Type: string, total: number, busy: number, Size: string, Reclaimable: string) => ({
      Type,
      TotalCount: String(total),
      Active: String(busy),
      Size,
      Reclaimable,
    });
    return printListing(
      process,
      {
        type: "*formatter.diskUsageContext",
        headers: { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" },
        columns: ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
        quiet: "Type",
        raw: [
          ["type", "Type"],
          ["total", "TotalCount"],
          ["active", "Active"],
          ["size", "Size"],
          ["reclaimable", "Reclaimable"],
        ],
        rows: [
          row(
            "Images",
            byId.size,
            [...byId.keys()].filter((id) => used.has(id)).length,
            humanSize(size),
            `${humanSize(idle)}${percent(idle, size)}`,
          ),
          row("Containers", containers.length, containers.filter((one) => one.process).length, "0B", "0B"),
          row("Local Volumes", volumes.length, active.length, "0B", "0B"),
          row("Build Cache", 0, 0, "0B", "0B"),
        ],
      },
      flags.text("format"),
      false,
    );
  },
};

export const systemPruneVerb: Verb = {
  names: ["prune"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Remove unused data",
    options: `-a, --all  Remove all unused images not just dangling ones
--filter filter  Provide filter values (e.g. "label=<key>=<value>")
-f, --force  Do not prompt for confirmation
--volumes  Prune anonymous volumes`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const what = [
      "  - all stopped containers",
      "  - all networks not used by at least one container",
      ...(flags.on("volumes") ? ["  - all anonymous volumes not used by at least one container"] : []),
      `  - all ${flags.on("all") ? "images without at least one container associated to them" : "dangling images"}`,
      `  - ${flags.on("all") ? "all" : "unused"} build cache`,
    ];
    if (!(yield* confirmed(process, flags.on("force"), `WARNING! This will remove:\n${what.join("\n")}\n`))) return 0;
    const filters = filtersOf(flags);
    const containers = yield* engine.pruneContainers(filters);
    if (containers instanceof EngineError) return daemonError(process, containers);
    if (containers.length > 0) process.stdout.write(`Deleted Containers:\n${containers.join("\n")}\n\n`);
    const networks = yield* engine.pruneNetworks(filters);
    if (networks instanceof EngineError) return daemonError(process, networks);
    if (networks.length > 0) process.stdout.write(`Deleted Networks:\n${networks.join("\n")}\n\n`);
    const volumes = flags.on("volumes") ? engine.pruneVolumes(filters) : [];
    if (volumes instanceof EngineError) return daemonError(process, volumes);
    if (volumes.length > 0) process.stdout.write(`Deleted Volumes:\n${volumes.join("\n")}\n\n`);
    const images = engine.pruneImages(flags.on("all"), filters);
    if (images instanceof EngineError) return daemonError(process, images);
    if (images.lines.length > 0)
      process.stdout.write(`Deleted Images:\n${images.lines.map((line) => `${line.toLowerCase()}\n`).join("")}\n`);
    process.stdout.write(`Total reclaimed space: ${humanSize(images.reclaimed)}\n`);
    return 0;
  },
};
