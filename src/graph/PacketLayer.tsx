/**
 * Packets in motion, on one canvas over the picture. Where a pill stands is worked out from the flights and the virtual time
 * of each animation frame; nothing is kept but which way each packet came, so that it goes on from there. When nothing
 * flies and nothing fades, no frame is asked for.
 */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { formatIp } from "../kernel/address.ts";
import type { Flight, Mark } from "../session/flights.ts";
import type { Geometry } from "./geometry.ts";
import { Journeys, type Pill } from "./journeys.ts";
import type { Say } from "./messages.ts";
import { type Palette, readPalette } from "./palette.ts";
import type { RouteIndex } from "./routes.ts";
import { isInside, type Point } from "./sizes.ts";

export interface PacketLayerProps {
  readonly geometry: Geometry;
  readonly routes: RouteIndex;
  readonly flights: () => readonly Flight[];
  readonly marks: () => readonly Mark[];
  /** µs of virtual time, with fractions. */
  readonly now: () => number;
  readonly reducedMotion: boolean;
  readonly theme: string;
  readonly say: Say;
}

/** Real milliseconds for which a drop, a rewrite and an arrival stay. */
const STAY = { drop: 2400, nat: 1300, deliver: 650 } as const;
/** Real milliseconds between looks for something new while nothing moves. */
const IDLE_LOOK = 60;
const MOST_MARKS = 60;
/** Zoom below which a pill with words would hide what it passes. */
const LEAST_ZOOM_WITH_WORDS = 0.3;

interface Shown {
  readonly mark: Mark;
  readonly kind: keyof typeof STAY;
  readonly since: number;
}

export function PacketLayer(props: PacketLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    element.dataset.theme = props.theme;
    const palette = readPalette(element);
    const journeys = new Journeys();
    const shown: Shown[] = [];
    const known = new WeakSet<Mark>();
    for (const mark of latest.current.marks()) known.add(mark);
    let frame = 0;
    let timer = 0;
    let dirty = false;

    const look = (): boolean => {
      const { flights, marks } = latest.current;
      return flights().length > 0 || shown.length > 0 || marks().some((mark) => !known.has(mark));
    };

    const tick = (): void => {
      frame = 0;
      const { geometry, routes, flights, marks, now, reducedMotion, say } = latest.current;
      const real = performance.now();
      for (const mark of marks()) {
        if (known.has(mark)) continue;
        known.add(mark);
        const kind = kindOf(mark);
        if (kind) shown.push({ mark, kind, since: real });
      }
      while (shown.length > MOST_MARKS) shown.shift();
      for (let i = shown.length - 1; i >= 0; i--) {
        const one = shown[i] as Shown;
        if (real - one.since > STAY[one.kind]) shown.splice(i, 1);
      }
      const pills = journeys.pills({ flights: flights(), now: now(), geometry, routes, jump: reducedMotion });
      const { transform, width, height } = store.getState();
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
      }
      const [x, y, zoom] = transform;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      const toScreen = (point: Point): Point => ({ x: point.x * zoom + x, y: point.y * zoom + y });
      const scale = Math.min(1.25, Math.max(0.82, zoom));
      const stage = { context, palette, scale, words: zoom > LEAST_ZOOM_WITH_WORDS, toScreen, reducedMotion };
      const view = { x: -80, y: -80, w: width + 160, h: height + 160 };
      for (const one of shown) drawMark(stage, one, real, geometry, routes, say);
      for (const pill of pills) if (isInside(view, toScreen(pill.at))) drawPill(stage, pill);
      dirty = pills.length > 0 || shown.length > 0;
      if (dirty || look()) frame = requestAnimationFrame(tick);
    };

    // Looking is cheap; only what is found starts the animation.
    const wake = (): void => {
      if (frame === 0 && (dirty || look())) frame = requestAnimationFrame(tick);
    };
    const stop = store.subscribe(wake);
    timer = window.setInterval(wake, IDLE_LOOK);
    wake();
    return () => {
      stop();
      window.clearInterval(timer);
      cancelAnimationFrame(frame);
      context.clearRect(0, 0, element.width, element.height);
    };
  }, [store, props.theme]);

  return <canvas ref={canvas} className="g-packets" />;
}

/** Which of the marks are drawn: drops that somebody would miss, rewrites, arrivals at a socket. */
function kindOf(mark: Mark): keyof typeof STAY | undefined {
  if (mark.hop.point === "nat") return "nat";
  if (mark.hop.verdict === "drop") return isQuietDrop(mark) ? undefined : "drop";
  return mark.hop.verdict === "deliver" && mark.protocol !== "ARP" ? "deliver" : undefined;
}

/** A flooded frame is let go wherever it is not meant for: that is no failure. */
const isQuietDrop = ({ hop }: Mark): boolean =>
  hop.reason === "not-for-this-mac" ||
  hop.reason === "arp-ignored" ||
  hop.reason === "broadcast-ignored" ||
  hop.reason === "macvlan-no-match" ||
  hop.reason === "ipvlan-no-match";

interface Stage {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly scale: number;
  readonly words: boolean;
  readonly toScreen: (point: Point) => Point;
  readonly reducedMotion: boolean;
}

const TAIL = 9;

function drawPill({ context, palette, scale, words, toScreen, reducedMotion }: Stage, pill: Pill): void {
  const color = palette.of(`--${pill.protocol.toLowerCase()}` as "--arp");
  if (!reducedMotion && pill.trail.length > 1) {
    context.lineCap = "round";
    context.strokeStyle = color;
    for (const [width, alpha] of [
      [TAIL, 0.22],
      [TAIL / 2.4, 0.45],
    ] as const) {
      context.lineWidth = width * scale;
      context.globalAlpha = alpha;
      context.beginPath();
      for (const [index, point] of pill.trail.entries()) {
        const at = toScreen(point);
        if (index === 0) context.moveTo(at.x, at.y);
        else context.lineTo(at.x, at.y);
      }
      context.stroke();
    }
  }
  const at = toScreen(pill.at);
  context.globalAlpha = 1;
  if (!pill.labelled || !words) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(at.x, at.y, 6 * Math.max(0.8, scale), 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = palette.of("--bg");
    context.lineWidth = 1.5;
    context.stroke();
    return;
  }
  const label = pill.label;
  context.font = `600 ${11 * scale}px ${palette.of("--mono")}`;
  const width = context.measureText(label).width + 20 * scale;
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
  context.fillText(label, at.x, at.y + 0.5);
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
}

function drawMark(stage: Stage, { mark, kind, since }: Shown, real: number, geometry: Geometry, routes: RouteIndex, say: Say): void {
  const { hop } = mark;
  const place = placeOf(geometry, routes, mark, kind);
  if (!place) return;
  const at = stage.toScreen(place);
  const age = (real - since) / STAY[kind];
  const fade = age < 0.75 ? 1 : Math.max(0, (1 - age) * 4);
  const grow = stage.reducedMotion ? 1 : Math.min(1, (real - since) / 220);
  const { context, palette, scale } = stage;
  context.globalAlpha = fade;
  if (kind === "deliver") {
    context.strokeStyle = palette.of("--ok");
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(at.x, at.y, (8 + 12 * grow) * scale, 0, 2 * Math.PI);
    context.stroke();
  } else if (kind === "drop") {
    const reason = say(`drop.${hop.reason ?? ""}`, { dst: addressOf(mark) });
    burst(context, palette.of("--bad"), at, 15 * scale * (0.6 + 0.4 * grow));
    callout(stage, at, reason, palette.of("--bad"), ruleOf(mark));
  } else {
    const decision = hop.decision;
    const text = decision?.by === "nat" ? `${decision.kind}: ${decision.from} → ${decision.to}` : "NAT";
    context.strokeStyle = palette.of("--udp");
    context.lineWidth = 3;
    context.beginPath();
    context.arc(at.x, at.y, 22 * scale * grow, 0, 2 * Math.PI);
    context.stroke();
    callout(stage, at, text, palette.of("--udp"), "");
  }
  context.globalAlpha = 1;
}

function placeOf(geometry: Geometry, routes: RouteIndex, mark: Mark, kind: keyof typeof STAY): Point | undefined {
  const { hop } = mark;
  if (kind === "drop" && hop.device) return routes.at(geometry, hop.device);
  const node = routes.nodeOfNetns(hop.netns);
  if (!node || !geometry.has(node)) return hop.device ? routes.at(geometry, hop.device) : undefined;
  const box = geometry.box(node);
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
}

/** The rule or policy that decided, as a second line. */
function ruleOf({ hop }: Mark): string {
  const { decision } = hop;
  if (decision?.by === "rule") return `${decision.chain} ${decision.number}: ${decision.rule}`;
  if (decision?.by === "policy") return `${decision.table} ${decision.chain} ${decision.policy}`;
  return "";
}

function addressOf({ hop }: Mark): string {
  const packet = hop.before;
  const ip = packet.kind === "arp" ? packet.targetIp : packet.dst;
  return formatIp(ip);
}

function burst(context: CanvasRenderingContext2D, color: string, at: Point, radius: number): void {
  context.fillStyle = color;
  context.beginPath();
  for (let i = 0; i < 20; i++) {
    const r = i % 2 === 0 ? radius : radius * 0.55;
    const angle = (i / 20) * 2 * Math.PI;
    context.lineTo(at.x + r * Math.cos(angle), at.y + r * Math.sin(angle));
  }
  context.closePath();
  context.fill();
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  const s = radius * 0.3;
  context.beginPath();
  context.moveTo(at.x - s, at.y - s);
  context.lineTo(at.x + s, at.y + s);
  context.moveTo(at.x + s, at.y - s);
  context.lineTo(at.x - s, at.y + s);
  context.stroke();
}

const MOST_LETTERS = 58;

function callout({ context, palette, scale }: Stage, at: Point, line: string, color: string, second: string): void {
  const lines = [line, second].filter(Boolean).map((text) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text));
  const size = 11.5 * Math.max(0.9, scale);
  context.font = `${size}px ${palette.of("--sans")}`;
  const width = Math.max(...lines.map((text) => context.measureText(text).width)) + 18;
  const height = lines.length * size * 1.45 + 10;
  const x = leftEdge(at.x, width, context);
  const y = at.y - height - 18 * scale < 4 ? at.y + 18 * scale : at.y - height - 18 * scale;
  context.fillStyle = palette.of("--panel");
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x, y, width, height, 7);
  context.fill();
  context.stroke();
  for (const [index, text] of lines.entries()) {
    context.fillStyle = palette.of(index === 0 ? "--ink" : "--dim");
    context.fillText(text, x + 9, y + 5 + size * (1.1 + index * 1.4));
  }
}

/** The left edge of a box centred at `x` that stays on the canvas. */
const leftEdge = (x: number, width: number, context: CanvasRenderingContext2D): number => {
  const most = context.canvas.clientWidth - width - 4;
  return Math.max(4, Math.min(most, x - width / 2));
};
