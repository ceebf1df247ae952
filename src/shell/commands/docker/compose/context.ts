/** What the verbs of Compose share: who asks, of which daemon, for which project. */
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { Container } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import type { Flags } from "../flags.ts";
import { dryEngine } from "./dry.ts";
import { loadProject } from "./file/load.ts";
import type { LoadOptions } from "./file/model.ts";
import { ComposeError, type Project, type Service } from "./file/project.ts";
import { CONFIG_FILES, containersOf, containersOfService, DEPENDS_ON, isOneOff, labelOf, numberOf, serviceOf } from "./labels.ts";
import { Progress } from "./progress.ts";

export interface ComposeContext {
  readonly process: Process;
  readonly engine: DockerEngine;
  /** Flags before the subcommand. */
  readonly global: Flags;
  readonly progress: Progress;
  /** Nothing is to be done: --dry-run. */
  readonly dry: boolean;
}

/** With `dry`, nothing is done: it is told what would be. */
export function composeContext(process: Process, engine: DockerEngine, global: Flags, dry: boolean): ComposeContext {
  return {
    process,
    engine: dry ? dryEngine(engine, process.machine.kernel) : engine,
    global,
    dry,
    progress: new Progress(process, global.text("progress") === "quiet", dry ? " DRY-RUN MODE - " : ""),
  };
}

/** A warning as logrus writes it where there is no terminal. */
export function warn({ process }: Pick<ComposeContext, "process">, message: string): void {
  const now = `${process.machine.kernel.date().toISOString().slice(0, 19)}Z`;
  process.stderr.write(process.tty ? `WARN[0000] ${message}\n` : `time="${now}" level=warning msg=${JSON.stringify(message)}\n`);
}

/** Whatever can be read from standard input, for `-f -`. */
function* inputOf(process: Process, files: readonly string[]): Op<string> {
  if (!files.includes("-")) return "";
  let text = "";
  for (let line = yield* process.stdin.readLine(); line !== undefined; line = yield* process.stdin.readLine()) text += `${line}\n`;
  return text;
}

/** What `config` changes in how files are read. */
export type HowToLoad = Partial<Pick<LoadOptions, "interpolates" | "without" | "named">>;

/** The project of the files; the error is what the client says. */
export function* projectOf(context: ComposeContext, how: HowToLoad = {}, quiet = false): Op<Project | ComposeError> {
  const { process, global } = context;
  const files = global.list("file");
  const input = yield* inputOf(process, files);
  const project = loadProject({
    fs: process.fs,
    cwd: process.cwd,
    env: process.env,
    files,
    input,
    projectName: global.text("project-name"),
    projectDirectory: global.text("project-directory"),
    envFiles: global.list("env-file"),
    profiles: global.list("profile"),
    interpolates: true,
    ...how,
    warn: (message) => warn(context, message),
  });
  if (!(project instanceof ComposeError) && !quiet) for (const note of project.notes) warn(context, note);
  return project;
}

/** A project by what it has made, where there is a name and no file; undefined where there is nothing of that name. */
function projectFromContainers(context: ComposeContext, name: string): Project {
  const containers = containersOf(context.engine, name);
  const services = new Map<string, Service>();
  for (const container of containers) {
    const service = serviceOf(container);
    if (service === "" || isOneOff(container) || services.has(service)) continue;
    const dependsOn = new Map(
      labelOf(container, DEPENDS_ON)
        .split(",")
        .filter((entry) => entry !== "")
        .map((entry) => [entry.split(":")[0] as string, { condition: "service_started" as const, restart: false, required: true }]),
    );
    services.set(service, {
      name: service,
      image: container.spec.image,
      unnamed: false,
      develops: false,
      dependsOn,
      networks: new Map(),
      ports: [],
      expose: [],
      links: [],
      externalLinks: [],
      extraHosts: [],
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      environment: new Map(),
      envFiles: [],
      labels: {},
      capAdd: [],
      capDrop: [],
      privileged: false,
      readOnly: false,
      init: false,
      tty: container.spec.tty,
      stdinOpen: container.spec.openStdin,
      sysctls: {},
      volumes: [],
      tmpfs: [],
      profiles: [],
      scale: 1,
      scaleKey: "scale",
      limits: {},
      ulimits: [],
      canonical: {},
    });
  }
  const files = containers[0] ? labelOf(containers[0], CONFIG_FILES).split(",") : [];
  return {
    name,
    workingDir: context.process.cwd,
    files,
    envFiles: [],
    services: new Map([...services].sort(([a], [b]) => (a < b ? -1 : 1))),
    profiles: [],
    disabled: new Map(),
    networks: new Map(),
    volumes: new Map(),
    extensions: {},
    notes: [],
    environment: context.process.env,
    model: {},
  };
}

/** A project, and whether files describe it or only what is there of its name. */
export interface Found {
  readonly project: Project;
  readonly fromFiles: boolean;
}

/** The project of the files, or where a name is given and there is no file, what is there of that name. */
export function* projectOrContainers(context: ComposeContext): Op<Found | ComposeError> {
  const name = context.global.text("project-name");
  // A name is enough: the files that lie here are another project's, for all one knows.
  if (name && context.global.list("file").length === 0) return { project: projectFromContainers(context, name), fromFiles: false };
  const project = yield* projectOf(context, {}, true);
  if (!(project instanceof ComposeError)) return { project, fromFiles: true };
  const usual = context.process.env.get("COMPOSE_PROJECT_NAME");
  return usual ? { project: projectFromContainers(context, usual), fromFiles: false } : project;
}

/** That there is no such service, or none that is switched on. */
export const noService = (project: Project, name: string): ComposeError =>
  new ComposeError(`no such service: ${name}: ${project.disabled.has(name) ? "disabled" : "not found"}`);

/** The services that are named, or all; the error for one that there is not. */
export function selected(project: Project, names: readonly string[]): readonly Service[] | ComposeError {
  if (names.length === 0) return [...project.services.values()];
  const chosen: Service[] = [];
  for (const name of new Set(names)) {
    const service = project.services.get(name) ?? project.disabled.get(name);
    if (!service) return new ComposeError(`no such service: ${name}`);
    chosen.push(service);
  }
  return chosen;
}

/** The project of the files with the services that are named, or all; the error is what the client says. */
export function* projectWith(
  context: ComposeContext,
  names: readonly string[],
  quiet = false,
): Op<{ readonly project: Project; readonly chosen: readonly Service[] } | ComposeError> {
  const project = yield* projectOf(context, { named: names }, quiet);
  if (project instanceof ComposeError) return project;
  const chosen = selected(project, names);
  return chosen instanceof ComposeError ? chosen : { project, chosen };
}

/**
 * A container of a service: that of a number, or the first (getSpecifiedContainer); the text is the refusal. Those that have
 * ended count only where `ended` says so.
 */
export function containerOf(
  { engine }: ComposeContext,
  project: Pick<Project, "name">,
  service: string,
  index: number,
  ended: boolean,
): Container | string {
  const containers = containersOfService(engine, project.name, service).filter((container) => ended || container.process);
  const found = index > 0 ? containers.find((container) => numberOf(container) === index) : containers[0];
  return found ?? `service ${JSON.stringify(service)} is not running${index > 0 ? ` container #${index}` : ""}`;
}

/** What a verb is to work on. */
export interface Chosen {
  readonly project: Project;
  readonly services: readonly Service[];
  /** Whether a container is asked for: of a service that is named; without names every one is, orphans too. */
  includes(container: Container): boolean;
}

/** The project, and the services that are named, or all. */
export function* choose(context: ComposeContext, names: readonly string[]): Op<Chosen | ComposeError> {
  const found = yield* projectOrContainers(context);
  if (found instanceof ComposeError) return found;
  const services = selected(found.project, names);
  if (services instanceof ComposeError) return services;
  const wanted = new Set(services.map(({ name }) => name));
  return { project: found.project, services, includes: (container) => names.length === 0 || wanted.has(serviceOf(container)) };
}

/** The containers of services, in the order of their names. */
export const containersIn = (context: ComposeContext, { project, services }: Chosen): readonly Container[] => {
  const names = new Set(services.map(({ name }) => name));
  return containersOf(context.engine, project.name)
    .filter((container) => names.has(serviceOf(container)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Those services and all that they depend on. */
export function withDependencies(project: Project, services: readonly Service[]): readonly Service[] {
  const chosen = new Map<string, Service>();
  const add = (service: Service): void => {
    if (chosen.has(service.name)) return;
    chosen.set(service.name, service);
    for (const name of service.dependsOn.keys()) {
      // One whose profile is off may be missing: it is not required.
      const next = project.services.get(name);
      if (next) add(next);
    }
  };
  for (const service of services) add(service);
  return [...chosen.values()];
}

/** The project with no more networks and volumes than services, and all that these depend on, make use of. */
export function withUsed(project: Project, services: readonly Service[]): Project {
  const all = withDependencies(project, services);
  const joined = new Set(all.flatMap((service) => [...service.networks.keys()]));
  const mounted = new Set(all.flatMap((service) => service.volumes.map(({ source }) => source)));
  return {
    ...project,
    networks: new Map([...project.networks].filter(([key]) => joined.has(key))),
    volumes: new Map([...project.volumes].filter(([key]) => mounted.has(key))),
  };
}

/** Those services and all that depend on them. */
export function withDependents(project: Project, services: readonly Service[]): readonly Service[] {
  const chosen = new Set(services);
  for (const service of chosen) for (const other of project.services.values()) if (other.dependsOn.has(service.name)) chosen.add(other);
  return [...chosen];
}
