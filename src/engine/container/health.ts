/** Whether containers are well: probes run inside at intervals (daemon/health.go). */
import type { Timer } from "../../kernel/clock.ts";
import { NO_INPUT, outputTo } from "../../kernel/stdio.ts";
import type { EngineContext } from "../context.ts";
import type { Healthcheck, HealthState } from "../types.ts";
import type { EngineContainer } from "./container.ts";

const SECOND = 1_000_000;
const DEFAULT_INTERVAL = 30 * SECOND;
const DEFAULT_TIMEOUT = 30 * SECOND;
const DEFAULT_START_INTERVAL = 5 * SECOND;
const DEFAULT_RETRIES = 3;
const MAX_LOG = 5;
const MAX_OUTPUT = 4096;
const EXIT_TIMEOUT = -1;

/** The program of a probe; undefined where there is none to run. */
function probeArgv(check: Healthcheck | undefined): readonly string[] | undefined {
  const [kind, ...words] = check?.test ?? [];
  if (kind === "CMD" && words.length > 0) return words;
  if (kind === "CMD-SHELL" && words[0] !== undefined) return ["/bin/sh", "-c", words[0]];
  return undefined;
}

export class HealthMonitors {
  readonly #context: EngineContext;
  /** What ends the monitor of a container. */
  readonly #stops = new Map<EngineContainer, () => void>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** The container has started. */
  start(container: EngineContainer): void {
    const check = container.spec.healthcheck;
    const argv = probeArgv(check);
    if (!check || !argv) return;
    const { clock } = this.#context.kernel;
    container.health = { status: "starting", failingStreak: 0, log: container.health?.log ?? [] };
    let timer: Timer | undefined;
    let stopped = false;
    const started = clock.now;
    const interval = (): number => {
      const usual = check.interval || DEFAULT_INTERVAL;
      const starting = container.health?.status === "starting" && clock.now - started < check.startPeriod;
      return starting ? check.startInterval || DEFAULT_START_INTERVAL : usual;
    };
    const next = (): void => {
      // In the background: no replay waits for a probe to come.
      if (!stopped) timer = clock.after(interval(), () => this.#probe(container, check, argv, started, () => stopped, next), true);
    };
    this.#stops.set(container, () => {
      stopped = true;
      if (timer) clock.cancel(timer);
    });
    next();
  }

  /** The container has ended: what is not watched counts as unwell. */
  stop(container: EngineContainer): void {
    const stop = this.#stops.get(container);
    if (!stop) return;
    this.#stops.delete(container);
    stop();
    if (container.health) container.health = { ...container.health, status: "unhealthy" };
  }

  #probe(
    container: EngineContainer,
    check: Healthcheck,
    argv: readonly string[],
    started: number,
    ended: () => boolean,
    next: () => void,
  ): void {
    const { kernel, runtime } = this.#context;
    const { clock } = kernel;
    const start = clock.now;
    let output = "";
    const finish = (exitCode: number, text: string): void => {
      if (ended()) return;
      this.#note(container, check, started, { start, end: clock.now, exitCode, output: text.slice(0, MAX_OUTPUT) });
      next();
    };
    if (container.state !== "running") {
      next();
      return;
    }
    const sink = outputTo((text) => {
      if (output.length < MAX_OUTPUT) output += text;
    });
    const env = container.env;
    const process = runtime.spawn(container, { argv, env, stdio: { stdin: NO_INPUT, stdout: sink, stderr: sink }, init: false });
    if (typeof process === "string") {
      finish(EXIT_TIMEOUT, `OCI runtime exec failed: exec failed: unable to start container process: ${process}`);
      return;
    }
    if (process.exitCode !== undefined) {
      finish(process.exitCode, output);
      return;
    }
    const timeout = check.timeout || DEFAULT_TIMEOUT;
    const limit = clock.after(
      timeout,
      () => {
        disarm();
        process.send("KILL");
        finish(EXIT_TIMEOUT, `Health check exceeded timeout (${seconds(timeout)})${output === "" ? "" : `: ${output}`}`);
      },
      true,
    );
    const disarm = process.exited.arm(clock, () => {
      if (process.exitCode === undefined) return;
      disarm();
      clock.cancel(limit);
      finish(process.exitCode, output);
    });
  }

  /** handleProbeResult. */
  #note(container: EngineContainer, check: Healthcheck, started: number, result: HealthState["log"][number]): void {
    const before = container.health;
    if (!before) return;
    const log = [...before.log, result].slice(-MAX_LOG);
    const graced = before.status === "starting" && result.start - started < check.startPeriod;
    const failingStreak = result.exitCode === 0 ? 0 : before.failingStreak + (graced ? 0 : 1);
    const failed = failingStreak >= (check.retries || DEFAULT_RETRIES);
    const status = result.exitCode === 0 ? "healthy" : failed ? "unhealthy" : before.status;
    container.health = { status, failingStreak, log };
    if (status === before.status) return;
    container.changed.wake();
    this.#context.containers.changed(container);
    this.#context.containerEvent(container, `health_status: ${status}`);
  }
}

/** A time as Go prints a duration: "1s", "1m30s", "1.5s". */
function seconds(micros: number): string {
  const total = micros / SECOND;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = Number((total % 60).toFixed(6));
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${rest}s`;
}
