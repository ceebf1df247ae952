/** Opening files by name, as open(2): regular files, computed ones, and the devices under /dev. */
import { type Input, NO_INPUT, type Output, outputTo, Readable, type Stdio, TextInput } from "../kernel/stdio.ts";
import type { Op } from "../kernel/task.ts";
import { FileError, type FileSystem, resolvePath } from "../kernel/vfs.ts";
import type { Machine } from "./command.ts";

/** Whoever opens: its files, and what /dev/stdin and its kin lead to. */
export interface Opener extends Stdio {
  readonly machine: Machine;
  readonly fs: FileSystem;
  readonly cwd: string;
}

/** Characters that a device gives at a time. */
const BLOCK = 4096;

/** /dev/zero and /dev/urandom: they never end. */
class Endless extends Readable {
  readonly #next: (length: number) => string;

  constructor(next: (length: number) => string) {
    super();
    this.#next = next;
  }

  // biome-ignore lint/correctness/useYield: there is always more
  *read(limit = BLOCK): Op<string | undefined> {
    return this.#next(Math.max(1, Math.min(limit, BLOCK)));
  }
}

const randomBytes = (machine: Machine, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(machine.kernel.random.below(256))).join("");

export function openInput(opener: Opener, name: string): Input | FileError {
  const path = resolvePath(opener.cwd, name);
  switch (path) {
    case "/dev/stdin":
    case "/dev/fd/0":
    case "/proc/self/fd/0":
      return opener.stdin;
    case "/dev/tty":
      return opener.tty ?? new FileError("No such device or address");
    case "/dev/zero":
    case "/dev/full":
      return new Endless((length) => "\0".repeat(length));
    case "/dev/random":
    case "/dev/urandom":
      return new Endless((length) => randomBytes(opener.machine, length));
    case "/dev/null":
      return NO_INPUT;
  }
  const text = opener.fs.read(path);
  return text instanceof FileError ? text : new TextInput(text);
}

class FileOutput implements Output {
  readonly #fs: FileSystem;
  readonly #path: string;
  failure: string | undefined;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  write(text: string): void {
    this.failure = text === "" ? undefined : this.#fs.append(this.#path, text)?.message;
  }

  close(): void {}
}

/** Opens a file to write to: made or cut off first unless appended to. */
export function openOutput(opener: Opener, name: string, append: boolean): Output | FileError {
  const path = resolvePath(opener.cwd, name);
  switch (path) {
    case "/dev/stdout":
    case "/dev/fd/1":
    case "/proc/self/fd/1":
      return opener.stdout;
    case "/dev/stderr":
    case "/dev/fd/2":
    case "/proc/self/fd/2":
      return opener.stderr;
    case "/dev/tty":
      return opener.tty ?? new FileError("No such device or address");
    case "/dev/null":
      return outputTo(() => {});
  }
  const { fs } = opener;
  if (fs.isDirectory(path)) return new FileError("Is a directory");
  if (fs.isComputed(path)) {
    if (!fs.exists(path)) return new FileError("No such file or directory");
    if (fs.isReadOnly(path)) return new FileError("Read-only file system");
    return new FileOutput(fs, path);
  }
  const failed = append ? fs.append(path, "") : fs.write(path, "");
  return failed ?? new FileOutput(fs, path);
}
