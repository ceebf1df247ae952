/** What is wrong with a script's text, and how each shell says so. */
import { type Place, prefix } from "./dialect.ts";

/** The token that had no place. `text` is "" where the text ended. */
export interface Unexpected {
  readonly kind: "word" | "operator" | "redirection" | "newline" | "end";
  readonly text: string;
}

export class ShellSyntaxError {
  /** bash's words after "syntax error", or the whole where bash says no such thing. */
  readonly bash: string;
  /** dash's and ash's words. */
  readonly other: string;
  readonly line: number;
  /** A quote, here-document or compound command is still open: a terminal asks for more. */
  readonly incomplete: boolean;
  /** bash shows the line after this kind of error. */
  readonly showsLine: boolean;
  readonly status: number;

  constructor(
    bash: string,
    other: string,
    line: number,
    { incomplete = false, showsLine = false, status = 2 }: { incomplete?: boolean; showsLine?: boolean; status?: number } = {},
  ) {
    this.bash = bash;
    this.other = other;
    this.line = line;
    this.incomplete = incomplete;
    this.showsLine = showsLine;
    this.status = status;
  }
}

/** A compound command that is still open, for bash's "from `if' command on line 1". */
export interface Opened {
  readonly word: string;
  readonly line: number;
}

export function unexpected(token: Unexpected, line: number, expecting: string | undefined, opened: Opened | undefined): ShellSyntaxError {
  const wanted = expecting === undefined ? "" : ` (expecting "${expecting}")`;
  if (token.kind === "end") {
    const from = opened ? ` from \`${opened.word}' command on line ${opened.line}` : "";
    return new ShellSyntaxError(`syntax error: unexpected end of file${from}`, `end of file${wanted}`, line, { incomplete: true });
  }
  const shown = token.kind === "newline" ? "newline" : token.text;
  const reserved = /^(if|then|else|elif|fi|do|done|case|esac|while|until|for|in|\{|\}|!)$/.test(token.text);
  const named = token.kind === "operator" || (token.kind === "word" && reserved) ? `"${token.text}"` : token.kind;
  return new ShellSyntaxError(`syntax error near unexpected token \`${shown}'`, `${named}${wanted}`, line, { showsLine: true });
}

/** `closer`: the quote or bracket that is missing. */
export function unterminated(closer: string, line: number): ShellSyntaxError {
  const other =
    closer === "'" || closer === '"'
      ? "unterminated quoted string"
      : closer === "`"
        ? "EOF in backquote substitution"
        : closer === "}"
          ? "missing '}'"
          : closer === "))"
            ? "missing '))'"
            : 'end of file (expecting ")")';
  return new ShellSyntaxError(`unexpected EOF while looking for matching \`${closer === "))" ? ")" : closer}'`, other, line, {
    incomplete: true,
  });
}

const UNEXPECTED = /^(?:word|newline|redirection|end of file|"[^"]*")(?= \(expecting|$)/;
const capital = (text: string): string => text[0]?.toUpperCase() + text.slice(1);

/** The lines that a shell prints for it. `text` is the script, `within` a builtin that reads text: eval. */
export function syntaxMessage(error: ShellSyntaxError, place: Place, text: string, within = ""): string {
  const at = { ...place, line: place.line === undefined ? undefined : error.line };
  if (place.dialect === "bash") {
    const program = place.line === undefined || within === "" ? place.program : `${place.program}: ${within}`;
    const from = place.line !== undefined && place.fromOption && within === "" ? `${program}: -c` : program;
    const start = prefix({ ...at, program: from });
    const said = error.bash
      .split("\n")
      .map((line) => `${start}${line}\n`)
      .join("");
    if (!error.showsLine || place.line === undefined) return said;
    return `${said}${start}\`${text.split("\n")[error.line - 1] ?? ""}'\n`;
  }
  const found = UNEXPECTED.exec(error.other)?.[0];
  if (place.dialect === "dash") {
    const said = found === undefined ? capital(error.other) : `${found} unexpected${error.other.slice(found.length)}`;
    if (error.other === "bad substitution") return `${prefix(at, within)}Bad substitution\n`;
    return `${prefix(at, within)}Syntax error: ${said}\n`;
  }
  const said = found === undefined ? error.other : `unexpected ${error.other}`;
  return `${prefix(at, within)}syntax error: ${said}\n`;
}
