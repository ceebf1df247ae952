/** `-j DNAT`, `SNAT`, `MASQUERADE`, `REDIRECT` and `NETMAP`: bind a new connection to other addresses (net/netfilter/xt_nat.c). */
import { contains, type Family, formatIp, type Ip, type Ipv4, isLinkLocal, isLoopback, type Prefix, parsePrefix } from "../../address.ts";
import type { NetDevice } from "../../device/device.ts";
import { selectSource4 } from "../../inet/source.ts";
import type { Connection } from "../conntrack.ts";
import { type OptionUse, once, parseAddress, type RuleContext, refuse, required, type Target, type TargetExtension } from "../extension.ts";
import { parsePort } from "../names.ts";
import { type Manip, type NatRange, setUpNat } from "../nat.ts";
import type { PacketView } from "../view.ts";

const WITH_PORTS = new Set([6, 17, 132, 33, 136]);

const needPorts = (context: RuleContext): void => {
  if (!WITH_PORTS.has(context.protocol) || context.protocolInverted) refuse("Need TCP, UDP, SCTP or DCCP with port specification");
};

type Ports = Pick<NatRange, "minPort" | "maxPort">;

function parsePorts(text: string, protocol: number): Ports {
  const [low, high] = text.split("-") as [string, string?];
  const port = (word: string): number => {
    const value = parsePort(word, protocol);
    return value === undefined || value === 0 ? refuse(`Port \`${word}' not valid`) : value;
  };
  const minPort = port(low);
  const maxPort = high === undefined ? minPort : port(high);
  if (maxPort < minPort) refuse(`Port range \`${text}' funky\n`);
  return { minPort, maxPort };
}

/** "[address[-address]][:port[-port]]", with brackets round IPv6 addresses that have ports behind them. */
function parseTo(text: string, context: RuleContext): NatRange {
  const { family, protocol } = context;
  let addresses = text;
  let ports: string | undefined;
  if (family === 4) {
    const colon = text.indexOf(":");
    if (colon >= 0) [addresses, ports] = [text.slice(0, colon), text.slice(colon + 1)];
  } else if (text.startsWith("[")) {
    const close = text.indexOf("]");
    if (close < 0) refuse("Invalid address format");
    addresses = text.slice(1, close);
    if (text[close + 1] === ":") ports = text.slice(close + 2);
  }
  let range: NatRange = {};
  if (ports !== undefined) {
    needPorts(context);
    range = parsePorts(ports, protocol);
  }
  if (addresses === "") return ports === undefined ? refuse(`Bad IP address "${text}"`) : range;
  const [low, high] = addresses.split("-") as [string, string?];
  const address = (word: string): Ip => parseAddress(word, family) ?? refuse(`Bad IP address "${word}"`);
  const minIp = address(low);
  return { ...range, minIp, maxIp: high === undefined ? minIp : address(high) };
}

function formatTo(range: NatRange): string {
  const ports = range.minPort === undefined ? "" : formatPorts(range);
  if (range.minIp === undefined) return `:${ports}`;
  const addresses = range.minIp === range.maxIp ? formatIp(range.minIp) : `${formatIp(range.minIp)}-${formatIp(range.maxIp as Ip)}`;
  if (!ports) return addresses;
  return typeof range.minIp === "bigint" ? `[${addresses}]:${ports}` : `${addresses}:${ports}`;
}

const formatPorts = ({ minPort, maxPort }: NatRange): string => (minPort === maxPort ? String(minPort) : `${minPort}-${maxPort}`);

/** Random and persistent choice, which all these targets share. */
const CHOICE = { random: 0, "random-fully": 0, persistent: 0 } as const;

function withChoice(range: NatRange, uses: readonly OptionUse[]): NatRange {
  const has = (name: string): boolean => uses.some((use) => use.name === name);
  return {
    ...range,
    ...(has("random") ? { random: true } : {}),
    ...(has("random-fully") ? { fullyRandom: true } : {}),
    ...(has("persistent") ? { persistent: true } : {}),
  };
}

const choiceWords = (range: NatRange): string[] => [
  ...(range.random ? ["random"] : []),
  ...(range.fullyRandom ? ["random-fully"] : []),
  ...(range.persistent ? ["persistent"] : []),
];

/** Binds the connection and accepts; the packet itself is rewritten once the nat chain has ended. */
function bind(view: PacketView, range: NatRange, manip: Manip): "accept" {
  const connection = view.skb.conntrack as Connection | undefined;
  if (connection && !connection.natDone[manip]) setUpNat(view.conntrack, connection, range, manip);
  return "accept";
}

const DESTINATION_CHAINS = ["PREROUTING", "OUTPUT"];
const SOURCE_CHAINS = ["POSTROUTING", "INPUT"];

/** DNAT and SNAT with addresses. */
const addressTarget = (name: string, option: string, manip: Manip): TargetExtension => ({
  options: { [option]: 1, ...CHOICE },
  conntrack: true,
  build(uses, context): Target {
    const use = required(name, uses, option);
    const range = withChoice(parseTo(use.value, context), uses);
    return {
      text: [`--${option} ${formatTo(range)}`, ...choiceWords(range).map((word) => `--${word}`)].join(" "),
      print: () => [`to:${formatTo(range)}`, ...choiceWords(range)].join(" "),
      tables: ["nat"],
      chains: manip === "DNAT" ? DESTINATION_CHAINS : SOURCE_CHAINS,
      run: (view) => bind(view, range, manip),
    };
  },
});

export const DNAT = addressTarget("DNAT", "to-destination", "DNAT");
export const SNAT = addressTarget("SNAT", "to-source", "SNAT");

/** The ports of MASQUERADE and REDIRECT. */
function portsOption(name: string, uses: readonly OptionUse[], context: RuleContext): NatRange {
  const use = once(name, uses, "to-ports");
  if (!use) return withChoice({}, uses);
  needPorts(context);
  return withChoice(parsePorts(use.value, context.protocol), uses);
}

/** The address that a device speaks with towards a neighbour: inet_select_addr() for IPv4, ipv6_dev_get_saddr() for IPv6. */
function addressOf(device: NetDevice, neighbour: Ip, family: Family): Ip | undefined {
  let first: Ip | undefined;
  for (const address of device.addresses) {
    if (typeof address.ip !== "number") {
      if (family === 6 && !address.tentative && !address.dadFailed && !isLoopback(address.ip)) {
        if (isLinkLocal(address.ip) === isLinkLocal(neighbour)) return address.ip;
        first ??= address.ip;
      }
      continue;
    }
    if (family !== 4 || address.secondary || address.scope === "host") continue;
    if (contains({ address: address.ip, length: address.length }, neighbour)) return address.ip;
    first ??= address.ip;
  }
  return first;
}

export const MASQUERADE: TargetExtension = {
  options: { "to-ports": 1, random: 0, "random-fully": 0 },
  conntrack: true,
  build(uses, context): Target {
    const range = portsOption("MASQUERADE", uses, context);
    const ports = range.minPort === undefined ? "" : formatPorts(range);
    return {
      text: [...(ports ? [`--to-ports ${ports}`] : []), ...choiceWords(range).map((word) => `--${word}`)].join(" "),
      print: () => [...(ports ? [`masq ports: ${ports}`] : []), ...choiceWords(range)].join(" "),
      tables: ["nat"],
      chains: ["POSTROUTING"],
      run(view) {
        const { outdev, packet, netns } = view;
        const connection = view.skb.conntrack as Connection | undefined;
        if (!outdev || !connection || connection.natDone.SNAT) return "accept";
        const neighbour = netns.inet.fib.lookup(packet.dst)?.nextHop ?? packet.dst;
        // IPv4 borrows another device's address where this has none to speak with: loopback's own is of host scope.
        const ip = context.family === 4 ? selectSource4(netns, outdev, neighbour as Ipv4, "global") : addressOf(outdev, neighbour, 6);
        if (!ip) return "drop";
        connection.masquerade = outdev;
        return bind(view, { ...range, minIp: ip, maxIp: ip }, "SNAT");
      },
    };
  },
};

export const REDIRECT: TargetExtension = {
  options: { "to-ports": 1, random: 0 },
  conntrack: true,
  build(uses, context): Target {
    const range = portsOption("REDIRECT", uses, context);
    const ports = range.minPort === undefined ? "" : formatPorts(range);
    return {
      text: [...(ports ? [`--to-ports ${ports}`] : []), ...choiceWords(range).map((word) => `--${word}`)].join(" "),
      print: () => [...(ports ? [`redir ports ${ports}`] : []), ...choiceWords(range)].join(" "),
      tables: ["nat"],
      chains: DESTINATION_CHAINS,
      run(view) {
        // Own packets go to loopback, others to the address of the device that they came in by (nf_nat_redirect.c).
        const loopback = context.family === 4 ? 0x7f000001 : 1n;
        const ip = view.hook === "OUTPUT" ? loopback : view.indev && addressOf(view.indev, view.packet.src, context.family);
        if (ip === undefined) return "drop";
        return bind(view, { ...range, minIp: ip, maxIp: ip }, "DNAT");
      },
    };
  },
};

/** The address at the same place in another block. */
function transplant(ip: Ip, { address, length }: Prefix): Ip {
  if (typeof ip === "number") {
    const host = length === 0 ? 0xffffffff : 2 ** (32 - length) - 1;
    return (((address as number) & ~host) | (ip & host)) >>> 0;
  }
  const host = (1n << BigInt(128 - length)) - 1n;
  return ((address as bigint) & ~host) | (ip & host);
}

export const NETMAP: TargetExtension = {
  options: { to: 1 },
  conntrack: true,
  build(uses, context): Target {
    const use = required("NETMAP", uses, "to");
    const block = parsePrefix(use.value);
    if (!block || (typeof block.address === "number") !== (context.family === 4)) refuse("getaddrinfo: Name or service not known\n");
    const bits = context.family === 4 ? 32 : 128;
    const network: Prefix = { address: transplant(context.family === 4 ? 0 : 0n, block), length: block.length };
    const shown = `${formatIp(network.address)}${network.length === bits ? "" : `/${network.length}`}`;
    return {
      text: `--to ${shown}`,
      print: () => `to:${shown}`,
      tables: ["nat"],
      run(view) {
        const manip: Manip = view.hook === "PREROUTING" || view.hook === "OUTPUT" ? "DNAT" : "SNAT";
        const ip = transplant(manip === "DNAT" ? view.packet.dst : view.packet.src, network);
        return bind(view, { minIp: ip, maxIp: ip }, manip);
      },
    };
  },
};
