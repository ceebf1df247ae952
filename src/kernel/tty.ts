/**
 * A terminal and its line discipline (drivers/tty/n_tty.c, at the grain of lines): typed lines and control keys go in,
 * text comes out. `docker attach` and `docker exec -it` put their own terminal into raw mode and pass everything on to the
 * container's, so shells nest as they do on a real host.
 */
import { type Input, type Output, pieceEnd, Readable } from "./stdio.ts";
import { type Op, Signal, sleep, Task, WaitQueue } from "./task.ts";

export type ControlKey = "C-c" | "C-d" | "C-p C-q" | "C-z" | "C-\\";
/** A line with its Enter, a control key, or characters as they come for a program that reads them one at a time. */
export type TtyInput = { readonly line: string } | { readonly key: ControlKey } | { readonly typed: string };

/** What a program that reads lines from a terminal shows there: the prompt, and how it completes (readline). */
export interface LineReader {
  readonly prompt: string;
  /** Candidates for the word at the cursor, and where that word starts. */
  complete?(line: string, cursor: number): Completion;
  /** Lines that Up and Ctrl-R find, oldest first. */
  readonly history?: readonly string[];
}

export interface Completion {
  /** Index in the line of the first character that a candidate replaces. */
  readonly start: number;
  /** Candidates as they would stand in the line, sorted; a trailing space where the word is complete. */
  readonly candidates: readonly string[];
  /** They are paths: a list of them shows the last parts. */
  readonly files?: boolean;
}

/** A key that sends an escape sequence, or any other character. */
const KEY = /^(?:\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|.)/s;

export class Tty extends Readable implements Input, Output {
  readonly id: string;
  columns = 80;
  /** Whether what is typed is shown (ECHO of c_lflag); readline shows it by itself. */
  echo = true;
  /** Woken when input has arrived. */
  readonly readable = new WaitQueue();
  /** Everything written, bounded: the oldest lines go first. `written` counts all characters ever written. */
  #text = "";
  written = 0;
  #queue: TtyInput[] = [];
  #outputs = new Set<(text: string) => void>();
  #raw: { forward: (input: TtyInput) => void; inner: Tty; whose: string } | undefined;
  #reader: LineReader | undefined;
  /** Programs that want every key at once, and see to the echo themselves (ICANON and ECHO off). */
  #keyReaders = 0;
  /** Characters of a line that has no end yet. */
  #begun = "";
  /** Who gets Ctrl-C and Ctrl-\\: set by the shell to the foreground job, undefined while the shell itself reads. */
  interrupt: ((signal: Signal) => void) | undefined;
  /** Called on Ctrl-Z while a job runs in the foreground. */
  suspend: (() => void) | undefined;

  constructor(id: string) {
    super();
    this.id = id;
  }

  /** A line or key typed by the user, now. Echoed, then read by whoever reads; Ctrl-C goes to the foreground. */
  input(input: TtyInput): void {
    if (this.#raw) {
      this.#raw.forward(input);
      return;
    }
    if ("typed" in input) {
      this.#type(input.typed);
      return;
    }
    if ("line" in input) {
      if (!this.#byKeys) this.#show(`${input.line}\n`);
      const line = this.#begun + input.line;
      this.#begun = "";
      this.#queue.push({ line });
      this.readable.wake();
      return;
    }
    if (input.key === "C-c") {
      this.#show("^C");
      this.#begun = "";
      if (this.interrupt) {
        this.#queue.length = 0;
        this.interrupt(new Signal("INT"));
        return;
      }
      this.write("\n");
    } else if (input.key === "C-\\") {
      if (!this.interrupt) return;
      this.#show("^\\");
      this.interrupt(new Signal("QUIT"));
      return;
    } else if (input.key === "C-z") {
      // readline and those that take keys read it as any other character.
      if (!this.interrupt || this.#reader) return;
      this.#show("^Z");
      this.suspend?.();
      return;
    } else if (input.key !== "C-d") return;
    this.#queue.push(input);
    this.readable.wake();
  }

  /** Characters without Enter: a program that takes keys gets each of them, any other a line once it is complete. */
  #type(text: string): void {
    if (this.#byKeys) this.#queue.push({ typed: text });
    else {
      this.#show(text);
      const lines = (this.#begun + text).split("\n");
      this.#begun = lines.pop() as string;
      for (const line of lines) this.#queue.push({ line });
    }
    this.readable.wake();
  }

  #show(text: string): void {
    if (this.echo || this.#reader) this.write(text);
  }

  write(text: string): void {
    if (text === "") return;
    this.written += text.length;
    this.#text += text;
    if (this.#text.length > 400_000)
      this.#text = this.#text.slice(this.#text.indexOf("\n", this.#text.length - 300_000) + 1).slice(-300_000);
    for (const output of this.#outputs) output(text);
  }

  close(): void {}

  /** Somebody else looks at it now, as after a change of its size (SIGWINCH): what waits at a prompt shows it again. */
  redraw(): void {
    if (this.#reader) this.write(this.#reader.prompt);
  }

  /** What is on the terminal, from the oldest kept line. "\f" clears. */
  get text(): string {
    return this.#text;
  }

  /** Forgets what is shown (`clear`). */
  clear(): void {
    this.#text = "";
    for (const output of this.#outputs) output("\f");
  }

  /** Calls `output` with each piece written from now on. */
  onOutput(output: (text: string) => void): () => void {
    this.#outputs.add(output);
    return () => this.#outputs.delete(output);
  }

  /**
   * Raw mode: everything typed goes to `inner` by way of `forward`, until the returned function is called. `whose` is the id or name
   * of the container that `inner` is a terminal of.
   */
  forwardTo(inner: Tty, forward: (input: TtyInput) => void, whose: string): () => void {
    const raw = { forward, inner, whose };
    this.#raw = raw;
    return () => {
      if (this.#raw === raw) this.#raw = undefined;
    };
  }

  /** The id or name of the container whose terminal gets what is typed; undefined when this one keeps it. */
  get forwarding(): string | undefined {
    return this.#raw?.whose;
  }

  /** The reader that the user is talking to now, inner terminals followed; undefined while a command runs. */
  get reader(): LineReader | undefined {
    return this.#raw ? this.#raw.inner.reader : this.#reader;
  }

  /** Whether each key is wanted as it is pressed, inner terminals followed. */
  get takesKeys(): boolean {
    return this.#raw ? this.#raw.inner.takesKeys : this.#byKeys;
  }

  /** A shell that reads its next line has set the terminal for itself, whoever else was stopped in front of it. */
  get #byKeys(): boolean {
    return this.#keyReaders > 0 && this.#reader === undefined;
  }

  /** Whether nobody reads lines here while `body` runs: keys come one at a time, without an echo. */
  *takingKeys<T>(body: Op<T>): Op<T> {
    this.#keyReaders++;
    try {
      return yield* body;
    } finally {
      this.#keyReaders--;
    }
  }

  /** Whether something has been typed that nobody has read. */
  get hasInput(): boolean {
    return this.#queue.length > 0;
  }

  /** The next key: a character, or the escape sequence that the key sends; undefined at Ctrl-D. */
  *readKey(): Op<string | undefined> {
    const input = yield* this.#next();
    if ("key" in input) return input.key === "C-d" ? undefined : yield* this.readKey();
    const text = "line" in input ? `${input.line}\n` : input.typed;
    const key = (KEY.exec(text) as RegExpExecArray)[0];
    if (key.length < text.length) this.#queue.unshift({ typed: text.slice(key.length) });
    return key;
  }

  /** Reads a line with a prompt, as a shell does. "interrupted" after Ctrl-C, undefined after Ctrl-D on an empty line. */
  *readPrompted(reader: LineReader): Op<{ readonly line: string } | "interrupted" | undefined> {
    this.write(reader.prompt);
    // What was typed ahead has been echoed where the cursor then was; readline shows it again at the prompt.
    const ahead = this.#queue[0];
    if (ahead && "line" in ahead) this.write(`${ahead.line}\n`);
    this.#reader = reader;
    try {
      while (this.#queue.length === 0) yield this.readable;
      const input = this.#queue.shift() as TtyInput;
      if ("key" in input) return input.key === "C-c" ? "interrupted" : undefined;
      return { line: "line" in input ? input.line : input.typed.replace(/\n.*/s, "") };
    } finally {
      this.#reader = undefined;
    }
  }

  /** What was typed next. Who is not in the foreground is stopped for asking (SIGTTIN). */
  *#next(): Op<TtyInput> {
    for (;;) {
      if (Task.running?.background) {
        Task.running.stop("TTIN");
        yield sleep(0);
      } else if (this.#queue.length > 0) return this.#queue.shift() as TtyInput;
      else yield this.readable;
    }
  }

  /** A line at a time, as a terminal in canonical mode gives it; Ctrl-D is end of input. */
  *read(limit = Number.POSITIVE_INFINITY, until?: string): Op<string | undefined> {
    for (;;) {
      const input = yield* this.#next();
      if ("key" in input) {
        if (input.key === "C-d") return undefined;
        continue;
      }
      const line = "line" in input ? `${input.line}\n` : input.typed;
      const end = pieceEnd(line, 0, limit, until);
      if (end < line.length) this.#queue.unshift("line" in input ? { line: line.slice(end, -1) } : { typed: line.slice(end) });
      return line.slice(0, end);
    }
  }
}
