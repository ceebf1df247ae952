/** The shell language as a tree: POSIX XCU chapter 2 with what people use of bash. */

/** A piece of a word. Quoted pieces are neither split nor globbed. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly operator: string;
      readonly argument: Word | undefined;
      readonly quoted: boolean;
    }
  | { readonly kind: "command"; readonly script: string; readonly quoted: boolean }
  | { readonly kind: "arithmetic"; readonly expression: string; readonly quoted: boolean };

export type Word = readonly Part[];

export interface Redirection {
  readonly fd: number;
  readonly operator: "<" | ">" | ">>" | ">&" | "<&" | "&>" | "&>>" | "<<<" | "<<";
  readonly target: Word;
}

export interface SimpleCommand {
  readonly kind: "simple";
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

export type Command =
  | SimpleCommand
  | { readonly kind: "group"; readonly body: List; readonly subshell: boolean; readonly redirections: readonly Redirection[] }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly test: List; readonly body: List }[];
      readonly otherwise: List | undefined;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: "while";
      readonly until: boolean;
      readonly test: List;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[] | undefined;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: "case";
      readonly subject: Word;
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: "function"; readonly name: string; readonly body: Command };

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** Pipelines joined by && and ||, run in the background with &. */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly { readonly operator: "&&" | "||"; readonly pipeline: Pipeline }[];
  readonly background: boolean;
}

export type List = readonly AndOr[];
