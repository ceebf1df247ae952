/** Questions of the domain name system and what stands in their answers (RFC 1035). */
import type { Ip } from "../../kernel/address.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { DnsMessage, DnsStatus, DnsType } from "../../kernel/wire/packet.ts";

export interface QuestionOptions {
  /** RD; a resolver's default is to set it. */
  readonly recursion?: boolean;
  /** UDP payload size in bytes to announce by EDNS0; none by default. */
  readonly edns?: number;
}

/** A query for `name`, which gets its trailing dot if it has none, under a random id. */
export function question(kernel: Kernel, name: string, type: DnsType, options: QuestionOptions = {}): DnsMessage {
  return {
    id: kernel.random.below(65536),
    response: false,
    status: "NOERROR",
    authoritative: false,
    recursionDesired: options.recursion ?? true,
    recursionAvailable: false,
    truncated: false,
    question: { name: absolute(name), type },
    answers: [],
    authority: [],
    additional: [],
    edns: options.edns,
  };
}

/** An answer to `query` with the server's flags and records; EDNS is answered in kind. */
export function answer(query: DnsMessage, status: DnsStatus, parts: Partial<DnsMessage> = {}): DnsMessage {
  return { ...query, response: true, status, ...parts };
}

export const absolute = (name: string): string => (name.endsWith(".") ? name : `${name}.`);
export const withoutDot = (name: string): string => (name.endsWith(".") && name !== "." ? name.slice(0, -1) : name);

/** The name under which an address is looked up backwards: in-addr.arpa (RFC 1035) or ip6.arpa (RFC 3596), trailing dot included. */
export function reverseName(ip: Ip): string {
  if (typeof ip === "number") return `${ip & 255}.${(ip >>> 8) & 255}.${(ip >>> 16) & 255}.${ip >>> 24}.in-addr.arpa.`;
  const digits = ip.toString(16).padStart(32, "0");
  return `${[...digits].reverse().join(".")}.ip6.arpa.`;
}

/** Whether a name can be asked for: labels of 1 to 63 octets, 253 in all, nothing unprintable. */
export function isAskable(name: string): boolean {
  const bare = withoutDot(name);
  if (bare === ".") return true;
  return bare.length <= 253 && /^[\x21-\x7e]+$/.test(bare) && bare.split(".").every((label) => label.length > 0 && label.length <= 63);
}
