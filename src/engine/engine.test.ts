import { describe, expect, test } from "vitest";
import { Lab, networkSpec, publish } from "./engine.fixture.ts";
import { EngineError } from "./types.ts";

const subnet = (text: string, parts = {}) => ({ ipam: [{ subnet: text, ...parts }] });

describe("addresses", () => {
  test("containers get the lowest free one, given back when they stop", () => {
    const lab = new Lab();
    for (const name of ["aa", "bb", "cc"]) expect(lab.up(name)).toBe("");
    lab.run(lab.engine.stopContainer("aa", 0));
    expect(lab.up("dd")).toBe("");
    expect(lab.start("aa")).toBe("");
    expect(["aa", "bb", "cc", "dd"].map((name) => lab.address(name, "bridge"))).toEqual([
      "172.17.0.5",
      "172.17.0.3",
      "172.17.0.4",
      "172.17.0.2",
    ]);
  });

  test("networks get the lowest free subnet", () => {
    const lab = new Lab();
    const subnets = () =>
      ["n1", "n2", "n3", "n4"].map((name) => {
        const network = lab.engine.findNetwork(name);
        return network instanceof EngineError ? "" : network.pools[0]?.subnet;
      });
    for (const name of ["n1", "n2", "n3"]) lab.network(name);
    lab.run(lab.engine.removeNetwork("n2"));
    lab.network("n4");
    expect(subnets()).toEqual(["172.18.0.0/16", "", "172.20.0.0/16", "172.19.0.0/16"]);
  });

  test("a full subnet, a taken address and one outside are refused", () => {
    const lab = new Lab();
    const id = lab.network("tiny", subnet("10.50.0.0/29"));
    for (const name of ["t1", "t2", "t3", "t4", "t5"]) expect(lab.up(name, "tiny")).toBe("");
    expect(lab.up("t6", "tiny")).toBe(
      `failed to set up container networking: no available IPv4 addresses on this network's address pools: tiny (${id})`,
    );
    expect(lab.container("t6").state).toBe("created");
    expect(lab.up("t7", "tiny", {}, { ipv4: "10.50.0.2" })).toBe("failed to set up container networking: Address already in use");
    expect(lab.up("t8", "tiny", {}, { ipv4: "10.9.9.9" })).toBe(
      "invalid config for network tiny: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.9.9.9",
    );
  });

  test("inside an ip-range the first address is for use", () => {
    const lab = new Lab();
    lab.network("wide", subnet("10.0.0.0/8", { ipRange: "10.1.0.0/16" }));
    lab.up("x1", "wide");
    expect(lab.address("x1", "wide")).toBe("10.1.0.1");
    expect(
      lab.host.devices
        .all()
        .at(-2)
        ?.addresses.map(({ length }) => length),
    ).toContain(8);
  });

  test("errors of subnets are worded as the daemon's", () => {
    const lab = new Lab();
    expect(lab.network("x", subnet("10.60.0.5/24"))).toBe(
      "invalid network config:\ninvalid subnet 10.60.0.5/24: it should be 10.60.0.0/24",
    );
    expect(lab.network("x", subnet("300.1.0.0/16"))).toBe(
      "invalid network config:\ninvalid subnet 300.1.0.0/16: invalid CIDR block notation",
    );
    expect(lab.network("x", subnet("172.17.0.0/17"))).toBe("invalid pool request: Pool overlaps with other one on this address space");
    const checked = lab.engine.checkNetwork(networkSpec("x", subnet("172.17.0.0/17")));
    expect(checked?.message).toBe("invalid pool request: Pool overlaps with other one on this address space");
  });
});

describe("interface indexes", () => {
  test("a veth's end in the sandbox has index 2, and takes a host index when it leaves", () => {
    const lab = new Lab();
    lab.network("mybridge");
    lab.up("c1", "mybridge");
    const peerIndex = (): number => lab.container("c1").endpoints.get("mybridge")?.hostDevice?.ifindex ?? 0;
    expect([lab.container("c1").endpoints.get("mybridge")?.device?.ifindex, peerIndex()]).toEqual([2, 5]);
    lab.run(lab.engine.disconnect("mybridge", "c1", false));
    lab.run(lab.engine.connect("mybridge", "c1", {}));
    expect(peerIndex()).toBe(7);
    lab.run(lab.engine.connect("bridge", "c1", {}));
    expect(lab.container("c1").endpoints.get("bridge")?.hostDevice?.ifindex).toBe(8);
    expect(
      lab
        .container("c1")
        .netns?.devices.all()
        .map(({ name }) => name),
    ).toEqual(["lo", "eth0", "eth1"]);
  });
});

describe("gateways", () => {
  const route = (lab: Lab): string => {
    const found = lab
      .container("multi")
      .netns?.inet.fib.list(4)
      .find(({ dst }) => dst.length === 0);
    return found ? `${found.via} ${found.dev?.name}` : "none";
  };

  test("the first network by name leads out, unless another has priority; internal ones never do", () => {
    const lab = new Lab();
    for (const name of ["alpha", "beta"]) lab.network(name);
    lab.network("zeta", { internal: true });
    lab.up("multi", "beta");
    expect(route(lab)).toContain("eth0");
    lab.run(lab.engine.connect("alpha", "multi", {}));
    expect(route(lab)).toContain("eth1");
    lab.run(lab.engine.connect("zeta", "multi", {}));
    expect(route(lab)).toContain("eth1");
    lab.run(lab.engine.disconnect("alpha", "multi", false));
    expect(route(lab)).toContain("eth0");
    lab.run(lab.engine.connect("alpha", "multi", { gwPriority: 10 }));
    const names = lab
      .container("multi")
      .netns?.devices.all()
      .map(({ name, ifindex }) => `${name}/${ifindex}`);
    expect(names).toEqual(["lo/1", "eth0/2", "eth2/4", "eth1/5"]);
  });
});

describe("published ports", () => {
  test("are led to the container, shown for both families, and refused when taken", () => {
    const lab = new Lab();
    expect(lab.up("web", "default", { image: "nginx", ports: [publish("8080", 80)] })).toBe("");
    expect(lab.container("web").ports.map(({ hostIp, hostPort }) => `${hostIp} ${hostPort}`)).toEqual(["0.0.0.0 8080", ":: 8080"]);
    expect(lab.rules("nat", "DOCKER")).toBe(
      "-N DOCKER\n-A DOCKER -i docker0 -j RETURN\n-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
    );
    expect(lab.rules("raw", "PREROUTING")).toContain("-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP");
    expect(
      lab.host.sockets
        .list()
        .filter(({ process }) => process === "docker-proxy")
        .map(({ localPort }) => localPort),
    ).toEqual([8080, 8080]);
    const message = lab.up("web2", "default", { image: "nginx", ports: [publish("8080", 80)] });
    expect(message).toMatch(
      /^failed to set up container networking: driver failed programming external connectivity on endpoint web2 \([0-9a-f]{64}\): Bind for 0.0.0.0:8080 failed: port is already allocated$/,
    );
    lab.run(lab.engine.stopContainer("web", 0));
    expect(lab.rules("nat", "DOCKER")).toBe("-N DOCKER\n-A DOCKER -i docker0 -j RETURN");
    expect(lab.host.sockets.list().filter(({ process }) => process === "docker-proxy")).toEqual([]);
  });

  test("ranges and ephemeral ports go up", () => {
    const lab = new Lab();
    const port = (name: string, host: string): number | undefined => {
      lab.up(name, "default", { ports: [publish(host, 80)] });
      return lab.container(name).ports[0]?.hostPort;
    };
    expect([port("c1", "7000-7002"), port("c2", "7000-7002"), port("c3", ""), port("c4", "")]).toEqual([7000, 7001, 32768, 32769]);
  });

  test("another listener's port cannot be had", () => {
    const lab = new Lab();
    lab.host.sockets.tcpListen({ process: "nc", pid: 1 }, { port: 18099 });
    expect(lab.up("c1", "default", { ports: [publish("18099", 80)] })).toContain(
      "failed to bind host port for 0.0.0.0:18099:172.17.0.2:80/tcp: address already in use",
    );
  });
});

describe("iptables", () => {
  test("a new daemon's chains", () => {
    expect(new Lab().rules()).toBe(
      `-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-BRIDGE
-N DOCKER-CT
-N DOCKER-FORWARD
-N DOCKER-ISOLATION-STAGE-1
-N DOCKER-ISOLATION-STAGE-2
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP`,
    );
  });

  test("a removed network takes its rules along", () => {
    const lab = new Lab();
    const before = [lab.rules(), lab.rules("nat"), lab.rules("raw"), lab.rules("filter", undefined, 6)];
    lab.network("six", { enableIpv6: true });
    lab.network("quiet", { options: { "com.docker.network.bridge.enable_icc": "false" } });
    lab.network("open", { options: { "com.docker.network.bridge.gateway_mode_ipv4": "routed" } });
    lab.network("secret", { internal: true });
    lab.up("c1", "six", { ports: [publish("8080", 80)] });
    lab.run(lab.engine.removeContainer("c1", true));
    for (const name of ["six", "quiet", "open", "secret"]) lab.run(lab.engine.removeNetwork(name));
    lab.host.netfilter.command(6, ["-P", "FORWARD", "ACCEPT"]);
    expect([lab.rules(), lab.rules("nat"), lab.rules("raw"), lab.rules("filter", undefined, 6)]).toEqual(before);
  });
});

describe("files", () => {
  const DEFAULT_HOSTS = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

  test("/etc/hosts names extra hosts, linked containers and the container itself", () => {
    const lab = new Lab();
    lab.up("db");
    const db = lab.container("db").id.slice(0, 12);
    lab.up("app", "default", { links: ["db:database"], extraHosts: ["registry:10.1.2.3"], hostname: "apphost" });
    expect(lab.file("app", "/etc/hosts")).toBe(`${DEFAULT_HOSTS}10.1.2.3\tregistry\n172.17.0.2\tdatabase ${db} db\n172.17.0.3\tapphost\n`);
  });

  test("its own line goes with the network", () => {
    const lab = new Lab();
    lab.network("names");
    lab.up("svc", "names", { hostname: "svc.example" });
    expect(lab.file("svc", "/etc/hosts")).toBe(`${DEFAULT_HOSTS}172.18.0.2\tsvc.example svc\n`);
    lab.run(lab.engine.disconnect("names", "svc", false));
    expect(lab.file("svc", "/etc/hosts")).toBe(DEFAULT_HOSTS);
  });

  test("resolv.conf names the embedded server on a user-defined network, the host's on the default bridge", () => {
    const lab = new Lab();
    lab.network("names");
    lab.up("c1", "names", { dns: ["203.0.113.53"], dnsSearch: ["lan"] });
    expect(lab.file("c1", "/etc/resolv.conf")).toBe(`# Generated by Docker Engine.
# This file can be edited; Docker Engine will not make further changes once it
# has been modified.

nameserver 127.0.0.11
search lan
options ndots:0

# Based on host file: '/etc/resolv.conf' (internal resolver)
# ExtServers: [203.0.113.53]
# Overrides: [nameservers search]
# Option ndots from: internal
`);
    lab.up("c2");
    expect(lab.file("c2", "/etc/resolv.conf")).toContain("nameserver 192.168.0.1\n\n# Based on host file: '/etc/resolv.conf' (legacy)\n");
  });
});

describe("what stands beside what", () => {
  test("host, none and shared namespaces", () => {
    const lab = new Lab();
    lab.up("h1", "host");
    lab.up("n1", "none");
    lab.up("c1");
    lab.up("c2", "container:c1");
    const connect = (network: string, name: string) => lab.run(lab.engine.connect(network, name, {}))?.message;
    const shared = "container sharing network namespace with another container or host cannot be connected to any other network";
    expect(connect("bridge", "h1")).toBe(shared);
    expect(connect("bridge", "c2")).toBe(shared);
    expect(connect("bridge", "n1")).toBe(
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
    );
    expect(lab.run(lab.engine.disconnect("host", "h1", false))?.message).toBe(
      "cannot disconnect container from host network - container was created in host network mode",
    );
    expect(lab.container("c2").netns).toBe(lab.container("c1").netns);
    lab.run(lab.engine.stopContainer("c1", 0));
    expect(
      lab
        .container("c2")
        .netns?.devices.all()
        .map(({ name }) => name),
    ).toEqual(["lo"]);
  });

  test("names that are taken, or not allowed", () => {
    const lab = new Lab();
    const id = lab.create("c1");
    expect(lab.create("c1")).toBe(
      `Conflict. The container name "/c1" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
    expect(lab.create("a")).toBe("Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    expect(lab.up("c2", "nosuch")).toBe("failed to set up container networking: network nosuch not found");
    expect(lab.network("host")).toBe("operation is not permitted on predefined host network");
  });
});

describe("life", () => {
  test("a link to one that joins itself, or to two that join each other, is refused", () => {
    const lab = new Lab();
    lab.create("own", "container:own");
    lab.create("left", "container:right");
    lab.create("right", "container:left");
    expect(lab.up("c1", "default", { links: ["own"] })).toBe("could not get container for own: cannot join own network");
    expect(lab.up("c2", "default", { links: ["left:db"] })).toBe("could not get container for right: cannot join own network");
  });

  test("restart policies start a container again, until somebody stops it", () => {
    const lab = new Lab();
    lab.up("c1", "default", { restartPolicy: "always" });
    const process = lab.container("c1").process as unknown as { end(code: number): void };
    process.end(1);
    expect(lab.container("c1").state).toBe("restarting");
    lab.kernel.clock.advanceTo(lab.kernel.clock.now + 1_000_000);
    expect(lab.container("c1").state).toBe("running");
    lab.run(lab.engine.stopContainer("c1", 0));
    lab.kernel.clock.advanceTo(lab.kernel.clock.now + 5_000_000);
    expect(lab.container("c1").state).toBe("exited");
  });

  test("a program that is not there leaves the container created, with status 127", () => {
    const lab = new Lab();
    expect(lab.up("c1", "default", { command: ["nosuch"] })).toContain('exec: "nosuch": executable file not found in $PATH');
    expect([lab.container("c1").state, lab.container("c1").exitCode]).toEqual(["created", 127]);
    expect(lab.host.devices.all().map(({ name }) => name)).toEqual(["lo", "eth0", "docker0"]);
  });

  test("--rm removes a container as it stops", () => {
    const lab = new Lab();
    lab.up("c1", "default", { autoRemove: true });
    lab.run(lab.engine.stopContainer("c1"));
    expect(lab.engine.findContainer("c1")).toBeInstanceOf(EngineError);
  });
});

describe("size", () => {
  test("a bridge takes 1,023 ports", { timeout: 120_000 }, () => {
    const lab = new Lab();
    lab.kernel.trace.hops = false;
    lab.network("big", subnet("10.0.0.0/16"));
    for (let i = 0; i < 1023; i++) expect(lab.up(`c${i}_`, "big")).toBe("");
    expect(lab.up("last", "big")).toMatch(/: adding interface veth[0-9a-f]{7} to bridge br-[0-9a-f]{12} failed: exchange full$/);
  });
});
