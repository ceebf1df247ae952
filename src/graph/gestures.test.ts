import { describe, expect, test } from "vitest";
import { buildScene } from "./buildScene.ts";
import { Geometry } from "./geometry.ts";
import { drawnTo, droppedOn, pulledTo } from "./gestures.ts";
import { layOut } from "./layout.ts";
import { PictureMaker } from "./picture.fixture.ts";
import type { Cable } from "./scene.ts";
import { copiedOf, cuttingOf, everything, removalOf, switchingOf, within } from "./selection.ts";
import type { Box, Point } from "./sizes.ts";

const scene = buildScene(
  new PictureMaker()
    .network("mine")
    .container({ name: "a", networks: ["bridge"] })
    .container({ name: "b", networks: ["bridge"] })
    .container({ name: "c", networks: ["mine"] })
    .container({ name: "stopped", networks: ["mine"], state: "exited" })
    .picture(),
);
const geometry = new Geometry(scene, layOut({ scene, placed: new Map() }));
const middle = (id: string): Point => {
  const box = geometry.box(id);
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
};
const cable = (container: string): Cable => scene.cables.find((one) => one.container === container) as Cable;
const away: Point = { x: -500, y: -500 };

describe("a card that is dropped", () => {
  test("on another card pings it, on a network it moves there, elsewhere it has only moved", () => {
    expect(droppedOn(geometry, "container:a", middle("container:b"))).toEqual({ kind: "ping", from: "container:a", to: "container:b" });
    expect(droppedOn(geometry, "container:a", middle("network:mine"))).toEqual({
      kind: "rewire",
      container: "a",
      from: "bridge",
      to: "mine",
    });
    expect(droppedOn(geometry, "container:a", middle("network:bridge"))).toBeUndefined();
    expect(droppedOn(geometry, "container:a", away)).toBeUndefined();
  });
});

describe("what is drawn from a card's grip", () => {
  test("to a network connects, to a card or machine pings", () => {
    expect(drawnTo(geometry, "container:a", "cable", middle("network:mine"))).toEqual({ kind: "connect", container: "a", network: "mine" });
    expect(drawnTo(geometry, "container:a", "ping", middle("machine:server"))).toEqual({
      kind: "ping",
      from: "container:a",
      to: "machine:server",
    });
    expect(drawnTo(geometry, "container:a", "cable", away)).toBeUndefined();
  });
});

describe("a cable's end that is pulled off", () => {
  const shape = geometry.cable(cable("a").id);

  test("snaps back when it is let go where it was", () => {
    expect(pulledTo(geometry, cable("a"), "to", shape?.end as Point)).toBeUndefined();
  });

  test("is unplugged when it is let go over nothing", () => {
    expect(pulledTo(geometry, cable("a"), "to", away)).toEqual({ kind: "disconnect", container: "a", network: "bridge" });
    expect(pulledTo(geometry, cable("a"), "from", away)).toEqual({ kind: "disconnect", container: "a", network: "bridge" });
  });

  test("goes into another network at the bridge's end, into another container at the container's", () => {
    expect(pulledTo(geometry, cable("a"), "to", middle("network:mine"))).toEqual({
      kind: "rewire",
      container: "a",
      from: "bridge",
      to: "mine",
    });
    expect(pulledTo(geometry, cable("a"), "from", middle("container:c"))).toEqual({
      kind: "batch",
      actions: [
        { kind: "disconnect", container: "a", network: "bridge" },
        { kind: "connect", container: "c", network: "bridge" },
      ],
    });
  });

  test("of a cable that no network knows sets its link down", () => {
    const wire = scene.cables.find((one) => one.kind === "wire") as Cable;
    expect(cuttingOf(wire)).toMatchObject({ kind: "cut" });
  });
});

describe("several at once", () => {
  test("are removed together, but for the engine's own networks", () => {
    expect(removalOf(scene, ["container:a", "container:c", "network:mine", "network:bridge"])).toEqual({
      kind: "batch",
      actions: [
        { kind: "remove", container: "a" },
        { kind: "remove", container: "c" },
        { kind: "remove-network", network: "mine" },
      ],
    });
    expect(removalOf(scene, ["network:bridge"])).toBeUndefined();
    expect(removalOf(scene, [cable("a").id])).toEqual({ kind: "disconnect", container: "a", network: "bridge" });
  });

  test("are stopped when any of them runs, else started", () => {
    expect(switchingOf(scene, ["container:a", "container:stopped"])).toEqual({ kind: "stop", container: "a" });
    expect(switchingOf(scene, ["container:stopped"])).toEqual({ kind: "start", container: "stopped" });
  });

  test("all containers and networks of one's own are everything", () => {
    expect(everything(scene)).toEqual(["container:a", "container:b", "container:c", "container:stopped", "network:mine"]);
    expect(copiedOf(everything(scene))).toEqual(["a", "b", "c", "stopped"]);
  });

  test("a box takes what stands in it, a wide bar only over its middle", () => {
    const grown = ({ x, y, w, h }: Box): Box => ({ x: x - 4, y: y - 4, w: w + 8, h: h + 8 });
    expect(within(geometry, grown(geometry.box("container:a")))).toEqual(["container:a"]);
    const bar = geometry.box("network:mine");
    expect(within(geometry, grown(bar))).toEqual(["network:mine"]);
    expect(within(geometry, { x: bar.x, y: bar.y, w: 10, h: 10 })).toEqual([]);
  });
});
