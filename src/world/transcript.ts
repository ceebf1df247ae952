/** Replays a file of commands on the Docker host and writes what a terminal would have shown, in the form of the recordings. */
import { NO_INPUT, outputTo } from "../kernel/stdio.ts";
import { commands } from "../shell/commands/index.ts";
import type { Host } from "./machine.ts";
import { buildWorld, type World } from "./world.ts";

export interface TranscriptOptions {
  readonly seed?: number;
  /** "shuffle" as the engine does, unless told otherwise. */
  readonly dnsOrder?: "round-robin" | "shuffle";
}

/** µs between the end of a command and the start of the next, as a script on a real host takes to start them. */
const BETWEEN_COMMANDS = 150_000;
/** µs that `docker exec` takes longer than that: runc, a shim's fork and the streams. */
const EXEC_LONGER = 350_000;
/** A command that takes longer than this in virtual time is ended, as by `timeout 600`. */
const LONGEST = 600_000_000;

/** A line as `bash -c LINE` on the host, without a terminal: what it printed, and its exit status. */
export function runLine(world: World, line: string): { readonly output: string; readonly status: number } {
  const host = world.machines.get("docker-host") as Host;
  let output = "";
  const sink = outputTo((text) => (output += text));
  const { task } = world.spawn(host, ["bash", "-c", line], { stdin: NO_INPUT, stdout: sink, stderr: sink });
  const { clock } = world.kernel;
  const end = clock.now + LONGEST;
  while (!task.done && clock.now < end && clock.step());
  const { outcome } = task;
  if (!outcome) return { output, status: 124 };
  return { output, status: "value" in outcome ? outcome.value : outcome.signal.status };
}

/** The transcript of a script: comments and empty lines stay, commands get their output and `[exit N]`. */
export function runTranscript(script: string, options: TranscriptOptions = {}): string {
  const world = buildWorld({ programs: () => commands, seed: options.seed ?? 1, dnsOrder: options.dnsOrder ?? "shuffle" });
  world.kernel.trace.hops = false;
  world.advance(3_000_000);
  const lines: string[] = [];
  for (const line of script.replace(/\n$/, "").split("\n")) {
    if (line === "" || line.startsWith("#")) {
      lines.push(line);
      continue;
    }
    lines.push(`$ ${line}`);
    const { output, status } = runLine(world, line);
    const shown = output.replace(/\n+$/, "");
    if (shown !== "") lines.push(shown);
    if (status !== 0) lines.push(`[exit ${status}]`);
    const longer = /\bdocker exec\b/.test(line) ? EXEC_LONGER : 0;
    world.advance(world.kernel.clock.now + BETWEEN_COMMANDS + longer);
  }
  return `${lines.join("\n")}\n`;
}
