/**
 * What people type, drawn from few names so that lines get in each other's way: the same container started twice, a network
 * removed under a container, an address given out that somebody has, a cable cut. Some lines are wrong on purpose.
 */
import fc from "fast-check";

const CONTAINERS = ["web", "db", "api", "job", "box", "app"];
const NETWORKS = ["front", "back", "lan", "six"];
/** Devices that people make on the host. */
const OWN_DEVICES = ["br9", "v1", "v2", "dum"];

const pick = fc.constantFrom;
const container = pick(...CONTAINERS);
const network = pick(...NETWORKS, ...NETWORKS, "bridge");
const anyNetwork = fc.oneof(
  { weight: 12, arbitrary: pick(...NETWORKS) },
  { weight: 1, arbitrary: pick("bridge", "host", "none", "nosuch") },
);
const address = pick("172.18.0.2", "172.18.0.3", "172.18.0.9", "172.19.0.2", "10.7.0.5", "10.7.0.200", "192.168.0.77", "fd00:7::9");
const image = fc.oneof(
  { weight: 20, arbitrary: pick("alpine", "busybox", "nginx", "ubuntu", "httpd") },
  { weight: 1, arbitrary: fc.constant("nosuchimage") },
);
const program = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: pick(" sleep 3", " sleep 300") },
  { weight: 1, arbitrary: pick(" true", " sh -c 'exit 3'", " nosuch", " sh -c 'sleep 1; exit 1'") },
);

/** A flag that is there once in so many times. */
const flag = (name: string, value: fc.Arbitrary<string> = fc.constant(""), seldom = 10): fc.Arbitrary<string> =>
  fc.oneof({ weight: seldom - 1, arbitrary: fc.constant("") }, { weight: 1, arbitrary: value.map((text) => ` ${name} ${text}`) });
const line = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((words) => words.join(""));

const port = pick("80", "8080:80", "127.0.0.1:8080:80", "8080-8082:80", "53:53/udp", "[::1]:8080:80", "9000-9001:80-81");
const mode = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  { weight: 6, arbitrary: line(" --net ", anyNetwork, flag("--ip", address, 5), flag("--network-alias", pick("app", "web", "x"), 4)) },
  { weight: 1, arbitrary: line(" --net container:", container) },
  { weight: 1, arbitrary: line(" --network ", network, " --network ", network) },
  { weight: 1, arbitrary: line(flag("--link", container, 2), flag("--mac-address", fc.constant("02:00:00:00:00:07"), 2)) },
);
const extras = line(
  flag("-p", port, 4),
  flag("--rm"),
  flag("--privileged", undefined, 6),
  flag("--cap-add", fc.constant("NET_ADMIN")),
  flag("--restart", pick("always", "on-failure:2", "unless-stopped"), 8),
  flag("-P"),
  flag("--sysctl", fc.constant("net.ipv4.ip_forward=0"), 20),
  flag("--dns", fc.constant("192.168.0.1"), 20),
);

const start = fc.oneof(
  { weight: 8, arbitrary: pick("docker run -d", "docker run -itd", "docker run -td") },
  { weight: 1, arbitrary: fc.constant("docker create") },
);
const run = line(start, " --name ", container, mode, extras, " ", image, program);

const driver = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: pick(" -d macvlan -o parent=eth0", " -d ipvlan -o parent=eth0", " -d nosuch") },
);
const option = pick("enable_icc=false", "enable_ip_masquerade=false", "name=brx", "gateway_mode_ipv4=routed");
const create = line(
  "docker network create",
  driver,
  flag("--subnet", pick("10.7.0.0/24", "10.7.0.0/29", "172.18.0.0/16", "192.168.0.0/24", "10.7.0.9/24"), 3),
  flag("--gateway", fc.constant("10.7.0.1"), 12),
  flag("--ip-range", fc.constant("10.7.0.128/25"), 12),
  flag("--aux-address", fc.constant("x=10.7.0.5"), 12),
  flag("--internal"),
  flag("--ipv6", undefined, 6),
  flag("--ipv6 --subnet", fc.constant("fd00:7::/64"), 10),
  flag("-o com.docker.network.bridge.", option, 8).map((text) => text.replace("bridge. ", "bridge.")),
  " ",
  pick(...NETWORKS),
);

const dockerLine = fc.oneof(
  { weight: 22, arbitrary: run },
  { weight: 9, arbitrary: create },
  { weight: 2, arbitrary: line("docker network rm ", network) },
  {
    weight: 6,
    arbitrary: line(
      "docker network connect",
      flag("--ip", address, 5),
      flag("--alias", pick("app", "web"), 5),
      " ",
      network,
      " ",
      container,
    ),
  },
  { weight: 3, arbitrary: line("docker network disconnect ", flag("-f"), " ", network, " ", container) },
  { weight: 4, arbitrary: line("docker start ", container) },
  { weight: 2, arbitrary: line("docker stop ", pick("-t 0 ", "-t 1 ", ""), container) },
  { weight: 2, arbitrary: line("docker restart -t 0 ", container) },
  { weight: 1, arbitrary: line("docker kill ", flag("-s HUP"), " ", container) },
  { weight: 2, arbitrary: line("docker rm ", pick("-f ", "-f ", ""), container) },
  { weight: 2, arbitrary: line(pick("docker pause ", "docker unpause "), container) },
  { weight: 1, arbitrary: line("docker rename ", container, " ", container) },
  { weight: 1, arbitrary: line("docker update --restart ", pick("no", "always"), " ", container) },
  { weight: 1, arbitrary: pick("docker network prune -f", "docker container prune -f", "docker system prune -f") },
  { weight: 1, arbitrary: line("docker rm -f ", container, " ", container, " && docker network rm ", network) },
  {
    weight: 2,
    arbitrary: pick(
      "docker ps -a",
      "docker network ls",
      "docker network inspect bridge",
      "docker inspect web",
      "docker port web",
      "docker logs db",
      "docker images",
    ),
  },
  {
    weight: 6,
    arbitrary: line(
      "docker exec ",
      container,
      " ",
      pick(
        "ip addr",
        "ip route",
        "ping -c 1 -W 1 172.18.0.3",
        "ping -c 1 -W 1 192.168.0.20",
        "ping -c 2 -i 0.2 -W 1 db",
        "ping -c 1 -W 1 app",
        "nslookup web",
        "curl -s -m 2 http://web/",
        "curl -s -m 2 http://192.168.0.10:8080/",
        "wget -q -O - -T 2 http://example.com/",
        "ip link set eth0 down",
        "ip link set eth0 up",
        "ip addr add 172.18.0.9/16 dev eth0",
        "ip route del default",
        "ip link del eth0",
        "iptables -A OUTPUT -j DROP",
        "cat /etc/hosts",
        "cat /etc/resolv.conf",
        "kill 1",
        "sh -c 'echo x > /tmp/x; cat /tmp/x'",
        "ip link add v1 type veth peer name v2",
      ),
    ),
  },
);

const own = pick(...OWN_DEVICES, "docker0", "eth0");
const kernelLine = fc.oneof(
  line(
    "ip link set ",
    own,
    " ",
    pick("up", "down", "up", "mtu 1400", "nomaster", "master br9", "master docker0", "promisc on", "address 02:00:00:00:00:09"),
  ),
  pick(
    "ip link add br9 type bridge",
    "ip link add v1 type veth peer name v2",
    "ip link add dum type dummy",
    "brctl addbr br9",
    "brctl addif br9 v1",
  ),
  line("ip link del ", pick(...OWN_DEVICES)),
  pick(
    "ip link set $(ip -o link | grep -o 'veth[0-9a-f]*' | head -1) down",
    "ip link del $(ip -o link | grep -o 'veth[0-9a-f]*' | tail -1)",
    "ip link set $(ip -o link | grep -o 'veth[0-9a-f]*' | tail -1) nomaster",
    "tc qdisc add dev docker0 root netem delay 5ms loss 10%",
    "tc qdisc del dev docker0 root",
    "ip neigh flush all",
    "ip addr flush dev br9",
  ),
  line("ip addr ", pick("add", "del"), " ", pick("10.7.0.1/24", "172.18.0.1/16", "172.17.0.5/16", "10.9.9.1/24"), " dev ", own),
  line(
    "ip route ",
    pick("add", "del", "replace"),
    " ",
    pick("10.7.0.0/24", "172.18.0.0/16", "10.99.0.0/16", "blackhole 10.98.0.0/16"),
    pick("", " dev docker0", " via 192.168.0.1"),
  ),
  line(
    "iptables ",
    pick(
      "-I DOCKER-USER -j DROP",
      "-F DOCKER-USER",
      "-I FORWARD -j ACCEPT",
      "-D FORWARD 1",
      "-F FORWARD",
      "-P FORWARD DROP",
      "-P FORWARD ACCEPT",
      "-t nat -F POSTROUTING",
      "-A INPUT -p icmp -j REJECT",
      "-D INPUT -p icmp -j REJECT",
      "-F INPUT",
      "-t nat -D DOCKER 1",
      "-N MINE",
      "-A MINE -j RETURN",
      "-X MINE",
      "-S",
      "-vnL",
    ),
  ),
  pick(
    "sysctl -w net.ipv4.ip_forward=0",
    "sysctl -w net.ipv4.ip_forward=1",
    "sysctl -w net.bridge.bridge-nf-call-iptables=0",
    "sysctl -w net.ipv4.conf.all.rp_filter=1",
  ),
  pick(
    "conntrack -F",
    "conntrack -L",
    "ip addr",
    "ip -6 route",
    "bridge fdb",
    "ss -ltn",
    "ip rule add from 172.18.0.0/16 table 100",
    "ip rule del table 100",
    "systemctl restart docker",
  ),
);

const probeLine = pick(
  "ping -c 1 -W 1 172.17.0.2",
  "ping -c 2 -i 0.2 192.168.0.20",
  "ping -c 1 -W 1 172.18.0.2",
  "curl -s -m 2 http://localhost:8080/",
  "curl -s -m 2 http://172.17.0.2/",
  "curl -s -m 2 http://example.com/",
  "dig +short +time=1 +tries=1 example.com",
  "ping -q -c 20 -i 0.01 192.168.0.1",
  "traceroute -n -w 1 -q 1 203.0.113.80",
  "sleep 2",
  "for i in 1 2 3; do docker run -d --rm alpine sleep 2; done",
  "ping -c 2 192.168.0.1 & sleep 1; wait",
  "echo $?",
  "false || echo no",
  "nosuchcommand",
  "docker run --nosuchflag",
  "ip link set nosuch up",
);

export const anyLine: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: dockerLine },
  { weight: 3, arbitrary: kernelLine },
  { weight: 2, arbitrary: probeLine },
);

/** Lines that go on until a key ends them, or that take what is typed for themselves. */
export const openLine: fc.Arbitrary<string> = pick(
  "ping 192.168.0.20",
  "docker run -it --rm alpine sh",
  "docker exec -it web sh",
  "docker attach db",
  "docker logs -f web",
  "docker events",
  "tcpdump -ni docker0",
  "conntrack -E",
  "cat",
  "while true; do sleep 1; done",
  "ip monitor",
);

/** Something to get in the way of. */
export const BEGINNING: readonly string[] = [
  "docker network create front",
  "docker network create --subnet 10.7.0.0/24 back",
  "docker run -itd --name web --net front -p 8080:80 nginx",
  "docker run -itd --name db --net back --network-alias app alpine",
];

/** Removes all that lines of this vocabulary can have made on the host. */
export const CLEAN_UP: readonly string[] = [
  "docker rm -f $(docker ps -aq)",
  "docker network prune -f",
  ...OWN_DEVICES.map((name) => `ip link del ${name}`),
];
