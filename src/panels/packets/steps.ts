/** A packet's hops as the steps of its journey: what a person is told, in order. Pure. */
import type { Hop } from "../../kernel/trace.ts";

export interface Step {
  /** Place in the journey; a journey only grows at its end, so it stays the step's own. */
  readonly index: number;
  readonly hop: Hop;
  /** A crossing: the hop on the other end, once it has arrived. */
  readonly arrival?: Hop;
  /** Whether it decided or changed anything; what only looked and let pass is told on demand. */
  readonly essential: boolean;
}

/** A verdict of "pass" that left the packet as it was, by a default nobody chose. */
function isPlain(hop: Hop, next: Hop | undefined): boolean {
  const { decision } = hop;
  if (hop.verdict === "drop") return false;
  if (decision?.by === "policy") return decision.policy === "ACCEPT";
  if (decision?.by === "conntrack") return decision.state !== "INVALID";
  if (decision?.by === "nat") return decision.from === decision.to;
  // The rule that translates is told again, with what it did, by the translation itself.
  if (decision?.by === "rule") return next?.decision?.by === "nat" && next.netns === hop.netns;
  if (hop.point === "receive") return true;
  return hop.point === "local" && next !== undefined && next.netns === hop.netns;
}

/** Hops as steps. A frame that leaves one device and arrives at another is one step, a crossing. */
export function stepsOf(hops: readonly Hop[]): readonly Step[] {
  const steps: Step[] = [];
  const arrived = new Set<Hop>();
  for (const [index, hop] of hops.entries()) {
    if (arrived.has(hop)) continue;
    if (hop.decision?.by === "link") {
      const { peer, takes } = hop.decision;
      const arrives = hop.t + takes;
      const arrival = hops
        .slice(index + 1)
        .find((later) => later.point === "receive" && later.device === peer && later.t === arrives && !arrived.has(later));
      if (arrival && arrival.verdict !== "drop") arrived.add(arrival);
      steps.push({ index, hop, ...(arrival && arrival.verdict !== "drop" ? { arrival } : {}), essential: true });
    } else steps.push({ index, hop, essential: !isPlain(hop, hops[index + 1]) });
  }
  return steps;
}

/** How a journey stands: the hop that ended it, or undefined while it is on its way. Of a flooded frame whoever took it decides. */
export function endOf(hops: readonly Hop[]): Hop | undefined {
  const delivered = hops.findLast((hop) => hop.verdict === "deliver");
  return delivered ?? hops.findLast((hop) => hop.verdict === "drop" && hop.reason !== "not-for-this-mac");
}
