/** What the parts of layout share: the draft that they fill in, and keeping clear of what the user has placed. */
import type { Cable, NodeId, Scene } from "./scene.ts";
import { type Box, overlaps, type Point } from "./sizes.ts";

/** Where a card stands in its family: columns from the left, rows up from the bar. Wide cards stand in the tail. */
export interface Slot {
  readonly family: NodeId;
  readonly tail: boolean;
  readonly column: number;
  readonly row: number;
}

/** The way of a cable: down from its plug, along `laneY` where there is one, down to the bar at `port` from its left. */
export interface CableRun {
  readonly port: number;
  /** Absolute y of the horizontal stretch; undefined for a cable that hangs straight. */
  readonly laneY: number | undefined;
  /** Absolute x at which it comes down from an upper row, between the columns. */
  readonly gutterX: number | undefined;
  /** At which end there is room for the name of the host's end. */
  readonly label: "bar" | "plug";
  /** An end was moved by hand: the cable swings freely. */
  readonly free: boolean;
}

/** Members of one alias that stand side by side. */
interface Bracket {
  readonly cards: readonly NodeId[];
  readonly text: string;
  readonly hue: number;
}

/** How the room is used: the width up to which families stand in one band, and how much air is between the tiers (0 to 1). */
export interface Shape {
  readonly limit: number;
  readonly air: number;
}

export interface Layout {
  readonly shape: Shape;
  readonly boxes: ReadonlyMap<NodeId, Box>;
  /** Where cards stand in their families: handed in again, they keep those places. */
  readonly slots: ReadonlyMap<NodeId, Slot>;
  /** By cable id. */
  readonly runs: ReadonlyMap<string, CableRun>;
  /** Bars in upper bands reach the host's stack by a spine at the frame's left: its x. */
  readonly spines: ReadonlyMap<NodeId, number>;
  readonly brackets: readonly Bracket[];
}

/** Distances between tiers. */
export interface Gaps {
  readonly veth: number;
  readonly stack: number;
  readonly nic: number;
  readonly lan: number;
  readonly band: number;
}

export interface Draft extends Layout {
  readonly scene: Scene;
  readonly gaps: Gaps;
  readonly placed: ReadonlyMap<NodeId, Point>;
  readonly before: Layout | undefined;
  readonly open: ReadonlySet<NodeId>;
  readonly cablesOf: ReadonlyMap<NodeId, readonly Cable[]>;
  /** What the user has placed. */
  readonly obstacles: Box[];
  readonly boxes: Map<NodeId, Box>;
  readonly slots: Map<NodeId, Slot>;
  readonly runs: Map<string, CableRun>;
  readonly spines: Map<NodeId, number>;
  readonly brackets: Bracket[];
}

/** Least distance between things that are not of one family. */
export const CLEARANCE = 12;
const MAX_SHIFTS = 400;

type Clear = Pick<Draft, "obstacles">;

const hitBy = (draft: Clear, box: Box): Box | undefined => draft.obstacles.find((obstacle) => overlaps(box, obstacle, CLEARANCE));

/** Moves a box to the right until it is clear of what the user has placed. */
export function clearRight(draft: Clear, box: Box): Box {
  let moved = box;
  for (let i = 0; i < MAX_SHIFTS; i++) {
    const hit = hitBy(draft, moved);
    if (!hit) break;
    moved = { ...moved, x: hit.x + hit.w + CLEARANCE };
  }
  return moved;
}

/** Moves a box down until it is clear of what the user has placed. */
export function clearDown(draft: Clear, box: Box): Box {
  let moved = box;
  for (let i = 0; i < MAX_SHIFTS; i++) {
    const hit = hitBy(draft, moved);
    if (!hit) break;
    moved = { ...moved, y: hit.y + hit.h + CLEARANCE };
  }
  return moved;
}

/** The clear place nearest to where a box wants to be, searched in rings; `taken` are the boxes to keep clear of. */
export function nearestClear(box: Box, taken: readonly Box[]): Box {
  const isClear = (candidate: Box): boolean => !taken.some((other) => overlaps(candidate, other, CLEARANCE));
  if (isClear(box)) return box;
  const step = 16;
  for (let ring = 1; ring < 160; ring++) {
    let best: Box | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let i = -ring; i <= ring; i++)
      for (const [dx, dy] of [
        [i, -ring],
        [i, ring],
        [-ring, i],
        [ring, i],
      ] as const) {
        const distance = dx * dx + dy * dy;
        if (distance >= least) continue;
        const candidate = { ...box, x: box.x + dx * step, y: box.y + dy * step };
        if (!isClear(candidate)) continue;
        best = candidate;
        least = distance;
      }
    if (best) return best;
  }
  const bottom = Math.max(...taken.map((other) => other.y + other.h));
  return { ...box, y: bottom + CLEARANCE };
}
