/** The context menu of whatever it was asked for, at the pointer or beside the focused node. */
import { Menu as BaseMenu } from "@base-ui/react/menu";
import { useMemo, useState } from "react";
import type { GraphAction } from "./actions.ts";
import { type MenuEntry, type MenuRequest, menuOf } from "./menu.ts";
import type { Point } from "./sizes.ts";

interface MenuProps {
  readonly at: Point;
  readonly label: string;
  readonly request: MenuRequest;
  readonly commandOf: (action: GraphAction) => string;
  readonly onAction: (action: GraphAction) => void;
  readonly onClose: () => void;
}

export default function Menu({ at, label, request, commandOf, onAction, onClose }: MenuProps) {
  const [line, setLine] = useState("");
  const entries = menuOf(request);
  const anchor = useMemo(() => ({ getBoundingClientRect: () => DOMRect.fromRect({ x: at.x, y: at.y, width: 0, height: 0 }) }), [at]);
  return (
    <BaseMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner anchor={anchor} side="bottom" align="start" sideOffset={4} className="g-menu-place">
          <BaseMenu.Popup className="menu g-menu" aria-label={label}>
            <Entries entries={entries} onAction={onAction} onLook={(action) => setLine(action ? commandOf(action) : "")} />
            {/* What the entry that is looked at would run. */}
            <output className="g-menu-command">{line && <code>$ {line}</code>}</output>
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

interface EntriesProps {
  readonly entries: readonly MenuEntry[];
  readonly onAction: (action: GraphAction) => void;
  readonly onLook: (action: GraphAction | undefined) => void;
}

function Entries({ entries, onAction, onLook }: EntriesProps) {
  return entries.map((entry, index) => {
    if (entry.kind === "line")
      // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing else to be known by
      return <BaseMenu.Separator key={`line-${index}`} className="g-menu-line" />;
    if (entry.kind === "do")
      return (
        <BaseMenu.Item
          key={entry.label}
          className={`menu-item${entry.grave ? " grave" : ""}`}
          onFocus={() => onLook(entry.action)}
          onPointerEnter={() => onLook(entry.action)}
          onClick={() => onAction(entry.action)}
        >
          {entry.label}
        </BaseMenu.Item>
      );
    return (
      <BaseMenu.SubmenuRoot key={entry.label}>
        <BaseMenu.SubmenuTrigger className="menu-item g-menu-more" disabled={entry.entries.length === 0} onFocus={() => onLook(undefined)}>
          {entry.label}
        </BaseMenu.SubmenuTrigger>
        <BaseMenu.Portal>
          <BaseMenu.Positioner className="g-menu-place" sideOffset={2} alignOffset={-4}>
            <BaseMenu.Popup className="menu g-menu">
              <Entries entries={entry.entries} onAction={onAction} onLook={onLook} />
            </BaseMenu.Popup>
          </BaseMenu.Positioner>
        </BaseMenu.Portal>
      </BaseMenu.SubmenuRoot>
    );
  });
}
