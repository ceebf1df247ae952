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
const CARD_PAD = 7;
const CARD_HEAD = 47;
const SOCKET_WIDTH = 114;
const SOCKET_GAP = 6;
const SOCKET_HEIGHT = 38;
const IPV6_LINE = 14;
const MEMBER_WIDTH = 120;
const MEMBER_HEIGHT = 48;
const SHARED_TITLE = 22;
/** How far a plug sticks out under its card. */
export const PLUG = 14;
const HOST_CARD_HEIGHT = 52;

const BAR_PAD = 24;
const BAR_LINE = 17;
const BAR_EDGE = 9;
/** Letters of a network's name that its bar makes room for. */
const BAR_LETTERS = 22;
const BAR_LEAST = 152;

export const STACK_MIN = 372;
/** Width at which the lines of an opened stack can be read. */
export const STACK_OPEN = 860;

const NIC_WIDTH = 176;
/** A second column beside its addresses: published ports, and what sits on it; as wide as its words want, within limits. */
const NIC_SIDE = 158;
const NIC_SIDE_MOST = 236;
const NIC_HEIGHT = 44;
const NIC_LINE = 16;
/** Lines that the second column takes without making the NIC higher. */
const NIC_SIDE_LINES = 2;
/** Published ports that a NIC names before it says how many more there are. */
export const NIC_PORTS = 4;
const CHIP_WIDTH = 150;

export const SWITCH_HEIGHT = 20;
const MACHINE_WIDTH = 142;
const MACHINE_HEIGHT = 44;
const INTERNET_WIDTH = 116;
const INTERNET_HEIGHT = 48;

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

/** Widths of letters in the picture's type, in pixels: bold names, small words, addresses. */
const NAME_LETTER = 7.6;
const WORD_LETTER = 6.1;
const MONO_LETTER = 6.7;
const PORT_LETTER = 7;
const SIGN = 17;
const METER = 46;
const nameWidth = (bar: Bar): number =>
  SIGN + Math.min(BAR_LETTERS, (bar.network?.name ?? bar.device?.name ?? "").length) * NAME_LETTER + 12;

/** "4 of 65 534", and as long in the page's other language. */
const poolWidth = (bar: Bar): number =>
  Math.max(0, ...(bar.network?.pools ?? []).map((pool) => (`${pool.taken}${pool.size}`.length + 6) * WORD_LETTER));

/** What a bridge's own device and address take: "br-276114b642a8 · 172.18.0.1/16". */
function addressWidth(bar: Bar): number {
  const device = bar.kind === "bridge" && bar.network && !bar.network.predefined && bar.device ? bar.device.name.length + 3 : 0;
  const address = Math.max(10, ...(bar.network?.pools ?? []).map((pool) => (pool.gateway || pool.subnet).length + 3));
  return (device + address) * MONO_LETTER;
}

/** What a wide bar says of its kind beside its name, in letters: "DNS 127.0.0.11 · ports: 3", "macvlan on eth0 · no bridge". */
const roleLetters = (bar: Bar): number =>
  bar.kind === "through" ? 29 : (bar.network?.internal ? 11 : 0) + (bar.network && !bar.network.predefined ? 17 : 0) + 9;

const wideNeed = (bar: Bar): number =>
  BAR_PAD + Math.max(nameWidth(bar) + roleLetters(bar) * WORD_LETTER, addressWidth(bar) + 14 + poolWidth(bar) + METER);

/** The least width of a bar: it says how much of its pool is taken beside its name, and leaves the rest to the inspector. */
export function barMinWidth(bar: Bar): number {
  const beside = bar.kind === "through" ? (bar.network?.driver.length ?? 0) * WORD_LETTER + 14 : bar.network?.pools.length ? METER : 0;
  return Math.ceil(Math.max(BAR_LEAST, BAR_PAD + Math.max(nameWidth(bar) + poolWidth(bar), addressWidth(bar) + beside)));
}

/** Whether a bar of this width has room for all its words. */
export const isWideBar = (bar: Bar, width: number): boolean => width >= wideNeed(bar);

export const barHeight = (bar: Bar): number => 2 * BAR_EDGE + BAR_LINE * (1 + Math.max(1, bar.network?.pools.length ?? 1));

export function nicSize(nic: Nic): { readonly w: number; readonly h: number } {
  const addresses = nic.device.addresses.filter((address) => !address.startsWith("fe80")).length;
  const side = Math.min(NIC_PORTS, nic.published.length) + (nic.parentOf.length > 0 ? 1 : 0);
  const lines = Math.max(0, addresses - 1, side - NIC_SIDE_LINES);
  const wanted = Math.max(NIC_SIDE, ...nic.published.slice(0, NIC_PORTS).map((port) => port.length * PORT_LETTER + 36));
  return { w: (nic.wired ? NIC_WIDTH : CHIP_WIDTH) + (side > 0 ? Math.min(NIC_SIDE_MOST, wanted) : 0), h: NIC_HEIGHT + lines * NIC_LINE };
}

export function machineSize(machine: Machine): { readonly w: number; readonly h: number } {
  if (machine.role === "internet") return { w: INTERNET_WIDTH, h: INTERNET_HEIGHT };
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
