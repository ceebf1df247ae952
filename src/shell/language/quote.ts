/** Text written so that a shell reads it back as it is: for set -x, declare -p, printf %q, ${x@Q}. */

const SPECIAL = /[\s'"\\|&;()<>!{}*[\]?^$`]|^[#~]|[=:]~/;
const CONTROL = /[\x00-\x1f\x7f]/;

const ANSI: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\x07": "\\a",
  "\b": "\\b",
  "\x1b": "\\E",
  "\f": "\\f",
  "\v": "\\v",
  "\\": "\\\\",
  "'": "\\'",
};

/** $'…' */
const ansiQuoted = (text: string): string =>
  `$'${text.replace(/[\x00-\x1f\x7f\\']/g, (char) => ANSI[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`)}'`;

/** '…' */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** As set -x and `set` show a word: bare when nothing in it is special. */
export function quotedIfNeeded(text: string): string {
  if (text === "") return "''";
  if (CONTROL.test(text)) return ansiQuoted(text);
  return SPECIAL.test(text) ? singleQuoted(text) : text;
}

/** As printf %q: with backslashes. */
export function backslashed(text: string): string {
  if (text === "") return "''";
  if (CONTROL.test(text)) return ansiQuoted(text);
  return text.replace(/[\s'"\\|&;()<>!{}*[\]?^$`,]|^[#~]/g, "\\$&");
}

/** As declare -p shows a value. */
export function declared(text: string): string {
  if (CONTROL.test(text)) return ansiQuoted(text);
  return `"${text.replace(/[$`"\\]/g, "\\$&")}"`;
}
