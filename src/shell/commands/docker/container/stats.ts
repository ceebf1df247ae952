/** `docker stats`: what containers have sent and received, and how many processes they run (cli/command/container/stats.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { inspectEngine } from "../../../../engine/inspect/index.ts";
import { type Container, EngineError } from "../../../../engine/types.ts";
import { type Op, Signal, sleep } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { daemonError } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { printListing } from "../table.ts";
import { bytesSize, humanSize } from "../times.ts";
import { MANY, type Verb } from "../verb.ts";
import { processesIn } from "./top.ts";

const SECOND = 1_000_000;

function traffic(container: Container): readonly [received: number, sent: number] {
  let received = 0;
  let sent = 0;
  for (const device of container.netns?.devices.all() ?? []) {
    if (device.kind === "loopback") continue;
    received += device.counters.rxBytes;
    sent += device.counters.txBytes;
  }
  return [received, sent];
}

const NOTHING = { CPUPerc: "0.00%", MemUsage: "0B / 0B", MemPerc: "0.00%", NetIO: "0B / 0B", BlockIO: "0B / 0B", PIDs: "0" };

/** Programs of this world need neither time nor memory worth telling: both are shown as nothing. */
function rowOf(process: Process, container: Container, asked: string | undefined, limit: number, whole: boolean) {
  const id = whole ? container.id : container.id.slice(0, 12);
  const common = { ID: id, Name: container.name, Container: asked ?? id };
  if (!container.process) return { ...common, ...NOTHING };
  const [received, sent] = traffic(container);
  return {
    ...common,
    CPUPerc: "0.00%",
    MemUsage: `0B / ${bytesSize(limit)}`,
    MemPerc: "0.00%",
    NetIO: `${humanSize(received)} / ${humanSize(sent)}`,
    BlockIO: "0B / 0B",
    PIDs: String(processesIn(process.machine, container).length),
  };
}

export function printStats(process: Process, engine: DockerEngine, containers: readonly Container[], flags: Flags): number {
  const total = (inspectEngine(engine) as { readonly MemTotal: number }).MemTotal;
  return printListing(
    process,
    {
      type: "*container.statsContext",
      headers: {
        ID: "CONTAINER ID",
        Container: "CONTAINER",
        Name: "NAME",
        CPUPerc: "CPU %",
        MemUsage: "MEM USAGE / LIMIT",
        MemPerc: "MEM %",
        NetIO: "NET I/O",
        BlockIO: "BLOCK I/O",
        PIDs: "PIDS",
      },
      columns: ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
      quiet: "ID",
      rows: containers.map((container, i) => {
        const memory = container.spec.hostConfig?.Memory;
        return rowOf(process, container, flags.args[i], typeof memory === "number" && memory > 0 ? memory : total, flags.on("no-trunc"));
      }),
    },
    flags.text("format"),
    false,
  );
}

function* stats(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const chosen = (): readonly Container[] | EngineError => {
    if (flags.args.length === 0) return engine.containers(flags.on("all"));
    const found: Container[] = [];
    for (const reference of flags.args) {
      const container = engine.findContainer(reference);
      if (container instanceof EngineError) return container;
      found.push(container);
    }
    return found;
  };
  try {
    for (;;) {
      const containers = chosen();
      if (containers instanceof EngineError) return daemonError(process, containers);
      yield sleep(SECOND);
      const status = printStats(process, engine, containers, flags);
      if (flags.on("no-stream") || status !== 0) return status;
    }
  } catch (thrown) {
    if (!(thrown instanceof Signal)) throw thrown;
    return thrown.name === "INT" ? 0 : thrown.status;
  }
}

export const statsVerb: Verb = {
  names: ["stats"],
  top: "stats",
  completes: "running",
  command: {
    usage: "[OPTIONS] [CONTAINER...]",
    summary: "Display a live stream of container(s) resource usage statistics",
    aliases: "docker container stats, docker stats",
    options: `-a, --all  Show all containers (default shows just running)
--format string  ${LIST_FORMAT}
--no-stream  Disable streaming stats and only pull the first result
--no-trunc  Do not truncate output`,
    least: 0,
    most: MANY,
  },
  run: stats,
};
