/** What can be done next, told once, at the foot of the picture; gone for good when dismissed. */
import "./hints.css";
import { useTranslate } from "../../i18n/index.ts";
import type { Picture } from "../../session/picture.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";

const HINTS = ["ping", "cable", "packet"] as const;
export type Hint = (typeof HINTS)[number];

const drawable = (picture: Picture): number =>
  [...picture.containers.values()].filter((one) => one.state === "running" && one.endpoints.length > 0).length;

function isTimely(hint: Hint, picture: Picture, packets: boolean): boolean {
  if (hint === "ping") return drawable(picture) >= 2;
  if (hint === "cable") return drawable(picture) >= 1 && [...picture.networks.values()].some((network) => !network.predefined);
  return packets;
}

export function Hints({ seen, onSeen }: { readonly seen: readonly string[]; readonly onSeen: (hint: Hint) => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  useWorkbenchState((state) => state.revision);
  const hint = HINTS.find((one) => !seen.includes(one) && isTimely(one, picture, workbench.packets.newest !== undefined));
  if (!hint) return null;
  return (
    <aside className="hint" aria-label={t("hint.label")}>
      <p>{t(`hint.${hint}`)}</p>
      <button type="button" className="button" onClick={() => onSeen(hint)}>
        {t("hint.dismiss")}
      </button>
    </aside>
  );
}
