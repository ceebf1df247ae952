/** Each remedy is taken: the line that is proposed is run, and what failed before gets through. */
import { describe, expect, it } from "vitest";
import { PacketLog } from "../../session/packetLog.ts";
import type { Workbench } from "../../session/workbench.ts";
import { onMachine, placeIn } from "../inspector/read/place.ts";
import { TestStage } from "../stage.fixture.ts";
import { type Remedy, remedyOf } from "./remedies.ts";
import { endOf } from "./steps.ts";

/** What is proposed for the newest packet for which anything is. */
function proposed(stage: TestStage): Remedy | undefined {
  const log = new PacketLog(stage.world.kernel.trace);
  for (const row of log.rows().toReversed()) {
    const end = row.housekeeping ? undefined : endOf(log.journey(row.id));
    const remedy = end && remedyOf(end, stage.picture);
    if (remedy) return remedy;
  }
  return undefined;
}

/** As the button does: the line is typed where it acts. */
function take(stage: TestStage, { line = "", netns }: Remedy): void {
  const workbench = {
    store: { getState: () => ({ picture: stage.picture }) },
    world: stage.world,
    engine: stage.engine,
    machine: stage.host,
  };
  const place = netns === undefined ? onMachine("docker-host") : placeIn(workbench as unknown as Workbench, netns);
  const { output, status } = stage.run(place?.line(line) ?? "false", place?.machine);
  expect(status, `${line}: ${output}`).toBe(0);
}

/** `again`: what is tried afterwards, where the remedy is another way. */
const CASES: readonly (readonly [key: Remedy["key"], setup: readonly string[], tried: string, again?: string])[] = [
  [
    "cure.connect",
    ["docker network create mine", "docker run -itd --name a1 alpine", "docker run -itd --name b1 --net mine alpine"],
    "docker exec a1 ping -c 1 -W 1 172.18.0.2",
  ],
  ["cure.rule", ["docker run -itd --name a1 alpine", "iptables -I INPUT -p icmp -j DROP"], "docker exec a1 ping -c 1 -W 1 172.17.0.1"],
  ["cure.rule", ["docker run -itd --name a1 alpine", "iptables -I DOCKER-USER -j DROP"], "docker exec a1 ping -c 1 -W 1 192.168.0.20"],
  ["cure.policy", ["docker run -itd --name a1 alpine", "iptables -P INPUT DROP"], "docker exec a1 ping -c 1 -W 1 172.17.0.1"],
  [
    "cure.child",
    [
      "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o parent=eth0 lan",
      "docker run -itd --name m1 --net lan alpine",
    ],
    "docker exec m1 ping -c 1 -W 4 192.168.0.10",
    "docker exec m1 ping -c 1 -W 4 172.17.0.1",
  ],
  [
    "cure.up",
    ["docker run -itd --name a1 alpine", "docker run -itd --name b1 alpine", "ip link set $(ls /sys/class/net | grep veth | head -1) down"],
    "docker exec a1 ping -c 1 -W 4 172.17.0.3",
  ],
  [
    "cure.plug",
    [
      "docker run -itd --name a1 alpine",
      "docker run -itd --name b1 alpine",
      "ip link set $(ls /sys/class/net | grep veth | head -1) nomaster",
    ],
    "docker exec a1 ping -c 1 -W 4 172.17.0.3",
  ],
  ["cure.forward", ["docker run -itd --name a1 alpine", "sysctl -w net.ipv4.ip_forward=0"], "docker exec a1 ping -c 1 -W 1 192.168.0.20"],
  [
    "cure.netem",
    ["docker run -itd --name a1 alpine", "docker exec --privileged a1 tc qdisc add dev eth0 root netem loss 100%"],
    "docker exec a1 ping -c 1 -W 1 172.17.0.1",
  ],
  [
    "cure.name",
    ["docker network create mine", "docker run -itd --name a1 alpine", "docker run -itd --name b1 --net mine alpine"],
    "docker exec a1 ping -c 1 b1",
  ],
  ["cure.noNames", ["docker run -itd --name a1 alpine", "docker run -itd --name b1 alpine"], "docker exec a1 ping -c 1 b1"],
];

describe("what would help", () => {
  for (const [key, setup, tried, again = tried] of CASES)
    it(`${key}: ${tried}`, () => {
      const stage = new TestStage(...setup);
      expect(stage.run(tried).status).not.toBe(0);
      const remedy = proposed(stage);
      expect(remedy?.key).toBe(key);
      take(stage, remedy as Remedy);
      expect(stage.run(again), again).toMatchObject({ status: 0 });
      expect(proposed(stage)?.key).not.toBe("cure.connect");
    });

  it("says nothing of what arrived", () => {
    const stage = new TestStage("docker run -itd --name a1 alpine");
    stage.run("docker exec a1 ping -c 1 172.17.0.1");
    expect(proposed(stage)).toBeUndefined();
  });
});
