/** What this browser remembers about the page itself: theme, language, panels, hints seen. Not part of any session. */
import { createStore } from "zustand/vanilla";
import type { Language } from "../i18n/index.ts";
import { address, type PanelName } from "./address.ts";

type Theme = "dark" | "light";
export type Placed = Readonly<Record<string, { readonly x: number; readonly y: number }>>;

export interface Preferences {
  readonly theme: Theme;
  readonly language: Language;
  readonly panels: Readonly<Record<PanelName, boolean>>;
  readonly presenter: boolean;
  readonly hintsSeen: readonly string[];
  readonly layout: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Where the user has put nodes, by node id. */
  readonly placed: Placed;
}

const KEY = `vethlab.preferences${address.slot}`;

const defaults = (): Preferences => ({
  theme: matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark",
  language: navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en",
  panels: { left: true, terminal: true, packets: true, inspector: true },
  presenter: false,
  hintsSeen: [],
  layout: {},
  placed: {},
});

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes over what is sound and leaves the rest at its default: what an older page has saved must not break this one. */
function restore(saved: unknown): Preferences {
  const fresh = defaults();
  if (!isRecord(saved)) return fresh;
  const panels = isRecord(saved.panels) ? saved.panels : {};
  return {
    theme: saved.theme === "dark" || saved.theme === "light" ? saved.theme : fresh.theme,
    language: saved.language === "en" || saved.language === "ko" ? saved.language : fresh.language,
    panels: Object.fromEntries(
      Object.entries(fresh.panels).map(([name, shown]) => [name, typeof panels[name] === "boolean" ? panels[name] : shown]),
    ) as Record<PanelName, boolean>,
    presenter: saved.presenter === true,
    hintsSeen: Array.isArray(saved.hintsSeen) ? saved.hintsSeen.filter((hint) => typeof hint === "string") : [],
    layout: isRecord(saved.layout) ? (saved.layout as Preferences["layout"]) : {},
    placed: isRecord(saved.placed) ? soundPlaces(saved.placed) : {},
  };
}

const soundPlaces = (places: Record<string, unknown>): Preferences["placed"] =>
  Object.fromEntries(
    Object.entries(places).flatMap(([id, place]) =>
      isRecord(place) && Number.isFinite(place.x) && Number.isFinite(place.y) ? [[id, { x: Number(place.x), y: Number(place.y) }]] : [],
    ),
  );

function load(): Preferences {
  try {
    return restore(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    return defaults();
  }
}

/** What the address asks for comes before what was kept. */
function asked(kept: Preferences): Preferences {
  const { language, theme, panels } = address;
  return { ...kept, ...(language ? { language } : {}), ...(theme ? { theme } : {}), ...(panels ? { panels } : {}) };
}

export const preferences = createStore<Preferences>(() => asked(load()));

preferences.subscribe((state) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing still shows the page.
  }
});

export const showPanel = (panel: PanelName, shown: boolean): void =>
  preferences.setState({ panels: { ...preferences.getState().panels, [panel]: shown } });
