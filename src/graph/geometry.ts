/**
 * Where cables run, for one layout and whatever is being dragged just now. The drawing, the canvas for far views and the
 * packet layer all read it, so that a packet moves along the very line that is drawn. Paths are worked out when asked for.
 */
import { type Label, placeLabels } from "./labels.ts";
import type { Layout } from "./layout.ts";
import { curve, type Path, polyline } from "./paths.ts";
import type { CableRun } from "./place.ts";
import { type Bar, type Cable, type Card, deviceNode, type NodeId, type Scene, stackNode } from "./scene.ts";
import { type Box, overlaps, type Point, plugOffset } from "./sizes.ts";

export interface CableShape extends Path {
  /** Where the name of the host's end is best written. */
  readonly label: Label;
  readonly start: Point;
  readonly end: Point;
}

/** A shape and all that it was worked out from. */
interface Drawn {
  readonly cable: Cable;
  /** The sockets of the cards at its ends. */
  readonly plugs: Card["sockets"] | undefined;
  readonly peers: Card["sockets"] | undefined;
  readonly from: Box;
  readonly to: Box;
  readonly run: CableRun | undefined;
  readonly shape: CableShape;
}

const isSameBox = (a: Box, b: Box): boolean => a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
const isSameRun = (a: CableRun | undefined, b: CableRun | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.port === b.port &&
    a.laneY === b.laneY &&
    a.gutterX === b.gutterX &&
    a.free === b.free &&
    a.label === b.label);

/** A line inside the host that is no cable: from a bridge to the stack, from the stack to a NIC, from macvlan to its parent. */
export interface Link {
  readonly id: string;
  readonly kind: "uplink" | "trunk" | "exit";
  readonly hue: number;
  readonly from: NodeId;
  readonly to: NodeId;
}

const DOWN: Point = { x: 0, y: 1 };
const UP: Point = { x: 0, y: -1 };
const RIGHT: Point = { x: 1, y: 0 };
const LEFT: Point = { x: -1, y: 0 };
const STUB = 12;
const EDGE = 16;
/** How far under a band its bars' way to the spine runs. */
const BUS = 14;
/** How far from the bars' sides, and from each other, cables to another band run. */
const GAP = 5;
const LANE = 4;
const LANES = 3;
const NOWHERE: Box = { x: 0, y: 0, w: 0, h: 0 };

const clamp = (value: number, low: number, high: number): number => (high < low ? (low + high) / 2 : Math.min(high, Math.max(low, value)));
const between = (a: Point, b: Point): Box => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  w: Math.abs(a.x - b.x),
  h: Math.abs(a.y - b.y),
});
const centerX = (box: Box): number => box.x + box.w / 2;
const centerY = (box: Box): number => box.y + box.h / 2;

export class Geometry {
  readonly scene: Scene;
  readonly layout: Layout;
  readonly links: readonly Link[];
  readonly #moved: ReadonlyMap<NodeId, Point>;
  readonly #cables: ReadonlyMap<string, Cable>;
  readonly #shapes = new Map<string, Drawn>();
  readonly #before: ReadonlyMap<string, Drawn> | undefined;
  #labels: ReadonlyMap<string, Label> | undefined;
  readonly #linkPaths = new Map<string, Path>();
  readonly #trunkIndex = new Map<string, number>();

  /** `moved`: how far nodes have been dragged from where the layout has them. `before`: whose shapes hold where nothing has moved. */
  constructor(scene: Scene, layout: Layout, moved: ReadonlyMap<NodeId, Point> = new Map(), before?: Geometry) {
    if (before && moved.size === 0 && before.#moved.size === 0) this.#before = before.#shapes;
    this.scene = scene;
    this.layout = layout;
    this.#moved = moved;
    this.#cables = new Map(scene.cables.map((cable) => [cable.id, cable]));
    this.links = this.#findLinks();
  }

  box(id: NodeId): Box {
    const box = this.layout.boxes.get(id) ?? NOWHERE;
    const by = this.#moved.get(id);
    return by ? { ...box, x: box.x + by.x, y: box.y + by.y } : box;
  }

  has(id: NodeId): boolean {
    return this.layout.boxes.has(id);
  }

  cable(id: string): CableShape | undefined {
    const known = this.#shapes.get(id);
    if (known) return known.shape;
    const cable = this.#cables.get(id);
    if (!cable || !this.layout.boxes.has(cable.from.node)) return undefined;
    const from = this.box(cable.from.node);
    const to = this.box(cable.to.node);
    const run = this.layout.runs.get(id);
    const plugs = this.scene.cards.get(cable.from.node)?.sockets;
    const peers = this.scene.cards.get(cable.to.node)?.sockets;
    const before = cable.kind === "veth" || cable.kind === "child" ? this.#before?.get(id) : undefined;
    const holds =
      before?.cable === cable &&
      before.plugs === plugs &&
      before.peers === peers &&
      isSameBox(before.from, from) &&
      isSameBox(before.to, to) &&
      isSameRun(before.run, run);
    const drawn = { cable, plugs, peers, from, to, run, shape: holds ? before.shape : this.#shape(cable) };
    this.#shapes.set(id, drawn);
    return drawn.shape;
  }

  /** Where the name of a cable's end on the host is written, undefined where there is no place for it. */
  label(id: string): Label | undefined {
    this.#labels ??= placeLabels(this);
    return this.#labels.get(id);
  }

  link(link: Link): Path {
    let path = this.#linkPaths.get(link.id);
    if (!path) {
      path = link.kind === "uplink" ? this.#uplink(link) : link.kind === "trunk" ? this.#trunk(link) : this.#exit(link);
      this.#linkPaths.set(link.id, path);
    }
    return path;
  }

  /** Where a card's socket has its plug. */
  plug(card: Card, socket: string): Point {
    const box = this.box(card.id);
    const index = card.sockets.findIndex((one) => one.id === socket);
    const offset = plugOffset(card, Math.max(0, index));
    return { x: box.x + offset.x, y: box.y + offset.y };
  }

  #findLinks(): readonly Link[] {
    const links: Link[] = [];
    for (const host of this.scene.hosts) {
      const stack = stackNode(host.machine);
      for (const bar of host.bars) {
        if (bar.kind === "bridge") links.push({ id: `uplink:${bar.id}`, kind: "uplink", hue: bar.hue, from: bar.id, to: stack });
        else if (bar.device && this.layout.boxes.has(deviceNode(bar.device.uid))) {
          const to = deviceNode(bar.device.uid);
          const id = `trunk:${bar.id}`;
          this.#trunkIndex.set(id, links.filter((link) => link.kind === "trunk" && link.to === to).length);
          links.push({ id, kind: "trunk", hue: bar.hue, from: bar.id, to });
        }
      }
      for (const nic of host.nics)
        if (nic.wired || nic.device.addresses.length > 0)
          links.push({ id: `exit:${nic.id}`, kind: "exit", hue: -1, from: stack, to: nic.id });
    }
    return links;
  }

  #shape(cable: Cable): CableShape {
    if (cable.kind === "wire") return this.#wire(cable);
    const card = this.scene.cards.get(cable.from.node) as Card;
    const plug = this.plug(card, cable.from.socket);
    const bar = this.scene.bars.get(cable.to.node);
    if (bar && this.has(bar.id)) return this.#toBar(cable, plug, bar);
    const other = this.scene.cards.get(cable.to.node);
    if (other && this.has(other.id)) {
      const end = this.plug(other, cable.to.socket);
      return this.#done(curve(plug, DOWN, end, DOWN), plug, end, "start");
    }
    if (cable.to.node && this.has(cable.to.node)) {
      const nic = this.box(cable.to.node);
      const end = { x: nic.x + nic.w, y: nic.y + nic.h * 0.5 };
      return this.#done(curve(plug, DOWN, end, RIGHT), plug, end, "start");
    }
    // The other end hangs in the host's netns, plugged into nothing.
    const end = { x: plug.x, y: plug.y + 34 };
    return this.#done(polyline([plug, end]), plug, end, "start");
  }

  #toBar(cable: Cable, plug: Point, bar: Bar): CableShape {
    const box = this.box(bar.id);
    const run = this.layout.runs.get(cable.id);
    const across = run || this.#isMoved(cable) ? undefined : this.#across(cable, plug, box);
    if (across) return across;
    if (!run || run.free || this.#isMoved(cable)) {
      const x = clamp(plug.x, box.x + EDGE, box.x + box.w - EDGE);
      const below = plug.y > box.y + box.h;
      const end = { x, y: below ? box.y + box.h : box.y };
      return this.#done(curve(plug, DOWN, end, below ? DOWN : UP), plug, end, "start");
    }
    const end = { x: box.x + run.port, y: box.y };
    const points: Point[] = [plug];
    if (run.gutterX !== undefined) points.push({ x: plug.x, y: plug.y + STUB }, { x: run.gutterX, y: plug.y + STUB });
    const x = run.gutterX ?? plug.x;
    if (run.laneY !== undefined) points.push({ x, y: run.laneY }, { x: end.x, y: run.laneY });
    else if (x !== end.x) points.push({ x, y: end.y - EDGE }, { x: end.x, y: end.y - EDGE });
    points.push(end);
    const shape = this.#done(polyline(points), plug, end, "start");
    return run.label === "bar" ? shape : { ...shape, label: { x: plug.x - 7, y: plug.y + 8, anchor: "end" } };
  }

  #isMoved = (cable: Cable): boolean => this.#moved.has(cable.from.node) || this.#moved.has(cable.to.node);

  /** To a bar in another band: between the families and between the bands, and in at the bar's side. Undefined where something stands in the way. */
  #across(cable: Cable, plug: Point, to: Box): CableShape | undefined {
    const card = this.scene.cards.get(cable.from.node) as Card;
    if (!this.has(card.home)) return undefined;
    const home = this.box(card.home);
    // Those of one card run side by side.
    const lane = LANE * (card.sockets.findIndex((socket) => socket.id === cable.from.socket) % LANES);
    const out = home.x + home.w + GAP + lane;
    const down = to.x + to.w + GAP + lane;
    const y = (plug.y > to.y ? to : home).y + home.h + BUS + GAP + lane;
    const end = { x: to.x + to.w, y: centerY(to) };
    const leave = { x: out, y: plug.y + STUB / 2 + lane };
    const points = [plug, { x: plug.x, y: leave.y }, leave, { x: out, y }, { x: down, y }, { x: down, y: end.y }, end];
    for (const [id, box] of this.layout.boxes) {
      if (id === card.id || id === cable.to.node || this.scene.hosts.some((host) => host.id === id)) continue;
      if (points.some((point, i) => i > 0 && overlaps(between(points[i - 1] as Point, point), box, 1))) return undefined;
    }
    return { ...this.#done(polyline(points), plug, end, "start"), label: { x: plug.x + 12, y: plug.y + 1, anchor: "start" } };
  }

  #done(path: Path, start: Point, end: Point, anchor: "start" | "end"): CableShape {
    return { ...path, start, end, label: { x: end.x + 7, y: end.y - 8, anchor } };
  }

  #wire(cable: Cable): CableShape {
    const from = this.box(cable.from.node);
    const to = this.box(cable.to.node);
    const isSwitch = this.scene.machines.some((machine) => machine.id === cable.to.node && machine.role === "switch");
    const bar = this.scene.bars.get(cable.to.node);
    if (isSwitch || bar) {
      const above = centerY(from) < centerY(to);
      const start = { x: centerX(from), y: above ? from.y + from.h : from.y };
      const end = { x: clamp(start.x, to.x + EDGE, to.x + to.w - EDGE), y: above ? to.y : to.y + to.h };
      const path = start.x === end.x ? polyline([start, end]) : curve(start, above ? DOWN : UP, end, above ? UP : DOWN);
      return this.#done(path, start, end, "start");
    }
    const rightwards = centerX(from) <= centerX(to);
    const start = { x: rightwards ? from.x + from.w : from.x, y: centerY(from) };
    const end = { x: rightwards ? to.x : to.x + to.w, y: centerY(to) };
    const path =
      Math.abs(start.y - end.y) < 1 ? polyline([start, end]) : curve(start, rightwards ? RIGHT : LEFT, end, rightwards ? LEFT : RIGHT);
    return this.#done(path, start, end, "start");
  }

  #uplink(link: Link): Path {
    const bar = this.box(link.from);
    const stack = this.box(link.to);
    const spine = this.#moved.has(link.from) ? undefined : this.layout.spines.get(link.from);
    if (spine !== undefined) {
      return polyline([
        { x: centerX(bar), y: bar.y + bar.h },
        { x: centerX(bar), y: bar.y + bar.h + BUS },
        { x: spine, y: bar.y + bar.h + BUS },
        { x: spine, y: stack.y - 20 },
        { x: stack.x + EDGE, y: stack.y - 20 },
        { x: stack.x + EDGE, y: stack.y },
      ]);
    }
    const below = bar.y > stack.y + stack.h;
    const start = { x: centerX(bar), y: below ? bar.y : bar.y + bar.h };
    const end = { x: clamp(start.x, stack.x + EDGE, stack.x + stack.w - EDGE), y: below ? stack.y + stack.h : stack.y };
    if (start.x === end.x) return polyline([start, end]);
    return curve(start, below ? UP : DOWN, end, below ? DOWN : UP);
  }

  #trunk(link: Link): Path {
    const bar = this.box(link.from);
    const nic = this.box(link.to);
    const y = nic.y + Math.min(nic.h - 8, 16 + (this.#trunkIndex.get(link.id) ?? 0) * 12);
    const end = { x: nic.x + nic.w, y };
    const start = { x: clamp(end.x + 1.5 * EDGE, centerX(bar), bar.x + bar.w - EDGE), y: bar.y + bar.h };
    if (start.x > end.x + EDGE && start.y < y - EDGE) return polyline([start, { x: start.x, y }, end]);
    return curve(start, DOWN, end, RIGHT);
  }

  #exit(link: Link): Path {
    const stack = this.box(link.from);
    const nic = this.box(link.to);
    const end = { x: clamp(Math.min(centerX(nic), stack.x + stack.w - EDGE), nic.x + EDGE, nic.x + nic.w - EDGE), y: nic.y };
    const start = { x: clamp(end.x, stack.x + EDGE, stack.x + stack.w - EDGE), y: stack.y + stack.h };
    return start.x === end.x ? polyline([start, end]) : curve(start, DOWN, end, UP);
  }
}
