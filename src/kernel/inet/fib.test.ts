import { describe, expect, test } from "vitest";
import type { Prefix } from "../address.ts";
import { formatIp, parsePrefix } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import { LinkError } from "../device/link-error.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Route } from "./fib.ts";
import { formatRoute } from "./format.ts";
import { addDefault, addNetns, bridged, cable, give, ip, routed } from "./stage.fixture.ts";

const prefix = (text: string): Prefix => parsePrefix(text) as Prefix;
const listed = (netns: Netns, family: 4 | 6 = 4, table: Route["table"] = "main"): string[] =>
  netns.inet.fib.list(family, table).map(formatRoute);

function add(netns: Netns, dst: string, fields: Partial<Route> = {}): string {
  const refused = netns.inet.fib.add({
    type: "unicast",
    dst: prefix(dst),
    metric: 0,
    table: "main",
    protocol: "boot",
    scope: "global",
    ...fields,
  });
  return refused instanceof LinkError ? refused.message : "";
}

function host(): { netns: Netns; eth0: NetDevice; peer: NetDevice } {
  const kernel = new Kernel(1);
  const netns = addNetns(kernel, "host");
  const [eth0, peer] = cable(netns, "eth0", "10.77.0.1/24", addNetns(kernel, "other"), "eth0", "10.77.0.2/24");
  return { netns, eth0, peer };
}

describe("routes that follow addresses", () => {
  test("an address brings a connected, a local and a broadcast route", () => {
    const { netns } = host();
    expect(listed(netns)).toEqual(["10.77.0.0/24 dev eth0 src 10.77.0.1"]);
    expect(listed(netns, 4, "local")).toEqual([
      "local 10.77.0.1 dev eth0 src 10.77.0.1",
      "broadcast 10.77.0.255 dev eth0 src 10.77.0.1",
      "local 127.0.0.0/8 dev lo src 127.0.0.1",
      "local 127.0.0.1 dev lo src 127.0.0.1",
      "broadcast 127.255.255.255 dev lo src 127.0.0.1",
    ]);
  });

  test("a device that goes down takes its routes along, static ones for good, and keeps its local address", () => {
    const { netns, eth0 } = host();
    addDefault(netns, "10.77.0.2");
    netns.devices.setUp(eth0, false);
    expect(listed(netns)).toEqual([]);
    expect(netns.isLocal(ip("10.77.0.1"))).toBe(true);
    netns.devices.setUp(eth0, true);
    expect(listed(netns)).toEqual(["10.77.0.0/24 dev eth0 src 10.77.0.1"]);
  });

  test("an address that is removed takes routes with it that prefer it as source", () => {
    const { netns, eth0 } = host();
    give(eth0, "10.78.0.1/24");
    expect(add(netns, "10.99.0.0/24", { via: ip("10.77.0.2"), src: ip("10.78.0.1") })).toBe("");
    netns.devices.removeAddress(eth0, ip("10.78.0.1"), 24);
    expect(listed(netns)).toEqual(["10.77.0.0/24 dev eth0 src 10.77.0.1"]);
    expect(netns.isLocal(ip("10.78.0.1"))).toBe(false);
  });

  test("the last address of a device takes all of its routes", () => {
    const { netns, eth0 } = host();
    addDefault(netns, "10.77.0.2");
    netns.devices.removeAddress(eth0, ip("10.77.0.1"), 24);
    expect(listed(netns)).toEqual([]);
  });

  test("IPv6 addresses bring a prefix route with metric 256 and, once they are no longer tentative, a local one", () => {
    const { netns, eth0 } = host();
    give(eth0, "fd77::1/64");
    expect(listed(netns, 6)).toContain("fd77::/64 dev eth0 metric 256");
    expect(listed(netns, 6, "local")).toContain("local fd77::1 dev eth0");
    expect(listed(netns, 6, "local")).toContain("multicast ff00::/8 dev eth0 metric 256");
  });
});

describe("routes that people add", () => {
  test.each([
    ["a gateway that no link reaches", "10.78.0.0/24", { via: ip("10.99.0.1") }, "Nexthop has invalid gateway."],
    ["a gateway behind a gateway", "10.78.0.0/24", { via: ip("10.90.0.1") }, "Nexthop has invalid gateway."],
    ["a source that is not ours", "10.78.0.0/24", { via: ip("10.77.0.2"), src: ip("1.2.3.4") }, "Invalid prefsrc address."],
    ["host bits in the prefix", "10.78.0.1/24", { via: ip("10.77.0.2") }, "Invalid prefix for given prefix length."],
    ["neither gateway nor device", "10.78.0.0/24", {}, "No such device"],
    ["a prefix that is there", "10.90.0.0/24", { via: ip("10.77.0.3") }, "File exists"],
  ])("refused: %s", (_, dst, fields, message) => {
    const { netns } = host();
    expect(add(netns, "10.90.0.0/24", { via: ip("10.77.0.2") })).toBe("");
    expect(add(netns, dst, fields)).toBe(message);
  });

  test("a device that is down is refused", () => {
    const { netns, eth0 } = host();
    netns.devices.setUp(eth0, false);
    expect(add(netns, "10.78.0.0/24", { dev: eth0 })).toBe("Device for nexthop is not up.");
  });

  test("the longest prefix wins, then the lowest metric", () => {
    const { netns } = host();
    addDefault(netns, "10.77.0.2");
    add(netns, "10.0.0.0/8", { via: ip("10.77.0.3"), metric: 20 });
    add(netns, "10.0.0.0/8", { via: ip("10.77.0.4"), metric: 10 });
    const gateway = (dst: string): string => formatIp(netns.inet.fib.lookup(ip(dst))?.nextHop ?? 0);
    expect(gateway("10.1.2.3")).toBe("10.77.0.4");
    expect(gateway("8.8.8.8")).toBe("10.77.0.2");
    expect(gateway("10.77.0.9")).toBe("10.77.0.9");
  });

  test("removing what is not there: No such process", () => {
    const { netns } = host();
    expect(netns.inet.fib.remove({ dst: prefix("10.79.0.0/24") })?.message).toBe("No such process");
  });

  test("IPv6 lists the more specific first and the default route last", () => {
    const { netns, eth0 } = host();
    give(eth0, "fd77::1/64");
    addDefault(netns, "fd77::9");
    add(netns, "fd78::/64", { via: ip("fd77::2"), metric: 1024 });
    expect(add(netns, "fd79::/64", { via: ip("fd77::1"), metric: 1024 })).toBe("Gateway can not be a local address.");
    expect(add(netns, "fd79::/64", { via: ip("fd99::1"), metric: 1024 })).toBe("No route to host");
    expect(listed(netns, 6).filter((line) => !line.startsWith("fe80"))).toEqual([
      "fd77::/64 dev eth0 metric 256",
      "fd78::/64 via fd77::2 dev eth0 metric 1024",
      "default via fd77::9 dev eth0 metric 1024",
    ]);
  });
});

describe("sources", () => {
  test("the address of the subnet that the gateway is in", () => {
    const { netns, eth0 } = host();
    give(eth0, "10.78.0.1/24");
    add(netns, "10.99.0.0/24", { via: ip("10.78.0.2") });
    expect(formatIp(netns.inet.sourceFor(ip("10.99.0.1")) as number)).toBe("10.78.0.1");
    expect(formatIp(netns.inet.sourceFor(ip("127.0.0.5")) as number)).toBe("127.0.0.1");
    expect(netns.inet.sourceFor(ip("8.8.8.8"))).toBe("ENETUNREACH");
  });
});

describe("policy rules", () => {
  test("a rule for a source leads to another table", () => {
    const { router } = routed();
    router.inet.fib.addRule(4, { priority: 100, from: prefix("10.0.1.0/24"), table: 7 });
    add(router, "0.0.0.0/0", { type: "unreachable", table: 7 });
    expect(router.inet.fib.lookup(ip("10.0.2.2"), ip("10.0.1.2"))?.route.type).toBe("unreachable");
    expect(router.inet.fib.lookup(ip("10.0.2.2"), ip("10.0.9.9"))?.route.type).toBe("unicast");
    expect(router.inet.fib.removeRule(4, { priority: 100 })).toBeUndefined();
    expect(router.inet.fib.lookup(ip("10.0.2.2"), ip("10.0.1.2"))?.route.type).toBe("unicast");
  });

  test("broadcast and multicast are routes of their own", () => {
    const { host: bridgeHost } = bridged(1);
    expect(bridgeHost.inet.fib.lookup(ip("10.0.0.255"))?.route.type).toBe("broadcast");
    const c = bridged(1).containers[0] as Netns;
    addDefault(c, "10.0.0.1");
    expect(c.inet.fib.lookup(ip("224.0.0.1"))?.route.type).toBe("multicast");
    expect(c.inet.fib.lookup(ip("255.255.255.255"))?.route.type).toBe("broadcast");
  });
});

describe("routes with several ways", () => {
  function twoLinks(): { netns: Netns; eth0: NetDevice; eth1: NetDevice } {
    const kernel = new Kernel(1);
    const netns = addNetns(kernel, "host");
    const [eth0] = cable(netns, "eth0", "10.77.0.1/24", addNetns(kernel, "a"), "eth0", "10.77.0.2/24");
    const [eth1] = cable(netns, "eth1", "10.78.0.1/24", addNetns(kernel, "b"), "eth0", "10.78.0.2/24");
    const nexthops = [
      { via: ip("10.77.0.2"), weight: 3 },
      { via: ip("10.78.0.2"), weight: 1 },
    ];
    expect(add(netns, "10.80.0.0/16", { nexthops })).toBe("");
    return { netns, eth0, eth1 };
  }

  const takers = (netns: Netns, device: NetDevice): number => {
    let count = 0;
    for (let i = 0; i < 1000; i++) if (netns.inet.fib.lookup((ip("10.80.0.0") as number) + i)?.dev === device) count++;
    return count;
  };

  test("each way gets its share of the flows, and a flow keeps its way", () => {
    const { netns, eth0 } = twoLinks();
    expect(listed(netns)).toContain("10.80.0.0/16 nexthop via 10.77.0.2 dev eth0 weight 3 nexthop via 10.78.0.2 dev eth1 weight 1");
    expect(takers(netns, eth0)).toBeGreaterThan(680);
    expect(takers(netns, eth0)).toBeLessThan(820);
    expect(takers(netns, eth0)).toBe(takers(netns, eth0));
  });

  test("a flow that has its source goes by the way that the source belongs to", () => {
    const { netns, eth1 } = twoLinks();
    for (let i = 0; i < 50; i++) expect(netns.inet.fib.lookup((ip("10.80.0.0") as number) + i, ip("10.78.0.1"))?.dev).toBe(eth1);
  });

  test("the others take over for a way that is dead; with the last one the route goes", () => {
    const { netns, eth0, eth1 } = twoLinks();
    netns.devices.setUp(eth1, false);
    expect(takers(netns, eth0)).toBe(1000);
    netns.devices.setUp(eth1, true);
    expect(takers(netns, eth0)).toBeLessThan(1000);
    netns.devices.setUp(eth0, false);
    netns.devices.setUp(eth1, false);
    netns.devices.setUp(eth0, true);
    netns.devices.setUp(eth1, true);
    expect(listed(netns).some((line) => line.startsWith("10.80.0.0/16"))).toBe(false);
  });
});

describe("policy rules that look at more than the source", () => {
  test("suppress_prefixlength passes over short prefixes, goto over rules, and ports and protocols are looked at", () => {
    const { netns } = host();
    const { fib } = netns.inet;
    addDefault(netns, "10.77.0.2");
    expect(add(netns, "10.90.0.0/16", { via: ip("10.77.0.2"), table: 50 })).toBe("");
    const table = (protocol: number, dstPort: number): Route["table"] | undefined =>
      fib.lookup(ip("10.90.0.1"), undefined, undefined, 0, undefined, { protocol, body: { kind: "ports", srcPort: 1, dstPort } })?.route
        .table;
    expect(fib.addRule(4, { priority: 10, table: 50, protocol: 6, destinationPorts: [80, 90] })).toBeUndefined();
    expect([table(6, 80), table(6, 91), table(17, 80)]).toEqual([50, "main", "main"]);
    expect(fib.addRule(4, { priority: 5, table: "main", goto: 20 })).toBeUndefined();
    expect(table(6, 80)).toBe(50);
    expect(fib.addRule(4, { priority: 20, table: "main" })).toBeUndefined();
    expect(table(6, 80)).toBe("main");
    expect(fib.addRule(4, { priority: 30, table: "main", goto: 30 })?.message).toBe("Backward goto not supported.");
    fib.removeRule(4, { priority: 5 });
    fib.removeRule(4, { priority: 10 });
    expect(fib.addRule(4, { priority: 4, table: 50, suppressPrefixLength: 16 })).toBeUndefined();
    expect(table(6, 80)).toBe("main");
    fib.removeRule(4, { priority: 4 });
    expect(fib.addRule(4, { priority: 4, table: 50, suppressPrefixLength: 15 })).toBeUndefined();
    expect(table(6, 80)).toBe(50);
  });
});
