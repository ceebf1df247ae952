/** What the picture is measured against: React Flow as it comes, with as many plain cards as `#COUNT` says, all in view. */
import "@xyflow/react/dist/style.css";
import { type Node, type NodeProps, ReactFlow } from "@xyflow/react";
import { memo } from "react";
import { createRoot } from "react-dom/client";

type CardNode = Node<{ readonly name: string; readonly address: string }, "card">;

const Card = memo(function Card({ data }: NodeProps<CardNode>) {
  return (
    <div className="card">
      <strong>{data.name}</strong>
      <p>alpine</p>
      <p>eth0 {data.address}</p>
    </div>
  );
});

const nodeTypes = { card: Card };
const count = Number(location.hash.slice(1)) || 0;
const columns = Math.ceil(Math.sqrt(count * 1.6));
const nodes: CardNode[] = Array.from({ length: count }, (_, i) => ({
  id: `c${i}`,
  type: "card",
  position: { x: (i % columns) * 168, y: Math.floor(i / columns) * 141 },
  data: { name: `c${i}`, address: `10.1.${i >> 8}.${i & 255}` },
}));

createRoot(document.getElementById("root") as HTMLElement).render(
  <ReactFlow defaultNodes={nodes} defaultEdges={[]} nodeTypes={nodeTypes} minZoom={0.02} fitView proOptions={{ hideAttribution: true }} />,
);
