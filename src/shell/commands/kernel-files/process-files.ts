/** /proc/PID of a process (fs/proc/base.c, fs/proc/array.c), and what /proc tells of the machine's memory and processors. */
import { inspectEngine } from "../../../engine/inspect/index.ts";
import { Pipe } from "../../../kernel/pipe.ts";
import { NO_INPUT } from "../../../kernel/stdio.ts";
import { Tty } from "../../../kernel/tty.ts";
import type { Process } from "../../command.ts";
import type { MachineFiles, ProcessFiles } from "../../proc-files.ts";
import type { ProcessEntry } from "../../process-table.ts";
import { currentProcess } from "../../process-table.ts";
import { ALL_CAPABILITIES } from "../../runtime.ts";
import { findProgram } from "../../userland.ts";
import { memoryOf } from "../text/process/load.ts";

const NAMESPACES = ["cgroup", "ipc", "mnt", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"];
const FILES = ["cgroup", "cmdline", "comm", "cwd", "environ", "exe", "fd", "mounts", "root", "stat", "status"];

/** Bits of capabilities (linux/capability.h), from 0. */
const CAPABILITIES =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  );

/** The first inode number of the namespaces that a machine starts with (linux/proc_ns.h), by kind. */
const INITIAL_INODES: Readonly<Record<string, number>> = {
  cgroup: 4026531835,
  ipc: 4026531839,
  mnt: 4026531841,
  pid: 4026531836,
  time: 4026531834,
  user: 4026531837,
  uts: 4026531838,
};
const CONTAINER_INODES = 4026540000;

const commOf = ({ title }: ProcessEntry): string => ((title.split(" ")[0] as string).split("/").at(-1) as string).slice(0, 15);

/** The mask of capabilities in effect; whoever has all that this world asks for has every one. */
function maskOf({ capabilities }: Process): string {
  const all = [...ALL_CAPABILITIES].every((name) => capabilities.has(name));
  const bits = CAPABILITIES.reduce((mask, name, bit) => (all || capabilities.has(name) ? mask | (1n << BigInt(bit)) : mask), 0n);
  return bits.toString(16).padStart(16, "0");
}

function stateOf(entry: ProcessEntry): readonly [string, string] {
  if (entry.stopped) return ["T", "stopped"];
  return entry === currentProcess() ? ["R", "running"] : ["S", "sleeping"];
}

function statusOf(entry: ProcessEntry, pid: number, parent: number): string {
  const { process } = entry;
  const { uid = 0, gid = 0 } = process.credentials ?? {};
  const mask = maskOf(process);
  const confined = process.container !== undefined && !process.container.spec.privileged;
  const lines: readonly (readonly [string, string])[] = [
    ["Name", commOf(entry)],
    ["Umask", "0022"],
    ["State", `${stateOf(entry)[0]} (${stateOf(entry)[1]})`],
    ["Tgid", String(pid)],
    ["Ngid", "0"],
    ["Pid", String(pid)],
    ["PPid", String(parent)],
    ["TracerPid", "0"],
    ["Uid", [uid, uid, uid, uid].join("\t")],
    ["Gid", [gid, gid, gid, gid].join("\t")],
    ["FDSize", "64"],
    ["Groups", `${gid} `],
    ["NStgid", String(pid)],
    ["NSpid", String(pid)],
    ["Kthread", "0"],
    ["Threads", "1"],
    ["CapInh", "0".repeat(16)],
    ["CapPrm", mask],
    ["CapEff", mask],
    ["CapBnd", mask],
    ["CapAmb", "0".repeat(16)],
    ["NoNewPrivs", "0"],
    ["Seccomp", confined ? "2" : "0"],
    ["Seccomp_filters", confined ? "1" : "0"],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
}

/** What a descriptor is open on. */
function descriptor(stream: unknown): string {
  if (stream instanceof Tty) return "/dev/pts/0";
  if (stream === NO_INPUT) return "/dev/null";
  return stream instanceof Pipe ? "pipe:[2000]" : "pipe:[2001]";
}

/** The program's file; undefined when it cannot be told. */
function programOf({ argv, process }: ProcessEntry): string | undefined {
  const found = findProgram(process, argv[0] ?? "");
  if (!("command" in found)) return undefined;
  return process.container && process.container.image.flavour !== "debian" ? "/bin/busybox" : found.path;
}

const id = ({ container }: Process): string => (container ? `/docker/${container.id}` : "/");

export const PROCESS_FILES: ProcessFiles = {
  list(_entry, folder) {
    if (folder === "") return FILES;
    if (folder === "ns") return NAMESPACES;
    return folder === "fd" ? ["0", "1", "2"] : undefined;
  },
  read(entry, name, { pid, parent }) {
    switch (name) {
      case "cgroup":
        return `0::${id(entry.process)}\n`;
      case "cmdline":
        return `${(entry.title === entry.argv.join(" ") ? entry.argv : [entry.title]).join("\0")}\0`;
      case "comm":
        return `${commOf(entry)}\n`;
      case "environ":
        return [...entry.environ].map(([key, value]) => `${key}=${value}\0`).join("");
      case "mounts":
        return `overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n`;
      case "stat":
        return `${pid} (${commOf(entry)}) ${stateOf(entry)[0]} ${parent} ${pid} ${pid} 0 -1 4194304${" 0".repeat(43)}\n`;
      case "status":
        return statusOf(entry, pid, parent);
      default:
        return undefined;
    }
  },
  link(entry, name) {
    const { process } = entry;
    if (name === "cwd") return process.cwd;
    if (name === "root") return "/";
    if (name === "exe") return programOf(entry);
    if (name === "fd/0") return descriptor(process.stdin);
    if (name === "fd/1") return descriptor(process.stdout);
    if (name === "fd/2") return descriptor(process.stderr);
    const [, kind = ""] = /^ns\/(\w+?)(?:_for_children)?$/.exec(name) ?? [];
    const initial = INITIAL_INODES[kind];
    if (initial === undefined) return undefined;
    // A container has its own but for the user's and the time's, in the order in which runc unshares them.
    const own = process.container && kind !== "user" && kind !== "time";
    return `${kind}:[${own ? CONTAINER_INODES + 10 * (process.container?.netns?.uid ?? 0) + Object.keys(INITIAL_INODES).indexOf(kind) : initial}]`;
  },
};

const kib = (name: string, value: number): string => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`;

export const MACHINE_FILES: MachineFiles = {
  meminfo(machine) {
    const memory = memoryOf({ machine });
    return [
      kib("MemTotal", memory.total),
      kib("MemFree", memory.free),
      kib("MemAvailable", memory.available),
      kib("Buffers", 0),
      kib("Cached", memory.cached),
      kib("SwapCached", 0),
      kib("Shmem", memory.shared),
      kib("SwapTotal", 0),
      kib("SwapFree", 0),
    ].join("");
  },
  cpuinfo(machine) {
    const count = machine.engine ? (inspectEngine(machine.engine) as { readonly NCPU: number }).NCPU : 1;
    return Array.from({ length: count }, (_, i) => `processor\t: ${i}\nvendor_id\t: GenuineIntel\ncpu cores\t: ${count}\n\n`).join("");
  },
  filesystems: () => "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevpts\nnodev\toverlay\n\text4\n",
};
