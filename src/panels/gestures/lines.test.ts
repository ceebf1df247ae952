import { describe, expect, it } from "vitest";
import type { ContainerView, NetworkView } from "../../engine/types.ts";
import { EMPTY_PICTURE, type Picture } from "../../session/picture.ts";
import { commandOf, effectOf } from "./lines.ts";

const container = (id: string, network: string, ipv4: string): ContainerView => ({
  id,
  name: id,
  image: "ubuntu:18.04",
  state: "running",
  exitCode: 0,
  netns: 1,
  networkMode: network,
  sharesWith: "",
  hostname: id,
  endpoints: [{ network, networkName: network, ipv4, ipv6: "", mac: "", aliases: [], device: 1, hostDevice: 2 }],
  ports: [],
  published: [],
});

const picture: Picture = {
  ...EMPTY_PICTURE,
  containers: new Map([
    ["c1", container("c1", "bridge", "172.17.0.2")],
    ["c2", container("c2", "bridge", "172.17.0.3")],
    ["a1", container("a1", "mine", "172.18.0.2")],
    ["a2", container("a2", "mine", "172.18.0.3")],
  ]),
  networks: new Map([["mine", { id: "mine", name: "mine" } as NetworkView]]),
};
const line = (action: Parameters<typeof effectOf>[0]) => {
  const effect = effectOf(action, picture);
  return effect.kind === "run" ? effect.line : effect.kind;
};

describe("the command behind a gesture", () => {
  it("pings by address on the default bridge, which has no names, and by name on a network of one's own", () => {
    expect(line({ kind: "ping", from: "container:c1", to: "container:c2" })).toBe("docker exec c1 ping -c 1 172.17.0.3");
    expect(line({ kind: "ping", from: "container:a1", to: "container:a2" })).toBe("docker exec a1 ping -c 1 a2");
    expect(line({ kind: "ping", from: "container:c1", to: "container:a2" })).toBe("docker exec c1 ping -c 1 172.18.0.3");
    expect(line({ kind: "ping", from: "container:c1", to: "machine:server" })).toBe("docker exec c1 ping -c 1 192.168.0.20");
  });

  it("connects, disconnects and rewires", () => {
    expect(line({ kind: "connect", container: "c1", network: "mine" })).toBe("docker network connect mine c1");
    expect(line({ kind: "disconnect", container: "a1", network: "mine" })).toBe("docker network disconnect mine a1");
  });

  it("forces the removal of what runs", () => {
    expect(line({ kind: "remove", container: "c1" })).toBe("docker rm -f c1");
  });

  it("does several at once with as few commands as the tools need", () => {
    const actions = ["c1", "c2", "a1"].map((id) => ({ kind: "remove" as const, container: id }));
    expect(line({ kind: "batch", actions: [...actions, { kind: "remove-network", network: "mine" }] })).toBe(
      "docker rm -f c1 c2 a1 && docker network rm mine",
    );
    expect(line({ kind: "batch", actions: actions.map(({ container }) => ({ kind: "stop", container })) })).toBe(
      "docker stop -t 0 c1 c2 a1",
    );
  });

  it("makes copies under free names, on the same networks", () => {
    expect(line({ kind: "paste", containers: ["c1", "a1"] })).toBe(
      "docker run -itd --name c1-2 ubuntu:18.04 && docker run -itd --name a1-2 --network mine ubuntu:18.04",
    );
  });

  it("tells the line before it runs, and nothing for what only moves things", () => {
    expect(commandOf({ kind: "connect", container: "c1", network: "mine" }, picture)).toBe("docker network connect mine c1");
    expect(commandOf({ kind: "move", places: {} }, picture)).toBe("");
  });

  it("does nothing for what is gone", () => {
    expect(line({ kind: "stop", container: "ghost" })).toBe("none");
  });
});
