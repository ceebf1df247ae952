/** A policy rule as `ip rule` prints it (iproute2 ip/iprule.c, print_rule). */
import { bitsOf, formatIp, formatPrefix, type Prefix } from "../../../kernel/address.ts";
import type { NumberRange, PolicyRule } from "../../../kernel/inet/rules.ts";
import { protocolName } from "../../../kernel/netfilter/names.ts";
import type { Json } from "./json.ts";
import type { Options } from "./options.ts";
import { tableWord } from "./route-record.ts";

const ALL_BITS = 0xffffffff;
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

const prefixText = (prefix: Prefix | undefined): string =>
  !prefix || prefix.length === 0 ? "all" : prefix.length === bitsOf(prefix.address) ? formatIp(prefix.address) : formatPrefix(prefix);

const portsText = ([first, last]: NumberRange): string => (first === last ? String(first) : `${first}-${last}`);

/** How a rule looks from where it is. */
interface Seen {
  /** Whether a device of that name is there. */
  readonly has: (device: string) => boolean;
  /** Whether the rule that it goes on with is there. */
  readonly resolved: boolean;
}

export function ruleText(rule: PolicyRule, options: Options, { has, resolved }: Seen): string {
  const { priority, mark, markMask = ALL_BITS, iif, oif, uids, protocol, sourcePorts, destinationPorts } = rule;
  const device = (name: string): string => (has(name) ? name : `${name} [detached]`);
  const words = [`${priority}:\t${rule.not ? "not " : ""}from ${prefixText(rule.from)}`];
  if (rule.to) words.push(`to ${prefixText(rule.to)}`);
  if (rule.tos) words.push(`tos ${hex(rule.tos)}`);
  if (mark !== undefined) words.push(`fwmark ${hex(mark)}${markMask === ALL_BITS ? "" : `/${hex(markMask)}`}`);
  if (iif !== undefined) words.push(`iif ${device(iif)}`);
  if (oif !== undefined) words.push(`oif ${device(oif)}`);
  if (uids) words.push(`uidrange ${uids[0]}-${uids[1]}`);
  if (protocol !== undefined) words.push(`ipproto ${protocolName(protocol, false)}`);
  if (sourcePorts) words.push(`sport ${portsText(sourcePorts)}`);
  if (destinationPorts) words.push(`dport ${portsText(destinationPorts)}`);
  words.push(outcomeText(rule, resolved));
  const { origin } = rule;
  if ((origin !== undefined && origin !== "kernel") || options.details) words.push(`proto ${origin ?? "unspec"}`);
  return `${words.join(" ")}\n`;
}

function outcomeText({ goto, action, table, suppressPrefixLength, suppressGroup }: PolicyRule, resolved: boolean): string {
  if (goto !== undefined) return `goto ${goto}${resolved ? "" : " [unresolved]"}`;
  if (action) return action;
  const length = suppressPrefixLength === undefined ? "" : ` suppress_prefixlength ${suppressPrefixLength}`;
  const group = suppressGroup === undefined ? "" : ` suppress_ifgroup ${suppressGroup === 0 ? "default" : suppressGroup}`;
  return `lookup ${tableWord(table)}${length}${group}`;
}

const portsJson = (name: string, range: NumberRange | undefined): { [key: string]: Json } => {
  if (!range) return {};
  const [first, last] = range;
  return first === last ? { [name]: first, [`${name}_mask`]: "0xffff" } : { [`${name}_start`]: first, [`${name}_end`]: last };
};

export function ruleJson(rule: PolicyRule, resolved: boolean): { [key: string]: Json | undefined } {
  const { priority, from, to, mark, markMask = ALL_BITS, protocol, uids, goto, action, table, suppressGroup, origin } = rule;
  const looks = goto === undefined && !action;
  return {
    priority,
    not: rule.not ? null : undefined,
    src: from && from.length > 0 ? formatIp(from.address) : "all",
    srclen: from && from.length !== bitsOf(from.address) ? from.length : undefined,
    dst: to ? formatIp(to.address) : undefined,
    dstlen: to && to.length !== bitsOf(to.address) ? to.length : undefined,
    tos: rule.tos ? hex(rule.tos) : undefined,
    fwmark: mark === undefined ? undefined : hex(mark),
    fwmask: mark === undefined || markMask === ALL_BITS ? undefined : hex(markMask),
    iif: rule.iif,
    oif: rule.oif,
    uid_start: uids?.[0],
    uid_end: uids?.[1],
    ipproto: protocol === undefined ? undefined : protocolName(protocol, false),
    ...portsJson("sport", rule.sourcePorts),
    ...portsJson("dport", rule.destinationPorts),
    table: looks ? tableWord(table) : undefined,
    suppress_prefixlen: looks ? rule.suppressPrefixLength : undefined,
    suppress_ifgroup: looks && suppressGroup !== undefined ? (suppressGroup === 0 ? "default" : String(suppressGroup)) : undefined,
    goto,
    unresolved: goto !== undefined && !resolved ? null : undefined,
    action,
    protocol: origin === undefined || origin === "kernel" ? undefined : origin,
  };
}
