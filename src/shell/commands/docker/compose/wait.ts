/** Waiting until services are as others need them (pkg/compose/convergence.go, waitDependencies). */
import { type Container, healthOf } from "../../../../engine/types.ts";
import { type Op, sleep } from "../../../../kernel/task.ts";
import { type ComposeContext, warn } from "./context.ts";
import type { Condition, Project, Service } from "./file/project.ts";
import { containersOfService } from "./labels.ts";
import { type Outcome, together } from "./tasks.ts";

/** What is asked of a service: as depends_on has it, or that it runs and is well as far as it can tell. */
interface Wanted {
  readonly condition: Condition | "running_or_healthy";
  readonly required: boolean;
}

/** µs between looks; the first comes after one. */
const POLL = 500_000;

/** Whether all are well; the text is why they will not be. */
function areHealthy(containers: readonly Container[], runningIsEnough: boolean): boolean | { readonly reason: string } {
  for (const container of containers) {
    const { name, state, exitCode } = container;
    if (state === "exited" || state === "dead") return { reason: `container ${name} exited (${exitCode})` };
    const health = healthOf(container);
    if (health === "none") {
      if (!runningIsEnough) return { reason: `container ${name} has no healthcheck configured` };
      if (state !== "running") return false;
    } else if (health === "unhealthy") return { reason: `container ${name} is unhealthy` };
    else if (health !== "healthy") return false;
  }
  return true;
}

function* waitFor(
  context: ComposeContext,
  service: string,
  containers: readonly Container[],
  { condition, required }: Wanted,
): Op<Outcome> {
  const tell = (status: string): void => {
    for (const { name } of containers) context.progress.tell("Container", name, status);
  };
  const skip = (what: string, reason?: string): Outcome => {
    tell(`Skipped: optional dependency ${what}`);
    warn(context, `optional dependency ${what}${reason === undefined ? "" : `: ${reason}`}`);
    return undefined;
  };
  for (;;) {
    yield sleep(POLL);
    if (condition === "service_completed_successfully") {
      const ended = containers.find(({ state }) => state === "exited" || state === "dead");
      if (!ended) continue;
      if (ended.exitCode === 0) {
        tell("Exited");
        return undefined;
      }
      const what = `${JSON.stringify(service)} didn't complete successfully: exit ${ended.exitCode}`;
      if (!required) return skip(what);
      tell(`service ${what}`);
      return `service ${what}`;
    }
    const runningIsEnough = condition === "running_or_healthy";
    const well = areHealthy(containers, runningIsEnough);
    if (well === false) continue;
    if (well === true) {
      tell("Healthy");
      return undefined;
    }
    if (!required)
      return skip(`${JSON.stringify(service)} ${runningIsEnough ? "is not running or is unhealthy" : "failed to start"}`, well.reason);
    if (runningIsEnough) return well.reason;
    tell("Error");
    return `dependency failed to start: ${well.reason}`;
  }
}

/** Waits for each service that is named; the first reason why one will not come to be so. */
export function* waitForDependencies(
  context: ComposeContext,
  project: Pick<Project, "name">,
  dependant: string,
  wanted: ReadonlyMap<string, Wanted>,
): Op<Outcome> {
  const ops: (() => Op<Outcome>)[] = [];
  for (const [name, want] of wanted) {
    if (want.condition === "service_started") continue;
    const containers = containersOfService(context.engine, project.name, name);
    for (const container of containers) context.progress.tell("Container", container.name, "Waiting");
    if (containers.length === 0) {
      const missing = `${dependant} is missing dependency ${name}`;
      if (want.required) return missing;
      warn(context, missing);
      continue;
    }
    ops.push(() => waitFor(context, name, containers, want));
  }
  return yield* together(context.process.machine.kernel.clock, ops);
}

/** What `up --wait` asks of each service: that it has ended well where others need that, else that it runs and is well. */
export function wantedOfAll(services: readonly Service[]): ReadonlyMap<string, Wanted> {
  const mustEnd = new Set(
    services.flatMap(({ dependsOn }) =>
      [...dependsOn].flatMap(([name, { condition }]) => (condition === "service_completed_successfully" ? [name] : [])),
    ),
  );
  return new Map(
    services.map(({ name }) => [
      name,
      { condition: mustEnd.has(name) ? "service_completed_successfully" : "running_or_healthy", required: true },
    ]),
  );
}
