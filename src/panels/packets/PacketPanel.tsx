/** What has been on the wires, and what has happened, in two tabs at the foot of the page. */
import "./packets.css";
import { lazy, Suspense, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { Tabs } from "../Tabs.tsx";

// The lists come when there is something to list.
const PacketList = lazy(() => import("./PacketList.tsx"));
const EventList = lazy(() => import("./EventList.tsx"));

const TABS = ["packets", "events"] as const;

export function PacketPanel() {
  const t = useTranslate();
  const [tab, setTab] = useState<(typeof TABS)[number]>("packets");
  const [filter, setFilter] = useState("");
  const [housekeeping, setHousekeeping] = useState(false);
  const workbench = useWorkbench();
  useWorkbenchState((state) => state.revision);
  const some = housekeeping || workbench.packets.newest !== undefined;
  const tabs = TABS.map((one) => [one, t(`${one}.tab`)] as const);
  return (
    <section className="panel packets" aria-label={t("panel.packets")}>
      <div className="tab-bar">
        <Tabs name={t("panel.packets")} tabs={tabs} current={tab} onChoose={setTab} panel={`panel-${tab}`} />
        <div className="spread" />
        {tab === "packets" && (
          <>
            <label className="check quiet" title={t("packets.housekeepingHelp")}>
              <input type="checkbox" checked={housekeeping} onChange={(event) => setHousekeeping(event.target.checked)} />
              {t("packets.housekeeping")}
            </label>
            <input
              className="filter"
              type="search"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
              aria-label={t("packets.filter")}
              placeholder={t("packets.filterHint")}
            />
          </>
        )}
      </div>
      <div className="tab-panel" role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        <Suspense fallback={null}>
          {tab === "events" ? (
            <EventList />
          ) : some ? (
            <PacketList filter={filter} housekeeping={housekeeping} />
          ) : (
            <p className="quiet pad">{t("packets.empty")}</p>
          )}
        </Suspense>
      </div>
    </section>
  );
}
