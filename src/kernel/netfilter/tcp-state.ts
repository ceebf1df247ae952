/** TCP's connection states as conntrack follows them, without sequence windows (net/netfilter/nf_conntrack_proto_tcp.c). */
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../wire/packet.ts";

export const TCP_STATES = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;
export type TcpTrackState = (typeof TCP_STATES)[number];

/** Seconds (tcp_timeouts), by state; also the sysctl that overrides each. */
export const TCP_TIMEOUTS: Readonly<Record<TcpTrackState, number>> = {
  NONE: 120,
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
};

/** What the table says besides a new state: leave the entry as it is, or call the packet invalid. */
export type TcpStep = TcpTrackState | "ignore" | "invalid";

const ABBREVIATIONS: Readonly<Record<string, TcpStep>> = {
  SS: "SYN_SENT",
  SR: "SYN_RECV",
  ES: "ESTABLISHED",
  FW: "FIN_WAIT",
  CW: "CLOSE_WAIT",
  LA: "LAST_ACK",
  TW: "TIME_WAIT",
  CL: "CLOSE",
  S2: "SYN_SENT2",
  IG: "ignore",
  IV: "invalid",
};

const row = (text: string): readonly TcpStep[] => text.split(" ").map((word) => ABBREVIATIONS[word] as TcpStep);

/** tcp_conntracks: rows by flags, columns by state in the order of TCP_STATES. */
const ORIGINAL = {
  syn: row("SS SS IG IG IG IG IG SS SS S2"),
  synack: row("IV IV SR IV IV IV IV IV IV SR"),
  fin: row("IV IV FW FW LA LA LA TW CL IV"),
  ack: row("ES IV ES ES CW CW TW TW CL IV"),
  rst: row("IV CL CL CL CL CL CL CL CL CL"),
  none: row("IV IV IV IV IV IV IV IV IV IV"),
};
const REPLY: typeof ORIGINAL = {
  syn: row("IV S2 IV IV IV IV IV SS IV S2"),
  synack: row("IV SR IG IG IG IG IG IG IG SR"),
  fin: row("IV IV FW FW LA LA LA TW CL IV"),
  ack: row("IV IG SR ES CW CW TW TW CL IG"),
  rst: row("IV CL CL CL CL CL CL CL CL CL"),
  none: row("IV IV IV IV IV IV IV IV IV IV"),
};

const kindOf = (flags: number): keyof typeof ORIGINAL => {
  if (flags & TCP_RST) return "rst";
  if (flags & TCP_SYN) return flags & TCP_ACK ? "synack" : "syn";
  if (flags & TCP_FIN) return "fin";
  return flags & TCP_ACK ? "ack" : "none";
};

/** Where a segment with `flags` takes a connection in `state`, sent in the direction of its first packet or against it. */
export function nextTcpState(state: TcpTrackState, flags: number, reply: boolean): TcpStep {
  return (reply ? REPLY : ORIGINAL)[kindOf(flags)][TCP_STATES.indexOf(state)] as TcpStep;
}
