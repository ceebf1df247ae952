/** Network namespaces as files: /proc/PID/ns/net, /run/netns/NAME, /run/docker/netns/…: what `nsenter` and `ip netns` open. */
import type { Netns } from "../kernel/netns.ts";

/** PROC_NET_INIT_INO (include/linux/proc_ns.h), the first netns of a machine; others count up from the dynamic range. */
const INITIAL_INODE = 4026531833;
const FIRST_DYNAMIC_INODE = 4026532000;

/** The inode number that tells one netns from another. */
const netnsInode = (netns: Netns): number => (netns.initial ? INITIAL_INODE : FIRST_DYNAMIC_INODE + netns.uid);

/** "net:[4026531833]", what the link /proc/PID/ns/net shows. */
export const netnsLink = (netns: Netns): string => `net:[${netnsInode(netns)}]`;
