/** The phases of what is just coming, drawn anew only when one of them changes. */
import { useEffect, useRef, useState } from "react";
import { isSame, NO_PHASES, type Phases, phasesAt } from "./comings.ts";
import type { Motion } from "./motion.ts";

/** `trigger` changes whenever something may have come. */
export function usePhases(motion: Motion, still: boolean, trigger: unknown): Phases {
  const [phases, setPhases] = useState(NO_PHASES);
  const frame = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trigger is what it waits for
  useEffect(() => {
    if (still) return;
    let last: Phases | undefined;
    const look = (): void => {
      frame.current = 0;
      const now = phasesAt(motion.arrivals(), motion.shown());
      if (!last || !isSame(last, now)) setPhases((before) => (isSame(before, now) ? before : now));
      last = now;
      if (now.size > 0) frame.current = requestAnimationFrame(look);
    };
    look();
    return () => cancelAnimationFrame(frame.current);
  }, [motion, still, trigger]);
  return still ? NO_PHASES : phases;
}
