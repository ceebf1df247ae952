import { beforeAll, describe, expect, test } from "vitest";
import type { Hop } from "../kernel/trace.ts";
import { wholeJourney } from "../session/flights.ts";
import { commands } from "../shell/commands/index.ts";
import { buildWorld, type World } from "../world/world.ts";
import { stopsOf } from "./passage.ts";

let world: World;

function type(line: string): readonly Hop[] {
  const from = world.kernel.trace.end;
  world.input("docker-host", { line });
  while (world.busy && world.kernel.clock.step());
  const hops: Hop[] = [];
  for (let position = from; position < world.kernel.trace.end; position++) {
    const entry = world.kernel.trace.at(position);
    if (entry?.kind === "hop") hops.push(entry);
  }
  return hops;
}

/** Hops in the host's netns of the packet that a label tells. */
function onHost(hops: readonly Hop[], label: RegExp): readonly Hop[] {
  const host = world.machines.get("docker-host")?.netns.uid;
  const packets = [...new Set(hops.map((hop) => hop.packet))];
  for (const packet of packets) {
    const own = hops.filter((hop) => hop.packet === packet);
    if (wholeJourney(own).flights.some((flight) => label.test(flight.label))) return own.filter((hop) => hop.netns === host);
  }
  return [];
}

beforeAll(() => {
  world = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  world.openTerminal("docker-host", "docker-host");
  type("docker run -itd --name c1 nginx");
  type("docker run -itd --name c2 alpine");
});

describe("the stages that a packet passes on the host", () => {
  test("forwarded out: prerouting, routing, forward, postrouting, and where it is rewritten", () => {
    const stops = stopsOf(onHost(type("docker exec c1 ping -c 1 192.168.0.20"), /^echo/));
    expect(stops.map((stop) => stop.stage)).toEqual(["PREROUTING", "routing", "FORWARD", "POSTROUTING"]);
    expect(stops.find((stop) => stop.stage === "FORWARD")?.says.at(-1)).toMatch(/^filter DOCKER-FORWARD \d+: -i docker0 -j ACCEPT$/);
    expect(stops.find((stop) => stop.rewritten)?.stage).toBe("POSTROUTING");
    expect(stops.at(-1)?.says.at(-1)).toBe("SNAT 172.17.0.2 → 192.168.0.10");
  });

  test("the reply is rewritten back before it is routed", () => {
    const stops = stopsOf(onHost(type("docker exec c1 ping -c 1 192.168.0.20"), /^reply/));
    expect(stops.find((stop) => stop.rewritten)?.stage).toBe("PREROUTING");
    expect(stops.map((stop) => stop.stage)).toEqual(["PREROUTING", "routing", "FORWARD"]);
  });

  test("a drop in a user chain of a packet that goes through is FORWARD's, though it was never forwarded", () => {
    type("iptables -I DOCKER-USER -p icmp -j DROP");
    const hops = onHost(type("docker exec c1 ping -c 1 -W 1 192.168.0.20"), /^echo/);
    type("iptables -D DOCKER-USER 1");
    expect(stopsOf(hops).at(-1)).toMatchObject({ stage: "FORWARD", says: ["filter DOCKER-USER 1: -p icmp -j DROP"] });
  });

  test("what is for the host itself goes in", () => {
    type("iptables -I INPUT -p icmp -j DROP");
    const hops = onHost(type("docker exec c1 ping -c 1 -W 1 172.17.0.1"), /^echo/);
    type("iptables -D INPUT 1");
    expect(stopsOf(hops).at(-1)?.stage).toBe("INPUT");
  });

  test("what the host sends goes out", () => {
    type("iptables -I OUTPUT -p icmp -j DROP");
    const hops = type("ping -c 1 -W 1 192.168.0.20").filter((hop) => hop.before.kind === "ip");
    type("iptables -D OUTPUT 1");
    expect(stopsOf(hops).map((stop) => stop.stage)).toEqual(["routing", "OUTPUT"]);
  });

  test("a bridged frame is shown to iptables without being routed", () => {
    const stops = stopsOf(onHost(type("docker exec c1 ping -c 1 172.17.0.3"), /^echo/));
    expect(stops.map((stop) => stop.stage)).toContain("FORWARD");
    expect(stops.map((stop) => stop.stage)).not.toContain("routing");
  });
});

describe("a journey that is looked at afterwards", () => {
  test("has every crossing and its end", () => {
    const hops = type("docker exec c1 ping -c 1 172.17.0.3");
    const echo = hops.find((hop) => hop.point === "socket-send")?.packet;
    const { flights, end } = wholeJourney(hops.filter((hop) => hop.packet === echo));
    expect(flights.map((flight) => flight.label)).toEqual(["echo → 0.3", "echo → 0.3"]);
    expect(end?.hop.verdict).toBe("deliver");
  });
});
