/** Capture filters: the part of pcap-filter(7) that people use, compiled to a predicate over packets. */
import { contains, type Ip, isGroupMac, type Prefix, parseIp, parseMac, parsePrefix } from "../../../../kernel/address.ts";
import type { CapturedFrame } from "../../../../kernel/socket/packet.ts";
import type { Op } from "../../../../kernel/task.ts";
import { frameBytes, packetBytes } from "../../../../kernel/wire/bytes.ts";
import { frameLength } from "../../../../kernel/wire/length.ts";
import {
  type IpPacket,
  PROTO_ICMP,
  PROTO_ICMPV6,
  PROTO_TCP,
  PROTO_UDP,
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  type Transport,
} from "../../../../kernel/wire/packet.ts";
import type { Process } from "../../../command.ts";
import { parsePort } from "../../../port-names.ts";
import { ResolveError, resolveHost } from "../../../resolver.ts";

export type FrameFilter = (frame: CapturedFrame) => boolean;

/** Headers whose bytes can be asked for. */
const HEADERS = ["ether", "ip", "icmp", "tcp", "udp"] as const;
type Header = (typeof HEADERS)[number];
const isHeader = (word: string): word is Header => HEADERS.some((header) => header === word);

/** Names for offsets. */
const OFFSETS: Readonly<Record<string, number>> = { tcpflags: 13, icmptype: 0, icmpcode: 1 };

/** The bytes from a header on; undefined where a frame has no such header. */
function headerOf({ eth, packet }: CapturedFrame, header: Header): Uint8Array | undefined {
  if (header === "ether") return eth && frameBytes(eth, packet);
  if (packet.kind !== "ip" || typeof packet.src !== "number") return undefined;
  const bytes = packetBytes(packet);
  if (header === "ip") return bytes;
  const carried = { icmp: PROTO_ICMP, tcp: PROTO_TCP, udp: PROTO_UDP }[header];
  if (packet.protocol !== carried || (packet.body.kind === "fragment" && packet.body.offset > 0)) return undefined;
  return bytes.subarray(4 * ((bytes[0] as number) & 15));
}

/** tcpdump's complaint about an expression, to be put after "tcpdump: ". */
export class FilterError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const SYNTAX = "can't parse filter expression: syntax error";

type Direction = "src" | "dst" | "either" | "both";
type What = "host" | "net" | "port" | "portrange";
type Qualifier = "ip" | "ip6" | "arp" | "tcp" | "udp" | "icmp" | "icmp6" | "ether";

const ipOf = (frame: CapturedFrame): IpPacket | undefined => (frame.packet.kind === "ip" ? frame.packet : undefined);
/** The transport header, which only a first fragment has. */
function transportOf(frame: CapturedFrame): Transport | undefined {
  const body = ipOf(frame)?.body;
  if (body?.kind !== "fragment") return body;
  return body.offset === 0 ? body.whole : undefined;
}

const isProtocol: Readonly<Record<Exclude<Qualifier, "ether">, FrameFilter>> = {
  arp: (frame) => frame.packet.kind === "arp",
  ip: (frame) => typeof ipOf(frame)?.src === "number",
  ip6: (frame) => typeof ipOf(frame)?.src === "bigint",
  tcp: (frame) => ipOf(frame)?.protocol === PROTO_TCP,
  udp: (frame) => ipOf(frame)?.protocol === PROTO_UDP,
  icmp: (frame) => ipOf(frame)?.protocol === PROTO_ICMP && typeof ipOf(frame)?.src === "number",
  icmp6: (frame) => ipOf(frame)?.protocol === PROTO_ICMPV6,
};

const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  sctp: 132,
};

/** Whether a pair of ends meets a test in a direction. */
function inDirection<T>(direction: Direction, src: T, dst: T, test: (value: T) => boolean): boolean {
  switch (direction) {
    case "src":
      return test(src);
    case "dst":
      return test(dst);
    case "both":
      return test(src) && test(dst);
    default:
      return test(src) || test(dst);
  }
}

/** Source and destination addresses: of IP packets, and the protocol addresses of ARP. */
function addresses(frame: CapturedFrame, only: Qualifier | undefined): readonly [Ip, Ip] | undefined {
  const { packet } = frame;
  if (packet.kind === "arp") return only === undefined || only === "arp" ? [packet.senderIp, packet.targetIp] : undefined;
  if (only === "arp") return undefined;
  if (only !== undefined && only !== "ether" && !isProtocol[only](frame)) return undefined;
  return [packet.src, packet.dst];
}

const FLAG_BITS: Readonly<Record<string, number>> = {
  "tcp-fin": TCP_FIN,
  "tcp-syn": TCP_SYN,
  "tcp-rst": TCP_RST,
  "tcp-push": TCP_PSH,
  "tcp-ack": TCP_ACK,
};

/** Reads an expression. Host names are looked up as it is compiled, as libpcap does. */
export function* parseFilter(process: Process, words: readonly string[]): Op<FrameFilter | FilterError> {
  const text = words.join(" ");
  if (text.trim() === "") return () => true;
  const tokens = text
    .replace(/&&/g, " and ")
    .replace(/\|\|/g, " or ")
    .split(/(!=|==|>=|<=|[()![\]=<>&|\s])/)
    .filter((token) => token.trim() !== "");
  const parser = new Parser(process, tokens);
  const filter = yield* parser.expression();
  if (filter instanceof FilterError) return filter;
  return parser.atEnd ? filter : new FilterError(SYNTAX);
}

/** A recursive descent; `and` and `or` bind alike and to the left, as libpcap's grammar has it. */
class Parser {
  #process: Process;
  #tokens: readonly string[];
  #at = 0;
  /** What a bare number or name after "or" is about: "port 80 or 443" repeats the qualifiers. */
  #last: { readonly protocol: Qualifier | undefined; readonly direction: Direction; readonly what: What } | undefined;

  constructor(process: Process, tokens: readonly string[]) {
    this.#process = process;
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at];
  }

  /** Moves past a token if it is the one that comes. */
  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  *expression(): Op<FrameFilter | FilterError> {
    let left = yield* this.#term();
    while (!(left instanceof FilterError) && (this.#next === "and" || this.#next === "or")) {
      const or = this.#tokens[this.#at++] === "or";
      const a: FrameFilter = left;
      const b = yield* this.#term();
      if (b instanceof FilterError) return b;
      left = or ? (frame) => a(frame) || b(frame) : (frame) => a(frame) && b(frame);
    }
    return left;
  }

  *#term(): Op<FrameFilter | FilterError> {
    const token = this.#next;
    if (token === undefined) return new FilterError(SYNTAX);
    if (token === "not" || token === "!") {
      this.#at++;
      const inner = yield* this.#term();
      return inner instanceof FilterError ? inner : (frame) => !inner(frame);
    }
    if (token === "(") {
      this.#at++;
      const inner = yield* this.expression();
      if (inner instanceof FilterError) return inner;
      return this.#tokens[this.#at++] === ")" ? inner : new FilterError(SYNTAX);
    }
    return yield* this.#primitive();
  }

  *#primitive(): Op<FrameFilter | FilterError> {
    const start = this.#at;
    let protocol: Qualifier | undefined;
    const first = this.#next as string;
    if (isHeader(first) && this.#tokens[this.#at + 1] === "[") return this.#headerBytes(first);
    if (first === "len" || first === "less" || first === "greater") return this.#length();
    if (first === "broadcast" || first === "multicast") return this.#group();
    if (first === "vlan") {
      this.#at++;
      const id = /^\d+$/.test(this.#next ?? "") ? Number(this.#tokens[this.#at++]) : undefined;
      return (frame) => frame.eth?.vlan !== undefined && (id === undefined || (frame.eth.vlan & 4095) === id);
    }
    if (first in isProtocol || first === "ether") {
      protocol = first as Qualifier;
      this.#at++;
      if (this.#next === "proto") return this.#protocolNumber(protocol);
      if (this.#next === "broadcast" || this.#next === "multicast") return this.#group();
    } else if (first === "proto") return this.#protocolNumber(undefined);
    const direction = this.#direction();
    const word = this.#next;
    const what = word === "host" || word === "net" || word === "port" || word === "portrange" ? word : undefined;
    if (what) this.#at++;
    const bare = protocol !== undefined && direction === undefined && what === undefined;
    if (bare && (this.atEnd || ["and", "or", ")"].includes(this.#next as string))) {
      this.#last = undefined;
      return protocol === "ether" ? new FilterError(SYNTAX) : isProtocol[protocol as Exclude<Qualifier, "ether">];
    }
    const value = this.#next;
    if (value === undefined || ["and", "or", ")", "not", "!"].includes(value)) return new FilterError(SYNTAX);
    // A word by itself takes the qualifiers of the one before it.
    const inherited = this.#at === start ? this.#last : undefined;
    if (this.#at === start && !inherited) return new FilterError(SYNTAX);
    this.#at++;
    const qualifiers = inherited ?? { protocol, direction: direction ?? "either", what: what ?? "host" };
    this.#last = qualifiers;
    if (qualifiers.protocol === "ether") return this.#etherHost(qualifiers.direction, value);
    switch (qualifiers.what) {
      case "port":
      case "portrange":
        return this.#ports(qualifiers.protocol, qualifiers.direction, value, qualifiers.what === "portrange");
      case "net":
        return this.#net(qualifiers.protocol, qualifiers.direction, value);
      default:
        return yield* this.#host(qualifiers.protocol, qualifiers.direction, value);
    }
  }

  #direction(): Direction | undefined {
    const word = this.#next;
    if (word !== "src" && word !== "dst") return undefined;
    this.#at++;
    const joint = this.#next;
    const other = this.#tokens[this.#at + 1];
    if ((joint === "or" || joint === "and") && (other === "src" || other === "dst") && other !== word) {
      this.#at += 2;
      return joint === "or" ? "either" : "both";
    }
    return word;
  }

  *#host(protocol: Qualifier | undefined, direction: Direction, name: string): Op<FrameFilter | FilterError> {
    let wanted: readonly Ip[];
    const literal = parseIp(name);
    if (literal !== undefined) wanted = [literal];
    else if (name.includes("/")) return this.#net(protocol, direction, name);
    else {
      const found = yield* resolveHost(this.#process, name);
      if (found instanceof ResolveError) return new FilterError(`unknown host '${name}'`);
      wanted = found.addresses;
    }
    return (frame) => {
      const ends = addresses(frame, protocol);
      return ends !== undefined && inDirection(direction, ends[0], ends[1], (ip) => wanted.includes(ip));
    };
  }

  #net(protocol: Qualifier | undefined, direction: Direction, text: string): FrameFilter | FilterError {
    let prefix: Prefix | undefined = text.includes("/") || text.includes(":") ? parsePrefix(text) : undefined;
    const octets = text.split("/")[0]?.split(".") ?? [];
    if (!prefix && octets.length >= 1 && octets.length <= 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) {
      // "net 172.18" is 172.18.0.0/16.
      const address = parseIp([...octets, "0", "0", "0"].slice(0, 4).join("."));
      const length = text.includes("/") ? Number(text.split("/")[1]) : octets.length * 8;
      if (address !== undefined && length >= 0 && length <= 32) prefix = { address, length };
    }
    if (!prefix) return new FilterError(`unknown network '${text}'`);
    if (!contains(prefix, prefix.address) || networkHasHostBits(prefix)) return new FilterError(`non-network bits set in "${text}"`);
    const net = prefix;
    return (frame) => {
      const ends = addresses(frame, protocol);
      return ends !== undefined && inDirection(direction, ends[0], ends[1], (ip) => typeof ip === typeof net.address && contains(net, ip));
    };
  }

  #ports(protocol: Qualifier | undefined, direction: Direction, text: string, range: boolean): FrameFilter | FilterError {
    const [lowText = "", highText = lowText] = range ? text.split("-") : [text, text];
    const low = parsePort(lowText, protocol === "udp" ? "udp" : "tcp") ?? parsePort(lowText, "udp");
    const high = parsePort(highText, protocol === "udp" ? "udp" : "tcp") ?? parsePort(highText, "udp");
    if (low === undefined || high === undefined) return new FilterError(`unknown port '${text}'`);
    return (frame) => {
      const body = transportOf(frame);
      if (body?.kind !== "tcp" && body?.kind !== "udp") return false;
      if (protocol !== undefined && protocol !== "ether" && !isProtocol[protocol](frame)) return false;
      return inDirection(direction, body.srcPort, body.dstPort, (port) => port >= low && port <= high);
    };
  }

  #etherHost(direction: Direction, text: string): FrameFilter | FilterError {
    const mac = parseMac(text);
    if (mac === undefined) return new FilterError(`unknown ether host '${text}'`);
    return (frame) => frame.eth !== undefined && inDirection(direction, frame.eth.src, frame.eth.dst, (other) => other === mac);
  }

  #protocolNumber(protocol: Qualifier | undefined): FrameFilter | FilterError {
    this.#at++;
    const word = (this.#tokens[this.#at++] ?? "").replace(/^\\/, "");
    if (protocol === "ether") {
      const known = { ip: "ip", ip6: "ip6", arp: "arp", "0x0800": "ip", "0x800": "ip", "0x86dd": "ip6", "0x0806": "arp", "0x806": "arp" }[
        word
      ];
      return known ? isProtocol[known as "ip" | "ip6" | "arp"] : new FilterError(`unknown ether proto '${word}'`);
    }
    const number = /^\d+$/.test(word) ? Number(word) : PROTOCOL_NUMBERS[word];
    if (number === undefined) return new FilterError(`unknown '${protocol === undefined ? "" : `${protocol} `}proto' value '${word}'`);
    return (frame) => ipOf(frame)?.protocol === number && (protocol === undefined || isProtocol[protocol](frame));
  }

  /** "len > 100", "less 100", "greater 100". */
  #length(): FrameFilter | FilterError {
    const word = this.#tokens[this.#at++];
    const operator = word === "less" ? "<=" : word === "greater" ? ">=" : (this.#tokens[this.#at++] ?? "");
    const text = this.#tokens[this.#at++] ?? "";
    const limit = Number(text);
    if (!/^\d+$/.test(text) || !["<", ">", "<=", ">=", "=", "==", "!="].includes(operator)) return new FilterError(SYNTAX);
    return (frame) => compare(frameLength(frame.packet), operator, limit);
  }

  #group(): FrameFilter {
    const broadcast = this.#tokens[this.#at++] === "broadcast";
    return (frame) => (broadcast ? frame.eth?.dst === "ff:ff:ff:ff:ff:ff" : frame.eth !== undefined && isGroupMac(frame.eth.dst));
  }

  /** "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[13] == 2". */
  /** "tcp[tcpflags] & tcp-syn != 0", "ip[8] = 64", "icmp[0] = 3", "udp[4:2] > 100": one, two or four bytes of a header. */
  #headerBytes(header: Header): FrameFilter | FilterError {
    this.#at += 2;
    const [at = "", size = "1"] = (this.#tokens[this.#at++] ?? "").split(":");
    const offset = OFFSETS[at] ?? (/^\d+$/.test(at) ? Number(at) : undefined);
    if (offset === undefined || !["1", "2", "4"].includes(size) || this.#tokens[this.#at++] !== "]") return new FilterError(SYNTAX);
    const length = Number(size);
    let mask = 0xffffffff;
    if (this.#next === "&") {
      this.#at++;
      const given = this.#flagSet();
      if (given === undefined) return new FilterError(SYNTAX);
      mask = given;
    }
    const operator = this.#tokens[this.#at++] ?? "";
    const value = this.#flagSet();
    if (value === undefined || !["=", "==", "!=", "<", ">", "<=", ">="].includes(operator)) return new FilterError(SYNTAX);
    return (frame) => {
      const bytes = headerOf(frame, header);
      if (!bytes || offset + length > bytes.length) return false;
      let number = 0;
      for (let i = offset; i < offset + length; i++) number = number * 256 + (bytes[i] as number);
      return compare((number & mask) >>> 0, operator, value);
    };
  }

  #flagSet(): number | undefined {
    const open = this.#take("(");
    let value = 0;
    for (;;) {
      const word = this.#tokens[this.#at++] ?? "";
      const bit = FLAG_BITS[word] ?? (/^(\d+|0x[0-9a-fA-F]+)$/.test(word) ? Number(word) : undefined);
      if (bit === undefined) return undefined;
      value |= bit;
      if (!open || !this.#take("|")) break;
    }
    return open && !this.#take(")") ? undefined : value;
  }
}

function compare(a: number, operator: string, b: number): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    case "!=":
      return a !== b;
    default:
      return a === b;
  }
}

function networkHasHostBits(prefix: Prefix): boolean {
  if (typeof prefix.address === "number") return prefix.length < 32 && (prefix.address & (0xffffffff >>> prefix.length)) !== 0;
  return (prefix.address & ((1n << BigInt(128 - prefix.length)) - 1n)) !== 0n;
}
