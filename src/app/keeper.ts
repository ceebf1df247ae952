/** Keeps the session in this browser. What cannot be read is set aside, never thrown away, and the page starts afresh. */
import { parseScript, type Script } from "../session/script.ts";
import type { Keeper } from "../session/workbench.ts";

const KEY = "vethlab.session";
const ASIDE = "vethlab.session.unreadable";

export const browserKeeper: Keeper = {
  load(): Script | undefined {
    try {
      const saved = localStorage.getItem(KEY);
      if (saved === null) return undefined;
      const script = parseScript(JSON.parse(saved));
      if (!script) localStorage.setItem(ASIDE, saved);
      return script;
    } catch {
      return undefined;
    }
  },
  save(script): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(script));
    } catch {
      // Private windows and full disks: the session lives as long as the page.
    }
  },
};
