/** The picture by keyboard: from thing to thing, several at once, menus, removal, copies. */
import { type RefObject, useRef } from "react";
import type { GraphAction } from "./actions.ts";
import type { Geometry } from "./geometry.ts";
import { ARROWS, neighbour } from "./navigate.ts";
import { type NodeId, shownAs } from "./scene.ts";
import { copiedOf, everything, removalOf, switchingOf } from "./selection.ts";
import type { Point } from "./sizes.ts";
import { elementOf } from "./useDrags.ts";

const STEP = 16;

interface KeysInput {
  readonly root: RefObject<HTMLElement | null>;
  readonly geometry: Geometry;
  readonly selection: readonly NodeId[];
  readonly selected: ReadonlySet<NodeId>;
  readonly placed: Readonly<Record<string, Point>>;
  /** The node that Tab stops at. */
  readonly reachable: NodeId;
  readonly onAction: (action: GraphAction) => void;
  readonly onSelect: (ids: readonly NodeId[]) => void;
  readonly openMenu: (target: NodeId, at: Point) => void;
  readonly focusNode: (id: NodeId) => void;
}

export function useKeys(input: KeysInput): (event: React.KeyboardEvent) => void {
  const copied = useRef<readonly string[]>([]);
  return (event) => {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || target.closest("input, textarea, select, [role='menu'], [role='toolbar'], .g-fold")) return;
    const element = target.closest<HTMLElement>(".react-flow__node");
    const done = isChord(event) ? chord(event.key.toLowerCase(), input, copied) : plain(event, element?.dataset.id, input);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

const isChord = (event: React.KeyboardEvent): boolean => (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;

function chord(key: string, { geometry, selection, onSelect, onAction }: KeysInput, copied: RefObject<readonly string[]>): boolean {
  if (key === "a") onSelect(everything(geometry.scene));
  else if (key === "c" && copiedOf(selection).length > 0) copied.current = copiedOf(selection);
  else if (key === "v" && copied.current.length > 0) onAction({ kind: "paste", containers: copied.current });
  else return false;
  return true;
}

/** A key without Ctrl, on a node, or on the picture itself when `id` is undefined. */
function plain(event: React.KeyboardEvent, id: NodeId | undefined, input: KeysInput): boolean {
  const { geometry, selection, selected, onSelect, onAction } = input;
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const ids = selection.length > 0 ? selection : id ? [id] : [];
  const arrow = ARROWS[event.key];
  if (arrow) {
    if (event.shiftKey) nudge(ids, arrow, input);
    else input.focusNode(id ? (neighbour(geometry, id, arrow) ?? id) : input.reachable);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    const action = removalOf(geometry.scene, ids);
    if (action) onAction(action);
  } else if (event.key === "s" || event.key === "S") {
    const action = switchingOf(geometry.scene, ids);
    if (action) onAction(action);
  } else if (event.key === "Escape") onSelect([]);
  else if (!id) return false;
  else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) askMenu(id, input);
  else if (event.key === " ")
    onSelect(selected.has(id) ? selection.filter((one) => shownAs(geometry.scene, one) !== id) : [...selection, id]);
  else return false;
  return true;
}

function askMenu(id: NodeId, { root, geometry, selection, openMenu }: KeysInput): void {
  const rect = elementOf(root.current, id)?.getBoundingClientRect();
  if (!rect) return;
  const target = selection.find((one) => shownAs(geometry.scene, one) === id) ?? id;
  openMenu(target, { x: rect.x + Math.min(rect.width / 2, 60), y: rect.y + rect.height / 2 });
}

function nudge(ids: readonly NodeId[], by: Point, { geometry, placed, onAction }: KeysInput): void {
  const places: Record<string, Point> = {};
  for (const id of new Set(ids.map((one) => shownAs(geometry.scene, one)))) {
    if (!geometry.has(id) || id.startsWith("stack:")) continue;
    const from = placed[id] ?? geometry.box(id);
    places[id] = { x: from.x + by.x * STEP, y: from.y + by.y * STEP };
  }
  if (Object.keys(places).length > 0) onAction({ kind: "move", places });
}
