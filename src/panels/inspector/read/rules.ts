/** Chains and rules as a person reads them: in the order in which a packet meets them, conditions in words. */
import { formatIp } from "../../../kernel/address.ts";
import { protocolName } from "../../../kernel/netfilter/names.ts";
import type { AddressMatch, InterfaceMatch, RuleParts } from "../../../kernel/netfilter/rule.ts";
import type { Chain, Rule } from "../../../kernel/netfilter/table.ts";
import type { Hook, TableName } from "../../../kernel/netfilter/types.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Trace } from "../../../kernel/trace.ts";
import { type Act, act, type Place } from "./place.ts";

type Family = 4 | 6;

/** The hooks from top to bottom of a packet's way, with the routing decisions between them. */
export const STATIONS = ["PREROUTING", "routing", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;

/** Tables by the priority of their hooks (enum nf_ip_hook_priorities); nat comes before filter on the way out, after it on the way in. */
const AT_HOOK: Readonly<Record<Hook, readonly TableName[]>> = {
  PREROUTING: ["raw", "mangle", "nat"],
  INPUT: ["mangle", "filter", "security", "nat"],
  FORWARD: ["mangle", "filter", "security"],
  OUTPUT: ["raw", "mangle", "nat", "filter", "security"],
  POSTROUTING: ["mangle", "nat"],
};

/** The base chains at a hook that do anything: with rules, or with a policy that drops. */
export function chainsAt(netns: Netns, family: Family, hook: Hook): readonly Chain[] {
  return AT_HOOK[hook].flatMap((name) => {
    const chain = netns.netfilter.table(family, name).chains.get(hook);
    return chain && (chain.rules.length > 0 || chain.policy === "DROP") ? [chain] : [];
  });
}

/** Chains of the user that nothing leads to: they are there, yet no packet meets them. */
export const strayChains = (netns: Netns, family: Family): readonly Chain[] =>
  (["raw", "mangle", "nat", "filter"] as const).flatMap((name) =>
    netns.netfilter
      .table(family, name)
      .ordered()
      .filter((chain) => chain.hook === undefined && chain.references === 0),
  );

export const hasRules = (netns: Netns, family: Family): boolean =>
  (["raw", "mangle", "nat", "filter"] as const).some((name) =>
    [...netns.netfilter.table(family, name).chains.values()].some(
      (chain) => chain.rules.length > 0 || chain.hook === undefined || chain.policy === "DROP",
    ),
  );

/** One condition of a rule: a word that is translated (undefined: none is needed), and a value in the tools' own words. */
export interface Condition {
  readonly word: "in" | "out" | "from" | "to" | "fromPort" | "toPort" | "state" | "toType" | "fromType" | "comment" | undefined;
  readonly not: boolean;
  readonly value: string;
}

const condition = (word: Condition["word"], value: string, not = false): Condition => ({ word, not, value });

const ofAddress = (word: "from" | "to", match: AddressMatch | undefined): Condition[] => {
  if (!match) return [];
  const bits = typeof match.ip === "number" ? 32 : 128;
  const mask = BigInt(match.mask).toString(2);
  const length = mask === "0" ? 0 : mask.replace(/0+$/, "").length;
  const plain = mask.length === bits && !mask.replace(/0+$/, "").includes("0");
  const suffix = plain ? (length === bits ? "" : `/${length}`) : `/${formatIp(match.mask)}`;
  return [condition(word, `${formatIp(match.ip)}${suffix}`, match.invert)];
};

const ofInterface = (word: "in" | "out", match: InterfaceMatch | undefined): Condition[] =>
  match ? [condition(word, match.name, match.invert)] : [];

/** Options of match modules that have a word of their own; what is not here is shown as it is typed. */
const OPTION_WORDS: Readonly<Record<string, Condition["word"]>> = {
  "--dport": "toPort",
  "--dports": "toPort",
  "--sport": "fromPort",
  "--sports": "fromPort",
  "--ctstate": "state",
  "--state": "state",
  "--dst-type": "toType",
  "--src-type": "fromType",
  "--comment": "comment",
};

/** "--dport 80", "! --ctstate NEW" of a match module, option by option. */
function ofMatch(name: string, text: string): Condition[] {
  if (text === "") return [condition(undefined, name)];
  return text.split(/(?=(?:! )?--)/).map((part) => {
    const [, bang, option = "", value = ""] = /^(! )?(--[\w-]+)?\s*(.*?)\s*$/s.exec(part) ?? [];
    const word = OPTION_WORDS[option];
    return word ? condition(word, value.replace(/^"(.*)"$/, "$1"), bang !== undefined) : condition(undefined, part.trim());
  });
}

/** What a packet must be for the rule to match; nothing: every packet. */
export function conditionsOf(parts: RuleParts): readonly Condition[] {
  const conditions: Condition[] = [...ofInterface("in", parts.input), ...ofInterface("out", parts.output)];
  if (parts.protocol !== 0) conditions.push(condition(undefined, protocolName(parts.protocol, true), parts.protocolInverted));
  conditions.push(...ofAddress("from", parts.source), ...ofAddress("to", parts.destination));
  if (parts.fragment) conditions.push(condition(undefined, "-f", parts.fragment.invert));
  for (const { name, match } of parts.matches) conditions.push(...ofMatch(name, match.text));
  return conditions;
}

/** What the rule does: the target's name, and its options as a person reads them. */
export interface Outcome {
  readonly name: string;
  readonly detail: string;
  readonly kind: "accept" | "drop" | "return" | "jump" | "change" | "none";
}

const DETAILS: readonly (readonly [RegExp, string])[] = [
  [/^--to-destination /, "→ "],
  [/^--to-source /, "→ "],
  [/^--to-ports /, "→ :"],
  [/^--to /, "→ "],
  [/^--reject-with /, ""],
];

export function outcomeOf({ action }: RuleParts): Outcome {
  switch (action.kind) {
    case "none":
      return { name: "", detail: "", kind: "none" };
    case "chain":
      return { name: action.name, detail: action.goto ? "goto" : "", kind: "jump" };
    case "verdict": {
      const kind = action.verdict === "ACCEPT" ? "accept" : action.verdict === "RETURN" ? "return" : "drop";
      return { name: action.verdict, detail: "", kind };
    }
    case "target": {
      const { text } = action.target;
      const found = DETAILS.find(([pattern]) => pattern.test(text));
      const detail = found ? text.replace(found[0], found[1]) : text;
      return { name: action.name, detail, kind: action.name === "REJECT" ? "drop" : "change" };
    }
  }
}

const program = (family: Family): string => (family === 4 ? "iptables" : "ip6tables");
const tableWords = (table: TableName): string => (table === "filter" ? "" : `-t ${table} `);

export function ruleActs(family: Family, chain: Chain, rule: Rule, place: Place | undefined): Act[] {
  return act(place, "delete", `${program(family)} ${tableWords(chain.table)}-D ${chain.name} ${chain.numberOf(rule)}`, true);
}

/** Of a chain: the other policy for a built-in one, an end to its rules, counters from zero. */
export function chainActs(family: Family, chain: Chain, place: Place | undefined): Act[] {
  const line = (words: string): string => `${program(family)} ${tableWords(chain.table)}${words}`;
  const acts: Act[] = [];
  if (chain.hook && chain.table !== "nat") {
    const other = chain.policy === "ACCEPT" ? "DROP" : "ACCEPT";
    acts.push(...act(place, other === "DROP" ? "drop" : "accept", line(`-P ${chain.name} ${other}`), other === "DROP"));
  }
  if (chain.rules.length > 0) {
    acts.push(...act(place, "zero", line(`-Z ${chain.name}`)));
    acts.push(...act(place, "flush", line(`-F ${chain.name}`), true));
  } else if (!chain.hook && chain.references === 0) acts.push(...act(place, "delete", line(`-X ${chain.name}`), true));
  return acts;
}

/** The beginning of a line that puts a rule first in a chain. */
export const insertLine = (family: Family, chain: { readonly name: string; readonly table: TableName }): string =>
  `${program(family)} ${tableWords(chain.table)}-I ${chain.name} `;

/** What the newest packet that rules of a netns were asked about has met there. */
export interface LastPacket {
  readonly packet: number;
  /** Keys of rules and policies (`ruleKey`, `policyKey`), in the order in which they decided. */
  readonly met: readonly string[];
  readonly dropped: boolean;
}

/** By its words, so that a rule is found again when others have come before it. */
export const ruleKey = (chain: Chain, rule: Rule): string => `${chain.table} -A ${chain.name} ${rule.spec.text}`.trimEnd();
export const policyKey = (chain: Pick<Chain, "name" | "table">): string => `${chain.table} -P ${chain.name}`;

/** How far back the trace is read when somebody looks for the first time. */
const LOOK_BACK = 4000;

/** Follows the trace and knows the last packet of every netns and family that rules have decided about. */
export class LastPackets {
  readonly #trace: Trace;
  readonly #last = new Map<string, { packet: number; met: string[]; dropped: boolean }>();
  #read: number;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = Math.max(trace.dropped, trace.end - LOOK_BACK);
  }

  of(netns: Netns, family: Family): LastPacket | undefined {
    for (this.#read = Math.max(this.#read, this.#trace.dropped); this.#read < this.#trace.end; this.#read++) this.#take(this.#read);
    return this.#last.get(`${netns.uid}/${family}`);
  }

  #take(position: number): void {
    const entry = this.#trace.at(position);
    if (entry?.kind !== "hop" || entry.point !== "netfilter") return;
    const { decision } = entry;
    if (decision?.by !== "rule" && decision?.by !== "policy") return;
    const place = `${entry.netns}/${decision.family}`;
    let last = this.#last.get(place);
    if (last?.packet !== entry.packet) {
      last = { packet: entry.packet, met: [], dropped: false };
      this.#last.set(place, last);
    }
    last.met.push(`${decision.table} ${decision.by === "rule" ? decision.rule : `-P ${decision.chain}`}`);
    if (entry.verdict === "drop") last.dropped = true;
  }
}

const watches = new WeakMap<Trace, LastPackets>();

/** One watch a trace, so that looking again costs only what is new. */
export function lastPackets(trace: Trace): LastPackets {
  let watch = watches.get(trace);
  if (!watch) {
    watch = new LastPackets(trace);
    watches.set(trace, watch);
  }
  return watch;
}
