/** A run of ping: sends requests in time, prints what comes back (iputils, ping/ping_common.c main_loop and pinger). */
import { formatIp, type Ip, isLinkLocal, isMulticast } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import type { SendErrno } from "../../../../kernel/inet/inet.ts";
import type { RawSocket, ReceivedPacket } from "../../../../kernel/socket/raw.ts";
import { anyOf, type Op, Signal, sleep } from "../../../../kernel/task.ts";
import { IPV4_HEADER_LENGTH, RECORD_ROUTE_LENGTH } from "../../../../kernel/wire/length.ts";
import { type IcmpMessage, PROTO_ICMP, PROTO_ICMPV6 } from "../../../../kernel/wire/packet.ts";
import type { Process } from "../../../command.ts";
import { icmp6Text, icmpText, wholeBody } from "../icmp-text.ts";
import { type AddressNames, ERRNO_TEXT } from "../names.ts";
import type { PingOptions } from "./options.ts";
import { milliseconds, PingStatistics } from "./statistics.ts";

/** Where to, where from. */
export interface PingPath {
  readonly dst: Ip;
  /** Given by -I as an address. */
  readonly src: Ip | undefined;
  readonly dev: NetDevice | undefined;
}

/** A request that large carries the time at which it was sent: struct timeval. */
const CLOCK_LENGTH = 16;
/** A sleeping process wakes up to a tick late. */
const WAKE_DELAY = 1000;
/** Unanswered floods and adaptive pings go out no faster than 100 a second. */
const MIN_INTERVAL = 10_000;
const ICMP_HEADER_LENGTH = 8;
/** µs in which an ICMP message of the host to itself has come through loopback. */
const ERROR_MESSAGE_TIME = 20;

export class PingSession {
  readonly process: Process;
  readonly options: PingOptions;
  readonly path: PingPath;
  readonly names: AddressNames;
  readonly statistics = new PingStatistics();
  #socket: RawSocket;
  #identifier: number;
  #started: number;
  #lastEvent: number;
  #nextSend: number;
  /** When to give up: the deadline, or some time after the last request. */
  #end: number | undefined;
  #lingering = false;
  /** When each request was sent, by sequence number. */
  #sentAt = new Map<number, number>();
  #dots = 0;
  #lastRoute = "";

  constructor(process: Process, options: PingOptions, path: PingPath, names: AddressNames) {
    this.process = process;
    this.options = options;
    this.path = path;
    this.names = names;
    const { netns } = process;
    const four = typeof path.dst === "number";
    const owner = { process: "ping", pid: process.pid };
    this.#socket = netns.sockets.raw(owner, four ? 4 : 6, four ? PROTO_ICMP : PROTO_ICMPV6);
    this.#identifier = options.identifier ?? 1 + netns.kernel.random.below(0xffff);
    const { now } = netns.kernel.clock;
    this.#started = now;
    this.#lastEvent = now;
    this.#nextSend = now;
    this.#end = options.deadline === undefined ? undefined : now + options.deadline;
  }

  /** Runs until the count is reached, time is up or Ctrl-C; prints the statistics and gives the exit status. */
  *run(): Op<number> {
    try {
      yield* this.#loop();
    } catch (thrown) {
      if (!(thrown instanceof Signal) || thrown.name !== "INT") throw thrown;
    } finally {
      this.#socket.close();
    }
    return this.#finish();
  }

  *#loop(): Op<void> {
    const { options, statistics } = this;
    const { clock } = this.process.netns.kernel;
    for (let i = 1; i < options.preload && !this.#allSent; i++) yield* this.#send();
    for (;;) {
      while (!this.#done && clock.now >= this.#nextSend && !this.#allSent) yield* this.#send();
      if (this.#allSent && options.deadline === undefined) this.#linger();
      yield* this.#receiveAll();
      if (this.#done) return;
      if (this.#end !== undefined && clock.now >= this.#end) return;
      if (statistics.inFlight < options.preload) this.#hurry();
      const next = Math.min(this.#allSent ? Number.POSITIVE_INFINITY : this.#nextSend, this.#end ?? Number.POSITIVE_INFINITY);
      if (next <= clock.now) continue;
      if (next === Number.POSITIVE_INFINITY) yield this.#socket.readable;
      else yield anyOf(this.#socket.readable, sleep(next - clock.now));
    }
  }

  get #allSent(): boolean {
    const { count, deadline } = this.options;
    return count !== undefined && this.statistics.transmitted >= count && deadline === undefined;
  }

  get #done(): boolean {
    const { count, deadline } = this.options;
    const { received, errors } = this.statistics;
    return (count !== undefined && received + errors >= count) || (deadline !== undefined && errors > 0);
  }

  /** After the last request: twice the longest round trip, at least an interval; or -W when nothing has come at all. */
  #linger(): void {
    if (this.#lingering) return;
    this.#lingering = true;
    const { statistics, options } = this;
    const wait = statistics.received ? Math.max(2 * statistics.longest, options.interval) : options.linger;
    this.#end = this.process.netns.kernel.clock.now + wait;
  }

  /** Adaptive and flood: the next request goes as soon as an answer is there. */
  #hurry(): void {
    if (!this.#paced) this.#nextSend = Math.min(this.#nextSend, this.process.netns.kernel.clock.now);
  }

  /** Whether the socket is a raw one, whose identifier is ping's own: ICMP sockets are for the groups of ping_group_range. */
  get #raw(): boolean {
    const [low = 1, high = 0] = (this.process.netns.sysctl.get("net.ipv4.ping_group_range") ?? "").split(/\s+/).map(Number);
    return this.options.identifier !== undefined || low > high;
  }

  /** Whether requests go out at a fixed pace, not as answers come. */
  get #paced(): boolean {
    return this.options.interval > 0 && !this.options.flood && !this.options.adaptive;
  }

  *#send(): Op<void> {
    const { options, statistics, path, process } = this;
    const { inet, kernel } = process.netns;
    const { now } = kernel.clock;
    if (options.outstanding && statistics.transmitted > 0 && !statistics.hasAnswer(statistics.transmitted)) {
      this.#print(`no answer yet for icmp_seq=${statistics.transmitted}\n`);
    }
    const sequence = statistics.transmitted + 1;
    const four = typeof path.dst === "number";
    const body: IcmpMessage = {
      kind: "icmp",
      type: four ? 8 : 128,
      code: 0,
      id: this.#identifier,
      sequence: sequence & 0xffff,
      dataLength: options.size,
    };
    // MSG_CONFIRM: answers have come, so the neighbour is there.
    if (statistics.received > 0) {
      const route = inet.fib.lookup(path.dst, undefined, path.dev);
      if (route?.dev) inet.neighbours.confirm(route.nextHop, route.dev);
    }
    statistics.transmitted = sequence;
    this.#sentAt.set(sequence, now);
    if (this.#sentAt.size > 0xffff) this.#sentAt.delete(sequence - 0xffff);
    this.#lastEvent = now;
    this.#nextSend = now + (this.#paced ? options.interval + WAKE_DELAY : Math.max(options.interval, MIN_INTERVAL));
    if (options.onLink && inet.fib.lookup(path.dst, path.src, path.dev)?.route.via !== undefined) {
      yield* this.#failed("ENETUNREACH");
      return;
    }
    const sent = this.#socket.send({
      src: path.src,
      dst: path.dst,
      dev: path.dev,
      body,
      ttl: options.ttl,
      tos: options.tos,
      mark: options.mark,
      df: options.discovery,
      recorded: options.recordRoute && four ? [] : undefined,
    });
    if (typeof sent === "string") yield* this.#failed(sent);
    else if (options.flood && !options.quiet) {
      this.#dots++;
      process.stdout.write(".");
    }
  }

  /**
   * The request could not be sent. Only with an error message to go by is that told (pinger, receive_error_msg): of a packet that
   * is too long the socket says so itself; for one that a rule rejects the ICMP message is there before sendmsg() returns; a rule
   * that drops leaves none.
   */
  *#failed(errno: SendErrno): Op<void> {
    const { statistics, options, process } = this;
    if (errno === "EMSGSIZE") statistics.errors++;
    else {
      yield sleep(ERROR_MESSAGE_TIME);
      const { errors } = statistics;
      yield* this.#receiveAll();
      if (statistics.errors === errors) return;
    }
    if (options.flood) process.stdout.write("E");
    else if (!options.quiet) process.stderr.write(`ping: sendmsg: ${ERRNO_TEXT[errno] ?? errno}\n`);
  }

  *#receiveAll(): Op<void> {
    for (let packet = this.#socket.receive(); packet; packet = this.#socket.receive()) {
      yield* this.#received(packet);
      if (this.#done) return;
    }
  }

  *#received(received: ReceivedPacket): Op<void> {
    const { packet } = received;
    // A socket that is bound to a device hears nothing that comes in by another, by loopback for one.
    if (this.path.dev && received.dev && received.dev !== this.path.dev) return;
    const message = wholeBody(packet);
    if (message.kind !== "icmp") return;
    const four = typeof packet.src === "number";
    if (message.type === (four ? 0 : 129)) {
      if (message.id === this.#identifier) yield* this.#answered(received, message);
      return;
    }
    const about = message.original && wholeBody(message.original);
    if (about?.kind !== "icmp" || about.id !== this.#identifier || about.type !== (four ? 8 : 128)) return;
    this.#lastEvent = this.process.netns.kernel.clock.now;
    const sequence = this.#unwrap(about.sequence);
    // A redirect is advice, the packet itself has gone on.
    if (message.type === 5 || message.type === 137) this.statistics.acknowledge(sequence);
    else this.statistics.error(sequence);
    const { quiet, flood } = this.options;
    if (quiet) return;
    if (flood) {
      this.process.stdout.write("\bE");
      return;
    }
    const from = yield* this.names.format(packet.src);
    this.#print(`From ${from} icmp_seq=${sequence} ${four ? icmpText(message) : icmp6Text(message)}\n`);
  }

  *#answered(received: ReceivedPacket, message: IcmpMessage): Op<void> {
    const { options, statistics } = this;
    const { packet, at } = received;
    const sequence = this.#unwrap(message.sequence);
    const sentAt = this.#sentAt.get(sequence);
    const time = message.dataLength >= CLOCK_LENGTH && sentAt !== undefined ? Math.max(1, at - sentAt) : undefined;
    this.#lastEvent = this.process.netns.kernel.clock.now;
    const repeated = statistics.answer(sequence, time);
    if (options.quiet) return;
    if (options.flood) {
      if (this.#dots > 0) {
        this.#dots--;
        this.process.stdout.write("\b \b");
      }
      return;
    }
    const from = withScope(yield* this.names.format(packet.src), packet.src, received.dev);
    let line = `${message.dataLength + ICMP_HEADER_LENGTH} bytes from ${from}: icmp_seq=${sequence}${options.verbose && this.#raw ? ` ident=${message.id}` : ""} ttl=${packet.ttl}`;
    if (time !== undefined) line += ` time=${options.precise ? milliseconds(time) : roundedTime(time)} ms`;
    if (repeated) line += " (DUP!)";
    this.#print(`${line}${yield* this.#routeText(packet.recorded)}${options.audible ? "\x07" : ""}\n`);
  }

  /** What the record route option holds, unless it is as the time before (pr_options). */
  *#routeText(recorded: readonly Ip[] | undefined): Op<string> {
    if (!recorded) return "";
    const key = recorded.join();
    if (key === this.#lastRoute) return "\t(same route)";
    this.#lastRoute = key;
    const lines: string[] = [];
    for (const ip of recorded) lines.push(`\t${yield* this.names.format(ip)}\n`);
    return `\nRR: ${lines.join("")}`;
  }

  /** The whole number of a request from its 16 bits on the wire. */
  #unwrap(sequence: number): number {
    const { transmitted } = this.statistics;
    return transmitted - ((transmitted - sequence) & 0xffff);
  }

  #print(text: string): void {
    if (this.options.quiet) return;
    const { stdout, netns } = this.process;
    if (!this.options.timestamps) {
      stdout.write(text);
      return;
    }
    const { kernel } = netns;
    const micros = kernel.epoch * 1000 + kernel.clock.now;
    stdout.write(`[${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}] ${text}`);
  }

  #finish(): number {
    const { options, statistics, process } = this;
    const timing = options.size >= CLOCK_LENGTH;
    const summary = statistics.summary(this.#lastEvent - this.#started, timing, this.#paced);
    process.stdout.write(`\n--- ${options.target} ping statistics ---\n${summary}`);
    const { received } = statistics;
    return received === 0 || (options.deadline !== undefined && received < (options.count ?? 0)) ? 1 : 0;
  }
}

/** A round trip in ms with as many decimals as make sense: 0.231, 1.07, 10.4, 120. */
function roundedTime(time: number): string {
  if (time >= 100_000 - 50) return String(Math.floor((time + 500) / 1000));
  if (time >= 10_000 - 5) return `${Math.floor((time + 50) / 1000)}.${Math.floor(((time + 50) % 1000) / 100)}`;
  if (time >= 1000) return `${Math.floor((time + 5) / 1000)}.${String(Math.floor(((time + 5) % 1000) / 10)).padStart(2, "0")}`;
  return milliseconds(time);
}

/** An address that means something on one link only is told with that link's device (getnameinfo with a scope id). */
const withScope = (text: string, ip: Ip, dev: NetDevice | undefined): string =>
  typeof ip === "bigint" && (isLinkLocal(ip) || isMulticast(ip)) && dev ? `${text}%${dev.name}` : text;

/** The first line: "PING host (address) from … : 56(84) bytes of data." */
export function pingHeader(options: PingOptions, dst: Ip, dev: NetDevice | undefined, from: string | undefined): string {
  const { size, target, recordRoute } = options;
  const header = IPV4_HEADER_LENGTH + (recordRoute ? RECORD_ROUTE_LENGTH : 0);
  const head = `PING ${target} (${withScope(formatIp(dst), dst, dev)})${from === undefined ? "" : ` from ${from}:`}`;
  if (typeof dst !== "number") return `${head} ${size} data bytes\n`;
  return `${head} ${size}(${size + ICMP_HEADER_LENGTH + header}) bytes of data.\n`;
}
