/** `docker volume …` (cli/command/volume). */
import { EngineError } from "../../../../engine/types.ts";
import { confirmed, daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import { labelError, record } from "../flags.ts";
import { documentVerb } from "../inspect.ts";
import { pruneVolumes } from "../prune.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { labelMethod, labelsText, printListing } from "../table.ts";
import { type Group, MANY, type Verb } from "../verb.ts";

const createVerb: Verb = {
  names: ["create"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS] [VOLUME]",
    summary: "Create a volume",
    options: `-d, --driver string  Specify volume driver name (default "local")
--label list  Set metadata for a volume
-o, --opt map  Set driver specific options (default map[])`,
    hidden: "--name string  Specify volume name",
    checks: { label: labelError },
    least: 0,
    most: 1,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const driver = flags.text("driver") ?? "local";
    if (driver !== "local" && driver !== "")
      return daemonError(
        process,
        new EngineError(
          `create ${flags.args[0] ?? ""}: error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
          404,
        ),
      );
    if (flags.list("opt").length > 0) return fail(process, "docker volume create: --opt is not supported here; plain local volumes are");
    const made = engine.createVolume(flags.args[0] ?? flags.text("name") ?? "", record(flags.list("label")));
    if (made instanceof EngineError) return daemonError(process, made);
    process.stdout.write(`${made.name}\n`);
    return 0;
  },
};

const listVerb: Verb = {
  names: ["ls", "list"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "List volumes",
    aliases: "docker volume ls, docker volume list",
    options: `-f, --filter filter  Provide filter values (e.g. "dangling=true")
--format string  ${LIST_FORMAT}
-q, --quiet  Only display volume names`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const volumes = engine.volumes(filtersOf(flags));
    if (volumes instanceof EngineError) return daemonError(process, volumes);
    return printListing(
      process,
      {
        type: "*formatter.volumeContext",
        headers: {
          Driver: "DRIVER",
          Name: "VOLUME NAME",
          Scope: "SCOPE",
          Mountpoint: "MOUNTPOINT",
          Labels: "LABELS",
          Links: "LINKS",
          Size: "SIZE",
          Group: "GROUP",
          Availability: "AVAILABILITY",
          Status: "STATUS",
        },
        columns: ["Driver", "Name"],
        quiet: "Name",
        raw: [
          ["name", "Name"],
          ["driver", "Driver"],
        ],
        rows: volumes.map((volume) => ({
          Driver: "local",
          Name: volume.name,
          Scope: "local",
          Mountpoint: volume.mountpoint,
          Labels: labelsText(volume.labels),
          Label: labelMethod(volume.labels),
          Links: "N/A",
          Size: "N/A",
          Group: "N/A",
          Availability: "N/A",
          Status: "N/A",
        })),
      },
      flags.text("format"),
      flags.on("quiet"),
    );
  },
};

const removeVerb: Verb = {
  names: ["rm", "remove"],
  completes: "volume",
  command: {
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    summary: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
    aliases: "docker volume rm, docker volume remove",
    options: `-f, --force  Force the removal of one or more volumes`,
    least: 1,
    most: MANY,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const errors: EngineError[] = [];
    for (const name of flags.args) {
      const refused = engine.removeVolume(name);
      if (!refused || (flags.on("force") && refused.status === 404)) process.stdout.write(`${name}\n`);
      else errors.push(refused);
    }
    for (const error of errors) daemonError(process, error);
    return errors.length > 0 ? 1 : 0;
  },
};

const pruneVerb: Verb = {
  names: ["prune"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Remove unused local volumes",
    options: `-a, --all  Remove all unused volumes, not just anonymous ones
--filter filter  Provide filter values (e.g. "label=<label>")
-f, --force  Do not prompt for confirmation`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const warning = flags.on("all")
      ? "WARNING! This will remove all local volumes not used by at least one container."
      : "WARNING! This will remove anonymous local volumes not used by at least one container.";
    if (!(yield* confirmed(process, flags.on("force"), warning))) return 0;
    const filters = new Map(filtersOf(flags));
    if (flags.on("all")) filters.set("all", ["true"]);
    const pruned = pruneVolumes(process, engine, filters);
    if (pruned instanceof EngineError) return daemonError(process, pruned);
    process.stdout.write("Total reclaimed space: 0B\n");
    return 0;
  },
};

export const volumeGroup: Group = {
  name: "volume",
  summary: "Manage volumes",
  verbs: [createVerb, documentVerb("volume"), listVerb, pruneVerb, removeVerb],
};
