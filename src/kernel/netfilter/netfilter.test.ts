import "./modules/index.ts";
import { describe, expect, test } from "vitest";
import { formatIp } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import { addDefault, bridged, dropsSince, give, ip, OWNER, ping, routed, told } from "../inet/stage.fixture.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { TcpListener, TcpSocket } from "../socket/tcp.ts";
import type { UdpSocket } from "../socket/udp.ts";
import type { Decision, Hop } from "../trace.ts";
import { describeConnection } from "./conntrack-text.ts";
import { IptablesError } from "./extension.ts";

/** Carries out a line of iptables; anything refused fails the test. */
function iptables(netns: Netns, line: string, family: 4 | 6 = 4): string {
  const result = netns.netfilter.command(family, line.split(" "));
  if (result instanceof IptablesError) throw new Error(result.message);
  return result;
}

const pings = (from: Netns, to: string): string[] => told(ping(from, to), (address) => formatIp(address));

function decisions(kernel: Kernel, from: number): Decision[] {
  const found: Decision[] = [];
  for (let i = from; i < kernel.trace.end; i++) {
    const entry = kernel.trace.at(i);
    if (entry?.kind === "hop" && (entry as Hop).decision) found.push((entry as Hop).decision as Decision);
  }
  return found;
}

const entries = (netns: Netns): string[] =>
  netns.netfilter.conntrack.list().map((entry) => describeConnection(entry, netns.kernel.clock.now));

function listen(netns: Netns, port: number): TcpListener {
  const listener = netns.sockets.tcpListen(OWNER, { port, family: 4 });
  if (typeof listener === "string") throw new Error(listener);
  return listener;
}

/** Connects and waits three seconds: the state that the socket has then, or its error. */
function connect(from: Netns, to: string, port: number): { state: string; socket: TcpSocket } {
  const socket = from.sockets.tcpConnect(OWNER, ip(to), port);
  if (typeof socket === "string") throw new Error(socket);
  const { clock } = from.kernel;
  clock.advanceTo(clock.now + 500_000);
  return { state: socket.error ?? socket.state, socket };
}

describe("rules and hooks", () => {
  test("given no rules, no hook has anything to do", () => {
    const { router } = routed();
    expect(router.netfilter.active(4)).toBe(false);
  });

  test("a rule in FORWARD stops what passes and not what stays", () => {
    const { a, router } = routed();
    iptables(router, "-A FORWARD -p icmp -j DROP");
    expect(pings(a, "10.0.2.2")).toEqual([]);
    expect(pings(a, "10.0.1.1")).toEqual(["10.0.1.1 0/0"]);
    expect(iptables(router, "-L FORWARD -nvx")).toContain("       1       84 DROP ");
  });

  test("a policy drops what no rule decides, and the hop names it", () => {
    const { kernel, a, router } = routed();
    iptables(router, "-P FORWARD DROP");
    const from = kernel.trace.end;
    expect(pings(a, "10.0.2.2")).toEqual([]);
    expect(dropsSince(kernel, from)).toEqual(["netfilter-policy"]);
    expect(decisions(kernel, from)).toContainEqual({ by: "policy", family: 4, table: "filter", chain: "FORWARD", policy: "DROP" });
  });

  test("the hop of a decision names the rule by number and words", () => {
    const { kernel, a, router } = routed();
    iptables(router, "-A INPUT -p tcp -j ACCEPT");
    iptables(router, "-A INPUT -s 10.0.1.0/24 -p icmp --icmp-type echo-request -j DROP");
    const from = kernel.trace.end;
    expect(pings(a, "10.0.1.1")).toEqual([]);
    expect(decisions(kernel, from)).toContainEqual({
      by: "rule",
      family: 4,
      table: "filter",
      chain: "INPUT",
      number: 2,
      rule: "-A INPUT -s 10.0.1.0/24 -p icmp -m icmp --icmp-type 8 -j DROP",
    });
  });

  test("RETURN leads back to the caller, goto past it", () => {
    const { a, router } = routed();
    for (const line of ["-N one", "-N two", "-A one -g two", "-A one -j DROP", "-A two -j RETURN", "-A FORWARD -j one"])
      iptables(router, line);
    expect(pings(a, "10.0.2.2")).toEqual(["10.0.2.2 0/0"]);
    iptables(router, "-R one 1 -j two");
    expect(pings(a, "10.0.2.2")).toEqual([]);
  });

  test("OUTPUT's DROP tells the sender at once", () => {
    const { a } = routed();
    iptables(a, "-A OUTPUT -d 10.0.2.2 -j DROP");
    expect(ping(a, "10.0.2.2")).toBe("EPERM");
  });

  test("bridged frames pass FORWARD with the bridge as both interfaces", () => {
    const { host, containers } = bridged(2);
    iptables(host, "-A FORWARD -i br0 -o br0 -m physdev --physdev-in veth1 -p icmp -j DROP");
    expect(pings(containers[0] as Netns, "10.0.0.3")).toEqual([]);
    iptables(host, "-F");
    expect(pings(containers[0] as Netns, "10.0.0.3")).toEqual(["10.0.0.3 0/0"]);
  });

  test("LOG writes a line into the kernel log and lets the packet on", () => {
    const { a, router } = routed();
    iptables(router, "-A FORWARD -p icmp --icmp-type 8 -j LOG --log-prefix seen");
    expect(pings(a, "10.0.2.2")).toEqual(["10.0.2.2 0/0"]);
    const [line] = router.netfilter.log;
    expect(line?.text).toMatch(
      /^seenIN=lan0 OUT=wan0 MAC=.*:08:00 SRC=10\.0\.1\.2 DST=10\.0\.2\.2 LEN=84 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ (DF )?PROTO=ICMP TYPE=8 CODE=0 ID=7 SEQ=1 $/,
    );
  });

  test("limit lets a burst through and then one by one", () => {
    const { a, router } = routed();
    iptables(router, "-A INPUT -p icmp -m limit --limit 1/min --limit-burst 2 -j ACCEPT");
    iptables(router, "-A INPUT -p icmp -j DROP");
    expect([1, 2, 3].map(() => pings(a, "10.0.1.1").length)).toEqual([1, 1, 0]);
    router.kernel.clock.advanceTo(router.kernel.clock.now + 60_000_000);
    expect(pings(a, "10.0.1.1")).toHaveLength(1);
  });
});

describe("REJECT", () => {
  test.each([
    ["", "10.0.1.1 3/3"],
    [" --reject-with icmp-host-prohibited", "10.0.1.1 3/10"],
    [" --reject-with icmp-admin-prohibited", "10.0.1.1 3/13"],
  ])("answers with an ICMP error%s", (option, expected) => {
    const { a, router } = routed();
    iptables(router, `-A FORWARD -p icmp -j REJECT${option}`);
    expect(pings(a, "10.0.2.2")).toEqual([expected]);
  });

  test("tcp-reset refuses a connection as a closed port does", () => {
    const { a, router, b } = routed();
    listen(b, 80);
    iptables(router, "-A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset");
    expect(connect(a, "10.0.2.2", 80).state).toBe("ECONNREFUSED");
  });
});

describe("NAT", () => {
  test("MASQUERADE gives the address of the device out, and answers find their way back", () => {
    const { kernel, a, router, b } = routed();
    b.inet.fib.remove({ dst: { address: 0, length: 0 } });
    expect(pings(a, "10.0.2.2")).toEqual([]);
    iptables(router, "-t nat -A POSTROUTING -s 10.0.1.0/24 ! -o lan0 -j MASQUERADE");
    const from = kernel.trace.end;
    expect(pings(a, "10.0.2.2")).toEqual(["10.0.2.2 0/0"]);
    const nat = decisions(kernel, from).filter(({ by }) => by === "nat");
    expect(nat).toMatchObject([
      { kind: "SNAT", from: "10.0.1.2", to: "10.0.2.1", rule: "-s 10.0.1.0/24 ! -o lan0 -j MASQUERADE" },
      { kind: "DNAT", from: "10.0.2.1", to: "10.0.1.2" },
    ]);
    expect(entries(router)).toEqual([
      "icmp     1 29 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=7 src=10.0.2.2 dst=10.0.2.1 type=0 code=0 id=7 mark=0 use=1",
    ]);
  });

  test("what was masqueraded is forgotten when the device goes down", () => {
    const { a, router } = routed();
    iptables(router, "-t nat -A POSTROUTING -o wan0 -j MASQUERADE");
    pings(a, "10.0.2.2");
    router.devices.setUp(router.device("wan0") as NetDevice, false);
    expect(entries(router)).toEqual([]);
  });

  test("a mapped connection is translated on after its rule is gone", () => {
    const { a, router, b } = routed();
    const listener = listen(b, 80);
    iptables(router, "-t nat -A POSTROUTING -o wan0 -j MASQUERADE");
    iptables(router, "-A FORWARD -m conntrack --ctstate INVALID -j DROP");
    const { socket } = connect(a, "10.0.2.2", 80);
    iptables(router, "-t nat -F POSTROUTING");
    socket.send("hello");
    a.kernel.clock.advanceTo(a.kernel.clock.now + 500_000);
    expect(listener.accept()?.receive()).toBe("hello");
    expect(entries(router)[0]).toMatch(/^tcp {6}6 43\d+ ESTABLISHED src=10\.0\.1\.2 .* dst=10\.0\.2\.1 .* \[ASSURED\] mark=0 use=1$/);
  });

  test("DNAT publishes a port, for others and for the host itself", () => {
    const { a, router, b } = routed();
    listen(b, 80);
    iptables(router, "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 10.0.2.2:80");
    iptables(router, "-t nat -A OUTPUT -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 10.0.2.2:80");
    expect(connect(a, "10.0.1.1", 8080).state).toBe("ESTABLISHED");
    expect(connect(router, "10.0.1.1", 8080).state).toBe("ESTABLISHED");
    expect(connect(a, "10.0.1.1", 8081).state).toBe("ECONNREFUSED");
  });

  test("a hairpin needs both ends rewritten", () => {
    const { host, containers } = bridged(2);
    const [client, server] = containers as [Netns, Netns];
    listen(server, 80);
    host.sysctl.set("net.ipv4.ip_forward", "1");
    iptables(host, "-t nat -A PREROUTING -d 10.0.0.1 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.3:80");
    iptables(host, "-t nat -A POSTROUTING -s 10.0.0.0/24 -d 10.0.0.0/24 -j MASQUERADE");
    pings(host, "10.0.0.3");
    expect(connect(client, "10.0.0.1", 8080).state).toBe("ESTABLISHED");
  });

  test("REDIRECT turns a connection to this machine", () => {
    const { a, router } = routed();
    listen(router, 3128);
    iptables(router, "-t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128");
    expect(connect(a, "10.0.2.2", 80).state).toBe("ESTABLISHED");
  });

  test("a resolver on 127.0.0.11 with a port of its own is reached at port 53, as in a container", () => {
    const { a } = routed();
    const server = a.sockets.udp(OWNER, { ip: ip("127.0.0.11"), port: 41234 }) as UdpSocket;
    iptables(a, "-t nat -N DOCKER_OUTPUT");
    iptables(a, "-t nat -N DOCKER_POSTROUTING");
    iptables(a, "-t nat -A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT");
    iptables(a, "-t nat -A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING");
    iptables(a, "-t nat -A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:41234");
    iptables(a, "-t nat -A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport 41234 -j SNAT --to-source :53");
    const client = a.sockets.udp(OWNER, { port: 0, family: 4 }) as UdpSocket;
    client.connect(ip("127.0.0.11"), 53);
    const { clock } = a.kernel;
    client.send({ kind: "text", text: "?" });
    clock.advanceTo(clock.now + 1_000);
    const asked = server.receive();
    expect(asked?.payload).toEqual({ kind: "text", text: "?" });
    server.send({ kind: "text", text: "!" }, { ip: asked?.from as number, port: asked?.fromPort as number });
    clock.advanceTo(clock.now + 1_000);
    expect(client.receive()).toMatchObject({ from: ip("127.0.0.11"), fromPort: 53, payload: { kind: "text", text: "!" } });
  });

  test("NETMAP keeps the place in the block", () => {
    const { a, router } = routed();
    iptables(router, "-t nat -A PREROUTING -d 10.9.9.0/24 -j NETMAP --to 10.0.2.0/24");
    expect(pings(a, "10.9.9.2")).toEqual(["10.9.9.2 0/0"]);
  });

  test("two sources with one port do not share it after SNAT", () => {
    const { host, containers } = bridged(3);
    const [first, second, server] = containers as [Netns, Netns, Netns];
    host.sysctl.set("net.ipv4.ip_forward", "1");
    give(host.device("br0") as NetDevice, "10.5.0.1/24");
    give(server.device("eth0") as NetDevice, "10.5.0.2/24");
    for (const client of [first, second]) addDefault(client, "10.0.0.1");
    iptables(host, "-t nat -A POSTROUTING -d 10.5.0.0/24 -j SNAT --to-source 10.5.0.1");
    const receiver = server.sockets.udp(OWNER, { ip: ip("10.5.0.2"), port: 53 }) as UdpSocket;
    for (const client of [first, second]) {
      const socket = client.sockets.udp(OWNER, { port: 4000, family: 4 }) as UdpSocket;
      socket.send({ kind: "text", text: "?" }, { ip: ip("10.5.0.2"), port: 53 });
    }
    host.kernel.clock.advanceTo(host.kernel.clock.now + 100_000);
    const ports = [receiver.receive()?.fromPort, receiver.receive()?.fromPort];
    expect(ports[0]).toBe(4000);
    expect(ports[1]).toBeGreaterThanOrEqual(1024);
    expect(ports[1]).not.toBe(4000);
  });

  test("an ICMP error about a translated packet is translated with the packet that it quotes", () => {
    const { a, router } = routed();
    iptables(router, "-t nat -A POSTROUTING -o wan0 -j MASQUERADE");
    iptables(router, "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    iptables(router, "-A FORWARD -i wan0 -j DROP");
    const socket = a.sockets.udp(OWNER, { port: 4000, family: 4 }) as UdpSocket;
    socket.connect(ip("10.0.2.2"), 9);
    socket.send({ kind: "text", text: "?" });
    a.kernel.clock.advanceTo(a.kernel.clock.now + 100_000);
    expect(socket.takeError()).toBe("ECONNREFUSED");
  });

  test("IPv6 is translated as well", () => {
    const { a, router, b } = routed();
    give(a.device("eth0") as NetDevice, "fd01::2/64");
    give(router.device("lan0") as NetDevice, "fd01::1/64");
    give(router.device("wan0") as NetDevice, "fd02::1/64");
    give(b.device("eth0") as NetDevice, "fd02::2/64");
    addDefault(a, "fd01::1");
    router.sysctl.set("net.ipv6.conf.all.forwarding", "1");
    a.kernel.clock.advanceTo(5_000_000);
    iptables(router, "-t nat -A POSTROUTING -s fd01::/64 -o wan0 -j MASQUERADE", 6);
    expect(pings(a, "fd02::2")).toEqual(["fd02::2 129/0"]);
    expect(entries(router)[0]).toContain("src=fd02::2 dst=fd02::1");
  });
});

describe("connection tracking", () => {
  test("only answers come in where only ESTABLISHED is accepted", () => {
    const { a, router, b } = routed();
    iptables(router, "-P FORWARD DROP");
    iptables(router, "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    iptables(router, "-A FORWARD -i lan0 -j ACCEPT");
    expect(pings(a, "10.0.2.2")).toHaveLength(1);
    expect(pings(b, "10.0.1.2")).toHaveLength(0);
  });

  test("entries end with their time: 30 seconds for a ping", () => {
    const { a, router } = routed();
    iptables(router, "-A FORWARD -m state --state NEW -j ACCEPT");
    pings(a, "10.0.2.2");
    expect(entries(router)).toHaveLength(1);
    router.kernel.clock.advanceTo(router.kernel.clock.now + 30_000_000);
    expect(entries(router)).toHaveLength(0);
  });

  test("a closed connection waits two minutes in TIME_WAIT", () => {
    const { a, router, b } = routed();
    const listener = listen(b, 80);
    iptables(router, "-A FORWARD -m state --state NEW -j ACCEPT");
    const { socket } = connect(a, "10.0.2.2", 80);
    socket.close();
    router.kernel.clock.advanceTo(router.kernel.clock.now + 100_000);
    listener.accept()?.close();
    router.kernel.clock.advanceTo(router.kernel.clock.now + 100_000);
    expect(entries(router)[0]).toMatch(/^tcp {6}6 119 TIME_WAIT /);
  });

  test("NOTRACK keeps packets out of the table", () => {
    const { a, router } = routed();
    iptables(router, "-t raw -A PREROUTING -p icmp -j CT --notrack");
    iptables(router, "-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT");
    iptables(router, "-P FORWARD DROP");
    expect(pings(a, "10.0.2.2")).toHaveLength(1);
    expect(entries(router)).toEqual([]);
  });

  test("CONNMARK carries a mark from the first packet to its answers", () => {
    const { a, router } = routed();
    iptables(router, "-t mangle -A PREROUTING -i lan0 -j CONNMARK --set-mark 5");
    iptables(router, "-t mangle -A PREROUTING -i wan0 -j CONNMARK --restore-mark");
    iptables(router, "-A FORWARD -i wan0 -m mark ! --mark 5 -j DROP");
    expect(pings(a, "10.0.2.2")).toHaveLength(1);
  });

  test("INVALID is what fits no connection", () => {
    const { router, b } = routed();
    iptables(router, "-A FORWARD -m conntrack --ctstate INVALID -j DROP");
    const socket = b.sockets.raw(OWNER, 4, 1);
    socket.send({ dst: ip("10.0.1.2"), body: { kind: "icmp", type: 0, code: 0, id: 9, sequence: 1, dataLength: 0 } });
    b.kernel.clock.advanceTo(b.kernel.clock.now + 100_000);
    expect(iptables(router, "-L FORWARD -nvx")).toContain("       1       28 DROP ");
  });
});
