/** What can be done with several things at once, while several are selected: each with its command before it is run. */
import { Copy, Power, Trash2 } from "lucide-react";
import type { GraphAction } from "./actions.ts";
import type { Say } from "./messages.ts";
import type { PreviewStore } from "./preview.ts";
import type { NodeId, Scene } from "./scene.ts";
import { copiedOf, removalOf, switchingOf } from "./selection.ts";

interface SelectionBarProps {
  readonly scene: Scene;
  readonly selection: readonly NodeId[];
  readonly say: Say;
  readonly commandOf: (action: GraphAction) => string;
  readonly preview: PreviewStore;
  readonly onAction: (action: GraphAction) => void;
}

export default function SelectionBar({ scene, selection, say, commandOf, preview, onAction }: SelectionBarProps) {
  const switching = switchingOf(scene, selection);
  const isStart = switching?.kind === "start" || (switching?.kind === "batch" && switching.actions[0]?.kind === "start");
  const containers = copiedOf(selection);
  const removal = removalOf(scene, selection);
  const buttons: { readonly label: string; readonly icon: React.ReactNode; readonly action: GraphAction | undefined }[] = [
    { label: say(isStart ? "graph.do.start" : "graph.do.stop"), icon: <Power size={14} />, action: switching },
    {
      label: say("graph.do.copy"),
      icon: <Copy size={14} />,
      action: containers.length > 0 ? { kind: "paste", containers } : undefined,
    },
    { label: say("graph.do.remove"), icon: <Trash2 size={14} />, action: removal },
  ];
  return (
    <div className="g-selection" role="toolbar" aria-label={say("graph.selected", { count: selection.length })}>
      <span>{say("graph.selected", { count: selection.length })}</span>
      {buttons.map(({ label, icon, action }) => {
        if (!action) return null;
        const show = (): void => preview.show(commandOf(action));
        const hide = (): void => preview.clear();
        return (
          <button
            type="button"
            key={label}
            onPointerEnter={show}
            onPointerLeave={hide}
            onFocus={show}
            onBlur={hide}
            onClick={() => {
              hide();
              onAction(action);
            }}
          >
            {icon}
            {label}
          </button>
        );
      })}
    </div>
  );
}
