/** `docker events` (cli/command/system/events.go; daemon/events/filter.go). */
import type { DockerEngine, EngineEvent, Filters, Json } from "../../../../engine/engine.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import { anyOf, type Op, Signal, sleep, WaitQueue } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { logTime } from "../container/logs.ts";
import { decode } from "../documents.ts";
import { fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import type { Flags } from "../flags.ts";
import { DOCUMENT_FORMAT } from "../subcommand.ts";
import { readTemplate, renderText } from "../template/execute.ts";
import { TemplateError } from "../template/lexer.ts";
import { parseTimestamp } from "../times.ts";
import type { Verb } from "../verb.ts";

const named = (filters: Filters, key: string, candidates: readonly (string | undefined)[]): boolean => {
  const wanted = filters.get(key);
  return !wanted || wanted.some((one) => candidates.some((candidate) => candidate === one));
};

const withoutTag = (image: string): string => image.replace(/:[^:/]*$/, "");

function included(event: EngineEvent, filters: Filters): boolean {
  const { type, action, id, attributes } = event;
  const { name } = attributes;
  const actions = filters.get("event");
  if (actions && !actions.some((one) => action === one || action.split(":")[0] === one)) return false;
  if (!named(filters, "type", [type]) || !named(filters, "scope", ["local"])) return false;
  // The beginning of an id or of a name will do, whatever has it.
  for (const kind of ["container", "network", "volume"])
    if (filters.get(kind)?.every((wanted) => !id.startsWith(wanted) && !name?.startsWith(wanted))) return false;
  if (filters.has("image")) {
    const image = type === "image" ? name : attributes.image;
    if (image === undefined || !named(filters, "image", [id, image, withoutTag(image)])) return false;
  }
  return (filters.get("label") ?? []).every((label) => {
    const [key = "", value] = label.split("=");
    return Object.hasOwn(attributes, key) && (value === undefined || attributes[key] === value);
  });
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (attributes: EngineEvent["attributes"]): EngineEvent["attributes"] =>
  Object.fromEntries(Object.entries(attributes).sort(byKey));

/** "2026-01-05T09:00:01.000000000Z container create 0123… (image=alpine, name=web)". */
function plainLine(kernel: Kernel, { t, type, action, id, attributes }: EngineEvent): string {
  const pairs = Object.entries(sorted(attributes)).map(([key, value]) => `${key}=${value}`);
  return `${logTime(kernel, t)} ${type} ${action} ${id}${pairs.length > 0 ? ` (${pairs.join(", ")})` : ""}`;
}

/** events.Message as it is marshalled. Nanoseconds are more than a number here can hold: they are written, not counted. */
function message(kernel: Kernel, { t, type, action, id, attributes }: EngineEvent): { readonly [key: string]: Json } {
  const micros = kernel.epoch * 1000 + t;
  const legacy = type === "container" || type === "image";
  return {
    ...(legacy ? { status: action, id } : {}),
    ...(type === "container" && attributes.image ? { from: attributes.image } : {}),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: sorted(attributes) },
    scope: "local",
    time: Math.floor(micros / 1e6),
    timeNano: `${Math.floor(micros)}000`,
  };
}

const MESSAGE = "*events.Message";
/** What the template is tried with before there is any event. */
const NO_MESSAGE: Json = { Actor: { ID: "", Attributes: {} } };

/** Nanoseconds without the quotes. */
const plainNanos = (json: string): string => json.replace(/"timeNano":"(\d+)"/g, '"timeNano":$1');

/** From where to where events are wanted: --since and --until, in µs; the text is what is wrong with one of them. */
export function eventBounds({ kernel }: Process["machine"], flags: Flags): { readonly since?: number; readonly until?: number } | string {
  const bounds: { since?: number; until?: number } = {};
  for (const name of ["since", "until"] as const) {
    const text = flags.text(name);
    const at = text === undefined || text === "" ? undefined : parseTimestamp(kernel, text);
    if (typeof at === "string") return at;
    if (at !== undefined) bounds[name] = at;
  }
  return bounds;
}

/**
 * Gives each event to `tell`, those of the past that are wanted first, until the end of what is wanted or a signal comes.
 * A status that `tell` gives ends it.
 */
export function* followEvents(
  { clock }: Kernel,
  engine: DockerEngine,
  { since, until }: { readonly since?: number; readonly until?: number },
  tell: (event: EngineEvent) => number | undefined,
): Op<number> {
  // Whoever names either end is told of the past too.
  const wantsPast = since !== undefined || until !== undefined;
  const pending: EngineEvent[] = wantsPast ? engine.events.filter(({ t }) => since === undefined || t >= since) : [];
  const arrived = new WaitQueue();
  const stop = engine.onEvent((event) => {
    pending.push(event);
    arrived.wake();
  });
  try {
    for (;;) {
      for (let event = pending.shift(); event; event = pending.shift()) {
        if (until !== undefined && event.t > until) return 0;
        const status = tell(event);
        if (status !== undefined) return status;
      }
      if (until !== undefined && clock.now >= until) return 0;
      yield until === undefined ? arrived : anyOf(arrived, sleep(until - clock.now));
    }
  } catch (thrown) {
    if (!(thrown instanceof Signal)) throw thrown;
    return thrown.status;
  } finally {
    stop();
  }
}

function* events(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const { kernel } = process.machine;
  const filters = filtersOf(flags);
  const format = flags.text("format") ?? "";
  const template = format === "" || format === "json" ? undefined : readTemplate(format);
  const tried = template instanceof TemplateError ? template : template && renderText(template, decode(NO_MESSAGE, MESSAGE), MESSAGE);
  if (template instanceof TemplateError || tried instanceof TemplateError) {
    process.stderr.write(`Error parsing format: ${(tried as TemplateError).message}\n`);
    return 64;
  }
  const bounds = eventBounds(process.machine, flags);
  if (typeof bounds === "string") return fail(process, bounds);
  return yield* followEvents(kernel, engine, bounds, (event) => {
    if (!included(event, filters)) return undefined;
    if (format === "json") process.stdout.write(`${plainNanos(JSON.stringify(message(kernel, event)))}\n`);
    else if (!template) process.stdout.write(`${plainLine(kernel, event)}\n`);
    else {
      const text = renderText(template, decode(message(kernel, event), MESSAGE), MESSAGE);
      if (text instanceof TemplateError) return fail(process, text.message);
      process.stdout.write(`${plainNanos(text)}\n`);
    }
    return undefined;
  });
}

export const eventsVerb: Verb = {
  names: ["events"],
  top: "events",
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Get real time events from the server",
    aliases: "docker system events, docker events",
    options: `-f, --filter filter  Filter output based on conditions provided
--format string  ${DOCUMENT_FORMAT}
--since string  Show all events created since timestamp
--until string  Stream events until this timestamp`,
    least: 0,
    most: 0,
  },
  run: events,
};
