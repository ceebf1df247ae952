/** printf's format and arguments to text. What is wrong is handed to the caller, as each printf has words of its own for it. */
import { unescapeText } from "./escapes.ts";
import { type Conversion, formatInteger, formatNumber, formatText, MAX_WIDTH } from "./format.ts";

export type PrintfProblem =
  | { readonly kind: "not a number" | "partly a number"; readonly word: string }
  | { readonly kind: "bad conversion"; readonly conversion: string }
  | { readonly kind: "too many"; readonly word: string };

export interface PrintfFlavour {
  /** %q; absent where there is none. */
  readonly quote?: (text: string) => string;
  /** %(…)T for a time in seconds since 1970; absent where there is none. */
  readonly time?: (format: string, seconds: number) => string;
  /** Digits in front of a word that is no number count. */
  readonly leadingDigits: boolean;
  write(text: string): void;
  /** Called once what comes before the problem has been written. */
  tell(problem: PrintfProblem): void;
}

const SPEC = /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?[hlLjzt]*(\([^)]*\)T|.|$)/gsy;
/** Characters that one call may print. */
const MAX_OUTPUT = 2_000_000;

/** Prints; false when something was wrong. The format is used again until all arguments are. */
export function printf(format: string, args: readonly string[], flavour: PrintfFlavour): boolean {
  const printer = new Printer(format, args, flavour);
  printer.run();
  return !printer.failed;
}

class Printer {
  readonly #format: string;
  readonly #args: readonly string[];
  readonly #flavour: PrintfFlavour;
  failed = false;
  #at = 0;
  #text = "";
  #printed = 0;

  constructor(format: string, args: readonly string[], flavour: PrintfFlavour) {
    this.#format = format;
    this.#args = args;
    this.#flavour = flavour;
  }

  run(): void {
    for (;;) {
      const before = this.#at;
      const goesOn = this.#once();
      if (!goesOn || this.#at >= this.#args.length || this.#printed > MAX_OUTPUT) break;
      if (this.#at === before) {
        this.#tell({ kind: "too many", word: this.#args[this.#at] as string });
        break;
      }
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#text !== "") this.#flavour.write(this.#text);
    this.#text = "";
  }

  #print(text: string): void {
    this.#text += text;
    this.#printed += text.length;
  }

  #take = (): string | undefined => this.#args[this.#at++];

  #tell = (problem: PrintfProblem): void => {
    this.failed ||= problem.kind !== "too many";
    this.#flush();
    this.#flavour.tell(problem);
  };

  /** Goes once through the format; false when \c or a conversion that is none ends it all. */
  #once(): boolean {
    const format = this.#format;
    let from = 0;
    const plain = (to: number): boolean => {
      const { text, stopped } = unescapeText(format.slice(from, to), "format");
      this.#print(text);
      return !stopped;
    };
    for (let i = format.indexOf("%"); i >= 0; i = format.indexOf("%", from)) {
      if (!plain(i)) return false;
      SPEC.lastIndex = i;
      const [whole = "%", flags = "", width, precision, verb = ""] = SPEC.exec(format) ?? [];
      from = i + whole.length;
      if (whole === "%%") {
        this.#print("%");
        continue;
      }
      const wide = this.#star(width) ?? 0;
      const conversion: Conversion = {
        flags: wide < 0 ? `${flags}-` : flags,
        width: Math.min(MAX_WIDTH, Math.abs(wide)),
        precision: limited(this.#star(precision)),
        verb,
      };
      const piece = convert(conversion, this.#take, this.#flavour, this.#tell);
      if (piece === undefined) {
        this.#tell({ kind: "bad conversion", conversion: whole });
        return false;
      }
      this.#print(piece.text);
      if (piece.stopped) return false;
    }
    return plain(format.length);
  }

  /** A width or precision; * takes it from the arguments. */
  #star(word: string | undefined): number | undefined {
    if (word === undefined) return undefined;
    return word === "*" ? Number(integerOf(this.#take() ?? "0", this.#flavour, this.#tell)) : Number(word || 0);
  }
}

const limited = (precision: number | undefined): number | undefined =>
  precision === undefined || precision < 0 ? undefined : Math.min(MAX_WIDTH, precision);

function convert(
  conversion: Conversion,
  take: () => string | undefined,
  flavour: PrintfFlavour,
  tell: (problem: PrintfProblem) => void,
): { readonly text: string; readonly stopped: boolean } | undefined {
  const { verb } = conversion;
  const text = (value: string): { readonly text: string; readonly stopped: boolean } => ({ text: value, stopped: false });
  if (verb.startsWith("(")) {
    if (!flavour.time) return undefined;
    return text(formatText(conversion, flavour.time(verb.slice(1, -2), Number(take() ?? -1))));
  }
  switch (verb) {
    case "s":
      return text(formatText(conversion, take() ?? ""));
    case "b": {
      const piece = unescapeText(take() ?? "", "argument");
      return { text: formatText(conversion, piece.text), stopped: piece.stopped };
    }
    case "q":
      return flavour.quote && text(formatText(conversion, flavour.quote(take() ?? "")));
    case "c":
      return text(formatText(conversion, (take() ?? "").slice(0, 1)));
    case "d":
    case "i":
    case "o":
    case "u":
    case "x":
    case "X":
      return text(formatInteger(conversion, integerOf(take(), flavour, tell)));
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return text(formatNumber(conversion, numberOf(take(), flavour, tell)));
    default:
      return undefined;
  }
}

function integerOf(word: string | undefined, flavour: PrintfFlavour, tell: (problem: PrintfProblem) => void): bigint {
  if (word === undefined) return 0n;
  if (/^["'].?/s.test(word)) return BigInt(word.codePointAt(1) ?? 0);
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(word);
  if (!match) {
    tell({ kind: "not a number", word });
    return 0n;
  }
  const [whole, sign, digits = "0"] = match;
  if (whole.length < word.length) tell({ kind: "partly a number", word });
  if (whole.length < word.length && !flavour.leadingDigits) return 0n;
  const value = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  const clamped = value > 0x7fffffffffffffffn ? 0x7fffffffffffffffn : value;
  return sign === "-" ? -clamped : clamped;
}

function numberOf(word: string | undefined, flavour: PrintfFlavour, tell: (problem: PrintfProblem) => void): number {
  if (word === undefined) return 0;
  if (/^["'].?/s.test(word)) return word.codePointAt(1) ?? 0;
  const match = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/i.exec(word);
  if (!match) {
    tell({ kind: "not a number", word });
    return 0;
  }
  if (match[0].length < word.length) tell({ kind: "partly a number", word });
  if (match[0].length < word.length && !flavour.leadingDigits) return 0;
  const text = match[0].trim().toLowerCase();
  if (text.includes("inf")) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
