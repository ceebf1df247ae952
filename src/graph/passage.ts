/**
 * The way of a packet through a netns, told by its hops: which of the stack's stages it passes, in order, and what decided at
 * each. The stages are those of the netfilter packet flow: PREROUTING, routing, INPUT or FORWARD or OUTPUT, POSTROUTING.
 */
import type { Hop } from "../kernel/trace.ts";
import { STAGES, type Stage } from "./stackParts.ts";

const HOOKS: ReadonlySet<string> = new Set(STAGES.filter((stage) => stage !== "routing"));

export interface Stop {
  readonly stage: Stage;
  /** What decided there, as the tools print it: a rule with its chain and number, a route, a rewrite. Most telling last. */
  readonly says: readonly string[];
  /** The packet was rewritten there. */
  readonly rewritten: boolean;
}

/** The stages that hops of one packet in one netns show, each once, in the order of passing. */
export function stopsOf(hops: readonly Hop[]): readonly Stop[] {
  const stops: { stage: Stage; says: string[]; rewritten: boolean }[] = [];
  const forward = hops.findIndex((hop) => hop.point === "forward");
  const isLocal = hops[0]?.point === "socket-send" || (hops[0]?.point === "route" && !hops.some((hop) => hop.point === "receive"));
  let routed: Progress["routed"] = "not yet";
  for (const [index, hop] of hops.entries()) {
    if (hop.point === "route") routed = hop.decision?.by === "route" && hop.decision.table === "local" ? "in" : "through";
    const stage = stageOf(hop, { routed, isLocal, isPast: forward >= 0 && index > forward });
    if (!stage) continue;
    const last = stops.at(-1);
    const stop = last?.stage === stage ? last : { stage, says: [] as string[], rewritten: false };
    if (stop !== last) stops.push(stop);
    const words = wordsOf(hop);
    if (words) stop.says.push(words);
    if (hop.point === "nat") stop.rewritten = true;
  }
  return stops;
}

interface Progress {
  /** Whether routing has decided, and that it is for this machine or goes through it. */
  readonly routed: "not yet" | "in" | "through";
  /** Sent by a process of this netns. */
  readonly isLocal: boolean;
  /** It has been forwarded. */
  readonly isPast: boolean;
}

function stageOf(hop: Hop, { routed, isLocal, isPast }: Progress): Stage | undefined {
  if (hop.point === "route") return "routing";
  if (hop.point === "forward") return "FORWARD";
  if (hop.point === "conntrack") return isLocal ? "OUTPUT" : "PREROUTING";
  if (hop.point !== "netfilter" && hop.point !== "nat") return undefined;
  const { decision } = hop;
  if ((decision?.by === "rule" || decision?.by === "policy") && HOOKS.has(decision.chain)) return decision.chain as Stage;
  if (decision?.by === "nat" && decision.kind === "SNAT") return "POSTROUTING";
  if (isLocal) return "OUTPUT";
  // A bridged frame is shown to iptables without ever being routed: what is not PREROUTING is FORWARD.
  if (routed === "not yet") return decision?.by === "rule" && decision.table === "filter" ? "FORWARD" : "PREROUTING";
  if (routed === "in") return "INPUT";
  return isPast ? "POSTROUTING" : "FORWARD";
}

/** A hop's decision in the tools' own words, "" for what only let it pass. */
export function wordsOf({ decision, point }: Hop): string {
  if (!decision) return "";
  switch (decision.by) {
    case "rule":
      return `${decision.table} ${decision.chain} ${decision.number}: ${decision.rule.replace(/^-A \S+ /, "")}`;
    case "policy":
      return decision.policy === "ACCEPT" ? "" : `${decision.table} ${decision.chain}: policy ${decision.policy}`;
    case "route":
      return decision.route;
    case "nat":
      return `${decision.kind} ${decision.from} → ${decision.to}`;
    case "conntrack":
      return point === "conntrack" && decision.state !== "UNTRACKED" ? `conntrack ${decision.state}` : "";
    case "sysctl":
      return `${decision.key} = ${decision.value}`;
    default:
      return "";
  }
}
