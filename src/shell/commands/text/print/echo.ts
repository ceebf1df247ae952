/** echo and printf as programs of their own: what `xargs`, `env` and `docker exec` run. */

import type { Command, Process } from "../../../command.ts";
import { echoText } from "../../../language/builtins/print.ts";
import { printf } from "../../../printf.ts";
import { BUSYBOX_BANNER, busyboxUsage } from "../busybox-usage.ts";
import { isBusybox } from "../tool.ts";

function printFormatted(process: Process): number {
  const words = process.argv[1] === "--" ? process.argv.slice(2) : process.argv.slice(1);
  const [format, ...args] = words;
  const busybox = isBusybox(process);
  const say = (message: string): void => process.stderr.write(`printf: ${message}\n`);
  if (format === undefined) {
    if (busybox) process.stderr.write(BUSYBOX_BANNER + busyboxUsage("printf"));
    else say("missing operand\nTry 'printf --help' for more information.");
    return 1;
  }
  const well = printf(format, args, {
    leadingDigits: !busybox,
    write: (text) => process.stdout.write(text),
    tell(problem) {
      switch (problem.kind) {
        case "too many":
          if (!busybox) say(`warning: ignoring excess arguments, starting with '${problem.word}'`);
          return;
        case "bad conversion":
          say(busybox ? `${problem.conversion}: invalid format` : `${problem.conversion}: invalid conversion specification`);
          return;
        case "not a number":
          say(busybox ? `invalid number '${problem.word}'` : `'${problem.word}': expected a numeric value`);
          return;
        default:
          say(busybox ? `invalid number '${problem.word}'` : `'${problem.word}': value not completely converted`);
      }
    },
  });
  return well ? 0 : 1;
}

export const echoCommands: readonly Command[] = [
  {
    name: "echo",
    summary: "prints its arguments",
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process) {
      process.stdout.write(echoText(process.argv.slice(1), isBusybox(process) ? "ash" : "bash"));
      return 0;
    },
  },
  {
    name: "printf",
    summary: "prints by a format",
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process) {
      return printFormatted(process);
    },
  },
];
