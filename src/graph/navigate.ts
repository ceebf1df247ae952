/** Going from node to node with the arrow keys: to the one that lies nearest in that direction. */
import type { Geometry } from "./geometry.ts";
import type { NodeId } from "./scene.ts";
import type { Box, Point } from "./sizes.ts";

export const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** How much more a step aside counts than a step ahead: along a row one stays in the row. */
const ASIDE = { along: 6, across: 2.2 };

export function neighbour(geometry: Geometry, from: NodeId, direction: Point): NodeId | undefined {
  const start = geometry.box(from);
  const frames = new Set(geometry.scene.hosts.map((host) => host.id));
  let best: NodeId | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const id of geometry.layout.boxes.keys()) {
    if (id === from || frames.has(id)) continue;
    const distance = distanceTo(start, geometry.box(id), direction);
    if (distance === undefined || distance >= least) continue;
    least = distance;
    best = id;
  }
  return best;
}

/** Undefined when the other does not lie in that direction. Overlap aside counts as straight ahead. */
function distanceTo(from: Box, to: Box, direction: Point): number | undefined {
  const dx = to.x + to.w / 2 - (from.x + from.w / 2);
  const dy = to.y + to.h / 2 - (from.y + from.h / 2);
  const ahead = dx * direction.x + dy * direction.y;
  if (ahead <= 4) return undefined;
  const horizontal = direction.x !== 0;
  const gap = horizontal
    ? Math.max(0, to.y - (from.y + from.h), from.y - (to.y + to.h))
    : Math.max(0, to.x - (from.x + from.w), from.x - (to.x + to.w));
  const center = Math.abs(horizontal ? dy : dx);
  return ahead + gap * (horizontal ? ASIDE.along : ASIDE.across) + center * 0.2;
}

/** The node at a place: cards and bars before the frames behind them. */
export function nodeAt(geometry: Geometry, point: Point, except?: NodeId): NodeId | undefined {
  let frame: NodeId | undefined;
  const frames = new Set(geometry.scene.hosts.map((host) => host.id));
  for (const id of geometry.layout.boxes.keys()) {
    if (id === except) continue;
    const box = geometry.box(id);
    if (point.x < box.x || point.x > box.x + box.w || point.y < box.y || point.y > box.y + box.h) continue;
    if (!frames.has(id)) return id;
    frame = id;
  }
  return frame;
}
