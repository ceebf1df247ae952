/** What is wanted seldom: which panels are shown, how DNS orders its answers, shortcuts, a new session. */
import { Menu } from "@base-ui/react/menu";
import { Check, Ellipsis } from "lucide-react";
import { useTranslate } from "../../i18n/index.ts";
import type { Action } from "../commands/actions.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";

export interface PanelToggle {
  readonly name: string;
  readonly shown: boolean;
  readonly keys: string;
  readonly toggle: () => void;
}

const ORDERS = [
  ["round-robin", "bar.dnsInTurn"],
  ["shuffle", "bar.dnsShuffle"],
] as const;

export default function MoreMenu({ panels, actions }: { readonly panels: readonly PanelToggle[]; readonly actions: readonly Action[] }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  useWorkbenchState((state) => state.revision);
  const order = workbench.engine.dnsOrder;
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger className="icon-button" aria-label={t("bar.more")} title={t("bar.more")}>
        <Ellipsis size={16} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className="menu-place">
          <Menu.Popup className="menu">
            {panels.length > 0 && (
              <Menu.Group>
                <Menu.GroupLabel className="menu-label">{t("bar.panels")}</Menu.GroupLabel>
                {panels.map((panel) => (
                  <Menu.CheckboxItem key={panel.name} className="menu-item" checked={panel.shown} onCheckedChange={panel.toggle}>
                    <span className="menu-check">{panel.shown && <Check size={13} />}</span>
                    {panel.name}
                    <kbd>{panel.keys}</kbd>
                  </Menu.CheckboxItem>
                ))}
              </Menu.Group>
            )}
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">{t("bar.dns")}</Menu.GroupLabel>
              <Menu.RadioGroup
                value={order}
                onValueChange={(value: string) => value !== order && workbench.run(`vethlab dns-order ${value}`)}
              >
                {ORDERS.map(([value, key]) => (
                  <Menu.RadioItem key={value} value={value} className="menu-item">
                    <span className="menu-check">{value === order && <Check size={13} />}</span>
                    {t(key)}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">{t("bar.session")}</Menu.GroupLabel>
              {actions.map((action) => (
                <Menu.Item key={action.id} className="menu-item" onClick={action.run}>
                  <span className="menu-check" />
                  {t(action.name)}
                  {action.keys && <kbd>{action.keys}</kbd>}
                </Menu.Item>
              ))}
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
