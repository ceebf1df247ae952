/**
 * The way of a frame on the picture: along the cable between two devices, and, between one cable and the next, through
 * whatever of the netns lies between them: along the bridge, up or down through the host's stack, across the switch.
 */
import type { Geometry } from "./geometry.ts";
import type { Stop } from "./passage.ts";
import { reversed } from "./paths.ts";
import { type Cable, type Card, deviceNode, type Host, type NodeId, type Scene, stackNode } from "./scene.ts";
import type { Box, Point } from "./sizes.ts";
import { stagePoint } from "./stackParts.ts";

/** A point of a packet's way; at a stop something looked at the packet. */
export interface WayPoint extends Point {
  readonly stop?: Stop;
}

const LOOP = 15;

const middle = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });

/** Looks up who is where; made once for a scene. */
export class RouteIndex {
  readonly #scene: Scene;
  readonly #cableAt = new Map<number, Cable>();
  readonly #hostOfNetns = new Map<number, Host>();
  readonly #cardOfNetns = new Map<number, Card>();
  readonly #machineOfNetns = new Map<number, NodeId>();
  readonly #barOfDevice = new Map<number, NodeId>();

  constructor(scene: Scene) {
    this.#scene = scene;
    for (const cable of scene.cables) {
      if (cable.kind === "ghost") continue;
      // A parent carries many children: only their own ends are at one cable.
      if (cable.from.device) this.#cableAt.set(cable.from.device, cable);
      if (cable.to.device && cable.kind !== "child") this.#cableAt.set(cable.to.device, cable);
    }
    for (const host of scene.hosts) this.#hostOfNetns.set(host.netns, host);
    for (const card of scene.cards.values()) if (card.kind !== "host" && card.netns) this.#cardOfNetns.set(card.netns, card);
    for (const machine of scene.machines) this.#machineOfNetns.set(machine.netns, machine.id);
    for (const bar of scene.bars.values()) if (bar.device && bar.kind === "bridge") this.#barOfDevice.set(bar.device.uid, bar.id);
  }

  netnsOf(device: number): number {
    return this.#scene.devices.get(device)?.netns ?? 0;
  }

  /** The node in which a netns is drawn: a card, a host's stack, a machine. */
  nodeOfNetns(netns: number): NodeId | undefined {
    const host = this.#hostOfNetns.get(netns);
    return this.#cardOfNetns.get(netns)?.id ?? (host ? stackNode(host.machine) : this.#machineOfNetns.get(netns));
  }

  /** The node at which something that happens to a device is shown. */
  nodeOfDevice(uid: number): NodeId | undefined {
    const bar = this.#barOfDevice.get(uid);
    if (bar) return bar;
    const nic = deviceNode(uid);
    if (this.#scene.nics.has(nic)) return nic;
    return this.nodeOfNetns(this.netnsOf(uid));
  }

  /** Where a device is. */
  at(geometry: Geometry, uid: number): Point | undefined {
    const nic = deviceNode(uid);
    if (this.#scene.nics.has(nic)) return middle(geometry.box(nic));
    const cable = this.#cableAt.get(uid);
    const shape = cable && geometry.cable(cable.id);
    if (cable && shape) return cable.from.device === uid ? shape.start : shape.end;
    const node = this.nodeOfDevice(uid);
    return node && geometry.has(node) ? middle(geometry.box(node)) : undefined;
  }

  /** From one device to its peer, parent or child. */
  crossing(geometry: Geometry, from: number, to: number): readonly Point[] {
    if (from === to) return this.#loop(geometry, from);
    const there = this.#cableAt.get(from);
    if (there && there.kind !== "child" && (there.from.device === to || there.to.device === to)) {
      const points = geometry.cable(there.id)?.points ?? [];
      return there.from.device === from ? points : reversed(points);
    }
    if (there?.kind === "child" && there.to.device === to) return this.#childWay(geometry, there);
    const back = this.#cableAt.get(to);
    if (back?.kind === "child" && back.to.device === from) return reversed(this.#childWay(geometry, back));
    if (there?.kind === "child" && back?.kind === "child") return this.#siblings(geometry, there, back);
    const a = this.at(geometry, from);
    const b = this.at(geometry, to);
    return a && b ? [a, b] : [];
  }

  /** From where a frame came in to where it goes out, inside one netns, by the stops that it makes there. */
  inside(geometry: Geometry, from: number, to: number, stops: readonly Stop[]): readonly WayPoint[] {
    const a = this.at(geometry, from);
    const b = this.at(geometry, to);
    if (!a || !b || from === to) return [];
    const netns = this.netnsOf(from);
    const host = this.#hostOfNetns.get(netns);
    const barA = host && this.#barBehind(from);
    if (barA && barA === this.#barBehind(to)) {
      // A bridged frame stays on the bridge, though iptables is shown it.
      const y = middle(geometry.box(barA)).y;
      return [a, { x: a.x, y }, ...stops.map((stop) => ({ x: (a.x + b.x) / 2, y, stop })), { x: b.x, y }, b];
    }
    if (host)
      return this.#throughStack(geometry, host, this.#toStack(geometry, host, from, a), this.#toStack(geometry, host, to, b), stops);
    const node = this.nodeOfNetns(netns);
    if (!node) return [a, b];
    const center = middle(geometry.box(node));
    return [a, { x: a.x, y: center.y }, ...stops.map((stop) => ({ ...center, stop })), { x: b.x, y: center.y }, b];
  }

  /** Where a packet that a device is the first to send comes from: the stack of the host, or the inside of a card. */
  origin(geometry: Geometry, from: number, stops: readonly Stop[]): readonly WayPoint[] {
    const at = this.at(geometry, from);
    if (!at) return [];
    const netns = this.netnsOf(from);
    const host = this.#hostOfNetns.get(netns);
    if (host) return this.#throughStack(geometry, host, [], this.#toStack(geometry, host, from, at), stops);
    const node = this.nodeOfNetns(netns);
    if (!node || !geometry.has(node)) return [];
    const center = middle(geometry.box(node));
    return [center, ...stops.map((stop) => ({ ...center, stop })), at];
  }

  /** From a device to where a packet ended in its netns: at a stage of the host's stack, or inside a card or machine. */
  ending(geometry: Geometry, from: number, stops: readonly Stop[]): readonly WayPoint[] {
    const at = this.at(geometry, from);
    if (!at) return [];
    const netns = this.netnsOf(from);
    const host = this.#hostOfNetns.get(netns);
    if (host) return this.#throughStack(geometry, host, this.#toStack(geometry, host, from, at), [], stops);
    const node = this.nodeOfNetns(netns);
    if (!node || !geometry.has(node)) return [at];
    return [at, middle(geometry.box(node))];
  }

  #barBehind(uid: number): NodeId | undefined {
    return this.#barOfDevice.get(uid) ?? this.#barOfDevice.get(this.#scene.devices.get(uid)?.master ?? 0);
  }

  /** In at the strip's edge, along it to the first stage, from stage to stage, and out at the edge again. */
  #throughStack(
    geometry: Geometry,
    host: Host,
    into: readonly Point[],
    out: readonly Point[],
    stops: readonly Stop[],
  ): readonly WayPoint[] {
    const stack = geometry.box(stackNode(host.machine));
    const stages = stops.map((stop) => ({ ...stagePoint(stack, stop.stage), stop }));
    const first = stages[0];
    const last = stages.at(-1);
    const enter = into.at(-1);
    const leave = out.at(-1);
    if (!first || !last) {
      const y = stack.y + stack.h / 2;
      const bends = [enter, leave].flatMap((edge) => (edge ? [{ x: edge.x, y }] : []));
      return [...into, ...bends, ...reversed(out)];
    }
    return [
      ...into,
      ...(enter ? [{ x: first.x, y: enter.y }] : []),
      ...stages,
      ...(leave ? [{ x: last.x, y: leave.y }] : []),
      ...reversed(out),
    ];
  }

  /** From a device to the edge of the host's stack. */
  #toStack(geometry: Geometry, host: Host, uid: number, at: Point): readonly Point[] {
    const bar = this.#barBehind(uid);
    if (bar) {
      const box = geometry.box(bar);
      const link = geometry.links.find((one) => one.kind === "uplink" && one.from === bar);
      const up = link ? geometry.link(link).points : [];
      const first = up[0] ?? middle(box);
      return [at, { x: at.x, y: middle(box).y }, { x: first.x, y: middle(box).y }, ...up];
    }
    const link = geometry.links.find((one) => one.kind === "exit" && one.to === deviceNode(uid));
    if (!link) return [at, middle(geometry.box(stackNode(host.machine)))];
    const out = reversed(geometry.link(link).points);
    return [at, { x: (out[0] as Point).x, y: at.y }, ...out];
  }

  /** A macvlan or ipvlan child's way past the host's stack to its parent. */
  #childWay(geometry: Geometry, cable: Cable): readonly Point[] {
    const points = geometry.cable(cable.id)?.points ?? [];
    const end = points.at(-1);
    const link = geometry.links.find((one) => one.kind === "trunk" && one.from === cable.to.node);
    if (!end || !link) return points;
    const trunk = geometry.link(link).points;
    const first = trunk[0] ?? end;
    const y = middle(geometry.box(cable.to.node)).y;
    const nic = middle(geometry.box(link.to));
    return [...points, { x: end.x, y }, { x: first.x, y }, ...trunk, { x: nic.x, y: trunk.at(-1)?.y ?? nic.y }, nic];
  }

  #siblings(geometry: Geometry, from: Cable, to: Cable): readonly Point[] {
    const a = geometry.cable(from.id)?.points ?? [];
    const b = reversed(geometry.cable(to.id)?.points ?? []);
    const end = a.at(-1);
    const start = b[0];
    if (!end || !start) return [];
    const y = geometry.has(from.to.node) ? middle(geometry.box(from.to.node)).y : end.y;
    return [...a, { x: end.x, y }, { x: start.x, y }, ...b];
  }

  /** Out of the loopback device and in again. */
  #loop(geometry: Geometry, uid: number): readonly Point[] {
    const node = this.nodeOfNetns(this.netnsOf(uid));
    if (!node || !geometry.has(node)) return [];
    const box = geometry.box(node);
    const center = { x: box.x + box.w - 22, y: box.y + Math.min(26, box.h / 2) };
    return Array.from({ length: 25 }, (_, i) => {
      const angle = (i / 24) * 2 * Math.PI;
      return { x: center.x + LOOP * Math.sin(angle), y: center.y - LOOP + LOOP * Math.cos(angle) };
    });
  }
}
