/** `docker logs` (cli/command/container/logs.go), and the lines that a container has written. */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { type Container, EngineError } from "../../../../engine/types.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import { type Op, Signal } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { daemonError, fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { parseTimestamp } from "../times.ts";
import type { Verb } from "../verb.ts";

export interface LogLine {
  /** µs of virtual time. */
  readonly t: number;
  readonly stream: "stdout" | "stderr";
  /** With its newline, unless the container has ended in the middle of it. */
  readonly text: string;
}

/** Puts what a container writes together to lines, as the daemon's copier does: a line counts once it has ended. */
export class LineReader {
  readonly #open = { stdout: "", stderr: "" };
  #read = 0;

  /** The lines that have come since the last call. */
  take(container: Container): LogLine[] {
    const lines: LogLine[] = [];
    const { log, logDropped } = container;
    for (let i = Math.max(0, this.#read - logDropped); i < log.length; i++) {
      const { t, stream, text } = log[i] as (typeof log)[number];
      const parts = (this.#open[stream] + text).split("\n");
      this.#open[stream] = parts.pop() as string;
      for (const part of parts) lines.push({ t, stream, text: `${part}\n` });
    }
    this.#read = log.length + logDropped;
    if (container.process) return lines;
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#open[stream] !== "") lines.push({ t: container.finishedAt ?? 0, stream, text: this.#open[stream] });
      this.#open[stream] = "";
    }
    return lines;
  }
}

/** "2026-01-05T09:00:01.000123000Z". */
export const logTime = (kernel: Kernel, t: number): string =>
  `${kernel.date(t).toISOString().slice(0, 23)}${String((Math.floor(t) % 1000) + 1000).slice(1)}000Z`;

export interface LogSelection {
  readonly since: number;
  readonly until: number;
  /** Lines from the end; infinite for all. */
  readonly tail: number;
}

/** What --since, --until and --tail say; the text is the refusal. */
export function logSelection(process: Process, flags: Flags): LogSelection | string {
  const { kernel } = process.machine;
  const bound = (name: string, otherwise: number): number | string => {
    const text = flags.text(name);
    if (text === undefined || text === "") return otherwise;
    const at = parseTimestamp(kernel, text);
    return typeof at === "string" ? `invalid value for "${name}": ${at}` : at;
  };
  const since = bound("since", Number.NEGATIVE_INFINITY);
  const until = bound("until", Number.POSITIVE_INFINITY);
  if (typeof since === "string") return since;
  if (typeof until === "string") return until;
  const tail = flags.text("tail") ?? "all";
  // What is no number is all, as the daemon has it.
  return { since, until, tail: /^\d+$/.test(tail) ? Number(tail) : Number.POSITIVE_INFINITY };
}

export const selectLines = (lines: readonly LogLine[], { since, until, tail }: LogSelection): readonly LogLine[] => {
  const within = lines.filter(({ t }) => t >= since && t <= until);
  return tail === Number.POSITIVE_INFINITY ? within : within.slice(within.length - Math.min(tail, within.length));
};

function* logs(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const container = engine.findContainer(flags.args[0] as string);
  if (container instanceof EngineError) return daemonError(process, container);
  if ((container.spec.hostConfig?.LogConfig as { readonly Type?: string } | undefined)?.Type === "none")
    return daemonError(process, new EngineError("configured logging driver does not support reading"));
  const selection = logSelection(process, flags);
  if (typeof selection === "string") return fail(process, selection);
  const { kernel } = process.machine;
  const reader = new LineReader();
  const print = (lines: readonly LogLine[]): void => {
    for (const { t, stream, text } of lines) {
      const time = flags.on("timestamps") ? `${logTime(kernel, t)} ` : "";
      (stream === "stdout" ? process.stdout : process.stderr).write(`${time}${flags.on("details") ? " " : ""}${text}`);
    }
  };
  print(selectLines(reader.take(container), selection));
  while (flags.on("follow") && container.process && kernel.clock.now < selection.until) {
    try {
      yield container.activity;
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      return thrown.status;
    }
    print(selectLines(reader.take(container), { ...selection, tail: Number.POSITIVE_INFINITY }));
  }
  return 0;
}

export const logsVerb: Verb = {
  names: ["logs"],
  top: "logs",
  completes: "container",
  command: {
    usage: "[OPTIONS] CONTAINER",
    summary: "Fetch the logs of a container",
    aliases: "docker container logs, docker logs",
    options: `--details  Show extra details provided to logs
-f, --follow  Follow log output
--since string  Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
-n, --tail string  Number of lines to show from the end of the logs (default "all")
-t, --timestamps  Show timestamps
--until string  Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)`,
    least: 1,
    most: 1,
  },
  run: logs,
};
