/** `ip addr show`: devices with their addresses (iproute2 ip/ipaddress.c, print_addrinfo). */
import { familyOf, formatIp } from "../../../kernel/address.ts";
import type { InterfaceAddress, NetDevice } from "../../../kernel/device/index.ts";
import type { Process } from "../../command.ts";
import { type Answer, Failure } from "./answer.ts";
import { type Json, printJson } from "./json.ts";
import {
  briefJson,
  briefStart,
  colored,
  linkedHere,
  linkJson,
  linkText,
  linkText6,
  statisticsJson,
  statisticsText,
} from "./link-record.ts";
import type { Options } from "./options.ts";
import { isDeprecated, isShown, parseSelection, selectAddresses, selectDevices } from "./select.ts";
import type { Words } from "./words.ts";

const FOREVER = 0xffffffff;

/** "10.0.0.1/24", or "10.0.0.1 peer 10.0.0.2/32". */
function localText({ ip, peer, length }: InterfaceAddress, options: Options): string {
  const local = colored(options, typeof ip === "number" ? "inet" : "inet6", formatIp(ip));
  return peer === undefined ? `${local}/${length}` : `${local} peer ${formatIp(peer)}/${length}`;
}

/** IFA_F_* in iproute2's order, as words. */
const flagWords = (address: InterfaceAddress, now: number): readonly string[] => [
  ...(address.secondary ? ["secondary"] : []),
  ...(address.nodad ? ["nodad"] : []),
  ...(address.dadFailed ? ["dadfailed"] : []),
  ...(isDeprecated(address, now) ? ["deprecated"] : []),
  ...(address.tentative ? ["tentative"] : []),
  ...(address.noPrefixRoute ? ["noprefixroute"] : []),
  ...(address.validUntil === undefined ? [] : ["dynamic"]),
];

/** Seconds that are left, of those that have begun; undefined for ever. */
const secondsLeft = (until: number | undefined, now: number): number | undefined =>
  until === undefined ? undefined : Math.max(0, Math.ceil((until - now) / 1_000_000));

const lifeText = (until: number | undefined, now: number): string => {
  const left = secondsLeft(until, now);
  return left === undefined ? "forever" : `${left}sec`;
};

/** "    inet 172.17.0.2/16 …" and the line of its lifetimes. */
export function addressText(device: NetDevice, address: InterfaceAddress, options: Options): string {
  const four = typeof address.ip === "number";
  const { now } = device.netns.kernel.clock;
  const words = [
    `    ${four ? "inet" : "inet6"} ${localText(address, options)} `,
    address.broadcast === undefined ? "" : `brd ${colored(options, "inet", formatIp(address.broadcast))} `,
    `scope ${address.scope} `,
    ...flagWords(address, now).map((flag) => `${flag} `),
    address.proto ? `proto ${address.proto} ` : "",
    four ? (address.label ?? device.name) : "",
  ];
  const { validUntil, preferredUntil } = address;
  return `${words.join("")}\n       valid_lft ${lifeText(validUntil, now)} preferred_lft ${lifeText(preferredUntil, now)}`;
}

function addressJson(device: NetDevice, address: InterfaceAddress): { [key: string]: Json | undefined } {
  const four = typeof address.ip === "number";
  const { now } = device.netns.kernel.clock;
  return {
    family: four ? "inet" : "inet6",
    local: formatIp(address.ip),
    address: address.peer === undefined ? undefined : formatIp(address.peer),
    prefixlen: address.length,
    broadcast: address.broadcast === undefined ? undefined : formatIp(address.broadcast),
    scope: address.scope,
    ...Object.fromEntries(flagWords(address, now).map((flag) => [flag, true])),
    protocol: address.proto,
    label: four ? (address.label ?? device.name) : undefined,
    valid_life_time: secondsLeft(address.validUntil, now) ?? FOREVER,
    preferred_life_time: secondsLeft(address.preferredUntil, now) ?? FOREVER,
  };
}

export function showAddresses(process: Process, given: Options, words: Words): Answer {
  const { netns } = process;
  const selection = parseSelection(words, netns, true);
  if (selection instanceof Failure) return selection;
  // A prefix brings its family along.
  const family = selection.to ? familyOf(selection.to.address) : given.family;
  const options = { ...given, family };
  // IPv6's own dump of links tells less of them than the one by device.
  const dumped6 = family === 6 && !selection.device;
  const shown = selectDevices(netns, selection)
    .map((device) => ({ device, addresses: selectAddresses(device, selection, options) }))
    .filter(({ device, addresses }) => isShown(device, addresses, options));
  if (options.json)
    return printJson(
      shown.map(({ device, addresses }) => record(process, device, addresses, options)),
      options.pretty,
    );
  if (options.brief) {
    return shown
      .map(({ device, addresses }) => {
        const list = addresses.map((a) => `${localText(a, options)} `);
        return `${briefStart(device, options, dumped6 ? linkedHere(device) : undefined)}${list.join("")}\n`;
      })
      .join("");
  }
  const withoutLink = options.oneLine || selection.label !== undefined;
  return shown
    .map(({ device, addresses }) => {
      const blocks = addresses.map((address) => addressText(device, address, options));
      if (options.oneLine) return blocks.map((block) => `${device.ifindex}: ${device.name}${block.replaceAll("\n", "\\")}\n`).join("");
      const parts = withoutLink ? [] : [dumped6 ? linkText6(device, options) : linkText(process, device, options, false)];
      parts.push(...blocks);
      if (options.statistics > 0 && !withoutLink) parts.push(statisticsText(device, options));
      return parts.map((part) => `${part}\n`).join("");
    })
    .join("");
}

function record(process: Process, device: NetDevice, addresses: readonly InterfaceAddress[], options: Options): Json {
  if (options.brief) {
    const { address: _mac, flags: _flags, ...start } = briefJson(device);
    const list = addresses.map((a) => ({
      local: formatIp(a.ip),
      ...(a.peer !== undefined && { address: formatIp(a.peer) }),
      prefixlen: a.length,
    }));
    return { ...start, addr_info: list };
  }
  return {
    ...linkJson(process, device, options, false),
    addr_info: addresses.map((address) => addressJson(device, address)),
    ...(options.statistics > 0 && { stats64: statisticsJson(device, options.statistics) }),
  };
}
