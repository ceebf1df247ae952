/** Pictures made up for tests: a host on its LAN, networks, containers in every state and mode. */
import type { ContainerState, ContainerView, NetworkView } from "../engine/types.ts";
import type { DeviceView, NetnsView } from "../kernel/trace.ts";
import type { Picture } from "../session/picture.ts";

export interface ContainerPlan {
  readonly name: string;
  /** Ids of networks. */
  readonly networks: readonly string[];
  readonly state?: ContainerState;
  readonly mode?: "host" | "none";
  /** Name of the container whose netns it shares. */
  readonly shares?: string;
  readonly alias?: string;
  readonly six?: boolean;
  readonly cut?: boolean;
}

export class PictureMaker {
  readonly #devices = new Map<number, DeviceView>();
  readonly #netns = new Map<number, NetnsView>();
  readonly #containers = new Map<string, ContainerView>();
  readonly #networks = new Map<string, NetworkView>();
  readonly #host: number;
  readonly #eth0: number;
  #uid = 1;

  constructor() {
    this.#host = this.#addNetns("docker-host", "docker-host", true);
    const lan = this.#addNetns("switch", "switch", true);
    const router = this.#addNetns("router", "router", true);
    const server = this.#addNetns("server", "server", true);
    const inet = this.#addNetns("inet", "inet", true);
    const bridge = this.#device({ netns: lan, name: "sw0", kind: "bridge" });
    [this.#eth0] = this.#pair(
      { netns: this.#host, name: "eth0", addresses: ["192.168.0.10/24"] },
      { netns: lan, name: "to-host", master: bridge },
    );
    this.#pair({ netns: router, name: "lan0", addresses: ["192.168.0.1/24"] }, { netns: lan, name: "to-router", master: bridge });
    this.#pair({ netns: server, name: "eth0", addresses: ["192.168.0.20/24"] }, { netns: lan, name: "to-server", master: bridge });
    this.#pair(
      { netns: router, name: "wan0", addresses: ["203.0.113.1/24"] },
      { netns: inet, name: "eth0", addresses: ["203.0.113.80/24"] },
    );
    this.network("bridge", "bridge", true);
  }

  /** A network whose id is its name. */
  network(name: string, driver: "bridge" | "macvlan" = "bridge", predefined = false): this {
    const index = this.#networks.size;
    const subnet = driver === "macvlan" ? "192.168.0.0/24" : `172.${17 + index}.0.0/16`;
    const gateway = driver === "macvlan" ? "192.168.0.1" : `172.${17 + index}.0.1`;
    const device =
      driver === "macvlan"
        ? this.#eth0
        : this.#device({ netns: this.#host, name: predefined ? "docker0" : `br-${name}`, kind: "bridge", addresses: [`${gateway}/16`] });
    const pools = [{ subnet, gateway, ipRange: "", size: 65533, taken: 1 }];
    this.#networks.set(name, { id: name, name, driver, internal: false, predefined, device, pools, options: {} });
    return this;
  }

  /** A container whose id is its name. */
  container(plan: ContainerPlan): this {
    const state = plan.state ?? "running";
    const alive = state === "running" || state === "paused";
    const owner = plan.shares ? this.#containers.get(plan.shares) : undefined;
    const netns = owner ? owner.netns : !alive ? 0 : plan.mode === "host" ? this.#host : this.#addNetns(plan.name, "docker-host", false);
    const endpoints = (owner || plan.mode ? [] : plan.networks).map((network, index) =>
      this.#endpoint(plan, network, index, alive ? netns : 0),
    );
    this.#containers.set(plan.name, {
      id: plan.name,
      name: plan.name,
      image: "alpine",
      state,
      exitCode: 0,
      netns,
      networkMode: plan.shares ? `container:${plan.shares}` : (plan.mode ?? plan.networks[0] ?? "none"),
      sharesWith: plan.shares ?? "",
      hostname: plan.name,
      endpoints,
      ports: [],
      published: [],
    });
    return this;
  }

  remove(name: string): this {
    this.#containers.delete(name);
    return this;
  }

  picture(): Picture {
    return {
      devices: new Map(this.#devices),
      netns: new Map(this.#netns),
      containers: new Map(this.#containers),
      networks: new Map(this.#networks),
    };
  }

  #endpoint(plan: ContainerPlan, network: string, index: number, netns: number): ContainerView["endpoints"][number] {
    const view = this.#networks.get(network) as NetworkView;
    const address = `${view.pools[0]?.gateway.replace(/1$/, "")}${(this.#uid % 250) + 2}`;
    const addresses = plan.six ? [`${address}/16`, `2001:db8::${this.#uid.toString(16)}/64`] : [`${address}/16`];
    let device = 0;
    let hostDevice = 0;
    if (netns && view.driver === "macvlan")
      device = this.#device({ netns, name: `eth${index}`, kind: "macvlan", parent: this.#eth0, addresses });
    else if (netns)
      [device, hostDevice] = this.#pair(
        { netns, name: `eth${index}`, addresses },
        { netns: this.#host, name: `veth${this.#uid}`, master: view.device, up: !plan.cut },
      );
    return {
      network,
      networkName: view.name,
      ipv4: netns ? address : "",
      ipv6: "",
      mac: "",
      aliases: plan.alias ? [plan.alias] : [],
      device,
      hostDevice,
    };
  }

  #addNetns(name: string, machine: string, initial: boolean): number {
    const uid = this.#uid++;
    this.#netns.set(uid, { uid, name, machine, initial });
    this.#device({ netns: uid, name: "lo", kind: "loopback", addresses: ["127.0.0.1/8"] });
    return uid;
  }

  #device(part: Partial<DeviceView>): number {
    const uid = this.#uid++;
    const plain = {
      ifindex: 1,
      mac: "02:42:ac:11:00:02",
      mtu: 1500,
      up: true,
      carrier: true,
      master: 0,
      peer: 0,
      parent: 0,
      addresses: [],
    };
    this.#devices.set(uid, { uid, netns: 0, name: "", kind: "veth", ...plain, ...part });
    return uid;
  }

  #pair(a: Partial<DeviceView>, b: Partial<DeviceView>): [number, number] {
    const x = this.#device(a);
    const y = this.#device({ ...b, peer: x });
    this.#devices.set(x, { ...(this.#devices.get(x) as DeviceView), peer: y });
    return [x, y];
  }
}
