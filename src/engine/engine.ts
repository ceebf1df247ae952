/**
 * Docker Engine 28.5.2 on one host: the daemon's API as methods. Each answers with a value or an EngineError; those that
 * take time are operations over the virtual clock, which go on when the client that asked is interrupted. References are
 * names, ids or unambiguous id prefixes. What the methods do lies in container/, network/, drivers/, ipam/, dns/, ports/,
 * iptables/, images/, files/ and inspect/.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import { Pipe } from "../kernel/pipe.ts";
import type { Stdio } from "../kernel/stdio.ts";
import { type Op, Signal, sleep, Task } from "../kernel/task.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import { type EngineContainer, parseRestartPolicy } from "./container/container.ts";
import { Lifecycle } from "./container/lifecycle.ts";
import { linkedEnvironment } from "./container/links.ts";
import { checkConnect, connect, disconnect, forceDisconnect } from "./container/networking.ts";
import { parseSignal } from "./container/signals.ts";
import { ContainerStore, NO_BLKIO_WEIGHT } from "./container/store.ts";
import type { EngineContext } from "./context.ts";
import { type EngineEvent, EventLog } from "./events.ts";
import { type Filters, matchesLabels, refuseUnknown } from "./filters.ts";
import { LOCAL_IMAGES } from "./images/catalogue.ts";
import { ImageStore, type StoredImage } from "./images/store.ts";
import type { Json } from "./inspect/json.ts";
import { AddressSpace, LOCAL_POOLS, type NetworkToSplit } from "./ipam/address-space.ts";
import { setUpChains, setUpUserChain } from "./iptables/daemon-chains.ts";
import type { EngineNetwork } from "./network/network.ts";
import { NetworkStore } from "./network/store.ts";
import { PortAllocator } from "./ports/allocator.ts";
import type { Runtime, RuntimeProcess } from "./runtime.ts";
import { type Container, type ContainerSpec, type EndpointSpec, EngineError, type Image, type Network, type NetworkSpec } from "./types.ts";
import { type Volume, VolumeStore } from "./volumes.ts";

export type { EngineEvent } from "./events.ts";
export type { Filters } from "./filters.ts";
export type { Json } from "./inspect/json.ts";

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
  /** Images that are there from the start; those of the engine lab by default. */
  readonly localImages?: readonly string[];
  /** Numbers for the daemon's own processes (docker-proxy). */
  readonly newPid?: () => number;
}

const MS = 1000;
const CREATE_TIME = 40 * MS;
const NETWORK_TIME = 50 * MS;
const CONNECT_TIME = 90 * MS;
const PAUSE_TIME = 30 * MS;
/** Where the daemon's own pids start when the machine gives none. */
const FIRST_PID = 600;
const DEFAULT_PORT_RANGE: readonly [number, number] = [32768, 60999];

export class DockerEngine {
  readonly kernel: Kernel;
  readonly #context: EngineContext;
  readonly #lifecycle: Lifecycle;
  readonly #events = new EventLog();
  readonly #networks: NetworkStore;
  readonly #containers: ContainerStore;
  readonly #images: ImageStore;

  constructor(options: EngineOptions) {
    const { kernel, netns, fs, hostname, runtime, epoch } = options;
    this.kernel = kernel;
    let nextPid = FIRST_PID;
    const newPid = options.newPid ?? (() => nextPid++);
    const parts = {
      kernel,
      netns,
      fs,
      hostname,
      runtime,
      epoch,
      newPid,
      pid: newPid(),
      dnsOrder: options.dnsOrder,
      addresses: { 4: new AddressSpace(LOCAL_POOLS), 6: new AddressSpace([uniqueLocalPool(kernel)]) },
      ports: new PortAllocator(() => portRange(netns)),
      images: new ImageStore(kernel, options.localImages ?? LOCAL_IMAGES),
      containerEvent: (container: EngineContainer, action: string, attributes: EngineEvent["attributes"] = {}): void => {
        const { spec, name, id } = container;
        this.#events.add({
          t: kernel.clock.now,
          type: "container",
          action,
          id,
          attributes: { ...spec.labels, image: spec.image, name, ...attributes },
        });
      },
      daemonTask: <T>(op: Op<T>): Task<T> => new Task(kernel.clock, op),
      event: (type: EngineEvent["type"], action: string, id: string, attributes: EngineEvent["attributes"]): void =>
        this.#events.add({ t: kernel.clock.now, type, action, id, attributes }),
    };
    // The stores know the whole context, which holds the stores.
    const context = parts as typeof parts & { networks: NetworkStore; containers: ContainerStore; volumes: VolumeStore };
    context.networks = new NetworkStore(context);
    context.containers = new ContainerStore(context);
    context.volumes = new VolumeStore(context);
    this.#context = context;
    this.#networks = context.networks;
    this.#containers = context.containers;
    this.#images = context.images;
    this.#lifecycle = new Lifecycle(context);
  }

  /** The daemon's parts, for those who only read them: the documents of inspect/. */
  get parts(): EngineContext {
    return this.#context;
  }

  get dnsOrder(): "shuffle" | "round-robin" {
    return this.#context.dnsOrder;
  }

  set dnsOrder(order: "shuffle" | "round-robin") {
    this.#context.dnsOrder = order;
  }

  /** Brings the daemon up: chains, docker0 and the default networks. */
  start(): void {
    const { netns } = this.#context;
    for (const family of [4, 6] as const) setUpChains(netns, family);
    this.#networks.addPredefined();
    for (const family of [4, 6] as const) setUpUserChain(netns, family);
  }

  /** What has happened lately, oldest first, and what will: the result of `listen` ends that. */
  get events(): readonly EngineEvent[] {
    return this.#events.recent;
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  // Networks

  networks(filters?: Filters): readonly Network[] {
    return this.#networks.list(filters);
  }

  findNetwork(reference: string): Network | EngineError {
    return this.#networks.find(reference);
  }

  createNetwork(spec: NetworkSpec): Op<{ readonly id: string; readonly warning: string } | EngineError> {
    const { networks } = this.#context;
    return this.#run(function* () {
      yield sleep(NETWORK_TIME);
      const network = networks.create(spec);
      return network instanceof EngineError ? network : { id: network.id, warning: "" };
    });
  }

  removeNetwork(reference: string): Op<EngineError | undefined> {
    const { networks } = this.#context;
    return this.#run(function* () {
      yield sleep(NETWORK_TIME);
      const network = networks.find(reference);
      return network instanceof EngineError ? network : networks.remove(network);
    });
  }

  /** What would be refused, without doing it: for forms that tell before anything runs. */
  checkNetwork(spec: NetworkSpec): EngineError | undefined {
    return this.#networks.check(spec);
  }

  checkContainer(spec: ContainerSpec): EngineError | undefined {
    return this.#containers.check(spec);
  }

  /** The same for `connect`; `leaving` when the container is taken off that network first. */
  checkConnect(network: string, container: string, spec: EndpointSpec, leaving: boolean): EngineError | undefined {
    const found = this.#containers.find(container);
    return found instanceof EngineError ? found : checkConnect(this.#context, found, network, spec, leaving);
  }

  /** The names of the networks that went: unused ones made before a time (µs). */
  pruneNetworks(filters?: Filters, before?: number): Op<readonly string[] | EngineError> {
    const { networks } = this.#context;
    return this.#run(function* () {
      const prunable = networks.prunable(filters, before);
      if (prunable instanceof EngineError) return prunable;
      const names: string[] = [];
      for (const network of prunable) {
        yield sleep(NETWORK_TIME);
        if (!networks.remove(network)) names.push(network.name);
      }
      return names;
    });
  }

  connect(network: string, container: string, spec: EndpointSpec): Op<EngineError | undefined> {
    const context = this.#context;
    return this.#run(function* () {
      const found = context.containers.find(container);
      if (found instanceof EngineError) return found;
      const unlock = yield* found.lock();
      try {
        yield sleep(CONNECT_TIME);
        return connect(context, found, network, spec);
      } finally {
        unlock();
      }
    });
  }

  disconnect(network: string, container: string, force: boolean): Op<EngineError | undefined> {
    const context = this.#context;
    return this.#run(function* () {
      const found = context.containers.find(container);
      if (found instanceof EngineError) return force ? forceDisconnect(context, network, container) : found;
      const unlock = yield* found.lock();
      try {
        yield sleep(CONNECT_TIME);
        return disconnect(context, found, network, force);
      } finally {
        unlock();
      }
    });
  }

  /** Names that the network's embedded DNS servers answer for, with their addresses in the order of the next answer (while that is by turns). */
  dnsRecords(network: Network): readonly { readonly name: string; readonly addresses: readonly string[] }[] {
    return (network as EngineNetwork).records.list();
  }

  // Containers

  /** Newest first. */
  containers(all: boolean, filters?: Filters): readonly Container[] {
    return this.#containers.list(all, filters);
  }

  findContainer(reference: string): Container | EngineError {
    return this.#containers.find(reference);
  }

  /** A 404 EngineError `No such image: …` makes the client pull and ask again. */
  createContainer(spec: ContainerSpec): Op<{ readonly id: string; readonly warnings: readonly string[] } | EngineError> {
    const { containers } = this.#context;
    return this.#run(function* () {
      yield sleep(CREATE_TIME);
      const created = containers.create(spec);
      return created instanceof EngineError ? created : { id: created.container.id, warnings: created.warnings };
    });
  }

  startContainer(reference: string): Op<EngineError | undefined> {
    return this.#with(reference, (container) => this.#lifecycle.start(container));
  }

  /** `seconds` undefined: the container's own stop timeout, 10 by default; negative: as long as it takes. */
  stopContainer(reference: string, seconds?: number, signal?: string): Op<EngineError | undefined> {
    return this.#with(reference, (container) => this.#lifecycle.stop(container, seconds, signal), `cannot stop container: ${reference}: `);
  }

  restartContainer(reference: string, seconds?: number, signal?: string): Op<EngineError | undefined> {
    return this.#with(
      reference,
      (container) => this.#lifecycle.restart(container, seconds, signal),
      `Cannot restart container ${reference}: `,
    );
  }

  killContainer(reference: string, signal: string): Op<EngineError | undefined> {
    const prefix = `cannot kill container: ${reference}: `;
    if (signal && parseSignal(signal) === undefined)
      return answer(
        new EngineError(prefix + (Number(signal) > 0 ? "the linux daemon does not support signal " : "invalid signal: ") + signal),
      );
    return this.#with(reference, (container) => this.#lifecycle.kill(container, signal), prefix, true);
  }

  pauseContainer(reference: string): Op<EngineError | undefined> {
    return this.#with(reference, (container) => this.#after(PAUSE_TIME, () => this.#lifecycle.pause(container)));
  }

  unpauseContainer(reference: string): Op<EngineError | undefined> {
    return this.#with(reference, (container) => this.#after(PAUSE_TIME, () => this.#lifecycle.unpause(container)));
  }

  /** `volumes`: its anonymous volumes go with it. */
  removeContainer(reference: string, force: boolean, volumes = false): Op<EngineError | undefined> {
    return this.#with(reference, (container) => this.#lifecycle.remove(container, reference, force, volumes));
  }

  /** `docker rm --link PARENT/ALIAS`: the name for another container goes, the container stays. */
  removeLink(reference: string): EngineError | undefined {
    const [parent = "", alias = ""] = reference.replace(/^\//, "").split("/");
    if (alias === "") {
      const found = this.#containers.find(reference);
      return found instanceof EngineError ? found : new EngineError("Conflict, cannot remove the default link name of the container", 409);
    }
    const linked = this.#containers.find(reference);
    if (linked instanceof EngineError) return linked;
    this.#containers.byName(parent)?.links.delete(alias);
    return undefined;
  }

  renameContainer(reference: string, name: string): EngineError | undefined {
    const container = this.#containers.find(reference);
    return container instanceof EngineError ? container : this.#containers.rename(container, name);
  }

  /** Another restart policy, where one is given, and limits that inspect shows. */
  updateContainer(
    reference: string,
    restartPolicy: string | undefined,
    limits: Readonly<Record<string, Json>> = {},
  ): { readonly warnings: readonly string[] } | EngineError {
    const container = this.#containers.find(reference);
    if (container instanceof EngineError) return container;
    const memory = limits.Memory;
    const swap = limits.MemorySwap ?? container.hostConfig.MemorySwap ?? 0;
    if (typeof memory === "number" && typeof swap === "number" && memory > swap && !limits.MemorySwap)
      return new EngineError(
        `Cannot update container ${container.id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
      );
    if (restartPolicy !== undefined) {
      const refused = this.#updateRestartPolicy(container, restartPolicy);
      if (refused) return refused;
    }
    const { BlkioWeight: discarded, ...kept } = limits;
    container.hostConfig = { ...container.hostConfig, ...kept };
    this.#context.containerEvent(container, "update");
    return { warnings: discarded ? [NO_BLKIO_WEIGHT] : [] };
  }

  #updateRestartPolicy(container: EngineContainer, restartPolicy: string): EngineError | undefined {
    const policy = parseRestartPolicy(restartPolicy);
    const refuse = (reason: string): EngineError => new EngineError(`Cannot update container ${container.id}: ${reason}`);
    if (!policy) {
      const name = restartPolicy.split(":")[0];
      return new EngineError(
        `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      );
    }
    if (container.spec.autoRemove && policy.name !== "no")
      return refuse("Restart policy cannot be updated because AutoRemove is enabled for the container");
    container.restartPolicy = policy;
    return undefined;
  }

  /** Waits until it has stopped and gives the exit code. */
  waitContainer(reference: string): Op<number | EngineError> {
    const container = this.#containers.find(reference);
    return container instanceof EngineError ? answer(container) : this.#lifecycle.wait(container);
  }

  /** The ids of the containers that went: stopped ones made before a time (µs). */
  pruneContainers(filters?: Filters, before = Number.POSITIVE_INFINITY): Op<readonly string[] | EngineError> {
    const refused = filters && refuseUnknown(filters, ["label", "label!", "until"]);
    if (refused) return answer(refused);
    const lifecycle = this.#lifecycle;
    const { containers } = this.#context;
    return this.#run(function* () {
      const ids: string[] = [];
      for (const container of [...containers.all()].reverse()) {
        if (container.running || container.created > before) continue;
        if (filters && !matchesLabels(filters, container.spec.labels)) continue;
        if (!(yield* lifecycle.remove(container, container.id, false))) ids.push(container.id);
      }
      return ids;
    });
  }

  /** Notes that what nobody uses has been pruned, and how many bytes that gave. */
  notePruned(type: EngineEvent["type"], bytes: number): void {
    this.#context.event(type, "prune", "", { reclaimed: String(bytes) });
  }

  /** Notes that a client has looked into a container: "top", "archive-path", "extract-to-dir". */
  noteEvent(container: Container, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.#context.containerEvent(container as EngineContainer, action, attributes);
  }

  /**
   * Starts a further process in a running container. A program that cannot be run is runc's refusal ("OCI runtime exec
   * failed: …"), which the client prints as it is.
   */
  exec(
    reference: string,
    options: {
      readonly argv: readonly string[];
      readonly env: readonly string[];
      readonly cwd?: string;
      readonly user?: string;
      readonly privileged: boolean;
      readonly stdio: Stdio;
    },
  ): RuntimeProcess | EngineError {
    const container = this.#containers.find(reference);
    if (container instanceof EngineError) return container;
    if (container.state === "paused") return new EngineError(`Container ${reference} is paused, unpause the container before exec`, 409);
    if (container.state === "restarting")
      return new EngineError(`Container ${reference} is restarting, wait until the container is running`, 409);
    if (container.state !== "running") return new EngineError(`container ${container.id} is not running`, 409);
    const { runtime, kernel } = this.#context;
    const unknown = options.user ? runtime.userRefusal?.(container, options.user) : undefined;
    if (unknown !== undefined) return new EngineError(unknown);
    const linked = linkedEnvironment(container);
    if (linked instanceof EngineError) return linked;
    const env = [...container.env, ...linked, ...options.env];
    const execID = kernel.random.hex(64);
    const line = `${options.argv[0] ?? ""} ${options.argv.slice(1).join(" ")}`;
    this.#context.containerEvent(container, `exec_create: ${line}`, { execID });
    this.#context.containerEvent(container, `exec_start: ${line}`, { execID });
    const died = (exitCode: number): void => this.#context.containerEvent(container, "exec_die", { execID, exitCode: String(exitCode) });
    const spawned = runtime.spawn(container, { ...options, env, init: false });
    if (typeof spawned !== "string") {
      if (spawned.exitCode !== undefined) died(spawned.exitCode);
      else {
        const stop = spawned.exited.arm(kernel.clock, () => {
          if (spawned.exitCode === undefined) return;
          stop();
          died(spawned.exitCode);
        });
      }
      return spawned;
    }
    return new EngineError(`OCI runtime exec failed: exec failed: unable to start container process: ${spawned}`);
  }

  /**
   * Joins a running container's output, and its standard input where it has no pty. What is typed for a pty the client
   * passes on itself (`Tty.forwardTo` to `container.tty`), since it must see Ctrl-P Ctrl-Q. The result detaches.
   */
  attach(container: Container, stdio: Stdio): () => void {
    const own = container as EngineContainer;
    this.#context.containerEvent(own, "attach");
    const stop = own.listen((stream, text) => (stream === "stdout" ? stdio.stdout : stdio.stderr).write(text));
    const { stdin } = own;
    if (!(stdin instanceof Pipe)) return stop;
    const pump = this.#context.daemonTask(copy(stdio, stdin, own.spec.attachStdin));
    return () => {
      stop();
      pump.signal(new Signal("KILL"));
    };
  }

  // Images

  /** Newest first. */
  images(): readonly StoredImage[] {
    return this.#images.all();
  }

  listImages(filters: Filters, everything = false): readonly StoredImage[] | EngineError {
    return this.#images.list(filters, everything);
  }

  /** Keeps an image that was made here: by a commit, a build, an import, a load. */
  addImage(image: StoredImage): EngineError | undefined {
    const refused = this.#images.add(image);
    if (!refused && image.reference !== "") this.noteImage(image, "tag", image.reference);
    return refused;
  }

  /** Notes what has become of an image, with its labels. `name`: how the event names it. */
  noteImage(image: Pick<StoredImage, "id" | "made">, action: string, name: string): void {
    this.#context.event("image", action, image.id, { ...image.made?.labels, name });
  }

  findImage(reference: string): StoredImage | undefined {
    return this.#images.find(reference);
  }

  imageNotFound(reference: string): EngineError {
    return this.#images.notFound(reference);
  }

  /** "docker.io/library/nginx:latest". */
  canonicalImageName(reference: string): string {
    return this.#images.canonicalName(reference);
  }

  /** The registry's digest of what it has under a name; its refusal. */
  registryDigest(reference: string): string | EngineError {
    return this.#images.registryDigest(reference);
  }

  /** A container's image as lists name it: as it was asked for, or by id once that name means another image or none. */
  imageName(container: Container, whole = false): string {
    const { spec, image } = container;
    if (this.#images.find(spec.image)?.id === image.id) return spec.image;
    return whole ? image.id : image.id.slice("sha256:".length, "sha256:".length + 12);
  }

  tagImage(source: string, target: string): EngineError | undefined {
    const refused = this.#images.tag(source, target);
    const image = this.#images.find(target);
    if (!refused && image) this.noteImage(image, "tag", image.reference);
    return refused;
  }

  /** Downloads; lines as the CLI prints them are given to `progress`. The EngineError is the registry's refusal. */
  *pull(reference: string, progress: (line: string) => void): Op<Image | EngineError> {
    const image = yield* this.#images.pull(reference, progress);
    if (!(image instanceof EngineError)) {
      const name = image.reference;
      this.#context.event("image", "pull", name, { name: name.replace(/:[^:/]*$/, "") });
    }
    return image;
  }

  /** The lines that the client prints. */
  removeImage(reference: string, force = false): readonly string[] | EngineError {
    const image = this.#images.find(reference);
    const lines = this.#images.remove(reference, force, { user: (image) => this.#userOf(image) });
    if (lines instanceof EngineError) return lines;
    // What is deleted has no labels any more.
    if (!image) return lines;
    for (const line of lines)
      if (line.startsWith("Untagged")) this.noteImage(image, "untag", image.id);
      else this.#context.event("image", "delete", image.id, { name: image.id });
    return lines;
  }

  pruneImages(all: boolean, filters: Filters): { readonly lines: readonly string[]; readonly reclaimed: number } | EngineError {
    return this.#images.prune(all, filters, { user: (image) => this.#userOf(image) });
  }

  #userOf(image: Image): { readonly id: string; readonly running: boolean } | undefined {
    const users = [...this.#containers.all()].filter((container) => container.image.id === image.id);
    return users.find((container) => container.running) ?? users[0];
  }

  // Volumes

  volumes(filters?: Filters): readonly Volume[] | EngineError {
    return this.#context.volumes.list(filters);
  }

  findVolume(name: string): Volume | EngineError {
    return this.#context.volumes.find(name);
  }

  /** With an empty name one with a random name is made; a volume of that name that is there is the answer. */
  createVolume(name: string, labels: Readonly<Record<string, string>>): Volume | EngineError {
    return this.#context.volumes.create(name, labels);
  }

  removeVolume(name: string): EngineError | undefined {
    return this.#context.volumes.remove(name);
  }

  /** The names of the volumes that went. */
  pruneVolumes(filters: Filters): readonly string[] | EngineError {
    return this.#context.volumes.prune(filters);
  }

  inspectVolume(volume: Volume): Json {
    return this.#context.volumes.inspect(volume);
  }

  /** Does it in a task of the daemon's; the caller only waits for the end. */
  *#run<T>(work: () => Op<T>): Op<T> {
    return yield* this.#context.daemonTask(work()).join();
  }

  #with(
    reference: string,
    work: (container: EngineContainer) => Op<EngineError | undefined>,
    prefix = "",
    alsoWhenMissing = false,
  ): Op<EngineError | undefined> {
    const { containers } = this.#context;
    return this.#run(function* () {
      const found = containers.find(reference);
      const missing = found instanceof EngineError;
      const refused = missing ? found : yield* work(found);
      if (!refused || prefix === "" || (missing && !alsoWhenMissing)) return refused;
      return new EngineError(prefix + refused.message, refused.status);
    });
  }

  *#after(delay: number, work: () => EngineError | undefined): Op<EngineError | undefined> {
    yield sleep(delay);
    return work();
  }
}

// biome-ignore lint/correctness/useYield: an answer that takes no time
function* answer<T>(value: T): Op<T> {
  return value;
}

/** Passes lines on until there are none; then closes the container's input, if the client was to (StdinOnce). */
function* copy(from: Stdio, to: Pipe, once: boolean): Op<void> {
  for (let line = yield* from.stdin.readLine(); line !== undefined; line = yield* from.stdin.readLine()) to.write(`${line}\n`);
  if (once) to.close();
}

/** The pool that IPv6 subnets are taken from: a unique local /48 of the host's own (RFC 4193). */
function uniqueLocalPool(kernel: Kernel): NetworkToSplit {
  const globalId = BigInt(`0x${kernel.random.hex(10)}`);
  return { base: { address: (0xfdn << 120n) | (globalId << 80n), length: 48 }, size: 64 };
}

function portRange(netns: Netns): readonly [number, number] {
  const words = netns.sysctl.get("net.ipv4.ip_local_port_range")?.split(/\s+/).map(Number);
  const [low, high] = words ?? [];
  return low !== undefined && high !== undefined && low <= high ? [low, high] : DEFAULT_PORT_RANGE;
}
