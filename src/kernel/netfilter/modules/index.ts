/**
 * The xt_* modules that no rule of Docker's needs: as on Linux they are loaded when a rule may name them, that is with the
 * programs that write rules. Importing this loads them.
 */
import type { TargetExtension } from "../extension.ts";
import { addMatches } from "../match/index.ts";
import { addTargets } from "../target/index.ts";
import { iprange, mac } from "./match-address.ts";
import { quota, string } from "./match-content.ts";
import { owner, physdev, pkttype } from "./match-device.ts";
import { connlimit, hashlimit } from "./match-hashlimit.ts";
import { dscp, hl, length, tcpmss, tos, ttl } from "./match-header.ts";
import { icmp, icmp6 } from "./match-icmp.ts";
import { limit, statistic } from "./match-limit.ts";
import { connmark, mark } from "./match-mark.ts";
import { multiport } from "./match-multiport.ts";
import { recent } from "./match-recent.ts";
import { time } from "./match-time.ts";
import { CT, NOTRACK } from "./target-ct.ts";
import { DSCP, HL, TCPMSS, TOS, TTL } from "./target-header.ts";
import { LOG } from "./target-log.ts";
import { CONNMARK, MARK } from "./target-mark.ts";
import { CHECKSUM, NFLOG } from "./target-nflog.ts";
import { REJECT } from "./target-reject.ts";

/** TRACE marks packets for a debugging log that this kernel does not write: every hop is in the trace already. */
const TRACE: TargetExtension = {
  options: {},
  build: () => ({ text: "", print: () => "", tables: ["raw"], run: () => "continue" }),
};

addMatches({
  connlimit,
  connmark,
  hashlimit,
  quota,
  recent,
  string,
  time,
  dscp,
  hl,
  icmp,
  icmp6,
  iprange,
  length,
  limit,
  mac,
  mark,
  multiport,
  owner,
  physdev,
  pkttype,
  statistic,
  tcpmss,
  tos,
  ttl,
});
addTargets({ CHECKSUM, CONNMARK, CT, DSCP, HL, LOG, MARK, NFLOG, NOTRACK, REJECT, TCPMSS, TOS, TRACE, TTL });
