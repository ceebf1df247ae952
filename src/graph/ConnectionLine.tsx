/** The cable or ping that is being drawn from a card's grip. */
import type { ConnectionLineComponentProps } from "@xyflow/react";
import { createContext, useContext, useEffect } from "react";
import type { Geometry } from "./geometry.ts";
import { hueVariable } from "./hues.ts";
import { nodeAt } from "./navigate.ts";
import { curve } from "./paths.ts";
import type { Drags } from "./useDrags.ts";

interface Drawing {
  readonly geometry: Geometry;
  readonly onDrawing: Drags["onDrawing"];
}

export const DrawingContext = createContext<Drawing | undefined>(undefined);

export function ConnectionLine({ fromX, fromY, toX, toY, fromHandle, fromNode }: ConnectionLineComponentProps) {
  const drawing = useContext(DrawingContext);
  const grip = fromHandle?.id ?? "";
  useEffect(() => drawing?.onDrawing(fromNode.id, grip, { x: toX, y: toY }), [drawing, fromNode.id, grip, toX, toY]);
  if (grip === "ping") return <path className="g-drawn ping" d={`M${fromX} ${fromY}L${toX} ${toY}`} />;
  const target = drawing && nodeAt(drawing.geometry, { x: toX, y: toY }, fromNode.id);
  const bar = target ? drawing.geometry.scene.bars.get(target) : undefined;
  const { d } = curve({ x: fromX, y: fromY }, { x: 0, y: 1 }, { x: toX, y: toY }, { x: 0, y: -1 });
  return <path className="g-drawn" style={bar ? { stroke: hueVariable(bar.hue) } : undefined} d={d} />;
}
