/** Hops and events as sentences in the page's language. */

import "../../i18n/told.ts";
import type { Translate } from "../../i18n/index.ts";
import type { PacketsKey } from "../../i18n/packets.ts";
import { formatIp } from "../../kernel/address.ts";
import type { Decision, Happening, Hop } from "../../kernel/trace.ts";
import type { NetworkPacket } from "../../kernel/wire/packet.ts";
import type { Picture } from "../../session/picture.ts";
import type { Step } from "./steps.ts";

const words = (decision: Decision): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(decision).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(", ") : typeof value === "number" ? value : String(value ?? "?"),
    ]),
  );

const destinationOf = (packet: NetworkPacket): string => (packet.kind === "arp" ? formatIp(packet.targetIp) : formatIp(packet.dst));

/** Why a packet ended, as one sentence; the rule's own text follows where a rule decided. */
export function whyDropped(hop: Hop, t: Translate): string {
  const sentence = hop.reason ? t(`drop.${hop.reason}`, { dst: destinationOf(hop.after ?? hop.before) }) : "";
  return hop.decision?.by === "rule" || hop.decision?.by === "policy" ? `${sentence} ${whatDecided(hop.decision, t)}` : sentence;
}

function whatDecided(decision: Decision, t: Translate): string {
  return t(decision.by === "fdb" ? `by.fdb.${decision.action}` : `by.${decision.by}`, words(decision));
}

/** A route as what it means for this packet. */
function whatRoute(route: Extract<Decision, { by: "route" }>, packet: NetworkPacket, t: Translate): string {
  if (route.table === "local") return t("route.local", { dst: destinationOf(packet) });
  const prefix = route.route.split(" ")[0] as string;
  return route.via ? t("route.via", { prefix, via: route.via, dev: route.dev }) : t("route.direct", { prefix, dev: route.dev });
}

/** What a step says below its title; "" where the title says it all. */
export function whatHappened(step: Step, picture: Picture, t: Translate): string {
  const { hop } = step;
  const { decision } = hop;
  if (hop.verdict === "drop") return whyDropped(hop, t);
  if (decision?.by === "link") {
    const from = picture.devices.get(hop.device);
    const to = picture.devices.get(decision.peer);
    if (from?.kind === "loopback") return t("journey.loopback");
    if (from && to && (from.kind === "macvlan" || from.kind === "ipvlan" || to.kind === "macvlan" || to.kind === "ipvlan"))
      return t("journey.parent");
    return isPair(hop.device, decision.peer, picture) ? t("journey.cable") : t("journey.wire");
  }
  if (hop.before.kind === "arp" && hop.point === "arp") {
    const { op } = hop.before;
    if (hop.verdict === "send")
      return op === "request" ? t("journey.asked", { dev: picture.devices.get(hop.device)?.name ?? "?" }) : t("journey.answers");
    return op === "request" ? t("journey.questionFor") : t("journey.learned");
  }
  if (decision?.by === "socket" && decision.process)
    return t(hop.point === "socket-send" ? "journey.sends" : "journey.reads", { process: decision.process });
  if (decision?.by === "route") return whatRoute(decision, hop.before, t);
  if (hop.verdict === "hold") return t("journey.hold");
  return decision ? whatDecided(decision, t) : "";
}

/** Whether both ends are those of one veth pair on one machine. */
function isPair(a: number, b: number, picture: Picture): boolean {
  const from = picture.devices.get(a);
  const to = picture.devices.get(b);
  if (!from || !to || from.peer !== b) return false;
  return picture.netns.get(from.netns)?.machine === picture.netns.get(to.netns)?.machine;
}

/** The name that people know a device by: a bridge goes by its network. */
export function deviceName(uid: number, picture: Picture): string {
  const device = picture.devices.get(uid);
  if (!device) return "";
  if (device.kind === "bridge")
    for (const network of picture.networks.values()) if (network.device === uid && !network.predefined) return network.name;
  return device.name;
}

/** Whose netns it is: a container's name, or a machine's. */
export function ownerOf(uid: number, picture: Picture): string {
  const netns = picture.netns.get(uid);
  if (netns?.initial) return netns.name;
  for (const container of picture.containers.values()) if (container.netns === uid && !container.sharesWith) return container.name;
  return netns?.name ?? "?";
}

/** Where a hop was: the container or machine, and the device. */
export function whereOf(hop: Hop, picture: Picture): string {
  const device = deviceName(hop.device, picture);
  const owner = ownerOf(hop.netns, picture);
  return device ? `${owner} · ${device}` : owner;
}

/** A step's title: where, and what looked at the packet; a crossing names both ends. */
export function titleOf(step: Step, picture: Picture, t: Translate): string {
  const { hop } = step;
  const owner = ownerOf(hop.netns, picture);
  if (hop.decision?.by === "link") {
    const to = picture.devices.get(hop.decision.peer);
    const there = to ? ownerOf(to.netns, picture) : "?";
    const from = deviceName(hop.device, picture);
    const name = to ? deviceName(to.uid, picture) : "?";
    if (to?.uid === hop.device) return `${owner} · ${from}`;
    return there === owner ? `${owner} · ${from} → ${name}` : `${owner} · ${from} → ${there} · ${name}`;
  }
  const device = picture.devices.get(hop.device);
  const place = hop.point === "bridge" && device ? deviceName(device.uid, picture) : owner;
  return `${place} · ${t(`point.${hop.point}`)}`;
}

/** An event as a sentence; undefined for what is told elsewhere. */
export function whatCame(event: Happening, picture: Picture, t: Translate): string | undefined {
  const data: Record<string, string | number> = { ...event.data };
  const id = (key: string): string => String(data[key] ?? "");
  const network = picture.networks.get(id("network"));
  const container = picture.containers.get(id("container"));
  if (event.data.network) data.network = network?.name ?? id("network").slice(0, 12);
  if (event.data.container) data.container = container?.name ?? id("container").slice(0, 12);
  if (event.what === "veth-plugged" || event.what === "veth-created") {
    data.bridge = deviceName(Number(data.bridge), picture) || "?";
    data.name = deviceName(Number(data.port ?? data.host), picture) || "veth";
  }
  if (event.what === "dns-answer" && !data.answer) return t("event.dns-nothing", data);
  const key = `event.${event.what}` as PacketsKey;
  const sentence = t(key, data);
  return sentence === key ? undefined : sentence;
}
