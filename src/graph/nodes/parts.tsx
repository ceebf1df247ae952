/** Small things that several nodes are made of. */
import type { ContainerState } from "../../engine/types.ts";
import { HUES, type Hue, hueVariable, SIGNS } from "../hues.ts";

/** A network's second sign besides its hue. */
export function HueSign({ hue, size = 9 }: { readonly hue: Hue; readonly size?: number }) {
  if (hue < 0) return null;
  return (
    <svg className="g-sign" width={size} height={size} viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true">
      <path d={SIGNS[hue % HUES]} fill="currentColor" />
    </svg>
  );
}

const STATE_PATHS: Readonly<Record<ContainerState, string>> = {
  running: "M2 1.4L8.8 5L2 8.6Z",
  paused: "M2 1.5H4.2V8.5H2ZM5.8 1.5H8V8.5H5.8Z",
  created: "M5 1.4A3.6 3.6 0 1 1 5 8.6A3.6 3.6 0 1 1 5 1.4ZM5 3A2 2 0 1 0 5 7A2 2 0 1 0 5 3Z",
  exited: "M2 2H8V8H2Z",
  dead: "M2.2 1L5 3.8L7.8 1L9 2.2L6.2 5L9 7.8L7.8 9L5 6.2L2.2 9L1 7.8L3.8 5L1 2.2Z",
  restarting: "M5 1.2A3.8 3.8 0 1 1 1.2 5H2.8A2.2 2.2 0 1 0 5 2.8V4.6L2 2.2L5 0Z",
  removing: "M1.5 4.2H8.5V5.8H1.5Z",
};

export function StateIcon({ state }: { readonly state: ContainerState }) {
  return (
    <svg className="g-state" data-state={state} width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <path d={STATE_PATHS[state]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}

export const hueStyle = (hue: Hue): React.CSSProperties => ({ "--hue": hueVariable(hue) }) as React.CSSProperties;
