/** Runs a sed script over lines: pattern space, hold space, ranges, jumps. */
import type { Op } from "../../../../kernel/task.ts";
import type { Match, Regex } from "../../../regex.ts";
import type { Flow } from "../flow.ts";
import type { Address, Line, Piece, Substitution } from "./script.ts";

/** Where lines come from: one after the other, with a look ahead for $. */
export interface Source {
  next(): Op<{ readonly text: string; readonly terminated: boolean } | undefined>;
  last(): Op<boolean>;
  /** Name of the file that the current line is from. */
  readonly name: string;
}

export interface Surroundings {
  readonly flow: Flow;
  readonly source: Source;
  readonly quiet: boolean;
  readonly terminator: string;
  print(text: string): void;
  /** What `r` adds; undefined when there is no such file. */
  readFile(name: string): string | undefined;
  writeFile(name: string, text: string): void;
}

/** How much a pattern or hold space may hold. */
const MAX_SPACE = 2_000_000;

export class NoPreviousRegex {}

export class Machine {
  readonly #lines: readonly Line[];
  readonly #around: Surroundings;
  #pattern = "";
  #terminated = true;
  #hold = "";
  #number = 0;
  #substituted = false;
  #last: Regex | undefined;
  /** For ranges: the line at which each is open, and where it ends. */
  readonly #open: ({ readonly until: number | undefined } | undefined)[] = [];
  /** Text to print once the cycle is over. */
  #queue: string[] = [];
  status = 0;

  constructor(lines: readonly Line[], around: Surroundings) {
    this.#lines = lines;
    this.#around = around;
  }

  *run(): Op<number> {
    let again = false;
    for (;;) {
      if (!again && !(yield* this.#read())) return this.status;
      again = false;
      const outcome = yield* this.#cycle();
      if (outcome === "restart") {
        again = true;
        this.#emitQueue();
        continue;
      }
      if (outcome !== "delete" && outcome !== "quit silently" && !this.#around.quiet) this.#print(this.#pattern);
      this.#emitQueue();
      yield* this.#around.flow.flush();
      if (outcome === "quit" || outcome === "quit silently") return this.status;
    }
  }

  #print(text: string): void {
    this.#around.print(this.#terminated ? text + this.#around.terminator : text);
  }

  #emitQueue(): void {
    for (const text of this.#queue) this.#around.print(text);
    this.#queue = [];
  }

  *#read(): Op<boolean> {
    const line = yield* this.#around.source.next();
    if (!line) return false;
    this.#pattern = line.text;
    this.#terminated = line.terminated;
    this.#number++;
    return true;
  }

  *#matches(address: Address): Op<boolean> {
    switch (address.kind) {
      case "line":
        return this.#number === address.number;
      case "last":
        return yield* this.#around.source.last();
      case "step":
        return address.step <= 0
          ? this.#number === address.first
          : this.#number >= address.first && (this.#number - address.first) % address.step === 0;
      case "regex":
        return this.#exec(address.regex, this.#pattern, 0) !== undefined;
      default:
        return false;
    }
  }

  #exec(regex: Regex | undefined, text: string, from: number): Match | undefined {
    const used = regex ?? this.#last;
    if (!used) throw new NoPreviousRegex();
    this.#last = used;
    return used.exec(text, from);
  }

  *#applies({ from, to, negated }: Line, index: number): Op<boolean> {
    if (!from) return !negated;
    if (!to) return (yield* this.#matches(from)) !== negated;
    return (yield* this.#inRange(from, to, index)) !== negated;
  }

  *#inRange(from: Address, to: Address, index: number): Op<boolean> {
    const open = this.#open[index];
    if (open) {
      if (open.until !== undefined) {
        if (this.#number >= open.until) this.#open[index] = undefined;
        // A line number that has been passed closes the range before this line.
        return to.kind !== "line" || this.#number <= open.until;
      }
      if (yield* this.#matches(to)) this.#open[index] = undefined;
      return true;
    }
    const zero = from.kind === "line" && from.number === 0;
    const begins = zero ? this.#number === 1 : yield* this.#matches(from);
    if (!begins) return false;
    if (to.kind === "line" || to.kind === "more" || to.kind === "multiple") {
      const until =
        to.kind === "line"
          ? to.number
          : to.kind === "more"
            ? this.#number + to.count
            : Math.ceil(this.#number / Math.max(1, to.of)) * Math.max(1, to.of);
      if (until > this.#number) this.#open[index] = { until };
      return true;
    }
    if (zero && (yield* this.#matches(to))) return true;
    if (to.kind === "last" && (yield* this.#matches(to))) return true;
    this.#open[index] = { until: undefined };
    return true;
  }

  *#cycle(): Op<"end" | "delete" | "restart" | "quit" | "quit silently"> {
    const { flow, source, quiet } = this.#around;
    for (let at = 0; at < this.#lines.length; ) {
      if (flow.effort.spend(0.3)) yield* flow.effort.rest();
      const line = this.#lines[at] as Line;
      const index = at++;
      const applies = yield* this.#applies(line, index);
      const { command } = line;
      if (!applies) {
        if (command.kind === "{") at = command.end + 1;
        continue;
      }
      switch (command.kind) {
        case "s":
          this.#substitute(command.substitution);
          break;
        case "y":
          this.#pattern = [...this.#pattern].map((char) => command.map.get(char) ?? char).join("");
          break;
        case "d":
          return "delete";
        case "D": {
          const newline = this.#pattern.indexOf("\n");
          if (newline < 0) return "delete";
          this.#pattern = this.#pattern.slice(newline + 1);
          return "restart";
        }
        case "p":
          this.#print(this.#pattern);
          break;
        case "P": {
          const newline = this.#pattern.indexOf("\n");
          this.#around.print((newline < 0 ? this.#pattern : this.#pattern.slice(0, newline)) + this.#around.terminator);
          break;
        }
        case "n":
          if (yield* source.last()) return quiet ? "quit silently" : "quit";
          if (!quiet) this.#print(this.#pattern);
          this.#emitQueue();
          yield* this.#read();
          break;
        case "N": {
          if (yield* source.last()) return "quit";
          const before = this.#pattern;
          this.#emitQueue();
          yield* this.#read();
          this.#pattern = this.#bounded(`${before}\n${this.#pattern}`);
          break;
        }
        case "g":
          this.#pattern = this.#hold;
          break;
        case "G":
          this.#pattern = this.#bounded(`${this.#pattern}\n${this.#hold}`);
          break;
        case "h":
          this.#hold = this.#pattern;
          break;
        case "H":
          this.#hold = this.#bounded(`${this.#hold}\n${this.#pattern}`);
          break;
        case "x":
          [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
          break;
        case "z":
          this.#pattern = "";
          break;
        case "=":
          this.#around.print(`${this.#number}\n`);
          break;
        case "F":
          this.#around.print(`${source.name}\n`);
          break;
        case "l":
          this.#around.print(unambiguous(this.#pattern));
          break;
        case "a":
          this.#queue.push(command.text);
          break;
        case "i":
          this.#around.print(command.text);
          break;
        case "c":
          // Of a range only the last line is changed into the text.
          if (!line.to || line.negated || !this.#open[index]) this.#around.print(command.text);
          return "delete";
        case "r": {
          const text = this.#around.readFile(command.file);
          if (text !== undefined && text !== "") this.#queue.push(text.endsWith("\n") ? text : `${text}\n`);
          break;
        }
        case "w":
          this.#around.writeFile(command.file, `${this.#pattern}\n`);
          break;
        case "q":
          this.status = command.status;
          return "quit";
        case "Q":
          this.status = command.status;
          return "quit silently";
        case "b":
          at = command.target;
          break;
        case "t":
          if (this.#substituted) at = command.target;
          this.#substituted = false;
          break;
        case "T":
          if (!this.#substituted) at = command.target;
          this.#substituted = false;
          break;
      }
    }
    this.#substituted = false;
    return "end";
  }

  #bounded(text: string): string {
    return text.length > MAX_SPACE ? text.slice(0, MAX_SPACE) : text;
  }

  #substitute({ regex, by, global, nth, print, file }: Substitution): void {
    const text = this.#pattern;
    let out = "";
    let at = 0;
    let count = 0;
    let changed = false;
    let emptyAt = -1;
    while (at <= text.length) {
      const match = this.#exec(regex, text, at);
      if (!match) break;
      // An empty match right behind another one does not count.
      if (match.start === match.end && match.start === emptyAt) {
        out += text.slice(at, match.start + 1);
        at = match.start + 1;
        emptyAt = -1;
        continue;
      }
      count++;
      out += text.slice(at, match.start);
      if (count >= nth) {
        out += replacement(by, match);
        changed = true;
      } else out += text.slice(match.start, match.end);
      at = match.end;
      emptyAt = match.end;
      if (changed && !global) break;
      if (match.start === match.end) {
        out += text[at] ?? "";
        at++;
      }
      if (out.length > MAX_SPACE) break;
    }
    if (!changed) return;
    this.#pattern = this.#bounded(out + text.slice(at));
    this.#substituted = true;
    if (print) this.#print(this.#pattern);
    if (file !== undefined) this.#around.writeFile(file, `${this.#pattern}\n`);
  }
}

function replacement(by: readonly Piece[], match: Match): string {
  let out = "";
  let lasting: "U" | "L" | undefined;
  let once: "u" | "l" | undefined;
  for (const piece of by) {
    if (piece.kind === "case") {
      if (piece.letter === "u" || piece.letter === "l") once = piece.letter;
      else lasting = piece.letter === "E" ? undefined : piece.letter;
      continue;
    }
    let text = piece.kind === "text" ? piece.text : (match.groups[piece.number] ?? "");
    if (lasting) text = lasting === "U" ? text.toUpperCase() : text.toLowerCase();
    if (once && text !== "") {
      const first = text[0] as string;
      text = (once === "u" ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
      once = undefined;
    }
    out += text;
  }
  return out;
}

/** As the command l shows a line: escapes for what cannot be seen, folded at 70 columns, with $ at its end. */
function unambiguous(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "\\": "\\\\",
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
  };
  let out = "";
  let column = 0;
  for (const char of text) {
    const shown =
      escapes[char] ?? (char >= " " && char <= "~" ? char : `\\${(char.codePointAt(0) as number).toString(8).padStart(3, "0")}`);
    if (column + shown.length > 69) {
      out += "\\\n";
      column = 0;
    }
    out += shown;
    column += shown.length;
  }
  return `${out}$\n`;
}
