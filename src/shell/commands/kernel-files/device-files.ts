/** /sys/class/net/DEVICE (net/core/net-sysfs.c) and its folder `bridge` (net/bridge/br_sysfs_br.c). */
import { BROADCAST_MAC, ZERO_MAC } from "../../../kernel/address.ts";
import { Bridge, type BridgePort, type NetDevice, PORT_STATES } from "../../../kernel/device/index.ts";
import { FileError } from "../../../kernel/vfs.ts";
import type { DeviceFile } from "../../sys-files.ts";

const invalid = (): FileError => new FileError("Invalid argument");

/** dev->flags, with what a bridge or a macvlan has switched on underneath. */
function flags(device: NetDevice): string {
  const bits = [
    [0x1, device.up],
    [0x2, device.isEthernet],
    [0x8, device.kind === "loopback"],
    [0x80, device.noArp && device.isEthernet],
    [0x100, device.promiscuity > 0],
    [0x200, device.allMulticast || device.allMulticastAsked],
    [0x1000, device.isEthernet && !device.multicastOff],
  ] as const;
  return `0x${bits.reduce((sum, [bit, on]) => sum + (on ? bit : 0), 0).toString(16)}`;
}

/** veth and bridges tell a speed, loopback has none. */
const speeds = (device: NetDevice): boolean => device.kind !== "loopback" && device.up;
const half = (device: NetDevice, up: number): string => String(Math.floor((device.carrierChanges + up) / 2));

const DEVICE_FILES: Readonly<Record<string, DeviceFile>> = {
  addr_assign_type: (device) => (device.kind === "loopback" ? "0" : "3"),
  addr_len: () => "6",
  broadcast: (device) => (device.isEthernet ? BROADCAST_MAC : ZERO_MAC),
  carrier_changes: (device) => String(device.carrierChanges),
  carrier_down_count: (device) => half(device, 0),
  carrier_up_count: (device) => half(device, 1),
  dev_id: () => "0x0",
  dev_port: () => "0",
  dormant: (device) => (device.up ? "0" : invalid()),
  duplex: (device) => (speeds(device) ? (device.kind === "bridge" ? "unknown" : "full") : invalid()),
  flags,
  gro_flush_timeout: () => "0",
  ifalias: (device) => device.alias,
  link_mode: () => "0",
  name_assign_type: (device) => (device.kind === "loopback" ? "2" : "3"),
  napi_defer_hard_irqs: () => "0",
  netdev_group: () => "0",
  proto_down: () => "0",
  speed: (device) => (speeds(device) ? "10000" : invalid()),
  testing: (device) => (device.up ? "0" : invalid()),
  threaded: () => "0",
  uevent: (device) =>
    `${["bridge", "vlan", "vxlan", "macvlan"].includes(device.kind) ? `DEVTYPE=${device.kind}\n` : ""}INTERFACE=${device.name}\nIFINDEX=${device.ifindex}`,
};

const zero = (): string => "0";
const bridgeId = (device: NetDevice): string => (device as Bridge).id;
/** In hundredths of a second. */
const time =
  (key: keyof Bridge["times"]): DeviceFile =>
  (device) =>
    String(Math.round((device as Bridge).times[key] / 10_000));

const BRIDGE_FILES: Readonly<Record<string, DeviceFile>> = {
  ageing_time: (device) => String(Math.round((device as Bridge).fdb.ageing / 10_000)),
  bridge_id: bridgeId,
  flush: () => new FileError("Permission denied"),
  forward_delay: time("forwardDelay"),
  gc_timer: zero,
  group_addr: () => "01:80:c2:00:00:00",
  group_fwd_mask: () => "0x0",
  hash_elasticity: () => "16",
  hash_max: () => "4096",
  hello_time: time("hello"),
  hello_timer: zero,
  max_age: time("maxAge"),
  multicast_igmp_version: () => "2",
  multicast_last_member_count: () => "2",
  multicast_last_member_interval: () => "100",
  multicast_membership_interval: () => "26000",
  multicast_mld_version: () => "1",
  multicast_querier: zero,
  multicast_querier_interval: () => "25500",
  multicast_query_interval: () => "12500",
  multicast_query_response_interval: () => "1000",
  multicast_query_use_ifaddr: zero,
  multicast_router: () => "1",
  multicast_snooping: () => "1",
  multicast_startup_query_count: () => "2",
  multicast_startup_query_interval: () => "3124",
  multicast_stats_enabled: zero,
  nf_call_arptables: zero,
  nf_call_ip6tables: zero,
  nf_call_iptables: zero,
  no_linklocal_learn: zero,
  priority: (device) => String((device as Bridge).priority),
  root_id: bridgeId,
  root_path_cost: zero,
  root_port: zero,
  stp_state: (device) => ((device as Bridge).stp ? "1" : "0"),
  tcn_timer: zero,
  topology_change: zero,
  topology_change_detected: zero,
  topology_change_timer: zero,
};

const STATISTIC_FILES: Readonly<Record<string, DeviceFile>> = Object.fromEntries([
  ["multicast", (device: NetDevice) => String(device.counters.rxMulticast)],
  ...(
    "collisions rx_compressed rx_crc_errors rx_fifo_errors rx_frame_errors rx_length_errors rx_missed_errors rx_nohandler rx_over_errors " +
    "tx_aborted_errors tx_carrier_errors tx_compressed tx_fifo_errors tx_heartbeat_errors tx_window_errors"
  )
    .split(" ")
    .map((name) => [name, zero]),
]);

const port = (device: NetDevice): BridgePort => device.port as BridgePort;
const flag =
  (key: "hairpin" | "isolated" | "learning" | "flood" | "multicastFlood" | "broadcastFlood"): DeviceFile =>
  (device) =>
    port(device)[key] ? "1" : "0";
const ownBridge = (device: NetDevice): string => bridgeId(device.master as NetDevice);

/** What a port of a bridge has (net/bridge/br_sysfs_if.c). */
const PORT_FILES: Readonly<Record<string, DeviceFile>> = {
  backup_port: () => "",
  bpdu_guard: zero,
  broadcast_flood: flag("broadcastFlood"),
  change_ack: zero,
  config_pending: zero,
  designated_bridge: ownBridge,
  designated_cost: zero,
  designated_port: (device) => String(port(device).id),
  designated_root: ownBridge,
  flush: () => new FileError("Permission denied"),
  forward_delay_timer: zero,
  group_fwd_mask: () => "0x0",
  hairpin_mode: flag("hairpin"),
  hold_timer: zero,
  isolated: flag("isolated"),
  learning: flag("learning"),
  message_age_timer: zero,
  multicast_fast_leave: zero,
  multicast_flood: flag("multicastFlood"),
  multicast_router: () => "1",
  multicast_to_unicast: zero,
  neigh_suppress: zero,
  path_cost: (device) => String(port(device).cost),
  port_id: (device) => `0x${port(device).id.toString(16)}`,
  port_no: (device) => `0x${port(device).number.toString(16)}`,
  priority: (device) => String(port(device).priority),
  proxyarp: zero,
  proxyarp_wifi: zero,
  root_block: zero,
  state: (device) => String(PORT_STATES.indexOf(port(device).state)),
  unicast_flood: flag("flood"),
};

const SWITCHES = {
  hairpin_mode: "hairpin",
  isolated: "isolated",
  learning: "learning",
  unicast_flood: "flood",
  multicast_flood: "multicastFlood",
  broadcast_flood: "broadcastFlood",
} as const;

/** Writing into the files of bridges and their ports that can be set here; others are refused as those that only tell are. */
export function writeDeviceFile(device: NetDevice, file: string, text: string): FileError | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : undefined;
  const [folder, name = ""] = file.split("/");
  const bridge = folder === "bridge" && device instanceof Bridge ? device : undefined;
  const owned = folder === "brport" ? (device.port as BridgePort | undefined) : undefined;
  if (!bridge && !owned) return new FileError("Permission denied");
  if (value === undefined) return invalid();
  if (name === "flush") {
    const { fdb } = bridge ?? (device.master as Bridge);
    fdb.flushWhere((entry) => !entry.static && !entry.local && (!owned || entry.port === owned));
    return undefined;
  }
  if (bridge && name === "ageing_time") bridge.fdb.ageing = value * 10_000;
  else if (bridge && name === "stp_state") bridge.setStp(value !== 0);
  else if (owned && Object.hasOwn(SWITCHES, name)) owned[SWITCHES[name as keyof typeof SWITCHES]] = value !== 0;
  else if (owned && name === "path_cost" && value >= 1 && value <= 65535) owned.cost = value;
  else if (owned && name === "priority" && value <= 63) owned.priority = value;
  else
    return owned && (name === "path_cost" || name === "priority")
      ? new FileError("Numerical result out of range")
      : new FileError("Permission denied");
  return undefined;
}

/** Files of a device by folder: "" for its own. */
export function filesOf(device: NetDevice, folder: string): Readonly<Record<string, DeviceFile>> {
  if (folder === "") return DEVICE_FILES;
  if (folder === "statistics") return STATISTIC_FILES;
  if (folder === "brport" && device.port) return PORT_FILES;
  return folder === "bridge" && device instanceof Bridge ? BRIDGE_FILES : {};
}
