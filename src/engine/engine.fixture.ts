/** A Docker host on a small LAN with an engine whose containers run nothing, for the engine's tests. */

import { parseIp } from "../kernel/address.ts";
import { createVeth, LinkError } from "../kernel/device/index.ts";
import { Kernel } from "../kernel/kernel.ts";
import { type Op, Task, WaitQueue } from "../kernel/task.ts";
import { FileSystem } from "../kernel/vfs.ts";
import { plainSpec } from "./container/plain-spec.ts";
import { DockerEngine } from "./engine.ts";
import { globalAddress } from "./network/interface.ts";
import type { Runtime, RuntimeProcess } from "./runtime.ts";
import type { Container, ContainerSpec, EndpointSpec, NetworkSpec } from "./types.ts";
import { EngineError } from "./types.ts";

class IdleProcess implements RuntimeProcess {
  readonly exited = new WaitQueue();
  exitCode: number | undefined;
  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }

  send(name: string): void {
    if (name === "KILL" || name === "TERM") this.end(name === "KILL" ? 137 : 143);
  }

  end(code: number): void {
    this.exitCode ??= code;
    this.exited.wake();
  }
}

/** Programs that do nothing until they are stopped; "nosuch" is none. */
class IdleRuntime implements Runtime {
  #pid = 1000;

  spawn(_container: Container, { argv }: { readonly argv: readonly string[] }): RuntimeProcess | string {
    return argv[0] === "nosuch" ? `exec: "nosuch": executable file not found in $PATH` : new IdleProcess(this.#pid++);
  }
}

export class Lab {
  readonly kernel = new Kernel(7);
  readonly host = this.kernel.addNetns("docker-host", "docker-host", true);
  readonly lan = this.kernel.addNetns("lan", "lan", true);
  readonly fs = new FileSystem();
  readonly engine: DockerEngine;

  constructor(dnsOrder: "shuffle" | "round-robin" = "shuffle") {
    for (const netns of [this.host, this.lan]) {
      const loopback = netns.devices.byName("lo");
      if (loopback) netns.devices.setUp(loopback, true);
    }
    const cable = createVeth({ netns: this.host, name: "eth0", mac: "52:54:00:00:00:10" }, { netns: this.lan, name: "lan0" });
    if (cable instanceof LinkError) throw new Error(cable.message);
    for (const [device, text] of [
      [cable.device, "192.168.0.10"],
      [cable.peer, "192.168.0.1"],
    ] as const) {
      device.netns.devices.setUp(device, true);
      device.netns.devices.addAddress(device, globalAddress(parseIp(text) as number, 24, device.name));
    }
    this.fs.place("/etc/resolv.conf", "nameserver 192.168.0.1\n");
    this.fs.place("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tdocker-host\n");
    this.engine = new DockerEngine({
      kernel: this.kernel,
      netns: this.host,
      fs: this.fs,
      hostname: "docker-host",
      runtime: new IdleRuntime(),
      dnsOrder,
      epoch: Date.UTC(2026, 0, 5, 9),
    });
    this.engine.start();
  }

  /** Runs an operation to its end. */
  run<T>(op: Op<T>): T {
    const task = new Task(this.kernel.clock, op);
    while (!task.done && this.kernel.clock.step());
    if (!task.outcome || !("value" in task.outcome)) throw new Error("the operation did not end");
    return task.outcome.value;
  }

  /** `docker network create`; the id, or the error's text. */
  network(name: string, parts: Partial<NetworkSpec> = {}): string {
    const created = this.run(this.engine.createNetwork(networkSpec(name, parts)));
    return created instanceof EngineError ? created.message : created.id;
  }

  /** `docker create`; the id, or the error's text. */
  create(name: string, networkMode = "default", parts: Partial<ContainerSpec> = {}, endpoint: EndpointSpec = {}): string {
    const created = this.run(this.engine.createContainer(containerSpec(name, networkMode, parts, endpoint)));
    return created instanceof EngineError ? created.message : created.id;
  }

  start(name: string): string {
    return this.run(this.engine.startContainer(name))?.message ?? "";
  }

  /** `docker run -d`; "" or the error's text. */
  up(name: string, networkMode = "default", parts: Partial<ContainerSpec> = {}, endpoint: EndpointSpec = {}): string {
    const created = this.create(name, networkMode, parts, endpoint);
    return /^[0-9a-f]{64}$/.test(created) ? this.start(name) : created;
  }

  container(name: string): Container {
    const found = this.engine.findContainer(name);
    if (found instanceof EngineError) throw new Error(found.message);
    return found;
  }

  /** "172.17.0.2" on the network, "" when it is not on it. */
  address(name: string, network: string): string {
    return this.container(name).endpoints.get(network)?.ipv4 ?? "";
  }

  /** What `iptables -S` prints. */
  rules(table = "filter", chain?: string, family: 4 | 6 = 4): string {
    const printed = this.host.netfilter.command(family, ["-t", table, "-S", ...(chain ? [chain] : [])]);
    return typeof printed === "string" ? printed.trimEnd() : printed.message;
  }

  file(name: string, path: string): string {
    const text = this.container(name).fs.read(path);
    return typeof text === "string" ? text : text.message;
  }
}

export const networkSpec = (name: string, parts: Partial<NetworkSpec> = {}): NetworkSpec => ({
  name,
  driver: "bridge",
  ipam: [],
  ipamDriver: "default",
  ipamOptions: {},
  internal: false,
  attachable: false,
  ingress: false,
  enableIpv4: undefined,
  enableIpv6: undefined,
  options: {},
  labels: {},
  configOnly: false,
  ...parts,
});

export const containerSpec = (
  name: string,
  networkMode = "default",
  parts: Partial<ContainerSpec> = {},
  endpoint: EndpointSpec = {},
): ContainerSpec => ({
  ...plainSpec("ubuntu:18.04", networkMode),
  name,
  endpoints: new Map([[networkMode, endpoint]]),
  ...parts,
});

/** -p HOST:CONTAINER. */
export const publish = (hostPort: string, containerPort: number, hostIp = "", protocol: "tcp" | "udp" = "tcp") => ({
  hostPort,
  containerPort,
  hostIp,
  protocol,
});
