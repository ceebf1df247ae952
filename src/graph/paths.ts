/** Lines that can be drawn and travelled: as SVG path data and as points along the way. */
import type { Point } from "./sizes.ts";

export interface Path {
  readonly d: string;
  readonly points: readonly Point[];
}

const CORNER = 9;
const SAMPLES = 18;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Straight stretches with rounded corners. */
export function polyline(points: readonly Point[]): Path {
  const way = points.filter((point, index) => index === 0 || point.x !== points[index - 1]?.x || point.y !== points[index - 1]?.y);
  const first = way[0];
  if (!first) return { d: "", points: [] };
  let d = `M${round(first.x)} ${round(first.y)}`;
  for (let i = 1; i < way.length; i++) {
    const at = way[i] as Point;
    const from = way[i - 1] as Point;
    const next = way[i + 1];
    if (!next) {
      d += `L${round(at.x)} ${round(at.y)}`;
      break;
    }
    const before = Math.hypot(at.x - from.x, at.y - from.y);
    const after = Math.hypot(next.x - at.x, next.y - at.y);
    const r = Math.min(CORNER, before / 2, after / 2);
    const a = towards(at, from, r / before);
    const b = towards(at, next, r / after);
    d += `L${round(a.x)} ${round(a.y)}Q${round(at.x)} ${round(at.y)} ${round(b.x)} ${round(b.y)}`;
  }
  return { d, points: way };
}

const towards = (from: Point, to: Point, part: number): Point => ({
  x: from.x + (to.x - from.x) * part,
  y: from.y + (to.y - from.y) * part,
});

/** A cable that hangs: leaves `a` in direction `da`, arrives at `b` from direction `db` (unit vectors). */
export function curve(a: Point, da: Point, b: Point, db: Point): Path {
  const reach = Math.max(26, Math.hypot(b.x - a.x, b.y - a.y) * 0.42);
  const c = { x: a.x + da.x * reach, y: a.y + da.y * reach };
  const e = { x: b.x + db.x * reach, y: b.y + db.y * reach };
  const points: Point[] = [];
  for (let i = 0; i <= SAMPLES; i++) {
    const t = i / SAMPLES;
    const u = 1 - t;
    points.push({
      x: u * u * u * a.x + 3 * u * u * t * c.x + 3 * u * t * t * e.x + t * t * t * b.x,
      y: u * u * u * a.y + 3 * u * u * t * c.y + 3 * u * t * t * e.y + t * t * t * b.y,
    });
  }
  const text = [c, e, b].map((point) => `${round(point.x)} ${round(point.y)}`).join(" ");
  return { d: `M${round(a.x)} ${round(a.y)}C${text}`, points };
}

export const reversed = (points: readonly Point[]): readonly Point[] => [...points].reverse();

export function lengthOf(points: readonly Point[]): number {
  let length = 0;
  for (let i = 1; i < points.length; i++) length += distance(points[i - 1] as Point, points[i] as Point);
  return length;
}

const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);

/** The point at a part (0 to 1) of the way. */
export function pointAlong(points: readonly Point[], part: number, length = lengthOf(points)): Point {
  const last = points.at(-1);
  if (!last) return { x: 0, y: 0 };
  let left = Math.max(0, part) * length;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1] as Point;
    const b = points[i] as Point;
    const step = distance(a, b);
    if (left <= step) return step === 0 ? b : towards(a, b, left / step);
    left -= step;
  }
  return last;
}
