import fc from "fast-check";
import { expect, test } from "vitest";
import { containerSpec, Lab, networkSpec, publish } from "./engine.fixture.ts";
import type { Container } from "./types.ts";

const NAMES = ["web", "db", "api", "jobs"];
const NETWORKS = ["front", "back", "six", "secret"];
const anyName = fc.constantFrom(...NAMES);
const anyNetwork = fc.constantFrom(...NETWORKS, "bridge", "host", "none", "nonet");
const anyAddress = fc.constantFrom("", "", "", "10.1.0.9", "172.18.0.20", "999.1.1.1");

const anyStep = fc.oneof(
  fc.record({
    do: fc.constant("run" as const),
    name: anyName,
    network: fc.oneof(anyNetwork, fc.constant("container:web")),
    ip: anyAddress,
    port: fc.constantFrom("", "8080", "8080-8081"),
  }),
  fc.record({ do: fc.constantFrom("connect" as const, "disconnect" as const), name: anyName, network: anyNetwork, ip: anyAddress }),
  fc.record({
    do: fc.constantFrom(
      "start" as const,
      "stop" as const,
      "restart" as const,
      "kill" as const,
      "rm" as const,
      "pause" as const,
      "unpause" as const,
    ),
    name: anyName,
  }),
  fc.record({
    do: fc.constantFrom("create" as const, "remove" as const),
    network: fc.constantFrom(...NETWORKS),
    subnet: fc.constantFrom("", "10.1.0.0/24", "10.1.0.0/29"),
  }),
  fc.record({ do: fc.constant("rename" as const), name: anyName, to: anyName }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function take(lab: Lab, step: Step): void {
  const { engine } = lab;
  switch (step.do) {
    case "run": {
      const ports = step.port === "" ? [] : [publish(step.port, 80)];
      lab.run(engine.createContainer(containerSpec(step.name, step.network, { ports }, step.ip === "" ? {} : { ipv4: step.ip })));
      lab.run(engine.startContainer(step.name));
      return;
    }
    case "connect":
      lab.run(engine.connect(step.network, step.name, step.ip === "" ? {} : { ipv4: step.ip }));
      return;
    case "disconnect":
      lab.run(engine.disconnect(step.network, step.name, false));
      return;
    case "start":
      lab.run(engine.startContainer(step.name));
      return;
    case "stop":
      lab.run(engine.stopContainer(step.name));
      return;
    case "restart":
      lab.run(engine.restartContainer(step.name, 0));
      return;
    case "kill":
      lab.run(engine.killContainer(step.name, "KILL"));
      return;
    case "rm":
      lab.run(engine.removeContainer(step.name, true));
      return;
    case "pause":
      lab.run(engine.pauseContainer(step.name));
      return;
    case "unpause":
      lab.run(engine.unpauseContainer(step.name));
      return;
    case "rename":
      engine.renameContainer(step.name, step.to);
      return;
    case "create": {
      const parts = {
        internal: step.network === "secret",
        enableIpv6: step.network === "six",
        ipam: step.subnet === "" ? [] : [{ subnet: step.subnet }],
      };
      lab.run(engine.createNetwork(networkSpec(step.network, parts)));
      return;
    }
    case "remove":
      lab.run(engine.removeNetwork(step.network));
  }
}

function check(lab: Lab): void {
  const containers = lab.engine.containers(true);
  const seen = new Set<string>();
  const devices = new Set<unknown>();
  for (const { endpoints, running } of containers as unknown as { endpoints: Container["endpoints"]; running: boolean }[]) {
    expect(running || endpoints.size === 0).toBe(true);
    for (const endpoint of endpoints.values()) {
      for (const address of [endpoint.ipv4, endpoint.ipv6]) {
        if (address === "") continue;
        expect(seen.has(`${endpoint.network.name} ${address}`)).toBe(false);
        seen.add(`${endpoint.network.name} ${address}`);
      }
      devices.add(endpoint.hostDevice);
    }
  }
  for (const device of lab.host.devices.all()) {
    if (device.kind !== "veth") continue;
    expect(device.link).toBeDefined();
    expect(device.name === "eth0" || devices.has(device)).toBe(true);
  }
}

/** Everything that an engine without containers and networks of somebody's own has. */
const state = (lab: Lab): unknown => [
  lab.rules(),
  lab.rules("nat"),
  lab.rules("raw"),
  lab.rules("filter", undefined, 6).replace("-P FORWARD DROP", "-P FORWARD ACCEPT"),
  lab.rules("nat", undefined, 6),
  lab.rules("raw", undefined, 6),
  lab.host.devices.all().map(({ name }) => name),
  lab.host.inet.fib.list(4).length,
  lab.host.sockets.list().map(({ localPort }) => localPort),
  lab.kernel.netns.size,
  (lab.engine.networks() as readonly { pools: readonly { taken: ReadonlyMap<string, string> }[] }[]).map(({ pools }) =>
    pools.map(({ taken }) => [...taken]),
  ),
];

test("whatever is done to it, addresses are unique, veths have their peers, and nothing stays when all is removed", {
  timeout: 60_000,
}, () => {
  const fresh = state(new Lab());
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60, size: "max" }), (steps) => {
      const lab = new Lab();
      lab.kernel.trace.hops = false;
      for (const step of steps) {
        take(lab, step);
        // What a refused port has left behind goes with its shim.
        lab.kernel.clock.advanceTo(lab.kernel.clock.now + 1_000_000);
        check(lab);
      }
      for (const name of NAMES) lab.run(lab.engine.removeContainer(name, true));
      for (const name of NETWORKS) lab.run(lab.engine.removeNetwork(name));
      lab.kernel.clock.advanceTo(lab.kernel.clock.now + 1_000_000);
      expect(state(lab)).toEqual(fresh);
    }),
    { numRuns: 40 },
  );
});
