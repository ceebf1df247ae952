/** A subcommand of `docker compose`. */
import type { Op } from "../../../../kernel/task.ts";
import type { Flags } from "../flags.ts";
import type { Subcommand } from "../subcommand.ts";
import type { ComposeContext } from "./context.ts";

export interface ComposeVerb {
  readonly name: string;
  readonly command: Subcommand;
  /** Whether services may be completed in its arguments. */
  readonly services?: boolean;
  run(context: ComposeContext, flags: Flags): Op<number>;
}

/** Says what was refused, and ends with 1. */
export function refuse({ process }: Pick<ComposeContext, "process">, message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

/** 0, or the refusal. */
export const finish = (context: ComposeContext, refused: string | undefined): number =>
  refused === undefined ? 0 : refuse(context, refused);
