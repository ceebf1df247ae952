/** A shell's open files by number: the three that every program has, and what `3>file` and `exec 4<&0` open beside them. */
import { type Input, NO_INPUT, type Output, Readable, type Stdio } from "../../kernel/stdio.ts";
import type { Op } from "../../kernel/task.ts";

/** What a number stands for; a terminal and a connection can be both read and written. */
export interface Descriptor {
  readonly input?: Input;
  readonly output?: Output;
  /** What must be done when it is closed: a connection's end is seen by its peer. */
  readonly close?: () => void;
}

export interface Streams extends Stdio {
  /** From 3 on. */
  readonly more?: ReadonlyMap<number, Descriptor>;
}

class Closed extends Readable implements Output {
  readonly failure = "Bad file descriptor";

  // biome-ignore lint/correctness/useYield: there is nothing to wait for
  *read(): Op<string | undefined> {
    return undefined;
  }

  write(): void {}

  close(): void {}
}

/** What `>&-` and `<&-` leave. */
const CLOSED = new Closed();

const bothWays = (stream: Input | Output): Descriptor => {
  const descriptor: { input?: Input; output?: Output } = {};
  if ("read" in stream) descriptor.input = stream;
  if ("write" in stream) descriptor.output = stream;
  return descriptor;
};

/** Undefined when nothing is open under that number. */
export function descriptorOf(streams: Streams, fd: number): Descriptor | undefined {
  const stream = [streams.stdin, streams.stdout, streams.stderr][fd];
  if (stream) return stream === CLOSED ? undefined : bothWays(stream);
  return streams.more?.get(fd);
}

export function withDescriptor(streams: Streams, fd: number, descriptor: Descriptor | undefined): Streams {
  const input = descriptor?.input ?? (descriptor ? NO_INPUT : CLOSED);
  const output = descriptor?.output ?? CLOSED;
  switch (fd) {
    case 0:
      return { ...streams, stdin: input };
    case 1:
      return { ...streams, stdout: output };
    case 2:
      return { ...streams, stderr: output };
  }
  const more = new Map(streams.more);
  if (descriptor) more.set(fd, descriptor);
  else more.delete(fd);
  return { ...streams, more };
}

/** The part of a shell's streams that a program inherits. */
export const stdioOf = ({ stdin, stdout, stderr, tty }: Stdio): Stdio => ({ stdin, stdout, stderr, tty });
