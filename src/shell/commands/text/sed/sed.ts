/** sed: edits a stream. */
import type { Input } from "../../../../kernel/stdio.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";
import { Machine, NoPreviousRegex, type Source } from "./execute.ts";
import { parseSed, type Script, SedError } from "./parse.ts";

export const sed = tool(
  {
    name: "sed",
    summary: "edits a stream",
    short: "Ee:f:i:l:nrsuz",
    busybox: "Ee:f:i:nrsz",
    long: {
      expression: "e",
      file: "f",
      "in-place": "I",
      quiet: "n",
      silent: "n",
      "regexp-extended": "E",
      separate: "s",
      unbuffered: "u",
      "null-data": "z",
      posix: "u",
    },
    synopsis: "[OPTION]... {script-only-if-no-other-script} [input-file]...",
    // -i takes its value only when it is attached; a word of its own is the script or a file.
    prepare: (words) =>
      words.flatMap((word) =>
        /^-[Enrsuz]*i$/.test(word) ? [`${word}\0`] : /^--in-place(=|$)/.test(word) ? [`-i${word.slice(11) || "\0"}`] : [word],
      ),
  },
  (call) => flowing(call.process, "sed", (flow) => run(call, flow)),
);

/** Lines of the files one after the other, read one ahead so that the last is known. */
class Lines implements Source {
  readonly #call: Call;
  readonly #flow: Flow;
  readonly #names: string[];
  readonly #terminator: string;
  #input: Input | undefined;
  #ahead: { text: string; terminated: boolean; name: string } | undefined;
  name = "-";
  #reading = "-";
  failed = 0;

  constructor(call: Call, flow: Flow, names: readonly string[], terminator: string) {
    this.#call = call;
    this.#flow = flow;
    this.#names = [...names];
    this.#terminator = terminator;
  }

  *next(): Op<{ readonly text: string; readonly terminated: boolean } | undefined> {
    const line = this.#ahead ?? (yield* this.#read());
    this.#ahead = undefined;
    if (line) this.name = line.name;
    return line;
  }

  *last(): Op<boolean> {
    this.#ahead ??= yield* this.#read();
    return this.#ahead === undefined;
  }

  *#read(): Op<{ text: string; terminated: boolean; name: string } | undefined> {
    for (;;) {
      if (!this.#input) {
        const name = this.#names.shift();
        if (name === undefined) return undefined;
        const input = this.#flow.open(name);
        if (input instanceof FileError) {
          this.#refuse(name, input);
          continue;
        }
        this.#input = input;
        this.#reading = name;
      }
      let text = "";
      for (;;) {
        const piece = yield* this.#input.read(undefined, this.#terminator);
        if (piece === undefined) {
          this.#input = undefined;
          break;
        }
        text += piece;
        if (piece.endsWith(this.#terminator)) return { text: text.slice(0, -1), terminated: true, name: this.#reading };
        if (text.length > 4_000_000) return { text, terminated: true, name: this.#reading };
        yield* this.#flow.readFurther(piece);
      }
      // Another file follows: its lines begin on a new one.
      if (text !== "") return { text, terminated: this.#names.length > 0, name: this.#reading };
    }
  }

  #refuse(name: string, { message }: FileError): void {
    if (message === "Is a directory") {
      if (this.#call.busybox) return;
      this.#call.fail(`couldn't read ${name}: Is a directory`);
    } else this.#call.fail(this.#call.busybox ? `${name}: ${message}` : `can't read ${name}: ${message}`);
    this.failed = this.#call.busybox ? 1 : 2;
  }
}

/** The whole script: every -e and -f, each a line of it. */
function* scriptText(call: Call, flow: Flow, operands: string[]): Op<string | number> {
  const parts: string[] = [];
  for (const { name, value } of call.given) {
    if (name === "e") parts.push(value);
    else if (name === "f") {
      const input = flow.open(value);
      if (input instanceof FileError)
        return call.fail(call.busybox ? `${value}: ${input.message}` : `couldn't open file ${value}: ${input.message}`);
      parts.push((yield* flow.all(input)).replace(/\n$/, "").replace(/^#![^\n]*/, ""));
    }
  }
  if (parts.length > 0) return parts.join("\n");
  const first = operands.shift();
  if (first !== undefined) return first;
  if (call.busybox) return call.usage();
  call.process.stderr.write(
    "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n\nsed --help lists what is supported here.\n",
  );
  return 1;
}

function* run(call: Call, flow: Flow): Op<number> {
  const operands = [...call.operands];
  const text = yield* scriptText(call, flow, operands);
  if (typeof text === "number") return text;
  const script = parseSed(text, call.has("E") || call.has("r"));
  if (script instanceof SedError) {
    if (call.busybox) return call.fail(script.busybox || script.gnu);
    return call.fail(script.at === undefined ? script.gnu : `-e expression #1, char ${script.at}: ${script.gnu}`, script.status);
  }
  try {
    if (call.has("i")) return yield* inPlace(call, flow, script, operands);
    const files = operands.length > 0 ? operands : ["-"];
    if (!call.has("s")) return yield* edit(call, flow, script, files, (piece) => flow.print(piece));
    let status = 0;
    for (const file of files) status = (yield* edit(call, flow, script, [file], (piece) => flow.print(piece))) || status;
    return status;
  } catch (thrown) {
    if (!(thrown instanceof NoPreviousRegex)) throw thrown;
    return call.fail(call.busybox ? "no previous regexp" : "-e expression #1, char 0: no previous regular expression");
  }
}

function* edit(call: Call, flow: Flow, script: Script, files: readonly string[], print: (text: string) => void): Op<number> {
  const terminator = call.has("z") ? "\0" : "\n";
  const source = new Lines(call, flow, files, terminator);
  const written = new Set<string>();
  const { fs, cwd } = call.process;
  const machine = new Machine(script.lines, {
    flow,
    source,
    quiet: call.has("n") || script.quiet,
    terminator,
    print,
    readFile(name) {
      const found = fs.read(resolvePath(cwd, name));
      return typeof found === "string" ? found : undefined;
    },
    writeFile(name, text) {
      if (name === "/dev/stdout") print(text);
      else if (name === "/dev/stderr") call.process.stderr.write(text);
      else {
        const path = resolvePath(cwd, name);
        if (written.has(path)) fs.append(path, text);
        else fs.write(path, text);
        written.add(path);
      }
    },
  });
  const status = yield* machine.run();
  return status || source.failed;
}

/** -i: each file is edited by itself and written back, with a copy when a suffix is given. */
function* inPlace(call: Call, flow: Flow, script: Script, files: readonly string[]): Op<number> {
  if (files.length === 0) return call.fail("no input files");
  const suffix = (call.value("i") ?? "").replace("\0", "");
  let status = 0;
  for (const file of files) {
    const path = resolvePath(call.process.cwd, file);
    const { fs } = call.process;
    const before = fs.read(path);
    if (before instanceof FileError) {
      if (before.message === "Is a directory") status = call.fail(`couldn't edit ${file}: not a regular file`, 4);
      else status = call.fail(call.busybox ? `${file}: ${before.message}` : `can't read ${file}: ${before.message}`, call.busybox ? 1 : 2);
      continue;
    }
    let text = "";
    status =
      (yield* edit(call, flow, script, [file], (piece) => {
        text += piece;
      })) || status;
    if (suffix !== "") fs.write(resolvePath(call.process.cwd, suffix.includes("*") ? suffix.replaceAll("*", file) : file + suffix), before);
    const refused = fs.write(path, text);
    if (refused) status = call.fail(`couldn't open file ${file}: ${refused.message}`, 4);
  }
  return status;
}
