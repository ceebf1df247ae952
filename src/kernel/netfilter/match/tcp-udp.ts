/** `-m tcp` and `-m udp`: ports, flags (libxt_tcp, libxt_udp). */
import { PROTO_TCP, PROTO_UDP, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../../wire/packet.ts";
import { bang, type MatchExtension, type OptionUse, parseNumber, refuse } from "../extension.ts";
import { parsePort, portName } from "../names.ts";

interface PortRange {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
}

export function parsePortOrRefuse(text: string, protocol: number): number {
  return parsePort(text, protocol) ?? refuse(`invalid port/service \`${text}' specified`);
}

function portRange(uses: readonly OptionUse[], names: readonly string[], long: string, protocol: number): PortRange | undefined {
  const given = uses.filter((use) => names.includes(use.name));
  if (given.length > 1) refuse(`Only one \`--${long}' allowed`);
  const use = given[0];
  if (!use) return undefined;
  const colon = use.value.indexOf(":");
  if (colon < 0) {
    const port = parsePortOrRefuse(use.value, protocol);
    return { min: port, max: port, invert: use.invert };
  }
  const [low, high] = [use.value.slice(0, colon), use.value.slice(colon + 1)];
  const min = low === "" ? 0 : parsePortOrRefuse(low, protocol);
  const max = high === "" ? 65535 : parsePortOrRefuse(high, protocol);
  if (min > max) refuse("invalid portrange (min > max)");
  // The nf_tables backend keeps an inverted range that touches an end as its complement.
  if (use.invert && min === 0 && max < 65535) return { min: max + 1, max: 65535, invert: false };
  if (use.invert && max === 65535 && min > 0) return { min: 0, max: min - 1, invert: false };
  return { min, max, invert: use.invert };
}

const inRange = (range: PortRange | undefined, port: number): boolean =>
  range === undefined || (port >= range.min && port <= range.max) !== range.invert;

const saveRange = (option: string, range: PortRange | undefined): string[] =>
  range ? [`${bang(range)}--${option} ${range.min === range.max ? range.min : `${range.min}:${range.max}`}`] : [];

const printRange = (word: string, range: PortRange | undefined, protocol: number, numeric: boolean): string[] => {
  if (!range) return [];
  const name = (port: number): string => (numeric ? String(port) : portName(port, protocol));
  const not = range.invert ? "!" : "";
  return range.min === range.max ? [`${word}:${not}${name(range.min)}`] : [`${word}s:${not}${name(range.min)}:${name(range.max)}`];
};

const SOURCE = ["sport", "source-port"];
const DESTINATION = ["dport", "destination-port"];

export const udp: MatchExtension = {
  options: { sport: 1, "source-port": 1, dport: 1, "destination-port": 1 },
  build(uses, context) {
    if (uses.length && (context.protocol !== PROTO_UDP || context.protocolInverted)) refuse("UDP match requires '-p udp'");
    const source = portRange(uses, SOURCE, "source-port", PROTO_UDP);
    const destination = portRange(uses, DESTINATION, "destination-port", PROTO_UDP);
    return {
      text: [...saveRange("sport", source), ...saveRange("dport", destination)].join(" "),
      print: (numeric) =>
        ["udp", ...printRange("spt", source, PROTO_UDP, numeric), ...printRange("dpt", destination, PROTO_UDP, numeric)].join(" "),
      test: ({ body }) => body?.kind === "udp" && inRange(source, body.srcPort) && inRange(destination, body.dstPort),
      invalidFor: () => context.protocol !== PROTO_UDP || context.protocolInverted,
    };
  },
};

/** In the order in which iptables prints them. */
const FLAGS: readonly (readonly [string, number])[] = [
  ["FIN", TCP_FIN],
  ["SYN", TCP_SYN],
  ["RST", TCP_RST],
  ["PSH", TCP_PSH],
  ["ACK", TCP_ACK],
  ["URG", 32],
];

function parseFlags(text: string): number {
  let flags = 0;
  for (const word of text.split(",")) {
    const name = word.toUpperCase();
    const flag = name === "ALL" ? 63 : name === "NONE" ? 0 : FLAGS.find(([known]) => known === name)?.[1];
    flags |= flag ?? refuse(`Unknown TCP flag \`${word}'`);
  }
  return flags;
}

const flagNames = (flags: number): string =>
  FLAGS.filter(([, flag]) => flags & flag)
    .map(([name]) => name)
    .join(",") || "NONE";

const SYN_MASK = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK;
const byte = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;

export const tcp: MatchExtension = {
  options: { sport: 1, "source-port": 1, dport: 1, "destination-port": 1, syn: 0, "tcp-flags": 2, "tcp-option": 1 },
  build(uses, context) {
    if (uses.length && (context.protocol !== PROTO_TCP || context.protocolInverted)) refuse("TCP match requires '-p tcp'");
    const source = portRange(uses, SOURCE, "source-port", PROTO_TCP);
    const destination = portRange(uses, DESTINATION, "destination-port", PROTO_TCP);
    const flagUses = uses.filter((use) => use.name === "syn" || use.name === "tcp-flags");
    if (flagUses.length > 1) refuse("Only one of `--syn' or `--tcp-flags'  allowed");
    const [use] = flagUses;
    const flags = use && {
      mask: use.name === "syn" ? SYN_MASK : parseFlags(use.value),
      value: use.name === "syn" ? TCP_SYN : parseFlags(use.second as string),
      invert: use.invert,
    };
    const optionUse = uses.find((candidate) => candidate.name === "tcp-option");
    const option = optionUse && {
      kind: parseNumber(optionUse.value, 255) || refuse(`Bad TCP option \`${optionUse.value}'`),
      invert: optionUse.invert,
    };
    return {
      text: [
        ...saveRange("sport", source),
        ...saveRange("dport", destination),
        ...(option ? [`${bang(option)}--tcp-option ${option.kind}`] : []),
        ...(flags ? [`${bang(flags)}--tcp-flags ${flagNames(flags.mask)} ${flagNames(flags.value)}`] : []),
      ].join(" "),
      print: (numeric) =>
        [
          "tcp",
          ...printRange("spt", source, PROTO_TCP, numeric),
          ...printRange("dpt", destination, PROTO_TCP, numeric),
          ...(option ? [`option=${option.invert ? "!" : ""}${option.kind}`] : []),
          ...(flags
            ? [
                `flags:${flags.invert ? "!" : ""}${numeric ? byte(flags.mask) : flagNames(flags.mask)}/${numeric ? byte(flags.value) : flagNames(flags.value)}`,
              ]
            : []),
        ].join(" "),
      test: ({ body }) =>
        body?.kind === "tcp" &&
        inRange(source, body.srcPort) &&
        inRange(destination, body.dstPort) &&
        (!flags || ((body.flags & flags.mask) === flags.value) !== flags.invert) &&
        // The only option that segments carry here is the maximum segment size, kind 2.
        (!option || (option.kind === 2 && body.mss !== undefined) !== option.invert),
      invalidFor: () => context.protocol !== PROTO_TCP || context.protocolInverted,
    };
  },
};
