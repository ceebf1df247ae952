/** `docker image …`, `docker images`, `docker pull`, `docker rmi`, `docker tag`. */
import { EngineError } from "../../../../engine/types.ts";
import { buildVerb } from "../build/index.ts";
import { referenceError } from "../container/spec.ts";
import { confirmed, daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import { documentVerb } from "../inspect.ts";
import { pruneImages } from "../prune.ts";
import { humanSize } from "../times.ts";
import { type Group, MANY, type Verb } from "../verb.ts";
import { importVerb, loadVerb, saveVerb } from "./archive.ts";
import { historyVerb } from "./commit.ts";
import { imageListVerb } from "./list.ts";
import { pullVerb } from "./pull.ts";

const removeVerb: Verb = {
  names: ["rm", "remove"],
  top: "rmi",
  completes: "image",
  command: {
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Remove one or more images",
    aliases: "docker image rm, docker image remove, docker rmi",
    options: `-f, --force  Force removal of the image
--no-prune  Do not delete untagged parents
--platform strings  Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")`,
    least: 1,
    most: MANY,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const errors: EngineError[] = [];
    let fatal = false;
    for (const reference of flags.args) {
      const removed = engine.removeImage(reference, flags.on("force"));
      if (removed instanceof EngineError) {
        errors.push(removed);
        fatal ||= !(flags.on("force") && removed.status === 404);
      } else for (const line of removed) process.stdout.write(`${line}\n`);
    }
    for (const error of errors) daemonError(process, error);
    return fatal ? 1 : 0;
  },
};

const tagVerb: Verb = {
  names: ["tag"],
  top: "tag",
  completes: "image",
  command: {
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    aliases: "docker image tag, docker tag",
    least: 2,
    most: 2,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const [source, target] = flags.args as [string, string];
    const wrong = referenceError(target);
    if (wrong) return fail(process, `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${wrong}`);
    const refused = engine.tagImage(source, target);
    return refused ? daemonError(process, refused) : 0;
  },
};

const pruneVerb: Verb = {
  names: ["prune"],
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Remove unused images",
    options: `-a, --all  Remove all unused images, not just dangling ones
--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const all = flags.on("all");
    const warning = all
      ? "WARNING! This will remove all images without at least one container associated to them."
      : "WARNING! This will remove all dangling images.";
    if (!(yield* confirmed(process, flags.on("force"), warning))) return 0;
    const pruned = pruneImages(process, engine, filtersOf(flags), all);
    if (pruned instanceof EngineError) return daemonError(process, pruned);
    process.stdout.write(`Total reclaimed space: ${humanSize(pruned)}\n`);
    return 0;
  },
};

export const imageGroup: Group = {
  name: "image",
  summary: "Manage images",
  verbs: [
    buildVerb,
    documentVerb("image"),
    historyVerb,
    imageListVerb,
    importVerb,
    loadVerb,
    pruneVerb,
    pullVerb,
    removeVerb,
    saveVerb,
    tagVerb,
  ],
};
