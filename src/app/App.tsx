/** The page: bar, lesson and palette, picture, terminal, packets, journey and inspector; its actions and their keys. */
import { type ComponentType, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { setLanguage, useTranslate } from "../i18n/index.ts";
import type { Player } from "../lessons/player.ts";
import { AddPanel } from "../panels/add/AddPanel.tsx";
import { ArticlePanel } from "../panels/article/ArticlePanel.tsx";
import type { PanelToggle } from "../panels/bar/MoreMenu.tsx";
import { SPEEDS, TopBar } from "../panels/bar/TopBar.tsx";
import { type Action, matches } from "../panels/commands/actions.ts";
import { useSlice, useWorkbench, useWorkbenchState } from "../panels/context.ts";
import { PacketPanel } from "../panels/packets/PacketPanel.tsx";
import { SidePanel } from "../panels/side/SidePanel.tsx";
import type { TerminalPanelProps } from "../panels/terminal/TerminalPanel.tsx";
import type { PanelName } from "./address.ts";
import { Canvas } from "./Canvas.tsx";
import type { BrowserKeeper } from "./keeper.ts";
import { Note } from "./Note.tsx";
import type { Places } from "./places.ts";
import { preferences, showPanel } from "./preferences.ts";
import { StartCard } from "./StartCard.tsx";
import { useNarrow } from "./useNarrow.ts";
import { Stack, Workspace } from "./Workspace.tsx";

// What the first picture does without comes when it is asked for.
const Announcer = lazy(() => import("../panels/announce/Announcer.tsx"));
const CommandPalette = lazy(() => import("../panels/commands/CommandPalette.tsx"));
const Shortcuts = lazy(() => import("../panels/commands/Shortcuts.tsx"));

const focusTerminal = (): void => document.querySelector<HTMLElement>("#terminal textarea, #terminal .touch-line input")?.focus();

const PANELS = [
  ["left", "panel.left", "Alt+1"],
  ["terminal", "panel.terminal", "Alt+2"],
  ["packets", "panel.packets", "Alt+3"],
  ["inspector", "panel.side", "Alt+4"],
] as const satisfies readonly (readonly [PanelName, string, string])[];

interface AppProps {
  readonly player: Player;
  readonly places: Places;
  readonly keeper: BrowserKeeper;
  readonly TerminalPanel: ComponentType<TerminalPanelProps>;
}

export function App({ player, places, keeper, TerminalPanel }: AppProps) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const theme = useSlice(preferences, (state) => state.theme);
  const language = useSlice(preferences, (state) => state.language);
  const presenter = useSlice(preferences, (state) => state.presenter);
  const shown = useSlice(preferences, (state) => state.panels);
  const ghost = useSlice(player.store, (state) => state.ghost);
  const begun = useWorkbenchState((state) => state.entries > 0);
  const generation = useWorkbenchState((state) => state.generation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another world
  const since = useMemo(() => workbench.session.now, [workbench, generation]);
  const narrow = useNarrow();
  const [dialog, setDialog] = useState<"commands" | "shortcuts" | undefined>();
  const [note, setNote] = useState<"new" | "cut" | "other" | "unreadable" | "unkept" | undefined>(
    keeper.unreadable ? "unreadable" : keeper.shared ? "other" : undefined,
  );

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.presenter = String(presenter);
  }, [theme, presenter]);

  useEffect(() => {
    document.documentElement.lang = language;
    // A language that cannot be loaded now leaves the page in the one before.
    setLanguage(language).catch(() => preferences.setState({ language: "en" }));
  }, [language]);

  const takeOver = useCallback(() => player.pause(), [player]);
  const lookingBack = useWorkbenchState((state) => state.lookingBack);
  useEffect(() => {
    if (lookingBack) takeOver();
  }, [lookingBack, takeOver]);
  useEffect(() => workbench.onCut(() => setNote("cut")), [workbench]);
  useEffect(() => {
    // Once: it stays so, and whoever goes on has been told.
    let told = false;
    keeper.onUnkept(() => {
      if (!told) setNote("unkept");
      told = true;
    });
  }, [keeper]);

  const startOver = (): void => {
    if (workbench.session.entries.length > 0) keeper.keepPrevious(workbench.session.script);
    player.stop();
    preferences.setState({ placed: {} });
    workbench.reset(Date.now() >>> 0);
    setNote(keeper.previous() ? "new" : undefined);
  };
  const restore = (): void => {
    const previous = keeper.previous();
    setNote(undefined);
    if (!previous) return;
    player.stop();
    keeper.keepPrevious(workbench.session.script);
    workbench.load(previous);
  };
  const toggleTheme = (): void => preferences.setState({ theme: theme === "dark" ? "light" : "dark" });
  const toggleLanguage = (): void => preferences.setState({ language: language === "en" ? "ko" : "en" });
  const togglePresenter = (): void => preferences.setState({ presenter: !presenter });
  const undo = (): void => {
    takeOver();
    if (!places.undo()) workbench.undo();
  };
  const redo = (): void => {
    takeOver();
    if (!places.redo()) workbench.redo();
  };
  const changeSpeed = (by: 1 | -1): void => {
    const at = SPEEDS.findIndex((one) => one >= workbench.head.speed);
    workbench.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))] ?? 1);
  };
  const toggles: readonly PanelToggle[] = PANELS.map(([panel, name, keys]) => ({
    name: t(name),
    keys,
    shown: shown[panel],
    toggle: () => showPanel(panel, !preferences.getState().panels[panel]),
  }));

  const shortcutsAction: Action = { id: "shortcuts", name: "bar.shortcuts", keys: "?", run: () => setDialog("shortcuts") };
  const newAction: Action = { id: "new", name: "bar.new", run: startOver };
  const restoreAction: Action = { id: "restore", name: "bar.restore", run: restore };
  const actions: readonly Action[] = [
    { id: "commands", name: "bar.commands", keys: "Ctrl+K", everywhere: true, run: () => setDialog("commands") },
    shortcutsAction,
    { id: "play", name: "bar.playPause", keys: "Alt+Space", everywhere: true, run: () => workbench.setPlaying(!workbench.head.playing) },
    { id: "step", name: "bar.step", keys: "Alt+→", everywhere: true, run: () => workbench.step() },
    { id: "stepBack", name: "bar.stepBack", keys: "Alt+←", everywhere: true, run: () => workbench.stepBack() },
    { id: "slower", name: "bar.slower", keys: "Alt+,", everywhere: true, run: () => changeSpeed(-1) },
    { id: "faster", name: "bar.faster", keys: "Alt+.", everywhere: true, run: () => changeSpeed(1) },
    { id: "undo", name: "bar.undo", keys: "Ctrl+Z", run: undo },
    { id: "redo", name: "bar.redo", keys: "Ctrl+Shift+Z", run: redo },
    { id: "terminal", name: "panel.terminal", keys: "Alt+T", everywhere: true, run: focusTerminal },
    ...PANELS.map(
      ([panel, name, keys]): Action => ({
        id: `panel-${panel}`,
        name: shown[panel] ? "panel.hide" : "panel.show",
        words: { panel: t(name) },
        keys,
        everywhere: true,
        run: () => showPanel(panel, !preferences.getState().panels[panel]),
      }),
    ),
    { id: "article", name: "bar.article", run: () => player.play() },
    { id: "next", name: "article.next", keys: "PageDown", run: () => player.next() },
    { id: "previous", name: "article.previous", keys: "PageUp", run: () => player.previous() },
    { id: "presenter", name: "bar.presenter", keys: "Alt+P", everywhere: true, run: togglePresenter },
    { id: "theme", name: "bar.theme", run: toggleTheme },
    { id: "language", name: "bar.language", run: toggleLanguage },
    { id: "shuffle", name: "bar.dnsShuffle", run: () => workbench.run("vethlab dns-order shuffle") },
    { id: "in-turn", name: "bar.dnsInTurn", run: () => workbench.run("vethlab dns-order round-robin") },
    newAction,
    restoreAction,
  ];
  const latest = useRef(actions);
  latest.current = actions;

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]") !== null;
      const action = latest.current.find((one) => one.keys && (one.everywhere || !typing) && matches(event, one.keys));
      if (!action) return;
      event.preventDefault();
      action.run();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const start = <StartCard onTakeOver={takeOver} />;
  const parts = {
    start,
    left: (
      <aside className="panel left" aria-label={t("panel.left")}>
        {!narrow && start}
        <ArticlePanel player={player} language={language} />
        <AddPanel onRun={takeOver} />
      </aside>
    ),
    canvas: <Canvas player={player} places={places} onTakeOver={takeOver} />,
    terminal: (
      <Suspense fallback={<p className="quiet pad">{t("terminal.loading")}</p>}>
        <TerminalPanel theme={theme} fontSize={presenter ? 18 : 13} ghost={ghost} onTyping={takeOver} />
      </Suspense>
    ),
    packets: <PacketPanel />,
    side: <SidePanel onRun={takeOver} />,
  };

  return (
    <div className={narrow ? "app narrow" : "app"}>
      <a className="skip-link" href="#terminal">
        {t("app.skipToTerminal")}
      </a>
      <TopBar
        theme={theme}
        presenter={presenter}
        onTheme={toggleTheme}
        onLanguage={toggleLanguage}
        onPresenter={togglePresenter}
        onCommands={() => setDialog("commands")}
        onUndo={undo}
        onRedo={redo}
        panels={narrow || presenter ? [] : toggles}
        more={keeper.previous() ? [shortcutsAction, newAction, restoreAction] : [shortcutsAction, newAction]}
      />
      {narrow ? <Stack parts={parts} /> : <Workspace parts={parts} presenter={presenter} />}
      {(note === "new" || note === "cut") && (
        <Note text={t(`note.${note}`)} action={{ name: t("note.restore"), run: restore }} onClose={() => setNote(undefined)} />
      )}
      {(note === "other" || note === "unreadable" || note === "unkept") && (
        <Note text={t(`note.${note}`)} onClose={() => setNote(undefined)} />
      )}
      <Suspense fallback={null}>
        {begun && <Announcer since={since} />}
        {dialog === "commands" && (
          <CommandPalette actions={actions.filter(({ id }) => id !== "commands")} open onClose={() => setDialog(undefined)} />
        )}
        {dialog === "shortcuts" && <Shortcuts actions={actions} more={[]} open onClose={() => setDialog(undefined)} />}
      </Suspense>
    </div>
  );
}
