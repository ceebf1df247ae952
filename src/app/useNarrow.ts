/** Whether the page has a phone's width. */
import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 820px)");
const watch = (listener: () => void): (() => void) => {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
};

export const useNarrow = (): boolean => useSyncExternalStore(watch, () => query.matches);
