/** Things that Compose does side by side, each in a task of its own. */
import type { Clock } from "../../../../kernel/clock.ts";
import { type Op, Signal, Task } from "../../../../kernel/task.ts";
import type { Service } from "./file/project.ts";

/** What was refused, in the client's words; undefined when it was done. */
export type Outcome = string | undefined;

/** Runs operations side by side; the first refusal, once all have ended. */
export function* together(clock: Clock, ops: readonly (() => Op<Outcome>)[]): Op<Outcome> {
  const tasks = ops.map((op) => new Task(clock, op()));
  try {
    for (const task of tasks) yield* task.join();
  } catch (thrown) {
    // Whoever waits was interrupted: so are all.
    if (thrown instanceof Signal) for (const task of tasks) task.signal(thrown);
    throw thrown;
  }
  let refused: Outcome;
  for (const { outcome } of tasks) if (outcome && "value" in outcome) refused ??= outcome.value;
  return refused;
}

/** Services so that each comes after those it depends on, or before them, by name where that leaves a choice. */
function inOrder(services: readonly Service[], backwards: boolean): readonly Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const depth = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    depth.set(name, 0);
    const below = [...(byName.get(name)?.dependsOn.keys() ?? [])].filter((one) => byName.has(one)).map((one) => depthOf(one) + 1);
    const own = Math.max(0, ...below);
    depth.set(name, own);
    return own;
  };
  const sign = backwards ? -1 : 1;
  return [...services].sort((a, b) => sign * (depthOf(a.name) - depthOf(b.name)) || (a.name < b.name ? -1 : 1));
}

/**
 * Does something to each service once it is done to those that it depends on, or with `backwards` to those that depend on
 * it; the rest side by side.
 */
export function* perService(
  clock: Clock,
  services: readonly Service[],
  act: (service: Service) => Op<Outcome>,
  backwards = false,
): Op<Outcome> {
  const tasks = new Map<string, Task<Outcome>>();
  const before = ({ name, dependsOn }: Service): readonly string[] =>
    backwards ? services.filter((other) => other.dependsOn.has(name)).map((other) => other.name) : [...dependsOn.keys()];
  const run = function* (service: Service): Op<Outcome> {
    for (const name of before(service)) {
      const task = tasks.get(name);
      const refused = task ? yield* task.join() : undefined;
      if (refused !== undefined) return refused;
    }
    return yield* act(service);
  };
  const ordered = inOrder(services, backwards);
  return yield* together(
    clock,
    ordered.map((service) => () => {
      const op = run(service);
      const task = new Task(clock, op);
      tasks.set(service.name, task);
      return task.join();
    }),
  );
}
