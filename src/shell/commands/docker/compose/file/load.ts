/** From files to a project: found, read, filled in, checked, merged, completed (compose-go/cli, compose-go/loader). */
import { type FileSystem, resolvePath } from "../../../../../kernel/vfs.ts";
import { parseDotenv } from "./dotenv.ts";
import { writeOutExtends } from "./extends.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import { mergeFiles } from "./merge.ts";
import { readNetwork, readVolume } from "./network.ts";
import { type Canonical, ComposeError, type Project, type Service } from "./project.ts";
import { validate } from "./schema.ts";
import { readService } from "./service.ts";
import { isMap, mapOf, type RawMap, textOf } from "./values.ts";
import { parseYaml, type Raw } from "./yaml.ts";

export interface LoadOptions {
  readonly fs: FileSystem;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  /** -f, in order; "-" is what `input` gives. */
  readonly files: readonly string[];
  readonly input: string;
  readonly projectName: string | undefined;
  readonly projectDirectory: string | undefined;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly interpolates: boolean;
  /** A warning, as the client logs it. */
  warn(message: string): void;
}

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
function findFiles({ fs, cwd, files, env }: LoadOptions): readonly string[] | ComposeError {
  const named = files.length > 0 ? files : (env.get("COMPOSE_FILE") ?? "").split(":").filter((file) => file !== "");
  if (named.length > 0) return named.map((file) => (file === "-" ? "-" : resolvePath(cwd, file)));
  for (let folder = cwd; ; folder = parent(folder)) {
    const found = DEFAULT_FILES.map((name) => resolvePath(folder, name)).filter((path) => fs.exists(path));
    if (found[0]) {
      const override = OVERRIDES.map((name) => resolvePath(folder, name)).find((path) => fs.exists(path));
      return override ? [found[0], override] : [found[0]];
    }
    if (folder === "/") return new ComposeError(NO_FILE);
  }
}

/** The variables that a file may use: those of .env or --env-file, and above them the environment's. */
function readEnvironment(options: LoadOptions, workingDir: string): ReadonlyMap<string, string> | ComposeError {
  const { fs, cwd, env } = options;
  const files = options.envFiles.length > 0 ? options.envFiles.map((file) => resolvePath(cwd, file)) : [resolvePath(workingDir, ".env")];
  const merged = new Map<string, string>();
  for (const file of files) {
    if (!fs.exists(file)) {
      if (options.envFiles.length > 0) return new ComposeError(`couldn't find env file: ${file}`);
      continue;
    }
    const text = fs.read(file);
    if (typeof text !== "string") return new ComposeError(`couldn't find env file: ${file}`);
    const entries = parseDotenv(text, new Map([...merged, ...env]));
    if (entries instanceof ComposeError) return new ComposeError(`failed to read ${file}: ${entries.message}`);
    for (const [key, value] of entries) merged.set(key, value);
  }
  return new Map([...merged, ...env]);
}

/** Fills variables in, in every text of a value. */
function fillIn(value: Raw, path: string, variables: Variables): Raw | ComposeError {
  if (typeof value === "string") return interpolate(value, path, variables);
  if (Array.isArray(value)) {
    const list: Raw[] = [];
    for (const [i, one] of value.entries()) {
      const filled = fillIn(one as Raw, `${path}.[${i}]`, variables);
      if (filled instanceof ComposeError) return filled;
      list.push(filled);
    }
    return list;
  }
  if (!isMap(value)) return value;
  const map: Record<string, Raw> = {};
  for (const [key, one] of Object.entries(value)) {
    const filled = fillIn(one, path === "" ? key : `${path}.${key}`, variables);
    if (filled instanceof ComposeError) return filled;
    map[key] = filled;
  }
  return map;
}

function readFile(options: LoadOptions, file: string, env: ReadonlyMap<string, string>): RawMap | ComposeError {
  const text = file === "-" ? options.input : options.fs.read(file);
  if (typeof text !== "string") return new ComposeError(`open ${file}: ${text.message.toLowerCase()}`);
  const raw = parseYaml(file, text);
  if (raw instanceof ComposeError) return raw;
  if (raw === null) return new ComposeError("empty compose file");
  if (!isMap(raw)) return new ComposeError("top-level object must be a mapping");
  const told = new Set<string>();
  const missing = (name: string): void => {
    if (told.has(name)) return;
    told.add(name);
    options.warn(`The ${JSON.stringify(name)} variable is not set. Defaulting to a blank string.`);
  };
  const filled = options.interpolates ? fillIn(raw, "", { env, missing }) : raw;
  if (filled instanceof ComposeError) return filled;
  const content = filled as RawMap;
  if (content.version !== undefined)
    options.warn(`${file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`);
  return validate(file, content) ?? content;
}

/** A file with each `extends` written out. */
function readWhole(options: LoadOptions, file: string, env: ReadonlyMap<string, string>, workingDir: string): RawMap | ComposeError {
  const content = readFile(options, file, env);
  if (content instanceof ComposeError) return content;
  return writeOutExtends(content, file, (name) => {
    const path = resolvePath(workingDir, name);
    if (parent(path) !== workingDir)
      return new ComposeError(`extends: ${name} is in another folder, which is not supported here; a file beside the project's is`);
    const other = readFile(options, path, env);
    return other instanceof ComposeError ? other : { path, content: other };
  });
}

/** Services in an order in which each comes after those that it depends on; the names of a circle when there is one. */
function dependencyCycle(services: ReadonlyMap<string, Service>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const next of services.get(name)?.dependsOn.keys() ?? []) {
      const cycle = services.has(next) ? visit(next, [...path, name]) : undefined;
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of services.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** References that lead nowhere (compose-go/loader/validate.go). */
function checkReferences(
  services: ReadonlyMap<string, Service>,
  networks: ReadonlySet<string>,
  volumes: ReadonlySet<string>,
): ComposeError | undefined {
  const invalid = (service: string, what: string): ComposeError =>
    new ComposeError(`service ${JSON.stringify(service)} ${what}: invalid compose project`);
  for (const service of services.values()) {
    for (const key of service.networks.keys()) if (!networks.has(key)) return invalid(service.name, `refers to undefined network ${key}`);
    for (const [name, { required }] of service.dependsOn)
      if (!services.has(name) && required) return invalid(service.name, `depends on undefined service ${JSON.stringify(name)}`);
    for (const { type, source } of service.volumes)
      if (type === "volume" && source !== undefined && !volumes.has(source))
        return invalid(service.name, `refers to undefined volume ${source}`);
  }
  const cycle = dependencyCycle(services);
  return cycle && new ComposeError(`dependency cycle detected: ${cycle.join(" -> ")}`);
}

function readServices(
  raw: RawMap,
  workingDir: string,
  env: ReadonlyMap<string, string>,
  notes: string[],
): ReadonlyMap<string, Service> | ComposeError {
  const services = new Map<string, Service>();
  const entries = Object.entries(raw).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MAX_SERVICES) return new ComposeError(`more than ${MAX_SERVICES} services are not supported here`);
  let containers = 0;
  for (const [name, value] of entries) {
    const service = readService(name, mapOf(value), workingDir, env, notes);
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
  if (service.envFiles.length === 0) return service;
  const merged = new Map<string, string | null>();
  for (const { path, required } of service.envFiles) {
    const text = options.fs.read(path);
    if (typeof text !== "string") {
      if (required) return new ComposeError(`env file ${path} not found: stat ${path}: no such file or directory`);
      continue;
    }
    const entries = parseDotenv(text, env);
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

function projectNameOf(options: LoadOptions, env: ReadonlyMap<string, string>, content: RawMap, workingDir: string): string | ComposeError {
  const wanted = options.projectName ?? env.get("COMPOSE_PROJECT_NAME");
  if (wanted) return isName(wanted) ? wanted : invalidName(wanted);
  const named = textOf(content.name);
  const name = normalName(named ?? base(workingDir));
  return name === "" ? new ComposeError("project name must not be empty") : name;
}

/** The project that the files describe, or what is wrong with them. */
export function loadProject(options: LoadOptions): Project | ComposeError {
  const files = findFiles(options);
  if (files instanceof ComposeError) return files;
  const workingDir = options.projectDirectory
    ? resolvePath(options.cwd, options.projectDirectory)
    : files[0] === "-"
      ? options.cwd
      : parent(files[0] as string);
  const env = readEnvironment(options, workingDir);
  if (env instanceof ComposeError) return env;
  const contents: RawMap[] = [];
  for (const file of files) {
    const content = readWhole(options, file, env, workingDir);
    if (content instanceof ComposeError) return content;
    contents.push(content);
  }
  const content = mergeFiles(contents);
  const name = projectNameOf(options, env, content, workingDir);
  if (name instanceof ComposeError) return name;
  if (content.include !== undefined) return new ComposeError("include is not supported here; several files given by -f are");
  const notes: string[] = [];
  const read = readServices(mapOf(content.services), workingDir, env, notes);
  if (read instanceof ComposeError) return read;
  return assemble(options, { name, workingDir, files, env, content, notes, services: read });
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

function assemble(options: LoadOptions, parts: Parts): Project | ComposeError {
  const { name, content, env } = parts;
  const networkNames = new Set(["default", ...Object.keys(mapOf(content.networks))]);
  const volumeNames = new Set(Object.keys(mapOf(content.volumes)));
  const profiles = new Set([...options.profiles, ...(env.get("COMPOSE_PROFILES") ?? "").split(",")].filter((profile) => profile !== ""));
  const active = new Map<string, Service>();
  const disabled = new Map<string, Service>();
  for (const [key, service] of parts.services) {
    const on = service.profiles.length === 0 || service.profiles.some((profile) => profiles.has(profile)) || profiles.has("*");
    if (!on) {
      disabled.set(key, service);
      continue;
    }
    const full = withEnvFiles(service, options, env);
    if (full instanceof ComposeError) return full;
    active.set(key, full);
  }
  const wrong = checkReferences(active, networkNames, volumeNames);
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
    networks: new Map(usedNetworks.map((key) => [key, readNetwork(name, key, section("networks")[key] ?? null)])),
    volumes: new Map(usedVolumes.map((key) => [key, readVolume(name, key, section("volumes")[key] ?? null)])),
    extensions: inOrder(Object.fromEntries(Object.entries(content).filter(([key]) => key.startsWith("x-")))) as {
      [key: string]: Canonical;
    },
    notes: parts.notes,
  };
}
