/** What can be asked of a node or cable, as a tree of menu items: the same for mouse, touch and keyboard. */
import type { ContainerView } from "../engine/types.ts";
import type { GraphAction, Place } from "./actions.ts";
import { barName } from "./describe.ts";
import type { Say } from "./messages.ts";
import { type Cable, containerNode, type NodeId, type Scene } from "./scene.ts";
import { copiedOf, removalOf, switchingOf } from "./selection.ts";

export type MenuEntry =
  | { readonly kind: "do"; readonly label: string; readonly action: GraphAction; readonly grave?: boolean }
  | { readonly kind: "more"; readonly label: string; readonly entries: readonly MenuEntry[] }
  | { readonly kind: "line" };

/** Targets that a submenu lists at the most. */
const MOST_TARGETS = 40;

export interface MenuRequest {
  readonly scene: Scene;
  /** A node or cable, "" for the picture itself. */
  readonly target: NodeId;
  readonly container: ContainerView | undefined;
  /** Everything that is selected: asked for together when the target is among it. */
  readonly selection: readonly NodeId[];
  /** The target has been moved by hand. */
  readonly placed: boolean;
  /** Where the menu was asked for, in the picture's coordinates. */
  readonly place: Place;
  readonly say: Say;
}

/** What can be asked of several things at once. */
function menuOfMany({ scene, selection, say }: MenuRequest): readonly MenuEntry[] {
  const entries: MenuEntry[] = [];
  const switching = switchingOf(scene, selection);
  const isStart = switching?.kind === "start" || (switching?.kind === "batch" && switching.actions[0]?.kind === "start");
  if (switching) entries.push({ kind: "do", label: say(isStart ? "graph.do.start" : "graph.do.stop"), action: switching });
  const containers = copiedOf(selection);
  if (containers.length > 0) entries.push({ kind: "do", label: say("graph.do.copy"), action: { kind: "paste", containers } });
  const removal = removalOf(scene, selection);
  if (removal) entries.push({ kind: "line" }, { kind: "do", label: say("graph.do.remove"), action: removal, grave: true });
  return entries;
}

function menuOfPicture({ say, place: at }: MenuRequest): readonly MenuEntry[] {
  return [
    { kind: "do", label: say("graph.do.addContainer"), action: { kind: "add", what: "container", at } },
    { kind: "do", label: say("graph.do.addNetwork"), action: { kind: "add", what: "network", at } },
    { kind: "line" },
    { kind: "do", label: say("graph.do.tidy"), action: { kind: "tidy" } },
  ];
}

export function menuOf(request: MenuRequest): readonly MenuEntry[] {
  const { scene, target, say } = request;
  if (target === "") return menuOfPicture(request);
  if (request.selection.length > 1 && request.selection.includes(target)) return menuOfMany(request);
  if (request.container) return containerMenu(request, request.container);
  const cable = scene.cables.find((one) => one.id === target && one.kind !== "ghost");
  if (cable && !scene.nics.has(target)) return cableMenu(request, cable);
  const [kind, id = ""] = splitOnce(target);
  const inspect: MenuEntry = { kind: "do", label: say("graph.do.inspect"), action: { kind: "inspect", node: target } };
  const tidy: readonly MenuEntry[] = request.placed
    ? [{ kind: "do", label: say("graph.do.tidyNode"), action: { kind: "tidy", nodes: [target] } }]
    : [];
  if (kind === "network") return networkMenu(request, id, inspect, tidy);
  if (kind === "device") return [inspect, ...deviceMenu(request, Number(id)), ...tidy];
  if (kind === "stack") return [{ ...inspect, action: { kind: "inspect", node: `machine:${id}` } }, ...terminal(say, `machine:${id}`)];
  const machine = scene.machines.find((one) => one.id === target);
  if (machine?.role === "switch") return [inspect, ...tidy];
  return [...terminal(say, target), inspect, pingMenu(request, target), ...tidy];
}

function splitOnce(target: string): readonly [string, string] {
  const at = target.indexOf(":");
  return [target.slice(0, at), target.slice(at + 1)];
}

const terminal = (say: Say, node: NodeId): readonly MenuEntry[] => [
  { kind: "do", label: say("graph.do.terminal"), action: { kind: "open-terminal", node } },
];

function containerMenu(request: MenuRequest, container: ContainerView): readonly MenuEntry[] {
  const { scene, target, say, placed } = request;
  const verb = (name: "start" | "stop" | "restart" | "pause" | "unpause" | "remove"): MenuEntry => ({
    kind: "do",
    label: say(`graph.do.${name}`),
    action: { kind: name, container: container.id },
    grave: name === "remove",
  });
  const running = container.state === "running";
  const alive = running || container.state === "paused";
  const ownsNetns = container.sharesWith === "" && container.networkMode !== "host";
  const connected = new Set(container.endpoints.map((endpoint) => endpoint.network));
  const others = [...scene.bars.values()].flatMap((bar) => (bar.network && !connected.has(bar.network.id) ? [bar.network] : []));
  const entries: MenuEntry[] = [];
  if (running) entries.push(...terminal(say, target), pingMenu(request, target));
  entries.push({ kind: "do", label: say("graph.do.inspect"), action: { kind: "inspect", node: target } }, { kind: "line" });
  if (ownsNetns && others.length > 0)
    entries.push({
      kind: "more",
      label: say("graph.do.connect"),
      entries: others
        .slice(0, MOST_TARGETS)
        .map((network) => ({ kind: "do", label: network.name, action: { kind: "connect", container: container.id, network: network.id } })),
    });
  if (ownsNetns)
    for (const endpoint of container.endpoints) {
      entries.push({
        kind: "do",
        label: say("graph.do.disconnect", { network: endpoint.networkName }),
        action: { kind: "disconnect", container: container.id, network: endpoint.network },
      });
      if (!scene.bars.get(`network:${endpoint.network}`)?.network?.predefined)
        entries.push({
          kind: "do",
          label: say("graph.do.alias", { network: endpoint.networkName }),
          action: { kind: "alias", container: container.id, network: endpoint.network },
        });
    }
  if (ownsNetns) entries.push({ kind: "do", label: say("graph.do.publish"), action: { kind: "publish", container: container.id } });
  entries.push({ kind: "line" });
  if (!alive) entries.push(verb("start"));
  if (running) entries.push(verb("stop"), verb("restart"), verb("pause"));
  if (container.state === "paused") entries.push(verb("unpause"));
  if (placed) entries.push({ kind: "do", label: say("graph.do.tidyNode"), action: { kind: "tidy", nodes: [target] } });
  entries.push({ kind: "line" }, verb("remove"));
  return entries;
}

function pingMenu({ scene, target, say }: MenuRequest, from: NodeId): MenuEntry {
  const containers = [...scene.cards.values()].flatMap((card) =>
    card.members.filter((member) => member.state === "running").map((member) => ({ node: containerNode(member.id), name: member.name })),
  );
  const machines = [
    ...scene.hosts.map((host) => ({ node: host.id, name: host.machine })),
    ...scene.machines.filter((machine) => machine.role !== "switch").map((machine) => ({ node: machine.id, name: machine.name })),
  ];
  const entries = [...machines, ...containers]
    .filter((one) => one.node !== target)
    .slice(0, MOST_TARGETS)
    .map((one): MenuEntry => ({ kind: "do", label: one.name, action: { kind: "ping", from, to: one.node } }));
  return { kind: "more", label: say("graph.do.ping"), entries };
}

function networkMenu(
  { scene, target, say }: MenuRequest,
  network: string,
  inspect: MenuEntry,
  tidy: readonly MenuEntry[],
): readonly MenuEntry[] {
  const bar = scene.bars.get(target);
  const add: MenuEntry = {
    kind: "do",
    label: say("graph.do.addHere"),
    action: { kind: "add", what: "container", at: { x: 0, y: 0 }, network },
  };
  const device = bar?.kind === "bridge" ? bar.device : undefined;
  const link = device ? linkEntry(say, device.uid, device.name, device.up) : [];
  const remove: readonly MenuEntry[] = bar?.network?.predefined
    ? []
    : [{ kind: "line" }, { kind: "do", label: say("graph.do.removeNetwork"), action: { kind: "remove-network", network }, grave: true }];
  return [inspect, add, ...link, ...tidy, ...remove];
}

const linkEntry = (say: Say, device: number, name: string, up: boolean): readonly MenuEntry[] => [
  { kind: "do", label: say(up ? "graph.do.cut" : "graph.do.uncut", { device: name }), action: { kind: up ? "cut" : "uncut", device } },
];

function deviceMenu({ scene, say }: MenuRequest, uid: number): readonly MenuEntry[] {
  const device = scene.devices.get(uid);
  return device ? linkEntry(say, uid, device.name, device.up) : [];
}

function cableMenu({ scene, target, say }: MenuRequest, cable: Cable): readonly MenuEntry[] {
  const device = cable.to.device && cable.kind !== "child" ? cable.to.device : cable.from.device;
  const name = scene.devices.get(device)?.name ?? "";
  const bar = scene.bars.get(cable.to.node);
  const { container, network } = cable;
  const entries: MenuEntry[] = [{ kind: "do", label: say("graph.do.inspect"), action: { kind: "inspect", node: target } }];
  if (network && container) {
    const plugged = new Set(scene.cards.get(cable.from.node)?.sockets.map((socket) => socket.network));
    const others = [...scene.bars.values()].flatMap((one) => (one.network && !plugged.has(one.network.id) ? [one.network] : []));
    entries.push({
      kind: "do",
      label: say("graph.do.disconnect", { network: bar ? barName(bar) : "" }),
      action: { kind: "disconnect", container, network },
    });
    if (others.length > 0)
      entries.push({
        kind: "more",
        label: say("graph.do.move"),
        entries: others
          .slice(0, MOST_TARGETS)
          .map((to) => ({ kind: "do", label: to.name, action: { kind: "rewire", container, from: network, to: to.id } })),
      });
  }
  return [...entries, ...linkEntry(say, device, name, !cable.cut)];
}
