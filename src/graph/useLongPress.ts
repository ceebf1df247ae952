/** A finger that rests asks for the menu, as the right button does: not every browser tells so by itself. */
import { useRef } from "react";
import type { Point } from "./sizes.ts";

const REST_MS = 520;
/** Pixels by which a resting finger may stray. */
const STRAY = 8;

interface LongPress {
  readonly onPointerDown: (event: React.PointerEvent) => void;
  readonly onPointerMove: (event: React.PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
}

export function useLongPress(onRest: (element: Element, at: Point) => void): LongPress {
  const resting = useRef<{ readonly timer: number; readonly at: Point } | undefined>(undefined);
  const stop = (): void => {
    clearTimeout(resting.current?.timer);
    resting.current = undefined;
  };
  return {
    onPointerDown: (event) => {
      stop();
      if (event.pointerType !== "touch" || !event.isPrimary) return;
      const element = event.target as Element;
      const at = { x: event.clientX, y: event.clientY };
      const timer = window.setTimeout(() => {
        stop();
        onRest(element, at);
      }, REST_MS);
      resting.current = { timer, at };
    },
    onPointerMove: (event) => {
      const { at } = resting.current ?? {};
      if (at && Math.hypot(event.clientX - at.x, event.clientY - at.y) > STRAY) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  };
}
