/** Starts the page: language, session, picture; then the terminal with its programs. */
import "./theme.css";
import { lazy, type ReactNode, StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { startLanguage } from "../i18n/index.ts";
import { ARTICLE } from "../lessons/article.ts";
import { Player } from "../lessons/player.ts";
import { WorkbenchContext } from "../panels/context.ts";
import { Programs } from "../session/programs.ts";
import { newScript, type Script } from "../session/script.ts";
import { Workbench } from "../session/workbench.ts";
import { App } from "./App.tsx";
import { Boundary, Failure, messageOf } from "./Failure.tsx";
import { whenIdle } from "./idle.ts";
import { type BrowserKeeper, openKeeper } from "./keeper.ts";
import { Places } from "./places.ts";
import { preferences } from "./preferences.ts";

/** The seed is chosen here, once for each session; from then on the script and the seed decide everything. */
const freshScript = (): Script => newScript(Date.now() >>> 0);

/** Resolves once the picture has been on the screen. */
const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

async function start(keeper: BrowserKeeper, script: Script, onStartOver: () => void): Promise<ReactNode> {
  const programs = new Programs(async () => (await import("../shell/commands/index.ts")).commands);
  if (script.entries.length > 0) await programs.load();
  const workbench = new Workbench(keeper, script, programs);
  // The terminal comes after the picture: the screen, and the shell with all programs.
  const TerminalPanel = lazy(async () => {
    await painted();
    const [panel] = await Promise.all([import("../panels/terminal/TerminalPanel.tsx"), workbench.loadPrograms()]);
    return panel;
  });
  const player = new Player(workbench, ARTICLE);
  const places = new Places(workbench);

  let last = performance.now();
  const frame = (time: number): void => {
    const elapsed = time - last;
    last = time;
    workbench.tick(elapsed);
    player.tick(elapsed);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  whenIdle((enough) => workbench.prepare(enough));
  const saveNow = (): void => {
    workbench.save();
    keeper.flush();
  };
  addEventListener("pagehide", saveNow);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveNow();
  });
  return (
    <Boundary
      onStartOver={() => {
        onStartOver();
        workbench.reset(Date.now() >>> 0);
      }}
    >
      <WorkbenchContext value={workbench}>
        <App player={player} places={places} keeper={keeper} TerminalPanel={TerminalPanel} />
      </WorkbenchContext>
    </Boundary>
  );
}

async function main(): Promise<void> {
  const root = createRoot(document.getElementById("root") as HTMLElement);
  await startLanguage(preferences.getState().language).catch(() => startLanguage("en"));
  const keeper = await openKeeper();
  const script = keeper.load() ?? freshScript();
  const onStartOver = (): void => {
    keeper.keepPrevious(script);
    keeper.save(freshScript());
    keeper.flush();
  };
  const page = await start(keeper, script, onStartOver).catch((error: unknown) => (
    <Failure message={messageOf(error)} onStartOver={onStartOver} />
  ));
  // As a transition, so that the first rendering lets the browser breathe in between.
  startTransition(() => root.render(<StrictMode>{page}</StrictMode>));
}

// Not awaited: modules that come later import from this one's file, and must not wait for it.
void main();
