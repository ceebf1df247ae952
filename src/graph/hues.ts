/**
 * Networks' hues: eight that stay apart for colour-blind eyes (after Okabe and Ito), each with a sign of its own, so that
 * colour never stands alone. A network keeps its hue as long as it lives.
 */

export const HUES = 8;

export type Hue = number;

/** Outlines of the signs in a box from -1 to 1, for SVG and canvas alike; a hue's is the one at its index. */
export const SIGNS: readonly string[] = [
  "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  "M-.85-.85H.85V.85H-.85Z",
  "M0-1L1 .8H-1Z",
  "M0-1.1L1.1 0L0 1.1L-1.1 0Z",
  "M-.35-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z",
  "M0 1L-1-.8H1Z",
  "M-.55-1H.55L1.1 0L.55 1H-.55L-1.1 0Z",
  "M-1-.9L0-.3L1-.9L.4 0L1 .9L0 .3L-1 .9L-.4 0Z",
];

export const hueVariable = (hue: Hue): string => (hue < 0 ? "var(--cable)" : `var(--n${hue % HUES})`);

/** Hues for networks in the order of their making: those who have one keep it, new ones get the first that fewest have. */
export function assignHues(networks: Iterable<string>, before: ReadonlyMap<string, Hue>): ReadonlyMap<string, Hue> {
  const ids = [...networks];
  const hues = new Map<string, Hue>();
  const used = new Array<number>(HUES).fill(0);
  for (const id of ids) {
    const hue = before.get(id);
    if (hue === undefined) continue;
    hues.set(id, hue);
    used[hue] = (used[hue] as number) + 1;
  }
  for (const id of ids) {
    if (hues.has(id)) continue;
    const hue = used.indexOf(Math.min(...used));
    hues.set(id, hue);
    used[hue] = (used[hue] as number) + 1;
  }
  return hues;
}
