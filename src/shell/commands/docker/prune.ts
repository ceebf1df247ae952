/** What the prunes take away, and how it is told (daemon/prune.go; RunPrune of cli/command/…). */
import type { DockerEngine, Filters } from "../../../engine/engine.ts";
import { EngineError } from "../../../engine/types.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { parseTimestamp } from "./times.ts";

/** What a prune gives: bytes, or why it was refused. The daemon tells of each in an event, also where nothing went. */
type Pruned = number | EngineError;

/** The time before which something has to have been made ("until"). */
function boundOf(process: Process, filters: Filters): number | undefined | EngineError {
  const until = filters.get("until")?.[0];
  const bound = until === undefined ? undefined : parseTimestamp(process.machine.kernel, until);
  return typeof bound === "string" ? new EngineError(bound) : bound;
}

/** Tells of what is gone, and has the daemon note it. */
function done(
  process: Process,
  engine: DockerEngine,
  type: "container" | "network" | "volume" | "image",
  title: string,
  lines: readonly string[],
  bytes = 0,
): number {
  engine.notePruned(type, bytes);
  if (lines.length > 0) process.stdout.write(`Deleted ${title}:\n${lines.join("\n")}\n\n`);
  return bytes;
}

export function* pruneContainers(process: Process, engine: DockerEngine, filters: Filters): Op<Pruned> {
  const bound = boundOf(process, filters);
  if (bound instanceof EngineError) return bound;
  const gone = yield* engine.pruneContainers(filters, bound);
  return gone instanceof EngineError ? gone : done(process, engine, "container", "Containers", gone);
}

export function* pruneNetworks(process: Process, engine: DockerEngine, filters: Filters): Op<Pruned> {
  const bound = boundOf(process, filters);
  if (bound instanceof EngineError) return bound;
  const gone = yield* engine.pruneNetworks(filters, bound);
  return gone instanceof EngineError ? gone : done(process, engine, "network", "Networks", gone);
}

export function pruneVolumes(process: Process, engine: DockerEngine, filters: Filters): Pruned {
  const gone = engine.pruneVolumes(filters);
  return gone instanceof EngineError ? gone : done(process, engine, "volume", "Volumes", gone);
}

/** `all`: also those that have a name. */
export function pruneImages(process: Process, engine: DockerEngine, filters: Filters, all: boolean): Pruned {
  const gone = engine.pruneImages(all, filters);
  return gone instanceof EngineError ? gone : done(process, engine, "image", "Images", gone.lines, gone.reclaimed);
}
