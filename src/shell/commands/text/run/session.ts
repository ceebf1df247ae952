/** nice, setsid, stty, tput, logger, and systemd's clients: what runs beside what, and on which terminal. */
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { type ProcessEntry, processesOf } from "../../../process-table.ts";
import { notStarted } from "../process/life.ts";
import { type Call, instantTool, tool } from "../tool.ts";
import { rowsOf, stty } from "./stty.ts";

/** How nice processes are that somebody has set it for; nothing here is scheduled by it. */
const nicenesses = new WeakMap<ProcessEntry, number>();

/** Its own niceness, or that of whoever started it. */
function nicenessOf(process: Process): number {
  const { entries } = processesOf(process.machine);
  for (let entry = entries.get(process.pid); entry; entry = entries.get(entry.parentPid)) {
    const own = nicenesses.get(entry);
    if (own !== undefined) return own;
  }
  return 0;
}

function* nice(call: Call): Op<number> {
  const { process } = call;
  const own = nicenessOf(process);
  const word = call.value("n") ?? "10";
  if (!/^[-+]?\d+$/.test(word))
    return call.fail(call.busybox ? `invalid number '${word}'` : `invalid adjustment '${word}'`, call.busybox ? 1 : 125);
  if (call.operands.length === 0) {
    if (call.has("n") && !call.busybox) return call.misuse("a command must be given with an adjustment", 125);
    call.print(`${own}\n`);
    return 0;
  }
  const entry = processesOf(process.machine).entries.get(process.pid);
  if (entry) nicenesses.set(entry, Math.max(-20, Math.min(19, own + Number(word))));
  const run = process.exec(call.operands);
  return "reason" in run ? notStarted(call, call.operands[0] as string, run) : yield* run;
}

function* setsid(call: Call): Op<number> {
  const { process } = call;
  const [name] = call.operands;
  if (name === undefined) return call.busybox ? call.usage() : call.misuse("no command specified");
  const started = process.spawn(call.operands, { stdio: { tty: undefined } });
  if ("reason" in started)
    return call.busybox
      ? notStarted(call, name, started)
      : call.fail(`failed to execute ${name}: No such file or directory`, started.status);
  while (!started.task.outcome) yield started.task.exited;
  return "value" in started.task.outcome ? started.task.outcome.value : started.task.outcome.signal.status;
}

/** Sequences of xterm's terminfo entry. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  bold: "\x1b[1m",
  sgr0: "\x1b(B\x1b[m",
  smso: "\x1b[7m",
  rmso: "\x1b[27m",
  smul: "\x1b[4m",
  rmul: "\x1b[24m",
  rev: "\x1b[7m",
};

function tput(call: Call): number {
  const { process } = call;
  const [name, value] = call.operands;
  if (name === undefined) return call.misuse("a capability is needed: cols, lines, bold, sgr0, setaf …", 2);
  if (name === "cols") call.print(`${process.tty?.columns ?? 80}\n`);
  else if (name === "lines") call.print(`${rowsOf(process.tty)}\n`);
  else if (name === "colors") call.print("8\n");
  else if (name === "clear" || name === "reset") {
    if (process.tty && process.stdout === process.tty) process.tty.clear();
  } else if (name === "setaf" || name === "setab") call.print(process.tty ? `\x1b[${name === "setaf" ? 3 : 4}${Number(value) % 8}m` : "");
  else if (Object.hasOwn(CAPABILITIES, name)) call.print(process.tty ? (CAPABILITIES[name] as string) : "");
  else return call.fail(`unknown terminfo capability '${name}'`, 4);
  return 0;
}

/** What each of systemd's clients says where systemd is not the first process. */
const withoutSystemd = (name: string): Command => ({
  name,
  summary: "a client of systemd, which this host is not run by",
  userlands: ["host"],
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process: Process) {
    process.stderr.write(
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to system scope bus via local transport: Host is down\n",
    );
    return 1;
  },
});

const journal: Command = {
  name: "journalctl",
  summary: "systemd's journal, which nobody writes here",
  userlands: ["host"],
  *run(process: Process) {
    process.stdout.write("No journal files were found.\n");
    if (!process.argv.some((word) => word === "-f" || word === "--follow")) process.stdout.write("-- No entries --\n");
    return 0;
  },
};

export const sessionCommands: readonly Command[] = [
  tool(
    {
      name: "nice",
      summary: "runs a command with another priority",
      short: "n:",
      long: { adjustment: "n" },
      synopsis: "[OPTION] [COMMAND [ARG]...]",
      usageStatus: 125,
      posix: true,
      prepare: (words) => words.map((word, i) => (i === 0 && /^--?\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
    },
    nice,
  ),
  tool(
    {
      name: "setsid",
      summary: "runs a command in a new session",
      short: "w",
      busybox: "",
      long: { wait: "w" },
      synopsis: "[options] <program> [arguments ...]",
      unsupported: "cf",
      posix: true,
    },
    setsid,
  ),
  stty,
  instantTool(
    {
      name: "tput",
      summary: "what a terminal can do",
      userlands: ["host"],
      short: "T:",
      synopsis: "[options] [command]",
      unsupported: "SVvx",
    },
    tput,
  ),
  instantTool(
    {
      name: "logger",
      summary: "writes to the system's log, which nobody reads here",
      short: "t:p:is",
      busybox: "t:p:s",
      long: { tag: "t", priority: "p", id: "i", stderr: "s" },
      synopsis: "[options] [<message>]",
    },
    (call) => {
      if (call.has("s")) call.process.stderr.write(`${call.value("t") ?? "root"}: ${call.operands.join(" ")}\n`);
      return 0;
    },
  ),
  ...["systemctl", "hostnamectl", "timedatectl", "loginctl"].map(withoutSystemd),
  journal,
];
