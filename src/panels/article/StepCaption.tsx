/** For a class: the step of the article that is spoken of, in large type under the picture, with next and previous. */
import { ChevronLeft, ChevronRight, Pause, Play } from "lucide-react";
import { type Language, useTranslate } from "../../i18n/index.ts";
import type { Player } from "../../lessons/player.ts";
import { useSlice } from "../context.ts";
import { IconButton } from "../IconButton.tsx";

export default function StepCaption({ player, language }: { readonly player: Player; readonly language: Language }) {
  const t = useTranslate();
  const status = useSlice(player.store, (state) => state.status);
  const at = useSlice(player.store, (state) => state.step);
  const step = player.steps[at];
  const playing = status === "playing";
  return (
    <section className="step-caption" aria-label={t("article.title")}>
      <IconButton disabled={status === "idle"} onClick={() => player.previous()} label={t("article.previous")} aria-keyshortcuts="PageUp">
        <ChevronLeft size={18} />
      </IconButton>
      <p role="status">
        <b>
          {at + 1}/{player.steps.length}
        </b>{" "}
        {status === "done" ? t("article.done") : step?.say[language]}
      </p>
      <IconButton onClick={() => (playing ? player.pause() : player.play())} label={playing ? t("article.pause") : t("bar.article")}>
        {playing ? <Pause size={16} /> : <Play size={16} />}
      </IconButton>
      <IconButton disabled={status === "done"} onClick={() => player.next()} label={t("article.next")} aria-keyshortcuts="PageDown">
        <ChevronRight size={18} />
      </IconButton>
    </section>
  );
}
