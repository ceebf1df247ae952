/** What can be done with everything that is selected at once. */
import type { GraphAction, SingleAction } from "./actions.ts";
import type { Geometry } from "./geometry.ts";
import type { Cable, NodeId, Scene } from "./scene.ts";
import { type Box, overlaps } from "./sizes.ts";

const containerOf = (id: NodeId): string => id.slice("container:".length);
const isContainer = (id: NodeId): boolean => id.startsWith("container:");

/** Taking a cable away: out of its network, or, where no network knows it, setting its end down. Undefined when that has been done. */
export function cuttingOf(cable: Cable): SingleAction | undefined {
  if (cable.network && cable.container) return { kind: "disconnect", container: cable.container, network: cable.network };
  const device = cable.to.device && cable.kind !== "child" ? cable.to.device : cable.from.device;
  return cable.cut || cable.kind === "ghost" ? undefined : { kind: "cut", device };
}

/** Removes containers and networks, takes cables away; the engine's own networks stay. */
export function removalOf(scene: Scene, ids: readonly NodeId[]): GraphAction | undefined {
  const actions: SingleAction[] = ids.filter(isContainer).map((id) => ({ kind: "remove", container: containerOf(id) }));
  for (const id of ids) {
    const cable = scene.nics.has(id) ? undefined : scene.cables.find((one) => one.id === id);
    const cutting = cable && cuttingOf(cable);
    if (cutting) actions.push(cutting);
    const network = scene.bars.get(id)?.network;
    if (network && !network.predefined) actions.push({ kind: "remove-network", network: network.id });
  }
  return together(actions);
}

/** Stops what runs; when nothing of it runs, starts it. */
export function switchingOf(scene: Scene, ids: readonly NodeId[]): GraphAction | undefined {
  const members = ids.filter(isContainer).flatMap((id) => {
    const card = scene.cards.get(scene.cardOf.get(containerOf(id)) ?? "");
    return card?.members.find((member) => member.id === containerOf(id)) ?? [];
  });
  const running = members.filter((member) => member.state === "running" || member.state === "paused");
  const kind = running.length > 0 ? "stop" : "start";
  return together((running.length > 0 ? running : members).map((member) => ({ kind, container: member.id })));
}

/** Ids of the containers among the selected. */
export const copiedOf = (ids: readonly NodeId[]): readonly string[] => ids.filter(isContainer).map(containerOf);

/** Everything that can be removed: all containers, and the networks that somebody made. */
export function everything(scene: Scene): readonly NodeId[] {
  const containers = [...scene.cards.values()].flatMap((card) => card.members.map((member) => `container:${member.id}`));
  const networks = [...scene.bars.values()].filter((bar) => bar.network && !bar.network.predefined).map((bar) => bar.id);
  return [...containers, ...networks];
}

/** What stands at least partly in a box that was drawn. */
export function within(geometry: Geometry, box: Box): readonly NodeId[] {
  const { scene } = geometry;
  const cards = [...scene.cards.values()].filter((card) => geometry.has(card.id) && overlaps(geometry.box(card.id), box));
  const bars = [...scene.bars.values()].filter((bar) => geometry.has(bar.id) && isCovered(geometry.box(bar.id), box));
  return [...cards.flatMap((card) => card.members.map((member) => `container:${member.id}`)), ...bars.map((bar) => bar.id)];
}

/** A wide bar is meant only when the box goes over its middle. */
const isCovered = (bar: Box, box: Box): boolean => overlaps({ x: bar.x + bar.w / 2 - 1, y: bar.y, w: 2, h: bar.h }, box);

function together(actions: readonly SingleAction[]): GraphAction | undefined {
  return actions.length > 1 ? { kind: "batch", actions } : actions[0];
}
