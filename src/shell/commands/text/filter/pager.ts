/**
 * more and less. Into a pipe or a file they copy; on a terminal they show a screenful and wait for a key. What was shown stays
 * above, as with `less -X`: how many rows a terminal has is not the world's to know.
 */
import type { Op } from "../../../../kernel/task.ts";
import type { Tty } from "../../../../kernel/tty.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { Regex } from "../../../regex.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";

/** Lines of a terminal without the one for the pager's own prompt. */
const SCREEN = 23;

const COLON = "::::::::::::::";

const highlighted = (text: string): string => `\x1b[7m${text}\x1b[0m`;
const ERASE = "\r\x1b[K";

/** A text on a terminal, and how far it has been shown. */
class Pager {
  readonly #tty: Tty;
  readonly #lines: readonly string[];
  readonly #busybox: boolean;
  readonly #file: string | undefined;
  /** The line after the last that was shown. */
  #at = 0;
  #regex: Regex | undefined;
  #backwards = false;

  constructor(tty: Tty, lines: readonly string[], call: Call, file: string | undefined) {
    this.#tty = tty;
    this.#lines = lines;
    this.#busybox = call.busybox;
    this.#file = file;
  }

  #show(from: number, to: number): void {
    const start = Math.max(0, Math.min(from, this.#lines.length));
    const end = Math.max(start, Math.min(to, this.#lines.length));
    for (const line of this.#lines.slice(start, end)) this.#tty.write(`${line}\n`);
    this.#at = end;
  }

  /** A screenful whose first line is `top`, as near to it as the text allows. */
  #jump(top: number): void {
    const start = Math.max(0, Math.min(top, this.#lines.length - SCREEN));
    this.#show(start, start + SCREEN);
  }

  get #top(): number {
    return Math.max(0, this.#at - SCREEN);
  }

  get #ended(): boolean {
    return this.#at >= this.#lines.length;
  }

  /** Shows a prompt, waits for a key, and takes the prompt away. */
  *#ask(prompt: string): Op<string> {
    this.#tty.write(prompt);
    try {
      return (yield* this.#tty.readKey()) ?? "q";
    } finally {
      this.#tty.write(ERASE);
    }
  }

  /** Reads a pattern on the bottom line; undefined when it is given up. */
  *#pattern(sign: string): Op<string | undefined> {
    let text = "";
    this.#tty.write(sign);
    for (;;) {
      const key = yield* this.#tty.readKey();
      if (key === "\n" || key === undefined || key === "\x1b") break;
      if (key === "\x7f") {
        if (text === "") break;
        text = text.slice(0, -1);
        this.#tty.write("\b \b");
      } else if (key.length === 1 && key >= " ") {
        text += key;
        this.#tty.write(key);
      }
      if (key === "\n") break;
    }
    this.#tty.write(ERASE);
    return text;
  }

  /** The next line with the pattern, from `from` on. */
  #find(from: number, backwards: boolean): number {
    const matches = (line: string): boolean => this.#regex?.test(line) === true;
    if (backwards) return this.#lines.findLastIndex((line, i) => i <= from && matches(line));
    return this.#lines.findIndex((line, i) => i >= from && matches(line));
  }

  /** Asks for a pattern; what is wrong with it is told. False when there is none to look for. */
  *#search(sign: "/" | "?"): Op<boolean> {
    const text = yield* this.#pattern(sign);
    if (text === undefined) return false;
    if (text !== "") {
      const regex = Regex.compile(text, { extended: true });
      this.#regex = regex instanceof Regex ? regex : undefined;
    }
    this.#backwards = sign === "?";
    return this.#regex !== undefined;
  }

  *#seek(backwards: boolean): Op<void> {
    const found = this.#find(backwards ? this.#top - 1 : this.#top + 1, backwards);
    if (found >= 0) this.#show(found, found + SCREEN);
    else yield* this.#ask(highlighted("Pattern not found  (press RETURN)"));
  }

  *less(): Op<void> {
    this.#show(0, SCREEN);
    let first = true;
    let count = "";
    for (;;) {
      const name = first && this.#file !== undefined && this.#file !== "-" ? `${this.#file}${this.#ended ? " (END)" : ""}` : undefined;
      const prompt = name ?? (this.#ended ? "(END)" : undefined);
      const key = yield* this.#ask(prompt === undefined ? `:${count}` : `${highlighted(prompt)}${count}`);
      first = false;
      if (/\d/.test(key) && key.length === 1) {
        count += key;
        continue;
      }
      const number = count === "" ? undefined : Number(count);
      count = "";
      switch (key) {
        case "q":
        case "Q":
          return;
        case " ":
        case "f":
        case "\x06":
        case "\x16":
        case "\x1b[6~":
          this.#show(this.#at, this.#at + (number ?? SCREEN));
          break;
        case "b":
        case "\x02":
        case "\x1b[5~":
          this.#jump(this.#top - (number ?? SCREEN));
          break;
        case "\n":
        case "e":
        case "j":
        case "\x0e":
        case "\x1b[B":
          this.#show(this.#at, this.#at + (number ?? 1));
          break;
        case "y":
        case "k":
        case "\x10":
        case "\x1b[A":
          if (this.#top > 0) this.#jump(this.#top - (number ?? 1));
          break;
        case "d":
        case "\x04":
          this.#show(this.#at, this.#at + (number ?? Math.floor(SCREEN / 2)));
          break;
        case "u":
        case "\x15":
          this.#jump(this.#top - (number ?? Math.floor(SCREEN / 2)));
          break;
        case "g":
        case "<":
        case "\x1b[H":
          this.#jump((number ?? 1) - 1);
          break;
        case "G":
        case ">":
        case "\x1b[F":
          this.#jump(number === undefined ? this.#lines.length : number - 1);
          break;
        case "/":
        case "?":
          if (yield* this.#search(key)) yield* this.#seek(this.#backwards);
          break;
        case "n":
          yield* this.#seek(this.#backwards);
          break;
        case "N":
          yield* this.#seek(!this.#backwards);
          break;
      }
    }
  }

  get #morePrompt(): string {
    if (this.#file === undefined || this.#file === "-") return "--More--";
    const characters = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);
    const size = characters(this.#lines);
    const percent = Math.floor((100 * characters(this.#lines.slice(0, this.#at))) / size);
    return this.#busybox ? `--More-- (${percent}% of ${size} bytes)` : `--More--(${percent}%)`;
  }

  *more(): Op<void> {
    this.#show(0, SCREEN);
    while (!this.#ended) {
      const key = yield* this.#ask(highlighted(this.#morePrompt));
      switch (key) {
        case "q":
        case "Q":
          return;
        case " ":
        case "\x1b[6~":
          this.#show(this.#at, this.#at + SCREEN);
          break;
        case "\n":
          this.#show(this.#at, this.#at + 1);
          break;
        case "d":
          this.#show(this.#at, this.#at + Math.floor(SCREEN / 2));
          break;
        case "f":
          this.#tty.write(`\n...skipping ${SCREEN} lines\n\n`);
          this.#show(this.#at + SCREEN, this.#at + 2 * SCREEN);
          break;
        case "b":
          if (this.#busybox) break;
          this.#tty.write("...back 1 page\n");
          this.#jump(this.#top - SCREEN);
          break;
        case "=":
          this.#tty.write(`${this.#at}\n`);
          break;
        case "/": {
          if (this.#busybox || !(yield* this.#search("/"))) break;
          const found = this.#find(this.#at, false);
          if (found < 0) this.#tty.write("\nPattern not found\n");
          else {
            this.#tty.write("...skipping\n");
            this.#show(Math.max(0, found - 2), found + SCREEN - 3);
          }
          break;
        }
      }
    }
  }
}

function* page(call: Call, flow: Flow): Op<number> {
  const { process } = call;
  const { tty } = process;
  const name = call.spec.name;
  const onTerminal = tty !== undefined && process.stdout === tty;
  const files = call.operands;
  if (files.length === 0 && process.stdin === tty) {
    if (call.busybox) return call.usage();
    if (name === "less") {
      process.stderr.write('Missing filename ("less --help" for help)\n');
      return 1;
    }
    process.stderr.write("more: bad usage\nTry 'more --help' for more information.\n");
    return 1;
  }
  let status = 0;
  let lines: string[] = [];
  for (const file of files.length > 0 ? files : ["-"]) {
    const input = flow.open(file);
    if (input instanceof FileError) {
      const text = input.message;
      const folder = text === "Is a directory";
      if (call.busybox)
        status = call.fail(
          folder && name === "more" ? `${file}: ${text}` : `${folder ? `read error: ${text}` : `can't open '${file}': ${text}`}`,
        );
      else if (name === "more") {
        if (folder) process.stdout.write(`\n*** ${file}: directory ***\n\n`);
        else status = call.fail(`cannot open ${file}: ${text}`);
      } else {
        process.stderr.write(`${folder ? `${file} is a directory` : `${file}: ${text}`}\n`);
        status = 1;
      }
      continue;
    }
    const text = yield* flow.all(input);
    if (name === "more" && !call.busybox && file !== "-" && (files.length > 1 || !onTerminal)) lines.push(COLON, file, COLON);
    lines.push(...linesOf(text));
    if (text !== "" && !text.endsWith("\n") && !onTerminal) {
      flow.print(`${lines.join("\n")}`);
      lines = [];
    }
  }
  if (call.has("N")) lines = lines.map((line, i) => `${String(i + 1).padStart(7)} ${line}`);
  if (!onTerminal) {
    if (lines.length > 0) flow.print(`${lines.join("\n")}\n`);
    return status;
  }
  if (lines.length === 0 && status !== 0) return status;
  const pager = new Pager(tty, lines, call, files[0]);
  yield* tty.takingKeys(name === "less" ? pager.less() : pager.more());
  return status;
}

const pager = (name: "more" | "less"): Command =>
  tool(
    {
      name,
      summary: "a text, a screenful at a time",
      // Debian's smallest system has more alone, as the host here.
      ...(name === "less" && { userlands: ["debian", "alpine", "busybox"] }),
      short: name === "less" ? "EFIMmNSRhX" : "dflpcsu",
      ...(name === "less" && { busybox: "EFIMmNSRh~" }),
      synopsis: name === "less" ? "[OPTION]... [FILE]..." : "[options] <file>...",
      unsupported: name === "less" ? "abBcCdDefgGiJjkKLnoOpPqQrstTuUVwWxyz" : "neh",
    },
    (call) => flowing(call.process, name, (flow) => page(call, flow)),
  );

export const pagerCommands: readonly Command[] = [pager("more"), pager("less")];
