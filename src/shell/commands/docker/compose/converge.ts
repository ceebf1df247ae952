/** Brings containers to what the project says: made, made anew, started, taken away (pkg/compose/convergence.go). */
import { type Container, EngineError } from "../../../../engine/types.ts";
import { type Op, sleep } from "../../../../kernel/task.ts";
import type { Chosen, ComposeContext } from "./context.ts";
import type { Project, Service } from "./file/project.ts";
import { CONFIG_HASH, containersOf, containersOfService, IMAGE, labelOf, numberOf } from "./labels.ts";
import { configHash, containerName, containerSpecOf, daemonText } from "./spec.ts";
import { type Outcome, perService, together } from "./tasks.ts";
import { waitForDependencies } from "./wait.ts";

export interface ConvergeOptions {
  /** Replicas by service, in the place of the file's. */
  readonly scale: ReadonlyMap<string, number>;
  readonly recreate: "diverged" | "force" | "never";
  /** Services that were named, when some were: only those are made anew by force. */
  readonly named: ReadonlySet<string> | undefined;
  /** Seconds for a container to stop; the container's own when absent. */
  readonly timeout: number | undefined;
}

const scaleOf = (service: Service, { scale }: ConvergeOptions): number => scale.get(service.name) ?? service.scale;

function mustRecreate(
  context: ComposeContext,
  project: Project,
  service: Service,
  container: Container,
  options: ConvergeOptions,
): boolean {
  if (options.recreate === "never") return false;
  if (options.recreate === "force" && (!options.named || options.named.has(service.name))) return true;
  if (labelOf(container, CONFIG_HASH) !== configHash(service)) return true;
  const image = context.engine.findImage(service.image);
  if (image && labelOf(container, IMAGE) !== image.id) return true;
  // A network that was made anew has lost its containers.
  return [...service.networks.keys()].some((key) => {
    const name = project.networks.get(key)?.name;
    return name !== undefined && !container.endpointSpecs.has(name);
  });
}

export function* stopAndRemove(context: ComposeContext, container: Container, timeout: number | undefined): Op<Outcome> {
  const stopped = yield* stopOne(context, container, timeout);
  return stopped ?? (yield* removeOne(context, container, false));
}

/** µs from asking the daemon to its work: what is asked for at once is told of before any of it is done. */
const ROUND_TRIP = 500;

export function* stopOne(context: ComposeContext, container: Container, timeout: number | undefined): Op<Outcome> {
  const { engine, progress } = context;
  progress.tell("Container", container.name, "Stopping");
  yield sleep(ROUND_TRIP);
  const refused = yield* engine.stopContainer(container.id, timeout);
  if (refused) {
    progress.tell("Container", container.name, "Error while Stopping");
    return daemonText(refused);
  }
  progress.tell("Container", container.name, "Stopped");
  return undefined;
}

/** Stops all containers of services, those that depend on others first; whether they run or not, it is told. */
export function stopServices(
  context: ComposeContext,
  { project, services }: Pick<Chosen, "project" | "services">,
  timeout: number | undefined,
): Op<Outcome> {
  const { clock } = context.process.machine.kernel;
  return perService(
    clock,
    services,
    function* (service) {
      const own = containersOfService(context.engine, project.name, service.name);
      return yield* together(
        clock,
        own.map((container) => () => stopOne(context, container, timeout)),
      );
    },
    true,
  );
}

export function* removeOne(context: ComposeContext, container: Container, volumes: boolean): Op<Outcome> {
  const { engine, progress } = context;
  progress.tell("Container", container.name, "Removing");
  const refused = yield* engine.removeContainer(container.id, true, volumes);
  if (refused && refused.status !== 404) {
    progress.tell("Container", container.name, "Error while Removing");
    return daemonText(refused);
  }
  progress.tell("Container", container.name, "Removed");
  return undefined;
}

/** Up-to-date containers by number, then outdated ones, the newest first: what is too many goes from the end. */
function inKeepingOrder(containers: readonly Container[], outdated: (container: Container) => boolean): readonly Container[] {
  const fresh = containers.filter((container) => !outdated(container)).sort((a, b) => numberOf(a) - numberOf(b));
  const old = containers.filter(outdated).sort((a, b) => b.created - a.created || numberOf(b) - numberOf(a));
  return [...fresh, ...old];
}

function* createOne(context: ComposeContext, project: Project, service: Service, number: number): Op<Outcome> {
  const { engine, progress } = context;
  const name = containerName(project, service, number);
  progress.tell("Container", name, "Creating");
  const imageId = engine.findImage(service.image)?.id ?? "";
  const spec = containerSpecOf(engine, project, service, { number, name, imageId, serviceNames: true });
  const refused = typeof spec === "string" ? spec : yield* create(context, service, spec);
  if (refused !== undefined) {
    progress.tell("Container", name, refused);
    return refused;
  }
  progress.tell("Container", name, "Created");
  return undefined;
}

function* create(context: ComposeContext, service: Service, spec: Parameters<ComposeContext["engine"]["createContainer"]>[0]): Op<Outcome> {
  const made = yield* context.engine.createContainer(spec);
  if (made instanceof EngineError) return daemonText(made);
  for (const warning of made.warnings) context.progress.warn(service.name, warning);
  return undefined;
}

/** The new container is made beside the old, which then goes; the name passes on. */
function* recreateOne(
  context: ComposeContext,
  project: Project,
  service: Service,
  old: Container,
  timeout: number | undefined,
): Op<Outcome> {
  const { engine, progress } = context;
  const number = numberOf(old) || 1;
  const name = containerName(project, service, number);
  progress.tell("Container", old.name, "Recreate");
  const imageId = engine.findImage(service.image)?.id ?? "";
  const spec = containerSpecOf(engine, project, service, {
    number,
    name,
    imageId,
    serviceNames: true,
    replaces: service.containerName ?? `${service.name}-${number}`,
  });
  const interim = `${old.id.slice(0, 12)}_${old.name}`;
  const failed = (text: string): string => {
    progress.tell("Container", old.name, text);
    return text;
  };
  if (typeof spec === "string") return failed(spec);
  const refused = yield* create(context, service, { ...spec, name: interim });
  if (refused !== undefined) return failed(refused);
  const stopped = (yield* engine.stopContainer(old.id, timeout)) ?? (yield* engine.removeContainer(old.id, false));
  if (stopped) return failed(daemonText(stopped));
  const renamed = engine.renameContainer(interim, name);
  if (renamed) return failed(daemonText(renamed));
  progress.tell("Container", name, "Recreated");
  return undefined;
}

function* convergeService(context: ComposeContext, project: Project, service: Service, options: ConvergeOptions): Op<Outcome> {
  const { engine, progress, process } = context;
  const wanted = scaleOf(service, options);
  const outdated = (container: Container): boolean => mustRecreate(context, project, service, container, options);
  const there = inKeepingOrder(containersOfService(engine, project.name, service.name), outdated);
  if (service.containerName !== undefined && wanted > 1) {
    process.stderr.write("");
    return `WARNING: The "${service.name}" service is using the custom container name "${service.containerName}". Docker requires each container to have a unique name. Remove the custom name to scale the service`;
  }
  const ops: (() => Op<Outcome>)[] = [];
  for (const [i, container] of there.entries()) {
    if (i >= wanted) ops.push(() => stopAndRemove(context, container, options.timeout));
    else if (outdated(container)) ops.push(() => recreateOne(context, project, service, container, options.timeout));
    else if (container.state === "running") progress.tell("Container", container.name, "Running");
  }
  let next = Math.max(0, ...there.map(numberOf)) + 1;
  for (let i = there.length; i < wanted; i++) {
    const number = next++;
    ops.push(() => createOne(context, project, service, number));
  }
  return yield* together(process.machine.kernel.clock, ops);
}

export const converge = (context: ComposeContext, project: Project, services: readonly Service[], options: ConvergeOptions): Op<Outcome> =>
  perService(context.process.machine.kernel.clock, services, (service) => convergeService(context, project, service, options));

function* startOne(context: ComposeContext, container: Container): Op<Outcome> {
  const { engine, progress } = context;
  if (container.state === "running") return undefined;
  progress.tell("Container", container.name, "Starting");
  const refused = yield* engine.startContainer(container.id);
  if (refused) return daemonText(refused);
  progress.tell("Container", container.name, "Started");
  return undefined;
}

/** Starts what does not run, each service after those that it depends on. */
export function start(context: ComposeContext, project: Project, services: readonly Service[], missingIsWrong = false): Op<Outcome> {
  const { clock } = context.process.machine.kernel;
  const chosen = new Set(services.map(({ name }) => name));
  return perService(clock, services, function* (service) {
    const dependencies = [...service.dependsOn].filter(([name]) => chosen.has(name));
    const waited = yield* waitForDependencies(context, project, service.name, new Map(dependencies));
    if (waited !== undefined) return waited;
    const containers = containersOfService(context.engine, project.name, service.name);
    // Nobody minds as long as the project has any container at all.
    if (containers.length === 0)
      return missingIsWrong && service.scale > 0 && containersOf(context.engine, project.name).length === 0
        ? `service ${JSON.stringify(service.name)} has no container to start`
        : undefined;
    // One after the other: only services start side by side.
    for (const container of containers) {
      const refused = yield* startOne(context, container);
      if (refused !== undefined) return refused;
    }
    return undefined;
  });
}
