import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChangeSubjects, type DeviceView, type NetnsView, Trace } from "../kernel/trace.ts";
import type { ArpPacket } from "../kernel/wire/packet.ts";
import { type Picture, PictureHistory } from "./picture.ts";

const packet: ArpPacket = { kind: "arp", op: "reply", senderMac: "", senderIp: 1, targetMac: "", targetIp: 2 };

interface Told {
  readonly t: number;
  readonly subject: "device" | "netns" | "container" | "network";
  readonly id: number;
  readonly view: ChangeSubjects["device"] | null;
}

/** The picture as a fold over everything that was ever told. */
function foldOf(all: readonly Told[]): unknown {
  const maps = { device: new Map(), netns: new Map(), container: new Map(), network: new Map() };
  for (const { subject, id, view } of all) {
    const key = subject === "device" || subject === "netns" ? id : String(id);
    if (view) maps[subject].set(key, view);
    else maps[subject].delete(key);
  }
  return [maps.device, maps.netns, maps.container, maps.network].map((map) => [...map]);
}

const parts = ({ devices, netns, containers, networks }: Picture): unknown =>
  [devices, netns, containers, networks].map((map) => [...(map as ReadonlyMap<unknown, unknown>)]);

const anyStep = fc.oneof(
  fc.record({
    do: fc.constant("change" as const),
    subject: fc.constantFrom("device" as const, "netns" as const, "container" as const, "network" as const),
    id: fc.integer({ min: 1, max: 6 }),
    gone: fc.boolean(),
  }),
  fc.record({ do: fc.constant("storm" as const), hops: fc.constantFrom(1, 900, 4000, 30_000) }),
  fc.record({ do: fc.constantFrom("look" as const, "look back" as const, "begin to look" as const) }),
);

test("however much the trace has let go unread, the picture is the fold of all that was told", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60, size: "max" }), (steps) => {
      const trace = new Trace(8192);
      let history = new PictureHistory(trace);
      const told: Told[] = [];
      let t = 0;
      for (const step of steps) {
        t++;
        if (step.do === "change") {
          const view = step.gone ? null : ({ uid: step.id, name: String(t) } as DeviceView);
          told.push({ t, subject: step.subject, id: step.id, view });
          trace.change(t, step.subject, step.id, view as never);
        } else if (step.do === "storm") {
          for (let i = 0; i < step.hops; i++) trace.hop(t, 1, 0, 1, 1, "transmit", "send", undefined, undefined, undefined, packet);
        } else if (step.do === "begin to look") history = new PictureHistory(trace);
        else if (step.do === "look") expect(parts(history.latest())).toEqual(foldOf(told));
        else {
          // Half of the time that is kept ago.
          const oldest = trace.timeAt(trace.dropped) ?? 0;
          const then = Math.ceil((oldest + t) / 2);
          expect(parts(history.at(then))).toEqual(foldOf(told.filter((one) => one.t <= then)));
        }
      }
      expect(parts(history.latest())).toEqual(foldOf(told));
      expect(parts(new PictureHistory(trace).latest())).toEqual(foldOf(told));
    }),
    { numRuns: 60 },
  );
});

test("as long as nothing changes the picture is the same object", () => {
  const trace = new Trace();
  trace.change(1, "netns", 1, { uid: 1 } as NetnsView);
  const history = new PictureHistory(trace);
  const first = history.latest();
  trace.hop(2, 1, 0, 1, 1, "transmit", "send", undefined, undefined, undefined, packet);
  expect(history.latest()).toBe(first);
  trace.change(3, "device", 1, { uid: 1 } as DeviceView);
  expect(history.latest()).not.toBe(first);
  expect(history.latest().netns).toBe(first.netns);
});

test("when a world replaces another, what looks the same stays the same object", () => {
  const tell = (lastName: string): Trace => {
    const trace = new Trace();
    trace.change(1, "netns", 1, { uid: 1, name: "host" } as NetnsView);
    for (const uid of [1, 2])
      trace.change(2, "device", uid, { uid, addresses: ["10.0.0.1/8"], name: uid === 2 ? lastName : "lo" } as unknown as DeviceView);
    return trace;
  };
  const shown = new PictureHistory(tell("eth0")).latest();
  const trace = tell("eth1");
  const next = new PictureHistory(trace, shown);
  const picture = next.latest();
  expect(picture.netns).toBe(shown.netns);
  expect(picture.devices).not.toBe(shown.devices);
  expect(picture.devices.get(1)).toBe(shown.devices.get(1));
  expect(picture.devices.get(2)?.name).toBe("eth1");
  trace.change(3, "device", 1, null);
  expect([...next.latest().devices.keys()]).toEqual([2]);
});
