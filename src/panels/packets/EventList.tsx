/** What the engine and the kernels did, a sentence each, under the command that made them do it. */
import { useMemo } from "react";
import { useTranslate } from "../../i18n/index.ts";
import type { Happening } from "../../kernel/trace.ts";
import { EventWatch } from "../../session/eventLog.ts";
import type { Picture } from "../../session/picture.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { groupByLine } from "./grouping.ts";
import { ownerOf, whatCame } from "./sentences.ts";
import { useTail } from "./useTail.ts";

/** Whether all that an event speaks of is in the picture, by the names of today. */
const knows = ({ netns, networks, containers }: Picture, { data, netns: at }: Happening): boolean =>
  (!at || netns.has(at)) &&
  (!data.network || networks.has(String(data.network))) &&
  (!data.container || containers.has(String(data.container)));

export default function EventList() {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const generation = useWorkbenchState((state) => state.generation);
  const cursor = useWorkbenchState((state) => state.entries);
  useWorkbenchState((state) => state.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another trace
  const watch = useMemo(() => new EventWatch(workbench.world.kernel.trace), [workbench, generation]);
  const events = watch.events();
  const groups = useMemo(() => groupByLine(events, workbench.session.entries.slice(0, cursor)), [events, workbench, cursor]);
  const scroller = useTail(events);

  if (events.length === 0) return <p className="quiet pad">{t("events.empty")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroller" ref={scroller} tabIndex={0} aria-label={t("events.caption")}>
      <table className="rows packet-rows">
        <caption className="visually-hidden">{t("events.caption")}</caption>
        <thead>
          <tr>
            <th scope="col" title={t("packets.timeHelp")}>
              {t("packets.time")}
            </th>
            <th scope="col">netns</th>
            <th scope="col">{t("packets.what")}</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.entry}>
            <tr className="group">
              <th colSpan={3} scope="rowgroup">
                {group.entry < 0 ? t("packets.boot") : `$ ${group.line}`}
              </th>
            </tr>
            {group.rows.map((event) => {
              const then = knows(picture, event) ? picture : workbench.pictureAt(event.t);
              const sentence = whatCame(event, then, t);
              if (!sentence) return null;
              return (
                <tr key={event.position}>
                  <td className="mono">{Math.max(0, Math.round(event.t - group.at))}</td>
                  <td className="mono">{event.netns ? ownerOf(event.netns, then) : ""}</td>
                  <td title={sentence}>{sentence}</td>
                </tr>
              );
            })}
          </tbody>
        ))}
      </table>
    </section>
  );
}
