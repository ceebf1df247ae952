import { describe, expect, test } from "vitest";
import type { Flight } from "../session/flights.ts";
import { buildScene } from "./buildScene.ts";
import { Geometry } from "./geometry.ts";
import { Journeys } from "./journeys.ts";
import { layOut } from "./layout.ts";
import { PictureMaker } from "./picture.fixture.ts";
import { RouteIndex } from "./routes.ts";
import { isInside } from "./sizes.ts";

const scene = buildScene(
  new PictureMaker()
    .container({ name: "a", networks: ["bridge"] })
    .container({ name: "b", networks: ["bridge"] })
    .picture(),
);
const geometry = new Geometry(scene, layOut({ scene, placed: new Map() }));
const routes = new RouteIndex(scene);
const veth = (name: string) => scene.cables.find((cable) => cable.container === name) as (typeof scene.cables)[number];

const flight = (from: number, to: number, start: number, end: number): Flight => ({
  packet: 7,
  from,
  to,
  start,
  end,
  protocol: "ICMP",
  label: "echo",
  housekeeping: false,
  passage: [],
});

describe("packets in motion", () => {
  const out = flight(veth("a").from.device, veth("a").to.device, 0, 100);
  const back = flight(veth("b").to.device, veth("b").from.device, 100, 200);
  const pillsAt = (journeys: Journeys, now: number, jump = false) =>
    journeys.pills({ flights: [out, back].filter((one) => one.end >= now), now, geometry, routes, jump });

  test("a frame goes down its own cable", () => {
    const [pill] = pillsAt(new Journeys(), 99);
    const end = geometry.cable(veth("a").id)?.end;
    expect(pill?.at.x).toBeCloseTo(end?.x ?? 0, 0);
  });

  test("between two cables it crosses the bridge", () => {
    const journeys = new Journeys();
    pillsAt(journeys, 50);
    const bar = geometry.box("network:bridge");
    const crossed = [110, 120, 130, 140, 150].some((now) => pillsAt(journeys, now).some((pill) => isInside(bar, pill.at)));
    expect(crossed).toBe(true);
    const [landed] = pillsAt(journeys, 200);
    expect(landed?.at).toEqual(geometry.cable(veth("b").id)?.start);
  });

  test("with reduced motion it is at one device or the next, nowhere between", () => {
    const journeys = new Journeys();
    const places = new Set([10, 30, 60, 90].map((now) => JSON.stringify(pillsAt(journeys, now, true)[0]?.at)));
    expect(places.size).toBe(2);
  });

  test("a flight of devices that are not drawn draws nothing", () => {
    expect(new Journeys().pills({ flights: [flight(9998, 9999, 0, 10)], now: 5, geometry, routes, jump: false })).toEqual([]);
  });
});
