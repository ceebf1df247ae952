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

const SUPPORTED = "from to fwmark table pref";

const prefixText = (prefix: Prefix | undefined): string =>
  !prefix || prefix.length === 0 ? "all" : prefix.length === bitsOf(prefix.address) ? formatIp(prefix.address) : formatPrefix(prefix);

const hex = (mark: number): string => `0x${mark.toString(16)}`;

export function showRules(process: Process, options: Options, words: Words): Answer {
  if (!words.done) return unsupported(`ip rule show ${words.peek()}`, "ip rule show");
  const rules = process.netns.inet.fib.rules(options.family ?? 4);
  if (options.json) {
    const records = rules.map(({ priority, from, to, mark, table }) => ({
      priority,
      src: prefixText(from),
      srclen: from && from.length !== bitsOf(from.address) ? from.length : undefined,
      dst: to ? formatIp(to.address) : undefined,
      dstlen: to && to.length !== bitsOf(to.address) ? to.length : undefined,
      fwmark: mark === undefined ? undefined : hex(mark),
      table: tableWord(table),
    }));
    return printJson(records, options.pretty);
  }
  return rules
    .map(({ priority, from, to, mark, table }) => {
      const parts = [`${priority}:\tfrom ${prefixText(from)}`];
      if (to) parts.push(`to ${prefixText(to)}`);
      if (mark !== undefined) parts.push(`fwmark ${hex(mark)}`);
      parts.push(`lookup ${tableWord(table)}`);
      return `${parts.join(" ")}\n`;
    })
    .join("");
}

interface Given {
  from?: Prefix;
  to?: Prefix;
  mark?: number;
  priority?: number;
  table?: PolicyRule["table"];
}

export function changeRule(process: Process, options: Options, verb: "add" | "delete", words: Words): Answer {
  const given: Given = {};
  let family: Family | undefined = options.family;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "from" || word === "to") {
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
  if (given.table === undefined) return unsupported("ip rule add without table", SUPPORTED);
  const rule: PolicyRule = { ...given, priority: given.priority ?? nextPriority(fib.rules(kind)), table: given.table };
  return change(process, () => fib.addRule(kind, rule));
}

/** One below the second rule's (fib_default_rule_pref). */
function nextPriority(rules: readonly PolicyRule[]): number {
  const second = rules[1];
  return second && second.priority > 0 ? second.priority - 1 : 0;
}
