/** What `ip -d link` adds for the kind of a device, and for a port of a bridge (iproute2 ip/iplink_*.c). */
import { formatIp } from "../../../kernel/address.ts";
import { Bridge, type BridgePort, Ipvlan, Macvlan, type NetDevice, Vlan } from "../../../kernel/device/index.ts";
import { VXLAN_AGEING, Vxlan } from "../../../kernel/device/modules.ts";
import type { Json } from "./json.ts";

/** "8000.2:42:…" as `ip` prints bridge ids: octets without leading zeros. */
const bridgeId = ({ id, mac }: Bridge): string => `${id.slice(0, 4)}.${mac.replace(/(^|:)0/g, "$1")}`;

/** Times of the spanning tree are told in hundredths of a second. */
const centiseconds = (us: number): number => Math.round(us / 10_000);

function bridgeWords(bridge: Bridge): string {
  const { forwardDelay, hello, maxAge } = bridge.times;
  const learned = bridge.fdb.list().filter((entry) => !entry.local && !entry.static).length;
  return [
    `bridge forward_delay ${centiseconds(forwardDelay)} hello_time ${centiseconds(hello)} max_age ${centiseconds(maxAge)}`,
    `ageing_time ${centiseconds(bridge.fdb.ageing)} stp_state ${bridge.stp ? 1 : 0} priority ${bridge.priority}`,
    `vlan_filtering 0 bridge_id ${bridgeId(bridge)} designated_root ${bridgeId(bridge)} root_port 0 root_path_cost 0`,
    "topology_change 0 topology_change_detected 0 hello_timer    0.00 tcn_timer    0.00 topology_change_timer    0.00 gc_timer    0.00",
    `fdb_n_learned ${learned} fdb_max_learned 0 group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_snooping 1`,
    "no_linklocal_learn 0 mcast_vlan_snooping 0 mst_enabled 0 mdb_offload_fail_notification 0 fdb_local_vlan_0 0 mcast_router 1",
    "mcast_query_use_ifaddr 0 mcast_querier 0 mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2",
    "mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 mcast_querier_interval 25500",
    "mcast_query_interval 12500 mcast_query_response_interval 1000 mcast_startup_query_interval 3124 mcast_stats_enabled 0",
    "mcast_igmp_version 2 mcast_mld_version 1 nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0 ",
  ].join(" ");
}

function vxlanWords({ settings }: Vxlan): string {
  const { vni, port, remote, local, lower, learning } = settings;
  const words = [`vxlan id ${vni}`];
  if (remote !== undefined) words.push("remote", formatIp(remote));
  if (local !== undefined) words.push("local", formatIp(local));
  if (lower) words.push("dev", lower.name);
  words.push(`srcport 0 0 dstport ${port}`);
  if (!learning) words.push("nolearning");
  words.push(`ttl auto ageing ${VXLAN_AGEING} reserved_bits 0xf7ffffff000000ff `);
  return words.join(" ");
}

/** With a trailing space; "" for loopback. */
export function kindDetails(device: NetDevice): string {
  if (device instanceof Bridge) return bridgeWords(device);
  if (device instanceof Macvlan) return `macvlan mode ${device.mode} bcqueuelen 1000 usedbcqueuelen 1000 `;
  if (device instanceof Ipvlan) return `ipvlan  mode ${device.mode} ${device.flag} `;
  if (device instanceof Vlan) return `vlan protocol 802.1Q id ${device.id} <REORDER_HDR> `;
  if (device instanceof Vxlan) return vxlanWords(device);
  return device.kind === "loopback" ? "" : `${device.kind} `;
}

export function kindDetailsJson(device: NetDevice): { [key: string]: Json } {
  const data: { [key: string]: Json } | undefined =
    device instanceof Macvlan
      ? { mode: device.mode, bcqueuelen: 1000, usedbcqueuelen: 1000 }
      : device instanceof Ipvlan
        ? { mode: device.mode, flags: [device.flag] }
        : device instanceof Vlan
          ? { protocol: "802.1Q", id: device.id, flags: ["REORDER_HDR"] }
          : device instanceof Vxlan
            ? { id: device.settings.vni, port: device.settings.port, learning: device.settings.learning }
            : undefined;
  return { info_kind: device.kind, ...(data && { info_data: data }) };
}

const onOff = (on: boolean): string => (on ? "on" : "off");

/** "bridge_slave …" with a trailing space; "" for what is no port. */
export function portDetails(device: NetDevice): string {
  const port = device.port as BridgePort | undefined;
  const { master } = device;
  if (!port || !(master instanceof Bridge)) return "";
  const { id } = port;
  return [
    `bridge_slave state ${port.state} priority ${port.priority} cost ${port.cost} hairpin ${onOff(port.hairpin)}`,
    `guard off root_block off fastleave off learning ${onOff(port.learning)} flood ${onOff(port.flood)}`,
    `port_id 0x${id.toString(16)} port_no 0x${port.number.toString(16)} designated_port ${id} designated_cost 0`,
    `designated_bridge ${bridgeId(master)} designated_root ${bridgeId(master)} hold_timer    0.00 message_age_timer    0.00`,
    "forward_delay_timer    0.00 topology_change_ack 0 config_pending 0 proxy_arp off proxy_arp_wifi off mcast_router 1",
    `mcast_fast_leave off mcast_flood ${onOff(port.multicastFlood)} bcast_flood ${onOff(port.broadcastFlood)} mcast_to_unicast off`,
    "neigh_suppress off neigh_vlan_suppress off group_fwd_mask 0 group_fwd_mask_str 0x0 vlan_tunnel off",
    `isolated ${onOff(port.isolated)} locked off mab off `,
  ].join(" ");
}
