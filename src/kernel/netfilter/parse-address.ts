/** The addresses and interface names of a rule's words, as iptables fills up what is cut short (libxtables/xtables.c). */
import { type Family, type Ip, parseIpv4, parseIpv6 } from "../address.ts";
import { refuse } from "./extension.ts";
import type { AddressMatch, InterfaceMatch } from "./rule.ts";

const MAX_INTERFACE_NAME = 15;

/** Addresses of a list: "10.0.0.0/8,1.2.3.4" (xtables_ipparse_multiple). */
export function parseAddresses(text: string, family: Family, invert: boolean): readonly AddressMatch[] {
  const words = text.split(",");
  if (words.length > 1 && invert) refuse("! not allowed with multiple source or destination IP addresses");
  return words.map((word) => parseAddressMask(word, family, invert));
}

const LOCALHOST: Readonly<Record<Family, Ip>> = { 4: 0x7f000001, 6: 1n };

function parseAddressMask(word: string, family: Family, invert: boolean): AddressMatch {
  const slash = word.indexOf("/");
  const host = slash < 0 ? word : word.slice(0, slash);
  const ip = parseHost(host, family) ?? refuse(`host/network \`${host}' not found`);
  const mask = parseMask(slash < 0 ? undefined : word.slice(slash + 1), family);
  return { ip: typeof ip === "number" ? (ip & (mask as number)) >>> 0 : ip & (mask as bigint), mask, invert };
}

/** An address, or one cut short as inet_aton() and iptables fill it up: "10/8" is 10.0.0.0/8, "1.2.3" is 1.2.3.0. */
function parseHost(text: string, family: Family): Ip | undefined {
  if (text === "localhost") return LOCALHOST[family];
  if (family === 6) return parseIpv6(text);
  const short = /^\d{1,3}(\.\d{1,3}){0,2}$/.exec(text);
  if (!short) return parseIpv4(text);
  return parseIpv4(`${text}${".0".repeat(3 - text.split(".").length + 1)}`);
}

function parseMask(text: string | undefined, family: Family): Ip {
  const bits = family === 4 ? 32 : 128;
  const ofLength = (length: number): Ip =>
    family === 4 ? (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) : ((1n << BigInt(length)) - 1n) << BigInt(128 - length);
  if (text === undefined) return ofLength(bits);
  const length = /^\d+$/.test(text) ? Number(text) : undefined;
  if (length !== undefined && length <= bits) return ofLength(length);
  return (family === 4 ? parseIpv4(text) : parseIpv6(text)) ?? refuse(`invalid mask \`${text}' specified`);
}

export function parseInterface(name: string, invert: boolean): InterfaceMatch {
  if (name === "") refuse("Empty interface is likely to be undesired");
  if (name.length > MAX_INTERFACE_NAME) refuse(`interface name \`${name}' must be shorter than 16 characters`);
  return { name, invert };
}
