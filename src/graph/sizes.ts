/** How large things are drawn, in pixels at zoom 1. What graph.css draws must agree with these. */
import type { Bar, Card, Machine, Nic, Socket } from "./scene.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly w: number;
  readonly h: number;
}

export const CARD_WIDTH = 128;
const CARD_PAD = 8;
const CARD_HEAD = 52;
const SOCKET_WIDTH = 112;
const SOCKET_GAP = 6;
const SOCKET_HEIGHT = 38;
const IPV6_LINE = 14;
const MEMBER_WIDTH = 116;
const MEMBER_HEIGHT = 50;
const SHARED_TITLE = 20;
/** How far a plug sticks out under its card. */
export const PLUG = 16;
const HOST_CARD_HEIGHT = 56;

const BAR_HEIGHT = 48;
const BAR_MIN = 250;
const BAR_MIN_OWN = 384;
const BAR_MIN_THROUGH = 330;

export const STACK_HEIGHT = 36;
export const STACK_HEIGHT_OPEN = 196;
export const STACK_MIN = 640;

const NIC_WIDTH = 172;
const NIC_HEIGHT = 48;
const NIC_LINE = 15;
/** Published ports that a NIC names before it says how many more there are. */
export const NIC_PORTS = 4;
const CHIP_WIDTH = 148;

export const SWITCH_HEIGHT = 18;
const MACHINE_WIDTH = 156;
const MACHINE_HEIGHT = 48;
const INTERNET = 64;

const hasIpv6 = (sockets: readonly Socket[]): boolean => sockets.some((socket) => socket.ipv6 !== "");

export function cardSize(card: Card): { readonly w: number; readonly h: number } {
  if (card.kind === "host")
    return { w: Math.max(CARD_WIDTH, card.members.length * (MEMBER_WIDTH + SOCKET_GAP) + CARD_PAD), h: HOST_CARD_HEIGHT };
  const sockets = Math.max(1, card.sockets.length);
  const forSockets = sockets * SOCKET_WIDTH + (sockets - 1) * SOCKET_GAP + 2 * CARD_PAD;
  const shared = card.members.length > 1;
  const forMembers = shared ? card.members.length * MEMBER_WIDTH + (card.members.length - 1) * SOCKET_GAP + 2 * CARD_PAD : 0;
  const head = shared ? SHARED_TITLE + MEMBER_HEIGHT + SOCKET_GAP : CARD_HEAD;
  return { w: Math.max(CARD_WIDTH, forSockets, forMembers), h: head + SOCKET_HEIGHT + (hasIpv6(card.sockets) ? IPV6_LINE : 0) + CARD_PAD };
}

/** Where a socket's plug leaves the card, from the card's left top. */
export function plugOffset(card: Card, index: number): Point {
  const { w, h } = cardSize(card);
  const count = Math.max(1, card.sockets.length);
  const step = (w - 2 * CARD_PAD + SOCKET_GAP) / count;
  return { x: CARD_PAD + step * index + (step - SOCKET_GAP) / 2, y: h + PLUG };
}

const hasTwoFamilies = (bar: Bar): boolean => (bar.network?.pools.length ?? 0) > 1;

export const barHeight = (bar: Bar): number => BAR_HEIGHT + (hasTwoFamilies(bar) ? NIC_LINE : 0);

export function barMinWidth(bar: Bar): number {
  if (bar.kind === "through") return BAR_MIN_THROUGH;
  return bar.network?.predefined || !bar.network ? BAR_MIN : BAR_MIN_OWN;
}

export function nicSize(nic: Nic): { readonly w: number; readonly h: number } {
  const addresses = nic.device.addresses.filter((address) => !address.startsWith("fe80")).length;
  const ports = Math.min(NIC_PORTS, nic.published.length);
  const lines = Math.max(0, addresses - 1) + (nic.parentOf.length > 0 ? 1 : 0) + ports;
  return { w: nic.wired ? NIC_WIDTH : CHIP_WIDTH, h: NIC_HEIGHT + lines * NIC_LINE };
}

export function machineSize(machine: Machine): { readonly w: number; readonly h: number } {
  if (machine.role === "internet") return { w: INTERNET * 2, h: INTERNET };
  return { w: MACHINE_WIDTH, h: MACHINE_HEIGHT };
}

export const overlaps = (a: Box, b: Box, gap = 0): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap;

export const isInside = (box: Box, point: Point, margin = 0): boolean =>
  point.x >= box.x - margin && point.x <= box.x + box.w + margin && point.y >= box.y - margin && point.y <= box.y + box.h + margin;

/** The smallest box around boxes; undefined for none. */
export function around(boxes: Iterable<Box>): Box | undefined {
  let left = Number.POSITIVE_INFINITY;
  let top = left;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = right;
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.w);
    bottom = Math.max(bottom, box.y + box.h);
  }
  return right < left ? undefined : { x: left, y: top, w: right - left, h: bottom - top };
}
