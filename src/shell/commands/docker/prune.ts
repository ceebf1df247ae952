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

function tell(process: Process, title: string, lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`Deleted ${title}:\n${lines.join("\n")}\n\n`);
}

export function* pruneContainers(process: Process, engine: DockerEngine, filters: Filters): Op<Pruned> {
  const bound = boundOf(process, filters);
  if (bound instanceof EngineError) return bound;
  const gone = yield* engine.pruneContainers(filters, bound);
  if (gone instanceof EngineError) return gone;
  engine.notePruned("container", 0);
  tell(process, "Containers", gone);
  return 0;
}

export function* pruneNetworks(process: Process, engine: DockerEngine, filters: Filters): Op<Pruned> {
  const bound = boundOf(process, filters);
  if (bound instanceof EngineError) return bound;
  const gone = yield* engine.pruneNetworks(filters, bound);
  if (gone instanceof EngineError) return gone;
  engine.notePruned("network", 0);
  tell(process, "Networks", gone);
  return 0;
}

export function pruneVolumes(process: Process, engine: DockerEngine, filters: Filters): Pruned {
  const gone = engine.pruneVolumes(filters);
  if (gone instanceof EngineError) return gone;
  engine.notePruned("volume", 0);
  tell(process, "Volumes", gone);
  return 0;
}

/** `all`: also those that have a name. */
export function pruneImages(process: Process, engine: DockerEngine, filters: Filters, all: boolean): Pruned {
  const gone = engine.pruneImages(all, filters);
  if (gone instanceof EngineError) return gone;
  engine.notePruned("image", gone.reclaimed);
  tell(process, "Images", gone.lines);
  return gone.reclaimed;
}
