/**
 * The scene: what a picture's devices, namespaces, containers and networks are drawn as. Cards for network namespaces with
 * containers in them, bars for bridges, NICs, machines on the LAN, and the cables between. No positions: those are layout's.
 */
import type { ContainerView, NetworkView } from "../engine/types.ts";
import type { DeviceView } from "../kernel/trace.ts";
import type { Hue } from "./hues.ts";

export type NodeId = string;

export const containerNode = (id: string): NodeId => `container:${id}`;
export const networkNode = (id: string): NodeId => `network:${id}`;
export const deviceNode = (uid: number): NodeId => `device:${uid}`;
export const machineNode = (name: string): NodeId => `machine:${name}`;
export const stackNode = (machine: string): NodeId => `stack:${machine}`;

/** An interface of a card, or the place of one while the container does not run. */
export interface Socket {
  /** "device:UID", or "CONTAINER/NETWORK" while there is no device. */
  readonly id: string;
  readonly device: DeviceView | undefined;
  readonly name: string;
  /** Without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** Network id, "" for a device that no network knows. */
  readonly network: string;
  readonly networkName: string;
  readonly hue: Hue;
}

/** A network namespace with the containers that live in it. */
export interface Card {
  readonly id: NodeId;
  readonly machine: string;
  readonly kind: "own" | "host" | "none";
  /** The first one made the netns; the others share it (`--network container:NAME`). */
  readonly members: readonly ContainerView[];
  readonly sockets: readonly Socket[];
  /** Uid of the netns; 0 while nothing runs. */
  readonly netns: number;
  readonly loopback: number;
  /** Network aliases on the first network, as one line, "" when none. */
  readonly alias: string;
  /** The bar under which it stands, "" when it is plugged into none. */
  readonly home: NodeId;
}

export interface Bar {
  readonly id: NodeId;
  readonly machine: string;
  /** A bridge, or a network whose frames pass to a parent device (macvlan, ipvlan). */
  readonly kind: "bridge" | "through";
  readonly network: NetworkView | undefined;
  readonly device: DeviceView | undefined;
  readonly hue: Hue;
  /** How many ports are plugged in now. */
  readonly ports: number;
  readonly containers: number;
}

/** An interface of the host's own netns that is neither a bridge nor the end of a container's cable. */
export interface Nic {
  readonly id: NodeId;
  readonly machine: string;
  readonly device: DeviceView;
  /** Plugged into the LAN. */
  readonly wired: boolean;
  /** "8080 → web:80", the address only when it is not every address. */
  readonly published: readonly string[];
  /** Drivers whose children sit on it. */
  readonly parentOf: readonly string[];
}

export interface Host {
  readonly id: NodeId;
  readonly machine: string;
  readonly netns: number;
  readonly namespaces: number;
  readonly cards: readonly Card[];
  readonly bars: readonly Bar[];
  readonly nics: readonly Nic[];
  readonly loopback: number;
}

/** A machine on the LAN that is not a Docker host. */
export interface Machine {
  readonly id: NodeId;
  readonly name: string;
  readonly role: "server" | "router" | "internet" | "switch";
  readonly devices: readonly DeviceView[];
  readonly netns: number;
}

/** One end of a cable: the node that it is plugged into and the device there (0 while there is none). */
export interface CableEnd {
  readonly node: NodeId;
  readonly socket: string;
  readonly device: number;
  readonly name: string;
}

export interface Cable {
  readonly id: NodeId;
  /** veth pair; macvlan or ipvlan child; plug that a stopped container will use; LAN cable; device standing on another. */
  readonly kind: "veth" | "child" | "ghost" | "wire";
  readonly from: CableEnd;
  readonly to: CableEnd;
  readonly hue: Hue;
  readonly network: string;
  readonly container: string;
  /** Set down by hand at either end. */
  readonly cut: boolean;
  /** Frames can pass. */
  readonly live: boolean;
}

export interface Scene {
  readonly hosts: readonly Host[];
  readonly machines: readonly Machine[];
  readonly cables: readonly Cable[];
  readonly cards: ReadonlyMap<NodeId, Card>;
  readonly bars: ReadonlyMap<NodeId, Bar>;
  readonly nics: ReadonlyMap<NodeId, Nic>;
  /** Card that a container is in. */
  readonly cardOf: ReadonlyMap<string, NodeId>;
  readonly devices: ReadonlyMap<number, DeviceView>;
  readonly hues: ReadonlyMap<string, Hue>;
}

/** The node under whose id a container is drawn: one that shares a netns stands in another's card. */
export const shownAs = (scene: Scene, id: NodeId): NodeId => (id.startsWith("container:") ? (scene.cardOf.get(id.slice(10)) ?? id) : id);

export const EMPTY_SCENE: Scene = {
  hosts: [],
  machines: [],
  cables: [],
  cards: new Map(),
  bars: new Map(),
  nics: new Map(),
  cardOf: new Map(),
  devices: new Map(),
  hues: new Map(),
};
