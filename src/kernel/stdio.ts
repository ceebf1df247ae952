/** What a process reads from and writes to: pipes, files, terminals, nothing. */
import type { Op, Wait } from "./task.ts";
import type { Tty } from "./tty.ts";

export interface Input {
  /**
   * What is there, as read(2): at least one character, at most `limit`, and nothing behind the first `until`. Waits for it;
   * undefined at end of input.
   */
  read(limit?: number, until?: string): Op<string | undefined>;
  /** The next line without its newline; undefined at end of input. */
  readLine(): Op<string | undefined>;
  /** Everything up to the end of input. */
  readAll(): Op<string>;
}

export interface Output {
  /** Text as it is, newlines included. Writing to a pipe whose reader is gone ends the writer (SIGPIPE). */
  write(text: string): void;
  /** No more will come: tells the reader of a pipe. Nothing for a terminal. */
  close(): void;
  /** What a writer that never stops waits for while the reader is behind; undefined when there is room. */
  room?(): Wait | undefined;
  /** Why the last write was not taken, as strerror prints it: a file that is full. */
  readonly failure?: string | undefined;
}

export interface Stdio {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The controlling terminal, when there is one: its Ctrl-C reaches the foreground. */
  readonly tty?: Tty;
}

/** Beyond this many characters a reader that keeps everything is out of memory. */
const MAX_KEPT = 8_000_000;

/** The two readings that rest on `read`. */
export abstract class Readable implements Input {
  abstract read(limit?: number, until?: string): Op<string | undefined>;

  *readLine(): Op<string | undefined> {
    let line = "";
    for (;;) {
      const piece = yield* this.read(undefined, "\n");
      if (piece === undefined) return line === "" ? undefined : line;
      if (piece.endsWith("\n")) return line + piece.slice(0, -1);
      line += piece;
      if (line.length > MAX_KEPT) return line;
    }
  }

  *readAll(): Op<string> {
    const pieces: string[] = [];
    let length = 0;
    for (let piece = yield* this.read(); piece !== undefined && length <= MAX_KEPT; piece = yield* this.read()) {
      pieces.push(piece);
      length += piece.length;
    }
    return pieces.join("");
  }
}

/** Text that is there already: a file that was opened, a here-document. */
export class TextInput extends Readable {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  // biome-ignore lint/correctness/useYield: all of it is at hand
  *read(limit = Number.POSITIVE_INFINITY, until?: string): Op<string | undefined> {
    if (this.#at >= this.#text.length) return undefined;
    const from = this.#at;
    this.#at = pieceEnd(this.#text, from, limit, until);
    return this.#text.slice(from, this.#at);
  }
}

/** Where a reading that begins at `from` ends. */
export function pieceEnd(text: string, from: number, limit: number, until: string | undefined): number {
  const most = Math.min(text.length, from + limit);
  const stop = until === undefined ? -1 : text.indexOf(until, from);
  return stop < 0 ? most : Math.min(most, stop + until!.length);
}

/** /dev/null to read from. */
export const NO_INPUT: Input = new TextInput("");

/** An Output that hands each piece to a function: capture, log files, /dev/null. */
export const outputTo = (write: (text: string) => void): Output => ({ write, close() {} });
