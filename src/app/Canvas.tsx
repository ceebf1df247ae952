/** The picture in the page: fed by the workbench, its gestures carried out, hints and scenes over it. */
import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { StackLines } from "../graph/context.ts";
import { graphMessages } from "../graph/messages.ts";
import { NetworkGraph } from "../graph/NetworkGraph.tsx";
import { addMessages, useTranslate } from "../i18n/index.ts";
import { DRAG_TYPE } from "../panels/add/store.ts";
import { useSlice, useWorkbench, useWorkbenchState } from "../panels/context.ts";
import { useGestures } from "../panels/gestures/useGestures.ts";
import { stackLinesOf } from "../panels/inspector/NetnsTables.tsx";
import { AddressScene } from "../panels/scene/AddressScene.tsx";
import { preferences } from "./preferences.ts";
import { StartCard } from "./StartCard.tsx";

addMessages(graphMessages);

const motion = matchMedia("(prefers-reduced-motion: reduce)");
const watchMotion = (listener: () => void): (() => void) => {
  motion.addEventListener("change", listener);
  return () => motion.removeEventListener("change", listener);
};

export function Canvas({ onTakeOver }: { readonly onTakeOver: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const selection = useWorkbenchState((state) => state.selection);
  const revision = useWorkbenchState((state) => state.revision);
  const theme = useSlice(preferences, (state) => state.theme);
  const placed = useSlice(preferences, (state) => state.placed);
  const reducedMotion = useSyncExternalStore(watchMotion, () => motion.matches);

  const places = useMemo(
    () => ({
      move: (moved: typeof placed) => preferences.setState({ placed: { ...preferences.getState().placed, ...moved } }),
      tidy: (nodes: readonly string[] | undefined) =>
        preferences.setState({
          placed: nodes ? Object.fromEntries(Object.entries(preferences.getState().placed).filter(([id]) => !nodes.includes(id))) : {},
        }),
    }),
    [],
  );
  const onAction = useGestures(places, onTakeOver);
  const stackLines = useCallback(
    (machine: string): StackLines | undefined => {
      const netns = workbench.world.machines.get(machine)?.netns;
      return netns && stackLinesOf(netns);
    },
    [workbench],
  );
  const onSelect = useCallback((ids: readonly string[]) => workbench.select(ids), [workbench]);

  return (
    <section className="canvas" aria-label={t("panel.canvas")}>
      <NetworkGraph
        picture={picture}
        flights={() => workbench.head.flights}
        marks={() => workbench.head.marks}
        now={() => workbench.head.time}
        selection={selection}
        onSelect={onSelect}
        onAction={onAction}
        placed={placed}
        reducedMotion={reducedMotion}
        theme={theme}
        t={t}
        stackLines={stackLines}
        revision={revision}
        dropType={DRAG_TYPE}
      />
      <StartCard onTakeOver={onTakeOver} />
      <AddressScene reducedMotion={reducedMotion} />
    </section>
  );
}
