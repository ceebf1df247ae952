/** What `iptables -L` and `-S` print of chains and rules (iptables/nft.c, print_header of xshared.c). */
import type { Chain, Rule } from "./table.ts";

export interface Listing {
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
}

/** A counter in a column, or with its suffix from 100,000 on (xtables_print_num). */
function counter(value: number, exact: boolean, width: readonly [number, number, number]): string {
  if (exact) return String(value).padStart(width[0]);
  if (value <= 99_999) return String(value).padStart(width[1]);
  let rest = value;
  for (const suffix of "KMG") {
    rest = Math.floor((rest + 500) / 1000);
    if (rest <= 9_999) return String(rest).padStart(width[2]) + suffix;
  }
  return `${String(Math.floor((rest + 500) / 1000)).padStart(width[2])}T`;
}

const COLUMN = [8, 5, 4] as const;
const INLINE = [0, 0, 0] as const;

function heading(chain: Chain, { verbose, exact }: Listing): string {
  if (!chain.hook) return `Chain ${chain.name} (${chain.references} references)`;
  const counters = verbose ? ` ${counter(chain.packets, exact, INLINE)} packets, ${counter(chain.bytes, exact, INLINE)} bytes` : "";
  return `Chain ${chain.name} (policy ${chain.policy}${counters})`;
}

function columns({ verbose, exact, lineNumbers }: Listing): string {
  const numbers = lineNumbers ? "num  " : "";
  const counters = verbose ? (exact ? "    pkts      bytes " : " pkts bytes ") : "";
  const via = verbose ? " in     out    " : "";
  return `${numbers}${counters}target     prot opt${via} source               destination         `;
}

function ruleLine(rule: Rule, number: number, listing: Listing): string {
  const { verbose, exact, lineNumbers } = listing;
  const place = lineNumbers ? `${String(number).padEnd(4)} ` : "";
  const counters = verbose ? `${counter(rule.packets, exact, COLUMN)} ${counter(rule.bytes, exact, COLUMN)} ` : "";
  return `${place}${counters}${rule.spec.list(listing)}`;
}

/** `-L CHAIN`: heading, columns, rules; with a number, that rule alone. */
export function listChain(chain: Chain, listing: Listing, number?: number): string {
  const lines = number === undefined ? [heading(chain, listing), columns(listing)] : [];
  for (const [i, rule] of chain.rules.entries()) if (number === undefined || number === i + 1) lines.push(ruleLine(rule, i + 1, listing));
  return lines.map((line) => `${line}\n`).join("");
}

/** How `-S` introduces a chain: its policy, or that it is the user's. */
export function declareChain(chain: Chain, counters: boolean): string {
  if (!chain.hook) return `-N ${chain.name}`;
  return `-P ${chain.name} ${chain.policy}${counters ? ` -c ${chain.packets} ${chain.bytes}` : ""}`;
}

/** A rule as `-S` prints it. */
export function saveRule(chain: Pick<Chain, "name">, rule: Rule, counters: boolean): string {
  const words = counters ? rule.spec.textWithCounters(rule.packets, rule.bytes) : rule.spec.text;
  return words ? `-A ${chain.name} ${words}` : `-A ${chain.name}`;
}
