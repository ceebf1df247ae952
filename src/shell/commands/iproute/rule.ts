/** `ip rule` (iproute2 ip/iprule.c). */
import { contains, type Family, familyOf, type Prefix } from "../../../kernel/address.ts";
import { LinkError } from "../../../kernel/device/index.ts";
import { fitsRule, type NumberRange, type PolicyRule } from "../../../kernel/inet/rules.ts";
import { parseProtocol } from "../../../kernel/netfilter/names.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import { printJson } from "./json.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { parseRouteProtocol, parseTable } from "./route-show.ts";
import { ruleJson, ruleText } from "./rule-record.ts";
import { incomplete, invalid, parseUnsigned, unsupported, type Words } from "./words.ts";

const SUPPORTED =
  "not from to tos fwmark iif oif ipproto sport dport uidrange table suppress_prefixlength suppress_ifgroup goto nop pref protocol blackhole unreachable prohibit";

/** A rule as it is read: its parts one after another. */
type Given = { -readonly [Part in keyof PolicyRule]?: PolicyRule[Part] };

/** The names that one part of a rule goes by. */
const KEY_OF: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pref: "pref preference priority prio order",
    table: "table lookup",
    iif: "iif dev",
    tos: "tos dsfield",
    from: "from",
    to: "to",
    fwmark: "fwmark",
    oif: "oif",
    ipproto: "ipproto",
    sport: "sport",
    dport: "dport",
    uidrange: "uidrange",
    suppress_prefixlength: "suppress_prefixlength sup_pl",
    suppress_ifgroup: "suppress_ifgroup sup_group",
    goto: "goto",
    protocol: "protocol",
    realms: "realms",
    nat: "nat map-to",
    dscp: "dscp",
    flowlabel: "flowlabel",
    tun_id: "tun_id",
  }).flatMap(([key, names]) => names.split(" ").map((name) => [name, key] as const)),
);

const ACTIONS = ["blackhole", "unreachable", "prohibit", "nop"] as const;

/** Reads a port or two: undefined when they are none. */
function parsePorts(text: string): NumberRange | undefined {
  const [first, last = first] = text.split("-").map((port) => parseUnsigned(port, 65535));
  return first === undefined || last === undefined ? undefined : [first, last];
}

/** Reads the value of one part. */
function readPart(key: string, value: string, given: Given, family: Family | undefined): Failure | undefined {
  const number = (most?: number): number | undefined => parseUnsigned(value, most);
  switch (key) {
    case "iif":
    case "oif":
      given[key] = value;
      return undefined;
    case "from":
    case "to": {
      const prefix = parseDestination(value, family);
      if (prefix instanceof Failure) return prefix;
      if (prefix.length > 0) given[key] = prefix;
      return undefined;
    }
    case "fwmark": {
      const [mark, mask] = value.split("/").map((text) => parseUnsigned(text));
      if (mark === undefined) return invalid(value, "fwmark value is invalid\n");
      if (value.includes("/") && mask === undefined) return invalid(value, "fwmask value is invalid\n");
      given.mark = mark;
      if (mask !== undefined) given.markMask = mask;
      return undefined;
    }
    case "pref":
      given.priority = number();
      return given.priority === undefined ? invalid(value, "preference value is invalid\n") : undefined;
    case "table":
      given.table = parseTable(value);
      return given.table === undefined ? invalid(value, "invalid table ID\n") : undefined;
    case "tos": {
      const tos = /^(0x)?[0-9a-f]+$/i.test(value) ? Number.parseInt(value, 16) : 256;
      if (tos > 255) return invalid(value, "TOS value is invalid\n");
      given.tos = tos;
      return undefined;
    }
    case "ipproto":
      given.protocol = parseProtocol(value);
      return given.protocol === undefined ? invalid(value, 'Invalid "ipproto" value\n') : undefined;
    case "sport":
    case "dport": {
      const ports = parsePorts(value);
      if (!ports) return invalid(value, "invalid port");
      given[key === "sport" ? "sourcePorts" : "destinationPorts"] = ports;
      return undefined;
    }
    case "uidrange": {
      const match = /^(\d+)-(\d+)$/.exec(value);
      if (!match) return invalid(value, "invalid UID range\n");
      given.uids = [Number(match[1]), Number(match[2])];
      return undefined;
    }
    case "suppress_prefixlength":
      given.suppressPrefixLength = number();
      return given.suppressPrefixLength === undefined ? invalid(value, "suppress_prefixlength value is invalid\n") : undefined;
    case "suppress_ifgroup":
      given.suppressGroup = value === "default" ? 0 : number();
      return given.suppressGroup === undefined ? invalid(value, 'Invalid "suppress_ifgroup" value\n') : undefined;
    case "goto":
      given.goto = number();
      return given.goto === undefined ? invalid(value, "invalid target\n") : undefined;
    case "protocol":
      given.origin = parseRouteProtocol(value);
      return given.origin === undefined ? invalid(value, '"protocol" value is invalid\n') : undefined;
    default:
      return unsupported(`ip rule ${key}`, SUPPORTED);
  }
}

/** What fib_nl2rule refuses. */
function refusalOf({ tos = 0, sourcePorts, destinationPorts }: Given): LinkError | undefined {
  const backward = (range: NumberRange | undefined): boolean => range !== undefined && range[0] > range[1];
  if (backward(sourcePorts)) return new LinkError("EINVAL", "Invalid sport range.", true);
  if (backward(destinationPorts)) return new LinkError("EINVAL", "Invalid dport range.", true);
  return tos & 3 ? new LinkError("EINVAL", "Invalid dsfield (tos): ECN bits must be 0.", true) : undefined;
}

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
    if (word === "l3mdev") return unsupported("ip rule l3mdev", SUPPORTED);
    const key = KEY_OF.get(word);
    if (!key) return invalid(word, "Failed to parse rule type");
    const value = words.next();
    if (value === undefined) return incomplete();
    const refused = readPart(key, value, given, family);
    if (refused) return refused;
    const prefix = key === "from" || key === "to" ? given[key] : undefined;
    if (prefix) family = familyOf(prefix.address);
  }
  const { fib } = process.netns.inet;
  const kind = family ?? 4;
  if (verb === "delete") return change(process, () => fib.removeRule(kind, given));
  const rule: PolicyRule = { ...given, priority: given.priority ?? nextPriority(fib.rules(kind)), table: given.table ?? "main" };
  return change(process, () => refusalOf(given) ?? fib.addRule(kind, rule));
}

/** Which of the rules a listing is narrowed to. */
interface Filter {
  readonly given: Given;
  readonly to?: Prefix | undefined;
}

function readFilter(options: Options, words: Words): Filter | Failure {
  const given: Given = {};
  let to: Prefix | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "l3mdev" || word === "not") return unsupported(`ip rule show ${word}`, SUPPORTED);
    const key = KEY_OF.get(word);
    if (!key || key === "to") {
      const value = key ? words.next() : word;
      if (value === undefined) return incomplete();
      const prefix = parseDestination(value, options.family ?? 4);
      if (prefix instanceof Failure) return prefix;
      to = prefix;
      continue;
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    const refused = readPart(key, value, given, options.family);
    if (refused) return refused;
  }
  return { given, to };
}

/** filter_nlmsg: addresses hold for all that lies in what a rule names; who made a rule only matters to `flush`. */
function passes(rule: PolicyRule, { given, to }: Filter): boolean {
  const { origin: _origin, from, ...rest } = given;
  const lies = (asked: Prefix | undefined, prefix: Prefix | undefined): boolean =>
    !asked || (prefix !== undefined && contains(asked, prefix.address) && prefix.length >= asked.length);
  return lies(from, rule.from) && lies(to, rule.to) && fitsRule(rule, rest);
}

export function showRules(process: Process, options: Options, words: Words): Answer {
  const filter = readFilter(options, words);
  if (filter instanceof Failure) return filter;
  const family = options.family ?? 4;
  const { fib } = process.netns.inet;
  const rules = fib.rules(family).filter((rule) => passes(rule, filter));
  const resolved = ({ goto }: PolicyRule): boolean => goto === undefined || fib.hasRule(family, goto);
  if (options.json) {
    return printJson(
      rules.map((rule) => ruleJson(rule, resolved(rule))),
      options.pretty,
    );
  }
  const has = (name: string): boolean => process.netns.device(name) !== undefined;
  return rules.map((rule) => ruleText(rule, options, { has, resolved: resolved(rule) })).join("");
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
