import { describe, expect, test } from "vitest";
import { addNetns, bridged, cable, dropsSince, give, ip, ping } from "../inet/stage.fixture.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Hop } from "../trace.ts";
import type { BridgePort } from "./bridge-port.ts";
import { Bridge, createVeth, MAX_BRIDGE_PORTS, type NetDevice } from "./index.ts";

const bridgeOf = (host: Netns): Bridge => host.device("br0") as Bridge;

/** Hops of a bridge's decisions since a position: "flood", "forward veth2" … */
function decisions(kernel: Kernel, from: number): string[] {
  const told: string[] = [];
  for (let i = from; i < kernel.trace.end; i++) {
    const entry = kernel.trace.at(i) as Hop;
    if (entry.kind === "hop" && entry.decision?.by === "fdb") told.push(`${entry.decision.action} ${entry.decision.port ?? ""}`.trim());
  }
  return told;
}

describe("forwarding", () => {
  test("an unknown destination is flooded; what is learned from the answer is forwarded", () => {
    const { kernel, host, containers } = bridged(3);
    const [a, b] = containers as [Netns, Netns, Netns];
    kernel.clock.advanceTo(5e6);
    expect(ping(a, "10.0.0.3")).toHaveLength(1);
    const learned = bridgeOf(host).fdb.find(b.device("eth0")?.mac ?? "");
    expect(learned?.port?.device.name).toBe("veth2");

    const start = kernel.trace.end;
    ping(a, "10.0.0.3");
    expect(decisions(kernel, start)).toEqual(["forward veth2", "forward veth1"]);
    // A third container sees nothing of it.
    expect(containers[2]?.device("eth0")?.counters.rxPackets).toBeLessThan(10);
  });

  test("a learned entry is forgotten after the ageing time, a static one is not", () => {
    const { kernel, host, containers } = bridged(2);
    const bridge = bridgeOf(host);
    ping(containers[0] as Netns, "10.0.0.3");
    const mac = containers[1]?.device("eth0")?.mac as string;
    expect(bridge.fdb.find(mac)).toBeDefined();
    bridge.fdb.set("02:00:00:00:00:01", bridge.ports[0], "static");
    kernel.clock.advanceTo(kernel.clock.now + 320e6);
    expect(bridge.fdb.find(mac)).toBeUndefined();
    expect(bridge.fdb.find("02:00:00:00:00:01")).toBeDefined();
  });

  test("a frame does not leave by the port that it came in by, unless hairpin is on", () => {
    const { kernel, host, containers } = bridged(2);
    const [a] = containers as [Netns, Netns];
    const bridge = bridgeOf(host);
    const port = host.device("veth1")?.port as BridgePort;
    bridge.fdb.set("02:00:00:00:00:07", port, "static");
    a.inet.neighbours.set(ip("10.0.0.9"), a.device("eth0") as NetDevice, "02:00:00:00:00:07", "PERMANENT");
    const start = kernel.trace.end;
    ping(a, "10.0.0.9");
    expect(dropsSince(kernel, start)).toContain("bridge-hairpin-off");
    port.hairpin = true;
    const again = kernel.trace.end;
    ping(a, "10.0.0.9");
    expect(dropsSince(kernel, again)).not.toContain("bridge-hairpin-off");
  });

  test("a flood over many ports is one event of the clock", () => {
    const { kernel, containers } = bridged(200);
    kernel.clock.advanceTo(20e6);
    const start = kernel.trace.end;
    containers[0]?.inet.announce(containers[0].device("eth0") as NetDevice, ip("10.0.0.2"));
    let events = 0;
    const until = kernel.clock.now + 100;
    while ((kernel.clock.nextAt ?? until) < until && kernel.clock.step()) events++;
    expect(events).toBeLessThan(5);
    let flights = 0;
    for (let i = start; i < kernel.trace.end; i++) {
      const entry = kernel.trace.at(i);
      if (entry?.kind === "hop" && entry.decision?.by === "link") flights++;
    }
    expect(flights).toBe(200);
  });

  test("hearing an announcement changes no counter by being untraced", () => {
    const run = (hops: boolean): number[] => {
      const { kernel, containers } = bridged(5);
      kernel.clock.advanceTo(20e6);
      kernel.trace.hops = hops;
      containers[0]?.inet.announce(containers[0].device("eth0") as NetDevice, ip("10.0.0.2"));
      kernel.clock.advanceTo(30e6);
      return containers.flatMap((c) => Object.values(c.device("eth0")?.counters ?? {}));
    };
    expect(run(false)).toEqual(run(true));
  });

  test("a ring of bridges without spanning tree comes to rest", () => {
    const kernel = new Kernel(1);
    const host = addNetns(kernel, "host");
    for (const name of ["b0", "b1"]) {
      const bridge = new Bridge(host, name);
      host.devices.add(bridge);
      host.devices.setUp(bridge, true);
    }
    for (const i of [0, 1, 2]) {
      const [near, far] = cable(host, `n${i}`, "", host, `f${i}`, "");
      host.devices.setMaster(near, host.device("b0"));
      host.devices.setMaster(far, host.device("b1"));
    }
    kernel.trace.hops = false;
    give(host.device("b0") as NetDevice, "10.0.0.1/24");
    expect(ping(host, "10.0.0.2", { wait: 100_000 })).toEqual([]);
    expect(host.device("n0")?.counters.txDropped).toBeGreaterThan(0);
  });
});

describe("br_netfilter", () => {
  test("bridged packets pass FORWARD of the bridge's netns, and the sysctl turns that off", () => {
    const { host, containers } = bridged(2);
    const [a] = containers as [Netns, Netns];
    host.netfilter.command(4, ["-A", "FORWARD", "-i", "br0", "-o", "br0", "-p", "icmp", "-j", "DROP"]);
    expect(ping(a, "10.0.0.3")).toEqual([]);
    host.sysctl.set("net.bridge.bridge-nf-call-iptables", "0");
    expect(ping(a, "10.0.0.3")).toHaveLength(1);
  });

  test("what goes up to the host has passed PREROUTING once", () => {
    const { host, containers } = bridged(1);
    host.netfilter.command(4, ["-t", "mangle", "-A", "PREROUTING", "-p", "icmp"]);
    expect(ping(containers[0] as Netns, "10.0.0.1")).toHaveLength(1);
    expect(String(host.netfilter.command(4, ["-t", "mangle", "-L", "PREROUTING", "-n", "-v", "-x"]))).toMatch(/^ +1 +84 /m);
  });

  test("DNAT to another container of the bridge changes the frame's destination", () => {
    const { host, containers } = bridged(2);
    const [a, b] = containers as [Netns, Netns];
    host.netfilter.command(4, [
      "-t",
      "nat",
      "-A",
      "PREROUTING",
      "-d",
      "10.0.0.1",
      "-p",
      "icmp",
      "-j",
      "DNAT",
      "--to-destination",
      "10.0.0.3",
    ]);
    expect(ping(a, "10.0.0.1")).toHaveLength(1);
    expect(b.device("eth0")?.counters.rxPackets).toBeGreaterThan(1);
  });

  test("a packet in pieces is whole for the hooks and in pieces behind them", () => {
    const { host, containers } = bridged(2);
    host.netfilter.command(4, ["-A", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP"]);
    expect(ping(containers[0] as Netns, "10.0.0.3", { size: 4000, df: false })).toHaveLength(1);
  });
});

describe("ports, MAC, MTU and carrier", () => {
  test("the bridge has the lowest MAC of its ports, none without ports, and its own once one is set", () => {
    const kernel = new Kernel(1);
    const host = addNetns(kernel, "host");
    const bridge = new Bridge(host, "b0");
    host.devices.add(bridge);
    const add = (name: string, mac: string): NetDevice => {
      const pair = createVeth({ netns: host, name, mac }, { netns: host, name: `${name}p` });
      if (!("device" in pair)) throw new Error(pair.message);
      host.devices.setMaster(pair.device, bridge);
      return pair.device;
    };
    const high = add("h", "02:00:00:00:00:09");
    expect(bridge.mac).toBe("02:00:00:00:00:09");
    const low = add("l", "02:00:00:00:00:01");
    expect(bridge.mac).toBe("02:00:00:00:00:01");
    host.devices.setMaster(low, undefined);
    host.devices.setMaster(high, undefined);
    expect(bridge.mac).toBe("00:00:00:00:00:00");
    host.devices.setMac(bridge, "02:00:00:00:00:77");
    add("x", "02:00:00:00:00:02");
    expect(bridge.mac).toBe("02:00:00:00:00:77");
  });

  test("a bridge whose MAC was given has no carrier until a port forwards; then it gets its link-local address and keeps it", () => {
    const kernel = new Kernel(1);
    const host = addNetns(kernel, "host");
    const bridge = new Bridge(host, "docker0", "02:00:00:00:00:0a");
    host.devices.add(bridge);
    host.devices.setUp(bridge, true);
    expect([bridge.carrier, bridge.operState, bridge.addresses.length]).toEqual([false, "DOWN", 0]);
    const other = addNetns(kernel, "c");
    const [, port] = cable(other, "eth0", "", host, "veth1", "");
    host.devices.setMaster(port, bridge);
    expect([bridge.carrier, bridge.operState, bridge.addresses.length]).toEqual([true, "UP", 1]);
    other.devices.setUp(other.device("eth0") as NetDevice, false);
    // That it has lost its carrier is looked after when the second that has begun is over.
    expect([bridge.carrier, bridge.operState, bridge.addresses.length]).toEqual([false, "UP", 1]);
    kernel.clock.advanceTo(kernel.clock.now + 1e6);
    expect([bridge.carrier, bridge.operState, bridge.addresses.length]).toEqual([false, "DOWN", 1]);
  });

  test("a new bridge without a port has carrier, of which nothing was ever told", () => {
    const host = addNetns(new Kernel(1), "host");
    const bridge = new Bridge(host, "b0");
    host.devices.add(bridge);
    host.devices.setUp(bridge, true);
    expect([bridge.carrier, bridge.operState]).toEqual([true, "UNKNOWN"]);
  });

  test("it takes 1,023 ports and says EXFULL beyond", () => {
    const kernel = new Kernel(1);
    kernel.trace.hops = false;
    const host = addNetns(kernel, "host");
    const bridge = new Bridge(host, "b0");
    host.devices.add(bridge);
    const plug = (i: number) => {
      const pair = createVeth({ netns: host, name: `v${i}` }, { netns: host, name: `p${i}` });
      if (!("device" in pair)) throw new Error(pair.message);
      return host.devices.setMaster(pair.device, bridge);
    };
    for (let i = 0; i < MAX_BRIDGE_PORTS; i++) expect(plug(i)).toBeUndefined();
    expect(plug(MAX_BRIDGE_PORTS)?.errno).toBe("EXFULL");
    // A number that has become free is given again.
    host.devices.setMaster(host.device("v5") as NetDevice, undefined);
    expect(plug(MAX_BRIDGE_PORTS + 1)).toBeUndefined();
    expect(host.device(`v${MAX_BRIDGE_PORTS + 1}`)?.port?.number).toBe(6);
  });

  test("ports are disabled while the bridge is down", () => {
    const { host, containers } = bridged(2);
    expect(ping(containers[0] as Netns, "10.0.0.3")).toHaveLength(1);
    host.devices.setUp(bridgeOf(host), false);
    expect(host.device("veth1")?.port?.forwarding).toBe(false);
    expect(ping(containers[0] as Netns, "10.0.0.3")).toEqual([]);
    host.devices.setUp(bridgeOf(host), true);
    expect(ping(containers[0] as Netns, "10.0.0.3")).toHaveLength(1);
  });

  test("its MTU is the least of its ports' until it is given one", () => {
    const { host } = bridged(2);
    const bridge = bridgeOf(host);
    host.devices.setMtu(host.device("veth1") as NetDevice, 1400);
    expect(bridge.mtu).toBe(1400);
    host.devices.setMtu(bridge, 1500);
    host.devices.setMtu(host.device("veth2") as NetDevice, 1300);
    expect(bridge.mtu).toBe(1500);
  });
});
