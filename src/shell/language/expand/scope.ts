/** What expansion asks of the shell that runs. */
import type { Op } from "../../../kernel/task.ts";
import type { FileSystem } from "../../../kernel/vfs.ts";
import type { List, Word } from "../ast.ts";
import type { Dialect } from "../dialect.ts";
import type { Variables } from "../variables.ts";

export interface Scope {
  readonly fs: FileSystem;
  readonly cwd: string;
  readonly dialect: Dialect;
  readonly variables: Variables;
  readonly positional: readonly string[];
  /** $?, $$, $#, $1 … and variables; undefined when unset. */
  parameter(name: string): string | undefined;
  /** Gives a value; throws an `ExpansionError` when that is refused. */
  assign(name: string, index: string | undefined, value: string): void;
  /** `set -u`, `shopt -s nullglob` … */
  option(name: string): boolean;
  /** Runs commands and gives what they printed, trailing newlines taken off. */
  substitute(body: List | string): Op<string>;
  /** Runs commands and gives the name of a file that holds what they printed. */
  fileOf(body: List): Op<string>;
  /** An expression's value; throws an `ExpansionError` with the shell's own words. */
  arithmetic(expression: Word): Op<bigint>;
}

/** A piece of a word: what was quoted is neither split nor a pattern. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words inside of ${…}: how they are expanded is known to whoever expands the parameter. */
export interface WordExpander {
  text(word: Word, scope: Scope): Op<string>;
  /** As `text`, with what was quoted escaped. */
  pattern(word: Word, scope: Scope): Op<string>;
  pieces(word: Word, scope: Scope): Op<readonly Piece[]>;
}

/** An expansion that cannot be made: it ends the command line that it stands in. */
export class ExpansionError {
  /** Follows "bash: line 1: ". */
  readonly message: string;
  readonly status: number;
  /** Ends a script as a whole. */
  readonly fatal: boolean;

  constructor(message: string, { status = 1, fatal = false }: { status?: number; fatal?: boolean } = {}) {
    this.message = message;
    this.status = status;
    this.fatal = fatal;
  }
}

/** Words and characters that one command line may become. */
export const MAX_WORDS = 20_000;
export const MAX_TEXT = 4_000_000;
