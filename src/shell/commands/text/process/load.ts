/** top, free, w, who: what a machine is busy with. Neither the time nor the memory of programs is simulated: an idle host's figures. */
import { inspectEngine } from "../../../../engine/inspect/index.ts";
import { anyOf, type Op, sleep } from "../../../../kernel/task.ts";
import type { Tty } from "../../../../kernel/tty.ts";
import type { Command, Process } from "../../../command.ts";
import { formatTime } from "../../../wall-clock.ts";
import { upText } from "../print/up.ts";
import { humanSize } from "../size.ts";
import { type Call, instantTool, tool } from "../tool.ts";
import { commandName, type Row, rowsFor } from "./ps.ts";

const KIB = 1024;
/** Bytes of a machine that runs no engine. */
const SMALL_MACHINE = 2 * KIB ** 3;
/** KiB: what a freshly started system has in use, and in its caches. */
const IN_USE = 420_000;
const SHARED = 70_000;
const CACHED = 900_000;

/** KiB of memory by kind, as free has them. */
export function memoryOf({ machine }: Pick<Process, "machine">) {
  const bytes = machine.engine ? (inspectEngine(machine.engine) as { readonly MemTotal: number }).MemTotal : SMALL_MACHINE;
  const total = Math.floor(bytes / KIB);
  return { total, used: IN_USE, free: total - IN_USE - CACHED, shared: SHARED, cached: CACHED, available: total - IN_USE };
}

const HEADS = ["total", "used", "free", "shared", "buff/cache", "available"] as const;

function free(call: Call): number {
  if (call.operands.length > 0 && !call.busybox) return call.usage();
  const memory = memoryOf(call.process);
  const shift = call.given.findLast(({ name }) => /^[bkmgh]$/.test(name))?.name ?? "k";
  const shown = (kib: number): string => {
    if (shift === "h") {
      const text = humanSize(kib * KIB);
      return /[A-Z]$/.test(text) ? (call.busybox ? text : `${text}i`) : `${text}B`;
    }
    return String(shift === "b" ? kib * KIB : Math.floor(kib / ({ k: 1, m: KIB, g: KIB ** 2 }[shift] ?? 1)));
  };
  const first = call.busybox ? 7 : 8;
  const row = (title: string, values: readonly number[]): string =>
    `${title.padEnd(first)}${values.map((value) => shown(value).padStart(12)).join("")}\n`;
  call.print(`${" ".repeat(first)}${HEADS.map((head) => head.padStart(12)).join("")}\n`);
  call.print(row("Mem:", [memory.total, memory.used, memory.free, memory.shared, memory.cached, memory.available]));
  call.print(row("Swap:", [0, 0, 0]));
  if (call.has("t") && !call.busybox) call.print(row("Total:", [memory.total, memory.used, memory.free]));
  return 0;
}

const twoDecimals = (kib: number): string => (kib / KIB).toFixed(1);

/** One screen of procps' top. */
function screen(call: Call, rows: readonly Row[]): string {
  const { kernel } = call.process.machine;
  const memory = memoryOf(call.process);
  const running = rows.filter(({ title }) => title.startsWith("top")).length;
  const lines = [
    `top - ${formatTime(kernel, "%T")} up ${upText(kernel)},  0 users,  load average: 0.08, 0.03, 0.01`,
    `Tasks: ${rows.length} total, ${running} running, ${rows.length - running} sleep, 0 d-sleep, 0 stopped, 0 zombie`,
    "%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ",
    `MiB Mem :${twoDecimals(memory.total).padStart(9)} total,${twoDecimals(memory.free).padStart(9)} free,${twoDecimals(memory.used).padStart(9)} used,${twoDecimals(memory.cached).padStart(9)} buff/cache     `,
    `MiB Swap:      0.0 total,      0.0 free,      0.0 used.${twoDecimals(memory.available).padStart(9)} avail Mem `,
    "",
    "  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND",
    ...rows.map((row) => {
      const name = call.has("c") ? row.title : commandName(row);
      const cut = name.length > 11 && !call.has("c") ? `${name.slice(0, 10)}+` : name;
      return `${String(row.pid).padStart(5)} ${userOf(row).padEnd(8)}  20   0       0      0      0 ${row.title.startsWith("top") ? "R" : "S"}   0.0   0.0   0:00.00 ${cut}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

const userOf = ({ entry }: Row): string => entry?.process.credentials?.user || "root";

/** One screen of BusyBox's top. */
function busyboxScreen(call: Call, rows: readonly Row[]): string {
  const memory = memoryOf(call.process);
  const used = memory.total - memory.free;
  const lines = [
    `Mem: ${used}K used, ${memory.free}K free, ${memory.shared}K shrd, 0K buff, ${memory.cached}K cached`,
    "CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq",
    `Load average: 0.08 0.03 0.01 1/${rows.length} ${rows.at(-1)?.pid ?? 1}`,
    "  PID  PPID USER     STAT   RSS %RSS %CPU COMMAND",
    ...rows.map(
      (row) =>
        `${String(row.pid).padStart(5)} ${String(row.parent).padStart(5)} ${userOf(row).padEnd(8)} ${(row.title.startsWith("top") ? "R" : "S").padEnd(4)}     0   0%   0% ${row.title}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function* top(call: Call): Op<number> {
  const { process } = call;
  const { tty } = process;
  const onTerminal = tty !== undefined && process.stdout === tty;
  const batch = call.has("b");
  if (!batch && !onTerminal && !call.busybox) return call.fail("failed tty get");
  const word = call.value("n");
  if (word !== undefined && !/^[1-9]\d{0,8}$/.test(word))
    return call.fail(call.busybox ? `invalid number '${word}'` : `bad iterations argument '${word}'`);
  const delayWord = call.value("d") ?? (call.busybox ? "5" : "3.0");
  const delay = Number(delayWord);
  if (!(delay >= 0)) return call.fail(call.busybox ? `invalid number '${delayWord}'` : `bad delay interval '${delayWord}'`);
  const pids = call
    .values("p")
    .flatMap((list) => list.split(","))
    .filter(Boolean);
  if (pids.some((pid) => !/^\d{1,9}$/.test(pid))) return call.fail(`bad pid '${pids.find((pid) => !/^\d{1,9}$/.test(pid))}'`);
  const user = call.value("u") ?? call.value("U");
  const most = word === undefined ? Number.POSITIVE_INFINITY : Number(word);
  const keys = onTerminal && !batch ? tty : undefined;
  for (let turn = 0; turn < most; turn++) {
    if (turn > 0 && (yield* pressesQuit(keys, Math.max(0.1, delay) * 1e6))) break;
    const rows = rowsFor(process).filter(
      (row) => (pids.length === 0 || pids.includes(String(row.pid))) && (user === undefined || userOf(row) === user),
    );
    const text = call.busybox ? busyboxScreen(call, rows) : screen(call, rows);
    call.print(`${onTerminal && !batch ? "\f" : turn > 0 ? "\n" : ""}${text}`);
    for (let wait = process.stdout.room?.(); wait; wait = process.stdout.room?.()) yield wait;
  }
  return 0;
}

/** Waits for `delay` µs, or for the key that ends top (true); any other key draws the screen at once. */
function* pressesQuit(tty: Tty | undefined, delay: number): Op<boolean> {
  if (!tty) {
    yield sleep(delay);
    return false;
  }
  return yield* tty.takingKeys(
    (function* () {
      if (!tty.hasInput) yield anyOf(sleep(delay), tty.readable);
      if (!tty.hasInput) return false;
      const key = yield* tty.readKey();
      return key === "q" || key === "Q" || key === undefined;
    })(),
  );
}

function w(call: Call): number {
  const { kernel } = call.process.machine;
  if (!call.has("h")) {
    call.print(` ${formatTime(kernel, "%T")} up ${upText(kernel)},  0 users,  load average: 0.08, 0.03, 0.01\n`);
    call.print("USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU  WHAT\n");
  }
  return 0;
}

function who(call: Call): number {
  if (call.busybox) call.print("USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n");
  else if (call.has("b"))
    call.print(
      `         system boot  ${formatTime(call.process.machine.kernel, "%b %e %H:%M", Math.floor(call.process.machine.kernel.epoch / 1000))}\n`,
    );
  else if (call.has("H")) call.print("NAME     LINE         TIME             COMMENT\n");
  return 0;
}

export const loadCommands: readonly Command[] = [
  instantTool(
    {
      name: "free",
      summary: "memory in use and free",
      short: "bkmght",
      busybox: "bkmgh",
      long: { bytes: "b", kibi: "k", mebi: "m", gibi: "g", human: "h", total: "t" },
      synopsis: "[options]",
      unsupported: "lLvscw",
    },
    free,
  ),
  tool(
    {
      name: "top",
      summary: "what runs, again and again; q ends it",
      short: "bcd:n:p:u:U:",
      busybox: "bd:n:",
      long: {
        "batch-mode": "b",
        "cmdline-toggle": "c",
        delay: "d",
        iterations: "n",
        pid: "p",
        "filter-only-euser": "u",
        "filter-any-user": "U",
      },
      synopsis: "[options]",
      unsupported: "AEeHiOoSsw1",
      // procps takes its first letters without a dash too: top bn1.
      prepare: (words) => words.map((word, i) => (i === 0 && /^b(n\d*)?$/.test(word) ? `-${word}` : word)),
    },
    top,
  ),
  instantTool(
    {
      name: "w",
      summary: "who is here and what they do",
      userlands: ["host"],
      short: "h",
      synopsis: "[options] [user]",
      unsupported: "uspfotiV",
    },
    w,
  ),
  instantTool(
    {
      name: "who",
      summary: "who is here",
      short: "bH",
      busybox: "aH",
      long: { boot: "b", heading: "H" },
      synopsis: "[OPTION]... [ FILE | ARG1 ARG2 ]",
      unsupported: "adlmpqrstTuw",
    },
    who,
  ),
];
