/** `docker system df` and `docker system prune` (cli/command/system/df.go, prune.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError, type Image } from "../../../../engine/types.ts";
import type { Process } from "../../../command.ts";
import { commandText, statusOf } from "../container/list.ts";
import { confirmed, daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import { pruneContainers, pruneImages, pruneNetworks, pruneVolumes } from "../prune.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { printListing, tabulate } from "../table.ts";
import { humanDuration, humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";

const percent = (part: number, whole: number): string => (whole > 0 ? ` (${Math.floor((part / whole) * 100)}%)` : "");

/** `-v`: a table for each kind of thing. An image is told once, by the first of its names; none shares layers with another. */
function printDetails(process: Process, engine: DockerEngine): number {
  const containers = engine.containers(true);
  const volumes = engine.volumes();
  if (volumes instanceof EngineError) return 1;
  const { kernel } = process.machine;
  const { now } = kernel.clock;
  const images = new Map<string, Image>();
  for (const image of [...engine.images()].sort((a, b) => b.created - a.created)) {
    const known = images.get(image.id);
    if (!known || image.reference < known.reference) images.set(image.id, image);
  }
  const imageRows = [...images.values()].map(({ id, reference, created, size }) => {
    const at = reference.lastIndexOf(":");
    const uses = containers.filter((container) => container.image.id === id).length;
    const name = reference === "" ? ["<none>", "<none>"] : [reference.slice(0, at), reference.slice(at + 1)];
    const sizes = [humanSize(size), "0B", humanSize(size)];
    return [...name, id.slice("sha256:".length, "sha256:".length + 12), `${humanDuration(now - created)} ago`, ...sizes, String(uses)];
  });
  const containerRows = containers.map((container) => [
    container.id.slice(0, 12),
    engine.imageName(container, false),
    commandText(container, false),
    String(container.mounts.filter((mount) => mount.type === "volume").length),
    "0B",
    `${humanDuration(now - container.created)} ago`,
    statusOf(container, now),
    container.name,
  ]);
  const volumeRows = volumes.map(({ name }) => {
    const links = containers.filter(({ mounts }) => mounts.some((mount) => mount.name === name)).length;
    return [name, String(links), "0B"];
  });
  for (const [title, head, rows] of [
    ["Images space usage:", "REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS", imageRows],
    ["\nContainers space usage:", "CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES", containerRows],
    ["\nLocal Volumes space usage:", "VOLUME NAME,LINKS,SIZE", volumeRows],
    ["\nBuild cache usage: 0B", "CACHE ID,CACHE TYPE,SIZE,CREATED,LAST USED,USAGE,SHARED", []],
  ] as const) {
    process.stdout.write(`${title}\n\n${tabulate([head.split(","), ...rows].map((cells) => cells.join("\t")))}`);
  }
  return 0;
}

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
    if (flags.on("verbose")) {
      if (flags.has("format"))
        return fail(process, "docker system df: --verbose with --format is not supported here; each of them alone is");
      return printDetails(process, engine);
    }
    const images = engine.images();
    const containers = engine.containers(true);
    const volumes = engine.volumes();
    if (volumes instanceof EngineError) return 1;
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
    if (flags.on("volumes") && filtersOf(flags).has("until"))
      return fail(process, 'ERROR: The "until" filter is not supported with "--volumes"');
    const what = [
      "  - all stopped containers",
      "  - all networks not used by at least one container",
      ...(flags.on("volumes") ? ["  - all anonymous volumes not used by at least one container"] : []),
      `  - all ${flags.on("all") ? "images without at least one container associated to them" : "dangling images"}`,
      `  - ${flags.on("all") ? "all" : "unused"} build cache`,
    ];
    const filters = filtersOf(flags);
    const bounds = ["label", "label!", "until"].flatMap((key) => (filters.get(key) ?? []).map((value) => `  - ${key}=${value}`)).sort();
    const filtered = bounds.length > 0 ? `\n  Items to be pruned will be filtered with:\n${bounds.join("\n")}\n` : "";
    if (!(yield* confirmed(process, flags.on("force"), `WARNING! This will remove:\n${what.join("\n")}\n${filtered}`))) return 0;
    const containers = yield* pruneContainers(process, engine, filters);
    if (containers instanceof EngineError) return daemonError(process, containers);
    const networks = yield* pruneNetworks(process, engine, filters);
    if (networks instanceof EngineError) return daemonError(process, networks);
    const volumes = flags.on("volumes") ? pruneVolumes(process, engine, filters) : 0;
    if (volumes instanceof EngineError) return daemonError(process, volumes);
    const images = pruneImages(process, engine, filters, flags.on("all"));
    if (images instanceof EngineError) return daemonError(process, images);
    engine.notePruned("builder", 0);
    process.stdout.write(`Total reclaimed space: ${humanSize(images)}\n`);
    return 0;
  },
};
