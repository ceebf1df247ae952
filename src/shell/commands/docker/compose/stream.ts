/** Logs of several containers in one stream, each line with its container's name before it (pkg/compose/logs.go, printer.go). */
import type { Container } from "../../../../engine/types.ts";
import { anyOf, type Op, Signal } from "../../../../kernel/task.ts";
import { LineReader, type LogSelection, logTime, selectLines } from "../container/logs.ts";
import type { ComposeContext } from "./context.ts";
import type { Project } from "./file/project.ts";
import { isOneOff } from "./labels.ts";

export interface StreamOptions {
  readonly selection: LogSelection;
  readonly prefix: boolean;
  readonly timestamps: boolean;
}

/** "web-1" for "shop-web-1": the name without the project's. */
const shortName = (project: Pick<Project, "name">, container: Container): string =>
  container.name.startsWith(`${project.name}-`) ? container.name.slice(project.name.length + 1) : container.name;

export class LogPrinter {
  readonly #context: ComposeContext;
  readonly #options: StreamOptions;
  readonly #names: ReadonlyMap<Container, string>;
  /** Of the longest name that has written so far: the column widens as they come (formatter/logs.go, register). */
  #width = 0;
  readonly #readers = new Map<Container, LineReader>();

  constructor(context: ComposeContext, project: Pick<Project, "name">, containers: readonly Container[], options: StreamOptions) {
    this.#context = context;
    this.#options = options;
    this.#names = new Map(containers.map((container) => [container, shortName(project, container)]));
  }

  nameOf(container: Container): string {
    return this.#names.get(container) ?? container.name;
  }

  tellEnd(container: Container): void {
    this.#register(container);
    this.#context.process.stdout.write(`\r\u001b[K${this.nameOf(container)} exited with code ${container.exitCode}\n`);
  }

  /** Skips what a container has written so far: an earlier life's output. */
  skip(container: Container): void {
    this.#reader(container).take(container);
  }

  /** Writes what has come. */
  print(container: Container, everything = false): void {
    const lines = this.#reader(container).take(container);
    const { selection, prefix, timestamps } = this.#options;
    const { stdout, machine } = this.#context.process;
    for (const { t, text } of selectLines(lines, everything ? { ...selection, tail: Number.POSITIVE_INFINITY } : selection)) {
      this.#register(container);
      const head = prefix ? `${this.nameOf(container).padEnd(this.#width)}  | ` : "";
      stdout.write(`${head}${timestamps ? `${logTime(machine.kernel, t)} ` : ""}${text.replace(/\n$/, "")}\n`);
    }
  }

  #register(container: Container): void {
    this.#width = Math.max(this.#width, this.nameOf(container).length);
  }

  #reader(container: Container): LineReader {
    let reader = this.#readers.get(container);
    if (!reader) {
      reader = new LineReader();
      this.#readers.set(container, reader);
    }
    return reader;
  }
}

/** What an attached `up` does when a container ends. */
export interface FollowOptions {
  readonly hasEnded: (container: Container) => boolean;
  /** Gives a status when all are to stop because of this container's end. */
  readonly onExit: (container: Container) => number | undefined;
}

/** Follows containers until all have ended, one of them ends it all, or a signal comes; `running` are then those whose end has not been told. */
export function* follow(
  printer: LogPrinter,
  containers: readonly Container[],
  { hasEnded, onExit }: FollowOptions,
): Op<{ readonly ended: number | Signal; readonly running: ReadonlySet<Container> }> {
  const running = new Set(containers);
  for (;;) {
    for (const container of containers) if (running.has(container)) printer.print(container, true);
    for (const container of containers) {
      if (!running.has(container) || !hasEnded(container)) continue;
      running.delete(container);
      printer.tellEnd(container);
      const status = onExit(container);
      if (status !== undefined) return { ended: status, running };
    }
    if (running.size === 0) return { ended: 0, running };
    try {
      yield anyOf(...[...running].map((container) => container.activity));
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      return { ended: thrown, running };
    }
  }
}

/** Those whose logs a project shows: no one-off containers. */
export const shown = (containers: readonly Container[]): readonly Container[] =>
  containers.filter((container) => !isOneOff(container)).sort((a, b) => (a.name < b.name ? -1 : 1));
