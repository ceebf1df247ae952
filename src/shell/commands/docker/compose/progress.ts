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
  /** What each line begins with: that nothing of it is done. */
  readonly #prefix: string;

  constructor(process: Process, quiet: boolean, prefix = "") {
    this.#process = process;
    this.#quiet = quiet;
    this.#prefix = prefix;
  }

  /** One that says nothing, for what goes on behind a stream of logs. */
  silent(): Progress {
    return new Progress(this.#process, true);
  }

  /** A step that has a text of its own: "web-1 copy a to b Copying". */
  step(id: string, text: string, status: string): void {
    if (!this.#quiet) this.#process.stderr.write(`${this.#prefix} ${id} ${text} ${status}\n`);
  }

  /** What the daemon warns of, of a service. */
  warn(service: string, text: string): void {
    if (!this.#process.tty) this.step(service, text, "");
    else if (!this.#quiet) this.#process.stderr.write(`${this.#prefix} ! ${service} ${text}\n`);
  }

  tell(resource: Resource, name: string, status: string): void {
    this.line(`${resource} ${name}`, status);
  }

  line(what: string, status: string): void {
    if (this.#quiet) return;
    if (!this.#process.tty) this.#process.stderr.write(`${this.#prefix} ${what}  ${status}\n`);
    else if (DONE.has(status)) this.#process.stderr.write(`${this.#prefix} \u2714 ${what}  ${status}\n`);
    else if (/^[A-Z]?\w+ing$|^Recreate$/.test(status)) return;
    else this.#process.stderr.write(`${this.#prefix} \u2718 ${what}  ${status}\n`);
  }
}
