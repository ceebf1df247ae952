/** Words shared by netfilter, conntrack and those who call their hooks. */
import type { Ip } from "../address.ts";

/** The five hooks of a family, in the kernel's names (enum nf_inet_hooks). */
export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

export type TableName = "raw" | "mangle" | "nat" | "filter" | "security";

/** One direction of a tracked connection: `struct nf_conntrack_tuple`. For ICMP the ports are id and type/code. */
export interface Tuple {
  readonly protocol: number;
  readonly src: Ip;
  readonly dst: Ip;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** `struct nf_conn`. `reply` differs from the mirrored `original` where NAT applies. */
export interface ConntrackEntry {
  readonly id: number;
  original: Tuple;
  reply: Tuple;
  protocolState: string;
  /** Virtual time in µs at which it is forgotten unless refreshed. */
  expires: number;
  confirmed: boolean;
  assured: boolean;
  seenReply: boolean;
  mark: number;
  natDone: { SNAT: boolean; DNAT: boolean };
  /** The rule that decided the mapping, for the trace. */
  natRule?: string;
  master?: ConntrackEntry;
}
