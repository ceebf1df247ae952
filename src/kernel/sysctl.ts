/**
 * /proc/sys/net of one netns: keys in dotted form, per-device keys with "all" and "default", defaults of the 6.18 kernel
 * (net/ipv4/sysctl_net_ipv4.c, net/ipv4/devinet.c, net/ipv6/addrconf.c, net/core/neighbour.c). In a key, a dot that is
 * part of a device's name is written as a slash, as sysctl(8) has it: net.ipv4.conf.eth0/10.forwarding.
 */
import type { NetDevice } from "./device/device.ts";
import type { Netns } from "./netns.ts";
import { IPV4_CONF, IPV4_NEIGH, IPV6_CONF, IPV6_NEIGH, NETNS_DEFAULTS } from "./sysctl-defaults.ts";

/** `struct ipv4_devconf`: what one device (or `all`, `default`) has under net.ipv4.conf. */
type Ipv4Conf = Readonly<typeof IPV4_CONF>;
/** `struct ipv6_devconf`. */
type Ipv6Conf = Readonly<typeof IPV6_CONF>;
/** `struct neigh_parms`. */
export type NeighbourConf = Readonly<typeof IPV4_NEIGH>;

/** The settings of one device. The tables are replaced, never changed, so they may be shared until somebody writes. */
export interface DeviceSettings {
  readonly v4: Ipv4Conf;
  readonly v6: Ipv6Conf;
  readonly neigh4: NeighbourConf;
  readonly neigh6: NeighbourConf;
}

type Group = keyof DeviceSettings;
type Values = Readonly<Record<string, number>>;
type MutableSettings = { -readonly [G in Group]: DeviceSettings[G] };

/** Where a per-device key points to. */
interface DeviceKey {
  readonly group: Group;
  readonly device: string;
  readonly field: string;
}

const ALL4: Ipv4Conf = { ...IPV4_CONF, accept_source_route: 0 };
const ALL6: Ipv6Conf = { ...IPV6_CONF, accept_dad: 0 };
const LOOPBACK4 = { disable_policy: 1, disable_xfrm: 1 };
const LOOPBACK6 = { accept_dad: -1, use_tempaddr: -1 };

/** Bounds that the kernel checks, both included; other whole numbers must fit 32 bits with sign. */
const RANGES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["net.ipv4.ip_default_ttl", [1, 255]],
  ["net.ipv4.icmp_echo_ignore_all", [0, 1]],
  ["net.ipv4.icmp_echo_ignore_broadcasts", [0, 1]],
  ["net.ipv4.icmp_ignore_bogus_error_responses", [0, 1]],
  ["net.ipv4.icmp_errors_use_inbound_ifaddr", [0, 1]],
  ["net.ipv4.icmp_ratelimit", [0, 0x7fffffff]],
  ["net.ipv4.icmp_msgs_per_sec", [0, 0x7fffffff]],
  ["net.ipv4.icmp_msgs_burst", [0, 0x7fffffff]],
  ["net.ipv4.ip_no_pmtu_disc", [0, 3]],
  ["net.ipv4.ip_forward_use_pmtu", [0, 255]],
  ["net.ipv4.ip_unprivileged_port_start", [0, 65535]],
  ["net.ipv4.ip_nonlocal_bind", [0, 255]],
  ["net.ipv4.tcp_syn_retries", [1, 127]],
  ["net.ipv4.tcp_synack_retries", [0, 255]],
  ["net.ipv4.tcp_retries1", [0, 255]],
  ["net.ipv4.tcp_retries2", [0, 255]],
  ["net.ipv4.tcp_syncookies", [0, 255]],
  ["net.ipv4.tcp_timestamps", [0, 255]],
  ["net.ipv4.tcp_window_scaling", [0, 255]],
  ["net.ipv4.tcp_sack", [0, 255]],
  ["net.ipv4.tcp_ecn", [0, 5]],
  ["net.ipv4.tcp_tw_reuse", [0, 2]],
  ["net.ipv4.tcp_mtu_probing", [0, 255]],
  ["net.ipv4.tcp_keepalive_probes", [0, 255]],
  ["net.ipv4.route.mtu_expires", [0, 0x7fffffff]],
  ["net.ipv4.route.min_pmtu", [68, 0x7fffffff]],
  ["net.ipv6.icmp.echo_ignore_all", [0, 1]],
  ["net.ipv6.icmp.echo_ignore_multicast", [0, 1]],
  ["net.ipv6.icmp.echo_ignore_anycast", [0, 1]],
  ["net.ipv6.bindv6only", [0, 1]],
  ["net.netfilter.nf_conntrack_acct", [0, 1]],
]);

/** Keys that hold several numbers or words, with how many numbers (0: any text). */
const VECTORS: ReadonlyMap<string, number> = new Map([
  ["net.ipv4.ip_local_port_range", 2],
  ["net.ipv4.ping_group_range", 2],
  ["net.ipv4.tcp_rmem", 3],
  ["net.ipv4.tcp_wmem", 3],
  ["net.ipv4.ip_local_reserved_ports", 0],
  ["net.ipv4.tcp_congestion_control", 0],
  ["net.ipv4.tcp_allowed_congestion_control", 0],
  ["net.ipv6.icmp.ratemask", 0],
]);

const READ_ONLY: ReadonlySet<string> = new Set([
  "net.ipv4.tcp_available_congestion_control",
  "net.netfilter.nf_conntrack_count",
  "net.netfilter.nf_conntrack_buckets",
  "net.netfilter.nf_conntrack_max",
]);

/** Keys of the initial netns only: the thresholds of the neighbour tables that all netns share. */
const INITIAL_DEFAULTS: ReadonlyMap<string, string> = new Map(
  ["net.ipv4.neigh.default", "net.ipv6.neigh.default"].flatMap((prefix): [string, string][] => [
    [`${prefix}.gc_interval`, "30"],
    [`${prefix}.gc_thresh1`, "128"],
    [`${prefix}.gc_thresh2`, "512"],
    [`${prefix}.gc_thresh3`, "1024"],
  ]),
);

const DEVICE_KEY = /^net\.(ipv[46])\.(conf|neigh)\.(.+)\.([a-z0-9_]+)$/;
const CONGESTION_CONTROLS: ReadonlySet<string> = new Set(["reno", "cubic"]);

export class SysctlTable {
  readonly netns: Netns;
  /** net.ipv4.conf.all and its like: read directly on hot paths. */
  readonly all: DeviceSettings;
  readonly default: DeviceSettings;
  /** Numbers that are asked for with every packet. */
  readonly quick = { ttl: 64, echoIgnoreAll: 0, echoIgnoreBroadcasts: 1, echoIgnoreAll6: 0, echoIgnoreMulticast6: 0 };
  #values: Map<string, string> | undefined;
  #devices = new Map<NetDevice, MutableSettings>();

  constructor(netns: Netns) {
    this.netns = netns;
    const first = initialNetnsOf(netns);
    // devconf_inherit_init_net = 0: IPv4's are those that the machine's first netns has now, IPv6's are fresh.
    const from = first?.sysctl;
    this.all = { v4: from?.all.v4 ?? ALL4, v6: ALL6, neigh4: IPV4_NEIGH, neigh6: IPV6_NEIGH };
    this.default = { v4: from?.default.v4 ?? IPV4_CONF, v6: IPV6_CONF, neigh4: IPV4_NEIGH, neigh6: IPV6_NEIGH };
  }

  /** The settings of a device of this netns, those of `default` when it appeared. */
  device(device: NetDevice): DeviceSettings {
    return this.#devices.get(device) ?? this.#adopt(device);
  }

  /** Forgets a device that has left the netns. */
  forget(device: NetDevice): void {
    this.#devices.delete(device);
  }

  /** The value as text, undefined for an unknown key. */
  get(key: string): string | undefined {
    const plain = this.#plain(key);
    if (plain !== undefined) return plain;
    const at = this.#locate(key);
    if (!at) return undefined;
    const settings = this.#settings(at.device);
    // An IPv6 conf shows the device's own MTU.
    if (at.group === "v6" && at.field === "mtu") {
      const device = this.netns.devices.byName(at.device);
      if (device) return String(device.mtu);
    }
    const values = settings?.[at.group] as Values | undefined;
    return values && Object.hasOwn(values, at.field) ? String(values[at.field]) : undefined;
  }

  /** The value as a number (the first of several); 0 for an unknown key. */
  number(key: string): number {
    const text = this.#values?.get(key) ?? NETNS_DEFAULTS.get(key) ?? this.get(key);
    return text === undefined ? 0 : Number.parseInt(text, 10) || 0;
  }

  /** Whether the key exists and may be written to at all. */
  writable(key: string): boolean {
    return !READ_ONLY.has(key) && this.get(key) !== undefined;
  }

  /** False for an unknown key or a value that the kernel refuses (EINVAL). */
  set(key: string, value: string): boolean {
    if (!this.writable(key)) return false;
    const text = value.trim().replace(/\s+/g, "\t");
    if (key === "net.ipv4.ip_forward") return this.set("net.ipv4.conf.all.forwarding", text);
    if (this.#plain(key) !== undefined) return this.#setPlain(key, text);
    const number = parseNumber(text);
    const at = this.#locate(key);
    if (!at || number === undefined) return false;
    this.#setDevice(at, number);
    return true;
  }

  /** All keys in the order of `sysctl -a`: by name, part by part. */
  keys(): readonly string[] {
    const keys = [...NETNS_DEFAULTS.keys(), "net.ipv4.ip_forward"];
    if (this.netns.initial) keys.push(...INITIAL_DEFAULTS.keys());
    const devices = this.netns.devices.all().map((device) => device.name.replaceAll(".", "/"));
    const perDevice = (prefix: string, names: readonly string[], fields: Values): void => {
      for (const name of names) for (const field of Object.keys(fields)) keys.push(`${prefix}.${name}.${field}`);
    };
    const neighbours = this.netns.initial ? ["default", ...devices] : devices;
    perDevice("net.ipv4.conf", ["all", "default", ...devices], IPV4_CONF);
    perDevice("net.ipv6.conf", ["all", "default", ...devices], IPV6_CONF);
    perDevice("net.ipv4.neigh", neighbours, IPV4_NEIGH);
    perDevice("net.ipv6.neigh", neighbours, IPV6_NEIGH);
    const parts = keys.map((key): [readonly string[], string] => [key.split("."), key]);
    return parts.sort(([a], [b]) => compareParts(a, b)).map(([, key]) => key);
  }

  #plain(key: string): string | undefined {
    if (key === "net.ipv4.ip_forward") return String(this.all.v4.forwarding);
    if (key === "net.netfilter.nf_conntrack_count") return String(this.netns.netfilter.conntrack.list().length);
    return this.#values?.get(key) ?? NETNS_DEFAULTS.get(key) ?? (this.netns.initial ? INITIAL_DEFAULTS.get(key) : undefined);
  }

  #setPlain(key: string, text: string): boolean {
    if (!acceptable(key, text)) return false;
    this.#values ??= new Map();
    this.#values.set(key, text);
    const { quick } = this;
    const number = Number.parseInt(text, 10);
    if (key === "net.ipv4.ip_default_ttl") quick.ttl = number;
    else if (key === "net.ipv4.icmp_echo_ignore_all") quick.echoIgnoreAll = number;
    else if (key === "net.ipv4.icmp_echo_ignore_broadcasts") quick.echoIgnoreBroadcasts = number;
    else if (key === "net.ipv6.icmp.echo_ignore_all") quick.echoIgnoreAll6 = number;
    else if (key === "net.ipv6.icmp.echo_ignore_multicast") quick.echoIgnoreMulticast6 = number;
    this.netns.inet.settingsChanged();
    return true;
  }

  #setDevice(at: DeviceKey, value: number): void {
    // Devices that have only looked at `default` so far keep what it was when they appeared.
    const devices = this.netns.devices.all();
    for (const device of devices) this.device(device);
    this.#write(at.device, at.group, at.field, value);
    const spreads =
      at.device === "all" &&
      ((at.group === "v4" && at.field === "forwarding") ||
        (at.group === "v6" && (at.field === "forwarding" || at.field === "disable_ipv6")));
    if (spreads) {
      this.#write("default", at.group, at.field, value);
      for (const device of devices) this.#writeTo(this.#devices.get(device) as MutableSettings, at.group, at.field, value);
      // A router does not listen to redirects (inet_forward_change).
      if (at.group === "v4") this.#write("all", "v4", "accept_redirects", value ? 0 : 1);
    }
    this.netns.inet.settingsChanged();
    if (at.group !== "v6") return;
    const changed = spreads ? devices : devices.filter((device) => device.name === at.device);
    if (at.field === "disable_ipv6") for (const device of changed) this.netns.inet.ipv6Switched(device, value === 0);
    if (at.field === "forwarding") for (const device of changed) this.netns.inet.ipv6ForwardingSwitched(device);
  }

  #write(name: string, group: Group, field: string, value: number): void {
    const settings = this.#settings(name);
    if (settings) this.#writeTo(settings as MutableSettings, group, field, value);
  }

  #writeTo(settings: MutableSettings, group: Group, field: string, value: number): void {
    (settings as Record<Group, Values>)[group] = { ...settings[group], [field]: value, ...twin(field, value, group) };
  }

  #settings(name: string): DeviceSettings | undefined {
    if (name === "all") return this.all;
    if (name === "default") return this.default;
    const device = this.netns.devices.byName(name);
    return device && this.device(device);
  }

  #locate(key: string): DeviceKey | undefined {
    const match = DEVICE_KEY.exec(key);
    if (!match) return undefined;
    const [, family, kind, name, field] = match as unknown as [string, string, string, string, string];
    if (kind === "neigh" && (name === "all" || (name === "default" && !this.netns.initial))) return undefined;
    const four = family === "ipv4";
    const group: Group = kind === "conf" ? (four ? "v4" : "v6") : four ? "neigh4" : "neigh6";
    return { group, device: name.replaceAll("/", "."), field };
  }

  #adopt(device: NetDevice): MutableSettings {
    const { v4, v6, neigh4, neigh6 } = this.default;
    const settings: MutableSettings = { v4, v6, neigh4, neigh6 };
    if (device.kind === "loopback") {
      settings.v4 = { ...v4, ...LOOPBACK4 };
      settings.v6 = { ...v6, ...LOOPBACK6 };
    }
    this.#devices.set(device, settings);
    return settings;
  }
}

function initialNetnsOf(netns: Netns): Netns | undefined {
  if (netns.initial) return undefined;
  for (const other of netns.kernel.netns.values()) if (other.initial && other.machine === netns.machine) return other;
  return undefined;
}

/** A decimal, hex or octal whole number of 32 bits with sign, as proc_dointvec() reads it. */
function parseNumber(text: string): number | undefined {
  if (!/^-?(0x[0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace("-", "");
  const value = sign * (/^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits));
  return Number.isNaN(value) || value > 0x7fffffff || value < -0x80000000 ? undefined : value;
}

function acceptable(key: string, text: string): boolean {
  const count = VECTORS.get(key);
  if (count === 0) return !key.endsWith("congestion_control") || text.split("\t").every((word) => CONGESTION_CONTROLS.has(word));
  const numbers = text.split("\t").map(parseNumber);
  if (numbers.length > (count ?? 1) || numbers.some((number) => number === undefined)) return false;
  if (count === 2) {
    const [low, high] = numbers;
    if (low === undefined || high === undefined) return false;
    if (key === "net.ipv4.ip_local_port_range") return low >= 1 && high <= 65535 && low <= high;
    return low >= 0 && high >= 0;
  }
  if (count !== undefined) return numbers.every((number) => (number as number) >= 1);
  const range = RANGES.get(key);
  const value = numbers[0] as number;
  return !range || (value >= range[0] && value <= range[1]);
}

/** Neighbour times that are shown in two units: base_reachable_time and base_reachable_time_ms. */
function twin(field: string, value: number, group: Group): Values {
  if (group !== "neigh4" && group !== "neigh6") return {};
  if (field === "base_reachable_time") return { base_reachable_time_ms: value * 1000 };
  if (field === "base_reachable_time_ms") return { base_reachable_time: Math.floor(value / 1000) };
  if (field === "retrans_time") return { retrans_time_ms: value * (group === "neigh4" ? 10 : 4) };
  if (field === "retrans_time_ms") return { retrans_time: Math.floor(value / (group === "neigh4" ? 10 : 4)) };
  return {};
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] as string;
    const right = b[i] as string;
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
