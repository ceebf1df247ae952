/** Policy rules, `ip rule`: which table a packet's route is looked for in (net/core/fib_rules.c, net/ipv4/fib_rules.c). */
import { contains, type Ip, type Prefix } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Transport } from "../wire/packet.ts";
import type { Route } from "./fib.ts";

/** First and last, both meant. */
export type NumberRange = readonly [first: number, last: number];

export interface PolicyRule {
  readonly priority: number;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly mark?: number;
  /** The bits of a packet's mark that count. */
  readonly markMask?: number;
  /** The DSCP bits of the type of service, in their place. */
  readonly tos?: number;
  /** Number of the transport protocol. */
  readonly protocol?: number;
  readonly sourcePorts?: NumberRange;
  readonly destinationPorts?: NumberRange;
  readonly uids?: NumberRange;
  /** Names of devices; "lo" as `iif` means what this host sends. */
  readonly iif?: string;
  readonly oif?: string;
  /** Holds for what does not match. */
  readonly not?: boolean;
  readonly table: Route["table"];
  /** A route found in the table does not count when its prefix is no longer than this. */
  readonly suppressPrefixLength?: number;
  /** Nor when its device is of this group. */
  readonly suppressGroup?: number;
  /** What happens instead of a look into the table. */
  readonly action?: "blackhole" | "unreachable" | "prohibit" | "nop";
  /** The priority of the rule to go on with. */
  readonly goto?: number;
  /** Who made it, by a name of /etc/iproute2/rt_protos. */
  readonly origin?: string;
}

/** What of a packet the rules may look at beside its addresses. */
export interface Carried {
  readonly protocol?: number;
  readonly tos?: number;
  readonly body?: Transport | { readonly kind: "ports"; readonly srcPort: number; readonly dstPort: number };
  readonly uid?: number;
}

/** What policy rules look at beside the destination. */
export interface Flow {
  readonly src?: Ip | undefined;
  readonly mark?: number;
  /** The device that it came in by; none when it is sent from here. */
  readonly iif?: NetDevice | undefined;
  readonly carried?: Carried | undefined;
}

export const DEFAULT_RULES: readonly PolicyRule[] = [
  { priority: 0, table: "local", origin: "kernel" },
  { priority: 32766, table: "main", origin: "kernel" },
  { priority: 32767, table: 253, origin: "kernel" },
];

/** The group of every device here (/etc/iproute2/group: default). */
const DEFAULT_GROUP = 0;
/** The bits of the type of service that routing knows: its two lowest are ECN's. */
const DSCP_BITS = 0xfc;

const lies = (value: number | undefined, range: NumberRange): boolean => value !== undefined && value >= range[0] && value <= range[1];

/** fib_rule_match and fib4_rule_match; "not" turns it round. */
export function ruleMatches(rule: PolicyRule, dst: Ip, oif: NetDevice | undefined, flow: Flow): boolean {
  return matchesPlainly(rule, dst, oif, flow) !== (rule.not === true);
}

function matchesPlainly(rule: PolicyRule, dst: Ip, oif: NetDevice | undefined, flow: Flow): boolean {
  if (rule.from && (flow.src === undefined || !contains(rule.from, flow.src))) return false;
  if (rule.to && !contains(rule.to, dst)) return false;
  if (rule.mark !== undefined && (((flow.mark ?? 0) ^ rule.mark) & (rule.markMask ?? 0xffffffff)) !== 0) return false;
  if (rule.iif !== undefined && rule.iif !== (flow.iif?.name ?? "lo")) return false;
  if (rule.oif !== undefined && rule.oif !== oif?.name) return false;
  return matchesCarried(rule, flow.carried ?? {});
}

function matchesCarried(rule: PolicyRule, { protocol, tos = 0, body, uid = 0 }: Carried): boolean {
  if (rule.tos && rule.tos !== (tos & DSCP_BITS)) return false;
  if (rule.protocol !== undefined && rule.protocol !== protocol) return false;
  const ports = body?.kind === "tcp" || body?.kind === "udp" || body?.kind === "ports" ? body : undefined;
  if (rule.sourcePorts && !lies(ports?.srcPort, rule.sourcePorts)) return false;
  if (rule.destinationPorts && !lies(ports?.dstPort, rule.destinationPorts)) return false;
  return !rule.uids || lies(uid, rule.uids);
}

/** fib4_rule_suppress: whether what the table of a rule says does not count. */
export function suppresses(rule: PolicyRule, { dst, dev }: Route): boolean {
  if (rule.suppressPrefixLength !== undefined && dst.length <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup === DEFAULT_GROUP && dev !== undefined;
}

/** What of a rule is the same where it is equal; prefixes and ranges are compared by what is in them. */
const PLAIN_PARTS = [
  "priority",
  "table",
  "mark",
  "markMask",
  "tos",
  "protocol",
  "iif",
  "oif",
  "action",
  "not",
  "suppressPrefixLength",
  "suppressGroup",
  "goto",
  "origin",
] as const satisfies readonly (keyof PolicyRule)[];

const samePrefix = (a: Prefix | undefined, b: Prefix | undefined): boolean => a?.address === b?.address && a?.length === b?.length;
const sameRange = (a: NumberRange | undefined, b: NumberRange | undefined): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];

export const sameRule = (a: PolicyRule, b: PolicyRule): boolean =>
  PLAIN_PARTS.every((part) => a[part] === b[part]) &&
  samePrefix(a.from, b.from) &&
  samePrefix(a.to, b.to) &&
  sameRange(a.sourcePorts, b.sourcePorts) &&
  sameRange(a.destinationPorts, b.destinationPorts) &&
  sameRange(a.uids, b.uids);

/** rule_find: whether a rule has all that is asked for. */
export const fitsRule = (rule: PolicyRule, asked: Partial<PolicyRule>): boolean => sameRule(rule, { ...rule, ...asked });
