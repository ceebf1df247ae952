/** `ip rule` (iproute2 ip/iprule.c). */
import { bitsOf, type Family, familyOf, formatIp, formatPrefix, type Prefix } from "../../../kernel/address.ts";
import type { PolicyRule } from "../../../kernel/inet/fib.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import { printJson } from "./json.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { tableWord } from "./route-record.ts";
import { parseTable } from "./route-show.ts";
import { incomplete, invalid, parseUnsigned, unsupported, type Words } from "./words.ts";

const SUPPORTED = "not from to fwmark iif oif table pref blackhole unreachable prohibit";

const prefixText = (prefix: Prefix | undefined): string =>
  !prefix || prefix.length === 0 ? "all" : prefix.length === bitsOf(prefix.address) ? formatIp(prefix.address) : formatPrefix(prefix);

const hex = (mark: number): string => `0x${mark.toString(16)}`;

export function showRules(process: Process, options: Options, words: Words): Answer {
  if (!words.done) return unsupported(`ip rule show ${words.peek()}`, "ip rule show");
  const rules = process.netns.inet.fib.rules(options.family ?? 4);
  if (options.json) {
    const records = rules.map(({ priority, from, to, mark, iif, oif, not, table, action }) => ({
      priority,
      not: not ? null : undefined,
      src: from && from.length > 0 ? formatIp(from.address) : "all",
      srclen: from && from.length !== bitsOf(from.address) ? from.length : undefined,
      dst: to ? formatIp(to.address) : undefined,
      dstlen: to && to.length !== bitsOf(to.address) ? to.length : undefined,
      fwmark: mark === undefined ? undefined : hex(mark),
      iif,
      oif,
      table: action ? undefined : tableWord(table),
      action,
    }));
    return printJson(records, options.pretty);
  }
  return rules
    .map(({ priority, from, to, mark, iif, oif, not, table, action }) => {
      const device = (name: string): string => (process.netns.device(name) ? name : `${name} [detached]`);
      const parts = [`${priority}:\t${not ? "not " : ""}from ${prefixText(from)}`];
      if (to) parts.push(`to ${prefixText(to)}`);
      if (mark !== undefined) parts.push(`fwmark ${hex(mark)}`);
      if (iif !== undefined) parts.push(`iif ${device(iif)}`);
      if (oif !== undefined) parts.push(`oif ${device(oif)}`);
      parts.push(action ?? `lookup ${tableWord(table)}`);
      return `${parts.join(" ")}\n`;
    })
    .join("");
}

interface Given {
  from?: Prefix;
  to?: Prefix;
  mark?: number;
  priority?: number;
  iif?: string;
  oif?: string;
  not?: boolean;
  table?: PolicyRule["table"];
  action?: PolicyRule["action"];
}

const ACTIONS = ["blackhole", "unreachable", "prohibit"] as const;
const KEYS: ReadonlySet<string> = new Set(
  (
    "from to fwmark pref preference priority prio order table lookup iif dev oif tos dsfield realms protocol suppress_prefixlength " +
    "suppress_ifgroup uidrange ipproto sport dport goto nat l3mdev dscp flowlabel tun_id"
  ).split(" "),
);

export function changeRule(process: Process, options: Options, verb: "add" | "delete", words: Words): Answer {
  const given: Given = {};
  let family: Family | undefined = options.family;
  if (words.done) return new Failure(`"ip rule ${verb === "add" ? "add" : "del"}" requires arguments.`, 1);
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "not") {
      given.not = true;
      continue;
    }
    const action = ACTIONS.find((name) => name === word || (word === "type" && words.peek() === name));
    if (action) {
      if (word === "type") words.next();
      given.action = action;
      continue;
    }
    if (!KEYS.has(word)) return invalid(word, "Failed to parse rule type");
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "iif" || word === "dev") given.iif = value;
    else if (word === "oif") given.oif = value;
    else if (word === "from" || word === "to") {
      const prefix = parseDestination(value, family);
      if (prefix instanceof Failure) return prefix;
      if (prefix.length > 0) {
        given[word] = prefix;
        family = familyOf(prefix.address);
      }
    } else if (word === "fwmark") {
      given.mark = parseUnsigned(value);
      if (given.mark === undefined) return invalid(value, "fwmark value is invalid\n");
    } else if (["pref", "preference", "priority", "prio", "order"].includes(word)) {
      given.priority = parseUnsigned(value);
      if (given.priority === undefined) return invalid(value, "preference value is invalid\n");
    } else if (word === "table" || word === "lookup") {
      given.table = parseTable(value);
      if (given.table === undefined) return invalid(value, "invalid table ID\n");
    } else return unsupported(`ip rule ${word}`, SUPPORTED);
  }
  const { fib } = process.netns.inet;
  const kind = family ?? 4;
  if (verb === "delete") return change(process, () => fib.removeRule(kind, given));
  const rule: PolicyRule = { ...given, priority: given.priority ?? nextPriority(fib.rules(kind)), table: given.table ?? "main" };
  return change(process, () => fib.addRule(kind, rule));
}

/** All but the first, which has no priority to be named by (iprule_flush_or_save). */
export function flushRules(process: Process, options: Options): Answer {
  const { fib } = process.netns.inet;
  const family = options.family ?? 4;
  return change(process, () => {
    for (const rule of fib.rules(family).filter(({ priority }) => priority > 0)) fib.removeRule(family, rule);
    return undefined;
  });
}

/** One below the second rule's (fib_default_rule_pref). */
function nextPriority(rules: readonly PolicyRule[]): number {
  const second = rules[1];
  return second && second.priority > 0 ? second.priority - 1 : 0;
}
