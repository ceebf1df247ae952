/**
 * What the page's address may ask for: `?lang=ko&theme=light&panels=terminal,packets&session=demo`. For pages that show
 * vethlab in a frame. Anything else in it is left alone, and nothing in it can run a command.
 */
import type { Language } from "../i18n/index.ts";

const PANEL_NAMES = ["left", "terminal", "packets", "inspector"] as const;
export type PanelName = (typeof PANEL_NAMES)[number];

export interface Address {
  readonly language?: Language;
  readonly theme?: "dark" | "light";
  /** The panels around the picture that are shown; all others are hidden. */
  readonly panels?: Readonly<Record<PanelName, boolean>>;
  /** Where this page keeps its session and preferences, apart from others': "" for the page's own. */
  readonly slot: string;
}

function readAddress(search: string): Address {
  const words = new URLSearchParams(search);
  const language = words.get("lang");
  const theme = words.get("theme");
  const panels = words.get("panels")?.split(",");
  const session = words.get("session") ?? "";
  return {
    ...(language === "en" || language === "ko" ? { language } : {}),
    ...(theme === "dark" || theme === "light" ? { theme } : {}),
    ...(panels
      ? { panels: Object.fromEntries(PANEL_NAMES.map((name) => [name, panels.includes(name)])) as Record<PanelName, boolean> }
      : {}),
    slot: /^[a-z0-9-]{1,32}$/i.test(session) ? `.${session}` : "",
  };
}

export const address = readAddress(location.search);
