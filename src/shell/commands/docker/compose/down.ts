/** `docker compose down`, `rm` (pkg/compose/down.go, remove.go). */
import type { Container } from "../../../../engine/types.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { confirmed } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, choose, containersIn, projectOrContainers, selected } from "./context.ts";
import { removeOne, stopAndRemove, stopOne } from "./converge.ts";
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
function* removeNetworks(context: ComposeContext, project: Project, fromFiles: boolean): Op<Outcome> {
  const { engine, progress, process } = context;
  const named = new Set([...project.networks.values()].filter(({ external }) => !external).map(({ name }) => name));
  const own = networksOf(engine, project.name).filter(({ name }) => !fromFiles || named.has(name));
  return yield* together(
    process.machine.kernel.clock,
    own.map(
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

function removeVolumes(context: ComposeContext, project: Project): Outcome {
  const { engine, progress } = context;
  const own = engine.volumes(new Map([["label", [`${PROJECT}=${project.name}`]]]));
  if (own instanceof EngineError) return daemonText(own);
  for (const { name } of own) {
    progress.tell("Volume", name, "Removing");
    const refused = engine.removeVolume(name);
    progress.tell("Volume", name, refused ? "Resource is still in use" : "Removed");
  }
  return undefined;
}

function* down(context: ComposeContext, flags: Flags): Op<number> {
  const found = yield* projectOrContainers(context);
  if (found instanceof ComposeError) return refuse(context, found.message);
  const rmi = flags.text("rmi");
  if (rmi !== undefined && rmi !== "local" && rmi !== "all") return refuse(context, `invalid value for --rmi: ${JSON.stringify(rmi)}`);
  const { project } = found;
  const { engine } = context;
  const all = [...project.services.values(), ...project.disabled.values()];
  const chosen = flags.args.length === 0 ? all : selected(project, flags.args);
  if (chosen instanceof ComposeError) return refuse(context, chosen.message);
  const timeout = flags.number("timeout");
  const containers = containersOf(engine, project.name, true);
  const before = yield* removeServices(context, chosen, containers, timeout);
  if (before !== undefined) return refuse(context, before);
  if (flags.args.length > 0) return 0;
  if (flags.on("remove-orphans") || !found.fromFiles) {
    const orphans = found.fromFiles ? orphansOf(context, project) : containersOf(engine, project.name, true);
    const refused = yield* together(
      context.process.machine.kernel.clock,
      orphans.map((container) => () => stopAndRemove(context, container, timeout)),
    );
    if (refused !== undefined) return refuse(context, refused);
  }
  const refused =
    (yield* removeNetworks(context, project, found.fromFiles)) ?? (flags.on("volumes") ? removeVolumes(context, project) : undefined);
  if (refused !== undefined || rmi === undefined) return finish(context, refused);
  for (const image of new Set(chosen.map((service) => service.image)))
    if (rmi === "all" && !(engine.removeImage(image) instanceof EngineError)) context.process.stderr.write(` Image ${image}  Removed\n`);
  return 0;
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
    const running = containersIn(context, chosen).filter((container) => container.process);
    const refused = yield* together(
      clock,
      running.map((container) => () => stopOne(context, container, undefined)),
    );
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
