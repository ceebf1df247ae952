import "./theme.css";
import { Component, lazy, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startLanguage, useTranslate } from "../i18n/index.ts";
import { ARTICLE } from "../lessons/article.ts";
import { Player } from "../lessons/player.ts";
import { WorkbenchContext } from "../panels/context.ts";
import { Programs } from "../session/programs.ts";
import { newScript } from "../session/script.ts";
import { Workbench } from "../session/workbench.ts";
import { App } from "./App.tsx";
import { whenIdle } from "./idle.ts";
import { openKeeper } from "./keeper.ts";
import { Places } from "./places.ts";
import { preferences } from "./preferences.ts";

await startLanguage(preferences.getState().language).catch(() => startLanguage("en"));

// The seed is chosen here, once for each session; from then on the script and the seed decide everything.
const programs = new Programs(async () => (await import("../shell/commands/index.ts")).commands);
const keeper = await openKeeper();
const script = keeper.load() ?? newScript(Date.now() >>> 0);
if (script.entries.length > 0) await programs.load();
const workbench = new Workbench(keeper, script, programs);
// The terminal comes after the picture: the screen, and the shell with all programs.
const TerminalPanel = lazy(async () => {
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
addEventListener("pagehide", () => workbench.save());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") workbench.save();
});

function Failure({ message }: { readonly message: string }) {
  const t = useTranslate();
  return (
    <main className="failure" role="alert">
      <p>{t("app.error", { message })}</p>
      <p className="row" style={{ justifyContent: "center", marginTop: 16 }}>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            workbench.reset(Date.now() >>> 0);
            workbench.save();
            location.reload();
          }}
        >
          {t("app.startOver")}
        </button>
      </p>
    </main>
  );
}

/** What React could not draw is told in place of a blank page; the session itself is not touched. */
class Boundary extends Component<{ readonly children: ReactNode }, { readonly message: string | undefined }> {
  override state: { readonly message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    return this.state.message === undefined ? this.props.children : <Failure message={this.state.message} />;
  }
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Boundary>
      <WorkbenchContext value={workbench}>
        <App player={player} places={places} keeper={keeper} TerminalPanel={TerminalPanel} />
      </WorkbenchContext>
    </Boundary>
  </StrictMode>,
);
