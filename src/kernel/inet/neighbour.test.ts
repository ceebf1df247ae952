import { describe, expect, test } from "vitest";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { bridged, give, ip, ping } from "./stage.fixture.ts";

const SECOND = 1_000_000;
const state = (netns: Netns, address: string): string | undefined =>
  netns.inet.neighbours.get(ip(address), netns.device("eth0") as NetDevice)?.state;

describe("neighbour states", () => {
  test("who asks learns REACHABLE, who is asked learns STALE; used it goes through DELAY to PROBE and is confirmed", () => {
    const { containers, kernel } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    ping(c1, "10.0.0.3", { wait: 1000 });
    expect(state(c1, "10.0.0.3")).toBe("REACHABLE");
    expect(state(c2, "10.0.0.2")).toBe("DELAY");
    kernel.clock.advanceTo(kernel.clock.now + 5 * SECOND + 1000);
    expect(state(c2, "10.0.0.2")).toBe("REACHABLE");
  });

  test("unused it is STALE after 15 to 45 seconds", () => {
    const { containers, kernel } = bridged(2);
    const [c1] = containers as [Netns, Netns];
    ping(c1, "10.0.0.3", { wait: 1000 });
    kernel.clock.advanceTo(14 * SECOND);
    expect(state(c1, "10.0.0.3")).toBe("REACHABLE");
    kernel.clock.advanceTo(46 * SECOND);
    expect(state(c1, "10.0.0.3")).toBe("STALE");
  });

  test("a gratuitous announcement changes what is known, and adds nothing new", () => {
    const { containers, kernel } = bridged(3);
    const [c1, c2, c3] = containers as [Netns, Netns, Netns];
    ping(c1, "10.0.0.3", { wait: 1000 });
    kernel.clock.advanceTo(kernel.clock.now + 2 * SECOND);
    const eth0 = c3.device("eth0") as NetDevice;
    c2.devices.setUp(c2.device("eth0") as NetDevice, false);
    give(eth0, "10.0.0.3/24");
    c3.inet.announce(eth0, ip("10.0.0.3"));
    c3.inet.announce(eth0, ip("10.0.0.77"));
    kernel.clock.advanceTo(kernel.clock.now + 1000);
    expect(c1.inet.neighbours.get(ip("10.0.0.3"), c1.device("eth0") as NetDevice)?.mac).toBe(eth0.mac);
    expect(state(c1, "10.0.0.77")).toBeUndefined();
  });

  test("an entry set by hand is PERMANENT and needs no question", () => {
    const { containers } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    c1.inet.neighbours.set(ip("10.0.0.3"), c1.device("eth0") as NetDevice, (c2.device("eth0") as NetDevice).mac, "PERMANENT");
    expect(ping(c1, "10.0.0.3")).toHaveLength(1);
    expect(state(c1, "10.0.0.3")).toBe("PERMANENT");
  });

  test("a device that goes down forgets its neighbours", () => {
    const { containers } = bridged(2);
    const [c1] = containers as [Netns, Netns];
    ping(c1, "10.0.0.3");
    c1.devices.setUp(c1.device("eth0") as NetDevice, false);
    expect(c1.inet.neighbours.list()).toEqual([]);
  });
});

describe("who answers ARP", () => {
  test("any device for any of the host's addresses; with arp_ignore 1 only for its own", () => {
    const { containers, host } = bridged(1);
    const c1 = containers[0] as Netns;
    give(host.device("lo") as NetDevice, "10.0.0.200/32");
    expect(ping(c1, "10.0.0.200")).toHaveLength(1);
    c1.inet.neighbours.remove(ip("10.0.0.200"), c1.device("eth0") as NetDevice);
    host.sysctl.set("net.ipv4.conf.all.arp_ignore", "1");
    ping(c1, "10.0.0.200");
    expect(state(c1, "10.0.0.200")).toBe("INCOMPLETE");
  });

  test("a router with proxy_arp for what it reaches elsewhere", () => {
    const { containers, host } = bridged(1);
    const c1 = containers[0] as Netns;
    host.sysctl.set("net.ipv4.ip_forward", "1");
    host.sysctl.set("net.ipv4.conf.br0.proxy_arp", "1");
    const dst = { address: ip("10.0.0.128"), length: 25 };
    host.inet.fib.add({ type: "unicast", dst, dev: host.device("lo"), metric: 0, table: "main", protocol: "boot", scope: "link" });
    ping(c1, "10.0.0.130");
    expect(c1.inet.neighbours.get(ip("10.0.0.130"), c1.device("eth0") as NetDevice)?.mac).toBe((host.device("br0") as NetDevice).mac);
  });
});

describe("duplicate address detection", () => {
  test("an address stays tentative for one to two seconds, then is local", () => {
    const { containers, kernel } = bridged(1);
    const c1 = containers[0] as Netns;
    const eth0 = c1.device("eth0") as NetDevice;
    c1.devices.addAddress(eth0, { ip: ip("fd00::2"), length: 64, scope: "global", tentative: true });
    expect(c1.isLocal(ip("fd00::2"))).toBe(false);
    kernel.clock.advanceTo(kernel.clock.now + 2.1 * SECOND);
    expect(eth0.addresses.find((address) => address.ip === ip("fd00::2"))?.tentative).toBeFalsy();
    expect(c1.isLocal(ip("fd00::2"))).toBe(true);
  });

  test("an address that somebody has is marked and not used", () => {
    const { containers, kernel } = bridged(2);
    const [c1, c2] = containers as [Netns, Netns];
    give(c2.device("eth0") as NetDevice, "fd00::2/64");
    const eth0 = c1.device("eth0") as NetDevice;
    c1.devices.addAddress(eth0, { ip: ip("fd00::2"), length: 64, scope: "global", tentative: true });
    kernel.clock.advanceTo(kernel.clock.now + 2.1 * SECOND);
    expect(eth0.addresses.find((address) => address.ip === ip("fd00::2"))).toMatchObject({ tentative: true, dadFailed: true });
    expect(c1.isLocal(ip("fd00::2"))).toBe(false);
  });
});
