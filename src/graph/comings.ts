/**
 * How a new interface comes, as a story in four parts, each a function of its age alone: the address flies from the network's
 * pool to the container; the pair is made in the host; one end goes into the container's netns and is renamed; the other is
 * plugged into the bridge.
 */
import type { News } from "../session/arrivals.ts";
import type { Cable, NodeId } from "./scene.ts";

type Part = "address" | "pair" | "move" | "plug";

/** When each part ends, in ms of show time. */
export const ENDS: readonly (readonly [Part, number])[] = [
  ["address", 500],
  ["pair", 760],
  ["move", 1140],
  ["plug", 1500],
];
/** How long a node takes to come. */
const FADE = 320;
/** When more come at once it is a crowd, not news. */
export const MOST_NEWS = 16;

export interface Progress {
  readonly part: Part;
  /** From 0 to 1 within the part. */
  readonly done: number;
}

export function progressAt(age: number): Progress | undefined {
  let start = 0;
  for (const [part, end] of ENDS) {
    if (age < end) return { part, done: Math.max(0, (age - start) / (end - start)) };
    start = end;
  }
  return undefined;
}

/** What is just coming: by socket id or node id, the part that it is in ("come" for a node), with a device's first name. */
export type Phases = ReadonlyMap<NodeId, string>;

export const NO_PHASES: Phases = new Map();

const PHASES_OF: Readonly<Record<string, (id: string) => NodeId>> = {
  container: (id) => `container:${id}`,
  network: (id) => `network:${id}`,
  device: (id) => `device:${id}`,
};

/** Phases at a show time; none when a crowd comes. */
export function phasesAt(arrivals: News, shown: number): Phases {
  const { comings } = arrivals;
  if (comings.size === 0) return NO_PHASES;
  const phases = new Map<NodeId, string>();
  let fresh = 0;
  for (const [key, coming] of comings) {
    const age = shown - coming.since;
    const at = key.indexOf(":");
    const subject = key.slice(0, at);
    const id = PHASES_OF[subject]?.(key.slice(at + 1)) ?? key;
    if (subject === "container" && age < 1500) fresh++;
    const progress = subject === "device" ? progressAt(age) : undefined;
    if (progress) phases.set(id, `${progress.part} ${coming.name}`);
    else if (subject !== "device" && age < FADE) phases.set(id, "come");
  }
  return fresh > MOST_NEWS || phases.size > 4 * MOST_NEWS ? NO_PHASES : phases;
}

export const isSame = (a: Phases, b: Phases): boolean => a.size === b.size && [...a].every(([id, phase]) => b.get(id) === phase);

/** Whether a cable is not drawn yet, because its ends are still on their way. */
export const isComing = (phases: Phases, cable: Cable): boolean => phases.has(cable.from.socket);
