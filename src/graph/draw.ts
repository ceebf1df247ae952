/** What is drawn on the canvas over the picture: pills, dots, bursts, lit stages, callouts. Positions in pixels on screen. */
import type { FlightProtocol } from "../session/flights.ts";
import type { Gone, PairComing } from "./flying.ts";
import type { Palette } from "./palette.ts";
import type { Box, Point } from "./sizes.ts";

export interface Stage {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  /** By how much letters and pills grow and shrink with the zoom; they stay legible. */
  readonly scale: number;
  readonly zoom: number;
  /** Whether pills say what they are. */
  readonly words: boolean;
  readonly width: number;
  readonly height: number;
  readonly toScreen: (point: Point) => Point;
}

type ColorName = Parameters<Palette["of"]>[0];

const COLORS: Readonly<Record<FlightProtocol, ColorName>> = {
  ARP: "--arp",
  NDP: "--arp",
  ICMP: "--icmp",
  DNS: "--dns",
  TCP: "--tcp",
  UDP: "--udp",
};
const TAIL = 9;
/** Width in pixels, and lines, that each part of a callout takes at the most. */
const CALLOUT_WIDTH = 400;
const CALLOUT_LINES = 3;

export interface PillDrawing {
  readonly at: Point;
  readonly trail: readonly Point[];
  readonly protocol: FlightProtocol;
  readonly label: string;
  readonly labelled: boolean;
}

export function drawPill(stage: Stage, pill: PillDrawing): void {
  const { context, palette, scale } = stage;
  const color = palette.of(COLORS[pill.protocol]);
  if (pill.trail.length > 1) drawTrail(stage, pill.trail, color);
  const at = stage.toScreen(pill.at);
  context.globalAlpha = 1;
  if (!pill.labelled || !stage.words) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(at.x, at.y, 6 * Math.max(0.8, scale), 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = palette.of("--bg");
    context.lineWidth = 1.5;
    context.stroke();
    return;
  }
  context.font = `600 ${12 * scale}px ${palette.of("--mono")}`;
  const width = context.measureText(pill.label).width + 20 * scale;
  const height = 25 * scale;
  context.fillStyle = color;
  context.strokeStyle = palette.of("--bg");
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - height / 2, width, height, height / 2);
  context.fill();
  context.stroke();
  context.fillStyle = palette.of("--on-hue");
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillText(pill.label, at.x, at.y + 0.5);
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
}

function drawTrail({ context, scale, toScreen }: Stage, trail: readonly Point[], color: string): void {
  context.lineCap = "round";
  context.strokeStyle = color;
  for (const [width, alpha] of [
    [TAIL, 0.22],
    [TAIL / 2.4, 0.45],
  ] as const) {
    context.lineWidth = width * scale;
    context.globalAlpha = alpha;
    context.beginPath();
    for (const [index, point] of trail.entries()) {
      const at = toScreen(point);
      if (index === 0) context.moveTo(at.x, at.y);
      else context.lineTo(at.x, at.y);
    }
    context.stroke();
  }
}

/** The way that a packet went, with an arrow in the middle of each stretch. */
export function drawWay(stage: Stage, points: readonly Point[], protocol: FlightProtocol): void {
  const { context, palette, toScreen } = stage;
  const color = palette.of(COLORS[protocol]);
  const way = points.map(toScreen);
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.setLineDash([2, 6]);
  context.lineCap = "round";
  context.beginPath();
  for (const [index, at] of way.entries()) {
    if (index === 0) context.moveTo(at.x, at.y);
    else context.lineTo(at.x, at.y);
  }
  context.stroke();
  context.setLineDash([]);
  const a = way.at(-2);
  const b = way.at(-1);
  if (!a || !b) return;
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  context.beginPath();
  for (const [turn, reach] of [
    [0, 9],
    [2.5, 8],
    [-2.5, 8],
  ] as const)
    context.lineTo(middle.x + reach * Math.cos(angle + turn), middle.y + reach * Math.sin(angle + turn));
  context.closePath();
  context.fill();
}

/** Housekeeping: small, grey, and gone. */
export function drawDot({ context, palette, toScreen }: Stage, dot: Point & { readonly part: number }): void {
  const at = toScreen(dot);
  context.globalAlpha = 0.75 * Math.min(1, 4 * dot.part, 4 * (1 - dot.part));
  context.fillStyle = palette.of("--dim");
  context.beginPath();
  context.arc(at.x, at.y, 3, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}

/** A stage of the host's stack while a packet is at it. */
export function drawLight({ context, palette, zoom, toScreen }: Stage, box: Box, color: ColorName): void {
  const at = toScreen(box);
  context.fillStyle = palette.of(color);
  context.strokeStyle = palette.of(color);
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(at.x, at.y, box.w * zoom, box.h * zoom, 6 * zoom);
  context.globalAlpha = 0.22;
  context.fill();
  context.globalAlpha = 1;
  context.stroke();
}

export function drawRing({ context, scale }: Stage, at: Point, color: string, radius: number): void {
  context.strokeStyle = color;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(at.x, at.y, radius * scale, 0, 2 * Math.PI);
  context.stroke();
}

const PLUG = { w: 16, h: 22 };

/** A veth pair on its way: two ends, the cable between them, and their names. */
export function drawPair(stage: Stage, pair: PairComing): void {
  const { context, palette, zoom, scale } = stage;
  const color = palette.hue(pair.hue);
  const inner = stage.toScreen(pair.inner);
  const outer = stage.toScreen(pair.outer);
  context.globalAlpha = pair.there;
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 2.5 * zoom;
  context.lineCap = "round";
  const sag = Math.max(0, 40 - Math.hypot(outer.x - inner.x, outer.y - inner.y)) * zoom;
  context.beginPath();
  context.moveTo(inner.x, inner.y);
  context.quadraticCurveTo((inner.x + outer.x) / 2, (inner.y + outer.y) / 2 + sag, outer.x, outer.y);
  context.stroke();
  for (const at of [inner, outer]) {
    context.beginPath();
    context.roundRect(at.x - (PLUG.w / 2) * zoom, at.y - (PLUG.h / 2) * zoom, PLUG.w * zoom, PLUG.h * zoom, 4 * zoom);
    context.fill();
  }
  context.font = `${11.5 * scale}px ${palette.of("--mono")}`;
  name(stage, pair.innerName, { x: inner.x - 13 * zoom, y: inner.y }, "right");
  name(stage, pair.outerName, { x: outer.x + 13 * zoom, y: outer.y }, "left");
  context.globalAlpha = 1;
}

function name({ context, palette, scale }: Stage, text: string, at: Point, align: "left" | "right"): void {
  if (!text) return;
  const width = context.measureText(text).width + 8;
  context.fillStyle = palette.of("--panel");
  context.beginPath();
  context.roundRect(align === "left" ? at.x : at.x - width, at.y - 9 * scale, width, 18 * scale, 4);
  context.fill();
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillStyle = palette.of("--ink");
  context.fillText(text, align === "left" ? at.x + 4 : at.x - 4, at.y + 0.5);
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
}

/** An address that flies from its pool to its socket. */
export function drawAddress(
  stage: Stage,
  { at: place, text, hue }: { readonly at: Point; readonly text: string; readonly hue: number },
): void {
  const { context, palette, scale } = stage;
  const at = stage.toScreen(place);
  context.font = `600 ${12 * scale}px ${palette.of("--mono")}`;
  const width = context.measureText(text).width + 16 * scale;
  context.fillStyle = palette.hue(hue);
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - 11 * scale, width, 22 * scale, 5);
  context.fill();
  context.fillStyle = palette.of("--on-hue");
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, at.x, at.y + 0.5);
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
}

/** What is gone, fading where it stood. */
export function drawGone(stage: Stage, gone: Gone, left: number): void {
  const { context, palette, zoom, scale } = stage;
  const at = stage.toScreen(gone.box);
  const shrink = (1 - left) * 6 * zoom;
  context.globalAlpha = Math.max(0, Math.min(1, left));
  context.strokeStyle = palette.hue(gone.hue);
  context.lineWidth = 1.5;
  context.setLineDash([5, 5]);
  context.beginPath();
  context.roundRect(at.x + shrink, at.y + shrink, gone.box.w * zoom - 2 * shrink, gone.box.h * zoom - 2 * shrink, 11 * zoom);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = palette.of("--dim");
  context.font = `600 ${13 * scale}px ${palette.of("--sans")}`;
  context.fillText(gone.name, at.x + 12 * zoom, at.y + 24 * zoom);
  context.globalAlpha = 1;
}

/** Where a packet has ended: a burst with a cross in it. */
export function drawBurst({ context, palette }: Stage, at: Point, radius: number): void {
  context.fillStyle = palette.of("--bad");
  context.strokeStyle = palette.of("--bg");
  context.lineWidth = 2;
  context.beginPath();
  for (let i = 0; i < 20; i++) {
    const r = i % 2 === 0 ? radius : radius * 0.62;
    const angle = (i / 20) * 2 * Math.PI;
    context.lineTo(at.x + r * Math.cos(angle), at.y + r * Math.sin(angle));
  }
  context.closePath();
  context.stroke();
  context.fill();
  const s = radius * 0.3;
  context.beginPath();
  context.moveTo(at.x - s, at.y - s);
  context.lineTo(at.x + s, at.y + s);
  context.moveTo(at.x + s, at.y - s);
  context.lineTo(at.x - s, at.y + s);
  context.stroke();
}

export interface Callout {
  /** The place that it is about. */
  readonly at: Point;
  readonly lines: readonly string[];
  readonly color: ColorName;
  /** Pixels between the place and the callout. */
  readonly away: number;
  readonly below?: boolean;
}

/** A note beside a place, kept on the canvas, and clear of the notes before it. */
export function drawCallout(
  { context, palette, scale, width, height }: Stage,
  { at, lines, color, away, below = false }: Callout,
  taken: Box[],
): void {
  const size = 12.5 * Math.max(0.95, scale);
  const most = Math.min(CALLOUT_WIDTH * scale, width - 28);
  const rows = lines.filter(Boolean).flatMap((text, index) => {
    const font = index === 0 ? `600 ${size}px ${palette.of("--sans")}` : `${size * 0.94}px ${palette.of("--mono")}`;
    context.font = font;
    return wrapped(context, text, most).map((row) => ({ row, font, first: index === 0, width: context.measureText(row).width }));
  });
  if (rows.length === 0) return;
  const w = Math.max(...rows.map((one) => one.width)) + 20;
  const h = rows.length * size * 1.42 + 11;
  const x = Math.max(4, Math.min(width - w - 4, at.x - w / 2));
  const above = at.y - h - away;
  let y = below || above < 4 ? at.y + away : above;
  for (const other of taken)
    if (x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h) y = other.y + other.h + 4;
  y = Math.max(4, Math.min(height - h - 4, y));
  taken.push({ x, y, w, h });
  context.fillStyle = palette.of("--panel");
  context.strokeStyle = palette.of(color);
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x, y, w, h, 7);
  context.fill();
  context.stroke();
  for (const [index, { row, font, first }] of rows.entries()) {
    context.font = font;
    context.fillStyle = palette.of(first ? "--ink" : "--dim");
    context.fillText(row, x + 10, y + 6 + size * (1.05 + index * 1.42));
  }
}

/** A text in lines that are no wider than `most` pixels in the context's font, broken between words; what is too long ends in "…". */
function wrapped(context: CanvasRenderingContext2D, text: string, most: number): readonly string[] {
  const fits = (line: string): boolean => context.measureText(line).width <= most;
  const rows: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || fits(longer)) {
      line = longer;
      continue;
    }
    if (rows.length === CALLOUT_LINES - 1) {
      line = `${longer}…`;
      break;
    }
    rows.push(line);
    line = word;
  }
  while (line.length > 1 && !fits(line)) line = `${line.slice(0, -2)}…`;
  return [...rows, line];
}
