/** The bar on top: the clock and its controls, undo and redo, language, theme. */
import {
  ChevronLeft,
  ChevronRight,
  Command,
  Ellipsis,
  Languages,
  Maximize,
  Moon,
  Pause,
  Play,
  Presentation,
  Redo2,
  Sun,
  Undo2,
} from "lucide-react";
import { lazy, memo, Suspense, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import type { Action } from "../commands/actions.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { IconButton } from "../IconButton.tsx";
import type { PanelToggle } from "./MoreMenu.tsx";
import { formatTime } from "./time.ts";

const MoreMenu = lazy(() => import("./MoreMenu.tsx"));
const TimeLine = lazy(() => import("./TimeLine.tsx"));

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4] as const;

export interface TopBarProps {
  readonly theme: "dark" | "light";
  readonly presenter: boolean;
  readonly onTheme: () => void;
  readonly onLanguage: () => void;
  readonly onPresenter: () => void;
  readonly onCommands: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  /** For the menu of what is wanted seldom. */
  readonly panels: readonly PanelToggle[];
  readonly more: readonly Action[];
}

/** It changes with every frame: nothing else of the bar shall. */
function Clock() {
  const t = useTranslate();
  const { head } = useWorkbench();
  const now = useWorkbenchState((state) => state.now);
  return (
    <output className="mono time" title={t("bar.time")}>
      {/* To the microsecond while packets fly. */}t = {formatTime(now, head.flying ? 6 : 3)}
    </output>
  );
}

export function TopBar(props: TopBarProps) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const playing = useWorkbenchState((state) => state.playing);
  const speed = useWorkbenchState((state) => state.speed);
  const canUndo = useWorkbenchState((state) => state.canUndo);
  const canRedo = useWorkbenchState((state) => state.canRedo);
  const undoLine = useWorkbenchState((state) => state.undoLine);
  const redoLine = useWorkbenchState((state) => state.redoLine);
  const dark = props.theme === "dark";
  const undoLabel = canUndo ? t("bar.undoLine", { line: undoLine }) : t("bar.undo");
  const redoLabel = canRedo ? t("bar.redoLine", { line: redoLine }) : t("bar.redo");

  return (
    <header className="top-bar">
      <h1>
        veth<b>lab</b>
      </h1>
      <span className="tagline">{t("app.tagline")}</span>
      <div className="spread" />
      <fieldset className="clock" aria-label={t("bar.time")}>
        <IconButton className="wide-only" onClick={() => workbench.stepBack()} label={t("bar.stepBack")}>
          <ChevronLeft size={14} />
        </IconButton>
        <button type="button" className="button primary" onClick={() => workbench.setPlaying(!playing)} aria-keyshortcuts="Alt+Space">
          {playing ? <Pause size={14} /> : <Play size={14} />}
          <span className="wide-only">{playing ? t("bar.pause") : t("bar.play")}</span>
        </button>
        <button type="button" className="button" onClick={() => workbench.step()} title={t("bar.stepHelp")}>
          <span className="wide-only">{t("bar.step")}</span>
          <ChevronRight size={14} />
        </button>
        <span className="time-line">
          <Suspense fallback={null}>
            <TimeLine />
          </Suspense>
        </span>
        <label className="speed">
          <span className="visually-hidden">{t("bar.speed")}</span>
          <select value={speed} onChange={(event) => workbench.setSpeed(Number(event.target.value))}>
            {SPEEDS.map((one) => (
              <option key={one} value={one}>
                {one}×
              </option>
            ))}
          </select>
        </label>
        <Clock />
      </fieldset>
      <div className="spread" />
      <IconButton disabled={!canUndo} onClick={props.onUndo} label={undoLabel}>
        <Undo2 size={16} />
      </IconButton>
      <IconButton disabled={!canRedo} onClick={props.onRedo} label={redoLabel}>
        <Redo2 size={16} />
      </IconButton>
      <IconButton
        className="wide-only"
        onClick={props.onCommands}
        label={t("bar.commands")}
        hint={`${t("bar.commands")} (${t("bar.commandsHint")})`}
      >
        <Command size={16} />
      </IconButton>
      <IconButton className="wide-only" aria-pressed={props.presenter} onClick={props.onPresenter} label={t("bar.presenter")}>
        <Presentation size={16} />
      </IconButton>
      <IconButton
        className="wide-only"
        onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())}
        label={t("bar.fullscreen")}
      >
        <Maximize size={16} />
      </IconButton>
      <button
        type="button"
        className="button"
        onClick={props.onLanguage}
        title={t("bar.languageHelp")}
        lang={t("bar.language") === "English" ? "en" : "ko"}
      >
        <Languages size={14} className="narrow-hidden" />
        {t("bar.language")}
      </button>
      <IconButton onClick={props.onTheme} label={dark ? t("bar.toLight") : t("bar.toDark")}>
        {dark ? <Sun size={16} /> : <Moon size={16} />}
      </IconButton>
      <More panels={props.panels} actions={props.more} />
    </header>
  );
}

/** The menu itself comes when it is first opened. */
const More = memo(function More(props: { readonly panels: readonly PanelToggle[]; readonly actions: readonly Action[] }) {
  const t = useTranslate();
  const [wanted, setWanted] = useState(false);
  const trigger = (
    <IconButton label={t("bar.more")} aria-haspopup="menu" onClick={() => setWanted(true)}>
      <Ellipsis size={16} />
    </IconButton>
  );
  return wanted ? (
    <Suspense fallback={trigger}>
      <MoreMenu {...props} />
    </Suspense>
  ) : (
    trigger
  );
});
