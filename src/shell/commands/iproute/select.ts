/** Which devices and addresses `ip link show` and `ip addr show|flush` are about. */
import { contains, familyOf, type Prefix } from "../../../kernel/address.ts";
import type { InterfaceAddress, NetDevice } from "../../../kernel/device/index.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { Failure } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import type { Options } from "./options.ts";
import { parseAnyPrefix } from "./prefix.ts";
import { invalid, parseGroup, type Words } from "./words.ts";

export interface Selection {
  device?: NetDevice;
  up?: boolean;
  down?: boolean;
  master?: NetDevice;
  noMaster?: boolean;
  group?: number;
  type?: string;
  to?: Prefix;
  scope?: InterfaceAddress["scope"];
  label?: string;
  secondary?: boolean;
  tentative?: boolean;
  dadFailed?: boolean;
  dynamic?: boolean;
  deprecated?: boolean;
}

const SCOPES: Readonly<Record<string, InterfaceAddress["scope"]>> = {
  global: "global",
  universe: "global",
  "0": "global",
  site: "site",
  "200": "site",
  link: "link",
  "253": "link",
  host: "host",
  "254": "host",
  nowhere: "nowhere",
  "255": "nowhere",
};

export const parseScope = (word: string): InterfaceAddress["scope"] | undefined => SCOPES[word];

/** ipaddr_list_flush_or_save's arguments. */
export function parseSelection(words: Words, netns: Netns, addresses: boolean): Selection | Failure {
  const selection: Selection = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const value = (): string | Failure => words.next() ?? new Failure('Command line is not complete. Try option "help"', 255);
    if (word === "up") selection.up = true;
    else if (word === "down") selection.down = true;
    else if (word === "nomaster") selection.noMaster = true;
    else if (word === "master") {
      const name = value();
      if (name instanceof Failure) return name;
      const master = linkNamed(netns, name);
      if (!master) return invalid(name, "Device does not exist\n");
      selection.master = master;
    } else if (word === "type") {
      const type = value();
      if (type instanceof Failure) return type;
      selection.type = type;
    } else if (word === "vrf" || word === "group") {
      const name = value();
      if (name instanceof Failure) return name;
      if (word === "vrf") return invalid(name, "Not a valid VRF name\n");
      const group = parseGroup(name);
      if (group === undefined) return invalid(name, `Invalid "group" value\n`);
      selection.group = group;
    } else if (addresses && word === "to") {
      const text = value();
      if (text instanceof Failure) return text;
      const to = parseAnyPrefix(text, undefined);
      if (to instanceof Failure) return to;
      selection.to = to;
    } else if (addresses && word === "scope") {
      const text = value();
      if (text instanceof Failure) return text;
      const scope = SCOPES[text];
      if (text !== "all" && !scope) return invalid(text, `invalid "scope"\n`);
      if (scope) selection.scope = scope;
    } else if (addresses && word === "label") {
      const label = value();
      if (label instanceof Failure) return label;
      selection.label = label;
    } else if (addresses && (word === "secondary" || word === "temporary")) selection.secondary = true;
    else if (addresses && (word === "primary" || word === "-secondary")) selection.secondary = false;
    else if (addresses && (word === "tentative" || word === "-tentative")) selection.tentative = word === "tentative";
    else if (addresses && (word === "dadfailed" || word === "-dadfailed")) selection.dadFailed = word === "dadfailed";
    else if (addresses && (word === "permanent" || word === "dynamic")) selection.dynamic = word === "dynamic";
    else if (addresses && (word === "deprecated" || word === "-deprecated")) selection.deprecated = word === "deprecated";
    else if (word === "novf") continue;
    else {
      let name: string = word;
      if (word === "dev") {
        const given = value();
        if (given instanceof Failure) return given;
        name = given;
      }
      const device = linkNamed(netns, name);
      if (!device) return new Failure(`Device "${name}" does not exist.`, 1);
      selection.device = device;
    }
  }
  return selection;
}

export function selectDevices(netns: Netns, selection: Selection): readonly NetDevice[] {
  return netns.devices.all().filter((device) => {
    if (selection.device && device !== selection.device) return false;
    if (selection.up && !device.up) return false;
    if (selection.down && device.up) return false;
    if (selection.master && device.master !== selection.master) return false;
    if (selection.group !== undefined && device.group !== selection.group) return false;
    if (selection.noMaster && device.master) return false;
    if (selection.type === undefined) return true;
    return selection.type === "bridge_slave" ? device.port !== undefined : device.kind === selection.type;
  });
}

/** IFA_F_DEPRECATED: not to be chosen for new connections. */
export const isDeprecated = ({ preferredUntil }: InterfaceAddress, now: number): boolean =>
  preferredUntil !== undefined && preferredUntil <= now;

/** A label pattern of the shell's kind: `*` and `?`. */
const matchesLabel = (pattern: string, label: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
  ).test(label);

export function selectAddresses(device: NetDevice, selection: Selection, options: Options): readonly InterfaceAddress[] {
  const { to, scope, label, secondary, tentative, dadFailed, dynamic, deprecated } = selection;
  if (options.linkOnly) return [];
  const { now } = device.netns.kernel.clock;
  return device.addresses.filter((address) => {
    if (options.family && familyOf(address.ip) !== options.family) return false;
    if (to && !contains(to, address.ip)) return false;
    if (scope && address.scope !== scope) return false;
    if (label !== undefined && (typeof address.ip === "bigint" || !matchesLabel(label, address.label ?? device.name))) return false;
    if (secondary !== undefined && (address.secondary === true) !== secondary) return false;
    if (tentative !== undefined && (address.tentative === true) !== tentative) return false;
    if (dadFailed !== undefined && (address.dadFailed === true) !== dadFailed) return false;
    if (dynamic !== undefined && (address.validUntil !== undefined) !== dynamic) return false;
    return deprecated === undefined || isDeprecated(address, now) === deprecated;
  });
}

/** ipaddr_filter: a device is left out when it has addresses but none that was asked for, or none of the family. */
export function isShown(device: NetDevice, shown: readonly InterfaceAddress[], options: Options): boolean {
  return shown.length > 0 || ((device.addresses.length === 0 || options.linkOnly) && options.family === undefined);
}
