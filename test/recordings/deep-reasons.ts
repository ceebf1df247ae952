/** The commands on which the model and a recording of the deep folder differ, by what they have in common. */
import type { Reason } from "./reasons.ts";

/** Why, then the recordings and their commands, as often as they differ. */
const GROUPS: readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] = [
  [
    "The recording's kernel asks for routers and the lab's hosts speak of their groups, which nobody does here.",
    {
      "deep/protocol-counters": ["nstat | grep Icmp"],
      "deep/bridge-ports": [
        "timeout 1 bridge monitor fdb & sleep .3; bridge fdb add 02:00:00:00:00:0b dev pa master static; bridge fdb del 02:00:00:00:00:0b dev pa master; wait",
      ],
    },
  ],
  [
    "A file of sysfs that only tells is refused as it is opened; here it is refused as it is written.",
    { "deep/bridge-ports": ["echo 1 > /sys/class/net/pa/brport/port_no"] },
  ],
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
      "deep/probes-sockets": ["ss -an state listening | head -1", "ss -x | head -1"],
      "deep/connect-refused": ["docker run --rm --pid container:c2 alpine ps"],
      "deep/run-limits": ["docker run --rm --init alpine sh -c 'echo $$'"],
      "deep/multipath": [
        "docker exec c1 sh -c 'for i in $(seq 1 120); do ip route get 10.80.0.$i; done | grep -o \"dev eth[01] src [0-9.]*\" | sort -u'",
      ],
      "deep/gaps": ["cat /proc/net/sockstat"],
      "deep/inspect-formats": [
        'docker inspect --format \'{{join .Config.Cmd " "}} {{len .Config.Env}} {{upper .Name}} {{title "abc"}}\' web',
        "docker inspect --format '{{println .Name}}{{.Path}} {{.Args}}' web",
        "docker ps --format raw | sed -E 's/[0-9a-f]{12}/ID/; s/created_at: .*/created_at: T/'",
        "docker ps --format 'table {{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.LocalVolumes}}\\t{{.Mounts}}\\t{{.Size}}' | sed -E 's/[0-9a-f]{12}/ID/'",
        "docker ps --no-trunc --format '{{.Command}}'",
      ],
      "deep/raw-formats": [
        "docker ps --format raw | sed -E 's/[0-9a-f]{12}/ID/; s/created_at: .*/created_at: T/'",
        "docker ps -s --format raw --filter name=web | sed -E 's/[0-9a-f]{12}/ID/; s/created_at: .*/created_at: T/; s/size: .*/size: S/'",
        "docker images --digests --format raw alpine | sed -E 's/[0-9a-f]{12}/ID/; s/created_at: .*/created_at: T/; s/size: .*/size: S/'",
        "docker system df --format raw",
        "docker inspect -f '{{.Path}} {{.Args}} {{.HostConfig.Init}}' ini web",
      ],
      "deep/tables-seen": ["ss -xl | head -1", "docker exec a1 netstat -i", "docker exec a1 tcpdump -c 1 -i eth0"],
    },
  ],
  [
    "What is seen of an option or a command above that the model refuses.",
    {
      "deep/routes-rules": [
        "docker exec c1 ip route show 10.74.0.0/16",
        "docker exec c1 ip route show dev eth0",
        "docker exec c1 ip route show scope link",
        "docker exec c1 ip route show metric 0",
        "docker exec c1 ip -s route flush proto boot",
      ],
      "deep/names-web": ["hostname", "hostname -s"],
      "deep/tracked-counted": [
        "tc qdisc",
        "docker exec cl tc qdisc show dev eth0",
        "tc class show dev docker0",
        "tc qdisc show dev docker0",
        "tc qdisc del dev docker0 root",
      ],
      "deep/policy-rules": ["docker exec c1 ip rule show"],
      "deep/proxy-neighbours": ["docker exec g1 ip neigh show 10.39.0.53", "docker exec g1 ip -s neigh flush dev eth0"],
      "deep/gaps": ["bridge fdb show dev v0 | grep 02:00", "bridge fdb show br br9 | grep -c 02:00"],
      "deep/spanning-tree": [
        "ip -d link show br9 | grep -o 'group_fwd_mask 0x[0-9a-f]* \\|group_fwd_mask [0-9]* \\|mcast_snooping [01]\\|mcast_querier [01]\\|nf_call_iptables [01]\\|mcast_router [0-9]'",
      ],
      "deep/bridge-tools": ["bridge -d link show dev d0", "bridge -d link show dev d0"],
      "deep/conntrack": [
        "conntrack -L -s 1.1.1.1",
        "conntrack -G -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2",
        "conntrack -D -s 1.1.1.1",
      ],
      "deep/net-tools": ["docker exec c1 ip link show eth0", "docker exec c1 ip link show eth0"],
    },
  ],
  [
    "Not modelled: the model says so in a line, and what is supported.",
    {
      "deep/archives": [
        "cd /tmp/t && tar df x.tar; echo $?; echo changed > a; tar df x.tar; echo $?; tar -A; echo $?",
        "cd /tmp/t && tar cf w.tar --transform 's/^d/D/' d; tar tf w.tar; tar --wildcards -tf x.tar 'd/*'; tar -tf x.tar d/e",
        "cd /tmp/t && tar --help | head -3; tar --version | head -1; tar cfv v.tar a; tar tvvf v.tar | awk '{print $1,$2}'",
        "cd /tmp/t && printf 'a\\nb\\nb\\n' | gzip > l.gz; zcat l.gz | uniq -c; zgrep b l.gz; gzip -r d; find d | sort; gunzip -r d; find d | sort",
      ],
      "deep/routes-rules": [
        "docker exec c1 ip route add 10.74.0.0/16 dev eth0 tos 0x10",
        "docker exec c1 ip route show tos 0x10",
        "docker exec c1 ip route save | head -c 4 | od -An -tx1",
        "docker exec c1 ip ntable show dev eth0 | head -3",
      ],
      "deep/docker-rules": ["nsenter --version | head -1 | cut -c1-8", "iptables -A OUTPUT -m cgroup --path x"],
      "deep/probes-sockets": ["traceroute -n -i eth0 -A 192.168.0.1 | sed 's/[0-9.]* ms/T/g'", "ss -foo", "netstat -foo"],
      "deep/names-web": [
        "docker exec c1 dig -f /dev/null",
        "docker exec c1 dig +nottlid +noall +answer web",
        "curl -Z",
        "curl -s -r 0-3 localhost:8081; echo",
        "curl -s -A x -e y -b z localhost:8081",
        "docker exec c1 wget ftp://web/x",
        "docker exec c1 wget -Y off -q -O - web",
        "hostname foo",
        "hostname docker-host",
      ],
      "deep/tracked-counted": [
        "ss -tnl dev docker0 | wc -l",
        "ss -f foo",
        "ss -E foo",
        "ss -N nosuch",
        "tc qdisc replace dev docker0 root pfifo limit 10",
        "tc qdisc add dev docker0 root handle 1: htb default 10",
        "tc class add dev docker0 parent 1: classid 1:10 htb rate 1mbit",
      ],
      "deep/captures-settings": ["tcpdump -d icmp", "docker run --rm --sysctl kernel.shmmax=100000 alpine sysctl kernel.shmmax"],
      "deep/shell-corners": [
        "select x in a b; do echo \"got $x\"; break; done <<< 2; coproc cat; echo hi >&${COPROC[1]}; read l <&${COPROC[0]}; echo $l; echo {a,b}{1..2} | xargs -n1 | sort -r | head -2 | paste -sd,; seq 5 | (read a; read b; cat | wc -l); yes | head -3 | tr -d '\\n'; echo; : ${D:=dflt}; echo $D; true && false || echo or; ! true; echo $?",
      ],
      "deep/shell-refusals": [
        "type nosuch; echo $?; type -t ls cd if f; type -a echo; type -p ls; command -V cd; hash nosuch; echo $?; hash ls; hash | tail -1; which nosuch; echo $?",
        'set -- 1 2 3; for x; do echo $x; done; for x in; do echo no; done; for ((;;)); do break; done; while :; do break; done; until false; do break; done; for i in "$@"; do :; done; echo $i; echo "$*" $#; IFS=-; echo "$*" $*; set -; echo $#; set --; echo $#; set -o | head -2; set +o | head -1; echo $-; shopt | head -2; shopt -s nosuch; echo $?; set -o nosuch; echo $?',
      ],
      "deep/run-limits": ["docker run --rm --platform foo/bar alpine true"],
      "deep/policy-rules": [
        "docker exec c1 ip rule add realms 5 prio 22",
        "docker exec c1 ip rule add dscp 10 table 50 prio 24",
        "docker exec c1 ip rule add l3mdev prio 1000",
        "docker exec c1 ip rule save | wc -c | awk '{print ($1>10)}'",
      ],
      "deep/proxy-neighbours": [
        "docker exec g1 ip neigh replace 10.39.0.52 dev eth0 use",
        "docker exec g1 ip neigh add 10.39.0.53 lladdr 02:00:00:00:00:53 dev eth0 extern_learn",
        "docker exec g1 ip neigh add 10.39.0.54 dev eth0 managed",
      ],
      "deep/gaps": ["bridge fdb add 02:00:00:00:00:02 dev v0", "ip link set br9 type bridge vlan_filtering 1"],
      "deep/spanning-tree": [
        "ip link set br9 type bridge mcast_snooping 0 mcast_querier 1 group_fwd_mask 8 nf_call_iptables 1 mcast_router 2",
        "ip link set br9 type bridge vlan_protocol 802.1Q",
        "ip link set br9 type bridge vlan_default_pvid 1",
        "echo 300 > /sys/class/net/br9/bridge/forward_delay; cat /sys/class/net/br9/bridge/forward_delay",
      ],
      "deep/conntrack-made": [
        "conntrack -I -p tcp -d 2.2.2.2 --sport 1 --dport 2 --state LISTEN -t 100",
        "conntrack -I -p gre -s 1.1.1.1 -d 2.2.2.2 -t 100",
        "conntrack -I expect --orig-src 1.1.1.1",
        "conntrack -L -o save -p tcp --sport 2",
      ],
      "deep/container-life": ["docker cp c1:/tmp/f - | tar -tf -", "docker diff c1", "docker exec c1 touch /root/new; docker diff c1"],
      "deep/run-options": ["docker run --rm --device /dev/null:/dev/mynull alpine ls -l /dev/mynull | cut -c 1-10"],
      "deep/raw-formats": [
        "docker run --rm --device /dev/null:/dev/foo:r alpine sh -c 'echo x > /dev/foo'",
        "docker run --rm -h a --domainname d.e alpine dnsdomainname",
      ],
      "deep/clients": ["docker exec c1 curl -sS telnet://web:80 </dev/null | head -1"],
      "deep/traffic-control": [
        "timeout 2 bridge monitor fdb > /tmp/m & sleep 0.5; bridge fdb add 02:00:00:00:00:77 dev docker0 self; bridge fdb del 02:00:00:00:00:77 dev docker0 self; wait; cat /tmp/m",
      ],
      "deep/monitor": [
        "timeout 2 ip monitor file /tmp/nosuch",
        "timeout 2 ip monitor netconf > /tmp/m & sleep 0.5; sysctl -qw net.ipv4.conf.br-mon.forwarding=0; wait; cat /tmp/m",
        "timeout 2 bridge monitor all",
        "timeout 2 bridge monitor foo",
      ],
      "deep/bridge-tools": ["bridge fdb add 02:00:00:00:00:01 dev d0", "ip link set br8 type bridge vlan_filtering 1"],
      "deep/conntrack": ["conntrack -U -s 1.1.1.1 -p tcp --mark 5"],
      "deep/curl-wget": [
        "docker exec c1 curl -sS --connect-to foo:80:web:80 foo",
        "docker exec c1 curl -sS -x http://web:80 http://example.com",
        "docker exec c1 wget -O - https://web 2>&1 | tail -2",
      ],
      "deep/dns": ["docker exec c1 dig +trace web | head -3", "docker exec c1 dig web +yaml | head -3"],
      "deep/iptables-list": ["iptables-legacy -L INPUT -n"],
      "deep/iptables-save": ["nft list tables"],
      "deep/net-tools": ["docker exec c1 ifconfig eth0 -allmulti -arp"],
    },
  ],
  [
    "Known, and not mended yet.",
    {
      "deep/file-modes": [
        "cd /tmp/u && umask 077; mkdir -m 755 mm; mkdir -p -m 711 nn/oo; stat -c '%a %n' mm nn nn/oo; mkdir -m u=rwx,go= pp; stat -c %a pp; mkdir -m a+t qq; stat -c %a qq",
      ],
      "deep/addresses-links": [
        "ip -d -j link show docker0 | tr ',' '\\n' | grep -c :",
        "ip -s addr flush dev b0 label 'b0*'",
        "ip -r addr show lo | grep inet",
      ],
      "deep/probes-sockets": ["nc -l 80x"],
      "deep/namespaces-bridges": [
        "pid=$(docker inspect -f '{{.State.Pid}}' aa); nsenter -t $pid -n ip -br -4 a | sed 's/@if[0-9]*//'; nsenter -t $pid -n -u hostname | wc -c; ln -sf /proc/$pid/ns/net /run/netns/aa 2>/dev/null || { mkdir -p /run/netns; ln -sf /proc/$pid/ns/net /run/netns/aa; }; ip netns list; ip netns exec aa ip route; ip -n aa -br link | sed 's/@if[0-9]*//' | awk '{print $1,$2}'; rm /run/netns/aa; nsenter -t 999999 -n true; nsenter -n; nsenter --net=/proc/$pid/ns/net ip -br -4 a | wc -l; readlink /proc/$pid/ns/net | sed 's/[0-9]*//g'; [ \"$(readlink /proc/$pid/ns/net)\" = \"$(readlink /proc/self/ns/net)\" ] && echo same || echo other; docker exec aa readlink /proc/self/ns/net | sed 's/[0-9]*//g'",
        "bridge fdb show br br-t | grep -c permanent",
        "docker exec aa ip -br -4 a | sed 's/@if[0-9]*//'",
      ],
      "deep/tracked-counted": [
        "(nc -l 9000 & sleep 0.3; exec 3<>/dev/tcp/127.0.0.1/9000; ss -tn state established '( sport = :9000 or dport = :9000 )' | awk '{print $1,$2,$3,$4}' | sed 's/:[0-9]\\{5\\}/:P/g' | sort; ss -tan 'sport = :9000' | awk '{print $1,$4}' | sort; ss -tnp dport = :9000 | awk 'NR>1{print $1,$5}'; netstat -tn | grep 9000 | awk '{print $1,$4,$6}' | sed 's/:[0-9]\\{5\\}/:P/' | sort; echo hi >&3; sleep 0.2; exec 3>&-; wait)",
        "timeout 2 ip monitor rule > /tmp/m & sleep 0.4; ip rule add from 1.2.3.4 table 100; ip rule del from 1.2.3.4; wait; cat /tmp/m; timeout 2 ip -t monitor neigh > /tmp/m & sleep 0.4; ip neigh add 172.17.0.88 lladdr 02:00:00:00:00:88 dev docker0; ip neigh del 172.17.0.88 dev docker0; wait; grep -c . /tmp/m",
        "ip -s -h link show lo | head -4 | tail -1 | awk '{print $1}'",
      ],
      "deep/captures-settings": [
        "sysctl 'net.ipv4.ip_def*'",
        "cap() { timeout 4 tcpdump -l -nn -t \"$@\" 2>/dev/null > /tmp/cap & sleep 0.7; docker exec cc curl -s 172.17.0.2 >/dev/null; docker exec cc ping -c 1 172.17.0.2 >/dev/null; sleep 0.3; kill %1; wait 2>/dev/null; sed -E 's/seq [0-9:]+/seq N/; s/ack [0-9]+/ack N/; s/\\.[0-9]{5}/.P/g; s/val [0-9]+ ecr [0-9]+/val T/; s/, id [0-9]+, seq/, id N, seq/; s/id [0-9]+/id N/' /tmp/cap; }; cap -i docker0 icmp; cap -i docker0 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'; cap -i docker0 'src host 172.17.0.3 and dst port 80 and tcp[13]=2'; cap -i docker0 -v 'icmp[icmptype] == icmp-echo'; cap -i docker0 'not port 80 and not icmp and not arp'; cap -i any icmp | sed -E 's/veth[0-9a-f]+/VETH/'",
        "timeout 1 tcpdump -i docker0 'tcp['",
      ],
      "deep/shell-corners": [
        "bash -c $'cat <<EOF\\nunterminated'; bash -c $'f() {\\n  cat <<X\\nin $1\\nX\\n}\\nf arg'",
        "printf '%5d|%-5s|%05.2f|%x|%c|%%|%q|%b\\n' 42 ab 3.14159 255 xyz \"a b\" 'x\\ty'; printf '%s-%s\\n' a b c; printf '%d\\n' abc; printf '%s\\n' \"${@:-none}\"; printf -v z '%03d' 7; echo $z; echo -e 'a\\tb\\x41\\u00e9\\c'; echo -n nonl; echo; echo -E 'a\\tb'",
      ],
      "deep/shell-refusals": [
        "bash -c $'cat <<EOF\\nun\\n'; bash -c $'echo 1\\ncat <<EOF\\nun\\ndeux'",
        "f(",
        'f() { g; }; g() { echo ${FUNCNAME[@]} ${#FUNCNAME[@]} $FUNCNAME; }; f; echo "[$FUNCNAME]"; declare -p FUNCNAME',
        "cd a b; cd -; echo $?; cd ''; pwd; cd ~nosuch; echo ~root ~nosuch ~/x; cd --help 2>&1 | head -1; pushd /tmp; popd; popd; dirs; pushd; echo $?",
      ],
      "deep/port-refused": [
        "docker inspect -f '{{range $k,$v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}} {{$v.Gateway}};{{end}}' ww",
      ],
      "deep/meddled-host": [
        "timeout 3 docker exec aa ip monitor route > /tmp/m & sleep 0.5; docker network connect bridge aa; wait; grep -v fe80 /tmp/m",
        "timeout 3 docker exec aa ip monitor address > /tmp/m & sleep 0.5; docker network disconnect bridge aa; wait; grep -v fe80 /tmp/m | grep -v valid",
        "timeout 3 ip monitor link > /tmp/m & sleep 0.5; ip link set br-j3 alias hello; ip link set br-j3 promisc on; ip link set br-j3 promisc off; ip link set br-j3 txqueuelen 500; wait; grep -v link/ /tmp/m",
      ],
      "deep/gaps": ["brctl showstp br9 | sed -E 's/[0-9a-f]{4}\\.[0-9a-f]{12}/ID/; s/ +[0-9]+\\.[0-9]+$/ T/'"],
      "deep/spanning-tree": ["ip -d link show br9 | grep -o 'forward_delay.*ageing_time [0-9]* stp_state [0-9]* priority [0-9]*'"],
      "deep/traffic-control": [
        "timeout 2 ip monitor link > /tmp/m & sleep 0.5; ip link add vm0 type veth peer name vm1; ip link set vm0 up; ip link del vm0; wait; sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g' /tmp/m",
        "timeout 2 ip monitor neigh > /tmp/m & sleep 0.5; ip neigh add 172.17.0.99 lladdr 02:00:00:00:00:99 dev docker0; ip neigh del 172.17.0.99 dev docker0; wait; cat /tmp/m",
      ],
      "deep/monitor": [
        "timeout 3 ip monitor link > /tmp/m & sleep 0.5; ip link add v0 type veth peer name v1; ip link set v0 master br-mon; ip link set v0 up; ip link set v1 up; ip link set v1 name w1; ip link del v0; wait; sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g' /tmp/m",
        "timeout 3 ip monitor address route > /tmp/m & sleep 0.5; ip link set br-mon down; ip link set br-mon up; wait; sed -E 's/fe80::[0-9a-f:]+/LL/' /tmp/m",
      ],
      "deep/bridge-tools": ["bridge fdb show br br8 | grep 02:00", "bridge -s fdb show br br8 | grep 02:00", "ip link set br8 master br8"],
      "deep/curl-wget": ["docker exec c1 wget -O - web", "busybox wget -q -O - localhost:8080"],
      "deep/ip-neigh": ["docker exec c1 arp", "docker exec c1 arp -i nosuch", "docker exec c1 ip neigh show nud all"],
      "deep/ip-route": ["docker exec c1 ip route get 203.0.113.80 from 10.9.9.9 iif eth0"],
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
      "deep/carrier-asked": [
        "ip link set v0 nomaster; ip -br link | awk '$1==\"brx\"{print $2,$4}'; ip -br link | awk '$1==\"brx\"{print $2,$4}'; ip route show dev brx",
      ],
      "deep/probes-sockets": [
        "ping -c 3 -W 1 -i 0.2 -n 10.255.255.1 | tail -2 | sed 's/time .*/T/'",
        "traceroute -n --mtu 203.0.113.80 | sed 's/[0-9.]* ms/T/g'",
      ],
      "deep/names-web": ["docker exec c1 wget -T 1 -q -O - 10.255.0.1; echo $?"],
      "deep/terminals-rotation": [
        "cd /tmp/p; rm -f *; (sleep 0.5; ping -c 4 -i 0.8 172.17.0.2 >/dev/null) & timeout 10 tcpdump -i docker0 -w 'cap%s' -G 1 -W 3 -Z root -n icmp 2>&1 | sed 's/^[0-9]* /N /'; wait; ls | wc -l; for f in *; do tcpdump -nr $f 2>/dev/null | wc -l; done",
      ],
      "deep/shell-corners": [
        "time true 2>&1 | grep -c real; { time sleep 0.1; } 2>&1 | grep -E 'real' | cut -c1-10; TIMEFORMAT=%R; { time true; } 2>&1 | cut -c1-3; alias l='ls -d'; alias; l /tmp; unalias l; history | tail -1; ulimit -n | awk '{print ($1>0)}'; eval 'echo $((1+1))'; eval \"x='a b'\"; echo \"$x\"; source /dev/stdin <<< 'echo sourced'; . /nosuch; echo $?",
      ],
      "deep/shell-refusals": [
        "TIMEFORMAT='%3R %U %S %P%% %lR'; time sleep 0.1; TIMEFORMAT=; time true; TIMEFORMAT='%1lR x %0R'; time sleep 0.1",
      ],
      "deep/broken-sandboxes": ["curl -s -m 1 127.0.0.1:8080; echo $?"],
      "deep/policy-rules": ["docker exec c1 ping -c 1 -W 1 10.77.0.1"],
      "deep/conntrack-tool": [
        "conntrack -L --dst-nat 2>/dev/null | wc -l",
        "timeout 2 conntrack -E -p tcp > /tmp/e 2>/dev/null & sleep 0.5; curl -s 192.168.0.10:8080 > /dev/null; docker exec c1 curl -s 192.168.0.10:8080 >/dev/null; wait; sed -E 's/sport=[0-9]{4,}/sport=N/g; s/dport=[0-9]{4,}/dport=N/g' /tmp/e",
      ],
      "deep/conntrack-made": ["conntrack -U -p udp -t 200", "conntrack -U -p tcp --sport 2 -u SEEN_REPLY", "conntrack -D -p udp --sport 6"],
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
      "deep/ports-seen": ["iptables-save -t nat | grep -v '^#'", "iptables -t nat -nvL POSTROUTING | awk '{print $3,$4,$6,$7,$8,$9}'"],
      "deep/conntrack-ipv6": ["conntrack -L | grep -c '::1'", "conntrack -C", "conntrack -L -p igmp", "iptables -t nat -L POSTROUTING -nv"],
      "deep/iptables-list": ["iptables -t nat -L -n -v --line-numbers", "iptables -L INPUT -n -v"],
      "deep/iptables-restore": ["iptables-save -t nat | grep -v '^#'", "conntrack -L 2>/dev/null | wc -l"],
      "deep/iptables-save": ["iptables-save | sed 's/^#.*//'", "iptables-save -t nat | sed 's/^#.*//'"],
    },
  ],
  [
    "The recording host's images hold fewer tools, or BusyBox's, where the model's hold the usual ones.",
    {
      "deep/stopped-containers": ["docker exec web ps | grep -v ps"],
      "deep/probes-sockets": [
        "docker exec c1 busybox ping -c 1 172.17.0.3 | sed 's/time=.*/T/; s/= .*/= R/'",
        "docker exec c1 busybox ping -c 1 -W 1 172.17.0.99",
        "docker exec c1 busybox ping nosuch",
        "docker exec c1 busybox traceroute nosuch",
        "docker exec c1 busybox arping -c 1 -I eth0 172.17.0.3 | sed 's/\\[.*\\]/[M]/; s/ [0-9.]*ms/ T/'",
        "docker exec web netstat -tlnp",
      ],
      "deep/names-web": [
        "docker exec c1 busybox nslookup web",
        "docker exec c1 busybox nslookup nosuch",
        "docker exec c1 busybox nslookup example.com",
        "docker exec c1 telnet web 80 < /dev/null",
        "docker exec c1 sh -c '(echo \"GET / HTTP/1.0\"; echo; sleep 0.5) | telnet web 80 | tail -1'",
        "docker exec c1 dnsdomainname",
        "docker run --rm --add-host foo:1.2.3.4 --add-host gw:host-gateway alpine sh -c 'getent hosts foo gw; ping -c 1 -W 1 foo | head -1'",
        "docker run --rm --network none alpine sh -c 'cat /etc/resolv.conf; getent hosts web; ip -br a'",
        "docker exec c1 sh -c 'echo \"1.2.3.4 web\" >> /etc/hosts; getent hosts web; ping -c 1 -W 1 web | head -1; nslookup web | tail -2; dig +short web'",
        "docker exec c1 sh -c 'echo nameserver 192.168.0.1 > /etc/resolv.conf; nslookup www; nslookup example.com | tail -3 | head -2; curl -sS www'",
      ],
      "deep/namespaces-bridges": ["docker exec aa ping6 -c 1 fd40::1 | head -1"],
      "deep/captures-settings": [
        "docker exec -d cc tcpdump -i eth0 -w /tmp/x.pcap -c 2 icmp; sleep 0.5; docker exec cc ping -c 1 172.17.0.2 >/dev/null; sleep 0.3; docker exec cc tcpdump -nn -t -r /tmp/x.pcap 2>/dev/null | sed -E 's/id [0-9]+/id N/'; docker exec cc tcpdump -i any -c 1 2>&1 | head -1 & sleep 0.5; docker exec cc ping -c 1 172.17.0.2 > /dev/null; wait",
      ],
      "deep/curl-wget": ["docker exec c1 curl --version | head -1", "docker exec c1 curl -V | head -1", "wget -q -O - localhost:8080"],
      "deep/dns": ["docker exec c1 getent networks loopback", "docker exec c1 getent passwd root"],
      "deep/net-tools": ["docker exec c1 hostname -i", "nameif", "mii-tool eth0", "mii-tool"],
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
      "deep/namespaces-bridges": ["ls /sys/class/net/brq | head -5"],
      "deep/tracked-counted": [
        "cat /proc/net/fib_trie | head -3",
        "cat /proc/net/netfilter/nf_log | head -1",
        "cat /proc/mounts | grep -c proc",
        "cat /proc/cmdline | wc -l",
        "cat /proc/stat | head -1 | cut -d' ' -f1",
        "ls /proc/self/fd | head -3 | tr '\\n' ' '",
        "tr '\\0' ' ' < /proc/self/cmdline",
      ],
      "deep/gaps": [
        "ls /sys/class/net/docker0/bridge | tr '\\n' ' '",
        "ls /proc/net | tr '\\n' ' '",
        "cat /proc/net/snmp | grep Icmp: | head -1",
        "cat /proc/net/netstat | head -1 | cut -c 1-60",
      ],
      "deep/proc-net": [
        "docker exec c1 cat /proc/net/fib_triestat",
        "docker exec c1 cat /proc/net/protocols | head -3",
        "docker exec c1 cat /proc/net/snmp | grep -i icmp:",
        "docker exec c1 cat /proc/net/netstat | head -1 | cut -c 1-60",
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
      "deep/proxy-neighbours": ["docker exec g1 sysctl net.ipv4.ip_forward"],
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
  [
    "An order of the recording that is one of chance: of a Go map, of a hash, of two questions at once.",
    {
      "deep/dns": ["docker exec c1 getent foo bar"],
      "deep/shell-corners": [
        "x=1 y=2 env | grep -E '^[xy]='; echo \"[$x]\"; export Q=7; bash -c 'echo $Q'; readonly R=1; R=2; echo $?; unset R; declare -i n=5; n+=3; echo $n; n=abc; echo $n; declare -r; local z; echo $?; declare -p Q n",
      ],
      "deep/gaps": ["cat /proc/net/if_inet6 | awk '{print $2,$3,$4,$6}' | head -2"],
      "deep/broken-hosts": ["docker network inspect netx -f '{{range .Containers}}{{.Name}} {{.IPv4Address}} {{end}}'"],
      "deep/run-options": ["docker exec ini ps"],
      "deep/capture": [
        "timeout 3 tcpdump -nn -t -i eth0 -c 2 udp port 53 2>/dev/null | sed -E 's/^[0-9:.]{15} //; s/, id [0-9]+/, id N/; s/(10.30.0.11|192.168.0.10)\\.[0-9]{5}/\\1.P/; s/: [0-9]+\\+ (A|AAAA)/: Q+ \\1/; s/seq [0-9]+/seq N/; s/ack [0-9]+/ack N/; s/val [0-9]+ ecr [0-9]+/val V/' & sleep 1; docker exec c1 ping -c 1 example.com >/dev/null; wait",
      ],
      "deep/clients": ["docker exec c1 timeout 1 telnet web 80 </dev/null"],
      "deep/recorded-routes": ["docker exec c1 ip -br -4 addr | sed -E 's/@if[0-9]+//'"],
    },
  ],
  [
    "A command as awk's input is refused in one line: awk reads its files line by line here.",
    {
      "deep/shell-language": [
        'awk \'BEGIN { while (("echo a; echo b" | getline line) > 0) print "got " line; close("echo a; echo b"); "date +%Y" | getline y; print length(y) }\'',
      ],
    },
  ],
  [
    "The recording's kernel has no netem; what is refused there for want of it is done here.",
    {
      "deep/traffic-control": [
        "tc qdisc add dev docker0 root netem delay 50ms",
        "tc qdisc show dev docker0",
        "tc qdisc change dev docker0 root netem delay 100ms 10ms 25% loss 5%",
        "tc qdisc show dev docker0",
        "tc -s qdisc show dev docker0 | sed -E 's/Sent.*/Sent/'",
        "tc qdisc replace dev docker0 root netem loss 100%",
        "tc qdisc del dev docker0 root",
        "tc qdisc add dev docker0 root netem delay 1ms",
        "tc qdisc add dev docker0 root nosuch",
      ],
    },
  ],
  [
    "The client or the engine goes through these in no order of its own.",
    {
      "deep/compose-config": ["cd cfg && docker compose config --variables", "cd cfg && docker compose --profile '*' config --images"],
      "deep/compose-dep": ["cd dep && docker compose up -d"],
      "deep/compose-net": ["docker exec net-six-1 ip -6 -br addr show eth0"],
      "deep/compose-run": ["cd crun && timeout 3 docker compose watch"],
      "deep/docker-build": ["cd bld && printf 'FROM alpine\\nRUN echo out; echo err >&2; exit 4\\n' | docker build -"],
    },
  ],
  [
    "The recording's host reaches no registry, and its images are all of one size.",
    {
      "deep/run-limits": ["docker run --rm --dns 127.0.0.1 nosuch:1 true"],
      "deep/compose-config": ["cd cfg && docker compose config --lock-image-digests"],
      "deep/compose-run": ["cd crun && docker compose commit web web:mine && docker images web"],
    },
  ],
  [
    "A sysctl that no namespace has is set here, where runc refuses it.",
    {
      "deep/compose-net": [
        "cd cnet && printf 'services: {a: {image: alpine, sysctls: {kernel.foo: 1}}}\\n' > e.yaml; docker compose -p ext -f e.yaml up -d; docker compose -p ext -f e.yaml down",
      ],
    },
  ],
  [
    "The recording's kernel refuses to write the limit into a control group of the first version; the model has none.",
    {
      "deep/port-refused": ["docker update --memory-swap 500m m1"],
      "deep/run-limits": ["docker run --rm --cpus 0.0001 alpine true"],
    },
  ],
  [
    "The ids of containers are counted by what was printed before, which differs.",
    { "deep/run-limits": ["docker run --rm -e 'A B=1' alpine env"] },
  ],
  [
    "Known, and of no use to anybody yet: a port 0 inside, a second network on docker0, a MAC address of eight bytes.",
    {
      "deep/port-ranges": ["iptables-save -t nat | grep -E 'dport|DOCKER -' | sed -E 's/dport 3[0-9]{4}/dport N/'"],
      "deep/gateway-modes": [
        "docker network create -o com.docker.network.bridge.vxlan=1 -o com.docker.network.bridge.default_bridge=true df",
      ],
      "deep/run-refused": ["docker run --rm --mac-address 02:42:ac:11:00:99:00:11 alpine cat /sys/class/net/eth0/address"],
    },
  ],
  [
    "The ids of networks are counted by what was printed before, which differs.",
    {
      "deep/gateway-modes": [
        "docker network create -o com.docker.network.enable_ipv6=true e6; docker network inspect e6 -f '{{.EnableIPv6}}'",
      ],
    },
  ],
  [
    "The order of the recording is one of chance, the same twice: of a Go map, or of two streams that are written at once.",
    {
      "deep/compose-ways": [
        "cd /root/m; printf 'services:\\n  a: {image: alpine, command: sleep 100, networks: {n: {aliases: [x, y]}, o: {ipv4_address: 10.32.0.9}}}\\n  b: {image: alpine, command: sleep 100, networks: [n]}\\nnetworks:\\n  n: \\n  o: {ipam: {config: [{subnet: 10.32.0.0/24}]}}\\n' > e.yaml; docker compose -f e.yaml up -d 2>&1 | sort; docker compose -f e.yaml exec b getent hosts x | awk '{print $2}'; docker compose -f e.yaml exec b getent hosts a | awk '{print $2}'; docker compose -f e.yaml exec a ip -4 -br addr show | awk '{print $3}' | sort; docker compose -f e.yaml up -d --scale a=2; docker compose -f e.yaml up -d --scale b=3 2>&1 | sort; docker compose -f e.yaml exec a getent hosts b | wc -l; docker compose -f e.yaml exec --index 3 b hostname | wc -c; docker compose -f e.yaml down -t 0 2>&1 | sort",
      ],
      "deep/run-refused": ["docker run --rm --net host --net bridge alpine true"],
      "deep/life-refused": [
        "docker run --name lg alpine sh -c 'echo a; echo b >&2; echo c'; docker logs lg 2>/dev/null; docker logs -n 1 lg; docker logs --tail all lg; docker logs --since 1m --until 1m lg",
      ],
      "deep/compose-deploy": [
        "cd /root/d; printf 'services:\\n  a: {image: alpine, command: sleep 100, logging: {driver: json-file, options: {max-size: 1m, max-file: \"3\"}}, ulimits: {nofile: {soft: 1000, hard: 2000}, nproc: 65535}}\\n' > compose.yaml; docker compose config; docker compose up -d; docker inspect d-a-1 -f '{{json .HostConfig.LogConfig}} {{json .HostConfig.Ulimits}}'; docker compose exec a sh -c 'ulimit -n'; docker compose down -t 0",
      ],
    },
  ],
  [
    "The recording's control groups are of the first version, its runc cannot start what may open twenty files, and its host reaches no registry.",
    {
      "deep/run-flags": ["docker run --rm --cpu-shares 1 alpine true"],
      "deep/compose-slips": [
        'cd /root/e; printf \'services:\\n  a:\\n    image: alpine\\n    command: sleep 100\\n    links: ["b:bb", c]\\n    external_links: [ex:xx]\\n    extra_hosts: ["h1:1.2.3.4", "h2=5.6.7.8"]\\n    dns: 1.1.1.1\\n    dns_search: [a.b]\\n    dns_opt: [ndots:2]\\n    hostname: hh\\n    domainname: dd\\n    sysctls: [net.ipv4.ip_default_ttl=55]\\n    cap_add: [NET_ADMIN]\\n    expose: [99]\\n    stop_grace_period: 1m30s\\n    stop_signal: INT\\n    init: true\\n    tty: true\\n    stdin_open: true\\n    user: "0"\\n    working_dir: /tmp\\n    restart: on-failure:3\\n    labels: {a.b: c}\\n    mem_limit: 64m\\n    cpus: 0.5\\n    ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}\\n    tmpfs: /t\\n    privileged: true\\n    read_only: true\\n    security_opt: [no-new-privileges]\\n    logging: {driver: json-file, options: {max-size: 1m}}\\n    healthcheck: {disable: true}\\n  b: {image: nginx}\\n  c: {image: nginx}\\n\' > compose.yaml; docker compose config; docker run -d --name ex alpine sleep 100; docker compose up -d 2>&1 | sort; docker compose exec -T a cat /etc/hosts /etc/resolv.conf | sed -E \'s/[0-9a-f]{12}/ID/\'; docker inspect e-a-1 -f \'{{json .HostConfig.Links}} {{json .Config.ExposedPorts}} {{.Config.StopTimeout}} {{range .NetworkSettings.Networks}}{{json .Links}}{{end}}\'; docker compose down -t 0 2>&1 | sort',
      ],
      "deep/compose-deploy": [
        "cd /root/d; printf 'x-common: &c\\n  image: alpine\\n  command: sleep 100\\nservices:\\n  a:\\n    <<: *c\\n    labels: {k: v}\\n  b:\\n    <<: *c\\n    command: [\"sleep\", \"50\"]\\n' > compose.yaml; docker compose config; docker compose config --format json | head -12; docker compose config --hash '*' | wc -l; docker compose config --no-normalize; docker compose config --resolve-image-digests; docker compose config -o out.yaml; head -3 out.yaml; docker compose config zz; docker compose config --foo; docker compose convert -q; echo $?",
      ],
    },
  ],
  [
    "The model has no mount command.",
    {
      "deep/run-flags": [
        "docker run --rm -v /tmp alpine sh -c 'mount | grep -c \" /tmp \"'",
        'docker run --rm --tmpfs /t:size=1m alpine sh -c \'mount | grep " /t " | cut -d " " -f 1-5\'',
      ],
    },
  ],
  [
    "The recording's images are one small image, with a command of its own and other files in it; how long things have been up is a matter of elapsed seconds.",
    {
      "deep/container-lists": [
        "docker ps --format '{{.Names}} {{.Status}}' | sed -E 's/Up .*(second|seconds|minute|minutes)/Up/'",
        "docker ps -s --format '{{.Names}} {{.Size}}' --filter name=a1",
        "docker container ls -f name=a2 --format '{{.Image}} {{.Command}}'",
      ],
      "deep/inspect-templates": [
        'docker inspect web | sed -E \'s/[0-9a-f]{64}/ID64/g; s/[0-9a-f]{12}/ID12/g; s/[0-9]{4}-[0-9-]+T[0-9:.]+Z/T/; s/"Pid": [0-9]+/"Pid": N/\'',
        "docker inspect -f '{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Args}} {{.Path}}' web",
      ],
      "deep/life-refused": [
        "docker export nosuch; docker export; docker commit nosuch; docker commit e1 'BAD'; docker export e1 | tar -tf - | grep -c .",
      ],
      "deep/compose-whole": [
        'cd /root/app; docker compose ps --format json | sed -E \'s/"(ID|CreatedAt|RunningFor|Status)":"[^"]*"/"\\1":X/g; s/,[a-z.]*=[^,"]*//g\' | sed -E \'s/"Labels":"[^"]*"/L/\'',
      ],
    },
  ],
  [
    "Templates know no pointers to numbers and no methods of a network mode, and are read whole before they are looked into.",
    {
      "deep/inspect-templates": ["docker inspect --size web -f '{{.SizeRw}} {{printf \"%T\" .SizeRootFs}}'"],
      "deep/template-slips": [
        "docker ps --format '{{ $x : 3}}'",
        "docker inspect a1 -f '{{.HostConfig.NetworkMode.IsBridge}} {{.HostConfig.NetworkMode.IsUserDefined}} {{.HostConfig.NetworkMode.NetworkName}}'",
      ],
    },
  ],
  [
    "Compose passes what a service exposes on as it is written; here as ports with their protocols.",
    {
      "deep/compose-deploy": [
        "cd /root/d; printf 'services:\\n  a: {image: alpine, command: sleep 100, expose: [99, \"53/udp\", \"80-81\"]}\\n' > compose.yaml; docker compose config; docker compose up -d; docker inspect d-a-1 -f '{{json .Config.ExposedPorts}} {{json .NetworkSettings.Ports}}'; docker ps --format '{{.Ports}}'; docker port d-a-1; docker compose down -t 0",
      ],
    },
  ],
  [
    "The recording's files lie on a tmpfs, where directories take no blocks, and its image gives /tmp and /root to everybody.",
    {
      "deep/file-modes": [
        "mkdir -p /tmp/u && cd /tmp/u && umask 077 && touch a && mkdir b && echo x > c && ls -l | cut -c1-10",
        "docker exec c1 sh -c 'umask 077; touch /tmp/a; mkdir /tmp/b; echo > /tmp/c; cd /tmp; ls -l | cut -c1-10; stat -c \"%a %n\" a b c'",
        "docker exec c1 sh -c 'ls -ld /tmp /root /etc | cut -c1-10'",
        "docker run --rm -v v1:/d alpine sh -c 'ls -l /d | cut -c1-10'",
      ],
    },
  ],
  [
    "The recording's namespace lets nobody open ping sockets, so that ping takes raw ones.",
    {
      "deep/probes-sockets": ["ping -c 1 -v 172.17.0.2 | head -1"],
    },
  ],
  [
    "Process 1 of the recording's machine is in no namespace of the host.",
    {
      "deep/namespaces-bridges": ["ip -n red link set v0 netns 1", "ip link show v0 | head -1 | grep -o '<.*>'"],
    },
  ],
  [
    "The recording's terminals have no size, and end lines as the line discipline sends them.",
    {
      "deep/terminals-rotation": [
        "docker exec -t c1 stty size",
        'docker exec -t c1 sh -c \'stty -echo; stty | tr "\\r" " "; stty echo; stty\'',
        "docker exec -t c1 stty -a",
        "docker exec -t c1 sh -c 'stty foo; stty -g; stty rows 30; stty size; stty cols 100; stty size; stty rows'",
      ],
    },
  ],
];

export const DEEP_REASONS: readonly Reason[] = GROUPS.flatMap(([why, recordings]) =>
  Object.entries(recordings).flatMap(([recording, commands]) => commands.map((command) => ({ recording, command, why }))),
);
