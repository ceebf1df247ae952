/** How the client tells what the daemon refuses. */
import { EngineError } from "../../../engine/types.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";

export function daemonError(process: Process, error: EngineError): number {
  process.stderr.write(`Error response from daemon: ${error.message}\n`);
  return 1;
}

/** A line of the client's own, and status 1. */
export function fail(process: Process, message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

/** Does the same to each of several things: prints what was done, tells at the end what was refused. */
export function* forEach(
  process: Process,
  references: readonly string[],
  act: (reference: string) => Op<EngineError | undefined>,
  done: (reference: string) => string = (reference) => reference,
): Op<number> {
  const errors: EngineError[] = [];
  for (const reference of references) {
    const refused = yield* act(reference);
    if (refused instanceof EngineError) errors.push(refused);
    else process.stdout.write(`${done(reference)}\n`);
  }
  for (const error of errors) daemonError(process, error);
  return errors.length > 0 ? 1 : 0;
}

/** Asks before something is taken away, unless told not to; false when the answer is no. */
export function* confirmed(process: Process, force: boolean, warning: string): Op<boolean> {
  if (force) return true;
  process.stdout.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = yield* process.stdin.readLine();
  return /^y(es)?$/i.test((answer ?? "").trim());
}
