/**
 * How the room that there is gets used: into how many bands the families wrap, and how far apart the tiers stand, so that
 * everything is in view as large as it can be. What was chosen before is kept as long as it is nearly as good, for stability.
 */
import type { Family } from "./family.ts";
import type { Gaps, Shape } from "./place.ts";
import type { NodeId, Scene } from "./scene.ts";
import { barHeight, cardSize, machineSize, nicSize, PLUG, STACK_MIN, SWITCH_HEIGHT } from "./sizes.ts";
import { stackHeight } from "./stackParts.ts";

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The canvas of a page of 1440 by 900 pixels. */
export const USUAL_ROOM: Room = { width: 850, height: 575 };

export const PAD = 16;
export const FAMILY_GAP = 24;
const MOST_BANDS = 12;
/** How much better another arrangement must be before things are moved for it: little, where what there is is too small to read well. */
const WORTH_IT = 1.18;
const WORTH_IT_SMALL = 1.04;
const SMALL = 0.8;
const AIR_STEPS = 4;
const TITLE = 35;
const MACHINE_GAP = 36;

export const gapsOf = (air: number): Gaps => ({
  veth: 34 + 46 * air,
  stack: 15 + 37 * air,
  nic: 9 + 17 * air,
  lan: 13 + 17 * air,
  band: 32 + 32 * air,
});

/**
 * Families side by side in their order, each in the first band that has room for it, a new band where none has. Networks whose
 * frames pass the stack by stand in the last band, beside it.
 */
export function bandsOf(families: readonly Family[], limit: number): readonly (readonly Family[])[] {
  const bands: { readonly families: Family[]; width: number }[] = [];
  for (const family of families) {
    const open = family.bar?.kind === "through" ? bands.slice(-1) : bands;
    const band = open.find((one) => one.width + family.width <= limit) ?? { families: [], width: 0 };
    if (band.width === 0) bands.push(band);
    band.families.push(family);
    band.width += family.width + FAMILY_GAP;
  }
  return bands.map((band) => band.families);
}

export function chooseShape(scene: Scene, families: ReadonlyMap<NodeId, readonly Family[]>, room: Room, before: Shape | undefined): Shape {
  const below = heightBelow(scene);
  const lists = [...families.values()];
  const limits = new Set(lists.flatMap(limitsFor));
  let best = { limit: 0, zoom: 0 };
  for (const limit of limits) {
    const zoom = zoomOf(extent(lists, limit, below, 0), room);
    if (zoom > best.zoom) best = { limit, zoom };
  }
  if (best.zoom === 0) return { limit: 0, air: 1 };
  const now = before ? zoomOf(extent(lists, before.limit, below, 0), room) : 0;
  const kept = before && now * (now < SMALL ? WORTH_IT_SMALL : WORTH_IT) >= best.zoom ? before.limit : best.limit;
  return { limit: kept, air: airFor(lists, kept, below, room) };
}

/** The least widths that make one band, two, three and so on of these families. */
function limitsFor(families: readonly Family[]): readonly number[] {
  const total = families.reduce((sum, family) => sum + family.width + FAMILY_GAP, -FAMILY_GAP);
  const widest = Math.max(0, ...families.map((family) => family.width));
  const limits: number[] = [];
  for (let count = 1; count <= Math.min(MOST_BANDS, families.length); count++) {
    let limit = Math.max(widest, total / count);
    while (bandsOf(families, limit).length > count) limit += Math.max(24, total / 100);
    limits.push(Math.ceil(limit));
  }
  return limits;
}

interface Extent {
  readonly w: number;
  readonly h: number;
}

function extent(hosts: readonly (readonly Family[])[], limit: number, below: Extent, air: number): Extent {
  const gaps = gapsOf(air);
  let w = 0;
  let h = 0;
  for (const families of hosts) {
    const bands = bandsOf(families, limit);
    const widths = bands.map((band) => band.reduce((sum, family) => sum + family.width + FAMILY_GAP, -FAMILY_GAP));
    const inner = Math.max(STACK_MIN, ...widths);
    let height = 1.4 * TITLE + stackHeight(inner, false) + gaps.stack;
    for (const band of bands)
      height += gaps.band + gaps.veth + Math.max(0, ...band.map((family) => family.height + (family.bar ? barHeight(family.bar) : 0)));
    w += inner + 4 * PAD;
    h = Math.max(h, height - gaps.band);
  }
  return { w: Math.max(w, below.w), h: h + below.h + gaps.nic + 2 * gaps.lan };
}

/** NICs, and the LAN under the hosts. */
function heightBelow(scene: Scene): Extent {
  const nics = Math.max(0, ...[...scene.nics.values()].map((nic) => nicSize(nic).h));
  const cards = Math.max(0, ...[...scene.cards.values()].filter((card) => card.kind === "host").map((card) => cardSize(card).h + PLUG));
  const machines = scene.machines.filter((machine) => machine.role !== "switch");
  const w = machines.reduce((sum, machine) => sum + machineSize(machine).w + MACHINE_GAP, MACHINE_GAP);
  return { w, h: Math.max(nics, cards) + (machines.length > 0 ? SWITCH_HEIGHT + 48 : 0) };
}

const zoomOf = ({ w, h }: Extent, room: Room): number => Math.min(room.width / w, room.height / h);

/** As much air as there is height left over, in steps. */
function airFor(hosts: readonly (readonly Family[])[], limit: number, below: Extent, room: Room): number {
  const tight = extent(hosts, limit, below, 0);
  const zoom = Math.min(1.25, zoomOf(tight, room));
  const most = extent(hosts, limit, below, 1).h;
  const part = (room.height / zoom - tight.h) / Math.max(1, most - tight.h);
  return Math.max(0, Math.min(1, Math.floor(part * AIR_STEPS) / AIR_STEPS));
}
