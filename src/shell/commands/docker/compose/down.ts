/** `docker compose down`, `rm` (pkg/compose/down.go, remove.go). */
import type { Container, Network } from "../../../../engine/types.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { confirmed } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, choose, containersIn, type Found, projectOrContainers, selected, warn } from "./context.ts";
import { removeOne, stopAndRemove, stopServices } from "./converge.ts";
import { ComposeError, type Project, type Service } from "./file/project.ts";
import { containersOf, isOneOff, networksOf, PROJECT, serviceOf } from "./labels.ts";
import { daemonText } from "./spec.ts";
import { type Outcome, perService, together } from "./tasks.ts";
import { orphansOf } from "./up.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";

/** Stops and removes a service's containers, those that depend on it first. */
const removeServices = (
  context: ComposeContext,
  services: readonly Service[],
  containers: readonly Container[],
  timeout: number | undefined,
): Op<Outcome> => {
  const { clock } = context.process.machine.kernel;
  return perService(
    clock,
    services,
    function* (service) {
      const own = containers.filter((container) => serviceOf(container) === service.name && !isOneOff(container));
      return yield* together(
        clock,
        own.map((container) => () => stopAndRemove(context, container, timeout)),
      );
    },
    true,
  );
};

/** The networks that the project's files name, or where there are none all that carry its name. */
function networksToRemove({ engine }: ComposeContext, project: Project, fromFiles: boolean): readonly Network[] {
  const named = new Set([...project.networks.values()].filter(({ external }) => !external).map(({ name }) => name));
  return networksOf(engine, project.name).filter(({ name }) => !fromFiles || named.has(name));
}

function* removeNetworks({ engine, progress, process }: ComposeContext, networks: readonly Network[]): Op<Outcome> {
  return yield* together(
    process.machine.kernel.clock,
    networks.map(
      (network) =>
        function* (): Op<Outcome> {
          progress.tell("Network", network.name, "Removing");
          const refused = yield* engine.removeNetwork(network.id);
          if (refused && /has active endpoints/.test(refused.message)) {
            progress.tell("Network", network.name, "Resource is still in use");
            return undefined;
          }
          if (refused) {
            progress.tell("Network", network.name, "Error");
            return `failed to remove network ${network.name}: ${daemonText(refused)}`;
          }
          progress.tell("Network", network.name, "Removed");
          return undefined;
        },
    ),
  );
}

/** How many there were. */
function removeVolumes({ engine, progress }: ComposeContext, { project, fromFiles }: Found): number {
  const labelled = engine.volumes(new Map([["label", [`${PROJECT}=${project.name}`]]]));
  const names = fromFiles
    ? [...project.volumes.values()].flatMap(({ name, external }) =>
        external || engine.findVolume(name) instanceof EngineError ? [] : [name],
      )
    : labelled instanceof EngineError
      ? []
      : labelled.map(({ name }) => name);
  for (const name of names) {
    progress.tell("Volume", name, "Removing");
    const refused = engine.removeVolume(name);
    progress.tell("Volume", name, refused ? "Resource is still in use" : "Removed");
  }
  return names.length;
}

export interface DownOptions {
  /** Services; all when none is named. */
  readonly names: readonly string[];
  readonly orphans: boolean;
  readonly volumes: boolean;
  readonly images: "local" | "all" | undefined;
  /** Seconds for a container to stop. */
  readonly timeout: number | undefined;
}

/** Takes a project away; the text is the refusal. */
export function* takeDown(context: ComposeContext, found: Found, options: DownOptions): Op<Outcome> {
  const { project } = found;
  const { engine, process } = context;
  const { timeout } = options;
  const missing = options.names.find((name) => !project.services.has(name) && !project.disabled.has(name));
  if (missing !== undefined) return found.fromFiles ? `no such service: ${missing}` : undefined;
  // Services of profiles that are off stay, unless they are named.
  const chosen = selected(project, options.names);
  if (chosen instanceof ComposeError) return chosen.message;
  const containers = containersOf(engine, project.name, options.orphans);
  const before = yield* removeServices(context, chosen, containers, timeout);
  if (before !== undefined) return before;
  if (options.names.length === 0 && (options.orphans || !found.fromFiles)) {
    const orphans = found.fromFiles ? orphansOf(context, project) : containersOf(engine, project.name, true);
    const refused = yield* together(
      process.machine.kernel.clock,
      orphans.map((container) => () => stopAndRemove(context, container, timeout)),
    );
    if (refused !== undefined) return refused;
  }
  const own = networksToRemove(context, project, found.fromFiles);
  const refused = (yield* removeNetworks(context, own)) ?? (options.images ? removeImages(context, chosen, options.images) : undefined);
  if (refused !== undefined) return refused;
  const volumes = options.volumes ? removeVolumes(context, found) : 0;
  if (
    containers.length === 0 &&
    own.length === 0 &&
    volumes === 0 &&
    !options.images &&
    ![...project.networks.values()].some(({ external }) => !external)
  )
    warn(context, `Warning: No resource found to remove for project ${JSON.stringify(project.name)}.`);
  return undefined;
}

/** Images of the project's own: those that are built, or all that its services run. */
function removeImages({ engine, progress }: ComposeContext, services: readonly Service[], which: "local" | "all"): Outcome {
  const names = services.flatMap((service) => (which === "all" || service.unnamed ? [service.image] : []));
  for (const name of new Set(names)) {
    const image = engine.findImage(name);
    if (!image) continue;
    progress.line(`Image ${image.reference}`, "Removing");
    const refused = engine.removeImage(name);
    progress.line(
      `Image ${image.reference}`,
      refused instanceof EngineError ? (refused.status === 409 ? "Resource is still in use" : "Error") : "Removed",
    );
  }
  return undefined;
}

function* down(context: ComposeContext, flags: Flags): Op<number> {
  const found = yield* projectOrContainers(context);
  if (found instanceof ComposeError) return refuse(context, found.message);
  const rmi = flags.text("rmi");
  if (rmi !== undefined && rmi !== "local" && rmi !== "all") return refuse(context, `invalid value for --rmi: ${JSON.stringify(rmi)}`);
  const refused = yield* takeDown(context, found, {
    names: flags.args,
    orphans: flags.on("remove-orphans"),
    volumes: flags.on("volumes"),
    images: rmi,
    timeout: flags.number("timeout"),
  });
  return finish(context, refused);
}

export const downVerb: ComposeVerb = {
  name: "down",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICES]",
    summary: "Stop and remove containers, networks",
    options: `--dry-run  Execute command in dry run mode
--remove-orphans  Remove containers for services not defined in the Compose file
--rmi string  Remove images used by services. "local" remove only images that don't have a custom tag ("local"|"all")
-t, --timeout int  Specify a shutdown timeout in seconds
-v, --volumes  Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers`,
    least: 0,
    most: MANY,
  },
  run: down,
};

function* remove(context: ComposeContext, flags: Flags): Op<number> {
  const chosen = yield* choose(context, flags.args);
  if (chosen instanceof ComposeError) return refuse(context, chosen.message);
  const { process } = context;
  const { clock } = process.machine.kernel;
  if (flags.on("stop")) {
    const refused = yield* stopServices(context, chosen, undefined);
    if (refused !== undefined) return refuse(context, refused);
  }
  const stopped = containersIn(context, chosen).filter((container) => !container.process);
  if (stopped.length === 0) {
    process.stderr.write("No stopped containers\n");
    return 0;
  }
  const list = stopped.map(({ name }) => name).join(", ");
  if (flags.on("force")) process.stderr.write(`Going to remove ${list}\n`);
  else if (!(yield* confirmed(process, false, `? Going to remove ${list}`))) return 0;
  return finish(
    context,
    yield* together(
      clock,
      stopped.map((container) => () => removeOne(context, container, flags.on("volumes"))),
    ),
  );
}

export const rmVerb: ComposeVerb = {
  name: "rm",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: `Removes stopped service containers

By default, anonymous volumes attached to containers will not be removed. You
can override this with -v. To list all volumes, use "docker volume ls".

Any data which is not in a volume will be lost.`,
    options: `--dry-run  Execute command in dry run mode
-f, --force  Don't ask to confirm removal
-s, --stop  Stop the containers, if required, before removing
-v, --volumes  Remove any anonymous volumes attached to containers`,
    least: 0,
    most: MANY,
  },
  run: remove,
};
