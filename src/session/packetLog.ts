/** The packet list and the journey of one packet, read from the trace. */
import { formatIp } from "../kernel/address.ts";
import type { Hop, Trace } from "../kernel/trace.ts";
import type { NetworkPacket } from "../kernel/wire/packet.ts";
import { type FlightProtocol, labelOf, protocolOf } from "./flights.ts";
import { Housekeeping } from "./housekeeping.ts";

export interface PacketRow {
  readonly id: number;
  /** µs of virtual time at which it was first seen. */
  readonly t: number;
  readonly protocol: FlightProtocol;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  /** Uid of the netns that it was first seen in, and the packet that caused it (0: none). */
  readonly netns: number;
  readonly cause: number;
  /** The program that sent it; "" where a kernel did. */
  readonly process: string;
  /** How it stands: still on its way, arrived, the hop that ended it, or, of housekeeping, that nobody took notice. */
  readonly end: "flying" | "delivered" | "ignored" | Hop;
  /** Sent by a kernel of its own accord (announcements, duplicate address detection), or caused by such: nobody waits for it. */
  readonly housekeeping: boolean;
}

const ROWS = 1000;

const endpoints = (packet: NetworkPacket): { from: string; to: string } =>
  packet.kind === "arp"
    ? { from: formatIp(packet.senderIp), to: packet.op === "request" ? "broadcast" : formatIp(packet.targetIp) }
    : { from: formatIp(packet.src), to: formatIp(packet.dst) };

/** A packet in the words of the wire, at length: a list has room for what a pill has not. */
function whatIs(packet: NetworkPacket): string {
  if (packet.kind === "arp") {
    if (packet.senderIp === packet.targetIp) return `${formatIp(packet.senderIp)} is at ${packet.senderMac} (announcement)`;
    return packet.op === "request" ? `who has ${formatIp(packet.targetIp)}?` : `${formatIp(packet.senderIp)} is at ${packet.senderMac}`;
  }
  const { body } = packet;
  const six = typeof packet.dst === "bigint";
  if (body.kind === "fragment") return `${labelOf(packet)}, bytes ${body.offset} to ${body.offset + body.length}`;
  if (body.kind === "icmp") {
    if (body.type === (six ? 128 : 8)) return `echo request seq=${body.sequence}`;
    if (body.type === (six ? 129 : 0)) return `echo reply seq=${body.sequence}`;
    if (six && body.type === 135) return `who has ${formatIp(body.target ?? packet.dst)}?`;
    if (six && body.type === 136) return `${formatIp(body.target ?? packet.src)} is at ${body.linkAddress ?? "?"}`;
    if (body.original) return `${labelOf(packet)}: ${formatIp(body.original.dst)}`;
  }
  if (body.kind === "udp" && body.payload.kind === "dns" && body.payload.message.response) {
    const { answers, status } = body.payload.message;
    return answers.length > 0 ? answers.map((answer) => answer.data).join(", ") : status;
  }
  if (body.kind === "udp" && body.payload.kind !== "dns") return `${body.srcPort} → ${body.dstPort}`;
  if (body.kind === "tcp") {
    const text = body.payload.kind === "text" ? body.payload.text.split(/\r?\n/, 1)[0] : "";
    return text ? `${body.srcPort} → ${body.dstPort} ${text}` : `${body.srcPort} → ${body.dstPort} ${tcpFlags(body.flags)}`;
  }
  return labelOf(packet);
}

const TCP_FLAGS = [
  [2, "SYN"],
  [16, "ACK"],
  [8, "PSH"],
  [1, "FIN"],
  [4, "RST"],
] as const;

const tcpFlags = (flags: number): string =>
  `[${TCP_FLAGS.filter(([bit]) => flags & bit)
    .map(([, name]) => name)
    .join(", ")}]`;

/** An ICMP error tells of another packet, and that one is what people want to see. */
function isErrorAbout({ before }: Hop): boolean {
  return before.kind === "ip" && before.body.kind === "icmp" && before.body.original !== undefined;
}

/** Follows the trace and keeps the newest packets, a row each. */
export class PacketLog {
  #trace: Trace;
  #read: number;
  #rows = new Map<number, PacketRow>();
  #list: readonly PacketRow[] | undefined;
  #housekeeping = new Housekeeping();
  /** Positions in the trace of each row's first and newest hop. */
  #spans = new Map<number, { readonly first: number; last: number }>();
  #newest: number | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.dropped;
  }

  /** Oldest first; the same array as long as nothing is new. */
  rows(): readonly PacketRow[] {
    this.#catchUp();
    this.#list ??= [...this.#rows.values()];
    return this.#list;
  }

  row(packet: number): PacketRow | undefined {
    this.#catchUp();
    return this.#rows.get(packet);
  }

  /** All hops of a packet that the trace still has, in order. */
  journey(packet: number): readonly Hop[] {
    this.#catchUp();
    const span = this.#spans.get(packet);
    const hops: Hop[] = [];
    if (!span) return hops;
    for (let position = Math.max(span.first, this.#trace.dropped); position <= span.last; position++) {
      const entry = this.#trace.at(position);
      if (entry?.kind === "hop" && entry.packet === packet) hops.push(entry);
    }
    return hops;
  }

  /** When a packet was first and last seen (µs), and what it led to at once; undefined when it is no longer known. */
  timesOf(packet: number): { readonly first: number; readonly last: number } | undefined {
    const first = this.row(packet)?.t;
    if (first === undefined) return undefined;
    const ends = this.rows().map(({ id, cause }) => (id === packet || cause === packet ? this.#lastOf(id) : 0));
    return { first, last: Math.max(...ends) };
  }

  #lastOf(packet: number): number {
    const span = this.#spans.get(packet);
    return (span && this.#trace.timeAt(span.last)) ?? 0;
  }

  /** The packet that somebody waited for and that was the last to set out by a time (µs). */
  newestAt(time: number): number | undefined {
    return this.rows().findLast(({ t, housekeeping }) => t <= time && !housekeeping)?.id;
  }

  /** The newest packet that somebody waits for: the one whose hop came last. */
  get newest(): number | undefined {
    this.#catchUp();
    return this.#newest;
  }

  #catchUp(): void {
    this.#read = Math.max(this.#read, this.#trace.dropped);
    for (; this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "hop") this.#add(entry);
    }
  }

  #add(hop: Hop): void {
    const housekeeping = this.#housekeeping.of(hop);
    if (!housekeeping) this.#newest = isErrorAbout(hop) && hop.cause !== 0 ? hop.cause : hop.packet;
    const span = this.#spans.get(hop.packet);
    if (span) span.last = this.#read;
    else this.#spans.set(hop.packet, { first: this.#read, last: this.#read });
    const row = this.#rows.get(hop.packet);
    const end = hop.verdict === "drop" ? (housekeeping ? "ignored" : hop) : hop.verdict === "deliver" ? "delivered" : undefined;
    if (row) {
      // A flooded frame is dropped by all but one: whoever takes it decides how it ended.
      if (!end || row.end === "delivered" || (hop.verdict === "drop" && hop.reason === "not-for-this-mac")) return;
      this.#rows.set(hop.packet, { ...row, end });
    } else {
      if (this.#rows.size >= ROWS) this.#forget(this.#rows.keys().next().value as number);
      const packet = hop.before;
      this.#rows.set(hop.packet, {
        id: hop.packet,
        t: hop.t,
        protocol: protocolOf(packet),
        ...endpoints(packet),
        what: whatIs(packet),
        netns: hop.netns,
        cause: hop.cause,
        process: (hop.decision?.by === "socket" && hop.decision.process) || "",
        end: end ?? "flying",
        housekeeping,
      });
    }
    this.#list = undefined;
  }

  #forget(packet: number): void {
    this.#rows.delete(packet);
    this.#spans.delete(packet);
  }
}
