/** All targets by the name that `-j` takes, and the verdicts that need no module. */
import type { TargetExtension } from "../extension.ts";
import { CT, NOTRACK } from "./ct.ts";
import { DSCP, HL, TCPMSS, TOS, TTL } from "./header.ts";
import { LOG } from "./log.ts";
import { CONNMARK, MARK } from "./mark.ts";
import { DNAT, MASQUERADE, NETMAP, REDIRECT, SNAT } from "./nat.ts";
import { REJECT } from "./reject.ts";

export const VERDICTS: ReadonlySet<string> = new Set(["ACCEPT", "DROP", "RETURN", "QUEUE"]);

/** TRACE marks packets for a debugging log that this kernel does not write: every hop is in the trace already. */
const TRACE: TargetExtension = {
  options: {},
  build: () => ({ text: "", print: () => "", tables: ["raw"], run: () => "continue" }),
};

export const TARGETS: ReadonlyMap<string, TargetExtension> = new Map(
  Object.entries({ CONNMARK, CT, DNAT, DSCP, HL, LOG, MARK, MASQUERADE, NETMAP, NOTRACK, REDIRECT, REJECT, SNAT, TCPMSS, TOS, TRACE, TTL }),
);

/** Targets of the real iptables that are not modelled here. */
export const UNMODELLED_TARGETS: ReadonlySet<string> = new Set(
  `AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNSECMARK DNPT ECN HMARK IDLETIMER LED NFLOG NFQUEUE RATEEST SECMARK SET SNPT SYNPROXY
  TCPOPTSTRIP TEE TPROXY ULOG`.split(/\s+/),
);
