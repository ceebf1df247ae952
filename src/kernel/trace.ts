/**
 * The one trace: every hop of every packet, and every change of the world that can be drawn, in order.
 * Animation, packet journey, packet list, tcpdump, pcap and "why can't A reach B" are readings of it.
 */
import { PAGE, PAGE_BITS, TracePage } from "./trace-page.ts";
import type { EthernetHeader, NetworkPacket } from "./wire/packet.ts";

/** Where in the stack a hop was taken. */
export type HopPoint =
  | "socket-send"
  | "socket-receive"
  | "route"
  | "neighbour"
  | "netfilter"
  | "conntrack"
  | "nat"
  | "transmit"
  | "receive"
  | "bridge"
  | "local"
  | "forward"
  | "icmp"
  | "arp"
  | "fragment"
  | "qdisc"
  | "dns";

/** What decided, as plain data for sentences in both languages. */
export type Decision =
  | {
      readonly by: "route";
      readonly route: string;
      readonly table: string;
      readonly via?: string;
      readonly dev: string;
      readonly src?: string;
    }
  | { readonly by: "neighbour"; readonly ip: string; readonly mac?: string; readonly state: string }
  | {
      readonly by: "fdb";
      readonly mac: string;
      readonly port?: string;
      readonly action: "forward" | "flood" | "local" | "learn";
      readonly ports?: readonly string[];
    }
  | {
      readonly by: "rule";
      readonly family: 4 | 6;
      readonly table: string;
      readonly chain: string;
      readonly number: number;
      readonly rule: string;
    }
  | { readonly by: "policy"; readonly family: 4 | 6; readonly table: string; readonly chain: string; readonly policy: string }
  | { readonly by: "conntrack"; readonly state: string; readonly tuple: string }
  | { readonly by: "nat"; readonly kind: "SNAT" | "DNAT"; readonly from: string; readonly to: string; readonly rule?: string }
  | { readonly by: "link"; readonly peer: number; readonly takes: number }
  | { readonly by: "socket"; readonly protocol: string; readonly local: string; readonly process?: string }
  | { readonly by: "ttl"; readonly ttl: number }
  | { readonly by: "mtu"; readonly mtu: number; readonly length: number }
  | { readonly by: "sysctl"; readonly key: string; readonly value: string }
  | { readonly by: "device"; readonly note: string }
  | {
      readonly by: "dns";
      readonly name: string;
      readonly type: string;
      readonly answer: readonly string[];
      readonly source: "embedded" | "upstream" | "none";
    }
  | { readonly by: "netem"; readonly effect: "delay" | "loss" | "duplicate" | "corrupt" | "reorder" | "rate"; readonly value: string };

/** Why a packet ended. Each has a sentence in every language of i18n/. */
export type DropReason =
  | "no-route"
  | "blackhole-route"
  | "unreachable-route"
  | "prohibit-route"
  | "neighbour-failed"
  | "neighbour-queue-full"
  | "device-down"
  | "no-carrier"
  | "peer-missing"
  | "not-for-this-mac"
  | "not-local-no-forwarding"
  | "martian-source"
  | "reverse-path-filter"
  | "ttl-exceeded"
  | "too-big"
  | "netfilter-rule"
  | "netfilter-policy"
  | "no-socket"
  | "port-unreachable"
  | "protocol-unreachable"
  | "no-bridge-port"
  | "bridge-port-blocked"
  | "bridge-hairpin-off"
  | "macvlan-no-match"
  | "macvlan-host-isolation"
  | "ipvlan-no-match"
  | "vlan-no-device"
  | "conntrack-invalid"
  | "netem-loss"
  | "corrupted"
  | "queue-full"
  | "fragment-timeout"
  | "broadcast-ignored"
  | "arp-ignored"
  | "no-address";

/** One step of one packet. Times in µs of virtual time; `device` and `peer` are device uids. */
export interface Hop {
  readonly kind: "hop";
  readonly t: number;
  /** `Skb.id` and `Skb.cause`. */
  readonly packet: number;
  readonly cause: number;
  /** Uid of the netns in which the step was taken. */
  readonly netns: number;
  /** Uid of the device that the step is about; 0 when none (a local decision of the stack). */
  readonly device: number;
  readonly point: HopPoint;
  readonly verdict: "pass" | "drop" | "deliver" | "hold" | "send";
  readonly reason?: DropReason;
  readonly decision?: Decision;
  readonly eth?: EthernetHeader;
  readonly before: NetworkPacket;
  /** Only when the step changed the packet. */
  readonly after?: NetworkPacket;
}

/** A device as it is drawn. */
export interface DeviceView {
  readonly uid: number;
  readonly netns: number;
  readonly ifindex: number;
  readonly name: string;
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
  /** Uid of the bridge that it is a port of, of its veth peer, of the parent that it sits on; 0 when none. */
  readonly master: number;
  readonly peer: number;
  readonly parent: number;
  /** macvlan and ipvlan: the mode. VLAN: the id. */
  readonly mode?: string;
  /** "address/length", in the order in which `ip addr` shows them. */
  readonly addresses: readonly string[];
}

export interface NetnsView {
  readonly uid: number;
  readonly name: string;
  /** The machine that it belongs to: "docker-host", "router", "server", … */
  readonly machine: string;
  /** Whether it is its machine's initial netns. */
  readonly initial: boolean;
}

/** Views that layers above the kernel add to the trace (containers, networks) are registered by subject. */
export interface ChangeSubjects {
  device: DeviceView;
  netns: NetnsView;
}

/** Something drawable was made or changed (`view`), or is gone (`view` null). The picture at any t is the fold of these. */
export interface Change<S extends keyof ChangeSubjects = keyof ChangeSubjects> {
  readonly kind: "change";
  readonly t: number;
  readonly subject: S;
  readonly id: string;
  readonly view: ChangeSubjects[S] | null;
}

/** Something happened that is told but leaves no mark on the picture: a rule inserted, an address handed out by a pool. */
export interface Happening {
  readonly kind: "event";
  readonly t: number;
  readonly what: string;
  readonly netns: number;
  /** Plain words for the sentence of `what`. */
  readonly data: Readonly<Record<string, string | number>>;
}

export type TraceEntry = Hop | Change | Happening;

/** What has been let go, folded: the views that were true when the oldest entry kept was added, in order of appearance. */
export type Fold = { readonly [S in keyof ChangeSubjects]?: ReadonlyMap<string, ChangeSubjects[S]> };

/**
 * Keeps the newest entries, `capacity` of them and up to a page more; the oldest go first, and `dropped` says how many went.
 * Changes that go are folded into `base`, so that no picture of the world is ever lost. Readers hold positions, not arrays; one
 * whose position has gone starts again from `base`.
 */
export class Trace {
  /** Off: nothing is recorded and callers skip the work of describing hops. Changes are recorded even then. */
  hops = true;
  readonly capacity: number;
  /** Full pages but for the last, which grows. */
  #pages: TracePage[] = [new TracePage()];
  #newest: TracePage = this.#pages[0] as TracePage;
  #first = 0;
  #base = new Map<string, Map<string, unknown>>();
  #nextPacket = 1;

  constructor(capacity = 200_000) {
    this.capacity = capacity;
  }

  /** A new journey id. */
  newPacketId(): number {
    return this.#nextPacket++;
  }

  /** How many entries have been let go, and so the position of the oldest one kept. */
  get dropped(): number {
    return this.#first;
  }

  /** The position after the newest entry. */
  get end(): number {
    return this.#first + (this.#pages.length - 1) * PAGE + this.#newest.length;
  }

  /** The fold of all changes that were let go. Read it at once: it goes on with the trace. */
  get base(): Fold {
    return Object.fromEntries(this.#base) as Fold;
  }

  /** The entry at a position, undefined when it was let go or is yet to come. */
  at(position: number): TraceEntry | undefined {
    const from = position - this.#first;
    return from < 0 ? undefined : this.#pages[from >>> PAGE_BITS]?.at(from & (PAGE - 1));
  }

  /** The time of the entry at a position (µs), undefined where `at` has none. */
  timeAt(position: number): number | undefined {
    if (position < this.#first || position >= this.end) return undefined;
    const from = position - this.#first;
    return this.#pages[from >>> PAGE_BITS]?.timeAt(from & (PAGE - 1));
  }

  /** All hops of a journey that are kept, oldest first. */
  journey(packet: number): readonly Hop[] {
    const hops: Hop[] = [];
    for (const page of this.#pages) for (let i = 0; i < page.length; i++) if (page.packetAt(i) === packet) hops.push(page.at(i) as Hop);
    return hops;
  }

  /** Calls `visit` with each change from a position to another, oldest first. */
  changes(from: number, to: number, visit: (change: Change) => void): void {
    for (let position = Math.max(from, this.#first); position < to; position++) {
      const at = position - this.#first;
      const change = (this.#pages[at >>> PAGE_BITS] as TracePage).changeAt(at & (PAGE - 1));
      if (change) visit(change);
    }
  }

  /** Adds a hop; see `Hop` for what is what. */
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
    after?: NetworkPacket,
  ): void {
    if (this.#newest.length === PAGE) this.#turn();
    this.#newest.hop(t, packet, cause, netns, device, point, verdict, reason, decision, eth, before, after);
  }

  change<S extends keyof ChangeSubjects>(t: number, subject: S, id: string | number, view: ChangeSubjects[S] | null): void {
    if (this.#newest.length === PAGE) this.#turn();
    this.#newest.other({ kind: "change", t, subject, id: String(id), view });
  }

  event(t: number, what: string, netns: number, data: Happening["data"]): void {
    if (this.#newest.length === PAGE) this.#turn();
    this.#newest.other({ kind: "event", t, what, netns, data });
  }

  /** Lets go of what lies before a position, as far as it fills pages. */
  letGo(position: number): void {
    while (this.#pages.length > 1 && this.#first + PAGE <= position) this.#foldOldest();
  }

  /** Begins a new page. When the others hold enough without the oldest, that one goes, and is written on anew. */
  #turn(): void {
    const pages = this.#pages;
    if ((pages.length - 1) * PAGE >= this.capacity) {
      this.#newest = this.#foldOldest();
      this.#newest.length = 0;
    } else this.#newest = new TracePage();
    pages.push(this.#newest);
  }

  #foldOldest(): TracePage {
    const oldest = this.#pages.shift() as TracePage;
    for (let i = 0; i < PAGE; i++) {
      const change = oldest.changeAt(i);
      if (change) this.#foldAway(change);
    }
    this.#first += PAGE;
    return oldest;
  }

  #foldAway({ subject, id, view }: Change): void {
    let views = this.#base.get(subject);
    if (!views) {
      views = new Map();
      this.#base.set(subject, views);
    }
    if (view) views.set(id, view);
    else views.delete(id);
  }
}
