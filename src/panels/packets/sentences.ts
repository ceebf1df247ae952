/** Hops as sentences in the page's language. */
import type { Translate } from "../../i18n/index.ts";
import { formatIp } from "../../kernel/address.ts";
import type { Decision, Hop } from "../../kernel/trace.ts";
import type { Picture } from "../../session/picture.ts";

const words = (decision: Decision): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(decision).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(", ") : typeof value === "number" ? value : String(value ?? "?"),
    ]),
  );

/** Why a packet ended, as one sentence; the rule's own text follows where a rule decided. */
export function whyDropped(hop: Hop, t: Translate): string {
  const packet = hop.after ?? hop.before;
  const dst = packet.kind === "arp" ? formatIp(packet.targetIp) : formatIp(packet.dst);
  const sentence = hop.reason ? t(`drop.${hop.reason}`, { dst }) : "";
  return hop.decision?.by === "rule" || hop.decision?.by === "policy" ? `${sentence} ${whatDecided(hop.decision, t)}` : sentence;
}

export function whatDecided(decision: Decision, t: Translate): string {
  return t(decision.by === "fdb" ? `by.fdb.${decision.action}` : `by.${decision.by}`, words(decision));
}

/** Where a hop was: the container or machine, and the device. */
export function whereOf(hop: Hop, picture: Picture): string {
  const netns = picture.netns.get(hop.netns);
  const owner = [...picture.containers.values()].find(
    (container) => container.netns === hop.netns && container.networkMode !== "host" && !container.sharesWith,
  );
  const place = netns?.initial ? netns.name : (owner?.name ?? netns?.name ?? "?");
  const device = picture.devices.get(hop.device);
  return device ? `${place} · ${device.name}` : place;
}
