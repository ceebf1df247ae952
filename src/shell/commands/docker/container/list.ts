/** `docker ps` (docker/cli: cli/command/container/list.go, formatter/container.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { type Container, healthOf } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import type { Flags } from "../flags.ts";
import { displayPorts } from "../ports.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { labelMethod, labelsText, printListing } from "../table.ts";
import { Method, readTemplate, renderText } from "../template/execute.ts";
import { TemplateError } from "../template/lexer.ts";
import { Nil } from "../template/values.ts";
import { dateText, humanDuration, humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";
import { filterRefusal } from "./filter-values.ts";

/** "Up 5 minutes (healthy)" (container/state.go). */
export function statusOf(container: Container, now: number): string {
  const since = (at: number | undefined): string => humanDuration(now - (at ?? now));
  switch (container.state) {
    case "running": {
      const health = healthOf(container);
      const shown = health === "none" ? "" : ` (${health === "starting" ? "health: starting" : health})`;
      return `Up ${since(container.startedAt)}${shown}`;
    }
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

const COMMAND_LENGTH = 20;

/** The command line in quotes, cut to twenty characters. */
export function commandText(container: Container, whole: boolean): string {
  const [path = "", ...args] = container.argv;
  const words = [path, ...args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" ");
  const text = whole || [...words].length <= COMMAND_LENGTH ? words : `${[...words].slice(0, COMMAND_LENGTH - 1).join("")}…`;
  return JSON.stringify(text);
}

function networksOf(container: Container): string {
  return [...container.endpointSpecs.keys()].sort().join(",");
}

/** Its own name and those that links give it, "web/db". */
function namesOf(engine: DockerEngine, container: Container): readonly string[] {
  const linked = engine
    .containers(true)
    .flatMap(({ name, links }) => [...links].flatMap(([alias, child]) => (child === container ? `${name}/${alias}` : [])));
  return [container.name, ...linked].sort();
}

/** Whether sizes were asked for: by -s, or by a template that shows them. */
const wantsSize = (flags: Flags): boolean => flags.on("size") || /\.Size|json \./.test(flags.text("format") ?? "");

/** The template is tried before anything is asked for, to find out whether it shows sizes; that gives errors words of their own. */
function formatError(format: string | undefined): string | undefined {
  // As it was written, "table" and all.
  const source = format ?? "";
  if (source === "" || source === "table" || source === "json") return undefined;
  const template = readTemplate(source);
  if (template instanceof TemplateError) return `failed to parse template: ${template.message}`;
  const tried = renderText(template, NO_CONTAINER, "*formatter.ContainerContext");
  return tried instanceof TemplateError ? `failed to execute template: ${tried.message}` : undefined;
}

/** The platform is told where the daemon has images of several. */
const NO_PLATFORM = new Nil("<nil>");

const HEADERS = {
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
  Platform: "PLATFORM",
  Size: "SIZE",
};

/** What the template finds where it is tried: nothing of a container. */
const NO_CONTAINER = {
  ...Object.fromEntries(Object.keys(HEADERS).map((name) => [name, ""])),
  Image: "<no image>",
  Command: '""',
  CreatedAt: "1970-01-01 00:00:00 +0000 UTC",
  RunningFor: "56 years ago",
  LocalVolumes: "0",
  Size: "0B",
  Platform: NO_PLATFORM,
  Label: new Method(() => ""),
};

function* list(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const wrong = formatError(flags.text("format"));
  if (wrong !== undefined) return fail(process, wrong);
  const ignored = flags.on("quiet") && (flags.text("format") ?? "") !== "";
  if (ignored) process.stderr.write("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
  const last = flags.has("last") ? (flags.number("last") as number) : flags.on("latest") ? 1 : -1;
  const filters = filtersOf(flags);
  const refused = filterRefusal(engine, filters);
  if (refused) return daemonError(process, refused);
  const found = engine.containers(flags.on("all") || last > 0, filters);
  const { kernel } = process.machine;
  const { now } = kernel.clock;
  const shown = last > 0 ? found.slice(0, last) : found;
  const whole = flags.on("no-trunc");
  const sized = wantsSize(flags);
  const mountName = (name: string): string => (whole || name.length <= 15 ? name : `${name.slice(0, 14)}…`);
  return printListing(
    process,
    {
      type: "*formatter.ContainerContext",
      headers: HEADERS,
      columns: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", ...(flags.on("size") ? ["Size"] : [])],
      quiet: "ID",
      raw: [
        ["container_id", "ID"],
        ["image", "Image"],
        ["command", "Command"],
        ["created_at", "CreatedAt"],
        ["state", "State"],
        ["status", "Status"],
        ["names", "Names"],
        ["labels", "Labels"],
        ["ports", "Ports"],
        ...(flags.on("size") ? [["size", "Size"] as const] : []),
      ],
      rows: shown.map((container) => ({
        ID: whole ? container.id : container.id.slice(0, 12),
        Image: engine.imageName(container, whole),
        Command: commandText(container, whole),
        CreatedAt: dateText(kernel, container.created),
        RunningFor: `${humanDuration(now - container.created)} ago`,
        Status: statusOf(container, now),
        State: container.state,
        Ports: displayPorts(container.ports, container.exposedPorts),
        Names: whole ? namesOf(engine, container).join(",") : container.name,
        Networks: networksOf(container),
        Labels: labelsText(container.spec.labels),
        Label: labelMethod(container.spec.labels),
        Mounts: container.mounts.map((mount) => mountName(mount.name || mount.source)).join(","),
        LocalVolumes: String(container.mounts.filter((mount) => mount.type === "volume").length),
        Platform: NO_PLATFORM,
        Size: sized ? `0B (virtual ${humanSize(container.image.size)})` : "0B",
      })),
    },
    ignored && flags.text("format") !== "raw" ? "" : flags.text("format"),
    flags.on("quiet"),
  );
}

export const listVerb: Verb = {
  names: ["ls", "list", "ps"],
  top: "ps",
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "List containers",
    aliases: "docker container ls, docker container list, docker container ps, docker ps",
    options: `-a, --all  Show all containers (default shows just running)
-f, --filter filter  Filter output based on conditions provided
--format string  ${LIST_FORMAT}
-n, --last int  Show n last created containers (includes all states) (default -1)
-l, --latest  Show the latest created container (includes all states)
--no-trunc  Don't truncate output
-q, --quiet  Only display container IDs
-s, --size  Display total file sizes`,
    least: 0,
    most: 0,
  },
  run: list,
};
