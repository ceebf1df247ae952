/** The right column: the journey of a packet, or what is selected, whichever was asked for last. */
import { lazy, Suspense } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { Tabs } from "../Tabs.tsx";

// The tables come when something is first selected, the journey with the first packet that somebody waits for.
const Inspector = lazy(() => import("../inspector/Inspector.tsx"));

const Journey = lazy(() => import("../packets/Journey.tsx"));

/** `onRun` is told before a command is run for somebody. */
export function SidePanel({ onRun }: { readonly onRun: () => void }) {
  const t = useTranslate();
  const packet = useWorkbenchState((state) => state.packet);
  const tab = useWorkbenchState((state) => state.beside);
  const workbench = useWorkbench();
  useWorkbenchState((state) => state.revision);
  const any = packet !== undefined || workbench.packets.newest !== undefined;
  const tabs = [
    ["journey", t("side.journey")],
    ["inspector", t("panel.inspector")],
  ] as const;

  return (
    <aside className="panel side" aria-label={t("panel.side")}>
      <div className="tab-bar">
        <Tabs name={t("panel.side")} tabs={tabs} current={tab} onChoose={(beside) => workbench.show(beside)} panel="side-body" />
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
