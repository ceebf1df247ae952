/** The page: bar, lesson and palette, picture, terminal, packets, inspector; laid out, resized and remembered. */
import { useCallback, useEffect, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { setLanguage, useTranslate } from "../i18n/index.ts";
import type { Player } from "../lessons/player.ts";
import { AddPanel } from "../panels/add/AddPanel.tsx";
import { ArticlePanel } from "../panels/article/ArticlePanel.tsx";
import { TopBar } from "../panels/bar/TopBar.tsx";
import { useSlice, useWorkbench } from "../panels/context.ts";
import { Inspector } from "../panels/inspector/Inspector.tsx";
import { PacketPanel } from "../panels/packets/PacketPanel.tsx";
import { TerminalPanel } from "../panels/terminal/TerminalPanel.tsx";
import { Canvas } from "./Canvas.tsx";
import { preferences } from "./preferences.ts";

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

const remember =
  (group: string) =>
  (layout: Readonly<Record<string, number>>): void => {
    const { layout: before } = preferences.getState();
    preferences.setState({ layout: { ...before, [group]: layout } });
  };

export function App({ player }: { readonly player: Player }) {
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
    setLanguage(language);
  }, [language]);

  const takeOver = useCallback(() => player.pause(), [player]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "z" && !typing) {
        event.preventDefault();
        takeOver();
        if (event.shiftKey) workbench.redo();
        else workbench.undo();
      } else if (command && event.key.toLowerCase() === "y" && !typing) {
        event.preventDefault();
        workbench.redo();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [workbench, takeOver]);

  const bar = (
    <TopBar
      theme={theme}
      presenter={presenter}
      onTheme={() => preferences.setState({ theme: theme === "dark" ? "light" : "dark" })}
      onLanguage={() => preferences.setState({ language: language === "en" ? "ko" : "en" })}
      onPresenter={() => preferences.setState({ presenter: !presenter })}
      onCommands={() => {}}
      onNew={() => {
        player.stop();
        preferences.setState({ placed: {} });
        workbench.reset(Date.now() >>> 0);
      }}
    />
  );
  const left = (
    <aside className="panel left">
      <ArticlePanel player={player} language={language} />
      <AddPanel />
    </aside>
  );
  const terminal = <TerminalPanel theme={theme} fontSize={presenter ? 18 : 13} ghost={ghost} onTyping={takeOver} />;

  if (narrow)
    return (
      <div className="app narrow">
        {bar}
        <main className="stack">
          <div className="stack-canvas">
            <Canvas />
          </div>
          <div className="stack-terminal">{terminal}</div>
          {left}
          <div className="stack-packets">
            <PacketPanel />
          </div>
          <Inspector />
        </main>
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
                <Group orientation="horizontal" id="upper-columns" defaultLayout={layout["upper-columns"]} onLayoutChanged={remember("upper-columns")}>
                  {!presenter && (
                    <>
                      <Panel id="left" defaultSize="24%" minSize="180px" collapsible>
                        {left}
                      </Panel>
                      <Separator className="separator" />
                    </>
                  )}
                  <Panel id="canvas" minSize="30%">
                    <Canvas />
                  </Panel>
                </Group>
              </Panel>
              <Separator className="separator" />
              <Panel id="lower" defaultSize="32%" minSize="120px" collapsible>
                <Group orientation="horizontal" id="lower-columns" defaultLayout={layout["lower-columns"]} onLayoutChanged={remember("lower-columns")}>
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
                <Inspector />
              </Panel>
            </>
          )}
        </Group>
      </main>
    </div>
  );
}
