/**
 * A page of the trace: so many entries, hops as columns. A hop then costs no object of its own; what it refers to (packets,
 * decisions) is shared with other hops, so a long trace is small and the garbage collector has little to look at.
 */
import type { Change, Decision, DropReason, Happening, Hop, HopPoint, TraceEntry } from "./trace.ts";
import type { EthernetHeader, NetworkPacket } from "./wire/packet.ts";

export const PAGE_BITS = 12;
/** Entries on a page. */
export const PAGE = 1 << PAGE_BITS;

const column = <T>(): (T | undefined)[] => new Array<T | undefined>(PAGE).fill(undefined);

export class TracePage {
  /** Entries on it so far. */
  length = 0;
  readonly #t = new Float64Array(PAGE);
  readonly #packet = new Float64Array(PAGE);
  readonly #cause = new Float64Array(PAGE);
  readonly #netns = new Float64Array(PAGE);
  readonly #device = new Float64Array(PAGE);
  readonly #point = column<HopPoint>();
  readonly #verdict = column<Hop["verdict"]>();
  readonly #reason = column<DropReason>();
  /** A hop's decision, or the entry itself that is no hop. */
  readonly #decision = column<Decision | Change | Happening>();
  readonly #eth = column<EthernetHeader>();
  /** Undefined where the entry is no hop. */
  readonly #before = column<NetworkPacket>();
  readonly #after = column<NetworkPacket>();

  hop(
    t: number,
    packet: number,
    cause: number,
    netns: number,
    device: number,
    point: HopPoint,
    verdict: Hop["verdict"],
    reason: DropReason | undefined,
    decision: Decision | undefined,
    eth: EthernetHeader | undefined,
    before: NetworkPacket,
    after: NetworkPacket | undefined,
  ): void {
    const i = this.length++;
    this.#t[i] = t;
    this.#packet[i] = packet;
    this.#cause[i] = cause;
    this.#netns[i] = netns;
    this.#device[i] = device;
    this.#point[i] = point;
    this.#verdict[i] = verdict;
    this.#reason[i] = reason;
    this.#decision[i] = decision;
    this.#eth[i] = eth;
    this.#before[i] = before;
    this.#after[i] = after;
  }

  other(entry: Change | Happening): void {
    const i = this.length++;
    this.#t[i] = entry.t;
    this.#packet[i] = 0;
    this.#decision[i] = entry;
    this.#eth[i] = undefined;
    this.#before[i] = undefined;
    this.#after[i] = undefined;
  }

  at(i: number): TraceEntry | undefined {
    if (i >= this.length) return undefined;
    const before = this.#before[i];
    if (before === undefined) return this.#decision[i] as Change | Happening;
    return {
      kind: "hop",
      t: this.#t[i] as number,
      packet: this.#packet[i] as number,
      cause: this.#cause[i] as number,
      netns: this.#netns[i] as number,
      device: this.#device[i] as number,
      point: this.#point[i] as HopPoint,
      verdict: this.#verdict[i] as Hop["verdict"],
      reason: this.#reason[i],
      decision: this.#decision[i] as Decision | undefined,
      eth: this.#eth[i],
      before,
      after: this.#after[i],
    };
  }

  /** When the entry was added. */
  timeAt(i: number): number {
    return this.#t[i] as number;
  }

  /** The journey that a hop belongs to; 0 for what is no hop. */
  packetAt(i: number): number {
    return this.#packet[i] as number;
  }

  /** The entry if it is a change. */
  changeAt(i: number): Change | undefined {
    if (this.#before[i] !== undefined) return undefined;
    const entry = this.#decision[i] as Change | Happening;
    return entry.kind === "change" ? entry : undefined;
  }
}
