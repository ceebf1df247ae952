/** The packet list and the journey of one packet, read from the trace. */
import { formatIp } from "../kernel/address.ts";
import type { Hop, Trace } from "../kernel/trace.ts";
import type { NetworkPacket } from "../kernel/wire/packet.ts";
import { type FlightProtocol, labelOf, protocolOf } from "./flights.ts";

export interface PacketRow {
  readonly id: number;
  /** µs of virtual time at which it was first seen. */
  readonly t: number;
  readonly protocol: FlightProtocol;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  /** How it stands: still on its way, arrived, or the hop that ended it. */
  readonly end: "flying" | "delivered" | Hop;
}

const ROWS = 400;

const endpoints = (packet: NetworkPacket): { from: string; to: string } =>
  packet.kind === "arp"
    ? { from: formatIp(packet.senderIp), to: packet.op === "request" ? "broadcast" : formatIp(packet.targetIp) }
    : { from: formatIp(packet.src), to: formatIp(packet.dst) };

/** Follows the trace and keeps the newest packets, a row each. */
export class PacketLog {
  #trace: Trace;
  #read: number;
  #rows = new Map<number, PacketRow>();
  #list: readonly PacketRow[] | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.dropped;
  }

  /** Oldest first; the same array as long as nothing is new. */
  rows(): readonly PacketRow[] {
    // Of more than the trace keeps, the oldest are gone before anybody has read them.
    this.#read = Math.max(this.#read, this.#trace.dropped);
    for (; this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "hop") this.#add(entry);
    }
    this.#list ??= [...this.#rows.values()];
    return this.#list;
  }

  #add(hop: Hop): void {
    const row = this.#rows.get(hop.packet);
    const end = hop.verdict === "drop" ? hop : hop.verdict === "deliver" ? "delivered" : undefined;
    if (row) {
      // A flooded frame is dropped by all but one: whoever takes it decides how it ended.
      if (!end || row.end === "delivered" || (end !== "delivered" && hop.reason === "not-for-this-mac")) return;
      this.#rows.set(hop.packet, { ...row, end });
    } else {
      if (this.#rows.size >= ROWS) this.#rows.delete(this.#rows.keys().next().value as number);
      const packet = hop.before;
      this.#rows.set(hop.packet, {
        id: hop.packet,
        t: hop.t,
        protocol: protocolOf(packet),
        ...endpoints(packet),
        what: labelOf(packet),
        end: end ?? "flying",
      });
    }
    this.#list = undefined;
  }
}

/** All hops of a packet that the trace still has, in order. */
export const journeyOf = (trace: Trace, packet: number): readonly Hop[] => trace.journey(packet);
