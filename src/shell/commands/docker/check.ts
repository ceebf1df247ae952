/** What a docker command line would be refused with, without running it: for forms that tell beside the field. */
import { NO_INPUT, outputTo } from "../../../kernel/stdio.ts";
import type { Machine, Process } from "../../command.ts";
import { containerSpecOf } from "./container/spec.ts";
import { parseFlags } from "./flags.ts";
import { resolve } from "./index.ts";
import { networkSpecOf } from "./network/create.ts";

const WORDS = /'((?:[^']|'\\'')*)'|(\S+)/g;

/** The words of a line that a form has made: plain words, single quotes. */
const split = (line: string): string[] =>
  [...line.matchAll(WORDS)].map((match) => match[1]?.replaceAll("'\\''", "'") ?? (match[2] as string));

/** The refusal in the client's or the engine's own words; undefined when there is none. `replaces`: a container that will be gone by then. */
export function refusalOfDockerLine(machine: Machine, line: string, replaces = ""): string | undefined {
  const { engine } = machine;
  if (!engine) return undefined;
  let told = "";
  const output = outputTo((text) => (told += text));
  const surroundings = { stdin: NO_INPUT, stdout: output, stderr: output, fs: machine.fs, cwd: "/root", env: new Map<string, string>() };
  const process = { argv: split(line), machine, ...surroundings } as unknown as Process;
  const found = resolve(process);
  if (typeof found === "number") return told.split("\n")[0];
  const flags = parseFlags(process, found.path, found.verb.command, found.rest);
  if ("status" in flags) return told.split("\n")[0];
  if (found.verb.names.includes("run")) {
    const spec = containerSpecOf(process, flags);
    if (typeof spec === "string") return spec;
    const refused = engine.checkContainer(spec)?.message;
    return replaces !== "" && /already in use|already allocated/.test(refused ?? "") ? undefined : refused;
  }
  const spec = networkSpecOf(flags);
  return typeof spec === "string" ? spec : engine.checkNetwork(spec)?.message;
}
