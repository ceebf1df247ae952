/** From files to a project: found, read, filled in, checked, merged, completed (compose-go/cli, compose-go/loader). */
import { resolvePath } from "../../../../../kernel/vfs.ts";
import { normalized } from "./canonical.ts";
import { inconsistency } from "./consistency.ts";
import { parseDotenv } from "./dotenv.ts";
import { interpolate } from "./interpolate.ts";
import { documentsOf, type Loading, type LoadOptions, loadModel, readEnvFiles } from "./model.ts";
import { readNetwork, readVolume } from "./network.ts";
import { type Canonical, ComposeError, type Project, type Service } from "./project.ts";
import { readService } from "./service.ts";
import { isMap, mapOf, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

const DEFAULT_FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"] as const;
const OVERRIDES = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"] as const;
const NO_FILE = "no configuration file provided: not found";
const MAX_SERVICES = 200;
const MAX_CONTAINERS = 500;

/** A name of a project out of anything: lower case, letters, digits, dashes and underscores, a letter or digit first. */
const normalName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");

const isName = (text: string): boolean => /^[a-z0-9][a-z0-9_-]*$/.test(text);

const invalidName = (name: string): ComposeError =>
  new ComposeError(
    `invalid project name ${JSON.stringify(name)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  );

const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** The files that make up the project: those given, or the first of the usual ones here or further up, with its override. */
function findFiles({ fs, cwd, files, env, projectDirectory, warn }: LoadOptions): readonly string[] | ComposeError {
  const named = files.length > 0 ? files : (env.get("COMPOSE_FILE") ?? "").split(":").filter((file) => file !== "");
  if (named.length > 0) return named.map((file) => (file === "-" ? "-" : resolvePath(cwd, file)));
  for (let folder = projectDirectory ? resolvePath(cwd, projectDirectory) : cwd; ; folder = parent(folder)) {
    const found = DEFAULT_FILES.map((name) => resolvePath(folder, name)).filter((path) => fs.exists(path));
    if (found[0]) {
      if (found.length > 1) {
        warn(`Found multiple config files with supported names: ${found.join(", ")}`);
        warn(`Using ${found[0]}`);
      }
      const override = OVERRIDES.map((name) => resolvePath(folder, name)).find((path) => fs.exists(path));
      return override ? [found[0], override] : [found[0]];
    }
    if (folder === "/") return new ComposeError(NO_FILE);
  }
}

/** The variables that a file may use: those of .env or --env-file, and above them the environment's. */
function readEnvironment(options: LoadOptions, workingDir: string): ReadonlyMap<string, string> | ComposeError {
  const { cwd, env } = options;
  const named = options.envFiles.length > 0;
  const files = named ? options.envFiles.map((file) => resolvePath(cwd, file)) : [resolvePath(workingDir, ".env")];
  const merged = readEnvFiles(options, files, env, named);
  return merged instanceof ComposeError ? merged : new Map([...merged, ...env]);
}

const unmarshalled = (value: Raw): string =>
  Array.isArray(value)
    ? "!!seq"
    : `${typeof value === "string" ? "!!str" : typeof value === "number" ? "!!int" : "!!bool"} \`${String(value)}\``;

function readServices(raw: RawMap, env: ReadonlyMap<string, string>, notes: string[]): ReadonlyMap<string, Service> | ComposeError {
  const services = new Map<string, Service>();
  const entries = Object.entries(raw).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MAX_SERVICES) return new ComposeError(`more than ${MAX_SERVICES} services are not supported here`);
  let containers = 0;
  for (const [name, value] of entries) {
    const service = readService(name, mapOf(value), env, notes);
    if (service instanceof ComposeError) return service;
    containers += service.scale;
    services.set(name, service);
  }
  return containers > MAX_CONTAINERS
    ? new ComposeError(`more than ${MAX_CONTAINERS} containers of a project are not supported here`)
    : services;
}

/** Variables of env_file, under those of `environment`. */
function withEnvFiles(service: Service, options: LoadOptions, env: ReadonlyMap<string, string>): Service | ComposeError {
  if (service.envFiles.length === 0 || options.without?.has("env-files")) return service;
  const merged = new Map<string, string | null>();
  for (const { path, required } of service.envFiles) {
    const text = options.fs.read(resolvePath(options.cwd, path));
    if (typeof text !== "string") {
      if (required) return new ComposeError(`env file ${path} not found: stat ${path}: no such file or directory`);
      continue;
    }
    // What `environment` says goes before what the file has said so far.
    const own = [...service.environment].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
    const entries = parseDotenv(text, new Map([...env, ...own]));
    if (entries instanceof ComposeError) return new ComposeError(`failed to read ${path}: ${entries.message}`);
    for (const [key, value] of entries) merged.set(key, value);
  }
  for (const [key, value] of service.environment) merged.set(key, value);
  const environment = new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
  const canonical = Object.entries(service.canonical as { readonly [key: string]: Canonical });
  const printed: Record<string, Canonical> = {};
  for (const [key, value] of canonical) {
    printed[key] = key === "environment" ? Object.fromEntries(environment) : value;
    if (key === "entrypoint" && environment.size > 0) printed.environment = Object.fromEntries(environment);
  }
  return { ...service, environment, canonical: printed };
}

/** The name that the files give themselves, the last one; "" when they give none. */
function nameInFiles(loading: Loading, files: readonly string[]): string | ComposeError {
  let name = "";
  for (const file of files) {
    const documents = documentsOf(loading, file);
    if (documents instanceof ComposeError) return documents;
    for (const { content, line } of documents) {
      if (content !== null && !isMap(content))
        return new ComposeError(`yaml: unmarshal errors:\n  line ${line}: cannot unmarshal ${unmarshalled(content)} into cli.named`);
      name = textOf(mapOf(content).name) ?? name;
    }
  }
  return name;
}

function projectNameOf(loading: Loading, files: readonly string[]): string | ComposeError {
  const { options, env, workingDir } = loading;
  const wanted = options.projectName ?? env.get("COMPOSE_PROJECT_NAME");
  if (wanted) return isName(wanted) ? wanted : invalidName(wanted);
  const written = nameInFiles(loading, files);
  if (written instanceof ComposeError) return written;
  const named = options.interpolates ? interpolate(written, "name", { env, missing: () => {} }) : written;
  if (named instanceof ComposeError) return named;
  const name = normalName(named === "" ? base(workingDir) : named);
  return name === "" ? new ComposeError("project name must not be empty") : name;
}

/** The project that the files describe, or what is wrong with them. */
export function loadProject(options: LoadOptions): Project | ComposeError {
  // The name that is given by hand is looked at before there is any file.
  if (options.projectName && !isName(options.projectName)) return invalidName(options.projectName);
  const files = findFiles(options);
  if (files instanceof ComposeError) return files;
  const workingDir = options.projectDirectory
    ? resolvePath(options.cwd, options.projectDirectory)
    : files[0] === "-"
      ? options.cwd
      : parent(files[0] as string);
  const env = readEnvironment(options, workingDir);
  if (env instanceof ComposeError) return env;
  const loading: Loading = { options, workingDir, env, included: [] };
  const name = projectNameOf(loading, files);
  if (name instanceof ComposeError) return name;
  const model = loadModel(loading, files);
  if (model instanceof ComposeError) return model;
  if (Object.keys(model).length === 0) return new ComposeError("empty compose file");
  const whole = options.without?.has("normalization") ? model : normalized(model, name);
  const notes: string[] = [];
  const read = options.interpolates ? readServices(mapOf(whole.services), env, notes) : new Map<string, Service>();
  if (read instanceof ComposeError) return read;
  return assemble(options, { name, workingDir, files, env, content: whole, notes, services: read });
}

/** Maps of no known shape have their keys in alphabetical order, as Go prints them. */
function inOrder(value: Raw): Raw {
  if (Array.isArray(value)) return value.map((one) => inOrder(one as Raw));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, inOrder(one)]),
  );
}

interface Parts {
  readonly name: string;
  readonly workingDir: string;
  readonly files: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly content: RawMap;
  readonly notes: readonly string[];
  readonly services: ReadonlyMap<string, Service>;
}

/** Whether the profiles that are on enable a service. */
const isOn = ({ profiles }: Service, on: ReadonlySet<string>): boolean =>
  profiles.length === 0 || on.has("*") || profiles.some((profile) => on.has(profile));

function assemble(options: LoadOptions, parts: Parts): Project | ComposeError {
  const { name, content, env } = parts;
  const networkNames = new Set(Object.keys(mapOf(content.networks)));
  const volumeNames = new Set(Object.keys(mapOf(content.volumes)));
  const asked = [...options.profiles, ...(env.get("COMPOSE_PROFILES") ?? "").split(",")];
  const profiles = new Set(asked.filter((profile) => profile !== ""));
  const before = new Set(profiles);
  for (const one of options.named ?? []) for (const profile of parts.services.get(one)?.profiles ?? []) profiles.add(profile);
  const active = new Map<string, Service>();
  const disabled = new Map<string, Service>();
  for (const [key, service] of parts.services) {
    if (!isOn(service, profiles)) {
      disabled.set(key, service);
      continue;
    }
    const full = withEnvFiles(service, options, env);
    if (full instanceof ComposeError) return full;
    // What is built without a name of its own goes by the project's and the service's.
    active.set(key, full.build && full.image === "" ? { ...full, image: `${name}-${key}` } : full);
  }
  // What is enabled by its name has come through the check of the rest already: what it depends on is only looked for.
  for (const service of active.values())
    for (const [key, { required }] of service.dependsOn)
      if (!isOn(service, before) && !active.has(key) && (required || !disabled.has(key)))
        return new ComposeError(`no such service: ${key}`);
  const wrong = options.without?.has("consistency") ? undefined : inconsistency(active, disabled, networkNames, volumeNames);
  if (wrong) return wrong;
  const usedNetworks = [...new Set([...active.values()].flatMap((service) => [...service.networks.keys()]))].sort();
  const usedVolumes = [
    ...new Set(
      [...active.values()].flatMap((service) =>
        service.volumes.flatMap(({ type, source }) => (type === "volume" && source ? [source] : [])),
      ),
    ),
  ].sort();
  const section = (key: string): RawMap => mapOf(content[key]);
  return {
    name,
    workingDir: parts.workingDir,
    files: parts.files,
    envFiles: options.envFiles.map((file) => resolvePath(options.cwd, file)),
    services: active,
    profiles: [...new Set([...parts.services.values()].flatMap((service) => service.profiles))].sort(),
    disabled,
    networks: new Map(usedNetworks.map((key) => [key, readNetwork(key, section("networks")[key] ?? null)])),
    volumes: new Map(usedVolumes.map((key) => [key, readVolume(key, section("volumes")[key] ?? null)])),
    extensions: inOrder(Object.fromEntries(Object.entries(content).filter(([key]) => key.startsWith("x-")))) as {
      [key: string]: Canonical;
    },
    notes: parts.notes,
    environment: new Map([...env, ["COMPOSE_PROJECT_NAME", name]]),
    model: inOrder(content),
  };
}
