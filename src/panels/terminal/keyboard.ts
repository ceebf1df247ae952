/**
 * What keys do on a terminal, without a page: to the line that is being typed while a shell reads one with readline, or
 * straight to a program that takes every key. Lines, control keys and characters come out of it.
 */
import type { ControlKey, Tty } from "../../kernel/tty.ts";
import { complete, EMPTY_LINE, inColumns, insert, type LineKey, type LineState, nextLine, press } from "./lineEditor.ts";

/** A key as the browser names it (KeyboardEvent). */
export interface KeyStroke {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly shiftKey?: boolean;
}

export interface KeyboardOutlets {
  readonly tty: () => Tty;
  readonly columns: () => number;
  /** The line as it stands now. */
  readonly show: (line: LineState) => void;
  /** Something that stands on the screen only, no program's output. */
  readonly output: (text: string) => void;
  readonly clear: () => void;
  readonly line: (line: string) => void;
  readonly key: (key: ControlKey) => void;
  readonly typed: (characters: string) => void;
}

const KEYS: Readonly<Record<string, LineKey>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "home",
  End: "end",
  Backspace: "backspace",
  Delete: "delete",
};

const CONTROL_KEYS: Readonly<Record<string, LineKey>> = {
  a: "home",
  e: "end",
  b: "left",
  f: "right",
  h: "backspace",
  k: "kill-end",
  u: "kill-start",
  w: "kill-blank-word",
  y: "yank",
  t: "transpose",
  n: "down",
  r: "search",
  g: "cancel-search",
  "/": "undo",
  ArrowLeft: "word-left",
  ArrowRight: "word-right",
};

const ALT_KEYS: Readonly<Record<string, LineKey>> = {
  b: "word-left",
  f: "word-right",
  d: "kill-word-right",
  Backspace: "kill-word-left",
  u: "up-case",
  l: "down-case",
  c: "capitalize",
  ".": "last-word",
  _: "last-word",
  "<": "oldest",
  ">": "newest",
};

/** What keys send to a program that reads them itself. */
const SEQUENCES: Readonly<Record<string, string>> = {
  ArrowUp: "\x1b[A",
  ArrowDown: "\x1b[B",
  ArrowRight: "\x1b[C",
  ArrowLeft: "\x1b[D",
  Home: "\x1b[H",
  End: "\x1b[F",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
  Delete: "\x1b[3~",
  Backspace: "\x7f",
  Enter: "\n",
  Tab: "\t",
};

/** From so many candidates on readline asks before it lists them. */
const MANY_CANDIDATES = 100;
const MODIFIERS: ReadonlySet<string> = new Set(["Control", "Shift", "Alt", "AltGraph", "Meta"]);

export class Keyboard {
  readonly #outlets: KeyboardOutlets;
  #line: LineState = EMPTY_LINE;
  /** Candidates that the last Tab left undecided: another one lists them. */
  #undecided = "";
  /** Candidates that somebody is asked about. */
  #asked: readonly string[] | undefined;
  /** The line before a Ctrl-P, which may be the first half of Ctrl-P Ctrl-Q. */
  #beforeDetach: LineState | undefined;

  constructor(outlets: KeyboardOutlets) {
    this.#outlets = outlets;
  }

  get line(): LineState {
    return this.#line;
  }

  /** Puts a line in place of the one that is being typed. */
  setText(text: string): void {
    this.#set({ ...nextLine(this.#line), text, cursor: text.length });
  }

  /** Presses a key. False when it is none of the terminal's, or a character that comes as text. */
  press(stroke: KeyStroke): boolean {
    const { key, ctrlKey = false, altKey = false } = stroke;
    // Held down for the key that follows, as between Ctrl-P and Ctrl-Q: nothing by itself.
    if (MODIFIERS.has(key)) return false;
    if (this.#outlets.tty().takesKeys) return this.#pass(stroke);
    if (this.#asked) return this.#answer(key);
    if (key === "Tab") return !stroke.shiftKey && !ctrlKey && !altKey && this.#tab();
    this.#undecided = "";
    // At the end of a line there is nothing that Ctrl-K could cut off: there it opens the page's commands, as elsewhere.
    if (ctrlKey && key === "k" && this.#line.cursor === this.#line.text.length) return false;
    if (ctrlKey && this.#control(key.length === 1 ? key.toLowerCase() : key)) return true;
    if (altKey && !ctrlKey) {
      const does = ALT_KEYS[key];
      if (does) this.#edit(does);
      return does !== undefined;
    }
    if (key === "Enter") {
      this.#submit();
      return true;
    }
    const does = ctrlKey ? undefined : KEYS[key];
    if (does) this.#edit(does);
    return does !== undefined;
  }

  /** Text that was typed, composed or pasted. A pasted newline is an Enter. */
  text(data: string): void {
    const text = data.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    if (this.#outlets.tty().takesKeys) {
      this.#outlets.typed(text);
      return;
    }
    if (this.#asked) {
      this.#answer(text[0] as string);
      return;
    }
    this.#undecided = "";
    const pieces = text.split("\n");
    for (const [i, piece] of pieces.entries()) {
      this.#set(insert(this.#line, piece.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "").replaceAll("\t", "  "), this.#history()));
      if (i < pieces.length - 1) this.#submit();
    }
  }

  #history(): readonly string[] {
    return this.#outlets.tty().reader?.history ?? [];
  }

  #set(line: LineState): void {
    this.#line = line;
    this.#outlets.show(line);
  }

  #edit(key: LineKey): void {
    this.#set(press(this.#line, key, this.#history()));
  }

  #submit(): void {
    const { text } = this.#line;
    this.#set(nextLine(press(this.#line, "end", this.#history())));
    this.#outlets.line(text);
  }

  #control(key: string): boolean {
    const detaching = this.#beforeDetach;
    this.#beforeDetach = undefined;
    if (key === "c" || key === "\\") {
      const held = this.#line.text;
      this.#set(nextLine(this.#line));
      if (held) this.#outlets.output(held);
      this.#outlets.key(key === "c" ? "C-c" : "C-\\");
    } else if (key === "d") {
      if (this.#line.text === "") this.#outlets.key("C-d");
      else this.#edit("delete");
    } else if (key === "z") this.#outlets.key("C-z");
    else if (key === "l") this.#outlets.clear();
    else if (key === "j" || key === "m") this.#submit();
    else if (key === "q" && detaching) {
      // The client holds a Ctrl-P back until it knows whether Ctrl-Q follows: what it recalled meanwhile is not there.
      this.#set(detaching);
      this.#outlets.key("C-p C-q");
      this.#set(nextLine(detaching));
    } else if (key === "p") {
      const held = this.#line;
      this.#edit("up");
      this.#beforeDetach = held;
    } else {
      const does = CONTROL_KEYS[key];
      if (!does) return false;
      this.#edit(does);
    }
    return true;
  }

  /** Completes, and lists what may follow when nothing was left to fill in. */
  #tab(): boolean {
    const { reader } = this.#outlets.tty();
    if (!reader?.complete || this.#line.text.trim() === "" || this.#line.search !== undefined) return false;
    const { state, list } = complete(this.#line, reader.complete(this.#line.text, this.#line.cursor));
    if (list.length > 0 && state.text === this.#line.text) {
      const key = list.join("\n");
      if (this.#undecided === key) {
        if (list.length < MANY_CANDIDATES) this.#list(list);
        else {
          this.#asked = list;
          this.#outlets.output(`${this.#line.text}\nDisplay all ${list.length} possibilities? (y or n)`);
          this.#outlets.show({ ...this.#line, text: "", cursor: 0 });
        }
        return true;
      }
      this.#undecided = key;
    } else this.#undecided = "";
    this.#set(state);
    return true;
  }

  #list(list: readonly string[], head = `${this.#line.text}\n`): void {
    const prompt = this.#outlets.tty().reader?.prompt ?? "";
    this.#outlets.output(`${head}${inColumns(list, this.#outlets.columns())}\n${prompt}`);
    this.#set(this.#line);
  }

  #answer(key: string): boolean {
    const list = this.#asked as readonly string[];
    if (/^[yY ]$/.test(key)) {
      this.#asked = undefined;
      this.#list(list, "\n");
    } else if (/^([nN]|Backspace|Delete|Escape)$/.test(key)) {
      this.#asked = undefined;
      this.#outlets.output(`\n${this.#outlets.tty().reader?.prompt ?? ""}`);
      this.#set(this.#line);
    }
    return true;
  }

  /** Sends a key to the program that waits for keys. */
  #pass({ key, ctrlKey = false, altKey = false }: KeyStroke): boolean {
    if (ctrlKey && /^[cdz\\]$/i.test(key)) this.#outlets.key(key === "\\" ? "C-\\" : (`C-${key.toLowerCase()}` as ControlKey));
    else if (ctrlKey && /^[a-z]$/i.test(key)) this.#outlets.typed(String.fromCharCode(key.toUpperCase().charCodeAt(0) - 64));
    else if (!ctrlKey && !altKey && SEQUENCES[key] !== undefined) this.#outlets.typed(SEQUENCES[key]);
    else return false;
    return true;
  }
}
