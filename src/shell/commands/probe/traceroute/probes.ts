/** Probes and what comes back to them: one way of probing for each method of traceroute. */
import { type Ip, isMulticast } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import type { SendErrno } from "../../../../kernel/inet/inet.ts";
import type { RawSocket, ReceivedPacket } from "../../../../kernel/socket/raw.ts";
import type { UdpSocket } from "../../../../kernel/socket/udp.ts";
import { anyOf, type Wait } from "../../../../kernel/task.ts";
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from "../../../../kernel/wire/length.ts";
import {
  type IcmpMessage,
  type IpPacket,
  NO_PAYLOAD,
  PROTO_ICMP,
  PROTO_ICMPV6,
  PROTO_TCP,
  PROTO_UDP,
  TCP_SYN,
  type Transport,
} from "../../../../kernel/wire/packet.ts";
import type { Process } from "../../../command.ts";
import { wholeBody } from "../icmp-text.ts";
import type { Method } from "./options.ts";

/** One probe: when it went, who answered when, what traceroute appends to the time, and whether the journey ends here. */
export interface Probe {
  sentAt: number | undefined;
  receivedAt: number | undefined;
  from: Ip | undefined;
  note: string;
  final: boolean;
  done: boolean;
}

export const newProbe = (): Probe => ({ sentAt: undefined, receivedAt: undefined, from: undefined, note: "", final: false, done: false });

export interface ProbeTarget {
  readonly dst: Ip;
  readonly src: Ip | undefined;
  readonly dev: NetDevice | undefined;
  readonly method: Method;
  readonly port: number | undefined;
  readonly tos: number | undefined;
  readonly mark: number | undefined;
  /** Bytes of the whole packet. */
  readonly length: number;
  readonly dontFragment: boolean;
  readonly discoversMtu: boolean;
}

const UDP_BASE_PORT = 33434;
const UDP_PORT = 53;
const TCP_PORT = 80;
const HEADER_LENGTH = 8;
const ICMP_FRAGMENTATION_NEEDED = 4;

/** What is appended for each code of "destination unreachable". */
const NOTES4: readonly string[] = ["!N", "!H", "!P", "", "!F", "!S", "!U", "!W", "!I", "!X", "!X", "!T", "!T", "!X", "!V", "!C"];
const NOTES6: readonly string[] = ["!N", "!X", "!S", "!H", ""];

/** Sends probes and finds whose answer a packet is. */
export class Prober {
  readonly process: Process;
  readonly target: ProbeTarget;
  #raw: RawSocket;
  #errors: RawSocket;
  /** Owns the port that UDP probes come from. */
  #udp: UdpSocket | undefined;
  #identifier: number;
  #ports: number;
  /** Bytes of the packets that are sent now. */
  #length: number;

  constructor(process: Process, target: ProbeTarget) {
    this.process = process;
    this.target = target;
    this.#length = target.length;
    const { sockets, kernel } = process.netns;
    const owner = { process: "traceroute", pid: process.pid };
    const family = typeof target.dst === "number" ? 4 : 6;
    const icmp = family === 4 ? PROTO_ICMP : PROTO_ICMPV6;
    this.#errors = sockets.raw(owner, family, icmp);
    const protocol = target.method === "icmp" ? icmp : target.method === "tcp" ? PROTO_TCP : PROTO_UDP;
    this.#raw = protocol === icmp ? this.#errors : sockets.raw(owner, family, protocol);
    this.#identifier = 1 + kernel.random.below(0xffff);
    this.#ports = 32768 + kernel.random.below(16384);
    if (protocol !== PROTO_UDP) return;
    const socket = sockets.udp(owner, { family, port: 0 });
    if (typeof socket !== "string") this.#udp = socket;
  }

  get readable(): Wait {
    return this.#raw === this.#errors ? this.#errors.readable : anyOf(this.#raw.readable, this.#errors.readable);
  }

  close(): void {
    this.#errors.close();
    if (this.#raw !== this.#errors) this.#raw.close();
    this.#udp?.close();
  }

  /** --mtu: the packets must not be longer; noted once, at the probe that found out. False when they are not. */
  shorten(probe: Probe, mtu: number): boolean {
    if (!this.target.discoversMtu || mtu >= this.#length) return false;
    this.#length = mtu;
    probe.note = `F=${mtu}`;
    return true;
  }

  /** Sends the probe with this number (from 0); an errno when the stack refuses it. */
  send(number: number, ttl: number): SendErrno | undefined {
    const { dst, src, dev, tos, mark, dontFragment } = this.target;
    const sent = this.#raw.send({ dst, src, dev, tos, mark, ttl, df: dontFragment, body: this.#body(number) });
    return typeof sent === "string" ? sent : undefined;
  }

  /** Takes what has come and hands each answer to the probe that it belongs to. */
  collect(probes: readonly Probe[]): void {
    for (const socket of this.#raw === this.#errors ? [this.#errors] : [this.#errors, this.#raw]) {
      for (let received = socket.receive(); received; received = socket.receive()) this.#match(received, probes);
    }
  }

  #body(number: number): Transport {
    const { method, dst } = this.target;
    const header = typeof dst === "number" ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
    const dataLength = Math.max(0, this.#length - header - HEADER_LENGTH);
    switch (method) {
      case "icmp":
        return {
          kind: "icmp",
          type: header === IPV4_HEADER_LENGTH ? 8 : 128,
          code: 0,
          id: this.#identifier,
          sequence: number + 1,
          dataLength,
        };
      case "tcp":
        return {
          kind: "tcp",
          srcPort: this.#ports + number,
          dstPort: this.target.port ?? TCP_PORT,
          seq: this.#identifier * 65536 + number,
          ack: 0,
          flags: TCP_SYN,
          window: 5840,
          mss: 1460,
          payload: NO_PAYLOAD,
        };
      default:
        return {
          kind: "udp",
          srcPort: this.#udp?.localPort ?? this.#ports,
          dstPort: method === "udp" ? (this.target.port ?? UDP_PORT) : ((this.target.port ?? UDP_BASE_PORT) + number) & 0xffff,
          payload: { kind: "zeros", length: dataLength },
        };
    }
  }

  #match({ packet, at }: ReceivedPacket, probes: readonly Probe[]): void {
    const body = wholeBody(packet);
    if (body.kind === "icmp" && body.original) {
      const probe = this.#probeOf(wholeBody(body.original), body.original, probes, false);
      if (probe) this.#explained(probe, packet, body, at);
      return;
    }
    const probe = this.#probeOf(body, packet, probes, true);
    if (!probe || probe.done) return;
    Object.assign(probe, { from: packet.src, receivedAt: at, final: true, done: true });
  }

  /** The probe that a transport header belongs to; `answer`: the header is that of the other side. */
  #probeOf(body: Transport, packet: IpPacket, probes: readonly Probe[], answer: boolean): Probe | undefined {
    const { dst, method } = this.target;
    if (answer ? packet.src !== dst && !isMulticast(dst) : packet.dst !== dst) return undefined;
    let number = -1;
    if (body.kind === "icmp" && method === "icmp") {
      const reply = body.type === 0 || body.type === 129;
      if (body.id === this.#identifier && reply === answer) number = body.sequence - 1;
    } else if (body.kind === "tcp" && method === "tcp") number = (answer ? body.dstPort : body.srcPort) - this.#ports;
    else if (body.kind === "udp" && (method === "default" || method === "udp")) {
      const own = answer ? body.dstPort : body.srcPort;
      if (own !== (this.#udp?.localPort ?? this.#ports)) return undefined;
      // With one port for all probes the oldest that waits is meant.
      if (method === "udp") return probes.find((probe) => probe.sentAt !== undefined && !probe.done);
      number = ((answer ? body.srcPort : body.dstPort) - (this.target.port ?? UDP_BASE_PORT)) & 0xffff;
    }
    const probe = probes[number];
    return probe?.sentAt === undefined ? undefined : probe;
  }

  #explained(probe: Probe, packet: IpPacket, message: IcmpMessage, at: number): void {
    if (probe.done) return;
    const four = typeof packet.src === "number";
    const unreachable = message.type === (four ? 3 : 1);
    const exceeded = message.type === (four ? 11 : 3);
    const tooBig = four ? unreachable && message.code === ICMP_FRAGMENTATION_NEEDED : message.type === 2;
    if (!unreachable && !exceeded && !tooBig) return;
    if (tooBig && this.shorten(probe, message.mtu ?? 0)) {
      probe.sentAt = undefined;
      return;
    }
    let { note } = probe;
    if (tooBig) note = `!F-${message.mtu ?? 0}`;
    else if (unreachable) note = (four ? NOTES4 : NOTES6)[message.code] ?? `!<${message.code}>`;
    Object.assign(probe, { from: packet.src, receivedAt: at, note, final: !exceeded, done: true });
  }
}
