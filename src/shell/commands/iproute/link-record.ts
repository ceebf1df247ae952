/** What `ip link` and `ip addr` tell of a device, as text or as JSON (iproute2 ip/ipaddress.c, print_linkinfo). */
import { BROADCAST_MAC, ZERO_MAC } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import { Vxlan } from "../../../kernel/device/modules.ts";
import type { Process } from "../../command.ts";
import type { Json } from "./json.ts";
import { kindDetails, kindDetailsJson, portDetails } from "./link-details.ts";
import { netnsWords, type Options } from "./options.ts";

/** Names of the flags in iproute2's order; NO-CARRIER first, M-DOWN last. */
export function flagNames(device: NetDevice): readonly string[] {
  const flags: string[] = [];
  if (device.up && !device.running) flags.push("NO-CARRIER");
  if (device.kind === "loopback") flags.push("LOOPBACK");
  if (device.isEthernet) flags.push("BROADCAST");
  if (device.isEthernet && !device.multicastOff && device.kind !== "dummy") flags.push("MULTICAST");
  if (device.noArp && device.isEthernet) flags.push("NOARP");
  if (device.allMulticastAsked) flags.push("ALLMULTI");
  if (device.promisc) flags.push("PROMISC");
  if (device.up) flags.push("UP");
  if (device.carrier) flags.push("LOWER_UP");
  const link = device.link;
  if (link && link.netns === device.netns && !link.up) flags.push("M-DOWN");
  return flags;
}

/** "eth0", "eth0@if5" when the other end is in another netns, "veth0@veth1" when it is in this one. */
function linkedName(device: NetDevice): string {
  const { link } = device;
  if (!link) return device.name;
  return link.netns === device.netns ? `${device.name}@${link.name}` : `${device.name}@if${link.ifindex}`;
}

/** Where the kernel does not tell of the other end's netns, its number is looked up among this one's devices, wherever that end is. */
export function linkedHere(device: NetDevice): string {
  const { link } = device;
  if (!link) return device.name;
  const here = device.netns.devices.byIndex(link.ifindex);
  return `${device.name}@${here ? here.name : `if${link.ifindex}`}`;
}

/** What tells of a device's other end in another netns; undefined when that is in this one, or there is none. */
function otherNetns(process: Process, { link, netns }: NetDevice): ReturnType<typeof netnsWords> | undefined {
  return link && link.netns !== netns ? netnsWords(process, link.netns, netns.devices.netnsId(link.netns)) : undefined;
}

const qdiscName = (device: NetDevice): string => device.qdisc?.kind ?? (device.activated ? "noqueue" : "noop");

const COLORS = {
  ifname: "\u001b[1;36m",
  mac: "\u001b[1;33m",
  inet: "\u001b[1;35m",
  inet6: "\u001b[1;94m",
  up: "\u001b[1;32m",
  down: "\u001b[1;31m",
} as const;
const RESET = "\u001b[0m";

/** Wraps in the colour that iproute2 gives a kind of word on a dark screen. */
export const colored = (options: Options, color: keyof typeof COLORS, text: string): string =>
  options.color && !options.json ? `${COLORS[color]}${text}${RESET}` : text;

const stateColored = (options: Options, state: string): string =>
  state === "UP" || state === "DOWN" ? colored(options, state === "UP" ? "up" : "down", state) : state;

/** One line of `ip -br link`; `ip -br addr` has its own end. */
export function briefStart(device: NetDevice, options: Options, name = linkedName(device)): string {
  const state = device.operState;
  const padded = `${state.padEnd(14)} `;
  const shown = state === "UP" || state === "DOWN" ? stateColored(options, state) + padded.slice(state.length) : padded;
  return `${colored(options, "ifname", `${name.padEnd(16)} `)}${shown}`;
}

export const briefLink = (device: NetDevice, options: Options): string =>
  `${briefStart(device, options)}${colored(options, "mac", `${device.mac} `)}<${flagNames(device).join(",")}> \n`;

/** By its name of /etc/iproute2/group, where it has one. */
const groupName = (group: number): string => (group === 0 ? "default" : String(group));

/**
 * The first line of a device, and the one with its MAC, which a listing of one family leaves out; `mode` is told by
 * `ip link` only.
 */
export function linkText(process: Process, device: NetDevice, options: Options, withMode: boolean): string {
  const { master } = device;
  const first = [
    `${device.ifindex}: ${colored(options, "ifname", `${linkedName(device)}: `)}<${flagNames(device).join(",")}> mtu ${device.mtu} qdisc ${qdiscName(device)}`,
    master ? ` master ${master.name}` : "",
    ` state ${stateColored(options, device.operState)}`,
    withMode ? " mode DEFAULT" : "",
    ` group ${groupName(device.group)} qlen ${device.txQueueLength}`,
  ].join("");
  const elsewhere = otherNetns(process, device);
  const netnsId = elsewhere ? ` ${elsewhere.join(" ")}` : "";
  const [type, broadcast] = device.isEthernet ? ["ether", BROADCAST_MAC] : ["loopback", ZERO_MAC];
  let second = `    link/${type} ${colored(options, "mac", device.mac)} brd ${colored(options, "mac", broadcast)}`;
  second += netnsId;
  if (options.details) second += detailsText(device, withMode);
  const lines = withMode || options.family === undefined || options.details ? [first, second] : [first + netnsId];
  if (device.alias && (withMode || options.details)) lines.push(`    alias ${device.alias}`);
  for (const name of device.altNames) lines.push(`    altname ${name}`);
  return lines.join("\n");
}

/** The first line of a device in IPv6's dump of links (net/ipv6/addrconf.c, inet6_fill_ifinfo): no queues, master or group. */
export function linkText6(device: NetDevice, options: Options): string {
  const name = colored(options, "ifname", `${linkedHere(device)}: `);
  return `${device.ifindex}: ${name}<${flagNames(device).join(",")}> mtu ${device.mtu} state ${stateColored(options, device.operState)} `;
}

/** Devices of a few kinds stay in the netns that they were made in. */
const isNetnsImmutable = (device: NetDevice): boolean => device.kind === "loopback" || device.kind === "bridge";

/** `minmtu` and `maxmtu`; 0 where the driver sets no bound. */
const mtuBounds = (device: NetDevice): readonly [number, number] =>
  device.kind === "loopback" || device.kind === "dummy" ? [0, 0] : device.kind === "vlan" ? [0, 65535] : [68, 65535];

/** TSO_MAX_SIZE, or what a tunnel without a lower device keeps of the legacy bound (TSO_LEGACY_MAX_SIZE). */
const largestTso = (device: NetDevice): number => (device instanceof Vxlan && !device.settings.lower ? 65536 : 524280);

const queues = (device: NetDevice): number => (device.kind === "veth" ? 2 : 1);

function detailsText(device: NetDevice, withMode: boolean): string {
  const [least, most] = mtuBounds(device);
  const immutable = isNetnsImmutable(device) ? "netns-immutable " : "";
  const all = (device.allMulticast ? 1 : 0) + (device.allMulticastAsked ? 1 : 0);
  const head = ` promiscuity ${device.promiscuity} allmulti ${all} minmtu ${least} maxmtu ${most} ${immutable}`;
  const kind = kindDetails(device);
  const port = portDetails(device);
  const end = [
    withMode ? "addrgenmode eui64 " : "",
    `numtxqueues ${queues(device)} numrxqueues ${queues(device)} `,
    `gso_max_size 65536 gso_max_segs 65535 tso_max_size ${largestTso(device)} tso_max_segs 65535 gro_max_size 65536 gso_ipv4_max_size 65536 gro_ipv4_max_size 65536 `,
  ].join("");
  return `${head}${kind && `\n    ${kind}`}${port && `\n    ${port}`}${end}`;
}

/** The members of one device in JSON, up to what `ip addr` adds. */
export function linkJson(process: Process, device: NetDevice, options: Options, withMode: boolean): { [key: string]: Json | undefined } {
  const { link, master } = device;
  const elsewhere = otherNetns(process, device);
  const sameNetns = link && link.netns === device.netns;
  if (options.brief) return briefJson(device);
  const [least, most] = mtuBounds(device);
  const port = device.port;
  return {
    ifindex: device.ifindex,
    ...(link && (sameNetns ? { link: link.name } : { link_index: link.ifindex })),
    ifname: device.name,
    flags: flagNames(device),
    mtu: device.mtu,
    qdisc: qdiscName(device),
    master: master?.name,
    operstate: device.operState,
    linkmode: withMode ? "DEFAULT" : undefined,
    group: groupName(device.group),
    txqlen: device.txQueueLength,
    ifalias: device.alias || undefined,
    altnames: device.altNames.length > 0 ? device.altNames : undefined,
    link_type: device.isEthernet ? "ether" : "loopback",
    address: device.mac,
    broadcast: device.isEthernet ? BROADCAST_MAC : ZERO_MAC,
    ...(elsewhere && { [elsewhere[0].replace("-", "_")]: elsewhere[1] }),
    ...(options.details && {
      promiscuity: device.promiscuity,
      allmulti: (device.allMulticast ? 1 : 0) + (device.allMulticastAsked ? 1 : 0),
      min_mtu: least,
      max_mtu: most,
      ...(isNetnsImmutable(device) && { netns_immutable: true }),
      linkinfo: device.kind === "loopback" ? undefined : { ...kindDetailsJson(device), ...(port && { info_slave_kind: "bridge" }) },
      inet6_addr_gen_mode: withMode ? "eui64" : undefined,
      num_tx_queues: queues(device),
      num_rx_queues: queues(device),
      gso_max_size: 65536,
      gso_max_segs: 65535,
      tso_max_size: largestTso(device),
      tso_max_segs: 65535,
      gro_max_size: 65536,
      gso_ipv4_max_size: 65536,
      gro_ipv4_max_size: 65536,
    }),
  };
}

/** `ip -br -j link`; `ip -br -j addr` leaves MAC and flags out. */
export function briefJson(device: NetDevice): { [key: string]: Json | undefined } {
  const { link } = device;
  return {
    ...(link && (link.netns === device.netns ? { link: link.name } : { link_index: link.ifindex })),
    ifname: device.name,
    operstate: device.operState,
    address: device.mac,
    flags: flagNames(device),
  };
}

/** Three significant digits and a unit of thousands, as -h has it (print_num). */
function humanNumber(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"];
  let unit = 0;
  let size = 1;
  while (unit < units.length - 1 && value >= size * 1000) {
    size *= 1000;
    unit++;
  }
  if (unit === 0) return String(value);
  const scaled = value / size;
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)}${units[unit]}`;
}

/** The blocks that -s adds, and with -s twice their error lines (print_stats64). */
export function statisticsText(device: NetDevice, options: Options): string {
  const level = options.statistics;
  const { rxPackets, rxBytes, rxErrors, rxDropped, rxMulticast, txPackets, txBytes, txErrors, txDropped } = device.counters;
  const rx = [rxBytes, rxPackets, rxErrors, rxDropped, 0, rxMulticast];
  const tx = [txBytes, txPackets, txErrors, txDropped, 0, 0];
  const widths = [10, 7, 6, 7, 7, 7].map((width, i) => Math.max(width, String(rx[i]).length, String(tx[i]).length));
  const shown = (value: number): string => (options.human ? humanNumber(value) : String(value));
  const pad = (value: string | number, i: number, less = 0): string => String(value).padStart((widths[i] as number) - less);
  const titles = (start: string, names: readonly string[]): string =>
    `    ${start}${names.map((name, i) => pad(name, i, i === 0 ? start.length : 0)).join(" ")} ${" ".repeat(10)}`;
  const values = (row: readonly number[]): string => `    ${row.map((value, i) => pad(shown(value), i)).join(" ")} `;
  const errors = (start: string, names: readonly string[], last: number): readonly string[] => [
    `    ${start}${pad("", 0, start.length)} ${names.map((name, i) => pad(name, i + 1)).join(" ")}`,
    `    ${pad("", 0)} ${names.map((_, i) => pad(i === names.length - 1 ? last : 0, i + 1)).join(" ")} `,
  ];
  const lines = [titles("RX:", ["bytes", "packets", "errors", "dropped", "missed", "mcast"]), values(rx)];
  if (level > 1) lines.push(...errors("RX errors:", ["length", "crc", "frame", "fifo", "overrun"], 0));
  lines.push(titles("TX:", ["bytes", "packets", "errors", "dropped", "carrier", "collsns"]), values(tx));
  if (level > 1) lines.push(...errors("TX errors:", ["aborted", "fifo", "window", "heartbt", "transns"], device.carrierChanges));
  return lines.join("\n");
}

export function statisticsJson(device: NetDevice, level: number): Json {
  const { rxPackets, rxBytes, rxErrors, rxDropped, rxMulticast, txPackets, txBytes, txErrors, txDropped } = device.counters;
  return {
    rx: {
      bytes: rxBytes,
      packets: rxPackets,
      errors: rxErrors,
      dropped: rxDropped,
      over_errors: 0,
      multicast: rxMulticast,
      ...(level > 1 && { length_errors: 0, crc_errors: 0, frame_errors: 0, fifo_errors: 0, missed_errors: 0 }),
    },
    tx: {
      bytes: txBytes,
      packets: txPackets,
      errors: txErrors,
      dropped: txDropped,
      carrier_errors: 0,
      collisions: 0,
      ...(level > 1 && {
        aborted_errors: 0,
        fifo_errors: 0,
        window_errors: 0,
        heartbeat_errors: 0,
        carrier_changes: device.carrierChanges,
      }),
    },
  };
}
