/** dmesg (util-linux): the kernel log of the machine, where LOG rules write. */
import type { LogLine } from "../../../kernel/netfilter/netfilter.ts";
import { type Op, Signal } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { unixDate } from "../../wall-clock.ts";

const seconds = (at: number): string => {
  const whole = Math.floor(at / 1_000_000);
  return `${String(whole).padStart(5)}.${String(at - whole * 1_000_000).padStart(6, "0")}`;
};

interface Style {
  readonly dates: boolean;
  readonly bare: boolean;
}

function format(process: Process, { at, text }: LogLine, { dates, bare }: Style): string {
  if (bare) return `${text}\n`;
  return dates ? `[${unixDate(process.machine.kernel.date(at)).replace(" UTC", "")}] ${text}\n` : `[${seconds(at)}] ${text}\n`;
}

const tell = (process: Process, message: string): number => {
  process.stderr.write(`dmesg: ${message}\n`);
  return 1;
};

function* run(process: Process): Op<number> {
  const parsed = getopt(process.argv.slice(1), {
    short: "CcTtwWhVkuPHxrSL",
    long: {
      clear: false,
      "read-clear": false,
      ctime: false,
      notime: false,
      follow: false,
      "follow-new": false,
      help: false,
      version: false,
    },
  });
  if (parsed instanceof OptionError) return tell(process, `${parsed.message}\nTry 'dmesg --help' for more information.`);
  const given = (...names: string[]): boolean => parsed.options.some(({ name }) => names.includes(name));
  const [operand] = parsed.operands;
  if (operand !== undefined) return tell(process, "bad usage\nTry 'dmesg --help' for more information.");
  if (given("V", "version")) {
    process.stdout.write("dmesg from util-linux 2.41.2\n");
    return 0;
  }
  if (given("h", "help")) {
    process.stdout.write(
      "\nUsage:\n dmesg [options]\n\nDisplay or control the kernel ring buffer. Supported here: -C, -c, -T, -t, -w, -W.\n",
    );
    return 0;
  }
  const unsupported = parsed.options.find(({ name }) => "kuPHxrSL".includes(name));
  if (unsupported) return tell(process, `-${unsupported.name} is not supported here; supported: -C, -c, -T, -t, -w, -W`);
  if (process.container && !process.capabilities.has("SYSLOG")) return tell(process, "read kernel buffer failed: Operation not permitted");
  const { log, logged } = process.machine.netns.netfilter;
  const style: Style = { dates: given("T", "ctime"), bare: given("t", "notime") };
  if (given("C", "clear")) {
    log.length = 0;
    return 0;
  }
  let shown: LogLine | undefined = given("W", "follow-new") ? log.at(-1) : undefined;
  const show = (): void => {
    const from = shown ? log.indexOf(shown) + 1 : 0;
    for (const line of log.slice(from)) process.stdout.write(format(process, line, style));
    shown = log.at(-1) ?? shown;
  };
  show();
  if (given("c", "read-clear")) log.length = 0;
  if (!given("w", "follow", "W", "follow-new")) return 0;
  try {
    for (;;) {
      yield logged;
      show();
    }
  } catch (thrown) {
    if (thrown instanceof Signal) return thrown.status;
    throw thrown;
  }
}

export const dmesg: Command = { name: "dmesg", summary: "Show the kernel log, where LOG rules write", run };
