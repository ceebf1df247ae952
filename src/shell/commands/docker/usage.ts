/** Help and usage errors as cobra prints them with docker/cli's templates (cli/cobra.go). */
import { type Flag, type Subcommand, shownFlags } from "./subcommand.ts";

/** Columns that help is set for where no terminal says otherwise. */
const WIDTH = 80;
/** pflag lets a line run over by so much rather than leave a short last one. */
const SLOP = 5;
const NARROWEST = 24;
const BLOCK_INDENT = 16;

/** One line's worth of `text`, and the rest: broken at the last blank that fits, or at a line's end before it. */
function breakLine(text: string, room: number): readonly [string, string] {
  if (room + SLOP > text.length) return [text, ""];
  const head = text.slice(0, room);
  const blank = Math.max(head.lastIndexOf(" "), head.lastIndexOf("\t"), head.lastIndexOf("\n"));
  if (blank <= 0) return [text, ""];
  const end = head.lastIndexOf("\n");
  const at = end > 0 && end < blank ? end : blank;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Sets text beside a column of names `indent` wide (pflag's FlagUsagesWrapped). */
function wrap(text: string, indent: number, width: number): string {
  const narrow = width - indent < NARROWEST;
  const left = narrow ? BLOCK_INDENT : indent;
  const next = `\n${" ".repeat(left)}`;
  const lines: string[] = [];
  for (let rest = text; rest !== "" || lines.length === 0; ) {
    const [line, more] = breakLine(rest, width - left - SLOP);
    lines.push(line.replaceAll("\n", next));
    rest = more;
  }
  return (narrow ? next : "") + lines.join(next);
}

/** The lines of options. */
export function describeFlags(flags: readonly Flag[]): string {
  const rows = [...flags]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => {
      const type = flag.type === "bool" ? "" : ` ${flag.type}`;
      return [`${flag.short ? `  -${flag.short}, ` : "      "}--${flag.name}${type}`, flag.help] as const;
    });
  const column = Math.max(0, ...rows.map(([name]) => name.length)) + 3;
  return rows.map(([name, help]) => `${name.padEnd(column)}${wrap(help, column, WIDTH - 1)}\n`).join("");
}

export interface Listed {
  readonly name: string;
  readonly summary: string;
}

/** "  name   Summary" lines. */
export function describeCommands(commands: readonly Listed[], width = 11): string {
  const column = Math.max(width, ...commands.map(({ name }) => name.length));
  return commands.map(({ name, summary }) => `  ${name.padEnd(column)} ${short(summary)}\n`).join("");
}

export function helpOf(path: string, command: Subcommand): string {
  const flags = shownFlags(command);
  const aliases = command.aliases ? `\nAliases:\n  ${command.aliases}\n` : "";
  const options = flags.length > 0 ? `\nOptions:\n${describeFlags(flags)}` : "";
  const usage = `${path} ${command.usage}`.trimEnd();
  return `Usage:  ${usage}\n\n${command.summary}\n${aliases}${options}`;
}

/** What lists say of a command: its first sentence. */
const short = (summary: string): string => summary.split(/\n|\. /)[0] as string;

/** A message, the usage line, and where to look. */
export const usageError = (path: string, command: Pick<Subcommand, "usage">, message: string): string =>
  `${message}\n\nUsage:  ${`${path} ${command.usage}`.trimEnd()}\n\nRun '${path} --help' for more information\n`;

const plural = (count: number): string => `${count} argument${count === 1 ? "" : "s"}`;

/** What is wrong with the number of arguments (cli/required.go). */
export function argumentsError(path: string, command: Subcommand, given: number): string | undefined {
  const { least, most } = command;
  if (given >= least && given <= most) return undefined;
  const usage = `\n\nUsage:  ${`${path} ${command.usage}`.trimEnd()}\n\n`;
  const run = `Run '${path} --help' for more information\n`;
  const see = `See '${path} --help' for more information\n`;
  if (most === 0) return `docker: '${path}' accepts no arguments${usage}${run}`;
  if (least === most) return `docker: '${path}' requires ${plural(least)}${usage}${run}`;
  if (most === Number.POSITIVE_INFINITY) return `docker: '${path}' requires at least ${plural(least)}${usage}${see}`;
  // The slip is the client's own.
  if (least === 0) return `docker: '${path}' requires at most ${plural(most)}${usage}S${run}`;
  return `docker: '${path}' requires at least ${least} and at most ${plural(most)}${usage}${run}`;
}
