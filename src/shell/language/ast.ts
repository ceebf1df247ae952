/** The shell language as a tree: POSIX XCU chapter 2 with what bash adds. */

/** A piece of a word. Quoted pieces are neither split nor globbed. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | Parameter
  /** $( ) comes with its tree; what stood between backticks is read when it runs. */
  | { readonly kind: "command"; readonly body: List | string; readonly quoted: boolean }
  | { readonly kind: "arithmetic"; readonly expression: Word; readonly quoted: boolean }
  /** <( ): the name of a file with what the commands print. */
  | { readonly kind: "process"; readonly body: List };

export interface Word {
  readonly parts: readonly Part[];
  /** As it was typed. */
  readonly raw: string;
}

export interface Parameter {
  readonly kind: "parameter";
  readonly name: string;
  /** "@" and "*": every element. */
  readonly index: Word | "@" | "*" | undefined;
  /** ${!name}: the value names the parameter that is meant. */
  readonly indirect: boolean;
  readonly operation: Operation | undefined;
  readonly quoted: boolean;
  readonly raw: string;
}

export type Operation =
  | { readonly kind: "length" }
  | { readonly kind: "default" | "assign" | "alternative" | "error"; readonly colon: boolean; readonly word: Word }
  | { readonly kind: "trim"; readonly end: "prefix" | "suffix"; readonly longest: boolean; readonly pattern: Word }
  | {
      readonly kind: "replace";
      readonly where: "first" | "all" | "prefix" | "suffix";
      readonly pattern: Word;
      readonly by: Word;
    }
  | { readonly kind: "slice"; readonly offset: Word; readonly length: Word | undefined }
  | { readonly kind: "case"; readonly mode: "^" | "^^" | "," | ",,"; readonly pattern: Word }
  | { readonly kind: "transform"; readonly letter: string }
  /** ${!prefix@} */
  | { readonly kind: "names" }
  | { readonly kind: "bad" };

export interface Redirection {
  /** Undefined: 0 or 1, as the operator has it. */
  readonly fd: number | undefined;
  readonly operator: "<" | ">" | ">>" | ">|" | "<>" | ">&" | "<&" | "&>" | "&>>" | "<<<" | "<<" | "<<-";
  readonly target: Word;
  /** What a here-document says; filled in once its lines have been read. */
  document?: Word;
}

export interface ArrayItem {
  readonly index: Word | undefined;
  readonly value: Word;
}

export interface Assignment {
  readonly kind: "assignment";
  readonly name: string;
  readonly index: Word | undefined;
  /** += */
  readonly append: boolean;
  readonly value: Word | readonly ArrayItem[];
  readonly raw: string;
}

export interface SimpleCommand {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  /** Assignments stand among the words of `export`, `local` and their kin. */
  readonly words: readonly (Word | Assignment)[];
  readonly redirections: readonly Redirection[];
  readonly line: number;
}

/** What stands between [[ and ]]. */
export type Condition =
  | { readonly kind: "word"; readonly word: Word }
  | { readonly kind: "unary"; readonly operator: string; readonly operand: Word }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Word; readonly right: Word }
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly operand: Condition };

interface Compound {
  readonly redirections: readonly Redirection[];
  readonly line: number;
}

export interface CaseArm {
  readonly patterns: readonly Word[];
  readonly body: List;
  readonly end: ";;" | ";&" | ";;&";
}

export type Command =
  | SimpleCommand
  | (Compound & { readonly kind: "group"; readonly body: List })
  | (Compound & { readonly kind: "subshell"; readonly body: List })
  | (Compound & {
      readonly kind: "if";
      readonly branches: readonly { readonly test: List; readonly body: List }[];
      readonly otherwise: List | undefined;
    })
  | (Compound & { readonly kind: "while"; readonly until: boolean; readonly test: List; readonly body: List })
  | (Compound & {
      /** `select` asks for one word after the other, `for` takes each in turn. */
      readonly kind: "for";
      readonly asks: boolean;
      readonly name: string;
      readonly words: readonly Word[] | undefined;
      readonly body: List;
    })
  | (Compound & { readonly kind: "for-arithmetic"; readonly expressions: readonly [Word, Word, Word]; readonly body: List })
  | (Compound & { readonly kind: "case"; readonly subject: Word; readonly arms: readonly CaseArm[] })
  | (Compound & { readonly kind: "arithmetic"; readonly expression: Word })
  | (Compound & { readonly kind: "condition"; readonly condition: Condition })
  | { readonly kind: "function"; readonly name: string; readonly body: Command; readonly line: number };

export interface Pipeline {
  readonly negated: boolean;
  /** `time`, or `time -p`. */
  readonly timed: "" | "time" | "time -p";
  readonly commands: readonly Command[];
}

/** Pipelines joined by && and ||, run in the background with &. */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly { readonly operator: "&&" | "||"; readonly pipeline: Pipeline }[];
  readonly background: boolean;
}

export type List = readonly AndOr[];

export const isArray = (value: Assignment["value"]): value is readonly ArrayItem[] => Array.isArray(value);
