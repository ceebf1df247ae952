/** The commands on which the model and a recording of the deep folder differ, by what they have in common. */
import type { Reason } from "./reasons.ts";

/** Why, then the recordings and their commands, as often as they differ. */
const GROUPS: readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] = [
  [
    "The recording's kernel has no SCTP; a port that containerd listens on is drawn at random.",
    {
      "deep/published-ports": [
        "ss -ltnu | sed -E 's/:3[0-9]{4}/:N/' | sort",
        "docker run -d --name sctp -p 8070:80/sctp nginx",
        "docker port sctp",
      ],
    },
  ],
  [
    "The recording's image is one of its own, of BusyBox and some of Debian's tools; the model has no Unix sockets and sends no IGMP reports.",
    {
      "deep/tables-seen": [
        "ss -xl | head -1",
        "docker exec a1 netstat -i",
        "docker exec a1 hostname -I",
        "docker exec a1 tcpdump -c 1 -i eth0",
      ],
    },
  ],
  [
    "What is seen of an option or a command above that the model refuses.",
    {
      "deep/bridge-tools": ["bridge -d link show dev d0", "bridge -d link show dev d0"],
      "deep/conntrack": [
        "conntrack -L -s 1.1.1.1",
        "conntrack -L -s 1.1.1.1",
        "conntrack -G -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2",
        "conntrack -D -s 1.1.1.1",
      ],
      "deep/ip-route": [
        "docker exec c1 ip route",
        "docker exec c1 ip route show root 10.0.0.0/8",
        "docker exec c1 ip route show dev eth0",
        "docker exec c1 ip route show type unicast",
        "docker exec c1 ip route",
        "docker exec c1 ip route",
        "docker exec c1 ip route",
        "docker exec c1 ip route",
        "docker exec c1 ip route",
      ],
      "deep/net-tools": ["docker exec c1 ip link show eth0", "docker exec c1 ip link show eth0"],
    },
  ],
  [
    "Not modelled: the model says so in a line, and what is supported.",
    {
      "deep/bridge-tools": [
        "brctl setfd br9 4",
        "brctl setbridgeprio br9 100",
        "brctl sethello br9 1",
        "brctl setmaxage br9 10",
        "brctl setpathcost br9 d0 50",
        "brctl setportprio br9 d0 5",
        "bridge fdb add 02:00:00:00:00:01 dev d0",
        "bridge fdb flush dev d0",
        "ip link set br8 type bridge vlan_filtering 1",
      ],
      "deep/conntrack": [
        "conntrack -I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 --state ESTABLISHED -t 100",
        "conntrack -U -s 1.1.1.1 -p tcp --mark 5",
      ],
      "deep/curl-wget": [
        "docker exec c1 curl -sS --connect-to foo:80:web:80 foo",
        "docker exec c1 curl -sS -x http://web:80 http://example.com",
        "docker exec c1 wget -O - https://web 2>&1 | tail -2",
      ],
      "deep/dns": ["docker exec c1 dig +trace web | head -3", "docker exec c1 dig web +yaml | head -3"],
      "deep/ip-neigh": ["docker exec c1 ip neigh add proxy 10.1.1.1 dev eth0", "docker exec c1 ip neigh show proxy"],
      "deep/ip-route": ["docker exec c1 ip route add 10.16.0.0/16 nexthop via 172.17.0.1 weight 1 nexthop via 172.17.0.3 weight 2"],
      "deep/iptables-list": ["iptables-legacy -L INPUT -n"],
      "deep/iptables-save": ["nft list tables"],
      "deep/net-tools": ["docker exec c1 ifconfig eth0 -allmulti -arp"],
      "deep/ping": ["docker exec c1 ping -R -c 1 c2", "docker exec c1 ping -R -c 1 203.0.113.80"],
    },
  ],
  [
    "Known, and not mended yet.",
    {
      "deep/bridge-tools": ["bridge fdb show br br8 | grep 02:00", "bridge -s fdb show br br8 | grep 02:00", "ip link set br8 master br8"],
      "deep/curl-wget": ["docker exec c1 wget -O - web", "busybox wget -q -O - localhost:8080"],
      "deep/ip-neigh": ["docker exec c1 arp", "docker exec c1 arp -i nosuch", "docker exec c1 ip neigh show nud all"],
      "deep/ip-route": ["docker exec c1 ip route get 203.0.113.80 from 10.9.9.9 iif eth0"],
      "deep/ip-rule": ["docker exec a1 ip route add default via 10.20.0.300"],
      "deep/iptables-match": ["iptables -A T -j T", "iptables -S T"],
      "deep/ipv6": [
        "docker exec c1 ping -6 -c 1 -W 1 ff02::1",
        "docker exec c1 ping -6 -c 1 -I eth0 ff02::2 -W 1 | tail -3 | head -1",
        "ping -6 -c 1 -I br-six ff02::1 | grep -c 'bytes from'",
      ],
      "deep/net-tools": [
        "docker exec c1 ifconfig eth0 allmulti",
        "docker exec c1 ifconfig eth0 mtu x",
        "docker exec c1 route add -net 10.72.0.0 gw 172.17.0.1",
        "docker exec c1 route add",
        "docker exec c1 route foo",
        "docker exec c1 route -6 | head -3",
        "docker exec c1 route -C",
        "docker exec c1 netstat -ie",
        "docker exec c1 netstat -rnx",
      ],
      "deep/netns": ["ip -br link show ve0"],
      "deep/ping": ["docker exec c1 ping -c 1 fe80::1"],
    },
  ],
  [
    "The recording host's kernel lacks the device type, or has the older tables next to nftables.",
    {
      "deep/bridge-tools": [
        "ip link add link d1 name d1.10 type vlan id 10",
        "ip link add dum0 type dummy",
        "ip link add ipv0 link d1 type ipvlan mode l2",
      ],
      "deep/iptables-list": ["iptables-nft -L INPUT -n", "iptables -S"],
      "deep/link-types": ["bridge fdb show br br1 | grep -c 'master br1'"],
    },
  ],
  [
    "A matter of elapsed seconds, lost packets or counters: the recording's clock ran on between the commands.",
    {
      "deep/conntrack": [
        "timeout 2 conntrack -E -p tcp > /root/events & sleep 0.5; docker exec c1 curl -s 203.0.113.80 > /dev/null; sleep 2; cat /root/events | sed -E 's/sport=[0-9]+/sport=N/g; s/dport=[0-9]{4,}/dport=N/g'",
        "conntrack -L -u SEEN_REPLY -p icmp 2>/dev/null | wc -l",
      ],
      "deep/dns": ["docker exec c1 host -W 1 web 10.20.0.99"],
      "deep/icmp-errors": ["docker exec a1 traceroute -n -q 1 -f 2 203.0.113.80"],
      "deep/ip-address": ["docker exec c1 ip -4 addr show dev eth0", "docker exec c1 ip -4 -o addr show dev eth0"],
      "deep/ip-neigh": ["docker exec c1 ip neigh show 172.17.0.99"],
      "deep/iptables-act": ["docker exec c1 curl -sS -m 2 203.0.113.80", "iptables -nvxL CHK"],
      "deep/netns": ["ip -n red neigh | sed 's/STALE\\|REACHABLE\\|DELAY/S/'"],
      "deep/proc-net": ["docker exec c1 cat /proc/net/dev", "docker exec c1 cat /sys/class/net/eth0/statistics/rx_packets"],
      "deep/sockets": [
        "docker exec c1 nc -zv -w 1 10.20.0.99 80",
        "docker exec c1 traceroute -n -q 1 -w 1 -m 2 10.20.0.99",
        "docker exec c1 ip -s -s link show lo",
      ],
    },
  ],
  [
    "The kernel's own first IGMP or DNS packet, counted there and not sent here.",
    {
      "deep/conntrack-ipv6": ["conntrack -L | grep -c '::1'", "conntrack -C", "conntrack -L -p igmp", "iptables -t nat -L POSTROUTING -nv"],
      "deep/iptables-list": ["iptables -t nat -L -n -v --line-numbers", "iptables -L INPUT -n -v"],
      "deep/iptables-restore": ["iptables-save -t nat | grep -v '^#'", "conntrack -L 2>/dev/null | wc -l"],
      "deep/iptables-save": ["iptables-save | sed 's/^#.*//'", "iptables-save -t nat | sed 's/^#.*//'"],
    },
  ],
  [
    "The recording host's images hold fewer tools, or BusyBox's, where the model's hold the usual ones.",
    {
      "deep/curl-wget": ["docker exec c1 curl --version | head -1", "docker exec c1 curl -V | head -1", "wget -q -O - localhost:8080"],
      "deep/dns": ["docker exec c1 getent networks loopback", "docker exec c1 getent passwd root"],
      "deep/net-tools": ["docker exec c1 hostname -i", "docker exec c1 hostname -I", "nameif", "mii-tool eth0", "mii-tool"],
      "deep/sockets": [
        "docker exec c1 sh -c 'printf \"GET / HTTP/1.0\\r\\n\\r\\n\" | nc -N web 80 | head -1'",
        "docker exec web sh -c 'echo hi | nc -N 10.20.0.2 7000'",
        "docker exec c1 ss -tulnp | sed -E 's/pid=[0-9]+/pid=N/'",
        "docker exec c1 tracepath -n 203.0.113.80",
      ],
    },
  ],
  [
    "The page served is as old as its image.",
    {
      "deep/curl-wget": [
        "docker exec c1 wget -S -q -O /dev/null web 2>&1 | grep -v Date",
        "curl -v -s localhost:8080 2>&1 | sed -E 's/port [0-9]{5,}/port N/; s/^< Date.*/< Date/; s/curl\\/[0-9.]+/curl\\/V/'",
      ],
    },
  ],
  [
    "A usage text names what is supported here.",
    {
      "deep/ip-link": ["docker exec c1 ip link help", "docker exec c1 ip link set help"],
      "deep/ip-route": ["ip route help", "ip rule help"],
      "deep/iptables-match": [
        "iptables -A T -j REJECT --help | tail -30",
        "iptables -m conntrack --help | tail -20",
        "iptables -p tcp --help | tail -15",
        "iptables -j DNAT --help | tail -8",
        "iptables -m limit --help | tail -6",
      ],
      "deep/net-tools": ["docker exec c1 ifconfig --help"],
    },
  ],
  [
    "The order or presence of a link-local address depends on how far duplicate detection had come.",
    {
      "deep/ipv6": [
        "docker exec c1 ip -6 route show table local | sed -E 's/fe80::[0-9a-f:]+/fe80::X/'",
        "docker exec c1 ip -6 neigh | sed -E 's/fe80::[0-9a-f:]+/fe80::X/' | sort",
        "docker exec c1 ifconfig eth0 | sed -E 's/fe80::[0-9a-f:]+/fe80::X/; s/ether [0-9a-f:]+/ether X/'",
      ],
    },
  ],
  [
    "Files under /proc and /sys that the model does not fill.",
    {
      "deep/proc-net": [
        "docker exec c1 cat /proc/net/fib_triestat",
        "docker exec c1 cat /proc/net/protocols | head -3",
        "docker exec c1 cat /proc/net/snmp | grep -i icmp:",
        "docker exec c1 cat /proc/net/netstat | head -1 | cut -c 1-60",
        "docker exec c1 cat /proc/net/softnet_stat | wc -l",
        "docker exec c1 ls /sys/class/net/eth0",
        "ls /sys/class/net/docker0/bridge",
        "cat /proc/net/stat/nf_conntrack | head -1",
        "cat /proc/net/ip_tables_targets",
        "cat /proc/net/ip_tables_matches",
      ],
    },
  ],
  [
    "A container inherits ip_forward from the machine's first netns, which did not forward on the recording's machine.",
    {
      "deep/sysctl": [
        "docker exec c1 sysctl net.ipv4.ip_forward",
        "docker exec c1 sysctl -n net.ipv4.ip_forward",
        "docker exec c1 cat /proc/sys/net/ipv4/ip_forward",
      ],
    },
  ],
  [
    "Captured while the neighbour table was settling, or from behind a full buffer: what of it was caught is chance.",
    {
      "deep/tcpdump": [
        "docker exec c1 sh -c 'timeout 3 tcpdump -l -n -e -i eth0 -c 1 arp 2>/dev/null > /tmp/d & sleep 1; ip neigh flush all; ping -c 1 web >/dev/null; sleep 1; sed -E \"s/^[0-9:.]+ //; s/(([0-9a-f]{2}:){5}[0-9a-f]{2})/MAC/g\" /tmp/d'",
        "docker exec c1 sh -c 'timeout 3 tcpdump -l -n -i eth0 tcp port 80 2>/dev/null > /tmp/d & sleep 1; curl -s web >/dev/null; sleep 1; sed -E \"s/^[0-9:.]+ //; s/\\.[0-9]{5}/.P/; s/val [0-9]+ ecr [0-9]+/val T ecr T/; s/seq [0-9]+/seq N/; s/ack [0-9]+/ack N/; s/\\.[0-9]{5}:/.P:/\" /tmp/d | cut -c 1-60'",
        "timeout 2 tcpdump -n -i eth0 -c 1 host 192.168.0.20 and icmp 2>&1 | grep -v -e '^[0-9]*:' & sleep 0.7; ping -c 1 192.168.0.20 > /dev/null; wait",
      ],
    },
  ],
];

export const DEEP_REASONS: readonly Reason[] = GROUPS.flatMap(([why, recordings]) =>
  Object.entries(recordings).flatMap(([recording, commands]) => commands.map((command) => ({ recording, command, why }))),
);
