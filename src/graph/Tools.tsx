/** How the picture is looked at: zoom, everything in view, tidy up. */
import { Maximize2, Minus, Plus, Sparkles } from "lucide-react";
import type { Say } from "./messages.ts";

interface ToolsProps {
  readonly say: Say;
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
  readonly onTidy: () => void;
}

export function Tools({ say, onZoom, onFit, onTidy }: ToolsProps) {
  const buttons = [
    { label: say("graph.do.zoomIn"), icon: <Plus size={15} />, run: () => onZoom(1.25) },
    { label: say("graph.do.zoomOut"), icon: <Minus size={15} />, run: () => onZoom(0.8) },
    { label: say("graph.do.fit"), icon: <Maximize2 size={14} />, run: onFit },
    { label: say("graph.do.tidy"), icon: <Sparkles size={14} />, run: onTidy },
  ];
  return (
    <div className="g-tools" role="toolbar" aria-label={say("graph.label")}>
      {buttons.map((button) => (
        <button type="button" key={button.label} aria-label={button.label} title={button.label} onClick={button.run}>
          {button.icon}
        </button>
      ))}
    </div>
  );
}
