/** Network namespaces as files: /proc/PID/ns/net, /run/netns/NAME, /run/docker/netns/…: what `nsenter` and `ip netns` open. */
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import { resolvePath } from "../kernel/vfs.ts";
import type { Process } from "./command.ts";

/** PROC_NET_INIT_INO (include/linux/proc_ns.h), the first netns of a machine; others count up from the dynamic range. */
const INITIAL_INODE = 4026531833;
const FIRST_DYNAMIC_INODE = 4026532000;

/** The inode number that tells one netns from another. */
export const netnsInode = (netns: Netns): number => (netns.initial ? INITIAL_INODE : FIRST_DYNAMIC_INODE + netns.uid);

/** "net:[4026531833]", what the link /proc/PID/ns/net shows. */
export const netnsLink = (netns: Netns): string => `net:[${netnsInode(netns)}]`;

/** The netns that a link's text names. */
export function netnsOfLink(kernel: Kernel, machine: string, text: string): Netns | undefined {
  const inode = Number(/^net:\[(\d+)\]/.exec(text)?.[1]);
  if (inode === INITIAL_INODE) return [...kernel.netns.values()].find((netns) => netns.initial && netns.machine === machine);
  const netns = kernel.netns.get(inode - FIRST_DYNAMIC_INODE);
  return netns?.machine === machine ? netns : undefined;
}

/** The netns behind a path; the string is the reason, as strerror words it. */
export function netnsOfFile(process: Process, path: string): Netns | string {
  const text = process.fs.read(resolvePath(process.cwd, path));
  if (typeof text !== "string") return text.message;
  return netnsOfLink(process.machine.kernel, process.machine.name, text) ?? "Invalid argument";
}
