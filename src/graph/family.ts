/**
 * A family: the containers of one network, in rows over its bar. Cards of the usual width fill a grid from the bar upwards;
 * wide ones (several networks, a shared netns) stand in a tail at the right, where their other cables leave.
 */
import { clearRight, type Draft, type Slot } from "./place.ts";
import type { Bar, Card, NodeId } from "./scene.ts";
import { type Box, barHeight, barMinWidth, CARD_WIDTH, cardSize, PLUG, plugOffset } from "./sizes.ts";

const INSET = 12;
const COLUMN_GAP = 14;
/** Wide enough for the cables that come down from upper rows, beside the names of those at its sides. */
const GUTTER = 48;
const GUTTER_FIRST = 20;
const GUTTER_STEP = 6;
const GUTTER_LANES = 3;
const ROW_GAP = 38;
const ALIAS_LINE = 4;

/** Columns by how many cards there are: grown in steps, so that one more card seldom moves the others. */
const COLUMNS: readonly (readonly [number, number])[] = [
  [5, 5],
  [10, 5],
  [18, 6],
  [28, 7],
  [48, 10],
  [98, 14],
  [200, 20],
  [392, 28],
  [800, 40],
];
const MOST_COLUMNS = 50;

export interface Family {
  readonly id: NodeId;
  readonly bar: Bar | undefined;
  readonly cards: readonly Card[];
  readonly slots: ReadonlyMap<NodeId, Slot>;
  readonly columns: number;
  readonly rows: number;
  readonly rowHeight: number;
  readonly gap: number;
  /** Width of each tail column, and how many cables its gutter carries. */
  readonly tails: readonly { readonly width: number; readonly gutter: number }[];
  readonly width: number;
  readonly height: number;
}

const isTail = (card: Card): boolean => card.sockets.length > 1 || cardSize(card).w > CARD_WIDTH;

export function makeFamily(bar: Bar | undefined, cards: readonly Card[], before: ReadonlyMap<NodeId, Slot> | undefined): Family {
  const id = bar?.id ?? "";
  const plain = cards.filter((card) => !isTail(card));
  const wide = cards.filter(isTail);
  const limit = COLUMNS.find(([most]) => plain.length <= most)?.[1] ?? MOST_COLUMNS;
  const slots = assign(id, plain, limit, before);
  let rows = wide.length > 0 ? 1 : 0;
  let columns = 0;
  for (const slot of slots.values()) {
    rows = Math.max(rows, slot.row + 1);
    columns = Math.max(columns, slot.column + 1);
  }
  if (wide.length > rows * 3) rows = Math.ceil(wide.length / 3);
  const tails: { width: number; gutter: number }[] = [];
  for (const [index, card] of wide.entries()) {
    const column = Math.floor(index / rows);
    const row = index % rows;
    slots.set(card.id, { family: id, tail: true, column, row });
    const tail = tails[column] ?? { width: 0, gutter: COLUMN_GAP };
    const lanes = row > 0 ? card.sockets.length : 0;
    tails[column] = { width: Math.max(tail.width, cardSize(card).w), gutter: Math.max(tail.gutter, GUTTER) + lanes * GUTTER_STEP };
  }
  const gap = rows > 1 ? GUTTER : COLUMN_GAP;
  const rowHeight = Math.max(0, ...cards.map((card) => cardSize(card).h));
  const grid = columns * (CARD_WIDTH + gap);
  const tail = tails.reduce((sum, one) => sum + one.width + one.gutter, 0);
  const inner = grid + tail - (tails.length > 0 ? COLUMN_GAP : gap);
  return {
    id,
    bar,
    cards,
    slots,
    columns,
    rows,
    rowHeight,
    gap,
    tails,
    width: Math.max(cards.length > 0 ? inner + 2 * INSET + (rows > 1 ? GUTTER : 0) : 0, bar ? barMinWidth(bar) : 0),
    height: rows > 0 ? rows * (rowHeight + PLUG + ROW_GAP) - ROW_GAP : 0,
  };
}

/** Slots for cards: those that had one in this family keep it where it still exists, the others take the first free ones. */
function assign(family: NodeId, cards: readonly Card[], columns: number, before: ReadonlyMap<NodeId, Slot> | undefined): Map<NodeId, Slot> {
  const slots = new Map<NodeId, Slot>();
  const taken = new Set<number>();
  const most = Math.ceil(cards.length / columns) * columns;
  for (const card of cards) {
    const slot = before?.get(card.id);
    if (!slot || slot.family !== family || slot.tail || slot.column >= columns) continue;
    const index = slot.row * columns + slot.column;
    if (index >= most || taken.has(index)) continue;
    taken.add(index);
    slots.set(card.id, slot);
  }
  let next = 0;
  for (const card of cards) {
    if (slots.has(card.id)) continue;
    while (taken.has(next)) next++;
    taken.add(next);
    slots.set(card.id, { family, tail: false, column: next % columns, row: Math.floor(next / columns) });
  }
  return slots;
}

export interface FamilyPlace {
  readonly x: number;
  /** Bottom of the plugs of the lowest row. */
  readonly rowsBottom: number;
  readonly barY: number;
  /** Room at the bar's ends for cables from other families. */
  readonly zoneLeft: number;
  readonly zoneRight: number;
}

/** Puts a family's cards and bar into the draft. Gives the x after it. */
export function layFamily(draft: Draft, family: Family, place: FamilyPlace): number {
  const { bar } = family;
  const width = family.width + place.zoneLeft + place.zoneRight;
  let { x } = place;
  if (bar) {
    const at = draft.placed.get(bar.id);
    const box = { x, y: place.barY, w: width, h: barHeight(bar) };
    // Cables from other families swing freely to a bar that was moved, so it needs no room for them at its ends.
    const laid = at ? { ...box, ...at, w: family.width } : clearRight(draft, box);
    draft.boxes.set(bar.id, laid);
    if (!at) x = laid.x;
  }
  const left = x + place.zoneLeft + INSET + slack(family);
  for (const card of family.cards) {
    const slot = family.slots.get(card.id) as Slot;
    const size = cardSize(card);
    const cardX = slot.tail ? left + tailX(family, slot.column) : left + slot.column * (CARD_WIDTH + family.gap);
    const cardY = place.rowsBottom - PLUG - size.h - slot.row * (family.rowHeight + PLUG + ROW_GAP);
    draft.slots.set(card.id, slot);
    const at = draft.placed.get(card.id);
    draft.boxes.set(card.id, at ? { ...at, ...size } : { x: cardX, y: cardY, ...size });
    if (bar) runsOf(draft, family, bar, card, slot, { x: cardX, y: cardY, ...size }, left, at !== undefined || draft.placed.has(bar.id));
  }
  bracketsOf(draft, family);
  return x + width;
}

/** A narrow family is centred over a bar that is wider for its text. */
function slack(family: Family): number {
  if (family.rows !== 1 || family.tails.length > 0 || !family.bar) return 0;
  const inner = family.columns * (CARD_WIDTH + family.gap) - family.gap + 2 * INSET;
  return Math.max(0, Math.min((family.width - inner) / 2, 24));
}

function tailX(family: Family, column: number): number {
  let x = family.columns * (CARD_WIDTH + family.gap);
  for (let i = 0; i < column; i++)
    x += (family.tails[i] as Family["tails"][number]).width + (family.tails[i] as Family["tails"][number]).gutter;
  return x;
}

/** How a card's cables to its own family's bar run, and its cables to other bars leave the rows. */
function runsOf(draft: Draft, family: Family, bar: Bar, card: Card, slot: Slot, box: Box, left: number, free: boolean): void {
  const barBox = draft.boxes.get(bar.id) as Box;
  const reserved = draft.placed.has(bar.id) ? { ...barBox, x: left - INSET - slack(family) } : barBox;
  for (const cable of draft.cablesOf.get(card.id) ?? []) {
    if (cable.kind === "wire") continue;
    const index = card.sockets.findIndex((socket) => socket.id === cable.from.socket);
    const plug = plugOffset(card, Math.max(0, index));
    const plugX = box.x + plug.x;
    const gutterX = slot.row === 0 ? undefined : left + gutterOffset(family, slot, index);
    const own = cable.to.node === bar.id;
    const crossing = draft.runs.get(cable.id);
    const laneY = own ? undefined : crossing?.laneY;
    const loose = free || draft.placed.has(cable.to.node);
    // A bar in another band is not reached in lanes.
    if (!own && !crossing && !loose) continue;
    const port = own ? (gutterX ?? plugX) - reserved.x : (crossing?.port ?? 0);
    draft.runs.set(cable.id, {
      port,
      laneY,
      gutterX,
      label: own && slot.row > 0 ? "plug" : "bar",
      free: loose,
    });
  }
}

/** From the family's left: a lane in the gutter right of the card's column. */
function gutterOffset(family: Family, slot: Slot, socket: number): number {
  if (!slot.tail)
    return slot.column * (CARD_WIDTH + family.gap) + CARD_WIDTH + GUTTER_FIRST + Math.min(slot.row - 1, GUTTER_LANES - 1) * GUTTER_STEP;
  const tail = family.tails[slot.column] as Family["tails"][number];
  const inColumn = family.cards.filter((card) => {
    const other = family.slots.get(card.id) as Slot;
    return other.tail && other.column === slot.column && other.row > 0 && other.row < slot.row;
  });
  const lanes = inColumn.reduce((sum, card) => sum + card.sockets.length, 0);
  return tailX(family, slot.column) + tail.width + GUTTER_FIRST + (lanes + socket) * GUTTER_STEP;
}

/** Cards of one alias that stand next to each other share a bracket. */
function bracketsOf(draft: Draft, family: Family): void {
  const inOrder = family.cards
    .filter((card) => card.alias !== "" && !draft.placed.has(card.id))
    .map((card) => ({ card, slot: family.slots.get(card.id) as Slot }))
    .sort((a, b) => a.slot.row - b.slot.row || Number(a.slot.tail) - Number(b.slot.tail) || a.slot.column - b.slot.column);
  let run: typeof inOrder = [];
  const close = (): void => {
    const first = run[0];
    if (first) draft.brackets.push({ cards: run.map((one) => one.card.id), text: first.card.alias, hue: family.bar?.hue ?? -1 });
    run = [];
  };
  for (const one of inOrder) {
    const last = run.at(-1);
    const follows =
      last &&
      last.card.alias === one.card.alias &&
      last.slot.row === one.slot.row &&
      ((last.slot.tail === one.slot.tail && one.slot.column === last.slot.column + 1) ||
        (!last.slot.tail && one.slot.tail && one.slot.column === 0 && last.slot.column === family.columns - 1));
    if (!follows) close();
    run.push(one);
  }
  close();
}

export const bracketY = (box: Box): number => box.y - ALIAS_LINE;
