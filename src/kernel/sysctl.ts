/** /proc/sys/net of one netns: keys in dotted form, per-device keys with "all" and "default", defaults of the 6.18 kernel. */
import type { Netns } from "./netns.ts";

export class SysctlTable {
  constructor(readonly netns: Netns) {}
  /** The value as text, undefined for an unknown key. */
  get(_key: string): string | undefined { throw new Error("todo"); }
  /** The value as a number; 0 for an unknown key. Cheap: it is asked for every packet. */
  number(_key: string): number { throw new Error("todo"); }
  /** False for an unknown key or a value that the kernel refuses (EINVAL). */
  set(_key: string, _value: string): boolean { throw new Error("todo"); }
  /** All keys in the order of `sysctl -a`. */
  keys(): readonly string[] { throw new Error("todo"); }
}
