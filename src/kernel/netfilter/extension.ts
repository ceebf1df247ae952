/** What a match or a target is to the rule parser and the rule walker: one entry a module of xtables (libxt_*, libipt_*, libip6t_*). */
import type { Family, Ip } from "../address.ts";
import { parseIpv4, parseIpv6 } from "../address.ts";
import type { TableName } from "./types.ts";
import type { PacketView } from "./view.ts";

/** What iptables prints when it refuses: lines for stderr and the exit status (1, 2 for usage, 4 for resources). */
export class IptablesError {
  readonly message: string;
  readonly status: number;

  constructor(message: string, status = 1) {
    this.message = message;
    this.status = status;
  }
}

/** A usage error on its way from where it is found to where the command ends; never leaves this folder. */
export class UsageError {
  readonly message: string;
  /** A warning that was printed before it. */
  readonly before: string;

  constructor(message: string, before = "") {
    this.message = message;
    this.before = before;
  }
}

/** Refuses with xtables_error(PARAMETER_PROBLEM, …): the message, then the hint to --help, exit status 2. */
export function refuse(message: string): never {
  throw new UsageError(message);
}

/** An option as it was given. `value` is "" for flags; `second` is set for those that take two words. */
export interface OptionUse {
  readonly name: string;
  readonly value: string;
  readonly second?: string;
  readonly invert: boolean;
  /** The protocol that -p had named when it was read, without "!": some modules look no further. */
  readonly protocol?: number;
}

/** What the rest of the rule says, for modules that depend on it. */
export interface RuleContext {
  readonly family: Family;
  readonly protocol: number;
  readonly protocolInverted: boolean;
}

/** Number of words that an option takes. */
export type OptionArity = 0 | 1 | 2;

/** A condition of a rule. */
export interface Match {
  /** The options as `-S` prints them after "-m name ", or "" when there are none. */
  readonly text: string;
  /** What `-L` prints of it. */
  print(numeric: boolean): string;
  test(view: PacketView): boolean;
  /** It needs a kernel module that there is none of. */
  readonly missingModule?: boolean;
  /** Whether the kernel refuses it in a rule that these base chains lead to; never when absent. */
  readonly invalidFor?: (chains: ReadonlySet<string>) => boolean;
}

/** What a rule does when it matches. */
export interface Target {
  readonly text: string;
  print(numeric: boolean): string;
  /** "continue" goes on to the next rule. */
  run(view: PacketView): "accept" | "drop" | "continue";
  /** In the words of a hop: whether the rule belongs into the journey although it does not end it. */
  readonly told?: boolean;
  /** Where the kernel accepts it: tables, base chains that may lead to it, and the protocols of the rule. */
  readonly tables?: readonly TableName[];
  readonly chains?: readonly string[];
  readonly protocols?: readonly number[];
  /** What dmesg says when the kernel refuses it. */
  readonly log?: string;
}

interface Extension {
  readonly options: Readonly<Record<string, OptionArity>>;
  /** Only for this family; both when absent. */
  readonly family?: Family;
  /** Needs connection tracking to be on. */
  readonly conntrack?: boolean;
  /** What it builds remembers packets, so that each rule needs one of its own. */
  readonly stateful?: boolean;
}

export interface MatchExtension extends Extension {
  build(uses: readonly OptionUse[], context: RuleContext): Match;
}

export interface TargetExtension extends Extension {
  build(uses: readonly OptionUse[], context: RuleContext): Target;
  /** The name that `-L` prints, where it differs (NOTRACK is an old name of CT). */
  readonly listedAs?: string;
}

/** The use of an option that may be given once; undefined when it is absent (xtables_option_parse). */
export function once(extension: string, uses: readonly OptionUse[], name: string): OptionUse | undefined {
  let found: OptionUse | undefined;
  for (const use of uses) {
    if (use.name !== name) continue;
    if (found) refuse(`${extension}: option "--${name}" can only be used once.\n`);
    found = use;
  }
  return found;
}

/** An option that must be there. */
export function required(extension: string, uses: readonly OptionUse[], name: string): OptionUse {
  return once(extension, uses, name) ?? refuse(`${extension}: option "--${name}" must be specified\n`);
}

/** "! " in front of an option that is inverted. */
export const bang = (use: { readonly invert: boolean }): string => (use.invert ? "! " : "");

/** A whole number in decimal, octal or hex as strtoul() reads it; undefined when it is not one. */
export function parseNumber(text: string, max: number): number | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const value = /^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= max ? value : undefined;
}

/** A number option within bounds (XTTYPE_UINT8 to XTTYPE_UINT32). */
export function numberOption(extension: string, use: OptionUse, max: number, min = 0): number {
  const value = parseNumber(use.value, max);
  if (value === undefined || value < min) refuse(`${extension}: bad value for option "--${use.name}", or out of range (${min}-${max}).\n`);
  return value;
}

/** What is to be said of a rule, in one line. */
export const words = (parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join(" ");

export const hex = (value: number): string => `0x${value.toString(16)}`;

/** A value with a mask: "0x5/0xff" (XTTYPE_MARKMASK32). */
export function markOption(extension: string, use: OptionUse): { readonly mark: number; readonly mask: number } {
  const [value, mask, ...rest] = use.value.split("/");
  const markNumber = parseNumber(value as string, 0xffffffff);
  const maskNumber = mask === undefined ? 0xffffffff : parseNumber(mask, 0xffffffff);
  if (markNumber === undefined || maskNumber === undefined || rest.length)
    refuse(`${extension}: bad integer value for option "--${use.name}", or out of range.\n`);
  return { mark: markNumber, mask: maskNumber };
}

/** An address of the family in its notation; undefined when it is not one. */
export const parseAddress = (text: string, family: Family): Ip | undefined => (family === 4 ? parseIpv4(text) : parseIpv6(text));

/** A string as iptables-save prints it: quoted when it holds anything but harmless characters (xtables_save_string). */
export function saveString(text: string): string {
  if (text !== "" && /^[A-Za-z0-9_.,/:+@%^=-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, "\\$&")}"`;
}
