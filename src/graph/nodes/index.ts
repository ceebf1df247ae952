/** Kinds of nodes, as React Flow looks them up. */
import { BarNode, type BarNodeType } from "./BarNode.tsx";
import { CardNode, type CardNodeType } from "./CardNode.tsx";
import { FrameNode, type FrameNodeType, NicNode, type NicNodeType, StackNode, type StackNodeType } from "./HostNodes.tsx";
import { MachineNode, type MachineNodeType } from "./MachineNode.tsx";

export const nodeTypes = { card: CardNode, bar: BarNode, frame: FrameNode, stack: StackNode, nic: NicNode, machine: MachineNode };

export type GraphNode = CardNodeType | BarNodeType | FrameNodeType | StackNodeType | NicNodeType | MachineNodeType;
