/** env, printenv, which: the environment, and programs found through it. */
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { findProgram, PROGRAM_DIRECTORIES } from "../../../userland.ts";
import { notStarted } from "../process/life.ts";
import { type Call, instantTool, tool } from "../tool.ts";

function* environment(call: Call): Op<number> {
  const { process } = call;
  const empty = call.has("i") || call.operands[0] === "-";
  const env = new Map(empty ? [] : process.env);
  for (const name of call.values("u")) env.delete(name);
  let rest = call.operands[0] === "-" ? call.operands.slice(1) : call.operands;
  for (let equals = rest[0]?.indexOf("=") ?? -1; equals > 0; equals = rest[0]?.indexOf("=") ?? -1) {
    env.set((rest[0] as string).slice(0, equals), (rest[0] as string).slice(equals + 1));
    rest = rest.slice(1);
  }
  const folder = call.value("C");
  if (folder !== undefined) {
    const path = resolvePath(process.cwd, folder);
    if (!process.fs.isDirectory(path)) return call.fail(`cannot change directory to '${folder}': No such file or directory`, 125);
    process.cwd = path;
  }
  if (rest.length > 0) {
    const run = process.exec(rest, { env });
    return "reason" in run ? notStarted(call, rest[0] as string, run) : yield* run;
  }
  for (const [name, value] of env) call.print(`${name}=${value}${call.has("0") ? "\0" : "\n"}`);
  return 0;
}

function which(call: Call): number {
  const { process } = call;
  if (call.operands.length === 0) return call.busybox ? call.usage() : 1;
  let status = 0;
  for (const name of call.operands) {
    const paths = pathsOf(call, name);
    if (paths.length === 0) status = 1;
    for (const path of call.has("a") ? paths : paths.slice(0, 1)) process.stdout.write(`${path}\n`);
  }
  return status;
}

/** Where a program shows up as $PATH is searched: Debian's /bin is /usr/bin. */
function pathsOf({ process }: Call, name: string): readonly string[] {
  const found = findProgram(process, name);
  if (!("command" in found)) return [];
  if (name.includes("/")) return [name];
  const directories = (process.env.get("PATH") ?? PROGRAM_DIRECTORIES.join(":")).split(":");
  const own = found.path.slice(0, found.path.lastIndexOf("/"));
  const short = own.replace(/^\/usr/, "");
  return [found.path, ...(directories.includes(short) && short !== own ? [`${short}/${name}`] : [])];
}

export const envCommands: readonly Command[] = [
  tool(
    {
      name: "env",
      summary: "the environment, or a command in another",
      short: "i0u:C:",
      busybox: "i0u:",
      long: { "ignore-environment": "i", null: "0", unset: "u", chdir: "C" },
      synopsis: "[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
      usageStatus: 125,
      posix: true,
      unsupported: "Sva",
    },
    environment,
  ),
  instantTool(
    { name: "printenv", summary: "variables of the environment", short: "0", long: { null: "0" }, synopsis: "[OPTION]... [VARIABLE]..." },
    (call) => {
      const { env } = call.process;
      const end = call.has("0") ? "\0" : "\n";
      if (call.operands.length === 0) {
        for (const [name, value] of env) call.print(`${name}=${value}${end}`);
        return 0;
      }
      let status = 0;
      for (const name of call.operands) {
        const value = env.get(name);
        if (value === undefined) status = 1;
        else call.print(`${value}${end}`);
      }
      return status;
    },
  ),
  instantTool({ name: "which", summary: "where a program lies", short: "a", synopsis: "[-a] args" }, which),
];
