/**
 * How a new interface comes, as a story in four parts, each a function of show time alone: the pair is made in the host; one
 * end goes into the container's netns and is renamed; the other is plugged into the bridge; the address flies from the
 * bridge's pool to the socket.
 */
import type { Arrivals, Coming } from "../session/arrivals.ts";
import type { Geometry } from "./geometry.ts";
import { pointAlong } from "./paths.ts";
import { type Cable, deviceNode, type NodeId, type Scene, type Socket } from "./scene.ts";
import type { Point } from "./sizes.ts";

type Part = "pair" | "move" | "plug" | "address";

/** When each part ends, in ms of show time. */
const ENDS: readonly (readonly [Part, number])[] = [
  ["pair", 260],
  ["move", 640],
  ["plug", 1000],
  ["address", 1500],
];
/** How long a node takes to come, and to go. */
const FADE = 320;
/** When more come at once it is a crowd, not news. */
const MOST = 16;

interface Progress {
  readonly part: Part;
  /** From 0 to 1 within the part. */
  readonly done: number;
}

function progressAt(age: number): Progress | undefined {
  let start = 0;
  for (const [part, end] of ENDS) {
    if (age < end) return { part, done: Math.max(0, (age - start) / (end - start)) };
    start = end;
  }
  return undefined;
}

/** What is just coming: by socket id or node id, the part that it is in ("come" for a node), with a device's first name. */
export type Phases = ReadonlyMap<NodeId, string>;

export const NO_PHASES: Phases = new Map();

const PHASES_OF: Readonly<Record<string, (id: string) => NodeId>> = {
  container: (id) => `container:${id}`,
  network: (id) => `network:${id}`,
  device: (id) => `device:${id}`,
};

/** Phases at a show time; none when a crowd comes. */
export function phasesAt(arrivals: Arrivals, shown: number): Phases {
  const { comings } = arrivals;
  if (comings.size === 0) return NO_PHASES;
  const phases = new Map<NodeId, string>();
  let fresh = 0;
  for (const [key, coming] of comings) {
    const age = shown - coming.since;
    const at = key.indexOf(":");
    const subject = key.slice(0, at);
    const id = PHASES_OF[subject]?.(key.slice(at + 1)) ?? key;
    if (subject === "container" && age < 1500) fresh++;
    const progress = subject === "device" ? progressAt(age) : undefined;
    if (progress) phases.set(id, `${progress.part} ${coming.name}`);
    else if (subject !== "device" && age < FADE) phases.set(id, "come");
  }
  return fresh > MOST || phases.size > 4 * MOST ? NO_PHASES : phases;
}

export const isSame = (a: Phases, b: Phases): boolean => a.size === b.size && [...a].every(([id, phase]) => b.get(id) === phase);

/** Whether a cable is not drawn yet, because its ends are still on their way. */
export function isComing(phases: Phases, cable: Cable): boolean {
  const part = phases.get(cable.from.socket)?.split(" ")[0];
  return part === "pair" || part === "move" || part === "plug";
}

/** A pair on its way: where its two ends are. */
export interface PairComing {
  readonly kind: "pair";
  readonly hue: number;
  readonly inner: Point;
  readonly outer: Point;
  readonly innerName: string;
  readonly outerName: string;
  /** From 0 to 1: how much of it is there. */
  readonly there: number;
}

/** An address on its way from a pool. */
interface AddressComing {
  readonly kind: "address";
  readonly hue: number;
  readonly at: Point;
  readonly text: string;
}

/** What flies about while new interfaces come, at a show time. */
export function comingsAt(geometry: Geometry, arrivals: Arrivals, shown: number): readonly (PairComing | AddressComing)[] {
  const drawn: (PairComing | AddressComing)[] = [];
  for (const cable of cablesOf(geometry.scene, arrivals)) {
    const coming = arrivals.comings.get(`device:${cable.from.device}`) as Coming;
    const progress = progressAt(shown - coming.since);
    const card = geometry.scene.cards.get(cable.from.node);
    const socket = card?.sockets.find((one) => one.id === cable.from.socket);
    if (!progress || !socket) continue;
    drawn.push(
      ...(progress.part === "address" ? addressOf(geometry, cable, socket, progress.done) : pairOf(geometry, cable, coming, progress)),
    );
  }
  return drawn;
}

function cablesOf(scene: Scene, { comings }: Arrivals): readonly Cable[] {
  const news = new Set<string>();
  for (const key of comings.keys()) if (key.startsWith("device:")) news.add(deviceNode(Number(key.slice(7))));
  if (news.size === 0 || news.size > 4 * MOST) return [];
  return scene.cables.filter((cable) => (cable.kind === "veth" || cable.kind === "child") && news.has(deviceNode(cable.from.device)));
}

const ease = (part: number): number => 1 - (1 - Math.min(1, Math.max(0, part))) ** 3;
const between = (a: Point, b: Point, part: number): Point => ({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part });

function pairOf(geometry: Geometry, cable: Cable, coming: Coming, { part, done }: Progress): readonly PairComing[] {
  const shape = geometry.cable(cable.id);
  if (!shape) return [];
  const middle = pointAlong(shape.points, 0.55);
  const left = { x: middle.x - 13, y: middle.y };
  const right = { x: middle.x + 13, y: middle.y };
  const inner = part === "pair" ? left : part === "move" ? between(left, shape.start, ease(done)) : shape.start;
  const outer = part === "plug" ? between(right, shape.end, ease(done)) : right;
  const renamed = part !== "pair" && (part === "plug" || done > 0.75);
  return [
    {
      kind: "pair",
      hue: cable.hue,
      inner,
      outer: cable.kind === "child" ? shape.end : outer,
      innerName: renamed ? cable.from.name : coming.name,
      outerName: cable.to.name,
      there: part === "pair" ? ease(done) : 1,
    },
  ];
}

function addressOf(geometry: Geometry, cable: Cable, socket: Socket, done: number): readonly AddressComing[] {
  const text = socket.ipv4 || socket.ipv6;
  const card = geometry.box(cable.from.node);
  if (!text || !geometry.has(cable.to.node)) return [];
  const bar = geometry.box(cable.to.node);
  const plug = geometry.cable(cable.id)?.start ?? card;
  const from = { x: bar.x + bar.w - 60, y: bar.y + bar.h - 16 };
  const to = { x: plug.x, y: card.y + card.h - 20 };
  const at = between(from, to, ease(done));
  // In a bow, so that it does not hide the cable.
  return [{ kind: "address", hue: cable.hue, at: { x: at.x + 26 * Math.sin(Math.PI * done), y: at.y }, text }];
}

/** What is gone, as it stood when it went. */
export interface Gone {
  readonly key: string;
  readonly since: number;
  readonly box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly hue: number;
  readonly name: string;
}

/** Cards and bars of `before` that are not in the picture now, and whose going is news. */
export function goneSince(before: Geometry, now: Geometry, { goings }: Arrivals): readonly Gone[] {
  if (goings.size === 0 || goings.size > 8 * MOST) return [];
  const gone: Gone[] = [];
  for (const card of before.scene.cards.values()) {
    const since = goings.get(card.id);
    if (since !== undefined && !now.scene.cards.has(card.id) && before.has(card.id))
      gone.push({ key: card.id, since, box: before.box(card.id), hue: card.sockets[0]?.hue ?? -1, name: card.members[0]?.name ?? "" });
  }
  for (const bar of before.scene.bars.values()) {
    const since = goings.get(bar.id);
    if (since !== undefined && !now.scene.bars.has(bar.id) && before.has(bar.id))
      gone.push({ key: bar.id, since, box: before.box(bar.id), hue: bar.hue, name: bar.network?.name ?? "" });
  }
  return gone;
}

/** How much of what is gone is still to be seen, from 1 to 0. */
export const leftOf = (gone: Gone, shown: number): number => 1 - (shown - gone.since) / (2 * FADE);
