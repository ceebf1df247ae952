/** Speeds of the model, one figure a line: `name: number unit`. */
import { parseIp } from "../src/kernel/address.ts";
import type { Netns } from "../src/kernel/netns.ts";
import { commands } from "../src/shell/commands/index.ts";
import { buildWorld, type World } from "../src/world/world.ts";

const say = (name: string, value: number, unit: string): void => {
  process.stdout.write(`${name}: ${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}\n`);
};

const now = (): number => performance.now() / 1000;

/** Types a line on the host and lets it end; background timers go on only with the time that it takes. */
function type(world: World, line: string): void {
  world.input("docker-host", { line });
  while (world.busy && world.kernel.clock.step());
}

function fresh(hops: boolean): World {
  const world = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  world.openTerminal("docker-host", "docker-host");
  world.kernel.trace.hops = hops;
  return world;
}

/** Echo requests as fast as they come back, from one netns to an address; round trips a second over about `seconds`. */
function pings(world: World, from: Netns, to: string, seconds: number): number {
  const socket = from.sockets.raw({ process: "bench", pid: 1 }, 4, 1);
  const dst = parseIp(to) as number;
  const { clock } = world.kernel;
  let trips = 0;
  const round = (sequence: number): void => {
    socket.send({ dst, body: { kind: "icmp", type: 8, code: 0, id: 7, sequence: sequence & 0xffff, dataLength: 56 } });
    for (;;) {
      const reply = socket.receive();
      if (reply && reply.packet.body.kind === "icmp" && reply.packet.body.type === 0) break;
      if (!reply && !clock.step()) throw new Error("no reply");
    }
    trips++;
  };
  for (let i = 0; i < 20_000; i++) round(i);
  trips = 0;
  const start = now();
  while (now() - start < seconds) for (let i = 0; i < 500; i++) round(i);
  const rate = trips / (now() - start);
  socket.close();
  return rate;
}

function netnsOf(world: World, name: string): Netns {
  const container = world.engine.findContainer(name);
  if (!("netns" in container) || !container.netns) throw new Error(`${name} does not run`);
  return container.netns;
}

function pingBench(name: string, hops: boolean, to: string): void {
  const world = fresh(hops);
  type(world, "docker network create bench");
  type(world, "docker run -itd --name a --net bench alpine");
  type(world, "docker run -itd --name b1 --net bench alpine");
  world.advance(world.kernel.clock.now + 5_000_000);
  say(name, pings(world, netnsOf(world, "b1"), to, 2), "round trips per second");
}

function startBench(name: string, networks: number, total: number): void {
  const world = fresh(false);
  const start = now();
  for (let n = 0; n < networks; n++) type(world, `docker network create --subnet 10.${n + 1}.0.0/16 n${n}`);
  for (let i = 0; i < total; i++) type(world, `docker run -itd --name box${i} --net n${i % networks} alpine`);
  say(name, now() - start, "seconds");
  const running = world.engine.containers(false);
  if (!Array.isArray(running) || running.length !== total) throw new Error(`only ${Array.isArray(running) ? running.length : 0} run`);
}

/** A session of mixed commands: what a long lesson looks like. */
function replayBench(entries: number): void {
  const world = fresh(false);
  const start = now();
  type(world, "docker network create mixed");
  for (let i = 0; i < entries; i++) {
    const n = Math.floor(i / 10);
    const lines = [
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
    ];
    type(world, lines[i % 10] as string);
  }
  say(`replay-${entries}`, now() - start, "seconds");
}

function memoryBench(): void {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const world = fresh(false);
  type(world, "docker network create --subnet 10.1.0.0/16 n0");
  for (let i = 0; i < 1000; i++) type(world, `docker run -itd --name box${i} --net n0 alpine`);
  globalThis.gc?.();
  say("memory-1000", (process.memoryUsage().heapUsed - before) / 1e6, "MB");
  if (world.kernel.clock.now < 0) throw new Error("unreachable: keeps the world alive until it is measured");
}

export function benchModel(): void {
  pingBench("ping-bridge-untraced", false, "172.18.0.2");
  pingBench("ping-bridge-traced", true, "172.18.0.2");
  pingBench("ping-nat-untraced", false, "203.0.113.80");
  startBench("start-1000", 1, 1000);
  startBench("start-5000", 10, 5000);
  replayBench(10_000);
  memoryBench();
}
