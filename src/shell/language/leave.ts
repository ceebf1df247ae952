/** Leaves loops, functions, scripts, or the rest of a line. Thrown, as control must pass through any depth of the tree. */
export class Leave {
  /** "discard": an expansion went wrong; what was read with it is not run. */
  readonly kind: "break" | "continue" | "return" | "exit" | "discard";
  readonly levels: number;
  readonly status: number;

  constructor(kind: Leave["kind"], levels: number, status: number) {
    this.kind = kind;
    this.levels = levels;
    this.status = status;
  }
}
