/**
 * The picture of the network, as a component with props only: what there is to draw, what flies, what is selected, and one
 * callback for whatever a person asks for. It keeps no state of the world; only how it is looked at.
 */
import "@xyflow/react/dist/style.css";
import "./tokens.css";
import "./graph.css";
import { ReactFlow, ReactFlowProvider, ViewportPortal } from "@xyflow/react";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import type { Hop } from "../kernel/trace.ts";
import type { Picture } from "../session/picture.ts";
import type { GraphAction, OnAction } from "./actions.ts";
import { CableLayer, LooseCable } from "./CableLayer.tsx";
import { ConnectionLine, DrawingContext } from "./ConnectionLine.tsx";
import { GraphContext, type GraphTools, type StackLines } from "./context.ts";
import { Dots } from "./Dots.tsx";
import { nameOf } from "./describe.ts";
import { FlowNodes } from "./flowNodes.ts";
import type { Geometry } from "./geometry.ts";
import { type Say, sayEnglish } from "./messages.ts";
import type { Motion } from "./motion.ts";
import { nodeAt } from "./navigate.ts";
import { type GraphNode, nodeTypes } from "./nodes/index.ts";
import { PreviewChip } from "./PreviewChip.tsx";
import { PreviewStore } from "./preview.ts";
import { type NodeId, type Scene, shownAs } from "./scene.ts";
import type { Point } from "./sizes.ts";
import { Tools } from "./Tools.tsx";
import { elementOf, useDrags } from "./useDrags.ts";
import { MAX_ZOOM, MIN_ZOOM, useFit, useRoom } from "./useFit.ts";
import { useKeys } from "./useKeys.ts";
import { useLongPress } from "./useLongPress.ts";
import { usePhases } from "./usePhases.ts";
import { useScene } from "./useScene.ts";
import { useView } from "./useView.ts";

const FarLayer = lazy(() => import("./FarLayer.tsx"));
const Menu = lazy(() => import("./Menu.tsx"));
const PacketLayer = lazy(() => import("./PacketLayer.tsx"));
const Summary = lazy(() => import("./Summary.tsx"));
const SelectionBar = lazy(() => import("./SelectionBar.tsx"));

export interface NetworkGraphProps {
  readonly picture: Picture;
  readonly motion: Motion;
  /** Hops of a packet that is looked at: its way and its end are drawn as long as they are here. */
  readonly journey?: readonly Hop[] | undefined;
  /** Node and cable ids: "container:ID", "network:ID", "device:UID", "machine:NAME". */
  readonly selection: readonly NodeId[];
  readonly onSelect: (ids: readonly NodeId[]) => void;
  readonly onAction: OnAction;
  /** The command line that an action would run, to be shown before it does; "" for what runs none. */
  readonly commandOf?: (action: GraphAction) => string;
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
/** Beyond so many cards the dots behind cost more than they give. */
const MOST_WITH_DOTS = 150;
const noLines = (): undefined => undefined;
const noCommand = (): string => "";

export function NetworkGraph(props: NetworkGraphProps) {
  return (
    <ReactFlowProvider>
      <Stage {...props} />
    </ReactFlowProvider>
  );
}

function Stage(props: NetworkGraphProps) {
  const { picture, selection, onSelect, onAction, placed = NOTHING_PLACED, reducedMotion = false, theme = "dark" } = props;
  const { t: say = sayEnglish, stackLines = noLines, revision = 0, dropType = "application/x-vethlab-add", commandOf = noCommand } = props;
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<NodeId>>(new Set());
  const [menu, setMenu] = useState<{ readonly target: NodeId; readonly at: Point } | undefined>();
  const [focused, setFocused] = useState<NodeId>("");
  const [hovered, setHovered] = useState<NodeId>("");
  const preview = useMemo(() => new PreviewStore(), []);
  const { room, measure } = useRoom(root);
  const drawn = useRef<Geometry | undefined>(undefined);
  const drags = useDrags(drawn, { root, preview, onAction, onSelect, commandOf, placed, selection });
  const { moved, pointerAt, onPull } = drags;
  const { geometry, forget } = useScene(picture, placed, open, moved, room);
  drawn.current = geometry;
  const { scene } = geometry;
  const selected = useMemo(() => new Set([...selection, ...selection.map((id) => shownAs(scene, id))]), [selection, scene]);
  const pinned = useMemo(() => new Set([...selected, focused, hovered, ...moved.keys()]), [selected, focused, hovered, moved]);
  const view = useView(geometry, pinned, root);
  const { release, showAll, zoomBy, bringIntoView } = useFit({ root, geometry, busy: moved.size > 0, measure, reducedMotion });
  const reachable = geometry.has(focused) ? focused : (selection.find((id) => geometry.has(id)) ?? firstOf(scene));
  const lit = useMemo(() => new Set((props.spotlight ?? []).map((id) => shownAs(scene, id))), [props.spotlight, scene]);
  const phases = usePhases(props.motion, reducedMotion, picture);
  const flowNodes = useRef(new FlowNodes());
  const nodes = useMemo(
    () =>
      flowNodes.current.nodes({
        geometry,
        say,
        selection: selected,
        lit,
        mounted: (id) => view.mounted.has(id),
        phases,
        open,
        reachable,
        revision,
      }),
    [geometry, say, selected, lit, view.mounted, phases, open, reachable, revision],
  );
  const cables = useMemo(
    () => (view.far ? [] : scene.cables.filter((cable) => cable.kind === "wire" || view.mounted.has(cable.from.node))),
    [scene, view],
  );

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
      commandOf,
      preview,
      onPull,
      onSelect,
      openMenu,
      toggleStack: (id) => setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
      stackLines,
      isSelected: (id) => selected.has(id),
    }),
    [say, onAction, commandOf, preview, onPull, onSelect, openMenu, stackLines, selected],
  );
  const drawing = useMemo(() => ({ geometry, onDrawing: drags.onDrawing }), [geometry, drags.onDrawing]);

  const focusNode = (id: NodeId): void => {
    setFocused(id);
    onSelect([id]);
    bringIntoView(id);
    // The card may get its element only now.
    requestAnimationFrame(() => requestAnimationFrame(() => elementOf(root.current, id)?.focus({ preventScroll: true })));
  };
  const onKeyDown = useKeys({ root, geometry, selection, selected, placed, reachable, onAction, onSelect, openMenu, focusNode });
  const longPress = useLongPress((element, at) => {
    const id = element.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? element.closest<SVGElement>("[data-cable]")?.dataset.cable;
    openMenu(id ?? nodeAt(geometry, pointerAt({ clientX: at.x, clientY: at.y })) ?? "", at);
  });

  const onPaneClick = (event: React.MouseEvent): void => {
    const hit = nodeAt(geometry, pointerAt(event));
    onSelect(hit ? [hit] : []);
    root.current?.focus({ preventScroll: true });
  };

  const hoverTimer = useRef(0);
  const onPaneMouseMove = (event: React.MouseEvent): void => {
    if (!view.far || scene.cards.size === view.mounted.size || event.buttons > 0) return;
    const at = pointerAt(event);
    cancelAnimationFrame(hoverTimer.current);
    hoverTimer.current = requestAnimationFrame(() => {
      const hit = nodeAt(geometry, at);
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

  const act = (action: GraphAction): void => {
    const isTidy = action.kind === "tidy";
    if (isTidy && !action.nodes) forget();
    onAction(action);
    if (isTidy) showAll();
  };

  const onFocus = (event: React.FocusEvent): void => {
    // What is in a node is on its way through the picture, not where arrows start from.
    const { dataset, classList } = event.target as HTMLElement;
    if (classList.contains("react-flow__node") && dataset.id) setFocused(dataset.id);
  };

  return (
    <GraphContext.Provider value={tools}>
      <DrawingContext.Provider value={drawing}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: keys come from the nodes inside */}
        <div
          ref={root}
          className={`g-root${lit.size > 0 ? " g-spotlit" : ""}${view.far ? " g-far" : ""}${reducedMotion ? " g-still" : ""}`}
          tabIndex={-1}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
          {...longPress}
          data-far={view.far}
          data-containers={picture.containers.size}
        >
          <ReactFlow<GraphNode>
            nodes={nodes}
            nodeTypes={nodeTypes}
            onNodesChange={drags.onNodesChange}
            onNodeDrag={drags.onDrag}
            onNodeDragStop={drags.onDragStop}
            onSelectionDrag={(event, dragged) => dragged[0] && drags.onDrag(event, dragged[0], dragged)}
            onSelectionDragStop={(event, dragged) => dragged[0] && drags.onDragStop(event, dragged[0], dragged)}
            onSelectionStart={drags.onBoxStart}
            onSelectionEnd={drags.onBoxEnd}
            onNodeContextMenu={(event, node) => {
              event.preventDefault();
              openMenu(node.id, { x: event.clientX, y: event.clientY });
            }}
            onNodeDoubleClick={(_, node) => onAction({ kind: "inspect", node: node.id })}
            onPaneContextMenu={(event) => {
              event.preventDefault();
              openMenu(nodeAt(geometry, pointerAt(event)) ?? "", { x: event.clientX, y: event.clientY });
            }}
            onPaneClick={onPaneClick}
            onPaneMouseMove={onPaneMouseMove}
            onConnectStart={drags.onConnectStart}
            onConnectEnd={(event, state) => drags.onConnectEnd(event, state.fromNode?.id, state.fromHandle?.id ?? "")}
            connectionLineComponent={ConnectionLine}
            connectOnClick={false}
            onMoveStart={(event) => {
              if (!event) return;
              release();
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
            {scene.cards.size <= MOST_WITH_DOTS && <Dots />}
            {(view.far || view.mounted.size < scene.cards.size) && (
              <Suspense fallback={null}>
                <FarLayer geometry={geometry} far={view.far} mounted={view.mounted} selection={selected} theme={theme} />
              </Suspense>
            )}
            <ViewportPortal>
              <CableLayer geometry={geometry} cables={cables} selection={selected} phases={phases} />
              <LooseCable store={drags.loose} />
            </ViewportPortal>
            <Suspense fallback={null}>
              <PacketLayer geometry={geometry} motion={props.motion} journey={props.journey} reducedMotion={reducedMotion} say={say} />
            </Suspense>
          </ReactFlow>
          <Tools say={say} onZoom={zoomBy} onFit={showAll} onTidy={() => act({ kind: "tidy" })} />
          {selection.length > 1 && (
            <Suspense fallback={null}>
              <SelectionBar scene={scene} selection={selection} say={say} commandOf={commandOf} preview={preview} onAction={onAction} />
            </Suspense>
          )}
          <PreviewChip store={preview} say={say} />
          <Suspense fallback={null}>
            <Summary scene={scene} say={say} />
          </Suspense>
          {menu && (
            <Suspense fallback={null}>
              <Menu
                at={menu.at}
                label={say("graph.do.menu", { name: menu.target ? nameOf(scene, menu.target) : say("graph.label") })}
                request={{
                  scene,
                  target: menu.target,
                  container: menu.target.startsWith("container:") ? picture.containers.get(menu.target.slice(10)) : undefined,
                  selection,
                  placed: placed[menu.target] !== undefined,
                  place: pointerAt({ clientX: menu.at.x, clientY: menu.at.y }),
                  say,
                }}
                commandOf={commandOf}
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
      </DrawingContext.Provider>
    </GraphContext.Provider>
  );
}

const firstOf = (scene: Scene): NodeId => scene.cards.keys().next().value ?? scene.bars.keys().next().value ?? scene.hosts[0]?.id ?? "";
