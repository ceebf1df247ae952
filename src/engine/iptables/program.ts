/**
 * How the daemon runs iptables (libnetwork/iptables): a rule is a table, a chain and words; a failure to delete what is
 * not there does not matter, and what an administrator has taken away is not missed.
 */
import type { Family } from "../../kernel/address.ts";
import { IptablesError } from "../../kernel/netfilter/netfilter.ts";
import type { Netns } from "../../kernel/netns.ts";

export type Table = "filter" | "nat" | "raw";

export interface Rule {
  readonly family: Family;
  readonly table: Table;
  readonly chain: string;
  readonly words: readonly string[];
}

export class Firewall {
  readonly #netns: Netns;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  newChain(family: Family, table: Table, chain: string): void {
    this.#run(family, ["-t", table, "-N", chain]);
  }

  append(rule: Rule): void {
    this.#run(rule.family, ["-t", rule.table, "-A", rule.chain, ...rule.words]);
  }

  insert(rule: Rule): void {
    this.#run(rule.family, ["-t", rule.table, "-I", rule.chain, ...rule.words]);
  }

  /** As the daemon does with all of its rules; the others differ from each other in any case. */
  insertUnlessThere(rule: Rule): void {
    if (!this.#run(rule.family, ["-t", rule.table, "-C", rule.chain, ...rule.words])) this.insert(rule);
  }

  delete(rule: Rule): void {
    this.#run(rule.family, ["-t", rule.table, "-D", rule.chain, ...rule.words]);
  }

  policy(family: Family, chain: string, policy: "ACCEPT" | "DROP"): void {
    this.#run(family, ["-t", "filter", "-P", chain, policy]);
  }

  #run(family: Family, words: readonly string[]): boolean {
    return !(this.#netns.netfilter.command(family, words) instanceof IptablesError);
  }
}
