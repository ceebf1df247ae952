/** `-m addrtype`: what kind of address the routing tables take one for (libxt_addrtype, net/netfilter/xt_addrtype.c). */
import { type Ip, isMulticast, LIMITED_BROADCAST } from "../../address.ts";
import type { NetDevice } from "../../device/device.ts";
import type { Netns } from "../../netns.ts";
import { type MatchExtension, type OptionUse, once, refuse } from "../extension.ts";
import type { PacketView } from "../view.ts";

const TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
] as const;
type AddressType = (typeof TYPES)[number];

/** RTN_* of an address, by the local table as inet_addr_type() asks it. */
function typeOf(netns: Netns, ip: Ip): AddressType {
  if (isMulticast(ip)) return "MULTICAST";
  if (ip === LIMITED_BROADCAST || ip === 0) return "BROADCAST";
  if (netns.isLocal(ip)) return "LOCAL";
  const type = netns.inet.fib.lookup(ip)?.route.type;
  if (type === "broadcast") return "BROADCAST";
  if (type === "anycast") return "ANYCAST";
  return type === "unreachable" && typeof ip === "bigint" ? "UNREACHABLE" : "UNICAST";
}

interface Side {
  readonly types: readonly AddressType[];
  readonly invert: boolean;
}

function parseSide(use: OptionUse | undefined): Side | undefined {
  if (!use) return undefined;
  const words = use.value.toUpperCase().split(",");
  for (const word of words) if (!TYPES.some((type) => type === word)) refuse(`addrtype: bad type "${word}"`);
  return { types: TYPES.filter((type) => words.includes(type)), invert: use.invert };
}

function sideTest(side: Side, read: (view: PacketView) => Ip, limit: ((view: PacketView) => NetDevice | undefined) | undefined) {
  const { types, invert } = side;
  const localOnly = types.length === 1 && types[0] === "LOCAL";
  return (view: PacketView): boolean => {
    const ip = read(view);
    // Docker asks for LOCAL with every new connection: isLocal() alone answers that.
    let hit = localOnly ? view.netns.isLocal(ip) : types.includes(typeOf(view.netns, ip));
    if (hit && limit) hit = limit(view)?.addresses.some((address) => address.ip === ip) ?? false;
    return hit !== invert;
  };
}

const saved = (option: string, side: Side | undefined): string[] =>
  side ? [`${side.invert ? "! " : ""}--${option} ${side.types.join(",")}`] : [];
const shown = (option: string, side: Side | undefined): string[] =>
  side ? [`${option} ${side.invert ? "!" : ""}${side.types.join(",")}`] : [];

export const addrtype: MatchExtension = {
  options: { "src-type": 1, "dst-type": 1, "limit-iface-in": 0, "limit-iface-out": 0 },
  build(uses) {
    const source = parseSide(once("addrtype", uses, "src-type"));
    const destination = parseSide(once("addrtype", uses, "dst-type"));
    if (!source && !destination) refuse("addrtype: you must specify --src-type or --dst-type");
    const limitIn = once("addrtype", uses, "limit-iface-in");
    const limitOut = once("addrtype", uses, "limit-iface-out");
    if (limitIn && limitOut) refuse("addrtype: you can't specify both --limit-iface-in and --limit-iface-out");
    const limit = limitIn ? (view: PacketView) => view.indev : limitOut ? (view: PacketView) => view.outdev : undefined;
    const tests = [
      ...(source ? [sideTest(source, (view) => view.packet.src, limit)] : []),
      ...(destination ? [sideTest(destination, (view) => view.packet.dst, limit)] : []),
    ];
    const [first] = tests;
    return {
      text: [
        ...saved("src-type", source),
        ...saved("dst-type", destination),
        ...(limitIn ? ["--limit-iface-in"] : []),
        ...(limitOut ? ["--limit-iface-out"] : []),
      ].join(" "),
      print: () =>
        [
          "ADDRTYPE match",
          ...shown("src-type", source),
          ...shown("dst-type", destination),
          ...(limitIn ? ["limit-in"] : []),
          ...(limitOut ? ["limit-out"] : []),
        ].join(" "),
      test: tests.length === 1 && first ? first : (view) => tests.every((test) => test(view)),
    };
  },
};
