/** The context menu of whatever it was asked for, at the pointer or beside the focused node. */
import { Menu as BaseMenu } from "@base-ui/react/menu";
import { useMemo } from "react";
import type { GraphAction } from "./actions.ts";
import type { MenuEntry } from "./menu.ts";
import type { Point } from "./sizes.ts";

interface MenuProps {
  readonly at: Point;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly onAction: (action: GraphAction) => void;
  readonly onClose: () => void;
}

export default function Menu({ at, label, entries, onAction, onClose }: MenuProps) {
  const anchor = useMemo(() => ({ getBoundingClientRect: () => DOMRect.fromRect({ x: at.x, y: at.y, width: 0, height: 0 }) }), [at]);
  return (
    <BaseMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner anchor={anchor} side="bottom" align="start" sideOffset={4} className="g-menu-place">
          <BaseMenu.Popup className="menu g-menu" aria-label={label}>
            <Entries entries={entries} onAction={onAction} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

function Entries({ entries, onAction }: Pick<MenuProps, "entries" | "onAction">) {
  return entries.map((entry, index) => {
    if (entry.kind === "line")
      // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing else to be known by
      return <BaseMenu.Separator key={`line-${index}`} className="g-menu-line" />;
    if (entry.kind === "do")
      return (
        <BaseMenu.Item key={entry.label} className={`menu-item${entry.grave ? " grave" : ""}`} onClick={() => onAction(entry.action)}>
          {entry.label}
        </BaseMenu.Item>
      );
    return (
      <BaseMenu.SubmenuRoot key={entry.label}>
        <BaseMenu.SubmenuTrigger className="menu-item g-menu-more" disabled={entry.entries.length === 0}>
          {entry.label}
        </BaseMenu.SubmenuTrigger>
        <BaseMenu.Portal>
          <BaseMenu.Positioner className="g-menu-place" sideOffset={2} alignOffset={-4}>
            <BaseMenu.Popup className="menu g-menu">
              <Entries entries={entry.entries} onAction={onAction} />
            </BaseMenu.Popup>
          </BaseMenu.Positioner>
        </BaseMenu.Portal>
      </BaseMenu.SubmenuRoot>
    );
  });
}
