/** Draws a tty and the line being typed on an xterm screen: output first, the line after it, redrawn as either changes. */
import type { Terminal } from "@xterm/xterm";
import type { LineState } from "./lineEditor.ts";

const GREEN = "\x1b[32m";
const PLAIN = "\x1b[0m";
/** What wipes a line: back to its beginning, and everything away. */
const ERASED = "\r\x1b[K";

/** Columns that a text takes: East Asian wide characters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(char) ? 2 : 1;
  return width;
}

/** A line with the user and host of a prompt in colour. */
function colouredPrompt(line: string): string {
  const prompt = /^(root@[\w.-]+)(:.*)$/s.exec(line);
  return prompt ? `${GREEN}${prompt[1]}${PLAIN}${prompt[2]}` : line;
}

export class Screen {
  #xterm: Terminal;
  /** What stands on the screen's last line before the typed text. */
  #lastLine = "";
  #line: LineState | undefined;
  /** Rows below the start of the typed text at which the cursor stands. */
  #cursorRow = 0;
  #drawn = false;
  #searching = false;

  constructor(xterm: Terminal) {
    this.#xterm = xterm;
  }

  /** Puts all that the tty has shown so far on an empty screen. */
  reset(text: string): void {
    this.#lastLine = "";
    this.#drawn = false;
    // As a sequence (RIS), in order with what has been written and is not drawn yet: a call would overtake it.
    this.#xterm.write("\x1bc");
    this.output(text);
  }

  output(text: string): void {
    let sequence = this.#erase();
    for (const [i, page] of text.split("\f").entries()) {
      if (i > 0) {
        sequence += "\x1b[H\x1b[2J\x1b[3J";
        this.#lastLine = "";
      }
      sequence += this.#coloured(page);
    }
    this.#xterm.write(sequence + this.#render());
  }

  /** Shows the typed line; undefined shows none. */
  show(line: LineState | undefined): void {
    const erase = this.#erase();
    this.#line = line;
    this.#xterm.write(erase + this.#render());
  }

  /** Draws again after a change of width. */
  redraw(text: string): void {
    this.reset(text);
  }

  #coloured(text: string): string {
    if (text === "") return "";
    const lines = text.split("\n");
    const written = lines.map((line, i) => (i > 0 || this.#lastLine === "" ? colouredPrompt(line) : line));
    const last = lines.length > 1 ? (lines.at(-1) as string) : this.#lastLine + (lines[0] as string);
    // A line that a program has wiped holds what it wrote since; colours take no room.
    this.#lastLine = last.slice(last.lastIndexOf(ERASED) + 1).replace(/^\x1b\[K|\x1b\[[\d;]*m/g, "");
    return written.join("\r\n");
  }

  /** Where the typed text starts: after the prompt, in whose place a search stands. */
  #startColumn(): number {
    return this.#searching ? 0 : widthOf(this.#lastLine) % this.#xterm.cols;
  }

  #erase(): string {
    if (!this.#drawn) return "";
    this.#drawn = false;
    const up = this.#cursorRow > 0 ? `\x1b[${this.#cursorRow}A` : "";
    const erased = `${up}\x1b[${this.#startColumn() + 1}G\x1b[J`;
    if (!this.#searching) return erased;
    this.#searching = false;
    return erased + colouredPrompt(this.#lastLine);
  }

  #render(): string {
    if (!this.#line) return "";
    const { text, cursor, search, failed } = this.#line;
    const prefix = search === undefined ? "" : `(${failed ? "failed " : ""}reverse-i-search)\`${search}': `;
    const shown = prefix + text;
    if (shown === "") return "";
    const columns = this.#xterm.cols;
    this.#searching = search !== undefined;
    const start = this.#startColumn();
    const end = start + widthOf(shown);
    const at = start + widthOf(prefix + text.slice(0, cursor));
    const lastRow = Math.floor(end / columns);
    this.#cursorRow = Math.floor(at / columns);
    this.#drawn = true;
    const wrap = end % columns === 0 ? "\r\n" : "";
    const up = lastRow > this.#cursorRow ? `\x1b[${lastRow - this.#cursorRow}A` : "";
    return `${this.#searching ? "\r\x1b[J" : ""}${shown}${wrap}${up}\x1b[${(at % columns) + 1}G`;
  }
}
