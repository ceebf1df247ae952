/** Picture to scene to layout to geometry, each worked out only when what it stands on changed. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Picture } from "../session/picture.ts";
import { buildScene } from "./buildScene.ts";
import type { Room } from "./fit.ts";
import { Geometry } from "./geometry.ts";
import { type Layout, layOut } from "./layout.ts";
import { EMPTY_SCENE, type NodeId, type Scene } from "./scene.ts";
import type { Point } from "./sizes.ts";

export interface SceneState {
  readonly geometry: Geometry;
  /** What has just come, so that it is seen to come. */
  readonly fresh: ReadonlySet<NodeId>;
  /** Lets everything find its place afresh at the next layout. */
  readonly forget: () => void;
}

const FRESH_MS = 900;
/** When more than so many come at once it is another picture, not news. */
const MOST_FRESH = 12;
const NONE: ReadonlySet<NodeId> = new Set();

export function useScene(
  picture: Picture,
  placed: Readonly<Record<string, Point>>,
  open: ReadonlySet<NodeId>,
  moved: ReadonlyMap<NodeId, Point>,
  room: Room | undefined,
): SceneState {
  const lastScene = useRef<Scene>(EMPTY_SCENE);
  const lastLayout = useRef<Layout | undefined>(undefined);
  const known = useRef<ReadonlySet<NodeId> | undefined>(undefined);
  const [fresh, setFresh] = useState(NONE);

  const scene = useMemo(() => {
    lastScene.current = buildScene(picture, lastScene.current);
    return lastScene.current;
  }, [picture]);

  const layout = useMemo(() => {
    const places = new Map(Object.entries(placed));
    lastLayout.current = layOut({ scene, placed: places, before: lastLayout.current, open, ...(room && { room }) });
    return lastLayout.current;
  }, [scene, placed, open, room]);

  const geometry = useMemo(() => new Geometry(scene, layout, moved), [scene, layout, moved]);

  useEffect(() => {
    const now = new Set<NodeId>(layout.boxes.keys());
    for (const card of scene.cards.values()) for (const socket of card.sockets) if (socket.device) now.add(socket.id);
    const before = known.current;
    known.current = now;
    if (!before || before.size === 0) return;
    const news = [...now].filter((id) => !before.has(id));
    if (news.length > 0 && news.length <= MOST_FRESH) setFresh(new Set(news));
  }, [scene, layout]);

  useEffect(() => {
    if (fresh.size === 0) return;
    const timer = setTimeout(() => setFresh(NONE), FRESH_MS);
    return () => clearTimeout(timer);
  }, [fresh]);

  return {
    geometry,
    fresh,
    forget: () => {
      lastLayout.current = undefined;
    },
  };
}
