/** `ifconfig` of net-tools 2.10, by the ioctls of net/ipv4/devinet.c. */
import { formatIp, type Ipv4, lastAddress, maskV4, parseIpv4, parseIpv6, parseMac, parsePrefix } from "../../../kernel/address.ts";
import type { InterfaceAddress, LinkError, NetDevice } from "../../../kernel/device/index.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { CompletionContext, Process } from "../../command.ts";
import { type Answer, Failure, instantCommand, mayAdminister } from "./answer.ts";

const USAGE = `Usage:
  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]
  [add <address>[/<prefixlen>]]
  [del <address>[/<prefixlen>]]
  [[-]broadcast [<address>]]
  [netmask <address>]
  [hw <HW> <address>]  [mtu <NN>]
  [[-]arp]
  [multicast]  [[-]promisc]
  [txqueuelen <NN>]
  [up|down] ...`;

const SUPPORTED = "up down netmask broadcast mtu hw txqueuelen promisc arp multicast add del";

/** An interface as ifconfig sees it: a device, or the part of one that an alias like eth0:1 names. */
interface Interface {
  readonly device: NetDevice;
  readonly name: string;
}

const labelOf = (device: NetDevice, { label }: InterfaceAddress): string => label ?? device.name;

/** The first IPv4 address with the interface's name as its label (SIOCGIFADDR). */
const addressOf = ({ device, name }: Interface): InterfaceAddress | undefined =>
  device.addresses.find((address) => typeof address.ip === "number" && labelOf(device, address) === name);

/** SIOCGIFFLAGS: numbers of linux/if.h, in the order in which they are printed. */
function flagsOf(device: NetDevice): readonly (readonly [number, string])[] {
  const ethernet = device.isEthernet;
  const all: readonly (readonly [boolean, number, string])[] = [
    [device.up, 1, "UP"],
    [ethernet, 2, "BROADCAST"],
    [!ethernet, 8, "LOOPBACK"],
    [device.up && device.running, 64, "RUNNING"],
    [ethernet && device.noArp, 128, "NOARP"],
    [device.promisc, 256, "PROMISC"],
    [ethernet && !device.multicastOff && device.kind !== "dummy", 4096, "MULTICAST"],
  ];
  return all.filter(([set]) => set).map(([, bit, name]) => [bit, name]);
}

const SCOPES = { global: "0x0<global>", site: "0x40<site>", link: "0x20<link>", host: "0x10<host>", nowhere: "0x0<global>" } as const;

/** "816.0 B", "5.0 KiB": one digit after the point, cut off. */
function humanBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  let size = 1;
  while (unit < units.length - 1 && bytes > size * 1024) {
    size *= 1024;
    unit++;
  }
  const tenths = Math.floor((bytes * 10) / size);
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${units[unit]}`;
}

function interfaceText(face: Interface): string {
  const { device, name } = face;
  const alias = name !== device.name;
  const flags = flagsOf(device);
  const sum = flags.reduce((total, [bit]) => total + bit, 0);
  const lines = [`${name}: flags=${sum}<${flags.map(([, flag]) => flag).join(",")}>  mtu ${device.mtu}`];
  const address = addressOf(face);
  if (address) {
    const broadcast = device.isEthernet ? `  broadcast ${formatIp(address.broadcast ?? 0)}` : "";
    lines.push(`        inet ${formatIp(address.ip)}  netmask ${formatIp(maskV4(address.length))}${broadcast}`);
  }
  if (!alias) {
    for (const { ip, length, scope } of device.addresses) {
      if (typeof ip === "bigint") lines.push(`        inet6 ${formatIp(ip)}  prefixlen ${length}  scopeid ${SCOPES[scope]}`);
    }
  }
  lines.push(
    device.isEthernet
      ? `        ether ${device.mac}  txqueuelen ${device.txQueueLength}  (Ethernet)`
      : `        loop  txqueuelen ${device.txQueueLength}  (Local Loopback)`,
  );
  if (!alias) {
    const { rxPackets, rxBytes, rxErrors, rxDropped, txPackets, txBytes, txErrors, txDropped } = device.counters;
    lines.push(
      `        RX packets ${rxPackets}  bytes ${rxBytes} (${humanBytes(rxBytes)})`,
      `        RX errors ${rxErrors}  dropped ${rxDropped}  overruns 0  frame 0`,
      `        TX packets ${txPackets}  bytes ${txBytes} (${humanBytes(txBytes)})`,
      `        TX errors ${txErrors}  dropped ${txDropped} overruns 0  carrier 0  collisions 0`,
    );
  }
  return `${lines.join("\n")}\n\n`;
}

/** Digits count as numbers: veth2 before veth10. */
const byName = (a: string, b: string): number => {
  const split = (text: string): readonly string[] => text.split(/(\d+)/);
  const left = split(a);
  const right = split(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    if (x === y) continue;
    return i % 2 === 1 && x !== "" && y !== "" ? Number(x) - Number(y) || (x < y ? -1 : 1) : x < y ? -1 : 1;
  }
  return left.length - right.length;
};

/** All interfaces by name, each with its aliases after it. */
function interfaces(netns: Netns, downToo: boolean): readonly Interface[] {
  const devices = netns.devices.all().filter(({ up }) => up || downToo);
  return [...devices]
    .sort((a, b) => byName(a.name, b.name))
    .flatMap((device) => {
      const labels = new Set(device.addresses.filter(({ ip }) => typeof ip === "number").map((address) => labelOf(device, address)));
      const aliases = [...labels].filter((label) => label !== device.name && label.includes(":")).sort(byName);
      return [device.name, ...aliases].map((name) => ({ device, name }));
    });
}

const SHORT_HEADING = "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  BROADCAST: "B",
  LOOPBACK: "L",
  MULTICAST: "M",
  NOARP: "O",
  PROMISC: "P",
  RUNNING: "R",
  UP: "U",
};

function shortRow({ device, name }: Interface): string {
  const { rxPackets, rxErrors, rxDropped, txPackets, txErrors, txDropped } = device.counters;
  const letters = flagsOf(device)
    .map(([, flag]) => SHORT_FLAGS[flag] ?? "")
    .sort()
    .join("");
  const six = (value: number): string => String(value).padStart(6);
  const eight = (value: number): string => String(value).padStart(8);
  const start = `${name.padEnd(15)} ${String(device.mtu).padStart(5)}`;
  const rx = `${eight(rxPackets)} ${six(rxErrors)} ${six(rxDropped)} ${"0".padEnd(7)}`;
  return `${start} ${rx}${eight(txPackets)} ${six(txErrors)} ${six(txDropped)} ${six(0)} ${letters}\n`;
}

/** The interface that a word names; an alias is one that an address carries, or that an address is about to make. */
function find(netns: Netns, name: string): Interface | undefined {
  const colon = name.indexOf(":");
  const device = netns.device(colon < 0 ? name : name.slice(0, colon));
  return device && { device, name };
}

/** All interfaces that are up, or all that there are, as ifconfig prints them. */
export const interfacesText = (netns: Netns, downToo: boolean): string => interfaces(netns, downToo).map(interfaceText).join("");

function ifconfig(process: Process, args: readonly string[]): Answer {
  let all = false;
  let short = false;
  let at = 0;
  for (; at < args.length && (args[at] as string).startsWith("-"); at++) {
    const option = args[at] as string;
    if (option === "-a") all = true;
    else if (option === "-s" || option === "-short") short = true;
    else if (option === "-v") continue;
    else if (option === "-V" || option === "--version") return "net-tools 2.10\n";
    else if (option === "--help" || option === "-h" || option === "-?") return new Failure(USAGE, 0);
    else return new Failure(`ifconfig: option \`${option}' not recognised.\nifconfig: \`--help' gives usage information.`, 1);
  }
  const [name, ...settings] = args.slice(at);
  const { netns } = process;
  if (name === undefined) {
    return short ? SHORT_HEADING + interfaces(netns, all).map(shortRow).join("") : interfacesText(netns, all);
  }
  const face = find(netns, name);
  if (settings.length > 0) return configure(process, name, face, settings);
  if (!face || (name !== face.device.name && !addressOf(face))) {
    return new Failure(`${name}: error fetching interface information: Device not found`, 1);
  }
  return short ? SHORT_HEADING + shortRow(face) : interfaceText(face);
}

/** The class's mask in bits: what an address brings when no netmask is given (inet_abc_len). */
const classLength = (ip: Ipv4): number => (ip >>> 31 === 0 ? 8 : ip >>> 30 === 2 ? 16 : ip >>> 29 === 6 ? 24 : 32);

/** The prefix length of a netmask; undefined when its ones are not all in front. */
function maskLength(mask: Ipv4): number | undefined {
  for (let length = 0; length <= 32; length++) if (maskV4(length) === mask) return length;
  return undefined;
}

/** What the ioctls answered; the worst of their statuses ends the program. */
class Outcome {
  readonly lines: string[] = [];
  status = 0;

  fail(line: string, status: number): void {
    this.lines.push(line);
    this.status = Math.max(this.status, status);
  }
}

const HINT = "ifconfig: `--help' gives usage information.";

function configure(process: Process, name: string, face: Interface | undefined, words: readonly string[]): Answer {
  const outcome = new Outcome();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    // "inet6 add ADDRESS" says the family twice.
    if (word === "inet" || (word === "inet6" && ["add", "del"].includes(words[i + 1] ?? ""))) continue;
    const valued = [
      "netmask",
      "mtu",
      "txqueuelen",
      "add",
      "del",
      "hw",
      "broadcast",
      "name",
      "metric",
      "dstaddr",
      "pointopoint",
      "inet6",
    ].includes(word);
    let value = valued ? words[++i] : undefined;
    if (word === "hw") {
      if (value !== "ether") return unknownHardware(value);
      value = words[++i];
    }
    if (valued && value === undefined) return new Failure(USAGE, 1);
    const ended = setOne(process, name, face, word, value ?? "", outcome);
    if (ended) return ended;
  }
  return outcome.lines.length > 0 ? new Failure(outcome.lines.join("\n"), outcome.status) : "";
}

const unknownHardware = (name: string | undefined): Failure =>
  new Failure(name === undefined ? USAGE : `${name}: unknown hardware type.`, 1);

/** Carries out one setting; a Failure ends the program at once. */
function setOne(
  process: Process,
  name: string,
  face: Interface | undefined,
  word: string,
  value: string,
  outcome: Outcome,
): Failure | undefined {
  const permitted = mayAdminister(process);
  const ioctl = (call: string, status: number, run: (device: NetDevice) => LinkError | undefined): void => {
    if (!face) outcome.fail(`${call}: No such device`, status);
    else if (!permitted) outcome.fail(`${call}: Operation not permitted`, status);
    else {
      const refused = run(face.device);
      if (refused) outcome.fail(`${call}: ${refused.extended ? "Invalid argument" : refused.message}`, status);
    }
  };
  const setFlags = (run: (device: NetDevice) => LinkError | undefined): void => {
    if (!face) outcome.fail(`${name}: ERROR while getting interface flags: No such device`, 255);
    else ioctl("SIOCSIFFLAGS", 255, run);
  };
  const flags = (run: (device: NetDevice) => void): undefined => {
    setFlags((device) => {
      run(device);
      return undefined;
    });
  };
  switch (word) {
    case "up":
      setFlags((device) => device.netns.devices.setUp(device, true));
      return undefined;
    case "down":
      setFlags((device) => takeDown(device, name));
      return undefined;
    case "promisc":
    case "-promisc":
      return flags((device) => device.netns.devices.setPromisc(device, word === "promisc"));
    case "arp":
    case "-arp":
      return flags((device) => {
        device.arpOff = word === "-arp";
      });
    case "multicast":
    case "-multicast":
      return flags((device) => {
        device.multicastOff = word === "-multicast";
      });
    case "mtu":
      if (!/^\d+$/.test(value)) return new Failure(`${HINT}`, 1);
      ioctl("SIOCSIFMTU", 1, (device) => device.netns.devices.setMtu(device, Number(value)));
      return undefined;
    case "txqueuelen":
      if (!/^\d+$/.test(value)) return new Failure(`${HINT}`, 1);
      ioctl("SIOCSIFTXQLEN", 1, (device) => {
        device.txQueueLength = Number(value);
        return undefined;
      });
      return undefined;
    case "hw": {
      const mac = parseMac(value);
      if (!mac) return new Failure(`${value}: invalid ether address.`, 1);
      ioctl("SIOCSIFHWADDR", 1, (device) => device.netns.devices.setMac(device, mac));
      return undefined;
    }
    case "netmask": {
      const mask = parseIpv4(value);
      if (mask === undefined) return new Failure(`${value}: Host name lookup failure`, 1);
      ioctl("SIOCSIFNETMASK", 1, (device) => setNetmask({ device, name }, mask));
      return undefined;
    }
    case "broadcast": {
      const broadcast = parseIpv4(value);
      if (broadcast === undefined) return new Failure(`${value}: Host name lookup failure`, 1);
      ioctl("SIOCSIFBRDADDR", 1, (device) => replace({ device, name }, (address) => ({ ...address, broadcast })));
      return undefined;
    }
    case "inet6":
    case "add":
    case "del":
      return changeIpv6(word === "del", value, ioctl);
    default:
      return setAddress(name, face, word, outcome, ioctl, setFlags);
  }
}

type Ioctl = (call: string, status: number, run: (device: NetDevice) => LinkError | undefined) => void;

/** An interface goes down; an alias loses its addresses instead. */
function takeDown(device: NetDevice, name: string): LinkError | undefined {
  const { devices } = device.netns;
  if (name === device.name) return devices.setUp(device, false);
  for (const address of device.addresses.filter((known) => labelOf(device, known) === name)) {
    devices.removeAddress(device, address.ip, address.length);
  }
  return undefined;
}

/** Puts another address in the place of the interface's own, routes and all (devinet_ioctl deletes and inserts). */
function replace(face: Interface, make: (address: InterfaceAddress) => InterfaceAddress): LinkError | undefined {
  const { device } = face;
  const address = addressOf(face);
  if (!address) return { errno: "EADDRNOTAVAIL", message: "Cannot assign requested address", extended: false };
  device.netns.devices.removeAddress(device, address.ip, address.length);
  return device.netns.devices.addAddress(device, { ...make(address), secondary: undefined });
}

function setNetmask(face: Interface, mask: Ipv4): LinkError | undefined {
  const length = maskLength(mask);
  if (length === undefined) return { errno: "EINVAL", message: "Invalid argument", extended: false };
  return replace(face, (address) => {
    // A broadcast address that followed the old mask follows the new one.
    const followed = address.broadcast === lastAddress(address.ip, address.length);
    return { ...address, length, ...(followed && length < 31 && { broadcast: lastAddress(address.ip, length) as number }) };
  });
}

function changeIpv6(remove: boolean, value: string, ioctl: Ioctl): Failure | undefined {
  const prefix = parsePrefix(value);
  if (!prefix || typeof prefix.address !== "bigint") {
    if (parseIpv6(value.split("/")[0] ?? "") !== undefined) return new Failure(HINT, 1);
    return new Failure(`${value}: Resolver Error 0 (no error)\n${HINT}`, 1);
  }
  const ip = prefix.address;
  const { length } = prefix;
  if (remove) {
    ioctl("SIOCDIFADDR", 1, (device) => {
      const refused = device.netns.devices.removeAddress(device, ip, length);
      return refused && { ...refused, message: "Cannot assign requested address", extended: false };
    });
    return undefined;
  }
  ioctl("SIOCSIFADDR", 1, (device) => {
    const scope = ip >> 118n === 0x3fan ? "link" : "global";
    const tentative = !device.noArp && device.netns.sysctl.device(device).v6.accept_dad > 0;
    const refused = device.netns.devices.addAddress(device, { ip, length, scope, ...(tentative && { tentative }) });
    if (!refused) return undefined;
    return { ...refused, message: refused.errno === "EEXIST" ? "File exists" : "Permission denied", extended: false };
  });
  return undefined;
}

/** An address, with or without a prefix length: set, its mask after it, and the interface brought up. 0.0.0.0 takes it away. */
function setAddress(
  name: string,
  face: Interface | undefined,
  word: string,
  outcome: Outcome,
  ioctl: Ioctl,
  setFlags: (run: (device: NetDevice) => LinkError | undefined) => void,
): Failure | undefined {
  if (word.startsWith("-")) return new Failure(`vethlab: ifconfig ${word} is not supported here; supported: ${SUPPORTED}`, 1);
  const prefix = parsePrefix(word);
  if (!prefix || typeof prefix.address !== "number") {
    const why = /^[\d.]+$/.test(word) ? "Unknown host" : "Host name lookup failure";
    return new Failure([...outcome.lines, `${word}: ${why}`, HINT].join("\n"), 1);
  }
  const ip = prefix.address;
  const length = word.includes("/") ? prefix.length : classLength(ip);
  ioctl("SIOCSIFADDR", 255, (device) => {
    const old = addressOf({ device, name });
    if (old) device.netns.devices.removeAddress(device, old.ip, old.length);
    if (ip === 0) return undefined;
    const label = name === device.name ? undefined : name;
    const broadcast = device.isEthernet && length < 31 ? (lastAddress(ip, length) as number) : undefined;
    const scope = ip >>> 24 === 127 ? "host" : "global";
    return device.netns.devices.addAddress(device, { ip, length, scope, label, broadcast });
  });
  if (ip !== 0) setFlags((device) => device.netns.devices.setUp(device, true));
  // The mask that came with the address has been set along with it; unpermitted, it is one more refusal.
  if (word.includes("/") && (!face || outcome.status !== 0)) ioctl("SIOCSIFNETMASK", 1, () => undefined);
  return undefined;
}

function complete({ process, words }: CompletionContext): readonly string[] {
  if (words.length === 1) return process.netns.devices.all().map(({ name }) => name);
  return SUPPORTED.split(" ");
}

export const ifconfigCommand = instantCommand("ifconfig", "interfaces and their addresses", ifconfig, complete);
