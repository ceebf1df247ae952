/**
 * The stage: a Docker host on a LAN with a router and a server, and one host on the internet.
 *
 *   internet 203.0.113.80 (example.com) -- router 192.168.0.1 (NAT, DNS) -- switch -+- docker-host 192.168.0.10
 *                                                                                   +- server 192.168.0.20 (web server)
 */
import { type Mac, parseIp, parsePrefix } from "../kernel/address.ts";
import type { NetDevice } from "../kernel/device/device.ts";
import { Bridge, createVeth, type Veth } from "../kernel/device/index.ts";
import { LinkError } from "../kernel/device/link-error.ts";
import type { Netns } from "../kernel/netns.ts";
import { Task } from "../kernel/task.ts";
import { onePage, type ServiceOwner, serveDns, serveWeb } from "../shell/services/index.ts";
import type { Host } from "./machine.ts";
import type { World } from "./world.ts";

export interface Stage {
  /** The date that virtual time 0 stands for, in ms since 1970. */
  readonly epoch: number;
  /** Names of the machines that run an engine. */
  readonly dockerHosts: readonly string[];
  /** Images that are there without a pull. */
  readonly localImages?: readonly string[];
  build(world: World): void;
}

/** µs that a frame takes over a LAN cable, and over the line to the internet. */
const LAN_LATENCY = 30;
const WAN_LATENCY = 80;

const must = <T>(result: T | LinkError): T => {
  if (result instanceof LinkError) throw new Error(`stage: ${result.message}`);
  return result;
};

/** A cable between two netns; both ends up. */
function cable(
  a: { netns: Netns; name: string; mac?: Mac },
  b: { netns: Netns; name: string; mac?: Mac },
  latency: number,
): { readonly device: Veth; readonly peer: Veth } {
  const pair = must(createVeth({ ...a, txQueueLength: 1000 }, { ...b, txQueueLength: 1000 }));
  for (const end of [pair.device, pair.peer]) {
    end.latency = latency;
    end.netns.devices.setUp(end, true);
  }
  return pair;
}

function address(device: NetDevice, text: string): void {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`stage: ${text}`);
  const ip = prefix.address as number;
  must(
    device.netns.devices.addAddress(device, {
      ip,
      length: prefix.length,
      scope: "global",
      broadcast: (ip | (2 ** (32 - prefix.length) - 1)) >>> 0,
      label: device.name,
    }),
  );
}

function defaultRoute(netns: Netns, via: string, device: NetDevice): void {
  must(
    netns.inet.fib.add({
      type: "unicast",
      dst: { address: 0, length: 0 },
      via: parseIp(via) as number,
      dev: device,
      metric: 0,
      table: "main",
      protocol: "boot",
      scope: "global",
    }),
  );
}

const owner = (host: Host, name: string): ServiceOwner => ({ netns: host.netns, pid: host.newPid(), name });

export const STAGE: Stage = {
  epoch: Date.UTC(2026, 0, 5, 9, 0, 0),
  dockerHosts: ["docker-host"],
  build(world) {
    const { kernel } = world;
    const host = world.addMachine("docker-host");
    const router = world.addMachine("router");
    const server = world.addMachine("server");
    const internet = world.addMachine("internet");
    const lan = kernel.addNetns("switch", "switch", true);
    for (const netns of [host.netns, router.netns, server.netns, internet.netns, lan])
      netns.devices.setUp(netns.device("lo") as NetDevice, true);

    const sw0 = new Bridge(lan, "sw0");
    must(lan.devices.add(sw0));
    lan.devices.setUp(sw0, true);
    const plug = (machine: Host, name: string, mac: Mac): Veth => {
      const port = machine === host ? "host" : machine.name;
      const { device, peer } = cable({ netns: machine.netns, name, mac }, { netns: lan, name: `to-${port}` }, LAN_LATENCY);
      must(lan.devices.setMaster(peer, sw0));
      return device;
    };
    const hostNic = plug(host, "eth0", "52:54:00:00:00:10");
    const lan0 = plug(router, "lan0", "52:54:00:00:00:01");
    const serverNic = plug(server, "eth0", "52:54:00:00:00:20");
    address(lan0, "192.168.0.1/24");
    address(hostNic, "192.168.0.10/24");
    defaultRoute(host.netns, "192.168.0.1", hostNic);
    address(serverNic, "192.168.0.20/24");
    defaultRoute(server.netns, "192.168.0.1", serverNic);
    const wan = cable({ netns: router.netns, name: "wan0" }, { netns: internet.netns, name: "eth0" }, WAN_LATENCY);
    address(wan.device, "203.0.113.1/24");
    address(wan.peer, "203.0.113.80/24");
    router.netns.sysctl.set("net.ipv4.ip_forward", "1");
    router.netns.netfilter.command(4, "-t nat -A POSTROUTING -o wan0 -j MASQUERADE".split(" "));

    for (const machine of [host, router, server]) machine.fs.place("/etc/resolv.conf", "nameserver 192.168.0.1\n");
    internet.fs.place("/etc/resolv.conf", "");

    const { clock } = kernel;
    new Task(clock, serveWeb(owner(server, "httpd"), onePage("lan server\n")));
    new Task(clock, serveWeb(owner(internet, "httpd"), onePage("Example Domain\n")));
    const hosts = new Map([
      ["example.com", [parseIp("203.0.113.80") as number]],
      ["server.lan", [parseIp("192.168.0.20") as number]],
    ]);
    // containerd serves streams of its own on a port of the host that the kernel chooses.
    const containerd = { process: "containerd", pid: host.newPid() };
    host.netns.sockets.tcpListen(containerd, { ip: parseIp("127.0.0.1") as number, port: 0 });
    new Task(clock, serveDns(owner(router, "dnsmasq"), { address: parseIp("192.168.0.1") as number, hosts }));
  },
};
