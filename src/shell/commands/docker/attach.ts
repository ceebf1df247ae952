/** Joining a container's terminal: raw mode, so that shells nest, keys go through, and Ctrl-P Ctrl-Q leaves it running. */
import type { DockerEngine } from "../../../engine/engine.ts";
import type { RuntimeProcess } from "../../../engine/runtime.ts";
import type { Container } from "../../../engine/types.ts";
import { NO_INPUT, type Output } from "../../../kernel/stdio.ts";
import { anyOf, type Op, Signal, Task, WaitQueue } from "../../../kernel/task.ts";
import { Tty } from "../../../kernel/tty.ts";
import type { Process } from "../../command.ts";

/** The client gives up waiting with so many of SIGINT and SIGTERM (forceExitAfter3TerminationSignals of docker/cli). */
const MOST_INTERRUPTS = 3;

/** The keys that leave a container, as this world's terminals know them. */
const DETACH_KEYS = "C-p C-q";

/** Why other keys cannot be had; undefined for the usual ones. */
export function detachKeysError(keys: string | undefined): string | undefined {
  if (keys === undefined || keys === "" || keys === "ctrl-p,ctrl-q") return undefined;
  if (!keys.split(",").every((key) => [...key].length === 1 || /^ctrl-[a-z@[\\\]^_]$/.test(key)))
    return `Error response from daemon: Invalid escape keys (${keys}) provided`;
  return `--detach-keys=${keys} is not supported here; ctrl-p,ctrl-q is`;
}

export interface AttachOptions {
  /** Starts the container once joined; a status when that failed. */
  readonly start?: () => Op<number | undefined>;
  /** Whether signals go to the container's process (--sig-proxy). */
  readonly signals: boolean;
  /** Whether what is typed does not go there (--no-stdin). */
  readonly withoutInput?: boolean;
}

/** What comes out of a container is written by the client: when nobody reads it any more, SIGPIPE is the client's. */
function byClient(output: Output): Output {
  const client = Task.running;
  return {
    write(text) {
      const writer = Task.running;
      Task.running = client;
      try {
        output.write(text);
      } finally {
        Task.running = writer;
      }
    },
    close: () => output.close(),
  };
}

/** Stays joined until the container's first process ends (its status) or the user detaches (0). */
export function* attachTo(process: Process, engine: DockerEngine, container: Container, options: AttachOptions): Op<number> {
  const detached = new WaitQueue();
  let left = false;
  let interrupted = 0;
  const [stdout, stderr] = [byClient(process.stdout), byClient(process.stderr)];
  const leave = engine.attach(container, { stdin: options.withoutInput ? NO_INPUT : process.stdin, stdout, stderr });
  const inner = container.tty;
  const cooked =
    inner && process.tty && container.spec.openStdin && !options.withoutInput
      ? process.tty.forwardTo(
          inner,
          (input) => {
            if ("key" in input && input.key === DETACH_KEYS) {
              left = true;
              detached.wake();
            } else inner.input(input);
          },
          container.id,
        )
      : undefined;
  // The client changes the size of the terminal back and forth, so that the prompt is seen (cli/command/container/attach.go).
  if (cooked && !options.start) inner?.redraw();
  try {
    const refused = options.start ? yield* options.start() : undefined;
    if (refused !== undefined) return refused;
    const main = container.process;
    while (main && main.exitCode === undefined && !left) {
      try {
        yield anyOf(main.exited, detached);
      } catch (thrown) {
        if (!(thrown instanceof Signal) || thrown.name === "PIPE") throw thrown;
        if ((thrown.name === "INT" || thrown.name === "TERM") && ++interrupted === MOST_INTERRUPTS) {
          process.stderr.write(`\ngot ${MOST_INTERRUPTS} SIGTERM/SIGINTs, forcefully exiting\n`);
          return 1;
        }
        if (thrown.name === "KILL" || !options.signals) return thrown.status;
        // Without a terminal of its own the container gets the client's signal (--sig-proxy).
        if (!inner) main.send(thrown.name);
        else if (!options.start) return thrown.status;
      }
    }
    if (left) {
      process.stdout.write("read escape sequence\n");
      return 0;
    }
    return main?.exitCode ?? container.exitCode;
  } finally {
    cooked?.();
    leave();
  }
}

/** A pty for `docker exec -t` in a container, joined to the client's terminal. */
export function execTerminal(process: Process, container: string): { readonly tty: Tty; close(): void } {
  const tty = new Tty(`exec-${process.pid}`);
  if (process.tty) tty.columns = process.tty.columns;
  const output = byClient(process.stdout);
  const silence = tty.onOutput((text) => output.write(text));
  const cooked = process.tty?.forwardTo(tty, (input) => tty.input(input), container);
  return {
    tty,
    close() {
      cooked?.();
      silence();
    },
  };
}

/** Waits for a process that runs in a container; signals of the client go to it. */
export function* waitForProcess(running: RuntimeProcess): Op<number> {
  while (running.exitCode === undefined) {
    try {
      yield running.exited;
    } catch (thrown) {
      if (!(thrown instanceof Signal) || thrown.name === "PIPE") throw thrown;
      running.send(thrown.name);
    }
  }
  return running.exitCode;
}
