/** Somebody at a terminal of the Docker host, without a page: keys go in as a browser names them, and the screen is read. */
import { Terminal } from "@xterm/xterm";
import type { ControlKey, Tty, TtyInput } from "../../kernel/tty.ts";
import { commands } from "../../shell/commands/index.ts";
import { buildWorld, type World } from "../../world/world.ts";
import { Keyboard } from "./keyboard.ts";
import { Screen } from "./screen.ts";

const HOST = "docker-host";
const SECOND = 1_000_000;
/** Columns and rows, as the tty tells its programs. */
const COLUMNS = 80;
const ROWS = 24;

export class TestTerminal {
  readonly world: World = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  readonly tty: Tty;
  readonly #xterm = new Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 5000, allowProposedApi: true });
  readonly #screen = new Screen(this.#xterm);
  readonly #keyboard: Keyboard;

  constructor() {
    this.world.advance(3 * SECOND);
    this.tty = this.world.openTerminal(HOST, HOST);
    this.#screen.reset(this.tty.text);
    this.tty.onOutput((text) => this.#screen.output(text));
    const send = (input: TtyInput): void => this.world.input(HOST, input);
    this.#keyboard = new Keyboard({
      tty: () => this.tty,
      columns: () => COLUMNS,
      show: (line) => this.#screen.show(line),
      output: (text) => this.#screen.output(text),
      clear: () => this.#xterm.clear(),
      line: (line) => send({ line }),
      key: (key: ControlKey) => send({ key }),
      typed: (typed) => send({ typed }),
    });
  }

  /** Types text and presses keys: "docker ps", "<Tab>", "<C-r>", "<A-b>", "<Enter>" … */
  press(...keys: readonly string[]): this {
    for (const key of keys) {
      const named = /^<(?:(C|A)-)?(.+)>$/.exec(key);
      if (!named) {
        for (const letter of key) if (!this.#keyboard.press({ key: letter })) this.#keyboard.text(letter);
      } else {
        const held = { ctrlKey: named[1] === "C", altKey: named[1] === "A" };
        // A browser tells of the key that is held down, too.
        if (named[1]) this.#keyboard.press({ key: held.ctrlKey ? "Control" : "Alt", ...held });
        this.#keyboard.press({ key: named[2] as string, ...held });
      }
    }
    return this;
  }

  /** Types lines, each with its Enter, and lets them run for as long as they have the foreground, a minute at most. */
  run(...lines: readonly string[]): this {
    for (const line of lines) {
      this.press(line, "<Enter>");
      this.settle();
    }
    return this;
  }

  /** Lets time pass until somebody reads from the terminal. */
  settle(longest = 60): this {
    const { clock } = this.world.kernel;
    const end = clock.now + longest * SECOND;
    while (!this.tty.reader && !this.tty.takesKeys && clock.now < end && clock.step());
    return this;
  }

  wait(seconds: number): this {
    this.world.advance(this.world.kernel.clock.now + seconds * SECOND);
    return this;
  }

  /** What stands on the line at the prompt. */
  get line(): string {
    return this.#keyboard.line.text;
  }

  /** All lines from the beginning, empty ones at the end left out. */
  async text(): Promise<string> {
    await new Promise<void>((drawn) => this.#xterm.write("", drawn));
    const { active } = this.#xterm.buffer;
    const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? "");
    return lines.join("\n").trimEnd();
  }

  /** The lines after the last one that holds `mark`, that one left out. */
  async after(mark: string): Promise<string> {
    const lines = (await this.text()).split("\n");
    return lines.slice(lines.findLastIndex((line) => line.includes(mark)) + 1).join("\n");
  }
}
