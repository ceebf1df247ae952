/** `ip link set` and `ip link delete` (iproute2 ip/iplink.c). */
import { isGroupMac, type Mac, parseMac } from "../../../kernel/address.ts";
import {
  Bridge,
  type BridgePort,
  isValidDeviceName,
  LinkError,
  Macvlan,
  type MacvlanMode,
  type NetDevice,
  PORT_STATES,
  type PortState,
  setMacvlanMode,
} from "../../../kernel/device/index.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure, rtnetlinkRefusal } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import { netnsOf } from "./netns.ts";
import { garbage, incomplete, invalid, noSuchDevice, parseGroup, parseUnsigned, shortens, unsupported, type Words } from "./words.ts";

const SET_SUPPORTED = "up down name address mtu txqueuelen master nomaster netns promisc arp multicast allmulticast alias group type";

/** What `ip link set` was given, in the order in which the kernel carries it out (do_setlink). */
interface Wanted {
  netns?: Netns;
  mac?: Mac;
  mtu?: number;
  name?: string;
  alias?: string;
  group?: number;
  txQueueLength?: number;
  /** null: nomaster. */
  master?: NetDevice | null;
  up?: boolean;
  promisc?: boolean;
  arp?: boolean;
  multicast?: boolean;
  allmulticast?: boolean;
  ofKind?: (device: NetDevice) => Failure | undefined;
}

/** check_ifname. */
export function refuseName(name: string): Failure | undefined {
  return isValidDeviceName(name) ? undefined : invalid(name, '"name" not a valid ifname');
}

/** ll_addr_a2n, and what `ip` says of an address of another length than Ethernet's. */
export function invalidMac(text: string): Failure {
  const octets = text.split(":");
  if (!octets.every((octet) => /^[0-9a-fA-F]{1,2}$/.test(octet))) return new Failure(`"${text}" is invalid lladdr.`, 1);
  return new Failure(`Invalid address length ${octets.length} - must be 6 bytes`, 1);
}

/** "on" or "off". */
function parseOnOff(key: string, word: string): boolean | Failure {
  if (word === "on" || word === "off") return word === "on";
  return new Failure(`Error: argument of "${key}" must be "on" or "off", not "${word}"`, 1);
}

export function setLink(process: Process, words: Words): Answer {
  const { netns } = process;
  const wanted: Wanted = {};
  let name: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "up" || word === "down") {
      wanted.up = word === "up";
      continue;
    }
    if (word === "nomaster") {
      wanted.master = null;
      continue;
    }
    if (word === "help") return new Failure('Try "ip link help".', 255);
    if (!VALUED.has(word)) {
      if (name !== undefined) return garbage("dev", word);
      name = word;
      continue;
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "dev") {
      if (name !== undefined) return garbage("dev", value);
      name = value;
      continue;
    }
    if (word === "type") {
      const refused = readKind(value, words, wanted);
      if (refused) return refused;
      continue;
    }
    const refused = readValue(process, word, value, wanted);
    if (refused) return refused;
  }
  if (name === undefined) {
    const { group, ...rest } = wanted;
    if (group === undefined) return new Failure('Not enough information: "dev" argument is required.', 255);
    // Without a device the group says whom the rest is for (rtnl_group_changelink).
    return forGroup(process, group, (device) => apply(process, device, rest));
  }
  const device = linkNamed(netns, name);
  if (!device) return noSuchDevice(name);
  return apply(process, device, wanted);
}

/** Does something to each link of a group, until one refuses. */
function forGroup({ netns }: Process, group: number, act: (device: NetDevice) => Answer): Answer {
  for (const device of [...netns.devices.all()]) {
    if (device.group !== group || !netns.devices.has(device)) continue;
    const answer = act(device);
    if (answer instanceof Failure) return answer;
  }
  return "";
}

const VALUED: ReadonlySet<string> = new Set(
  (
    "dev netns address lladdr mtu name txqueuelen txqlen qlen master promisc arp multicast allmulticast alias type " +
    "dynamic trailers carrier group vrf vf xdp addrgenmode broadcast brd protodown link-netnsid state index"
  ).split(" "),
);

/** `netns NAME|PID`: a file that is no netns is the kernel's to refuse. */
export function readNetns(process: Process, value: string, into: { netns?: Netns }): Failure | undefined {
  const netns = netnsOf(process, value);
  if (!netns) return invalid(value, 'Invalid "netns" value\n');
  if (netns === "other") return rtnetlinkRefusal(new LinkError("EINVAL", "Invalid argument"));
  into.netns = netns;
  return undefined;
}

function readValue(process: Process, word: string, value: string, wanted: Wanted): Failure | undefined {
  switch (word) {
    case "netns":
      return readNetns(process, value, wanted);
    case "address":
    case "lladdr":
      wanted.mac = parseMac(value);
      return wanted.mac ? undefined : invalidMac(value);
    case "mtu":
      wanted.mtu = parseUnsigned(value);
      return wanted.mtu === undefined ? invalid(value, 'Invalid "mtu" value\n') : undefined;
    case "name":
      wanted.name = value;
      return refuseName(value);
    case "txqueuelen":
    case "txqlen":
    case "qlen":
      wanted.txQueueLength = parseUnsigned(value, 0x7fffffff);
      return wanted.txQueueLength === undefined ? invalid(value, 'Invalid "txqueuelen" value\n') : undefined;
    case "master": {
      const master = linkNamed(process.netns, value);
      if (!master) return invalid(value, "Device does not exist\n");
      wanted.master = master;
      return undefined;
    }
    case "group":
      wanted.group = parseGroup(value);
      return wanted.group === undefined ? invalid(value, 'Invalid "group" value\n') : undefined;
    case "alias":
      wanted.alias = value.slice(0, 255);
      return undefined;
    case "promisc":
    case "arp":
    case "multicast":
    case "allmulticast": {
      const on = parseOnOff(word, value);
      if (on instanceof Failure) return on;
      wanted[word] = on;
      return undefined;
    }
    default:
      return unsupported(`ip link set ${word}`, SET_SUPPORTED);
  }
}

/** `type bridge ageing_time …`, `type bridge_slave hairpin on`. */
function readKind(kind: string, words: Words, wanted: Wanted): Failure | undefined {
  if (kind === "bridge") {
    const options = readBridgeOptions(words);
    if (options instanceof Failure) return options;
    wanted.ofKind = (device) => {
      if (!(device instanceof Bridge)) return rtnetlinkRefusal(new LinkError("EOPNOTSUPP", "Operation not supported"));
      const forbidden = applyBridgeOptions(device, options);
      return forbidden && rtnetlinkRefusal(forbidden);
    };
    return undefined;
  }
  if (kind === "bridge_slave") {
    const flags = readPortFlags(words, unsupportedPortFlag("ip link set type bridge_slave"));
    if (flags instanceof Failure) return flags;
    wanted.ofKind = (device) => {
      if (!device.port) return rtnetlinkRefusal(new LinkError("EOPNOTSUPP", "Operation not supported"));
      const refused = setPortFlags(device, flags);
      return refused && rtnetlinkRefusal(refused);
    };
    return undefined;
  }
  if (kind === "macvlan") {
    const mode = readMacvlanMode(words);
    if (mode instanceof Failure) return mode;
    wanted.ofKind = (device) => {
      if (!(device instanceof Macvlan)) return rtnetlinkRefusal(new LinkError("EOPNOTSUPP", "Operation not supported"));
      const refused = mode && setMacvlanMode(device, mode);
      return refused && rtnetlinkRefusal(refused);
    };
    return undefined;
  }
  if (words.done) return undefined;
  return unsupported(`ip link set type ${kind} ${words.peek()}`, "type bridge, type bridge_slave, type macvlan");
}

const MACVLAN_MODES: readonly string[] = ["private", "vepa", "bridge", "passthru"];

/** Options of `type macvlan`; undefined when no mode is given. */
export function readMacvlanMode(words: Words): MacvlanMode | undefined | Failure {
  let mode: MacvlanMode | undefined;
  for (let key = words.next(); key !== undefined; key = words.next()) {
    if (key !== "mode") return new Failure(`macvlan: unknown option "${key}"?`, 1);
    const value = words.next();
    if (value === undefined) return incomplete();
    if (value === "source") return unsupported("macvlan mode source", `mode ${MACVLAN_MODES.join(", ")}`);
    if (!MACVLAN_MODES.includes(value)) {
      return new Failure(`Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${value}"`, 1);
    }
    mode = value as MacvlanMode;
  }
  return mode;
}

/** Gives a bridge's port what `bridge link set` or `type bridge_slave` asked for. */
export function setPortFlags(device: NetDevice, { state, ...flags }: PortFlags): LinkError | undefined {
  const port = device.port as BridgePort | undefined;
  if (!port) return undefined;
  Object.assign(port, flags);
  return state && (device.master as Bridge).setPortState(port, state);
}

export interface BridgeOptions {
  /** µs. */
  ageing?: number;
  stp?: boolean;
  priority?: number;
  /** µs. */
  times: Partial<Bridge["times"]>;
}

/** Options of `type bridge`; times are in hundredths of a second. */
export function readBridgeOptions(words: Words): BridgeOptions | Failure {
  const options: BridgeOptions = { times: {} };
  for (let key = words.next(); key !== undefined; key = words.next()) {
    if (!BRIDGE_OPTIONS.has(key)) return new Failure(`bridge: unknown command "${key}"?`, 1);
    const text = words.next();
    if (text === undefined) return incomplete();
    const value = parseUnsigned(text, key === "priority" ? 0xffff : undefined);
    if (value === undefined) return invalid(text, `invalid ${key}`);
    if (key === "ageing_time") options.ageing = value * 10_000;
    else if (key === "stp_state") options.stp = value !== 0;
    else if (key === "priority") options.priority = value & 0xffff;
    else if (key === "forward_delay") options.times.forwardDelay = value * 10_000;
    else if (key === "hello_time") options.times.hello = value * 10_000;
    else if (key === "max_age") options.times.maxAge = value * 10_000;
    else return unsupported(`bridge option ${key}`, "ageing_time stp_state forward_delay hello_time max_age priority");
  }
  return options;
}

const BRIDGE_OPTIONS: ReadonlySet<string> = new Set(
  (
    "ageing_time stp_state forward_delay hello_time max_age priority mcast_snooping mcast_querier vlan_filtering vlan_protocol " +
    "vlan_default_pvid group_fwd_mask nf_call_iptables nf_call_ip6tables nf_call_arptables mcast_router"
  ).split(" "),
);

/** RTM_NEWLINK with IFLA_INFO_DATA (br_changelink). ERANGE for times that 802.1D forbids. */
export function applyBridgeOptions(bridge: Bridge, { ageing, stp, priority, times }: BridgeOptions): LinkError | undefined {
  const outside = ([key, [least, most]]: (typeof TIME_BOUNDS)[number]): boolean => {
    const us = times[key];
    return us !== undefined && (us < least * 1e6 || us > most * 1e6) && (key !== "forwardDelay" || (stp ?? bridge.stp));
  };
  if (TIME_BOUNDS.some(outside)) return new LinkError("ERANGE", "Numerical result out of range");
  Object.assign(bridge.times, times);
  if (ageing !== undefined) bridge.fdb.ageing = ageing;
  if (stp !== undefined) bridge.setStp(stp);
  if (priority !== undefined) bridge.priority = priority;
  return undefined;
}

/** In seconds. */
const TIME_BOUNDS = [
  ["forwardDelay", [2, 30]],
  ["hello", [1, 10]],
  ["maxAge", [6, 40]],
] as const satisfies readonly (readonly [keyof Bridge["times"], readonly [number, number]])[];

/** Flags of a port by their names in `bridge link set` and `type bridge_slave`. */
const PORT_FLAGS = {
  hairpin: "hairpin",
  learning: "learning",
  flood: "flood",
  mcast_flood: "multicastFlood",
  bcast_flood: "broadcastFlood",
  isolated: "isolated",
} as const;

export const unsupportedPortFlag =
  (command: string) =>
  (word: string): Failure =>
    unsupported(`${command} ${word}`, `${Object.keys(PORT_FLAGS).join(" ")} cost priority state`);

type PortFlags = { [F in (typeof PORT_FLAGS)[keyof typeof PORT_FLAGS]]?: boolean } & {
  cost?: number;
  priority?: number;
  state?: PortState;
};

export function readPortFlags(words: Words, unknown: (word: string) => Failure): PortFlags | Failure {
  const flags: PortFlags = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "state") {
      const number = parseUnsigned(value);
      flags.state = PORT_STATES.find((state, i) => i === number || state === value.toLowerCase());
      if (!flags.state) return new Failure("Error: invalid STP port state", 255);
      continue;
    }
    if (word === "cost" || word === "priority") {
      const number = parseUnsigned(value, 0xffff);
      if (number === undefined) return invalid(value, `invalid ${word}`);
      flags[word] = number;
      continue;
    }
    if (!Object.hasOwn(PORT_FLAGS, word)) return unknown(word);
    const on = parseOnOff(word, value);
    if (on instanceof Failure) return on;
    flags[PORT_FLAGS[word as keyof typeof PORT_FLAGS]] = on;
  }
  return flags;
}

function apply(process: Process, device: NetDevice, wanted: Wanted): Answer {
  let failure: Failure | undefined;
  const answer = change(process, () => {
    if (wanted.netns && wanted.netns !== device.netns) {
      const refused = device.netns.devices.move(device, wanted.netns, wanted.name);
      if (refused) return refused;
    }
    const table = device.netns.devices;
    const { mac, mtu, name, master, up } = wanted;
    if (wanted.group !== undefined) device.group = wanted.group;
    if (mac !== undefined) {
      if (isGroupMac(mac) && device.kind !== "loopback") return new LinkError("EADDRNOTAVAIL", "Cannot assign requested address");
      const refused = table.setMac(device, mac);
      if (refused) return refused;
    }
    if (mtu !== undefined) {
      const refused = table.setMtu(device, mtu);
      if (refused) return refused;
    }
    if (name !== undefined) {
      const refused = table.rename(device, name);
      if (refused) return refused;
    }
    if (wanted.alias !== undefined) device.alias = wanted.alias;
    if (wanted.txQueueLength !== undefined) device.txQueueLength = wanted.txQueueLength;
    if (master !== undefined) {
      const refused = table.setMaster(device, master ?? undefined);
      if (refused) return refused;
    }
    if (wanted.promisc !== undefined) table.setPromisc(device, wanted.promisc);
    if (wanted.allmulticast !== undefined) device.allMulticastAsked = wanted.allmulticast;
    if (wanted.arp !== undefined) device.arpOff = !wanted.arp;
    if (wanted.multicast !== undefined) device.multicastOff = !wanted.multicast;
    failure = wanted.ofKind?.(device);
    if (failure || up === undefined) return undefined;
    return table.setUp(device, up);
  });
  return failure ?? answer;
}

/** `ip link property add|del dev DEVICE altname NAME…` (iplink_prop). */
export function changeProperties(process: Process, words: Words): Answer {
  const { netns } = process;
  const verb = words.next();
  if (verb === undefined || (!shortens(verb, "add") && !shortens(verb, "delete"))) {
    return new Failure("Operator required", 255);
  }
  let device: NetDevice | undefined;
  const names: string[] = [];
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const value = word === "dev" || word === "altname" ? words.next() : word;
    if (value === undefined) return incomplete();
    if (word === "altname") names.push(value);
    else if (device) return garbage("dev", value);
    else {
      device = linkNamed(netns, value);
      if (!device) return noSuchDevice(value);
    }
  }
  const found = device;
  if (!found) return new Failure('Not enough information: "dev" argument is required.', 255);
  return change(process, () => {
    for (const name of names) {
      const refused = shortens(verb, "add") ? netns.devices.addAltName(found, name) : netns.devices.removeAltName(found, name);
      if (refused) return refused;
    }
    return undefined;
  });
}

export function deleteLink(process: Process, words: Words): Answer {
  const { netns } = process;
  let device: NetDevice | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "type") {
      // The kernel deletes whatever the name stands for, of this type or another.
      words.rest();
      break;
    }
    const name = word === "dev" ? words.next() : word;
    if (name === undefined) return incomplete();
    if (word === "group") {
      const value = words.next();
      if (value === undefined) return incomplete();
      const group = parseGroup(value);
      if (group === undefined) return invalid(value, 'Invalid "group" value\n');
      return forGroup(process, group, (one) => change(process, () => netns.devices.remove(one)));
    }
    if (device) return garbage("dev", name);
    device = linkNamed(netns, name);
    if (!device) return noSuchDevice(name);
  }
  const found = device;
  if (!found) return new Failure('Not enough information: "dev" argument is required.', 255);
  return change(process, () => netns.devices.remove(found));
}
