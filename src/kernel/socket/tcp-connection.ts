/**
 * One TCP connection: its state machine (RFC 9293 section 3.10, net/ipv4/tcp_input.c), what it has sent and not seen
 * acknowledged, and its timers. Every state is set before a segment leaves, because on loopback the answer may come back
 * before the call that sends it returns.
 */
import type { Ip } from "../address.ts";
import type { Timer } from "../clock.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import {
  TCP_ABORT_ON_CLOSE,
  TCP_ABORT_ON_DATA,
  TCP_ABORT_ON_TIMEOUT,
  TCP_ACTIVE_OPENS,
  TCP_ATTEMPT_FAILS,
  TCP_DELIVERED,
  TCP_ESTAB_RESETS,
  TCP_FAST_RETRANS,
  TCP_ORIG_DATA_SENT,
  TCP_OUT_RSTS,
  TCP_OUT_SEGS,
  TCP_PASSIVE_OPENS,
  TCP_RETRANS_SEGS,
  TCP_SYN_RETRANS,
  TCP_TIME_WAIT,
  TCP_TIMEOUTS,
} from "../statistics.ts";
import { WaitQueue } from "../task.ts";
import { utf8Length } from "../wire/length.ts";
import { type IpPacket, NO_PAYLOAD, PROTO_TCP, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type TcpSegment } from "../wire/packet.ts";
import { describePacket, SocketHops } from "./hops.ts";
import type { SocketErrno, SocketOwner, SocketTable, SocketView } from "./table.ts";
import type { TcpSocket, TcpState } from "./tcp.ts";
import type { InetTcpListener } from "./tcp-listener.ts";
import { RtoEstimator, seqAdd, seqDiff, takeBytes } from "./tcp-sequence.ts";

/** Something sent that the peer has to acknowledge. SYN and FIN take a sequence number each. */
interface Sent {
  readonly seq: number;
  readonly end: number;
  readonly flags: number;
  readonly text: string;
  readonly at: number;
  resent: boolean;
}

/** ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
const V4_MAPPED = 0xffff00000000n;
/** TIME-WAIT (TCP_TIMEWAIT_LEN) and how long a closed socket waits for the peer's FIN (net.ipv4.tcp_fin_timeout). */
const TIME_WAIT = 60_000_000;
/** µs by which a timer is late: it fires with the first tick after its time (HZ = 250). What a program waits for comes before it. */
const TICK = 4000;
/** Timestamps option and its padding. */
const OPTION_BYTES = 12;
const MOST_WINDOW_SCALE = 14;
/** The largest receive buffer in bytes, where no setting says otherwise (tcp_rmem). */
const RECEIVE_BUFFER = 32 << 20;
const MAX_WINDOW = 65535;
const INITIAL_SEGMENTS = 10;
/** Receive window in bytes: what the peer may have in flight. */
const RECEIVE_WINDOW = 65536;

/** tcp_select_initial_window: so much that the largest receive buffer fits into sixteen bits. */
function windowScaleOf({ sysctl }: Netns): number {
  const most = Number(sysctl.get("net.ipv4.tcp_rmem")?.split("\t")[2]) || RECEIVE_BUFFER;
  const largest = Math.max(most, sysctl.number("net.core.rmem_max"));
  return Math.max(0, Math.min(MOST_WINDOW_SCALE, Math.floor(Math.log2(largest)) - 15));
}

export class TcpConnection implements TcpSocket {
  readonly changed = new WaitQueue();
  readonly owner: SocketOwner;
  readonly #hops: SocketHops;
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
  state: TcpState;
  error: SocketErrno | undefined;
  #table: SocketTable;
  #device: NetDevice | undefined;
  #listener: InetTcpListener | undefined;
  /** Closed by its owner: nobody will read, and it ends by itself. */
  #orphan = false;
  /** IPv4 on a socket of IPv6 (a listener for both): shown as ::ffff:a.b.c.d. */
  #mapped = false;
  /** Opened by the peer: the window counts whole segments with their options. */
  #passive: boolean;
  /** Told as the error when retransmission gives up. */
  #softError: SocketErrno | undefined;
  /** Journey of the newest segment of the peer: what is sent next is its consequence. */
  #cause = 0;

  #sndUna: number;
  #sndNxt: number;
  #sndWindow = RECEIVE_WINDOW;
  /** Shifts of the window field, our own and the peer's. */
  readonly #scale: number;
  #peerScale = 0;
  #unsent = "";
  #finWanted = false;
  #finSent = false;
  #flight: Sent[] = [];
  #mss: number;
  #congestionWindow: number;
  #slowStartThreshold = Number.POSITIVE_INFINITY;
  #duplicateAcks = 0;
  /** Sequence number up to which a loss is being repaired. */
  #recover: number | undefined;
  #rto = new RtoEstimator();
  #timer: Timer | undefined;
  #retries = 0;
  #closeTimer: Timer | undefined;
  #timestampOffset: number;

  #rcvNxt = 0;
  #received = "";
  #outOfOrder = new Map<number, TcpSegment>();
  #peerClosed = false;
  #peerTimestamp = 0;

  private constructor(
    table: SocketTable,
    owner: SocketOwner,
    state: TcpState,
    ends: { readonly local: Ip; readonly localPort: number; readonly remote: Ip; readonly remotePort: number },
    device: NetDevice | undefined,
  ) {
    this.#table = table;
    this.owner = owner;
    this.#hops = new SocketHops("tcp", owner);
    this.state = state;
    this.#passive = state === "SYN-RECV";
    this.local = ends.local;
    this.localPort = ends.localPort;
    this.remote = ends.remote;
    this.remotePort = ends.remotePort;
    this.#device = device;
    const { random } = table.netns.kernel;
    this.#sndUna = random.uint32();
    this.#sndNxt = this.#sndUna;
    this.#timestampOffset = random.uint32();
    this.#mss = this.#advertisedMss - OPTION_BYTES;
    this.#congestionWindow = INITIAL_SEGMENTS * this.#mss;
    this.#scale = windowScaleOf(table.netns);
  }

  /** connect(): sends the SYN. The connection is in the table already when that leaves. */
  static connect(
    table: SocketTable,
    owner: SocketOwner,
    ends: { readonly local: Ip; readonly localPort: number; readonly remote: Ip; readonly remotePort: number },
    device: NetDevice | undefined,
  ): TcpConnection {
    const connection = new TcpConnection(table, owner, "SYN-SENT", ends, device);
    table.insertConnection(connection);
    table.netns.statistics.count(TCP_ACTIVE_OPENS);
    connection.#queue(TCP_SYN, "");
    return connection;
  }

  /** A SYN for a listener: answers it (tcp_conn_request). */
  static answer(table: SocketTable, listener: InetTcpListener, skb: Skb, packet: IpPacket, syn: TcpSegment): void {
    const ends = { local: packet.dst, localPort: syn.dstPort, remote: packet.src, remotePort: syn.srcPort };
    // Only a link-local peer needs its device named.
    const linkLocal = typeof packet.src === "bigint" && packet.src >> 118n === 0x3fan;
    const connection = new TcpConnection(table, listener.owner, "SYN-RECV", ends, linkLocal ? skb.dev : undefined);
    connection.#listener = listener;
    connection.#mapped = listener.binding.family === 6 && typeof packet.dst === "number";
    connection.#cause = skb.id;
    connection.#takeSyn(syn);
    table.insertConnection(connection);
    listener.synReceived(connection);
    connection.#traceArrival(skb, packet);
    connection.#queue(TCP_SYN | TCP_ACK, "");
  }

  send(text: string): SocketErrno | undefined {
    if (this.error) return this.error;
    if (this.#finWanted || this.#orphan || (this.state !== "ESTABLISHED" && this.state !== "CLOSE-WAIT" && this.state !== "SYN-SENT"))
      return "EPIPE";
    if (text === "") return undefined;
    this.#unsent += text;
    this.#output();
    return undefined;
  }

  receive(): string {
    const text = this.#received;
    this.#received = "";
    return text;
  }

  get ended(): boolean {
    return this.#received === "" && (this.#peerClosed || this.state === "CLOSE");
  }

  get unacknowledged(): number {
    return Math.max(0, seqDiff(this.#sndNxt, this.#sndUna)) + utf8Length(this.#unsent);
  }

  shutdown(): void {
    if (this.#finWanted || this.state === "CLOSE" || this.state === "TIME-WAIT") return;
    this.#finWanted = true;
    this.#output();
  }

  close(): void {
    if (this.#orphan) return;
    if (this.state === "SYN-SENT" || this.state === "CLOSE") {
      this.#orphan = true;
      this.#finish(undefined);
      return;
    }
    if (this.#received !== "") {
      // Data that nobody will read: the peer is told by a reset (RFC 2525 section 2.17, tcp_close).
      this.#count(TCP_ABORT_ON_CLOSE);
      this.abort();
      return;
    }
    this.#orphan = true;
    this.#listener = undefined;
    if (this.state === "FIN-WAIT-2") this.#lingerFor(TIME_WAIT);
    else this.#rearm();
    this.shutdown();
  }

  abort(): void {
    if (this.state === "CLOSE") return;
    this.#orphan = true;
    const synchronized = this.state !== "SYN-SENT" && this.state !== "TIME-WAIT";
    const seq = this.#sndNxt;
    this.#finish(undefined);
    if (synchronized) this.#count(TCP_OUT_RSTS);
    if (synchronized) this.#transmit(TCP_RST | TCP_ACK, seq, "", true);
  }

  /** Vanishes without a word: its netns is gone, or TIME-WAIT gives way to a new connection. */
  forget(): void {
    this.#finish(undefined);
  }

  /** An ICMP error about one of its segments (tcp_v4_err): fatal while connecting, remembered afterwards. */
  fail(errno: SocketErrno, mtu: number | undefined): void {
    if (mtu !== undefined) {
      this.#reduceMss(mtu);
      return;
    }
    if (this.state === "SYN-SENT" || this.state === "SYN-RECV") this.#finish(errno);
    else this.#softError = errno;
  }

  get view(): SocketView {
    const shown = (ip: Ip): Ip => (this.#mapped && typeof ip === "number" ? V4_MAPPED | BigInt(ip) : ip);
    return {
      protocol: "tcp",
      family: this.#mapped || typeof this.local === "bigint" ? 6 : 4,
      dual: false,
      state: this.state,
      local: shown(this.local),
      localPort: this.localPort,
      remote: shown(this.remote),
      remotePort: this.remotePort,
      receiveQueue: utf8Length(this.#received),
      sendQueue: this.state === "TIME-WAIT" ? 0 : this.unacknowledged,
      process: this.#orphan ? "" : this.owner.process,
      pid: this.#orphan ? 0 : this.owner.pid,
      until: this.state === "TIME-WAIT" ? this.#closeTimer?.at : undefined,
    };
  }

  /** tcp_rcv_state_process: a segment for this connection. */
  receiveSegment(skb: Skb, packet: IpPacket, segment: TcpSegment): void {
    this.#traceArrival(skb, packet);
    this.#cause = skb.id;
    if (this.state === "SYN-SENT") {
      this.#receiveInSynSent(segment);
      return;
    }
    if (this.state === "TIME-WAIT") {
      if (segment.flags & TCP_FIN) this.#acknowledge();
      return;
    }
    if (segment.flags & TCP_RST) {
      const offset = seqDiff(segment.seq, this.#rcvNxt);
      if (offset === 0) this.#finish(this.state === "CLOSE-WAIT" ? "EPIPE" : "ECONNRESET");
      else if (offset > 0 && offset < RECEIVE_WINDOW) this.#acknowledge(); // challenge ACK, RFC 5961
      return;
    }
    if (segment.flags & TCP_SYN) {
      // A repeated SYN means that our SYN-ACK was lost; any other is answered by a challenge ACK.
      const first = this.#flight[0];
      if (this.state === "SYN-RECV" && first) this.#resend(first);
      else this.#acknowledge();
      return;
    }
    if (!(segment.flags & TCP_ACK)) return;
    if (segment.timestamps) this.#peerTimestamp = segment.timestamps.value;
    if (!this.#takeAck(segment)) return;
    const wake = this.#takeData(segment);
    // The handshake's last segment makes the connection known to accept() after its data has been taken.
    this.#output();
    if (wake) this.changed.wake();
  }

  #receiveInSynSent(segment: TcpSegment): void {
    const acked = (segment.flags & TCP_ACK) !== 0;
    if (acked && segment.ack !== this.#sndNxt) {
      if (!(segment.flags & TCP_RST))
        this.#table.sendReset(this.local, this.localPort, this.remote, this.remotePort, segment.ack, undefined, this.#cause);
      return;
    }
    if (segment.flags & TCP_RST) {
      if (acked) this.#finish("ECONNREFUSED");
      return;
    }
    if (!(segment.flags & TCP_SYN)) return;
    this.#takeSyn(segment);
    if (!acked) {
      // Simultaneous open.
      this.state = "SYN-RECV";
      this.#flight.length = 0;
      this.#sndNxt = this.#sndUna;
      this.#queue(TCP_SYN | TCP_ACK, "");
      return;
    }
    this.#acknowledgeUpTo(segment.ack);
    this.#sndWindow = segment.window;
    this.state = "ESTABLISHED";
    this.#softError = undefined;
    if (this.#unsent === "") this.#acknowledge();
    else this.#output();
    this.changed.wake();
  }

  #takeSyn(syn: TcpSegment): void {
    this.#rcvNxt = seqAdd(syn.seq, 1);
    this.#sndWindow = syn.window;
    this.#peerScale = syn.windowScale ?? 0;
    if (syn.timestamps) this.#peerTimestamp = syn.timestamps.value;
    if (syn.mss !== undefined) this.#mss = Math.max(48, Math.min(this.#mss, syn.mss - OPTION_BYTES));
    this.#congestionWindow = INITIAL_SEGMENTS * this.#mss;
  }

  /** The ACK field. False when the segment is to be dropped. */
  #takeAck(segment: TcpSegment): boolean {
    const { ack } = segment;
    if (seqDiff(ack, this.#sndNxt) > 0) {
      this.#acknowledge();
      return false;
    }
    this.#sndWindow = segment.window << this.#peerScale;
    const advance = seqDiff(ack, this.#sndUna);
    if (advance > 0) this.#acknowledgeUpTo(ack);
    else if (advance === 0 && this.#flight.length > 0 && segment.payload.kind !== "text" && !(segment.flags & TCP_FIN))
      this.#duplicateAck();
    if (this.state === "SYN-RECV") {
      if (advance <= 0) return false;
      this.state = "ESTABLISHED";
      const listener = this.#listener;
      this.#listener = undefined;
      this.#count(TCP_PASSIVE_OPENS);
      if (listener) listener.established(this);
    }
    if (!this.#finSent || this.#flight.length > 0) return true;
    // Our FIN has been acknowledged.
    if (this.state === "FIN-WAIT-1") {
      this.state = "FIN-WAIT-2";
      if (this.#orphan) this.#lingerFor(TIME_WAIT);
      this.changed.wake();
    } else if (this.state === "CLOSING") this.#enterTimeWait();
    else if (this.state === "LAST-ACK") {
      this.#finish(undefined);
      return false;
    }
    return true;
  }

  #acknowledgeUpTo(ack: number): void {
    const { now } = this.#table.netns.kernel.clock;
    const bytes = seqDiff(ack, this.#sndUna);
    this.#sndUna = ack;
    // A round trip counts only when nothing that this acknowledges was sent twice (Karn).
    let newest: Sent | undefined;
    let ambiguous = false;
    while (this.#flight.length > 0 && seqDiff((this.#flight[0] as Sent).end, ack) <= 0) {
      newest = this.#flight.shift() as Sent;
      ambiguous ||= newest.resent;
      if (!(newest.flags & TCP_SYN && newest.flags & TCP_ACK)) this.#count(TCP_DELIVERED);
    }
    if (newest && !ambiguous) this.#rto.sample(now - newest.at);
    this.#rto.reset();
    this.#retries = 0;
    this.#duplicateAcks = 0;
    this.#softError = undefined;
    if (this.#congestionWindow < this.#slowStartThreshold) this.#congestionWindow += Math.min(bytes, this.#mss);
    else this.#congestionWindow += Math.max(1, (this.#mss * this.#mss) / this.#congestionWindow);
    this.#rearm();
    if (this.#recover === undefined) return;
    const first = this.#flight[0];
    if (first && seqDiff(ack, this.#recover) < 0) this.#resend(first);
    else this.#recover = undefined;
  }

  /** Three duplicates are taken as a loss (RFC 5681 section 3.2). */
  #duplicateAck(): void {
    if (++this.#duplicateAcks !== 3) return;
    this.#slowStartThreshold = Math.max(seqDiff(this.#sndNxt, this.#sndUna) / 2, 2 * this.#mss);
    this.#congestionWindow = this.#slowStartThreshold;
    this.#recover = this.#sndNxt;
    this.#count(TCP_FAST_RETRANS);
    this.#resend(this.#flight[0] as Sent);
  }

  /** Text and FIN of a segment. True when whoever waits is to be woken. */
  #takeData(segment: TcpSegment): boolean {
    const length = segment.payload.kind === "text" ? utf8Length(segment.payload.text) : 0;
    const fin = (segment.flags & TCP_FIN) !== 0;
    if (length === 0 && !fin) return false;
    if (length > 0 && this.#orphan) {
      // Nobody will read it (tcp_rcv_state_process, "data after close").
      this.#count(TCP_ABORT_ON_DATA);
      this.abort();
      return false;
    }
    const offset = seqDiff(segment.seq, this.#rcvNxt);
    if (offset > 0) {
      if (this.#outOfOrder.size < 256) this.#outOfOrder.set(segment.seq, segment);
      this.#acknowledge();
      return false;
    }
    if (offset < 0) {
      this.#acknowledge();
      return false;
    }
    this.#accept(segment, length);
    for (let next = this.#outOfOrder.get(this.#rcvNxt); next; next = this.#outOfOrder.get(this.#rcvNxt)) {
      this.#outOfOrder.delete(next.seq);
      this.#accept(next, next.payload.kind === "text" ? utf8Length(next.payload.text) : 0);
    }
    this.#acknowledge();
    return true;
  }

  #accept(segment: TcpSegment, length: number): void {
    if (segment.payload.kind === "text") this.#received += segment.payload.text;
    this.#rcvNxt = seqAdd(this.#rcvNxt, length);
    if (!(segment.flags & TCP_FIN) || this.#peerClosed) return;
    this.#rcvNxt = seqAdd(this.#rcvNxt, 1);
    this.#peerClosed = true;
    if (this.state === "ESTABLISHED") this.state = "CLOSE-WAIT";
    else if (this.state === "FIN-WAIT-1") this.state = "CLOSING";
    else if (this.state === "FIN-WAIT-2") this.#enterTimeWait();
  }

  /** Sends as much as windows allow, then the FIN (tcp_write_xmit). */
  #output(): void {
    if (this.state !== "ESTABLISHED" && this.state !== "CLOSE-WAIT") return;
    while (this.#unsent !== "") {
      const inFlight = seqDiff(this.#sndNxt, this.#sndUna);
      const room = Math.min(this.#sndWindow, this.#congestionWindow) - inFlight;
      if (room < this.#mss && inFlight > 0) return;
      const { head } = takeBytes(this.#unsent, this.#mss);
      this.#unsent = this.#unsent.slice(head.length);
      this.#queue(this.#unsent === "" ? TCP_PSH | TCP_ACK : TCP_ACK, head);
    }
    if (!this.#finWanted || this.#finSent) return;
    this.#finSent = true;
    this.state = this.state === "ESTABLISHED" ? "FIN-WAIT-1" : "LAST-ACK";
    this.#queue(TCP_FIN | TCP_ACK, "");
  }

  /** Sends something that has to be acknowledged. */
  #queue(flags: number, text: string): void {
    const seq = this.#sndNxt;
    const end = seqAdd(seq, flags & (TCP_SYN | TCP_FIN) ? 1 : utf8Length(text));
    this.#sndNxt = end;
    this.#flight.push({ seq, end, flags, text, at: this.#table.netns.kernel.clock.now, resent: false });
    if (!this.#timer) this.#rearm();
    if (!(flags & TCP_SYN)) this.#count(TCP_ORIG_DATA_SENT);
    this.#transmit(flags, seq, text, false);
  }

  #resend(sent: Sent): void {
    sent.resent = true;
    this.#count(TCP_RETRANS_SEGS);
    // Told apart from what is sent for the first time.
    this.#count(TCP_OUT_SEGS, -1);
    if (sent.flags & TCP_SYN) this.#count(TCP_SYN_RETRANS);
    this.#transmit(sent.flags, sent.seq, sent.text, false);
  }

  #acknowledge(): void {
    this.#transmit(TCP_ACK, this.#sndNxt, "", false);
  }

  #transmit(flags: number, seq: number, text: string, reset: boolean): void {
    const table = this.#table;
    const { netns } = table;
    const syn = (flags & TCP_SYN) !== 0;
    const segment: TcpSegment = {
      kind: "tcp",
      srcPort: this.localPort,
      dstPort: this.remotePort,
      seq,
      ack: flags & TCP_ACK ? this.#rcvNxt : 0,
      flags,
      window: reset ? 0 : syn ? this.#initialWindow : Math.ceil(this.#initialWindow / (1 << this.#scale)),
      mss: syn ? (this.#table.routeAdvMss(this.remote, this.#device) ?? this.#advertisedMss) : undefined,
      windowScale: syn ? this.#scale : undefined,
      timestamps: reset ? undefined : { value: this.#timestamp, echo: flags & TCP_ACK ? this.#peerTimestamp : 0 },
      payload: text === "" ? NO_PAYLOAD : { kind: "text", text },
    };
    netns.statistics.count(TCP_OUT_SEGS);
    let id: number | undefined;
    if (netns.kernel.trace.hops) {
      id = netns.kernel.trace.newPacketId();
      const packet = describePacket(netns, this.local, this.remote, PROTO_TCP, segment, undefined, true);
      this.#hops.send(netns, id, this.#cause, this.localPort, packet);
    }
    const sent = netns.inet.send({
      src: this.local,
      dst: this.remote,
      protocol: PROTO_TCP,
      body: segment,
      df: true,
      dev: this.#device,
      cause: this.#cause,
      id,
    });
    // A segment that could not leave is as good as lost: the timer tries again, and the reason is told if that ends in vain.
    if (sent === "EMSGSIZE") {
      const mtu = table.routeMtu(this.remote, this.#device);
      if (mtu !== undefined) this.#reduceMss(mtu);
    } else if (typeof sent === "string" && sent !== "EPERM") this.#softError = sent;
  }

  /** The MSS that fits the way out: MTU less the headers of IP and TCP (ipv4_default_advmss, ip6_default_advmss). */
  get #advertisedMss(): number {
    const mtu = this.#table.routeMtu(this.remote, this.#device) ?? 1500;
    return typeof this.remote === "number" ? Math.min(mtu - 40, 65495) : Math.min(mtu - 60, 65476);
  }

  /** The initial window, a whole number of segments (tcp_select_initial_window). */
  get #initialWindow(): number {
    const segment = this.#advertisedMss - (this.#passive ? OPTION_BYTES : 0);
    return segment > MAX_WINDOW ? MAX_WINDOW : Math.floor(MAX_WINDOW / segment) * segment;
  }

  /** Milliseconds from a random start, as tcp_time_stamp with its offset per connection. */
  get #timestamp(): number {
    return (this.#timestampOffset + Math.floor(this.#table.netns.kernel.clock.now / 1000)) >>> 0;
  }

  /** Path MTU discovery: what is in flight is cut anew and sent again. */
  #reduceMss(mtu: number): void {
    const mss = mtu - (typeof this.remote === "number" ? 40 : 60) - OPTION_BYTES;
    if (mss >= this.#mss || mss < 48) return;
    this.#mss = mss;
    const data = this.#flight.filter((sent) => sent.text !== "");
    const first = data[0];
    if (!first) return;
    this.#unsent = data.map((sent) => sent.text).join("") + this.#unsent;
    this.#flight = [];
    this.#sndNxt = first.seq;
    if (this.#finSent) {
      this.#finSent = false;
      this.state = this.state === "LAST-ACK" ? "CLOSE-WAIT" : "ESTABLISHED";
    }
    this.#congestionWindow = INITIAL_SEGMENTS * mss;
    // Not from within the send that has just failed.
    this.#table.netns.kernel.clock.after(0, () => this.#output());
  }

  #rearm(): void {
    const { clock } = this.#table.netns.kernel;
    if (this.#timer) clock.cancel(this.#timer);
    this.#timer = undefined;
    if (this.#flight.length === 0 || this.state === "CLOSE") return;
    this.#timer = clock.after(this.#rto.timeout + TICK, () => this.#timeout(), this.#orphan);
  }

  /** The retransmission timer has fired (tcp_retransmit_timer). */
  #timeout(): void {
    this.#timer = undefined;
    const first = this.#flight[0];
    if (!first) return;
    this.#retries++;
    this.#count(TCP_TIMEOUTS);
    if (this.#retries > this.#retryLimit) {
      if (this.state !== "SYN-SENT" && this.state !== "SYN-RECV") this.#count(TCP_ABORT_ON_TIMEOUT);
      this.#finish(this.#softError ?? "ETIMEDOUT");
      return;
    }
    this.#slowStartThreshold = Math.max(seqDiff(this.#sndNxt, this.#sndUna) / 2, 2 * this.#mss);
    this.#congestionWindow = this.#mss;
    if (this.#flight.length > 1) this.#recover = this.#sndNxt;
    // The first few timeouts of a SYN do not double (net.ipv4.tcp_syn_linear_timeouts).
    if (this.state !== "SYN-SENT" || this.#retries > this.#sysctl("net.ipv4.tcp_syn_linear_timeouts", 4)) this.#rto.backOff();
    this.#rearm();
    // A retransmission is nobody's consequence.
    this.#cause = 0;
    this.#resend(first);
  }

  get #retryLimit(): number {
    if (this.state === "SYN-SENT") return this.#sysctl("net.ipv4.tcp_syn_retries", 6) + this.#sysctl("net.ipv4.tcp_syn_linear_timeouts", 4);
    if (this.state === "SYN-RECV") return this.#sysctl("net.ipv4.tcp_synack_retries", 5);
    // net.ipv4.tcp_orphan_retries of 0 stands for 8.
    return this.#orphan ? this.#sysctl("net.ipv4.tcp_orphan_retries", 0) || 8 : this.#sysctl("net.ipv4.tcp_retries2", 15);
  }

  #sysctl(key: string, otherwise: number): number {
    const value = this.#table.netns.sysctl.get(key);
    return value === undefined ? otherwise : Number(value);
  }

  #count(place: number, by = 1): void {
    this.#table.netns.statistics.count(place, by);
  }

  #enterTimeWait(): void {
    this.state = "TIME-WAIT";
    this.#flight.length = 0;
    this.#rearm();
    this.#lingerFor(TIME_WAIT);
    this.changed.wake();
  }

  #lingerFor(delay: number): void {
    const { clock } = this.#table.netns.kernel;
    if (this.#closeTimer) clock.cancel(this.#closeTimer);
    this.#closeTimer = clock.after(
      delay,
      () => {
        if (this.state === "TIME-WAIT") this.#count(TCP_TIME_WAIT);
        this.#finish(undefined);
      },
      true,
    );
  }

  #finish(error: SocketErrno | undefined): void {
    if (this.state === "CLOSE") return;
    const listener = this.#listener;
    this.#listener = undefined;
    // tcp_set_state and tcp_done.
    if (this.state === "SYN-SENT" || this.state === "SYN-RECV") this.#count(TCP_ATTEMPT_FAILS);
    else if (this.state === "ESTABLISHED" || this.state === "CLOSE-WAIT") this.#count(TCP_ESTAB_RESETS);
    this.state = "CLOSE";
    this.error = error;
    this.#flight.length = 0;
    this.#unsent = "";
    this.#outOfOrder.clear();
    this.#rearm();
    const { clock } = this.#table.netns.kernel;
    if (this.#closeTimer) clock.cancel(this.#closeTimer);
    this.#table.forgetConnection(this);
    listener?.failed(this);
    this.changed.wake();
  }

  #traceArrival(skb: Skb, packet: IpPacket): void {
    const { netns } = this.#table;
    if (netns.kernel.trace.hops) this.#hops.receive(netns, skb, this.localPort, packet);
  }
}
