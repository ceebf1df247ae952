import { describe, expect, test } from "vitest";
import { addNetns, cable, dropsSince, ip, ping } from "../inet/stage.fixture.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { NetDevice } from "./index.ts";
import { createVxlan, DEFAULT_NETEM, Netem, type NetemOptions, Tbf } from "./modules.ts";

function wire(options: Partial<NetemOptions>): { kernel: Kernel; a: Netns; b: Netns; device: NetDevice; netem: Netem } {
  const kernel = new Kernel(1);
  const [a, b] = [addNetns(kernel, "a"), addNetns(kernel, "b")];
  const [device] = cable(a, "eth0", "10.0.0.1/24", b, "eth0", "10.0.0.2/24");
  kernel.clock.advanceTo(5e6);
  ping(a, "10.0.0.2");
  const netem = new Netem(device, 0x8001, { ...DEFAULT_NETEM, ...options });
  device.qdisc = netem;
  return { kernel, a, b, device, netem };
}

const chance = (percent: number) => ({ percent, correlation: 0 });

/** How many of so many pings are answered. */
const answered = (a: Netns, count: number): number => {
  let answers = 0;
  for (let i = 0; i < count; i++) answers += (ping(a, "10.0.0.2", { wait: 50_000 }) as unknown[]).length;
  return answers;
};

describe("netem", () => {
  test("delays what is sent, not what is received", () => {
    const { a } = wire({ delay: 100_000 });
    expect(ping(a, "10.0.0.2", { wait: 99_000 })).toEqual([]);
    const { a: again } = wire({ delay: 100_000 });
    expect(ping(again, "10.0.0.2", { wait: 101_000 })).toHaveLength(1);
  });

  test("loses the share that was asked for, and says so", () => {
    const { kernel, a, netem } = wire({ loss: chance(30) });
    const start = kernel.trace.end;
    const answers = answered(a, 200);
    expect(answers).toBeGreaterThan(115);
    expect(answers).toBeLessThan(165);
    // Now and then a neighbour is asked whether it is still there, and that is lost as well.
    expect(netem.dropped).toBeGreaterThanOrEqual(200 - answers);
    expect(dropsSince(kernel, start)).toContain("netem-loss");
    expect(answered(wire({ loss: chance(100) }).a, 5)).toBe(0);
  });

  test("duplicates: one request has two answers", () => {
    expect(answered(wire({ duplicate: chance(100) }).a, 1)).toBe(2);
  });

  test("corrupts: the receiver throws it away", () => {
    const { kernel, a, b } = wire({ corrupt: chance(100) });
    const start = kernel.trace.end;
    expect(answered(a, 1)).toBe(0);
    expect(dropsSince(kernel, start)).toContain("corrupted");
    expect(b.device("eth0")?.counters.rxErrors).toBe(1);
  });

  test("its queue is bounded, and what waits is lost when the device goes down", () => {
    const { a, device, netem } = wire({ delay: 1_000_000, limit: 3 });
    for (let i = 0; i < 5; i++) ping(a, "10.0.0.2", { wait: 10 });
    expect([netem.backlog, netem.dropped]).toEqual([3, 2]);
    a.devices.setUp(device, false);
    expect(netem.backlog).toBe(0);
  });

  test("the same seed draws the same fate", () => {
    const fate = (): number => answered(wire({ loss: chance(50), delay: 1000, jitter: 500 }).a, 50);
    expect(fate()).toBe(fate());
  });

  test("prints its options as tc does", () => {
    const { netem } = wire({
      delay: 100_000,
      jitter: 10_000,
      delayCorrelation: 25,
      loss: { percent: 0.1, correlation: 5 },
      rate: 125_000,
      seed: 7n,
    });
    expect(netem.options).toBe(" limit 1000 delay 100ms  10ms 25% loss 0.1% 5% rate 1Mbit seed 7");
  });
});

test("tbf lets a burst through and paces the rest", () => {
  const { a, device } = wire({});
  device.qdisc = new Tbf(device, 0x8002, { rate: 12_500, burst: 1_000, limit: 10_000 });
  // 942 bytes of frame a ping: the first takes the bucket, the next waits for it to fill again: 75 ms.
  expect(ping(a, "10.0.0.2", { size: 900, wait: 10_000 })).toHaveLength(1);
  expect(ping(a, "10.0.0.2", { size: 900, wait: 40_000 })).toHaveLength(0);
  expect(ping(a, "10.0.0.2", { size: 56, wait: 100_000 })).toHaveLength(2);
});

test("vxlan carries frames between hosts, floods to the default destination, and learns who is where", () => {
  const kernel = new Kernel(1);
  const [a, b] = [addNetns(kernel, "a"), addNetns(kernel, "b")];
  const [left, right] = cable(a, "eth0", "10.0.0.1/24", b, "eth0", "10.0.0.2/24");
  const tunnel = (netns: Netns, remote: string, lower: NetDevice, address: number): NetDevice => {
    const vxlan = createVxlan(netns, "vx0", { vni: 42, port: 4789, remote: ip(remote), lower, learning: true });
    if (!("kind" in vxlan)) throw new Error(vxlan.message);
    netns.devices.setUp(vxlan, true);
    netns.devices.addAddress(vxlan, { ip: address, length: 24, scope: "global" });
    return vxlan;
  };
  const near = tunnel(a, "10.0.0.2", left, 0xc0a80001);
  tunnel(b, "10.0.0.1", right, 0xc0a80002);
  expect(near.mtu).toBe(1450);
  expect(ping(a, "192.168.0.2")).toHaveLength(1);
  expect(near).toMatchObject({ kind: "vxlan" });
  expect("entries" in near && typeof near.entries).toBe("function");
  expect(ping(a, "192.168.0.2", { size: 1422 })).toHaveLength(1);
  expect(left.counters.txBytes).toBeGreaterThan(1500);
});
