/** Joining a container's terminal: raw mode, so that shells nest, keys go through, and Ctrl-P Ctrl-Q leaves it running. */
import type { DockerEngine } from "../../../engine/engine.ts";
import type { RuntimeProcess } from "../../../engine/runtime.ts";
import type { Container } from "../../../engine/types.ts";
import { type Op, Signal, WaitQueue } from "../../../kernel/task.ts";
import { Tty } from "../../../kernel/tty.ts";
import type { Process } from "../../command.ts";

/** The client gives up waiting with so many of SIGINT and SIGTERM (forceExitAfter3TerminationSignals of docker/cli). */
const MOST_INTERRUPTS = 3;

/** Stays joined until the container's first process ends (its status) or the user detaches (0). `start` starts it once joined. */
export function* attachTo(process: Process, engine: DockerEngine, container: Container, start?: () => Op<number | undefined>): Op<number> {
  const detached = new WaitQueue();
  let left = false;
  let interrupted = 0;
  const leave = engine.attach(container, process);
  const inner = container.tty;
  const cooked =
    inner && process.tty && container.spec.openStdin
      ? process.tty.forwardTo(inner, (input) => {
          if ("key" in input && input.key === "C-p C-q") {
            left = true;
            detached.wake();
          } else inner.input(input);
        })
      : undefined;
  try {
    const refused = start ? yield* start() : undefined;
    if (refused !== undefined) return refused;
    const main = container.process;
    while (main && main.exitCode === undefined && !left) {
      try {
        yield { arm: (clock, wake) => both(main.exited.arm(clock, wake), detached.arm(clock, wake)) };
      } catch (thrown) {
        if (!(thrown instanceof Signal)) throw thrown;
        if ((thrown.name === "INT" || thrown.name === "TERM") && ++interrupted === MOST_INTERRUPTS) {
          process.stderr.write(`\ngot ${MOST_INTERRUPTS} SIGTERM/SIGINTs, forcefully exiting\n`);
          return 1;
        }
        // Without a terminal of its own the container gets the client's signal (--sig-proxy).
        if (!inner) main.signal(thrown);
        else if (!start) return thrown.status;
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

const both = (a: () => void, b: () => void) => () => {
  a();
  b();
};

/** A pty for `docker exec -t`, joined to the client's terminal. */
export function execTerminal(process: Process): { readonly tty: Tty; close(): void } {
  const tty = new Tty(`exec-${process.pid}`);
  const silence = tty.onOutput((text) => process.stdout.write(text));
  const cooked = process.tty?.forwardTo(tty, (input) => tty.input(input));
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
      if (!(thrown instanceof Signal)) throw thrown;
      running.signal(thrown);
    }
  }
  return running.exitCode;
}
