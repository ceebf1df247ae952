/** Tables under /proc/net: devices, routes, neighbours, sockets, addresses, groups, connections. */
import { PROCESSORS } from "../../../engine/inspect/index.ts";
import { formatIp, type Ip, type Ipv6, maskV4 } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import { waysOf } from "../../../kernel/inet/multipath.ts";
import { describeConnection } from "../../../kernel/netfilter/conntrack-text.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { SocketView } from "../../../kernel/socket/table.ts";
import { groupMacs } from "../iproute/maddress.ts";
import { inLines, inTwoLines, netstatSections, snmp6Sections, snmpSections } from "../sockets/counters/sections.ts";
import { inodeOf } from "../sockets/show/owner.ts";
import { fibTrie } from "./fib-trie.ts";

const hex = (value: number | bigint, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");

/** As a little-endian machine prints the words of an address in network order. */
function socketAddress(ip: Ip, family: 4 | 6): string {
  if (family === 4) return swapped(typeof ip === "number" ? ip : 0);
  const whole: Ipv6 = typeof ip === "bigint" ? ip : ip === 0 ? 0n : (0xffffn << 32n) | BigInt(ip);
  return [96n, 64n, 32n, 0n].map((shift) => swapped(Number((whole >> shift) & 0xffffffffn))).join("");
}

const swapped = (word: number): string => [0, 8, 16, 24].map((shift) => hex((word >>> shift) & 255, 2)).join("");

/** /proc/net/dev (net/core/net-procfs.c). */
function deviceTable(netns: Netns): string {
  const lines = netns.devices.all().map(({ name, counters: c }) => {
    const received = `${String(c.rxBytes).padStart(7)} ${String(c.rxPackets).padStart(7)} ${String(c.rxErrors).padStart(4)} ${String(c.rxDropped).padStart(4)}    0     0          0 ${String(c.rxMulticast).padStart(9)}`;
    const sent = `${String(c.txBytes).padStart(8)} ${String(c.txPackets).padStart(7)} ${String(c.txErrors).padStart(4)} ${String(c.txDropped).padStart(4)}    0     0       0          0`;
    return `${name.padStart(6)}: ${received} ${sent}\n`;
  });
  return `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
${lines.join("")}`;
}

/** /proc/net/route (net/ipv4/fib_trie.c fib_route_seq_show): addresses as hex in host order. */
function routeTable(netns: Netns): string {
  const lines = netns.inet.fib.list(4).map((listed) => {
    const [route] = waysOf(listed);
    const via = typeof route.via === "number" ? route.via : 0;
    const length = route.dst.length;
    const flags = (1 | (via !== 0 ? 2 : 0) | (length === 32 ? 4 : 0)).toString(16).padStart(4, "0").toUpperCase();
    const line = [
      route.dev?.name ?? "*",
      swapped(route.dst.address as number),
      swapped(via),
      flags,
      "0",
      "0",
      String(route.metric),
      swapped(maskV4(length)),
      "0",
      "0",
      "0",
    ].join("\t");
    return `${line.padEnd(127)}\n`;
  });
  return `${"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127)}\n${lines.join("")}`;
}

/** /proc/net/arp (net/ipv4/arp.c arp_format_neigh_entry). */
function arpTable(netns: Netns): string {
  const lines = netns.inet.neighbours
    .list()
    .filter((entry) => typeof entry.ip === "number")
    .map((entry) => {
      const flags = entry.mac === undefined ? "0x0" : entry.state === "PERMANENT" ? "0x6" : "0x2";
      return `${formatIp(entry.ip).padEnd(16)} 0x1         ${flags.padEnd(11)} ${entry.mac ?? "00:00:00:00:00:00"}     *        ${entry.dev.name}\n`;
    });
  const proxies = netns.inet.neighbours.proxies.list().filter(({ ip }) => typeof ip === "number");
  for (const { ip, dev } of proxies)
    lines.push(`${formatIp(ip).padEnd(16)} 0x1         0xc         00:00:00:00:00:00     *        ${dev?.name ?? "*"}\n`);
  return `IP address       HW type     Flags       HW address            Mask     Device\n${lines.join("")}`;
}

/** include/net/tcp_states.h. */
const TCP_STATE_NUMBERS: Readonly<Record<string, number>> = {
  ESTAB: 1,
  ESTABLISHED: 1,
  "SYN-SENT": 2,
  "SYN-RECV": 3,
  "FIN-WAIT-1": 4,
  "FIN-WAIT-2": 5,
  "TIME-WAIT": 6,
  CLOSE: 7,
  UNCONN: 7,
  "CLOSE-WAIT": 8,
  "LAST-ACK": 9,
  LISTEN: 10,
  CLOSING: 11,
};

const TCP_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const UDP_HEAD = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const SIX_HEAD =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

function sockets(netns: Netns, protocol: SocketView["protocol"], family: 4 | 6, width: number): string[] {
  return netns.sockets
    .list()
    .filter((view) => view.protocol === protocol && view.family === family)
    .map((view, i) => {
      const state = hex(TCP_STATE_NUMBERS[view.state] ?? 7, 2);
      const end = (ip: Ip, port: number): string => `${socketAddress(ip, family)}:${hex(port, 4)}`;
      const queues = `${hex(view.state === "LISTEN" ? 0 : view.sendQueue, 8)}:${hex(view.receiveQueue, 8)}`;
      const tail =
        protocol === "tcp" ? ` 1 0000000000000000 ${view.state === "LISTEN" ? "100 0 0 10 0" : "20 0 0 10 -1"}` : " 2 0000000000000000 0";
      const line = [
        `${String(i).padStart(protocol === "tcp" ? 4 : 5)}: ${end(view.local, view.localPort)} ${end(view.remote, view.remotePort)} ${state}`,
        ` ${queues} 00:00000000 00000000     0        0 ${inodeOf(view)}${tail}`,
      ].join("");
      return `${line.padEnd(width)}\n`;
    });
}

const socketTable =
  (protocol: SocketView["protocol"], family: 4 | 6, head: string, width: number) =>
  (netns: Netns): string =>
    `${head.padEnd(width)}\n${sockets(netns, protocol, family, width).join("")}`;

/** /proc/net/if_inet6 (net/ipv6/addrconf.c, if6_seq_show): address, ifindex, length, scope, flags, name. */
function inet6Addresses(netns: Netns): string {
  return netns.devices
    .all()
    .flatMap((device) =>
      device.addresses.flatMap(({ ip, length, scope, tentative, validUntil }) => {
        if (typeof ip !== "bigint") return [];
        const scopes = { host: 0x10, link: 0x20, site: 0x40, global: 0, nowhere: 0 };
        const flags = (validUntil === undefined ? 0x80 : 0) | (tentative ? 0x40 : 0);
        const numbers = [device.ifindex, length, scopes[scope], flags].map((value) => value.toString(16).padStart(2, "0"));
        return [`${ip.toString(16).padStart(32, "0")} ${numbers.join(" ")} ${device.name.padStart(8)}\n`];
      }),
    )
    .join("");
}

const groupsOf = (device: NetDevice): readonly number[] => {
  if (!device.up) return [];
  return device.kind === "bridge" ? [0xe0000001, 0xe000006a] : [0xe0000001];
};

/** /proc/net/igmp (net/ipv4/igmp.c, igmp_mc_seq_show). */
function igmp(netns: Netns): string {
  const blocks = netns.devices.all().flatMap((device) => {
    const groups = groupsOf(device);
    if (groups.length === 0) return [];
    const lines = groups.map((group) => `\t\t\t\t${swapped(group)}     1 0:00000000\t\t0\n`);
    return [`${device.ifindex}\t${device.name.padEnd(10)}: ${String(groups.length).padStart(5)}      V3\n${lines.join("")}`];
  });
  return `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n${blocks.join("")}`;
}

/** /proc/net/dev_mcast (net/core/net-procfs.c, dev_mc_seq_show). */
const deviceGroups = (netns: Netns): string =>
  netns.devices
    .all()
    .flatMap((device) =>
      groupMacs(device).map(
        (mac) => `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} 1     0     ${mac.replaceAll(":", "")}\n`,
      ),
    )
    .join("");

/** /proc/net/nf_conntrack: as `conntrack -L -o extended` in older words (net/netfilter/nf_conntrack_standalone.c). */
function connections(netns: Netns): string {
  const { now } = netns.kernel.clock;
  return netns.netfilter.conntrack
    .list()
    .map((entry) => {
      const family = typeof entry.original.src === "number" ? "ipv4     2" : "ipv6     10";
      return `${family} ${describeConnection(entry, now).replace("use=1", "zone=0 use=2")}\n`;
    })
    .join("");
}

/** /proc/net/ipv6_route (net/ipv6/route.c, rt6_info_route); the tables end with an entry that refuses. */
function inet6Routes(netns: Netns): string {
  const zeros = "0".repeat(32);
  const word = (value: number): string => value.toString(16).padStart(8, "0");
  const refusing = `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo\n`;
  const lines = [...netns.inet.fib.list(6, "main"), ...netns.inet.fib.list(6, "local")].flatMap(waysOf).map((route) => {
    const via = typeof route.via === "bigint" ? route.via.toString(16).padStart(32, "0") : zeros;
    const flags = 1 | (route.via === undefined ? 0 : 2) | (route.type === "local" ? 0x80200000 : 0);
    const dst = (route.dst.address as bigint).toString(16).padStart(32, "0");
    const length = route.dst.length.toString(16).padStart(2, "0");
    const name = (route.dev?.name ?? "lo").padStart(8);
    return `${dst} ${length} ${zeros} 00 ${via} ${word(route.metric)} 00000002 00000000 ${word(flags >>> 0)} ${name}\n`;
  });
  return `${refusing}${lines.join("")}${refusing}`;
}

/** /proc/net/sockstat (net/ipv4/proc.c). */
function socketStatistics(netns: Netns): string {
  const views = netns.sockets.list();
  const count = (protocol: SocketView["protocol"], state?: string): number =>
    views.filter((view) => view.protocol === protocol && view.family === 4 && (state === undefined || view.state === state)).length;
  const waiting = count("tcp", "TIME-WAIT");
  return [
    `sockets: used ${views.length}`,
    `TCP: inuse ${count("tcp") - waiting} orphan 0 tw ${waiting} alloc ${count("tcp")} mem 0`,
    `UDP: inuse ${count("udp")} mem 0`,
    "UDPLITE: inuse 0",
    `RAW: inuse ${count("raw")}`,
    "FRAG: inuse 0 memory 0",
    "",
  ].join("\n");
}

/** IPv6 groups of the loopback device and of one with IPv6, as addresses; see `ip maddr` for the rest. */
const multicast6 = (netns: Netns): string =>
  netns.devices
    .all()
    .flatMap((device) => [
      `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ff020000000000000000000000000001     1 0000000C 0\n`,
      `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ff010000000000000000000000000001     1 00000008 0\n`,
    ])
    .join("");

/** /proc/net/sockstat6 (net/ipv6/proc.c). */
function socketStatistics6(netns: Netns): string {
  const count = (protocol: SocketView["protocol"]): number =>
    netns.sockets.list().filter((view) => view.protocol === protocol && view.family === 6 && view.state !== "TIME-WAIT").length;
  return `TCP6: inuse ${count("tcp")}\nUDP6: inuse ${count("udp")}\nUDPLITE6: inuse 0\nRAW6: inuse ${count("raw")}\nFRAG6: inuse 0 memory 0\n`;
}

const DATAGRAM_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const SIX_DATAGRAM_HEAD = `${SIX_HEAD} ref pointer drops`;

/** Name, size of a socket, bytes over which memory is pressed, longest header, slab, and which calls it has (net/core/sock.c, proto_seq_show). */
const PROTOCOLS = `PACKET 1600 -1 NI 0 no nnnnnnnnnnnnnnnnnn
PINGv6 1344 -1 NI 0 yes yyynnynnyyyyyynyyn
RAWv6 1344 -1 NI 0 yes yyynyyynyyyyyyyynn
UDPLITEv6 1472 0 NI 0 yes yyynyyynyyyynnyyyn
UDPv6 1472 0 NI 0 yes yyynyyynyyyynnyyyn
TCPv6 2432 0 no 192 yes yyyyyyyyyyyynyyyyy
UNIX-STREAM 1152 -1 NI 0 yes ynnnnnnnnnnnnnnnnn
UNIX 1152 -1 NI 0 yes ynnnnnnnnnnnnnnnnn
UDP-Lite 1344 0 NI 0 yes yyynyyynyyyynnyyyn
PING 1016 -1 NI 0 yes yyynnynnyyyyyynyyn
RAW 1152 -1 NI 0 yes yyynyyynyyyyyyyynn
UDP 1344 0 NI 0 yes yyynyyynyyyynnyyyn
TCP 2304 0 no 192 yes yyyyyyyyyyyynyyyyy
NETLINK 1096 -1 NI 0 no nnnnnnnnnnnnnnnnnn`;

/** /proc/net/protocols: how many sockets of each protocol are in use. */
function protocols(netns: Netns): string {
  const views = netns.sockets.list();
  const counts: Readonly<Record<string, number>> = Object.fromEntries(
    (["tcp", "udp", "raw"] as const).flatMap((protocol) => {
      const count = (family: 4 | 6): number => views.filter((view) => view.protocol === protocol && view.family === family).length;
      return [
        [protocol.toUpperCase(), count(4)],
        [`${protocol.toUpperCase()}v6`, count(6)],
      ];
    }),
  );
  const rows = PROTOCOLS.split("\n").map((line) => {
    const [name = "", size = "", memory = "", press = "", header = "", slab = "", calls = ""] = line.split(" ");
    const flags = [...calls].map((flag) => `  ${flag}`).join("");
    return `${name.padEnd(9)} ${size.padStart(4)} ${String(counts[name] ?? 0).padStart(6)}  ${memory.padStart(6)}   ${press.padEnd(3)} ${header.padStart(6)}   ${slab.padEnd(3)}  kernel    ${flags}\n`;
  });
  const head = "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em";
  return `${head}\n${rows.join("")}`;
}

/** /proc/net/softnet_stat: a line a processor; what the devices of this netns have received stands for all that was. */
function softnetStatistics(netns: Netns): string {
  const received = netns.devices.all().reduce((sum, { counters }) => sum + counters.rxPackets, 0);
  return Array.from({ length: PROCESSORS }, (_, cpu) => {
    const own = Math.floor((received + PROCESSORS - 1 - cpu) / PROCESSORS);
    const columns = [own, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, cpu, 0, 0];
    return `${columns.map((value) => value.toString(16).padStart(8, "0")).join(" ")}\n`;
  }).join("");
}

/** Tables of what there is none of in this world: their heads alone. */
const EMPTY_TABLES: Readonly<Record<string, string>> = {
  anycast6: "",
  arp_tables_names: "",
  icmp: `${DATAGRAM_HEAD.padEnd(127)}\n`,
  icmp6: `${SIX_DATAGRAM_HEAD}\n`,
  ip6_flowlabel: "Label S Owner  Users  Linger Expires  Dst                              Opt\n",
  ip6_mr_cache: "Group                            Origin                           Iif      Pkts  Bytes     Wrong  Oifs\n",
  ip6_mr_vif: "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n",
  ip_mr_cache: "Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n",
  ip_mr_vif: "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote\n",
  mcfilter: "Idx Device        MCA        SRC    INC    EXC\n",
  mcfilter6: "Idx Device                Multicast Address                   Source Address    INC    EXC\n",
  nf_conntrack_expect: "",
  rt_cache: `${"Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst".padEnd(127)}\n`,
  udplite: `${` ${DATAGRAM_HEAD}`.padEnd(127)}\n`,
  udplite6: `${SIX_DATAGRAM_HEAD}\n`,
};

const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

export const NET_TABLES: Readonly<Record<string, (netns: Netns) => string>> = {
  ...Object.fromEntries(Object.entries(EMPTY_TABLES).map(([name, text]) => [name, () => text])),
  arp: arpTable,
  dev: deviceTable,
  dev_mcast: deviceGroups,
  fib_trie: fibTrie,
  if_inet6: inet6Addresses,
  igmp,
  igmp6: multicast6,
  ip6_tables_names: () => "",
  ip_tables_names: () => "",
  ipv6_route: inet6Routes,
  netlink: () => "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n",
  nf_conntrack: connections,
  packet: () => "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n",
  protocols,
  psched: () => "000003e8 00000040 000f4240 3b9aca00\n",
  ptype: () => "Type Device      Function\n0800          ip_rcv\n0004          llc_rcv\n0806          arp_rcv\n86dd          ipv6_rcv\n",
  raw: socketTable("raw", 4, DATAGRAM_HEAD, 0),
  raw6: socketTable("raw", 6, SIX_DATAGRAM_HEAD, 0),
  netstat: (netns) => inTwoLines(netstatSections(netns)),
  route: routeTable,
  snmp: (netns) => inTwoLines(snmpSections(netns)),
  snmp6: (netns) => inLines(snmp6Sections(netns)),
  sockstat: socketStatistics,
  softnet_stat: softnetStatistics,
  sockstat6: socketStatistics6,
  tcp: socketTable("tcp", 4, TCP_HEAD, TCP_WIDTH),
  tcp6: socketTable("tcp", 6, SIX_HEAD, 0),
  udp: socketTable("udp", 4, UDP_HEAD, UDP_WIDTH),
  udp6: socketTable("udp", 6, SIX_DATAGRAM_HEAD, 0),
  unix: () => "Num       RefCount Protocol Flags    Type St Inode Path\n",
};
