/** The inspector's own pace: what it shows is read from the world's tables a few times a second at the most. */
import { useCallback, useRef, useSyncExternalStore } from "react";
import { addMessages, useTranslate } from "../../i18n/index.ts";
import { type InspectorKey, inspector } from "../../i18n/inspector.ts";
import { useWorkbench } from "../context.ts";

await addMessages({ en: inspector, ko: async () => (await import("../../i18n/ko/inspector.ts")).inspector });

/** ms between two readings. */
const PACE_MS = 300;

/**
 * Renders the component again when the world has moved on, at the pace of the inspector; gives the virtual time (µs). A
 * world that was replaced (undo, a new session) is read at once.
 */
export function useLive(): number {
  const { store } = useWorkbench();
  const reading = useRef(0);
  const subscribe = useCallback(
    (listener: () => void) => {
      let waiting: ReturnType<typeof setTimeout> | undefined;
      let seen = store.getState();
      const read = (): void => {
        waiting = undefined;
        seen = store.getState();
        reading.current++;
        listener();
      };
      const stop = store.subscribe((state) => {
        if (state.generation !== seen.generation) {
          clearTimeout(waiting);
          read();
        } else if (state.revision !== seen.revision || state.now !== seen.now) waiting ??= setTimeout(read, PACE_MS);
      });
      return () => {
        stop();
        clearTimeout(waiting);
      };
    },
    [store],
  );
  useSyncExternalStore(subscribe, () => reading.current);
  return store.getState().now;
}

/** Says a message of the inspector. */
export type Say = (key: InspectorKey, parameters?: Readonly<Record<string, string | number>>) => string;
export const useSay = (): Say => useTranslate();
