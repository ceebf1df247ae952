/** Packets in motion, read from the trace: what the packet layer draws at a virtual time. */
import { formatIp } from "../kernel/address.ts";
import type { Hop, Trace } from "../kernel/trace.ts";
import type { NetworkPacket, Transport } from "../kernel/wire/packet.ts";
import { Arrivals } from "./arrivals.ts";
import { Housekeeping, isNeighbourDiscovery } from "./housekeeping.ts";

/** The protocols that have a colour; NDP shares ARP's, whose work it does for IPv6. */
export type FlightProtocol = "ARP" | "NDP" | "ICMP" | "DNS" | "TCP" | "UDP";

/** A frame crossing from one device to its peer. Times in µs of virtual time; devices by uid. */
export interface Flight {
  readonly packet: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly protocol: FlightProtocol;
  /** What the pill says: "who has 172.18.0.3?", "echo → 18.0.3", "A? alicek106". */
  readonly label: string;
  /** What the kernel sends by itself: nobody waits for it. */
  readonly housekeeping: boolean;
  /** What happened to the packet since it came to where it leaves from: the hooks, routes and rewrites of one netns. */
  readonly passage: readonly Hop[];
}

/** Where a packet that somebody waited for ended, to be shown at a device or a netns for a while. */
export interface Mark {
  readonly hop: Hop;
  readonly protocol: FlightProtocol;
  readonly label: string;
  /** What happened to the packet in the netns before. */
  readonly passage: readonly Hop[];
  /** Show time (ms, see `FlightWatch.shown`) at which it came. */
  readonly since: number;
}

/** A frame of housekeeping. Time does not slow for it, so it is shown in show time: from `since` (ms) for `QUIET_MS`. */
export interface QuietFlight {
  readonly flight: Flight;
  readonly since: number;
}

export function protocolOf(packet: NetworkPacket): FlightProtocol {
  if (packet.kind === "arp") return "ARP";
  if (isNeighbourDiscovery(packet)) return "NDP";
  const body = wholeOf(packet.body);
  if (body.kind === "icmp") return "ICMP";
  if (body.kind === "tcp") return body.srcPort === 53 || body.dstPort === 53 ? "DNS" : "TCP";
  if (body.kind === "udp") return body.payload.kind === "dns" ? "DNS" : "UDP";
  return "UDP";
}

const wholeOf = (body: Transport): Transport => (body.kind === "fragment" ? body.whole : body);

/** The last two octets are what tells addresses of one stage apart. */
const short = (ip: number | bigint): string =>
  typeof ip === "number" ? formatIp(ip).split(".").slice(2).join(".") : formatIp(ip).replace(/^.*(::?[^:]*)$/, "…$1");

const ERROR_LABELS: Readonly<Record<string, string>> = {
  "4/3": "unreachable",
  "4/11": "TTL exceeded",
  "4/5": "redirect",
  "6/1": "unreachable",
  "6/2": "too big",
  "6/3": "hop limit exceeded",
};

/** The words on a packet's pill: the protocol's own, as short as they can be. */
export function labelOf(packet: NetworkPacket): string {
  if (packet.kind === "arp") {
    if (packet.senderIp === packet.targetIp) return `${short(packet.senderIp)} is here`;
    return packet.op === "request"
      ? `who has ${short(packet.targetIp)}?`
      : `${short(packet.senderIp)} is at …${packet.senderMac.slice(-5)}`;
  }
  const body = wholeOf(packet.body);
  const six = typeof packet.dst === "bigint";
  if (body.kind === "icmp") {
    if (six && body.type === 135) return `who has ${short(body.target ?? packet.dst)}?`;
    if (six && body.type === 136) return `${short(body.target ?? packet.src)} is here`;
    if (body.type === (six ? 128 : 8)) return `echo → ${short(packet.dst)}`;
    if (body.type === (six ? 129 : 0)) return `reply → ${short(packet.dst)}`;
    return ERROR_LABELS[`${six ? 6 : 4}/${body.type}`] ?? `ICMP ${body.type}`;
  }
  if (body.kind === "udp" && body.payload.kind === "dns") {
    const { message } = body.payload;
    const name = message.question.name.replace(/\.$/, "");
    if (!message.response) return `${message.question.type}? ${name}`;
    return message.answers.length > 0
      ? message.answers
          .map((answer) => answer.data)
          .join(", ")
          .slice(0, 28)
      : message.status;
  }
  if (body.kind === "udp") return `UDP → ${short(packet.dst)}:${body.dstPort}`;
  if (body.kind === "tcp") return `${tcpFlags(body.flags)} → ${short(packet.dst)}:${body.dstPort}`;
  return `→ ${short(packet.dst)}`;
}

function tcpFlags(flags: number): string {
  const names = [
    [2, "SYN"],
    [1, "FIN"],
    [4, "RST"],
    [8, "data"],
    [16, "ACK"],
  ] as const;
  const set = names.filter(([bit]) => flags & bit).map(([, name]) => name);
  return (set.length > 1 && set[0] !== "SYN" ? set.filter((name) => name !== "ACK") : set).join("·") || "TCP";
}

/** Real milliseconds that a frame takes from one device to the next, at normal speed. */
const CROSSING_MS = 420;
/** How much longer where it was routed on the way: by each thing that decided, so that it can be followed through the stack. */
const DECISION_MS = 150;
const MOST_DECISIONS = 6;
/** How long a frame of housekeeping is shown crossing, in ms of show time. */
export const QUIET_MS = 500;
/** Frames of housekeeping that are shown at the most: more is a storm that says nothing. */
const MOST_QUIET = 48;
/** Frames and endings that are kept to be drawn at the most: nobody can follow more, and a storm has thousands. */
const MOST_FLIGHTS = 600;
const MOST_MARKS = 300;
/** Hops of one packet in one netns that are kept at the most. */
const MOST_PASSAGE = 24;
/** Packets whose latest hops are kept. */
const MOST_PASSAGES = 2000;

/** A flooded frame is let go wherever it is not meant for: that is no failure. */
const EXPECTED: ReadonlySet<Hop["reason"]> = new Set<Hop["reason"]>([
  "not-for-this-mac",
  "arp-ignored",
  "broadcast-ignored",
  "macvlan-no-match",
  "ipvlan-no-match",
]);
const isExpected = (hop: Hop): boolean => EXPECTED.has(hop.reason);

/** Part of a flight's time that the packet spends in the netns that it leaves, on its way to the cable; 0 where nothing is routed. */
export function passagePart(flight: Flight): number {
  const ms = passageMs(flight);
  return ms / (ms + CROSSING_MS);
}

function passageMs({ passage }: Flight): number {
  if (!passage.some((hop) => hop.point === "forward")) return 0;
  return DECISION_MS * Math.min(MOST_DECISIONS, passage.filter((hop) => hop.decision !== undefined).length);
}

/** Real milliseconds for which a flight is seen, at normal speed. */
const msOf = (flight: Flight): number => CROSSING_MS + passageMs(flight);

/** Reads new hops as the trace grows and keeps those that are still worth drawing. */
export class FlightWatch {
  #trace: Trace;
  #read: number;
  #time: number;
  #shown = 0;
  #flights: Flight[] = [];
  #marks: Mark[] = [];
  #quiet: QuietFlight[] = [];
  #seen = 0;
  #housekeeping = new Housekeeping();
  #passages = new Passages();
  /** What comes and goes. */
  readonly arrivals: Arrivals;

  /** Reads on from a position in the trace, its end when none is told; `now` in µs. */
  constructor(trace: Trace, now = 0, from = trace.end) {
    this.#trace = trace;
    this.#read = from;
    this.#time = now;
    this.arrivals = new Arrivals(trace, from);
  }

  /**
   * Takes in what is new up to `now` (µs); marks older than `keep` (ms of show time) are forgotten, flights once they have
   * landed. Between two calls no flight may have begun or landed.
   */
  update(now: number, keep: number): void {
    if (now > this.#time) this.#shown += (now - this.#time) / this.microsecondsPerMs;
    this.#time = now;
    this.#read = Math.max(this.#read, this.#trace.dropped);
    for (; (this.#trace.timeAt(this.#read) ?? Number.POSITIVE_INFINITY) <= now; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "hop") this.#take(entry);
      else if (entry) this.#seen++;
      if (entry?.kind === "change") this.arrivals.take(entry, this.#shown);
    }
    this.arrivals.update(this.#shown);
    if (this.#flights.length > 0) this.#flights = this.#flights.filter((flight) => flight.end > now);
    if (this.#quiet.length > 0) this.#quiet = this.#quiet.filter((quiet) => quiet.since + QUIET_MS > this.#shown);
    const oldest = this.#shown - keep;
    if (this.#marks.length > 0 && (this.#marks[0] as Mark).since < oldest) this.#marks = this.#marks.filter((mark) => mark.since >= oldest);
  }

  /** How fast virtual time passes at normal speed: slowly while a frame that somebody waits for is on a cable. */
  get microsecondsPerMs(): number {
    let slowest = Number.POSITIVE_INFINITY;
    for (const flight of this.#flights)
      if (!flight.housekeeping) slowest = Math.min(slowest, Math.max(1, flight.end - flight.start) / msOf(flight));
    return slowest === Number.POSITIVE_INFINITY ? 1000 : slowest;
  }

  /**
   * Show time: ms that would have passed on a wall clock at normal speed, had nothing been leapt over. It stands still
   * when virtual time does, so that what comes and fades does so with it, whether played, stepped or paused.
   */
  get shown(): number {
    return this.#shown;
  }

  /** Frames on a cable now. */
  get flights(): readonly Flight[] {
    return this.#flights;
  }

  get quiet(): readonly QuietFlight[] {
    return this.#quiet;
  }

  /** Grows with everything worth seeing: changes, events, hops that are not housekeeping. */
  get seen(): number {
    return this.#seen;
  }

  /** Oldest first. Housekeeping leaves none. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  #take(hop: Hop): void {
    const housekeeping = this.#housekeeping.of(hop);
    const flight = flightOf(hop, this.#passages.before(hop), housekeeping);
    if (flight && this.#flights.length < MOST_FLIGHTS) this.#flights.push(flight);
    if (housekeeping) {
      if (flight) this.#addQuiet(flight);
      return;
    }
    this.#seen++;
    if (flight) return;
    if (isEnd(hop)) this.#mark(markOf(hop, this.#passages.before(hop), this.#shown));
    this.#passages.add(hop);
  }

  /** A packet that arrives passes several points that deliver it: the last, at its socket, says most. */
  #mark(mark: Mark): void {
    const last = this.#marks.at(-1)?.hop;
    if (last?.packet === mark.hop.packet && last.netns === mark.hop.netns && last.verdict === "deliver") this.#marks.pop();
    if (this.#marks.length >= MOST_MARKS) this.#marks = this.#marks.slice(-MOST_MARKS / 2);
    this.#marks.push(mark);
  }

  /** One cable after the other, though on the clock of the model they follow within microseconds. */
  #addQuiet(flight: Flight): void {
    if (this.#quiet.length >= MOST_QUIET) return;
    const before = this.#quiet.findLast((other) => other.flight.packet === flight.packet && other.flight.end <= flight.start);
    this.#quiet.push({ flight, since: Math.max(this.#shown, before ? before.since + QUIET_MS : 0) });
  }
}

/** What happened last to each packet in the netns where it is. */
class Passages {
  readonly #hops = new Map<number, Hop[]>();

  /** Up to a hop, in its netns. */
  before(hop: Hop): readonly Hop[] {
    return this.#hops.get(hop.packet)?.filter((one) => one.netns === hop.netns) ?? [];
  }

  add(hop: Hop): void {
    const hops = this.#hops.get(hop.packet);
    if (!hops) {
      if (this.#hops.size >= MOST_PASSAGES) this.#hops.delete(this.#hops.keys().next().value as number);
      this.#hops.set(hop.packet, [hop]);
    } else if (hops[0]?.netns !== hop.netns) this.#hops.set(hop.packet, [hop]);
    else if (hops.length < MOST_PASSAGE) hops.push(hop);
  }
}

/** A crossing of a cable, for a hop that is one. */
function flightOf(hop: Hop, passage: readonly Hop[], housekeeping: boolean): Flight | undefined {
  if (hop.decision?.by !== "link") return undefined;
  const packet = hop.after ?? hop.before;
  const { peer, takes } = hop.decision;
  return {
    packet: hop.packet,
    from: hop.device,
    to: peer,
    start: hop.t,
    end: hop.t + takes,
    protocol: protocolOf(packet),
    label: labelOf(packet),
    housekeeping,
    passage,
  };
}

function markOf(hop: Hop, passage: readonly Hop[], since: number): Mark {
  const packet = hop.after ?? hop.before;
  return { hop, protocol: protocolOf(packet), label: labelOf(packet), passage, since };
}

const isEnd = (hop: Hop): boolean => hop.verdict === "deliver" || (hop.verdict === "drop" && !isExpected(hop));

export interface WholeJourney {
  readonly flights: readonly Flight[];
  /** Where it ended, undefined when it has not. */
  readonly end: Mark | undefined;
}

/** A packet's whole journey at once, for when it is looked at afterwards. */
export function wholeJourney(hops: readonly Hop[]): WholeJourney {
  const passages = new Passages();
  const flights: Flight[] = [];
  let end: Mark | undefined;
  for (const hop of hops) {
    const flight = flightOf(hop, passages.before(hop), false);
    if (flight) flights.push(flight);
    else {
      if (isEnd(hop)) end = markOf(hop, passages.before(hop), 0);
      passages.add(hop);
    }
  }
  return { flights, end };
}
