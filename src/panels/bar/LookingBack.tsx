/** At the foot of the picture while it is one of the past: says so, and leads back. */
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { formatTime } from "./time.ts";

export default function LookingBack() {
  const t = useTranslate();
  const workbench = useWorkbench();
  const now = useWorkbenchState((state) => state.now);
  return (
    <aside className="hint" aria-label={t("back.label")}>
      <p>{t("back.text", { time: formatTime(now) })}</p>
      <button type="button" className="button" onClick={() => workbench.present()}>
        {t("back.present")}
      </button>
    </aside>
  );
}
