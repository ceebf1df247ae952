/** Everything in view: until somebody pans or zooms it stays so, as the picture grows and as its panel is resized. */
import { useReactFlow, useStoreApi, type Viewport } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Room } from "./fit.ts";
import type { Geometry } from "./geometry.ts";
import type { NodeId } from "./scene.ts";
import { around, type Box, overlaps, type Point } from "./sizes.ts";

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 3;
const FIT_MAX_ZOOM = 1.35;
/** Pixels around everything when it is fitted into view. */
const FIT_PAD = 10;

/** Panels that are pushed about a little do not have the picture arranged anew. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 0.06 * b;

interface RoomState {
  readonly room: Room | undefined;
  /** Takes the size of the canvas for the arrangement's, when it is another than before. */
  readonly measure: () => void;
}

export function useRoom(root: RefObject<HTMLElement | null>): RoomState {
  const [room, setRoom] = useState<Room | undefined>();
  const measure = useCallback((): void => {
    const rect = root.current?.getBoundingClientRect();
    if (!rect || rect.width < 4 * FIT_PAD || rect.height < 4 * FIT_PAD) return;
    const now = { width: Math.round(rect.width) - 2 * FIT_PAD, height: Math.round(rect.height) - 2 * FIT_PAD };
    setRoom((before) => (before && isNear(before.width, now.width) && isNear(before.height, now.height) ? before : now));
  }, [root]);
  useLayoutEffect(measure, [measure]);
  return { room, measure };
}

interface FitInput {
  readonly root: RefObject<HTMLElement | null>;
  readonly geometry: Geometry;
  /** Something is being dragged: the view holds still. */
  readonly busy: boolean;
  readonly measure: () => void;
  readonly reducedMotion: boolean;
}

interface Fit {
  /** From now on the view is the person's. */
  readonly release: () => void;
  /** Everything in view again, from now on. */
  readonly showAll: () => void;
  readonly zoomBy: (factor: number) => void;
  readonly bringIntoView: (id: NodeId) => void;
}

/** Parts of the zoom at which all is in view: how much smaller it may be for the tools to cover nothing. */
const LESS_FOR_TOOLS = [1, 0.96, 0.92, 0.88, 0.84];

/** Where the tools lie over the picture. */
function toolsIn(root: HTMLElement | null): Box | undefined {
  const tools = root?.querySelector<HTMLElement>(".g-tools");
  return tools ? { x: tools.offsetLeft, y: tools.offsetTop, w: tools.offsetWidth, h: tools.offsetHeight } : undefined;
}

/** By how many pixels things reach under the tools from the left and from above; a host's empty ground may. */
function reachUnder({ scene, layout }: Geometry, { x, y, zoom }: Viewport, tools: Box): Point {
  const frames = new Set(scene.hosts.map((host) => host.id));
  const most = { x: 0, y: 0 };
  for (const [id, box] of layout.boxes) {
    const seen = { x: box.x * zoom + x, y: box.y * zoom + y, w: box.w * zoom, h: box.h * zoom };
    if (frames.has(id) || !overlaps(seen, tools, FIT_PAD)) continue;
    most.x = Math.max(most.x, seen.x + seen.w + FIT_PAD - tools.x);
    most.y = Math.max(most.y, seen.y + seen.h + FIT_PAD - tools.y);
  }
  return most;
}

export function useFit({ root, geometry, busy, measure, reducedMotion }: FitInput): Fit {
  const flow = useReactFlow();
  const store = useStoreApi();
  const released = useRef(false);
  const wasFit = useRef(false);
  const toolBox = useRef<Box>(undefined);
  const latest = useRef({ geometry, reducedMotion });
  latest.current = { geometry, reducedMotion };

  const fitAll = useCallback(
    (smooth: boolean): void => {
      const { width, height } = store.getState();
      const all = around(latest.current.geometry.layout.boxes.values());
      if (!all || width === 0) return;
      // Measured anew only when the canvas is: asking for it makes the browser lay the page out at once.
      toolBox.current ??= toolsIn(root.current);
      const tools = toolBox.current;
      const whole = Math.min(FIT_MAX_ZOOM, Math.max(MIN_ZOOM, Math.min((width - 2 * FIT_PAD) / all.w, (height - 2 * FIT_PAD) / all.h)));
      const viewportAt = (zoom: number): Viewport & { readonly free: boolean } => {
        const viewport = { x: width / 2 - (all.x + all.w / 2) * zoom, y: height / 2 - (all.y + all.h / 2) * zoom, zoom };
        const reach = tools ? reachUnder(latest.current.geometry, viewport, tools) : { x: 0, y: 0 };
        const room = { x: viewport.x + all.x * zoom - FIT_PAD, y: viewport.y + all.y * zoom - FIT_PAD };
        if (reach.x === 0) return { ...viewport, free: true };
        if (reach.x > room.x && reach.y <= room.y) return { ...viewport, y: viewport.y - reach.y, free: true };
        return { ...viewport, x: viewport.x - Math.max(0, Math.min(reach.x, room.x)), free: reach.x <= room.x };
      };
      // What would lie under the tools is moved aside; where there is no room for that, the picture is a little smaller.
      const zooms = LESS_FOR_TOOLS.map((part) => Math.max(MIN_ZOOM, whole * part));
      const viewport = zooms.map(viewportAt).find(({ free }) => free) ?? viewportAt(whole);
      void flow.setViewport(viewport, smooth && !latest.current.reducedMotion ? { duration: 260 } : undefined);
    },
    [flow, store, root],
  );
  const extent = useMemo(() => {
    const all = around(geometry.layout.boxes.values());
    return all ? `${all.x} ${all.y} ${all.w} ${all.h}` : "";
  }, [geometry]);
  useEffect(() => {
    if (extent === "" || released.current || busy) return;
    fitAll(wasFit.current);
    wasFit.current = store.getState().width > 0;
  }, [extent, store, busy, fitAll]);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      toolBox.current = undefined;
      if (released.current) return;
      measure();
      requestAnimationFrame(() => fitAll(false));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [root, measure, fitAll]);

  return useMemo(
    () => ({
      release: () => {
        released.current = true;
      },
      showAll: () => {
        released.current = false;
        measure();
        requestAnimationFrame(() => fitAll(true));
      },
      zoomBy: (factor) => {
        released.current = true;
        void flow.zoomTo(flow.getZoom() * factor, { duration: latest.current.reducedMotion ? 0 : 160 });
      },
      bringIntoView: (id) => {
        const box = latest.current.geometry.box(id);
        const { width, height, transform } = store.getState();
        const [x, y, zoom] = transform;
        const left = box.x * zoom + x;
        const top = box.y * zoom + y;
        if (left >= 0 && top >= 0 && left + box.w * zoom <= width && top + box.h * zoom <= height) return;
        released.current = true;
        void flow.setCenter(box.x + box.w / 2, box.y + box.h / 2, { zoom, duration: latest.current.reducedMotion ? 0 : 180 });
      },
    }),
    [flow, store, measure, fitAll],
  );
}
