/**
 * The picture from far away, on one canvas: blocks and names instead of cards, so that a thousand containers can be panned
 * without a thousand elements. The canvas is larger than the view and moves with it; it is drawn anew when its edge comes
 * into view or the zoom changes. Names keep a size that can be read, and are left out where they do not fit.
 */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { barName } from "./describe.ts";
import type { Geometry } from "./geometry.ts";
import { type Palette, themedPalette } from "./palette.ts";
import type { Card, NodeId } from "./scene.ts";
import { stackNode } from "./scene.ts";
import { type Box, overlaps, PLUG } from "./sizes.ts";

interface FarLayerProps {
  readonly geometry: Geometry;
  /** Whether everything is drawn here, or only cards that have no element of their own. */
  readonly far: boolean;
  readonly mounted: ReadonlySet<NodeId>;
  readonly selection: ReadonlySet<NodeId>;
  readonly theme: string;
}

/** Pixels that the canvas is larger than the view on each side. */
const MARGIN = 240;
/** Zoom under which cables are too fine to be told apart. */
const NO_CABLES = 0.09;
/** Least height of letters, in pixels on screen. */
const LETTERS = 11;

export default function FarLayer({ geometry, far, mounted, selection, theme }: FarLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const paletteOf = themedPalette(element);
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    let drawn = { x: Number.NaN, y: 0, zoom: 0, width: 0, height: 0 };
    const draw = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      const dx = x - drawn.x;
      const dy = y - drawn.y;
      const fits =
        zoom === drawn.zoom && width === drawn.width && height === drawn.height && Math.abs(dx) < MARGIN && Math.abs(dy) < MARGIN;
      if (fits) {
        element.style.transform = `translate(${dx - MARGIN}px, ${dy - MARGIN}px)`;
        return;
      }
      drawn = { x, y, zoom, width, height };
      const w = width + 2 * MARGIN;
      const h = height + 2 * MARGIN;
      element.width = w * ratio;
      element.height = h * ratio;
      element.style.width = `${w}px`;
      element.style.height = `${h}px`;
      element.style.transform = `translate(${-MARGIN}px, ${-MARGIN}px)`;
      const view = { x: (-MARGIN - x) / zoom, y: (-MARGIN - y) / zoom, w: w / zoom, h: h / zoom };
      context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * (MARGIN + x), ratio * (MARGIN + y));
      paint({ context, geometry, palette: paletteOf(), zoom, view, far, mounted, selection });
    };
    draw();
    // The document takes on a new theme only after its parts have drawn.
    const again = requestAnimationFrame(() => {
      if (theme === element.dataset.theme) return;
      element.dataset.theme = theme;
      drawn = { ...drawn, zoom: 0 };
      draw();
    });
    const stop = store.subscribe(draw);
    return () => {
      cancelAnimationFrame(again);
      stop();
    };
  }, [geometry, far, mounted, selection, theme, store]);

  return <canvas ref={canvas} className="g-far-canvas" />;
}

interface Paint {
  readonly context: CanvasRenderingContext2D;
  readonly geometry: Geometry;
  readonly palette: Palette;
  readonly zoom: number;
  readonly view: Box;
  readonly far: boolean;
  readonly mounted: ReadonlySet<NodeId>;
  readonly selection: ReadonlySet<NodeId>;
}

function paint(job: Paint): void {
  const { context, geometry, palette, far } = job;
  const { scene } = geometry;
  context.clearRect(job.view.x, job.view.y, job.view.w, job.view.h);
  if (far) {
    for (const host of scene.hosts) {
      const box = geometry.box(host.id);
      round(context, box, 18);
      context.fillStyle = palette.of("--host");
      context.fill();
      outline(context, palette.of("--line"), 1.5 / job.zoom);
    }
    if (job.zoom > NO_CABLES) paintCables(job);
    paintLinks(job);
  }
  paintCards(job);
  if (!far) return;
  paintBars(job);
  for (const host of scene.hosts) {
    const stack = geometry.box(stackNode(host.machine));
    block(job, stack, palette.of("--panel2"), palette.of("--line"), "host stack");
    for (const nic of host.nics) block(job, geometry.box(nic.id), palette.of("--panel"), palette.of("--dim"), nic.device.name);
    const frame = geometry.box(host.id);
    const size = Math.min(LETTERS / job.zoom, 40);
    text(job, host.machine, frame.x + 20, frame.y + 8 + size, size, frame.w - 40, palette.of("--ink"), true);
  }
  for (const machine of scene.machines)
    block(job, geometry.box(machine.id), palette.of("--panel"), palette.of("--line"), machine.role === "switch" ? "" : machine.name);
}

function paintCables({ context, geometry, palette, view, zoom }: Paint): void {
  const byStyle = new Map<string, string[]>();
  for (const cable of geometry.scene.cables) {
    const box = geometry.layout.boxes.get(cable.from.node);
    if (!box || (cable.kind !== "wire" && !overlaps(box, view, 600))) continue;
    const style = `${cable.hue}/${cable.live ? "" : "dead"}`;
    const list = byStyle.get(style);
    if (list) list.push(cable.id);
    else byStyle.set(style, [cable.id]);
  }
  context.lineWidth = Math.max(1.6, 1 / zoom);
  context.lineJoin = "round";
  for (const [style, ids] of byStyle) {
    const [hue, dead] = style.split("/");
    context.strokeStyle = palette.hue(Number(hue));
    context.globalAlpha = dead ? 0.35 : 0.75;
    context.setLineDash(dead ? [6, 6] : []);
    // A plug is too small to be drawn by itself: it is its cable's beginning.
    const plug = Number(hue) < 0 ? 0 : PLUG;
    context.beginPath();
    for (const id of ids) {
      const points = geometry.cable(id)?.points ?? [];
      for (const [index, point] of points.entries()) {
        if (index === 0) context.moveTo(point.x, point.y - plug);
        context.lineTo(point.x, point.y);
      }
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function paintLinks({ context, geometry, palette, zoom }: Paint): void {
  context.lineWidth = Math.max(2, 1 / zoom);
  for (const link of geometry.links) {
    context.strokeStyle = link.kind === "trunk" ? palette.hue(link.hue) : palette.of("--duct");
    context.beginPath();
    for (const [index, point] of geometry.link(link).points.entries()) {
      if (index === 0) context.moveTo(point.x, point.y);
      else context.lineTo(point.x, point.y);
    }
    context.stroke();
  }
}

const isRunning = (card: Card): boolean => card.members.some((member) => member.state === "running");

function paintCards(job: Paint): void {
  const { context, geometry, palette, zoom, view, far, mounted, selection } = job;
  const size = Math.max(12.5, LETTERS / zoom);
  // Names where at least six letters fit on a card, and addresses under them where there is room for both.
  const named = size * 0.55 * 6 < 116;
  const fill = palette.of("--panel");
  const line = Math.max(1.5, 1 / zoom);
  for (const card of geometry.scene.cards.values()) {
    if (!far && mounted.has(card.id)) continue;
    const box = geometry.box(card.id);
    if (!overlaps(box, view)) continue;
    const running = isRunning(card);
    const hue = palette.hue(card.sockets[0]?.hue ?? -1);
    if (!named) {
      context.globalAlpha = running ? 1 : 0.4;
      context.fillStyle = hue;
      context.fillRect(box.x, box.y, box.w, box.h * 0.2);
      context.fillStyle = fill;
      context.fillRect(box.x, box.y + box.h * 0.2, box.w, box.h * 0.8);
      if (zoom > NO_CABLES) {
        context.strokeStyle = hue;
        context.lineWidth = line;
        context.strokeRect(box.x, box.y, box.w, box.h);
      }
    } else {
      round(context, box, 12);
      context.fillStyle = fill;
      context.fill();
      context.globalAlpha = running ? 1 : 0.55;
      outline(context, hue, line);
      context.fillStyle = hue;
      context.fillRect(box.x + 4, box.y, box.w - 8, 5);
      text(job, card.members[0]?.name ?? "", box.x + 8, box.y + 14 + size, size, box.w - 16, palette.of("--ink"), true);
      const address = card.sockets[0]?.ipv4;
      if (address && size < 25)
        text(job, address, box.x + 8, box.y + 24 + size * 2.2, size * 0.82, box.w - 12, palette.of("--dim"), false, true);
      if (!running) text(job, "■", box.x + box.w - 8 - size, box.y + box.h - 10, size, size * 1.5, palette.of("--dim"), false);
    }
    context.globalAlpha = 1;
    if (selection.has(card.id)) {
      context.strokeStyle = palette.of("--ink");
      context.lineWidth = 3 / zoom;
      context.strokeRect(box.x - 4, box.y - 4, box.w + 8, box.h + 8);
    }
  }
}

function paintBars(job: Paint): void {
  const { context, geometry, palette, zoom, view, selection } = job;
  const size = Math.max(13, LETTERS / zoom);
  for (const bar of geometry.scene.bars.values()) {
    const box = geometry.box(bar.id);
    if (!overlaps(box, view, 400)) continue;
    const hue = palette.hue(bar.hue);
    round(context, box, 9);
    context.fillStyle = palette.of("--host");
    context.fill();
    context.globalAlpha = 0.22;
    context.fillStyle = hue;
    context.fill();
    context.globalAlpha = 1;
    if (bar.kind === "through") context.setLineDash([7, 5]);
    outline(context, selection.has(bar.id) ? palette.of("--ink") : hue, (selection.has(bar.id) ? 3 : 1.5) / Math.min(1, zoom * 1.4));
    context.setLineDash([]);
    const count = bar.containers > 0 ? `  ${bar.containers}` : "";
    const fits = size < box.h * 1.4;
    const label = `${barName(bar)}${count}`;
    if (fits)
      text(job, label, box.x + 10, box.y + box.h / 2 + size * 0.36, Math.min(size, box.h * 0.9), box.w - 16, palette.of("--ink"), true);
    // Too small for letters inside: the name stands on the bar's containers, on a plate, if it has any room there.
    else plate(job, label, box, size, hue);
  }
}

/** A name on a plate over a family that is too small for letters of its own. */
function plate({ context, palette, zoom }: Paint, label: string, box: Box, size: number, hue: string): void {
  const most = Math.floor(box.w / (size * 0.6)) - 1;
  if (most < 3) return;
  const shown = label.length > most ? `${label.slice(0, most - 1)}…` : label;
  context.font = `600 ${size}px ${palette.of("--sans")}`;
  const width = context.measureText(shown).width;
  const height = size * 1.5;
  const y = box.y - height - 4 / zoom;
  context.fillStyle = palette.of("--host");
  context.globalAlpha = 0.9;
  context.fillRect(box.x, y, Math.min(box.w, width + size), height);
  context.globalAlpha = 1;
  context.fillStyle = hue;
  context.fillRect(box.x, y, 3 / zoom, height);
  context.fillStyle = palette.of("--ink");
  context.fillText(shown, box.x + size * 0.5, y + size * 1.1);
}

function block(job: Paint, box: Box, fill: string, line: string, label: string): void {
  round(job.context, box, 8);
  job.context.fillStyle = fill;
  job.context.fill();
  outline(job.context, line, 1.5 / Math.min(1, job.zoom * 1.4));
  const size = Math.min(Math.max(12, LETTERS / job.zoom), box.h * 0.8);
  if (label && size * job.zoom >= LETTERS - 2)
    text(job, label, box.x + 10, box.y + box.h / 2 + size * 0.36, size, box.w - 14, job.palette.of("--ink"), false);
}

function round(context: CanvasRenderingContext2D, box: Box, radius: number): void {
  context.beginPath();
  context.roundRect(box.x, box.y, box.w, box.h, radius);
}

function outline(context: CanvasRenderingContext2D, color: string, width: number): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/** Text cut to a width by counting letters: measuring each would cost more than drawing it. */
function text(
  job: Paint,
  label: string,
  x: number,
  y: number,
  size: number,
  width: number,
  color: string,
  bold: boolean,
  mono = false,
): void {
  const most = Math.floor(width / (size * (mono ? 0.61 : 0.56)));
  if (most < 2) return;
  const shown = label.length > most ? `${label.slice(0, most - 1)}…` : label;
  const { context, palette } = job;
  context.font = `${bold ? "600 " : ""}${size}px ${palette.of(mono ? "--mono" : "--sans")}`;
  context.fillStyle = color;
  context.fillText(shown, x, y);
}
