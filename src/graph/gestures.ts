/** What a drag means when it ends: by what was dragged and what it was let go on. */
import type { GraphAction, Place } from "./actions.ts";
import type { Geometry } from "./geometry.ts";
import { nodeAt } from "./navigate.ts";
import { nearestClear } from "./place.ts";
import type { Cable, Card, NodeId } from "./scene.ts";
import { cuttingOf } from "./selection.ts";
import type { Box, Point } from "./sizes.ts";

/** A cable or ping drawn from a card's grip to a place. */
export function drawnTo(geometry: Geometry, card: NodeId, grip: string, at: Point): GraphAction | undefined {
  const target = nodeAt(geometry, at, card);
  if (!target) return undefined;
  if (grip === "ping") return isPingable(geometry, target) ? { kind: "ping", from: card, to: target } : undefined;
  const network = geometry.scene.bars.get(target)?.network;
  return network ? { kind: "connect", container: containerOf(card), network: network.id } : undefined;
}

/** A card let go on another card is a ping, on a bar a change of network; anywhere else it only moved. */
export function droppedOn(geometry: Geometry, id: NodeId, pointer: Point): GraphAction | undefined {
  const card = geometry.scene.cards.get(id);
  const target = nodeAt(geometry, pointer, id);
  if (!card || !target) return undefined;
  if (geometry.scene.cards.has(target)) return { kind: "ping", from: id, to: target };
  const network = geometry.scene.bars.get(target)?.network;
  return network && card.kind !== "host" ? joining(card, network.id) : undefined;
}

function joining(card: Card, network: string): GraphAction | undefined {
  const container = containerOf(card.id);
  const networks = card.sockets.map((socket) => socket.network).filter(Boolean);
  if (networks.includes(network)) return undefined;
  const from = networks[0];
  return networks.length === 1 && from ? { kind: "rewire", container, from, to: network } : { kind: "connect", container, network };
}

/** Pixels around its old place within which a pulled end snaps back. */
const SNAP = 26;

export type CableSide = "from" | "to";

/**
 * An end of a cable was pulled off and let go at a place. The bridge's end goes into another network or out of its own; the
 * container's end goes into another container. Undefined: it snaps back.
 */
export function pulledTo(geometry: Geometry, cable: Cable, side: CableSide, at: Point): GraphAction | undefined {
  const shape = geometry.cable(cable.id);
  const old = side === "from" ? shape?.start : shape?.end;
  if (old && Math.hypot(at.x - old.x, at.y - old.y) < SNAP) return undefined;
  const cutting = cuttingOf(cable);
  const { container, network } = cable;
  if (!container || !network || cutting?.kind !== "disconnect") return cutting;
  const target = nodeAt(geometry, at) ?? "";
  if (side === "to") {
    const bar = geometry.scene.bars.get(target);
    if (!bar?.network) return cutting;
    const known = geometry.scene.cards.get(cable.from.node)?.sockets.some((socket) => socket.network === bar.network?.id);
    return known ? undefined : { kind: "rewire", container, from: network, to: bar.network.id };
  }
  const card = geometry.scene.cards.get(target);
  if (card?.id === cable.from.node) return undefined;
  const other = card && card.kind !== "host" && !card.sockets.some((socket) => socket.network === network) ? card.members[0] : undefined;
  return other ? { kind: "batch", actions: [cutting, { kind: "connect", container: other.id, network }] } : cutting;
}

const containerOf = (card: NodeId): string => card.slice(card.indexOf(":") + 1);

const isPingable = (geometry: Geometry, id: NodeId): boolean =>
  geometry.scene.cards.has(id) ||
  (id.startsWith("machine:") && !geometry.scene.machines.some((machine) => machine.id === id && machine.role === "switch"));

/** Where moved nodes end up: as near as possible to where they were let go, clear of everything else. */
export function settled(
  geometry: Geometry,
  ids: readonly NodeId[],
  placed: Readonly<Record<string, Point>>,
): Readonly<Record<string, Place>> {
  const places: Record<string, Place> = {};
  const frames = new Map(geometry.scene.hosts.map((host) => [host.id, host]));
  const moving = new Set(ids);
  const taken: Box[] = [];
  for (const id of geometry.layout.boxes.keys()) if (!moving.has(id) && !frames.has(id)) taken.push(geometry.box(id));
  for (const id of ids) {
    const frame = frames.get(id);
    if (frame) {
      const before = geometry.layout.boxes.get(id);
      const now = geometry.box(id);
      if (!before) continue;
      const dx = now.x - before.x;
      const dy = now.y - before.y;
      const origin = placed[id] ?? before;
      places[id] = whole({ x: origin.x + dx, y: origin.y + dy });
      for (const member of [...frame.cards, ...frame.bars, ...frame.nics]) {
        const place = placed[member.id];
        if (place) places[member.id] = whole({ x: place.x + dx, y: place.y + dy });
      }
      continue;
    }
    const dropped = geometry.box(id);
    const box = nearestClear({ ...dropped, ...whole(dropped) }, taken);
    taken.push(box);
    places[id] = { x: box.x, y: box.y };
  }
  return places;
}

const whole = (point: Point): Place => ({ x: Math.round(point.x), y: Math.round(point.y) });

/** What moves along when nodes are dragged: a frame takes all that stands in it with it. */
export function draggedAlong(geometry: Geometry, by: ReadonlyMap<NodeId, Point>): ReadonlyMap<NodeId, Point> {
  const all = new Map(by);
  for (const host of geometry.scene.hosts) {
    const shift = by.get(host.id);
    if (!shift) continue;
    for (const member of [...host.cards, ...host.bars, ...host.nics]) all.set(member.id, shift);
    all.set(`stack:${host.machine}`, shift);
  }
  return all;
}
