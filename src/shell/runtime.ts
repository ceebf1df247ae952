/** containerd and runc to the engine: starts programs inside a container's namespaces and says when they end. */
import type { Runtime, RuntimeProcess, SpawnOptions } from "../engine/runtime.ts";
import type { Container } from "../engine/types.ts";
import { NO_INPUT, outputTo } from "../kernel/stdio.ts";
import { Signal, WaitQueue } from "../kernel/task.ts";
import { resolvePath } from "../kernel/vfs.ts";
import type { Child, Command, Credentials, Machine } from "./command.ts";
import { furnishContainer } from "./image-files.ts";
import { type Surroundings, start } from "./process.ts";
import { type ProcessEntry, pidNamespaceOf, processesOf } from "./process-table.ts";
import { deliver } from "./signals.ts";
import { argvFor, findProgram, PROGRAM_DIRECTORIES, type Program } from "./userland.ts";

/** Capabilities of a container that is not privileged (moby: oci/caps/defaults.go). */
const DEFAULT_CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
] as const;

/** All that this world's commands ask for; more than the default set only where a flag said so. */
export const ALL_CAPABILITIES: ReadonlySet<string> = new Set([
  ...DEFAULT_CAPABILITIES,
  "NET_ADMIN",
  "NET_BROADCAST",
  "SYS_ADMIN",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PTRACE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYSLOG",
]);

const plain = (capability: string): string => capability.toUpperCase().replace(/^CAP_/, "");

/** The capabilities that `--cap-add`, `--cap-drop` and `--privileged` leave (moby: oci/caps.TweakCapabilities). */
function capabilitiesOf(container: Container, privileged = container.spec.privileged): ReadonlySet<string> {
  if (privileged) return ALL_CAPABILITIES;
  const { capAdd, capDrop } = container.spec;
  const add = capAdd.map(plain);
  const drop = new Set(capDrop.map(plain));
  const base = add.includes("ALL") ? [...ALL_CAPABILITIES] : drop.has("ALL") ? [] : DEFAULT_CAPABILITIES;
  return new Set([...base.filter((capability) => !drop.has(capability)), ...add.filter((capability) => capability !== "ALL")]);
}

const environmentOf = (entries: readonly string[], container: Container, terminal: boolean): Map<string, string> => {
  const env = new Map<string, string>([
    ["PATH", PROGRAM_DIRECTORIES.join(":")],
    ["HOSTNAME", container.hostname],
  ]);
  if (terminal) env.set("TERM", "xterm");
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals > 0) env.set(entry.slice(0, equals), entry.slice(equals + 1));
    // A name alone takes the variable away (ReplaceOrAppendEnvVars).
    else env.delete(entry);
  }
  if (!env.has("HOME")) env.set("HOME", "/root");
  return env;
};

const NOWHERE = outputTo(() => {});

/** Makes the runtime of a machine whose containers' programs are the machine's commands. */
export function createRuntime(machine: Machine): Runtime {
  // Those that the freezer has stopped: what had stopped before stays so.
  const frozen = new WeakSet<ProcessEntry>();
  return {
    freeze(container, on) {
      for (const entry of processesOf(machine).entries.values()) {
        if (entry.process.container !== container) continue;
        if (on && !entry.stopped) {
          entry.stop("STOP");
          frozen.add(entry);
        } else if (!on && frozen.delete(entry)) entry.resume();
      }
    },
    spawn: (container, options) => spawn(machine, container, options),
    refusal(container, options) {
      // utsname has room for 64 bytes.
      if (container.hostname.length > 64) return "sethostname: invalid argument";
      const launch = prepare(machine, container, { ...options, stdio: { stdin: NO_INPUT, stdout: NOWHERE, stderr: NOWHERE }, init: true });
      return typeof launch === "string" ? launch : undefined;
    },
    userRefusal: (container, user) => userRefusal(machine, container, user),
    deviceRefusal: (container) => deviceRefusal(machine, container),
  };
}

/** The device nodes of every machine; a container has those of its own that it always has. */
const DEVICE_NODES: ReadonlySet<string> = new Set(
  ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"].map((name) => `/dev/${name}`),
);

/** DevicesFromPath: what --device names must be device nodes of the host. */
function deviceRefusal(machine: Machine, { spec }: Container): string | undefined {
  const devices = Array.isArray(spec.hostConfig?.Devices) ? spec.hostConfig.Devices : [];
  for (const device of devices) {
    const path = String((device as { readonly PathOnHost?: unknown }).PathOnHost);
    if (DEVICE_NODES.has(path)) continue;
    const why =
      machine.fs.exists(path) || machine.fs.isDirectory(path) || path === "/dev/shm" ? "not a device node" : "no such file or directory";
    return `error gathering device information while adding custom device ${JSON.stringify(path)}: ${why}`;
  }
  return undefined;
}

/** Users and groups by name, as /etc/passwd and /etc/group list them (moby/sys/user). */
function lookUp(container: Container, file: string, wanted: string): readonly string[] | undefined {
  const text = container.fs.read(file);
  if (typeof text !== "string") return undefined;
  const lines = text.split("\n").map((line) => line.split(":"));
  return lines.find(([name]) => name === wanted) ?? lines.find((fields) => fields[2] === wanted);
}

function userRefusal(machine: Machine, container: Container, user: string): string | undefined {
  const { netns } = container;
  if (netns) furnishContainer(container, netns, machine);
  const [name = "", group] = user.split(":");
  if (!/^\d+$/.test(name) && name !== "" && !lookUp(container, "/etc/passwd", name))
    return `unable to find user ${name}: no matching entries in passwd file`;
  const missing = [...(group === undefined ? [] : [group]), ...groupsAdded(container)].find(
    (wanted) => !/^\d+$/.test(wanted) && !lookUp(container, "/etc/group", wanted),
  );
  return missing === undefined ? undefined : `unable to find group ${missing}: no matching entries in group file`;
}

/** --group-add. */
function groupsAdded({ spec }: Container): readonly string[] {
  const given = spec.hostConfig?.GroupAdd;
  return Array.isArray(given) ? given.map(String) : [];
}

/** The credentials of a process: those that --user names, root's otherwise. */
function credentialsOf(container: Container, user: string | undefined): Credentials {
  const [name = "", group] = (user ?? "").split(":");
  const entry = lookUp(container, "/etc/passwd", name || "0");
  const uid = entry ? Number(entry[2]) : Number(name);
  const gid = group === undefined ? Number(entry?.[3] ?? 0) : Number(lookUp(container, "/etc/group", group)?.[2] ?? group);
  const groups = groupsAdded(container).map((name) => Number(lookUp(container, "/etc/group", name)?.[2] ?? name));
  return {
    uid,
    gid,
    user: entry?.[0] ?? "",
    group: lookUp(container, "/etc/group", String(gid))?.[0] ?? "",
    groups: groups.sort((a, b) => a - b),
  };
}

interface Launch {
  readonly surroundings: Surroundings;
  readonly program: Program;
}

/** What is started, and in what surroundings; the text is runc's reason for what cannot be. */
function prepare(machine: Machine, container: Container, options: SpawnOptions): Launch | string {
  const { argv, stdio } = options;
  const { netns } = container;
  if (!netns) return "container has no network namespace";
  furnishContainer(container, netns, machine);
  const cwd = resolvePath("/", options.cwd || container.spec.workingDir || container.image.workingDir || "/");
  if (!container.fs.isDirectory(cwd)) {
    if (!options.init) return `chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed: no such file or directory`;
    container.fs.makeDirectory(cwd, true);
  }
  const credentials = credentialsOf(container, options.user ?? container.spec.user);
  const surroundings: Surroundings = {
    credentials,
    machine,
    netns,
    fs: container.spec.readOnly ? container.fs.sealed() : container.fs,
    hostname: container.hostname,
    container,
    // Who is not root has none of them in effect.
    capabilities: credentials.uid === 0 ? capabilitiesOf(container, options.privileged || container.spec.privileged) : new Set(),
    cwd,
    env: environmentOf(options.env, container, stdio.tty !== undefined),
    ...stdio,
    tty: stdio.tty,
  };
  const name = argv[0] ?? "";
  const found = findProgram({ ...surroundings, pid: 0, argv } as never, name);
  if ("command" in found) return { surroundings, program: found };
  if (found.reason === "command not found") return `exec: "${name}": executable file not found in $PATH`;
  if (found.reason === "No such file or directory") return `exec: "${name}": stat ${name}: no such file or directory`;
  return `exec: "${name}": ${found.reason === "Is a directory" ? "is a directory: permission denied" : found.reason.toLowerCase()}`;
}

function spawn(machine: Machine, container: Container, options: SpawnOptions): RuntimeProcess | string {
  const { argv, stdio, init } = options;
  const launch = prepare(machine, container, options);
  if (typeof launch === "string") return launch;
  const { surroundings, program } = launch;
  const words = argvFor(program, argv);
  const started =
    init && container.spec.init
      ? start(surroundings, initOf(program, words), ["/sbin/docker-init", "--", ...argv], { init })
      : start(surroundings, program.command, words, { init });
  const owner = pidNamespaceOf(container);
  return new ContainerProcess(
    machine,
    container,
    started,
    init ? (owner === container ? "namespace" : "container") : undefined,
    stdio.tty !== undefined,
  );
}

/** docker-init (tini): runs the program as its child, hands on what signals come, and ends as it does. */
const initOf = (program: Program, argv: readonly string[]): Command => ({
  name: "docker-init",
  summary: "the first process of a container that was run with --init",
  handles: ["HUP", "INT", "QUIT", "USR1", "USR2", "TERM"],
  *run(process) {
    const { task } = start(process, program.command, argv);
    for (;;) {
      const { outcome } = task;
      if (outcome) return "value" in outcome ? outcome.value : outcome.signal.status;
      try {
        yield task.exited;
      } catch (thrown) {
        if (!(thrown instanceof Signal) || thrown.name === "KILL") throw thrown;
        task.signal(thrown);
      }
    }
  },
});

class ContainerProcess implements RuntimeProcess {
  readonly pid: number;
  readonly exited = new WaitQueue();
  exitCode: number | undefined;
  #started: Child;
  /** Whether it is the first of its pid namespace, or only of its container: what ends with it. */
  #first: "namespace" | "container" | undefined;

  constructor(machine: Machine, container: Container, started: Child, first: "namespace" | "container" | undefined, terminal: boolean) {
    this.pid = started.process.pid;
    this.#started = started;
    this.#first = first;
    const { tty } = started.process;
    // Its process group is an orphan (its parent is outside), which no Ctrl-Z stops: kernel/signal.c, get_signal().
    if (terminal && tty && !tty.interrupt) tty.interrupt = ({ name }) => this.send(name);
    this.#settle(machine, container);
  }

  send(name: string): void {
    const entry = processesOf(this.#started.process.machine).entries.get(this.pid);
    if (entry) deliver(entry, name, this.#first === "namespace" && name !== "KILL" && name !== "STOP");
  }

  #settle(machine: Machine, container: Container): void {
    const { task, process } = this.#started;
    const { outcome } = task;
    if (!outcome) {
      task.exited.arm(machine.kernel.clock, () => this.#settle(machine, container));
      return;
    }
    if (this.exitCode !== undefined) return;
    this.exitCode = "value" in outcome ? outcome.value : outcome.signal.status;
    if (this.#first) {
      // With its first process goes all of a pid namespace (zap_pid_ns_processes); runc ends what is left of a container in another's.
      const whole = this.#first === "namespace";
      for (const entry of processesOf(machine).visibleTo(process))
        if (whole || entry.process.container === container) entry.signal(new Signal("KILL"));
    }
    this.exited.wake();
  }
}
