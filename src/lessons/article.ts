/** The article, as lines to type: each section's own commands, with what to look at. */
import type { Language } from "../i18n/index.ts";

export interface ArticleStep {
  readonly id: string;
  readonly say: Readonly<Record<Language, string>>;
  /** Lines to type one after the other, or a key. */
  readonly type: readonly (string | { readonly key: "C-c" | "C-d" | "C-p C-q" })[];
  /** Nodes to put the spotlight on: names of containers, networks, machines. */
  readonly look?: readonly string[];
}

export const ARTICLE: readonly ArticleStep[] = [
  {
    id: "networks",
    say: {
      en: "Docker comes with three networks: bridge, host and none.",
      ko: "도커에는 기본 네트워크가 셋 있습니다: bridge, host, none.",
    },
    type: ["docker network ls"],
    look: ["bridge"],
  },
  {
    id: "sequential",
    say: {
      en: "Containers get 172.17.0.X in order. eth0 inside and a veth on the host are the ends of one cable; the veth is plugged into docker0.",
      ko: "컨테이너는 172.17.0.X를 순서대로 받습니다. 컨테이너의 eth0과 호스트의 veth는 한 케이블의 양 끝이고, veth가 docker0에 꽂힙니다.",
    },
    type: ["docker run -itd --name c1 ubuntu:18.04", "docker run -itd --name c2 ubuntu:18.04", "docker exec c1 ifconfig eth0"],
    look: ["bridge", "c1", "c2"],
  },
  {
    id: "host-interfaces",
    say: {
      en: "On the host, ifconfig shows docker0, eth0 and one vethXXXXXXX for each container.",
      ko: "호스트에서 ifconfig를 실행하면 docker0, eth0, 그리고 컨테이너마다 vethXXXXXXX가 보입니다.",
    },
    type: ["ifconfig", "brctl show"],
  },
  {
    id: "first-ping",
    say: {
      en: "A ping from c1 to c2: first ARP asks everybody, then ICMP goes straight through the bridge.",
      ko: "c1에서 c2로 핑을 보냅니다. 먼저 ARP로 모두에게 물은 뒤, ICMP가 브리지를 곧장 지나갑니다.",
    },
    type: ["docker exec c1 ping -c 1 172.17.0.3"],
    look: ["c1", "bridge", "c2"],
  },
  {
    id: "user-defined",
    say: {
      en: "A bridge of your own gets the next subnet: the container on it is 172.18.0.2.",
      ko: "사용자 정의 브리지는 다음 서브넷을 받습니다. 여기 붙은 컨테이너는 172.18.0.2입니다.",
    },
    type: [
      "docker network create --driver bridge mybridge",
      "docker run -it --name mynetwork_container --net mybridge ubuntu:18.04",
      "ifconfig",
      { key: "C-p C-q" },
    ],
    look: ["mybridge", "mynetwork_container"],
  },
  {
    id: "disconnect",
    say: {
      en: "Networks can be unplugged from a running container, and plugged in again.",
      ko: "실행 중인 컨테이너에서 네트워크를 떼었다가 다시 붙일 수 있습니다.",
    },
    type: ["docker network disconnect mybridge mynetwork_container", "docker network connect mybridge mynetwork_container"],
    look: ["mybridge", "mynetwork_container"],
  },
  {
    id: "subnet",
    say: {
      en: "Subnet, gateway and the range that addresses are taken from can be chosen.",
      ko: "서브넷, 게이트웨이, IP 할당 범위를 직접 정할 수도 있습니다.",
    },
    type: [
      "docker network create --driver=bridge --subnet=172.72.0.0/16 --ip-range=172.72.0.0/24 --gateway=172.72.0.1 my_custom_network",
      "docker run -itd --name custom --net my_custom_network ubuntu:18.04",
    ],
    look: ["my_custom_network", "custom"],
  },
  {
    id: "host",
    say: {
      en: "--net host: no namespace of its own. ifconfig inside shows the host's interfaces.",
      ko: "--net host: 자기 네임스페이스가 없습니다. 안에서 ifconfig를 하면 호스트의 인터페이스가 보입니다.",
    },
    type: ["docker run -it --name network_host --net host ubuntu:18.04", "ifconfig eth0", { key: "C-p C-q" }],
    look: ["network_host"],
  },
  {
    id: "none",
    say: { en: "--net none: only lo. Cut off from everything.", ko: "--net none: lo뿐입니다. 외부와 단절됩니다." },
    type: ["docker run -itd --name network_none --net none ubuntu:18.04", "docker exec network_none ip addr"],
    look: ["network_none"],
  },
  {
    id: "container",
    say: {
      en: "--net container: two containers in one namespace, with one address and one MAC.",
      ko: "--net container: 두 컨테이너가 한 네임스페이스를 씁니다. IP도 MAC도 하나입니다.",
    },
    type: [
      "docker run -it -d --name network_container_1 ubuntu:18.04",
      "docker run -it -d --name network_container_2 --net container:network_container_1 ubuntu:18.04",
      "docker exec network_container_2 ip addr show eth0",
    ],
    look: ["network_container_1", "network_container_2"],
  },
  {
    id: "alias",
    say: {
      en: "Three containers with one alias. The article's line has a stray backslash; this is the line that works.",
      ko: "같은 별칭을 가진 컨테이너 셋입니다. 글의 명령에 잘못 들어간 백슬래시는 뺐습니다.",
    },
    type: [
      "docker run -it -d --name network_alias_container1 --net mybridge --net-alias alicek106 ubuntu:18.04",
      "docker run -it -d --name network_alias_container2 --net mybridge --net-alias alicek106 ubuntu:18.04",
      "docker run -it -d --name network_alias_container3 --net mybridge --net-alias alicek106 ubuntu:18.04",
    ],
    look: ["mybridge", "network_alias_container1", "network_alias_container2", "network_alias_container3"],
  },
  {
    id: "alias-ping",
    say: {
      en: "The embedded DNS server answers with all three addresses, and they take turns: each ping reaches another container.",
      ko: "내장 DNS는 세 주소를 모두, 차례를 돌려 가며 알려 줍니다. 그래서 핑을 보낼 때마다 다른 컨테이너가 답합니다.",
    },
    type: [
      "docker run -it --name network_alias_ping --net mybridge ubuntu:18.04",
      "ping -c 1 alicek106",
      "ping -c 1 alicek106",
      "ping -c 1 alicek106",
      { key: "C-p C-q" },
    ],
    look: ["network_alias_ping", "mybridge", "network_alias_container1", "network_alias_container2", "network_alias_container3"],
  },
  {
    id: "macvlan",
    say: {
      en: "macvlan gives a container an address of the real LAN. It reaches the LAN server, but never its own host.",
      ko: "MacVLAN은 컨테이너에 실제 LAN의 주소를 줍니다. LAN 서버와는 통신하지만 자기 호스트와는 통신하지 못합니다.",
    },
    type: [
      "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o macvlan_mode=bridge -o parent=eth0 my_macvlan",
      "docker run -itd --name m1 --network my_macvlan ubuntu:18.04",
      "docker exec m1 ping -c 1 192.168.0.20",
      "docker exec m1 ping -c 1 -W 1 192.168.0.10",
    ],
    look: ["m1", "my_macvlan", "server"],
  },
];
