/** `ip link add … type KIND …` (iproute2 ip/iplink.c and ip/iplink_*.c). */
import { type Mac, parseMac } from "../../../kernel/address.ts";
import {
  Bridge,
  createIpvlan,
  createMacvlan,
  createVeth,
  createVlan,
  Dummy,
  type IpvlanFlag,
  type IpvlanMode,
  LinkError,
  type NetDevice,
} from "../../../kernel/device/index.ts";
import { createVxlan } from "../../../kernel/device/modules.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure, rtnetlinkRefusal } from "./answer.ts";
import {
  applyBridgeOptions,
  type BridgeOptions,
  invalidMac,
  readBridgeOptions,
  readMacvlanMode,
  readNetns,
  refuseName,
} from "./link-change.ts";
import { linkNamed } from "./link-named.ts";
import { readVxlan } from "./vxlan-options.ts";
import { incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

const KINDS = "veth bridge macvlan ipvlan vlan vxlan dummy";

/** Kinds that Linux has and this world has not. */
const FOREIGN_KINDS: ReadonlySet<string> = new Set(
  (
    "amt bareudp bond bond_slave bridge_slave dsa erspan geneve gre gretap gtp hsr ifb ip6erspan ip6gre ip6gretap ip6tnl ipip ipoib ipvtap " +
    "macsec macvtap netdevsim netkit nlmon sit team vcan vrf vti vxcan wireguard xfrm"
  ).split(" "),
);

/** `ip link add` gives devices this queue length, as the kernel does for whom it is told none. */
const TX_QUEUE_LENGTH = 1000;

/** What may stand before the type, and again after `peer`. */
interface End {
  name?: string;
  /** The name stood alone, without "name" or "dev". */
  bare?: boolean;
  link?: NetDevice;
  mac?: Mac;
  mtu?: number;
  txQueueLength?: number;
  ifindex?: number;
  netns?: Netns;
}

export function addLink(process: Process, words: Words): Answer {
  const end: End = {};
  const refused = readEnd(process, words, end);
  if (refused) return refused;
  if (!words.take("type")) return new Failure('Not enough information: "type" argument is required', 1);
  const kind = words.next();
  if (kind === undefined) return incomplete();
  const make = maker(process, kind, end, words);
  if (make instanceof Failure) return make;
  if (end.name !== undefined) {
    // A name that stands alone is checked as an alternative name, which may be long; the kernel refuses it then.
    if (end.bare && end.name.length > 15 && !end.name.includes("/")) return new Failure("Error: Attribute failed policy validation.", 2);
    const badName = refuseName(end.name);
    if (badName) return badName;
  }
  return change(process, make);
}

/** Reads up to `type`, or to the end of the line for a peer. */
function readEnd(process: Process, words: Words, end: End): Failure | undefined {
  const { netns } = process;
  for (let word = words.peek(); word !== undefined && word !== "type"; word = words.peek()) {
    words.next();
    if (!END_KEYS.has(word)) {
      if (end.name !== undefined) return new Failure(`Error: either "dev" is duplicate, or "${word}" is garbage.`, 255);
      end.name = word;
      end.bare = true;
      continue;
    }
    if (word === "up" || word === "down") continue;
    const value = words.next();
    if (value === undefined) return incomplete();
    switch (word) {
      case "name":
      case "dev":
        if (end.name !== undefined) return new Failure('both "name" and "dev" cannot be used when creating devices.', 255);
        end.name = value;
        break;
      case "link":
        end.link = linkNamed(netns, value);
        if (!end.link) return noSuchDevice(value);
        break;
      case "address":
      case "lladdr":
        end.mac = parseMac(value);
        if (!end.mac) return invalidMac(value);
        break;
      case "mtu":
        end.mtu = parseUnsigned(value);
        if (end.mtu === undefined) return invalid(value, 'Invalid "mtu" value\n');
        break;
      case "txqueuelen":
      case "txqlen":
      case "qlen":
        end.txQueueLength = parseUnsigned(value, 0x7fffffff);
        if (end.txQueueLength === undefined) return invalid(value, 'Invalid "txqueuelen" value\n');
        break;
      case "index":
        end.ifindex = parseUnsigned(value, 0x7fffffff);
        if (!end.ifindex) return invalid(value, 'Invalid "index" value');
        break;
      case "netns": {
        const refused = readNetns(process, value, end);
        if (refused) return refused;
        break;
      }
      default:
        break;
    }
  }
  return undefined;
}

const END_KEYS: ReadonlySet<string> = new Set(
  "name dev link address lladdr mtu txqueuelen txqlen qlen index netns numtxqueues numrxqueues up down".split(" "),
);

type Make = () => LinkError | undefined;

/** What makes a device of the kind, or why there is no such thing. */
function maker(process: Process, kind: string, end: End, words: Words): Make | Failure {
  const netns = end.netns ?? process.netns;
  switch (kind) {
    case "veth":
      return vethMaker(process, netns, end, words);
    case "bridge": {
      const options = readBridgeOptions(words);
      return options instanceof Failure ? options : () => addBridge(netns, end, options);
    }
    case "dummy":
      return words.done
        ? () => addDummy(netns, end)
        : new Failure(`Garbage instead of arguments "${words.peek()} ...". Try "ip link help".`, 255);
    case "macvlan":
      return macvlanMaker(netns, end, words);
    case "ipvlan":
      return ipvlanMaker(netns, end, words);
    case "vlan":
      return vlanMaker(netns, end, words);
    case "vxlan": {
      const settings = readVxlan(process.netns, words);
      if (settings instanceof Failure) return settings;
      return () => {
        const options = { mac: end.mac, ifindex: end.ifindex };
        const made = createVxlan(netns, end.name ?? freeName(netns, "vxlan"), settings, options);
        return made instanceof LinkError ? made : finish(made, end);
      };
    }
  }
  if (FOREIGN_KINDS.has(kind)) return unsupported(`ip link add type ${kind}`, `type ${KINDS.replaceAll(" ", ", ")}`);
  return () => new LinkError("EOPNOTSUPP", "Unknown device type", true);
}

/** The first of "veth0", "veth1", … that is free. */
function freeName(netns: Netns, stem: string, taken?: string): string {
  for (let i = 0; ; i++) if (!netns.device(`${stem}${i}`) && `${stem}${i}` !== taken) return `${stem}${i}`;
}

function finish(device: NetDevice, end: End): LinkError | undefined {
  device.txQueueLength = end.txQueueLength ?? TX_QUEUE_LENGTH;
  if (end.mtu === undefined || end.mtu === device.mtu) return undefined;
  const refused = device.netns.devices.setMtu(device, end.mtu);
  // What cannot be given its MTU is not made.
  if (refused) device.netns.devices.remove(device);
  return refused;
}

function addBridge(netns: Netns, end: End, options: BridgeOptions): LinkError | undefined {
  const bridge = new Bridge(netns, end.name ?? freeName(netns, "bridge"), end.mac);
  const refused = netns.devices.add(bridge, end.ifindex);
  if (refused) return refused;
  const forbidden = applyBridgeOptions(bridge, options);
  if (!forbidden) return finish(bridge, end);
  netns.devices.remove(bridge);
  return forbidden;
}

function addDummy(netns: Netns, end: End): LinkError | undefined {
  const dummy = new Dummy(netns, end.name ?? freeName(netns, "dummy"), end.mac ?? netns.kernel.random.mac());
  return netns.devices.add(dummy, end.ifindex) ?? finish(dummy, end);
}

function vethMaker(process: Process, netns: Netns, end: End, words: Words): Make | Failure {
  const peer: End = {};
  const key = words.peek();
  if (key !== undefined) {
    if (key !== "peer") return new Failure(`Garbage instead of arguments "${key} ...". Try "ip link help".`, 255);
    words.next();
    const refused = readEnd(process, words, peer);
    if (refused) return refused;
    const badName = peer.name === undefined ? undefined : refuseName(peer.name);
    if (badName) return badName;
  }
  return () => {
    const there = peer.netns ?? process.netns;
    // The peer is registered first, and so takes the first free name where none is given.
    const peerName = peer.name ?? freeName(there, "veth", end.name);
    const name = end.name ?? freeName(netns, "veth", there === netns ? peerName : undefined);
    const made = createVeth(
      { netns, name, mac: end.mac, ifindex: end.ifindex },
      { netns: there, name: peerName, mac: peer.mac, ifindex: peer.ifindex },
    );
    if (made instanceof LinkError) return made;
    return finish(made.peer, peer) ?? finish(made.device, end);
  };
}

/** Without a parent, or of a mode that the driver has not. */
const einval = (): LinkError => new LinkError("EINVAL", "Invalid argument");

function macvlanMaker(netns: Netns, end: End, words: Words): Make | Failure {
  const mode = readMacvlanMode(words);
  if (mode instanceof Failure) return mode;
  return () => {
    if (!end.link) return einval();
    const options = { mac: end.mac, ifindex: end.ifindex };
    const made = createMacvlan(netns, end.name ?? freeName(netns, "macvlan"), end.link, mode ?? "vepa", options);
    return made instanceof LinkError ? made : finish(made, end);
  };
}

function ipvlanMaker(netns: Netns, end: End, words: Words): Make | Failure {
  let mode = "l3";
  let flag = "bridge";
  for (let key = words.next(); key !== undefined; key = words.next()) {
    if (key === "bridge" || key === "private" || key === "vepa") {
      flag = key;
      continue;
    }
    if (key !== "mode") return new Failure(`ipvlan: unknown option "${key}"?`, 255);
    const value = words.next();
    if (value === undefined) return incomplete();
    if (!["l2", "l3", "l3s"].includes(value)) {
      return new Failure('Error: argument of "mode" must be either "l2", "l3" or "l3s"', 255);
    }
    mode = value;
  }
  return () => {
    if (!end.link) return einval();
    const name = end.name ?? freeName(netns, "ipvlan");
    const made = createIpvlan(netns, name, end.link, mode as IpvlanMode, flag as IpvlanFlag, { ifindex: end.ifindex });
    return made instanceof LinkError ? made : finish(made, end);
  };
}

function vlanMaker(netns: Netns, end: End, words: Words): Make | Failure {
  let id: number | undefined;
  for (let key = words.next(); key !== undefined; key = words.next()) {
    const value = words.next();
    if (value === undefined) return incomplete();
    if (key === "protocol" && value.toLowerCase() === "802.1q") continue;
    if (key === "id") {
      id = parseUnsigned(value, 0xffff);
      if (id === undefined) return invalid(value, "id is invalid");
      continue;
    }
    return unsupported(`vlan ${key} ${value}`, "id ID, protocol 802.1Q");
  }
  if (id === undefined) return rtnetlinkRefusal(new LinkError("EINVAL", "VLAN properties not specified", true));
  const vlan = id;
  return () => {
    if (!end.link) return new LinkError("EINVAL", "link not specified", true);
    if (vlan >= 4095) return new LinkError("ERANGE", "Invalid VLAN id", true);
    const made = createVlan(netns, end.name ?? `${end.link.name}.${vlan}`, end.link, vlan, { ifindex: end.ifindex });
    return made instanceof LinkError ? made : finish(made, end);
  };
}
