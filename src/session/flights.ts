/** Packets in motion, read from the trace: what the packet layer draws at a virtual time. */
import { formatIp } from "../kernel/address.ts";
import type { Hop, Trace } from "../kernel/trace.ts";
import type { IpPacket, NetworkPacket, Transport } from "../kernel/wire/packet.ts";

/** The protocols that have a colour. */
export type FlightProtocol = "ARP" | "ICMP" | "DNS" | "TCP" | "UDP";

/** A frame crossing from one device to its peer. Times in µs of virtual time; devices by uid. */
export interface Flight {
  readonly packet: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly protocol: FlightProtocol;
  /** What the pill says: "who has 172.18.0.3?", "echo → 18.0.3", "A? alicek106". */
  readonly label: string;
  /** Sent unasked (gratuitous ARP, unsolicited advertisement): nobody waits for it. */
  readonly announcement: boolean;
}

/** Where a packet ended, or what was done to it, to be shown at a device or a netns for a while after `t`. */
export interface Mark {
  readonly hop: Hop;
  readonly protocol: FlightProtocol;
  readonly label: string;
}

export function protocolOf(packet: NetworkPacket): FlightProtocol {
  if (packet.kind === "arp") return "ARP";
  const body = wholeOf(packet.body);
  if (body.kind === "icmp") return body.target !== undefined && body.type !== 5 ? "ARP" : "ICMP";
  if (body.kind === "tcp") return body.srcPort === 53 || body.dstPort === 53 ? "DNS" : "TCP";
  if (body.kind === "udp") return body.payload.kind === "dns" ? "DNS" : "UDP";
  return "UDP";
}

/** Whether a packet announces its sender's own address. */
const announces = (packet: NetworkPacket): boolean =>
  packet.kind === "arp" ? packet.senderIp === packet.targetIp : isUnsolicitedAdvertisement(packet);

function isUnsolicitedAdvertisement(packet: IpPacket): boolean {
  return packet.body.kind === "icmp" && packet.body.type === 136 && packet.body.target !== undefined && packet.body.solicited !== true;
}

const wholeOf = (body: Transport): Transport => (body.kind === "fragment" ? body.whole : body);

/** The last two octets are what tells addresses of one stage apart. */
const short = (ip: number | bigint): string =>
  typeof ip === "number" ? formatIp(ip).split(".").slice(2).join(".") : formatIp(ip).replace(/^.*(::?[^:]*)$/, "…$1");

const ERROR_LABELS: Readonly<Record<string, string>> = {
  "4/3": "unreachable",
  "4/11": "TTL exceeded",
  "4/5": "redirect",
  "6/1": "unreachable",
  "6/2": "too big",
  "6/3": "hop limit exceeded",
};

/** The words on a packet's pill: the protocol's own, as short as they can be. */
export function labelOf(packet: NetworkPacket): string {
  if (packet.kind === "arp") {
    if (packet.senderIp === packet.targetIp) return `${short(packet.senderIp)} is here`;
    return packet.op === "request"
      ? `who has ${short(packet.targetIp)}?`
      : `${short(packet.senderIp)} is at …${packet.senderMac.slice(-5)}`;
  }
  const body = wholeOf(packet.body);
  const six = typeof packet.dst === "bigint";
  if (body.kind === "icmp") {
    if (six && body.type === 135) return `who has ${short(body.target ?? packet.dst)}?`;
    if (six && body.type === 136) return `${short(body.target ?? packet.src)} is here`;
    if (body.type === (six ? 128 : 8)) return `echo → ${short(packet.dst)}`;
    if (body.type === (six ? 129 : 0)) return `reply → ${short(packet.dst)}`;
    return ERROR_LABELS[`${six ? 6 : 4}/${body.type}`] ?? `ICMP ${body.type}`;
  }
  if (body.kind === "udp" && body.payload.kind === "dns") {
    const { message } = body.payload;
    const name = message.question.name.replace(/\.$/, "");
    if (!message.response) return `${message.question.type}? ${name}`;
    return message.answers.length > 0
      ? message.answers
          .map((answer) => answer.data)
          .join(", ")
          .slice(0, 28)
      : message.status;
  }
  if (body.kind === "udp") return `UDP → ${short(packet.dst)}:${body.dstPort}`;
  if (body.kind === "tcp") return `${tcpFlags(body.flags)} → ${short(packet.dst)}:${body.dstPort}`;
  return `→ ${short(packet.dst)}`;
}

function tcpFlags(flags: number): string {
  const names = [
    [2, "SYN"],
    [1, "FIN"],
    [4, "RST"],
    [8, "data"],
    [16, "ACK"],
  ] as const;
  const set = names.filter(([bit]) => flags & bit).map(([, name]) => name);
  return (set.length > 1 && set[0] !== "SYN" ? set.filter((name) => name !== "ACK") : set).join("·") || "TCP";
}

/** Reads new hops as the trace grows and keeps those that are still worth drawing. */
export class FlightWatch {
  #trace: Trace;
  #read: number;
  #flights: Flight[] = [];
  #marks: Mark[] = [];

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.end;
  }

  /** Takes in what is new. `now` and `keep` in µs: marks older than `keep` are forgotten, flights once they have landed. */
  update(now: number, keep: number): void {
    for (; this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind !== "hop") continue;
      const packet = entry.after ?? entry.before;
      if (entry.decision?.by === "link") {
        const { peer, takes } = entry.decision;
        const protocol = protocolOf(packet);
        this.#flights.push({
          packet: entry.packet,
          from: entry.device,
          to: peer,
          start: entry.t,
          end: entry.t + takes,
          protocol,
          label: labelOf(packet),
          announcement: announces(packet),
        });
      } else if (entry.verdict === "drop" || entry.point === "nat" || entry.verdict === "deliver")
        this.#marks.push({ hop: entry, protocol: protocolOf(packet), label: labelOf(packet) });
    }
    this.#flights = this.#flights.filter((flight) => flight.end > now);
    this.#marks = this.#marks.filter((mark) => mark.hop.t >= now - keep);
  }

  /** Frames on a cable now. */
  get flights(): readonly Flight[] {
    return this.#flights;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }
}
