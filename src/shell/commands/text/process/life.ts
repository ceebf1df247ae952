/** sleep, usleep, timeout, watch, time, nohup, true, false: programs that wait, and that let others run for a while. */

import { NO_INPUT, outputTo } from "../../../../kernel/stdio.ts";
import { anyOf, type Op, Signal, sleep } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Child, Command, NoProgram, Process } from "../../../command.ts";
import { testCommand } from "../../../language/test.ts";
import { openOutput } from "../../../open.ts";
import { waitFor } from "../../../process.ts";
import { endingSignal, signalName } from "../../../signals.ts";
import { formatTime } from "../../../wall-clock.ts";
import { type Call, isBusybox, tool } from "../tool.ts";

/** µs of "1.5", "2m", "1h"; undefined when it is no interval. */
function duration(word: string): number | undefined {
  const match = /^\+?(\d+\.?\d*|\.\d+)([eE]\d{1,2})?([smhd]?)$/.exec(word);
  if (match) return Math.min(1e15, Number(`${match[1]}${match[2] ?? ""}`) * ({ m: 60, h: 3600, d: 86_400 }[match[3] ?? ""] ?? 1) * 1e6);
  return /^inf(inity)?$/i.test(word) ? 1e15 : undefined;
}

/** How env, timeout, nohup and their kin tell that a program could not be started, and their status. `said`: what GNU's put before the name. */
export function notStarted(call: Call, name: string, { reason, status }: NoProgram, said = ""): number {
  const why = execError(reason);
  return call.fail(call.busybox ? `can't execute '${name}': ${why}` : `${said === "" ? "" : `${said} `}'${name}': ${why}`, status);
}

/** What execvp(3) leaves in errno. */
export const execError = (reason: NoProgram["reason"]): string =>
  reason === "command not found" ? "No such file or directory" : reason === "Is a directory" ? "Permission denied" : reason;

function* pause(call: Call): Op<number> {
  if (call.operands.length === 0) return call.misuse("missing operand");
  let total = 0;
  for (const word of call.operands) {
    const one = duration(word);
    if (one === undefined) return call.busybox ? call.fail(`invalid number '${word}'`) : call.misuse(`invalid time interval '${word}'`);
    total += one;
  }
  yield sleep(total);
  return 0;
}

/** Waits for the child, but not beyond `wait` µs; signals go on to it. True when it has ended. */
function* within(process: Process, { task }: Child, wait: number): Op<boolean> {
  const { clock } = process.machine.kernel;
  const end = clock.now + wait;
  while (!task.done && clock.now < end) {
    try {
      yield anyOf(task.exited, sleep(end - clock.now));
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      task.signal(thrown);
      if (task.outcome && "signal" in task.outcome) throw thrown;
    }
  }
  return task.done;
}

function* limited(call: Call): Op<number> {
  const [limit, ...argv] = call.operands;
  if (limit === undefined || argv.length === 0) {
    if (call.busybox) return call.usage();
    call.process.stderr.write("Try 'timeout --help' for more information.\n");
    return 125;
  }
  const wait = duration(limit);
  const kill = call.value("k");
  const grace = kill === undefined ? undefined : duration(kill);
  const bad = wait === undefined ? limit : kill !== undefined && grace === undefined ? kill : undefined;
  if (wait === undefined || bad !== undefined)
    return call.busybox ? call.fail(`invalid number '${bad}'`) : call.misuse(`invalid time interval '${bad}'`);
  const word = call.value("s") ?? "TERM";
  const signal = endingSignal(signalName(word));
  if (!signal) {
    if (signalName(word) !== undefined)
      return call.fail(`signal ${word} ends nothing here; TERM, INT, HUP, QUIT, KILL, USR1, USR2 do`, 125);
    return call.busybox ? call.fail(`bad signal name '${word}'`) : call.misuse(`'${word}': invalid signal`);
  }
  const child = call.process.spawn(argv);
  if ("reason" in child) return notStarted(call, argv[0] as string, child, "failed to run command");
  const told = (sent: Signal): void => {
    if (call.has("v")) call.process.stderr.write(`timeout: sending signal ${sent.name} to command '${argv[0]}'\n`);
  };
  const inTime = yield* within(call.process, child, wait === 0 ? 1e15 : wait);
  if (!inTime) {
    told(signal);
    child.task.signal(signal);
    if (grace !== undefined && !(yield* within(call.process, child, grace))) {
      told(new Signal("KILL"));
      child.task.signal(new Signal("KILL"));
    }
  }
  const status = yield* waitFor(child);
  const killed = child.task.outcome && "signal" in child.task.outcome && child.task.outcome.signal.name === "KILL";
  // GNU's dies as it had its command killed, so that whoever waits for it knows.
  if (killed && !inTime && !call.busybox && signal.name === "KILL") throw signal;
  // BusyBox's waits beside the program, which dies in its place.
  return inTime || call.busybox || call.has("preserve") || killed ? status : 124;
}

function* watch(call: Call): Op<number> {
  const { process } = call;
  const { kernel } = process.machine;
  if (call.operands.length === 0) {
    return call.usage();
  }
  const word = call.value("n") ?? "2";
  const seconds = Number(word.replace(",", "."));
  if (!(seconds >= 0))
    return call.fail(call.busybox ? `invalid number '${word}'` : `failed to parse argument: '${word}': Invalid argument`);
  const { tty } = process;
  if (!call.busybox && (!tty || process.stdout !== tty)) {
    process.stderr.write("Error opening terminal: unknown.\n");
    return 1;
  }
  const line = call.operands.join(" ");
  const argv = call.has("x") ? call.operands : ["sh", "-c", line];
  const interval = Math.max(0.1, seconds);
  const left = `Every ${call.busybox ? interval : interval.toFixed(1)}s: ${line}`;
  let last: string | undefined;
  for (;;) {
    let text = "";
    const output = outputTo((piece) => {
      text += piece;
    });
    const status = yield* process.run(argv, { stdin: NO_INPUT, stdout: output, stderr: output });
    const columns = tty?.columns ?? 80;
    const right = `${call.busybox ? "" : `${process.hostname}: `}${formatTime(kernel, "%a %b %e %T %Y")}`;
    const head = call.has("t")
      ? ""
      : `${left.slice(0, Math.max(0, columns - right.length - 1)).padEnd(Math.max(0, columns - right.length))}${right}\n\n`;
    call.print(`${process.stdout === tty ? "\f" : "\x1b[H\x1b[J"}${head}${text.slice(0, 100_000)}`);
    if (status !== 0 && call.has("e")) return status;
    if (call.has("g") && last !== undefined && last !== text) return 0;
    last = text;
    yield sleep(interval * 1e6);
  }
}

function* timed(call: Call): Op<number> {
  if (call.operands.length === 0) return call.busybox ? call.usage() : call.misuse("missing program to run", 125);
  const { clock } = call.process.machine.kernel;
  const started = clock.now;
  const child = call.process.spawn(call.operands);
  if ("reason" in child) return notStarted(call, call.operands[0] as string, child, "cannot run");
  const status = yield* waitFor(child);
  const seconds = (clock.now - started) / 1e6;
  const shown = (value: number): string => (call.has("p") ? value.toFixed(2) : `${Math.floor(value / 60)}m ${(value % 60).toFixed(2)}s`);
  const gap = call.has("p") ? " " : "\t";
  call.process.stderr.write(`real${gap}${shown(seconds)}\nuser${gap}${shown(0)}\nsys${gap}${shown(0)}\n`);
  return status;
}

/** Lives on when its terminal goes: SIGHUP is not for it. */
function* unhung(call: Call): Op<number> {
  const { process, operands } = call;
  if (operands.length === 0) return call.misuse("missing operand", 125);
  const onTerminal = process.tty !== undefined && process.stdout === process.tty;
  let stdout = process.stdout;
  if (onTerminal) {
    const output = openOutput(process, "nohup.out", true);
    if (output instanceof FileError) return call.fail(`failed to open 'nohup.out': ${output.message}`, 125);
    stdout = output;
    call.process.stderr.write("nohup: ignoring input and appending output to 'nohup.out'\n");
  }
  const child = process.spawn(operands, { stdio: onTerminal ? { stdin: NO_INPUT, stdout, stderr: stdout } : {} });
  if ("reason" in child) return notStarted(call, operands[0] as string, child, "failed to run command");
  for (;;) {
    try {
      return yield* waitFor(child);
    } catch (thrown) {
      if (!(thrown instanceof Signal) || thrown.name !== "HUP" || child.task.done) throw thrown;
    }
  }
}

const constant = (name: string, summary: string, status: number): Command => ({
  name,
  summary,
  // biome-ignore lint/correctness/useYield: answers at once
  *run() {
    return status;
  },
});

/** What a shell has built in, for whoever starts it without one. */
const condition = (name: string): Command => ({
  name,
  summary: "tells by its status whether a condition holds",
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process) {
    const { fs, cwd, argv } = process;
    const result = testCommand([name, ...argv.slice(1)], { fs, cwd, streams: process }, isBusybox(process) ? "ash" : "bash");
    if (typeof result === "boolean") return result ? 0 : 1;
    process.stderr.write(`${name}: ${result}\n`);
    return 2;
  },
});

export const lifeCommands: readonly Command[] = [
  tool({ name: "sleep", summary: "waits", short: "", synopsis: "NUMBER[SUFFIX]..." }, pause),
  tool(
    { name: "usleep", summary: "waits some microseconds", userlands: ["alpine", "busybox", "debian"], short: "", synopsis: "N" },
    function* (call) {
      const [word] = call.operands;
      if (word === undefined) return call.usage();
      if (!/^\d+$/.test(word)) return call.fail(`invalid number '${word}'`);
      yield sleep(Math.min(1e15, Number(word)));
      return 0;
    },
  ),
  tool(
    {
      name: "timeout",
      summary: "runs a command for a limited time",
      short: "s:k:vf",
      busybox: "s:k:",
      long: { signal: "s", "kill-after": "k", verbose: "v", foreground: "f", "preserve-status": "preserve" },
      synopsis: "[OPTION]... DURATION COMMAND [ARG]...",
      usageStatus: 125,
      posix: true,
    },
    limited,
  ),
  tool(
    {
      name: "watch",
      summary: "runs a command again and again",
      short: "n:txeg",
      busybox: "n:tx",
      long: { interval: "n", "no-title": "t", exec: "x", errexit: "e", chgexit: "g" },
      synopsis: "[options] command",
      unsupported: "bcCdfpqrsw",
      posix: true,
    },
    watch,
  ),
  tool(
    {
      name: "time",
      summary: "how long a command takes",
      userlands: ["alpine", "busybox", "debian"],
      short: "p",
      synopsis: "[-p] PROG ARGS",
      unsupported: "vofa",
      posix: true,
    },
    timed,
  ),
  tool(
    {
      name: "nohup",
      summary: "runs a command that outlives its terminal",
      short: "",
      synopsis: "COMMAND [ARG]...",
      usageStatus: 125,
      posix: true,
    },
    unhung,
  ),
  constant("true", "does nothing, well", 0),
  constant("false", "does nothing, badly", 1),
  condition("test"),
  condition("["),
];
