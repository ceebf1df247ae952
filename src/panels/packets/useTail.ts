/** Keeps a scrolling list at its end while new rows come, unless the reader has scrolled up. */
import { type RefObject, useEffect, useRef } from "react";

/** How far from the end, in pixels, still counts as at the end. */
const NEAR = 160;

export function useTail(rows: unknown): RefObject<HTMLElement | null> {
  const scroller = useRef<HTMLElement>(null);
  const begun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls as rows come
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (near || !begun.current) element.scrollTop = element.scrollHeight;
    begun.current = true;
  }, [rows]);
  return scroller;
}
