/** What holds in a world whatever was typed: addresses, cables, pools, rules, and the model's own honour. */
import type { Container, Network } from "../../src/engine/types.ts";
import { saveTables } from "../../src/kernel/netfilter/save.ts";
import { processesOf } from "../../src/shell/process-table.ts";
import type { Host } from "../../src/world/machine.ts";
import type { World } from "../../src/world/world.ts";

const hostOf = (world: World): Host => world.machines.get("docker-host") as Host;
const containersOf = (world: World): readonly Container[] => world.engine.containers(true);
const networksOf = (world: World): readonly Network[] => world.engine.networks();

/** Sentences about what does not hold; none in a world that is sound. */
export function broken(world: World): string[] {
  return [
    ...world.internalErrors.map((error) => `an error of the model: ${error instanceof Error ? error.stack : String(error)}`),
    ...sharedAddresses(world),
    ...loneCables(world),
    ...wrongPools(world),
    ...orphanRules(world),
  ];
}

/** No two endpoints of running containers on one network have the same address. */
function* sharedAddresses(world: World): Generator<string> {
  const owners = new Map<string, string>();
  for (const { name, endpoints } of containersOf(world))
    for (const { network, ipv4, ipv6 } of endpoints.values())
      for (const address of [ipv4, ipv6]) {
        if (address === "") continue;
        const key = `${network.name} ${address}`;
        if (owners.has(key)) yield `${address} on ${network.name} belongs to ${owners.get(key)} and ${name}`;
        owners.set(key, name);
      }
}

/** Every veth has its peer, which knows it, and both are where they say. */
function* loneCables(world: World): Generator<string> {
  for (const netns of world.kernel.netns.values())
    for (const device of netns.devices.all()) {
      if (device.netns !== netns) yield `${device.name} is listed in ${netns.name} and is elsewhere`;
      if (device.kind !== "veth") continue;
      const peer = device.link;
      if (peer?.link !== device || !peer.netns.devices.has(peer)) yield `${device.name} of ${netns.name} has no peer`;
    }
}

/** A pool has given out what endpoints, gateways and auxiliary addresses have, and nothing else. */
function* wrongPools(world: World): Generator<string> {
  for (const network of networksOf(world)) {
    const wanted = new Set<string>();
    for (const { ipv4, ipv6 } of network.endpoints.values()) for (const address of [ipv4, ipv6]) if (address !== "") wanted.add(address);
    const given = new Set<string>();
    for (const { taken, gateway, auxAddresses } of network.pools)
      for (const address of taken.keys()) if (address !== gateway && !Object.values(auxAddresses).includes(address)) given.add(address);
    for (const address of given) if (!wanted.has(address)) yield `${network.name} has given ${address} to nobody`;
    if (network.pools.length === 0) continue;
    for (const address of wanted) if (!given.has(address)) yield `${network.name} has not given out ${address}`;
  }
  for (const { name, endpoints, state } of containersOf(world))
    for (const endpoint of endpoints.values()) {
      if (endpoint.network.endpoints.get(endpoint.id) !== endpoint)
        yield `${name} has an endpoint that ${endpoint.network.name} does not know`;
      if (state !== "running" && state !== "paused" && state !== "restarting") yield `${name} is ${state} and has an endpoint`;
    }
}

const RULE_SETS = [4, 6] as const;

/** Rules of the engine name bridges of networks that exist and addresses of endpoints that exist. */
function* orphanRules(world: World): Generator<string> {
  const networks = networksOf(world);
  const bridges = new Set(networks.map(({ device, id }) => device?.name ?? `br-${id.slice(0, 12)}`));
  const addresses = new Set<string>();
  for (const { endpoints } of networks) for (const { ipv4, ipv6 } of endpoints.values()) addresses.add(ipv4).add(ipv6);
  for (const family of RULE_SETS)
    for (const rule of saveTables(hostOf(world).netns.netfilter, family, "", false).split("\n")) {
      for (const [name] of rule.matchAll(/\b(br-[0-9a-f]{12}|brx)\b/g)) if (!bridges.has(name)) yield `no network has ${name}: ${rule}`;
      const target =
        /^-A (?:DOCKER|PREROUTING) -d (\S+)\/(?:32|128) ! -i \S+/.exec(rule)?.[1] ??
        /--to-destination \[?([\da-f.:]+?)\]?:\d+$/.exec(rule)?.[1];
      if (target && !target.startsWith("127.") && !addresses.has(target)) yield `nobody has ${target}: ${rule}`;
    }
}

/** What stays of a world once all that was made in it is removed. */
export function remains(world: World): unknown {
  const host = hostOf(world);
  return {
    netns: [...world.kernel.netns.values()].map(({ name }) => name),
    devices: host.netns.devices.all().map(({ name, kind }) => `${name} ${kind}`),
    containers: containersOf(world).map(({ name }) => name),
    networks: networksOf(world).map(({ name, endpoints, pools }) => [name, endpoints.size, pools.map(({ taken }) => [...taken])]),
    listeners: host.netns.sockets
      .list()
      .filter(({ protocol, state }) => (protocol === "tcp" ? state === "LISTEN" : protocol === "udp"))
      .map(({ process, localPort }) => `${process} ${localPort}`),
    processes: [...processesOf(host).entries.values()].filter(({ process }) => process.container).map(({ title }) => title),
    chains: RULE_SETS.map((family) =>
      saveTables(host.netns.netfilter, family, "", false)
        .split("\n")
        .filter((rule) => /^-A DOCKER(?!-USER|-FORWARD)/.test(rule) && !/docker0/.test(rule)),
    ),
  };
}
