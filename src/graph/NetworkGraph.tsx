/**
 * The picture of the network, as a component with props only: what there is to draw, what flies, what is selected, and one
 * callback for whatever a person asks for. It keeps no state of the world; only how it is looked at.
 */
import "@xyflow/react/dist/style.css";
import "./tokens.css";
import "./graph.css";
import { Background, type NodeChange, ReactFlow, ReactFlowProvider, useReactFlow, useStoreApi, ViewportPortal } from "@xyflow/react";
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Picture } from "../session/picture.ts";
import type { GraphAction, OnAction } from "./actions.ts";
import { CableLayer } from "./CableLayer.tsx";
import { ConnectionLine, GeometryContext } from "./ConnectionLine.tsx";
import { GraphContext, type GraphTools, type StackLines } from "./context.ts";
import { nameOf } from "./describe.ts";
import type { Room } from "./fit.ts";
import { FlowNodes } from "./flowNodes.ts";
import { draggedAlong, drawnTo, droppedOn, settled } from "./gestures.ts";
import { type MenuEntry, menuOf } from "./menu.ts";
import { type Say, sayEnglish } from "./messages.ts";
import { ARROWS, neighbour, nodeAt } from "./navigate.ts";
import { type GraphNode, nodeTypes } from "./nodes/index.ts";
import { type Motion, PacketLayer } from "./PacketLayer.tsx";
import { RouteIndex } from "./routes.ts";
import { Summary } from "./Summary.tsx";
import type { NodeId } from "./scene.ts";
import { around, type Point } from "./sizes.ts";
import { Tools } from "./Tools.tsx";
import { useScene } from "./useScene.ts";
import { useView } from "./useView.ts";

const FarLayer = lazy(() => import("./FarLayer.tsx"));
const Menu = lazy(() => import("./Menu.tsx"));

export interface NetworkGraphProps {
  readonly picture: Picture;
  readonly motion: Motion;
  /** Node and cable ids: "container:ID", "network:ID", "device:UID", "machine:NAME". */
  readonly selection: readonly NodeId[];
  readonly onSelect: (ids: readonly NodeId[]) => void;
  readonly onAction: OnAction;
  /** Left top corners of nodes that the user has moved. */
  readonly placed?: Readonly<Record<string, Point>>;
  readonly reducedMotion?: boolean;
  readonly theme?: "dark" | "light";
  readonly t?: Say;
  /** Routes, rules and connections of a machine, for its opened stack; asked for again when `revision` grows. */
  readonly stackLines?: (machine: string) => StackLines | undefined;
  readonly revision?: number;
  /** Nodes that are spoken of: the others step back. Nothing does when empty. */
  readonly spotlight?: readonly NodeId[];
  /** What a palette entry carries when it is dragged here. */
  readonly dropType?: string;
}

const NOTHING_PLACED: Readonly<Record<string, Point>> = {};
const NOT_MOVED: ReadonlyMap<NodeId, Point> = new Map();
const MIN_ZOOM = 0.02;
const MAX_ZOOM = 3;
const FIT_MAX_ZOOM = 1.35;
/** Pixels around everything when it is fitted into view. */
const FIT_PAD = 14;
const STEP = 16;
/** Beyond so many cards the dots behind cost more than they give. */
const MOST_WITH_DOTS = 150;
/** Panels that are pushed about a little do not have the picture arranged anew. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 0.06 * b;
const noLines = (): undefined => undefined;

export function NetworkGraph(props: NetworkGraphProps) {
  return (
    <ReactFlowProvider>
      <Stage {...props} />
    </ReactFlowProvider>
  );
}

function Stage(props: NetworkGraphProps) {
  const { picture, selection, onSelect, onAction, placed = NOTHING_PLACED, reducedMotion = false, theme = "dark" } = props;
  const { t: say = sayEnglish, stackLines = noLines, revision = 0, dropType = "application/x-vethlab-add" } = props;
  const flow = useReactFlow();
  const store = useStoreApi();
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<NodeId>>(new Set());
  const [moved, setMoved] = useState(NOT_MOVED);
  const [menu, setMenu] = useState<{ readonly target: NodeId; readonly at: Point } | undefined>();
  const [focused, setFocused] = useState<NodeId>("");
  const [hovered, setHovered] = useState<NodeId>("");
  const [room, setRoom] = useState<Room | undefined>();
  const { geometry, fresh, forget } = useScene(picture, placed, open, moved, room);
  const { scene } = geometry;
  const selected = useMemo(() => new Set([...selection, ...selection.map((id) => shownAs(scene, id))]), [selection, scene]);
  const pinned = useMemo(() => new Set([...selected, focused, hovered, ...moved.keys()]), [selected, focused, hovered, moved]);
  const view = useView(geometry, pinned, root);
  const routes = useMemo(() => new RouteIndex(scene), [scene]);
  const reachable = geometry.has(focused) ? focused : (selection.find((id) => geometry.has(id)) ?? firstOf(scene));
  const lit = useMemo(() => new Set((props.spotlight ?? []).map((id) => shownAs(scene, id))), [props.spotlight, scene]);
  const flowNodes = useRef(new FlowNodes());
  const nodes = useMemo(
    () =>
      flowNodes.current.nodes({
        geometry,
        say,
        selection: selected,
        lit,
        mounted: (id) => view.mounted.has(id),
        fresh,
        open,
        reachable,
        revision,
      }),
    [geometry, say, selected, lit, view.mounted, fresh, open, reachable, revision],
  );
  const cables = useMemo(
    () => (view.far ? [] : scene.cables.filter((cable) => cable.kind === "wire" || view.mounted.has(cable.from.node))),
    [scene, view],
  );

  const userMoved = useRef(false);
  /** Takes the size of the canvas for the arrangement's, when it is another than before. */
  const measure = useCallback((): void => {
    const rect = root.current?.getBoundingClientRect();
    if (!rect || rect.width < 2 * FIT_PAD || rect.height < 2 * FIT_PAD) return;
    const now = { width: Math.round(rect.width) - 2 * FIT_PAD, height: Math.round(rect.height) - 2 * FIT_PAD };
    setRoom((before) => (before && isNear(before.width, now.width) && isNear(before.height, now.height) ? before : now));
  }, []);
  useLayoutEffect(measure, [measure]);
  const showAll = useCallback(
    (smooth: boolean): void => {
      const { width, height } = store.getState();
      const all = around(geometry.layout.boxes.values());
      if (!all || width === 0) return;
      const zoom = Math.min(FIT_MAX_ZOOM, Math.max(MIN_ZOOM, Math.min((width - 2 * FIT_PAD) / all.w, (height - 2 * FIT_PAD) / all.h)));
      const viewport = { x: width / 2 - (all.x + all.w / 2) * zoom, y: height / 2 - (all.y + all.h / 2) * zoom, zoom };
      void flow.setViewport(viewport, smooth && !reducedMotion ? { duration: 260 } : undefined);
    },
    [geometry, flow, store, reducedMotion],
  );
  const extent = useMemo(() => {
    const all = around(geometry.layout.boxes.values());
    return all ? `${all.x} ${all.y} ${all.w} ${all.h}` : "";
  }, [geometry]);
  const fitNow = useRef(showAll);
  fitNow.current = showAll;
  const wasFit = useRef(false);
  // Until somebody pans or zooms, everything stays in view as it grows and as the panel is resized.
  useEffect(() => {
    if (extent === "" || userMoved.current || moved.size > 0) return;
    fitNow.current(wasFit.current);
    wasFit.current = store.getState().width > 0;
  }, [extent, store, moved]);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (userMoved.current) return;
      measure();
      requestAnimationFrame(() => fitNow.current(false));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [measure]);

  const openMenu = useCallback(
    (target: NodeId, at: Point): void => {
      if (target && !selected.has(target)) onSelect([target]);
      setMenu({ target, at });
    },
    [selected, onSelect],
  );
  const tools = useMemo<GraphTools>(
    () => ({
      say,
      onAction,
      onSelect,
      openMenu,
      toggleStack: (id) => setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
      stackLines,
      isSelected: (id) => selected.has(id),
    }),
    [say, onAction, onSelect, openMenu, stackLines, selected],
  );

  const onNodesChange = (changes: NodeChange<GraphNode>[]): void => {
    const shifts = new Map<NodeId, Point>();
    let picked: Set<NodeId> | undefined;
    for (const change of changes) {
      if (change.type === "select") {
        picked ??= new Set(selection.filter((id) => geometry.has(id)));
        if (change.selected) picked.add(change.id);
        else picked.delete(change.id);
      } else if (change.type === "position" && change.position && change.dragging) {
        const box = geometry.layout.boxes.get(change.id);
        if (box) shifts.set(change.id, { x: change.position.x - box.x, y: change.position.y - box.y });
      }
    }
    if (picked) onSelect([...picked]);
    if (shifts.size > 0) setMoved(draggedAlong(geometry, shifts));
  };

  const pointerAt = (event: MouseEvent | TouchEvent | React.MouseEvent): Point => {
    const point = "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
    return flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
  };

  const onDragStop = (event: MouseEvent | TouchEvent | React.MouseEvent, node: GraphNode, dragged: readonly GraphNode[]): void => {
    const ids = dragged.length > 0 ? dragged.map((one) => one.id) : [node.id];
    const gesture = ids.length === 1 ? droppedOn(geometry, node.id, pointerAt(event)) : undefined;
    if (gesture) onAction(gesture);
    else if (moved.size > 0) onAction({ kind: "move", places: settled(geometry, ids, placed) });
    setMoved(NOT_MOVED);
  };

  const focusNode = (id: NodeId): void => {
    setFocused(id);
    onSelect([id]);
    bringIntoView(id);
    // The card may get its element only now.
    requestAnimationFrame(() => requestAnimationFrame(() => elementOf(root.current, id)?.focus({ preventScroll: true })));
  };

  const bringIntoView = (id: NodeId): void => {
    const box = geometry.box(id);
    const { width, height, transform } = store.getState();
    const [x, y, zoom] = transform;
    const left = box.x * zoom + x;
    const top = box.y * zoom + y;
    if (left >= 0 && top >= 0 && left + box.w * zoom <= width && top + box.h * zoom <= height) return;
    userMoved.current = true;
    void flow.setCenter(box.x + box.w / 2, box.y + box.h / 2, { zoom, duration: reducedMotion ? 0 : 180 });
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.defaultPrevented || menu) return;
    const target = event.target as HTMLElement;
    const element = target.closest<HTMLElement>(".react-flow__node");
    const id = element?.dataset.id;
    if (!id || target !== element) return;
    const arrow = ARROWS[event.key];
    if (arrow && (event.shiftKey || (!event.altKey && !event.ctrlKey && !event.metaKey))) {
      if (event.shiftKey) nudge(id, arrow);
      else {
        const next = neighbour(geometry, id, arrow);
        if (next) focusNode(next);
      }
    } else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      const rect = element.getBoundingClientRect();
      openMenu(selection.find((one) => shownAs(scene, one) === id) ?? id, {
        x: rect.x + Math.min(rect.width / 2, 60),
        y: rect.y + rect.height / 2,
      });
    } else if (event.key === " ") onSelect(selected.has(id) ? selection.filter((one) => one !== id) : [...selection, id]);
    else if (event.key === "Delete" || event.key === "Backspace") removeSelected(id);
    else if (event.key === "Escape") onSelect([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const nudge = (id: NodeId, by: Point): void => {
    if (id.startsWith("stack:")) return;
    const ids = selected.has(id) ? [...selected].filter((one) => geometry.has(one) && !one.startsWith("stack:")) : [id];
    const places: Record<string, Point> = {};
    for (const one of ids) {
      const box = placed[one] ?? geometry.box(one);
      places[one] = { x: box.x + by.x * STEP, y: box.y + by.y * STEP };
    }
    onAction({ kind: "move", places });
  };

  const removeSelected = (id: NodeId): void => {
    const ids = selection.length > 0 ? selection : [id];
    for (const one of ids) {
      const action = removalOf(one, geometry.scene.bars.get(one)?.network?.predefined === true);
      if (action) onAction(action);
    }
  };

  const onPaneClick = (event: React.MouseEvent): void => {
    const hit = view.far ? nodeAt(geometry, pointerAt(event)) : undefined;
    onSelect(hit ? [hit] : []);
  };

  const hoverTimer = useRef(0);
  const onPaneMouseMove = (event: React.MouseEvent): void => {
    if (!view.far || scene.cards.size === view.mounted.size || event.buttons > 0) return;
    const { clientX, clientY } = event;
    cancelAnimationFrame(hoverTimer.current);
    hoverTimer.current = requestAnimationFrame(() => {
      const hit = nodeAt(geometry, flow.screenToFlowPosition({ x: clientX, y: clientY }));
      if (hit && scene.cards.has(hit)) setHovered(hit);
    });
  };

  const onDrop = (event: React.DragEvent): void => {
    const what = event.dataTransfer.getData(dropType);
    if (!what) return;
    event.preventDefault();
    const at = pointerAt(event);
    const target = nodeAt(geometry, at);
    const card = target ? scene.cards.get(target) : undefined;
    const network = (target && scene.bars.get(target)?.network?.id) ?? card?.sockets[0]?.network;
    const container = card?.members[0]?.id;
    onAction({ kind: "add", what, at, ...(network && { network }), ...(container && { container }) });
  };

  const entries = menu ? entriesFor(menu.target) : [];
  function entriesFor(target: NodeId): readonly MenuEntry[] {
    if (target !== "") {
      const container = target.startsWith("container:") ? picture.containers.get(target.slice(10)) : undefined;
      return menuOf({ scene, target, container, placed: placed[target] !== undefined, say });
    }
    const at = flow.screenToFlowPosition(menu?.at ?? { x: 0, y: 0 });
    return [
      { kind: "do", label: say("graph.do.addContainer"), action: { kind: "add", what: "container", at } },
      { kind: "do", label: say("graph.do.addNetwork"), action: { kind: "add", what: "network", at } },
      { kind: "line" },
      { kind: "do", label: say("graph.do.tidy"), action: { kind: "tidy" } },
    ];
  }

  const act = (action: GraphAction): void => {
    if (action.kind === "tidy") {
      if (!action.nodes) forget();
      userMoved.current = false;
      measure();
    }
    onAction(action);
    if (action.kind === "tidy" && !action.nodes) requestAnimationFrame(() => fitNow.current(true));
  };

  const onFocus = (event: React.FocusEvent): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>(".react-flow__node")?.dataset.id;
    if (id && id !== focused) setFocused(id);
  };

  return (
    <GraphContext.Provider value={tools}>
      <GeometryContext.Provider value={geometry}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: keys come from the nodes inside */}
        <div
          ref={root}
          className={`g-root${lit.size > 0 ? " g-spotlit" : ""}${view.far ? " g-far" : ""}${reducedMotion ? " g-still" : ""}`}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
          data-far={view.far}
          data-containers={picture.containers.size}
        >
          <ReactFlow<GraphNode>
            nodes={nodes}
            nodeTypes={nodeTypes}
            onNodesChange={onNodesChange}
            onNodeDragStop={onDragStop}
            onSelectionDragStop={(event, dragged) => dragged[0] && onDragStop(event, dragged[0], dragged)}
            onNodeContextMenu={(event, node) => {
              event.preventDefault();
              openMenu(node.id, { x: event.clientX, y: event.clientY });
            }}
            onNodeDoubleClick={(_, node) => onAction({ kind: "inspect", node: node.id })}
            onPaneContextMenu={(event) => {
              event.preventDefault();
              const hit = view.far ? nodeAt(geometry, pointerAt(event)) : undefined;
              setMenu({ target: hit ?? "", at: { x: event.clientX, y: event.clientY } });
            }}
            onPaneClick={onPaneClick}
            onPaneMouseMove={onPaneMouseMove}
            onConnectEnd={(event, state) => {
              const action = state.fromNode && drawnTo(geometry, state.fromNode.id, state.fromHandle?.id ?? "", pointerAt(event));
              if (action) onAction(action);
            }}
            connectionLineComponent={ConnectionLine}
            connectOnClick={false}
            onMoveStart={(event) => {
              if (!event) return;
              userMoved.current = true;
              // While it is only pushed about, the browser may move what it has painted.
              if (event.type !== "wheel") root.current?.classList.add("g-panning");
            }}
            onMoveEnd={() => root.current?.classList.remove("g-panning")}
            onDrop={onDrop}
            onDragOver={(event) => {
              if (!event.dataTransfer.types.includes(dropType)) return;
              event.preventDefault();
              event.dataTransfer.dropEffect = "copy";
            }}
            aria-label={say("graph.label")}
            minZoom={MIN_ZOOM}
            maxZoom={MAX_ZOOM}
            nodeDragThreshold={3}
            deleteKeyCode={null}
            multiSelectionKeyCode={["Shift", "Meta", "Control"]}
            panActivationKeyCode={null}
            disableKeyboardA11y
            zoomOnDoubleClick={false}
            elevateNodesOnSelect={false}
            proOptions={{ hideAttribution: true }}
          >
            {scene.cards.size <= MOST_WITH_DOTS && <Background gap={22} size={1.4} color="var(--line)" />}
            {(view.far || view.mounted.size < scene.cards.size) && (
              <Suspense fallback={null}>
                <FarLayer geometry={geometry} far={view.far} mounted={view.mounted} selection={selected} theme={theme} />
              </Suspense>
            )}
            <ViewportPortal>
              <CableLayer geometry={geometry} cables={cables} selection={selected} fresh={fresh} names />
            </ViewportPortal>
            <PacketLayer geometry={geometry} routes={routes} motion={props.motion} reducedMotion={reducedMotion} say={say} />
          </ReactFlow>
          <Tools
            say={say}
            onZoom={(factor) => {
              userMoved.current = true;
              void flow.zoomTo(flow.getZoom() * factor, { duration: reducedMotion ? 0 : 160 });
            }}
            onFit={() => {
              userMoved.current = false;
              measure();
              showAll(true);
            }}
            onTidy={() => act({ kind: "tidy" })}
          />
          <Summary scene={scene} say={say} />
          {menu && (
            <Suspense fallback={null}>
              <Menu
                at={menu.at}
                label={say("graph.do.menu", { name: menu.target ? nameOf(scene, menu.target) : say("graph.label") })}
                entries={entries}
                onAction={(action) => {
                  setMenu(undefined);
                  act(action);
                }}
                onClose={() => {
                  setMenu(undefined);
                  elementOf(root.current, shownAs(scene, menu.target))?.focus({ preventScroll: true });
                }}
              />
            </Suspense>
          )}
        </div>
      </GeometryContext.Provider>
    </GraphContext.Provider>
  );
}

/** The node under whose id a container is drawn: one that shares a netns stands in another's card. */
const shownAs = (scene: ReturnType<typeof useScene>["geometry"]["scene"], id: NodeId): NodeId =>
  id.startsWith("container:") ? (scene.cardOf.get(id.slice(10)) ?? id) : id;

const firstOf = (scene: ReturnType<typeof useScene>["geometry"]["scene"]): NodeId =>
  scene.cards.keys().next().value ?? scene.bars.keys().next().value ?? scene.hosts[0]?.id ?? "";

const elementOf = (root: HTMLElement | null, id: NodeId): HTMLElement | undefined =>
  root?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`) ?? undefined;

function removalOf(id: NodeId, predefined: boolean): GraphAction | undefined {
  if (id.startsWith("container:")) return { kind: "remove", container: id.slice(10) };
  if (id.startsWith("network:") && !predefined) return { kind: "remove-network", network: id.slice(8) };
  return undefined;
}
