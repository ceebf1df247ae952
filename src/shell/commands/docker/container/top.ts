/** `docker top`: the container's processes as the host's ps tells them (daemon/top_unix.go). */
import { type Container, EngineError } from "../../../../engine/types.ts";
import type { Machine, Process } from "../../../command.ts";
import { type ProcessEntry, processesOf } from "../../../process-table.ts";
import { daemonError } from "../errors.ts";
import { tabulate } from "../table.ts";
import { MANY, type Verb } from "../verb.ts";

const CELL = 20;

/** A container's processes, the first of them first. */
export function processesIn(machine: Machine, container: Container): readonly ProcessEntry[] {
  return [...processesOf(machine).entries.values()]
    .filter((entry) => entry.process.container?.id === container.id)
    .sort((a, b) => a.process.pid - b.process.pid);
}

interface Column {
  readonly head: string;
  value(entry: ProcessEntry, machine: Machine): string;
}

const two = (value: number): string => String(value).padStart(2, "0");
const startTime = (entry: ProcessEntry, machine: Machine): string => {
  const date = machine.kernel.date(entry.started);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
};
const elapsed = (entry: ProcessEntry, machine: Machine): string => {
  const seconds = Math.floor((machine.kernel.clock.now - entry.started) / 1e6);
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
};
const parentPid = (entry: ProcessEntry, machine: Machine): number => {
  if (entry.ownPid === 1) return entry.process.pid - 1;
  const parent = [...processesOf(machine).entries.values()].find(
    (other) => other.process.container?.id === entry.process.container?.id && other.ownPid === entry.parentPid,
  );
  return parent?.process.pid ?? entry.process.pid - 1;
};
const terminal = (entry: ProcessEntry): string => (entry.process.tty ? "pts/0" : "?");

const COLUMNS: Readonly<Record<string, Column>> = {
  user: { head: "USER", value: () => "root" },
  uid: { head: "UID", value: () => "0" },
  pid: { head: "PID", value: (entry) => String(entry.process.pid) },
  ppid: { head: "PPID", value: (entry, machine) => String(parentPid(entry, machine)) },
  stime: { head: "STIME", value: startTime },
  etime: { head: "ELAPSED", value: elapsed },
  tty: { head: "TTY", value: terminal },
  time: { head: "TIME", value: () => "00:00:00" },
  stat: { head: "STAT", value: () => "Ss" },
  comm: { head: "COMMAND", value: (entry) => (entry.title.split(" ")[0] as string).split("/").at(-1) as string },
  args: { head: "COMMAND", value: (entry) => entry.title },
  cmd: { head: "CMD", value: (entry) => entry.title },
};

const FULL: readonly Column[] = [
  { head: "UID", value: () => "root" },
  COLUMNS.pid as Column,
  COLUMNS.ppid as Column,
  { head: "C", value: () => "0" },
  COLUMNS.stime as Column,
  COLUMNS.tty as Column,
  COLUMNS.time as Column,
  COLUMNS.cmd as Column,
];

/** Columns that ps knows and people ask for. */
const PS_COLUMNS: ReadonlySet<string> = new Set([
  ...Object.keys(COLUMNS),
  ..."%cpu %mem addr c class cls cpu cputime egid egroup euid euser f flag flags gid group lstart lwp majflt maxrss minflt ni nice nlwp".split(
    " ",
  ),
  ..."pcpu pgid pgrp pmem policy pri psr rgid rgroup rss rssize rsz rtprio ruid ruser s sess sid sig start start_time state stat sz".split(
    " ",
  ),
  ..."thcount tid tname tpgid tt ucmd ucomm uname user vsize vsz wchan".split(" "),
]);

/** The daemon finds a container's processes by this column: PID, by the names that ps has for it. */
const PID_COLUMNS: ReadonlySet<string> = new Set(["pid", "tgid"]);

/** What ps is asked for; the text is what it cannot do here. */
function columnsOf(options: readonly string[]): readonly Column[] | string {
  if (options.length === 0 || options.join(" ") === "-ef") return FULL;
  const joined = options.join(" ");
  const match = /^-?(?:e?o|-o) ?(?:=)?(.+)$/.exec(joined) ?? /^-eo ?(.+)$/.exec(joined);
  const names = match?.[1]?.split(/[ ,]+/) ?? [];
  const columns = names.map((name) => COLUMNS[name.toLowerCase()]);
  const unknown = names.find((name) => !/^[a-z_]+(=.*)?$/i.test(name) || !PS_COLUMNS.has(name.toLowerCase().split("=")[0] as string));
  if (unknown !== undefined)
    return `Error response from daemon: ps: error: unknown user-defined format specifier ${JSON.stringify(unknown)}`;
  if (names.length > 0 && !names.some((name) => PID_COLUMNS.has(name.toLowerCase())))
    return "Error response from daemon: Couldn't find PID field in ps output";
  if (names.length === 0 || columns.includes(undefined))
    return `docker top: ps ${joined} is not supported here; -ef and -o ${Object.keys(COLUMNS).join(",")} are`;
  return columns as Column[];
}

/** The table of a container's processes: the head line, then a line a process, cells apart by tabs. */
export function topTable(machine: Machine, container: Container, options: readonly string[]): readonly string[] | string {
  const columns = columnsOf(options);
  if (typeof columns === "string") return columns;
  const rows = processesIn(machine, container).map((entry) => columns.map((column) => column.value(entry, machine)).join("\t"));
  return [columns.map((column) => column.head).join("\t"), ...rows];
}

/** The table as `docker top` sets it. */
const printTop = (process: Process, lines: readonly string[]): void => process.stdout.write(tabulate(lines, CELL, 3));

export const topVerb: Verb = {
  names: ["top"],
  top: "top",
  completes: "running",
  command: {
    usage: "CONTAINER [ps OPTIONS]",
    summary: "Display the running processes of a container",
    aliases: "docker container top, docker top",
    least: 1,
    most: MANY,
    leading: true,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const [reference = "", ...options] = flags.args;
    const container = engine.findContainer(reference);
    if (container instanceof EngineError) return daemonError(process, container);
    if (!container.process) return daemonError(process, new EngineError(`container ${container.id} is not running`, 409));
    const table = topTable(process.machine, container, options);
    if (typeof table === "string") {
      process.stderr.write(`${table}\n`);
      return 1;
    }
    engine.noteEvent(container, "top");
    printTop(process, table);
    return 0;
  },
};
