/** Tables and chains of one family: the rules in their order, found by their words, counted as packets pass. */
import type { Family } from "../address.ts";
import type { Decision } from "../trace.ts";
import type { RuleSpec } from "./rule.ts";
import type { Hook, TableName } from "./types.ts";

/** The built-in chains of each table, in the order in which they are listed. */
const BASE_CHAINS: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** The order in which iptables-save prints tables (enum nft_table_type). */
export const TABLE_ORDER: readonly TableName[] = ["mangle", "security", "raw", "filter", "nat"];

export class Rule {
  readonly spec: RuleSpec;
  packets = 0;
  bytes = 0;
  /** Place in the chain, from 1, as it was when the chain was last numbered. */
  number = 0;
  /** What a hop says of the rule, made when it is first wanted and as long as `number` holds. */
  decision: Decision | undefined;
  /** The chain that a jump or goto leads to. */
  readonly jump: Chain | undefined;

  constructor(spec: RuleSpec, jump: Chain | undefined) {
    this.spec = spec;
    this.jump = jump;
  }
}

export class Chain {
  name: string;
  readonly table: TableName;
  /** A built-in chain's hook; undefined for a chain of the user. */
  readonly hook: Hook | undefined;
  policy: "ACCEPT" | "DROP" = "ACCEPT";
  packets = 0;
  bytes = 0;
  readonly rules: Rule[] = [];
  /** How many rules of which chains jump or go here. */
  readonly callers = new Map<Chain, number>();
  /** A built-in chain exists in the kernel once something was done to it. */
  created = false;
  /** How many rules have each text: says at once that none has, which is what Docker asks most. */
  readonly #texts = new Map<string, number>();
  #numbered = false;
  #told: Extract<Decision, { readonly by: "policy" }> | undefined;

  constructor(name: string, table: TableName, hook: Hook | undefined) {
    this.name = name;
    this.table = table;
    this.hook = hook;
  }

  /** Index of the first rule with these words, -1 when there is none. */
  indexOf(text: string): number {
    if (!this.#texts.has(text)) return -1;
    return this.rules.findIndex((rule) => rule.spec.text === text);
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  insert(index: number, rule: Rule): void {
    if (index === this.rules.length) this.rules.push(rule);
    else if (index === 0) this.rules.unshift(rule);
    else this.rules.splice(index, 0, rule);
    const { text } = rule.spec;
    this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
    if (rule.jump) rule.jump.callers.set(this, (rule.jump.callers.get(this) ?? 0) + 1);
    this.#numbered = false;
  }

  removeAt(index: number): Rule {
    const [rule] = this.rules.splice(index, 1) as [Rule];
    const { text } = rule.spec;
    const left = (this.#texts.get(text) as number) - 1;
    if (left) this.#texts.set(text, left);
    else this.#texts.delete(text);
    this.#release(rule);
    this.#numbered = false;
    return rule;
  }

  clear(): void {
    for (const rule of this.rules) this.#release(rule);
    this.rules.length = 0;
    this.#texts.clear();
    this.#numbered = false;
  }

  /** Rules that jump or go here. */
  get references(): number {
    let count = 0;
    for (const rules of this.callers.values()) count += rules;
    return count;
  }

  zero(): void {
    this.packets = 0;
    this.bytes = 0;
    for (const rule of this.rules) {
      rule.packets = 0;
      rule.bytes = 0;
    }
  }

  /** The place of a rule of this chain, from 1. */
  numberOf(rule: Rule): number {
    if (!this.#numbered) {
      let number = 0;
      for (const each of this.rules) {
        if (each.number !== ++number) each.decision = undefined;
        each.number = number;
      }
      this.#numbered = true;
    }
    return rule.number;
  }

  /** What a hop says when no rule has decided: the chain's policy. */
  policyDecision(family: Family): Decision {
    if (this.#told?.policy !== this.policy) this.#told = { by: "policy", family, table: this.table, chain: this.name, policy: this.policy };
    return this.#told;
  }

  #release({ jump }: Rule): void {
    if (!jump) return;
    const left = (jump.callers.get(this) as number) - 1;
    if (left) jump.callers.set(this, left);
    else jump.callers.delete(this);
  }
}

/** One table of one family. It exists from the start, and is printed by iptables-save once it was touched. */
export class Table {
  readonly family: Family;
  readonly name: TableName;
  readonly chains = new Map<string, Chain>();
  touched = false;

  constructor(family: Family, name: TableName) {
    this.family = family;
    this.name = name;
    for (const hook of BASE_CHAINS[name]) this.chains.set(hook, new Chain(hook, name, hook));
  }

  /** Built-in chains in hook order, then the user's by name: as every listing goes (nft_chain_list_sort). */
  ordered(): readonly Chain[] {
    const own = [...this.chains.values()].filter((chain) => chain.hook === undefined);
    own.sort((a, b) => (a.name < b.name ? -1 : 1));
    return [...BASE_CHAINS[this.name].map((hook) => this.chains.get(hook) as Chain), ...own];
  }
}
