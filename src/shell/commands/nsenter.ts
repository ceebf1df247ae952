/** nsenter (util-linux): runs a program of this machine in another process's namespaces. */
import type { Op } from "../../kernel/task.ts";
import type { Command, Process } from "../command.ts";
import { getopt, OptionError } from "../getopt.ts";
import { runIn } from "../process.ts";
import { processesOf } from "../process-table.ts";

/** Namespaces that are modelled, by option: what a program sees of the network, of files and of its host's name. */
const MODELLED: Readonly<Record<string, "net" | "mount" | "uts">> = {
  n: "net",
  net: "net",
  m: "mount",
  mount: "mount",
  u: "uts",
  uts: "uts",
};
/** Whether a child is forked makes no difference here. */
const NO_FORK = new Set(["F", "no-fork"]);

const LONG: Readonly<Record<string, boolean>> = {
  target: true,
  all: false,
  net: false,
  mount: false,
  uts: false,
  ipc: false,
  pid: false,
  user: false,
  cgroup: false,
  time: false,
  "no-fork": false,
  help: false,
  version: false,
};

const USAGE = `
Usage:
 nsenter [options] [<program> [<argument>...]]

Run a program with namespaces of other processes.

Options:
 -t, --target <pid>     target process to get namespaces from
 -a, --all              enter all namespaces
 -m, --mount            enter mount namespace
 -u, --uts              enter UTS namespace (hostname etc)
 -n, --net              enter network namespace
`;

export const nsenterCommand: Command = {
  name: "nsenter",
  summary: "a program in another process's namespaces: nsenter -t PID -n ip addr",
  userlands: ["host"],
  *run(process) {
    const parsed = getopt(process.argv.slice(1), { short: "t:anmuipUCTFhV", long: LONG, posix: true });
    if (parsed instanceof OptionError) {
      process.stderr.write(`nsenter: ${parsed.message}\nTry 'nsenter --help' for more information.\n`);
      return 1;
    }
    let pid: string | undefined;
    const kinds = new Set<"net" | "mount" | "uts">();
    for (const { name, value } of parsed.options) {
      if (name === "h" || name === "help") {
        process.stdout.write(USAGE);
        return 0;
      }
      if (name === "V" || name === "version") {
        process.stdout.write("nsenter from util-linux 2.41.1\n");
        return 0;
      }
      if (name === "t" || name === "target") pid = value;
      else if (name === "a" || name === "all") for (const kind of ["net", "mount", "uts"] as const) kinds.add(kind);
      else if (MODELLED[name]) kinds.add(MODELLED[name]);
      else if (!NO_FORK.has(name)) return yield* refuse(process, `option -- '${name}' is not supported here; -t, -n, -m, -u and -a are`);
    }
    return yield* enter(process, pid, kinds, parsed.operands);
  },
};

// biome-ignore lint/correctness/useYield: answers at once
function* refuse(process: Process, reason: string): Op<number> {
  process.stderr.write(`nsenter: ${reason}\n`);
  return 1;
}

function* enter(
  process: Process,
  pid: string | undefined,
  kinds: ReadonlySet<"net" | "mount" | "uts">,
  program: readonly string[],
): Op<number> {
  if (pid !== undefined && !/^\d+$/.test(pid)) return yield* refuse(process, `failed to parse pid: '${pid}'`);
  const target = pid === undefined ? undefined : processesOf(process.machine).entries.get(Number(pid))?.process;
  for (const kind of kinds) {
    const name = kind === "mount" ? "mnt" : kind;
    if (pid === undefined) return yield* refuse(process, `neither filename nor target pid supplied for ns/${name}`);
    if (!target) return yield* refuse(process, `cannot open /proc/${pid}/ns/${name}: No such file or directory`);
  }
  const argv = program.length > 0 ? program : ["/bin/bash"];
  const status = yield* runIn(
    process,
    {
      ...(kinds.has("net") && target && { netns: target.netns }),
      ...(kinds.has("mount") && target && { fs: target.fs, container: target.container }),
      ...(kinds.has("uts") && target && { hostname: target.hostname }),
    },
    argv,
  );
  if (status !== "missing") return status;
  process.stderr.write(`nsenter: failed to execute ${argv[0]}: No such file or directory\n`);
  return 127;
}
