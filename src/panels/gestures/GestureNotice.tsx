/** Why a gesture came to nothing, and the command that would help. */
import { useEffect } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useSlice, useWorkbench } from "../context.ts";
import { notice, tell } from "./notice.ts";

const SHOWN_MS = 12_000;

export function GestureNotice({ onRun }: { readonly onRun: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const refusal = useSlice(notice, (state) => state.refusal);
  useEffect(() => {
    if (!refusal) return;
    const away = setTimeout(() => tell(undefined), SHOWN_MS);
    return () => clearTimeout(away);
  }, [refusal]);
  return (
    <div role="status">
      {refusal && (
        <div className="hint">
          <p>{t(`gesture.${refusal.why}`, { name: refusal.name })}</p>
          {refusal.cure && (
            <button
              type="button"
              className="button mono"
              onClick={() => {
                tell(undefined);
                onRun();
                workbench.run(refusal.cure);
              }}
            >
              {refusal.cure}
            </button>
          )}
          <button type="button" className="button" onClick={() => tell(undefined)}>
            {t("close")}
          </button>
        </div>
      )}
    </div>
  );
}
