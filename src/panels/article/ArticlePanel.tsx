/** The article as a list of steps: which is done, which is being typed, and what it shows. */
import { Check, Pause, Play, Square, StepForward } from "lucide-react";
import { useEffect, useRef } from "react";
import { type Language, useTranslate } from "../../i18n/index.ts";
import type { Player } from "../../lessons/player.ts";
import { useSlice } from "../context.ts";
import { IconButton } from "../IconButton.tsx";

export function ArticlePanel({ player, language }: { readonly player: Player; readonly language: Language }) {
  const t = useTranslate();
  const status = useSlice(player.store, (state) => state.status);
  const step = useSlice(player.store, (state) => state.step);
  const current = useRef<HTMLLIElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the step
  useEffect(() => {
    const list = current.current?.closest("section");
    // On a phone the list is as long as it is: the picture shall stay in view.
    if (list && list.scrollHeight > list.clientHeight) current.current?.scrollIntoView({ block: "nearest" });
  }, [step]);

  const playing = status === "playing";
  const says = playing ? t("article.pause") : status === "paused" ? t("article.resume") : t("bar.article");
  return (
    <section className="article" aria-label={t("article.title")}>
      <h2>{t("article.title")}</h2>
      <div className="row">
        <button type="button" className="button primary" aria-label={says} onClick={() => (playing ? player.pause() : player.play())}>
          {playing ? <Pause size={14} /> : <Play size={14} />}
          <span className="whole">{says}</span>
          <span className="brief">{playing || status === "paused" ? says : t("bar.play")}</span>
        </button>
        <IconButton label={t("article.next")} disabled={status === "done"} onClick={() => player.next()}>
          <StepForward size={14} />
        </IconButton>
        <IconButton label={t("article.stop")} disabled={status === "idle"} onClick={() => player.stop()}>
          <Square size={14} />
        </IconButton>
      </div>
      <p className="quiet" role="status">
        {status === "paused" && t("article.takeOver")}
        {status === "done" && t("article.done")}
      </p>
      <ol className="steps">
        {player.steps.map((one, i) => {
          const state =
            status === "done" || (status !== "idle" && i < step) ? "done" : status !== "idle" && i === step ? "current" : "ahead";
          return (
            <li
              key={one.id}
              className={`step ${state}`}
              ref={state === "current" ? current : undefined}
              aria-current={state === "current" ? "step" : undefined}
            >
              <span className="step-number">{state === "done" ? <Check size={12} aria-hidden /> : i + 1}</span>
              <div>
                <p>{one.say[language]}</p>
                {state === "current" &&
                  one.type.map((line, n) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a step never change places
                    <code key={n} className="command">
                      {typeof line === "string" ? line : line.key}
                    </code>
                  ))}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
