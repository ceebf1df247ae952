/**
 * Housekeeping: what a kernel sends by itself while nobody waits for it. Duplicate address detection, router solicitations,
 * multicast reports, gratuitous ARP, the neighbour table's own probes, and whatever these cause. All else is somebody's: a
 * process's packet, the ARP question asked for its sake, its answer, an error about it.
 */
import type { Hop } from "../kernel/trace.ts";
import type { NetworkPacket } from "../kernel/wire/packet.ts";

/** Journeys that are remembered, so that what a packet caused is known for what it is. */
const REMEMBERED = 20_000;

/** ICMPv6 types of multicast listener discovery (RFC 2710, RFC 3810) and of neighbour discovery (RFC 4861). */
const isDiscovery = (type: number): boolean => (type >= 130 && type <= 137) || type === 143;

/** Neighbour discovery, router discovery or multicast listener discovery: IPv6's part of what ARP and IGMP are to IPv4. */
export const isNeighbourDiscovery = (packet: NetworkPacket): boolean =>
  packet.kind === "ip" && typeof packet.src === "bigint" && packet.body.kind === "icmp" && isDiscovery(packet.body.type);

const PROTO_IGMP = 2;

/** Sender and target are one (RFC 5227, announcement), or the sender has no address yet (probe). */
const isGratuitous = (packet: NetworkPacket): boolean =>
  packet.kind === "arp" && (packet.senderIp === packet.targetIp || packet.senderIp === 0);

/** Reads hops in the order of the trace and tells which journeys are housekeeping. */
export class Housekeeping {
  readonly #known = new Map<number, boolean>();

  /** Whether the hop's journey is housekeeping. The first hop of a journey decides. */
  of(hop: Hop): boolean {
    const known = this.#known.get(hop.packet);
    if (known !== undefined) return known;
    const is = this.#isHousekeeping(hop);
    if (this.#known.size >= REMEMBERED) this.#known.delete(this.#known.keys().next().value as number);
    this.#known.set(hop.packet, is);
    return is;
  }

  #isHousekeeping(hop: Hop): boolean {
    if (hop.cause !== 0) return this.#known.get(hop.cause) ?? false;
    if (hop.point === "socket-send") return false;
    const packet = hop.before;
    if (packet.kind === "ip") return isNeighbourDiscovery(packet) || packet.protocol === PROTO_IGMP;
    // The kernel's own question for nobody's sake: the neighbour table makes sure of an entry.
    return isGratuitous(packet) || hop.point === "arp";
  }
}
