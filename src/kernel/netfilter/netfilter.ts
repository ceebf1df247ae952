/** Tables, chains and rules of one netns, both families, and the walk through them at each hook (net/ipv4/netfilter). */
import type { Family } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { ConntrackTable } from "./conntrack.ts";
import type { Hook, TableName } from "./types.ts";

/** What a hook says of a packet. `stolen`: somebody else has it now (REJECT has answered). */
export type Verdict = "accept" | "drop";

/** What iptables prints when it refuses: lines for stderr and the exit status (1, 2 for usage, 4 for resources). */
export class IptablesError {
  readonly message: string;
  readonly status: number;

  constructor(message: string, status = 1) {
    this.message = message;
    this.status = status;
  }
}

export class Netfilter {
  readonly conntrack!: ConntrackTable;
  constructor(readonly netns: Netns) {}
  /**
   * Runs a hook's tables in priority order: raw (conntrack after it), mangle, nat, filter; confirms at the end of INPUT
   * and POSTROUTING. NAT and MARK rewrite `skb` in place. `indev`/`outdev` are what -i and -o see. Costs nothing where no
   * rule and no conntrack is wanted.
   */
  hook(_hook: Hook, _skb: Skb, _indev: NetDevice | undefined, _outdev: NetDevice | undefined): Verdict { throw new Error("todo"); }
  /** Whether any hook of this family has rules or conntrack to run: lets callers skip the calls. */
  active(_family: Family): boolean { throw new Error("todo"); }
  /**
   * Carries out one iptables (or ip6tables) command line without the program's name, as words: ["-t","nat","-A",…].
   * This is how the engine programs its rules and how the shell's command does; listing (-L, -S) gives its text.
   */
  command(_family: Family, _words: readonly string[]): string | IptablesError { throw new Error("todo"); }
  /** Rule numbers and texts of a chain as `-S` prints them, without counters; undefined when there is no such chain. */
  rules(_family: Family, _table: TableName, _chain: string): readonly string[] | undefined { throw new Error("todo"); }
}
