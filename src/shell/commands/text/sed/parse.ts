/** Reads sed's scripts; what is wrong is told in GNU's words, with the place, or in BusyBox's. */
import { Regex } from "../../../regex.ts";
import type { Address, Command, Line, Piece, Substitution } from "./script.ts";

export class SedError {
  /** Follows "sed: -e expression #1, char N: ". */
  readonly gnu: string;
  readonly busybox: string;
  /** Characters read so far; undefined where GNU gives no place. */
  readonly at: number | undefined;
  readonly status: number;

  constructor(gnu: string, busybox: string, at: number | undefined, status = 1) {
    this.gnu = gnu;
    this.busybox = busybox;
    this.at = at;
    this.status = status;
  }
}

export interface Script {
  readonly lines: readonly Line[];
  /** The first line is "#n". */
  readonly quiet: boolean;
}

const PLAIN = "dDpPnNgGhHxlz=F";
const MAX_COMMANDS = 5000;

/** The commands of a script, or what is wrong with it. */
export function parseSed(text: string, extended: boolean): Script | SedError {
  const reader = new Reader(text, extended);
  try {
    return { lines: reader.script(), quiet: /^#n(\n|$)/.test(text) };
  } catch (thrown) {
    if (thrown instanceof SedError) return thrown;
    throw thrown;
  }
}

class Reader {
  readonly #text: string;
  readonly #extended: boolean;
  #at = 0;
  readonly #lines: Line[] = [];
  readonly #open: number[] = [];

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  #fail(gnu: string, busybox = gnu): never {
    throw new SedError(gnu, busybox, this.#at);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #skip(pattern: RegExp): string {
    const match = new RegExp(pattern.source, "y");
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  script(): readonly Line[] {
    for (;;) {
      this.#skip(/[\s;]*/);
      if (this.#peek() === undefined) break;
      if (this.#peek() === "#") {
        this.#skip(/[^\n]*/);
        continue;
      }
      if (this.#lines.length > MAX_COMMANDS) this.#fail("too many commands");
      this.#line();
    }
    if (this.#open.length > 0) throw new SedError("unmatched `{'", "unterminated {", 0);
    this.#jumps();
    return this.#lines;
  }

  #line(): void {
    const from = this.#address(false);
    let to: Address | undefined;
    if (from) {
      this.#skip(/[ \t]*/);
      if (this.#peek() === ",") {
        this.#at++;
        this.#skip(/[ \t]*/);
        to = this.#address(true);
        if (!to) {
          this.#at++;
          this.#fail("unexpected `,'", "no address after comma");
        }
      }
    }
    this.#skip(/[ \t]*/);
    let negated = false;
    while (this.#peek() === "!") {
      negated = true;
      this.#at++;
      this.#skip(/[ \t]*/);
    }
    const letter = this.#peek();
    if (letter === undefined || letter === "\n" || letter === ";") this.#fail("missing command");
    this.#at++;
    const command = this.#command(letter as string, from !== undefined, to !== undefined);
    this.#lines.push({ from, to, negated, command });
    if (command.kind === "{") this.#open.push(this.#lines.length - 1);
  }

  #address(second: boolean): Address | undefined {
    const number = this.#skip(/\d+/);
    if (number !== "") {
      this.#skip(/[ \t]*/);
      if (!second && this.#peek() === "~") {
        this.#at++;
        return { kind: "step", first: Number(number), step: Number(this.#skip(/\d*/) || 0) };
      }
      return { kind: "line", number: Number(number) };
    }
    const char = this.#peek();
    if (char === "$") {
      this.#at++;
      return { kind: "last" };
    }
    if (second && (char === "+" || char === "~")) {
      this.#at++;
      const count = Number(this.#skip(/\d+/) || this.#fail("expected number", "no address after comma"));
      return char === "+" ? { kind: "more", count } : { kind: "multiple", of: count };
    }
    if (char !== "/" && char !== "\\") return undefined;
    this.#at++;
    let mark = "/";
    if (char === "\\") mark = this.#text[this.#at++] ?? this.#fail("unterminated address regex", "unmatched '\\'");
    const source = this.#until(mark, true);
    if (source === undefined) this.#fail("unterminated address regex", `unmatched '${mark}'`);
    const flags = this.#skip(/[IM]*/);
    return { kind: "regex", regex: this.#regex(source as string, flags.includes("I")) };
  }

  /** Text up to `mark`, which a backslash protects; undefined when it does not come. */
  #until(mark: string, regex: boolean): string | undefined {
    let out = "";
    let inBracket = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] as string;
      const next = this.#text[this.#at + 1];
      if (char === "\\" && next !== undefined && !inBracket) {
        this.#at++;
        if (next === mark) out += regex && /[|+?(){}*.^$[\]]/.test(mark) ? `\\${mark}` : mark;
        else if (next === "n" && regex) out += "\\n";
        else out += char + next;
        continue;
      }
      if (regex && char === "[" && !inBracket) {
        // A ] in front is a member of the set.
        const open = /^\[\^?\]?/.exec(this.#text.slice(this.#at)) as RegExpExecArray;
        if (this.#text.indexOf("]", this.#at + open[0].length) >= 0) {
          inBracket = true;
          out += open[0];
          this.#at += open[0].length - 1;
          continue;
        }
      } else if (inBracket && char === "]") inBracket = false;
      else if (char === mark && !inBracket) {
        this.#at++;
        return out;
      } else if (char === "\n" && regex && !inBracket && mark !== "\n") return undefined;
      out += char;
    }
    return undefined;
  }

  #regex(source: string, ignoreCase: boolean): Regex | undefined {
    if (source === "") return undefined;
    const regex = Regex.compile(source, { extended: this.#extended, ignoreCase });
    if (regex instanceof Regex) return regex;
    return this.#fail(regex.message, `bad regex '${source}': ${regex.message}`);
  }

  #command(letter: string, addressed: boolean, ranged: boolean): Command {
    if (PLAIN.includes(letter)) {
      this.#end();
      return { kind: letter as "d" };
    }
    switch (letter) {
      case "{":
        return { kind: "{", end: -1 };
      case "}": {
        if (addressed) this.#fail("} doesn't want any addresses", "} doesn't want any addresses");
        const open = this.#open.pop();
        if (open === undefined) this.#fail("unexpected `}'", "unexpected }");
        ((this.#lines[open as number] as Line).command as { end: number }).end = this.#lines.length;
        this.#end();
        return { kind: "}" };
      }
      case "s":
        return { kind: "s", substitution: this.#substitution() };
      case "y":
        return this.#transliteration();
      case "a":
      case "i":
      case "c":
        return { kind: letter, text: this.#appended(letter) };
      case ":": {
        if (addressed) this.#fail(": doesn't want any addresses", ": doesn't want any addresses");
        this.#skip(/[ \t]*/);
        const label = this.#skip(/[^\n;]*/).trimEnd();
        if (label === "") this.#fail('":" lacks a label', "no label");
        return { kind: ":", label };
      }
      case "b":
      case "t":
      case "T": {
        this.#skip(/[ \t]*/);
        return { kind: letter, label: this.#skip(/[^\n;}]*/).trimEnd(), target: -1 };
      }
      case "q":
      case "Q": {
        if (ranged) this.#fail("command only uses one address", "command only uses one address");
        this.#skip(/[ \t]*/);
        const status = Number(this.#skip(/\d*/) || 0);
        this.#end();
        return { kind: letter, status };
      }
      case "r":
      case "w": {
        this.#skip(/[ \t]*/);
        const file = this.#skip(/[^\n]*/);
        if (file === "") this.#fail("missing filename in r/R/w/W commands", "empty filename");
        return { kind: letter, file };
      }
      case "e":
      case "R":
      case "W":
      case "v":
        return this.#fail(`the command ${letter} is not supported here`, `the command ${letter} is not supported here`);
      default:
        return this.#fail(`unknown command: \`${letter}'`, letter === "," ? "no address after comma" : `unsupported command ${letter}`);
    }
  }

  /** Nothing but a separator may come behind most commands. */
  #end(): void {
    this.#skip(/[ \t]*/);
    const char = this.#peek();
    if (char === undefined || char === "\n" || char === ";" || char === "}" || char === "#") return;
    this.#at++;
    this.#fail("extra characters after command");
  }

  #substitution(): Substitution {
    const mark = this.#text[this.#at++];
    if (mark === undefined || mark === "\n" || mark === "\\")
      this.#fail("unterminated `s' command", "bad format in substitution expression");
    const source = this.#until(mark as string, true);
    const replacement = source === undefined ? undefined : this.#until(mark as string, false);
    if (source === undefined || replacement === undefined) this.#fail("unterminated `s' command", `unmatched '${mark}'`);
    let [global, print, ignoreCase, nth] = [false, false, false, 0];
    let file: string | undefined;
    for (let char = this.#peek(); char !== undefined && file === undefined; char = this.#peek()) {
      if (char === "\n" || char === ";" || char === "}" || char === "#") break;
      this.#at++;
      if (char === " " || char === "\t") continue;
      if (char === "g") {
        if (global) this.#fail("multiple `g' options to `s' command", "");
        global = true;
      } else if (char === "p") {
        if (print) this.#fail("multiple `p' options to `s' command", "");
        print = true;
      } else if (char === "i" || char === "I") ignoreCase = true;
      else if (char === "m" || char === "M" || char === "e") this.#fail(`the option ${char} of \`s' is not supported here`);
      else if (/\d/.test(char)) {
        nth = Number(char + this.#skip(/\d*/));
        if (nth === 0) this.#fail("number option to `s' command may not be zero", "");
      } else if (char === "w") {
        this.#skip(/[ \t]*/);
        file = this.#skip(/[^\n]*/);
        if (file === "") this.#fail("missing filename in r/R/w/W commands", "empty filename");
      } else this.#fail("unknown option to `s'", "bad option in substitution expression");
    }
    const regex = this.#regex(source as string, ignoreCase);
    const by = pieces(replacement as string);
    const highest = Math.max(0, ...by.map((piece) => (piece.kind === "group" ? piece.number : 0)));
    if (regex && highest > regex.groups)
      this.#fail(`invalid reference \\${highest} on \`s' command's RHS`, `invalid reference \\${highest} on s command's RHS`);
    return { regex, by, global, nth: nth || 1, print, file };
  }

  #transliteration(): Command {
    const mark = this.#text[this.#at++];
    const from = mark === undefined ? undefined : this.#until(mark, false);
    const to = from === undefined ? undefined : this.#until(mark as string, false);
    if (from === undefined || to === undefined) return this.#fail("unterminated `y' command", `unmatched '${mark ?? ""}'`);
    const plain = (text: string): string[] => [...text.replace(/\\(.)/gs, (_all, char: string) => ({ n: "\n", t: "\t" })[char] ?? char)];
    const [a, b] = [plain(from), plain(to)];
    if (a.length !== b.length) this.#fail("strings for `y' command are different lengths", "strings for y command are different lengths");
    this.#end();
    return { kind: "y", map: new Map(a.map((char, i) => [char, b[i] as string])) };
  }

  /** The text of a, i and c: behind a backslash and a newline, or on the line itself. */
  #appended(letter: string): string {
    this.#skip(/[ \t]*/);
    if (this.#peek() === undefined) this.#fail("expected \\ after `a', `c' or `i'", `expected \\ after ${letter}`);
    if (this.#peek() === "\\") {
      this.#at++;
      this.#skip(/[ \t]*/);
      if (this.#peek() === "\n") this.#at++;
      else if (this.#peek() === undefined) return "";
    }
    let text = "";
    for (let char = this.#peek(); char !== undefined; char = this.#peek()) {
      this.#at++;
      if (char === "\n") break;
      if (char === "\\") {
        const next = this.#peek();
        this.#at++;
        text += next === "t" ? "\t" : (next ?? "");
      } else text += char;
    }
    return `${text}\n`;
  }

  #jumps(): void {
    const labels = new Map<string, number>();
    for (const [i, { command }] of this.#lines.entries()) if (command.kind === ":") labels.set(command.label, i);
    for (const { command } of this.#lines) {
      if (command.kind !== "b" && command.kind !== "t" && command.kind !== "T") continue;
      const target = command.label === "" ? this.#lines.length : labels.get(command.label);
      if (target === undefined)
        throw new SedError(
          `can't find label for jump to \`${command.label}'`,
          `can't find label for jump to '${command.label}'`,
          undefined,
          4,
        );
      command.target = target;
    }
  }
}

/** A replacement taken apart. */
function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") out.push({ kind: "text", text: plain });
    plain = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "&") {
      flush();
      out.push({ kind: "group", number: 0 });
      continue;
    }
    if (char !== "\\") {
      plain += char;
      continue;
    }
    const next = text[++i];
    if (next === undefined) plain += "\\";
    else if (/\d/.test(next)) {
      flush();
      out.push({ kind: "group", number: Number(next) });
    } else if (/[ULulE]/.test(next)) {
      flush();
      out.push({ kind: "case", letter: next as "U" });
    } else plain += { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", a: "\x07" }[next] ?? next;
  }
  flush();
  return out;
}
