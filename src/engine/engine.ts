/**
 * Docker Engine 28.5.2 on one host: the daemon's API as methods. Each answers with a value or an EngineError; those that
 * take time are operations over the virtual clock. References are names, ids or unambiguous id prefixes.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import type { Stdio } from "../kernel/stdio.ts";
import type { Op } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { Runtime, RuntimeProcess } from "./runtime.ts";
import type { Container, ContainerSpec, EndpointSpec, EngineError, Image, Network, NetworkSpec } from "./types.ts";

export interface EngineOptions {
  readonly kernel: Kernel;
  readonly netns: Netns;
  /** The host's files: /etc/resolv.conf, /etc/hosts. */
  readonly fs: FileSystem;
  readonly hostname: string;
  readonly runtime: Runtime;
  /** How the embedded DNS server orders several addresses of a name: the engine's own shuffle, or turn by turn. */
  readonly dnsOrder: "shuffle" | "round-robin";
  /** The date that virtual time 0 stands for, in ms since 1970 (Created, StartedAt …). */
  readonly epoch: number;
}

export type Filters = ReadonlyMap<string, readonly string[]>;

/** A document as the API gives it: plain JSON values in the order in which the engine prints them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export declare class DockerEngine {
  constructor(options: EngineOptions);
  dnsOrder: "shuffle" | "round-robin";
  readonly kernel: Kernel;
  /** Brings the daemon up: docker0, default networks, iptables. */
  start(): void;

  // Networks
  networks(filters?: Filters): readonly Network[] | EngineError;
  findNetwork(reference: string): Network | EngineError;
  createNetwork(spec: NetworkSpec): Op<{ readonly id: string; readonly warning: string } | EngineError>;
  removeNetwork(reference: string): Op<EngineError | undefined>;
  /** What would be refused, without doing it: for forms that tell before anything runs. */
  checkNetwork(spec: NetworkSpec): EngineError | undefined;
  checkContainer(spec: ContainerSpec): EngineError | undefined;
  pruneNetworks(filters?: Filters): Op<readonly string[] | EngineError>;
  connect(network: string, container: string, spec: EndpointSpec): Op<EngineError | undefined>;
  disconnect(network: string, container: string, force: boolean): Op<EngineError | undefined>;
  inspectNetwork(network: Network, verbose?: boolean): Json;

  // Containers
  containers(all: boolean, filters?: Filters): readonly Container[] | EngineError;
  findContainer(reference: string): Container | EngineError;
  /** A 404 EngineError `No such image: …` makes the client pull and ask again. */
  createContainer(spec: ContainerSpec): Op<{ readonly id: string; readonly warnings: readonly string[] } | EngineError>;
  startContainer(reference: string): Op<EngineError | undefined>;
  /** `seconds` undefined: the container's own stop timeout, 10 by default. */
  stopContainer(reference: string, seconds?: number, signal?: string): Op<EngineError | undefined>;
  restartContainer(reference: string, seconds?: number, signal?: string): Op<EngineError | undefined>;
  killContainer(reference: string, signal: string): Op<EngineError | undefined>;
  pauseContainer(reference: string): Op<EngineError | undefined>;
  unpauseContainer(reference: string): Op<EngineError | undefined>;
  removeContainer(reference: string, force: boolean, volumes?: boolean): Op<EngineError | undefined>;
  renameContainer(reference: string, name: string): EngineError | undefined;
  updateContainer(reference: string, restartPolicy: string): EngineError | undefined;
  /** Waits until it has stopped and gives the exit code. */
  waitContainer(reference: string): Op<number | EngineError>;
  pruneContainers(): Op<readonly string[]>;
  inspectContainer(container: Container): Json;
  /** Starts a further process in a running container. */
  exec(reference: string, options: { readonly argv: readonly string[]; readonly env: readonly string[]; readonly cwd?: string; readonly user?: string; readonly privileged: boolean; readonly stdio: Stdio }): RuntimeProcess | EngineError;
  /** Joins a running container's stdio: its pty or its plain streams. The returned function detaches. */
  attach(container: Container, stdio: Stdio): () => void;

  // Images
  images(): readonly Image[];
  findImage(reference: string): Image | undefined;
  /** Downloads; lines as the CLI prints them are given to `progress`. The EngineError is the registry's refusal. */
  pull(reference: string, progress: (line: string) => void): Op<Image | EngineError>;
  removeImage(reference: string): readonly string[] | EngineError;

  info(): Json;
  version(): Json;
}
