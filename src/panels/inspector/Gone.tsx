/**
 * What is selected and not there now: what it was, when it went or will come, and the way to that moment. While that moment is
 * looked at, what the picture knows of it; the inspector's tables are read from the present, where there are none of it.
 */
import { useMemo } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { formatTime } from "../bar/time.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { Facts, Quiet, State } from "./parts.tsx";
import { factsOf, lifeOf, positionBefore, type Subject } from "./read/life.ts";
import { useLive, useSay } from "./useLive.ts";

export function Gone({ subject, id }: { readonly subject: Subject; readonly id: string }) {
  const t = useTranslate();
  const say = useSay();
  const workbench = useWorkbench();
  useLive();
  const shown = useWorkbenchState((state) => state.now);
  const picture = useWorkbenchState((state) => state.picture);
  const { trace } = workbench.world.kernel;
  const { end } = trace;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trace grows in place
  const life = useMemo(() => lifeOf(trace, workbench.pictureAt(-1), subject, id), [trace, end, workbench, subject, id]);
  if (!life) return <Quiet>{say("inspector.gone")}</Quiet>;
  const { from, until, whole } = life;
  const past = factsOf(picture, subject, id);
  const later = !past && from !== undefined && from > shown;
  // Just as it has come; or the last that there was before it went.
  const position = later ? positionBefore(trace, from + 1) : whole === undefined ? trace.dropped : positionBefore(trace, whole);
  const sentence = (): string => {
    if (later) return say("inspector.later", { time: formatTime(from) });
    if (until === undefined) return say("inspector.gone");
    return say(past ? "inspector.past" : "inspector.went", { time: formatTime(until) });
  };
  return (
    <>
      <header className="insp-title">
        <h2>{life.name}</h2>
        {past && <State word={past.state} shown={subject === "container" ? t(`state.${past.state}`) : past.state} />}
        <p className="quiet">
          {say(`${subject}.kind`)} · {life.kind}
        </p>
      </header>
      {past && <Facts facts={past.facts.map(([name, value]) => [name.includes(".") ? t(name) : name, value])} />}
      <p>{sentence()}</p>
      {!past && position > trace.dropped && (
        <div className="insp-acts-bar">
          <button type="button" className="insp-act" onClick={() => workbench.lookAt(position)}>
            {say(later ? "inspector.showLater" : "inspector.showBefore")}
          </button>
        </div>
      )}
    </>
  );
}
