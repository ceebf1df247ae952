/** What every part of the picture needs and none should be handed by hand. */
import { createContext, useContext } from "react";
import type { GraphAction, OnAction } from "./actions.ts";
import type { CableSide } from "./gestures.ts";
import type { Say } from "./messages.ts";
import { sayEnglish } from "./messages.ts";
import { PreviewStore } from "./preview.ts";
import type { Cable, NodeId } from "./scene.ts";
import type { Point } from "./sizes.ts";

/** What the host's stack shows when it is opened, as lines that the tools would print. */
export interface StackLines {
  readonly routing: readonly string[];
  readonly netfilter: readonly string[];
  readonly conntrack: readonly string[];
}

export interface GraphTools {
  readonly say: Say;
  readonly onAction: OnAction;
  /** The command line that an action runs, "" for what runs none. */
  readonly commandOf: (action: GraphAction) => string;
  readonly preview: PreviewStore;
  /** An end of a cable was taken hold of. */
  readonly onPull: (cable: Cable, side: CableSide, event: React.PointerEvent) => void;
  readonly onSelect: (ids: readonly NodeId[]) => void;
  readonly openMenu: (target: NodeId, at: Point) => void;
  readonly toggleStack: (id: NodeId) => void;
  readonly stackLines: (machine: string) => StackLines | undefined;
  /** The selection, for parts of a node that are selected on their own. */
  readonly isSelected: (id: NodeId) => boolean;
}

export const GraphContext = createContext<GraphTools>({
  say: sayEnglish,
  onAction: () => {},
  commandOf: () => "",
  preview: new PreviewStore(),
  onPull: () => {},
  onSelect: () => {},
  openMenu: () => {},
  toggleStack: () => {},
  stackLines: () => undefined,
  isSelected: () => false,
});

export const useGraph = (): GraphTools => useContext(GraphContext);
