/** Splits a Go template into text and actions, and actions into tokens (Go's text/template/parse, lex.go). */

/** A template that cannot be read or carried out; the text follows "template parsing error: ". */
export class TemplateError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export interface Token {
  readonly kind:
    | "field"
    | "variable"
    | "identifier"
    | "string"
    | "char"
    | "number"
    | "dot"
    | "pipe"
    | "declare"
    | "assign"
    | "open"
    | "close"
    | "comma"
    | "nil"
    | "bool";
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly line: number; readonly source: string };

const PATTERNS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["number", /[-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)/iy],
  ["dot", /\./y],
  ["variable", /\$[\p{L}\p{N}_]*/uy],
  ["bool", /(?:true|false)\b/y],
  ["nil", /nil\b/y],
  ["identifier", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["char", /'(?:[^'\\]|\\.)'/y],
  ["declare", /:=/y],
  ["assign", /=/y],
  ["pipe", /\|/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["comma", /,/y],
];

export function lex(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let line = 1;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trimNext) text = text.trimStart();
    if (open < 0) {
      if (text) pieces.push({ kind: "text", text });
      break;
    }
    line += source.slice(at, open).split("\n").length - 1;
    let start = open + 2;
    if (/^-\s/.test(source.slice(start, start + 2))) {
      text = text.trimEnd();
      start++;
    }
    if (text) pieces.push({ kind: "text", text });
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/.exec(source.slice(start));
    if (comment) {
      at = start + comment[0].length;
      trimNext = comment[1] === "-";
      continue;
    }
    const action = lexAction(source, start, line);
    pieces.push({ kind: "action", tokens: action.tokens, line, source: source.slice(start, action.end).trim() });
    at = action.next;
    trimNext = action.trim;
  }
  return pieces;
}

function lexAction(source: string, from: number, line: number): { tokens: Token[]; end: number; next: number; trim: boolean } {
  const tokens: Token[] = [];
  let at = from;
  for (;;) {
    while (at < source.length && /\s/.test(source[at] as string)) at++;
    if (at >= source.length) throw new TemplateError(`template: :${line}: unclosed action`);
    const trim = source.startsWith("-}}", at) && /\s/.test(source[at - 1] ?? "");
    if (trim || source.startsWith("}}", at)) return { tokens, end: at, next: at + (trim ? 3 : 2), trim };
    const found = PATTERNS.find(([, pattern]) => {
      pattern.lastIndex = at;
      return pattern.test(source);
    });
    if (!found) {
      const char = source[at] as string;
      if (char === '"') throw new TemplateError(`template: :${line}: unterminated quoted string`);
      if (char === ":") throw new TemplateError(`template: :${line}: expected :=`);
      if (char > "~") throw new TemplateError(`template: :${line}: unrecognized character in action: ${codePoint(source, at)}`);
      throw new TemplateError(`template: :${line}: unexpected ${JSON.stringify(char)} in operand`);
    }
    const [kind, pattern] = found;
    pattern.lastIndex = at;
    const text = (pattern.exec(source) as RegExpExecArray)[0];
    const lineStart = source.lastIndexOf("\n", at) + 1;
    tokens.push({ kind, text, line, column: at - lineStart });
    at += text.length;
    if (kind === "number" && /[\p{L}\p{N}_]/u.test(source.slice(at, at + 1)))
      throw new TemplateError(`template: :${line}: bad number syntax: ${JSON.stringify(text + source[at])}`);
    if (WORDS.has(kind) && !TERMINATOR.test(source.slice(at, at + 2)))
      throw new TemplateError(`template: :${line}: bad character ${codePoint(source, at)}`);
  }
}

/** Names, after which not everything may follow (atTerminator). */
const WORDS: ReadonlySet<Token["kind"]> = new Set(["field", "variable", "identifier"]);
const TERMINATOR = /^($|[\s.,|:)(]|\}\})/;

/** As Go's %#U: "U+007D '}'". */
function codePoint(source: string, at: number): string {
  const code = source.codePointAt(at) as number;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${String.fromCodePoint(code)}'`;
}
