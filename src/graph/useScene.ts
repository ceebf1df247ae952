/** Picture to scene to layout to geometry, each worked out only when what it stands on changed. */
import { useMemo, useRef } from "react";
import type { Picture } from "../session/picture.ts";
import { buildScene } from "./buildScene.ts";
import type { Room } from "./fit.ts";
import { Geometry } from "./geometry.ts";
import { type Layout, layOut } from "./layout.ts";
import { EMPTY_SCENE, type NodeId, type Scene } from "./scene.ts";
import type { Point } from "./sizes.ts";

export interface SceneState {
  readonly geometry: Geometry;
  /** Lets everything find its place afresh at the next layout. */
  readonly forget: () => void;
}

export function useScene(
  picture: Picture,
  placed: Readonly<Record<string, Point>>,
  open: ReadonlySet<NodeId>,
  moved: ReadonlyMap<NodeId, Point>,
  room: Room | undefined,
): SceneState {
  const lastScene = useRef<Scene>(EMPTY_SCENE);
  const lastGeometry = useRef<Geometry | undefined>(undefined);
  const lastLayout = useRef<Layout | undefined>(undefined);

  const scene = useMemo(() => {
    lastScene.current = buildScene(picture, lastScene.current);
    return lastScene.current;
  }, [picture]);

  const layout = useMemo(() => {
    const places = new Map(Object.entries(placed));
    lastLayout.current = layOut({ scene, placed: places, before: lastLayout.current, open, ...(room && { room }) });
    return lastLayout.current;
  }, [scene, placed, open, room]);

  const geometry = useMemo(() => {
    lastGeometry.current = new Geometry(scene, layout, moved, lastGeometry.current);
    return lastGeometry.current;
  }, [scene, layout, moved]);

  return {
    geometry,
    forget: () => {
      lastLayout.current = undefined;
    },
  };
}
