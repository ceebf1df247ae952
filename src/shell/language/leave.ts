/** Leaves loops, functions, scripts. Thrown, as control must pass through any depth of the tree. */
export class Leave {
  readonly kind: "break" | "continue" | "return" | "exit";
  readonly levels: number;
  readonly status: number;

  constructor(kind: Leave["kind"], levels: number, status: number) {
    this.kind = kind;
    this.levels = levels;
    this.status = status;
  }
}
