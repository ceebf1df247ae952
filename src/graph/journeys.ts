/**
 * Pills on their ways: for flights and a virtual time, where each packet is and what looks at it there. A packet that crosses
 * several cables is one journey: between two cables it passes through the bridge or the stack that joins them.
 */
import { type Flight, type FlightProtocol, type Mark, passagePart, QUIET_MS, type QuietFlight } from "../session/flights.ts";
import type { Geometry } from "./geometry.ts";
import { type Stop, stopsOf } from "./passage.ts";
import type { RouteIndex, WayPoint } from "./routes.ts";
import type { NodeId } from "./scene.ts";
import type { Point } from "./sizes.ts";

export interface Pill {
  readonly at: Point;
  /** The last stretch of its way, oldest point first. */
  readonly trail: readonly Point[];
  readonly protocol: FlightProtocol;
  readonly label: string;
  /** Whether it says what it is: of many copies of one flooded frame on screen, each does as long as they are few. */
  readonly labelled: boolean;
  /** What looks at it just now, and the node in which that is: a host's stack, a card, a machine. */
  readonly stop: Stop | undefined;
  readonly node: NodeId;
}

interface Ending {
  readonly at: Point;
  readonly way: readonly WayPoint[];
  readonly node: NodeId;
  readonly stops: readonly Stop[];
}

/** What it is drawn on, and when. */
export interface Ground {
  /** µs of virtual time. */
  readonly now: number;
  readonly geometry: Geometry;
  readonly routes: RouteIndex;
  /** From device to device at once, without moving. */
  readonly jump: boolean;
}

interface Moment extends Ground {
  readonly flights: readonly Flight[];
}

/** Landings that are remembered, so that what goes on from there starts there. */
const REMEMBERED = 4000;
const LABELLED = 24;
const TRAIL = 90;
const TRAIL_POINTS = 7;
/** What a stop takes, as if it were so many pixels of way. */
const STOP = 120;

/** A way and when each of its points is reached, from 0 to 1. */
interface Way {
  readonly points: readonly WayPoint[];
  readonly times: readonly number[];
  readonly length: number;
  readonly node: NodeId;
  readonly geometry: Geometry;
}

export class Journeys {
  /** Newest flights by packet. */
  readonly #landings = new Map<number, Flight[]>();
  readonly #known = new WeakSet<Flight>();
  #ways = new WeakMap<Flight | Mark, Way>();
  #latest = 0;

  pills(moment: Moment): readonly Pill[] {
    const { flights, now, jump } = moment;
    if (now < this.#latest - 1) {
      this.#landings.clear();
      this.#ways = new WeakMap();
    }
    this.#latest = now;
    for (const flight of flights) this.#remember(flight);
    const pills: Pill[] = [];
    const flying = flights.filter((flight) => !flight.housekeeping && flight.start <= now && flight.end >= now);
    const labelled = flying.length <= LABELLED;
    for (const flight of flying) {
      const way = this.#way(flight, moment);
      if (way.points.length === 0) continue;
      const part = flight.end > flight.start ? (now - flight.start) / (flight.end - flight.start) : 1;
      const at = jump ? (part < passagePart(flight) || part < 0.5 ? 0 : 1) : part;
      const stop = stopAt(way, part);
      const label = this.#labelAt(flight, way, part);
      const trail = jump ? [] : trailOf(way, part);
      pills.push({ at: pointAt(way, at), trail, protocol: flight.protocol, label, labelled, stop, node: way.node });
    }
    return pills;
  }

  /** The whole ways of flights, in order, as lines to draw. */
  ways(flights: readonly Flight[], moment: Ground): readonly (readonly WayPoint[])[] {
    for (const flight of flights) this.#remember(flight);
    return flights.map((flight) => this.#way(flight, { ...moment, flights }).points);
  }

  /** Where frames of housekeeping are, at a show time in ms. */
  dots(quiet: readonly QuietFlight[], shown: number, moment: Ground): readonly (Point & { readonly part: number })[] {
    return quiet.flatMap(({ flight, since }) => {
      this.#remember(flight);
      const part = (shown - since) / QUIET_MS;
      if (part < 0 || part > 1) return [];
      const way = this.#way(flight, { ...moment, flights: [] });
      return way.points.length > 0 ? [{ ...pointAt(way, part), part }] : [];
    });
  }

  /** The way of a packet from where it last landed to where it ended, and how far it is at a part of it. */
  ending(mark: Mark, part: number, moment: Ground): Ending | undefined {
    const stops = stopsOf([...mark.passage, mark.hop]);
    const { geometry, routes } = moment;
    let way = this.#ways.get(mark);
    if (!way || way.geometry !== geometry) {
      const { hop } = mark;
      const landed = this.#landings.get(hop.packet)?.findLast((flight) => flight.end <= hop.t && routes.netnsOf(flight.to) === hop.netns);
      const from = landed?.to ?? hop.device;
      const node = (hop.device && stops.length === 0 ? routes.nodeOfDevice(hop.device) : routes.nodeOfNetns(hop.netns)) ?? "";
      const points =
        from && routes.netnsOf(from) === hop.netns ? this.#endPoints(moment, from, hop.device, stops) : centerOf(geometry, node);
      way = timed(points, 0, 0, node, geometry);
      this.#ways.set(mark, way);
    }
    if (way.points.length === 0) return undefined;
    return { at: pointAt(way, part), way: way.points, node: way.node, stops };
  }

  #endPoints({ geometry, routes }: Ground, from: number, device: number, stops: readonly Stop[]): readonly WayPoint[] {
    if (stops.length > 0) return routes.ending(geometry, from, stops);
    if (device && device !== from) return routes.inside(geometry, from, device, []);
    const at = routes.at(geometry, from);
    return at ? [at] : [];
  }

  /** A packet that is rewritten on its way bears its old words until then. */
  #labelAt(flight: Flight, way: Way, part: number): string {
    const rewrite = way.points.findIndex((point) => point.stop?.rewritten);
    if (rewrite < 0 || part >= (way.times[rewrite] as number)) return flight.label;
    return this.#previous(flight)?.label ?? flight.label;
  }

  #remember(flight: Flight): void {
    if (this.#known.has(flight)) return;
    this.#known.add(flight);
    const list = this.#landings.get(flight.packet);
    if (list) list.push(flight);
    else this.#landings.set(flight.packet, [flight]);
    if (this.#landings.size <= REMEMBERED) return;
    const oldest = this.#landings.keys().next().value;
    if (oldest !== undefined) this.#landings.delete(oldest);
  }

  #previous(flight: Flight): Flight | undefined {
    return this.#landings.get(flight.packet)?.findLast((other) => other !== flight && other.end <= flight.start && other.from !== other.to);
  }

  #way(flight: Flight, moment: Moment): Way {
    const known = this.#ways.get(flight);
    if (known && known.geometry === moment.geometry) return known;
    const { geometry, routes } = moment;
    const stops = stopsOf(flight.passage).filter((stop) => stop.says.length > 0 || stop.stage !== "routing");
    const netns = routes.netnsOf(flight.from);
    const isHost = routes.nodeOfNetns(netns)?.startsWith("stack:") === true;
    const approach =
      flight.from === flight.to ? [] : this.#approach(flight, moment, isHost ? stops : stops.filter((stop) => stop.rewritten));
    const points = [...approach, ...routes.crossing(geometry, flight.from, flight.to)];
    const way = timed(points, approach.length, passagePart(flight), routes.nodeOfNetns(netns) ?? "", geometry);
    this.#ways.set(flight, way);
    return way;
  }

  /** From where the packet was before to the device that it leaves by. */
  #approach(flight: Flight, { geometry, routes }: Moment, stops: readonly Stop[]): readonly WayPoint[] {
    const netns = routes.netnsOf(flight.from);
    const previous = this.#previous(flight);
    return previous && routes.netnsOf(previous.to) === netns
      ? routes.inside(geometry, previous.to, flight.from, stops)
      : routes.origin(geometry, flight.from, stops);
  }
}

function centerOf(geometry: Geometry, node: NodeId): readonly WayPoint[] {
  if (!geometry.has(node)) return [];
  const box = geometry.box(node);
  return [{ x: box.x + box.w / 2, y: box.y + box.h / 2 }];
}

const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);

/** Times along a way: by length, with a rest at each stop; of `part`, when it is not 0, the first `count` points take so much. */
function timed(points: readonly WayPoint[], count: number, part: number, node: NodeId, geometry: Geometry): Way {
  const costs: number[] = [0];
  let length = 0;
  for (let i = 1; i < points.length; i++) {
    const step = distance(points[i - 1] as WayPoint, points[i] as WayPoint);
    length += step;
    costs.push((costs[i - 1] as number) + step + (points[i]?.stop ? STOP : 0));
  }
  const total = costs.at(-1) || 1;
  const before = costs[count - 1] ?? 0;
  const times =
    part > 0 && before > 0 && before < total
      ? costs.map((cost, i) => (i < count ? (cost / before) * part : part + ((cost - before) / (total - before)) * (1 - part)))
      : costs.map((cost) => cost / total);
  return { points, times, length, node, geometry };
}

/** The index of the last point that is reached at a part of the way. */
function indexAt({ times }: Way, part: number): number {
  let index = 0;
  while (index < times.length - 1 && (times[index + 1] as number) <= part) index++;
  return index;
}

function pointAt(way: Way, part: number): Point {
  const index = indexAt(way, part);
  const a = way.points[index];
  const b = way.points[index + 1];
  if (!a) return { x: 0, y: 0 };
  if (!b) return a;
  const from = way.times[index] as number;
  const to = way.times[index + 1] as number;
  const done = to > from ? Math.max(0, (part - from) / (to - from)) : 1;
  // A stop is reached early and rested at.
  const step = distance(a, b);
  const moved = b.stop ? Math.min(1, (done * (step + STOP)) / Math.max(1, step)) : done;
  return { x: a.x + (b.x - a.x) * moved, y: a.y + (b.y - a.y) * moved };
}

/** The stop that a packet rests at, or is on its way to from the one before. */
function stopAt(way: Way, part: number): Stop | undefined {
  const index = indexAt(way, part);
  const next = way.points[index + 1];
  if (next?.stop) {
    const a = way.points[index] as WayPoint;
    const from = way.times[index] as number;
    const to = way.times[index + 1] as number;
    const step = distance(a, next);
    const done = to > from ? (part - from) / (to - from) : 1;
    if (done * (step + STOP) >= step - 14) return next.stop;
  }
  return way.points[index]?.stop;
}

function trailOf(way: Way, part: number): readonly Point[] {
  const back = Math.min(part, way.length > 0 ? TRAIL / way.length : 0);
  return Array.from({ length: TRAIL_POINTS }, (_, i) => pointAt(way, part - back + (back * i) / (TRAIL_POINTS - 1)));
}
