import { beforeAll, describe, expect, it } from "vitest";
import { EngineError } from "../../engine/types.ts";
import type { GraphAction } from "../../graph/actions.ts";
import { formOf } from "../add/words.ts";
import { containerIn, inContainer, onMachine } from "../inspector/read/place.ts";
import { TestStage } from "../stage.fixture.ts";
import { pasteLine } from "./clipboard.ts";
import { commandOf, effectsOf, type Surroundings } from "./lines.ts";

const HOST = "docker-host";
let stage: TestStage;

function surroundings(): Surroundings {
  const { picture, engine, host, world } = stage;
  return {
    picture,
    host: HOST,
    lineIn: (uid, command) => {
      const netns = picture.netns.get(uid);
      if (netns?.initial) return world.machines.has(netns.machine) ? { machine: netns.machine, line: command } : undefined;
      const view = containerIn(picture, uid);
      const container = view && engine.findContainer(view.id);
      if (!container || container instanceof EngineError) return undefined;
      const place = inContainer(host, container);
      return { machine: place.machine, line: place.line(command) };
    },
    shellOf: (id) => (stage.container(id).image.flavour === "debian" ? "bash" : "sh"),
    formOf: (id) => formOf(stage.container(id)),
  };
}

/** The line of a gesture, with the machine in front when it is not the host; why not; or what else it comes to. */
function line(action: GraphAction): string {
  return effectsOf(action, surroundings())
    .map((effect) => {
      if (effect.kind === "refused") return `${effect.refusal.why} ${effect.refusal.name}: ${effect.refusal.cure}`;
      if (effect.kind === "none") return "nothing";
      const where = effect.machine === HOST ? "" : `${effect.machine}: `;
      return `${where}${effect.line ?? "terminal"}`;
    })
    .join(" | ");
}

const container = (name: string) => `container:${stage.id(name)}`;
const ping = (from: string, to: string) =>
  line({ kind: "ping", from: from.includes(":") ? from : container(from), to: to.includes(":") ? to : container(to) });

beforeAll(() => {
  stage = new TestStage(
    "docker network create mine",
    "docker network create other",
    "docker network create -d macvlan --subnet 192.168.0.0/24 --ip-range 192.168.0.64/28 --gateway 192.168.0.1 -o parent=eth0 lan",
    "docker run -itd --name c1 ubuntu:18.04",
    "docker run -itd --name c2 ubuntu:18.04",
    "docker run -itd --name a1 --net mine ubuntu:18.04",
    "docker run -itd --name a2 --net mine alpine",
    "docker run -itd --name b1 --net other ubuntu:18.04",
    "docker run -itd --name m1 --net lan ubuntu:18.04",
    "docker run -itd --name h1 --net host ubuntu:18.04",
    "docker run -itd --name n1 --net none ubuntu:18.04",
    "docker run -itd --name s1 --net container:a1 ubuntu:18.04",
    "docker run -itd --name still --net mine ubuntu:18.04",
    "docker stop -t 0 still",
    "docker run -itd --name frozen --net mine ubuntu:18.04",
    "docker pause frozen",
  );
});

describe("a ping drawn on the picture", () => {
  it("goes by address on the default bridge, which has no names, and by name on a network of one's own", () => {
    expect(ping("c1", "c2")).toBe("docker exec c1 ping -c 1 172.17.0.3");
    expect(ping("a1", "a2")).toBe("docker exec a1 ping -c 1 a2");
  });

  it("goes by address between networks, where DNS does not answer", () => {
    expect(ping("a1", "b1")).toBe("docker exec a1 ping -c 1 172.19.0.2");
    expect(ping("c1", "a2")).toBe("docker exec c1 ping -c 1 172.18.0.3");
  });

  it("goes to a machine by the address that is nearest, as the picture has it", () => {
    expect(ping("c1", "machine:server")).toBe("docker exec c1 ping -c 1 192.168.0.20");
    expect(ping("c1", "machine:router")).toBe("docker exec c1 ping -c 1 192.168.0.1");
    expect(ping("c1", "machine:internet")).toBe("docker exec c1 ping -c 1 203.0.113.80");
    expect(ping("machine:internet", "machine:router")).toBe("internet: ping -c 1 203.0.113.1");
    expect(ping("machine:server", "machine:docker-host")).toBe("server: ping -c 1 192.168.0.10");
  });

  it("starts from the host and from other machines", () => {
    expect(ping("machine:docker-host", "c1")).toBe("ping -c 1 172.17.0.2");
    expect(ping("machine:server", "m1")).toBe("server: ping -c 1 192.168.0.64");
    expect(ping("machine:docker-host", "machine:server")).toBe("ping -c 1 192.168.0.20");
  });

  it("reaches a host-mode container at the host's address, and starts from one", () => {
    expect(ping("c1", "h1")).toBe("docker exec c1 ping -c 1 192.168.0.10");
    expect(ping("machine:server", "h1")).toBe("server: ping -c 1 192.168.0.10");
    expect(ping("h1", "c1")).toBe("docker exec h1 ping -c 1 172.17.0.2");
  });

  it("reaches a container in another's netns by that one's name", () => {
    expect(ping("a2", "s1")).toBe("docker exec a2 ping -c 1 a1");
    expect(ping("s1", "a2")).toBe("docker exec s1 ping -c 1 a2");
  });

  it("really arrives, whatever line it comes to", () => {
    for (const [from, to] of [
      ["c1", "c2"],
      ["a1", "a2"],
      ["a2", "s1"],
      ["s1", "a2"],
      ["c1", "h1"],
      ["c1", "machine:internet"],
      ["machine:server", "m1"],
    ] as const) {
      const [effect] = effectsOf(
        { kind: "ping", from: from.includes(":") ? from : container(from), to: to.includes(":") ? to : container(to) },
        surroundings(),
      );
      if (effect?.kind !== "run") throw new Error(`${from} to ${to}: ${effect?.kind}`);
      expect(stage.run(effect.line, effect.machine), effect.line).toMatchObject({ status: 0 });
    }
  });

  it("says why not, and what would help, where somebody does not run or has no network", () => {
    expect(ping("c1", "still")).toBe("stopped still: docker start still");
    expect(ping("still", "c1")).toBe("stopped still: docker start still");
    expect(ping("frozen", "c1")).toBe("paused frozen: docker unpause frozen");
    expect(ping("c1", "n1")).toBe("noNetwork n1: ");
    expect(ping("n1", "c1")).toBe("docker exec n1 ping -c 1 172.17.0.2");
  });
});

describe("cables", () => {
  it("are plugged, pulled and moved", () => {
    const [mine, other] = [stage.id("mine"), stage.id("other")];
    expect(line({ kind: "connect", container: stage.id("c1"), network: mine })).toBe("docker network connect mine c1");
    expect(line({ kind: "disconnect", container: stage.id("a1"), network: mine })).toBe("docker network disconnect mine a1");
    expect(line({ kind: "rewire", container: stage.id("a1"), from: mine, to: other })).toBe(
      "docker network disconnect mine a1 && docker network connect other a1",
    );
  });

  it("take the place of none, and are refused where a container has no netns of its own", () => {
    const mine = stage.id("mine");
    expect(line({ kind: "connect", container: stage.id("n1"), network: mine })).toBe(
      "docker network disconnect none n1 && docker network connect mine n1",
    );
    expect(line({ kind: "connect", container: stage.id("h1"), network: mine })).toBe("hostNetns h1: ");
    expect(line({ kind: "connect", container: stage.id("s1"), network: mine })).toBe("sharedNetns a1: ");
  });

  it("are cut on the host, in a container, in a paused one, and on another machine", () => {
    const endpoint = (name: string) => stage.picture.containers.get(stage.id(name))!.endpoints[0]!;
    const veth = stage.picture.devices.get(endpoint("c1").hostDevice)!.name;
    expect(line({ kind: "cut", device: endpoint("c1").hostDevice })).toBe(`ip link set ${veth} down`);
    expect(line({ kind: "cut", device: endpoint("c1").device })).toBe("docker exec --privileged c1 ip link set eth0 down");
    expect(line({ kind: "uncut", device: endpoint("m1").device })).toBe("docker exec --privileged m1 ip link set eth0 up");
    expect(line({ kind: "cut", device: endpoint("frozen").device })).toBe(
      "nsenter -t $(docker inspect -f '{{.State.Pid}}' frozen) -n ip link set eth0 down",
    );
    const of = (machine: string, name: string) =>
      [...stage.picture.devices.values()].find(
        (device) => device.name === name && stage.picture.netns.get(device.netns)?.machine === machine,
      )!;
    expect(line({ kind: "cut", device: of("server", "eth0").uid })).toBe("server: ip link set eth0 down");
    expect(line({ kind: "cut", device: of("switch", "to-server").uid })).toBe("noTyping switch: ");
  });
});

describe("containers and networks", () => {
  it("are started, stopped, removed; by force what runs", () => {
    expect(line({ kind: "stop", container: stage.id("c1") })).toBe("docker stop -t 0 c1");
    expect(line({ kind: "restart", container: stage.id("c1") })).toBe("docker restart -t 0 c1");
    expect(line({ kind: "start", container: stage.id("still") })).toBe("docker start still");
    expect(line({ kind: "remove", container: stage.id("c1") })).toBe("docker rm -f c1");
    expect(line({ kind: "remove", container: stage.id("still") })).toBe("docker rm still");
    expect(line({ kind: "remove-network", network: stage.id("mine") })).toBe("docker network rm mine");
  });

  it("do nothing once they are gone", () => {
    expect(line({ kind: "stop", container: "ghost" })).toBe("");
    expect(line({ kind: "ping", from: "container:ghost", to: container("c1") })).toBe("");
  });

  it("open a shell that their image has, or say that there is none", () => {
    expect(line({ kind: "open-terminal", node: container("c1") })).toBe("docker exec -it c1 bash");
    expect(line({ kind: "open-terminal", node: container("a2") })).toBe("docker exec -it a2 sh");
    const bare = effectsOf({ kind: "open-terminal", node: container("c1") }, { ...surroundings(), shellOf: () => undefined });
    expect(bare).toEqual([{ kind: "refused", refusal: { why: "noShell", name: "c1", cure: "" } }]);
    expect(line({ kind: "open-terminal", node: container("still") })).toBe("stopped still: docker start still");
    expect(line({ kind: "open-terminal", node: "machine:router" })).toBe("router: terminal");
  });
});

describe("several at once", () => {
  const each = (kind: "stop" | "remove", ...names: string[]) => names.map((name) => ({ kind, container: stage.id(name) }));

  it("are one line, with one command for neighbours of a kind", () => {
    expect(line({ kind: "batch", actions: each("stop", "c1", "c2") })).toBe("docker stop -t 0 c1 c2");
    expect(
      line({ kind: "batch", actions: [...each("remove", "c1", "still"), { kind: "remove-network", network: stage.id("other") }] }),
    ).toBe("docker rm -f c1 still && docker network rm other");
  });

  it("are connected one after the other; those that cannot be are told of", () => {
    const network = stage.id("mine");
    const actions = ["c1", "b1", "h1"].map((name) => ({ kind: "connect" as const, container: stage.id(name), network }));
    expect(line({ kind: "batch", actions })).toBe("docker network connect mine c1 && docker network connect mine b1 | hostNetns h1: ");
  });

  it("leave out what is gone", () => {
    expect(line({ kind: "batch", actions: [{ kind: "stop", container: "ghost" }, ...each("stop", "c1")] })).toBe("docker stop -t 0 c1");
  });
});

describe("the command told before it runs", () => {
  it("is the one that will run, and none for what only moves things", () => {
    const action: GraphAction = { kind: "connect", container: stage.id("c1"), network: stage.id("mine") };
    expect(commandOf(action, surroundings())).toBe("docker network connect mine c1");
    expect(commandOf({ kind: "open-terminal", node: container("c1") }, surroundings())).toBe("docker exec -it c1 bash");
    expect(commandOf({ kind: "move", places: {} }, surroundings())).toBe("");
    expect(commandOf({ kind: "publish", container: stage.id("c1") }, surroundings())).toBe("");
  });
});

describe("copy and paste", () => {
  it("makes copies under free names, on the same networks", () => {
    expect(line({ kind: "paste", containers: [stage.id("c1"), stage.id("a1")] })).toBe(
      "docker run -itd --name c3 ubuntu:18.04 && docker run -itd --name a3 --net mine ubuntu:18.04",
    );
  });

  it("runs another of the same options under a new name, with the next free host port", () => {
    const other = new TestStage(
      "docker network create --subnet 10.9.0.0/24 mine",
      "docker run -d --name web-1 --net mine --ip 10.9.0.9 --net-alias app -p 8080:80 -e A='b c' --restart always nginx",
    );
    const form = formOf(other.container("web-1"));
    const pasted = pasteLine([form], { names: new Set(["web-1"]), ports: new Set([8080]) });
    expect(pasted).toBe("docker run -d --name web-2 --net mine --net-alias app -p 8081:80 -e 'A=b c' --restart always nginx");
    expect(other.run(pasted)).toMatchObject({ status: 0 });
    expect(formOf(other.container("web-2"))).toEqual({
      ...form,
      name: "web-2",
      networks: [{ ...form.networks[0], ip: "" }],
      ports: "8081:80",
    });
  });

  it("keeps those together that share a netns, the lender first", () => {
    const lender = { ...formOf(stage.container("a1")), name: "a1" };
    const guest = { ...formOf(stage.container("s1")), name: "s1", networks: [{ network: "container:a1", ip: "", aliases: "", mac: "" }] };
    expect(pasteLine([guest, lender], { names: new Set(["a1", "a2", "s1"]), ports: new Set() })).toBe(
      "docker run -itd --name a3 --net mine ubuntu:18.04 && docker run -itd --name s2 --net container:a3 ubuntu:18.04",
    );
  });

  it("gives each of several pasted at once a name and port of its own", () => {
    const web = { ...formOf(stage.container("c1")), name: "web", image: "nginx", how: "-d", ports: "80:80" };
    const both = pasteLine([web, { ...web, name: "web-2" }], { names: new Set(["web", "web-2"]), ports: new Set([80, 81]) });
    expect(both).toBe("docker run -d --name web-3 -p 82:80 nginx && docker run -d --name web-4 -p 83:80 nginx");
  });
});

describe("the place of a machine", () => {
  it("is its own terminal", () => {
    expect(onMachine("router").line("ip route")).toBe("ip route");
  });
});
