/** What Compose tells of its work: a line a step; on a terminal a line for what is done, with a mark. */
import type { Process } from "../../../command.ts";

export type Resource = "Container" | "Network" | "Volume";

const DONE: ReadonlySet<string> = new Set([
  "Created",
  "Started",
  "Running",
  "Recreated",
  "Stopped",
  "Removed",
  "Killed",
  "Paused",
  "Unpaused",
  "Healthy",
  "Exited",
  "Pulled",
]);

export class Progress {
  readonly #process: Process;
  readonly #quiet: boolean;

  constructor(process: Process, quiet: boolean) {
    this.#process = process;
    this.#quiet = quiet;
  }

  /** One that says nothing, for what goes on behind a stream of logs. */
  silent(): Progress {
    return new Progress(this.#process, true);
  }

  tell(resource: Resource, name: string, status: string): void {
    this.line(`${resource} ${name}`, status);
  }

  line(what: string, status: string): void {
    if (this.#quiet) return;
    if (!this.#process.tty) this.#process.stderr.write(` ${what}  ${status}\n`);
    else if (DONE.has(status)) this.#process.stderr.write(` \u2714 ${what}  ${status}\n`);
    else if (/^[A-Z]?\w+ing$|^Recreate$/.test(status)) return;
    else this.#process.stderr.write(` \u2718 ${what}  ${status}\n`);
  }
}
