/** `docker compose config`, `version` and `pull` (cmd/compose/config.go, version.go, pull.go). */
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Flags } from "../flags.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, projectOf, selected, withDependencies } from "./context.ts";
import { printProject } from "./file/print.ts";
import { ComposeError, type Project } from "./file/project.ts";
import { pullImage } from "./resources.ts";
import { configHash } from "./spec.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";
import { COMPOSE_VERSION } from "./version.ts";

const UNSUPPORTED = [
  "lock-image-digests",
  "resolve-image-digests",
  "models",
  "no-consistency",
  "no-normalize",
  "no-path-resolution",
  "no-env-resolution",
  "environment",
  "variables",
];

/** The lines of --services and its like; undefined when the whole project is asked for. */
function linesOf(flags: Flags, project: Project): readonly string[] | undefined {
  const services = [...project.services.values()];
  if (flags.on("services")) return services.map(({ name }) => name);
  if (flags.on("networks")) return [...project.networks.keys()];
  if (flags.on("volumes")) return [...project.volumes.keys()];
  if (flags.on("images")) return services.map(({ image }) => image);
  if (flags.on("profiles")) return project.profiles;
  const hash = flags.text("hash");
  if (hash === undefined) return undefined;
  const wanted = hash === "*" ? services : services.filter(({ name }) => hash.split(",").includes(name));
  return wanted.map((service) => `${service.name} ${configHash(service)}`);
}

/** The project with the services that are named, and all that these need. */
function reduced(project: Project, names: readonly string[]): Project | ComposeError {
  const chosen = selected(project, names);
  if (chosen instanceof ComposeError || names.length === 0) return chosen instanceof ComposeError ? chosen : project;
  const kept = new Set(withDependencies(project, chosen).map(({ name }) => name));
  const services = new Map([...project.services].filter(([name]) => kept.has(name)));
  const used = new Set([...services.values()].flatMap((service) => [...service.networks.keys()]));
  return { ...project, services, networks: new Map([...project.networks].filter(([key]) => used.has(key))) };
}

function* config(context: ComposeContext, flags: Flags): Op<number> {
  const { process } = context;
  const unsupported = UNSUPPORTED.find((name) => flags.on(name));
  if (unsupported)
    return refuse(
      context,
      `docker compose config: --${unsupported} is not supported here; the canonical form, --services, --networks, --volumes, --images, --profiles and --hash are`,
    );
  const format = flags.text("format") ?? "yaml";
  if (format !== "yaml" && format !== "json" && format !== "") return refuse(context, `unsupported format ${JSON.stringify(format)}`);
  const whole = yield* projectOf(context, !flags.on("no-interpolate"));
  if (whole instanceof ComposeError) return refuse(context, whole.message);
  const project = reduced(whole, flags.args);
  if (project instanceof ComposeError) return refuse(context, project.message);
  if (flags.on("quiet")) return 0;
  const lines = linesOf(flags, project);
  const text = lines ? lines.map((line) => `${line}\n`).join("") : printProject(project, format);
  const output = flags.text("output");
  if (output === undefined) {
    process.stdout.write(text);
    return 0;
  }
  const failed = process.fs.write(resolvePath(process.cwd, output), text);
  return failed ? refuse(context, `open ${output}: ${failed.message.toLowerCase()}`) : 0;
}

export const configVerb: ComposeVerb = {
  name: "config",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Parse, resolve and render compose file in canonical format",
    options: `--dry-run  Execute command in dry run mode
--environment  Print environment used for interpolation.
--format string  Format the output. Values: [yaml | json]
--hash string  Print the service config hash, one per line.
--images  Print the image names, one per line.
--lock-image-digests  Produces an override file with image digests
--models  Print the model names, one per line.
--networks  Print the network names, one per line.
--no-consistency  Don't check model consistency - warning: may produce invalid Compose output
--no-env-resolution  Don't resolve service env files
--no-interpolate  Don't interpolate environment variables
--no-normalize  Don't normalize compose model
--no-path-resolution  Don't resolve file paths
-o, --output string  Save to file (default to stdout)
--profiles  Print the profile names, one per line.
-q, --quiet  Only validate the configuration, don't print anything
--resolve-image-digests  Pin image tags to digests
--services  Print the service names, one per line.
--variables  Print model variables and default values.
--volumes  Print the volume names, one per line.`,
    least: 0,
    most: MANY,
  },
  run: config,
};

export const versionVerb: ComposeVerb = {
  name: "version",
  command: {
    usage: "[OPTIONS]",
    summary: "Show the Docker Compose version information",
    options: `--dry-run  Execute command in dry run mode
-f, --format string  Format the output. Values: [pretty | json]. (Default: pretty)
--short  Shows only Compose's version number`,
    least: 0,
    most: 0,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run({ process }, flags) {
    if (flags.on("short")) process.stdout.write(`${COMPOSE_VERSION}\n`);
    else if (flags.text("format") === "json") process.stdout.write(`{"version":"${COMPOSE_VERSION}"}\n`);
    else process.stdout.write(`Docker Compose version ${COMPOSE_VERSION}\n`);
    return 0;
  },
};

export const pullVerb: ComposeVerb = {
  name: "pull",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Pull service images",
    options: `--dry-run  Execute command in dry run mode
--ignore-buildable  Ignore images that can be built
--ignore-pull-failures  Pull what it can and ignores images with pull failures
--include-deps  Also pull services declared as dependencies
--policy string  Apply pull policy ("missing"|"always")
-q, --quiet  Pull without printing progress information`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const project = yield* projectOf(context);
    if (project instanceof ComposeError) return refuse(context, project.message);
    const chosen = selected(project, flags.args);
    if (chosen instanceof ComposeError) return refuse(context, chosen.message);
    const services = flags.on("include-deps") ? withDependencies(project, chosen) : chosen;
    const pulled = new Map<string, string>();
    for (const service of services) {
      const by = pulled.get(service.image);
      if (by !== undefined) {
        if (!flags.on("quiet")) context.process.stderr.write(` ${service.name} Skipped - Image is already being pulled by ${by} \n`);
        continue;
      }
      pulled.set(service.image, service.name);
      if (flags.text("policy") === "missing" && context.engine.findImage(service.image)) continue;
      const refused = yield* pullImage(context, service, flags.on("quiet"));
      if (refused !== undefined && !flags.on("ignore-pull-failures")) return finish(context, refused);
    }
    return 0;
  },
};
