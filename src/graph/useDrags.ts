/**
 * Drags: of nodes, of a new cable or ping from a card's grip, of a cable's end, of a box around several. Each shows the command
 * that letting go would run; Escape ends it without any.
 */
import { type NodeChange, type ReactFlowState, useReactFlow, useStoreApi } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { GraphAction } from "./actions.ts";
import type { Geometry } from "./geometry.ts";
import { type CableSide, draggedAlong, drawnTo, droppedOn, pulledTo, settled } from "./gestures.ts";
import { LooseStore } from "./loose.ts";
import { nodeAt } from "./navigate.ts";
import type { GraphNode } from "./nodes/index.ts";
import type { PreviewStore } from "./preview.ts";
import type { Cable, NodeId } from "./scene.ts";
import { within } from "./selection.ts";
import type { Point } from "./sizes.ts";

const NOT_MOVED: ReadonlyMap<NodeId, Point> = new Map();

type PointerLike = Pick<MouseEvent, "clientX" | "clientY"> | TouchEvent;

interface DragsInput {
  readonly root: RefObject<HTMLElement | null>;
  readonly preview: PreviewStore;
  readonly onAction: (action: GraphAction) => void;
  readonly onSelect: (ids: readonly NodeId[]) => void;
  readonly commandOf: (action: GraphAction) => string;
  readonly placed: Readonly<Record<string, Point>>;
  readonly selection: readonly NodeId[];
}

export interface Drags {
  /** How far nodes have been dragged from where they stood. */
  readonly moved: ReadonlyMap<NodeId, Point>;
  readonly loose: LooseStore;
  readonly onNodesChange: (changes: NodeChange<GraphNode>[]) => void;
  readonly onDrag: (event: PointerLike, node: GraphNode, dragged: readonly GraphNode[]) => void;
  readonly onDragStop: (event: PointerLike, node: GraphNode, dragged: readonly GraphNode[]) => void;
  readonly onConnectStart: () => void;
  readonly onConnectEnd: (event: PointerLike, from: NodeId | undefined, grip: string) => void;
  /** A cable or ping is being drawn: what it would do here. */
  readonly onDrawing: (from: NodeId, grip: string, at: Point) => void;
  readonly onPull: (cable: Cable, side: CableSide, event: React.PointerEvent) => void;
  readonly onBoxStart: (event: React.MouseEvent) => void;
  readonly onBoxEnd: (event: React.MouseEvent) => void;
  /** Where a pointer is, in the picture's own coordinates. */
  readonly pointerAt: (event: PointerLike) => Point;
}

/** The geometry comes in by reference, since what is dragged changes it. */
export function useDrags(geometry: RefObject<Geometry | undefined>, input: DragsInput): Drags {
  const flow = useReactFlow();
  const store = useStoreApi();
  const [moved, setMoved] = useState(NOT_MOVED);
  const loose = useMemo(() => new LooseStore(), []);
  const latest = useRef({ ...input, moved });
  latest.current = { ...input, moved };
  /** What Escape would end: drawn anew by each drag that begins. */
  const gesture = useRef<{ readonly cancel: () => void } | undefined>(undefined);
  const cancelled = useRef(false);
  const boxStart = useRef<Point | undefined>(undefined);
  const target = useRef<Element | undefined>(undefined);

  const pointerAt = useCallback(
    (event: PointerLike): Point => {
      const point = "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
      return flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
    },
    [flow],
  );

  const { show, end, begin } = useMemo(() => {
    const highlight = (action: GraphAction | undefined, id: NodeId | undefined): void => {
      const element = action && id ? elementOf(latest.current.root.current, id) : undefined;
      if (element === target.current) return;
      target.current?.classList.remove("g-target");
      element?.classList.add("g-target");
      target.current = element;
    };
    return {
      begin: (cancel: () => void): void => {
        cancelled.current = false;
        gesture.current = { cancel };
      },
      /** Previews an action beside a place, and lights up what it is done to. */
      show: (action: GraphAction | undefined, at: Point, over: NodeId | undefined): void => {
        const [x, y, zoom] = store.getState().transform;
        latest.current.preview.show(action ? latest.current.commandOf(action) : "", { x: at.x * zoom + x, y: at.y * zoom + y });
        highlight(action, over);
      },
      end: (): boolean => {
        latest.current.preview.clear();
        highlight(undefined, undefined);
        gesture.current = undefined;
        const was = cancelled.current;
        cancelled.current = false;
        return was;
      },
    };
  }, [store]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !gesture.current) return;
      event.preventDefault();
      event.stopPropagation();
      const { cancel } = gesture.current;
      end();
      cancelled.current = true;
      cancel();
    };
    addEventListener("keydown", onKey, true);
    return () => removeEventListener("keydown", onKey, true);
  }, [end]);

  return useMemo(() => {
    const here = (): Geometry => geometry.current as Geometry;
    return {
      moved,
      loose,
      pointerAt,
      onNodesChange: (changes) => {
        const { selection, onSelect } = latest.current;
        const shifts = new Map<NodeId, Point>();
        let picked: Set<NodeId> | undefined;
        for (const change of changes) {
          if (change.type === "select") {
            if (boxStart.current) continue;
            picked ??= new Set(selection.filter((id) => here().has(id)));
            if (change.selected) picked.add(change.id);
            else picked.delete(change.id);
          } else if (change.type === "position" && change.position && change.dragging && !cancelled.current) {
            const box = here().layout.boxes.get(change.id);
            if (box) shifts.set(change.id, { x: change.position.x - box.x, y: change.position.y - box.y });
          }
        }
        if (picked) onSelect([...picked]);
        if (shifts.size > 0) setMoved(draggedAlong(here(), shifts));
      },
      onDrag: (event, node, dragged) => {
        if (cancelled.current) return;
        if (!gesture.current) begin(() => setMoved(NOT_MOVED));
        const at = pointerAt(event);
        const action = dragged.length > 1 ? undefined : droppedOn(here(), node.id, at);
        show(action, at, action && nodeAt(here(), at, node.id));
      },
      onDragStop: (event, node, dragged) => {
        const wasCancelled = end();
        setMoved(NOT_MOVED);
        if (wasCancelled) return;
        const ids = dragged.length > 0 ? dragged.map((one) => one.id) : [node.id];
        const action = ids.length === 1 ? droppedOn(here(), node.id, pointerAt(event)) : undefined;
        if (action) latest.current.onAction(action);
        else if (latest.current.moved.size > 0)
          latest.current.onAction({ kind: "move", places: settled(here(), ids, latest.current.placed) });
      },
      onConnectStart: () => begin(() => (store.getState() as ReactFlowState).cancelConnection()),
      onDrawing: (from, grip, at) => {
        if (!gesture.current) return;
        const action = drawnTo(here(), from, grip, at);
        show(action, at, action && nodeAt(here(), at, from));
      },
      onConnectEnd: (event, from, grip) => {
        if (end() || !from) return;
        const action = drawnTo(here(), from, grip, pointerAt(event));
        if (action) latest.current.onAction(action);
      },
      onPull: (cable, side, event) => {
        if (event.button !== 0) return;
        const shape = here().cable(cable.id);
        if (!shape) return;
        event.preventDefault();
        event.stopPropagation();
        const fixed = side === "from" ? shape.end : shape.start;
        const release = new AbortController();
        const stop = (): void => {
          release.abort();
          loose.set(undefined);
        };
        const at = (moving: PointerEvent): Point => flow.screenToFlowPosition({ x: moving.clientX, y: moving.clientY });
        const { pointerId } = event;
        const listen = (name: "pointermove" | "pointerup" | "pointercancel", handle: (moving: PointerEvent) => void): void =>
          addEventListener(name, (moving) => moving.pointerId === pointerId && handle(moving), { signal: release.signal });
        begin(stop);
        listen("pointermove", (moving) => {
          const place = at(moving);
          loose.set({ cable: cable.id, side, hue: cable.hue, fixed, at: place });
          const action = pulledTo(here(), cable, side, place);
          show(action, place, action?.kind === "disconnect" ? undefined : nodeAt(here(), place));
        });
        listen("pointerup", (moving) => {
          const pulled = loose.get() !== undefined;
          stop();
          if (end() || !pulled) return;
          const action = pulledTo(here(), cable, side, at(moving));
          if (action) latest.current.onAction(action);
        });
        listen("pointercancel", () => {
          stop();
          end();
        });
      },
      onBoxStart: (event) => {
        boxStart.current = pointerAt(event);
        begin(() => {
          boxStart.current = undefined;
        });
      },
      onBoxEnd: (event) => {
        const start = boxStart.current;
        boxStart.current = undefined;
        store.setState({ nodesSelectionActive: false });
        if (end() || !start) return;
        const stop = pointerAt(event);
        const box = {
          x: Math.min(start.x, stop.x),
          y: Math.min(start.y, stop.y),
          w: Math.abs(start.x - stop.x),
          h: Math.abs(start.y - stop.y),
        };
        latest.current.onSelect(within(here(), box));
        latest.current.root.current?.focus({ preventScroll: true });
      },
    };
  }, [moved, loose, pointerAt, begin, show, end, geometry, store, flow]);
}

export const elementOf = (root: HTMLElement | null, id: NodeId): HTMLElement | undefined =>
  root?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`) ?? undefined;
