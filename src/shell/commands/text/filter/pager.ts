/**
 * more and less. Into a pipe or a file they copy; on a terminal they show a screenful and wait for a line: an empty one goes
 * on, q ends. A terminal hands lines to a program here, no single keys.
 */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { type Flow, flowing } from "../flow.ts";
import { linesOf } from "../lines.ts";
import { type Call, tool } from "../tool.ts";

/** Lines of a terminal without the one for the pager's own prompt. */
const SCREEN = 23;

const COLON = "::::::::::::::";

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
  for (let at = 0; at < lines.length; ) {
    flow.print(`${lines.slice(at, at + SCREEN).join("\n")}\n`);
    yield* flow.flush();
    at += SCREEN;
    if (at >= lines.length) break;
    tty.write(
      name === "less" ? ":(Enter goes on, q ends) " : `--More--(${Math.round((100 * at) / lines.length)}%)(Enter goes on, q ends) `,
    );
    const answer = yield* tty.read();
    if (answer === undefined || answer.trim().toLowerCase() === "q") break;
  }
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
