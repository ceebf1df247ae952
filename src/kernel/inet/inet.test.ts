import { describe, expect, test } from "vitest";
import { formatIp } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { addDefault, bridged, dropsSince, give, ip, ping, routed, told } from "./stage.fixture.ts";

const answers = (from: Netns, to: string, options?: Parameters<typeof ping>[2]): string[] => told(ping(from, to, options), formatIp);
const SECOND = 1_000_000;

describe("echo", () => {
  test("over a bridge, to the gateway, to oneself, to loopback", () => {
    const { containers } = bridged(2);
    const [c1] = containers as [Netns, Netns];
    for (const to of ["10.0.0.3", "10.0.0.1", "10.0.0.2", "127.0.0.1", "127.8.9.10", "::1"])
      expect(answers(c1, to)).toEqual([`${to} ${to === "::1" ? "129/0" : "0/0"}`]);
  });

  test("through a router the TTL goes down by one", () => {
    const { a } = routed();
    const received = ping(a, "10.0.2.2");
    expect(Array.isArray(received) && received[0]?.packet.ttl).toBe(63);
  });

  test("with the record route option every station enters the address that it sends from, both ways", () => {
    const { a } = routed();
    const received = ping(a, "10.0.2.2", { recorded: [] });
    const recorded = Array.isArray(received) ? received[0]?.packet.recorded : undefined;
    expect(recorded?.map(formatIp)).toEqual(["10.0.1.2", "10.0.2.1", "10.0.2.2", "10.0.2.2", "10.0.1.1", "10.0.1.2"]);
  });

  test("without a route: Network is unreachable", () => {
    const { containers } = bridged(1);
    expect(answers(containers[0] as Netns, "8.8.8.8")).toEqual(["ENETUNREACH"]);
  });

  test("icmp_echo_ignore_all makes a host silent", () => {
    const { containers, host } = bridged(1);
    host.sysctl.set("net.ipv4.icmp_echo_ignore_all", "1");
    expect(answers(containers[0] as Netns, "10.0.0.1")).toEqual([]);
  });

  test("broadcasts are answered only where icmp_echo_ignore_broadcasts is 0", () => {
    const { containers, host } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    expect(answers(c1, "10.0.0.255")).toEqual([]);
    for (const netns of [c2, host]) netns.sysctl.set("net.ipv4.icmp_echo_ignore_broadcasts", "0");
    expect(answers(c1, "10.0.0.255").sort()).toEqual(["10.0.0.1 0/0", "10.0.0.3 0/0"]);
  });

  test("IPv6 neighbours are found by discovery", () => {
    const { containers } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    give(c1.device("eth0") as NetDevice, "fd00::2/64");
    give(c2.device("eth0") as NetDevice, "fd00::3/64");
    expect(answers(c1, "fd00::3")).toEqual(["fd00::3 129/0"]);
    expect(c2.inet.neighbours.get(ip("fd00::2"), c2.device("eth0") as NetDevice)?.state).toBe("DELAY");
  });
});

describe("errors", () => {
  test("a neighbour that does not answer: host unreachable from oneself after three questions, a second apart", () => {
    const { containers, kernel } = bridged(1);
    const c1 = containers[0] as Netns;
    kernel.clock.advanceTo(3 * SECOND);
    expect(answers(c1, "10.0.0.99", { wait: 2.9 * SECOND })).toEqual([]);
    expect(c1.inet.neighbours.list().map(({ state }) => state)).toEqual(["INCOMPLETE"]);
    kernel.clock.advanceTo(kernel.clock.now + SECOND);
    expect(c1.inet.neighbours.list().map(({ state }) => state)).toEqual(["FAILED"]);
    expect(answers(c1, "10.0.0.99", { wait: 3.1 * SECOND })).toEqual(["10.0.0.2 3/1"]);
  });

  test("TTL exceeded comes from the router's address towards the sender", () => {
    const { a } = routed();
    expect(answers(a, "10.0.2.2", { ttl: 1 })).toEqual(["10.0.1.1 11/0"]);
  });

  test("a router without a route says net unreachable, one that does not forward says nothing", () => {
    const { a, router, kernel } = routed();
    expect(answers(a, "8.8.8.8")).toEqual(["10.0.1.1 3/0"]);
    router.sysctl.set("net.ipv4.ip_forward", "0");
    const from = kernel.trace.end;
    expect(answers(a, "10.0.2.2")).toEqual([]);
    expect(dropsSince(kernel, from)).toEqual(["not-local-no-forwarding"]);
  });

  test.each([
    ["unreachable", ["10.0.1.1 3/1"]],
    ["prohibit", ["10.0.1.1 3/13"]],
    ["blackhole", []],
  ] as const)("a router's %s route", (type, expected) => {
    const { a, router } = routed();
    router.inet.fib.add({
      type,
      dst: { address: ip("10.0.3.0"), length: 24 },
      metric: 0,
      table: "main",
      protocol: "boot",
      scope: "global",
    });
    expect(answers(a, "10.0.3.1")).toEqual(expected);
  });

  test("own reject routes are errnos", () => {
    const { a } = routed();
    const reject = (type: "blackhole" | "unreachable" | "prohibit", address: string): string => {
      a.inet.fib.add({ type, dst: { address: ip(address), length: 32 }, metric: 0, table: "main", protocol: "boot", scope: "global" });
      return answers(a, address)[0] as string;
    };
    expect([reject("blackhole", "9.0.0.1"), reject("unreachable", "9.0.0.2"), reject("prohibit", "9.0.0.3")]).toEqual([
      "EINVAL",
      "EHOSTUNREACH",
      "EACCES",
    ]);
  });

  test("six errors to one destination at once, then one a second", () => {
    const { a, kernel } = routed();
    const count = (): number => Array.from({ length: 10 }, () => answers(a, "10.0.2.2", { ttl: 1, wait: 1000 })).flat().length;
    expect(count()).toBe(6);
    expect(count()).toBe(0);
    kernel.clock.advanceTo(kernel.clock.now + SECOND);
    expect(count()).toBe(1);
  });
});

describe("sizes", () => {
  test("a large packet is cut, put together, answered", () => {
    const { a, router, b } = routed();
    expect(answers(a, "10.0.2.2", { size: 4000 })).toEqual(["10.0.2.2 0/0"]);
    router.devices.setMtu(router.device("wan0") as NetDevice, 1400);
    b.devices.setMtu(b.device("eth0") as NetDevice, 1400);
    expect(answers(a, "10.0.2.2", { size: 1472, df: false })).toEqual(["10.0.2.2 0/0"]);
  });

  test("don't fragment: EMSGSIZE at home, fragmentation needed with the MTU from a router, then the path MTU is known", () => {
    const { a, router } = routed();
    expect(answers(a, "10.0.2.2", { size: 1473, df: true })).toEqual(["EMSGSIZE"]);
    router.devices.setMtu(router.device("wan0") as NetDevice, 1400);
    const received = ping(a, "10.0.2.2", { size: 1472, df: true });
    expect(told(received, formatIp)).toEqual(["10.0.1.1 3/4"]);
    expect(received).toMatchObject([{ packet: { body: { mtu: 1400 } } }]);
    expect(a.inet.mtuTo(ip("10.0.2.2"))).toBe(1400);
    expect(answers(a, "10.0.2.2", { size: 1472, df: true })).toEqual(["EMSGSIZE"]);
    expect(answers(a, "10.0.2.2", { size: 1372, df: true })).toEqual(["10.0.2.2 0/0"]);
  });

  test("IPv6 routers do not cut: packet too big, then the sender does", () => {
    const { a, router, b } = routed();
    give(a.device("eth0") as NetDevice, "fd01::2/64");
    give(router.device("lan0") as NetDevice, "fd01::1/64");
    give(router.device("wan0") as NetDevice, "fd02::1/64");
    give(b.device("eth0") as NetDevice, "fd02::2/64");
    addDefault(a, "fd01::1");
    addDefault(b, "fd02::1");
    router.sysctl.set("net.ipv6.conf.all.forwarding", "1");
    expect(answers(a, "fd02::2")).toEqual(["fd02::2 129/0"]);
    router.devices.setMtu(router.device("wan0") as NetDevice, 1300);
    b.devices.setMtu(b.device("eth0") as NetDevice, 1300);
    expect(answers(a, "fd02::2", { size: 1400 })).toEqual(["fd01::1 2/0"]);
    expect(answers(a, "fd02::2", { size: 1400 })).toEqual(["fd02::2 129/0"]);
    expect(answers(a, "fd02::2", { ttl: 1 })).toEqual(["fd01::1 3/0"]);
    expect(answers(a, "fd09::1")).toEqual(["fd01::1 1/0"]);
  });
});

describe("sources that are not believed", () => {
  test("rp_filter drops what would be answered by another way", () => {
    const { a, router, b, kernel } = routed();
    give(a.device("eth0") as NetDevice, "10.0.2.77/32");
    const spoof = (): string[] => {
      const from = kernel.trace.end;
      a.inet.send({
        src: ip("10.0.2.77"),
        dst: ip("10.0.2.2"),
        protocol: 1,
        body: { kind: "icmp", type: 8, code: 0, id: 1, sequence: 1, dataLength: 8 },
      });
      kernel.clock.advanceTo(kernel.clock.now + 2000);
      return dropsSince(kernel, from);
    };
    expect(spoof()).toEqual([]);
    router.sysctl.set("net.ipv4.conf.all.rp_filter", "1");
    expect(spoof()).toEqual(["reverse-path-filter"]);
    router.sysctl.set("net.ipv4.conf.all.rp_filter", "2");
    expect(spoof()).toEqual([]);
    expect(b.alive).toBe(true);
  });

  test("a packet from one of our own addresses is a martian", () => {
    const { a, kernel } = routed();
    const from = kernel.trace.end;
    give(a.device("eth0") as NetDevice, "10.0.1.1/32");
    a.devices.removeAddress(a.device("eth0") as NetDevice, ip("10.0.1.1"), 32);
    a.inet.send({
      src: ip("10.0.1.1"),
      dst: ip("10.0.1.1"),
      protocol: 1,
      body: { kind: "icmp", type: 8, code: 0, id: 1, sequence: 1, dataLength: 8 },
    });
    kernel.clock.advanceTo(kernel.clock.now + 2000);
    expect(dropsSince(kernel, from)).toEqual(["martian-source"]);
  });
});

describe("redirects", () => {
  test("a router that sends a packet back by the way it came tells the sender of the nearer gateway", () => {
    const { containers, host } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    host.sysctl.set("net.ipv4.ip_forward", "1");
    c2.sysctl.set("net.ipv4.ip_forward", "1");
    give(c2.device("lo") as NetDevice, "10.9.9.9/32");
    addDefault(c1, "10.0.0.1");
    host.inet.fib.add({
      type: "unicast",
      dst: { address: ip("10.9.9.9"), length: 32 },
      via: ip("10.0.0.3"),
      metric: 0,
      table: "main",
      protocol: "boot",
      scope: "global",
    });
    expect(answers(c1, "10.9.9.9")).toContain("10.0.0.1 5/1");
    expect(c1.inet.fib.lookup(ip("10.9.9.9"))?.nextHop).toBe(ip("10.0.0.3"));
    expect(answers(c1, "10.9.9.9")).toEqual(["10.9.9.9 0/0"]);
  });
});
