/** ps: the processes of a machine or a container. */
import type { Machine, Process } from "../../../command.ts";
import { type ProcessEntry, ProcessTable, processesOf, seesMachine } from "../../../process-table.ts";
import { type Call, instantTool } from "../tool.ts";

/** A process as ps sees it; the machine's first one has no entry of its own. */
export interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly title: string;
  /** µs of virtual time. */
  readonly started: number;
  readonly terminal: Process["tty"];
  readonly entry: ProcessEntry | undefined;
}

/** The number that `process` knows a parent under. */
function parentOf(process: Process, entry: ProcessEntry): number {
  if (seesMachine(process)) return entry.process.container && entry.ownPid === 1 ? 1 : entry.parentPid;
  if (entry.ownPid === 1) return 0;
  return processesOf(process.machine).entries.get(entry.parentPid)?.ownPid ?? 0;
}

/** What `process` can see, by number. */
export function rowsFor(process: Process): readonly Row[] {
  const rows = processesOf(process.machine)
    .visibleTo(process)
    .map(
      (entry): Row => ({
        pid: ProcessTable.pidFor(process, entry),
        parent: parentOf(process, entry),
        title: entry.title,
        started: entry.started,
        terminal: entry.process.tty,
        entry,
      }),
    );
  if (seesMachine(process) && !rows.some(({ pid }) => pid === 1))
    rows.push({ pid: 1, parent: 0, title: "/sbin/init", started: 0, terminal: undefined, entry: undefined });
  return rows.sort((a, b) => a.pid - b.pid);
}

/** The program's name without its path and arguments, at most 15 characters (TASK_COMM_LEN). */
export const commandName = ({ title }: Pick<Row, "title">): string =>
  ((title.split(" ")[0] as string).split("/").at(-1) as string).slice(0, 15);

interface Column {
  readonly head: string;
  readonly width: number;
  readonly right?: boolean;
  value(row: Row, machine: Machine): string;
}

const two = (value: number): string => String(value).padStart(2, "0");

function startTime(row: Row, machine: Machine): string {
  const date = machine.kernel.date(row.started);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

function elapsed(row: Row, machine: Machine): string {
  const seconds = Math.max(0, Math.floor((machine.kernel.clock.now - row.started) / 1e6));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return `${days > 0 ? `${days}-` : ""}${days > 0 || hours > 0 ? `${two(hours)}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}

const terminal = ({ terminal }: Row): string => (terminal ? "pts/0" : "?");

const USER: Column = { head: "USER", width: 8, value: () => "root" };
const PID: Column = { head: "PID", width: 5, right: true, value: ({ pid }) => String(pid) };
const PPID: Column = { head: "PPID", width: 5, right: true, value: ({ parent }) => String(parent) };
const TTY: Column = { head: "TTY", width: 8, value: terminal };
const TIME: Column = { head: "TIME", width: 8, right: true, value: () => "00:00:00" };
const ARGS: Column = { head: "COMMAND", width: 27, value: ({ title }) => title };
const NAME: Column = { head: "COMMAND", width: 15, value: commandName };
const state = ({ entry }: Row): string => (entry?.stopped ? "T" : "S");
const STAT: Column = {
  head: "STAT",
  width: 4,
  value: (row) => state(row) + (row.pid === 1 || (row.terminal && !row.entry?.stopped) ? "s" : ""),
};
const STIME: Column = { head: "STIME", width: 5, value: startTime };
const none = (head: string, width: number, value: string): Column => ({ head, width, right: true, value: () => value });

/** Neither time nor memory of programs is simulated: both are shown as nothing. */
const COLUMNS: Readonly<Record<string, Column>> = {
  user: USER,
  euser: { ...USER, head: "EUSER" },
  ruser: { ...USER, head: "RUSER" },
  uid: none("UID", 5, "0"),
  gid: none("GID", 5, "0"),
  group: { ...USER, head: "GROUP" },
  pid: PID,
  ppid: PPID,
  pgid: { ...PID, head: "PGID" },
  sid: { ...PID, head: "SID" },
  tty: { ...TTY, head: "TT" },
  tt: { ...TTY, head: "TT" },
  time: TIME,
  stime: STIME,
  etime: { head: "ELAPSED", width: 11, right: true, value: elapsed },
  stat: STAT,
  s: { head: "S", width: 1, value: state },
  ni: none("NI", 3, "0"),
  "%cpu": none("%CPU", 4, "0.0"),
  pcpu: none("%CPU", 4, "0.0"),
  "%mem": none("%MEM", 4, "0.0"),
  pmem: none("%MEM", 4, "0.0"),
  vsz: none("VSZ", 6, "0"),
  rss: none("RSS", 5, "0"),
  comm: NAME,
  ucmd: { ...NAME, head: "CMD" },
  args: ARGS,
  command: ARGS,
  cmd: { ...ARGS, head: "CMD" },
};

const SHORT: readonly Column[] = [PID, TTY, TIME, { ...NAME, head: "CMD" }];
const FULL: readonly Column[] = [{ ...USER, head: "UID" }, PID, PPID, none("C", 2, "0"), STIME, TTY, TIME, { ...ARGS, head: "CMD" }];
const BSD: readonly Column[] = [
  USER,
  PID,
  none("%CPU", 4, "0.0"),
  none("%MEM", 4, "0.0"),
  none("VSZ", 6, "0"),
  none("RSS", 5, "0"),
  TTY,
  STAT,
  { ...STIME, head: "START" },
  { ...TIME, width: 6, value: () => "0:00" },
  ARGS,
];
const BUSYBOX: readonly Column[] = [PID, USER, ARGS];

/** Columns by name, with "=TITLE" behind those that are to be called otherwise; a text names what is none. */
function namedColumns(list: string): readonly Column[] | string {
  const columns: Column[] = [];
  for (const word of list.split(/[ ,]+/).filter(Boolean)) {
    const [name = "", ...title] = word.split("=");
    const column = Object.hasOwn(COLUMNS, name.toLowerCase()) ? COLUMNS[name.toLowerCase()] : undefined;
    if (!column) return name;
    columns.push(title.length > 0 ? { ...column, head: title.join("=") } : column);
  }
  return columns;
}

function table(rows: readonly Row[], columns: readonly Column[], machine: Machine, busybox: boolean, headless: boolean): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row, machine)));
  const widths = columns.map((column) => Math.max(column.width, column.head.length));
  const line = (texts: readonly string[], head: boolean): string => {
    const set = texts.map((text, i) => {
      const { right } = columns[i] as Column;
      const width = widths[i] as number;
      if (i === texts.length - 1 && !right) return text;
      // BusyBox sets its titles to the left, whatever stands below.
      return right && !(head && busybox) ? text.padStart(width) : text.padEnd(width);
    });
    return `${set.join(" ")}\n`;
  };
  const titled = !headless && columns.some(({ head }) => head !== "");
  return (
    (titled
      ? line(
          columns.map(({ head }) => head),
          true,
        )
      : "") + cells.map((texts) => line(texts, false)).join("")
  );
}

const ALL = /[eAx]/;

/** Options as procps has them, with a minus (UNIX) and without (BSD); a text refuses one. */
function run(call: Call): number {
  const { process } = call;
  let bsd = "";
  for (const word of call.operands)
    if (/^[auxwfoe]+$/.test(word) && !call.busybox) bsd += word;
    else if (/^\d[\d,]*$/.test(word) && !call.busybox) bsd += "";
    else if (!call.busybox) {
      process.stderr.write(`error: unsupported option (here: ps, ps aux, ps -e, -f, -o COLUMNS, -p PIDS, -C NAME)\n`);
      return 1;
    }
  const format = call.values("o").join(",");
  const named = format === "" ? undefined : namedColumns(format);
  if (typeof named === "string") {
    if (call.busybox) return call.fail(`bad -o argument '${named}', supported arguments: ${Object.keys(COLUMNS).join(",")}`);
    process.stderr.write(
      `error: unknown user-defined format specifier "${named}"\n\nUsage:\n ps [options]\n\n Try 'ps --help' for more information.\n`,
    );
    return 1;
  }
  const all = rowsFor(process);
  const pids = [
    ...call.values("p").join(",").split(","),
    ...call.operands
      .filter((word) => /^\d/.test(word))
      .join(",")
      .split(","),
  ]
    .filter(Boolean)
    .map(Number);
  const names = call.values("C").join(",").split(",").filter(Boolean);
  const selected =
    pids.length > 0 || names.length > 0
      ? all.filter((row) => pids.includes(row.pid) || names.includes(commandName(row)))
      : call.busybox || call.has("e") || call.has("A") || ALL.test(bsd.replace(/^[^x]*$/, ""))
        ? all
        : all.filter((row) => row.terminal === process.tty && (row.terminal || row.entry));
  const columns = named ?? (call.busybox ? BUSYBOX : bsd.includes("u") ? BSD : call.has("f") ? FULL : SHORT);
  call.print(table(selected, columns, process.machine, call.busybox, call.has("h")));
  return pids.length + names.length > 0 && selected.length === 0 ? 1 : 0;
}

export const ps = instantTool(
  {
    name: "ps",
    summary: "what runs",
    short: "eAfo:p:C:wh",
    busybox: "o:T",
    long: { format: "o", pid: "p", "no-headers": "h" },
    synopsis: "[options]",
    unsupported: "adFGgHjlLMNnOPqsTtUuVyZ",
  },
  run,
);
