/** Capture filters: the part of pcap-filter(7) that people use, compiled to a predicate over packets. */
import { contains, type Ip, isGroupMac, type Prefix, parseIp, parseMac, parsePrefix } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import { frameLength } from "../../../../kernel/wire/length.ts";
import { type IpPacket, PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP, type Transport } from "../../../../kernel/wire/packet.ts";
import type { Process } from "../../../command.ts";
import { parsePort } from "../../../port-names.ts";
import { ResolveError, resolveHost } from "../../../resolver.ts";
import { relation, Tokens } from "./filter-arithmetic.ts";
import type { Frame } from "./frame.ts";

export type FrameFilter = (frame: Frame) => boolean;

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

const ipOf = (frame: Frame): IpPacket | undefined => (frame.packet.kind === "ip" ? frame.packet : undefined);
/** The transport header, which only a first fragment has. */
function transportOf(frame: Frame): Transport | undefined {
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
function addresses(frame: Frame, only: Qualifier | undefined): readonly [Ip, Ip] | undefined {
  const { packet } = frame;
  if (packet.kind === "arp") return only === undefined || only === "arp" ? [packet.senderIp, packet.targetIp] : undefined;
  if (only === "arp") return undefined;
  if (only !== undefined && only !== "ether" && !isProtocol[only](frame)) return undefined;
  return [packet.src, packet.dst];
}

/** Reads an expression. Host names are looked up as it is compiled, as libpcap does. */
export function* parseFilter(process: Process, words: readonly string[]): Op<FrameFilter | FilterError> {
  const text = words.join(" ");
  if (text.trim() === "") return () => true;
  const tokens = new Tokens(text);
  const parser = new Parser(process, tokens);
  const filter = yield* parser.expression();
  if (filter instanceof FilterError) return filter;
  return tokens.atEnd ? filter : new FilterError(SYNTAX);
}

/** A recursive descent; `and` and `or` bind alike and to the left, as libpcap's grammar has it. */
class Parser {
  #process: Process;
  readonly #tokens: Tokens;
  /** What a bare number or name after "or" is about: "port 80 or 443" repeats the qualifiers. */
  #last: { readonly protocol: Qualifier | undefined; readonly direction: Direction; readonly what: What } | undefined;

  constructor(process: Process, tokens: Tokens) {
    this.#process = process;
    this.#tokens = tokens;
  }

  *expression(): Op<FrameFilter | FilterError> {
    let left = yield* this.#term();
    while (!(left instanceof FilterError) && (this.#tokens.next === "and" || this.#tokens.next === "or")) {
      const or = this.#tokens.list[this.#tokens.at++] === "or";
      const a: FrameFilter = left;
      const b = yield* this.#term();
      if (b instanceof FilterError) return b;
      left = or ? (frame) => a(frame) || b(frame) : (frame) => a(frame) && b(frame);
    }
    return left;
  }

  *#term(): Op<FrameFilter | FilterError> {
    const token = this.#tokens.next;
    if (token === undefined) return new FilterError(SYNTAX);
    if (token === "not" || token === "!") {
      this.#tokens.at++;
      const inner = yield* this.#term();
      return inner instanceof FilterError ? inner : (frame) => !inner(frame);
    }
    if (token === "(") {
      const compared = relation(this.#tokens);
      if (compared) return compared;
      this.#tokens.at++;
      const inner = yield* this.expression();
      if (inner instanceof FilterError) return inner;
      return this.#tokens.list[this.#tokens.at++] === ")" ? inner : new FilterError(SYNTAX);
    }
    return yield* this.#primitive();
  }

  *#primitive(): Op<FrameFilter | FilterError> {
    const start = this.#tokens.at;
    let protocol: Qualifier | undefined;
    const first = this.#tokens.next as string;
    const compared = relation(this.#tokens);
    if (compared) return compared;
    if (first === "less" || first === "greater") return this.#length();
    if (first === "broadcast" || first === "multicast") return this.#group();
    if (first === "vlan") {
      this.#tokens.at++;
      const id = /^\d+$/.test(this.#tokens.next ?? "") ? Number(this.#tokens.list[this.#tokens.at++]) : undefined;
      return (frame) => frame.eth?.vlan !== undefined && (id === undefined || (frame.eth.vlan & 4095) === id);
    }
    if (first in isProtocol || first === "ether") {
      protocol = first as Qualifier;
      this.#tokens.at++;
      if (this.#tokens.next === "proto") return this.#protocolNumber(protocol);
      if (this.#tokens.next === "broadcast" || this.#tokens.next === "multicast") return this.#group();
    } else if (first === "proto") return this.#protocolNumber(undefined);
    const direction = this.#direction();
    const word = this.#tokens.next;
    const what = word === "host" || word === "net" || word === "port" || word === "portrange" ? word : undefined;
    if (what) this.#tokens.at++;
    const bare = protocol !== undefined && direction === undefined && what === undefined;
    if (bare && (this.#tokens.atEnd || ["and", "or", ")"].includes(this.#tokens.next as string))) {
      this.#last = undefined;
      return protocol === "ether" ? new FilterError(SYNTAX) : isProtocol[protocol as Exclude<Qualifier, "ether">];
    }
    const value = this.#tokens.next;
    if (value === undefined || ["and", "or", ")", "not", "!"].includes(value)) return new FilterError(SYNTAX);
    // A word by itself takes the qualifiers of the one before it.
    const inherited = this.#tokens.at === start ? this.#last : undefined;
    if (this.#tokens.at === start && !inherited) return new FilterError(SYNTAX);
    this.#tokens.at++;
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
    const word = this.#tokens.next;
    if (word !== "src" && word !== "dst") return undefined;
    this.#tokens.at++;
    const joint = this.#tokens.next;
    const other = this.#tokens.list[this.#tokens.at + 1];
    if ((joint === "or" || joint === "and") && (other === "src" || other === "dst") && other !== word) {
      this.#tokens.at += 2;
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
    const beyond = [lowText, highText].find((word) => /^\d+$/.test(word) && Number(word) > 65535);
    if (beyond !== undefined) return new FilterError(`port number ${beyond} greater than maximum 65535`);
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
    if (mac === undefined) return new FilterError(`unknown Ethernet-like host '${text}'`);
    return (frame) => frame.eth !== undefined && inDirection(direction, frame.eth.src, frame.eth.dst, (other) => other === mac);
  }

  #protocolNumber(protocol: Qualifier | undefined): FrameFilter | FilterError {
    this.#tokens.at++;
    const word = (this.#tokens.list[this.#tokens.at++] ?? "").replace(/^\\/, "");
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

  /** "less 100", "greater 100". */
  #length(): FrameFilter | FilterError {
    const less = this.#tokens.list[this.#tokens.at++] === "less";
    const text = this.#tokens.list[this.#tokens.at++] ?? "";
    if (!/^\d+$/.test(text)) return new FilterError(SYNTAX);
    const limit = Number(text);
    return ({ packet }) => (less ? frameLength(packet) <= limit : frameLength(packet) >= limit);
  }

  #group(): FrameFilter {
    const broadcast = this.#tokens.list[this.#tokens.at++] === "broadcast";
    return (frame) => (broadcast ? frame.eth?.dst === "ff:ff:ff:ff:ff:ff" : frame.eth !== undefined && isGroupMac(frame.eth.dst));
  }
}

function networkHasHostBits(prefix: Prefix): boolean {
  if (typeof prefix.address === "number") return prefix.length < 32 && (prefix.address & (0xffffffff >>> prefix.length)) !== 0;
  return (prefix.address & ((1n << BigInt(128 - prefix.length)) - 1n)) !== 0n;
}
