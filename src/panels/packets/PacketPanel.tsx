/** Every packet as a row, newest at the end; a row opens the packet's journey. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { PacketLog, type PacketRow } from "../../session/packetLog.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { Journey } from "./Journey.tsx";
import { whereOf, whyDropped } from "./sentences.ts";

export function PacketPanel() {
  const t = useTranslate();
  const workbench = useWorkbench();
  const generation = useWorkbenchState((state) => state.generation);
  const picture = useWorkbenchState((state) => state.picture);
  useWorkbenchState((state) => state.revision);
  const [open, setOpen] = useState<number | undefined>();
  const scroller = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another trace
  const log = useMemo(() => new PacketLog(workbench.world.kernel.trace), [workbench, generation]);
  const rows = log.rows();
  const { trace } = workbench.world.kernel;

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls as rows come
  useEffect(() => {
    const element = scroller.current;
    if (element && element.scrollHeight - element.scrollTop - element.clientHeight < 160) element.scrollTop = element.scrollHeight;
  }, [rows]);

  const says = (row: PacketRow): string =>
    typeof row.end === "string"
      ? row.what
      : `${row.what} — ${t("packets.failed", { where: whereOf(row.end, picture), why: whyDropped(row.end, t) })}`;

  return (
    <section className="panel packets" aria-label={t("panel.packets")}>
      <div className="tab-bar">
        <h2 className="panel-title">{t("panel.packets")}</h2>
      </div>
      {open !== undefined ? (
        <Journey packet={open} onClose={() => setOpen(undefined)} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className="scroller" ref={scroller} tabIndex={0} aria-label={t("packets.caption")}>
          {trace.dropped > 0 && (
            <p className="quiet pad">{t("packets.dropped", { count: trace.dropped, kept: trace.end - trace.dropped })}</p>
          )}
          {rows.length === 0 ? (
            <p className="quiet pad">{t("packets.empty")}</p>
          ) : (
            <table className="rows">
              <caption className="visually-hidden">{t("packets.caption")}</caption>
              <thead>
                <tr>
                  <th scope="col">{t("packets.time")}</th>
                  <th scope="col">{t("packets.protocol")}</th>
                  <th scope="col">{t("packets.from")}</th>
                  <th scope="col">{t("packets.to")}</th>
                  <th scope="col">{t("packets.what")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id} className={typeof row.end === "string" ? row.end : "dropped"}>
                    <td className="mono">{row.t}</td>
                    <td className={`protocol ${row.protocol.toLowerCase()}`}>{row.protocol}</td>
                    <td className="mono">{row.from}</td>
                    <td className="mono">{row.to}</td>
                    <td>
                      <button type="button" className="link" onClick={() => setOpen(row.id)}>
                        {says(row)}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
    </section>
  );
}
