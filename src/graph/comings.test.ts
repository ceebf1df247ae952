import { beforeEach, describe, expect, test } from "vitest";
import type { DeviceView } from "../kernel/trace.ts";
import { Trace } from "../kernel/trace.ts";
import { Arrivals } from "../session/arrivals.ts";
import { buildScene } from "./buildScene.ts";
import { isComing, phasesAt } from "./comings.ts";
import { comingsAt, goneSince, leftOf } from "./flying.ts";
import { Geometry } from "./geometry.ts";
import { layOut } from "./layout.ts";
import { PictureMaker } from "./picture.fixture.ts";
import type { Cable } from "./scene.ts";
import { agesOf, toldNews } from "./telling.ts";

const maker = new PictureMaker().container({ name: "web", networks: ["bridge"] });
const scene = buildScene(maker.picture());
const geometry = new Geometry(scene, layOut({ scene, placed: new Map() }));
const cable = scene.cables.find((one) => one.container === "web") as Cable;
const socket = cable.from.socket;

let arrivals: Arrivals;
beforeEach(() => {
  arrivals = new Arrivals(new Trace(), 0);
  const view = { ...(scene.devices.get(cable.from.device) as DeviceView), name: "vethtmp" };
  arrivals.take({ kind: "change", t: 0, subject: "device", id: String(cable.from.device), view }, 100);
});

describe("how an interface comes", () => {
  test("an address is given, the pair is made, one end moves in, the other is plugged in", () => {
    const parts = [150, 700, 1000, 1400].map((shown) => phasesAt(arrivals, shown).get(socket)?.split(" ")[0]);
    expect(parts).toEqual(["address", "pair", "move", "plug"]);
    expect(phasesAt(arrivals, 1700).size).toBe(0);
  });

  test("its cable is drawn only when both ends are in", () => {
    expect(isComing(phasesAt(arrivals, 1400), cable)).toBe(true);
    expect(isComing(phasesAt(arrivals, 1700), cable)).toBe(false);
  });

  test("the end bears its first name until it is renamed in the netns", () => {
    const nameAt = (shown: number) => {
      const [coming] = comingsAt(geometry, arrivals, shown);
      return coming?.kind === "pair" ? coming.innerName : undefined;
    };
    expect(nameAt(700)).toBe("vethtmp");
    expect(nameAt(1400)).toBe("eth0");
  });

  test("the ends come to rest where the cable will be, and the address at its socket", () => {
    const shape = geometry.cable(cable.id);
    const [last] = comingsAt(geometry, arrivals, 1599.9);
    expect(last?.kind === "pair" && Math.hypot(last.outer.x - (shape?.end.x ?? 0), last.outer.y - (shape?.end.y ?? 0))).toBeLessThan(1);
    const [address] = comingsAt(geometry, arrivals, 599.9);
    expect(address).toMatchObject({ kind: "address", text: expect.stringMatching(/^172\.17\./) });
  });

  test("it is a function of show time alone: the same at the same time, whatever was asked before", () => {
    const first = comingsAt(geometry, arrivals, 700);
    comingsAt(geometry, arrivals, 1400);
    expect(comingsAt(geometry, arrivals, 700)).toEqual(first);
  });

  test("told a part at a time it stands still at the part's end, however late it is", () => {
    const [from, to] = agesOf("pair");
    const telling = { device: cable.from.device, name: "vethtmp", from, to, since: 10_000 };
    const told = (real: number) => comingsAt(geometry, toldNews(arrivals, telling, 90_000, real), 90_000);
    expect(told(10_100)).not.toEqual(told(10_200));
    expect(told(20_000)).toEqual(told(60_000));
    expect(told(60_000)).toMatchObject([{ kind: "pair", innerName: "vethtmp" }]);
    expect(comingsAt(geometry, arrivals, 90_000)).toEqual([]);
  });

  test("told to its end it is there, even where the show stands still in the middle of its coming", () => {
    const [from, to] = agesOf("plug");
    const telling = { device: cable.from.device, name: "vethtmp", from, to, since: 10_000 };
    const told = (real: number) => phasesAt(toldNews(arrivals, telling, 700, real), 700);
    expect(phasesAt(arrivals, 700).size).toBe(1);
    expect(told(10_100).size).toBe(1);
    expect(told(20_000).size).toBe(0);
  });

  test("what was there before is no news, and a crowd is none either", () => {
    const trace = new Trace();
    trace.change(0, "netns", 5, { uid: 5, name: "x", machine: "docker-host", initial: false });
    const quiet = new Arrivals(trace, trace.end);
    expect(quiet.comings.size).toBe(0);
    for (let i = 0; i < 100; i++)
      quiet.take(
        { kind: "change", t: 0, subject: "container", id: `c${i}`, view: { name: "c" } } as unknown as Parameters<Arrivals["take"]>[0],
        0,
      );
    expect(phasesAt(quiet, 10).size).toBe(0);
  });
});

describe("how things go", () => {
  test("what is gone stays where it stood and fades", () => {
    const after = buildScene(maker.remove("web").picture(), scene);
    const now = new Geometry(after, layOut({ scene: after, placed: new Map() }));
    arrivals.take(
      { kind: "change", t: 0, subject: "container", id: "web", view: null } as unknown as Parameters<Arrivals["take"]>[0],
      2000,
    );
    const [gone] = goneSince(geometry, now, arrivals);
    expect(gone).toMatchObject({ key: "container:web", name: "web", box: geometry.box("container:web") });
    expect(gone && leftOf(gone, 2000)).toBe(1);
    expect(gone && leftOf(gone, 3000)).toBeLessThan(0);
  });
});
