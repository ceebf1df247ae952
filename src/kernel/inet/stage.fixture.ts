/** Small networks of real devices for the tests of the IP layer: hosts on one bridge, hosts on both sides of a router. */
import { type Ip, type Ipv4, parseIp, parsePrefix } from "../address.ts";
import { Bridge } from "../device/bridge.ts";
import type { NetDevice } from "../device/device.ts";
import { createVeth } from "../device/veth.ts";
import { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { ReceivedPacket } from "../socket/raw.ts";
import type { Hop } from "../trace.ts";
import { PROTO_ICMP, PROTO_ICMPV6 } from "../wire/packet.ts";

export const ip = (text: string): Ip => parseIp(text) as Ip;
export const OWNER = { process: "test", pid: 1 };

export function addNetns(kernel: Kernel, name: string): Netns {
  const netns = kernel.addNetns(name, name, true);
  netns.devices.setUp(netns.device("lo") as NetDevice, true);
  return netns;
}

/** A cable between two netns; both ends up, with addresses "ADDRESS/LENGTH". */
export function cable(a: Netns, nameA: string, addressA: string, b: Netns, nameB: string, addressB: string): [NetDevice, NetDevice] {
  const pair = createVeth({ netns: a, name: nameA }, { netns: b, name: nameB });
  if (!("device" in pair)) throw new Error(pair.message);
  const { device, peer } = pair;
  a.devices.setUp(device, true);
  b.devices.setUp(peer, true);
  give(device, addressA);
  give(peer, addressB);
  return [device, peer];
}

/** Gives a device an address, without duplicate detection for IPv6. */
export function give(device: NetDevice, text: string): void {
  if (text === "") return;
  const { address, length } = parsePrefix(text) as { address: Ip; length: number };
  const refused = device.netns.devices.addAddress(device, { ip: address, length, scope: "global" });
  if (refused) throw new Error(refused.message);
}

/** A host with a bridge br0 that has 10.0.0.1/24, and containers 10.0.0.2, .3 … plugged into it. */
export function bridged(count: number): { kernel: Kernel; host: Netns; containers: Netns[] } {
  const kernel = new Kernel(1);
  const host = addNetns(kernel, "host");
  const bridge = new Bridge(host, "br0");
  host.devices.add(bridge);
  host.devices.setUp(bridge, true);
  give(bridge, "10.0.0.1/24");
  const containers: Netns[] = [];
  for (let i = 0; i < count; i++) {
    const container = addNetns(kernel, `c${i + 1}`);
    cable(container, "eth0", `10.0.0.${i + 2}/24`, host, `veth${i + 1}`, "");
    host.devices.setMaster(host.device(`veth${i + 1}`) as NetDevice, bridge);
    containers.push(container);
  }
  return { kernel, host, containers };
}

/** a 10.0.1.2 -- 10.0.1.1 router 10.0.2.1 -- 10.0.2.2 b, with default routes and forwarding on. */
export function routed(): { kernel: Kernel; a: Netns; router: Netns; b: Netns } {
  const kernel = new Kernel(1);
  const [a, router, b] = ["a", "router", "b"].map((name) => addNetns(kernel, name)) as [Netns, Netns, Netns];
  cable(a, "eth0", "10.0.1.2/24", router, "lan0", "10.0.1.1/24");
  cable(b, "eth0", "10.0.2.2/24", router, "wan0", "10.0.2.1/24");
  addDefault(a, "10.0.1.1");
  addDefault(b, "10.0.2.1");
  router.sysctl.set("net.ipv4.ip_forward", "1");
  return { kernel, a, router, b };
}

export function addDefault(netns: Netns, gateway: string): void {
  const via = ip(gateway);
  const dst = typeof via === "number" ? { address: 0, length: 0 } : { address: 0n, length: 0 };
  const metric = typeof via === "number" ? 0 : 1024;
  const refused = netns.inet.fib.add({ type: "unicast", dst, via, metric, table: "main", protocol: "boot", scope: "global" });
  if (refused) throw new Error(refused.message);
}

/** One echo request; what came back to the raw socket within `wait` µs. */
export function ping(
  from: Netns,
  to: string,
  options: { size?: number; ttl?: number; df?: boolean; wait?: number; recorded?: readonly Ipv4[] } = {},
): ReceivedPacket[] | string {
  const dst = ip(to);
  const four = typeof dst === "number";
  const socket = from.sockets.raw(OWNER, four ? 4 : 6, four ? PROTO_ICMP : PROTO_ICMPV6);
  const { size = 56, ttl, df, wait = 1_000_000, recorded } = options;
  const body = { kind: "icmp", type: four ? 8 : 128, code: 0, id: 7, sequence: 1, dataLength: size } as const;
  const sent = socket.send({ dst, body, ttl, df, recorded });
  if (typeof sent === "string") {
    socket.close();
    return sent;
  }
  const { clock } = from.kernel;
  clock.advanceTo(clock.now + wait);
  const received: ReceivedPacket[] = [];
  for (let packet = socket.receive(); packet; packet = socket.receive()) received.push(packet);
  socket.close();
  return received;
}

/** Type and code of the ICMP messages among what came, with the sender: "10.0.0.1 11/0". */
export const told = (received: ReceivedPacket[] | string, format: (ip: Ip) => string): string[] =>
  typeof received === "string"
    ? [received]
    : received.map(
        ({ packet }) =>
          `${format(packet.src)} ${packet.body.kind === "icmp" ? `${packet.body.type}/${packet.body.code}` : packet.body.kind}`,
      );

/** The reasons for which packets were dropped since trace position `from`. */
export function dropsSince(kernel: Kernel, from: number): string[] {
  const reasons: string[] = [];
  for (let i = from; i < kernel.trace.end; i++) {
    const entry = kernel.trace.at(i);
    if (entry?.kind === "hop" && (entry as Hop).verdict === "drop") reasons.push((entry as Hop).reason ?? "");
  }
  return reasons;
}
