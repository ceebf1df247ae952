/** Nodes and cables in words: for screen readers, and for menus that name what they are of. */
import type { ContainerView } from "../engine/types.ts";
import type { Say } from "./messages.ts";
import type { Bar, Cable, Card, Machine, Nic, NodeId, Scene, Socket } from "./scene.ts";

export function stateOf(say: Say, container: ContainerView): string {
  return say(`graph.state.${container.state}`, { code: container.exitCode });
}

export const ipv4sOf = (device: { readonly addresses: readonly string[] }): readonly string[] =>
  device.addresses.filter((address) => !address.startsWith("fe80"));

/** A count with its digits in threes, by narrow spaces that do not break; one that is too large to be exact as a power of two. */
export const grouped = (count: number): string =>
  count > Number.MAX_SAFE_INTEGER ? `2^${Math.round(Math.log2(count))}` : String(Math.floor(count)).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export const barName = (bar: Bar): string => bar.network?.name ?? bar.device?.name ?? "";

const interfaceOf = (say: Say, socket: Socket): string =>
  say("graph.say.interface", {
    name: socket.name || "—",
    address: [socket.ipv4, socket.ipv6].filter(Boolean).join(" ") || say("graph.noAddress"),
    network: socket.networkName || say("graph.say.unconnected"),
  });

export function describeCard(say: Say, card: Card, container = card.members[0]): string {
  if (!container) return "";
  const others = card.members.filter((member) => member !== container).map((member) => member.name);
  const interfaces =
    card.kind === "host"
      ? say("graph.say.hostMode")
      : card.kind === "none"
        ? say("graph.say.none")
        : card.sockets.map((socket) => interfaceOf(say, socket)).join(", ");
  const text = say("graph.say.container", { name: container.name, image: container.image, state: stateOf(say, container), interfaces });
  return others.length > 0 ? `${text}. ${say("graph.say.shared", { names: others.join(", ") })}` : text;
}

export function describeBar(say: Say, bar: Bar): string {
  const pool = bar.network?.pools[0];
  const shared = {
    name: barName(bar),
    device: bar.device?.name ?? "",
    parent: bar.device?.name ?? "—",
    driver: bar.network?.driver ?? "",
    subnet: pool?.subnet ?? say("graph.bar.noSubnet"),
    ports: bar.ports,
    taken: pool?.taken ?? 0,
    size: pool?.size ?? 0,
  };
  if (!bar.network) return say("graph.say.looseBridge", shared);
  return say(bar.kind === "through" ? "graph.say.through" : "graph.say.bridge", shared);
}

export function describeNic(say: Say, nic: Nic): string {
  const ports = nic.published.length > 0 ? say("graph.say.published", { ports: nic.published.join(", ") }) : "";
  const address = ipv4sOf(nic.device).join(" ") || say("graph.nic.noAddress");
  return say("graph.say.nic", { name: nic.device.name, machine: nic.machine, address, ports }).trim();
}

export const describeMachine = (say: Say, machine: Machine): string =>
  say("graph.say.machine", { name: machine.name, address: machine.devices.flatMap(ipv4sOf).join(" ") || "—" });

/** What a person calls a node: a container's, network's, device's or machine's name. */
export function nameOf(scene: Scene, node: NodeId): string {
  const card = scene.cards.get(node);
  if (card) return card.members[0]?.name ?? "";
  const bar = scene.bars.get(node);
  if (bar) return barName(bar);
  return scene.nics.get(node)?.device.name ?? node.slice(node.indexOf(":") + 1);
}

function cableState(say: Say, cable: Cable): string {
  if (cable.cut) return say("graph.link.down");
  if (cable.kind === "ghost") return say("graph.link.unplugged");
  return cable.live ? say("graph.say.up") : say("graph.link.noCarrier");
}

export function describeCable(say: Say, scene: Scene, cable: Cable): string {
  const end = (device: string, node: NodeId): string =>
    node === "" ? device : device === "" ? nameOf(scene, node) : say("graph.say.end", { device, node: nameOf(scene, node) });
  return say("graph.say.cable", {
    from: end(cable.from.name, cable.from.node),
    to: end(cable.to.name, cable.to.node),
    state: cableState(say, cable),
  });
}
