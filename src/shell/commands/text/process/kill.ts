/** kill, pkill, pgrep, pidof, killall: processes by number and by name. The shells have a kill of their own. */
import type { Command, Process } from "../../../command.ts";
import { Regex, RegexError } from "../../../regex.ts";
import { findProcess, SIGNAL_NAMES, sendSignal, signalName, signalNumber } from "../../../signals.ts";
import { type Call, instantTool } from "../tool.ts";
import { commandName, type Row, rowsFor } from "./ps.ts";

function listed(call: Call): number {
  if (call.operands.length === 0) {
    if (call.busybox)
      call.print(SIGNAL_NAMES.map((name, i) => `${String(i + 1).padStart(2)}) ${name === "IO" ? "POLL" : name}\n`).join(""));
    else {
      const names = SIGNAL_NAMES.map((name) => (name === "IO" ? "POLL" : name));
      call.print(`${names.slice(0, 16).join(" ")}\n${names.slice(16).join(" ")}\n`);
    }
    return 0;
  }
  for (const word of call.operands) {
    const name = signalName(/^\d+$/.test(word) && Number(word) > 128 ? String(Number(word) - 128) : word);
    if (name === undefined) return call.fail(call.busybox ? `unknown signal '${word}'` : `unknown signal name ${word}`);
    call.print(`${/^\d/.test(word) ? name : signalNumber(name)}\n`);
  }
  return 0;
}

/** "-9" and "-KILL" as "-s 9". */
const signalFirst = (words: readonly string[]): readonly string[] =>
  words.flatMap((word, i) => {
    const name = i === 0 && /^-(?:\d+|[A-Z][A-Z0-9]+)$/.test(word) ? signalName(word.slice(1)) : undefined;
    return name === undefined ? [word] : ["-s", name];
  });

function kill(call: Call): number {
  if (call.has("l")) return listed(call);
  const word = call.value("s") ?? "TERM";
  const signal = signalName(word);
  if (signal === undefined) return call.fail(call.busybox ? `bad signal name '${word}'` : `unknown signal name ${word}`);
  if (call.operands.length === 0) {
    if (call.busybox) return call.fail("you need to specify whom to kill");
    return call.usage();
  }
  let status = 0;
  for (const pid of call.operands) {
    const entry = /^\d{1,9}$/.test(pid) ? findProcess(call.process, Number(pid)) : undefined;
    if (!entry) {
      const number = /^-?\d+$/.test(pid);
      if (call.busybox) status = call.fail(number ? `can't kill pid ${pid}: No such process` : `invalid number '${pid}'`);
      else if (number) {
        call.process.stderr.write(`${call.process.argv[0]}: (${pid}): No such process\n`);
        status = 1;
      } else {
        call.process.stderr.write(`${call.process.argv[0]}: failed to parse argument: '${pid}'\n`);
        status = 1;
      }
    } else sendSignal(call.process, entry, signal);
  }
  return status;
}

/** Whether a process is one that the call means: by a pattern, or by its whole name. */
function chosen(call: Call): readonly Row[] | number {
  const [pattern] = call.operands;
  if (pattern === undefined) {
    if (call.busybox) return call.usage();
    call.process.stderr.write(`${call.spec.name}: no matching criteria specified\nTry \`${call.spec.name} --help' for more information.\n`);
    return 2;
  }
  const regex = Regex.compile(call.has("x") ? `^(${pattern})$` : pattern, { extended: true, ignoreCase: call.has("i") });
  if (regex instanceof RegexError) return call.fail(regex.message, 2);
  const own = call.process.pid;
  const found = rowsFor(call.process).filter(
    (row) => row.entry?.process.pid !== own && regex.test(call.has("f") ? row.title : commandName(row)) !== call.has("v"),
  );
  if (call.has("n")) return found.slice(-1);
  return call.has("o") ? found.slice(0, 1) : found;
}

function send(process: Process, rows: readonly Row[], signal: string): void {
  for (const { entry } of rows) if (entry) sendSignal(process, entry, signal);
}

const named = (call: Call, name: string): readonly Row[] =>
  rowsFor(call.process).filter((row) => commandName(row) === name.slice(0, 15) || (row.title.split(" ")[0] as string) === name);

const IN_CONTAINERS = ["debian", "alpine", "busybox"] as const;

export const killCommands: readonly Command[] = [
  instantTool(
    {
      name: "kill",
      summary: "sends a signal to processes",
      short: "s:l",
      long: { signal: "s", list: "l" },
      synopsis: "[options] <pid> [...]",
      unsupported: "qL",
      prepare: signalFirst,
    },
    kill,
  ),
  instantTool(
    {
      name: "pkill",
      summary: "sends a signal to processes by name",
      short: "s:fxinov",
      long: { signal: "s", full: "f", exact: "x", "ignore-case": "i", newest: "n", oldest: "o" },
      synopsis: "[options] <pattern>",
      usageStatus: 2,
      prepare: signalFirst,
    },
    (call) => {
      const rows = chosen(call);
      if (typeof rows === "number") return rows;
      const signal = signalName(call.value("s") ?? "TERM");
      if (signal === undefined) return call.fail(`unknown signal name ${call.value("s")}`, 2);
      send(call.process, rows, signal);
      return rows.length > 0 ? 0 : 1;
    },
  ),
  instantTool(
    {
      name: "pgrep",
      summary: "processes by name",
      short: "alfxicnov",
      long: {
        "list-full": "a",
        "list-name": "l",
        full: "f",
        exact: "x",
        "ignore-case": "i",
        count: "c",
        newest: "n",
        oldest: "o",
        inverse: "v",
      },
      synopsis: "[options] <pattern>",
      usageStatus: 2,
    },
    (call) => {
      const rows = chosen(call);
      if (typeof rows === "number") return rows;
      if (call.has("c")) call.print(`${rows.length}\n`);
      else
        for (const row of rows) call.print(`${row.pid}${call.has("a") ? ` ${row.title}` : call.has("l") ? ` ${commandName(row)}` : ""}\n`);
      return rows.length > 0 ? 0 : 1;
    },
  ),
  instantTool(
    {
      name: "pidof",
      summary: "numbers of a program's processes",
      short: "s",
      busybox: "",
      synopsis: "[options] [program [...]]",
      unsupported: "cqwxotS",
    },
    (call) => {
      const pids = call.operands.flatMap((name) => named(call, name).map(({ pid }) => pid)).sort((a, b) => b - a);
      const shown = call.has("s") ? pids.slice(0, 1) : pids;
      if (shown.length > 0) call.print(`${shown.join(" ")}\n`);
      return shown.length > 0 ? 0 : 1;
    },
  ),
  instantTool(
    {
      name: "killall",
      summary: "sends a signal to processes by name",
      userlands: IN_CONTAINERS,
      short: "s:lq",
      synopsis: "[-lq] [-SIG] PROCESS_NAME...",
      prepare: signalFirst,
    },
    (call) => {
      if (call.has("l")) return listed(call);
      if (call.operands.length === 0) return call.fail("you need to specify whom to kill");
      const signal = signalName(call.value("s") ?? "TERM");
      if (signal === undefined) return call.fail(`bad signal name '${call.value("s")}'`);
      let status = 0;
      for (const name of call.operands) {
        const rows = named(call, name).filter(({ entry }) => entry?.process.pid !== call.process.pid);
        if (rows.length === 0) {
          status = 1;
          if (!call.has("q")) call.fail(`${name}: no process killed`);
        } else send(call.process, rows, signal);
      }
      return status;
    },
  ),
];
