/**
 * Arithmetic in capture filters: "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "ip[2:2] - ((ip[0] & 0xf) << 2) > 0", "len > 100"
 * (pcap-filter(7), grammar.y of libpcap).
 */
import { frameLength } from "../../../../kernel/wire/length.ts";
import { PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP } from "../../../../kernel/wire/packet.ts";
import { ethernetBytes, type Frame, networkBytes } from "./frame.ts";

/** The words of an expression, and how far it has been read. */
export class Tokens {
  readonly list: readonly string[];
  at = 0;

  constructor(text: string) {
    this.list = text
      .replace(/&&/g, " and ")
      .replace(/\|\|/g, " or ")
      .split(/(!=|==|>=|<=|<<|>>|[()![\]=<>&|+*^%\s]|(?<=[\])\s])-(?=[\s(\d]))/)
      .filter((token) => token !== undefined && token.trim() !== "");
  }

  get atEnd(): boolean {
    return this.at === this.list.length;
  }

  get next(): string | undefined {
    return this.list[this.at];
  }

  /** Moves past a token if it is the one that comes. */
  take(token: string): boolean {
    if (this.next !== token) return false;
    this.at++;
    return true;
  }
}

/** A number that a frame gives; undefined where it has no such header, or not so much of it. */
type Quantity = (frame: Frame) => number | undefined;

const HEADERS = ["ether", "arp", "ip", "ip6", "icmp", "icmp6", "tcp", "udp"] as const;
type Header = (typeof HEADERS)[number];
const isHeader = (word: string): word is Header => HEADERS.some((header) => header === word);

/** Names for offsets. */
const OFFSETS: Readonly<Record<string, number>> = { tcpflags: 13, icmptype: 0, icmpcode: 1, icmp6type: 0, icmp6code: 1 };

/** Names for numbers. */
const NAMED: Readonly<Record<string, number>> = {
  "tcp-fin": 1,
  "tcp-syn": 2,
  "tcp-rst": 4,
  "tcp-push": 8,
  "tcp-ack": 16,
  "tcp-urg": 32,
  "tcp-ece": 64,
  "tcp-cwr": 128,
  "icmp-echoreply": 0,
  "icmp-unreach": 3,
  "icmp-sourcequench": 4,
  "icmp-redirect": 5,
  "icmp-echo": 8,
  "icmp-routeradvert": 9,
  "icmp-routersolicit": 10,
  "icmp-timxceed": 11,
  "icmp-paramprob": 12,
  "icmp-tstamp": 13,
  "icmp-tstampreply": 14,
  "icmp-ireq": 15,
  "icmp-ireqreply": 16,
  "icmp-maskreq": 17,
  "icmp-maskreply": 18,
  "icmp6-destinationunreach": 1,
  "icmp6-packettoobig": 2,
  "icmp6-timeexceeded": 3,
  "icmp6-parameterproblem": 4,
  "icmp6-echo": 128,
  "icmp6-echoreply": 129,
  "icmp6-multicastlistenerquery": 130,
  "icmp6-multicastlistenerreportv1": 131,
  "icmp6-multicastlistenerdone": 132,
  "icmp6-routersolicit": 133,
  "icmp6-routeradvert": 134,
  "icmp6-neighborsolicit": 135,
  "icmp6-neighboradvert": 136,
  "icmp6-redirect": 137,
};

/** The bytes from a header on; undefined where a frame has no such header. */
function headerOf(frame: Frame, header: Header): Uint8Array | undefined {
  const { packet } = frame;
  if (header === "ether") return frame.eth && ethernetBytes(frame);
  const bytes = networkBytes(frame);
  if (packet.kind === "arp") return header === "arp" ? bytes : undefined;
  const four = typeof packet.src === "number";
  if (header === "ip" || header === "ip6") return four === (header === "ip") ? bytes : undefined;
  // Transport headers are looked for behind IPv4 alone, but for ICMPv6.
  const carried = { arp: undefined, icmp: PROTO_ICMP, icmp6: PROTO_ICMPV6, tcp: PROTO_TCP, udp: PROTO_UDP }[header];
  if (four === (header === "icmp6") || packet.protocol !== carried) return undefined;
  if (packet.body.kind === "fragment" && packet.body.offset > 0) return undefined;
  return bytes.subarray(four ? 4 * ((bytes[0] as number) & 15) : 40);
}

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "!=": (a, b) => a !== b,
  "==": (a, b) => a === b,
  "=": (a, b) => a === b,
};

/** Operators by how tightly they bind, the loosest first; numbers have 32 bits. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number | undefined>>[] = [
  { "|": (a, b) => (a | b) >>> 0, "^": (a, b) => (a ^ b) >>> 0 },
  { "&": (a, b) => (a & b) >>> 0 },
  { "<<": (a, b) => (b > 31 ? 0 : (a << b) >>> 0), ">>": (a, b) => (b > 31 ? 0 : a >>> b) },
  { "+": (a, b) => (a + b) >>> 0, "-": (a, b) => (a - b) >>> 0 },
  {
    "*": (a, b) => Math.imul(a, b) >>> 0,
    "/": (a, b) => (b === 0 ? undefined : Math.floor(a / b)),
    "%": (a, b) => (b === 0 ? undefined : a % b),
  },
];

/** A comparison of two quantities; undefined, and nothing read, when none stands there. */
export function relation(tokens: Tokens): ((frame: Frame) => boolean) | undefined {
  const start = tokens.at;
  const left = quantity(tokens, 0);
  const compare = left && RELATIONS[tokens.next ?? ""];
  if (left && compare) {
    tokens.at++;
    const right = quantity(tokens, 0);
    if (right) {
      return (frame) => {
        const a = left(frame);
        const b = a === undefined ? undefined : right(frame);
        return a !== undefined && b !== undefined && compare(a, b);
      };
    }
  }
  tokens.at = start;
  return undefined;
}

function quantity(tokens: Tokens, level: number): Quantity | undefined {
  const operators = OPERATORS[level];
  if (!operators) return operand(tokens);
  let left = quantity(tokens, level + 1);
  for (let apply = operators[tokens.next ?? ""]; left && apply; apply = operators[tokens.next ?? ""]) {
    tokens.at++;
    const right = quantity(tokens, level + 1);
    if (!right) return undefined;
    const before: Quantity = left;
    const operator = apply;
    left = (frame) => {
      const a = before(frame);
      const b = right(frame);
      return a === undefined || b === undefined ? undefined : operator(a, b);
    };
  }
  return left;
}

function operand(tokens: Tokens): Quantity | undefined {
  const word = tokens.next;
  if (word === undefined) return undefined;
  if (tokens.take("(")) {
    const inner = quantity(tokens, 0);
    return tokens.take(")") ? inner : undefined;
  }
  if (tokens.take("len")) return ({ packet }) => frameLength(packet);
  if (isHeader(word) && tokens.list[tokens.at + 1] === "[") {
    tokens.at += 2;
    return octets(tokens, word);
  }
  const number = /^(?:\d+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : NAMED[word];
  if (number === undefined) return undefined;
  tokens.at++;
  return () => number;
}

/** "ip[8]", "tcp[12:2]", "tcp[((tcp[12] & 0xf0) >> 2):4]": one, two or four bytes of a header. */
function octets(tokens: Tokens, header: Header): Quantity | undefined {
  const plain = /^(\w+)(?::(\d))?$/.exec(tokens.next ?? "");
  const fixed = plain && (OFFSETS[plain[1] as string] ?? (Number.isNaN(Number(plain[1])) ? undefined : Number(plain[1])));
  let offset: Quantity | undefined;
  if (fixed !== undefined && fixed !== null && (plain?.[2] !== undefined || tokens.list[tokens.at + 1] === "]")) {
    tokens.at++;
    offset = () => fixed;
  } else offset = quantity(tokens, 0);
  const size = plain?.[2] ?? /^:(\d)$/.exec(tokens.next ?? "")?.[1];
  if (size !== undefined && plain?.[2] === undefined) tokens.at++;
  if (!offset || !tokens.take("]") || !["1", "2", "4"].includes(size ?? "1")) return undefined;
  const from = offset;
  const length = Number(size ?? "1");
  return (frame) => {
    const bytes = headerOf(frame, header);
    const at = bytes && from(frame);
    if (!bytes || at === undefined || at + length > bytes.length) return undefined;
    let number = 0;
    for (let i = at; i < at + length; i++) number = number * 256 + (bytes[i] as number);
    return number;
  };
}
