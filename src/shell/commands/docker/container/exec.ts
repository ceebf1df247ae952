/** `docker exec` and `docker attach` (cli/command/container/exec.go, attach.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError } from "../../../../engine/types.ts";
import { NO_INPUT, outputTo } from "../../../../kernel/stdio.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { attachTo, detachKeysError, execTerminal, waitForProcess } from "../attach.ts";
import { daemonError, fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { MANY, type Verb } from "../verb.ts";
import { readKeyValues } from "./spec.ts";

export interface ExecRequest {
  readonly reference: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly privileged: boolean;
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly detach: boolean;
}

/** The status of runc's refusals: 127 for what is not there, 126 for what cannot be run. */
const statusOf = (message: string): number => (/not found|no such file/.test(message) ? 127 : 126);

/** Runs a program in a container and waits for it; also what `docker compose exec` does. */
export function* runExec(process: Process, engine: DockerEngine, request: ExecRequest): Op<number> {
  const terminal = request.tty && !request.detach ? execTerminal(process, request.reference) : undefined;
  try {
    if (request.cwd && !request.cwd.startsWith("/")) {
      if (!request.detach) process.stdout.write("OCI runtime exec failed: exec failed: Cwd must be an absolute path\r\n");
      return request.detach ? 0 : BAD_EXEC;
    }
    const stdio = terminal
      ? { stdin: terminal.tty, stdout: terminal.tty, stderr: terminal.tty, tty: terminal.tty }
      : request.detach
        ? // Nobody has joined it: what it writes goes nowhere.
          { stdin: NO_INPUT, stdout: outputTo(() => {}), stderr: outputTo(() => {}) }
        : { stdin: request.interactive ? process.stdin : NO_INPUT, stdout: process.stdout, stderr: process.stderr };
    const started = engine.exec(request.reference, { ...request, stdio });
    if (started instanceof EngineError) {
      if (!/^OCI runtime/.test(started.message)) return daemonError(process, started);
      if (request.detach) return 0;
      // The daemon writes it to the output that the client has joined.
      process.stdout.write(`${started.message}\r\n`);
      return statusOf(started.message);
    }
    return request.detach ? 0 : yield* waitForProcess(started);
  } finally {
    terminal?.close();
  }
}

/** What runc cannot begin. */
const BAD_EXEC = 128;

function* exec(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const [reference = "", ...argv] = flags.args;
  const wrongKeys = detachKeysError(flags.text("detach-keys"));
  if (wrongKeys) return fail(process, wrongKeys);
  const env: string[] = [];
  for (const file of flags.list("env-file")) {
    const read = readKeyValues(process, file, "env file", process.env);
    if ("error" in read) return fail(process, read.error);
    env.push(...read);
  }
  for (const entry of flags.list("env")) {
    if (entry.includes("=")) env.push(entry);
    else env.push(process.env.has(entry) ? `${entry}=${process.env.get(entry)}` : entry);
  }
  const found = engine.findContainer(reference);
  if (found instanceof EngineError) return daemonError(process, found);
  if (flags.on("tty") && flags.on("interactive") && !flags.on("detach") && !(process.tty && process.stdin === process.tty))
    return fail(process, "the input device is not a TTY");
  return yield* runExec(process, engine, {
    reference,
    argv,
    env,
    ...(flags.has("workdir") ? { cwd: flags.text("workdir") as string } : {}),
    ...(flags.has("user") ? { user: flags.text("user") as string } : {}),
    privileged: flags.on("privileged"),
    tty: flags.on("tty"),
    interactive: flags.on("interactive"),
    detach: flags.on("detach"),
  });
}

export const execVerb: Verb = {
  names: ["exec"],
  top: "exec",
  completes: "running",
  command: {
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    summary: "Execute a command in a running container",
    aliases: "docker container exec, docker exec",
    options: `-d, --detach  Detached mode: run command in the background
--detach-keys string  Override the key sequence for detaching a container
-e, --env list  Set environment variables
--env-file list  Read in a file of environment variables
-i, --interactive  Keep STDIN open even if not attached
--privileged  Give extended privileges to the command
-t, --tty  Allocate a pseudo-TTY
-u, --user string  Username or UID (format: "<name|uid>[:<group|gid>]")
-w, --workdir string  Working directory inside the container`,
    least: 2,
    most: MANY,
    leading: true,
  },
  run: exec,
};

export const attachVerb: Verb = {
  names: ["attach"],
  top: "attach",
  completes: "running",
  command: {
    usage: "[OPTIONS] CONTAINER",
    summary: "Attach local standard input, output, and error streams to a running container",
    aliases: "docker container attach, docker attach",
    options: `--detach-keys string  Override the key sequence for detaching a container
--no-stdin  Do not attach STDIN
--sig-proxy  Proxy all received signals to the process (default true)`,
    least: 1,
    most: 1,
  },
  *run(process, flags, engine) {
    const container = engine.findContainer(flags.args[0] as string);
    if (container instanceof EngineError) return daemonError(process, container);
    const wrongKeys = detachKeysError(flags.text("detach-keys"));
    if (wrongKeys) return fail(process, wrongKeys);
    if (container.state === "paused") return fail(process, "You cannot attach to a paused container, unpause it first");
    if (container.state === "restarting") return fail(process, "You cannot attach to a restarting container, wait until it is running");
    if (container.state !== "running") return fail(process, "You cannot attach to a stopped container, start it first");
    if (container.spec.tty && container.spec.openStdin && !flags.on("no-stdin") && !process.tty)
      return fail(process, "the input device is not a TTY");
    return yield* attachTo(process, engine, container, {
      signals: flags.text("sig-proxy") !== "false",
      withoutInput: flags.on("no-stdin"),
    });
  },
};
