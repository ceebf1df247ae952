/** Redirections, carried out left to right (POSIX XCU 2.7). */
import { TextInput } from "../../kernel/stdio.ts";
import type { Op } from "../../kernel/task.ts";
import { FileError, resolvePath } from "../../kernel/vfs.ts";
import type { Process } from "../command.ts";
import { openInput, openOutput } from "../open.ts";
import type { Redirection } from "./ast.ts";
import type { Scope } from "./expand/scope.ts";
import { expandToText, expandWord } from "./expand/words.ts";
import { openConnection } from "./net-redirect.ts";
import { type Descriptor, descriptorOf, type Streams, withDescriptor } from "./streams.ts";

/** A redirection that cannot be made. */
export class RedirectionError {
  /** Follows "bash: line 1: ". */
  readonly message: string;
  /** What was said before, as a line of its own. */
  readonly before: { readonly text: string; readonly line: boolean } | undefined;

  constructor(message: string, before?: RedirectionError["before"]) {
    this.message = message;
    this.before = before;
  }
}

interface Around extends Scope {
  readonly process: Process;
}

export interface Redirected {
  readonly streams: Streams;
  /** Closes what was opened. */
  close(): void;
}

/** The streams with the redirections carried out, or why one could not be. */
export function* redirect(redirections: readonly Redirection[], streams: Streams, shell: Around): Op<Redirected | RedirectionError> {
  let now = streams;
  const opened: Descriptor[] = [];
  const close = (): void => {
    for (const descriptor of opened) descriptor.close?.();
  };
  for (const redirection of redirections) {
    const next = yield* one(redirection, now, shell, opened);
    if (next instanceof RedirectionError) {
      close();
      return next;
    }
    now = next;
  }
  return { streams: now, close };
}

function* one(redirection: Redirection, streams: Streams, shell: Around, toClose: Descriptor[]): Op<Streams | RedirectionError> {
  const { operator, target } = redirection;
  const fd = redirection.fd ?? (operator.startsWith("<") ? 0 : 1);
  if (operator === "<<" || operator === "<<-") {
    const text = redirection.document ? yield* expandToText(redirection.document, shell) : "";
    return withDescriptor(streams, fd, { input: new TextInput(text) });
  }
  if (operator === "<<<") return withDescriptor(streams, fd, { input: new TextInput(`${yield* expandToText(target, shell)}\n`) });
  const name = yield* targetName(redirection, shell);
  if (name instanceof RedirectionError) return name;
  if (operator === ">&" || operator === "<&") {
    const copied = copy(streams, fd, name, operator, shell);
    if (copied) return copied;
  }
  const both = operator === "&>" || operator === "&>>" || operator === ">&";
  const descriptor = yield* open(name, both ? (operator === "&>>" ? ">>" : ">") : operator, streams, shell);
  if (descriptor instanceof RedirectionError) return descriptor;
  toClose.push(descriptor);
  const opened = withDescriptor(streams, fd, descriptor);
  return both ? withDescriptor(opened, 2, descriptor) : opened;
}

function* targetName({ target }: Redirection, shell: Around): Op<string | RedirectionError> {
  if (shell.dialect !== "bash") return yield* expandToText(target, shell);
  const words = yield* expandWord(target, shell);
  return words.length === 1 ? (words[0] as string) : new RedirectionError(`${target.raw}: ambiguous redirect`);
}

/** `2>&1`, `<&3`, `3>&-`. Undefined when the target names a file, as in `>&file`. */
function copy(streams: Streams, fd: number, name: string, operator: ">&" | "<&", shell: Around): Streams | RedirectionError | undefined {
  if (name === "-") return withDescriptor(streams, fd, undefined);
  const moves = /^\d+-$/.test(name);
  if (!/^\d+-?$/.test(name)) {
    if (operator === ">&" && fd === 1) return undefined;
    return new RedirectionError(`${name}: ambiguous redirect`);
  }
  const from = Number.parseInt(name, 10);
  const descriptor = descriptorOf(streams, from);
  if (!descriptor)
    return new RedirectionError(shell.dialect === "ash" ? `dup2(${from},${fd}): Bad file descriptor` : `${from}: Bad file descriptor`);
  const copied = withDescriptor(streams, fd, descriptor);
  return moves ? withDescriptor(copied, from, undefined) : copied;
}

function* open(name: string, operator: string, streams: Streams, shell: Around): Op<Descriptor | RedirectionError> {
  const connection = shell.dialect === "bash" ? /^\/dev\/(tcp|udp)\/([^/]*)\/([^/]*)$/.exec(name) : null;
  if (connection) {
    const [, protocol, host, port] = connection as unknown as [string, "tcp" | "udp", string, string];
    const opened = yield* openConnection(shell.process, protocol, host, port);
    if (!("said" in opened)) return opened;
    return new RedirectionError(`${name}: ${opened.errno}`, { text: opened.said, line: !opened.connecting });
  }
  const opener = { machine: shell.process.machine, fs: shell.fs, cwd: shell.cwd, ...streams };
  if (operator === "<") {
    const input = openInput(opener, name);
    return input instanceof FileError ? refused(name, "<", input, shell) : { input };
  }
  if (operator === "<>") {
    const path = resolvePath(shell.cwd, name);
    if (!shell.fs.exists(path)) shell.fs.write(path, "");
    const input = openInput(opener, name);
    const output = openOutput(opener, name, true);
    if (input instanceof FileError) return refused(name, "<", input, shell);
    return output instanceof FileError ? refused(name, ">", output, shell) : { input, output };
  }
  const path = resolvePath(shell.cwd, name);
  if (operator === ">" && shell.option("noclobber") && shell.fs.exists(path) && !shell.fs.isComputed(path))
    return new RedirectionError(
      shell.dialect === "bash" ? `${name}: cannot overwrite existing file` : `${cannot(shell, ">")} ${name}: File exists`,
    );
  const output = openOutput(opener, name, operator === ">>");
  return output instanceof FileError ? refused(name, ">", output, shell) : { output };
}

const cannot = ({ dialect }: Around, direction: "<" | ">"): string =>
  `${dialect === "dash" ? "cannot" : "can't"} ${direction === "<" ? "open" : "create"}`;

function refused(name: string, direction: "<" | ">", { message }: FileError, shell: Around): RedirectionError {
  if (shell.dialect === "bash") return new RedirectionError(`${name}: ${message}`);
  const absent = message === "No such file or directory";
  const dash = direction === "<" ? "No such file" : "Directory nonexistent";
  const ash = direction === "<" ? "no such file" : "nonexistent directory";
  return new RedirectionError(`${cannot(shell, direction)} ${name}: ${absent ? (shell.dialect === "dash" ? dash : ash) : message}`);
}
