/**
 * Names to addresses as glibc's getaddrinfo() and getnameinfo() do it: /etc/hosts first, then the servers of
 * /etc/resolv.conf, asked by real UDP datagrams from the process's netns.
 */
import { type Family, familyOf, type Ip, isUnspecified, parseIp } from "../kernel/address.ts";
import type { Op } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { DnsMessage, DnsType } from "../kernel/wire/packet.ts";
import type { Process } from "./command.ts";
import { exchangeUdp } from "./dns/exchange.ts";
import { absolute, isAskable, question, reverseName, withoutDot } from "./dns/message.ts";
import { type ResolverConfig, readResolvConf } from "./dns/resolv-conf.ts";

/** What a lookup needs of the process that makes it. */
export type Resolving = Pick<Process, "netns" | "fs" | "pid" | "argv">;

/** Why a name has no address, with gai_strerror()'s text. */
export class ResolveError {
  readonly code: "EAI_NONAME" | "EAI_AGAIN" | "EAI_NODATA" | "EAI_FAIL" | "EAI_ADDRFAMILY";

  constructor(code: ResolveError["code"]) {
    this.code = code;
  }

  get message(): string {
    return {
      EAI_NONAME: "Name or service not known",
      EAI_AGAIN: "Temporary failure in name resolution",
      EAI_NODATA: "No address associated with hostname",
      EAI_FAIL: "Non-recoverable failure in name resolution",
      EAI_ADDRFAMILY: "Address family for hostname not supported",
    }[this.code];
  }
}

export interface ResolvedHost {
  /** The official name: of /etc/hosts' line, of the record that answered, or the text asked for. */
  readonly canonicalName: string;
  /** At least one, in the order in which a client tries them. */
  readonly addresses: readonly Ip[];
}

/** One line of /etc/hosts. */
export interface HostsEntry {
  readonly ip: Ip;
  /** The official name, then aliases. */
  readonly names: readonly string[];
}

const DNS_PORT = 53;
const SECOND = 1_000_000;

/** getaddrinfo(): literal addresses are taken as they are; `family` restricts to IPv4 or IPv6. */
export function* resolveHost(process: Resolving, name: string, family?: Family): Op<ResolvedHost | ResolveError> {
  const literal = parseLiteral(name);
  if (literal !== undefined) {
    if (!isOfFamily(literal, family)) return new ResolveError("EAI_ADDRFAMILY");
    return { canonicalName: name, addresses: [literal] };
  }
  if (name === "" || !isAskable(name)) return new ResolveError("EAI_NONAME");
  const wanted = withoutDot(name).toLowerCase();
  const named = readHosts(process.fs).filter(
    (entry) => isOfFamily(entry.ip, family) && entry.names.some((other) => other.toLowerCase() === wanted),
  );
  // Of a name that means this host in both families, as localhost does, the C library gives the IPv4 address alone.
  const loopback = family === undefined && named.some(({ ip }) => typeof ip === "number" && ip >>> 24 === 127);
  const lines = loopback ? named.filter(({ ip }) => ip !== 1n) : named;
  const first = lines[0];
  if (first) {
    return { canonicalName: first.names[0] as string, addresses: inOrderOfUse(process, [...new Set(lines.map((entry) => entry.ip))]) };
  }
  const found = yield* searchDns(process, name, family === 4 ? ["A"] : family === 6 ? ["AAAA"] : ["A", "AAAA"]);
  if (found instanceof ResolveError) return found;
  const addresses: Ip[] = [];
  let canonicalName = name;
  for (const message of found) {
    for (const record of message.answers) {
      const ip = record.type === "A" || record.type === "AAAA" ? parseIp(record.data) : undefined;
      if (ip === undefined) continue;
      if (addresses.length === 0) canonicalName = withoutDot(record.name);
      addresses.push(ip);
    }
  }
  return { canonicalName, addresses: inOrderOfUse(process, addresses) };
}

/** getnameinfo(NI_NAMEREQD): the name of an address, without a trailing dot; undefined when nobody knows one. */
export function* reverseLookup(process: Resolving, ip: Ip): Op<string | undefined> {
  const entry = readHosts(process.fs).find((line) => line.ip === ip);
  if (entry) return entry.names[0];
  const found = yield* askServers(process, readResolvConf(process.fs), reverseName(ip), ["PTR"]);
  if (found instanceof ResolveError) return undefined;
  const pointer = found[0]?.answers.find((record) => record.type === "PTR");
  return pointer && withoutDot(pointer.data);
}

/** Whether an address is one of those asked for: of a family, or of any. */
export const isOfFamily = (ip: Ip, family: Family | undefined): boolean => family === undefined || familyOf(ip) === family;

/** The lines of /etc/hosts that hold an address and a name. */
export function readHosts(fs: FileSystem): readonly HostsEntry[] {
  const text = fs.read("/etc/hosts");
  if (typeof text !== "string") return [];
  const entries: HostsEntry[] = [];
  for (const line of text.split("\n")) {
    const [address = "", ...names] = (line.split("#")[0] as string).split(/\s+/).filter((word) => word !== "");
    const ip = parseIp(address);
    if (ip !== undefined && names.length > 0) entries.push({ ip, names });
  }
  return entries;
}

/** An address in numbers: any form that inet_aton() or inet_pton() takes, an IPv6 zone dropped. */
export function parseLiteral(text: string): Ip | undefined {
  return text.includes(":") ? parseIp(text.split("%")[0] as string) : inetAton(text);
}

/** inet_aton(): one to four parts, each decimal, octal or hexadecimal; the last fills what is left. */
function inetAton(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(part)) return undefined;
    const number = /^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part);
    const last = index === parts.length - 1;
    const room = last ? 256 ** (4 - index) : 256;
    if (number >= room) return undefined;
    value = value * room + number;
  }
  return value;
}

/**
 * RFC 6724 as far as it decides here: an address that there is a way to comes before one without (rule 1), IPv6 before IPv4
 * (rule 6); otherwise the order stays as it came.
 */
function inOrderOfUse(process: Resolving, addresses: readonly Ip[]): readonly Ip[] {
  if (addresses.length < 2) return addresses;
  const rank = new Map<Ip, number>();
  for (const ip of addresses) {
    const usable = !isUnspecified(ip) && typeof process.netns.inet.sourceFor(ip) !== "string";
    rank.set(ip, (usable ? 0 : 2) + (typeof ip === "bigint" ? 0 : 1));
  }
  return [...addresses].sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number));
}

/** The search list of res_nsearch(): a name with dots enough is tried as it is first, a short one last. */
function* searchDns(process: Resolving, name: string, types: readonly DnsType[]): Op<readonly DnsMessage[] | ResolveError> {
  const config = readResolvConf(process.fs);
  const dots = name.split(".").length - 1;
  const literally = [name];
  const searched = config.search.map((domain) => `${name}.${withoutDot(domain)}`).filter(isAskable);
  const candidates = name.endsWith(".") ? literally : dots >= config.ndots ? [...literally, ...searched] : [...searched, ...literally];
  let worst: ResolveError | undefined;
  for (const candidate of candidates) {
    const found = yield* askServers(process, config, candidate, types);
    if (!(found instanceof ResolveError)) return found;
    // What the name itself gave counts most, then "no data", then a failing server.
    if (!worst || candidate === name || (worst.code === "EAI_NONAME" && candidate !== name)) worst = found;
    if (found.code === "EAI_FAIL") break;
  }
  return worst ?? new ResolveError("EAI_NONAME");
}

/** Asks the servers in turn, as often as the configuration allows (res_nsend). The answers hold at least one record asked for. */
function* askServers(
  process: Resolving,
  config: ResolverConfig,
  name: string,
  types: readonly DnsType[],
): Op<readonly DnsMessage[] | ResolveError> {
  const { kernel } = process.netns;
  for (let attempt = 0; attempt < config.attempts; attempt++) {
    for (const [index, server] of config.nameservers.entries()) {
      const patience = index === 0 ? config.timeout : Math.floor((config.timeout * 2 ** index) / config.nameservers.length);
      const queries = types.map((type) => question(kernel, absolute(name), type));
      const { answers } = yield* exchangeUdp(process, server, DNS_PORT, queries, Math.max(1, patience) * SECOND);
      const given = answers.filter((message) => message !== undefined);
      const useful = given.filter((message) => message.answers.some((record) => types.includes(record.type)));
      if (useful.length > 0) return useful;
      const settled = given.filter((message) => message.status === "NOERROR" || message.status === "NXDOMAIN");
      if (settled.length < types.length) continue;
      return new ResolveError(settled.some((message) => message.status === "NOERROR") ? "EAI_NODATA" : "EAI_NONAME");
    }
  }
  return new ResolveError("EAI_AGAIN");
}
