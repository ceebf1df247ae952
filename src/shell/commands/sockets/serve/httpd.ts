/** `httpd` of BusyBox: a web server in the background, or with -f in the foreground (networking/httpd.c). */
import { type Ip, parseIp } from "../../../../kernel/address.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { LocalAddress } from "../../../../kernel/socket/table.ts";
import { type Op, Task } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { filesUnder, serveWeb } from "../../../services/index.ts";

const USAGE = `Usage: httpd [-ifv[v]] [-p [IP:]PORT] [-h HOME]

Listen for incoming HTTP requests

	-f		Run in foreground
	-p [IP:]PORT	Bind to IP:PORT (default *:80)
	-h HOME		Home directory (default .)
`;

export const httpd: Command = {
  name: "httpd",
  summary: "BusyBox web server: httpd -f -p PORT -h DIRECTORY",
  run,
};

function* run(process: Process): Op<number> {
  const { stderr } = process;
  const parsed = getopt(process.argv.slice(1), { short: "fvp:h:" });
  if (parsed instanceof OptionError || parsed.operands.length > 0) {
    stderr.write(`${parsed instanceof OptionError ? `httpd: ${parsed.message}\n` : ""}${USAGE}`);
    return 1;
  }
  let address: LocalAddress = { family: 6, dual: true, port: 80 };
  let home = process.cwd;
  let foreground = false;
  for (const { name, value } of parsed.options) {
    if (name === "f") foreground = true;
    else if (name === "h") home = resolvePath(process.cwd, value);
    else if (name === "p") {
      const at = parseAddress(value);
      if (!at) {
        stderr.write(`httpd: bad address '${value}'\n`);
        return 1;
      }
      address = at;
    }
  }
  if (!process.fs.isDirectory(home)) {
    stderr.write(`httpd: can't change directory to '${home}': No such file or directory\n`);
    return 1;
  }
  // In the background it is a process of its own.
  const owner = { netns: process.netns, pid: foreground ? process.pid : process.machine.newPid(), name: "httpd" };
  const serving = serveWeb(owner, filesUnder(process.fs, home), [address]);
  if (foreground) {
    const refused = yield* serving;
    stderr.write(`httpd: bind: ${ERRNO_TEXT[refused]}\n`);
    return 1;
  }
  const task = new Task(process.netns.kernel.clock, serving);
  if (!task.outcome || "signal" in task.outcome) return 0;
  stderr.write(`httpd: bind: ${ERRNO_TEXT[task.outcome.value]}\n`);
  return 1;
}

function parseAddress(text: string): LocalAddress | undefined {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65535) return undefined;
  if (match[1] === undefined) return { family: 6, dual: true, port };
  const ip: Ip | undefined = parseIp(match[1].replace(/[[\]]/g, ""));
  return ip === undefined ? undefined : { ip, port };
}
