/** `docker compose up`, `create`, `scale` (pkg/compose/up.go, cmd/compose/up.go). */
import type { Container } from "../../../../engine/types.ts";
import { anyOf, type Op, Signal, sleep, Task } from "../../../../kernel/task.ts";
import { Flags, parseWords } from "../flags.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, noService, projectWith, warn, withDependencies, withUsed } from "./context.ts";
import { type ConvergeOptions, converge, start, stopAndRemove, stopOne } from "./converge.ts";
import { ComposeError, type Project, type Service } from "./file/project.ts";
import { durationText } from "./file/values.ts";
import { containersOf, isOneOff, serviceOf } from "./labels.ts";
import { ensureImages, ensureNetworks, ensureVolumes } from "./resources.ts";
import { follow, LogPrinter, shown } from "./stream.ts";
import { type Outcome, perService, together } from "./tasks.ts";
import { type ComposeVerb, finish, refuse } from "./verb.ts";
import { waitForDependencies, wantedOfAll } from "./wait.ts";

/** Containers of services that the project no longer has, and one-off ones that have ended. */
export function orphansOf(context: ComposeContext, project: Project): readonly Container[] {
  return containersOf(context.engine, project.name, true).filter((container) =>
    isOneOff(container)
      ? container.state === "exited" || container.state === "dead"
      : !project.services.has(serviceOf(container)) && !project.disabled.has(serviceOf(container)),
  );
}

/** Takes them away where that is wanted, else tells of them. */
export function* settleOrphans(context: ComposeContext, project: Project, remove: boolean, timeout: number | undefined): Op<Outcome> {
  const orphans = orphansOf(context, project);
  if (orphans.length === 0 || context.process.env.get("COMPOSE_IGNORE_ORPHANS") === "true") return undefined;
  if (remove)
    return yield* together(
      context.process.machine.kernel.clock,
      orphans.map((container) => () => stopAndRemove(context, container, timeout)),
    );
  warn(
    context,
    `Found orphan containers ([${orphans.map(({ name }) => name).join(" ")}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
  );
  return undefined;
}

/** --scale SERVICE=NUM, as often as wanted; the text is the refusal. */
function scaleOf(words: readonly string[], project: Project): ReadonlyMap<string, number> | string {
  const scale = new Map<string, number>();
  for (const word of words) {
    const [service = "", count = ""] = word.split("=");
    if (!/^\d+$/.test(count)) return `strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax`;
    if (!project.services.has(service)) return noService(project, service).message;
    if (Number(count) > 200) return `--scale ${word} is not supported here; up to 200 containers of a service are`;
    scale.set(service, Number(count));
  }
  return scale;
}

interface Prepared {
  readonly project: Project;
  readonly services: readonly Service[];
  readonly options: ConvergeOptions;
}

/** All that comes before the first container starts: images, networks, volumes, containers. */
function* prepare(context: ComposeContext, flags: Flags, names: readonly string[], scaleWords: readonly string[]): Op<Prepared | string> {
  const found = yield* projectWith(context, names);
  if (found instanceof ComposeError) return found.message;
  const { project, chosen } = found;
  if (chosen.length === 0) return "no service selected";
  const pull = flags.text("pull") ?? "policy";
  if (!["always", "missing", "build", "never", "policy"].includes(pull)) return `invalid --pull option ${JSON.stringify(pull)}`;
  if (flags.on("build") && flags.on("no-build")) return "--build and --no-build are incompatible";
  if (flags.on("force-recreate") && flags.on("no-recreate")) return "--force-recreate and --no-recreate are incompatible";
  const scale = scaleOf(scaleWords, project);
  if (typeof scale === "string") return scale;
  const services = flags.on("no-deps") ? chosen : withDependencies(project, chosen);
  const unheard = flags.list("attach").filter((name) => !services.some((service) => service.name === name));
  if (unheard.length > 0) return `cannot attach to services not included in up: ${unheard.join(", ")}`;
  const options: ConvergeOptions = {
    scale,
    recreate: flags.on("force-recreate") ? "force" : flags.on("no-recreate") ? "never" : "diverged",
    named: names.length > 0 && !flags.on("always-recreate-deps") ? new Set(names) : undefined,
    timeout: flags.number("timeout"),
  };
  const used = withUsed(project, chosen);
  const refused =
    (yield* ensureImages(context, services, {
      policy: flags.text("pull"),
      quiet: flags.on("quiet-pull"),
      builds: flags.on("build") ? "always" : flags.on("no-build") ? "never" : "missing",
    })) ??
    (yield* ensureNetworks(context, used)) ??
    ensureVolumes(context, used) ??
    (yield* settleOrphans(context, project, flags.on("remove-orphans"), options.timeout)) ??
    (yield* converge(context, project, services, options));
  return refused ?? { project, services, options };
}

/** Waits as --wait asks, no longer than --wait-timeout says. */
function* waitForAll(context: ComposeContext, flags: Flags, project: Project, services: readonly Service[]): Op<Outcome> {
  const waiting = waitForDependencies(context, project, project.name, wantedOfAll(services));
  const seconds = flags.number("wait-timeout") ?? 0;
  if (seconds <= 0) return yield* waiting;
  const task = new Task(context.process.machine.kernel.clock, waiting);
  yield anyOf(task.exited, sleep(seconds * 1e6));
  if (task.outcome) return yield* task.join();
  task.signal(new Signal("TERM"));
  return `application not healthy after ${durationText(seconds * 1e6)}`;
}

function* up(context: ComposeContext, flags: Flags): Op<number> {
  for (const name of ["watch", "menu"])
    if (flags.on(name)) return refuse(context, `docker compose up: --${name} is not supported here; up, up -d and logs -f are`);
  const wait = flags.on("wait");
  const detach = flags.on("detach") || wait;
  const stays = ["abort-on-container-exit", "abort-on-container-failure", "exit-code-from", "attach", "attach-dependencies"];
  if (detach && stays.some((name) => flags.has(name)))
    return refuse(
      context,
      "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch",
    );
  const prepared = yield* prepare(context, flags, flags.args, flags.list("scale"));
  if (typeof prepared === "string") return refuse(context, prepared);
  if (flags.on("no-start")) return 0;
  const { project, services } = prepared;
  if (!detach) return yield* attached(context, flags, prepared);
  const refused = yield* start(context, project, services);
  return finish(context, refused ?? (wait ? yield* waitForAll(context, flags, project, services) : undefined));
}

/** Starts behind the stream of logs, and stays until all have ended or somebody stops it. */
function* attached(context: ComposeContext, flags: Flags, { project, services, options }: Prepared): Op<number> {
  const { process, engine } = context;
  const { clock } = process.machine.kernel;
  const names = new Set(services.map(({ name }) => name));
  const only = new Set(flags.list("attach"));
  const without = new Set(flags.list("no-attach"));
  const containers = shown(containersOf(engine, project.name)).filter((container) => names.has(serviceOf(container)));
  const heard = containers.filter((container) => (only.size === 0 || only.has(serviceOf(container))) && !without.has(serviceOf(container)));
  const selection = { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, tail: Number.POSITIVE_INFINITY };
  const printer = new LogPrinter(context, project, heard, {
    selection,
    prefix: !flags.on("no-log-prefix"),
    timestamps: flags.on("timestamps"),
  });
  for (const container of heard) if (container.state !== "running") printer.skip(container);
  process.stdout.write(`Attaching to ${heard.map((container) => printer.nameOf(container)).join(", ")}\n`);
  const before = new Map(containers.map((container) => [container, container.startedAt]));
  const starting = new Task(clock, start({ ...context, progress: context.progress.silent() }, project, services));
  const from = flags.text("exit-code-from");
  const aborts = flags.on("abort-on-container-exit") || from !== undefined;
  const failureAborts = flags.on("abort-on-container-failure");
  const hasEnded = (container: Container): boolean => container.state === "exited" && container.startedAt !== before.get(container);
  const { ended, running } = yield* follow(printer, heard, {
    hasEnded,
    onExit(container) {
      if (from !== undefined) return aborts ? container.exitCode : undefined;
      return aborts || (failureAborts && container.exitCode !== 0) ? container.exitCode : undefined;
    },
  });
  if (starting.outcome && "value" in starting.outcome && starting.outcome.value !== undefined)
    return refuse(context, starting.outcome.value);
  if (ended === 0 && !aborts) return 0;
  if (ended instanceof Signal) {
    starting.signal(ended);
    if (ended.name === "KILL") return ended.status;
    process.stdout.write("Gracefully Stopping... press Ctrl+C again to force\n");
  } else process.stdout.write("\u001b[31m\u001b[1mAborting on container exit...\u001b[0m\n");
  yield* perService(
    clock,
    services,
    function* (service) {
      const own = containers.filter((container) => serviceOf(container) === service.name);
      return yield* together(
        clock,
        own.map((container) => () => stopOne(context, container, options.timeout)),
      );
    },
    true,
  );
  if (ended instanceof Signal) {
    // The signal has ended the streams and the watch over the containers; a status without words is still told, as a line of none.
    process.stderr.write("\n");
    return ended.status;
  }
  for (const container of running) {
    printer.print(container, true);
    printer.tellEnd(container);
  }
  const source = from === undefined ? undefined : containers.find((container) => serviceOf(container) === from);
  const status = source?.exitCode ?? ended;
  if (status !== 0) process.stderr.write("\n");
  return status;
}

/** `up -d` of services, as a step of another verb; the status. */
export function* runUp(context: ComposeContext, names: readonly string[]): Op<number> {
  const flags = parseWords(upVerb.command, ["-d", ...names]);
  return flags instanceof Flags ? yield* up(context, flags) : 1;
}

export const upVerb: ComposeVerb = {
  name: "up",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Create and start containers",
    options: `--abort-on-container-exit  Stops all containers if any container was stopped. Incompatible with -d
--abort-on-container-failure  Stops all containers if any container exited with failure. Incompatible with -d
--always-recreate-deps  Recreate dependent containers. Incompatible with --no-recreate.
--attach stringArray  Restrict attaching to the specified services. Incompatible with --attach-dependencies.
--attach-dependencies  Automatically attach to log output of dependent services
--build  Build images before starting containers
-d, --detach  Detached mode: Run containers in the background
--dry-run  Execute command in dry run mode
--exit-code-from string  Return the exit code of the selected service container. Implies --abort-on-container-exit
--force-recreate  Recreate containers even if their configuration and image haven't changed
--menu  Enable interactive shortcuts when running attached. Incompatible with --detach. Can also be enable/disable by setting COMPOSE_MENU environment var.
--no-attach stringArray  Do not attach (stream logs) to the specified services
--no-build  Don't build an image, even if it's policy
--no-color  Produce monochrome output
--no-deps  Don't start linked services
--no-log-prefix  Don't print prefix in logs
--no-recreate  If containers already exist, don't recreate them. Incompatible with --force-recreate.
--no-start  Don't start the services after creating them
--pull string  Pull image before running ("always"|"missing"|"never") (default "policy")
--quiet-build  Suppress the build output
--quiet-pull  Pull without printing progress information
--remove-orphans  Remove containers for services not defined in the Compose file
-V, --renew-anon-volumes  Recreate anonymous volumes instead of retrieving data from the previous containers
--scale scale  Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.
-t, --timeout int  Use this timeout in seconds for container shutdown when attached or when containers are already running
--timestamps  Show timestamps
--wait  Wait for services to be running|healthy. Implies detached mode.
--wait-timeout int  Maximum duration in seconds to wait for the project to be running|healthy
-w, --watch  Watch source code and rebuild/refresh containers when files are updated.
-y, --yes  Assume "yes" as answer to all prompts and run non-interactively`,
    least: 0,
    most: MANY,
  },
  run: up,
};

export const createVerb: ComposeVerb = {
  name: "create",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Creates containers for a service",
    options: `--build  Build images before starting containers
--dry-run  Execute command in dry run mode
--force-recreate  Recreate containers even if their configuration and image haven't changed
--no-build  Don't build an image, even if it's policy
--no-recreate  If containers already exist, don't recreate them. Incompatible with --force-recreate.
--pull string  Pull image before running ("always"|"missing"|"never"|"build") (default "policy")
--quiet-pull  Pull without printing progress information
--remove-orphans  Remove containers for services not defined in the Compose file
--scale scale  Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.
-y, --yes  Assume "yes" as answer to all prompts and run non-interactively`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const prepared = yield* prepare(context, flags, flags.args, flags.list("scale"));
    return typeof prepared === "string" ? refuse(context, prepared) : 0;
  },
};

export const scaleVerb: ComposeVerb = {
  name: "scale",
  command: {
    usage: "[SERVICE=REPLICAS...]",
    summary: "Scale services ",
    options: `--dry-run  Execute command in dry run mode
--no-deps  Don't start linked services`,
    least: 1,
    most: MANY,
  },
  *run(context, flags) {
    const names = [...new Set(flags.args.map((word) => word.split("=")[0] as string))].sort();
    for (const word of flags.args) {
      if (!/^[^=]+=.+$/s.test(word)) return refuse(context, `invalid scale specifier: ${word}`);
      if (!/=[-+]?\d+$/.test(word)) return refuse(context, `invalid scale specifier: can't parse replica value as int: ${word}`);
    }
    const prepared = yield* prepare(context, flags, names, flags.args);
    if (typeof prepared === "string") return refuse(context, prepared);
    return finish(context, yield* start(context, prepared.project, prepared.services));
  },
};
