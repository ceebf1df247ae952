/**
 * What the small tools have in common: options as getopt reads them, and complaints in the words of their userland. The host
 * has GNU's tools, containers have BusyBox's.
 */
import type { Op } from "../../../kernel/task.ts";
import type { Command, Process, Userland } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { BUSYBOX_BANNER, busyboxUsage } from "./busybox-usage.ts";
import { ownUsage } from "./own-usage.ts";

export interface ToolSpec {
  readonly name: string;
  /** One line for `help`. */
  readonly summary: string;
  readonly userlands?: readonly Userland[];
  /** Short options, with ":" behind those that take a value; those of BusyBox where they differ. */
  readonly short?: string;
  readonly busybox?: string;
  /** Long options by name, and the short one that each stands for. */
  readonly long?: Readonly<Record<string, string>>;
  /** What follows "Usage: name " in GNU's help. */
  readonly synopsis: string;
  /** Real options that this world does not have: refused by name. */
  readonly unsupported?: string;
  /** The status of wrong usage: 1 unless told otherwise. */
  readonly usageStatus?: number;
  /** GNU's diffutils put their name before how help is to be had. */
  readonly signed?: boolean;
  /** Says of --usage too how help is to be had (argp). */
  readonly hasUsage?: boolean;
  /** GNU's grep and awk show their synopsis when an option is wrong. */
  readonly showsSynopsis?: boolean;
  /** The images have this one as the host does, not BusyBox's. */
  readonly asOnHost?: boolean;
  /** The first operand ends the options. */
  readonly posix?: boolean;
  /** Old spellings to those that getopt knows: -5 to -n5. */
  readonly prepare?: (words: readonly string[]) => readonly string[];
}

/** A call of a tool: its options and operands. */
export class Call {
  readonly process: Process;
  readonly operands: readonly string[];
  readonly spec: ToolSpec;
  readonly #options: readonly { readonly name: string; readonly value: string }[];

  constructor(process: Process, spec: ToolSpec, options: Call["given"], operands: readonly string[]) {
    this.process = process;
    this.spec = spec;
    this.#options = options;
    this.operands = operands;
  }

  /** The options in the order in which they came. */
  get given(): readonly { readonly name: string; readonly value: string }[] {
    return this.#options;
  }

  get busybox(): boolean {
    return speaksBusybox(this.process, this.spec);
  }

  has(name: string): boolean {
    return this.#options.some((option) => option.name === name);
  }

  /** The last value given. */
  value(name: string): string | undefined {
    return this.#options.findLast((option) => option.name === name)?.value;
  }

  values(name: string): readonly string[] {
    return this.#options.filter((option) => option.name === name).map((option) => option.value);
  }

  print(text: string): void {
    this.process.stdout.write(text);
  }

  /** "name: message" on stderr; gives the status of failure. */
  fail(message: string, status = 1): number {
    this.process.stderr.write(`${this.spec.name}: ${message}\n`);
    return status;
  }

  /** As `fail`, followed by how help is to be had; BusyBox and procps show their usage alone. */
  misuse(message: string, status = this.spec.usageStatus ?? 1): number {
    if (this.busybox || ownUsage(this.spec.name) !== undefined) return this.usage(status);
    return this.fail(`${message}\n${helpHint(this.spec)}`, status);
  }

  /** The usage of BusyBox's applet or of the tool itself on stderr. */
  usage(status = 1): number {
    const { name } = this.spec;
    this.process.stderr.write((this.busybox ? undefined : ownUsage(name)) ?? BUSYBOX_BANNER + busyboxUsage(name));
    return status;
  }
}

const speaksBusybox = (process: Process, spec: ToolSpec): boolean => isBusybox(process) && !spec.asOnHost;

const helpHint = ({ name, signed, hasUsage }: ToolSpec): string =>
  `${signed ? `${name}: ` : ""}Try '${name} --help'${hasUsage ? ` or '${name} --usage'` : ""} for more information.`;

export const isBusybox = (process: Pick<Process, "container">): boolean => process.container !== undefined;

/** A command with getopt's options. */
export function tool(spec: ToolSpec, run: (call: Call) => Op<number>): Command {
  return {
    name: spec.name,
    summary: spec.summary,
    ...(spec.userlands && { userlands: spec.userlands }),
    complete: ({ current }) => (current.startsWith("-") ? optionWords(spec) : []),
    *run(process) {
      const call = parse(process, spec);
      return typeof call === "number" ? call : yield* run(call);
    },
  };
}

/** A tool that answers at once. */
export const instantTool = (spec: ToolSpec, run: (call: Call) => number): Command =>
  // biome-ignore lint/correctness/useYield: answers at once
  tool(spec, function* (call) {
    return run(call);
  });

function optionWords(spec: ToolSpec): readonly string[] {
  const short = (spec.short ?? "").replaceAll(":", "").split("");
  return [...short.map((letter) => `-${letter}`), ...Object.keys(spec.long ?? {}).map((name) => `--${name}`)];
}

function parse(process: Process, spec: ToolSpec): Call | number {
  const words = spec.prepare?.(process.argv.slice(1)) ?? process.argv.slice(1);
  const busybox = speaksBusybox(process, spec);
  const { name, long = {} } = spec;
  const short = (busybox ? spec.busybox : undefined) ?? spec.short ?? "";
  if (words.length === 1 && words[0] === "--help") return help(process, spec);
  if (words.length === 1 && words[0] === "--version" && !busybox) {
    process.stdout.write(`${name} of vethlab, after GNU's\n`);
    return 0;
  }
  const takesValue = (letter: string): boolean => short[short.indexOf(letter) + 1] === ":";
  const longOptions = Object.fromEntries(
    Object.entries(long).map(([word, letter]) => [word, letter.length === 1 ? takesValue(letter) : letter.endsWith(":")]),
  );
  const parsed = getopt(words, { short: short + unsupportedLetters(spec, short), long: longOptions, posix: spec.posix === true });
  const call = new Call(process, spec, [], []);
  if (parsed instanceof OptionError) {
    process.stderr.write(`${name}: ${parsed.message}\n`);
    if (busybox || ownUsage(name) !== undefined) return call.usage(spec.usageStatus ?? 1);
    const synopsis = spec.showsSynopsis ? `Usage: ${name} ${spec.synopsis}\n` : "";
    process.stderr.write(`${synopsis}${helpHint(spec)}\n`);
    return spec.usageStatus ?? 1;
  }
  const options = parsed.options.map((option) => {
    const meant = option.name.length > 1 ? long[option.name]?.replace(/:$/, "") : undefined;
    return { name: meant ?? option.name, value: option.value };
  });
  for (const option of options)
    if (spec.unsupported?.includes(option.name) && option.name.length === 1 && !short.includes(option.name))
      return call.fail(`option -${option.name} is not supported here; supported: -${short.replaceAll(":", "")}`, spec.usageStatus ?? 1);
  return new Call(process, spec, options, parsed.operands);
}

const unsupportedLetters = ({ unsupported = "" }: ToolSpec, short: string): string =>
  [...unsupported].filter((letter) => letter !== ":" && !short.includes(letter)).join("");

function help(process: Process, spec: ToolSpec): number {
  if (speaksBusybox(process, spec)) {
    process.stderr.write(BUSYBOX_BANNER + busyboxUsage(spec.name));
    return 0;
  }
  const own = ownUsage(spec.name);
  if (own !== undefined) {
    process.stdout.write(own);
    return 0;
  }
  const words = optionWords(spec);
  process.stdout.write(
    `Usage: ${spec.name} ${spec.synopsis}\n${spec.summary}\n${words.length > 0 ? `\nOptions that are supported here:\n  ${wrapped(words)}\n` : ""}`,
  );
  return 0;
}

function wrapped(words: readonly string[]): string {
  let line = 0;
  let text = "";
  for (const word of words) {
    if (line > 0 && line + word.length > 70) {
      text += "\n  ";
      line = 0;
    }
    text += `${line > 0 ? " " : ""}${word}`;
    line += word.length + 1;
  }
  return text;
}

/** -5 as -n5: head and tail take it so, where it is not the value of an option before it. */
export const countOption = (words: readonly string[]): readonly string[] =>
  words.map((word, i) => (/^(-[a-z]*[nc]|--lines|--bytes)$/.test(words[i - 1] ?? "") ? word : word.replace(/^-(\d+)$/, "-n$1")));
