/** `docker run`, `ps`, `exec`, `stop` … : containers. */
import type { DockerEngine } from "../../../engine/engine.ts";
import { type Container, EngineError } from "../../../engine/types.ts";
import { NO_INPUT } from "../../../kernel/stdio.ts";
import { type Op, Signal, sleep } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { attachTo, execTerminal, waitForProcess } from "./attach.ts";
import { daemonError, forEach, runError } from "./errors.ts";
import { filtersOf } from "./filters.ts";
import type { Flag, Flags, Subcommand } from "./flags.ts";
import { printDocuments } from "./inspect.ts";
import type { Verb } from "./network.ts";
import { displayPorts, hostLine, portLine } from "./ports.ts";
import { CREATE, containerSpecOf, RUN, referenceError } from "./spec.ts";
import { printListing } from "./table.ts";
import { TemplateError } from "./template/lexer.ts";
import { dateText, humanDuration } from "./times.ts";

const flag = (name: string, kind: Flag["kind"], help?: string, short?: string): Flag => ({ name, kind, help, short });
const MANY = Number.POSITIVE_INFINITY;
const verb = (
  name: string,
  usage: string,
  summary: string,
  least: number,
  most: number,
  flags: readonly Flag[] = [],
  leading = false,
): Subcommand => ({
  path: `docker ${name}`,
  usage,
  summary,
  least,
  most,
  flags,
  leading,
});

const canonical = (image: string): string => (/[:@]/.test(image.slice(image.lastIndexOf("/") + 1)) ? image : `${image}:latest`);

function* make(process: Process, flags: Flags, engine: DockerEngine): Op<string | number> {
  const spec = containerSpecOf(flags);
  if (typeof spec === "string") return runError(process, spec);
  const wrong = referenceError(spec.image);
  if (wrong !== undefined) return runError(process, wrong);
  let made = yield* engine.createContainer(spec);
  if (made instanceof EngineError && made.status === 404 && /No such image/.test(made.message) && flags.text("pull") !== "never") {
    process.stderr.write(`Unable to find image '${canonical(spec.image)}' locally\n`);
    const pulled = yield* engine.pull(spec.image, (line) => process.stderr.write(`${line}\n`));
    if (pulled instanceof EngineError) return runError(process, `Error response from daemon: ${pulled.message}`);
    made = yield* engine.createContainer(spec);
  }
  if (made instanceof EngineError) return runError(process, `Error response from daemon: ${made.message}`);
  for (const warning of made.warnings) process.stderr.write(`WARNING: ${warning}\n`);
  return made.id;
}

function* run(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const detach = flags.on("detach");
  if (!detach && flags.on("tty") && flags.on("interactive") && !process.tty) {
    process.stderr.write("the input device is not a TTY\n");
    return 1;
  }
  const id = yield* make(process, flags, engine);
  if (typeof id === "number") return id;
  const start = function* (): Op<number | undefined> {
    const refused = yield* engine.startContainer(id);
    if (!refused) return undefined;
    const status = runError(process, `Error response from daemon: ${refused.message}`);
    return /executable file not found|no such file or directory/.test(refused.message)
      ? 127
      : /permission denied/.test(refused.message)
        ? 126
        : status;
  };
  if (detach) {
    process.stdout.write(`${id}\n`);
    return (yield* start()) ?? 0;
  }
  const container = engine.findContainer(id);
  if (container instanceof EngineError) return daemonError(process, container);
  return yield* attachTo(process, engine, container, start);
}

function statusOf(container: Container, now: number): string {
  const since = (at: number | undefined): string => humanDuration(now - (at ?? now));
  switch (container.state) {
    case "running":
      return `Up ${since(container.startedAt)}`;
    case "paused":
      return `Up ${since(container.startedAt)} (Paused)`;
    case "exited":
      return `Exited (${container.exitCode}) ${since(container.finishedAt)} ago`;
    case "restarting":
      return `Restarting (${container.exitCode}) ${since(container.finishedAt)} ago`;
    case "created":
      return "Created";
    case "dead":
      return "Dead";
    case "removing":
      return "Removal In Progress";
  }
}

function commandText(container: Container, whole: boolean): string {
  const { spec, image } = container;
  const entrypoint = spec.entrypoint ?? image.entrypoint;
  const words = [...entrypoint, ...(spec.command.length > 0 || spec.entrypoint ? spec.command : image.command)].join(" ");
  return `"${whole || words.length <= 20 ? words : `${words.slice(0, 19)}…`}"`;
}

const exposedOf = (container: Container): readonly string[] =>
  container.state === "running" || container.state === "paused"
    ? [...new Set([...container.image.exposed, ...container.spec.exposed])]
    : [];

function* list(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const filters = filtersOf(process, flags);
  if (!filters) return 1;
  const last = flags.number("last") ?? (flags.on("latest") ? 1 : -1);
  const found = engine.containers(flags.on("all") || last >= 0, filters);
  if (found instanceof EngineError) return daemonError(process, found);
  const { now } = process.machine.kernel.clock;
  const shown = last >= 0 ? found.slice(0, last) : found;
  const whole = flags.on("no-trunc");
  const text = printListing(
    {
      headers: {
        ID: "CONTAINER ID",
        Image: "IMAGE",
        Command: "COMMAND",
        CreatedAt: "CREATED AT",
        RunningFor: "CREATED",
        Status: "STATUS",
        State: "STATE",
        Ports: "PORTS",
        Names: "NAMES",
        Networks: "NETWORKS",
        Labels: "LABELS",
        Mounts: "MOUNTS",
        LocalVolumes: "LOCAL VOLUMES",
        Size: "SIZE",
      },
      columns: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"],
      quiet: "ID",
      rows: shown.map((container) => ({
        ID: whole ? container.id : container.id.slice(0, 12),
        Image: container.spec.image,
        Command: commandText(container, whole),
        CreatedAt: dateText(process.machine.kernel, container.created),
        RunningFor: `${humanDuration(now - container.created)} ago`,
        Status: statusOf(container, now),
        State: container.state,
        Ports: displayPorts(container.ports, container.spec.networkMode === "host" ? [] : exposedOf(container)),
        Names: container.name,
        Networks: networksOf(container),
        Labels: Object.entries(container.spec.labels)
          .map(([key, value]) => `${key}=${value}`)
          .sort()
          .join(","),
        Mounts: "",
        LocalVolumes: "0",
        Size: "0B",
      })),
    },
    flags.text("format"),
    flags.on("quiet"),
  );
  if (text instanceof TemplateError) {
    process.stderr.write(`template parsing error: ${text.message}\n`);
    return 1;
  }
  process.stdout.write(text);
  return 0;
}

function networksOf(container: Container): string {
  const mode = container.spec.networkMode;
  if (mode === "host" || mode === "none")
    return container.endpointSpecs.size > 0 ? [...container.endpointSpecs.keys()].sort().join(",") : mode;
  return [...container.endpointSpecs.keys()].sort().join(",");
}

function* exec(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const [reference = "", ...argv] = flags.args;
  const wantsTty = flags.on("tty");
  if (wantsTty && flags.on("interactive") && !process.tty) {
    process.stderr.write("the input device is not a TTY\n");
    return 1;
  }
  const terminal = wantsTty && process.tty ? execTerminal(process) : undefined;
  try {
    const stdio = terminal
      ? { stdin: terminal.tty, stdout: terminal.tty, stderr: terminal.tty, tty: terminal.tty }
      : { stdin: flags.on("interactive") ? process.stdin : NO_INPUT, stdout: process.stdout, stderr: process.stderr };
    const started = engine.exec(reference, {
      argv,
      env: flags.list("env"),
      cwd: flags.text("workdir"),
      user: flags.text("user"),
      privileged: flags.on("privileged"),
      stdio,
    });
    if (started instanceof EngineError) {
      if (!/^OCI runtime/.test(started.message)) return daemonError(process, started);
      process.stderr.write(`${started.message}\n`);
      return /not found|no such file/.test(started.message) ? 127 : 126;
    }
    if (flags.on("detach")) return 0;
    return yield* waitForProcess(started);
  } finally {
    terminal?.close();
  }
}

function* logs(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const container = engine.findContainer(flags.args[0] as string);
  if (container instanceof EngineError) return daemonError(process, container);
  const tail = flags.text("tail");
  const lines = (): string => container.log.map((entry) => entry.text).join("");
  let text = lines();
  let shown = text.length;
  if (tail !== undefined && tail !== "all")
    text = text
      .split("\n")
      .slice(-(Number(tail) + 1))
      .join("\n");
  process.stdout.write(text);
  try {
    while (flags.on("follow") && (container.state === "running" || container.state === "paused")) {
      yield sleep(100_000);
      const all = lines();
      process.stdout.write(all.slice(shown));
      shown = all.length;
    }
  } catch (thrown) {
    if (!(thrown instanceof Signal)) throw thrown;
    return thrown.status;
  }
  return 0;
}

function* port(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const [reference = "", wanted] = flags.args;
  const container = engine.findContainer(reference);
  if (container instanceof EngineError) return daemonError(process, container);
  const name = (binding: Container["ports"][number]): string => `${binding.containerPort}/${binding.protocol}`;
  const sorted = [...container.ports].sort((a, b) =>
    name(a) === name(b) ? Number(a.hostIp.includes(":")) - Number(b.hostIp.includes(":")) : name(a) < name(b) ? -1 : 1,
  );
  if (wanted === undefined) {
    for (const binding of sorted) process.stdout.write(`${portLine(binding)}\n`);
    return 0;
  }
  const [number, protocol = "tcp"] = wanted.split("/");
  const found = sorted.filter((binding) => String(binding.containerPort) === number && binding.protocol === protocol);
  for (const binding of found) process.stdout.write(`${hostLine(binding)}\n`);
  if (found.length > 0) return 0;
  process.stderr.write(`Error: No public port '${wanted}' published for ${reference}\n`);
  return 1;
}

const stopFlags = [
  flag("signal", "string", "Signal to send to the container", "s"),
  flag("time", "int", undefined),
  flag("timeout", "int", "Seconds to wait before killing the container", "t"),
];
const seconds = (flags: Flags): number | undefined => flags.number("timeout") ?? flags.number("time");

export const containerVerbs: readonly Verb[] = [
  { names: ["run"], command: RUN, run },
  {
    names: ["create"],
    command: CREATE,
    *run(process, flags, engine) {
      const id = yield* make(process, flags, engine);
      if (typeof id === "number") return id;
      process.stdout.write(`${id}\n`);
      return 0;
    },
  },
  {
    names: ["ps", "ls", "list"],
    command: verb("ps", "[OPTIONS]", "List containers", 0, 0, [
      flag("all", "bool", "Show all containers (default shows just running)", "a"),
      flag("filter", "list", "Filter output based on conditions provided", "f"),
      flag("format", "string", "Format output using a custom template"),
      flag("last", "int", "Show n last created containers (includes all states) (default -1)", "n"),
      flag("latest", "bool", "Show the latest created container (includes all states)", "l"),
      flag("no-trunc", "bool", "Don't truncate output"),
      flag("quiet", "bool", "Only display container IDs", "q"),
      flag("size", "bool", "Display total file sizes", "s"),
    ]),
    run: list,
  },
  {
    names: ["exec"],
    command: verb(
      "exec",
      "[OPTIONS] CONTAINER COMMAND [ARG...]",
      "Execute a command in a running container",
      2,
      MANY,
      [
        flag("detach", "bool", "Detached mode: run command in the background", "d"),
        flag("env", "list", "Set environment variables", "e"),
        flag("interactive", "bool", "Keep STDIN open even if not attached", "i"),
        flag("privileged", "bool", "Give extended privileges to the command"),
        flag("tty", "bool", "Allocate a pseudo-TTY", "t"),
        flag("user", "string", 'Username or UID (format: "<name|uid>[:<group|gid>]")', "u"),
        flag("workdir", "string", "Working directory inside the container", "w"),
      ],
      true,
    ),
    run: exec,
  },
  {
    names: ["attach"],
    command: verb("attach", "[OPTIONS] CONTAINER", "Attach local standard input, output, and error streams to a running container", 1, 1, [
      flag("no-stdin", "bool"),
      flag("sig-proxy", "bool"),
      flag("detach-keys", "string"),
    ]),
    *run(process, flags, engine) {
      const container = engine.findContainer(flags.args[0] as string);
      if (container instanceof EngineError) return daemonError(process, container);
      if (container.state === "paused") {
        process.stderr.write("You cannot attach to a paused container, unpause it first\n");
        return 1;
      }
      if (container.state !== "running") {
        process.stderr.write("You cannot attach to a stopped container, start it first\n");
        return 1;
      }
      return yield* attachTo(process, engine, container);
    },
  },
  {
    names: ["start"],
    command: verb("start", "[OPTIONS] CONTAINER [CONTAINER...]", "Start one or more stopped containers", 1, MANY, [
      flag("attach", "bool", "Attach STDOUT/STDERR and forward signals", "a"),
      flag("interactive", "bool", "Attach container's STDIN", "i"),
    ]),
    *run(process, flags, engine) {
      if (flags.on("attach") || flags.on("interactive")) {
        const container = engine.findContainer(flags.args[0] as string);
        if (container instanceof EngineError) return daemonError(process, container);
        return yield* attachTo(process, engine, container, function* () {
          const refused = yield* engine.startContainer(container.id);
          return refused ? daemonError(process, refused) : undefined;
        });
      }
      const failed: string[] = [];
      for (const reference of flags.args) {
        const refused = yield* engine.startContainer(reference);
        if (refused) {
          daemonError(process, refused);
          failed.push(reference);
        } else process.stdout.write(`${reference}\n`);
      }
      if (failed.length > 0) process.stderr.write(`Error: failed to start containers: ${failed.join(", ")}\n`);
      return failed.length > 0 ? 1 : 0;
    },
  },
  {
    names: ["stop"],
    command: verb("stop", "[OPTIONS] CONTAINER [CONTAINER...]", "Stop one or more running containers", 1, MANY, stopFlags),
    run: (process, flags, engine) =>
      forEach(process, flags.args, (reference) => engine.stopContainer(reference, seconds(flags), flags.text("signal"))),
  },
  {
    names: ["restart"],
    command: verb("restart", "[OPTIONS] CONTAINER [CONTAINER...]", "Restart one or more containers", 1, MANY, stopFlags),
    run: (process, flags, engine) =>
      forEach(process, flags.args, (reference) => engine.restartContainer(reference, seconds(flags), flags.text("signal"))),
  },
  {
    names: ["kill"],
    command: verb("kill", "[OPTIONS] CONTAINER [CONTAINER...]", "Kill one or more running containers", 1, MANY, [
      flag("signal", "string", "Signal to send to the container", "s"),
    ]),
    run: (process, flags, engine) =>
      forEach(process, flags.args, (reference) => engine.killContainer(reference, flags.text("signal") ?? "KILL")),
  },
  {
    names: ["pause"],
    command: verb("pause", "CONTAINER [CONTAINER...]", "Pause all processes within one or more containers", 1, MANY),
    run: (process, flags, engine) => forEach(process, flags.args, (reference) => engine.pauseContainer(reference)),
  },
  {
    names: ["unpause"],
    command: verb("unpause", "CONTAINER [CONTAINER...]", "Unpause all processes within one or more containers", 1, MANY),
    run: (process, flags, engine) => forEach(process, flags.args, (reference) => engine.unpauseContainer(reference)),
  },
  {
    names: ["rm", "remove"],
    command: verb("rm", "[OPTIONS] CONTAINER [CONTAINER...]", "Remove one or more containers", 1, MANY, [
      flag("force", "bool", "Force the removal of a running container (uses SIGKILL)", "f"),
      flag("link", "bool", "Remove the specified link", "l"),
      flag("volumes", "bool", "Remove anonymous volumes associated with the container", "v"),
    ]),
    *run(process, flags, engine) {
      let status = 0;
      for (const reference of flags.args) {
        const refused = yield* engine.removeContainer(reference, flags.on("force"));
        if (!refused) process.stdout.write(`${reference}\n`);
        else if (flags.on("force") && refused.status === 404) daemonError(process, refused);
        else status = daemonError(process, refused);
      }
      return status;
    },
  },
  {
    names: ["rename"],
    command: verb("rename", "CONTAINER NEW_NAME", "Rename a container", 2, 2),
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process, flags, engine) {
      const [from, to] = flags.args as [string, string];
      const refused = engine.renameContainer(from, to);
      if (!refused) return 0;
      process.stderr.write(`Error response from daemon: ${refused.message}\nfailed to rename container named ${from}\n`);
      return 1;
    },
  },
  {
    names: ["logs"],
    command: verb("logs", "[OPTIONS] CONTAINER", "Fetch the logs of a container", 1, 1, [
      flag("follow", "bool", "Follow log output", "f"),
      flag("tail", "string", 'Number of lines to show from the end of the logs (default "all")', "n"),
    ]),
    run: logs,
  },
  {
    names: ["port"],
    command: verb("port", "CONTAINER [PRIVATE_PORT[/PROTO]]", "List port mappings or a specific mapping for the container", 1, 2),
    run: port,
  },
  {
    names: ["wait"],
    command: verb("wait", "CONTAINER [CONTAINER...]", "Block until one or more containers stop, then print their exit codes", 1, MANY),
    *run(process, flags, engine) {
      let status = 0;
      for (const reference of flags.args) {
        const code = yield* engine.waitContainer(reference);
        if (code instanceof EngineError) status = daemonError(process, code);
        else process.stdout.write(`${code}\n`);
      }
      return status;
    },
  },
  {
    names: ["inspect"],
    command: verb("inspect", "[OPTIONS] NAME|ID [NAME|ID...]", "Return low-level information on Docker objects", 1, MANY, [
      flag("format", "string", "Format output using a custom template", "f"),
      flag("size", "bool", "Display total file sizes if the type is container", "s"),
      flag("type", "string", "Return JSON for specified type"),
    ]),
    *run(process, flags, engine) {
      const type = flags.text("type");
      return printDocuments(
        process,
        flags.args,
        (reference) => {
          const container = type === undefined || type === "container" ? engine.findContainer(reference) : undefined;
          if (container && !(container instanceof EngineError)) return engine.inspectContainer(container);
          const network = type === undefined || type === "network" ? engine.findNetwork(reference) : undefined;
          if (network && !(network instanceof EngineError)) return engine.inspectNetwork(network);
          const image = type === undefined || type === "image" ? engine.findImage(reference) : undefined;
          if (image) return engine.inspectImage(image);
          return new EngineError(`No such ${type ?? "object"}: ${reference}`, 404);
        },
        flags.text("format"),
        (error) => `Error: ${error.message}`,
      );
    },
  },
];
