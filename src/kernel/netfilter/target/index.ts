/** Targets by the name that `-j` takes, and the verdicts that need no module. Those that Docker's own rules use are at hand; modules.ts has the others. */
import type { TargetExtension } from "../extension.ts";
import { DNAT, MASQUERADE, NETMAP, REDIRECT, SNAT } from "./nat.ts";

export const VERDICTS: ReadonlySet<string> = new Set(["ACCEPT", "DROP", "RETURN", "QUEUE"]);

const known = new Map<string, TargetExtension>(Object.entries({ DNAT, MASQUERADE, NETMAP, REDIRECT, SNAT }));

/** All that can be asked for now, in order of their names. */
export const TARGETS: ReadonlyMap<string, TargetExtension> = known;

/** Loads further ones, as modprobe does. */
export function addTargets(targets: Readonly<Record<string, TargetExtension>>): void {
  const all = [...known, ...Object.entries(targets)].sort(([a], [b]) => (a < b ? -1 : 1));
  known.clear();
  for (const [name, target] of all) known.set(name, target);
}

/** Targets of the real iptables that are not modelled here. */
export const UNMODELLED_TARGETS: ReadonlySet<string> = new Set(
  `AUDIT CLASSIFY CLUSTERIP CONNSECMARK DNPT ECN HMARK IDLETIMER LED NFQUEUE RATEEST SECMARK SET SNPT SYNPROXY
  TCPOPTSTRIP TEE TPROXY ULOG`.split(/\s+/),
);
