/** iptables-save and iptables-restore, for both families. */
import type { Family } from "../../../kernel/address.ts";
import { restoreTables, saveTables } from "../../../kernel/netfilter/save.ts";
import { TABLE_ORDER } from "../../../kernel/netfilter/table.ts";
import type { TableName } from "../../../kernel/netfilter/types.ts";
import { VERSION } from "../../../kernel/netfilter/version.ts";
import type { Op } from "../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../kernel/vfs.ts";
import type { Command, Process } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { unixDate } from "../../wall-clock.ts";
import { programOf } from "./iptables.ts";
import { permissionDenied } from "./permission.ts";

/** ctime(): the date without its time zone. */
const ctime = (process: Process): string => unixDate(process.machine.kernel.date()).replace(" UTC", "");

const told = (process: Process, line: string, status: number): number => {
  process.stderr.write(`${line}\n`);
  return status;
};

const tableNamed = (name: string): TableName | undefined => TABLE_ORDER.find((known) => known === name);

// biome-ignore lint/correctness/useYield: it ends at once, without waiting
function* save(process: Process, family: Family): Op<number> {
  const program = programOf(family, "-save");
  const parsed = getopt(process.argv.slice(1), {
    short: "bcdt:M:f:46V",
    long: { counters: false, version: false, dump: false, table: true, modprobe: true, file: true, ipv4: false, ipv6: false },
  });
  if (parsed instanceof OptionError)
    return told(process, `${program}: ${parsed.message}\nLook at manual page \`${program}.8' for more information.`, 1);
  let table: TableName | undefined;
  let counters = false;
  let file: string | undefined;
  for (const { name, value } of parsed.options) {
    if (name === "c" || name === "counters") counters = true;
    else if (name === "V" || name === "version") {
      process.stdout.write(`${program} ${VERSION}\n`);
      return 0;
    } else if (name === "f" || name === "file") file = value;
    else if (name === "t" || name === "table") {
      table = tableNamed(value);
      if (!table) return told(process, `Table \`${value}' does not exist`, 1);
    }
  }
  if (parsed.operands.length) return told(process, "Unknown arguments found on commandline", 1);
  if (!process.capabilities.has("NET_ADMIN")) return permissionDenied(process, program);
  const text = saveTables(process.netns.netfilter, family, ctime(process), counters, table);
  if (file === undefined) {
    process.stdout.write(text);
    return 0;
  }
  const failed = process.fs.write(resolvePath(process.cwd, file), text);
  return failed ? told(process, `Failed to open file, error: ${failed.message}`, 1) : 0;
}

const restoreUsage = (program: string): string => `Usage: ${program} [-c] [-v] [-V] [-t] [-h] [-n] [-T table] [-M command] [-4] [-6] [file]
	   [ --counters ]
	   [ --verbose ]
	   [ --version]
	   [ --test ]
	   [ --help ]
	   [ --noflush ]
	   [ --table=<TABLE> ]
	   [ --modprobe=<command> ]
	   [ --ipv4 ]
	   [ --ipv6 ]
`;

function* restore(process: Process, family: Family): Op<number> {
  const program = programOf(family, "-restore");
  const parsed = getopt(process.argv.slice(1), {
    short: "bcvVthnwWM:T:46",
    long: {
      counters: false,
      verbose: false,
      version: false,
      test: false,
      help: false,
      noflush: false,
      modprobe: true,
      table: true,
      wait: false,
      "wait-interval": false,
      ipv4: false,
      ipv6: false,
    },
  });
  if (parsed instanceof OptionError) return told(process, `${program}: ${parsed.message}\nTry \`${program} -h' for more information.`, 1);
  const given = (short: string, long: string): boolean => parsed.options.some(({ name }) => name === short || name === long);
  if (given("V", "version")) {
    process.stdout.write(`${program} ${VERSION}\n`);
    return 0;
  }
  if (given("h", "help")) {
    process.stderr.write(restoreUsage(program));
    return 0;
  }
  const [file, ...rest] = parsed.operands;
  if (rest.length) return told(process, "Unknown arguments found on commandline", 1);
  let text: string;
  if (file === undefined) text = yield* process.stdin.readAll();
  else {
    const read = process.fs.read(resolvePath(process.cwd, file));
    if (read instanceof FileError) return told(process, `Can't open ${file}: ${read.message}`, 1);
    text = read;
  }
  if (text !== "" && !process.capabilities.has("NET_ADMIN")) return permissionDenied(process, program);
  const table = parsed.options.find(({ name }) => name === "T" || name === "table")?.value;
  const refused = restoreTables(process.netns.netfilter, family, text, {
    noflush: given("n", "noflush"),
    counters: given("c", "counters"),
    test: given("t", "test"),
    ...(table === undefined ? {} : { table }),
  });
  return refused ? told(process, refused.message, refused.status) : 0;
}

const FAMILIES: readonly Family[] = [4, 6];

export const saveCommands: readonly Command[] = FAMILIES.flatMap((family): Command[] => [
  {
    name: programOf(family, "-save"),
    summary: `Print all IPv${family} rules as a text that can be restored`,
    userlands: ["host"],
    run: (process) => save(process, family),
  },
  {
    name: programOf(family, "-restore"),
    summary: `Read IPv${family} rules from a text`,
    userlands: ["host"],
    run: (process) => restore(process, family),
  },
]);
