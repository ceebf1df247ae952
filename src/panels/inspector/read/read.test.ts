import { beforeAll, describe, expect, it } from "vitest";
import { Bridge } from "../../../kernel/device/bridge.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { aliasesOf } from "../../gestures/aliases.ts";
import { TestStage } from "../../stage.fixture.ts";
import { connectionState, flow } from "./connection.ts";
import { commandOf, containerActs, environmentOf, logTail, namesOn, orderActs, portsOf, stateOf } from "./container.ts";
import { manyActs } from "./many.ts";
import {
  addressesOf,
  connectionActs,
  destinationOf,
  farEnd,
  linkActs,
  linkState,
  localEnd,
  natOf,
  neighbourActs,
  neighbourAge,
  qdiscActs,
  qdiscOf,
  routeActs,
  routesOf,
  socketsOf,
  sysctlsOf,
} from "./netns.ts";
import { fdbActs, networkActs, optionsOf, otherOptions, poolActs, poolRows, portActs } from "./network.ts";
import { type Act, inContainer, onMachine } from "./place.ts";
import { chainActs, chainsAt, conditionsOf, hasRules, LastPackets, outcomeOf, policyKey, ruleActs, ruleKey, strayChains } from "./rules.ts";
import { age, bytes, count } from "./units.ts";

const HOST = onMachine("docker-host");

describe("a container's netns", () => {
  let stage: TestStage;
  let netns: Netns;
  beforeAll(() => {
    stage = new TestStage(
      "docker network create mine",
      "docker run -d --name web --net mine --net-alias app -p 8080:80 -e A=1 nginx",
      "docker run -itd --name c1 --net mine --net-alias app ubuntu:18.04",
      "docker exec c1 ping -c 1 web",
    );
    netns = stage.container("c1").netns as Netns;
  });
  const c1 = () => inContainer(stage.host, stage.container("c1"));
  /** Runs what an act offers, as pressing its button does. */
  const press = (acts: readonly Act[]): void => {
    for (const { line, machine } of acts) expect(stage.run(line, machine), line).toMatchObject({ status: 0 });
  };

  it("shows an interface with its address and the peer on the host", () => {
    const eth0 = netns.device("eth0")!;
    expect(linkState(eth0)).toBe("UP");
    expect(addressesOf(eth0)).toEqual(["172.18.0.3/16"]);
    const far = farEnd(eth0)!;
    expect(far).toMatchObject({ kind: "peer", elsewhere: true });
    expect(far.device.name).toMatch(/^veth/);
  });

  it("sets an interface down and up again by docker exec", () => {
    const eth0 = netns.device("eth0")!;
    expect(linkActs(eth0, c1()).map(({ line }) => line)).toEqual(["docker exec --privileged c1 ip link set eth0 down"]);
    press(linkActs(eth0, c1()));
    expect(linkState(eth0)).toBe("DOWN");
    press(linkActs(eth0, c1()));
    expect(linkState(eth0)).toBe("UP");
  });

  it("offers nothing where nobody can type", () => {
    expect(linkActs(netns.device("eth0")!, undefined)).toEqual([]);
  });

  it("deletes a route, and offers the line that was run", () => {
    stage.run("docker exec --privileged c1 ip route add default via 172.18.0.1");
    const route = routesOf(netns).find((one) => destinationOf(one) === "default")!;
    const [act] = routeActs(route, c1());
    expect(act!.line).toBe("docker exec --privileged c1 ip route del default via 172.18.0.1 dev eth0");
    press([act!]);
    expect(routesOf(netns).map(destinationOf)).toEqual(["172.18.0.0/16"]);
    press([{ says: "up", machine: "docker-host", line: "docker exec --privileged c1 ip route add default via 172.18.0.1" }]);
  });

  it("shows a neighbour with its age and forgets it", () => {
    stage.run("docker exec c1 ping -c 1 web");
    const entry = netns.inet.neighbours.list().find(({ mac }) => mac !== undefined)!;
    expect(entry.state).toBe("REACHABLE");
    expect(neighbourAge(entry, stage.now)).toBeGreaterThan(0);
    press(neighbourActs(entry, c1()));
    expect(netns.inet.neighbours.get(entry.ip, entry.dev)).toBeUndefined();
  });

  it("spoils a link with netem and mends it", () => {
    const eth0 = netns.device("eth0")!;
    const [delay, lose] = qdiscActs(eth0, c1());
    expect(lose!.line).toContain("netem loss 30%");
    press([delay!]);
    expect(qdiscOf(eth0)).toMatch(/^netem .*delay 100ms/);
    expect(qdiscActs(eth0, c1()).map(({ says }) => says)).toEqual(["mend"]);
    press(qdiscActs(eth0, c1()));
    expect(qdiscOf(eth0)).toBeUndefined();
  });

  it("parts listening sockets from connected ones, and writes mapped IPv4 addresses as what they are", () => {
    const { listening } = socketsOf(stage.container("web").netns!);
    expect(listening.map((socket) => `${socket.protocol} ${localEnd(socket)} ${socket.process}`)).toContain("tcp *:80 nginx");
    expect(socketsOf(netns).connected).toEqual([]);
  });

  it("reaches the netns of an image without the program, and rules, by nsenter", () => {
    const place = c1();
    expect(place.line("iptables -S")).toBe("nsenter -t $(docker inspect -f '{{.State.Pid}}' c1) -n iptables -S");
    expect(hasRules(netns, 4)).toBe(true);
    const chain = netns.netfilter.table(4, "nat").chains.get("DOCKER_OUTPUT")!;
    const before = chain.rules.length;
    press(ruleActs(4, chain, chain.rules[0]!, place));
    expect(chain.rules).toHaveLength(before - 1);
  });

  it("shows the settings that decide, and switches them", () => {
    const forward = sysctlsOf(netns, c1()).find(({ key }) => key === "net.ipv4.ip_forward")!;
    expect(forward).toMatchObject({
      value: "1",
      acts: [{ says: "off", line: "docker exec --privileged c1 sysctl -w net.ipv4.ip_forward=0" }],
    });
    expect(sysctlsOf(netns, c1()).map(({ key }) => key)).not.toContain("net.bridge.bridge-nf-call-iptables");
    const bridge = sysctlsOf(stage.host.netns, HOST).find(({ key }) => key === "net.bridge.bridge-nf-call-iptables")!;
    press(bridge.acts);
    expect(stage.host.netns.sysctl.get("net.bridge.bridge-nf-call-iptables")).toBe("0");
    press(sysctlsOf(stage.host.netns, HOST).find(({ key }) => key === bridge.key)!.acts);
  });

  it("shows what it runs, in which environment, under which names", () => {
    const web = stage.container("web");
    expect(commandOf(web)).toBe("/docker-entrypoint.sh nginx -g 'daemon off;'");
    expect(environmentOf(web)[0]).toBe("A=1");
    expect(portsOf(web.ports)).toEqual(["8080 → 80/tcp"]);
    const view = stage.picture.containers.get(web.id)!;
    expect(aliasesOf(view, view.endpoints[0]!.aliases)).toEqual(["app"]);
    expect(logTail(stage.container("c1"), 5)).toMatch(/^root@/);
  });

  it("says who answers for which name, the next answer's first address first", () => {
    const app = () => namesOn(stage.engine, ["mine"]).find(({ name }) => name === "app")!;
    const before = app();
    expect(before).toMatchObject({ network: "mine" });
    expect([...before.owners].sort()).toEqual(["c1", "web"]);
    const asked = stage.run(`docker exec c1 getent hosts app`).output.split(/\s+/)[0];
    expect(asked).toBe(before.addresses[0]);
    expect(app().addresses[0]).toBe(before.addresses[1]);
    expect(orderActs(stage.engine, "docker-host")[0]!.line).toBe("vethlab dns-order shuffle");
  });

  it("offers what a container's state allows", () => {
    const says = (state: "running" | "paused" | "exited") => containerActs({ name: "web", state }, "docker-host").map((act) => act.says);
    expect(says("running")).toEqual(["stop", "restart", "pause", "remove"]);
    expect(says("paused")).toEqual(["unpause", "remove"]);
    expect(says("exited")).toEqual(["start", "remove"]);
    expect(stateOf({ state: "exited", exitCode: 137, error: "" })).toBe("exited (137)");
  });
});

describe("a network", () => {
  let stage: TestStage;
  beforeAll(() => {
    stage = new TestStage(
      "docker network create --subnet 10.9.0.0/24 --aux-address router=10.9.0.5 -o com.docker.network.bridge.enable_icc=false mine",
      "docker run -itd --name c10 --net mine --ip 10.9.0.10 ubuntu:18.04",
      "docker run -itd --name c2 --net mine ubuntu:18.04",
      "docker network create --internal inner",
      "docker network create -d macvlan --subnet 192.168.0.0/24 -o parent=eth0 lan",
    );
  });

  it("lists every address of its pool by number, with its owner, and the next free one", () => {
    const network = stage.network("mine");
    const [pool] = network.pools;
    const rows = poolRows(network, pool!);
    expect(rows.map(({ address, owner }) => `${address} ${owner}`)).toEqual([
      "10.9.0.1 gateway",
      "10.9.0.2 c2",
      "10.9.0.5 router",
      "10.9.0.10 c10",
    ]);
    expect(pool!.next).toBe("10.9.0.3");
    expect(poolActs(network, rows[0]!, "docker-host")).toEqual([]);
    expect(poolActs(network, rows[1]!, "docker-host")[0]!.line).toBe("docker network disconnect mine c2");
  });

  it("says its options with the drivers' defaults", () => {
    expect(optionsOf(stage.network("mine"))).toMatchObject({ icc: false, masquerade: true });
    expect(optionsOf(stage.network("inner"))).toMatchObject({ icc: true, masquerade: false });
    expect(optionsOf(stage.network("lan"))).toMatchObject({ parent: "eth0", mode: "bridge" });
    expect(otherOptions(stage.network("bridge"))).toContain("bridge.name = docker0");
  });

  it("can be removed unless it is predefined", () => {
    expect(networkActs(stage.network("bridge"), "docker-host")).toEqual([]);
    expect(networkActs(stage.network("mine"), "docker-host")[0]!.line).toBe("docker network rm mine");
  });

  it("forgets what its bridge has learned, and pulls a port out", () => {
    stage.run("docker exec c2 ping -c 1 10.9.0.1");
    const bridge = stage.network("mine").device as Bridge;
    expect(bridge).toBeInstanceOf(Bridge);
    const learned = bridge.fdb.list().find((entry) => !entry.local)!;
    const [flush] = fdbActs(learned, HOST);
    expect(stage.run(flush!.line)).toMatchObject({ status: 0 });
    expect(bridge.fdb.get(learned.mac)).toBeUndefined();
    const port = bridge.ports[0]!;
    const unplug = portActs(bridge, port, HOST).find(({ says }) => says === "unplug")!;
    expect(stage.run(unplug.line)).toMatchObject({ status: 0 });
    expect(bridge.ports).not.toContain(port);
  });
});

describe("netfilter as a packet meets it", () => {
  let stage: TestStage;
  beforeAll(() => {
    stage = new TestStage(
      "docker network create mine",
      "docker run -d --name web --net mine -p 8080:80 nginx",
      "docker run -itd --name c1 ubuntu:18.04",
      "iptables -N LONELY",
    );
  });

  it("lists the chains of a hook in the order of their priorities", () => {
    const at = (hook: "PREROUTING" | "FORWARD" | "POSTROUTING") => chainsAt(stage.host.netns, 4, hook).map(({ table }) => table);
    expect(at("PREROUTING")).toEqual(["raw", "nat"]);
    expect(at("FORWARD")).toEqual(["filter"]);
    expect(at("POSTROUTING")).toEqual(["nat"]);
    expect(strayChains(stage.host.netns, 4).map(({ name }) => name)).toEqual(["LONELY"]);
  });

  it("reads a rule's conditions and outcome in words", () => {
    const nat = stage.host.netns.netfilter.table(4, "nat");
    const dnat = nat.chains.get("DOCKER")!.rules.find((rule) => outcomeOf(rule.spec.parts).name === "DNAT")!;
    expect(conditionsOf(dnat.spec.parts).map(({ word, not, value }) => [not ? "not" : "", word ?? "", value].join(" ").trim())).toEqual([
      expect.stringMatching(/^not in br-/),
      "tcp",
      "toPort 8080",
    ]);
    expect(outcomeOf(dnat.spec.parts)).toMatchObject({ name: "DNAT", kind: "change", detail: "→ 172.18.0.2:80" });
    const local = nat.chains.get("PREROUTING")!.rules[0]!;
    expect(conditionsOf(local.spec.parts)).toEqual([{ word: "toType", not: false, value: "LOCAL" }]);
    expect(outcomeOf(local.spec.parts)).toMatchObject({ name: "DOCKER", kind: "jump" });
    const state = stage.host.netns.netfilter.table(4, "filter").chains.get("DOCKER-CT")!.rules[0]!;
    expect(conditionsOf(state.spec.parts).at(-1)).toEqual({ word: "state", not: false, value: "RELATED,ESTABLISHED" });
  });

  it("keeps what it has no word for as it is typed, and masks with holes", () => {
    stage.run("iptables -A LONELY -p icmp -m limit --limit 3/min ! -s 10.0.0.1/255.0.255.0 -m comment --comment 'a b' -j DROP");
    const rule = stage.host.netns.netfilter.table(4, "filter").chains.get("LONELY")!.rules[0]!;
    expect(conditionsOf(rule.spec.parts).map(({ value }) => value)).toEqual(["icmp", "10.0.0.0/255.0.255.0", "--limit 3/min", "a b"]);
    expect(outcomeOf(rule.spec.parts).kind).toBe("drop");
  });

  it("knows which rule decided about the last packet, also after others have come before it", () => {
    const { netns } = stage.host;
    const user = netns.netfilter.table(4, "filter").chains.get("DOCKER-USER")!;
    stage.run("iptables -I DOCKER-USER -p icmp -j DROP");
    stage.run("docker exec c1 ping -c 1 -W 1 203.0.113.80");
    const last = new LastPackets(netns.kernel.trace).of(netns, 4)!;
    expect(last.dropped).toBe(true);
    expect(last.met.at(-1)).toBe(ruleKey(user, user.rules[0]!));
    stage.run("iptables -I DOCKER-USER -s 10.0.0.0/8 -j RETURN");
    expect(last.met.at(-1)).toBe(ruleKey(user, user.rules[1]!));
    const [act] = ruleActs(4, user, user.rules[1]!, HOST);
    expect(act!.line).toBe("iptables -D DOCKER-USER 2");
    stage.run(act!.line);
    stage.run("docker exec c1 ping -c 1 203.0.113.80");
    const passed = new LastPackets(netns.kernel.trace).of(netns, 4)!;
    expect(passed.dropped).toBe(false);
    expect(passed.met).not.toContain(policyKey({ name: "FORWARD", table: "filter" }));
  });

  it("offers the other policy, zero counters, and an end to the rules of a chain", () => {
    const chain = stage.host.netns.netfilter.table(4, "filter").chains.get("FORWARD")!;
    expect(chainActs(4, chain, HOST).map(({ line }) => line)).toEqual([
      "iptables -P FORWARD ACCEPT",
      "iptables -Z FORWARD",
      "iptables -F FORWARD",
    ]);
    const nat = stage.host.netns.netfilter.table(4, "nat").chains.get("DOCKER")!;
    expect(chainActs(4, nat, HOST).map(({ line }) => line)).toEqual(["iptables -t nat -Z DOCKER", "iptables -t nat -F DOCKER"]);
  });

  it("shows tracked connections with what NAT has changed, and forgets one", () => {
    stage.run("curl -s 192.168.0.10:8080", "server");
    const { conntrack } = stage.host.netns.netfilter;
    const entry = conntrack.list().find(({ original }) => original.dstPort === 8080)!;
    expect(flow(entry.original)).toMatch(/^192\.168\.0\.20:\d+ → 192\.168\.0\.10:8080$/);
    expect(natOf(entry)).toBe("DNAT → 172.18.0.2:80");
    expect(connectionState(entry)).toBe("TIME_WAIT");
    const [act] = connectionActs(entry, HOST);
    expect(stage.run(act!.line)).toMatchObject({ status: 0 });
    expect(conntrack.list()).not.toContain(entry);
  });
});

describe("several things selected", () => {
  it("are told to start, stop and go by one line each", () => {
    const stage = new TestStage(
      "docker run -itd --name c1 alpine",
      "docker run -itd --name c2 alpine",
      "docker stop -t 0 c2",
      "docker network create mine",
    );
    const node = (name: string) => `container:${stage.id(name)}`;
    const lines = (selection: readonly string[]) => manyActs(selection, stage.picture, "docker-host").map(({ line }) => line);
    expect(lines([node("c1"), node("c2")])).toEqual(["docker start c2", "docker stop -t 0 c1", "docker rm -f c1 c2"]);
    expect(lines([`network:${stage.id("mine")}`, `network:${stage.id("bridge")}`])).toEqual(["docker network rm mine"]);
  });
});

describe("numbers", () => {
  it("are short enough for a column", () => {
    expect([0, 999, 1000, 12_345, 123_456, 5_000_000].map(bytes)).toEqual(["0 B", "999 B", "1 kB", "12 kB", "123 kB", "5 MB"]);
    expect([400_000, 12_000_000, 180_000_000, 7_200_000_000].map(age)).toEqual(["0.4 s", "12 s", "3 min", "2 h"]);
    expect(count(65534)).toBe("65\u202f534");
  });
});
