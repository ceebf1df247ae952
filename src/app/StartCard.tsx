/** What a first visitor sees beside the picture: the host is alive, and three commands to click. Gone once anything was typed. */
import { type MessageKey, useTranslate } from "../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../panels/context.ts";

const COMMANDS: readonly (readonly [MessageKey, string])[] = [
  ["start.one", "docker run -itd --name c1 ubuntu:18.04"],
  ["start.two", "docker network ls"],
  ["start.three", "docker network create --driver bridge mybridge"],
];

export function StartCard({ onTakeOver }: { readonly onTakeOver: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const begun = useWorkbenchState((state) => state.canUndo || state.canRedo);
  if (begun) return null;
  return (
    <section className="start-card" aria-label={t("start.title")}>
      <h2>{t("start.title")}</h2>
      <p>{t("start.text")}</p>
      {COMMANDS.map(([key, line]) => (
        <button
          key={line}
          type="button"
          className="command"
          onClick={() => {
            onTakeOver();
            workbench.run(line);
          }}
        >
          <span>{t(key)}</span>
          <code>$ {line}</code>
        </button>
      ))}
    </section>
  );
}
