import { describe, expect, test } from "vitest";
import { buildScene } from "./buildScene.ts";
import { PictureMaker } from "./picture.fixture.ts";

const cableTo = (scene: ReturnType<typeof buildScene>, container: string) => scene.cables.filter((cable) => cable.container === container);

describe("what a picture is drawn as", () => {
  test("a running container has a socket with its address and a veth cable to its bridge", () => {
    const scene = buildScene(new PictureMaker().container({ name: "web", networks: ["bridge"] }).picture());
    const card = scene.cards.get("container:web");
    expect(card?.sockets.map((socket) => socket.name)).toEqual(["eth0"]);
    const [cable] = cableTo(scene, "web");
    expect(cable).toMatchObject({ kind: "veth", to: { node: "network:bridge" }, live: true, cut: false });
    expect(cable?.to.name).toMatch(/^veth/);
  });

  test("a stopped container has an empty socket and the ghost of a cable", () => {
    const scene = buildScene(new PictureMaker().container({ name: "web", networks: ["bridge"], state: "exited" }).picture());
    expect(scene.cards.get("container:web")?.sockets[0]?.device).toBeUndefined();
    expect(cableTo(scene, "web")[0]?.kind).toBe("ghost");
  });

  test("containers that share a netns share one card and its sockets", () => {
    const maker = new PictureMaker()
      .container({ name: "web", networks: ["bridge"] })
      .container({ name: "side", networks: [], shares: "web" });
    const scene = buildScene(maker.picture());
    expect([...scene.cards.keys()]).toEqual(["container:web"]);
    expect(scene.cards.get("container:web")?.members.map((member) => member.name)).toEqual(["web", "side"]);
    expect(scene.cardOf.get("side")).toBe("container:web");
  });

  test("a host-mode container has no sockets of its own, a none container only lo", () => {
    const maker = new PictureMaker()
      .container({ name: "h", networks: [], mode: "host" })
      .container({ name: "n", networks: [], mode: "none" });
    const scene = buildScene(maker.picture());
    expect(scene.cards.get("container:h")).toMatchObject({ kind: "host", sockets: [] });
    expect(scene.cards.get("container:n")).toMatchObject({ kind: "none", sockets: [] });
  });

  test("a macvlan child's cable goes by its network to the parent, which is marked as one", () => {
    const scene = buildScene(
      new PictureMaker()
        .network("mv", "macvlan")
        .container({ name: "p", networks: ["mv"] })
        .picture(),
    );
    expect(scene.bars.get("network:mv")?.kind).toBe("through");
    expect(cableTo(scene, "p")[0]).toMatchObject({ kind: "child", to: { node: "network:mv", name: "eth0" } });
    expect([...scene.nics.values()][0]?.parentOf).toEqual(["macvlan"]);
  });

  test("a pair with one end down is cut", () => {
    const scene = buildScene(new PictureMaker().container({ name: "web", networks: ["bridge"], cut: true }).picture());
    expect(cableTo(scene, "web")[0]).toMatchObject({ cut: true, live: false });
  });

  test("machines on the LAN are told apart by what they have", () => {
    const scene = buildScene(new PictureMaker().picture());
    expect(Object.fromEntries(scene.machines.map((machine) => [machine.name, machine.role]))).toEqual({
      switch: "switch",
      router: "router",
      server: "server",
      inet: "internet",
    });
    expect(scene.cables.filter((cable) => cable.kind === "wire")).toHaveLength(4);
  });

  test("a network keeps its hue when an older one goes", () => {
    const maker = new PictureMaker().network("a").network("b");
    const before = buildScene(maker.picture());
    const picture = maker.picture();
    (picture.networks as Map<string, unknown>).delete("a");
    expect(buildScene(picture, before).bars.get("network:b")?.hue).toBe(before.bars.get("network:b")?.hue);
  });

  test("what did not change stays the same object", () => {
    const maker = new PictureMaker().container({ name: "a", networks: ["bridge"] });
    const before = buildScene(maker.picture());
    const after = buildScene(maker.container({ name: "b", networks: ["bridge"] }).picture(), before);
    expect(after.cards.get("container:a")).toBe(before.cards.get("container:a"));
    expect(after.cables.find((cable) => cable.container === "a")).toBe(before.cables.find((cable) => cable.container === "a"));
  });
});
