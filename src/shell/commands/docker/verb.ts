/** What a subcommand of `docker` is, and the groups they stand in. */
import type { DockerEngine } from "../../../engine/engine.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import type { Flags } from "./flags.ts";
import type { Subcommand } from "./subcommand.ts";

/** Something of the engine's that completion may offer in a command's arguments. */
export type Completes = "container" | "running" | "network" | "image" | "volume" | "nothing";

export interface Verb {
  /** Its name in its group, then other names for it. */
  readonly names: readonly string[];
  /** What it is called right after `docker`, when it can stand there. */
  readonly top?: string;
  readonly command: Subcommand;
  readonly completes?: Completes;
  run(process: Process, flags: Flags, engine: DockerEngine): Op<number>;
}

/** `docker network …`. */
export interface Group {
  readonly name: string;
  readonly summary: string;
  /** What the client says before all else. */
  readonly notice?: string;
  readonly verbs: readonly Verb[];
}

export const MANY = Number.POSITIVE_INFINITY;
