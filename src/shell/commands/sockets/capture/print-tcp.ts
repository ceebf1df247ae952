/** TCP segments as tcpdump prints them (print-tcp.c), with sequence numbers counted from the start of a conversation. */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import { packetBytes } from "../../../../kernel/wire/bytes.ts";
import { payloadLength } from "../../../../kernel/wire/length.ts";
import { type IpPacket, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type TcpSegment } from "../../../../kernel/wire/packet.ts";

const FLAGS: readonly (readonly [number, string])[] = [
  [TCP_FIN, "F"],
  [TCP_SYN, "S"],
  [TCP_RST, "R"],
  [TCP_PSH, "P"],
  [TCP_ACK, "."],
];

const HTTP_PORTS = new Set([80, 8080, 3128]);
const HTTP_START = /^(?:GET|HEAD|PUT|POST|DELETE|OPTIONS|TRACE|CONNECT|PATCH|HTTP\/1\.[01]) /;

interface Conversation {
  /** Sequence number from which the smaller end counts, and the greater one. */
  seq: number;
  ack: number;
}

/** The conversations seen so far, for relative sequence numbers. */
export class TcpPrinter {
  #absolute: boolean;
  #conversations = new Map<string, Conversation>();

  constructor(absolute: boolean) {
    this.#absolute = absolute;
  }

  /** Everything after "A > B: ". */
  print(packet: IpPacket, tcp: TcpSegment, verbosity: number, quiet: boolean): string {
    const length = payloadLength(tcp.payload);
    if (quiet) return `tcp ${length}`;
    const { seq, ack } = this.#relative(packet.src, packet.dst, tcp);
    const flags = FLAGS.map(([bit, sign]) => (tcp.flags & bit ? sign : "")).join("") || "none";
    let text = `Flags [${flags}]`;
    if (verbosity > 0 && packet.body.kind === "tcp") text += `, cksum 0x${checksumOf(packet).toString(16).padStart(4, "0")} (correct)`;
    if (length > 0) text += `, seq ${seq}:${(seq + length) >>> 0}`;
    else if (verbosity > 1 || tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)) text += `, seq ${seq}`;
    if (tcp.flags & TCP_ACK) text += `, ack ${ack}`;
    text += `, win ${tcp.window}${options(tcp)}, length ${length}`;
    return text + payload(tcp, length, verbosity);
  }

  #relative(src: Ip, dst: Ip, tcp: TcpSegment): { readonly seq: number; readonly ack: number } {
    const { seq, ack } = tcp;
    if (this.#absolute || !(tcp.flags & TCP_ACK)) return { seq, ack };
    const ends = [`${formatIp(src)}.${tcp.srcPort}`, `${formatIp(dst)}.${tcp.dstPort}`] as const;
    const reversed = ends[0] > ends[1];
    const key = reversed ? `${ends[1]} ${ends[0]}` : `${ends[0]} ${ends[1]}`;
    const known = this.#conversations.get(key);
    if (!known || tcp.flags & TCP_SYN) {
      const before = (ack - 1) >>> 0;
      this.#conversations.set(key, reversed ? { ack: seq, seq: before } : { seq, ack: before });
      return { seq, ack };
    }
    const [own, other] = reversed ? [known.ack, known.seq] : [known.seq, known.ack];
    return { seq: (seq - own) >>> 0, ack: (ack - other) >>> 0 };
  }
}

function checksumOf(packet: IpPacket): number {
  const bytes = packetBytes(packet);
  const at = (typeof packet.src === "number" ? 20 : 40) + 16;
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function options(tcp: TcpSegment): string {
  const stamps = tcp.timestamps && `TS val ${tcp.timestamps.value} ecr ${tcp.timestamps.echo}`;
  if (tcp.flags & TCP_SYN)
    return `, options [mss ${tcp.mss ?? 536},sackOK,${stamps ?? "TS val 0 ecr 0"},nop,wscale ${tcp.windowScale ?? 0}]`;
  return stamps && !(tcp.flags & TCP_RST) ? `, options [nop,nop,${stamps}]` : "";
}

/** HTTP is recognised by its ports: the first line of a head, or with -v all of it. */
function payload(tcp: TcpSegment, length: number, verbosity: number): string {
  if (length === 0 || (!HTTP_PORTS.has(tcp.srcPort) && !HTTP_PORTS.has(tcp.dstPort))) return "";
  const text = tcp.payload.kind === "text" ? tcp.payload.text : "";
  const head = HTTP_START.test(text);
  if (verbosity === 0) return head ? `: HTTP: ${(text.split(/\r?\n/)[0] as string).trimEnd()}` : ": HTTP";
  const lines = head ? text.split(/\r?\n/).slice(0, -1) : [];
  return `: HTTP, length: ${length}${lines.map((line) => `\n\t${line}`).join("")}`;
}
