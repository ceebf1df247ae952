/**
 * Packets in motion, on one canvas over the picture. Where a pill stands is worked out from the flights and the virtual time
 * of each animation frame; nothing is kept but which way each packet came, so that it goes on from there. When nothing
 * flies and nothing fades, no frame is asked for.
 */
import "../i18n/told.ts";
import { useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import { formatIp } from "../kernel/address.ts";
import type { Hop } from "../kernel/trace.ts";
import { type Flight, type Mark, type WholeJourney, wholeJourney } from "../session/flights.ts";
import {
  type Callout,
  drawAddress,
  drawBurst,
  drawCallout,
  drawDot,
  drawGone,
  drawLight,
  drawPair,
  drawPill,
  drawRing,
  drawWay,
  type Stage,
} from "./draw.ts";
import { comingsAt, type Gone, goneSince, leftOf } from "./flying.ts";
import type { Geometry } from "./geometry.ts";
import { type Ground, Journeys, type Pill } from "./journeys.ts";
import type { Say } from "./messages.ts";
import type { Motion } from "./motion.ts";
import { themedPalette } from "./palette.ts";
import { type Stop, wordsOf } from "./passage.ts";
import { RouteIndex } from "./routes.ts";
import type { NodeId } from "./scene.ts";
import { type Box, isInside } from "./sizes.ts";
import { stageBoxes } from "./stackParts.ts";

interface PacketLayerProps {
  readonly geometry: Geometry;
  readonly motion: Motion;
  /** Hops of a packet that is looked at. */
  readonly journey: readonly Hop[] | undefined;
  readonly reducedMotion: boolean;
  readonly say: Say;
}

/** Ms of show time for which a drop and an arrival stay. */
const STAY = { drop: 3600, deliver: 650 } as const;
/** Real milliseconds that a drop stays at the least, however fast time passes. */
const READING = 2400;
/** Ms of show time in which a packet goes from its last cable to where it is dropped. */
const LAST_WAY = 420;
/** Real milliseconds between looks for something new while nothing moves. */
const IDLE_LOOK = 60;
const MOST_MARKS = 40;
/** Radius of the cross that stays where a packet was dropped, in pixels. */
const RESTING = 9;
/** Zoom below which a pill with words would hide what it passes. */
const LEAST_ZOOM_WITH_WORDS = 0.3;

interface Shown {
  readonly mark: Mark;
  readonly kind: keyof typeof STAY;
  /** Real time in ms. */
  readonly since: number;
}

export default function PacketLayer(props: PacketLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const routes = useMemo(() => new RouteIndex(props.geometry.scene), [props.geometry.scene]);
  const looked = useMemo(() => props.journey && wholeJourney(props.journey), [props.journey]);
  const latest = useRef({ ...props, routes, looked });
  latest.current = { ...props, routes, looked };
  const gone = useRef<readonly Gone[]>([]);
  const before = useRef(props.geometry);
  useEffect(() => {
    const { motion, reducedMotion } = latest.current;
    if (!reducedMotion && before.current.scene !== props.geometry.scene)
      gone.current = [...gone.current, ...goneSince(before.current, props.geometry, motion.arrivals())];
    before.current = props.geometry;
  }, [props.geometry]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another play head begins with nothing drawn
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const paletteOf = themedPalette(element);
    const journeys = new Journeys();
    const shown: Shown[] = [];
    const known = new WeakSet<Mark>();
    for (const mark of latest.current.motion.marks()) known.add(mark);
    let frame = 0;
    let dirty = false;
    let drawn = "";
    let drawnGeometry: Geometry | undefined;
    let drawnJourney: WholeJourney | undefined;
    let drawnView: readonly number[] | undefined;
    /** The newest drop, once it has been read: a small cross stays in its place until something else is to be seen. */
    let resting: Mark | undefined;

    const isNewsAbout = (motion: Motion): boolean => motion.arrivals().comings.size > 0 || gone.current.length > 0;
    const isNews = (mark: Mark): boolean => !known.has(mark);
    const isBefore = (motion: Motion, mark: Mark): boolean => motion.now() < mark.hop.t || motion.shown() < mark.since;
    const look = (): boolean => {
      const { motion, looked, geometry } = latest.current;
      return (
        looked !== drawnJourney ||
        (resting !== undefined && (isBefore(motion, resting) || drawnView !== store.getState().transform || drawnGeometry !== geometry)) ||
        motion.flights().length > 0 ||
        motion.quiet().length > 0 ||
        shown.length > 0 ||
        isNewsAbout(motion) ||
        motion.marks().some(isNews)
      );
    };

    const tick = (): void => {
      frame = 0;
      const { geometry, routes, motion, reducedMotion, say, looked } = latest.current;
      const real = performance.now();
      const time = motion.shown();
      for (const mark of motion.marks()) {
        if (known.has(mark)) continue;
        known.add(mark);
        const kind = kindOf(mark);
        if (kind) shown.push({ mark, kind, since: real });
      }
      while (shown.length > MOST_MARKS) shown.shift();
      for (let i = shown.length - 1; i >= 0; i--) {
        const one = shown[i] as Shown;
        const age = time - one.mark.since;
        if (age >= 0 && (age <= STAY[one.kind] || (one.kind === "drop" && real - one.since <= READING))) continue;
        shown.splice(i, 1);
        if (age >= 0 && one.kind === "drop" && (!resting || one.mark.since > resting.since)) resting = one.mark;
      }
      const moment = { now: motion.now(), geometry, routes, jump: reducedMotion };
      const pills = journeys.pills({ ...moment, flights: motion.flights() });
      const dots = reducedMotion ? [] : journeys.dots(motion.quiet(), time, moment);
      const coming = reducedMotion ? [] : comingsAt(geometry, motion.arrivals(), time);
      gone.current = gone.current.filter((one) => leftOf(one, time) > 0);
      if (pills.length > 0 || shown.length > 0 || looked || isNewsAbout(motion) || (resting && isBefore(motion, resting)))
        resting = undefined;
      const { transform, width, height } = store.getState();
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
      }
      const [x, y, zoom] = transform;
      const flying = String(pills.length);
      if (element.dataset.flying !== flying) element.dataset.flying = flying;
      dirty =
        pills.length > 0 || shown.length > 0 || dots.length > 0 || coming.length > 0 || gone.current.length > 0 || looked !== undefined;
      // Paused, the same moment would be drawn again and again.
      const key = dirty ? `${moment.now}/${time}/${shown.length}/${JSON.stringify(coming)}/${x}/${y}/${zoom}/${width}/${height}` : "";
      if (key !== drawn || drawn === "" || drawnGeometry !== geometry || drawnJourney !== looked) {
        drawn = key;
        drawnJourney = looked;
        drawnGeometry = geometry;
        drawnView = transform;
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.clearRect(0, 0, width, height);
        const stage: Stage = {
          context,
          palette: paletteOf(),
          scale: Math.min(1.25, Math.max(0.9, zoom)),
          zoom,
          words: zoom > LEAST_ZOOM_WITH_WORDS,
          width,
          height,
          toScreen: (point) => ({ x: point.x * zoom + x, y: point.y * zoom + y }),
        };
        const view = { x: -80, y: -80, w: width + 160, h: height + 160 };
        for (const one of gone.current) drawGone(stage, one, leftOf(one, time));
        for (const one of zoom > LEAST_ZOOM_WITH_WORDS ? coming : [])
          if (one.kind === "pair") drawPair(stage, one);
          else drawAddress(stage, one);
        for (const dot of dots) if (isInside(view, stage.toScreen(dot))) drawDot(stage, dot);
        if (resting) drawResting(stage, resting, journeys, moment);
        const notes: Callout[] = [];
        if (looked) notes.push(...drawJourney(stage, looked, journeys, moment, say));
        for (const pill of pills) if (pill.stop) notes.push(...lit(stage, geometry, pill, pill.stop));
        for (const pill of pills) if (isInside(view, stage.toScreen(pill.at))) drawPill(stage, pill);
        for (const one of shown) notes.push(...drawMark(stage, one, time, journeys, moment, say));
        const taken: Box[] = [];
        // What befalls several packets in one place is said once.
        const said = new Set<string>();
        for (const note of notes) {
          const what = `${note.lines} ${Math.round(note.at.x)} ${Math.round(note.at.y)}`;
          if (!said.has(what)) drawCallout(stage, note, taken);
          said.add(what);
        }
      }
      if (dirty || look()) frame = requestAnimationFrame(tick);
    };

    // Looking is cheap; only what is found starts the animation.
    const wake = (): void => {
      if (frame === 0 && (dirty || look())) frame = requestAnimationFrame(tick);
    };
    const stop = store.subscribe(wake);
    const timer = window.setInterval(wake, IDLE_LOOK);
    wake();
    return () => {
      stop();
      window.clearInterval(timer);
      cancelAnimationFrame(frame);
      context.clearRect(0, 0, element.width, element.height);
    };
  }, [store, props.motion.past]);

  return <canvas ref={canvas} className="g-packets" />;
}

/** Which of the marks are drawn: drops, and arrivals at a socket. */
function kindOf(mark: Mark): keyof typeof STAY | undefined {
  if (mark.hop.verdict === "drop") return "drop";
  return mark.protocol === "ARP" || mark.protocol === "NDP" ? undefined : "deliver";
}

/** What looks at a packet lights up, and its decision is written beside it. */
function lit(stage: Stage, geometry: Geometry, pill: Pill, stop: Stop): readonly Callout[] {
  const says = stop.says.at(-1) ?? "";
  const color = stop.rewritten ? "--udp" : "--accent";
  const box = stageBox(geometry, pill.node, stop);
  if (box) {
    drawLight(stage, box, color);
    const stack = geometry.box(pill.node);
    const at = stage.toScreen({ x: box.x + box.w / 2, y: stack.y + stack.h });
    return says ? [{ at, lines: [stop.stage, says], color, away: 8, below: true }] : [];
  }
  if (stop.rewritten) drawRing(stage, stage.toScreen(pill.at), stage.palette.of("--udp"), 22);
  return says ? [{ at: stage.toScreen(pill.at), lines: [stop.stage, says], color, away: 22 * stage.scale }] : [];
}

function stageBox(geometry: Geometry, node: NodeId, stop: Stop): Box | undefined {
  if (!node.startsWith("stack:") || !geometry.has(node)) return undefined;
  const stack = geometry.box(node);
  const part = stageBoxes(stack.w).get(stop.stage);
  return part && { ...part, x: stack.x + part.x, y: stack.y + part.y };
}

function drawMark(stage: Stage, { mark, kind }: Shown, time: number, journeys: Journeys, moment: Ground, say: Say): readonly Callout[] {
  const age = time - mark.since;
  const isDrop = kind === "drop";
  const way = isDrop && !moment.jump ? Math.min(1, age / LAST_WAY) : 1;
  const ending = journeys.ending(mark, way, moment);
  if (!ending) return [];
  const at = stage.toScreen(ending.at);
  const { context, palette, scale } = stage;
  if (!isDrop) {
    context.globalAlpha = Math.max(0, 1 - age / STAY.deliver);
    drawRing(stage, at, palette.of("--ok"), moment.jump ? 20 : 8 + 14 * Math.min(1, age / 260));
    context.globalAlpha = 1;
    return [];
  }
  if (way < 1) {
    drawPill(stage, { at: ending.at, trail: [], protocol: mark.protocol, label: mark.label, labelled: true });
    return [];
  }
  const stop = ending.stops.at(-1);
  const box = stop && stageBox(moment.geometry, ending.node, stop);
  if (box) drawLight(stage, box, "--bad");
  const grow = moment.jump ? 1 : Math.min(1, (age - LAST_WAY) / 200);
  drawBurst(stage, at, 15 * scale * (0.6 + 0.4 * grow));
  const lines = [say(`drop.${mark.hop.reason ?? ""}`, { dst: addressOf(mark) }), wordsOf(mark.hop)];
  return [{ at, lines, color: "--bad", away: 19 * scale }];
}

/** A cross at the edge of what a packet ended in, so that what is written there can be read. */
function drawResting(stage: Stage, mark: Mark, journeys: Journeys, moment: Ground): void {
  const { geometry } = moment;
  const ending = journeys.ending(mark, 1, moment);
  if (!ending) return;
  const stop = ending.stops.at(-1);
  const part = stop && stageBox(geometry, ending.node, stop);
  if (part) drawLight(stage, part, "--bad");
  const node = geometry.has(ending.node) && !ending.node.startsWith("network:") ? geometry.box(ending.node) : undefined;
  const box = part ?? (node && isInside(node, ending.at) ? node : undefined);
  const at = box ? { x: box.x + box.w, y: box.y } : ending.at;
  drawBurst(stage, stage.toScreen(at), RESTING * stage.scale);
}

/** Where a packet that is looked at went, and how it ended. */
function drawJourney(stage: Stage, { flights, end }: WholeJourney, journeys: Journeys, moment: Ground, say: Say): readonly Callout[] {
  const ways = journeys.ways(flights, moment);
  for (const [index, way] of ways.entries()) drawWay(stage, way, (flights[index] as Flight).protocol);
  if (!end) return [];
  const last = end.hop.verdict === "drop" ? journeys.ending(end, 1, moment)?.way : undefined;
  if (last && last.length > 1) drawWay(stage, last, end.protocol);
  const since = end.hop.verdict === "drop" ? -LAST_WAY - 200 : 0;
  return drawMark(
    stage,
    { mark: { ...end, since }, kind: end.hop.verdict === "drop" ? "drop" : "deliver", since: 0 },
    0,
    journeys,
    moment,
    say,
  );
}

function addressOf({ hop }: Mark): string {
  const packet = hop.before;
  return formatIp(packet.kind === "arp" ? packet.targetIp : packet.dst);
}
