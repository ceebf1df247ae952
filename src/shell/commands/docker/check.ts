/** What a docker command line asks for, and what it would be refused with, without running it: for forms that tell beside the field. */
import { NO_INPUT, outputTo } from "../../../kernel/stdio.ts";
import type { Machine, Process } from "../../command.ts";
import { containerSpecOf } from "./container/spec.ts";
import { type Flags, parseFlags } from "./flags.ts";
import { resolve } from "./index.ts";
import { networkSpecOf } from "./network/create.ts";
import { type Flag, parseOptions, shownFlags } from "./subcommand.ts";

/** A docker command line taken apart as the client takes it apart. */
export interface DockerLine {
  /** "docker network create". */
  readonly path: string;
  /** Every flag that the command knows. */
  readonly known: readonly Flag[];
  readonly flags: Flags;
}

/** A process of the client's that never runs; what it is told goes to `tell`. */
function clientOf(machine: Machine, argv: readonly string[], tell: (text: string) => void): Process {
  const output = outputTo(tell);
  const surroundings = { stdin: NO_INPUT, stdout: output, stderr: output, fs: machine.fs, cwd: "/root", env: new Map<string, string>() };
  return { argv, machine, ...surroundings } as unknown as Process;
}

/** Reads the words of a line, "docker" the first; the string is the client's refusal. */
export function readDockerLine(machine: Machine, argv: readonly string[]): DockerLine | string {
  let told = "";
  const process = clientOf(machine, argv, (text) => (told += text));
  const refusal = (): string => told.split("\n")[0] ?? "";
  const found = resolve(process);
  if (typeof found === "number") return refusal();
  const { command } = found.verb;
  const flags = parseFlags(process, found.path, command, found.rest);
  if ("status" in flags) return refusal();
  return { path: found.path, known: [...shownFlags(command), ...parseOptions(command.hidden ?? "")], flags };
}

/**
 * The refusal in the client's or the engine's own words; undefined when there is none, or when nobody can tell beforehand.
 * `reconnects`: a `network connect` that comes after the container was taken off that network.
 */
export function refusalOfDockerLine(machine: Machine, argv: readonly string[], reconnects = false): string | undefined {
  const { engine } = machine;
  if (!engine) return undefined;
  const line = readDockerLine(machine, argv);
  if (typeof line === "string") return line;
  const { path, flags } = line;
  switch (path) {
    case "docker run":
    case "docker create": {
      const spec = containerSpecOf(
        clientOf(machine, argv, () => {}),
        flags,
      );
      return typeof spec === "string" ? spec : engine.checkContainer(spec)?.message;
    }
    case "docker network create": {
      const spec = networkSpecOf(flags);
      return typeof spec === "string" ? spec : engine.checkNetwork(spec)?.message;
    }
    case "docker network connect": {
      const [network = "", container = ""] = flags.args;
      const spec = { aliases: flags.list("alias"), ipv4: flags.text("ip"), ipv6: flags.text("ip6") };
      return engine.checkConnect(network, container, spec, reconnects)?.message;
    }
    default:
      return undefined;
  }
}
