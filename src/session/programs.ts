/**
 * The programs of the page's world, the shell among them: a load of its own, which comes with the terminal and in any
 * case before the first line is typed. Until then the host stands there as it started, with nobody logged in.
 */
import type { Command } from "../shell/command.ts";

export type ProgramTable = ReadonlyMap<string, Command>;

export class Programs {
  #table: ProgramTable = new Map();
  #load: () => Promise<ProgramTable>;
  #loading: Promise<void> | undefined;
  #complete = false;

  constructor(load: () => Promise<ProgramTable>) {
    this.#load = load;
  }

  /** Empty until they have come. */
  get table(): ProgramTable {
    return this.#table;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Brings what is missing; the same promise however often it is asked for. Rejects when it cannot be had, and may be tried again. */
  load(): Promise<void> {
    this.#loading ??= this.#load().then(
      (table) => {
        this.#table = table;
        this.#complete = true;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
