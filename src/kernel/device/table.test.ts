import { describe, expect, test } from "vitest";
import { addNetns, cable, give, ip, ping } from "../inet/stage.fixture.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { Bridge, createMacvlan, createVeth, createVlan, Dummy, type NetDevice, type Veth } from "./index.ts";

function pair(netns: Netns, name: string, peerName: string, there = netns): { device: Veth; peer: Veth } {
  const made = createVeth({ netns, name }, { netns: there, name: peerName });
  if (!("device" in made)) throw new Error(made.message);
  return made;
}

const names = (netns: Netns): string[] => netns.devices.all().map(({ ifindex, name }) => `${ifindex} ${name}`);

describe("numbers and names", () => {
  test("the peer of a pair is registered first, and a number is not given again", () => {
    const host = addNetns(new Kernel(1), "host");
    const { device } = pair(host, "a", "b");
    expect(names(host)).toEqual(["1 lo", "2 b", "3 a"]);
    host.devices.remove(device);
    pair(host, "c", "d");
    expect(names(host)).toEqual(["1 lo", "4 d", "5 c"]);
  });

  test("a device that moves keeps its number where it is free, and takes a new one where it is not", () => {
    const kernel = new Kernel(1);
    const [host, box] = [addNetns(kernel, "host"), addNetns(kernel, "box")];
    const { device } = pair(host, "a", "b");
    host.devices.move(device, box, "eth0");
    expect(names(box)).toEqual(["1 lo", "3 eth0"]);
    const dummy = new Dummy(host, "d", "02:00:00:00:00:01");
    host.devices.add(dummy, 3);
    box.devices.move(device, host, "back");
    expect(names(host)).toEqual(["1 lo", "2 b", "3 d", "4 back"]);
  });

  test("names that are taken or none are refused", () => {
    const host = addNetns(new Kernel(1), "host");
    const { device } = pair(host, "a", "b");
    expect(host.devices.rename(device, "b")?.errno).toBe("EEXIST");
    expect(host.devices.rename(device, "a/b")?.errno).toBe("EINVAL");
    expect(host.devices.rename(device, "sixteen-letters-")?.errno).toBe("EINVAL");
    expect(host.devices.rename(device, "c")).toBeUndefined();
    expect(createVeth({ netns: host, name: "x" }, { netns: host, name: "c" })).toMatchObject({ errno: "EEXIST" });
  });

  test("loopback and bridges stay where they are", () => {
    const kernel = new Kernel(1);
    const [host, box] = [addNetns(kernel, "host"), addNetns(kernel, "box")];
    const bridge = new Bridge(host, "b0");
    host.devices.add(bridge);
    expect(host.devices.move(bridge, box)?.message).toBe("The interface netns is immutable");
    expect(host.devices.remove(host.device("lo") as NetDevice)?.errno).toBe("EOPNOTSUPP");
  });
});

describe("what goes with a device", () => {
  test("a veth takes its peer along, a parent its macvlans, a netns all of its own", () => {
    const kernel = new Kernel(1);
    const [host, box] = [addNetns(kernel, "host"), addNetns(kernel, "box")];
    const { device } = pair(host, "a", "b");
    createMacvlan(box, "mv", device, "bridge");
    host.devices.remove(device);
    expect([names(host), names(box)]).toEqual([["1 lo"], ["1 lo"]]);
    pair(host, "h", "eth0", box);
    kernel.removeNetns(box);
    expect(names(host)).toEqual(["1 lo"]);
  });

  test("down: IPv6 addresses go, IPv4 ones stay without their routes; up again brings routes and the link-local address", () => {
    const kernel = new Kernel(1);
    const [a, b] = [addNetns(kernel, "a"), addNetns(kernel, "b")];
    const [device] = cable(a, "eth0", "10.0.0.1/24", b, "eth0", "10.0.0.2/24");
    give(device, "2001:db8::1/64");
    expect(device.addresses).toHaveLength(3);
    a.devices.setUp(device, false);
    expect(device.addresses.map(({ ip: address }) => address)).toEqual([ip("10.0.0.1")]);
    expect(a.inet.fib.list(4)).toEqual([]);
    a.devices.setUp(device, true);
    expect(device.addresses.map(({ scope }) => scope)).toEqual(["global", "link"]);
    expect(a.inet.fib.list(4)).toHaveLength(1);
    expect(ping(a, "10.0.0.2")).toHaveLength(1);
  });

  test("carrier of a veth needs both ends up", () => {
    const host = addNetns(new Kernel(1), "host");
    const { device, peer } = pair(host, "a", "b");
    host.devices.setUp(device, true);
    expect([device.carrier, device.operState, peer.operState]).toEqual([false, "LOWERLAYERDOWN", "DOWN"]);
    host.devices.setUp(peer, true);
    expect([device.carrier, device.operState, peer.operState]).toEqual([true, "UP", "UP"]);
  });

  test("an operation tells the trace once of each device that it changed", () => {
    const kernel = new Kernel(1);
    const host = addNetns(kernel, "host");
    const bridge = new Bridge(host, "b0");
    host.devices.add(bridge);
    host.devices.setUp(bridge, true);
    const { device, peer } = pair(host, "a", "b");
    host.devices.setUp(peer, true);
    host.devices.setMaster(device, bridge);
    const start = kernel.trace.end;
    host.devices.setUp(device, true);
    const told: string[] = [];
    for (let i = start; i < kernel.trace.end; i++) {
      const entry = kernel.trace.at(i);
      if (entry?.kind === "change" && entry.view && "ifindex" in entry.view) told.push(entry.view.name);
    }
    expect(told.sort()).toEqual(["a", "b", "b0"]);
  });
});

describe("addresses", () => {
  const texts = (device: NetDevice): string[] =>
    device.addresses.map(({ ip: address, secondary }) => `${String(address)}${secondary ? " secondary" : ""}`);

  test("a second address of a block is secondary, and goes with the first unless it is promoted", () => {
    const host = addNetns(new Kernel(1), "host");
    const dummy = new Dummy(host, "d", "02:00:00:00:00:01");
    host.devices.add(dummy);
    for (const text of ["0.0.0.1/24", "0.0.0.2/24", "0.0.1.1/24"]) give(dummy, text);
    expect(texts(dummy)).toEqual(["1", "257", "2 secondary"]);
    host.devices.removeAddress(dummy, 1, 24);
    expect(texts(dummy)).toEqual(["257"]);
    for (const text of ["0.0.0.1/24", "0.0.0.2/24", "0.0.0.3/24"]) give(dummy, text);
    host.sysctl.set("net.ipv4.conf.d.promote_secondaries", "1");
    host.devices.removeAddress(dummy, 1, 24);
    expect(texts(dummy)).toEqual(["257", "2", "3 secondary"]);
  });

  test("the same address twice, IPv6 where it is disabled, and an address that is not there are refused", () => {
    const host = addNetns(new Kernel(1), "host");
    const dummy = new Dummy(host, "d", "02:00:00:00:00:01");
    host.devices.add(dummy);
    give(dummy, "10.0.0.1/24");
    const again = host.devices.addAddress(dummy, { ip: ip("10.0.0.1"), length: 24, scope: "global" });
    expect(again?.message).toBe("ipv4: Address already assigned");
    expect(host.devices.removeAddress(dummy, ip("10.0.0.9"), 24)?.message).toBe("ipv4: Address not found");
    host.sysctl.set("net.ipv6.conf.d.disable_ipv6", "1");
    const six = host.devices.addAddress(dummy, { ip: ip("fd00::1"), length: 64, scope: "global" });
    expect(six?.message).toBe("ipv6: IPv6 is disabled on this device");
  });
});

test("an 802.1q sub-interface talks to its like on the other side of the wire, and to nobody else", () => {
  const kernel = new Kernel(1);
  const [a, b] = [addNetns(kernel, "a"), addNetns(kernel, "b")];
  const [left, right] = cable(a, "eth0", "", b, "eth0", "");
  const add = (netns: Netns, parent: NetDevice, id: number, address: string): void => {
    const vlan = createVlan(netns, `eth0.${id}`, parent, id);
    if (!("kind" in vlan)) throw new Error(vlan.message);
    netns.devices.setUp(vlan, true);
    give(vlan, address);
  };
  add(a, left, 10, "10.10.0.1/24");
  add(b, right, 10, "10.10.0.2/24");
  add(a, left, 20, "10.20.0.1/24");
  add(b, right, 30, "10.20.0.2/24");
  expect(ping(a, "10.10.0.2")).toHaveLength(1);
  expect(ping(a, "10.20.0.2")).toEqual([]);
  expect(createVlan(a, "again", left, 10)).toMatchObject({ errno: "EEXIST" });
});

test("a netns is known by the lowest free number, and its number is free when it has gone", () => {
  const kernel = new Kernel(1);
  const host = addNetns(kernel, "host");
  const box = (name: string): Netns => {
    const netns = addNetns(kernel, name);
    pair(host, `h-${name}`, "eth0", netns);
    return netns;
  };
  const [a, b] = [box("a"), box("b")];
  expect([host.devices.netnsId(a), host.devices.netnsId(b)]).toEqual([0, 1]);
  kernel.removeNetns(a);
  expect(host.devices.netnsId(box("c"))).toBe(0);
  expect(host.devices.netnsId(box("d"))).toBe(2);
});
