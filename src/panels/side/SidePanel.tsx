/** The right column: the journey of a packet, or what is selected, whichever was asked for last. */
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";

// The tables come when something is first selected, the journey with the first packet that somebody waits for.
const Inspector = lazy(() => import("../inspector/Inspector.tsx"));

const Journey = lazy(() => import("../packets/Journey.tsx"));

const TABS = ["journey", "inspector"] as const;
type Tab = (typeof TABS)[number];

/** `onRun` is told before a command is run for somebody. */
export function SidePanel({ onRun }: { readonly onRun: () => void }) {
  const t = useTranslate();
  const selection = useWorkbenchState((state) => state.selection);
  const packet = useWorkbenchState((state) => state.packet);
  const [tab, setTab] = useState<Tab>("journey");
  const workbench = useWorkbench();
  useWorkbenchState((state) => state.revision);
  const any = packet !== undefined || workbench.packets.newest !== undefined;
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => setTab(selection.length > 0 ? "inspector" : "journey"), [selection]);
  useEffect(() => {
    if (packet !== undefined) setTab("journey");
  }, [packet]);

  const choose = (next: Tab): void => {
    setTab(next);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };

  return (
    <aside className="panel side" aria-label={t("panel.side")}>
      <div className="tab-bar">
        <div className="tabs" role="tablist" aria-label={t("panel.side")} ref={list}>
          {TABS.map((one) => (
            <div key={one} className={one === tab ? "tab active" : "tab"}>
              <button
                type="button"
                role="tab"
                id={`tab-${one}`}
                aria-selected={one === tab}
                aria-controls="side-body"
                tabIndex={one === tab ? 0 : -1}
                onClick={() => setTab(one)}
                onKeyDown={(event) => {
                  if (event.key === "ArrowRight" || event.key === "ArrowLeft") choose(one === "journey" ? "inspector" : "journey");
                }}
              >
                {t(one === "journey" ? "side.journey" : "panel.inspector")}
              </button>
            </div>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="side-body" id="side-body" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <Suspense fallback={<p className="quiet">{t("terminal.loading")}</p>}>
          {tab === "inspector" ? (
            <Inspector onRun={onRun} />
          ) : any ? (
            <Journey onRun={onRun} />
          ) : (
            <p className="quiet">{t("journey.empty")}</p>
          )}
        </Suspense>
      </div>
    </aside>
  );
}
