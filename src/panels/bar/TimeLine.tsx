/** What has happened, on one line: its end is the present, and whoever moves along it looks back. */
import "./time-line.css";
import type { KeyboardEvent } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { formatTime } from "./time.ts";

export default function TimeLine() {
  const t = useTranslate();
  const workbench = useWorkbench();
  useWorkbenchState((state) => state.revision);
  const lookingBack = useWorkbenchState((state) => state.lookingBack);
  const { oldest, newest, at } = workbench.timeline;
  // Left and right go from one thing to be seen to the next: a position in the trace more says nothing.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowDown") workbench.stepBack();
    else if (event.key === "ArrowRight" || event.key === "ArrowUp") {
      if (lookingBack) workbench.step();
    } else if (event.key === "End") workbench.present();
    else return;
    event.preventDefault();
  };
  return (
    <input
      type="range"
      className={lookingBack ? "looking-back" : undefined}
      min={oldest + 1}
      max={newest}
      value={at}
      onChange={(event) => workbench.lookAt(Number(event.target.value))}
      onKeyDown={onKeyDown}
      aria-label={t("bar.timeLine")}
      aria-valuetext={lookingBack ? formatTime(workbench.head.time) : t("bar.present")}
      title={t("bar.timeLineHelp")}
    />
  );
}
