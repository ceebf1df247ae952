/** What a tool of this folder ends with: the text it prints, or why not. */
import type { LinkError } from "../../../kernel/device/table.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";

/** Ends a tool with a message on stderr and an exit status; `printed` is what had gone to stdout before. */
export class Failure {
  readonly message: string;
  readonly status: number;
  readonly printed: string;

  constructor(message: string, status: number, printed = "") {
    this.message = message;
    this.status = status;
    this.printed = printed;
  }
}

/** Text for stdout with its newlines; "" for nothing. */
export type Answer = string | Failure;

/** iproute2 ends so when rtnetlink refuses: the kernel's sentence, or the text of the errno. Exit status 2. */
export function rtnetlinkRefusal({ message, extended }: LinkError, status = 2): Failure {
  if (!extended) return new Failure(`RTNETLINK answers: ${message}`, status);
  return new Failure(`Error: ${message}${/[.!?]$/.test(message) ? "" : "."}`, status);
}

export const mayAdminister = (process: Process): boolean => process.capabilities.has("NET_ADMIN");

/** The engine mounts /proc/sys read-only unless the container is privileged. */
export const mayWriteSysctls = ({ container }: Process): boolean => !container || container.spec.privileged;

/** Carries out a change that needs CAP_NET_ADMIN, as rtnetlink does. */
export function change(process: Process, run: () => LinkError | undefined, status = 2): Answer {
  if (!mayAdminister(process)) return new Failure("RTNETLINK answers: Operation not permitted", status);
  const refused = run();
  return refused ? rtnetlinkRefusal(refused, status) : "";
}

/** What -s tells of a flush, and with a second -s of what went: `gone` are its lines, `what` the word for them. */
export function flushed(statistics: number, gone: readonly string[], what = "entries"): string {
  if (statistics === 0) return "";
  if (gone.length === 0) return "Nothing to flush.\n";
  const lines = statistics > 1 ? gone.join("") : "";
  return `${lines}\n*** Round 1, deleting ${gone.length} ${what} ***\n*** Flush is complete after 1 round ***\n`;
}

/** Prints an answer and gives its exit status. */
export function finish(process: Process, result: Answer): number {
  if (typeof result === "string") {
    if (result !== "") process.stdout.write(result);
    return 0;
  }
  if (result.printed !== "") process.stdout.write(result.printed);
  if (result.message !== "") process.stderr.write(`${result.message}\n`);
  return result.status;
}

/** Makes a command of a function from words to an answer, for tools that take no time. */
export function instantCommand(
  name: string,
  summary: string,
  answer: (process: Process, words: readonly string[]) => Answer,
  complete?: (context: CompletionContext) => readonly string[],
): Command {
  return {
    name,
    summary,
    ...(complete && { complete }),
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process: Process): Op<number> {
      return finish(process, answer(process, process.argv.slice(1)));
    },
  };
}
