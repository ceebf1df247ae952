/** Connection tracking of one netns (net/netfilter/nf_conntrack_core.c): entries by tuple of either direction, timeouts, NAT bindings. */
import type { Family, Ip } from "../address.ts";
import { formatIp } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Decision } from "../trace.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import { PROTO_ICMPV6, PROTO_TCP, PROTO_UDP, TCP_RST } from "../wire/packet.ts";
import { protocolName } from "./names.ts";
import { nextTcpState, TCP_TIMEOUTS, type TcpTrackState } from "./tcp-state.ts";
import { destinationPort, hashTuple, invertTuple, isIcmpError, isIcmpQuery, sourcePort, tupleOf, wholeBody } from "./tuple.ts";
import type { ConntrackEntry, Tuple } from "./types.ts";

const SECOND = 1_000_000;
const DEFAULT_MAX = 262_144;
/** Multicast listener and neighbour discovery messages are not tracked (noct_valid_new of nf_conntrack_proto_icmpv6.c). */
const ICMPV6_UNTRACKED = new Set([130, 131, 132, 133, 134, 135, 136, 137, 143]);

/** A tracked connection: the entry that others see, and what conntrack and NAT keep to themselves. */
export class Connection implements ConntrackEntry {
  readonly id: number;
  readonly original: Tuple;
  reply: Tuple;
  protocolState = "";
  expires = 0;
  confirmed = false;
  assured = false;
  seenReply = false;
  mark = 0;
  readonly natDone = { SNAT: false, DNAT: false };
  natRule: string | undefined;
  master: ConntrackEntry | undefined;
  /** IPS_SRC_NAT and IPS_DST_NAT: a mapping changes the source or the destination of the first packet. */
  sourceNat = false;
  destinationNat = false;
  /** MASQUERADE: the device whose address was taken; the entry goes when that goes down. */
  masquerade: NetDevice | undefined;
  /** UDP: virtual time from which a connection that still has traffic counts as a stream. */
  streamSince = 0;
  /** Next in the hash chain of the original and of the reply tuple. */
  nextOriginal: Connection | undefined;
  nextReply: Connection | undefined;
  #told: Extract<Decision, { readonly by: "conntrack" }> | undefined;

  constructor(id: number, original: Tuple) {
    this.id = id;
    this.original = original;
    this.reply = invertTuple(original);
  }

  /** What a hop says of it: how the packet stands to it, and the tuple of its first packet. */
  decision(state: string): Decision {
    if (this.#told?.state !== state) this.#told = { by: "conntrack", state, tuple: this.#told?.tuple ?? describeTuple(this.original) };
    return this.#told;
  }

  get family(): Family {
    return typeof this.original.src === "number" ? 4 : 6;
  }
}

/** A short form of a tuple for the trace: "tcp 172.17.0.2:4000 → 203.0.113.80:80". */
function describeTuple(tuple: Tuple): string {
  const name = protocolName(tuple.protocol, true);
  const ports = tuple.protocol === PROTO_TCP || tuple.protocol === PROTO_UDP;
  const end = (ip: Ip, port: number): string =>
    ports ? `${typeof ip === "number" ? formatIp(ip) : `[${formatIp(ip)}]`}:${port}` : formatIp(ip);
  return `${name} ${end(tuple.src, tuple.srcPort)} → ${end(tuple.dst, tuple.dstPort)}`;
}

/** One direction's answer of a lookup; reused, so read it before looking up again. */
interface Found {
  connection: Connection | undefined;
  reply: boolean;
}

export type ConntrackEvent = "NEW" | "UPDATE" | "DESTROY";

export class ConntrackTable {
  readonly netns: Netns;
  /** Hash buckets, a power of two of them once there is an entry. */
  #buckets: (Connection | undefined)[] = [];
  #replyBuckets: (Connection | undefined)[] = [];
  /** Confirmed entries, oldest first. */
  #entries = new Set<Connection>();
  #nextSweep = 1024;
  #nextId = 1;
  #found: Found = { connection: undefined, reply: false };
  /** Counters as `conntrack -S` shows them. */
  readonly statistics = { found: 0, invalid: 0, insertFailed: 0, drop: 0, earlyDrop: 0 };
  /** Hears of entries made and forgotten, for `conntrack -E`. */
  readonly listeners = new Set<(what: ConntrackEvent, entry: Connection, by?: number) => void>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** Confirmed entries that have not expired, oldest first. */
  list(): readonly Connection[] {
    const { now } = this.netns.kernel.clock;
    return [...this.#entries].filter((entry) => entry.expires > now);
  }

  /** How many `list` has. Looking changes nothing: what has expired goes when its place or its tuple is wanted. */
  get size(): number {
    const { now } = this.netns.kernel.clock;
    let count = 0;
    for (const entry of this.#entries) if (entry.expires > now) count++;
    return count;
  }

  /** `by`: the pid of the program that asks for it. */
  remove(entry: ConntrackEntry, by?: number): void {
    const connection = entry as Connection;
    if (!this.#entries.delete(connection)) return;
    this.#unlink(connection);
    if (this.listeners.size) for (const listener of this.listeners) listener("DESTROY", connection, by);
  }

  /** Enters a connection that nobody has seen a packet of (ctnetlink_create_conntrack). Undefined when its tuple is taken. */
  enter(original: Tuple, reply: Tuple, furnish: (entry: Connection) => void, by: number): Connection | undefined {
    const connection = new Connection(this.#nextId++, original);
    connection.reply = reply;
    if (this.taken(original, connection) || this.taken(reply, connection)) return undefined;
    connection.confirmed = true;
    if (original.protocol === PROTO_TCP) connection.protocolState = "NONE";
    furnish(connection);
    this.#insert(connection);
    if (this.listeners.size) for (const listener of this.listeners) listener("NEW", connection, by);
    return connection;
  }

  /** A program has changed an entry (ctnetlink_change_conntrack). */
  changedBy(entry: Connection, by: number): void {
    if (this.listeners.size) for (const listener of this.listeners) listener("UPDATE", entry, by);
  }

  flush(): void {
    for (const entry of [...this.#entries]) this.remove(entry);
  }

  /** Forgets what was masqueraded by a device that goes down or loses the address (masq_device_event, masq_inet_event). */
  forgetMasqueraded(device: NetDevice, address?: Ip): void {
    for (const entry of [...this.#entries])
      if (entry.masquerade === device && (address === undefined || entry.reply.dst === address)) this.remove(entry);
  }

  /** Whether a tuple is already the original or the reply tuple of another connection (nf_conntrack_tuple_taken). */
  taken(tuple: Tuple, except: Connection): boolean {
    const found = this.#lookup(tuple.protocol, tuple.src, tuple.dst, tuple.srcPort, tuple.dstPort).connection;
    return found !== undefined && found !== except;
  }

  /** The entry of a tuple of either direction, and whether the tuple is its reply's. */
  find(tuple: Tuple): { readonly entry: Connection; readonly reply: boolean } | undefined {
    const { connection, reply } = this.#lookup(tuple.protocol, tuple.src, tuple.dst, tuple.srcPort, tuple.dstPort);
    return connection && { entry: connection, reply };
  }

  /**
   * Finds or begins the connection that a packet belongs to and notes it in `skb` (nf_conntrack_in). A packet that fits no
   * connection and may not begin one becomes INVALID; it goes on, for the rules to judge.
   */
  track(skb: Skb, packet: IpPacket): void {
    if (skb.conntrack || skb.ctInfo === "untracked") return;
    const body = wholeBody(packet.body);
    if (body.kind === "icmp") {
      if (packet.protocol === PROTO_ICMPV6 && ICMPV6_UNTRACKED.has(body.type)) {
        skb.ctInfo = "untracked";
        return;
      }
      if (isIcmpError(packet.protocol, body)) {
        this.#trackError(skb, packet, body.original);
        return;
      }
    }
    const srcPort = sourcePort(body);
    const dstPort = destinationPort(body);
    let { connection, reply } = this.#lookup(packet.protocol, packet.src, packet.dst, srcPort, dstPort);
    if (connection && body.kind === "tcp" && this.#reopens(connection, body.flags, reply)) {
      // A SYN on a connection that has ended begins a new one in its place.
      this.remove(connection);
      connection = undefined;
    }
    if (!connection) {
      connection = this.#begin(packet, body, srcPort, dstPort);
      if (!connection) {
        this.#invalid(skb);
        return;
      }
      reply = false;
    }
    const { protocolState, assured } = connection;
    const accepted = this.#advance(connection, body, reply);
    if (!accepted) {
      this.#invalid(skb);
      return;
    }
    skb.conntrack = connection;
    // A packet makes one event, however much it changes (nf_ct_deliver_cached_events).
    let changed = protocolState !== connection.protocolState || assured !== connection.assured;
    if (reply) {
      skb.ctInfo = "reply";
      if (!connection.seenReply) {
        connection.seenReply = true;
        changed = true;
      }
    } else skb.ctInfo = connection.seenReply ? "established" : connection.master ? "related" : "new";
    if (changed && this.listeners.size && connection.confirmed) for (const listener of this.listeners) listener("UPDATE", connection);
  }

  /**
   * Enters a new connection into the table once its first packet has passed every hook (nf_conntrack_confirm). False when
   * another connection has taken its tuple meanwhile or the table is full: the packet is dropped.
   */
  confirm(skb: Skb): boolean {
    const connection = skb.conntrack as Connection | undefined;
    if (!connection || connection.confirmed) return true;
    if (this.taken(connection.original, connection) || this.taken(connection.reply, connection)) {
      this.statistics.insertFailed++;
      return false;
    }
    if (this.#entries.size >= this.#max() && !this.#makeRoom()) {
      this.statistics.drop++;
      return false;
    }
    const now = this.netns.kernel.clock.now;
    connection.confirmed = true;
    connection.expires += now;
    connection.streamSince = now + 2 * SECOND;
    this.#insert(connection);
    if (this.listeners.size) for (const listener of this.listeners) listener("NEW", connection);
    return true;
  }

  /** An ICMP error is RELATED to the connection of the packet that it quotes, else INVALID (nf_conntrack_inet_error). */
  #trackError(skb: Skb, packet: IpPacket, quoted: IpPacket | undefined): void {
    if (quoted) {
      const tuple = invertTuple(tupleOf(quoted));
      const { connection, reply } = this.#lookup(tuple.protocol, tuple.src, tuple.dst, tuple.srcPort, tuple.dstPort);
      // The error must be addressed to whoever sent the packet that it quotes, as seen from here.
      if (connection && packet.dst === (reply ? connection.reply : connection.original).dst) {
        skb.conntrack = connection;
        skb.ctInfo = reply ? "related-reply" : "related";
        return;
      }
    }
    this.#invalid(skb);
  }

  #invalid(skb: Skb): void {
    this.statistics.invalid++;
    skb.ctInfo = "invalid";
  }

  #begin(packet: IpPacket, body: Transport, srcPort: number, dstPort: number): Connection | undefined {
    if (body.kind === "icmp" && !isIcmpQuery(packet.protocol, body.type)) return undefined;
    // nf_conntrack_tcp_loose: any segment but a SYN|ACK, FIN or RST may begin one, so that connections outlive a flush.
    if (body.kind === "tcp" && nextTcpState("NONE", body.flags, false) === "invalid") return undefined;
    const connection = new Connection(this.#nextId++, { protocol: packet.protocol, src: packet.src, dst: packet.dst, srcPort, dstPort });
    if (body.kind === "tcp") connection.protocolState = "NONE";
    return connection;
  }

  #reopens(connection: Connection, flags: number, reply: boolean): boolean {
    const state = connection.protocolState;
    return (state === "TIME_WAIT" || state === "CLOSE") && nextTcpState(state as TcpTrackState, flags, reply) === "SYN_SENT";
  }

  /** The protocol's own tracker: state and timeout. False: the packet is invalid in this state. */
  #advance(connection: Connection, body: Transport, reply: boolean): boolean {
    if (body.kind === "tcp") return this.#advanceTcp(connection, body.flags, reply);
    if (body.kind === "udp") {
      let seconds = this.#timeout("net.netfilter.nf_conntrack_udp_timeout", 30);
      if (connection.seenReply && this.netns.kernel.clock.now > connection.streamSince) {
        seconds = this.#timeout("net.netfilter.nf_conntrack_udp_timeout_stream", 120);
        connection.assured = true;
      }
      this.#refresh(connection, seconds);
      return true;
    }
    if (body.kind === "icmp")
      this.#refresh(connection, this.#timeout(connection.original.protocol === PROTO_ICMPV6 ? ICMPV6_SYSCTL : ICMP_SYSCTL, 30));
    else this.#refresh(connection, this.#timeout("net.netfilter.nf_conntrack_generic_timeout", 600));
    return true;
  }

  #advanceTcp(connection: Connection, flags: number, reply: boolean): boolean {
    const old = connection.protocolState as TcpTrackState;
    const next = nextTcpState(old, flags, reply);
    if (next === "ignore") return true;
    if (next === "invalid") return false;
    if (reply && flags & TCP_RST && !connection.seenReply) {
      // The only answer is a RST: there is no connection to keep. The packet itself still finds its way back.
      this.remove(connection);
      return true;
    }
    connection.protocolState = next;
    if (!connection.assured && next === "ESTABLISHED" && connection.seenReply && (old === "SYN_RECV" || old === "ESTABLISHED"))
      connection.assured = true;
    this.#refresh(connection, this.#timeout(TCP_SYSCTLS[next], TCP_TIMEOUTS[next]));
    return true;
  }

  #refresh(connection: Connection, seconds: number): void {
    // Until it is confirmed, `expires` holds the timeout itself.
    connection.expires = connection.confirmed ? this.netns.kernel.clock.now + seconds * SECOND : seconds * SECOND;
  }

  #timeout(sysctl: string, seconds: number): number {
    return this.netns.sysctl.number(sysctl) || seconds;
  }

  #max(): number {
    return this.netns.sysctl.number("net.netfilter.nf_conntrack_max") || DEFAULT_MAX;
  }

  #lookup(protocol: number, src: Ip, dst: Ip, srcPort: number, dstPort: number): Found {
    const found = this.#found;
    found.connection = undefined;
    if (this.#entries.size === 0) return found;
    const at = hashTuple(protocol, src, dst, srcPort, dstPort) & (this.#buckets.length - 1);
    let entry = this.#buckets[at];
    while (entry) {
      const t = entry.original;
      if (t.src === src && t.dst === dst && t.srcPort === srcPort && t.dstPort === dstPort && t.protocol === protocol) {
        found.reply = false;
        break;
      }
      entry = entry.nextOriginal;
    }
    if (!entry) {
      entry = this.#replyBuckets[at];
      while (entry) {
        const t = entry.reply;
        if (t.src === src && t.dst === dst && t.srcPort === srcPort && t.dstPort === dstPort && t.protocol === protocol) {
          found.reply = true;
          break;
        }
        entry = entry.nextReply;
      }
    }
    if (!entry) return found;
    if (entry.expires <= this.netns.kernel.clock.now) {
      this.remove(entry);
      return found;
    }
    found.connection = entry;
    return found;
  }

  #slot(tuple: Tuple): number {
    return hashTuple(tuple.protocol, tuple.src, tuple.dst, tuple.srcPort, tuple.dstPort) & (this.#buckets.length - 1);
  }

  #insert(connection: Connection): void {
    if (this.#entries.size >= this.#nextSweep) {
      this.#sweep();
      this.#nextSweep = Math.max(1024, this.#entries.size * 2);
    }
    this.#entries.add(connection);
    if (this.#entries.size > this.#buckets.length) this.#grow();
    else this.#link(connection);
  }

  #link(connection: Connection): void {
    const original = this.#slot(connection.original);
    connection.nextOriginal = this.#buckets[original];
    this.#buckets[original] = connection;
    const reply = this.#slot(connection.reply);
    connection.nextReply = this.#replyBuckets[reply];
    this.#replyBuckets[reply] = connection;
  }

  #grow(): void {
    const length = Math.max(64, this.#buckets.length * 4);
    this.#buckets = new Array(length).fill(undefined);
    this.#replyBuckets = new Array(length).fill(undefined);
    for (const entry of this.#entries) this.#link(entry);
  }

  #unlink(connection: Connection): void {
    const original = this.#slot(connection.original);
    let before = this.#buckets[original];
    if (before === connection) this.#buckets[original] = connection.nextOriginal;
    else {
      while (before && before.nextOriginal !== connection) before = before.nextOriginal;
      if (before) before.nextOriginal = connection.nextOriginal;
    }
    const reply = this.#slot(connection.reply);
    before = this.#replyBuckets[reply];
    if (before === connection) this.#replyBuckets[reply] = connection.nextReply;
    else {
      while (before && before.nextReply !== connection) before = before.nextReply;
      if (before) before.nextReply = connection.nextReply;
    }
  }

  #sweep(): void {
    const now = this.netns.kernel.clock.now;
    for (const entry of this.#entries) if (entry.expires <= now) this.remove(entry);
  }

  /** Frees a place: what has expired, else the oldest entry that is not assured (early_drop). */
  #makeRoom(): boolean {
    const before = this.#entries.size;
    this.#sweep();
    if (this.#entries.size < before) return true;
    for (const entry of this.#entries)
      if (!entry.assured) {
        this.statistics.earlyDrop++;
        this.remove(entry);
        return true;
      }
    return false;
  }
}

const ICMP_SYSCTL = "net.netfilter.nf_conntrack_icmp_timeout";
const ICMPV6_SYSCTL = "net.netfilter.nf_conntrack_icmpv6_timeout";
const TCP_SYSCTLS: Readonly<Record<TcpTrackState, string>> = {
  NONE: "net.netfilter.nf_conntrack_tcp_timeout_syn_sent",
  SYN_SENT: "net.netfilter.nf_conntrack_tcp_timeout_syn_sent",
  SYN_RECV: "net.netfilter.nf_conntrack_tcp_timeout_syn_recv",
  ESTABLISHED: "net.netfilter.nf_conntrack_tcp_timeout_established",
  FIN_WAIT: "net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
  CLOSE_WAIT: "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
  LAST_ACK: "net.netfilter.nf_conntrack_tcp_timeout_last_ack",
  TIME_WAIT: "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
  CLOSE: "net.netfilter.nf_conntrack_tcp_timeout_close",
  SYN_SENT2: "net.netfilter.nf_conntrack_tcp_timeout_syn_sent",
};
