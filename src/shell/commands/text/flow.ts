/** The course of a filter: lines in, lines out, with time passing when there is much of either. */
import type { Input } from "../../../kernel/stdio.ts";
import type { Op } from "../../../kernel/task.ts";
import type { FileError } from "../../../kernel/vfs.ts";
import type { Process } from "../../command.ts";
import { Effort } from "../../effort.ts";
import { openInput } from "../../open.ts";

/** What a tool keeps of its input, at most: beyond it is out of memory. */
const MAX_KEPT = 8_000_000;
/** A line is at most so long. */
const MAX_LINE = 4_000_000;
/** Printed text is handed on in pieces of this size. */
const PIECE = 32_768;

export class Flow {
  readonly process: Process;
  readonly effort: Effort;
  #pending: string[] = [];
  #length = 0;

  constructor(process: Process) {
    this.process = process;
    this.effort = new Effort(process.machine.kernel.clock);
  }

  print(text: string): void {
    this.#pending.push(text);
    this.#length += text.length;
  }

  /** Whether so much has been printed that `flush` is due. */
  get full(): boolean {
    return this.#length >= PIECE;
  }

  /** Hands on what was printed; waits while nobody takes it. */
  *flush(): Op<void> {
    if (this.#length > 0) {
      const text = this.#pending.length === 1 ? (this.#pending[0] as string) : this.#pending.join("");
      this.#pending = [];
      this.#length = 0;
      this.process.stdout.write(text);
      for (let wait = this.process.stdout.room?.(); wait; wait = this.process.stdout.room?.()) yield wait;
      if (this.process.stdout.failure !== undefined) throw new OutputFailure(this.process.stdout.failure);
    }
    if (this.effort.spend()) yield* this.effort.rest();
  }

  /**
   * Hands every line to `take`, without its newline; `terminated` tells whether it had one. False from `take` ends it.
   * True when the input came to its end.
   */
  *lines(input: Input, take: (line: string, terminated: boolean) => boolean | undefined, terminator = "\n"): Op<boolean> {
    let rest = "";
    for (;;) {
      const piece = yield* input.read();
      if (piece === undefined) break;
      if (terminator.length === 1 && !piece.includes(terminator)) {
        // Not put together before its end is there: looking at ever longer texts takes ever longer.
        rest += piece;
        if (rest.length > MAX_LINE) throw new OutOfMemory();
        this.effort.spend();
        yield* this.flush();
        continue;
      }
      const text = rest === "" ? piece : rest + piece;
      let from = 0;
      for (let end = text.indexOf(terminator, from); end >= 0; end = text.indexOf(terminator, from)) {
        if (take(text.slice(from, end), true) === false) {
          yield* this.flush();
          return false;
        }
        from = end + terminator.length;
        if (this.full) yield* this.flush();
      }
      rest = from === 0 ? text : text.slice(from);
      if (rest.length > MAX_LINE) throw new OutOfMemory();
      this.effort.spend();
      yield* this.flush();
    }
    const goesOn = rest === "" || take(rest, false) !== false;
    yield* this.flush();
    return goesOn;
  }

  /** The time that reading a part of a line takes: a line that never ends can be interrupted. */
  *readFurther(piece: string): Op<void> {
    if (this.effort.spend(Math.ceil(piece.length / 64))) yield* this.effort.rest();
  }

  /** Everything that there is to read. */
  *all(input: Input): Op<string> {
    const pieces: string[] = [];
    let length = 0;
    for (let piece = yield* input.read(); piece !== undefined; piece = yield* input.read()) {
      pieces.push(piece);
      length += piece.length;
      if (length > MAX_KEPT) throw new OutOfMemory();
      if (this.effort.spend()) yield* this.effort.rest();
    }
    return pieces.length === 1 ? (pieces[0] as string) : pieces.join("");
  }

  /** A file to read, or standard input for "-". */
  open(name: string): Input | FileError {
    return name === "-" ? this.process.stdin : openInput(this.process, name);
  }
}

/** Thrown where a real tool would run out of memory. */
class OutOfMemory {}

/** Thrown when standard output takes nothing more: a full file. */
class OutputFailure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Runs a filter; what nobody can go on from is told in one line. */
export function* flowing(process: Process, name: string, run: (flow: Flow) => Op<number>, status = 1): Op<number> {
  const flow = new Flow(process);
  try {
    const result = yield* run(flow);
    yield* flow.flush();
    return result;
  } catch (thrown) {
    if (thrown instanceof OutOfMemory) process.stderr.write(`${name}: memory exhausted\n`);
    else if (thrown instanceof OutputFailure) process.stderr.write(`${name}: write error: ${thrown.message}\n`);
    else throw thrown;
    return status;
  }
}
