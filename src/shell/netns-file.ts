/** Network namespaces as files: /proc/PID/ns/net, /run/netns/NAME, /run/docker/netns/…: what `nsenter` and `ip netns` open. */
import type { Netns } from "../kernel/netns.ts";
import { FileError, type FileSystem, resolvePath } from "../kernel/vfs.ts";
import type { Process } from "./command.ts";
import { processesOf } from "./process-table.ts";
import { SANDBOX_FOLDER, sandboxes } from "./sandbox-files.ts";

/** Where `ip netns add` puts them (NETNS_RUN_DIR). */
export const NETNS_FOLDER = "/run/netns";
const MAX_LINKS = 20;

/** The netns mounted on files of a tree, by path. */
const mounted = new WeakMap<FileSystem, Map<string, Netns>>();

export function mountsOf(fs: FileSystem): Map<string, Netns> {
  let mounts = mounted.get(fs);
  if (!mounts) {
    mounts = new Map();
    mounted.set(fs, mounts);
  }
  return mounts;
}

/** A tree seen from another mount namespace shows the same named netns. */
export const shareMounts = (from: FileSystem, to: FileSystem): void => void mounted.set(to, mountsOf(from));

/** The netns of a process by the number that `process` knows it by. */
export function netnsOfPid(process: Process, pid: number): Netns | undefined {
  if (pid === process.pid) return process.netns;
  const found = processesOf(process.machine).find(process, pid);
  if (found) return found.process.netns;
  if (pid !== 1) return undefined;
  return process.container ? process.container.netns : process.machine.netns;
}

/** What opening the file gives: a netns, "other" for a file that is none, undefined when there is no such file. */
export function openNetns(process: Process, path: string): Netns | "other" | undefined {
  const { fs } = process;
  let at = resolvePath(process.cwd, path);
  for (let hops = 0; hops < MAX_LINKS; hops++) {
    at = at.replace(/^\/var\/run\//, "/run/");
    const [, pid] = /^\/proc\/(\d+|self|thread-self)\/ns\/net$/.exec(at) ?? [];
    if (pid !== undefined) return /^\d+$/.test(pid) ? netnsOfPid(process, Number(pid)) : process.netns;
    const here = mountsOf(fs).get(at);
    if (here) return here;
    if (at.startsWith(`${SANDBOX_FOLDER}/`)) return sandboxes(process.machine).get(at.slice(SANDBOX_FOLDER.length + 1));
    const target = fs.linkTarget(at);
    if (target === undefined) break;
    at = resolvePath(at.slice(0, at.lastIndexOf("/")) || "/", target);
  }
  return fs.exists(at) ? "other" : undefined;
}

/** A word of `ip link … netns WORD`, `ip -n WORD`: a name under /run/netns, a path, and where `pids` a process's number. */
export function namedNetns(process: Process, name: string): Netns | "other" | undefined {
  return openNetns(process, name.includes("/") ? name : `${NETNS_FOLDER}/${name}`);
}

/** The name that a netns goes by in /run/netns, for `link-netns NAME`. */
export function nameOfNetns(process: Process, netns: Netns): string | undefined {
  return netnsNames(process.fs).find((name) => namedNetns(process, name) === netns);
}

/** Names in /run/netns, the newest first, as a tmpfs lists them. */
export function netnsNames(fs: FileSystem): readonly string[] {
  const names = fs.isDirectory(NETNS_FOLDER) ? fs.list(NETNS_FOLDER) : [];
  if (names instanceof FileError) return [];
  const order = [...mountsOf(fs).keys()];
  const rank = (name: string): number => order.indexOf(`${NETNS_FOLDER}/${name}`);
  const time = (name: string): number => fs.modified(`${NETNS_FOLDER}/${name}`);
  return [...names].sort((a, b) => time(b) - time(a) || rank(b) - rank(a));
}
