/** awk: programs over lines and fields. mawk on the host, BusyBox's in containers. */
import type { Input } from "../../../../kernel/stdio.ts";
import { TextInput } from "../../../../kernel/stdio.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { Regex } from "../../../regex.ts";
import { BUSYBOX_BANNER, busyboxUsage } from "../busybox-usage.ts";
import { type Flow, flowing } from "../flow.ts";
import { isBusybox } from "../tool.ts";
import type { Redirect } from "./ast.ts";
import { AwkError, parseAwk, unescapeString } from "./parse.ts";
import { Awk, type Outputs } from "./run.ts";
import { fromOutside } from "./values.ts";

const USAGE = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.
`;

interface Invocation {
  readonly files: readonly string[];
  readonly separator: string | undefined;
  readonly assignments: readonly string[];
  readonly programs: readonly string[];
}

export const awk: Command = {
  name: "awk",
  summary: "programs over lines and fields",
  run: (process) => flowing(process, "awk", (flow) => run(process, flow), 2),
};

function misuse(process: Process, mawk: string, busybox: string): number {
  if (isBusybox(process)) {
    process.stderr.write(`awk: ${busybox}\n${BUSYBOX_BANNER}${busyboxUsage("awk")}`);
    return 1;
  }
  process.stderr.write(`awk: ${mawk}\n`);
  return 2;
}

function invocationOf(process: Process): Invocation | number {
  const words = process.argv.slice(1);
  const programs: string[] = [];
  const assignments: string[] = [];
  let separator: string | undefined;
  let i = 0;
  for (; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") {
      i++;
      break;
    }
    if (!/^-./.test(word)) break;
    const letter = word[1] as string;
    if (!isBusybox(process) && (word === "--version" || word === "-W")) {
      process.stdout.write("mawk 1.3.4 20260302\n");
      return 0;
    }
    if (!"fFv".includes(letter)) return misuse(process, `not an option: ${word}`, `invalid option -- '${letter}'`);
    const value = word.length > 2 ? word.slice(2) : words[++i];
    if (value === undefined) return misuse(process, `option -${letter} lacks argument`, `option requires an argument -- '${letter}'`);
    if (letter === "f") programs.push(value);
    else if (letter === "F") separator = value;
    else if (/^[A-Za-z_]\w*=/.test(value)) assignments.push(value);
    else return misuse(process, `improper assignment: -v ${value}`, `bad -v ${value}`);
  }
  return { programs, assignments, separator, files: words.slice(i) };
}

/** Files and commands that a program prints to. */
class Streams implements Outputs {
  readonly #process: Process;
  readonly #flow: Flow;
  readonly #opened = new Set<string>();
  readonly #commands = new Map<string, string>();

  constructor(process: Process, flow: Flow) {
    this.#process = process;
    this.#flow = flow;
  }

  write(operator: Redirect["operator"], target: string, text: string): void {
    const { fs, cwd, stderr } = this.#process;
    if (operator === "|") {
      const before = this.#commands.get(target) ?? "";
      if (before.length < 4_000_000) this.#commands.set(target, before + text);
      return;
    }
    if (target === "/dev/stdout" || target === "-") this.#flow.print(text);
    else if (target === "/dev/stderr") stderr.write(text);
    else {
      const path = resolvePath(cwd, target);
      const refused = this.#opened.has(path) || operator === ">>" ? fs.append(path, text) : fs.write(path, text);
      if (refused)
        throw new AwkError(`cannot open "${target}" for output (${refused.message})`, `can't open '${target}': ${refused.message}`);
      this.#opened.add(path);
    }
  }

  close(target: string): number {
    return this.#opened.delete(resolvePath(this.#process.cwd, target)) ? 0 : -1;
  }

  /** Gives the commands what was printed to them, one after the other. */
  *finish(): Op<void> {
    yield* this.#flow.flush();
    for (const [command, text] of this.#commands) yield* this.#process.run(["sh", "-c", command], { stdin: new TextInput(text) });
  }
}

function* run(process: Process, flow: Flow): Op<number> {
  const invocation = invocationOf(process);
  if (typeof invocation === "number") return invocation;
  const busybox = isBusybox(process);
  const operands = [...invocation.files];
  let source = "";
  for (const name of invocation.programs) {
    const text = name === "-" ? yield* flow.all(process.stdin) : process.fs.read(resolvePath(process.cwd, name));
    if (text instanceof FileError) {
      process.stderr.write(busybox ? `awk: can't open '${name}': ${text.message}\n` : `awk: cannot open "${name}" (${text.message})\n`);
      return busybox ? 1 : 2;
    }
    source += `${text}\n`;
  }
  if (invocation.programs.length === 0) {
    const first = operands.shift();
    if (first === undefined) {
      if (busybox) process.stderr.write(BUSYBOX_BANNER + busyboxUsage("awk"));
      else process.stderr.write(USAGE);
      return busybox ? 1 : 2;
    }
    source = first;
  }
  const refuse = (error: AwkError): number => {
    process.stderr.write(busybox ? `awk: cmd. line:1: ${error.busybox}\n` : `awk: ${error.message}\n`);
    return busybox ? 1 : 2;
  };
  const program = parseAwk(source, busybox);
  if (program instanceof AwkError) return refuse(program);
  const streams = new Streams(process, flow);
  const machine = new Awk(program, flow, streams, busybox);
  for (const [name, value] of process.env) machine.array("ENVIRON").set(name, fromOutside(value));
  machine.set("ARGC", operands.length + 1);
  for (const [i, word] of ["awk", ...operands].entries()) machine.array("ARGV").set(String(i), fromOutside(word));
  if (invocation.separator !== undefined)
    machine.set("FS", invocation.separator === "t" && !busybox ? "t" : unescapeString(invocation.separator));
  for (const assignment of invocation.assignments) assign(machine, assignment);
  try {
    const status = yield* over(process, flow, machine, operands);
    yield* streams.finish();
    return status;
  } catch (thrown) {
    if (!(thrown instanceof AwkError)) throw thrown;
    yield* flow.flush();
    return refuse(thrown);
  }
}

function assign(machine: Awk, word: string): void {
  const equals = word.indexOf("=");
  machine.set(word.slice(0, equals), fromOutside(unescapeString(word.slice(equals + 1))));
}

/** BEGIN, the files, END. */
function* over(process: Process, flow: Flow, machine: Awk, operands: readonly string[]): Op<number> {
  let goesOn = yield* machine.begin();
  if (goesOn && machine.readsInput) {
    let read = false;
    for (const operand of operands) {
      if (/^[A-Za-z_]\w*=/.test(operand)) {
        assign(machine, operand);
        continue;
      }
      read = true;
      const input = flow.open(operand);
      if (input instanceof FileError) {
        const busybox = isBusybox(process);
        process.stderr.write(busybox ? `awk: ${operand}: ${input.message}\n` : `awk: cannot open "${operand}" (${input.message})\n`);
        if (!busybox) return 2;
        machine.status = 1;
        continue;
      }
      machine.set("FILENAME", operand);
      machine.set("FNR", 0);
      goesOn = yield* records(flow, machine, input);
      if (!goesOn) break;
    }
    if (!read && goesOn) yield* records(flow, machine, process.stdin);
  }
  if (machine.readsInput) yield* machine.end();
  return machine.status;
}

/** The records of an input, as RS separates them. False when the program has ended. */
function* records(flow: Flow, machine: Awk, input: Input): Op<boolean> {
  const separator = machine.text("RS");
  if ([...separator].length === 1) {
    let rest = "";
    for (;;) {
      const piece = yield* input.read(undefined, separator);
      if (piece === undefined) break;
      rest += piece;
      const ended = piece.endsWith(separator);
      if (!ended && rest.length < 4_000_000) {
        yield* flow.readFurther(piece);
        continue;
      }
      const outcome = yield* machine.record(ended ? rest.slice(0, -separator.length) : rest);
      rest = "";
      if (flow.full || flow.effort.spend(0.2)) yield* flow.flush();
      if (outcome !== true) {
        yield* flow.flush();
        return outcome !== false;
      }
    }
    const last = rest === "" ? true : yield* machine.record(rest);
    yield* flow.flush();
    return last !== false;
  }
  const text = yield* flow.all(input);
  for (const record of separator === "" ? paragraphs(text) : byRegex(text, separator)) {
    const outcome = yield* machine.record(record);
    if (flow.full) yield* flow.flush();
    if (outcome !== true) return outcome !== false;
  }
  return true;
}

const paragraphs = (text: string): readonly string[] => {
  const trimmed = text.replace(/^\n+|\n+$/g, "");
  return trimmed === "" ? [] : trimmed.split(/\n\n+/);
};

function byRegex(text: string, source: string): readonly string[] {
  const regex = Regex.compile(source, { extended: true });
  if (!(regex instanceof Regex))
    throw new AwkError(
      `run time error: regular expression compile failed (${regex.message})\n${source}`,
      `bad regex '${source}': ${regex.message}`,
    );
  const out: string[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; ) {
    const match = regex.exec(text, at);
    if (!match) break;
    if (match.end === match.start) {
      at++;
      continue;
    }
    out.push(text.slice(from, match.start));
    from = match.end;
    at = match.end;
  }
  const rest = text.slice(from).replace(/\n$/, "");
  if (rest !== "") out.push(rest);
  return out;
}
