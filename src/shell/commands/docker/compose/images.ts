/** `docker compose build`, `push`, `commit`, `export`, `watch` (pkg/compose/build_bake.go, push.go, commit.go, export.go, watch.go). */
import type { Op } from "../../../../kernel/task.ts";
import { exportContainer, keepImage } from "../image/archive.ts";
import { commitContainer } from "../image/commit.ts";
import { MANY } from "../verb.ts";
import { buildServices } from "./build.ts";
import { type ComposeContext, containerOf, projectOrContainers, projectWith, withDependencies } from "./context.ts";
import { ComposeError } from "./file/project.ts";
import { runUp } from "./up.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";

export const buildVerb: ComposeVerb = {
  name: "build",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Build or rebuild services",
    options: `--build-arg stringArray  Set build-time variables for services
--builder string  Set builder to use
--check  Check build configuration
--dry-run  Execute command in dry run mode
-m, --memory bytes  Set memory limit for the build container. Not supported by BuildKit.
--no-cache  Do not use cache when building the image
--print  Print equivalent bake file
--provenance string  Add a provenance attestation
--pull  Always attempt to pull a newer version of the image
--push  Push service images
-q, --quiet  Suppress the build output
--sbom string  Add a SBOM attestation
--ssh string  Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)
--with-dependencies  Also build dependencies (transitively)`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    for (const name of ["builder", "check", "memory", "print", "provenance", "push", "sbom", "ssh"])
      if (flags.has(name))
        return refuse(context, `docker compose build: --${name} is not supported here; --build-arg, --no-cache, --pull and --quiet are`);
    const found = yield* projectWith(context, flags.args);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const { project, chosen } = found;
    const services = flags.on("with-dependencies") ? withDependencies(project, chosen) : chosen;
    const refused = yield* buildServices(context, services, {
      args: flags.list("build-arg"),
      usesCache: !flags.on("no-cache"),
      pulls: flags.on("pull"),
      quiet: flags.on("quiet"),
    });
    return finish(context, refused);
  },
};

export const pushVerb: ComposeVerb = {
  name: "push",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Push service images",
    options: `--dry-run  Execute command in dry run mode
--ignore-push-failures  Push what it can and ignores images with push failures
--include-deps  Also push images of services declared as dependencies
-q, --quiet  Push without printing progress information`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const found = yield* projectWith(context, flags.args);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const { project, chosen } = found;
    for (const { name, unnamed, build } of flags.on("include-deps") ? withDependencies(project, chosen) : chosen) {
      if (build && !unnamed)
        return refuse(context, "docker compose push: a registry that takes images is not supported here; docker save and docker load are");
      if (!flags.on("quiet")) context.process.stderr.write(` ${name} Skipped \n`);
    }
    return 0;
  },
};

/** The container of a service that runs; the text is the refusal. */
function* running(context: ComposeContext, service: string, index: number) {
  const found = yield* projectOrContainers(context);
  return found instanceof ComposeError ? found.message : containerOf(context, found.project, service, index, false);
}

export const commitVerb: ComposeVerb = {
  name: "commit",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE [REPOSITORY[:TAG]]",
    summary: "Create a new image from a service container's changes",
    options: `-a, --author string  Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
-c, --change list  Apply Dockerfile instruction to the created image
--dry-run  Execute command in dry run mode
--index int  index of the container if service has multiple replicas.
-m, --message string  Commit message
-p, --pause  Pause container during commit (default true)`,
    least: 1,
    most: 2,
  },
  *run(context, flags) {
    const { process, engine, progress } = context;
    const [service = "", name] = flags.args;
    const container = yield* running(context, service, flags.number("index") ?? 0);
    if (typeof container === "string") return refuse(context, container);
    progress.step(container.name, `Commit ${container.name}`, "Committing");
    const image = commitContainer(process, engine, container, flags);
    if (typeof image === "string") return refuse(context, image);
    const status = keepImage(process, engine, image, name);
    if (status === 0) progress.step(container.name, `Commit ${container.name}`, `Committed as ${image.id}`);
    return status;
  },
};

export const exportVerb: ComposeVerb = {
  name: "export",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE",
    summary: "Export a service container's filesystem as a tar archive",
    options: `--dry-run  Execute command in dry run mode
--index int  index of the container if service has multiple replicas.
-o, --output string  Write to a file, instead of STDOUT`,
    least: 1,
    most: 1,
  },
  *run(context, flags) {
    const { process, progress } = context;
    const container = yield* running(context, flags.args[0] as string, flags.number("index") ?? 0);
    if (typeof container === "string") return refuse(context, container);
    progress.step(container.name, `export ${container.name} to ${flags.text("output") ?? "stdout"}`, "Exporting");
    return exportContainer(process, container, flags);
  },
};

export const watchVerb: ComposeVerb = {
  name: "watch",
  services: true,
  command: {
    usage: "[SERVICE...]",
    summary: "Watch build context for service and rebuild/refresh containers when files are updated",
    options: `--dry-run  Execute command in dry run mode
--no-up  Do not build & start services before watching
--prune  Prune dangling images on rebuild (default true)
--quiet  hide build output`,
    least: 0,
    most: MANY,
  },
  *run(context, flags): Op<number> {
    const found = yield* projectWith(context, flags.args, true);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const { chosen } = found;
    if (chosen.some(({ develops }) => develops))
      return refuse(context, "docker compose watch: following changes of files is not supported here; docker compose up -d --build is");
    const status = flags.on("no-up") ? 0 : yield* runUp(context, flags.args);
    if (status !== 0) return status;
    return refuse(context, "none of the selected services is configured for watch, consider setting a 'develop' section");
  },
};
