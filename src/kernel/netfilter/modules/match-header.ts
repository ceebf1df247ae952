/** `-m length`, `-m ttl`, `-m hl`, `-m tos`, `-m dscp` and `-m tcpmss`: fields of the IP and TCP headers (libxt_*, libipt_ttl). */
import { bang, type MatchExtension, numberOption, type OptionUse, once, parseNumber, refuse, required } from "../extension.ts";

function range(module: string, use: OptionUse): readonly [number, number] {
  const [low, high] = use.value.split(":") as [string, string?];
  const bad = (near: string, min: number): never =>
    refuse(`${module}: bad value for option "--${use.name}" near "${near}", or out of range (${min}-65535).\n`);
  const min = low === "" && high !== undefined ? 0 : (parseNumber(low, 65535) ?? bad(use.value, 0));
  const max = high === undefined ? min : high === "" ? 65535 : (parseNumber(high, 65535) ?? bad(high, min));
  if (max < min) bad(high as string, min);
  return [min, max];
}

const rangeText = (min: number, max: number): string => (min === max ? String(min) : `${min}:${max}`);

export const length: MatchExtension = {
  options: { length: 1 },
  build(uses) {
    const use = required("length", uses, "length");
    const [min, max] = range("length", use);
    return {
      text: `${bang(use)}--length ${rangeText(min, max)}`,
      print: () => `length ${use.invert ? "!" : ""}${rangeText(min, max)}`,
      test: (view) => (view.length >= min && view.length <= max) !== use.invert,
    };
  },
};

export const tcpmss: MatchExtension = {
  options: { mss: 1 },
  build(uses, context) {
    const use = required("tcpmss", uses, "mss");
    const [min, max] = range("tcpmss", use);
    return {
      text: `${bang(use)}--mss ${rangeText(min, max)}`,
      print: () => `tcpmss match ${use.invert ? "!" : ""}${rangeText(min, max)}`,
      test: ({ body }) => body?.kind === "tcp" && (body.mss !== undefined && body.mss >= min && body.mss <= max) !== use.invert,
      invalidFor: () => context.protocol !== 6 || context.protocolInverted,
    };
  },
};

/** ttl of IPv4 and hl of IPv6 differ in their names alone. */
const hopMatch = (family: 4 | 6, prefix: string, label: string, missing: string): MatchExtension => ({
  options: { [`${prefix}-eq`]: 1, [`${prefix}-lt`]: 1, [`${prefix}-gt`]: 1 },
  family,
  build(uses) {
    const [use, second] = uses;
    if (!use) refuse(missing);
    if (second) refuse(`${prefix}: option "--${second.name}" cannot be used together with "--${use.name}".\n`);
    const value = numberOption(prefix, use, 255);
    const kind = use.name.slice(-2);
    if (use.invert && kind !== "eq") refuse(`${prefix}: option "--${use.name}" cannot be inverted.\n`);
    const sign = kind === "lt" ? "<" : kind === "gt" ? ">" : use.invert ? "!=" : "==";
    return {
      text: `${bang(use)}--${use.name} ${value}`,
      print: () => `${label} match ${label} ${sign} ${value}`,
      test: ({ packet: { ttl } }) => (kind === "lt" ? ttl < value : kind === "gt" ? ttl > value : (ttl === value) !== use.invert),
    };
  },
});

export const ttl = hopMatch(4, "ttl", "TTL", "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt");
export const hl = hopMatch(6, "hl", "HL", "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'");

const TOS_NAMES: ReadonlyMap<string, number> = new Map([
  ["minimize-delay", 0x10],
  ["maximize-throughput", 0x08],
  ["maximize-reliability", 0x04],
  ["minimize-cost", 0x02],
  ["normal-service", 0x00],
]);

const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;

/** A TOS value with its mask: a name stands for a value under 0x3f. */
export function parseTos(module: string, use: OptionUse): { readonly value: number; readonly mask: number } {
  const named = TOS_NAMES.get(use.value.toLowerCase());
  if (named !== undefined) return { value: named, mask: 0x3f };
  const [value, mask] = use.value.split("/") as [string, string?];
  const bad = (): never => refuse(`${module}: Bad value for "--${use.name}" option: "${use.value}"`);
  return { value: parseNumber(value, 255) ?? bad(), mask: mask === undefined ? 255 : (parseNumber(mask, 255) ?? bad()) };
}

export const tos: MatchExtension = {
  options: { tos: 1 },
  build(uses) {
    const use = required("tos", uses, "tos");
    const { value, mask } = parseTos("tos", use);
    const shown = `${hexByte(value)}/${hexByte(mask)}`;
    return {
      text: `${bang(use)}--tos ${shown}`,
      print: () => `tos match${bang(use)}${shown}`,
      test: ({ packet }) => ((packet.tos & mask) === value) !== use.invert,
    };
  },
};

/** Class selectors, assured forwarding (RFC 2597) and expedited forwarding (RFC 3246). */
const DSCP_CLASSES = new Map([
  ["BE", 0],
  ["EF", 46],
]);
for (let i = 1; i < 8; i++) DSCP_CLASSES.set(`CS${i}`, i * 8);
for (let i = 1; i < 5; i++) for (let j = 1; j < 4; j++) DSCP_CLASSES.set(`AF${i}${j}`, i * 8 + j * 2);

/** `--dscp` with a number or `--dscp-class` with a name, of a match or of the target (there with "set-"). */
export function parseDscp(module: string, uses: readonly OptionUse[], prefix: string): { readonly value: number; readonly use: OptionUse } {
  const number = once(module, uses, `${prefix}dscp`);
  if (number) return { value: numberOption(module, number, 63), use: number };
  const use = once(module, uses, `${prefix}dscp-class`) ?? refuse(`${module} match: Parameter --${prefix}dscp is required`);
  return { value: DSCP_CLASSES.get(use.value.toUpperCase()) ?? refuse(`Invalid DSCP value \`${use.value}'`), use };
}

export const dscp: MatchExtension = {
  options: { dscp: 1, "dscp-class": 1 },
  build(uses) {
    const { value, use } = parseDscp("dscp", uses, "");
    return {
      text: `${bang(use)}--dscp ${hexByte(value)}`,
      print: () => `DSCP match ${use.invert ? "!" : ""}${hexByte(value)}`,
      test: ({ packet }) => (packet.tos >> 2 === value) !== use.invert,
    };
  },
};
