/** `docker compose start`, `stop`, `restart`, `kill`, `pause`, `unpause` and `wait` (pkg/compose/start.go and its kin). */
import type { Container, EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Flags } from "../flags.ts";
import type { Subcommand } from "../subcommand.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, choose, containersIn, projectOrContainers, withDependencies, withDependents } from "./context.ts";
import { start, stopServices } from "./converge.ts";
import { takeDown } from "./down.ts";
import { ComposeError, type Project, type Service } from "./file/project.ts";
import { containersOf, containersOfService, serviceOf } from "./labels.ts";
import { daemonText } from "./spec.ts";
import { type Outcome, perService, together } from "./tasks.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";
import { waitForDependencies } from "./wait.ts";

const of = (usage: string, summary: string, options: string, least = 0): Subcommand => ({ usage, summary, options, least, most: MANY });

/** One step for each container, told before and after. */
function* step(
  context: ComposeContext,
  container: Container,
  doing: string | undefined,
  done: string,
  act: () => Op<EngineError | undefined>,
): Op<Outcome> {
  const { progress } = context;
  if (doing) progress.tell("Container", container.name, doing);
  const refused = yield* act();
  if (refused && doing === "Killing") progress.tell("Container", container.name, "Error while Killing");
  if (refused) return daemonText(refused);
  progress.tell("Container", container.name, done);
  return undefined;
}

/** An act on each container that runs. */
function* eachRunning(context: ComposeContext, flags: Flags, act: (container: Container) => Op<Outcome>): Op<number> {
  const chosen = yield* choose(context, flags.args);
  if (chosen instanceof ComposeError) return refuse(context, chosen.message);
  const containers = containersIn(context, chosen).filter((container) => container.process !== undefined);
  return finish(
    context,
    yield* together(
      context.process.machine.kernel.clock,
      containers.map((container) => () => act(container)),
    ),
  );
}

/** The project with only those dependencies whose restart is their dependents' too. */
function bindingDependencies(project: Project): Project {
  const bound = (services: ReadonlyMap<string, Service>): ReadonlyMap<string, Service> =>
    new Map(
      [...services].map(([name, service]) => [
        name,
        { ...service, dependsOn: new Map([...service.dependsOn].filter(([, { restart }]) => restart)) },
      ]),
    );
  return { ...project, services: bound(project.services), disabled: bound(project.disabled) };
}

/** Kills what runs; says when there is nothing of the kind. */
function* kill(context: ComposeContext, flags: Flags): Op<number> {
  const chosen = yield* choose(context, flags.args);
  if (chosen instanceof ComposeError) return refuse(context, chosen.message);
  const { services, disabled } = chosen.project;
  const containers = containersOf(context.engine, chosen.project.name, true).filter(
    (container) =>
      container.process !== undefined &&
      chosen.includes(container) &&
      (flags.on("remove-orphans") || services.has(serviceOf(container)) || (flags.args.length > 0 && disabled.has(serviceOf(container)))),
  );
  if (containers.length === 0) {
    context.process.stderr.write("no container to kill");
    return 0;
  }
  const signal = flags.text("signal") ?? "SIGKILL";
  const refused = yield* together(
    context.process.machine.kernel.clock,
    containers.map(
      (container) => () => step(context, container, "Killing", "Killed", () => context.engine.killContainer(container.id, signal)),
    ),
  );
  return finish(context, refused);
}

function* wait(context: ComposeContext, flags: Flags): Op<number> {
  const { engine, process } = context;
  const found = yield* projectOrContainers(context);
  if (found instanceof ComposeError) return refuse(context, found.message);
  const { project } = found;
  const containers = containersOf(engine, project.name, true).filter((one) => one.process && flags.args.includes(serviceOf(one)));
  if (containers.length === 0) return refuse(context, `no containers for project ${JSON.stringify(project.name)}`);
  let status = 0;
  const refused = yield* together(
    process.machine.kernel.clock,
    containers.map(
      (container) =>
        function* (): Op<Outcome> {
          const code = yield* engine.waitContainer(container.id);
          if (typeof code !== "number") return daemonText(code);
          process.stdout.write(`container ${JSON.stringify(container.id)} exited with status code ${code}\n`);
          status = code;
          return undefined;
        },
    ),
  );
  if (refused !== undefined) return refuse(context, refused);
  if (!flags.on("down-project")) return status;
  const down = yield* takeDown(context, found, { names: [], orphans: true, volumes: false, images: undefined, timeout: undefined });
  return down === undefined ? status : refuse(context, down);
}

export const lifeVerbs: readonly ComposeVerb[] = [
  {
    name: "start",
    services: true,
    command: of("[SERVICE...]", "Start services", `--dry-run  Execute command in dry run mode`),
    *run(context, flags) {
      const chosen = yield* choose(context, flags.args);
      if (chosen instanceof ComposeError) return refuse(context, chosen.message);
      return finish(context, yield* start(context, chosen.project, withDependencies(chosen.project, chosen.services), true));
    },
  },
  {
    name: "stop",
    services: true,
    command: of(
      "[OPTIONS] [SERVICE...]",
      "Stop services",
      `--dry-run  Execute command in dry run mode
-t, --timeout int  Specify a shutdown timeout in seconds`,
    ),
    *run(context, flags) {
      const chosen = yield* choose(context, flags.args);
      if (chosen instanceof ComposeError) return refuse(context, chosen.message);
      return finish(context, yield* stopServices(context, chosen, flags.number("timeout")));
    },
  },
  {
    name: "restart",
    services: true,
    command: of(
      "[OPTIONS] [SERVICE...]",
      "Restart service containers",
      `--dry-run  Execute command in dry run mode
--no-deps  Don't restart dependent services
-t, --timeout int  Specify a shutdown timeout in seconds`,
    ),
    *run(context, flags) {
      const chosen = yield* choose(context, flags.args);
      if (chosen instanceof ComposeError) return refuse(context, chosen.message);
      const { clock } = context.process.machine.kernel;
      const timeout = flags.number("timeout");
      // Only what asks to be restarted with what it depends on counts here.
      const bound = bindingDependencies(chosen.project);
      const named = chosen.services
        .map(({ name }) => bound.services.get(name) ?? bound.disabled.get(name))
        .filter((one) => one !== undefined);
      const services = flags.on("no-deps") ? named : withDependents(bound, named);
      const refused = yield* perService(clock, services, function* (service) {
        const waited = yield* waitForDependencies(context, bound, service.name, service.dependsOn);
        if (waited !== undefined) return waited;
        const own = containersOfService(context.engine, chosen.project.name, service.name);
        return yield* together(
          clock,
          own.map(
            (container) => () =>
              step(context, container, "Restarting", "Started", () => context.engine.restartContainer(container.id, timeout)),
          ),
        );
      });
      return finish(context, refused);
    },
  },
  {
    name: "kill",
    services: true,
    command: of(
      "[OPTIONS] [SERVICE...]",
      "Force stop service containers",
      `--dry-run  Execute command in dry run mode
--remove-orphans  Remove containers for services not defined in the Compose file
-s, --signal string  SIGNAL to send to the container (default "SIGKILL")`,
    ),
    run: kill,
  },
  {
    name: "pause",
    services: true,
    command: of("[SERVICE...]", "Pause services", `--dry-run  Execute command in dry run mode`),
    run: (context, flags) =>
      eachRunning(context, flags, (container) =>
        step(context, container, undefined, "Paused", () => context.engine.pauseContainer(container.id)),
      ),
  },
  {
    name: "unpause",
    services: true,
    command: of("[SERVICE...]", "Unpause services", `--dry-run  Execute command in dry run mode`),
    run: (context, flags) =>
      eachRunning(context, flags, (container) =>
        step(context, container, undefined, "Unpaused", () => context.engine.unpauseContainer(container.id)),
      ),
  },
  {
    name: "wait",
    services: true,
    command: of(
      "SERVICE [SERVICE...] [OPTIONS]",
      "Block until containers of all (or specified) services stop.",
      `--down-project  Drops project when the first container stops
--dry-run  Execute command in dry run mode`,
      1,
    ),
    run: wait,
  },
];
