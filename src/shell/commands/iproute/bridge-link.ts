/** `bridge link` (iproute2 bridge/link.c). */
import { type BridgePort, LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import { printJson } from "./json.ts";
import { readPortFlags, setPortFlags, unsupportedPortFlag } from "./link-change.ts";
import { linkNamed } from "./link-named.ts";
import { flagNames, linkedHere } from "./link-record.ts";
import type { Options } from "./options.ts";
import { garbage, incomplete, Words } from "./words.ts";

const noSuchPort = (name: string): Failure => new Failure(`Cannot find bridge device "${name}"`, 255);

const onOff = (on: boolean): string => (on ? "on" : "off");

export function portText(device: NetDevice, port: BridgePort, options: Options): string {
  const first = [
    `${device.ifindex}: ${linkedHere(device)}: <${flagNames(device).join(",")}> mtu ${device.mtu}`,
    `master ${device.master?.name} state ${port.state} priority ${port.priority} cost ${port.cost} `,
  ].join(" ");
  if (!options.details) return `${first}\n`;
  const flags = [
    `hairpin ${onOff(port.hairpin)} guard off root_block off fastleave off learning ${onOff(port.learning)} flood ${onOff(port.flood)}`,
    `mcast_flood ${onOff(port.multicastFlood)} bcast_flood ${onOff(port.broadcastFlood)} mcast_router 1 mcast_to_unicast off`,
    `neigh_suppress off neigh_vlan_suppress off vlan_tunnel off isolated ${onOff(port.isolated)} locked off mab off`,
    "mcast_n_groups 0 mcast_max_groups 0 ",
  ].join(" ");
  return `${first}\n    ${flags}\n`;
}

export function showPorts(netns: Netns, options: Options, words: Words): Answer {
  let only: NetDevice | undefined;
  let master: NetDevice | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const keyed = word === "dev" || word === "master";
    const name = keyed ? words.next() : undefined;
    if (!keyed) return new Failure(`Error: either "dev" is duplicate, or "${word}" is garbage.`, 255);
    if (name === undefined) return incomplete();
    const device = linkNamed(netns, name);
    if (!device) return new Failure(`Cannot find device "${name}"`, word === "dev" ? 255 : 1);
    if (word === "dev") only = device;
    else master = device;
  }
  const ports = netns.devices.all().filter((device) => device.port && (!only || device === only) && (!master || device.master === master));
  if (options.json) {
    const records = ports.map((device) => {
      const port = device.port as BridgePort;
      const { link } = device;
      return {
        ifindex: device.ifindex,
        link: link && (netns.devices.byIndex(link.ifindex)?.name ?? `if${link.ifindex}`),
        ifname: device.name,
        flags: flagNames(device),
        mtu: device.mtu,
        master: device.master?.name,
        state: port.state,
        priority: port.priority,
        cost: port.cost,
      };
    });
    return printJson(records, options.pretty);
  }
  return ports.map((device) => portText(device, device.port as BridgePort, options)).join("");
}

export function setPort(process: Process, words: Words): Answer {
  let name: string | undefined;
  const flags: string[] = [];
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "self" || word === "master") continue;
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "dev") name = value;
    else flags.push(word, value);
  }
  if (name === undefined) return new Failure("Device is a required argument.", 255);
  const device = linkNamed(process.netns, name);
  if (!device) return noSuchPort(name);
  const read = readPortFlags(new Words(flags), (word) =>
    KNOWN_FLAGS.has(word) ? unsupportedPortFlag("bridge link set")(word) : garbage("dev", word),
  );
  if (read instanceof Failure) return read;
  return change(process, () => (device.port ? setPortFlags(device, read) : new LinkError("EOPNOTSUPP", "Operation not supported")), 255);
}

/** Flags that the real tool has and this world does nothing with. */
const KNOWN_FLAGS: ReadonlySet<string> = new Set(
  (
    "guard fastleave root_block learning_sync mcast_router mcast_to_unicast mcast_max_groups neigh_suppress neigh_vlan_suppress " +
    "neigh_forward_grat vlan_tunnel locked mab hwmode backup_port backup_nhid"
  ).split(" "),
);
