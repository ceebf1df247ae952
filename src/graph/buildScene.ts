/**
 * Reads the scene off a picture: which devices, namespaces and networks become cards, bars, NICs, machines and cables.
 */
import type { ContainerView, NetworkView } from "../engine/types.ts";
import type { DeviceView, NetnsView } from "../kernel/trace.ts";
import type { Picture } from "../session/picture.ts";
import { assignHues, type Hue } from "./hues.ts";
import {
  type Bar,
  type Cable,
  type CableEnd,
  type Card,
  containerNode,
  deviceNode,
  EMPTY_SCENE,
  type Host,
  type Machine,
  machineNode,
  type Nic,
  type NodeId,
  networkNode,
  type Scene,
  type Socket,
} from "./scene.ts";

const CHILD_KINDS = new Set(["macvlan", "ipvlan"]);
const THROUGH_DRIVERS = new Set(["macvlan", "ipvlan"]);
const HOST_NAME = /^docker-host/;

/** Reads the scene off a picture; whatever is as in `before` is the same object as there, so that it need not be drawn anew. */
export function buildScene(picture: Picture, before: Scene = EMPTY_SCENE): Scene {
  return new SceneBuilder(picture, before).build();
}

class SceneBuilder {
  readonly #picture: Picture;
  readonly #before: Scene;
  readonly #byNetns = new Map<number, DeviceView[]>();
  readonly #initial = new Map<string, NetnsView>();
  readonly #hues: ReadonlyMap<string, Hue>;
  readonly #barOfDevice = new Map<number, NodeId>();
  readonly #barOfNetwork = new Map<string, NodeId>();
  readonly #socketAt = new Map<number, { readonly card: Card; readonly socket: Socket }>();
  readonly #hostMachines = new Set<string>();
  #defaultHost = "docker-host";

  constructor(picture: Picture, before: Scene) {
    this.#picture = picture;
    this.#before = before;
    for (const device of picture.devices.values()) {
      const list = this.#byNetns.get(device.netns);
      if (list) list.push(device);
      else this.#byNetns.set(device.netns, [device]);
    }
    for (const netns of picture.netns.values()) if (netns.initial) this.#initial.set(netns.machine, netns);
    const drawn = [...picture.networks.values()].filter((network) => !isBarless(network)).map((network) => network.id);
    this.#findHosts();
    const known = new Map([...picture.networks.values()].map((network) => [network.device, network.id]));
    const loose: string[] = [];
    for (const device of picture.devices.values())
      if (device.kind === "bridge" && !known.has(device.uid) && this.#isOnHost(device)) loose.push(deviceNode(device.uid));
    // The bridge is there before the network that it is made for: the network takes over its hue.
    const inherited = new Map(before.hues);
    for (const [device, network] of known) {
      const hue = before.hues.get(deviceNode(device));
      if (hue !== undefined && !inherited.has(network)) inherited.set(network, hue);
    }
    this.#hues = assignHues([...drawn, ...loose], inherited);
  }

  #isOnHost(device: DeviceView): boolean {
    const netns = this.#picture.netns.get(device.netns);
    return netns?.initial === true && this.#hostMachines.has(netns.machine);
  }

  build(): Scene {
    const bars = this.#bars();
    for (const bar of bars) {
      if (bar.network) this.#barOfNetwork.set(bar.network.id, bar.id);
      if (bar.device && bar.kind === "bridge") this.#barOfDevice.set(bar.device.uid, bar.id);
    }
    const cards = this.#cards();
    const machines = this.#machines();
    for (const card of cards) for (const socket of card.sockets) if (socket.device) this.#socketAt.set(socket.device.uid, { card, socket });
    const counted = this.#countPorts(bars, cards);
    const nics = this.#nics(cards);
    const nicsById = new Map(nics.map((nic) => [nic.id, nic]));
    const cables = this.#cables(cards, machines, nicsById);
    const cardOf = new Map<string, NodeId>();
    for (const card of cards) for (const member of card.members) cardOf.set(member.id, card.id);
    const hosts = [...this.#hostMachines].flatMap((machine): Host[] => {
      const netns = this.#initial.get(machine);
      if (!netns) return [];
      const host: Host = {
        id: machineNode(machine),
        machine,
        netns: netns.uid,
        namespaces: [...this.#picture.netns.values()].filter((one) => one.machine === machine).length,
        cards: cards.filter((card) => card.machine === machine),
        bars: counted.filter((bar) => bar.machine === machine),
        nics: nics.filter((nic) => nic.machine === machine),
        loopback: this.#byNetns.get(netns.uid)?.find((device) => device.kind === "loopback")?.uid ?? 0,
      };
      return [host];
    });
    return {
      hosts,
      machines,
      cables,
      cards: new Map(cards.map((card) => [card.id, card])),
      bars: new Map(counted.map((bar) => [bar.id, bar])),
      nics: nicsById,
      cardOf,
      devices: this.#picture.devices,
      hues: this.#hues,
    };
  }

  #machineOfDevice(uid: number): string | undefined {
    const device = this.#picture.devices.get(uid);
    return device && this.#picture.netns.get(device.netns)?.machine;
  }

  #findHosts(): void {
    for (const netns of this.#picture.netns.values())
      if (netns.initial && HOST_NAME.test(netns.machine)) this.#hostMachines.add(netns.machine);
    for (const network of this.#picture.networks.values()) {
      const machine = this.#machineOfDevice(network.device);
      if (machine) this.#hostMachines.add(machine);
    }
    for (const container of this.#picture.containers.values()) {
      const machine = this.#picture.netns.get(container.netns)?.machine;
      if (machine) this.#hostMachines.add(machine);
    }
    this.#defaultHost = [...this.#hostMachines][0] ?? this.#defaultHost;
  }

  #bars(): Bar[] {
    const bars: Bar[] = [];
    const taken = new Set<number>();
    for (const network of this.#picture.networks.values()) {
      if (isBarless(network)) continue;
      const through = THROUGH_DRIVERS.has(network.driver);
      if (!through) taken.add(network.device);
      bars.push({
        id: networkNode(network.id),
        machine: this.#machineOfDevice(network.device) ?? this.#defaultHost,
        kind: through ? "through" : "bridge",
        network,
        device: this.#picture.devices.get(network.device),
        hue: this.#hues.get(network.id) ?? 0,
        ports: 0,
        containers: 0,
      });
    }
    for (const machine of this.#hostMachines) {
      const netns = this.#initial.get(machine);
      for (const device of (netns && this.#byNetns.get(netns.uid)) ?? []) {
        if (device.kind !== "bridge" || taken.has(device.uid)) continue;
        const id = deviceNode(device.uid);
        bars.push({ id, machine, kind: "bridge", network: undefined, device, hue: this.#hues.get(id) ?? 0, ports: 0, containers: 0 });
      }
    }
    return bars;
  }

  #countPorts(bars: readonly Bar[], cards: readonly Card[]): readonly Bar[] {
    const ports = new Map<number, number>();
    for (const device of this.#picture.devices.values()) if (device.master) ports.set(device.master, (ports.get(device.master) ?? 0) + 1);
    const containers = new Map<string, number>();
    for (const card of cards)
      for (const socket of card.sockets) if (socket.network) containers.set(socket.network, (containers.get(socket.network) ?? 0) + 1);
    return bars.map((bar) => {
      const counts = {
        ports: (bar.device && ports.get(bar.device.uid)) ?? 0,
        containers: (bar.network && containers.get(bar.network.id)) ?? 0,
      };
      return same(this.#before.bars.get(bar.id), { ...bar, ...counts });
    });
  }

  #cards(): Card[] {
    const groups = new Map<string, ContainerView[]>();
    for (const container of this.#picture.containers.values()) {
      const owner = this.#ownerOf(container);
      const list = groups.get(owner.id);
      if (list) list.push(container);
      else groups.set(owner.id, [container]);
    }
    const cards: Card[] = [];
    for (const [ownerId, group] of groups) {
      const owner = this.#picture.containers.get(ownerId) as ContainerView;
      const members = [owner, ...group.filter((member) => member.id !== ownerId)];
      const netns = members.find((member) => member.netns !== 0)?.netns ?? 0;
      const view = this.#picture.netns.get(netns);
      const onHost = owner.networkMode === "host" || view?.initial === true;
      const before = this.#before.cards.get(containerNode(ownerId));
      const inside = onHost ? [] : (this.#byNetns.get(netns) ?? []);
      if (before && group.length === 1 && this.#isAsBefore(before, owner, inside)) {
        cards.push(before);
        continue;
      }
      const sockets = onHost ? [] : this.#sockets(owner, inside, before);
      const awaited =
        owner.state !== "running" && owner.state !== "paused" && sockets.length === 0 ? this.#barNamed(owner.networkMode) : "";
      const first = sockets.find((socket) => this.#homeOf(socket) !== "");
      const machine = view?.machine ?? this.#machineOfNetwork(owner) ?? before?.machine ?? this.#defaultHost;
      const card: Card = {
        id: containerNode(ownerId),
        machine,
        kind: onHost ? "host" : sockets.length === 0 && awaited === "" ? "none" : "own",
        members: sameList(before?.members, members),
        sockets: sameList(before?.sockets, sockets),
        netns,
        loopback: inside.find((device) => device.kind === "loopback")?.uid ?? 0,
        alias: aliasesOf(owner),
        home: first ? this.#homeOf(first) : awaited,
      };
      cards.push(same(before, card));
    }
    return cards;
  }

  /** Whether nothing that a card is read off has changed: so it is for all but one or two of hundreds. */
  #isAsBefore(before: Card, owner: ContainerView, inside: readonly DeviceView[]): boolean {
    const { sockets } = before;
    return (
      before.kind === "own" &&
      before.members.length === 1 &&
      before.members[0] === owner &&
      before.netns === owner.netns &&
      sockets.length > 0 &&
      inside.filter((device) => device.kind !== "loopback").length === sockets.length &&
      inside.some((device) => device.uid === before.loopback) &&
      sockets.every(
        ({ device, network, hue }) =>
          device !== undefined && inside.includes(device) && this.#barOfNetwork.has(network) && this.#hueOf(network) === hue,
      )
    );
  }

  /** Follows `container:` to who made the netns; a ring or a removed owner ends it. */
  #ownerOf(container: ContainerView): ContainerView {
    let owner = container;
    for (let depth = 0; depth < 16 && owner.sharesWith; depth++) {
      const next = this.#picture.containers.get(owner.sharesWith);
      if (!next) break;
      owner = next;
    }
    return owner;
  }

  #machineOfNetwork(container: ContainerView): string | undefined {
    for (const endpoint of container.endpoints) {
      const network = this.#picture.networks.get(endpoint.network);
      const machine = network && this.#machineOfDevice(network.device);
      if (machine) return machine;
    }
    return undefined;
  }

  #sockets(owner: ContainerView, inside: readonly DeviceView[], before: Card | undefined): readonly Socket[] {
    const sockets: Socket[] = [];
    const endpoints = new Map(owner.endpoints.map((endpoint) => [endpoint.device, endpoint]));
    for (const device of inside) {
      if (device.kind === "loopback") continue;
      const endpoint = endpoints.get(device.uid);
      sockets.push({
        id: deviceNode(device.uid),
        device,
        name: device.name,
        ipv4: bare(device.addresses.find((address) => !address.includes(":"))),
        ipv6: bare(device.addresses.find((address) => address.includes(":") && !address.startsWith("fe80"))),
        network: endpoint?.network ?? "",
        networkName: endpoint?.networkName ?? "",
        hue: endpoint ? this.#hueOf(endpoint.network) : this.#hueOfDevice(device),
      });
    }
    if (inside.length === 0)
      for (const endpoint of owner.endpoints) {
        if (!this.#barOfNetwork.has(endpoint.network)) continue;
        sockets.push({
          id: `${owner.id}/${endpoint.network}`,
          device: undefined,
          name: "",
          ipv4: endpoint.ipv4,
          ipv6: endpoint.ipv6,
          network: endpoint.network,
          networkName: endpoint.networkName,
          hue: this.#hueOf(endpoint.network),
        });
      }
    return sockets.map((socket) =>
      same(
        before?.sockets.find((one) => one.id === socket.id),
        socket,
      ),
    );
  }

  /** The bar of the network that a container will be plugged into when it starts, or was just now. */
  #barNamed(mode: string): NodeId {
    const name = mode === "default" ? "bridge" : mode;
    for (const network of this.#picture.networks.values())
      if (network.name === name || network.id === name) return this.#barOfNetwork.get(network.id) ?? "";
    return "";
  }

  #hueOf(network: string): Hue {
    return this.#hues.get(network) ?? -1;
  }

  /** The hue of the bar that a device is plugged into, though no network knows it. */
  #hueOfDevice(device: DeviceView): Hue {
    const bar = this.#barBehind(device);
    return bar ? (this.#hues.get(bar.startsWith("network:") ? bar.slice(8) : bar) ?? -1) : -1;
  }

  #barBehind(device: DeviceView): NodeId | undefined {
    const peer = this.#picture.devices.get(device.peer);
    return peer?.master ? this.#barOfDevice.get(peer.master) : undefined;
  }

  #homeOf(socket: Socket): NodeId {
    return this.#barOfNetwork.get(socket.network) ?? (socket.device && this.#barBehind(socket.device)) ?? "";
  }

  #nics(cards: readonly Card[]): Nic[] {
    const nics: Nic[] = [];
    for (const machine of this.#hostMachines) {
      const netns = this.#initial.get(machine);
      const devices = (netns && this.#byNetns.get(netns.uid)) ?? [];
      const parents = new Map<number, Set<string>>();
      for (const device of this.#picture.devices.values()) {
        if (!CHILD_KINDS.has(device.kind)) continue;
        const drivers = parents.get(device.parent) ?? new Set<string>();
        parents.set(device.parent, drivers.add(device.kind));
      }
      for (const network of this.#picture.networks.values()) {
        if (!THROUGH_DRIVERS.has(network.driver) || !network.device) continue;
        const drivers = parents.get(network.device) ?? new Set<string>();
        parents.set(network.device, drivers.add(network.driver));
      }
      const published = publishedOn(cards, machine);
      for (const device of devices) {
        if (device.kind === "loopback" || device.kind === "bridge") continue;
        const peer = this.#picture.devices.get(device.peer);
        const peerNetns = peer && this.#picture.netns.get(peer.netns);
        if (peer && peerNetns?.machine === machine && (!peerNetns.initial || device.master)) continue;
        const wired = peerNetns !== undefined && peerNetns.machine !== machine;
        const id = deviceNode(device.uid);
        const before = this.#before.nics.get(id);
        const nic: Nic = {
          id,
          machine,
          device,
          wired,
          published: sameList(before?.published, wired ? published : []),
          parentOf: sameList(before?.parentOf, [...(parents.get(device.uid) ?? [])]),
        };
        nics.push(same(before, nic));
      }
    }
    return nics;
  }

  #machines(): Machine[] {
    const machines: Machine[] = [];
    for (const [name, netns] of this.#initial) {
      if (this.#hostMachines.has(name)) continue;
      const devices = (this.#byNetns.get(netns.uid) ?? []).filter((device) => device.kind !== "loopback");
      const before = this.#before.machines.find((machine) => machine.name === name);
      const machine: Machine = {
        id: machineNode(name),
        name,
        role: roleOf(name, devices),
        netns: netns.uid,
        devices: sameList(before?.devices, devices),
      };
      machines.push(same(before, machine));
    }
    return machines;
  }

  #cables(cards: readonly Card[], machines: readonly Machine[], nics: ReadonlyMap<NodeId, Nic>): readonly Cable[] {
    const before = new Map(this.#before.cables.map((cable) => [cable.id, cable]));
    const cables: Cable[] = [];
    const add = (cable: Cable): void => {
      const old = before.get(cable.id);
      cables.push(old && sameEnds(old, cable) ? old : cable);
    };
    for (const card of cards) for (const socket of card.sockets) this.#cableOfSocket(card, socket, nics, add);
    this.#wires(machines, nics, add);
    this.#hostPairs(nics, add);
    return cables;
  }

  #cableOfSocket(card: Card, socket: Socket, nics: ReadonlyMap<NodeId, Nic>, add: (cable: Cable) => void): void {
    const { device } = socket;
    const container = card.members[0]?.id ?? "";
    const from: CableEnd = { node: card.id, socket: socket.id, device: device?.uid ?? 0, name: socket.name };
    const shared = { from, hue: socket.hue, network: socket.network, container };
    if (!device) {
      const node = this.#barOfNetwork.get(socket.network) ?? "";
      add({ ...shared, id: `ghost:${socket.id}`, kind: "ghost", to: { node, socket: "", device: 0, name: "" }, cut: false, live: false });
      return;
    }
    const live = device.up && device.carrier;
    if (CHILD_KINDS.has(device.kind)) {
      const node = this.#barOfNetwork.get(socket.network) ?? (nics.has(deviceNode(device.parent)) ? deviceNode(device.parent) : "");
      const to: CableEnd = { node, socket: "", device: device.parent, name: this.#picture.devices.get(device.parent)?.name ?? "" };
      add({ ...shared, id: deviceNode(device.uid), kind: "child", to, cut: !device.up, live });
      return;
    }
    const peer = this.#picture.devices.get(device.peer);
    if (!peer) return;
    const other = this.#socketAt.get(peer.uid);
    // A pair between two containers is drawn once, from the older end.
    if (other && peer.uid < device.uid) return;
    const master = peer.master ? this.#barOfDevice.get(peer.master) : undefined;
    const nic = nics.has(deviceNode(peer.uid)) ? deviceNode(peer.uid) : undefined;
    const to: CableEnd = { node: other?.card.id ?? master ?? nic ?? "", socket: other?.socket.id ?? "", device: peer.uid, name: peer.name };
    add({ ...shared, id: deviceNode(peer.uid), kind: "veth", to, cut: !device.up || !peer.up, live: live && peer.up && peer.carrier });
  }

  /** Cables between machines: from NICs and machines to the switch, or straight to one another. */
  #wires(machines: readonly Machine[], nics: ReadonlyMap<NodeId, Nic>, add: (cable: Cable) => void): void {
    const nodeOf = new Map<number, NodeId>();
    for (const machine of machines) for (const device of machine.devices) nodeOf.set(device.uid, machine.id);
    for (const nic of nics.values()) nodeOf.set(nic.device.uid, nic.id);
    const rank = (node: NodeId): number => (machines.find((machine) => machine.id === node)?.role === "switch" ? 1 : 0);
    for (const [uid, node] of nodeOf) {
      const device = this.#picture.devices.get(uid) as DeviceView;
      const peerNode = nodeOf.get(device.peer);
      const peer = this.#picture.devices.get(device.peer);
      if (!peer || !peerNode || peerNode === node) continue;
      // Drawn once: towards the switch, else from the device that was made first.
      if (rank(node) > rank(peerNode) || (rank(node) === rank(peerNode) && uid > device.peer)) continue;
      add({
        id: deviceNode(uid),
        kind: "wire",
        from: { node, socket: "", device: uid, name: device.name },
        to: { node: peerNode, socket: "", device: peer.uid, name: peer.name },
        hue: -1,
        network: "",
        container: "",
        cut: !device.up || !peer.up,
        live: device.carrier && peer.carrier && device.up && peer.up,
      });
    }
  }

  /** Pairs that somebody made between the host's netns and a bridge: one end free, the other a port. */
  #hostPairs(nics: ReadonlyMap<NodeId, Nic>, add: (cable: Cable) => void): void {
    for (const nic of nics.values()) {
      const peer = this.#picture.devices.get(nic.device.peer);
      if (nic.wired) continue;
      const bar = this.#barOfDevice.get(nic.device.master || peer?.master || 0);
      if (!bar) continue;
      add({
        id: `plug:${nic.device.uid}`,
        kind: "wire",
        from: { node: nic.id, socket: "", device: nic.device.uid, name: nic.device.name },
        to: { node: bar, socket: "", device: nic.device.master ? 0 : (peer?.uid ?? 0), name: nic.device.master ? "" : (peer?.name ?? "") },
        hue: this.#hues.get(bar.startsWith("network:") ? bar.slice(8) : bar) ?? -1,
        network: "",
        container: "",
        cut: !nic.device.up || peer?.up === false,
        live: nic.device.up && nic.device.carrier,
      });
    }
  }
}

/** The host and none networks, and anything else that has neither a bridge nor a parent to be drawn. */
const isBarless = (network: NetworkView): boolean => network.driver === "host" || network.driver === "null" || network.driver === "none";

const bare = (address: string | undefined): string => address?.split("/")[0] ?? "";

/** Aliases that somebody gave: not the name, host name or short id that the engine adds. */
function aliasesOf(container: ContainerView): string {
  const own = new Set([container.name, container.hostname, container.id.slice(0, 12)]);
  return (container.endpoints[0]?.aliases ?? []).filter((alias) => !own.has(alias)).join(", ");
}

const EVERY_ADDRESS = new Set(["", "0.0.0.0", "::", "[::]"]);

function publishedOn(cards: readonly Card[], machine: string): readonly string[] {
  const lines = new Set<string>();
  for (const card of cards) {
    if (card.machine !== machine) continue;
    for (const member of card.members) {
      if (member.state !== "running" && member.state !== "paused") continue;
      for (const port of member.ports) {
        if (!port.hostPort) continue;
        const address = EVERY_ADDRESS.has(port.hostIp) ? "" : `${port.hostIp}:`;
        const protocol = port.protocol === "tcp" ? "" : `/${port.protocol}`;
        lines.add(`${address}${port.hostPort} → ${member.name}:${port.containerPort}${protocol}`);
      }
    }
  }
  return [...lines];
}

function roleOf(name: string, devices: readonly DeviceView[]): Machine["role"] {
  if (
    /switch/.test(name) ||
    (devices.some((device) => device.kind === "bridge") && devices.every((device) => device.kind === "bridge" || device.master))
  )
    return "switch";
  if (/^inet|internet/.test(name)) return "internet";
  if (/router/.test(name) || devices.filter((device) => device.addresses.length > 0).length > 1) return "router";
  return "server";
}

const sameEnds = (a: Cable, b: Cable): boolean =>
  isShallowEqual(a.from, b.from) && isShallowEqual(a.to, b.to) && isShallowEqual(a, b, true);

/** Whether two records have the same fields; `shallow` leaves out those that are objects themselves. It runs for every part of every frame. */
function isShallowEqual<T extends object>(a: T, b: T, shallow = false): boolean {
  for (const key in a) if (a[key] !== b[key] && !(shallow && typeof a[key] === "object")) return false;
  for (const key in b) if (!(key in a)) return false;
  return true;
}

const same = <T extends object>(before: T | undefined, now: T): T => (before && isShallowEqual(before, now) ? before : now);

const sameList = <T>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] =>
  before && before.length === now.length && before.every((one, index) => one === now[index]) ? before : now;
