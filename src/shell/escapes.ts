/** Backslash escapes of echo -e, printf and %b. */

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** "argument": echo -e and %b, where octal has a 0 in front; "format": printf's format, where it has none and quotes may be escaped. */
export type EscapeRules = "argument" | "format";

export interface Unescaped {
  readonly text: string;
  /** \c was met: nothing more is printed. */
  readonly stopped: boolean;
}

export function unescapeText(text: string, rules: EscapeRules, { unicode = true }: { unicode?: boolean } = {}): Unescaped {
  if (!text.includes("\\")) return { text, stopped: false };
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    const next = text[i + 1];
    if (char !== "\\" || next === undefined) {
      out += char;
      continue;
    }
    if (next === "c" && rules === "argument") return { text: out, stopped: true };
    const rest = text.slice(i + 1, i + 10);
    const octal = rules === "argument" ? /^0[0-7]{0,3}/.exec(rest) : /^[0-7]{1,3}/.exec(rest);
    const hex = /^x[0-9a-fA-F]{1,2}/.exec(rest);
    const point = unicode ? /^(?:u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8})/.exec(rest) : null;
    const simple = SIMPLE[next] ?? (rules === "format" && next === '"' ? '"' : undefined);
    if (octal) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8) & 255);
      i += octal[0].length;
    } else if (hex) {
      out += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16));
      i += hex[0].length;
    } else if (point) {
      const code = Number.parseInt(point[0].slice(1), 16);
      out += code <= 0x10ffff ? String.fromCodePoint(code) : "";
      i += point[0].length;
    } else if (simple !== undefined) {
      out += simple;
      i++;
    } else out += char;
  }
  return { text: out, stopped: false };
}
