import { describe, expect, test } from "vitest";
import { addNetns, cable, dropsSince, give, ping } from "../inet/stage.fixture.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { Bridge, createIpvlan, createMacvlan, type IpvlanMode, LinkError, type MacvlanMode, type NetDevice } from "./index.ts";

/** A host 10.0.0.10 and a server 10.0.0.20 on a switch; the host's NIC is the parent. */
function lan(): { kernel: Kernel; host: Netns; server: Netns; parent: NetDevice } {
  const kernel = new Kernel(1);
  const [host, server, ground] = [addNetns(kernel, "host"), addNetns(kernel, "server"), addNetns(kernel, "switch")];
  const bridge = new Bridge(ground, "sw0");
  ground.devices.add(bridge);
  ground.devices.setUp(bridge, true);
  const [parent, hostPort] = cable(host, "eth0", "10.0.0.10/24", ground, "p1", "");
  const [, serverPort] = cable(server, "eth0", "10.0.0.20/24", ground, "p2", "");
  for (const port of [hostPort, serverPort]) ground.devices.setMaster(port, bridge);
  return { kernel, host, server, parent };
}

function child(kernel: Kernel, name: string, made: (netns: Netns) => NetDevice | LinkError, address: string): Netns {
  const netns = addNetns(kernel, name);
  const device = made(netns);
  if (device instanceof LinkError) throw new Error(device.message);
  netns.devices.setUp(device, true);
  give(device, address);
  return netns;
}

describe("macvlan", () => {
  const two = (mode: MacvlanMode) => {
    const stage = lan();
    const make = (netns: Netns): NetDevice | LinkError => createMacvlan(netns, "eth0", stage.parent, mode);
    return {
      ...stage,
      a: child(stage.kernel, "a", make, "10.0.0.64/24"),
      b: child(stage.kernel, "b", make, "10.0.0.65/24"),
    };
  };

  test("children of a bridge reach each other and the LAN, and not their host, nor it them", () => {
    const { kernel, host, a } = two("bridge");
    expect(ping(a, "10.0.0.65")).toHaveLength(1);
    expect(ping(a, "10.0.0.20")).toHaveLength(1);
    const start = kernel.trace.end;
    expect(ping(a, "10.0.0.10")).toEqual([]);
    expect(dropsSince(kernel, start)).toContain("macvlan-host-isolation");
    const again = kernel.trace.end;
    expect(ping(host, "10.0.0.64")).toEqual([]);
    expect(dropsSince(kernel, again)).toContain("macvlan-host-isolation");
  });

  test.each(["private", "vepa"] as const)("children in mode %s reach the LAN only", (mode) => {
    const { a, server } = two(mode);
    expect(ping(a, "10.0.0.20")).toHaveLength(1);
    expect(ping(server, "10.0.0.64")).toHaveLength(1);
    expect(ping(a, "10.0.0.65")).toEqual([]);
  });

  test("it loses carrier with its parent, follows its MTU down, and cannot sit on a bridge port", () => {
    const { host, parent, a } = two("bridge");
    const device = a.device("eth0") as NetDevice;
    host.devices.setMtu(parent, 1400);
    expect(device.mtu).toBe(1400);
    expect(a.devices.setMtu(device, 1500)?.message).toBe("Invalid argument");
    host.devices.setUp(parent, false);
    expect(device.carrier).toBe(false);
    const bridge = new Bridge(host, "br0");
    host.devices.add(bridge);
    expect(host.devices.setMaster(parent, bridge)?.errno).toBe("EBUSY");
  });

  test("two children with one MAC cannot both be up", () => {
    const { kernel, parent } = lan();
    const mac = "02:00:00:00:00:07";
    const make = (netns: Netns): NetDevice | LinkError => createMacvlan(netns, "eth0", parent, "bridge", { mac });
    child(kernel, "a", make, "");
    const b = addNetns(kernel, "b");
    const second = make(b) as NetDevice;
    expect(b.devices.setUp(second, true)?.errno).toBe("EADDRINUSE");
  });
});

describe("ipvlan", () => {
  const two = (mode: IpvlanMode) => {
    const stage = lan();
    const make = (netns: Netns): NetDevice | LinkError => createIpvlan(netns, "eth0", stage.parent, mode);
    return {
      ...stage,
      a: child(stage.kernel, "a", make, "10.0.0.64/24"),
      b: child(stage.kernel, "b", make, "10.0.0.65/24"),
    };
  };

  test("l2: children share the parent's MAC, reach each other and the LAN, not the host", () => {
    const { a, parent } = two("l2");
    expect(a.device("eth0")?.mac).toBe(parent.mac);
    expect(ping(a, "10.0.0.65")).toHaveLength(1);
    expect(ping(a, "10.0.0.20")).toHaveLength(1);
    expect(ping(a, "10.0.0.10")).toEqual([]);
  });

  test.each(["l3", "l3s"] as const)("%s: no ARP; children reach each other, and others by the host's routes", (mode) => {
    const { a, server, parent } = two(mode);
    expect(a.device("eth0")?.noArp).toBe(true);
    expect(ping(a, "10.0.0.65")).toHaveLength(1);
    // The server knows the way back by a static neighbour: l3 answers no ARP.
    server.inet.neighbours.set(0x0a000040, server.device("eth0") as NetDevice, parent.mac, "PERMANENT");
    expect(ping(a, "10.0.0.20")).toHaveLength(1);
  });

  test("an address that a sibling has is refused", () => {
    const { b } = two("l2");
    const refused = b.devices.addAddress(b.device("eth0") as NetDevice, { ip: 0x0a000040, length: 24, scope: "global" });
    expect(refused?.errno).toBe("EADDRINUSE");
  });
});
