/** What the daemon's parts share: the host that it runs on, and the parts themselves. */
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Op, Task } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { EngineContainer } from "./container/container.ts";
import type { ContainerStore } from "./container/store.ts";
import type { EngineEvent } from "./events.ts";
import type { ImageStore } from "./images/store.ts";
import type { AddressSpace } from "./ipam/address-space.ts";
import type { NetworkStore } from "./network/store.ts";
import type { PortAllocator } from "./ports/allocator.ts";
import type { Runtime } from "./runtime.ts";
import type { VolumeStore } from "./volumes.ts";

export interface EngineContext {
  readonly kernel: Kernel;
  /** The host's netns and files. */
  readonly netns: Netns;
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly runtime: Runtime;
  /** The date that virtual time 0 stands for, in ms since 1970. */
  readonly epoch: number;
  readonly pid: number;
  dnsOrder: "shuffle" | "round-robin";
  newPid(): number;
  readonly addresses: Readonly<Record<4 | 6, AddressSpace>>;
  readonly ports: PortAllocator;
  readonly networks: NetworkStore;
  readonly containers: ContainerStore;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  /** Runs on by itself: what the daemon does goes on when the client that asked for it is interrupted. */
  daemonTask<T>(op: Op<T>): Task<T>;
  /** Notes an event as `docker events` prints it. */
  event(type: EngineEvent["type"], action: string, id: string, attributes: Readonly<Record<string, string>>): void;
  /** The same of a container, with what goes without saying: its image, its name, its labels. */
  containerEvent(container: EngineContainer, action: string, attributes?: Readonly<Record<string, string>>): void;
}

/** A point in virtual time as the API prints it: RFC 3339 with nanoseconds, trailing zeros left out. */
export function timestamp(context: Pick<EngineContext, "epoch">, t: number | undefined): string {
  if (t === undefined) return "0001-01-01T00:00:00Z";
  const date = new Date(context.epoch + Math.floor(t / 1000)).toISOString();
  const micros = String((Math.floor(t) % 1000) + 1000).slice(1);
  const fraction = `${date.slice(20, 23)}${micros}`.replace(/0+$/, "");
  return `${date.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** The first twelve digits of an id, as lists show it. */
export const shortId = (id: string): string => id.slice(0, 12);
