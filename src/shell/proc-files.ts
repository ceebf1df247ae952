/** /proc as files: sysctls under /proc/sys, tables under /proc/net, processes by number. */
import type { Container } from "../engine/types.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileError, type Mount } from "../kernel/vfs.ts";
import type { Machine } from "./command.ts";
import { currentProcess, type ProcessEntry, processesOf } from "./process-table.ts";

const KERNEL_RELEASE = "6.18.44";
const VERSION = `Linux version ${KERNEL_RELEASE} (build@kernel) #1 SMP PREEMPT_DYNAMIC`;

/** PROC_NET_INIT_INO (include/linux/proc_ns.h), the first netns of a machine; others count up from the dynamic range. */
const INITIAL_INODE = 4026531833;
const FIRST_DYNAMIC_INODE = 4026532000;

/** The inode number that tells one netns from another. */
const netnsInode = (netns: Netns): number => (netns.initial ? INITIAL_INODE : FIRST_DYNAMIC_INODE + netns.uid);

/** "net:[4026531833]", what the link /proc/PID/ns/net shows. */
const netnsLink = (netns: Netns): string => `net:[${netnsInode(netns)}]`;

const absent = (): FileError => new FileError("No such file or directory");

/** A key of sysctl(8) and its path under /proc/sys: dots and slashes change places. */
const swap = (text: string): string => text.replace(/[./]/g, (char) => (char === "." ? "/" : "."));

type NetTable = (netns: Netns) => string;

const TABLES: Record<string, NetTable> = {};

/** A folder of /proc/net whose files come and go. `write` gives false for words that it does not take. */
export interface NetFolder {
  readonly names: (netns: Netns) => readonly string[];
  readonly read: (netns: Netns, name: string) => string | undefined;
  readonly write: (netns: Netns, name: string, text: string) => boolean;
}

const FOLDERS: Record<string, NetFolder> = {};

/** The tables under /proc/net by their path, and its folders, which come with the programs. */
export function addNetTables(tables: Readonly<Record<string, NetTable>>, folders: Readonly<Record<string, NetFolder>>): void {
  Object.assign(TABLES, tables);
  Object.assign(FOLDERS, folders);
}

const folderOf = ([name = "", file]: readonly string[]): NetFolder | undefined =>
  file !== undefined && Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined;

function netFile(netns: Netns, path: readonly string[]): string | undefined {
  const name = path.join("/");
  return Object.hasOwn(TABLES, name) ? TABLES[name]?.(netns) : folderOf(path)?.read(netns, path[1] as string);
}

/** What is in /proc/net or a folder under it; undefined when it is none. */
function netNames(netns: Netns, folder: readonly string[]): readonly string[] | undefined {
  const dynamic = folder.length === 1 ? folderOf([folder[0] as string, ""]) : undefined;
  if (dynamic) return dynamic.names(netns);
  const prefix = folder.length ? `${folder.join("/")}/` : "";
  const names = [...Object.keys(TABLES), ...Object.keys(FOLDERS)].flatMap((key) =>
    key.startsWith(prefix) ? [key.slice(prefix.length).split("/")[0] as string] : [],
  );
  return names.length ? [...new Set(names)].sort() : undefined;
}

/** Numbers of a process and of its parent as the reader knows them; 0 for one that it cannot see. */
interface ProcessNumbers {
  readonly pid: number;
  readonly parent: number;
}

/** What a process looks like under its number. */
export interface ProcessFiles {
  /** Names in a folder of it; undefined when it is none. */
  list(entry: ProcessEntry, folder: string): readonly string[] | undefined;
  read(entry: ProcessEntry, name: string, numbers: ProcessNumbers): string | undefined;
  /** Where a link leads to. */
  link(entry: ProcessEntry, name: string): string | undefined;
}

/** Files of the machine right under /proc, by name. */
export type MachineFiles = Readonly<Record<string, (machine: Machine) => string>>;

let processFiles: ProcessFiles = { list: () => undefined, read: () => undefined, link: () => undefined };
const MACHINE_FILES: Record<string, (machine: Machine) => string> = {};

/** How processes look, and further files of the machine: both come with the programs. */
export function addProcessFiles(files: ProcessFiles, machine: MachineFiles): void {
  processFiles = files;
  Object.assign(MACHINE_FILES, machine);
}

/** The first process of a machine, which nobody has started here. */
function initOf(machine: Machine, rest: string): string | undefined {
  switch (rest) {
    case "cmdline":
      return "/sbin/init\0";
    case "comm":
      return "init\n";
    case "status":
      return "Name:\tinit\nState:\tS (sleeping)\nPid:\t1\nPPid:\t0\n";
    case "ns/net":
      return netnsLink(machine.netns);
    default:
      return undefined;
  }
}

/**
 * The tree under /proc of a machine, its tables those of a netns, its processes those of `container` when given; `readOnly` as
 * the engine mounts /proc/sys in containers.
 */
export function procFiles(machine: Machine, netns: () => Netns, readOnly = false, container?: Container): Mount {
  const sysctls = (): Set<string> =>
    new Set(
      netns()
        .sysctl.keys()
        .map((key) => `/proc/sys/${swap(key)}`),
    );
  const plain: Readonly<Record<string, () => string>> = {
    version: () => `${VERSION}\n`,
    loadavg: () => "0.08 0.03 0.01 1/180 2000\n",
    uptime: () => `${(machine.kernel.clock.now / 1e6).toFixed(2)} ${((2 * machine.kernel.clock.now) / 1e6).toFixed(2)}\n`,
  };
  const hostname = (): string => `${container?.hostname ?? machine.name}\n`;
  const numbered = (): ReadonlyMap<number, ProcessEntry> => processesOf(machine).numbered(container);
  const numberOf = (entry: ProcessEntry | undefined): number => {
    for (const [number, one] of numbered()) if (one === entry) return number;
    return 0;
  };
  const find = (pid: string): ProcessEntry | undefined =>
    pid === "self" || pid === "thread-self" ? currentProcess() : numbered().get(Number(pid));
  const isInit = (pid: string): boolean => pid === "1" && numbered() === processesOf(machine).entries;
  /** A process by its folder's name, and what follows that. */
  const place = (path: string): { readonly entry: ProcessEntry; readonly rest: string } | undefined => {
    const [, , first = "", ...rest] = path.split("/");
    const entry = /^(\d+|self|thread-self)$/.test(first) ? find(first) : undefined;
    return entry && { entry, rest: rest.join("/") };
  };
  const parent = (entry: ProcessEntry): number => numberOf(processesOf(machine).entries.get(entry.parentPid));
  const read = (path: string): string | undefined => {
    const [, , first = "", ...rest] = path.split("/");
    if (rest.length === 0) {
      if (Object.hasOwn(plain, first)) return plain[first]?.();
      return Object.hasOwn(MACHINE_FILES, first) ? MACHINE_FILES[first]?.(machine) : undefined;
    }
    if (first === "sys") {
      const key = rest.join("/");
      if (key === "kernel/hostname") return hostname();
      if (key === "kernel/ostype") return "Linux\n";
      const value = netns().sysctl.get(swap(key));
      return value === undefined ? undefined : `${value}\n`;
    }
    if (first === "net") return netFile(netns(), rest);
    const at = place(path);
    if (at) {
      if (rest[0] === "net") return netFile(at.entry.process.netns, rest.slice(1));
      if (at.rest === "ns/net") return netnsLink(at.entry.process.netns);
      return processFiles.read(at.entry, at.rest, { pid: numberOf(at.entry), parent: parent(at.entry) });
    }
    return isInit(first) ? initOf(machine, rest.join("/")) : undefined;
  };
  return {
    read: (path) => read(path) ?? absent(),
    write(path, text) {
      if (read(path) === undefined) return absent();
      const [, , , ...rest] = path.split("/");
      const folder = path.startsWith("/proc/net/") ? folderOf(rest) : undefined;
      if (folder) return text === "" || folder.write(netns(), rest[1] as string, text) ? undefined : new FileError("Invalid argument");
      if (!path.startsWith("/proc/sys/")) return new FileError("Permission denied");
      if (readOnly) return new FileError("Read-only file system");
      // Opening a setting for writing truncates nothing.
      if (text === "") return undefined;
      return netns().sysctl.set(swap(path.slice("/proc/sys/".length)), text) ? undefined : new FileError("Invalid argument");
    },
    list(path) {
      const [, , first, ...rest] = path.split("/");
      if (first === undefined)
        return [...[...numbered().keys()].map(String), ...Object.keys(plain), ...Object.keys(MACHINE_FILES), "net", "self", "sys"].sort();
      if (first === "net") return netNames(netns(), rest);
      if (first === "sys") {
        const prefix = `${path}/`;
        const names = new Set<string>();
        for (const key of [...sysctls(), "/proc/sys/kernel/hostname", "/proc/sys/kernel/ostype"])
          if (key.startsWith(prefix)) names.add(key.slice(prefix.length).split("/")[0] as string);
        return names.size > 0 ? [...names].sort() : undefined;
      }
      const at = place(path);
      if (!at) {
        if (!isInit(first)) return undefined;
        return rest.length === 0 ? ["cmdline", "comm", "ns", "status"] : rest.join("/") === "ns" ? ["net"] : undefined;
      }
      if (rest[0] === "net") return netNames(at.entry.process.netns, rest.slice(1));
      if (rest.length === 0) return [...(processFiles.list(at.entry, "") ?? []), "net", "ns"].sort();
      if (at.rest === "ns") return [...(processFiles.list(at.entry, "ns") ?? []), "net"].sort();
      return processFiles.list(at.entry, at.rest);
    },
    link(path) {
      const at = place(path);
      if (!at) return path === "/proc/1/ns/net" && isInit("1") ? read(path) : undefined;
      return at.rest === "ns/net" ? read(path) : processFiles.link(at.entry, at.rest);
    },
  };
}
