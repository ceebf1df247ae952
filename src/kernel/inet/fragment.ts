/** Cutting packets to the size of a link, and putting the pieces together again (net/ipv4/ip_output.c, ip_fragment.c). */
import type { Timer } from "../clock.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { IP_REASM_FAILS, IP_REASM_OKS, IP_REASM_REQDS, IP_REASM_TIMEOUT } from "../statistics.ts";
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH, transportLength } from "../wire/length.ts";
import type { Fragment, IpPacket } from "../wire/packet.ts";
import { addHop, drop } from "./hops.ts";

const IPV6_FRAGMENT_HEADER_LENGTH = 8;

/** The pieces of a packet, each at most `mtu` bytes with its header; offsets in multiples of eight bytes (RFC 791). */
export function fragment(packet: IpPacket, mtu: number): readonly IpPacket[] {
  const { body } = packet;
  const piece = body.kind === "fragment" ? body : undefined;
  const whole = piece ? piece.whole : body;
  const start = piece?.offset ?? 0;
  const length = transportLength(body);
  const header = typeof packet.src === "number" ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH + IPV6_FRAGMENT_HEADER_LENGTH;
  const room = Math.max(8, Math.floor((mtu - header) / 8) * 8);
  const pieces: IpPacket[] = [];
  for (let at = 0; at < length; at += room) {
    const size = Math.min(room, length - at);
    const more = at + size < length || piece?.more === true;
    pieces.push({ ...packet, df: false, body: { kind: "fragment", whole, offset: start + at, length: size, more } });
  }
  return pieces;
}

/** Pieces of one packet that have come so far (`struct ipq`). */
interface Incomplete {
  readonly pieces: Fragment[];
  /** Bytes of the whole, known once the last piece is there. */
  total: number | undefined;
  readonly timer: Timer;
  /** Carries the first piece, for the error when time is up. */
  first: Skb | undefined;
  last: Skb;
}

const SECOND = 1_000_000;
/** Packets under reassembly at one time: a bound in place of ipfrag_high_thresh's bytes. */
const MOST_INCOMPLETE = 1000;

export class Reassembly {
  readonly netns: Netns;
  #incomplete = new Map<string, Incomplete>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** Takes a piece. The packet that it completes is put into `skb`, and true given; false: more are awaited. */
  collect(skb: Skb, packet: IpPacket, piece: Fragment): boolean {
    const { statistics } = this.netns;
    statistics.countFor(packet.dst, IP_REASM_REQDS);
    const key = `${packet.src} ${packet.dst} ${packet.id} ${packet.protocol}`;
    const { trace } = this.netns.kernel;
    let waiting = this.#incomplete.get(key);
    if (!waiting) {
      if (this.#incomplete.size >= MOST_INCOMPLETE) {
        drop(this.netns, skb, skb.dev, "fragment", "queue-full");
        return false;
      }
      const seconds = this.netns.sysctl.number(typeof packet.src === "number" ? "net.ipv4.ipfrag_time" : "net.ipv6.ip6frag_time");
      const timer = this.netns.kernel.clock.after(seconds * SECOND, () => this.#expire(key), true);
      waiting = { pieces: [], total: undefined, timer, first: undefined, last: skb };
      this.#incomplete.set(key, waiting);
    }
    waiting.last = skb;
    if (piece.offset === 0) waiting.first = skb;
    if (!piece.more) waiting.total = piece.offset + piece.length;
    if (!waiting.pieces.some(({ offset }) => offset === piece.offset)) waiting.pieces.push(piece);
    const have = waiting.pieces.reduce((sum, { length }) => sum + length, 0);
    if (waiting.total === undefined || have < waiting.total) {
      if (trace.hops) addHop(this.netns, skb, skb.dev, "fragment", "hold");
      return false;
    }
    this.#incomplete.delete(key);
    statistics.countFor(packet.dst, IP_REASM_OKS);
    this.netns.kernel.clock.cancel(waiting.timer);
    const before = skb.packet;
    skb.packet = { ...packet, body: piece.whole };
    if (trace.hops) addHop(this.netns, skb, skb.dev, "fragment", "pass", { before });
    return true;
  }

  stop(): void {
    for (const { timer } of this.#incomplete.values()) this.netns.kernel.clock.cancel(timer);
    this.#incomplete.clear();
  }

  /** ip_expire: the sender is told, if the first piece has come. */
  #expire(key: string): void {
    const waiting = this.#incomplete.get(key);
    if (!waiting) return;
    this.#incomplete.delete(key);
    const { dst } = waiting.last.packet as IpPacket;
    this.netns.statistics.countFor(dst, IP_REASM_TIMEOUT);
    this.netns.statistics.countFor(dst, IP_REASM_FAILS, waiting.pieces.length);
    drop(this.netns, waiting.last, waiting.last.dev, "fragment", "fragment-timeout");
    if (waiting.first) this.netns.inet.reassemblyTimedOut(waiting.first);
  }
}
