/** For who does not see the picture: what came of a command, said politely, read from the same trace that is drawn. */
import { useEffect, useMemo, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { EventWatch } from "../../session/eventLog.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { whatCame, whereOf, whyDropped } from "../packets/sentences.ts";

const TOLD = new Set(["address-assigned", "container-state", "port-published"]);
/** Sentences said in one go at the most. */
const MOST = 4;
/** Packets that are looked at: one may end long after others that were sent later. */
const RECENT = 60;

/** `since`: the virtual time in µs from which on things are told. */
export default function Announcer({ since }: { readonly since: number }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const generation = useWorkbenchState((state) => state.generation);
  const revision = useWorkbenchState((state) => state.revision);
  const [said, setSaid] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another trace
  const state = useMemo(() => {
    const watch = new EventWatch(workbench.world.kernel.trace);
    const packet = workbench.packets.rows().findLast((row) => row.t <= since)?.id ?? 0;
    return { watch, told: new Set<number>(), event: watch.events().findLast((event) => event.t <= since)?.position ?? -1, packet };
  }, [workbench, generation]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: says what is new whenever something is
  useEffect(() => {
    const sentences: string[] = [];
    for (const event of state.watch.events()) {
      if (event.position <= state.event) continue;
      state.event = event.position;
      const sentence = TOLD.has(event.what) ? whatCame(event, picture, t) : undefined;
      if (sentence) sentences.push(sentence);
    }
    for (const row of workbench.packets.rows().slice(-RECENT)) {
      if (row.id <= state.packet || row.housekeeping || typeof row.end === "string" || state.told.has(row.id)) continue;
      state.told.add(row.id);
      sentences.push(
        `${row.what}: ${t("packets.failed", { where: whereOf(row.end, workbench.pictureAt(row.end.t)), why: whyDropped(row.end, t) })}`,
      );
    }
    if (sentences.length > 0) setSaid(sentences.slice(-MOST).join(". "));
  }, [revision, state]);

  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label={t("announce.label")}>
      {said}
    </div>
  );
}
