/** Milliseconds that work gets even on a busy page, and those between two looks while there is nothing to do. */
const LEAST = 3;
const PAUSE = 200;

/** Calls `work` while the page has nothing better to do, `limit` ms at a time at the most; it says whether there is more. */
export function whenIdle(work: (enough: () => boolean) => boolean, limit = 12): void {
  const later = (run: (deadline?: IdleDeadline) => void): void => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(run, { timeout: 1000 });
    else setTimeout(run, 50);
  };
  const run = (deadline?: IdleDeadline): void => {
    const end = performance.now() + Math.min(limit, Math.max(LEAST, deadline?.timeRemaining() ?? LEAST));
    if (work(() => performance.now() >= end)) later(run);
    else setTimeout(() => later(run), PAUSE);
  };
  later(run);
}
