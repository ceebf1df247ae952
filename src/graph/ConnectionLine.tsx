/** The cable or ping that is being drawn, with the words of what letting go would do. */
import type { ConnectionLineComponentProps } from "@xyflow/react";
import { createContext, useContext } from "react";
import { useGraph } from "./context.ts";
import { nameOf } from "./describe.ts";
import type { Geometry } from "./geometry.ts";
import { hueVariable } from "./hues.ts";
import { nodeAt } from "./navigate.ts";
import { curve } from "./paths.ts";

export const GeometryContext = createContext<Geometry | undefined>(undefined);

export function ConnectionLine({ fromX, fromY, toX, toY, fromHandle, fromNode }: ConnectionLineComponentProps) {
  const geometry = useContext(GeometryContext);
  const { say } = useGraph();
  const target = geometry && nodeAt(geometry, { x: toX, y: toY }, fromNode?.id);
  const name = geometry && target ? nameOf(geometry.scene, target) : "";
  const bar = geometry && target ? geometry.scene.bars.get(target) : undefined;
  if (fromHandle?.id === "ping") {
    const words = target && !bar ? say("graph.hint.ping", { name }) : "";
    return (
      <g className="g-drawn ping">
        <path d={`M${fromX} ${fromY}L${toX} ${toY}`} />
        <Words x={toX} y={toY} text={words} />
      </g>
    );
  }
  const { d } = curve({ x: fromX, y: fromY }, { x: 0, y: 1 }, { x: toX, y: toY }, { x: 0, y: -1 });
  return (
    <g className="g-drawn" style={bar ? { stroke: hueVariable(bar.hue) } : undefined}>
      <path d={d} />
      <Words x={toX} y={toY} text={bar?.network ? say("graph.hint.connect", { network: bar.network.name }) : ""} />
    </g>
  );
}

function Words({ x, y, text }: { readonly x: number; readonly y: number; readonly text: string }) {
  if (!text) return null;
  return (
    <text x={x + 14} y={y + 22} className="g-drawn-words">
      {text}
    </text>
  );
}
