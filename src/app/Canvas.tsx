/** The picture in the page: fed by the workbench, its gestures carried out, captions and hints over it. */
import { lazy, Suspense, useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { StackLines } from "../graph/context.ts";
import { graphMessages } from "../graph/messages.ts";
import { NetworkGraph } from "../graph/NetworkGraph.tsx";
import { addMessages, useTranslate } from "../i18n/index.ts";
import type { Player } from "../lessons/player.ts";
import { DRAG_TYPE } from "../panels/add/store.ts";
import { useSlice, useWorkbench, useWorkbenchState } from "../panels/context.ts";
import { GestureNotice } from "../panels/gestures/GestureNotice.tsx";
import { useGestures } from "../panels/gestures/useGestures.ts";
import { Hints } from "../panels/hints/Hints.tsx";
import { stackLinesOf } from "../panels/inspector/stackLines.ts";
import type { Told } from "../panels/scene/AddressScene.tsx";
import type { Picture } from "../session/picture.ts";
import { SceneWatch } from "../session/scenes.ts";
import type { Places } from "./places.ts";
import { preferences } from "./preferences.ts";
import { useNarrow } from "./useNarrow.ts";

const AddressScene = lazy(() => import("../panels/scene/AddressScene.tsx"));
const LookingBack = lazy(() => import("../panels/bar/LookingBack.tsx"));
const StepCaption = lazy(() => import("../panels/article/StepCaption.tsx"));

addMessages(graphMessages);

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const watchStillness = (listener: () => void): (() => void) => {
  stillness.addEventListener("change", listener);
  return () => stillness.removeEventListener("change", listener);
};

const NOBODY: readonly string[] = [];
const NOTHING_TOLD: Told = { nodes: NOBODY };

/** The nodes that go by a name: a container's, a network's, a machine's. */
function nodesNamed(name: string, picture: Picture): readonly string[] {
  const containers = [...picture.containers.values()].filter((one) => one.name === name).map((one) => `container:${one.id}`);
  const networks = [...picture.networks.values()].filter((one) => one.name === name).map((one) => `network:${one.id}`);
  const machine = [...picture.netns.values()].some((one) => one.machine === name) ? [`machine:${name}`] : [];
  return [...containers, ...networks, ...machine];
}

interface CanvasProps {
  readonly player: Player;
  readonly places: Places;
  readonly onTakeOver: () => void;
}

export function Canvas({ player, places, onTakeOver }: CanvasProps) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const selection = useWorkbenchState((state) => state.selection);
  const revision = useWorkbenchState((state) => state.revision);
  const theme = useSlice(preferences, (state) => state.theme);
  const language = useSlice(preferences, (state) => state.language);
  const presenter = useSlice(preferences, (state) => state.presenter);
  const placed = useSlice(preferences, (state) => state.placed);
  const hintsSeen = useSlice(preferences, (state) => state.hintsSeen);
  const lesson = useSlice(player.store, (state) => state.status);
  const step = useSlice(player.store, (state) => state.step);
  const reducedMotion = useSyncExternalStore(watchStillness, () => stillness.matches);
  const generation = useWorkbenchState((state) => state.generation);
  const lookingBack = useWorkbenchState((state) => state.lookingBack);
  const [telling, setTelling] = useState({ told: NOTHING_TOLD, generation });
  // After undo, and of the past, nothing is told.
  const told = telling.generation === generation && !lookingBack ? telling.told : NOTHING_TOLD;
  const spoken = told.nodes;
  const onTell = useCallback((next: Told) => setTelling({ told: next, generation }), [generation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another trace
  const scenes = useMemo(() => new SceneWatch(workbench.world.kernel.trace), [workbench, generation]);
  const scene = scenes.latest();

  const look = presenter && lesson !== "idle" ? player.steps[step]?.look : undefined;
  const spotlight = useMemo(
    () => (spoken.length > 0 ? spoken : look ? look.flatMap((name) => nodesNamed(name, picture)) : NOBODY),
    [spoken, look, picture],
  );

  // On a phone the article is far below: its steps are told, and played, under the picture.
  const narrow = useNarrow();
  const captioned = presenter || (narrow && spoken.length === 0);

  const { onAction, commandOf } = useGestures(places, onTakeOver);
  const stackLines = useCallback(
    (machine: string): StackLines | undefined => {
      const netns = workbench.world.machines.get(machine)?.netns;
      return netns && stackLinesOf(netns);
    },
    [workbench],
  );
  const packet = useWorkbenchState((state) => state.packet);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each revision it may have gone on
  const journey = useMemo(() => (packet === undefined ? undefined : workbench.packets.journey(packet)), [workbench, packet, revision]);
  const { news, asked } = told;
  const position = scene?.position;
  /** Position of the scene whose telling gave way to something else. */
  const gaveWay = useRef(position);
  const motion = useMemo(
    () => ({
      flights: () => workbench.head.flights,
      marks: () => workbench.head.marks,
      quiet: () => workbench.head.quiet,
      arrivals: () => {
        const { arrivals, flying, shown } = workbench.head;
        // Whatever flies passes what is there, and whoever reaches for it finds it; the article goes on before all is told.
        if ((flying || lesson === "playing") && !asked) gaveWay.current = position;
        return news && (asked || gaveWay.current !== position) ? news(arrivals, shown) : arrivals;
      },
      now: () => workbench.head.time,
      shown: () => workbench.head.shown,
      past: lookingBack,
    }),
    [workbench, news, asked, position, lesson, lookingBack],
  );
  const onSelect = useCallback((ids: readonly string[]) => workbench.select(ids), [workbench]);

  return (
    <section className="canvas" aria-label={t("panel.canvas")}>
      <div
        className="canvas-picture"
        onPointerDownCapture={() => {
          gaveWay.current = position;
        }}
      >
        <NetworkGraph
          picture={picture}
          motion={motion}
          journey={journey}
          selection={selection}
          onSelect={onSelect}
          onAction={onAction}
          commandOf={commandOf}
          placed={placed}
          spotlight={spotlight}
          reducedMotion={reducedMotion}
          theme={theme}
          t={t}
          stackLines={stackLines}
          revision={revision}
          dropType={DRAG_TYPE}
        />
      </div>
      <div className="canvas-foot">
        <GestureNotice onRun={onTakeOver} />
        <Suspense fallback={null}>
          {lookingBack && <LookingBack />}
          {captioned && !lookingBack && <StepCaption player={player} language={language} />}
          {!presenter && !lookingBack && scene && (
            <AddressScene key={generation} scene={scene} reducedMotion={reducedMotion} onTell={onTell} />
          )}
        </Suspense>
        {!captioned && !lookingBack && lesson !== "playing" && spoken.length === 0 && (
          <Hints seen={hintsSeen} onSeen={(hint) => preferences.setState({ hintsSeen: [...hintsSeen, hint] })} />
        )}
      </div>
    </section>
  );
}
