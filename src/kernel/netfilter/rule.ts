/** A rule as it was parsed: what it matches, what it does, and its words as `-S` and `-L` print them. */
import { bitsOf, type Family, formatIp, type Ip } from "../address.ts";
import type { Match, Target } from "./extension.ts";
import { protocolName } from "./names.ts";
import type { PacketView } from "./view.ts";

export interface AddressMatch {
  readonly ip: Ip;
  /** Bits that count; a prefix nearly always, any pattern where `-s 10.0.0.1/255.0.255.0` says so. */
  readonly mask: Ip;
  readonly invert: boolean;
}

export interface InterfaceMatch {
  readonly name: string;
  readonly invert: boolean;
}

export interface NamedMatch {
  readonly name: string;
  readonly match: Match;
}

export type Verdict = "ACCEPT" | "DROP" | "RETURN" | "QUEUE";

/** What a rule does: nothing, a verdict, a target module, or a user-defined chain. */
export type Action =
  | { readonly kind: "none" }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "target"; readonly name: string; readonly listedAs: string; readonly target: Target }
  | { readonly kind: "chain"; readonly name: string; readonly goto: boolean };

export interface RuleParts {
  readonly family: Family;
  readonly source?: AddressMatch;
  readonly destination?: AddressMatch;
  readonly input?: InterfaceMatch;
  readonly output?: InterfaceMatch;
  /** 0: any. */
  readonly protocol: number;
  readonly protocolInverted: boolean;
  /** `-f`: later fragments only. */
  readonly fragment?: { readonly invert: boolean };
  readonly matches: readonly NamedMatch[];
  readonly action: Action;
  /** Whether a module needs connection tracking. */
  readonly conntrack: boolean;
}

/** Whether a device's name is the one of a rule, where a final "+" stands for any ending. */
export const matchesName = (pattern: string, name: string): boolean =>
  pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** The prefix length of a mask, undefined for one with holes. */
function maskLength(mask: Ip): number | undefined {
  const bits = BigInt(bitsOf(mask));
  const inverse = ~BigInt(mask) & ((1n << bits) - 1n);
  return (inverse & (inverse + 1n)) === 0n ? Number(bits) - inverse.toString(2).replace(/^0$/, "").length : undefined;
}

const saveAddress = (option: string, match: AddressMatch | undefined): string[] =>
  match ? [`${match.invert ? "! " : ""}${option} ${formatIp(match.ip)}/${maskLength(match.mask) ?? formatIp(match.mask)}`] : [];

const saveInterface = (option: string, match: InterfaceMatch | undefined): string[] =>
  match ? [`${match.invert ? "! " : ""}${option} ${match.name}`] : [];

export interface ListStyle {
  readonly numeric: boolean;
  readonly verbose: boolean;
}

/** Addresses that /etc/hosts and /etc/networks of any host name. */
const NAMED: ReadonlyMap<Ip, string> = new Map([
  [0x7f000001, "localhost"],
  [0, "default"],
]);

function listAddress(match: AddressMatch | undefined, family: Family, numeric: boolean): string {
  const not = match?.invert ? "!" : " ";
  if (!match) return `${not}${(numeric ? (family === 4 ? "0.0.0.0/0" : "::/0") : "anywhere").padEnd(19)}`;
  const length = maskLength(match.mask);
  const suffix = length === bitsOf(match.ip) ? "" : `/${length ?? formatIp(match.mask)}`;
  const name = numeric || suffix ? undefined : NAMED.get(match.ip);
  return `${not}${(name ?? `${formatIp(match.ip)}${suffix}`).padEnd(19)}`;
}

const listInterface = (match: InterfaceMatch | undefined, numeric: boolean): string =>
  (match ? `${match.invert ? "!" : ""}${match.name}` : numeric ? "*" : "any").padEnd(6);

/** Everything about a rule but its place and counters. Immutable, and shared by rules with the same words. */
export class RuleSpec {
  readonly parts: RuleParts;
  /** The rule's words after "-A CHAIN ", without counters: `-S` prints them, and rules are compared by them. */
  readonly text: string;
  readonly #tests: ((view: PacketView) => boolean)[];
  readonly #sourceV4: number;
  readonly #sourceMaskV4: number;
  readonly #destinationV4: number;
  readonly #destinationMaskV4: number;

  constructor(parts: RuleParts) {
    this.parts = parts;
    const before = this.#conditions();
    const action = this.#actionWords();
    this.text = before && action ? `${before} ${action}` : before || action;
    this.#tests = parts.matches.map(({ match }) => match.test.bind(match));
    const v4 = (ip: Ip | undefined): number => (typeof ip === "number" ? ip : 0);
    this.#sourceV4 = v4(parts.source?.ip);
    this.#sourceMaskV4 = v4(parts.source?.mask);
    this.#destinationV4 = v4(parts.destination?.ip);
    this.#destinationMaskV4 = v4(parts.destination?.mask);
  }

  /** Whether the rule's conditions hold for a packet (ipt_do_table's inner part). */
  matches(view: PacketView): boolean {
    const { input, output, protocol, source, destination, fragment } = this.parts;
    if (input !== undefined && matchesName(input.name, view.inName) === input.invert) return false;
    if (output !== undefined && matchesName(output.name, view.outName) === output.invert) return false;
    const packet = view.packet;
    if (protocol !== 0 && (packet.protocol === protocol) === this.parts.protocolInverted) return false;
    if (source !== undefined && this.#inSource(packet.src, source) === source.invert) return false;
    if (destination !== undefined && this.#inDestination(packet.dst, destination) === destination.invert) return false;
    if (fragment !== undefined && (view.body === undefined) === fragment.invert) return false;
    for (const test of this.#tests) if (!test(view)) return false;
    return true;
  }

  /** The words of a rule with its counters in the place where `-S -v` prints them. */
  textWithCounters(packets: number, bytes: number): string {
    return [this.#conditions(), `-c ${packets} ${bytes}`, this.#actionWords()].filter((part) => part !== "").join(" ");
  }

  /** The name in the target column of `-L`. */
  get targetName(): string {
    const { action } = this.parts;
    if (action.kind === "verdict") return action.verdict;
    if (action.kind === "target") return action.listedAs;
    return action.kind === "chain" ? action.name : "";
  }

  /** The columns of `-L` after the counters (print_rule4, print_rule6 of iptables). */
  list({ numeric, verbose }: ListStyle): string {
    const { family, protocol, protocolInverted, fragment, source, destination, input, output } = this.parts;
    const proto = `${protocolInverted ? "!" : " "}${protocolName(protocol, numeric).padEnd(4)}`;
    const opt = fragment ? (fragment.invert ? "!f" : "-f") : "--";
    const via = verbose ? ` ${listInterface(input, numeric)} ${listInterface(output, numeric)} ` : "";
    const addresses = `${listAddress(source, family, numeric)} ${listAddress(destination, family, numeric)}`;
    const head = `${this.targetName.padEnd(9)} ${proto} ${opt} ${via}${addresses}`;
    return `${head} ${this.#details(numeric)}`;
  }

  /** The line that `-v` prints for a rule that is added, deleted or checked. */
  listInline(): string {
    const { family, protocol, protocolInverted, fragment, source, destination, input, output } = this.parts;
    const name = (match: InterfaceMatch | undefined): string => listInterface(match, true).trimEnd();
    const address = (match: AddressMatch | undefined): string => listAddress(match, family, true).trim();
    const opt = fragment ? (fragment.invert ? "!f" : "-f") : "--";
    const head = `${this.targetName}  ${protocolInverted ? "!" : ""}${protocolName(protocol, true)} opt ${opt} in ${name(input)} out ${name(output)}`;
    return `${head}  ${address(source)}  -> ${address(destination)}  ${this.#details(true)}`;
  }

  #details(numeric: boolean): string {
    const { matches, action } = this.parts;
    const words = matches.map(({ match }) => match.print(numeric)).filter((shown) => shown !== "");
    if (action.kind === "target") words.push(action.target.print(numeric));
    const details = words.filter((word) => word !== "").map((word) => ` ${word}`);
    if (action.kind === "chain" && action.goto) details.push("[goto] ");
    return details.join("");
  }

  #conditions(): string {
    const { source, destination, input, output, protocol, protocolInverted, fragment, matches } = this.parts;
    return [
      ...saveAddress("-s", source),
      ...saveAddress("-d", destination),
      ...saveInterface("-i", input),
      ...saveInterface("-o", output),
      ...(protocol !== 0 ? [`${protocolInverted ? "! " : ""}-p ${protocolName(protocol, true)}`] : []),
      ...(fragment ? [fragment.invert ? "! -f" : "-f"] : []),
      ...matches.map(({ name, match }) => (match.text ? `-m ${name} ${match.text}` : `-m ${name}`)),
    ].join(" ");
  }

  #actionWords(): string {
    const { action } = this.parts;
    switch (action.kind) {
      case "none":
        return "";
      case "verdict":
        return `-j ${action.verdict}`;
      case "target":
        return action.target.text ? `-j ${action.name} ${action.target.text}` : `-j ${action.name}`;
      case "chain":
        return `${action.goto ? "-g" : "-j"} ${action.name}`;
    }
  }

  #inSource(ip: Ip, { ip: wanted, mask }: AddressMatch): boolean {
    if (typeof ip === "number") return ((ip ^ this.#sourceV4) & this.#sourceMaskV4) === 0;
    return ((ip ^ (wanted as bigint)) & (mask as bigint)) === 0n;
  }

  #inDestination(ip: Ip, { ip: wanted, mask }: AddressMatch): boolean {
    if (typeof ip === "number") return ((ip ^ this.#destinationV4) & this.#destinationMaskV4) === 0;
    return ((ip ^ (wanted as bigint)) & (mask as bigint)) === 0n;
  }
}
