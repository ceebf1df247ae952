/**
 * Where the names of cables' ends are written: beside the bridge's port as a rule, else beside the plug or along the cable,
 * wherever they overlap neither a box nor another name. A name that finds no place is left out; the cable still tells it.
 */
import { bracketY } from "./family.ts";
import type { CableShape, Geometry } from "./geometry.ts";
import { pointAlong } from "./paths.ts";
import { type Box, overlaps, type Point } from "./sizes.ts";

export interface Label extends Point {
  readonly anchor: "start" | "end";
}

/** Widths of letters of names (11 px, monospaced) and of aliases (12 px), in pixels. */
const LETTER = 6.65;
const ALIAS_LETTER = 6.4;
const RISE = 9;
const HEIGHT = 12;
const CELL = 180;

const labelBox = (label: Label, text: string): Box => {
  const w = text.length * LETTER;
  return { x: label.anchor === "start" ? label.x : label.x - w, y: label.y - RISE, w, h: HEIGHT };
};

/** By cable id; cables without a name or without a place for it are not in it. */
export function placeLabels(geometry: Geometry): ReadonlyMap<string, Label> {
  const taken = new Grid();
  const frames = new Set(geometry.scene.hosts.map((host) => host.id));
  for (const id of geometry.layout.boxes.keys()) if (!frames.has(id)) taken.add(geometry.box(id));
  for (const box of aliasBoxes(geometry)) taken.add(box);
  const labels = new Map<string, Label>();
  for (const cable of geometry.scene.cables) {
    if (cable.kind !== "veth" || cable.to.name === "") continue;
    const shape = geometry.cable(cable.id);
    const label = shape && candidates(shape).find((one) => taken.isClear(labelBox(one, cable.to.name)));
    if (!label) continue;
    taken.add(labelBox(label, cable.to.name));
    labels.set(cable.id, label);
  }
  return labels;
}

/** Room that the lines of aliases take over their containers. */
function aliasBoxes(geometry: Geometry): readonly Box[] {
  return geometry.layout.brackets.flatMap((bracket) => {
    const first = bracket.cards[0];
    if (!first || !geometry.has(first)) return [];
    const box = geometry.box(first);
    return [{ x: box.x, y: bracketY(box) - 18, w: Math.min(box.w, (bracket.text.length + 7) * ALIAS_LETTER), h: 14 }];
  });
}

function candidates(shape: CableShape): readonly Label[] {
  const along = [0.75, 0.6, 0.45, 0.3].flatMap((part): readonly Label[] => {
    const { x, y } = pointAlong(shape.points, part);
    return [
      { x: x + 7, y: y + 4, anchor: "start" },
      { x: x - 7, y: y + 4, anchor: "end" },
    ];
  });
  const { start, end } = shape;
  return [
    shape.label,
    { x: end.x - 7, y: end.y - 8, anchor: "end" },
    { x: start.x - 7, y: start.y + 8, anchor: "end" },
    { x: start.x + 7, y: start.y + 8, anchor: "start" },
    ...along,
  ];
}

/** Boxes by the cells that they lie in, so that asking is cheap among thousands. */
class Grid {
  readonly #cells = new Map<string, Box[]>();

  add(box: Box): void {
    for (const key of cellsOf(box)) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(box);
      else this.#cells.set(key, [box]);
    }
  }

  isClear(box: Box): boolean {
    for (const key of cellsOf(box)) for (const other of this.#cells.get(key) ?? []) if (overlaps(box, other)) return false;
    return true;
  }
}

function* cellsOf({ x, y, w, h }: Box): Generator<string> {
  for (let column = Math.floor(x / CELL); column * CELL <= x + w; column++)
    for (let row = Math.floor(y / CELL); row * CELL <= y + h; row++) yield `${column}/${row}`;
}
