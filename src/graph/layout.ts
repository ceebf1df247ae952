/**
 * Where everything stands. Tiers from top to bottom, as packets go out: containers, veth pairs, bridges, the host's stack,
 * its NICs, the LAN, the internet. A network's containers stand in a family over its bar; families wrap into bands where
 * they would get too wide. What the user has placed stays there, and everything else keeps clear of it.
 *
 * Pure and deterministic: the same scene, places and layout of before give the same layout.
 */
import { type Family, layFamily, makeFamily } from "./family.ts";
import { bandsOf, chooseShape, FAMILY_GAP, gapsOf, PAD, type Room, USUAL_ROOM } from "./fit.ts";
import { layLan } from "./lan.ts";
import { CLEARANCE, clearDown, clearRight, type Draft, type Layout, nearestClear, type Slot } from "./place.ts";
import { type Bar, type Cable, type Card, type Host, type NodeId, type Scene, stackNode } from "./scene.ts";
import {
  around,
  type Box,
  barHeight,
  barMinWidth,
  cardSize,
  machineSize,
  nicSize,
  overlaps,
  type Point,
  STACK_MIN,
  STACK_OPEN,
} from "./sizes.ts";
import { stackHeight } from "./stackParts.ts";

export type { Layout } from "./place.ts";

export interface LayoutInput {
  readonly scene: Scene;
  /** Left top corners that the user chose; a host's moves all that stands in it. */
  readonly placed: ReadonlyMap<NodeId, Point>;
  /** The layout of before: what stood somewhere stays there as far as possible. */
  readonly before?: Layout | undefined;
  /** Host stacks that are opened. */
  readonly open?: ReadonlySet<NodeId>;
  /** Width and height of the room that there is, in pixels: what stands in it is arranged to be seen as large as can be. */
  readonly room?: Room;
}

/** Room at the top of a frame for its title, and for a line of aliases. */
const TITLE = 35;
const ALIAS = 19;
const LANE = 11;
/** Room that a cable from another family takes on a bar, with its name. */
const CROSS_PORT = 88;
const HOST_GAP = 48;
const BESIDE_NIC = 300;

export function layOut({ scene, placed, before, open = new Set(), room = USUAL_ROOM }: LayoutInput): Layout {
  const cablesOf = new Map<NodeId, Cable[]>();
  for (const cable of scene.cables) {
    const list = cablesOf.get(cable.from.node);
    if (list) list.push(cable);
    else cablesOf.set(cable.from.node, [cable]);
  }
  const slots = before?.slots;
  const families = new Map(scene.hosts.map((host) => [host.id, familiesOf(host, slots)]));
  const shape = chooseShape(scene, families, room, before?.shape);
  const draft: Draft = {
    scene,
    shape,
    gaps: gapsOf(shape.air),
    placed,
    before,
    open,
    cablesOf,
    obstacles: [],
    boxes: new Map(),
    slots: new Map(),
    runs: new Map(),
    spines: new Map(),
    brackets: [],
  };
  placeObstacles(draft, [...families.values()].flat());
  let x = 0;
  const inOrder = [...scene.hosts].sort((a, b) => Number(placed.has(b.id)) - Number(placed.has(a.id)));
  for (const host of inOrder) {
    const frame = layHost(draft, host, families.get(host.id) ?? [], placed.get(host.id) ?? { x, y: 0 });
    x = Math.max(x, frame.x + frame.w + HOST_GAP);
  }
  layLan(draft);
  return draft;
}

/** Boxes of all that the user has placed. */
function placeObstacles(draft: Draft, families: readonly Family[]): void {
  const widths = new Map(families.map((family) => [family.id, family.width]));
  for (const [id, point] of draft.placed) {
    const size = sizeOf(draft.scene, id, widths);
    if (size) draft.obstacles.push({ ...point, ...size });
  }
}

function sizeOf(scene: Scene, id: NodeId, widths: ReadonlyMap<NodeId, number>): { readonly w: number; readonly h: number } | undefined {
  const card = scene.cards.get(id);
  if (card) return cardSize(card);
  const bar = scene.bars.get(id);
  if (bar) {
    const w = widths.get(id) ?? barMinWidth(bar);
    return { w, h: barHeight(bar) };
  }
  const nic = scene.nics.get(id);
  if (nic) return nicSize(nic);
  const machine = scene.machines.find((one) => one.id === id);
  return machine && machine.role !== "switch" ? machineSize(machine) : undefined;
}

/** Families in the order in which they stand: bridges as they were made, containers without any network, then macvlan and ipvlan. */
function familiesOf(host: Host, slots: ReadonlyMap<NodeId, Slot> | undefined): readonly Family[] {
  const byHome = new Map<NodeId, Card[]>();
  for (const card of host.cards) {
    if (card.kind === "host") continue;
    const list = byHome.get(card.home);
    if (list) list.push(card);
    else byHome.set(card.home, [card]);
  }
  const make = (bar: Bar | undefined): Family => makeFamily(bar, byHome.get(bar?.id ?? "") ?? [], slots);
  const loose = byHome.has("") ? [make(undefined)] : [];
  return [
    ...host.bars.filter((bar) => bar.kind === "bridge").map(make),
    ...loose,
    ...host.bars.filter((bar) => bar.kind === "through").map(make),
  ];
}

function layHost(draft: Draft, host: Host, families: readonly Family[], origin: Point): Box {
  const { boxes, placed, gaps } = draft;
  const bands = bandsOf(families, draft.shape.limit);
  const left = origin.x + PAD + (bands.length > 1 ? PAD : 0);
  let top = origin.y + TITLE;
  for (const [index, band] of bands.entries()) {
    if (index > 0) top += gaps.band;
    top = layBand(draft, band, left, top + aliasRoom(band), leastStack(draft, host.machine));
    if (index === bands.length - 1) break;
    for (const { bar } of band) if (bar?.kind === "bridge" && !placed.has(bar.id)) draft.spines.set(bar.id, origin.x + PAD);
  }
  const laid = (kind: Bar["kind"], among: readonly Bar[]): readonly Box[] =>
    among.flatMap((bar) => (bar.kind === kind && !placed.has(bar.id) ? (boxes.get(bar.id) ?? []) : []));
  const bridges = around(laid("bridge", host.bars));
  const lowest = (bands.at(-1) ?? []).flatMap((family) => family.bar ?? []);
  const through = around(laid("through", lowest));
  const stackId = stackNode(host.machine);
  const stackLeft = bridges ? Math.min(bridges.x, left) : left;
  const least = leastStack(draft, host.machine);
  const wanted = Math.max(stackLeft + least, bridges ? bridges.x + bridges.w : 0);
  const right = through ? Math.min(wanted, Math.max(stackLeft + least, through.x - FAMILY_GAP)) : wanted;
  const stack = clearDown(draft, {
    x: stackLeft,
    y: top + gaps.stack,
    w: right - stackLeft,
    h: stackHeight(right - stackLeft, draft.open.has(stackId)),
  });
  boxes.set(stackId, stack);
  layBelowStack(draft, host, stack);
  settle(draft, host);
  const members = [...host.cards, ...host.bars, ...host.nics].flatMap((node) => boxes.get(node.id) ?? []);
  const content = around([...members, stack]) as Box;
  const x = Math.min(origin.x, content.x - PAD);
  const y = Math.min(origin.y, content.y - TITLE);
  const wired = around(host.nics.flatMap((nic) => (nic.wired ? (boxes.get(nic.id) ?? []) : [])));
  const bottom = content.y + content.h;
  // The NIC stands in the frame's lower edge: it is the way out.
  const edge = wired && wired.y + wired.h === bottom ? bottom : bottom + PAD;
  const frame = { x, y, w: Math.max(content.x + content.w + PAD, origin.x + least + 2 * PAD) - x, h: edge - y };
  boxes.set(host.id, frame);
  return frame;
}

const leastStack = (draft: Draft, machine: string): number => (draft.open.has(stackNode(machine)) ? STACK_OPEN : STACK_MIN);

/** A line over the highest row, where an alias is written. */
const aliasRoom = (band: readonly Family[]): number => (band.some((family) => family.cards.some((card) => card.alias !== "")) ? ALIAS : 0);

/** Lays families side by side and gives the y under their bars. `stack` is the least width of the stack below. */
function layBand(draft: Draft, band: readonly Family[], left: number, top: number, stack: number): number {
  const rows = Math.max(0, ...band.map((family) => family.height));
  const rowsBottom = top + rows;
  const zones = crossingZones(draft, band);
  const count = zones.cables.length;
  const barY = rows > 0 ? rowsBottom + draft.gaps.veth + count * LANE : top;
  for (const [index, cable] of zones.cables.entries())
    draft.runs.set(cable.id, { port: 0, laneY: rowsBottom + 14 + index * LANE, gutterX: undefined, label: "bar", free: false });
  let x = left;
  let bottom = barY;
  for (const family of band) {
    const fromLeft = zones.fromLeft.get(family.id) ?? [];
    const fromRight = zones.fromRight.get(family.id) ?? [];
    // A network whose frames pass the stack by stands beside it, not over it.
    if (family.bar?.kind === "through") x = Math.max(x, left + stack + FAMILY_GAP + CLEARANCE);
    x = layFamily(draft, family, { x, rowsBottom, barY, zoneLeft: fromLeft.length * CROSS_PORT, zoneRight: fromRight.length * CROSS_PORT });
    x += FAMILY_GAP;
    if (!family.bar) continue;
    const bar = draft.boxes.get(family.bar.id) as Box;
    if (!draft.placed.has(family.bar.id)) bottom = Math.max(bottom, bar.y + bar.h);
    else bottom = Math.max(bottom, barY + bar.h);
    zones.ports.push(
      ...fromLeft.map((cable, i) => [cable, 16 + i * CROSS_PORT] as const),
      ...fromRight.map((cable, i) => [cable, bar.w - (fromRight.length - i) * CROSS_PORT + 16] as const),
    );
  }
  for (const [cable, port] of zones.ports) {
    const run = draft.runs.get(cable);
    if (run) draft.runs.set(cable, { ...run, port });
  }
  return bottom;
}

/** Cables between families of one band: at which end of the bar that they lead to they arrive. */
function crossingZones(draft: Draft, band: readonly Family[]) {
  const place = new Map(band.map((family, index) => [family.id, index]));
  const fromLeft = new Map<NodeId, string[]>();
  const fromRight = new Map<NodeId, string[]>();
  const cables: Cable[] = [];
  for (const [index, family] of band.entries())
    for (const card of family.cards)
      for (const cable of draft.cablesOf.get(card.id) ?? []) {
        const target = place.get(cable.to.node);
        if (cable.kind === "wire" || cable.to.node === "" || target === undefined || target === index) continue;
        const side = target > index ? fromLeft : fromRight;
        side.set(cable.to.node, [...(side.get(cable.to.node) ?? []), cable.id]);
        cables.push(cable);
      }
  return { fromLeft, fromRight, cables, ports: [] as (readonly [string, number])[] };
}

/** NICs under the stack, and the containers that live in the host's own netns beside them. */
function layBelowStack(draft: Draft, host: Host, stack: Box): void {
  const { boxes, placed } = draft;
  const top = stack.y + stack.h + draft.gaps.nic;
  const left = stack.x + CLEARANCE;
  const limit = stack.x + Math.max(BESIDE_NIC, stack.w * 0.36);
  let x = left;
  let y = top;
  let rowHeight = 0;
  let right = stack.x;
  for (const card of host.cards) {
    if (card.kind !== "host") continue;
    const size = cardSize(card);
    const at = placed.get(card.id);
    if (at) {
      boxes.set(card.id, { ...at, ...size });
      continue;
    }
    if (x > left && x + size.w > limit) {
      x = left;
      y += rowHeight + CLEARANCE;
    }
    const box = clearRight(draft, { x, y, ...size });
    boxes.set(card.id, box);
    x = box.x + size.w + CLEARANCE;
    rowHeight = size.h;
    right = Math.max(right, x + CLEARANCE);
  }
  const cardsBottom = rowHeight > 0 ? y + rowHeight + CLEARANCE : top;
  const nics = [...host.nics.filter((nic) => nic.wired), ...host.nics.filter((nic) => !nic.wired)];
  const wired = host.nics.filter((nic) => nic.wired);
  const width = wired.reduce((sum, nic) => sum + nicSize(nic).w + FAMILY_GAP, -FAMILY_GAP);
  const bottom = Math.max(cardsBottom, ...wired.map((nic) => top + nicSize(nic).h));
  let nicX = Math.max(stack.x + (stack.w - width) / 2, right);
  for (const nic of nics) {
    const size = nicSize(nic);
    const at = placed.get(nic.id);
    if (at) {
      boxes.set(nic.id, { ...at, ...size });
      continue;
    }
    const box = clearRight(draft, { x: nicX, y: nic.wired ? bottom - size.h : top, ...size });
    boxes.set(nic.id, box);
    nicX = box.x + size.w + FAMILY_GAP;
  }
}

/** Cards that layout put where the user has placed something go to the nearest clear place. */
function settle(draft: Draft, host: Host): void {
  const { boxes, placed } = draft;
  if (draft.obstacles.length === 0) return;
  const moved = host.cards.filter((card) => {
    const box = boxes.get(card.id);
    return box && !placed.has(card.id) && draft.obstacles.some((obstacle) => overlaps(box, obstacle));
  });
  if (moved.length === 0) return;
  const moving = new Set(moved.map((card) => card.id));
  const taken = [...draft.obstacles];
  for (const [id, box] of boxes) if (!moving.has(id) && !draft.scene.hosts.some((one) => one.id === id)) taken.push(box);
  for (const card of moved) {
    const box = nearestClear(boxes.get(card.id) as Box, taken);
    boxes.set(card.id, box);
    taken.push(box);
    for (const cable of draft.cablesOf.get(card.id) ?? []) {
      const run = draft.runs.get(cable.id);
      if (run) draft.runs.set(cable.id, { ...run, free: true });
    }
  }
  const brackets = draft.brackets.filter((bracket) => !bracket.cards.some((card) => moving.has(card)));
  draft.brackets.splice(0, draft.brackets.length, ...brackets);
}
