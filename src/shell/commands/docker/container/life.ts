/** The verbs that start, stop and change containers (cli/command/container/start.go, stop.go, rm.go …). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { attachTo, detachKeysError } from "../attach.ts";
import { confirmed, daemonError, fail, forEach } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import type { Flags } from "../flags.ts";
import { pruneContainers } from "../prune.ts";
import type { Subcommand } from "../subcommand.ts";
import { MANY, type Verb } from "../verb.ts";
import { hostConfigOf } from "./host-config.ts";

const many = (summary: string, name: string, options: string, hidden = ""): Subcommand => ({
  usage: options === "" ? "CONTAINER [CONTAINER...]" : "[OPTIONS] CONTAINER [CONTAINER...]",
  summary,
  aliases: `docker container ${name}, docker ${name}`,
  options,
  hidden,
  least: 1,
  most: MANY,
});

/** How long to wait before killing, in seconds. `--time` is what it was called. */
function seconds(process: Process, flags: Flags): number | undefined {
  if (flags.has("time")) process.stderr.write("Flag --time has been deprecated, use --timeout instead\n");
  return flags.number("timeout") ?? flags.number("time");
}

function* start(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  if (flags.on("attach") || flags.on("interactive")) {
    if (flags.args.length > 1) return fail(process, "you cannot start and attach multiple containers at once");
    const wrongKeys = detachKeysError(flags.text("detach-keys"));
    if (wrongKeys) return fail(process, wrongKeys);
    const container = engine.findContainer(flags.args[0] as string);
    if (container instanceof EngineError) return daemonError(process, container);
    return yield* attachTo(process, engine, container, {
      signals: true,
      *start() {
        const refused = yield* engine.startContainer(container.id);
        return refused ? daemonError(process, refused) : undefined;
      },
    });
  }
  const failed: string[] = [];
  for (const reference of flags.args) {
    const refused = yield* engine.startContainer(reference);
    if (refused) {
      daemonError(process, refused);
      failed.push(reference);
    } else process.stdout.write(`${reference}\n`);
  }
  if (failed.length > 0) process.stderr.write(`Error: failed to start containers: ${failed.join(", ")}\n`);
  return failed.length > 0 ? 1 : 0;
}

function* remove(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const errors: EngineError[] = [];
  for (const written of flags.args) {
    const reference = written.replace(/^\/+|\/+$/g, "");
    const refused = flags.on("link")
      ? engine.removeLink(reference)
      : yield* engine.removeContainer(reference, flags.on("force"), flags.on("volumes"));
    if (!refused) process.stdout.write(`${written}\n`);
    else if (flags.on("force") && refused.status === 404) daemonError(process, refused);
    else errors.push(refused);
  }
  for (const error of errors) daemonError(process, error);
  return errors.length > 0 ? 1 : 0;
}

/** Limits that `docker update` may change; they show in `docker inspect`. */
const UPDATABLE = [
  ["memory", "Memory"],
  ["memory-reservation", "MemoryReservation"],
  ["memory-swap", "MemorySwap"],
  ["cpu-shares", "CpuShares"],
  ["cpu-period", "CpuPeriod"],
  ["cpu-quota", "CpuQuota"],
  ["cpu-rt-period", "CpuRealtimePeriod"],
  ["cpu-rt-runtime", "CpuRealtimeRuntime"],
  ["cpus", "NanoCpus"],
  ["cpuset-cpus", "CpusetCpus"],
  ["cpuset-mems", "CpusetMems"],
  ["blkio-weight", "BlkioWeight"],
  ["pids-limit", "PidsLimit"],
] as const;

function* update(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  if (!flags.has("restart") && !UPDATABLE.some(([name]) => flags.has(name)))
    return fail(process, "you must provide one or more flags when using this command");
  const restart = flags.text("restart");
  if (restart !== undefined && /:/.test(restart) && !/:[-+]?\d+$/.test(restart))
    return fail(process, "invalid restart policy format: maximum retry count must be an integer");
  const limits = hostConfigOf(flags);
  if (typeof limits === "string") return fail(process, limits);
  const errors: EngineError[] = [];
  const warnings = new Set<string>();
  for (const reference of flags.args) {
    const updated = engine.updateContainer(reference, restart, limits);
    if (updated instanceof EngineError) {
      errors.push(updated);
      continue;
    }
    process.stdout.write(`${reference}\n`);
    for (const warning of updated.warnings) warnings.add(warning);
  }
  for (const warning of warnings) process.stdout.write(`${warning}\n`);
  for (const error of errors) daemonError(process, error);
  return errors.length > 0 ? 1 : 0;
}

const STOP_OPTIONS = `-s, --signal string  Signal to send to the container
-t, --timeout int  Seconds to wait before killing the container`;
/** What --timeout was called. */
const STOP_HIDDEN = "--time int  Seconds to wait before killing the container";

export const lifeVerbs: readonly Verb[] = [
  {
    names: ["start"],
    top: "start",
    completes: "container",
    command: {
      ...many(
        "Start one or more stopped containers",
        "start",
        `-a, --attach  Attach STDOUT/STDERR and forward signals
--detach-keys string  Override the key sequence for detaching a container
-i, --interactive  Attach container's STDIN`,
      ),
    },
    run: start,
  },
  {
    names: ["stop"],
    top: "stop",
    completes: "running",
    command: many("Stop one or more running containers", "stop", STOP_OPTIONS, STOP_HIDDEN),
    *run(process, flags, engine) {
      const wait = seconds(process, flags);
      return yield* forEach(process, flags.args, (reference) => engine.stopContainer(reference, wait, flags.text("signal")));
    },
  },
  {
    names: ["restart"],
    top: "restart",
    completes: "container",
    command: many("Restart one or more containers", "restart", STOP_OPTIONS, STOP_HIDDEN),
    *run(process, flags, engine) {
      const wait = seconds(process, flags);
      return yield* forEach(process, flags.args, (reference) => engine.restartContainer(reference, wait, flags.text("signal")));
    },
  },
  {
    names: ["kill"],
    top: "kill",
    completes: "running",
    command: many("Kill one or more running containers", "kill", `-s, --signal string  Signal to send to the container`),
    run: (process, flags, engine) =>
      forEach(process, flags.args, (reference) => engine.killContainer(reference, flags.text("signal") ?? "")),
  },
  {
    names: ["pause"],
    top: "pause",
    completes: "running",
    command: many("Pause all processes within one or more containers", "pause", ""),
    run: (process, flags, engine) => forEach(process, flags.args, (reference) => engine.pauseContainer(reference)),
  },
  {
    names: ["unpause"],
    top: "unpause",
    completes: "running",
    command: many("Unpause all processes within one or more containers", "unpause", ""),
    run: (process, flags, engine) => forEach(process, flags.args, (reference) => engine.unpauseContainer(reference)),
  },
  {
    names: ["rm", "remove"],
    top: "rm",
    completes: "container",
    command: {
      ...many(
        "Remove one or more containers",
        "rm",
        `-f, --force  Force the removal of a running container (uses SIGKILL)
-l, --link  Remove the specified link
-v, --volumes  Remove anonymous volumes associated with the container`,
      ),
      aliases: "docker container rm, docker container remove, docker rm",
    },
    run: remove,
  },
  {
    names: ["rename"],
    top: "rename",
    completes: "container",
    command: {
      usage: "CONTAINER NEW_NAME",
      summary: "Rename a container",
      aliases: "docker container rename, docker rename",
      least: 2,
      most: 2,
    },
    *run(process, flags, engine) {
      const [from, to] = flags.args.map((word) => word.trim()) as [string, string];
      if (from === "" || to === "") return fail(process, "Error: Neither old nor new names may be empty");
      const refused = engine.renameContainer(from, to);
      if (!refused) return 0;
      process.stderr.write(`Error response from daemon: ${refused.message}\nError: failed to rename container named ${from}\n`);
      return 1;
    },
  },
  {
    names: ["update"],
    top: "update",
    completes: "container",
    command: many(
      "Update configuration of one or more containers",
      "update",
      `--blkio-weight uint16  Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
--cpu-period int  Limit CPU CFS (Completely Fair Scheduler) period
--cpu-quota int  Limit CPU CFS (Completely Fair Scheduler) quota
--cpu-rt-period int  Limit the CPU real-time period in microseconds
--cpu-rt-runtime int  Limit the CPU real-time runtime in microseconds
-c, --cpu-shares int  CPU shares (relative weight)
--cpus decimal  Number of CPUs
--cpuset-cpus string  CPUs in which to allow execution (0-3, 0,1)
--cpuset-mems string  MEMs in which to allow execution (0-3, 0,1)
-m, --memory bytes  Memory limit
--memory-reservation bytes  Memory soft limit
--memory-swap bytes  Swap limit equal to memory plus swap: -1 to enable unlimited swap
--pids-limit int  Tune container pids limit (set -1 for unlimited)
--restart string  Restart policy to apply when a container exits`,
    ),
    run: update,
  },
  {
    names: ["wait"],
    top: "wait",
    completes: "running",
    command: many("Block until one or more containers stop, then print their exit codes", "wait", ""),
    *run(process, flags, engine) {
      const errors: EngineError[] = [];
      for (const reference of flags.args) {
        const code = yield* engine.waitContainer(reference);
        if (code instanceof EngineError) errors.push(code);
        else process.stdout.write(`${code}\n`);
      }
      for (const error of errors) daemonError(process, error);
      return errors.length > 0 ? 1 : 0;
    },
  },
  {
    names: ["prune"],
    completes: "nothing",
    command: {
      usage: "[OPTIONS]",
      summary: "Remove all stopped containers",
      options: `--filter filter  Provide filter values (e.g. "until=<timestamp>")
-f, --force  Do not prompt for confirmation`,
      least: 0,
      most: 0,
    },
    *run(process, flags, engine) {
      if (!(yield* confirmed(process, flags.on("force"), "WARNING! This will remove all stopped containers."))) return 0;
      const pruned = yield* pruneContainers(process, engine, filtersOf(flags));
      if (pruned instanceof EngineError) return daemonError(process, pruned);
      process.stdout.write("Total reclaimed space: 0B\n");
      return 0;
    },
  },
];
