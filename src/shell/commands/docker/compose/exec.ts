/** `docker compose exec`, `run`, `attach`, `cp`, `logs`, `top`, `stats` (pkg/compose/exec.go, run.go, logs.go, top.go). */
import { type Container, EngineError } from "../../../../engine/types.ts";
import { anyOf, type Op, Signal } from "../../../../kernel/task.ts";
import { attachTo } from "../attach.ts";
import { copyFiles } from "../container/copy.ts";
import { runExec } from "../container/exec.ts";
import { logSelection } from "../container/logs.ts";
import { readKeyValues } from "../container/spec.ts";
import { printStats } from "../container/stats.ts";
import { topTable } from "../container/top.ts";
import { type Flags, record } from "../flags.ts";
import { parsePublish } from "../ports.ts";
import { tabulate } from "../table.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, choose, containerOf, projectOf, projectOrContainers, warn, withDependencies, withUsed } from "./context.ts";
import { converge, start } from "./converge.ts";
import { mountOf } from "./file/canonical.ts";
import { ComposeError, type Project, type Service, type VolumeMount } from "./file/project.ts";
import { containersOf, numberOf, serviceOf } from "./labels.ts";
import { ensureImages, ensureNetworks, ensureVolumes } from "./resources.ts";
import { containerSpecOf, daemonText } from "./spec.ts";
import { LogPrinter, shown } from "./stream.ts";
import { settleOrphans } from "./up.ts";
import { type ComposeVerb, refuse } from "./verb.ts";

/** A status without words is told as a line of none (cli-plugins/plugin). */
const NO_WORDS = "\n";

function* oneContainer(context: ComposeContext, flags: Flags, service: string): Op<Container | string> {
  const found = yield* projectOrContainers(context);
  return found instanceof ComposeError ? found.message : containerOf(context, found.project, service, flags.number("index") ?? 0, false);
}

function* exec(context: ComposeContext, flags: Flags): Op<number> {
  const [service = "", ...argv] = flags.args;
  const container = yield* oneContainer(context, flags, service);
  if (typeof container === "string") return refuse(context, container);
  const { process } = context;
  const tty = !flags.on("no-tty") && process.tty !== undefined;
  return yield* runExec(process, context.engine, {
    reference: container.id,
    argv,
    env: flags.list("env"),
    ...(flags.has("workdir") ? { cwd: flags.text("workdir") as string } : {}),
    ...(flags.has("user") ? { user: flags.text("user") as string } : {}),
    privileged: flags.on("privileged"),
    tty,
    interactive: flags.text("interactive") !== "false",
    detach: flags.on("detach"),
  });
}

export const execVerb: ComposeVerb = {
  name: "exec",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE COMMAND [ARGS...]",
    summary: "Execute a command in a running container",
    options: `-d, --detach  Detached mode: Run command in the background
--dry-run  Execute command in dry run mode
-e, --env stringArray  Set environment variables
--index int  Index of the container if service has multiple replicas
-T, --no-tty  Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY. (default true)
--privileged  Give extended privileges to the process
-u, --user string  Run the command as this user
-w, --workdir string  Path to workdir directory for this command`,
    hidden: "-i, --interactive  Keep STDIN open even if not attached\n-t, --tty  Allocate a pseudo-TTY",
    renamed: { "no-TTY": "no-tty" },
    least: 2,
    most: MANY,
    leading: true,
  },
  run: exec,
};

/** The service as one run of it: its own command, names and ports only where they are asked for. */
function oneOffService(context: ComposeContext, flags: Flags, service: Service): Service | string {
  const [, ...command] = flags.args;
  const { process } = context;
  const environment = new Map(service.environment);
  for (const file of flags.list("env-from-file")) {
    const read = readKeyValues(process, file, "env file", process.env);
    if ("error" in read) return read.error;
    for (const entry of read) environment.set(entry.split("=")[0] as string, entry.slice(entry.indexOf("=") + 1));
  }
  for (const entry of flags.list("env")) {
    const [name = "", value] = entry.split(/=(.*)/s);
    environment.set(name, value ?? process.env.get(name) ?? null);
  }
  const published = flags.list("publish").map(parsePublish);
  const wrong = published.find((ports) => typeof ports === "string");
  if (typeof wrong === "string") return wrong;
  const ports = published.flatMap((specs) =>
    (specs as Exclude<(typeof published)[number], string>).map(({ containerPort, protocol, hostIp, hostPort }) => ({
      mode: "ingress",
      ...(hostIp ? { hostIp } : {}),
      target: containerPort,
      ...(hostPort ? { published: hostPort } : {}),
      protocol,
    })),
  );
  const entrypoint = flags.text("entrypoint");
  const mounts: VolumeMount[] = [];
  for (const text of flags.list("volume")) {
    const mount = mountOf(text, process.cwd);
    if (mount instanceof ComposeError) return mount.message;
    mounts.push(mount);
  }
  const { containerName: _, restart: __, ...rest } = service;
  return {
    ...rest,
    ...(command.length > 0 ? { command } : {}),
    ...(entrypoint === undefined ? {} : { entrypoint: entrypoint.split(/\s+/).filter((word) => word !== "") }),
    environment,
    ports: flags.on("service-ports") ? [...service.ports, ...ports] : ports,
    labels: { ...service.labels, ...record(flags.list("label")) },
    volumes: [...service.volumes.filter(({ target }) => !mounts.some((mount) => mount.target === target)), ...mounts],
    capAdd: [...service.capAdd, ...flags.list("cap-add")],
    capDrop: [...service.capDrop, ...flags.list("cap-drop")],
    ...(flags.has("user") ? { user: flags.text("user") as string } : {}),
    ...(flags.has("workdir") ? { workingDir: flags.text("workdir") as string } : {}),
    tty: !flags.on("no-TTY") && process.tty !== undefined && !flags.on("detach"),
    stdinOpen: flags.text("interactive") !== "false" && !flags.on("detach"),
  };
}

/** Images, networks and what the service depends on are there and run; the text is the refusal. */
function* prepareRun(context: ComposeContext, flags: Flags, project: Project, service: Service): Op<string | undefined> {
  const others = flags.on("no-deps") ? [] : withDependencies(project, [service]).filter((one) => one !== service);
  const used = withUsed(project, [service]);
  const options = { scale: new Map(), recreate: "never" as const, named: undefined, timeout: undefined };
  return (
    (yield* ensureImages(context, [...others, service], {
      policy: flags.text("pull"),
      quiet: flags.on("quiet-pull"),
      builds: flags.on("build") ? "always" : "missing",
    })) ??
    (yield* ensureNetworks(context, used)) ??
    ensureVolumes(context, used) ??
    (yield* settleOrphans(context, project, flags.on("remove-orphans"), undefined)) ??
    (yield* converge(context, project, others, options)) ??
    (yield* start(context, project, others))
  );
}

function* run(context: ComposeContext, flags: Flags): Op<number> {
  const { process, engine } = context;
  const project = yield* projectOf(context, { named: flags.args.slice(0, 1) });
  if (project instanceof ComposeError) return refuse(context, project.message);
  const service = project.services.get(flags.args[0] as string) ?? project.disabled.get(flags.args[0] as string);
  if (!service) return refuse(context, `no such service: ${flags.args[0]}`);
  const once = oneOffService(context, flags, service);
  if (typeof once === "string") return refuse(context, once);
  const refused = yield* prepareRun(context, flags, project, service);
  if (refused !== undefined) return refuse(context, refused);
  const slug = process.machine.kernel.random.hex(64);
  const name = flags.text("name") ?? `${project.name}-${service.name}-run-${slug.slice(0, 12)}`;
  const imageId = engine.findImage(service.image)?.id ?? "";
  const spec = containerSpecOf(engine, project, once, {
    number: 1,
    name,
    imageId,
    serviceNames: flags.on("use-aliases"),
    oneOff: { slug },
  });
  if (typeof spec === "string") return refuse(context, spec);
  const detach = flags.on("detach");
  const made = yield* engine.createContainer({ ...spec, autoRemove: flags.on("rm"), attachStdin: once.stdinOpen });
  if (made instanceof EngineError) return refuse(context, daemonText(made));
  if (detach) {
    const failed = yield* engine.startContainer(made.id);
    if (failed) return refuse(context, `${daemonText(failed)}\nError: failed to start containers: ${made.id}`);
    process.stdout.write(`${made.id}\n`);
    return 0;
  }
  const container = engine.findContainer(made.id);
  if (container instanceof EngineError) return refuse(context, daemonText(container));
  let unstarted: number | undefined;
  const status = yield* attachTo(process, engine, container, {
    signals: true,
    *start() {
      const failed = yield* engine.startContainer(made.id);
      if (failed) unstarted = refuse(context, daemonText(failed));
      return unstarted;
    },
  });
  if (status !== 0 && unstarted === undefined) process.stderr.write(NO_WORDS);
  return status;
}

export const runVerb: ComposeVerb = {
  name: "run",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE [COMMAND] [ARGS...]",
    summary: "Run a one-off command on a service",
    options: `--build  Build image before starting container
--cap-add list  Add Linux capabilities
--cap-drop list  Drop Linux capabilities
-d, --detach  Run container in background and print container ID
--dry-run  Execute command in dry run mode
--entrypoint string  Override the entrypoint of the image
-e, --env stringArray  Set environment variables
--env-from-file stringArray  Set environment variables from file
-i, --interactive  Keep STDIN open even if not attached (default true)
-l, --label stringArray  Add or override a label
--name string  Assign a name to the container
-T, --no-TTY  Disable pseudo-TTY allocation (default: auto-detected) (default true)
--no-deps  Don't start linked services
-p, --publish stringArray  Publish a container's port(s) to the host
--pull string  Pull image before running ("always"|"missing"|"never") (default "policy")
-q, --quiet  Don't print anything to STDOUT
--quiet-build  Suppress progress output from the build process
--quiet-pull  Pull without printing progress information
--remove-orphans  Remove containers for services not defined in the Compose file
--rm  Automatically remove the container when it exits
-P, --service-ports  Run command with all service's ports enabled and mapped to the host
--use-aliases  Use the service's network useAliases in the network(s) the container connects to
-u, --user string  Run as specified username or uid
-v, --volume stringArray  Bind mount a volume
-w, --workdir string  Working directory inside the container`,
    hidden: "-t, --tty  Allocate a pseudo-TTY",
    renamed: { "no-tty": "no-TTY" },
    least: 1,
    most: MANY,
    leading: true,
  },
  run,
};

export const attachVerb: ComposeVerb = {
  name: "attach",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE",
    summary: "Attach local standard input, output, and error streams to a service's running container",
    options: `--detach-keys string  Override the key sequence for detaching from a container.
--dry-run  Execute command in dry run mode
--index int  index of the container if service has multiple replicas.
--no-stdin  Do not attach STDIN
--sig-proxy  Proxy all received signals to the process (default true)`,
    least: 1,
    most: 1,
  },
  *run(context, flags) {
    const container = yield* oneContainer(context, flags, flags.args[0] as string);
    if (typeof container === "string") return refuse(context, container);
    const status = yield* attachTo(context.process, context.engine, container, {
      signals: flags.text("sig-proxy") !== "false",
      withoutInput: flags.on("no-stdin"),
    });
    if (status !== 0) context.process.stderr.write(NO_WORDS);
    return status;
  },
};

/** "SERVICE:PATH" apart; what begins with "." or "/" is a path of this host. */
function splitPlace(argument: string): readonly [service: string, path: string] {
  if (/^[./]/.test(argument) || !argument.includes(":")) return ["", argument];
  const at = argument.indexOf(":");
  return [argument.slice(0, at), argument.slice(at + 1)];
}

/** Copies into each container of a service, or out of its first one (pkg/compose/cp.go). */
function* copy(context: ComposeContext, flags: Flags): Op<number> {
  const [source = "", target = ""] = flags.args;
  const [from, fromPath] = splitPlace(source);
  const [to, toPath] = splitPlace(target);
  if (from !== "" && to !== "") return refuse(context, "copying between services is not supported");
  const service = from || to;
  if (service === "") return refuse(context, "unknown copy direction");
  const { engine, process, progress } = context;
  const found = yield* projectOrContainers(context);
  if (found instanceof ComposeError) return refuse(context, found.message);
  const index = flags.number("index") ?? 0;
  const all = containersOf(engine, found.project.name, flags.on("all")).filter((container) => serviceOf(container) === service);
  const one = index > 0 ? containerOf(context, found.project, service, index, true) : undefined;
  if (typeof one === "string") return refuse(context, one);
  if (all.length === 0) return refuse(context, `no container found for service ${JSON.stringify(service)}`);
  for (const container of one ? [one] : from !== "" ? all.slice(0, 1) : all) {
    const { id, name } = container;
    const text = from !== "" ? `copy ${name}:${fromPath} to ${target}` : `copy ${source} to ${name}:${toPath}`;
    progress.step(name, text, "Copying");
    const status =
      from !== ""
        ? copyFiles(process, engine, `${id}:${fromPath}`, target, true)
        : copyFiles(process, engine, source, `${id}:${toPath}`, true);
    if (status !== 0) return status;
    progress.step(name, text, "Copied");
  }
  return 0;
}

export const cpVerb: ComposeVerb = {
  name: "cp",
  command: {
    usage: "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH",
    summary: "Copy files/folders between a service container and the local filesystem",
    options: `--all  Include containers created by the run command
-a, --archive  Archive mode (copy all uid/gid information)
--dry-run  Execute command in dry run mode
-L, --follow-link  Always follow symbol link in SRC_PATH
--index int  Index of the container if service has multiple replicas`,
    least: 2,
    most: 2,
  },
  run: copy,
};

/** The containers whose logs are asked for. */
function* logged(
  context: ComposeContext,
  flags: Flags,
): Op<{ readonly project: Project; readonly containers: readonly Container[] } | ComposeError> {
  const chosen = yield* choose(context, flags.args);
  if (chosen instanceof ComposeError) return chosen;
  const { project } = chosen;
  const index = flags.number("index") ?? 0;
  const [service] = flags.args;
  if (index > 0 && service !== undefined) {
    const container = containerOf(context, project, service, index, true);
    return typeof container === "string" ? new ComposeError(container) : { project, containers: [container] };
  }
  return { project, containers: shown(containersOf(context.engine, project.name)).filter((container) => chosen.includes(container)) };
}

function* logs(context: ComposeContext, flags: Flags): Op<number> {
  const { process } = context;
  const selection = logSelection(context.process, flags);
  if (typeof selection === "string") return refuse(context, selection);
  const found = yield* logged(context, flags);
  if (found instanceof ComposeError) return refuse(context, found.message);
  const { project, containers } = found;
  const printer = new LogPrinter(context, project, containers, {
    selection,
    prefix: !flags.on("no-log-prefix"),
    timestamps: flags.on("timestamps"),
  });
  for (const container of containers) {
    printer.print(container);
    const { Type } = (container.spec.hostConfig?.LogConfig ?? {}) as { readonly Type?: string };
    if (Type === "none")
      warn(
        context,
        `Can't retrieve logs for ${JSON.stringify(container.name)}: Error response from daemon: configured logging driver does not support reading`,
      );
  }
  while (flags.on("follow") && containers.some((container) => container.process)) {
    try {
      yield anyOf(...containers.map((container) => container.activity));
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      process.stderr.write(NO_WORDS);
      return thrown.status;
    }
    for (const container of containers) printer.print(container, true);
  }
  return 0;
}

export const logsVerb: ComposeVerb = {
  name: "logs",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "View output from containers",
    options: `--dry-run  Execute command in dry run mode
-f, --follow  Follow log output
--index int  index of the container if service has multiple replicas
--no-color  Produce monochrome output
--no-log-prefix  Don't print prefix in logs
--since string  Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
-n, --tail string  Number of lines to show from the end of the logs for each container (default "all")
-t, --timestamps  Show timestamps
--until string  Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)`,
    least: 0,
    most: MANY,
  },
  run: logs,
};

export const topVerb: ComposeVerb = {
  name: "top",
  services: true,
  command: {
    usage: "[SERVICES...]",
    summary: "Display the running processes",
    options: `--dry-run  Execute command in dry run mode`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const project = yield* projectOrContainers(context);
    if (project instanceof ComposeError) return refuse(context, project.message);
    // A service that there is not has no processes.
    const found = yield* logged(context, flags);
    if (found instanceof ComposeError) return 0;
    const rows: string[] = [];
    for (const container of found.containers) {
      if (!container.process) continue;
      const table = topTable(context.process.machine, container, []);
      if (typeof table === "string") return refuse(context, table);
      const [head = "", ...lines] = table;
      if (rows.length === 0) rows.push(`SERVICE\t#\t${head}`);
      for (const line of lines) rows.push(`${serviceOf(container)}\t${numberOf(container)}\t${line}`);
    }
    if (rows.length > 0) context.process.stdout.write(tabulate(rows, 4, 2));
    return 0;
  },
};

export const statsVerb: ComposeVerb = {
  name: "stats",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE]",
    summary: "Display a live stream of container(s) resource usage statistics",
    options: `-a, --all  Show all containers (default shows just running)
--dry-run  Execute command in dry run mode
--format string  Format output using a custom template:
| 'table':            Print output in table format with column headers (default)
| 'table TEMPLATE':   Print output in table format using the given Go template
| 'json':             Print in JSON format
| 'TEMPLATE':         Print output using the given Go template.
| Refer to https://docs.docker.com/engine/cli/formatting/ for more information about formatting output with templates
--no-stream  Disable streaming stats and only pull the first result
--no-trunc  Do not truncate output`,
    least: 0,
    most: 1,
  },
  *run(context, flags) {
    if (!flags.on("no-stream")) return refuse(context, "docker compose stats: a live stream is not supported here; --no-stream is");
    const found = yield* logged(context, flags);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const containers = found.containers.filter((container) => flags.on("all") || container.process).sort((a, b) => b.created - a.created);
    return printStats(context.process, context.engine, containers, flags);
  },
};
