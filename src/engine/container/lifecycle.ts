/** A container's life: started, stopped, killed, restarted, paused, removed (daemon/start.go, stop.go, kill.go, monitor.go). */
import type { Timer } from "../../kernel/clock.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Pipe } from "../../kernel/pipe.ts";
import { NO_INPUT, outputTo, type Stdio } from "../../kernel/stdio.ts";
import { anyOf, type Op, sleep } from "../../kernel/task.ts";
import type { EngineContext } from "../context.ts";
import { Sandbox } from "../network/sandbox.ts";
import type { RuntimeProcess } from "../runtime.ts";
import { EngineError } from "../types.ts";
import type { EngineContainer } from "./container.ts";
import { HealthMonitors } from "./health.ts";
import { linkedEnvironment } from "./links.ts";
import { connectEndpoint, releaseNetworks } from "./networking.ts";
import { parseSignal, signalNumber } from "./signals.ts";

const MS = 1000;
const SECOND = 1_000_000;
/** µs that the steps of a start take: the task, each endpoint, the first process. */
const TASK_TIME = 110 * MS;
const ENDPOINT_TIME = 90 * MS;
const PROCESS_TIME = 50 * MS;
const STOP_TIME = 40 * MS;
/** How long the netns of a task that never ran outlives it: until its shim is gone. Measured on the engine. */
const SHIM_TIME = 950 * MS;
const DEFAULT_STOP_TIMEOUT = 10;
/** Restarts wait 100 ms, then twice as long each time, up to a minute; ten seconds of running start over (restartmanager). */
const FIRST_BACKOFF = 100 * MS;
const MAX_BACKOFF = 60 * SECOND;
const STEADY_TIME = 10 * SECOND;
/** Exit codes of a start that failed. */
const EXIT_UNKNOWN = 128;
const EXIT_NOT_FOUND = 127;
const EXIT_NOT_EXECUTABLE = 126;

const OCI_CREATE =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ";
const NETWORKING = "failed to set up container networking";

export class Lifecycle {
  readonly #context: EngineContext;
  /** Containers whose processes use a netns. */
  readonly #users = new Map<Netns, Set<EngineContainer>>();
  /** Containers that have their volumes now. */
  readonly #mounted = new Set<EngineContainer>();
  readonly #restarts = new Map<EngineContainer, { timer: Timer; delay: number }>();
  readonly #backoff = new Map<EngineContainer, number>();
  readonly #health: HealthMonitors;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#health = new HealthMonitors(context);
  }

  *start(container: EngineContainer): Op<EngineError | undefined> {
    if (container.state === "paused") return new EngineError("cannot start a paused container, try unpause instead", 409);
    const unlock = yield* container.lock();
    try {
      if (container.removed) return new EngineError(`No such container: ${container.id}`, 404);
      if (container.state === "running") return undefined;
      this.#cancelRestart(container);
      container.manuallyStopped = false;
      container.restartCount = 0;
      return yield* this.#start(container);
    } finally {
      unlock();
    }
  }

  *stop(container: EngineContainer, seconds: number | undefined, signal: string | undefined): Op<EngineError | undefined> {
    if (!container.running) return undefined;
    yield* container.settled();
    if (!container.running) return undefined;
    const name = parseSignal(signal || container.spec.stopSignal || "TERM");
    if (name === undefined) return new EngineError(`invalid signal: ${signal}`);
    container.manuallyStopped = true;
    if (container.state === "restarting") {
      this.#giveUpRestart(container);
      return undefined;
    }
    const thaw = this.#unpaused(container);
    const timeout = seconds ?? container.spec.stopTimeout ?? DEFAULT_STOP_TIMEOUT;
    const { clock } = this.#context.kernel;
    const process = container.process as RuntimeProcess;
    // Without time to react the first signal is followed by KILL at once.
    if (timeout === 0) this.#context.containerEvent(container, "kill", { signal: String(signalNumber(name)) });
    else {
      this.#deliver(container, process, name);
      thaw();
      const end = timeout < 0 ? Number.POSITIVE_INFINITY : clock.now + timeout * SECOND;
      while (process.exitCode === undefined && clock.now < end)
        yield timeout < 0 ? process.exited : anyOf(process.exited, sleep(end - clock.now));
    }
    container.stopping = true;
    try {
      return yield* this.#killAndWait(container, process, thaw);
    } finally {
      container.stopping = false;
    }
  }

  *restart(container: EngineContainer, seconds: number | undefined, signal: string | undefined): Op<EngineError | undefined> {
    container.manuallyRestarting = true;
    try {
      const refused = yield* this.stop(container, seconds, signal);
      if (refused) return refused;
      const failed = yield* this.start(container);
      if (!failed) this.#context.containerEvent(container, "restart");
      return failed;
    } finally {
      container.manuallyRestarting = false;
    }
  }

  /** KILL waits for the end; any other signal is only sent. A start that is under way comes first. */
  *kill(container: EngineContainer, signal: string): Op<EngineError | undefined> {
    yield* container.settled();
    return yield* this.#killNow(container, signal);
  }

  *#killNow(container: EngineContainer, signal: string): Op<EngineError | undefined> {
    const name = parseSignal(signal || "KILL");
    if (name === undefined) return new EngineError(`invalid signal: ${signal}`);
    if (!container.running) return new EngineError(`container ${container.id} is not running`, 409);
    container.manuallyStopped = true;
    if (container.state === "restarting") {
      this.#giveUpRestart(container);
      return undefined;
    }
    const thaw = this.#unpaused(container);
    const process = container.process as RuntimeProcess;
    if (name === "KILL") return yield* this.#killAndWait(container, process, thaw);
    this.#deliver(container, process, name);
    thaw();
    yield sleep(STOP_TIME);
    return undefined;
  }

  pause(container: EngineContainer): EngineError | undefined {
    if (!container.running) return new EngineError(`container ${container.id} is not running`, 409);
    if (container.state === "paused") return new EngineError(`Container ${container.id} is already paused`, 409);
    if (container.state === "restarting")
      return new EngineError(`Container ${container.id} is restarting, wait until the container is running`, 409);
    this.#context.runtime.freeze?.(container, true);
    this.#setState(container, "paused", "pause");
    return undefined;
  }

  unpause(container: EngineContainer): EngineError | undefined {
    if (container.state !== "paused") return new EngineError(`Container ${container.id} is not paused`, 500);
    this.#unpaused(container)();
    return undefined;
  }

  /** `written`: how the user named it, for the refusals. */
  *remove(container: EngineContainer, written: string, force: boolean, volumes = false): Op<EngineError | undefined> {
    if (container.removed) return undefined;
    if (container.removing) return new EngineError(`removal of container ${written} is already in progress`, 409);
    container.removing = true;
    const unlock = yield* container.lock();
    try {
      if (container.removed) return undefined;
      if (container.running && !force) {
        const reason =
          container.state === "paused"
            ? "container is paused and must be unpaused first"
            : `container is ${container.state}: stop the container before removing or force remove`;
        return new EngineError(`cannot remove container ${JSON.stringify(written)}: ${reason}`, 409);
      }
      if (container.running) yield* this.#killNow(container, "KILL");
      yield sleep(STOP_TIME / 2);
      this.#forget(container, volumes);
      return undefined;
    } finally {
      container.removing = false;
      unlock();
    }
  }

  *wait(container: EngineContainer): Op<number> {
    while (container.running) yield container.changed;
    return container.exitCode;
  }

  *#start(container: EngineContainer): Op<EngineError | undefined> {
    container.error = "";
    const missing = this.#context.runtime.deviceRefusal?.(container);
    if (missing !== undefined) return this.#fail(container, new EngineError(missing, 500), exitCodeOf(missing));
    const unjoined = this.#joinNamespaces(container);
    if (unjoined) return this.#fail(container, unjoined, EXIT_UNKNOWN);
    const prepared = this.#prepare(container);
    if (prepared instanceof EngineError) return this.#fail(container, prepared, EXIT_UNKNOWN);
    this.#mounted.add(container);
    for (const { name, destination, readOnly } of container.mounts)
      this.#volumeEvent(container, name, "mount", { destination, propagation: "", "read/write": String(!readOnly) });
    yield sleep(TASK_TIME);
    const { argv, env, spec } = container;
    const unknown = this.#context.runtime.userRefusal?.(container, spec.user ?? "");
    if (unknown !== undefined) return this.#fail(container, new EngineError(unknown), EXIT_UNKNOWN);
    const refusal = this.#context.runtime.refusal?.(container, { argv, env, cwd: container.spec.workingDir ?? "" });
    if (refusal !== undefined) return this.#fail(container, new EngineError(OCI_CREATE + refusal, 500), exitCodeOf(refusal));
    const linked = linkedEnvironment(container);
    if (linked instanceof EngineError) return this.#fail(container, linked, EXIT_UNKNOWN);
    if (container.sandbox) {
      // The daemon goes by a map in random order; the model by name, so that every run is the same.
      for (const [name, settings] of [...container.endpointSpecs].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const refused = connectEndpoint(this.#context, container, name, settings);
        if (refused) return this.#fail(container, new EngineError(`${NETWORKING}: ${refused.message}`, refused.status), EXIT_UNKNOWN);
        yield sleep(ENDPOINT_TIME);
      }
    }
    yield sleep(PROCESS_TIME);
    return this.#spawn(container, linked);
  }

  /** --pid and --ipc: whose namespace it is to share. Of another container's IPC there is nothing that could be seen here. */
  #joinNamespaces(container: EngineContainer): EngineError | undefined {
    const { PidMode, IpcMode } = container.spec.hostConfig ?? {};
    container.pidNamespace = PidMode === "host" ? "host" : undefined;
    for (const [mode, what] of [
      [PidMode, "PID"],
      [IpcMode, "IPC"],
    ] as const) {
      const [kind, reference = ""] = typeof mode === "string" ? mode.split(":") : [];
      if (kind !== "container") continue;
      const other = this.#context.containers.find(reference);
      if (other instanceof EngineError) return other;
      const join = `failed to join ${what} namespace: container ${other.id}`;
      if (!other.running)
        return new EngineError(
          `failed to join ${what} namespace: cannot join ${what} namespace of a non running container: ${other.id}`,
          409,
        );
      const shareable = ["shareable", "host"].includes(String(other.spec.hostConfig?.IpcMode ?? ""));
      if (what === "IPC" && !shareable)
        return new EngineError(`${join}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`, 409);
      if (what === "PID") container.pidNamespace = other;
    }
    return undefined;
  }

  /** The sandbox before there is a process: a netns of its own, the host's, or another container's. */
  #prepare(container: EngineContainer): EngineError | undefined {
    const { kernel, netns: host } = this.#context;
    const joined = container.joinedContainer;
    if (joined !== undefined) return this.#joinContainer(container, joined);
    const netns = container.isHostMode ? host : kernel.addNetns(container.name, host.machine);
    this.#use(container, netns);
    container.fs.place("/etc/hostname", `${container.hostname}\n`);
    container.sandbox = new Sandbox(this.#context, container, netns);
    if (container.isHostMode) {
      const key = Object.keys(container.spec.sysctls).find((name) => name.startsWith("net."));
      return key === undefined
        ? undefined
        : new EngineError(
            `${OCI_CREATE.slice(0, OCI_CREATE.indexOf("unable to start"))}sysctl ${JSON.stringify(key)} not allowed in host network namespace`,
            500,
          );
    }
    const loopback = netns.devices.byName("lo");
    if (loopback) netns.devices.setUp(loopback, true);
    // As the daemon has it: anybody may use low ports and ping (oci/defaults.go).
    netns.sysctl.set("net.ipv4.ip_unprivileged_port_start", "0");
    netns.sysctl.set("net.ipv4.ping_group_range", "0 2147483647");
    const refused = this.#setSysctls(container, netns);
    container.sandbox.sysctlsSet();
    return refused;
  }

  /** --sysctl, as runc writes them; those of other namespaces than the network's have nothing to change here. */
  #setSysctls(container: EngineContainer, netns: Netns): EngineError | undefined {
    for (const [key, value] of Object.entries(container.spec.sysctls)) {
      if (!key.startsWith("net.") || netns.sysctl.set(key, value)) continue;
      const path = key.replaceAll(".", "/");
      const reason =
        netns.sysctl.get(key) === undefined
          ? `open sysctl ${key} file: unsafe procfs detected: openat2 fsmount:fscontext:proc/./sys/${path}: no such file or directory`
          : `write sysctl ${key}: write fsmount:fscontext:proc/sys/${path}: invalid argument`;
      return new EngineError(OCI_CREATE + reason, 500);
    }
    return undefined;
  }

  #joinContainer(container: EngineContainer, reference: string): EngineError | undefined {
    const other = this.#context.containers.find(reference);
    if (other instanceof EngineError) return new EngineError(`joining network namespace of container: ${other.message}`, 500);
    if (other === container) return new EngineError("cannot join own network namespace", 500);
    if (!other.running || !other.netns)
      return new EngineError(`cannot join network namespace of a non running container: container ${other.name} is ${other.state}`, 409);
    if (other.state === "restarting")
      return new EngineError(
        `cannot join network namespace of container: Container ${reference} is restarting, wait until the container is running`,
        409,
      );
    this.#use(container, other.netns);
    container.sharesWith = other.id;
    container.hostname = other.hostname;
    for (const path of ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname"]) {
      container.fs.place(path, () => {
        const text = other.fs.read(path);
        return typeof text === "string" ? text : "";
      });
    }
    return this.#setSysctls(container, other.netns);
  }

  /** `linked`: what the process is told of linked containers, beside its own environment. */
  #spawn(container: EngineContainer, linked: readonly string[]): EngineError | undefined {
    const { kernel, runtime } = this.#context;
    const { spec } = container;
    const spawned = runtime.spawn(container, {
      argv: container.argv,
      env: [...container.env, ...linked],
      ...(spec.workingDir ? { cwd: spec.workingDir } : {}),
      ...(spec.user ? { user: spec.user } : {}),
      privileged: spec.privileged,
      stdio: this.#stdio(container),
      init: true,
    });
    if (typeof spawned === "string") return this.#fail(container, new EngineError(OCI_CREATE + spawned, 500), exitCodeOf(spawned));
    container.process = spawned;
    container.startedAt = kernel.clock.now;
    container.exitCode = 0;
    this.#setState(container, "running", "start");
    this.#health.start(container);
    if (spawned.exitCode !== undefined) this.#exited(container, spawned);
    else {
      const stop = spawned.exited.arm(kernel.clock, () => {
        if (spawned.exitCode === undefined) return;
        stop();
        this.#exited(container, spawned);
      });
    }
    return undefined;
  }

  #stdio(container: EngineContainer): Stdio {
    const { clock } = this.#context.kernel;
    const { tty } = container;
    if (tty) {
      // One terminal over all of a container's lives, whose output is what it writes to stdout.
      if (!this.#logged.has(container)) {
        this.#logged.add(container);
        tty.onOutput((text) => {
          if (text !== "\f") container.write("stdout", text, clock.now);
        });
      }
      return { stdin: tty, stdout: tty, stderr: tty, tty };
    }
    if (container.spec.openStdin) container.stdin = container.startedAt === undefined ? (container.stdin ?? new Pipe()) : new Pipe();
    return {
      stdin: container.stdin ?? NO_INPUT,
      stdout: outputTo((text) => container.write("stdout", text, clock.now)),
      stderr: outputTo((text) => container.write("stderr", text, clock.now)),
    };
  }

  readonly #logged = new WeakSet<EngineContainer>();

  #deliver(container: EngineContainer, process: RuntimeProcess, name: string): void {
    this.#context.containerEvent(container, "kill", { signal: String(signalNumber(name)) });
    process.send(name);
  }

  /** `thaw`: lets the processes of one that was paused go on. */
  *#killAndWait(container: EngineContainer, process: RuntimeProcess, thaw: () => void): Op<EngineError | undefined> {
    if (process.exitCode === undefined) {
      this.#context.containerEvent(container, "kill", { signal: String(signalNumber("KILL")) });
      process.send("KILL");
    }
    thaw();
    while (process.exitCode === undefined) yield process.exited;
    yield sleep(STOP_TIME);
    while (container.process === process) yield container.changed;
    return undefined;
  }

  /** handleContainerExit. */
  #exited(container: EngineContainer, process: RuntimeProcess): void {
    if (container.process !== process) return;
    const { kernel } = this.#context;
    container.process = undefined;
    this.#health.stop(container);
    container.exitCode = process.exitCode ?? 0;
    container.finishedAt = kernel.clock.now;
    const ran = kernel.clock.now - (container.startedAt ?? kernel.clock.now);
    this.#release(container);
    // Whoever stops it sees the end before the monitor tells of it.
    if (container.stopping) this.#context.containerEvent(container, "stop");
    if (this.#shouldRestart(container)) {
      container.restartCount++;
      this.#setState(container, "restarting", "die");
      this.#scheduleRestart(container, ran);
      return;
    }
    this.#setState(container, "exited", "die");
    if (container.spec.autoRemove && !container.manuallyRestarting && !container.removing) this.#forget(container, true);
  }

  /** The container goes, and its anonymous volumes with it where that was asked for. */
  #forget(container: EngineContainer, volumes: boolean): void {
    const { containers, volumes: store } = this.#context;
    const mounts = volumes ? container.mounts : [];
    container.mounts = [];
    for (const { name } of mounts) {
      const volume = store.find(name);
      if (!(volume instanceof EngineError) && volume.anonymous) store.remove(name);
    }
    containers.delete(container);
  }

  #shouldRestart(container: EngineContainer): boolean {
    const { name, maximumRetryCount } = container.restartPolicy;
    if (container.manuallyStopped || container.removing) return false;
    if (name === "always" || name === "unless-stopped") return true;
    if (name !== "on-failure" || container.exitCode === 0) return false;
    return maximumRetryCount === 0 || container.restartCount < maximumRetryCount;
  }

  #scheduleRestart(container: EngineContainer, ran: number): void {
    const before = ran >= STEADY_TIME ? undefined : this.#backoff.get(container);
    const delay = before === undefined ? FIRST_BACKOFF : Math.min(before * 2, MAX_BACKOFF);
    this.#backoff.set(container, delay);
    const run = (): void => {
      this.#restarts.delete(container);
      this.#context.daemonTask(this.#restartNow(container));
    };
    // In the background: a container that fails for ever must not keep a replay waiting.
    this.#restarts.set(container, { timer: this.#context.kernel.clock.after(delay, run, true), delay });
  }

  *#restartNow(container: EngineContainer): Op<void> {
    const unlock = yield* container.lock();
    try {
      if (container.removed || container.state !== "restarting") return;
      const failed = yield* this.#start(container);
      if (failed && container.state === "restarting") this.#setState(container, "exited", "die");
    } finally {
      unlock();
    }
  }

  #cancelRestart(container: EngineContainer): void {
    const pending = this.#restarts.get(container);
    if (!pending) return;
    this.#context.kernel.clock.cancel(pending.timer);
    this.#restarts.delete(container);
  }

  #giveUpRestart(container: EngineContainer): void {
    this.#cancelRestart(container);
    this.#setState(container, "exited", "stop");
  }

  /** A start that failed: what was set up goes, the state stays what it was. */
  #fail(container: EngineContainer, error: EngineError, exitCode: number): EngineError {
    container.error = error.message;
    // A code that says nothing does not take the place of that of the life before.
    if (exitCode !== EXIT_UNKNOWN || container.exitCode === 0) container.exitCode = exitCode;
    const leftBehind = (container.sandbox?.leftBehind.length ?? 0) > 0;
    this.#release(container, leftBehind ? SHIM_TIME : 0);
    if (container.spec.autoRemove) this.#forget(container, true);
    else this.#context.containers.changed(container);
    return error;
  }

  /** `delay` in µs: how much longer the netns is there than the container uses it. */
  #release(container: EngineContainer, delay = 0): void {
    releaseNetworks(this.#context, container);
    if (this.#mounted.delete(container)) for (const { name } of container.mounts) this.#volumeEvent(container, name, "unmount");
    const { netns } = container;
    container.netns = undefined;
    container.sharesWith = undefined;
    if (!netns) return;
    const users = this.#users.get(netns);
    users?.delete(container);
    if (netns === this.#context.netns || (users && users.size > 0)) return;
    this.#users.delete(netns);
    const { kernel } = this.#context;
    if (delay === 0) kernel.removeNetns(netns);
    else kernel.clock.after(delay, () => kernel.removeNetns(netns), true);
  }

  /** What is without a name is a bind mount. */
  #volumeEvent(container: EngineContainer, name: string, action: string, more: Readonly<Record<string, string>> = {}): void {
    if (name !== "") this.#context.event("volume", action, name, { container: container.id, driver: "local", ...more });
  }

  #use(container: EngineContainer, netns: Netns): void {
    container.netns = netns;
    const users = this.#users.get(netns);
    if (users) users.add(container);
    else this.#users.set(netns, new Set([container]));
  }

  /**
   * A paused container counts as running again, but its processes go on only with what this gives: they find the signal that they
   * are sent before anything that came meanwhile (killWithSignal).
   */
  #unpaused(container: EngineContainer): () => void {
    if (container.state !== "paused") return () => {};
    this.#setState(container, "running", "unpause");
    return () => this.#context.runtime.freeze?.(container, false);
  }

  #setState(container: EngineContainer, state: EngineContainer["state"], action: string): void {
    container.setState(state);
    const { kernel, containers } = this.#context;
    kernel.trace.event(kernel.clock.now, "container-state", container.netns?.uid ?? 0, {
      container: container.id,
      state,
      name: container.name,
    });
    containers.changed(container);
    const ran = Math.floor(((container.finishedAt ?? 0) - (container.startedAt ?? 0)) / SECOND);
    const ended = { exitCode: String(container.exitCode), execDuration: String(ran) };
    this.#context.containerEvent(container, action, action === "die" ? ended : {});
  }
}

/** 127 for a program that is not there, 126 for one that cannot be run (setExitCodeFromError). */
function exitCodeOf(reason: string): number {
  if (/executable file not found|no such file or directory/.test(reason)) return EXIT_NOT_FOUND;
  return /permission denied|is a directory|not a directory/.test(reason) ? EXIT_NOT_EXECUTABLE : EXIT_UNKNOWN;
}
