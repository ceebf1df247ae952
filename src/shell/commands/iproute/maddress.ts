/** `ip maddr show`: the groups that each device listens to (/proc/net/dev_mcast, igmp, igmp6). */
import { formatIp, type Ipv6, multicastMac, solicitedNode } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { Process } from "../../command.ts";
import type { Answer } from "./answer.ts";
import { printJson } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import type { Options } from "./options.ts";
import { incomplete, noSuchDevice, type Words } from "./words.ts";

const ALL_SYSTEMS = 0xe0000001;
const ALL_SNOOPERS = 0xe000006a;
const ALL_SNOOPERS_6: Ipv6 = (0xff02n << 112n) | 0x6an;
const ALL_NODES: Ipv6 = (0xff02n << 112n) | 1n;
const INTERFACE_LOCAL_ALL_NODES: Ipv6 = (0xff01n << 112n) | 1n;

/** IPv6 groups of a device: the solicited-node groups of its addresses, newest first, and all nodes. */
function groups6(device: NetDevice): readonly Ipv6[] {
  const own = device.addresses.flatMap(({ ip }) => (typeof ip === "bigint" && device.isEthernet ? [solicitedNode(ip)] : []));
  const snoopers = isSnooper(device) ? [ALL_SNOOPERS_6] : [];
  return [...new Set(own)].reverse().concat(snoopers, ALL_NODES, INTERFACE_LOCAL_ALL_NODES);
}

/** A bridge that is up listens to all snoopers as well (RFC 4286). */
const isSnooper = (device: NetDevice): boolean => device.kind === "bridge" && device.up;

/** IPv4 groups: all systems, once the device is up. */
const groups4 = (device: NetDevice): readonly number[] =>
  !device.up ? [] : isSnooper(device) ? [ALL_SYSTEMS, ALL_SNOOPERS] : [ALL_SYSTEMS];

/** MACs that a device lets through for its groups. */
export function groupMacs(device: NetDevice): readonly string[] {
  if (!device.isEthernet) return [];
  // In the order of joining: all nodes as the device is made, snoopers, all systems, then the addresses' own groups.
  const own = groups6(device).filter((group) => group !== INTERFACE_LOCAL_ALL_NODES && group !== ALL_NODES && group !== ALL_SNOOPERS_6);
  const snoopers = isSnooper(device) ? [ALL_SNOOPERS, ALL_SNOOPERS_6] : [];
  const systems = device.up ? [ALL_SYSTEMS] : [];
  return [ALL_NODES, ...snoopers, ...systems, ...own].map(multicastMac);
}

export function showMulticast(process: Process, options: Options, words: Words): Answer {
  let only: NetDevice | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const name = word === "dev" ? words.next() : word;
    if (name === undefined) return incomplete();
    only = linkNamed(process.netns, name);
    if (!only) return noSuchDevice(name);
  }
  const devices = only ? [only] : process.netns.devices.all();
  const wanted = (family: 4 | 6): boolean => options.family === undefined || options.family === family;
  if (options.json) {
    const records = devices.map((device) => ({
      ifindex: device.ifindex,
      ifname: device.name,
      maddr: [
        ...(options.family === undefined ? groupMacs(device).map((mac) => ({ link: mac })) : []),
        ...(wanted(4) ? groups4(device).map((group) => ({ family: "inet", address: formatIp(group) })) : []),
        ...(wanted(6) ? groups6(device).map((group) => ({ family: "inet6", address: formatIp(group) })) : []),
      ],
    }));
    return printJson(records, options.pretty);
  }
  return devices
    .map((device) => {
      const lines = [`${device.ifindex}:\t${device.name}`];
      if (options.family === undefined) lines.push(...groupMacs(device).map((mac) => `\tlink  ${mac}`));
      if (wanted(4)) lines.push(...groups4(device).map((group) => `\tinet  ${formatIp(group)}`));
      if (wanted(6)) lines.push(...groups6(device).map((group) => `\tinet6 ${formatIp(group)}`));
      return `${lines.join("\n")}\n`;
    })
    .join("");
}
