import { expect, test } from "vitest";
import { PacketLog } from "../../src/session/packetLog.ts";
import { PictureHistory } from "../../src/session/picture.ts";
import { PlayHead } from "../../src/session/playhead.ts";
import type { Session } from "../../src/session/session.ts";
import { startSession, typeLine } from "./play.ts";

const HOST = "docker-host";
/** Two bridges with two cables between them, and nobody at 10.50.0.9. */
const RING = [
  "ip link add la type bridge",
  "ip link add lb type bridge",
  "ip link add p1 type veth peer name q1",
  "ip link add p2 type veth peer name q2",
  ...["la", "lb"].map((name) => `ip link set ${name} up`),
  ...["p1", "p2"].map((name) => `ip link set ${name} master la up`),
  ...["q1", "q2"].map((name) => `ip link set ${name} master lb up`),
  "ip addr add 10.50.0.1/24 dev la",
];

/** What the page keeps, which no storm may make grow. */
function expectBounded(session: Session): void {
  const { trace } = session.world.kernel;
  expect(trace.end - trace.dropped).toBeLessThan(trace.capacity * 1.1);
  expect((session.world.terminal(HOST)?.text ?? "").length).toBeLessThanOrEqual(400_000);
}

test("a flood ping for an hour: the trace is bounded, what it let go is counted, and the picture is whole", () => {
  const session = startSession();
  for (const line of ["docker network create front", "docker run -d --name web nginx", "docker run -d --name db --net front nginx"])
    typeLine(session, line);
  // Docker parts its networks: each request is dropped, and the next goes out a hundredth of a second later.
  session.type(HOST, { line: "docker exec web ping -f -w 3600 172.18.0.2" });
  session.advanceTo(session.now + 3_601_000_000);
  expect(session.world.busy).toBe(false);
  expect(session.world.terminal(HOST)?.text).toMatch(/3\d{5} packets transmitted, 0 received, 100% packet loss/);
  expectBounded(session);
  expect(session.world.kernel.trace.dropped).toBeGreaterThan(1_000_000);
  const { containers } = new PictureHistory(session.world.kernel.trace).latest();
  expect([...containers.values()].map(({ name }) => name)).toEqual(["web", "db"]);
}, 120_000);

test.each([
  ["a flood ping", [], "ping -f 172.17.0.2"],
  ["requests without end", [], "while true; do curl -s http://172.17.0.2/; done"],
  ["a loop that does nothing", [], "while true; do :; done"],
  ["a ring of bridges", RING, "ping -c 5 -W 1 10.50.0.9"],
])("%s: every frame ends in time, and nothing that the page keeps grows", (_, before, line) => {
  const session = startSession();
  for (const prepare of ["docker run -d nginx", ...before]) typeLine(session, prepare);
  let looks = 0;
  // As if each stretch that is played took a millisecond.
  const head = new PlayHead(session, () => ++looks);
  head.speed = 64;
  const history = new PictureHistory(session.world.kernel.trace);
  const packets = new PacketLog(session.world.kernel.trace);
  session.type(HOST, { line });
  for (let frame = 0; frame < 120; frame++) {
    const start = looks;
    head.frame(16);
    history.latest();
    expect(looks - start).toBeLessThanOrEqual(13);
    expect(head.flights.length).toBeLessThanOrEqual(600);
    expect(head.marks.length).toBeLessThanOrEqual(300);
    expect(packets.rows().length).toBeLessThanOrEqual(1000);
  }
  expectBounded(session);
  session.type(HOST, { key: "C-c" });
  session.advanceTo(session.now + 3_000_000);
  expect(session.world.atHostPrompt(HOST)).toBe(true);
});
