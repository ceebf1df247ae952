/**
 * Addresses and prefixes of both IP families, and MAC addresses.
 *
 * An IPv4 address is a `number` (32 bits, unsigned), an IPv6 address a `bigint` (128 bits), so `===`, `Map` keys and
 * `typeof` work on both, and code that routes, matches or tracks need not know the family.
 */

export type Ipv4 = number;
export type Ipv6 = bigint;
export type Ip = Ipv4 | Ipv6;
export type Family = 4 | 6;
/** Six octets in lower-case hex with colons, as the kernel prints them. */
export type Mac = string;

/** An address block. `address` has its host bits as given (an interface address keeps them, a route has none). */
export interface Prefix {
  readonly address: Ip;
  /** Prefix length in bits: 0 to 32, or 0 to 128. */
  readonly length: number;
}

export const BROADCAST_MAC: Mac = "ff:ff:ff:ff:ff:ff";
export const ZERO_MAC: Mac = "00:00:00:00:00:00";

export const familyOf = (ip: Ip): Family => (typeof ip === "number" ? 4 : 6);
export const bitsOf = (ip: Ip): number => (typeof ip === "number" ? 32 : 128);

/** Parses dotted-quad notation with four decimal octets, as inet_pton(AF_INET) does. Undefined when it is not one. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = match[i] as string;
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

function formatIpv4(ip: Ipv4): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
}

/** Parses RFC 4291 text, `::` and an embedded IPv4 tail included. Undefined when it is not an IPv6 address. */
export function parseIpv6(text: string): Ipv6 | undefined {
  let source = text;
  const dotted = source.lastIndexOf(":");
  if (source.includes(".")) {
    const v4 = parseIpv4(source.slice(dotted + 1));
    if (v4 === undefined || dotted < 0) return undefined;
    source = `${source.slice(0, dotted + 1)}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
  }
  const halves = source.split("::");
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] => (half === "" ? [] : half.split(":"));
  const head = groups(halves[0] as string);
  const tail = halves.length === 2 ? groups(halves[1] as string) : [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<string>(Math.max(0, missing)).fill("0"), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(Number.parseInt(group, 16));
  }
  return value;
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`, the first of equals. */
function formatIpv6(ip: Ipv6): string {
  const groups: number[] = [];
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    const word = Number(BigInt.asUintN(32, ip >> shift));
    groups.push(word >>> 16, word & 0xffff);
  }
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
    if (length) i += length - 1;
  }
  if (best.at === 0 && best.length === 5 && groups[5] === 0xffff) return `::ffff:${formatIpv4(Number(ip & 0xffffffffn))}`;
  const hex = (part: number[]): string => part.map((g) => g.toString(16)).join(":");
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

export const parseIp = (text: string): Ip | undefined => (text.includes(":") ? parseIpv6(text) : parseIpv4(text));
export const formatIp = (ip: Ip): string => (typeof ip === "number" ? formatIpv4(ip) : formatIpv6(ip));

/** Parses `address/length`; without a length, the whole address. Host bits are kept. Undefined when malformed. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address, length: bitsOf(address) };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  const length = Number(digits);
  return length <= bitsOf(address) ? { address, length } : undefined;
}

export const formatPrefix = (prefix: Prefix): string => `${formatIp(prefix.address)}/${prefix.length}`;

/** The netmask of an IPv4 prefix length as a number: 16 gives 0xffff0000. */
export const maskV4 = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

const maskV6 = (length: number): bigint => ((1n << BigInt(length)) - 1n) << BigInt(128 - length);

/** The first address of the block that `ip` lies in: `ip` with its host bits cleared. */
export function networkAddress(ip: Ip, length: number): Ip {
  return typeof ip === "number" ? (ip & maskV4(length)) >>> 0 : ip & maskV6(length);
}

/** The last address of the block: for IPv4 its directed broadcast address. */
export function lastAddress(ip: Ip, length: number): Ip {
  return typeof ip === "number" ? (ip | ~maskV4(length)) >>> 0 : ip | ((1n << BigInt(128 - length)) - 1n);
}

/** Whether `ip` lies in the block; addresses of the other family never do. */
export function contains(prefix: Prefix, ip: Ip): boolean {
  const { address, length } = prefix;
  if (typeof address === "number") return typeof ip === "number" && (length === 0 || (address ^ ip) >>> (32 - length) === 0);
  return typeof ip === "bigint" && (address ^ ip) >> BigInt(128 - length) === 0n;
}

/** Whether two blocks share an address: one contains the other's first address. */
export const overlaps = (a: Prefix, b: Prefix): boolean => (a.length <= b.length ? contains(a, b.address) : contains(b, a.address));

/** `ip + offset`, wrapping within the family. */
export function addToIp(ip: Ip, offset: number): Ip {
  return typeof ip === "number" ? (ip + offset) >>> 0 : (ip + BigInt(offset)) & ((1n << 128n) - 1n);
}

export const isMulticast = (ip: Ip): boolean => (typeof ip === "number" ? ip >>> 28 === 0xe : ip >> 120n === 0xffn);
export const isLoopback = (ip: Ip): boolean => (typeof ip === "number" ? ip >>> 24 === 127 : ip === 1n);
export const isLinkLocal = (ip: Ip): boolean => (typeof ip === "number" ? ip >>> 16 === 0xa9fe : ip >> 118n === 0x3fan);
export const isUnspecified = (ip: Ip): boolean => ip === 0 || ip === 0n;
export const LIMITED_BROADCAST: Ipv4 = 0xffffffff;

export function parseMac(text: string): Mac | undefined {
  return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text) ? text.toLowerCase() : undefined;
}

/** Whether the group bit is set: broadcast and multicast MACs. */
export function isGroupMac(mac: Mac): boolean {
  // The lowest bit of the first octet, read from the code of its second hex digit: digits are odd as their codes are,
  // letters even where their codes are odd. Every frame is asked, so this makes no string.
  const code = mac.charCodeAt(1);
  return ((code & 1) === 1) === code < 64;
}

/** The MAC that an IP multicast group is sent to (RFC 1112, RFC 2464). */
export function multicastMac(group: Ip): Mac {
  const hex = (n: number): string => n.toString(16).padStart(2, "0");
  if (typeof group === "number") return `01:00:5e:${hex((group >>> 16) & 0x7f)}:${hex((group >>> 8) & 255)}:${hex(group & 255)}`;
  const low = Number(group & 0xffffffffn);
  return `33:33:${hex(low >>> 24)}:${hex((low >>> 16) & 255)}:${hex((low >>> 8) & 255)}:${hex(low & 255)}`;
}

/** The modified EUI-64 link-local address of a MAC (RFC 4291 appendix A). */
export function linkLocalOf(mac: Mac): Ipv6 {
  const octet = (i: number): number => Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
  const high = (octet(0) ^ 2) * 2 ** 24 + octet(1) * 2 ** 16 + octet(2) * 2 ** 8 + 0xff;
  const low = 0xfe * 2 ** 24 + octet(3) * 2 ** 16 + octet(4) * 2 ** 8 + octet(5);
  return (0xfe80n << 112n) | (BigInt(high) << 32n) | BigInt(low);
}

/** The solicited-node multicast group of an IPv6 address (RFC 4291 section 2.7.1). */
export const solicitedNode = (ip: Ipv6): Ipv6 => 0xff0200000000000000000001ff000000n | (ip & 0xffffffn);
