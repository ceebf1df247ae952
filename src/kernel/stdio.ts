/** What a process reads from and writes to: pipes, terminals, nothing. */
import type { Op } from "./task.ts";
import type { Tty } from "./tty.ts";

export interface Input {
  /** The next line without its newline; undefined at end of input. */
  readLine(): Op<string | undefined>;
  /** Everything up to the end of input. */
  readAll(): Op<string>;
}

export interface Output {
  /** Text as it is, newlines included. Writing to a pipe whose reader is gone is ignored. */
  write(text: string): void;
  /** No more will come: tells the reader of a pipe. Nothing for a terminal. */
  close(): void;
}

export interface Stdio {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The controlling terminal, when there is one: its Ctrl-C reaches the foreground. */
  readonly tty?: Tty;
}

/** /dev/null to read from. */
export const NO_INPUT: Input = {
  // biome-ignore lint/correctness/useYield: end of input comes at once, without waiting
  *readLine() {
    return undefined;
  },
  // biome-ignore lint/correctness/useYield: as above
  *readAll() {
    return "";
  },
};

/** An Output that hands each piece to a function: capture, log files, /dev/null. */
export const outputTo = (write: (text: string) => void): Output => ({ write, close() {} });
