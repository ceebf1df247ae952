/** Prefixes as iproute2's get_prefix reads them. */
import { type Family, familyOf, type Ip, type Prefix, parseIp, parsePrefix } from "../../../kernel/address.ts";
import { Failure } from "./answer.ts";

/** A prefix of the family, or of any: an IPv4 address may be cut short, 10.1/16 is 10.1.0.0/16. */
export function parseAnyPrefix(word: string, family: Family | undefined): Prefix | Failure {
  const prefix = parsePrefix(word) ?? parseShort(word);
  if (prefix && (!family || familyOf(prefix.address) === family)) return prefix;
  const wanted = family === 4 ? "inet" : family === 6 ? "inet6" : "any valid";
  return new Failure(`Error: ${wanted} prefix is expected rather than "${word}".`, 1);
}

/** The same, with "default", "any" and "all" for the empty prefix of the family. */
export function parseDestination(word: string, family: Family | undefined): Prefix | Failure {
  if (word === "default" || word === "any" || word === "all") return { address: family === 6 ? 0n : 0, length: 0 };
  return parseAnyPrefix(word, family);
}

/** An address of the family, or of any. */
export function parseAddress(word: string, family: Family | undefined): Ip | Failure {
  const ip = parseIp(word);
  if (ip !== undefined && (!family || familyOf(ip) === family)) return ip;
  return new Failure(`Error: ${family ? (family === 6 ? "inet6" : "inet") : "any valid"} address is expected rather than "${word}".`, 1);
}

/** What is left out of an IPv4 address is zero (get_addr_ipv4). */
function parseShort(word: string): Prefix | undefined {
  const [address = "", length] = word.split("/");
  const octets = address.split(".");
  if (octets.length >= 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet))) return undefined;
  const full = [...octets, ...Array<string>(4 - octets.length).fill("0")].join(".");
  return parsePrefix(length === undefined ? full : `${full}/${length}`);
}
