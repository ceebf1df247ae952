/** Connection tracking of one netns (net/netfilter/nf_conntrack_core.c): entries by tuple of either direction, timeouts, NAT bindings. */
import type { Netns } from "../netns.ts";
import type { ConntrackEntry } from "./types.ts";

export class ConntrackTable {
  constructor(readonly netns: Netns) {}
  /** Confirmed entries that have not expired, oldest first. */
  list(): readonly ConntrackEntry[] { throw new Error("todo"); }
  remove(_entry: ConntrackEntry): void { throw new Error("todo"); }
  flush(): void { throw new Error("todo"); }
}
