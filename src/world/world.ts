/** The world: one kernel, the machines of the stage, and the terminals that people type on. */
import { DockerEngine } from "../engine/engine.ts";
import { Kernel } from "../kernel/kernel.ts";
import { NO_INPUT, outputTo, type Stdio } from "../kernel/stdio.ts";
import { Trace } from "../kernel/trace.ts";
import { Tty, type TtyInput } from "../kernel/tty.ts";
import type { Child, Command } from "../shell/command.ts";
import { type StartOptions, type Surroundings, start } from "../shell/process.ts";
import { processesOf } from "../shell/process-table.ts";
import { ALL_CAPABILITIES, createRuntime } from "../shell/runtime.ts";
import { Host } from "./machine.ts";
import { STAGE, type Stage } from "./stage.ts";

export interface WorldOptions {
  /** The programs of every machine. They may grow before the first line is typed, and are the same from then on. */
  readonly programs: () => ReadonlyMap<string, Command>;
  readonly seed: number;
  /** How the embedded DNS server orders several addresses of a name, until somebody changes it. */
  readonly dnsOrder: "round-robin" | "shuffle";
  readonly stage?: Stage;
  /** Entries that the trace keeps. */
  readonly traceCapacity?: number;
}

/** How many turns the shell of a terminal may take at one moment: `exit` starts a new one, for ever if need be. */
const MAX_SHELLS = 10_000;
/** Pids of the terminals' shells come after this, those of everything else after 1000. */
const LOGIN_PID = 600;

export class World {
  readonly kernel: Kernel;
  readonly machines = new Map<string, Host>();
  /** Bugs of the model, as they come: the world goes on. */
  readonly internalErrors: unknown[] = [];
  readonly #terminals = new Map<string, { readonly tty: Tty; readonly host: Host }>();
  /** Shells that nobody has typed on yet. */
  readonly #silent = new Map<string, () => void>();
  readonly #programs: WorldOptions["programs"];

  constructor(options: WorldOptions) {
    this.#programs = options.programs;
    this.kernel = new Kernel(options.seed, new Trace(options.traceCapacity));
    const stage = options.stage ?? STAGE;
    stage.build(this);
    for (const host of this.machines.values()) {
      if (!stage.dockerHosts.includes(host.name)) continue;
      host.engine = new DockerEngine({
        kernel: this.kernel,
        netns: host.netns,
        fs: host.fs,
        hostname: host.name,
        runtime: createRuntime(host),
        dnsOrder: options.dnsOrder,
        epoch: stage.epoch,
        ...(stage.localImages ? { localImages: stage.localImages } : {}),
      });
      host.engine.start();
    }
  }

  /** Puts a machine on the stage; called by the stage's `build`. */
  addMachine(name: string): Host {
    const host = new Host(this.kernel, name, this.#programs);
    processesOf(host).onInternalError = (error) => this.internalErrors.push(error);
    this.machines.set(name, host);
    return host;
  }

  /** The first Docker host's engine. */
  get engine(): DockerEngine {
    for (const host of this.machines.values()) if (host.engine) return host.engine;
    throw new Error("a stage without a Docker host");
  }

  get nextEventAt(): number | undefined {
    return this.kernel.clock.nextAt;
  }

  /** Whether a command runs in the foreground of some terminal. */
  get busy(): boolean {
    for (const { tty } of this.#terminals.values()) if (!tty.reader) return true;
    return false;
  }

  terminal(id: string): Tty | undefined {
    return this.#terminals.get(id)?.tty;
  }

  /** Whether the machine's own shell waits for a line on that terminal, no container's. */
  atHostPrompt(id: string): boolean {
    const tty = this.#terminals.get(id)?.tty;
    return tty?.reader !== undefined && tty.forwarding === undefined;
  }

  /**
   * The terminal of that id; opens it with a login shell on the machine when there is none yet. That is no event of the world,
   * as it is in no script: other processes see the shell from the moment that somebody first types on it.
   */
  openTerminal(id: string, machine: string): Tty {
    const open = this.#terminals.get(id);
    if (open) return open.tty;
    const host = this.machines.get(machine) ?? (this.machines.values().next().value as Host);
    const tty = new Tty(id);
    this.#terminals.set(id, { tty, host });
    const { entries } = processesOf(host);
    const shell = entries.get(this.#login(tty, host, MAX_SHELLS));
    if (shell) {
      processesOf(host).remove(shell);
      this.#silent.set(id, () => processesOf(host).add(Object.assign(shell, { started: this.kernel.clock.now })));
    }
    return tty;
  }

  /** Types on a terminal, now. */
  input(terminal: string, input: TtyInput): void {
    this.#silent.get(terminal)?.();
    this.#silent.delete(terminal);
    this.#terminals.get(terminal)?.tty.input(input);
  }

  /** Runs everything up to a virtual time in µs, and sets the clock to it. */
  advance(time: number): void {
    this.kernel.clock.advanceTo(time);
  }

  /** Starts a program on a machine, as its administrator. */
  spawn(host: Host, argv: readonly string[], stdio: Stdio, options: StartOptions = {}): Child {
    const command = host.commands.get(argv[0] as string);
    if (!command) throw new Error(`no program ${argv[0]}`);
    return start({ ...this.#surroundings(host), ...stdio, tty: stdio.tty }, command, argv, options);
  }

  /** A login shell; when it ends the terminal gets a new one, as a virtual console does. */
  #login(tty: Tty, host: Host, left: number): number {
    // A number that follows from the terminal's name: terminals may be opened in any order, and earlier in a replay than live.
    const pid = LOGIN_PID + (Number(tty.id.split(":")[1]) || 1);
    const { task } = this.spawn(host, ["bash"], { stdin: tty, stdout: tty, stderr: tty, tty }, { pid });
    const again = (): void => {
      if (left > 0) this.#login(tty, host, left - 1);
    };
    if (task.done) again();
    else task.exited.arm(this.kernel.clock, again);
    return pid;
  }

  #surroundings(host: Host): Surroundings {
    return {
      machine: host,
      netns: host.netns,
      fs: host.fs,
      hostname: host.name,
      container: undefined,
      capabilities: ALL_CAPABILITIES,
      cwd: "/root",
      stdin: NO_INPUT,
      stdout: outputTo(() => {}),
      stderr: outputTo(() => {}),
      env: new Map([
        ["HOME", "/root"],
        ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        ["USER", "root"],
        ["TERM", "xterm"],
      ]),
    };
  }
}

export const buildWorld = (options: WorldOptions): World => new World(options);
