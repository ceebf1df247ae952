/** `docker compose events` (cmd/compose/events.go, pkg/compose/events.go): what happens to a project's containers. */
import type { EngineEvent } from "../../../../engine/engine.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import { logTime } from "../container/logs.ts";
import { eventBounds, followEvents } from "../system/events.ts";
import { toJson } from "../template/execute.ts";
import { MANY } from "../verb.ts";
import { projectOrContainers } from "./context.ts";
import { ComposeError } from "./file/project.ts";
import { ONE_OFF, PROJECT, SERVICE } from "./labels.ts";
import { type ComposeVerb, refuse } from "./verb.ts";

/** What the event says of its container beside Compose's own labels, by name. */
const attributesOf = ({ attributes }: EngineEvent): readonly (readonly [string, string])[] =>
  Object.entries(attributes)
    .filter(([key]) => !key.startsWith("com.docker.compose."))
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** "2026-01-05 09:00:01.000000 container create 0123… (image=alpine, name=web)", and an empty line. */
function plainText(kernel: Kernel, event: EngineEvent): string {
  const time = logTime(kernel, event.t).replace("T", " ").slice(0, "2026-01-05 09:00:01.000000".length);
  const pairs = attributesOf(event).map(([key, value]) => `${key}=${value}`);
  return `${time} container ${event.action} ${event.id} (${pairs.join(", ")})\n\n`;
}

function json(kernel: Kernel, event: EngineEvent): string {
  const document = {
    action: event.action,
    attributes: Object.fromEntries(attributesOf(event)),
    id: event.id,
    service: event.attributes[SERVICE] ?? "",
    time: logTime(kernel, event.t),
    type: "container",
  };
  return `${toJson(document)}\n`;
}

export const eventsVerb: ComposeVerb = {
  name: "events",
  services: true,
  command: {
    usage: "[OPTIONS] [SERVICE...]",
    summary: "Receive real time events from containers",
    options: `--dry-run  Execute command in dry run mode
--json  Output events as a stream of json objects
--since string  Show all events created since timestamp
--until string  Stream events until this timestamp`,
    least: 0,
    most: MANY,
  },
  *run(context, flags) {
    const { process, engine } = context;
    const { kernel } = process.machine;
    const found = yield* projectOrContainers(context);
    if (found instanceof ComposeError) return refuse(context, found.message);
    const bounds = eventBounds(process.machine, flags);
    if (typeof bounds === "string") return refuse(context, bounds);
    const write = flags.on("json") ? json : plainText;
    const status = yield* followEvents(kernel, engine, bounds, (event) => {
      const { attributes } = event;
      const own = event.type === "container" && attributes[PROJECT] === found.project.name && attributes[ONE_OFF] !== "True";
      if (own && (flags.args.length === 0 || flags.args.includes(attributes[SERVICE] ?? ""))) process.stdout.write(write(kernel, event));
      return undefined;
    });
    // A status without words is told as a line of none; where the daemon closes the stream, the client takes that for a fault.
    if (status !== 0) process.stderr.write("\n");
    return status === 0 ? refuse(context, "EOF") : status;
  },
};
