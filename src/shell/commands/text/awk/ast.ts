/** awk's language as a tree (POSIX awk, chapter "Grammar"). */

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  /** Alone it is matched against $0. */
  | { readonly kind: "regex"; readonly source: string }
  | Target
  | { readonly kind: "assign"; readonly operator: string; readonly target: Target; readonly value: Expression }
  | { readonly kind: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "unary"; readonly operator: "-" | "+" | "!"; readonly operand: Expression }
  | { readonly kind: "step"; readonly operator: "++" | "--"; readonly prefix: boolean; readonly target: Target }
  | { readonly kind: "in"; readonly subscripts: readonly Expression[]; readonly array: string }
  | { readonly kind: "group"; readonly inner: Expression }
  /** Several in brackets: print's arguments. */
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "builtin"; readonly name: string; readonly args: readonly Expression[]; readonly bare: boolean }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

/** What can be assigned to. */
export type Target =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "field"; readonly index: Expression }
  | { readonly kind: "element"; readonly array: string; readonly subscripts: readonly Expression[] };

export interface Redirect {
  readonly operator: ">" | ">>" | "|";
  readonly target: Expression;
}

export type Statement =
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "print" | "printf"; readonly args: readonly Expression[]; readonly redirect: Redirect | undefined }
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "if"; readonly test: Expression; readonly yes: Statement; readonly no: Statement | undefined }
  | { readonly kind: "while"; readonly test: Expression; readonly body: Statement }
  | { readonly kind: "do"; readonly test: Expression; readonly body: Statement }
  | {
      readonly kind: "for";
      readonly first: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: Statement;
    }
  | { readonly kind: "for-in"; readonly name: string; readonly array: string; readonly body: Statement }
  | { readonly kind: "delete"; readonly array: string; readonly subscripts: readonly Expression[] | undefined }
  | { readonly kind: "exit" | "return"; readonly value: Expression | undefined }
  | { readonly kind: "next" | "nextfile" | "break" | "continue" };

export interface Rule {
  /** Undefined matches every line. */
  readonly pattern: "BEGIN" | "END" | Expression | { readonly from: Expression; readonly to: Expression } | undefined;
  /** Undefined prints the line. */
  readonly action: Statement | undefined;
}

export interface AwkFunction {
  readonly parameters: readonly string[];
  readonly body: Statement;
}

export interface Program {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}
