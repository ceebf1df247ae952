/** Scene and layout as React Flow's nodes. A node that did not change is the same object as before, so that it is not drawn anew. */
import type { Phases } from "./comings.ts";
import { describeBar, describeCard, describeMachine, describeNic, nameOf } from "./describe.ts";
import type { Geometry } from "./geometry.ts";
import type { Say } from "./messages.ts";
import type { GraphNode } from "./nodes/index.ts";
import { subnetOf } from "./nodes/MachineNode.tsx";
import { type Card, containerNode, type NodeId, stackNode } from "./scene.ts";
import { isWideBar } from "./sizes.ts";

export interface FlowNodesInput {
  readonly geometry: Geometry;
  readonly say: Say;
  readonly selection: ReadonlySet<NodeId>;
  /** Nodes in the spotlight. */
  readonly lit: ReadonlySet<NodeId>;
  /** Cards that get an element; everything else always does. */
  readonly mounted: (card: NodeId) => boolean;
  readonly phases: Phases;
  readonly open: ReadonlySet<NodeId>;
  /** The node that Tab stops at. */
  readonly reachable: NodeId;
  readonly revision: number;
}

const FRAME_Z = -10;

type Made = { readonly key: readonly unknown[]; readonly node: GraphNode };

export class FlowNodes {
  #made = new Map<NodeId, Made>();
  #say: Say | undefined;

  nodes(input: FlowNodesInput): GraphNode[] {
    const { geometry, say, selection, phases, open, reachable } = input;
    const { scene } = geometry;
    if (this.#say !== say) this.#made.clear();
    this.#say = say;
    const made = new Map<NodeId, Made>();
    const nodes: GraphNode[] = [];
    const add = (
      id: NodeId,
      type: GraphNode["type"],
      data: Record<string, unknown>,
      label: () => string,
      extra: Partial<GraphNode> = {},
    ): void => {
      if (!geometry.has(id)) return;
      const box = geometry.box(id);
      const selected = selection.has(id);
      const isLit = input.lit.has(id);
      const key = [box.x, box.y, box.w, box.h, selected, isLit, id === reachable, extra.zIndex, ...Object.values(data)];
      const before = this.#made.get(id);
      const one = before && sameKey(before.key, key) ? before : { key, node: make(label()) };
      made.set(id, one);
      nodes.push(one.node);

      function make(ariaLabel: string): GraphNode {
        return {
          id,
          type,
          data,
          position: { x: box.x, y: box.y },
          width: box.w,
          height: box.h,
          measured: { width: box.w, height: box.h },
          selected,
          className: isLit ? "g-lit" : "",
          ariaLabel,
          ...extra,
          domAttributes: {
            "data-name": nameOf(scene, id),
            tabIndex: id === reachable ? 0 : -1,
            "aria-roledescription": undefined,
          } as GraphNode["domAttributes"],
        } as GraphNode;
      }
    };
    for (const host of scene.hosts) {
      add(host.id, "frame", { host }, () => say("graph.say.host", { name: host.machine }), {
        zIndex: FRAME_Z,
        dragHandle: ".g-frame-title",
        // Room inside the host is the picture's own: it is pushed about, and boxes are drawn there, as outside.
        style: { pointerEvents: "none" },
      });
      const stack = stackNode(host.machine);
      const isOpen = open.has(stack);
      add(
        stack,
        "stack",
        { id: stack, machine: host.machine, open: isOpen, width: geometry.box(stack).w, revision: isOpen ? input.revision : 0 },
        () => say("graph.say.stack", { machine: host.machine }),
        {
          draggable: false,
        },
      );
      for (const bar of host.bars)
        add(bar.id, "bar", { bar, fresh: phases.has(bar.id), wide: isWideBar(bar, geometry.box(bar.id).w) }, () => describeBar(say, bar));
      for (const nic of host.nics) add(nic.id, "nic", { nic, fresh: phases.has(nic.id) }, () => describeNic(say, nic));
      for (const card of host.cards) {
        if (!input.mounted(card.id)) continue;
        const chosen =
          card.members.length > 1
            ? card.members
                .filter((member) => selection.has(containerNode(member.id)))
                .map((member) => member.id)
                .join()
            : "";
        add(card.id, "card", { card, coming: comingOf(card, phases), chosen }, () => describeCard(say, card), {
          zIndex: selection.has(card.id) ? 2 : 1,
        });
      }
    }
    const addresses = [
      ...scene.machines.flatMap((machine) => machine.devices),
      ...[...scene.nics.values()].flatMap((nic) => (nic.wired ? [nic.device] : [])),
    ]
      .flatMap((device) => device.addresses)
      .filter((address) => !address.includes(":"));
    const subnet = subnetOf(addresses);
    for (const machine of scene.machines) add(machine.id, "machine", { machine, subnet }, () => describeMachine(say, machine));
    this.#made = made;
    return nodes;
  }
}

/** What of a card is just coming, as one string, so that the node is drawn anew when it changes: "come", "SOCKET=part name". */
function comingOf(card: Card, phases: Phases): string {
  if (phases.size === 0) return "";
  const parts = card.sockets.flatMap((socket) => (phases.has(socket.id) ? [`${socket.id}=${phases.get(socket.id)}`] : []));
  return [...(phases.has(card.id) ? ["come"] : []), ...parts].join("\n");
}

const sameKey = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);
