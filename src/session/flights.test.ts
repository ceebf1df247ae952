import { beforeEach, describe, expect, test } from "vitest";
import { commands } from "../shell/commands/index.ts";
import { buildWorld, type World } from "../world/world.ts";
import { type Flight, FlightWatch, type Mark } from "./flights.ts";
import { PacketLog } from "./packetLog.ts";

let world: World;
let watch: FlightWatch;
let flights: Flight[];
let marks: Mark[];

const KEEP_MS = 60_000;

/** Types a line on the host and watches until it has ended, and for as long afterwards (µs). */
function type(line: string, after = 0): void {
  world.input("docker-host", { line });
  const look = (): void => {
    watch.update(world.kernel.clock.now, KEEP_MS);
    for (const flight of watch.flights) if (!flights.includes(flight)) flights.push(flight);
    for (const mark of watch.marks) if (!marks.includes(mark)) marks.push(mark);
  };
  while (world.busy && world.kernel.clock.step()) look();
  const until = world.kernel.clock.now + after;
  while (world.nextEventAt !== undefined && world.nextEventAt <= until) {
    world.advance(world.nextEventAt);
    look();
  }
}

beforeEach(() => {
  world = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  world.openTerminal("docker-host", "docker-host");
  watch = new FlightWatch(world.kernel.trace);
  flights = [];
  marks = [];
});

describe("housekeeping", () => {
  test("a container that has just been made sends nothing that anybody waits for, and nothing of it fails", () => {
    type("docker run -itd --name c1 nginx", 20_000_000);
    expect(flights.length).toBeGreaterThan(3);
    expect(flights.every((flight) => flight.housekeeping)).toBe(true);
    expect(marks).toEqual([]);
  });

  test("time does not slow down for it", () => {
    type("docker run -itd --name c1 nginx", 2_000_000);
    expect(watch.microsecondsPerMs).toBe(1000);
  });

  test("a ping, the ARP question for its sake and the answers are no housekeeping", () => {
    type("docker run -itd --name c1 nginx", 20_000_000);
    flights = [];
    type("docker exec c1 ping -c 1 192.168.0.20");
    const watched = flights.filter((flight) => !flight.housekeeping);
    expect(new Set(watched.map((flight) => flight.protocol))).toEqual(new Set(["ARP", "ICMP"]));
    expect(watched.some((flight) => flight.label.startsWith("who has"))).toBe(true);
    expect(watched.some((flight) => flight.label.startsWith("reply"))).toBe(true);
  });

  test("in the packet list it is told apart, and never ends as a failure", () => {
    const log = new PacketLog(world.kernel.trace);
    type("docker run -itd --name c1 nginx", 5_000_000);
    type("docker exec c1 ping -c 1 172.17.0.1");
    const rows = log.rows();
    expect(rows.filter((row) => row.housekeeping).every((row) => typeof row.end === "string")).toBe(true);
    expect(rows.filter((row) => row.protocol === "NDP").every((row) => row.housekeeping)).toBe(true);
    expect(rows.find((row) => row.what.startsWith("echo"))).toMatchObject({ housekeeping: false, end: "delivered", protocol: "ICMP" });
  });
});

describe("what a flight tells", () => {
  test("the rules, the route and the rewrite of the netns that the packet went through", () => {
    type("docker run -itd --name c1 nginx");
    type("docker exec c1 ping -c 1 192.168.0.20");
    const routed = flights.find((flight) => flight.passage.some((hop) => hop.point === "forward") && flight.protocol === "ICMP");
    const points = routed?.passage.map((hop) => hop.point) ?? [];
    expect(points.indexOf("route")).toBeGreaterThanOrEqual(0);
    expect(points.indexOf("forward")).toBeGreaterThan(points.indexOf("route"));
    expect(points).toContain("nat");
  });

  test("a drop is marked, with what happened before it", () => {
    type("docker run -itd --name c1 nginx");
    type("iptables -I FORWARD -p icmp -j DROP");
    type("docker exec c1 ping -c 1 -W 1 192.168.0.20");
    const drop = marks.find((mark) => mark.hop.verdict === "drop");
    expect(drop?.hop).toMatchObject({ reason: "netfilter-rule", decision: { chain: "FORWARD", number: 1 } });
    expect(drop?.passage.some((hop) => hop.point === "route")).toBe(true);
  });
});

describe("show time", () => {
  test("stands still with virtual time, runs like a clock while nothing flies, and slowly for a frame on its cable", () => {
    watch.update(5_000, KEEP_MS);
    expect(watch.shown).toBe(5);
    watch.update(5_000, KEEP_MS);
    expect(watch.shown).toBe(5);
  });
});
