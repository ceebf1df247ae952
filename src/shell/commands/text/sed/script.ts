/** sed's language as a list of commands (POSIX sed with GNU's additions). */
import type { Regex } from "../../../regex.ts";

export type Address =
  | { readonly kind: "line"; readonly number: number }
  | { readonly kind: "last" }
  /** first~step */
  | { readonly kind: "step"; readonly first: number; readonly step: number }
  /** Undefined: the last regular expression that was used. */
  | { readonly kind: "regex"; readonly regex: Regex | undefined }
  /** As a second address: so many lines more, or up to a multiple. */
  | { readonly kind: "more"; readonly count: number }
  | { readonly kind: "multiple"; readonly of: number };

/** What a replacement is made of. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** 0 is the whole match. */
  | { readonly kind: "group"; readonly number: number }
  /** \U, \L, \u, \l and \E. */
  | { readonly kind: "case"; readonly letter: "U" | "L" | "u" | "l" | "E" };

export interface Substitution {
  readonly regex: Regex | undefined;
  readonly by: readonly Piece[];
  readonly global: boolean;
  readonly nth: number;
  readonly print: boolean;
  readonly file: string | undefined;
}

export interface Line {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly command: Command;
}

export type Command =
  /** Skips to behind the closing brace when its addresses do not match. */
  | { readonly kind: "{"; end: number }
  | { readonly kind: "}" }
  | { readonly kind: "s"; readonly substitution: Substitution }
  | { readonly kind: "y"; readonly map: ReadonlyMap<string, string> }
  | { readonly kind: "a" | "i" | "c"; readonly text: string }
  | { readonly kind: "b" | "t" | "T"; readonly label: string; target: number }
  | { readonly kind: ":"; readonly label: string }
  | { readonly kind: "q" | "Q"; readonly status: number }
  | { readonly kind: "r" | "w"; readonly file: string }
  | { readonly kind: "d" | "D" | "p" | "P" | "n" | "N" | "g" | "G" | "h" | "H" | "x" | "=" | "l" | "z" | "F" };
