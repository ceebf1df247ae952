/**
 * Pills on their ways: for flights and a virtual time, where each packet is. A packet that crosses several cables is one
 * journey: between two cables it passes through the bridge or the stack that joins them.
 */
import type { Flight, FlightProtocol } from "../session/flights.ts";
import type { Geometry } from "./geometry.ts";
import { lengthOf, pointAlong } from "./paths.ts";
import type { RouteIndex } from "./routes.ts";
import type { Point } from "./sizes.ts";

export interface Pill {
  readonly at: Point;
  /** The last stretch of its way, oldest point first. */
  readonly trail: readonly Point[];
  readonly protocol: FlightProtocol;
  readonly label: string;
  /** Whether it says what it is: of many copies of one flooded frame on screen, each does as long as they are few. */
  readonly labelled: boolean;
}

export interface Moment {
  readonly flights: readonly Flight[];
  /** µs of virtual time. */
  readonly now: number;
  readonly geometry: Geometry;
  readonly routes: RouteIndex;
  /** From device to device at once, without moving. */
  readonly jump: boolean;
}

/** Landings that are remembered, so that what goes on from there starts there. */
const REMEMBERED = 4000;
const LABELLED = 24;
const TRAIL = 90;
const TRAIL_POINTS = 7;

interface Way {
  readonly points: readonly Point[];
  readonly length: number;
  readonly geometry: Geometry;
}

export class Journeys {
  /** Newest flights by packet. */
  readonly #landings = new Map<number, Flight[]>();
  readonly #known = new WeakSet<Flight>();
  #ways = new WeakMap<Flight, Way>();
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
    const flying = flights.filter((flight) => flight.start <= now && flight.end >= now);
    const labelled = flying.length <= LABELLED;
    for (const flight of flying) {
      const way = this.#way(flight, moment);
      if (way.points.length === 0) continue;
      const part = flight.end > flight.start ? (now - flight.start) / (flight.end - flight.start) : 1;
      if (jump) pills.push({ at: pointAlong(way.points, part < 0.5 ? 0 : 1, way.length), trail: [], ...words(flight, labelled) });
      else pills.push({ at: pointAlong(way.points, part, way.length), trail: trailOf(way, part), ...words(flight, labelled) });
    }
    return pills;
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

  #way(flight: Flight, moment: Moment): Way {
    const known = this.#ways.get(flight);
    if (known && known.geometry === moment.geometry) return known;
    const { geometry, routes } = moment;
    const points = [...this.#approach(flight, moment), ...routes.crossing(geometry, flight.from, flight.to)];
    const way = { points, length: lengthOf(points), geometry };
    this.#ways.set(flight, way);
    return way;
  }

  /** From where the packet was before to the device that it leaves by. */
  #approach(flight: Flight, moment: Moment): readonly Point[] {
    const { geometry, routes } = moment;
    if (flight.from === flight.to) return [];
    const netns = routes.netnsOf(flight.from);
    const previous = this.#landings
      .get(flight.packet)
      ?.findLast((other) => other !== flight && other.end <= flight.start && other.from !== other.to && routes.netnsOf(other.to) === netns);
    return previous ? routes.inside(geometry, previous.to, flight.from) : routes.origin(geometry, flight.from);
  }
}

const words = (flight: Flight, labelled: boolean) => ({ protocol: flight.protocol, label: flight.label, labelled });

function trailOf(way: Way, part: number): readonly Point[] {
  const back = Math.min(part, way.length > 0 ? TRAIL / way.length : 0);
  return Array.from({ length: TRAIL_POINTS }, (_, i) => pointAlong(way.points, part - back + (back * i) / (TRAIL_POINTS - 1), way.length));
}
