/** du and df: what files take of a disk, and what is left of it. */
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { humanSize } from "../size.ts";
import { type Call, instantTool } from "../tool.ts";

const BLOCK = 4096;
const KIB = 1024;
/** Directories may nest so deep for du. */
const MAX_DEPTH = 64;

/** Bytes that a file takes on the disk: whole blocks, as ext4 and overlayfs give them; links lie in their inode. */
const onDisk = (kind: string, size: number): number => (kind === "link" || kind === "device" ? 0 : Math.ceil(size / BLOCK) * BLOCK);

/** A size in the unit that is asked for: rounded up, as du does. */
function shownSize(call: Call, bytes: number): string {
  if (call.has("h")) return bytes === 0 ? "0" : call.busybox ? busyboxSize(bytes) : humanSize(bytes);
  const unit = call.has("b") && !call.busybox ? 1 : call.has("m") ? KIB * KIB : KIB;
  return String(Math.ceil(bytes / unit));
}

/** BusyBox's make_human_readable_str: one digit behind the point, always. */
function busyboxSize(bytes: number): string {
  if (bytes < KIB) return String(bytes);
  let value = bytes;
  let unit = "";
  for (const next of ["K", "M", "G", "T"]) {
    if (value < KIB && unit !== "") break;
    value /= KIB;
    unit = next;
  }
  return `${value.toFixed(1)}${unit}`;
}

function du(call: Call): number {
  const { process } = call;
  const apparent = call.has("b") || call.has("apparent");
  const depthWord = call.has("s") ? "0" : (call.value("d") ?? String(MAX_DEPTH));
  if (!/^\d{1,6}$/.test(depthWord))
    return call.busybox ? call.fail(`invalid number '${depthWord}'`) : call.misuse(`invalid maximum depth '${depthWord}'`);
  const given = call.value("d");
  if (call.has("s") && given !== undefined && Number(given) > 0 && !call.busybox) {
    call.process.stderr.write(`du: warning: summarizing conflicts with --max-depth=${given}\n`);
    call.process.stderr.write("Try 'du --help' for more information.\n");
    return 1;
  }
  const deepest = Number(depthWord);
  let status = 0;
  let total = 0;
  const measure = (name: string, path: string, depth: number): number => {
    const found = process.fs.status(path);
    if (found instanceof FileError) {
      status = call.fail(call.busybox ? `${name}: ${found.message}` : `cannot access '${name}': ${found.message}`);
      return 0;
    }
    let bytes = apparent ? found.size : onDisk(found.kind, found.size);
    // What is computed takes nothing of a disk.
    if (process.fs.isComputed(path)) bytes = 0;
    if (found.kind === "directory") {
      if (!apparent) bytes = process.fs.isComputed(path) ? 0 : BLOCK;
      const names = process.fs.list(path);
      if (!(names instanceof FileError) && depth < MAX_DEPTH && !(process.fs.isComputed(path) && call.has("x")))
        for (const child of names) {
          const at = path === "/" ? `/${child}` : `${path}/${child}`;
          if (at === "/proc" || at === "/sys" || at === "/dev") continue;
          bytes += measure(`${name.replace(/\/$/, "")}/${child}`, at, depth + 1);
        }
    }
    if (depth <= deepest && (depth === 0 || found.kind === "directory" || call.has("a")))
      call.print(`${shownSize(call, bytes)}\t${name}\n`);
    return bytes;
  };
  for (const name of call.operands.length > 0 ? call.operands : ["."]) total += measure(name, resolvePath(process.cwd, name), 0);
  if (call.has("c")) call.print(`${shownSize(call, total)}\ttotal\n`);
  return status;
}

/** A file system as df lists it; sizes in bytes. */
interface Mounted {
  readonly device: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly at: string;
}

/** The host's disk: what the system takes of it, and its images on top. */
const DISK = 50 * KIB ** 3;
const SYSTEM = 2 * KIB ** 3;
const MEMORY_DISK = 64 * KIB ** 2;

const filesIn = (fs: FileSystem, folder: string): number => {
  const names = fs.list(folder);
  if (names instanceof FileError) return 0;
  return names.reduce((sum, name) => {
    const found = fs.status(`${folder === "/" ? "" : folder}/${name}`);
    return sum + (found instanceof FileError ? 0 : onDisk(found.kind, found.size));
  }, 0);
};

function mountsOf(process: Process): readonly Mounted[] {
  const { engine } = process.machine;
  const images = new Map((engine?.images() ?? []).map((image) => [image.id, image.size]));
  const used = SYSTEM + [...images.values()].reduce((sum, size) => sum + size, 0);
  const tmpfs = (at: string, device = "tmpfs", size = MEMORY_DISK): Mounted => ({ device, type: "tmpfs", size, used: 0, at });
  if (!process.container)
    return [
      { device: "/dev/vda1", type: "ext4", size: DISK, used, at: "/" },
      { ...tmpfs("/run"), used: filesIn(process.fs, "/run") },
      tmpfs("/dev/shm"),
    ];
  const disk = { size: DISK, used } as const;
  const bound = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"].map(
    (at): Mounted => ({ ...disk, device: "/dev/vda1", type: "ext4", at }),
  );
  return [{ ...disk, device: "overlay", type: "overlay", at: "/" }, tmpfs("/dev"), tmpfs("/dev/shm", "shm"), ...bound];
}

/** The file system that a path lies on. */
const holding = (mounts: readonly Mounted[], path: string): Mounted =>
  [...mounts].sort((a, b) => b.at.length - a.at.length).find(({ at }) => at === "/" || path === at || path.startsWith(`${at}/`)) as Mounted;

function df(call: Call): number {
  const { process } = call;
  const mounts = mountsOf(process);
  let status = 0;
  const chosen: Mounted[] = [];
  for (const name of call.operands) {
    const path = resolvePath(process.cwd, name);
    const device = mounts.find((one) => one.device === name);
    if (device) chosen.push(device);
    else if (!process.fs.exists(path))
      status = call.fail(call.busybox ? `${name}: can't find mount point` : `${name}: No such file or directory`);
    else chosen.push(holding(mounts, path));
  }
  if (call.operands.length > 0 && chosen.length === 0) return status;
  const types = call.values("t");
  const listed = (call.operands.length > 0 ? chosen : mounts).filter(({ type }) => types.length === 0 || types.includes(type));
  if (listed.length === 0) return call.fail("no file systems processed");
  const human = call.has("h");
  const unit = call.has("m") ? KIB * KIB : KIB;
  const size = (bytes: number): string =>
    human ? (call.busybox ? (bytes === 0 ? "0" : busyboxSize(bytes)) : humanSize(bytes)) : String(Math.ceil(bytes / unit));
  const rows = listed.map((one) => {
    const available = Math.max(0, one.size - one.used);
    return {
      cells: [size(one.size), size(one.used), size(available), `${Math.ceil((100 * one.used) / one.size)}%`],
      one,
    };
  });
  const sizeHead = human
    ? "Size"
    : call.busybox || call.has("P")
      ? unit === KIB
        ? call.has("P")
          ? "1024-blocks"
          : "1K-blocks"
        : "1M-blocks"
      : unit === KIB
        ? "1K-blocks"
        : "1M-blocks";
  const heads = [sizeHead, "Used", human && !call.busybox ? "Avail" : "Available", call.has("P") && !human ? "Capacity" : "Use%"];
  const table = [heads, ...rows.map(({ cells }) => cells)];
  const widths = heads.map((_head, column) =>
    Math.max(
      ...table.map((cells) => (cells[column] as string).length),
      call.busybox ? ([9, 9, 9, 4][column] as number) : column === 3 ? 4 : 5,
    ),
  );
  const names = ["Filesystem", ...rows.map(({ one }) => one.device)];
  const nameWidth = Math.max(call.busybox ? 20 : 14, ...names.map((name) => name.length));
  const kinds = ["Type", ...rows.map(({ one }) => one.type)];
  const kindWidth = Math.max(...kinds.map((kind) => kind.length), call.busybox ? 10 : 0);
  const places = ["Mounted on", ...rows.map(({ one }) => one.at)];
  for (const [i, cells] of table.entries()) {
    const type = call.has("T") ? `${(kinds[i] as string).padEnd(kindWidth)} ` : "";
    const numbers = cells.map((cell, column) => cell.padStart(widths[column] as number)).join(" ");
    call.print(`${(names[i] as string).padEnd(nameWidth)} ${type}${numbers} ${places[i]}\n`);
  }
  return status;
}

export const usageCommands = [
  instantTool(
    {
      name: "du",
      summary: "what files take of the disk",
      short: "abcd:hkmsx",
      busybox: "aHLd:clsxhmk",
      long: {
        all: "a",
        bytes: "b",
        total: "c",
        "max-depth": "d",
        "human-readable": "h",
        summarize: "s",
        "one-file-system": "x",
        "apparent-size": "apparent",
      },
      synopsis: "[OPTION]... [FILE]...",
      unsupported: "0BDHlLPSt",
    },
    du,
  ),
  instantTool(
    {
      name: "df",
      summary: "what is left of the disks",
      short: "ahkmPTt:",
      busybox: "PkmhTat:",
      long: { all: "a", "human-readable": "h", portability: "P", "print-type": "T", type: "t" },
      synopsis: "[OPTION]... [FILE]...",
      unsupported: "BHilx",
    },
    df,
  ),
] as const;
