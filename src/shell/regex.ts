/**
 * POSIX regular expressions, basic and extended, with the GNU additions that people type (\w \s \b \< \> \+ \? \|, back
 * references), and what people use of Perl's (grep -P). A matcher of its own: JavaScript's may take for ever on a hostile pattern, this one gives up after a bounded
 * number of steps.
 */
import { CHAR_CLASSES } from "./char-classes.ts";

export interface Match {
  readonly start: number;
  readonly end: number;
  /** Text of the whole match and of each group; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** What is wrong with a pattern, in glibc's words (regcomp). */
export class RegexError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export interface RegexOptions {
  readonly extended: boolean;
  readonly ignoreCase?: boolean;
  /** Perl's language: \\d, lazy repetition, (?:…), looking ahead and behind, \\K. */
  readonly perl?: boolean;
}

type Set1 = (char: string) => boolean;

type Node =
  | { readonly kind: "char"; readonly matches: Set1 }
  | { readonly kind: "assert"; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: "back"; readonly group: number }
  | { readonly kind: "group"; readonly number: number; readonly body: Node }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  | { readonly kind: "repeat"; readonly body: Node; readonly least: number; readonly most: number; readonly lazy?: boolean }
  | { readonly kind: "look"; readonly body: Node; readonly ahead: boolean; readonly wanted: boolean }
  | { readonly kind: "keep" };

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char);
const atWordEdge = (text: string, at: number): boolean => isWord(text[at - 1]) !== isWord(text[at]);

const MAX_REPEAT = 32767;
const MAX_NESTING = 60;
/** Steps of one search, and how deep the matcher may call itself. */
const MAX_STEPS = 400_000;
const MAX_DEPTH = 2500;

class Reader {
  readonly #text: string;
  readonly #extended: boolean;
  #fold: boolean;
  readonly #perl: boolean;
  #at = 0;
  #depth = 0;
  groups = 0;

  constructor(text: string, { extended, ignoreCase, perl = false }: RegexOptions) {
    this.#text = text;
    this.#extended = extended || perl;
    this.#perl = perl;
    this.#fold = ignoreCase === true;
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new RegexError(this.#extended ? "Unmatched ) or \\)" : "Unmatched ) or \\)");
    return node;
  }

  /** Whether a special comes next: bare in an extended pattern, behind a backslash in a basic one. */
  #looking(special: string): boolean {
    if (this.#extended) return this.#text[this.#at] === special;
    return this.#text[this.#at] === "\\" && this.#text[this.#at + 1] === special;
  }

  #skip(): void {
    this.#at += this.#extended ? 1 : 2;
  }

  #choice(): Node {
    if (++this.#depth > MAX_NESTING) throw new RegexError("Regular expression too big");
    const options = [this.#sequence()];
    while (this.#looking("|")) {
      this.#skip();
      options.push(this.#sequence());
    }
    this.#depth--;
    return options.length === 1 ? (options[0] as Node) : { kind: "choice", options };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (;;) {
      if (this.#at >= this.#text.length || this.#looking("|")) break;
      if (this.#looking(")") && this.#depth > 1) break;
      if (this.#looking(")") && !this.#extended) break;
      items.push(this.#repeated(items.length === 0));
    }
    return items.length === 1 ? (items[0] as Node) : { kind: "sequence", items };
  }

  #repeated(first: boolean): Node {
    let node = this.#atom(first);
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "*") {
        this.#at++;
        node = { kind: "repeat", body: node, least: 0, most: Number.POSITIVE_INFINITY };
      } else if (this.#looking("+")) {
        this.#skip();
        node = { kind: "repeat", body: node, least: 1, most: Number.POSITIVE_INFINITY };
      } else if (this.#looking("?")) {
        this.#skip();
        node = { kind: "repeat", body: node, least: 0, most: 1 };
      } else if (this.#looking("{")) {
        const interval = this.#interval();
        if (!interval) return node;
        node = { kind: "repeat", body: node, ...interval };
      } else return node;
      if (this.#perl && node.kind === "repeat" && this.#text[this.#at] === "?") {
        this.#at++;
        node = { ...node, lazy: true };
      }
    }
  }

  #interval(): { readonly least: number; readonly most: number } | undefined {
    const rest = this.#text.slice(this.#at + (this.#extended ? 1 : 2));
    const match = (this.#extended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/).exec(rest);
    if (!match || (match[1] === "" && match[2] === "")) {
      if (this.#extended) return undefined;
      throw new RegexError(rest.includes("\\}") ? "Invalid content of \\{\\}" : "Unmatched \\{");
    }
    this.#skip();
    this.#at += match[0].length;
    const least = Number(match[1] || 0);
    const most = match[2] === "" ? least : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (least > most) throw new RegexError("Invalid content of \\{\\}");
    if (least > MAX_REPEAT || (most !== Number.POSITIVE_INFINITY && most > MAX_REPEAT)) throw new RegexError("Regular expression too big");
    return { least, most };
  }

  #char(char: string): Node {
    if (!this.#fold || char.toLowerCase() === char.toUpperCase()) return { kind: "char", matches: (one) => one === char };
    const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
    return { kind: "char", matches: (one) => one === lower || one === upper };
  }

  #atom(first: boolean): Node {
    const text = this.#text;
    if (this.#looking("(")) {
      this.#skip();
      if (this.#perl && text[this.#at] === "?") return this.#special();
      const number = ++this.groups;
      return { kind: "group", number, body: this.#inner() };
    }
    if (this.#extended && first && (text[this.#at] === "+" || text[this.#at] === "?")) {
      this.#at++;
      return { kind: "sequence", items: [] };
    }
    if (this.#extended && text[this.#at] === "{" && !/^\{\d*,?\d*\}/.test(text.slice(this.#at)))
      return this.#char(text[this.#at++] as string);
    if (this.#extended && text[this.#at] === "{") throw new RegexError("Invalid preceding regular expression");
    const char = text[this.#at++] as string;
    if (char === "*" && first) return this.#char("*");
    if (char === ".") return { kind: "char", matches: (one) => one !== "\n" };
    if (char === "[") return this.#bracket();
    if (char === "^" && (this.#extended || first)) return { kind: "assert", holds: (_text, at) => at === 0 };
    if (char === "$" && (this.#extended || this.#atEnd())) return { kind: "assert", holds: (one, at) => at === one.length };
    if (char === "\\") return this.#escape();
    return this.#char(char);
  }

  /** What stands in brackets, and the closing one. */
  #inner(): Node {
    const body = this.#choice();
    if (!this.#looking(")")) throw new RegexError(this.#perl ? "missing closing parenthesis" : "Unmatched ( or \\(");
    this.#skip();
    return body;
  }

  /** Perl's brackets with a question mark. */
  #special(): Node {
    const match = /^\?(?:(:)|(=)|(!)|(<=)|(<!)|(i)\)|P?<(\w+)>)/.exec(this.#text.slice(this.#at));
    if (!match) throw new RegexError("unrecognized character after (? or (?-");
    this.#at += match[0].length;
    const [, plain, ahead, notAhead, behind, , fold, name] = match;
    if (fold) {
      this.#fold = true;
      return { kind: "sequence", items: [] };
    }
    if (plain) return this.#inner();
    if (name !== undefined) return { kind: "group", number: ++this.groups, body: this.#inner() };
    return { kind: "look", ahead: (ahead ?? notAhead) !== undefined, wanted: (ahead ?? behind) !== undefined, body: this.#inner() };
  }

  /** A class or a place that only Perl has a letter for. */
  #perlEscape(char: string): Node | undefined {
    switch (char) {
      case "d":
        return { kind: "char", matches: (one) => /[0-9]/.test(one) };
      case "D":
        return { kind: "char", matches: (one) => !/[0-9]/.test(one) };
      case "h":
        return { kind: "char", matches: (one) => one === " " || one === "\t" };
      case "K":
        return { kind: "keep" };
      case "A":
        return { kind: "assert", holds: (_text, at) => at === 0 };
      case "z":
      case "Z":
        return { kind: "assert", holds: (text, at) => at === text.length };
      default:
        return undefined;
    }
  }

  /** In a basic expression `$` is an anchor only at the end of the whole or of a group. */
  #atEnd(): boolean {
    return this.#at >= this.#text.length || this.#looking(")") || this.#looking("|");
  }

  #escape(): Node {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new RegexError(this.#perl ? "\\ at end of pattern" : "Trailing backslash");
    const own = this.#perl ? this.#perlEscape(char) : undefined;
    if (own) return own;
    switch (char) {
      case "w":
        return { kind: "char", matches: isWord };
      case "W":
        return { kind: "char", matches: (one) => !isWord(one) };
      case "s":
        return { kind: "char", matches: (one) => /\s/.test(one) };
      case "S":
        return { kind: "char", matches: (one) => !/\s/.test(one) };
      case "b":
        return { kind: "assert", holds: atWordEdge };
      case "B":
        return { kind: "assert", holds: (text, at) => !atWordEdge(text, at) };
      case "<":
        return { kind: "assert", holds: (text, at) => atWordEdge(text, at) && isWord(text[at]) };
      case ">":
        return { kind: "assert", holds: (text, at) => atWordEdge(text, at) && isWord(text[at - 1]) };
      case "n":
        return this.#char("\n");
      case "t":
        return this.#char("\t");
    }
    if (/[1-9]/.test(char)) {
      if (Number(char) > this.groups) throw new RegexError("Invalid back reference");
      return { kind: "back", group: Number(char) };
    }
    return this.#char(char);
  }

  #bracket(): Node {
    const text = this.#text;
    const negated = text[this.#at] === "^";
    if (negated) this.#at++;
    const tests: Set1[] = [];
    for (let first = true; ; first = false) {
      const char = text[this.#at];
      if (char === undefined) throw new RegexError("Unmatched [, [^, [:, [., or [=");
      if (char === "]" && !first) break;
      const named = /^\[:([a-z]+):\]/.exec(text.slice(this.#at, this.#at + 12));
      if (named) {
        const kind = CHAR_CLASSES[named[1] as string];
        if (!kind) throw new RegexError("Invalid character class name");
        this.#at += named[0].length;
        tests.push((one) => kind.test(one));
        continue;
      }
      this.#at++;
      if (this.#perl && char === "\\") {
        const escaped = this.#escape();
        if (escaped.kind === "char") tests.push(escaped.matches);
        continue;
      }
      let last = char;
      if (text[this.#at] === "-" && text[this.#at + 1] !== "]" && text[this.#at + 1] !== undefined) {
        last = text[this.#at + 1] as string;
        this.#at += 2;
        if (last < char) throw new RegexError("Invalid range end");
      }
      tests.push((one) => one >= char && one <= last);
    }
    this.#at++;
    const some = (char: string): boolean => tests.some((test) => test(char));
    const any = this.#fold ? (char: string): boolean => some(char.toLowerCase()) || some(char.toUpperCase()) : some;
    return { kind: "char", matches: negated ? (char) => char !== "\n" && !any(char) : any };
  }
}

export class Regex {
  readonly groups: number;
  readonly #root: Node;
  #text = "";
  #steps = 0;
  #depth = 0;
  #starts: number[] = [];
  #ends: number[] = [];
  /** Where the match is told to begin (\\K). */
  #kept: number | undefined;

  private constructor(root: Node, groups: number) {
    this.#root = root;
    this.groups = groups;
  }

  static compile(pattern: string, options: RegexOptions): Regex | RegexError {
    const reader = new Reader(pattern, options);
    try {
      const root = reader.read();
      return new Regex(root, reader.groups);
    } catch (thrown) {
      if (thrown instanceof RegexError) return thrown;
      throw thrown;
    }
  }

  test(text: string): boolean {
    return this.exec(text) !== undefined;
  }

  /** The leftmost match at or after `from`; the first alternative that fits wins, repetition takes as much as it can. */
  exec(text: string, from = 0): Match | undefined {
    this.#text = text;
    this.#steps = 0;
    for (let start = from; start <= text.length; start++) {
      this.#starts = [];
      this.#ends = [];
      this.#depth = 0;
      this.#kept = undefined;
      let end = -1;
      const matched = this.#match(this.#root, start, (at) => {
        end = at;
        return true;
      });
      if (!matched) {
        if (this.#steps > MAX_STEPS) return undefined;
        continue;
      }
      const begin = this.#kept ?? start;
      const groups: (string | undefined)[] = [text.slice(begin, end)];
      for (let group = 1; group <= this.groups; group++) {
        const at = this.#starts[group];
        groups.push(at === undefined ? undefined : text.slice(at, this.#ends[group]));
      }
      return { start: begin, end, groups };
    }
    return undefined;
  }

  #match(node: Node, at: number, then: (at: number) => boolean): boolean {
    if (++this.#steps > MAX_STEPS || this.#depth > MAX_DEPTH) return false;
    this.#depth++;
    const matched = this.#matchNode(node, at, then);
    this.#depth--;
    return matched;
  }

  #matchNode(node: Node, at: number, then: (at: number) => boolean): boolean {
    switch (node.kind) {
      case "char":
        return at < this.#text.length && node.matches(this.#text[at] as string) && then(at + 1);
      case "assert":
        return node.holds(this.#text, at) && then(at);
      case "back": {
        const start = this.#starts[node.group];
        if (start === undefined) return false;
        const piece = this.#text.slice(start, this.#ends[node.group]);
        return this.#text.startsWith(piece, at) && then(at + piece.length);
      }
      case "group": {
        const start = this.#starts[node.number];
        const end = this.#ends[node.number];
        const matched = this.#match(node.body, at, (to) => {
          const [innerStart, innerEnd] = [this.#starts[node.number], this.#ends[node.number]];
          this.#starts[node.number] = at;
          this.#ends[node.number] = to;
          if (then(to)) return true;
          this.#starts[node.number] = innerStart as number;
          this.#ends[node.number] = innerEnd as number;
          return false;
        });
        if (!matched) {
          this.#starts[node.number] = start as number;
          this.#ends[node.number] = end as number;
        }
        return matched;
      }
      case "sequence":
        return this.#sequence(node.items, 0, at, then);
      case "choice":
        return node.options.some((option) => this.#match(option, at, then));
      case "look":
        return this.#looks(node, at) === node.wanted && then(at);
      case "keep": {
        const kept = this.#kept;
        this.#kept = at;
        if (then(at)) return true;
        this.#kept = kept;
        return false;
      }
      case "repeat":
        if (node.lazy) return this.#repeatLazily(node, 0, at, then);
        return node.body.kind === "char"
          ? this.#repeatChar(node.body.matches, node.least, node.most, at, then)
          : this.#repeat(node, 0, at, then);
    }
  }

  /** Whether something stands before or behind a place. */
  #looks({ body, ahead }: Extract<Node, { kind: "look" }>, at: number): boolean {
    if (ahead) return this.#match(body, at, () => true);
    for (let from = at; from >= 0; from--) if (this.#match(body, from, (to) => to === at)) return true;
    return false;
  }

  #sequence(items: readonly Node[], index: number, at: number, then: (at: number) => boolean): boolean {
    let position = at;
    let next = index;
    // Plain characters need no way back.
    for (let item = items[next]; item?.kind === "char"; item = items[++next]) {
      this.#steps++;
      if (position >= this.#text.length || !item.matches(this.#text[position] as string)) return false;
      position++;
    }
    const item = items[next];
    if (!item) return then(position);
    return this.#match(item, position, (to) => this.#sequence(items, next + 1, to, then));
  }

  #repeatChar(matches: Set1, least: number, most: number, at: number, then: (at: number) => boolean): boolean {
    let count = 0;
    while (count < most && at + count < this.#text.length && matches(this.#text[at + count] as string)) count++;
    this.#steps += count;
    for (; count >= least; count--) {
      if (this.#steps > MAX_STEPS) return false;
      if (then(at + count)) return true;
    }
    return false;
  }

  /** As few as will do. */
  #repeatLazily(node: Extract<Node, { kind: "repeat" }>, count: number, at: number, then: (at: number) => boolean): boolean {
    if (count >= node.least && then(at)) return true;
    if (count >= node.most) return false;
    return this.#match(node.body, at, (to) => (to > at || count < node.least) && this.#repeatLazily(node, count + 1, to, then));
  }

  #repeat(node: Extract<Node, { kind: "repeat" }>, count: number, at: number, then: (at: number) => boolean): boolean {
    if (count < node.most && this.#match(node.body, at, (to) => (to > at || count < node.least) && this.#repeat(node, count + 1, to, then)))
      return true;
    return count >= node.least && then(at);
  }
}
