/** How the client tells what the daemon refuses. */
import { EngineError } from "../../../engine/types.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";

export function daemonError(process: Process, error: EngineError): number {
  process.stderr.write(`Error response from daemon: ${error.message}\n`);
  return 1;
}

/** As `docker run` tells it: with its name, a hint, and status 125. */
export function runError(process: Process, message: string): number {
  process.stderr.write(`docker: ${message}\n\nRun 'docker run --help' for more information\n`);
  return 125;
}

/** Does the same to each of several things: prints what was done, tells what was refused, and goes on. */
export function* forEach(
  process: Process,
  references: readonly string[],
  act: (reference: string) => Op<EngineError | undefined>,
  done: (reference: string) => string = (reference) => reference,
): Op<number> {
  let status = 0;
  for (const reference of references) {
    const refused = yield* act(reference);
    if (refused instanceof EngineError) status = daemonError(process, refused);
    else process.stdout.write(`${done(reference)}\n`);
  }
  return status;
}
