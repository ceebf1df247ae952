/** Milliseconds that work gets even on a busy page, and those between two looks while there is nothing to do. */
const LEAST = 3;
const PAUSE = 200;

/** Somebody waits: work that nobody waits for stops at once. Only Chromium tells. */
const isInputPending = (): boolean =>
  (navigator as { readonly scheduling?: { readonly isInputPending?: () => boolean } }).scheduling?.isInputPending?.() ?? false;

/** Calls `run` when the page has nothing better to do, after `latest` ms at the latest. */
export function soon(run: (deadline?: IdleDeadline) => void, latest: number): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(run, { timeout: latest });
  else setTimeout(run, 50);
}

/** Calls `work` while the page has nothing better to do, `limit` ms at a time at the most; it says whether there is more. */
export function whenIdle(work: (enough: () => boolean) => boolean, limit = 12): void {
  const run = (deadline?: IdleDeadline): void => {
    const end = performance.now() + Math.min(limit, Math.max(LEAST, deadline?.timeRemaining() ?? LEAST));
    if (work(() => performance.now() >= end || isInputPending())) soon(run, 1000);
    else setTimeout(() => soon(run, 1000), PAUSE);
  };
  soon(run, 1000);
}
