/** The page: bar, lesson and palette, picture, terminal, packets, inspector; laid out, resized and remembered. */
import { type ComponentType, lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { setLanguage, useTranslate } from "../i18n/index.ts";
import type { Player } from "../lessons/player.ts";
import { AddPanel } from "../panels/add/AddPanel.tsx";
import { ArticlePanel } from "../panels/article/ArticlePanel.tsx";
import { TopBar } from "../panels/bar/TopBar.tsx";
import { type Action, matches } from "../panels/commands/actions.ts";
import { useSlice, useWorkbench } from "../panels/context.ts";
import { PacketPanel } from "../panels/packets/PacketPanel.tsx";
import { SidePanel } from "../panels/side/SidePanel.tsx";
import type { TerminalPanelProps } from "../panels/terminal/TerminalPanel.tsx";
import { Canvas } from "./Canvas.tsx";
import { preferences } from "./preferences.ts";

// What the first picture does without comes when it is asked for; the terminal, with its programs, right after it.
const CommandPalette = lazy(() => import("../panels/commands/CommandPalette.tsx"));
const Shortcuts = lazy(() => import("../panels/commands/Shortcuts.tsx"));

const NARROW = "(max-width: 820px)";

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return narrow;
}

const focusTerminal = (): void => document.querySelector<HTMLElement>("#terminal textarea, #terminal .touch-line input")?.focus();

const remember =
  (group: string) =>
  (layout: Readonly<Record<string, number>>): void => {
    const { layout: before } = preferences.getState();
    preferences.setState({ layout: { ...before, [group]: layout } });
  };

export function App({ player, TerminalPanel }: { readonly player: Player; readonly TerminalPanel: ComponentType<TerminalPanelProps> }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const theme = useSlice(preferences, (state) => state.theme);
  const language = useSlice(preferences, (state) => state.language);
  const presenter = useSlice(preferences, (state) => state.presenter);
  const layout = useSlice(preferences, (state) => state.layout);
  const ghost = useSlice(player.store, (state) => state.ghost);
  const narrow = useNarrow();

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

  const [dialog, setDialog] = useState<"commands" | "shortcuts" | undefined>();
  const startOver = (): void => {
    player.stop();
    preferences.setState({ placed: {} });
    workbench.reset(Date.now() >>> 0);
  };
  const toggleTheme = (): void => preferences.setState({ theme: theme === "dark" ? "light" : "dark" });
  const toggleLanguage = (): void => preferences.setState({ language: language === "en" ? "ko" : "en" });
  const undo = (): void => {
    takeOver();
    workbench.undo();
  };
  const redo = (): void => {
    takeOver();
    workbench.redo();
  };
  const togglePresenter = (): void => preferences.setState({ presenter: !presenter });
  const actions: readonly Action[] = [
    { id: "commands", name: "bar.commands", keys: "Ctrl+K", everywhere: true, run: () => setDialog("commands") },
    { id: "shortcuts", name: "bar.shortcuts", keys: "?", run: () => setDialog("shortcuts") },
    { id: "play", name: "bar.playPause", keys: "Alt+Space", everywhere: true, run: () => workbench.setPlaying(!workbench.head.playing) },
    { id: "step", name: "bar.step", keys: "Alt+ArrowRight", everywhere: true, run: () => workbench.step() },
    { id: "undo", name: "bar.undo", keys: "Ctrl+Z", run: undo },
    { id: "redo", name: "bar.redo", keys: "Ctrl+Shift+Z", run: redo },
    { id: "terminal", name: "panel.terminal", keys: "Alt+T", everywhere: true, run: focusTerminal },
    { id: "article", name: "bar.article", run: () => player.play() },
    { id: "next", name: "article.next", keys: "PageDown", run: () => player.next() },
    { id: "previous", name: "article.previous", keys: "PageUp", run: () => player.previous() },
    { id: "presenter", name: "bar.presenter", keys: "Alt+P", everywhere: true, run: togglePresenter },
    { id: "theme", name: "bar.theme", run: toggleTheme },
    { id: "language", name: "bar.language", run: toggleLanguage },
    { id: "shuffle", name: "bar.dnsShuffle", run: () => workbench.run("vethlab dns-order shuffle") },
    { id: "in-turn", name: "bar.dnsInTurn", run: () => workbench.run("vethlab dns-order round-robin") },
    { id: "new", name: "bar.new", run: startOver },
  ];
  const shortcuts = useRef(actions);
  shortcuts.current = actions;

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]") !== null;
      const action = shortcuts.current.find((one) => one.keys && (one.everywhere || !typing) && matches(event, one.keys));
      if (!action) return;
      event.preventDefault();
      action.run();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const bar = (
    <TopBar
      theme={theme}
      presenter={presenter}
      onTheme={toggleTheme}
      onLanguage={toggleLanguage}
      onPresenter={togglePresenter}
      onCommands={() => setDialog("commands")}
      onNew={startOver}
    />
  );
  const dialogs = (
    <Suspense fallback={null}>
      {dialog === "commands" && <CommandPalette actions={actions} open onClose={() => setDialog(undefined)} />}
      {dialog === "shortcuts" && <Shortcuts actions={actions} more={[]} open onClose={() => setDialog(undefined)} />}
    </Suspense>
  );
  const left = (
    <aside className="panel left">
      <ArticlePanel player={player} language={language} />
      <AddPanel />
    </aside>
  );
  const terminal = (
    <Suspense fallback={<p className="quiet pad">{t("terminal.loading")}</p>}>
      <TerminalPanel theme={theme} fontSize={presenter ? 18 : 13} ghost={ghost} onTyping={takeOver} />
    </Suspense>
  );

  if (narrow)
    return (
      <div className="app narrow">
        {bar}
        <main className="stack">
          <div className="stack-canvas">
            <Canvas player={player} onTakeOver={takeOver} />
          </div>
          <div className="stack-terminal">{terminal}</div>
          {left}
          <div className="stack-packets">
            <PacketPanel />
          </div>
          <SidePanel onRun={takeOver} />
        </main>
        {dialogs}
      </div>
    );

  return (
    <div className="app">
      <a className="skip-link" href="#terminal">
        {t("app.skipToTerminal")}
      </a>
      {bar}
      <main className="workspace">
        <Group orientation="horizontal" id="columns" defaultLayout={layout.columns} onLayoutChanged={remember("columns")}>
          <Panel id="work" minSize="40%">
            <Group orientation="vertical" id="rows" defaultLayout={layout.rows} onLayoutChanged={remember("rows")}>
              <Panel id="upper" defaultSize="68%" minSize="25%">
                <Group
                  orientation="horizontal"
                  id="upper-columns"
                  defaultLayout={layout["upper-columns"]}
                  onLayoutChanged={remember("upper-columns")}
                >
                  {!presenter && (
                    <>
                      <Panel id="left" defaultSize="24%" minSize="180px" collapsible>
                        {left}
                      </Panel>
                      <Separator className="separator" />
                    </>
                  )}
                  <Panel id="canvas" minSize="30%">
                    <Canvas player={player} onTakeOver={takeOver} />
                  </Panel>
                </Group>
              </Panel>
              <Separator className="separator" />
              <Panel id="lower" defaultSize="32%" minSize="120px" collapsible>
                <Group
                  orientation="horizontal"
                  id="lower-columns"
                  defaultLayout={layout["lower-columns"]}
                  onLayoutChanged={remember("lower-columns")}
                >
                  <Panel id="terminal-panel" defaultSize="58%" minSize="30%">
                    {terminal}
                  </Panel>
                  {!presenter && (
                    <>
                      <Separator className="separator" />
                      <Panel id="packets" defaultSize="42%" minSize="15%" collapsible>
                        <PacketPanel />
                      </Panel>
                    </>
                  )}
                </Group>
              </Panel>
            </Group>
          </Panel>
          {!presenter && (
            <>
              <Separator className="separator" />
              <Panel id="inspector" defaultSize="22%" minSize="200px" collapsible>
                <SidePanel onRun={takeOver} />
              </Panel>
            </>
          )}
        </Group>
      </main>
      {dialogs}
    </div>
  );
}
