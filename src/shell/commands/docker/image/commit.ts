/** `docker commit`, `diff` and `history` (cli/command/container/commit.go, diff.go, image/history.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { StoredImage } from "../../../../engine/images/store.ts";
import { type Container, EngineError } from "../../../../engine/types.ts";
import { sleep } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { changesOf, layerOf } from "../../../image-layers.ts";
import { configOf, makeImage } from "../build/made.ts";
import { referenceError } from "../container/spec.ts";
import { daemonError, fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { printListing } from "../table.ts";
import { dateText, humanDuration, humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";
import { changedConfig, keepImage } from "./archive.ts";

export const diffVerb: Verb = {
  names: ["diff"],
  top: "diff",
  completes: "container",
  command: {
    usage: "CONTAINER",
    summary: "Inspect changes to files or directories on a container's filesystem",
    aliases: "docker container diff, docker diff",
    least: 1,
    most: 1,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const container = engine.findContainer(flags.args[0] as string);
    if (container instanceof EngineError) return daemonError(process, container);
    for (const [path, change] of changesOf(container.fs)) process.stdout.write(`${change} ${path}\n`);
    return 0;
  },
};

/** An image of what a container has become; the text is the refusal. */
export function commitContainer(process: Process, engine: DockerEngine, container: Container, flags: Flags): StoredImage | string {
  const { spec, image } = container;
  const parent = engine.images().find(({ id }) => id === image.id);
  // What the container was made with is what the image says from now on.
  const config = changedConfig(
    {
      ...configOf(image),
      command: spec.command.length > 0 ? spec.command : image.command,
      entrypoint: spec.entrypoint ?? image.entrypoint,
      env: container.env,
      exposed: [...new Set([...image.exposed, ...spec.exposed])],
      workingDir: spec.workingDir ?? image.workingDir,
      user: spec.user ?? "",
      labels: spec.labels,
      ...(spec.healthcheck ? { healthcheck: spec.healthcheck } : {}),
    },
    flags.list("change"),
  );
  if (typeof config === "string") return config;
  return makeImage(process.machine.kernel, {
    parent: parent ?? { ...image, pulled: image.created, digest: "" },
    config,
    layer: layerOf(container.fs),
    createdBy: container.argv.join(" "),
    comment: flags.text("message") ?? "",
    author: flags.text("author") ?? "",
  });
}

/** µs that the daemon takes to read and keep what has changed. */
const COMMIT = 30_000;

export const commitVerb: Verb = {
  names: ["commit"],
  top: "commit",
  completes: "container",
  command: {
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    summary: "Create a new image from a container's changes",
    aliases: "docker container commit, docker commit",
    options: `-a, --author string  Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
-c, --change list  Apply Dockerfile instruction to the created image
-m, --message string  Commit message
-p, --pause  Pause container during commit (default true)`,
    least: 1,
    most: 2,
    leading: true,
  },
  *run(process, flags, engine) {
    const [reference = "", name] = flags.args;
    const wrong = name === undefined ? undefined : referenceError(name);
    if (wrong) return fail(process, wrong);
    const container = engine.findContainer(reference);
    if (container instanceof EngineError) return daemonError(process, container);
    const paused = container.state === "running" && flags.text("pause") !== "false";
    if (paused) yield* engine.pauseContainer(container.id);
    yield sleep(COMMIT);
    const image = commitContainer(process, engine, container, flags);
    if (typeof image === "string") {
      if (paused) yield* engine.unpauseContainer(container.id);
      return fail(process, image);
    }
    engine.noteImage(image, "create", image.id);
    const status = keepImage(process, engine, image, name);
    engine.noteEvent(container, "commit", {
      comment: flags.text("message") ?? "",
      imageID: image.id,
      imageRef: engine.findImage(image.id)?.reference ?? "",
    });
    if (paused) yield* engine.unpauseContainer(container.id);
    if (status === 0) process.stdout.write(`${image.id}\n`);
    return status;
  },
};

/** What the history of a registry's image says here: it came whole. */
const wholeHistory = ({ id, created, size }: StoredImage) => [{ id, created, createdBy: "", comment: "", size }];

const CREATED_BY = 45;

export const historyVerb: Verb = {
  names: ["history"],
  top: "history",
  completes: "image",
  command: {
    usage: "[OPTIONS] IMAGE",
    summary: "Show the history of an image",
    aliases: "docker image history, docker history",
    options: `--format string  ${LIST_FORMAT}
-H, --human  Print sizes and dates in human readable format (default true)
--no-trunc  Don't truncate output
--platform string  Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
-q, --quiet  Only show image IDs`,
    least: 1,
    most: 1,
  },
  *run(process, flags, engine) {
    const image = engine.findImage(flags.args[0] as string);
    if (!image) return daemonError(process, engine.imageNotFound(flags.args[0] as string));
    const { kernel } = process.machine;
    const whole = flags.on("no-trunc");
    const human = flags.text("human") !== "false";
    const cut = (text: string): string => (whole || text.length <= CREATED_BY ? text : `${text.slice(0, CREATED_BY - 1)}…`);
    const steps = image.made?.history.length ? image.made.history : wholeHistory(image);
    return printListing(
      process,
      {
        type: "*image.historyContext",
        headers: {
          ID: "IMAGE",
          CreatedSince: "CREATED",
          CreatedAt: "CREATED AT",
          CreatedBy: "CREATED BY",
          Size: "SIZE",
          Comment: "COMMENT",
        },
        columns: ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"],
        quiet: "ID",
        rows: steps.map((step) => ({
          ID: whole ? step.id : step.id.slice("sha256:".length, "sha256:".length + 12),
          CreatedSince: human ? `${humanDuration(kernel.clock.now - step.created)} ago` : dateText(kernel, step.created),
          CreatedAt: dateText(kernel, step.created),
          CreatedBy: cut(step.createdBy.replaceAll("\t", " ")),
          Size: human ? humanSize(step.size) : String(step.size),
          Comment: step.comment,
        })),
      },
      flags.text("format"),
      flags.on("quiet"),
    );
  },
};
