/**
 * All that a world is, as text: two worlds are the same when their texts are. Tables of every netns, the engine's documents,
 * files, processes, what terminals show, the clock and the state of the random source. Hops are left out: how many of them a
 * world still has depends on who wanted them.
 */
import { inspectContainer, inspectNetwork } from "../../src/engine/inspect/index.ts";
import { formatIp } from "../../src/kernel/address.ts";
import { Bridge } from "../../src/kernel/device/bridge.ts";
import { saveTables } from "../../src/kernel/netfilter/save.ts";
import type { Netns } from "../../src/kernel/netns.ts";
import type { FileSystem } from "../../src/kernel/vfs.ts";
import { processesOf } from "../../src/shell/process-table.ts";
import type { Host } from "../../src/world/machine.ts";
import type { World } from "../../src/world/world.ts";

const lines = (title: string, entries: Iterable<unknown>): string[] => [
  `## ${title}`,
  ...[...entries].map((entry) => JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? formatIp(value) : value))),
];

function ofDevices(netns: Netns): string[] {
  return netns.devices.all().flatMap((device) => {
    const { promiscuity, arpOff, alias, carrierChanges, running, counters, qdisc } = device;
    const queue = qdisc && [qdisc.kind, qdisc.options, qdisc.sentPackets, qdisc.dropped, qdisc.backlog];
    const own = lines(`device ${device.name}`, [
      device.view(),
      { promiscuity, arpOff, alias, carrierChanges, running, oper: device.operState, queue },
      counters,
      device.addresses,
    ]);
    if (!(device instanceof Bridge)) return own;
    const ports = device.ports.map(({ device: port, ...rest }) => [port.name, rest]);
    const fdb = device.fdb.list().map((entry) => ({ ...entry, port: entry.port?.device.name }));
    return [...own, ...lines("ports", ports), ...lines("fdb", fdb)];
  });
}

function ofNetns(netns: Netns): string[] {
  const { fib, neighbours } = netns.inet;
  const routes = ([4, 6] as const).flatMap((family) => fib.list(family, "all").map((route) => ({ ...route, dev: route.dev?.name })));
  const neighbour = neighbours.list().map(({ ip, dev, mac, state, confirmed, used, updated, isRouter, probes, queue }) => {
    return [ip, dev.name, mac, state, confirmed, used, updated, isRouter, probes, queue.length];
  });
  const connections = netns.netfilter.conntrack.list().map(({ original, reply, protocolState, expires, assured, seenReply, mark }) => {
    return [original, reply, protocolState, expires, assured, seenReply, mark];
  });
  return [
    `# netns ${netns.uid} ${netns.name} of ${netns.machine}`,
    ...ofDevices(netns),
    ...lines("routes", routes),
    ...lines("rules", [fib.rules(4), fib.rules(6)]),
    ...lines("neighbours", neighbour),
    saveTables(netns.netfilter, 4, "", true),
    saveTables(netns.netfilter, 6, "", true),
    ...lines("connections", connections),
    ...lines("log", netns.netfilter.log),
    ...lines("sockets", netns.sockets.list()),
    ...lines(
      "sysctl",
      netns.sysctl.keys().map((key) => `${key}=${netns.sysctl.get(key)}`),
    ),
  ];
}

function ofFiles(fs: FileSystem, path: string): string[] {
  const names = fs.list(path);
  if (!Array.isArray(names)) {
    const text = fs.read(path);
    return [`${path} ${fs.modified(path)} ${typeof text === "string" ? JSON.stringify(text) : text.message}`];
  }
  return names.flatMap((name: string) => ofFiles(fs, `${path === "/" ? "" : path}/${name}`));
}

const FOLDERS = ["/etc", "/root", "/tmp", "/home", "/run", "/var/log"];
const filesOf = (fs: FileSystem): string[] => FOLDERS.filter((folder) => fs.exists(folder)).flatMap((folder) => ofFiles(fs, folder));

function ofEngine(host: Host): string[] {
  const { engine } = host;
  if (!engine) return [];
  const networks = engine.networks();
  const containers = engine.containers(true);
  return [
    ...networks.flatMap((network) => [
      ...lines(`network ${network.name}`, [inspectNetwork(engine, network), ...engine.dnsRecords(network)]),
      ...lines(
        "pools",
        network.pools.map(({ subnet, taken }) => [subnet, ...taken]),
      ),
    ]),
    ...containers.flatMap((container) => [
      ...lines(`container ${container.name}`, [inspectContainer(engine, container), container.ports, container.exposedPorts]),
      ...lines("log", container.log),
      ...filesOf(container.fs),
    ]),
    ...lines(
      "images",
      engine.images().map(({ reference, id }) => [reference, id]),
    ),
    ...lines("events", engine.events),
  ];
}

function ofMachine(host: Host): string[] {
  const processes = [...processesOf(host).entries].map(([pid, { title, ownPid, parentPid, started }]) => [
    pid,
    ownPid,
    parentPid,
    started,
    title,
  ]);
  return [`# machine ${host.name}`, ...lines("processes", processes), ...ofEngine(host), ...filesOf(host.fs), ...lines("log", host.log)];
}

export function dump(world: World, terminals: readonly string[]): string {
  const { clock, random, netns } = world.kernel;
  return [
    `clock ${clock.now} next ${clock.nextAt} random ${random.state}`,
    ...[...netns.values()].flatMap(ofNetns),
    ...[...world.machines.values()].flatMap(ofMachine),
    ...terminals.flatMap((id) => [`# terminal ${id}`, world.terminal(id)?.text ?? "", `reader ${world.terminal(id)?.reader?.prompt}`]),
  ].join("\n");
}
