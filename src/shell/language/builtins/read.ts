/** read and mapfile. */
import { type Input, Readable } from "../../../kernel/stdio.ts";
import { anyOf, type Op, Signal, sleep, Task } from "../../../kernel/task.ts";
import type { Tty } from "../../../kernel/tty.ts";
import { Effort } from "../../effort.ts";
import type { Interpreter } from "../interpreter.ts";
import { descriptorOf, type Streams } from "../streams.ts";
import { type Builtin, NAME, options, refuse } from "./builtin.ts";

const USAGE = "read [-Eers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";

/** Characters of a line, with those that a backslash protects from being split. */
interface Char {
  readonly char: string;
  readonly quoted: boolean;
}

interface Reading {
  readonly chars: readonly Char[];
  /** The delimiter was met, or as many characters as were asked for. */
  readonly complete: boolean;
}

/** Characters after which the rest of a line is not kept: an input without a line's end must not fill the memory. */
const MOST_KEPT = 1_000_000;

/**
 * What is there of an input, undefined at its end. Reading takes time, so that one which never ends can be interrupted; bytes of
 * zero are passed over, as bash does.
 */
function* readPiece(input: Input, effort: Effort, limit: number | undefined, until: string | undefined): Op<string | undefined> {
  const piece = yield* input.read(limit, until);
  if (piece !== undefined && effort.spend(Math.ceil(piece.length / 64))) yield* effort.rest();
  return until === "\0" ? piece : piece?.replaceAll("\0", "");
}

/** Reads up to the delimiter, continuation lines followed; undefined when the time is over. */
function* readChars(input: Input, effort: Effort, delimiter: string, count: number | undefined, raw: boolean, exact: boolean): Op<Reading> {
  const chars: Char[] = [];
  let escaping = false;
  for (;;) {
    const left = count === undefined ? undefined : count - chars.length;
    if (left !== undefined && left <= 0) return { chars, complete: true };
    // A character at a time is all that a shell may take from a stream that others read as well, up to the delimiter.
    const piece = yield* readPiece(input, effort, left, exact ? undefined : delimiter);
    if (piece === undefined) return { chars, complete: false };
    if (chars.length > MOST_KEPT) {
      if (piece.endsWith(delimiter) && !exact) return { chars, complete: true };
      continue;
    }
    for (const [i, char] of [...piece].entries()) {
      if (escaping) {
        escaping = false;
        if (char !== "\n") chars.push({ char, quoted: true });
      } else if (char === "\\" && !raw) escaping = true;
      else if (char === delimiter && !exact && i === [...piece].length - 1) return { chars, complete: true };
      else chars.push({ char, quoted: false });
    }
  }
}

/** A terminal without line editing by the kernel: each key as it comes, shown unless it is secret; `whole` gathers a line. */
class KeyInput extends Readable {
  readonly #tty: Tty;
  readonly #silent: boolean;
  readonly #whole: boolean;

  constructor(tty: Tty, silent: boolean, whole: boolean) {
    super();
    this.#tty = tty;
    this.#silent = silent;
    this.#whole = whole;
  }

  #echo(text: string): void {
    if (!this.#silent) this.#tty.write(text);
  }

  *read(_limit?: number, until?: string): Op<string | undefined> {
    let text = "";
    for (;;) {
      const key = yield* this.#tty.readKey();
      if (key === undefined) return text === "" ? undefined : text;
      if (key === "\x7f" && this.#whole) {
        if (text !== "") this.#echo("\b \b");
        text = text.slice(0, -1);
        continue;
      }
      this.#echo(key);
      text += key;
      if (!this.#whole || key === until || key === "\n") return text;
    }
  }
}

/** Ends a reading after `limit` µs. */
function* limited(run: Op<Reading>, limit: number, shell: Interpreter): Op<Reading | undefined> {
  const { clock } = shell.process.machine.kernel;
  const task = new Task(clock, run);
  const end = clock.now + limit;
  try {
    while (!task.done && clock.now < end) yield anyOf(task.exited, sleep(end - clock.now));
  } finally {
    if (!task.done) task.signal(new Signal("KILL"));
  }
  return task.outcome && "value" in task.outcome ? task.outcome.value : undefined;
}

/** Fields as $IFS separates them, `count` at most: the last takes the rest as it is (POSIX read). */
function split(chars: readonly Char[], ifs: string, count: number): string[] {
  const isSeparator = ({ char, quoted }: Char): boolean => !quoted && ifs.includes(char);
  const isBlank = (one: Char): boolean => isSeparator(one) && " \t\n".includes(one.char);
  let at = 0;
  const skipBlanks = (): void => {
    while (at < chars.length && isBlank(chars[at] as Char)) at++;
  };
  const fields: string[] = [];
  skipBlanks();
  while (at < chars.length && fields.length < count - 1) {
    let field = "";
    while (at < chars.length && !isSeparator(chars[at] as Char)) field += (chars[at++] as Char).char;
    fields.push(field);
    skipBlanks();
    if (at < chars.length && isSeparator(chars[at] as Char)) {
      at++;
      skipBlanks();
    }
  }
  if (at >= chars.length) return fields;
  let end = chars.length;
  while (end > at && isBlank(chars[end - 1] as Char)) end--;
  const rest = chars.slice(at, end);
  // One separator at the end belongs to the field when it is the only one.
  const seps = rest.filter(isSeparator);
  const single = seps.length === 1 && rest.length > 0 && isSeparator(rest.at(-1) as Char);
  fields.push((single ? rest.slice(0, -1) : rest).map(({ char }) => char).join(""));
  return fields;
}

function* read(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const given = options(shell, words, shell.dialect === "dash" ? "rp:" : "rsEea:d:i:n:N:p:t:u:", USAGE, streams);
  if (!given) return 2;
  const { on, rest } = given;
  for (const name of rest)
    if (!NAME.test(name.replace(/\[.*\]$/s, ""))) {
      if (shell.dialect === "bash") return refuse(shell, "read", `\`${name}': not a valid identifier`, streams);
      return refuse(shell, "read", `${name}: bad variable name`, streams);
    }
  const fd = Number(on.get("u") ?? 0);
  const input = descriptorOf(streams, fd)?.input;
  if (!input) return refuse(shell, "read", `${fd}: invalid file descriptor: Bad file descriptor`, streams);
  const prompt = on.get("p");
  if (prompt !== undefined && input === streams.tty) streams.stderr.write(prompt);
  const count = on.get("n") ?? on.get("N");
  if (count !== undefined && !/^\d+$/.test(count)) return refuse(shell, "read", `${count}: invalid number`, streams);
  const timeout = on.get("t");
  if (timeout !== undefined && !/^\d*\.?\d*$/.test(timeout))
    return refuse(shell, "read", `${timeout}: invalid timeout specification`, streams);
  const delimiter = on.has("d") ? (on.get("d") as string)[0] || "\0" : "\n";
  const silent = on.has("s");
  const { tty } = streams;
  const keys = tty && input === tty && (silent || count !== undefined || delimiter !== "\n") ? tty : undefined;
  const from = keys ? new KeyInput(keys, silent, count === undefined) : input;
  const effort = new Effort(shell.process.machine.kernel.clock);
  const reads = readChars(from, effort, delimiter, count === undefined ? undefined : Number(count), on.has("r"), on.has("N"));
  const run = keys ? keys.takingKeys(reads) : reads;
  const reading = timeout === undefined ? yield* run : yield* limited(run, Number(timeout) * 1e6, shell);
  const chars = reading?.chars ?? [];
  const ifs = on.has("N") ? "" : (shell.parameter("IFS") ?? " \t\n");
  const array = on.get("a");
  if (array !== undefined) {
    const values = split(chars, ifs, Number.POSITIVE_INFINITY).map((value) => ({ index: undefined, value }));
    shell.assignReady({ name: array, index: undefined, append: false, value: values });
  } else if (rest.length === 0) shell.assign("REPLY", undefined, chars.map(({ char }) => char).join(""));
  else {
    const fields = split(chars, ifs, rest.length);
    for (const [i, name] of rest.entries()) {
      const [, plain = name, index] = /^([^[]*)(?:\[(.*)\])?$/s.exec(name) ?? [];
      shell.assign(plain, index, fields[i] ?? "");
    }
  }
  if (!reading) return 142;
  return reading.complete ? 0 : 1;
}

function* mapfile(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const usage = "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";
  const given = options(shell, words, "d:n:O:s:tu:", usage, streams);
  if (!given) return 2;
  const { on, rest } = given;
  const input = descriptorOf(streams, Number(on.get("u") ?? 0))?.input;
  if (!input) return refuse(shell, words[0] as string, `${on.get("u")}: invalid file descriptor: Bad file descriptor`, streams);
  const delimiter = on.has("d") ? (on.get("d") as string)[0] || "\0" : "\n";
  const most = Number(on.get("n") ?? 0) || Number.POSITIVE_INFINITY;
  const skipped = Number(on.get("s") ?? 0);
  const items: { index: string | undefined; value: string }[] = [];
  const effort = new Effort(shell.process.machine.kernel.clock);
  let line = "";
  let seen = 0;
  const take = (text: string): void => {
    if (seen++ >= skipped)
      items.push({ index: undefined, value: on.has("t") && text.endsWith(delimiter) ? text.slice(0, -delimiter.length) : text });
  };
  while (items.length < most) {
    const piece = yield* readPiece(input, effort, undefined, delimiter);
    if (piece === undefined) break;
    if (line.length < MOST_KEPT || piece.endsWith(delimiter)) line += piece;
    if (!line.endsWith(delimiter)) continue;
    take(line);
    line = "";
  }
  if (line !== "" && items.length < most) take(line);
  const name = rest[0] ?? "MAPFILE";
  const origin = on.get("O");
  const failed = shell.assignReady({
    name,
    index: undefined,
    append: origin !== undefined,
    value: items.map((item, i) => (origin === undefined ? item : { index: String(Number(origin) + i), value: item.value })),
  });
  return failed ? refuse(shell, words[0] as string, failed.message, streams) : 0;
}

export const readBuiltins: readonly Builtin[] = [
  { name: "read", run: read },
  { name: "mapfile", dialects: ["bash"], run: mapfile },
  { name: "readarray", dialects: ["bash"], run: mapfile },
];
