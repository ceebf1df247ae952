/** What flies about while new interfaces come, and what is left for a moment of what is gone: functions of show time alone. */
import type { Coming, News } from "../session/arrivals.ts";
import { MOST_NEWS, type Progress, progressAt } from "./comings.ts";
import type { Geometry } from "./geometry.ts";
import { pointAlong } from "./paths.ts";
import { type Cable, deviceNode, type Scene, type Socket } from "./scene.ts";
import type { Point } from "./sizes.ts";

/** How long what is gone is still to be seen, in ms of show time. */
const GOING = 640;

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
export function comingsAt(geometry: Geometry, arrivals: News, shown: number): readonly (PairComing | AddressComing)[] {
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

function cablesOf(scene: Scene, { comings }: News): readonly Cable[] {
  const news = new Set<string>();
  for (const key of comings.keys()) if (key.startsWith("device:")) news.add(deviceNode(Number(key.slice(7))));
  if (news.size === 0 || news.size > 4 * MOST_NEWS) return [];
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
export function goneSince(before: Geometry, now: Geometry, { goings }: News): readonly Gone[] {
  if (goings.size === 0 || goings.size > 8 * MOST_NEWS) return [];
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
export const leftOf = (gone: Gone, shown: number): number => 1 - (shown - gone.since) / GOING;
