/** Which cards get elements of their own: all of a few, of many those in view and near, and from far away only who is in use. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Geometry } from "./geometry.ts";
import type { NodeId } from "./scene.ts";
import { type Box, overlaps } from "./sizes.ts";

/** Zoom below which cards could not be read, and above which they are cards again. */
const FAR_BELOW = 0.4;
const NEAR_ABOVE = 0.43;
/** Zoom below which small print is left out. */
const LOW_DETAIL = 0.62;
/** As many cards always have elements: they can be tabbed to and found wherever they are. */
const ALL = 150;
/** How far beyond the view cards are made ready, in views. */
const AHEAD = 0.22;

export interface View {
  readonly far: boolean;
  readonly mounted: ReadonlySet<NodeId>;
}

export function useView(geometry: Geometry, pinned: ReadonlySet<NodeId>, root: React.RefObject<HTMLElement | null>): View {
  const store = useStoreApi();
  const [far, setFar] = useState(false);
  const [window, setWindow] = useState<Box | undefined>();
  const many = geometry.scene.cards.size > ALL;
  const state = useRef({ far, window, many });
  state.current = { far, window, many };

  useEffect(() => {
    const look = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      if (width === 0) return;
      const current = state.current;
      const isFar = zoom < FAR_BELOW || (current.far && zoom < NEAR_ABOVE);
      if (isFar !== current.far) {
        current.far = isFar;
        setFar(isFar);
      }
      const detail = zoom < LOW_DETAIL ? "low" : "full";
      if (root.current && root.current.dataset.detail !== detail) root.current.dataset.detail = detail;
      if (!current.many || isFar) return;
      const view = { x: -x / zoom, y: -y / zoom, w: width / zoom, h: height / zoom };
      const ready = current.window;
      const inside =
        ready && view.x >= ready.x && view.y >= ready.y && view.x + view.w <= ready.x + ready.w && view.y + view.h <= ready.y + ready.h;
      if (inside && ready.w < view.w * (1 + 4 * AHEAD)) return;
      current.window = { x: view.x - view.w * AHEAD, y: view.y - view.h * AHEAD, w: view.w * (1 + 2 * AHEAD), h: view.h * (1 + 2 * AHEAD) };
      setWindow(current.window);
    };
    look();
    return store.subscribe(look);
  }, [store, root]);

  const mounted = useMemo(() => {
    const cards = geometry.scene.cards;
    if (!many) return new Set(cards.keys());
    const set = new Set<NodeId>([...pinned].filter((id) => cards.has(id)));
    if (far || !window) return set;
    for (const id of cards.keys()) {
      const box = geometry.layout.boxes.get(id);
      if (box && overlaps(box, window)) set.add(id);
    }
    return set;
  }, [geometry, many, far, window, pinned]);

  return { far, mounted };
}
