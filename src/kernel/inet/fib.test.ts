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
