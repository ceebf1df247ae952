/**
 * Speeds of the model, one figure a line: `name: number unit`. Everything goes the way that a person's commands and packets
 * go: lines through terminal, shell, client and engine, packets from socket to socket. Each measurement checks afterwards
 * that what it measured has happened.
 */
import { parseIp } from "../src/kernel/address.ts";
import type { Netns } from "../src/kernel/netns.ts";
import { commands } from "../src/shell/commands/index.ts";
import { buildWorld, type World } from "../src/world/world.ts";

interface Figure {
  readonly unit: string;
  /** Several runs, of which the median counts: other work on the machine disturbs single ones. */
  readonly runs: number;
  /** One run; its result in `unit`. */
  readonly measure: () => number;
}

const HOST = "docker-host";
const now = (): number => performance.now() / 1000;

function expect(truth: boolean, what: string): void {
  if (!truth) throw new Error(`measured something else: ${what}`);
}

/** Types a line on the host and lets it end; background timers go on only with the time that it takes. */
function type(world: World, line: string): void {
  world.input(HOST, { line });
  while (world.busy && world.kernel.clock.step());
}

function fresh(hops: boolean): World {
  const world = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  world.openTerminal(HOST, HOST);
  world.kernel.trace.hops = hops;
  return world;
}

function netnsOf(world: World, name: string): Netns {
  const container = world.engine.findContainer(name);
  if (!("netns" in container) || !container.netns) throw new Error(`${name} does not run`);
  return container.netns;
}

/** Packets that the host's FORWARD chain has seen: every rule of Docker's hangs on its first. */
function forwarded(world: World): number {
  const table = world.machines.get(HOST)?.netns.netfilter.table(4, "filter");
  return table?.chains.get("FORWARD")?.rules[0]?.packets ?? 0;
}

/** Echo requests as fast as they come back, from one netns to an address; round trips a second over about `seconds`. */
function pings(world: World, from: Netns, to: string, warmUp: number, seconds: number): number {
  const socket = from.sockets.raw({ process: "bench", pid: 1 }, 4, 1);
  const dst = parseIp(to) as number;
  const { clock } = world.kernel;
  const round = (sequence: number): void => {
    socket.send({ dst, body: { kind: "icmp", type: 8, code: 0, id: 7, sequence: sequence & 0xffff, dataLength: 56 } });
    for (;;) {
      const reply = socket.receive();
      if (reply && reply.packet.body.kind === "icmp" && reply.packet.body.type === 0 && reply.packet.src === dst) break;
      if (!reply && !clock.step()) throw new Error("no reply");
    }
  };
  for (let i = 0; i < warmUp; i++) round(i);
  const before = forwarded(world);
  let trips = 0;
  const start = now();
  while (now() - start < seconds) for (let i = 0; i < 500; i++) round(trips++);
  const rate = trips / (now() - start);
  expect(forwarded(world) - before >= 2 * trips, "each ping and each reply passes Docker's FORWARD rules");
  socket.close();
  return rate;
}

/**
 * Two containers on a user-defined bridge: veth, bridge, br_netfilter with Docker's rules, conntrack. Or one of them and a host
 * on the internet: routed, masqueraded by the Docker host and again by the LAN's router.
 */
function pingFigure(hops: boolean, to: "container" | "internet"): Figure {
  let world: World | undefined;
  return {
    unit: "round trips per second",
    runs: 5,
    measure() {
      const warmUp = world ? 0 : 30_000;
      if (!world) {
        world = fresh(hops);
        for (const line of ["docker network create bench", "docker run -itd --name box1 --net bench alpine"]) type(world, line);
        type(world, "docker run -itd --name box2 --net bench alpine");
        world.advance(world.kernel.clock.now + 5_000_000);
      }
      const rate = pings(world, netnsOf(world, "box2"), to === "container" ? "172.18.0.2" : "203.0.113.80", warmUp, 1);
      const tracked = world.machines.get(HOST)?.netns.netfilter.conntrack.list() ?? [];
      expect(tracked.length > 0 && tracked.every((entry) => entry.sourceNat === (to === "internet")), "conntrack and MASQUERADE");
      return rate;
    },
  };
}

function startFigure(networks: number, total: number, runs: number): Figure {
  return {
    unit: "seconds",
    runs,
    measure() {
      const world = fresh(true);
      const start = now();
      for (let n = 0; n < networks; n++) type(world, `docker network create --subnet 10.${n + 1}.0.0/16 n${n}`);
      for (let i = 0; i < total; i++) type(world, `docker run -itd --name box${i} --net n${i % networks} alpine`);
      const seconds = now() - start;
      const running = world.engine.containers(false);
      expect(running.length === total, `${total} containers run`);
      expect(world.internalErrors.length === 0, "no errors");
      return seconds;
    },
  };
}

/** What a long lesson looks like, ten lines a container. */
function* mixedLines(entries: number): Generator<string> {
  yield "docker network create mixed";
  for (let i = 1; i < entries; i++) {
    const n = Math.floor((i - 1) / 10);
    yield [
      `docker run -itd --name m${n} --net mixed alpine`,
      `docker exec m${n} ip addr`,
      "docker ps",
      `docker exec m${n} ping -c 1 172.18.0.1`,
      "docker network ls",
      `docker inspect m${n}`,
      "ip route",
      "iptables -S",
      `docker stop -t 0 m${n}`,
      `docker rm m${n}`,
    ][(i - 1) % 10] as string;
  }
}

function replayFigure(entries: number): Figure {
  return {
    unit: "seconds",
    runs: 3,
    measure() {
      const world = fresh(false);
      const start = now();
      for (const line of mixedLines(entries)) type(world, line);
      const seconds = now() - start;
      expect(world.internalErrors.length === 0, "no errors");
      return seconds;
    },
  };
}

const memoryFigure: Figure = {
  unit: "MB",
  runs: 1,
  measure() {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const world = fresh(true);
    type(world, "docker network create --subnet 10.1.0.0/16 n0");
    for (let i = 0; i < 1000; i++) type(world, `docker run -itd --name box${i} --net n0 alpine`);
    globalThis.gc?.();
    const used = (process.memoryUsage().heapUsed - before) / 1e6;
    const running = world.engine.containers(false);
    expect(running.length === 1000, "1,000 containers run");
    return used;
  },
};

const FIGURES: Readonly<Record<string, Figure>> = {
  "ping-bridge-untraced": pingFigure(false, "container"),
  "ping-bridge-traced": pingFigure(true, "container"),
  "ping-nat-untraced": pingFigure(false, "internet"),
  "start-1000": startFigure(1, 1000, 5),
  "start-5000": startFigure(10, 5000, 3),
  "replay-10000": replayFigure(10_000),
  "memory-1000": memoryFigure,
};

export const modelFigures: readonly string[] = Object.keys(FIGURES);

/** Measures one figure and prints its line. */
export function benchModel(name: string): void {
  const figure = FIGURES[name];
  if (!figure) throw new Error(`no figure ${name}`);
  const results = Array.from({ length: figure.runs }, figure.measure).sort((a, b) => a - b);
  const median = results[results.length >> 1] as number;
  process.stdout.write(`${name}: ${median >= 100 ? Math.round(median) : Number(median.toPrecision(3))} ${figure.unit}\n`);
}
