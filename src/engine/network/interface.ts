/** A device as the sandbox's interface: moved in, named, configured, announced, moved out again (libnetwork/osl). */
import { contains, formatIp, formatPrefix, type Ip, networkAddress, parseIp } from "../../kernel/address.ts";
import { type InterfaceAddress, LinkError, MAX_NAME_LENGTH, type NetDevice } from "../../kernel/device/index.ts";
import type { Route } from "../../kernel/inet/fib.ts";
import type { Netns } from "../../kernel/netns.ts";
import { IFNAME_OPTION, INTERFACE_PREFIX, SYSCTLS_OPTION } from "../drivers/driver.ts";
import { goErrno } from "../drivers/errno.ts";
import type { EngineEndpoint } from "./endpoint.ts";

const SECOND = 1_000_000;
/** Unsolicited ARPs and neighbour advertisements, a second apart (defaultAdvertiseAddrNMsgs). */
const ANNOUNCEMENTS = 3;
/**
 * On a network with more endpoints nothing is announced, which is less than the engine does: every announcement goes to
 * every port. Neighbours then find out by themselves that an address has changed hands.
 */
const CROWD = 128;

/** An address as the daemon gives it to the kernel: IPv4 with broadcast and label, IPv6 without duplicate detection. */
export function globalAddress(ip: Ip, length: number, label: string): InterfaceAddress {
  if (typeof ip === "bigint") return { ip, length, scope: "global", nodad: true };
  const broadcast = length < 31 ? (ip | (0xffffffff >>> length)) >>> 0 : undefined;
  return { ip, length, scope: "global", label, ...(broadcast === undefined ? {} : { broadcast }) };
}

/** The lowest "eth0", "eth1", … that is not taken. */
function freeName(prefix: string, taken: readonly string[]): string {
  let number = 0;
  while (taken.includes(`${prefix}${number}`)) number++;
  return `${prefix}${number}`;
}

/**
 * AddInterface: the text is why it could not be done. Only what could not be configured goes back to the host; what could not be
 * named or announced stays in the sandbox. `taken`: the names of the sandbox's other interfaces.
 */
export function addInterface(netns: Netns, endpoint: EngineEndpoint, taken: readonly string[], host: Netns): string | undefined {
  const { device, sourceName, network } = endpoint;
  if (!device) return undefined;
  const fail = (reason: string): string => `failed to add interface ${sourceName} to sandbox: ${reason}`;
  const prefix = network.handler.interfacePrefix?.(network) ?? INTERFACE_PREFIX;
  const wanted = endpoint.spec.driverOpts?.[IFNAME_OPTION];
  // Among the host's own devices it keeps the name that it has.
  const name = endpoint.sandbox?.usesHost ? sourceName : wanted || freeName(prefix, taken);
  if (device.netns !== netns) {
    const moved = device.netns.devices.move(device, netns);
    if (moved) return fail(`failed to set namespace on link "${sourceName}": ${goErrno(moved)}`);
  }
  endpoint.interfaceName = sourceName;
  const { devices } = netns;
  devices.setUp(device, false);
  // A name that is too long fails the check of the netlink attribute, before anything is looked at.
  const renamed = name.length > MAX_NAME_LENGTH ? new LinkError("ERANGE", "Numerical result out of range") : devices.rename(device, name);
  if (renamed) return fail(`error renaming interface "${sourceName}" to "${name}": ${goErrno(renamed)}`);
  endpoint.populated = true;
  endpoint.interfaceName = name;
  const unconfigured = configure(netns, endpoint, device, fail);
  if (unconfigured !== undefined) removeInterface(netns, endpoint, host);
  return unconfigured ?? bringUp(netns, endpoint, device, fail);
}

function configure(netns: Netns, endpoint: EngineEndpoint, device: NetDevice, fail: (reason: string) => string): string | undefined {
  const { devices } = netns;
  const { name } = device;
  if (endpoint.macAddress !== "" && endpoint.macAddress !== device.mac) {
    const refused = devices.setMac(device, endpoint.macAddress);
    if (refused) return fail(`error setting interface "${endpoint.sourceName}" MAC to "${endpoint.macAddress}": ${goErrno(refused)}`);
  }
  const v4 = assign(netns, device, endpoint.sourceName, endpoint.ipv4, endpoint.ipv4Length, "IP");
  if (v4) return fail(v4);
  netns.sysctl.set(`net.ipv6.conf.${name.replaceAll(".", "/")}.disable_ipv6`, endpoint.ipv6 === "" ? "1" : "0");
  const v6 = assign(netns, device, endpoint.sourceName, endpoint.ipv6, endpoint.ipv6Length, "IPv6");
  if (v6) return fail(v6);
  const linkLocal = (endpoint.spec.linkLocalIps ?? []).flatMap((text) => {
    const ip = parseIp(text);
    return ip === undefined ? [] : [{ address: ip, length: typeof ip === "number" ? 16 : 64 }];
  });
  for (const { address, length } of linkLocal) {
    const refused = devices.addAddress(device, globalAddress(address, length, name));
    const all = linkLocal.map(formatPrefix).join(" ");
    if (refused) return fail(`error setting interface "${endpoint.sourceName}" link local IPs to [${all}]: ${goErrno(refused)}`);
  }
  const sysctls = endpoint.spec.driverOpts?.[SYSCTLS_OPTION];
  for (const setting of sysctls ? sysctls.split(",") : []) {
    const [key, value] = setting.replace(/\.IFNAME\./i, `.${name.replaceAll(".", "/")}.`).split("=");
    if (!netns.sysctl.set(key ?? "", value ?? ""))
      return `failed to add interface ${endpoint.sourceName} to sandbox: failed to set sysctl "${key}" to "${value}"`;
  }
  return undefined;
}

function assign(netns: Netns, device: NetDevice, source: string, address: string, length: number, what: "IP" | "IPv6"): string | undefined {
  const ip = address === "" ? undefined : parseIp(address);
  if (ip === undefined) return undefined;
  const refuse = (reason: string): string => `error setting interface "${source}" ${what} to ${address}/${length}: ${reason}`;
  const conflict = conflictingRoute(netns, ip, length);
  if (conflict)
    return refuse(`cannot program address ${address}/${length} in sandbox interface because it conflicts with existing route ${conflict}`);
  const refused = netns.devices.addAddress(device, globalAddress(ip, length, device.name));
  return refused && refuse(goErrno(refused));
}

/** checkRouteConflict: an address may not lie in what another interface reaches on-link, nor hold it. */
function conflictingRoute(netns: Netns, ip: Ip, length: number): string | undefined {
  const block = { address: networkAddress(ip, length), length };
  for (const route of netns.inet.fib.list(typeof ip === "number" ? 4 : 6)) {
    if (route.dst.length === 0) continue;
    if (contains(route.dst, ip) || contains(block, route.dst.address)) return describeRoute(route);
  }
  return undefined;
}

/** A route as netlink's Go type prints itself. */
function describeRoute(route: Route): string {
  const ip = (address: Ip | undefined): string => (address === undefined ? "<nil>" : formatIp(address));
  return `{Ifindex: ${route.dev?.ifindex ?? 0} Dst: ${formatPrefix(route.dst)} Src: ${ip(route.src)} Gw: ${ip(route.via)} Flags: [] Table: 254 Realm: 0}`;
}

function bringUp(netns: Netns, endpoint: EngineEndpoint, device: NetDevice, fail: (reason: string) => string): string | undefined {
  const refused = netns.devices.setUp(device, true);
  if (refused) return fail(`failed to set link up: ${goErrno(refused)}`);
  // A neighbour advertisement cannot be sent where an option has turned IPv6 off again.
  const silent = endpoint.ipv6 !== "" && !device.addresses.some(({ ip }) => typeof ip === "bigint");
  if (silent) return fail("failed to advertise addresses: write ip ::1->ff02::1: sendmsg: invalid argument");
  announce(netns, endpoint, device);
  return undefined;
}

/** advertiseAddrs: tells the link who has the addresses now, so that neighbours forget a former owner. */
function announce(netns: Netns, endpoint: EngineEndpoint, device: NetDevice): void {
  const { clock } = netns.kernel;
  const addresses = endpoint.hostsAddresses.map((text) => parseIp(text) as Ip);
  if (addresses.length === 0 || endpoint.macAddress === "" || endpoint.network.endpoints.size > CROWD) return;
  let left = ANNOUNCEMENTS;
  let timer: ReturnType<typeof clock.after> | undefined;
  const send = (): void => {
    if (device.netns !== netns || !netns.devices.has(device) || device.mac !== endpoint.macAddress) return;
    for (const ip of addresses) netns.inet.announce(device, ip);
    if (--left > 0) timer = clock.after(SECOND, send, true);
  };
  endpoint.stopAnnouncing = () => {
    if (timer) clock.cancel(timer);
  };
  send();
}

/** RemoveInterface: down, its old name again, back to the host. What the user has renamed or deleted stays as it is. */
export function removeInterface(netns: Netns, endpoint: EngineEndpoint, host: Netns): void {
  endpoint.stopAnnouncing?.();
  endpoint.stopAnnouncing = undefined;
  endpoint.populated = false;
  const device = netns.devices.byName(endpoint.interfaceName);
  if (!device || device !== endpoint.device) return;
  netns.devices.setUp(device, false);
  if (netns.devices.rename(device, endpoint.sourceName) instanceof LinkError) return;
  netns.devices.move(device, host);
}
