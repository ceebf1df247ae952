/** What `docker ps --filter` may say (daemon/list.go). */
import type { DockerEngine, Filters } from "../../../../engine/engine.ts";
import { refuseUnknown } from "../../../../engine/filters.ts";
import { EngineError } from "../../../../engine/types.ts";

const FILTER_KEYS = [
  "ancestor",
  "before",
  "exited",
  "expose",
  "health",
  "id",
  "is-task",
  "isolation",
  "label",
  "name",
  "network",
  "publish",
  "since",
  "status",
  "volume",
] as const;
const HEALTHS: readonly string[] = ["none", "starting", "healthy", "unhealthy"];
const STATES: readonly string[] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

/** A key that the list does not know, or a value that none of its kind can have (daemon/list.go, foldFilter). */
export function filterRefusal(engine: DockerEngine, filters: Filters): EngineError | undefined {
  const unknown = refuseUnknown(filters, FILTER_KEYS);
  if (unknown) return unknown;
  for (const status of filters.get("status") ?? []) {
    if (!STATES.includes(status))
      return new EngineError(
        `invalid filter 'status=${status}': invalid value for state (${status}): must be one of created, running, paused, restarting, removing, exited, dead`,
      );
  }
  for (const value of filters.get("is-task") ?? [])
    if (!/^(1|0|true|false)$/.test(value)) return new EngineError(`invalid filter 'is-task=[${value}]'`);
  for (const key of ["publish", "expose"])
    for (const value of filters.get(key) ?? []) {
      const wrong = value
        .split("/")[0]
        ?.split("-")
        .find((port) => !/^\d+$/.test(port));
      if (wrong !== undefined)
        return new EngineError(
          `error while looking up for ${key} ${value}: strconv.ParseUint: parsing ${JSON.stringify(wrong)}: invalid syntax`,
        );
    }
  for (const health of filters.get("health") ?? []) {
    if (!HEALTHS.includes(health))
      return new EngineError(
        `invalid filter 'health=${health}': invalid value for health (${health}): must be one of none, starting, healthy, unhealthy`,
      );
  }
  for (const code of filters.get("exited") ?? []) {
    if (!/^-?\d+$/.test(code))
      return new EngineError(`invalid filter 'exited=${code}': strconv.Atoi: parsing ${JSON.stringify(code)}: invalid syntax`);
  }
  for (const key of ["before", "since"]) {
    for (const reference of filters.get(key) ?? []) {
      const found = engine.findContainer(reference);
      if (found instanceof EngineError) return found;
    }
  }
  return undefined;
}
