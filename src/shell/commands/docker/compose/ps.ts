/** `docker compose ps`, `ls`, `images`, `volumes` and `port` (cmd/compose/ps.go, list.go, images.go, port.go). */
import { type Container, EngineError, healthOf, type PortBinding } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { commandText, statusOf } from "../container/list.ts";
import { logTime } from "../container/logs.ts";
import type { Flags } from "../flags.ts";
import { displayPorts, hostLine } from "../ports.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { labelMethod, labelsText, printListing, tabulate } from "../table.ts";
import { toJson, type Value } from "../template/execute.ts";
import { dateText, humanDuration, humanSize } from "../times.ts";
import { MANY } from "../verb.ts";
import { type ComposeContext, choose, containerOf, projectOrContainers } from "./context.ts";
import { ComposeError } from "./file/project.ts";
import { allContainers, CONFIG_FILES, containersOf, labelOf, PROJECT, serviceOf } from "./labels.ts";
import { type ComposeVerb, refuse } from "./verb.ts";

const CELL = 20;
/** The ports of a container as `ps --format json` has them. */
const publishers = (ports: readonly PortBinding[]): Value =>
  ports.map(({ hostIp, containerPort, hostPort, protocol }) => ({
    URL: hostIp,
    TargetPort: containerPort,
    PublishedPort: hostPort,
    Protocol: protocol,
  }));

function rowOf(context: ComposeContext, container: Container, whole: boolean) {
  const { kernel } = context.process.machine;
  const { now } = kernel.clock;
  const health = healthOf(container);
  return {
    ID: whole ? container.id : container.id.slice(0, 12),
    Name: container.name,
    Names: container.name,
    Image: context.engine.imageName(container),
    Command: commandText(container, whole),
    Project: labelOf(container, PROJECT),
    Service: serviceOf(container),
    CreatedAt: dateText(kernel, container.created),
    RunningFor: `${humanDuration(now - container.created)} ago`,
    State: container.state,
    Status: statusOf(container, now),
    Health: health === "none" ? "" : health,
    ExitCode: container.state === "exited" ? container.exitCode : 0,
    Publishers: publishers(container.ports),
    Ports: displayPorts(container.ports, container.exposedPorts),
    Networks: [...container.endpointSpecs.keys()].sort().join(","),
    Labels: labelsText(container.spec.labels),
    Label: labelMethod(container.spec.labels),
    Mounts: container.mounts.map((mount) => mount.name || mount.source).join(","),
    LocalVolumes: String(container.mounts.filter((mount) => mount.type === "volume").length),
    Size: "0B",
  };
}

/** Columns that have no heading (cmd/formatter/container.go). */
const NO_HEADER = "<no value>";

function* list(context: ComposeContext, flags: Flags): Op<number> {
  const { process, engine } = context;
  const states = [...flags.list("status")];
  const filter = flags.text("filter");
  if (filter !== undefined) {
    const [key, value = ""] = filter.split("=");
    if (key === "source") return refuse(context, "--filter source is not supported here; --filter status=… is");
    if (key !== "status") return refuse(context, `unknown filter ${key}`);
    states.push(value);
  }
  const chosen = yield* choose(context, flags.args);
  if (chosen instanceof ComposeError) return refuse(context, chosen.message);
  const { project } = chosen;
  const all = flags.on("all") || states.length > 0;
  const containers = containersOf(engine, project.name, flags.on("all"))
    .filter((container) => (all || container.process !== undefined || container.state === "restarting") && chosen.includes(container))
    .filter((container) => states.length === 0 || states.includes(container.state))
    .filter((container) => flags.text("orphans") !== "false" || project.services.has(serviceOf(container)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (flags.on("services")) {
    const names = new Set(containers.map(serviceOf));
    for (const name of [...names].sort()) process.stdout.write(`${name}\n`);
    return 0;
  }
  const whole = flags.on("no-trunc");
  if (flags.on("quiet")) {
    for (const container of containers) process.stdout.write(`${container.id}\n`);
    return 0;
  }
  return printListing(
    process,
    {
      type: "*formatter.ContainerContext",
      headers: {
        ID: "CONTAINER ID",
        Name: "NAME",
        Names: NO_HEADER,
        Image: "IMAGE",
        Command: "COMMAND",
        Project: "PROJECT",
        Service: "SERVICE",
        CreatedAt: "CREATED AT",
        RunningFor: "CREATED",
        State: "STATE",
        Status: "STATUS",
        Health: NO_HEADER,
        ExitCode: NO_HEADER,
        Publishers: NO_HEADER,
        Ports: "PORTS",
        Networks: NO_HEADER,
        Labels: "LABELS",
        Mounts: NO_HEADER,
        LocalVolumes: NO_HEADER,
        Size: "SIZE",
      },
      columns: ["Name", "Image", "Command", "Service", "RunningFor", "Status", "Ports"],
      quiet: "ID",
      rows: containers.map((container) => rowOf(context, container, whole)),
    },
    flags.text("format"),
    false,
  );
}

export const psVerb: ComposeVerb = {
  name: "ps",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "List containers",
    options: `-a, --all  Show all stopped containers (including those created by the run command)
--dry-run  Execute command in dry run mode
--filter string  Filter services by a property (supported filters: status)
--format string  ${LIST_FORMAT} (default "table")
--no-trunc  Don't truncate output
--orphans  Include orphaned services (not declared by project) (default true)
-q, --quiet  Only display IDs
--services  Display services
--status stringArray  Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]`,
    least: 0,
    most: MANY,
  },
  run: list,
};

/** What `ls` and `images` can print. */
const LIST_FORMATS: readonly string[] = ["", "table", "pretty", "json"];

/** "running(2), exited(1)". */
function states(containers: readonly Container[]): string {
  const counts = new Map<string, number>();
  for (const { state } of containers) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, count]) => `${state}(${count})`)
    .join(", ");
}

export const lsVerb: ComposeVerb = {
  name: "ls",
  command: {
    usage: "[OPTIONS]",
    summary: "List running compose projects",
    options: `-a, --all  Show all stopped Compose projects
--dry-run  Execute command in dry run mode
--filter filter  Filter output based on conditions provided
--format string  Format the output. Values: [table | json] (default "table")
-q, --quiet  Only display project names`,
    least: 0,
    most: 0,
  },
  *run({ process, engine }, flags) {
    const format = flags.text("format") ?? "table";
    if (!LIST_FORMATS.includes(format))
      return refuse({ process }, `format value ${JSON.stringify(format)} could not be parsed: parsing failed`);
    const projects = new Map<string, Container[]>();
    for (const container of allContainers(engine)) {
      if (!flags.on("all") && !container.process) continue;
      const name = labelOf(container, PROJECT);
      projects.set(name, [...(projects.get(name) ?? []), container]);
    }
    const unknown = flags.list("filter").find((filter) => !filter.startsWith("name="));
    if (unknown !== undefined) return refuse({ process }, `invalid filter '${unknown.split("=")[0]}'`);
    const wanted = flags.list("filter").map((filter) => filter.slice("name=".length));
    const rows = [...projects]
      .filter(([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, containers]) => ({
        Name: name,
        Status: states(containers),
        ConfigFiles: labelOf(containers[0] as Container, CONFIG_FILES),
      }));
    if (flags.on("quiet")) for (const { Name } of rows) process.stdout.write(`${Name}\n`);
    else if (flags.text("format") === "json") process.stdout.write(`${toJson(rows)}\n`);
    else
      process.stdout.write(
        tabulate(
          ["NAME\tSTATUS\tCONFIG FILES", ...rows.map(({ Name, Status, ConfigFiles }) => `${Name}\t${Status}\t${ConfigFiles}`)],
          CELL,
          3,
        ),
      );
    return 0;
  },
};

export const imagesVerb: ComposeVerb = {
  name: "images",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "List images used by the created containers",
    options: `--dry-run  Execute command in dry run mode
--format string  Format the output. Values: [table | json] (default "table")
-q, --quiet  Only display IDs`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const { process, engine } = context;
    const chosen = yield* choose(context, flags.args);
    if (chosen instanceof ComposeError) return refuse(context, chosen.message);
    const containers = containersOf(engine, chosen.project.name, true)
      .filter((container) => chosen.includes(container))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (flags.on("quiet")) {
      for (const id of new Set(containers.map(({ image }) => image.id.replace("sha256:", "")))) process.stdout.write(`${id}\n`);
      return 0;
    }
    const { now } = process.machine.kernel.clock;
    const rows = containers.map(({ name, image }) => {
      const at = image.reference.lastIndexOf(":");
      return { name, image, repository: image.reference.slice(0, at), tag: image.reference.slice(at + 1) };
    });
    const format = flags.text("format") ?? "table";
    if (!LIST_FORMATS.includes(format))
      return refuse(context, `format value ${JSON.stringify(format)} could not be parsed: parsing failed`);
    if (format === "json") {
      const documents = rows.map(({ name, image, repository, tag }) => ({
        ID: image.id,
        ContainerName: name,
        Repository: repository,
        Tag: tag,
        Platform: "linux/amd64",
        Size: image.size,
        LastTagTime: logTime(process.machine.kernel, engine.images().find(({ id }) => id === image.id)?.pulled ?? image.created),
      }));
      process.stdout.write(`${toJson(documents)}\n`);
      return 0;
    }
    const lines = rows.map(({ name, image, repository, tag }) =>
      [
        name,
        repository,
        tag,
        "linux/amd64",
        image.id.slice(7, 19),
        humanSize(image.size),
        `${humanDuration(now - image.created)} ago`,
      ].join("\t"),
    );
    process.stdout.write(tabulate(["CONTAINER\tREPOSITORY\tTAG\tPLATFORM\tIMAGE ID\tSIZE\tCREATED", ...lines], CELL, 3));
    return 0;
  },
};

export const volumesVerb: ComposeVerb = {
  name: "volumes",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "List volumes",
    options: `--dry-run  Execute command in dry run mode
--format string  ${LIST_FORMAT} (default "table")
-q, --quiet  Only display volume names`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const { process, engine } = context;
    const found = yield* projectOrContainers(context);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const volumes = engine.volumes(new Map([["label", [`${PROJECT}=${found.project.name}`]]]));
    if (volumes instanceof EngineError) return refuse(context, volumes.message);
    return printListing(
      process,
      {
        type: "*formatter.volumeContext",
        headers: { Driver: "DRIVER", Name: "VOLUME NAME", Mountpoint: "MOUNTPOINT", Labels: "LABELS", Scope: "SCOPE" },
        columns: ["Driver", "Name"],
        quiet: "Name",
        rows: volumes.map(({ name, mountpoint, labels }) => ({
          Driver: "local",
          Name: name,
          Mountpoint: mountpoint,
          Labels: labelsText(labels),
          Scope: "local",
        })),
      },
      flags.text("format"),
      flags.on("quiet"),
    );
  },
};

export const portVerb: ComposeVerb = {
  name: "port",
  services: true,
  command: {
    usage: "[OPTIONS] SERVICE PRIVATE_PORT",
    summary: "Print the public port for a port binding",
    options: `--dry-run  Execute command in dry run mode
--index int  Index of the container if service has multiple replicas
--protocol string  tcp or udp (default "tcp")`,
    least: 2,
    most: MANY,
  },
  *run(context, flags) {
    const [name = "", wanted = ""] = flags.args;
    if (!/^\d{1,5}$/.test(wanted)) return refuse(context, `strconv.ParseUint: parsing ${JSON.stringify(wanted)}: invalid syntax`);
    const found = yield* projectOrContainers(context);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const index = flags.number("index") ?? 0;
    const container = containerOf(context, found.project, name, index, false);
    if (typeof container === "string") return refuse(context, container);
    const protocol = (flags.text("protocol") ?? "tcp").toLowerCase();
    const binding = container.ports.find((port) => port.containerPort === Number(wanted) && port.protocol === protocol);
    if (!binding) {
      const there = container.ports.map((port) => `${port.hostPort}/${port.protocol}`).join(", ");
      return refuse(context, `no port ${wanted}/${protocol} for container ${container.name}: ${there}`);
    }
    context.process.stdout.write(`${hostLine(binding)}\n`);
    return 0;
  },
};
