/** ls: files of directories. */
import { FileError, type FileStatus, resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { modeText } from "../../../mode.ts";
import { version } from "../filter/sort.ts";
import { humanSize } from "../size.ts";
import { type Call, instantTool, isBusybox } from "../tool.ts";
import { fullDate, listDate } from "./dates.ts";
import { inodeOf } from "./inode.ts";

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly status: FileStatus;
}

export const ls = instantTool(
  {
    name: "ls",
    summary: "lists files",
    short: "1AaBCcdFfGghHIiklLmnNopQqRrSsTtuUvwXxZ",
    busybox: "1AaCxdLHRFplinshrSXvctuw:Q",
    long: {
      all: "a",
      "almost-all": "A",
      directory: "d",
      classify: "F",
      "human-readable": "h",
      inode: "i",
      reverse: "r",
      recursive: "R",
      size: "s",
      "numeric-uid-gid": "n",
      "quote-name": "Q",
      "no-group": "G",
      "full-time": "full-time",
      "group-directories-first": "group-directories-first",
      color: "color",
    },
    synopsis: "[OPTION]... [FILE]...",
    usageStatus: 2,
    prepare: (words) =>
      words.map((word) => (/^--color=/.test(word) ? (word.endsWith("=always") ? "--color" : "") : word)).filter((word) => word !== ""),
  },
  run,
);

const COLOURS: Readonly<Record<FileStatus["kind"], string>> = { directory: "01;34", link: "01;36", device: "40;33;01", file: "" };

function run(call: Call): number {
  const { process } = call;
  const files: Entry[] = [];
  const directories: Entry[] = [];
  let status = 0;
  for (const name of call.operands.length > 0 ? call.operands : ["."]) {
    const path = resolvePath(process.cwd, name);
    const found = process.fs.status(path);
    if (found instanceof FileError) {
      status = call.busybox ? 1 : 2;
      call.fail(call.busybox ? `${name}: ${found.message}` : `cannot access '${name}': ${found.message}`);
      continue;
    }
    const entry = { name, path, status: found };
    if (process.fs.isDirectory(path) && !call.has("d") && !(found.kind === "link" && (call.has("l") || call.has("F"))))
      directories.push(entry);
    else files.push(entry);
  }
  if (files.length > 0) show(call, sorted(call, files), false);
  const titled = directories.length + files.length > 1 || call.has("R") || (status !== 0 && call.operands.length > 1);
  let first = files.length === 0;
  for (const directory of sorted(call, directories)) {
    list(call, directory, titled, first, 0);
    first = false;
  }
  return status;
}

function list(call: Call, directory: Entry, titled: boolean, first: boolean, depth: number): void {
  const { fs } = call.process;
  const names = fs.list(directory.path);
  if (titled) call.print(`${first ? "" : "\n"}${directory.name}:\n`);
  if (names instanceof FileError) return;
  const hidden = call.has("a") || call.has("f");
  const entry = (name: string): Entry | undefined => {
    const path = resolvePath(directory.path, name);
    const status = fs.status(path);
    return status instanceof FileError ? undefined : { name, path, status };
  };
  const shown = [...(hidden ? [".", ".."] : []), ...names.filter((name) => hidden || call.has("A") || !name.startsWith("."))];
  const entries = sorted(
    call,
    shown.flatMap((name) => entry(name) ?? []),
  );
  show(call, entries, true);
  if (!call.has("R") || depth > 64) return;
  for (const inner of entries)
    if (inner.status.kind === "directory" && inner.name !== "." && inner.name !== "..")
      list(
        call,
        { ...inner, name: directory.name === "/" ? `/${inner.name}` : `${directory.name.replace(/\/$/, "")}/${inner.name}` },
        true,
        false,
        depth + 1,
      );
}

function sorted(call: Call, entries: readonly Entry[]): Entry[] {
  if (call.has("U") || call.has("f")) return [...entries];
  const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const extension = ({ name }: Entry): string => (name.includes(".", 1) ? name.slice(name.lastIndexOf(".")) : "");
  const out = [...entries].sort((a, b) => {
    if (call.has("S")) return b.status.size - a.status.size || byName(a, b);
    if (call.has("t")) return b.status.modified - a.status.modified || byName(a, b);
    if (call.has("v")) return version(a.name, b.name) || byName(a, b);
    if (call.has("X")) return extension(a) < extension(b) ? -1 : extension(a) > extension(b) ? 1 : byName(a, b);
    return byName(a, b);
  });
  if (call.has("r")) out.reverse();
  if (!call.has("group-directories-first")) return out;
  return [...out.filter(({ status }) => status.kind === "directory"), ...out.filter(({ status }) => status.kind !== "directory")];
}

/** Blocks of 1 KiB that a file takes, in whole pages. */
const blocks = ({ kind, size }: FileStatus): number => (kind === "directory" ? 4 : kind === "file" ? Math.ceil(size / 4096) * 4 : 0);

function nameText(call: Call, { name, path, status }: Entry, long: boolean): string {
  let text = call.has("Q") ? `"${name}"` : name;
  const onTerminal = call.process.stdout === call.process.tty;
  if (call.has("color") && COLOURS[status.kind] !== "") text = `\x1b[${COLOURS[status.kind]}m${text}\x1b[0m`;
  else if (onTerminal && !call.has("Q") && !isBusybox(call.process) && /[^\w@%+=:,./^~-]/.test(name))
    text = `'${name.replaceAll("'", "'\\''")}'`;
  if (call.has("F") || call.has("p")) {
    if (status.kind === "directory") text += "/";
    else if (call.has("F") && status.kind === "link" && !long) text += "@";
    else if (call.has("F") && status.kind === "file" && (status.mode & 0o111) !== 0) text += "*";
  }
  if (long && status.kind === "link") text += ` -> ${status.target}${call.has("F") && call.process.fs.isDirectory(path) ? "/" : ""}`;
  return text;
}

function show(call: Call, entries: readonly Entry[], total: boolean): void {
  const long = call.has("l") || call.has("n") || call.has("o") || call.has("g") || call.has("full-time");
  const lead = ({ path, status }: Entry, widths: { inode: number; blocks: number }): string =>
    (call.has("i") ? `${String(inodeOf(path)).padStart(widths.inode)} ` : "") +
    (call.has("s") ? `${String(blocks(status)).padStart(call.busybox ? 6 : widths.blocks)} ` : "");
  const widths = { inode: call.busybox ? 7 : 6, blocks: Math.max(1, ...entries.map(({ status }) => String(blocks(status)).length)) };
  const sum = entries.reduce((all, { status }) => all + blocks(status), 0);
  if (long || call.has("s")) {
    if (total) call.print(`total ${call.has("h") ? humanSize(sum * 1024) : sum}\n`);
  }
  if (long) {
    for (const line of longLines(call, entries)) call.print(`${lead(line.entry, widths)}${line.text}\n`);
    return;
  }
  const names = entries.map((entry) => lead(entry, widths) + nameText(call, entry, false));
  if (names.length === 0) return;
  const onTerminal = call.process.stdout === call.process.tty;
  if (call.has("m")) call.print(`${names.join(", ")}\n`);
  else if (call.has("C") || call.has("x") || (onTerminal && !call.has("1"))) call.print(inColumns(names, call.process, call.has("x")));
  else call.print(names.map((name) => `${name}\n`).join(""));
}

/** GNU makes each column as wide as it must be; BusyBox sets fields of fixed widths. */
function longLines(call: Call, entries: readonly Entry[]): { readonly entry: Entry; readonly text: string }[] {
  const { kernel } = call.process.machine;
  const rows = entries.map((entry) => {
    const { status } = entry;
    const size = status.device ? status.device.join(", ") : call.has("h") ? humanSize(status.size) : String(status.size);
    return { entry, size, links: status.kind === "directory" ? "2" : "1" };
  });
  const owner = call.has("n") ? "0" : "root";
  if (call.busybox)
    return rows.map(({ entry, size, links }) => {
      const device = entry.status.device;
      const shown = device ? `${String(device[0]).padStart(4)}, ${String(device[1]).padStart(3)}` : size.padStart(9);
      const people = `${owner.padEnd(8)} ${owner.padEnd(8)}`;
      return {
        entry,
        text: `${modeText(entry.status)} ${links.padStart(4)} ${people} ${shown} ${listDate(kernel, entry.status.modified)} ${nameText(call, entry, true)}`,
      };
    });
  const sizeWidth = Math.max(0, ...rows.map(({ size }) => size.length));
  const linkWidth = Math.max(0, ...rows.map(({ links }) => links.length));
  return rows.map(({ entry, size, links }) => {
    const people = `${call.has("g") ? "" : `${owner} `}${call.has("o") || call.has("G") ? "" : `${owner} `}`;
    const date = call.has("full-time") ? fullDate(kernel, entry.status.modified) : listDate(kernel, entry.status.modified);
    return {
      entry,
      text: `${modeText(entry.status)} ${links.padStart(linkWidth)} ${people}${size.padStart(sizeWidth)} ${date} ${nameText(call, entry, true)}`,
    };
  });
}

/** Names beside each other: down the columns, or with -x along the rows. */
function inColumns(names: readonly string[], process: Process, across: boolean): string {
  const width = process.stdout === process.tty ? (process.tty?.columns ?? 80) : 80;
  const plain = names.map((name) => name.replace(/\x1b\[[\d;]*m/g, "").length);
  for (let rows = 1; ; rows++) {
    const columns = Math.ceil(names.length / rows);
    const place = (row: number, column: number): number => (across ? row * columns + column : column * rows + row);
    const widths = Array.from({ length: columns }, (_, column) =>
      Math.max(0, ...Array.from({ length: rows }, (_row, row) => plain[place(row, column)] ?? 0)),
    );
    const total = widths.reduce((sum, one) => sum + one + 2, -2);
    if (total >= width && rows < names.length) continue;
    let text = "";
    for (let row = 0; row < rows; row++) {
      let line = "";
      for (let column = 0; column < columns; column++) {
        const at = place(row, column);
        const name = names[at];
        if (name === undefined || (across && column >= columns)) continue;
        const more = column + 1 < columns && names[place(row, column + 1)] !== undefined;
        line += more ? name + " ".repeat((widths[column] as number) + 2 - (plain[at] as number)) : name;
      }
      text += `${line}\n`;
    }
    return text;
  }
}
