/** The theme's colours for what is drawn on canvas, which knows no CSS variables. */
import { HUES } from "./hues.ts";

const NAMES = [
  "--bg",
  "--panel",
  "--panel2",
  "--line",
  "--ink",
  "--dim",
  "--bad",
  "--ok",
  "--accent",
  "--host",
  "--cable",
  "--duct",
  "--on-hue",
  "--arp",
  "--icmp",
  "--dns",
  "--tcp",
  "--udp",
  "--mono",
  "--sans",
] as const;
type Name = (typeof NAMES)[number];

export interface Palette {
  readonly of: (name: Name) => string;
  readonly hue: (hue: number) => string;
}

/** The palette of the theme that the document has now, read anew when that changes. */
export function themedPalette(element: Element): () => Palette {
  let palette: Palette | undefined;
  let theme: string | undefined;
  return () => {
    const now = document.documentElement.dataset.theme;
    if (!palette || theme !== now) palette = readPalette(element);
    theme = now;
    return palette;
  };
}

function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const values = new Map<string, string>(NAMES.map((name) => [name, style.getPropertyValue(name).trim()]));
  const hues = Array.from({ length: HUES }, (_, i) => style.getPropertyValue(`--n${i}`).trim());
  return {
    of: (name) => values.get(name) || "gray",
    hue: (hue) => (hue < 0 ? values.get("--cable") : hues[hue % HUES]) || "gray",
  };
}
