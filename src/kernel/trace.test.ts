import { expect, test } from "vitest";
import { type DeviceView, Trace } from "./trace.ts";
import { PAGE } from "./trace-page.ts";
import type { ArpPacket } from "./wire/packet.ts";

const packet: ArpPacket = {
  kind: "arp",
  op: "request",
  senderMac: "02:00:00:00:00:01",
  senderIp: 1,
  targetMac: "00:00:00:00:00:00",
  targetIp: 2,
};
const view = (name: string): DeviceView => ({ name }) as DeviceView;
const hops = (trace: Trace, count: number): void => {
  for (let i = 0; i < count; i++) trace.hop(trace.end, 1 + (i % 3), 0, 4, 5, "transmit", "send", undefined, undefined, undefined, packet);
};

test("a hop, a change and a happening come back as they were told, in order", () => {
  const trace = new Trace();
  const decision = { by: "ttl", ttl: 1 } as const;
  const eth = { src: "02:00:00:00:00:01", dst: "ff:ff:ff:ff:ff:ff", type: 0x0806 };
  const after: ArpPacket = { ...packet, op: "reply" };
  trace.hop(10, 7, 3, 1, 2, "forward", "drop", "ttl-exceeded", decision, eth, packet, after);
  trace.change(11, "device", 2, view("eth0"));
  trace.event(12, "rule-inserted", 1, { chain: "INPUT" });
  expect([trace.at(0), trace.at(1), trace.at(2), trace.at(3)]).toEqual([
    {
      kind: "hop",
      t: 10,
      packet: 7,
      cause: 3,
      netns: 1,
      device: 2,
      point: "forward",
      verdict: "drop",
      reason: "ttl-exceeded",
      decision,
      eth,
      before: packet,
      after,
    },
    { kind: "change", t: 11, subject: "device", id: "2", view: view("eth0") },
    { kind: "event", t: 12, what: "rule-inserted", netns: 1, data: { chain: "INPUT" } },
    undefined,
  ]);
  expect(trace.timeAt(1)).toBe(11);
});

test("beyond its bound the oldest go first, and how many went is counted", () => {
  const trace = new Trace(2 * PAGE);
  hops(trace, 10 * PAGE);
  expect(trace.end).toBe(10 * PAGE);
  expect(trace.end - trace.dropped).toBeGreaterThanOrEqual(trace.capacity);
  expect(trace.end - trace.dropped).toBeLessThanOrEqual(trace.capacity + PAGE);
  expect(trace.at(trace.dropped - 1)).toBeUndefined();
  expect(trace.at(trace.dropped)?.t).toBe(trace.dropped);
  expect(trace.at(trace.end - 1)?.t).toBe(trace.end - 1);
});

test("a journey is what is kept of a packet's hops", () => {
  const trace = new Trace(2 * PAGE);
  hops(trace, 9);
  trace.change(9, "device", 2, view("eth0"));
  expect(trace.journey(2).map(({ t }) => t)).toEqual([1, 4, 7]);
  hops(trace, 10 * PAGE);
  expect(trace.journey(2)[0]?.t).toBeGreaterThanOrEqual(trace.dropped);
});

test("changes that go are folded: nothing of the world is lost", () => {
  const trace = new Trace(PAGE);
  trace.change(0, "device", 1, view("lo"));
  trace.change(0, "device", 2, view("eth0"));
  trace.change(0, "device", 3, view("veth0"));
  trace.change(1, "device", 1, null);
  hops(trace, PAGE);
  trace.change(2, "device", 2, view("wan0"));
  expect(trace.base).toEqual({});
  hops(trace, PAGE);
  const before = [...(trace.base.device ?? [])];
  hops(trace, 3 * PAGE);
  expect(before).toEqual([
    ["2", view("eth0")],
    ["3", view("veth0")],
  ]);
  expect([...(trace.base.device ?? [])]).toEqual([
    ["2", view("wan0")],
    ["3", view("veth0")],
  ]);
});
