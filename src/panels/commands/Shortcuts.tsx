/** The sheet of keyboard shortcuts. */
import { Dialog } from "@base-ui/react/dialog";
import { useTranslate } from "../../i18n/index.ts";
import type { Action } from "./actions.ts";

export interface Shortcut {
  readonly keys: string;
  readonly says: string;
}

export default function Shortcuts(props: {
  readonly actions: readonly Action[];
  readonly more: readonly Shortcut[];
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  const t = useTranslate();
  const rows = [
    ...props.actions.flatMap((action) => (action.keys ? [{ keys: action.keys, says: t(action.name, action.words) }] : [])),
    ...props.more,
  ];
  return (
    <Dialog.Root open={props.open} onOpenChange={(next) => !next && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{t("shortcuts.title")}</Dialog.Title>
          <dl className="facts shortcut-list">
            {rows.map((row) => (
              <div className="fact" key={row.keys + row.says}>
                <dt>
                  <kbd>{row.keys}</kbd>
                </dt>
                <dd>{row.says}</dd>
              </div>
            ))}
          </dl>
          <div className="actions row" style={{ justifyContent: "flex-end", marginTop: 12 }}>
            <Dialog.Close className="button">{t("close")}</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
