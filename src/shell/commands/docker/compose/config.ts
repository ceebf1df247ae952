/** `docker compose config`, `version` and `pull` (cmd/compose/config.go, version.go, pull.go). */

import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Flags } from "../flags.ts";
import { tabulate } from "../table.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, type HowToLoad, noService, projectOf, projectWith, selected, withDependencies, withUsed } from "./context.ts";
import { printProject, yamlText } from "./file/print.ts";
import { type Canonical, ComposeError, type Project, type Service } from "./file/project.ts";
import { variablesIn } from "./file/variables.ts";
import { pullImage } from "./resources.ts";
import { configHash, daemonText } from "./spec.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";
import { COMPOSE_VERSION } from "./version.ts";

const CELL = 20;

/** How files are read for what is asked. */
function howToLoad(flags: Flags): HowToLoad {
  const all = {
    normalization: "no-normalize",
    paths: "no-path-resolution",
    consistency: "no-consistency",
    "env-files": "no-env-resolution",
  } as const;
  const names = Object.keys(all) as (keyof typeof all)[];
  return {
    interpolates: !flags.on("no-interpolate") && !flags.on("variables"),
    without: new Set(names.filter((name) => flags.on(all[name]))),
  };
}

/** The lines of --services and its like; undefined when the whole project is asked for. */
function linesOf(flags: Flags, project: Project): readonly string[] | ComposeError | undefined {
  const services = [...project.services.values()];
  if (flags.on("services"))
    return flags.on("no-interpolate")
      ? Object.keys((project.model as { readonly services?: object }).services ?? {})
      : services.map(({ name }) => name);
  if (flags.on("volumes")) return [...project.volumes.keys()];
  if (flags.on("networks")) return [...project.networks.keys()];
  if (flags.on("models")) return [];
  const hash = flags.text("hash");
  if (hash !== undefined) {
    const names = hash === "*" ? services.map(({ name }) => name) : hash.split(",").sort();
    const missing = names.find((name) => !project.services.has(name));
    if (missing !== undefined) return noService(project, missing);
    return names.map((name) => `${name} ${configHash(project.services.get(name) as Service)}`);
  }
  if (flags.on("profiles")) return project.profiles;
  if (flags.on("images")) return services.map(({ image }) => image);
  if (flags.on("variables")) return undefined;
  if (flags.on("environment")) return [...project.environment].map(([name, value]) => `${name}=${value}`).sort();
  return undefined;
}

/** The project with the services that are named, and all that these need. */
function reduced(project: Project, names: readonly string[]): Project | ComposeError {
  const chosen = selected(project, names);
  if (chosen instanceof ComposeError || names.length === 0) return chosen instanceof ComposeError ? chosen : project;
  const kept = new Set(withDependencies(project, chosen).map(({ name }) => name));
  const services = new Map(
    [...project.services].flatMap(([name, service]) => (kept.has(name) ? [[name, withoutUnmet(service, project.services)] as const] : [])),
  );
  return { ...withUsed(project, chosen), services };
}

/** A service without what it may depend on and is not there. */
function withoutUnmet(service: Service, services: ReadonlyMap<string, Service>): Service {
  const dependsOn = new Map([...service.dependsOn].filter(([name]) => services.has(name)));
  if (dependsOn.size === service.dependsOn.size) return service;
  const { depends_on: before, ...rest } = service.canonical as { readonly [key: string]: Canonical };
  const printed = Object.fromEntries(Object.entries(before as object).filter(([name]) => dependsOn.has(name)));
  const canonical = Object.fromEntries(
    Object.entries(service.canonical as object).flatMap(([key, value]) =>
      key !== "depends_on" ? [[key, value]] : dependsOn.size > 0 ? [[key, printed]] : [],
    ),
  );
  return { ...service, dependsOn, canonical: dependsOn.size > 0 ? canonical : rest };
}

/** Images by what the registry has under their tags; the text is why it cannot be told. */
function pinned(context: ComposeContext, project: Project): Project | string {
  const services = new Map<string, Service>();
  for (const [name, service] of project.services) {
    const digest = context.engine.registryDigest(service.image);
    if (digest instanceof EngineError)
      return `failed to resolve digest for ${context.engine.canonicalImageName(service.image)}: ${daemonText(digest)}`;
    const image = `${context.engine.canonicalImageName(service.image)}@${digest}`;
    services.set(name, { ...service, image, canonical: { ...(service.canonical as { readonly [key: string]: Canonical }), image } });
  }
  return { ...project, services };
}

/** A project of images alone, to lay over the files. */
const imagesOnly = (project: Project): Project => ({
  ...project,
  name: "",
  services: new Map(
    [...project.services].map(([name, service]) => [
      name,
      { ...service, canonical: { command: null, entrypoint: null, image: service.image } },
    ]),
  ),
  networks: new Map(),
  volumes: new Map(),
  extensions: {},
});

function variablesText(model: Canonical, format: string): string | undefined {
  const variables = variablesIn(model);
  if (format === "json")
    return `${JSON.stringify(
      Object.fromEntries(
        variables.map((one) => [
          one.name,
          { Name: one.name, DefaultValue: one.byDefault, PresenceValue: one.whenSet, Required: one.required },
        ]),
      ),
      null,
      4,
    )}\n`;
  if (format === "yaml")
    return yamlText(
      Object.fromEntries(
        variables.map((one) => [
          one.name,
          { name: one.name, defaultvalue: one.byDefault, presencevalue: one.whenSet, required: one.required },
        ]),
      ),
    );
  if (format !== "" && format !== "table" && format !== "pretty") return undefined;
  const rows = variables.map(({ name, required, byDefault, whenSet }) => `${name}\t${required}\t${byDefault}\t${whenSet}`);
  return tabulate(["NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE", ...rows], CELL, 3);
}

/** What is printed; the error is the client's. */
function* textFor(context: ComposeContext, flags: Flags): Op<string | ComposeError> {
  const format = flags.text("format") ?? "";
  const loaded = yield* projectOf(context, { ...howToLoad(flags), named: flags.args }, true);
  if (loaded instanceof ComposeError) return loaded;
  if (flags.on("variables")) {
    const text = variablesText(loaded.model, format);
    return text ?? new ComposeError(`format value ${JSON.stringify(format)} could not be parsed: parsing failed`);
  }
  const lines = linesOf(flags, loaded);
  if (lines instanceof ComposeError) return lines;
  if (lines) return lines.map((line) => `${line}\n`).join("");
  if (!["", "yaml", "json"].includes(format)) return new ComposeError(`unsupported format ${JSON.stringify(format)}`);
  if (flags.on("no-interpolate"))
    return flags.on("resolve-image-digests") || flags.on("lock-image-digests")
      ? new ComposeError("docker compose config: --no-interpolate with digests is not supported here; each alone is")
      : format === "json"
        ? `${JSON.stringify(loaded.model, null, 2)}`
        : yamlText(loaded.model);
  const project = reduced(loaded, flags.args);
  if (project instanceof ComposeError) return project;
  const locks = flags.on("lock-image-digests");
  const resolved = locks || flags.on("resolve-image-digests") ? pinned(context, project) : project;
  if (typeof resolved === "string") return new ComposeError(resolved);
  return printProject(locks ? imagesOnly(resolved) : resolved, format === "" ? "yaml" : format);
}

function* config(context: ComposeContext, flags: Flags): Op<number> {
  const { process } = context;
  const text = yield* textFor(context, flags);
  if (text instanceof ComposeError) return refuse(context, text.message);
  if (flags.on("quiet")) return 0;
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
    const found = yield* projectWith(context, flags.args);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const { project, chosen } = found;
    const services = flags.on("include-deps") ? withDependencies(project, chosen) : chosen;
    const pulled = new Map<string, string>();
    for (const service of services) {
      if (service.build) {
        if (!flags.on("quiet")) context.process.stderr.write(` ${service.name} Skipped - No image to be pulled \n`);
        continue;
      }
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
