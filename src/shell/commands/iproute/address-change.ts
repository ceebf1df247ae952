/** `ip addr add|change|replace|del|flush` (iproute2 ip/ipaddress.c, ipaddr_modify). */
import { bitsOf, formatIp, type Ip, isLoopback, isMulticast, lastAddress, parseIp } from "../../../kernel/address.ts";
import { type InterfaceAddress, LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { Process } from "../../command.ts";
import { addressText } from "./address-show.ts";
import { type Answer, change, Failure, flushed, mayAdminister, rtnetlinkRefusal } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import type { Options } from "./options.ts";
import { parseAnyPrefix } from "./prefix.ts";
import { parseScope, parseSelection, selectAddresses, selectDevices } from "./select.ts";
import { garbage, incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

interface Given {
  device?: string;
  local?: Ip;
  length?: number;
  /** The words in which the address was given, for the warning about a missing length. */
  hasLength: boolean;
  peer?: Ip;
  broadcast?: number | "+" | "-";
  scope?: InterfaceAddress["scope"];
  label?: string;
  nodad: boolean;
  noPrefixRoute: boolean;
  /** Seconds from now on; absent for ever. */
  valid?: number;
  preferred?: number;
}

const SUPPORTED = "dev peer broadcast label scope nodad noprefixroute valid_lft preferred_lft";

function read(words: Words, options: Options): Given | Failure {
  const given: Given = { hasLength: false, nodad: false, noPrefixRoute: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "nodad") {
      given.nodad = true;
      continue;
    }
    if (word === "noprefixroute") {
      given.noPrefixRoute = true;
      continue;
    }
    if (["home", "mngtmpaddr", "autojoin", "optimistic"].includes(word)) {
      return unsupported(`ip addr ${word}`, SUPPORTED);
    }
    const keyed = KEYS.has(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    const refused = readOne(keyed ? word : "local", value, given, options);
    if (refused) return refused;
  }
  if (given.valid !== undefined && (given.preferred ?? Number.POSITIVE_INFINITY) > given.valid) {
    return new Failure("preferred_lft is greater than valid_lft", 255);
  }
  return given;
}

const KEYS: ReadonlySet<string> = new Set(
  "peer remote broadcast brd anycast scope dev label metric proto valid_lft preferred_lft local".split(" "),
);

function readOne(key: string, value: string, given: Given, options: Options): Failure | undefined {
  switch (key) {
    case "dev":
      given.device = value;
      return undefined;
    case "label":
      given.label = value;
      return undefined;
    case "scope":
      given.scope = parseScope(value);
      return given.scope ? undefined : invalid(value, "invalid scope value.");
    case "peer":
    case "remote": {
      const prefix = parseAnyPrefix(value, options.family);
      if (prefix instanceof Failure) return prefix;
      given.peer = prefix.address;
      given.length = prefix.length;
      return undefined;
    }
    case "broadcast":
    case "brd": {
      if (value === "+" || value === "-") {
        given.broadcast = value;
        return undefined;
      }
      const address = parseIp(value);
      if (typeof address !== "number") return new Failure(`Error: inet address is expected rather than "${value}".`, 1);
      given.broadcast = address;
      return undefined;
    }
    case "valid_lft":
    case "preferred_lft":
      return readLifetime(key, value, given);
    case "local": {
      if (given.local !== undefined) return garbage("local", value);
      const prefix = parseAnyPrefix(value, options.family);
      if (prefix instanceof Failure) return prefix;
      given.local = prefix.address;
      given.hasLength = value.includes("/");
      given.length ??= prefix.length;
      return undefined;
    }
    default:
      return unsupported(`ip addr ${key}`, SUPPORTED);
  }
}

/** set_lifetime: a number of seconds, or for ever. */
function readLifetime(key: "valid_lft" | "preferred_lft", value: string, given: Given): Failure | undefined {
  if (value === "forever") return undefined;
  const seconds = parseUnsigned(value);
  if (seconds === undefined) return invalid(value, `${key} value`);
  if (key === "valid_lft" && seconds === 0) return invalid(value, "valid_lft is zero");
  given[key === "valid_lft" ? "valid" : "preferred"] = seconds;
  return undefined;
}

/** When an address that lives for so many seconds ends, and when it is deprecated. */
function lifetimes(given: Given, now: number): Pick<InterfaceAddress, "validUntil" | "preferredUntil"> {
  const at = (seconds: number): number => now + seconds * 1_000_000;
  return {
    ...(given.valid !== undefined && { validUntil: at(given.valid) }),
    ...(given.preferred !== undefined && { preferredUntil: at(given.preferred) }),
  };
}

const NO_DEVICE = 'Not enough information: "dev" argument is required.';

export function changeAddress(process: Process, options: Options, verb: "add" | "change" | "replace" | "delete", words: Words): Answer {
  const { netns } = process;
  const given = read(words, options);
  if (given instanceof Failure) return given;
  if (given.device === undefined) return new Failure(NO_DEVICE, 1);
  const device = linkNamed(netns, given.device);
  if (!device) return noSuchDevice(given.device);
  const { local, length = 32 } = given;
  if (local === undefined) return rtnetlinkRefusal(new LinkError("EOPNOTSUPP", "Operation not supported"));
  if (verb === "delete") return remove(process, device, local, length, given);
  return change(process, () => {
    const invalidAddress = refuse(device, local);
    if (invalidAddress) return invalidAddress;
    const known = device.addresses.find((address) => address.ip === local && address.length === length);
    if (verb !== "add" && known) {
      const { validUntil: _valid, preferredUntil: _preferred, ...rest } = known;
      netns.devices.replaceAddress(device, { ...rest, ...lifetimes(given, netns.kernel.clock.now) });
      return undefined;
    }
    if (verb === "change" && typeof local === "bigint") return new LinkError("ENOENT", "No such file or directory");
    return netns.devices.addAddress(device, asAddress(local, length, given, device));
  });
}

/** What the kernel takes for no address of an interface (inet6_addr_add). */
function refuse(device: NetDevice, ip: Ip): LinkError | undefined {
  if (typeof ip === "number") return undefined;
  if (isMulticast(ip)) {
    return new LinkError("EINVAL", 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag', true);
  }
  if (isLoopback(ip) && device.kind !== "loopback") {
    return new LinkError("EADDRNOTAVAIL", "ipv6: Cannot assign loopback address on this device", true);
  }
  return undefined;
}

function asAddress(ip: Ip, length: number, given: Given, device: NetDevice): InterfaceAddress {
  const { peer, label, broadcast } = given;
  const base = {
    ip,
    length,
    ...(peer !== undefined && peer !== ip && { peer }),
    ...(given.noPrefixRoute && { noPrefixRoute: true }),
    ...lifetimes(given, device.netns.kernel.clock.now),
  };
  if (typeof ip === "bigint") {
    const scope = isLoopback(ip) ? "host" : ip >> 118n === 0x3fan ? "link" : "global";
    const detect = !given.nodad && !device.noArp && device.netns.sysctl.device(device).v6.accept_dad > 0;
    return { ...base, scope, ...(given.nodad ? { nodad: true } : detect && { tentative: true }) };
  }
  const brd = broadcast === "+" ? (lastAddress(ip, length) as number) : broadcast === "-" ? undefined : broadcast;
  // Addresses of 127/8 are the host's own unless somebody says otherwise (default_scope).
  const scope = given.scope ?? (isLoopback(ip) ? "host" : "global");
  return { ...base, scope, ...(brd !== undefined && { broadcast: brd }), ...(label !== undefined && { label }) };
}

function remove(process: Process, device: NetDevice, local: Ip, length: number, given: Given): Answer {
  const text = `${formatIp(local)}/${bitsOf(local)}`;
  const warning =
    "Warning: Executing wildcard deletion to stay compatible with old scripts.\n" +
    `         Explicitly specify the prefix length (${text}) to avoid this warning.\n` +
    "         This special behaviour is likely to disappear in further releases,\n" +
    "         fix your scripts!";
  const wildcard = !given.hasLength && given.peer === undefined && typeof local === "number";
  // Without a length the first address that is the same goes, whatever its length.
  const found = wildcard ? device.addresses.find((address) => address.ip === local) : undefined;
  const answer = change(process, () => device.netns.devices.removeAddress(device, local, found?.length ?? length));
  if (!wildcard) return answer;
  if (typeof answer === "string") return new Failure(warning, 0);
  return new Failure(`${warning}\n${answer.message}`, answer.status);
}

export function flushAddresses(process: Process, options: Options, words: Words): Answer {
  if (words.done) return new Failure("Flush requires arguments.", 1);
  const { netns } = process;
  const selection = parseSelection(words, netns, true);
  if (selection instanceof Failure) return selection;
  const gone: string[] = [];
  for (const device of selectDevices(netns, selection)) {
    for (const address of selectAddresses(device, selection, options)) {
      if (!mayAdminister(process)) return new Failure("Failed to send flush request: Operation not permitted", 255);
      gone.push(`${device.ifindex}: ${device.name}${addressText(device, address, options)}\n`);
      // Secondaries go with their primary; what has gone already is passed over.
      netns.devices.removeAddress(device, address.ip, address.length);
    }
  }
  return flushed(options.statistics, gone, "addresses");
}
