/** A container as the daemon keeps it (container/container.go). */
import type { Netns } from "../../kernel/netns.ts";
import { Pipe } from "../../kernel/pipe.ts";
import { type Op, WaitQueue } from "../../kernel/task.ts";
import { Tty } from "../../kernel/tty.ts";
import { FileSystem } from "../../kernel/vfs.ts";
import { shortId } from "../context.ts";
import type { Json } from "../inspect/json.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { Sandbox } from "../network/sandbox.ts";
import { parseHostPort } from "../ports/mapping.ts";
import type { RuntimeProcess } from "../runtime.ts";
import type {
  Container,
  ContainerSpec,
  ContainerState,
  ContainerView,
  EndpointSpec,
  HealthState,
  Image,
  MountPoint,
  PortBinding,
  PortSpec,
} from "../types.ts";

/** What a container is to be, or is, on one network (EndpointSettings of api/types/network). */
export interface EndpointSettings extends EndpointSpec {
  /** Came by `docker network connect`: the client then sends empty values where `docker run` sends none. */
  readonly connected: boolean;
  networkId: string;
  dnsNames: readonly string[] | undefined;
}

/** RestartPolicy of api/types/container. */
export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  readonly maximumRetryCount: number;
}

export interface LogEntry {
  readonly t: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Characters of output that are kept for `docker logs`; the oldest go first. */
const LOG_LIMIT = 400_000;

export class EngineContainer implements Container {
  readonly id: string;
  name: string;
  readonly spec: ContainerSpec;
  readonly image: Image;
  hostname: string;
  readonly fs = new FileSystem();
  state: ContainerState = "created";
  readonly created: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exitCode = 0;
  error = "";
  netns: Netns | undefined;
  sharesWith: string | undefined;
  pidNamespace: "host" | EngineContainer | undefined;
  readonly endpointSpecs = new Map<string, EndpointSettings>();
  readonly endpoints = new Map<string, EngineEndpoint>();
  process: RuntimeProcess | undefined;
  readonly tty: Tty | undefined;

  /** HostConfig.NetworkMode: "bridge", "host", "none", "container:ID", or a network's name or id. */
  networkMode: string;
  sandbox: Sandbox | undefined;
  restartPolicy: RestartPolicy;
  /** Keys of HostConfig that only inspect shows; `docker update` changes them. */
  hostConfig: Readonly<Record<string, Json>>;
  mounts: readonly MountPoint[] = [];
  health: HealthState | undefined;
  restartCount = 0;
  /** Stopped by a person: restart policies keep still. */
  manuallyStopped = false;
  /** A restart is under way: --rm waits for the real end. */
  manuallyRestarting = false;
  removing = false;
  /** A stop waits for the end. */
  stopping = false;
  /** Gone from the daemon. */
  removed = false;
  /** --link: the alias, and the other container. */
  readonly links = new Map<string, EngineContainer>();
  /** Woken whenever the state changes. */
  readonly changed = new WaitQueue();
  /** Woken by output, and by changes of the state. */
  readonly activity = new WaitQueue();
  /** What is written to it while nobody has a pty: PID 1's standard input. */
  stdin: Pipe | undefined;
  readonly #log: LogEntry[] = [];
  #logLength = 0;
  logDropped = 0;
  readonly #attached = new Set<(stream: LogEntry["stream"], text: string) => void>();
  #locked = false;
  readonly #unlocked = new WaitQueue();

  constructor(id: string, name: string, spec: ContainerSpec, image: Image, networkMode: string, hostname: string, created: number) {
    this.id = id;
    this.name = name;
    this.spec = spec;
    this.image = image;
    this.networkMode = networkMode;
    this.hostname = hostname;
    this.created = created;
    this.hostConfig = withSwap(spec.hostConfig ?? {});
    this.restartPolicy = parseRestartPolicy(spec.restartPolicy) ?? { name: "no", maximumRetryCount: 0 };
    this.tty = spec.tty ? new Tty(id) : undefined;
    if (!spec.tty && spec.openStdin) this.stdin = new Pipe();
    for (const folder of ["/root", "/tmp", "/etc", "/var", "/home", "/usr"]) this.fs.makeDirectory(folder, true);
    this.fs.place("/etc/hostname", `${hostname}\n`);
  }

  /** Running in the daemon's sense: paused and waiting for a restart count. */
  get running(): boolean {
    return this.state === "running" || this.state === "paused" || this.state === "restarting";
  }

  get log(): readonly LogEntry[] {
    return this.#log;
  }

  get isHostMode(): boolean {
    return this.networkMode === "host";
  }

  /** The name or id behind "container:", undefined in other modes. */
  get joinedContainer(): string | undefined {
    return this.networkMode.startsWith("container:") ? this.networkMode.slice("container:".length) : undefined;
  }

  /** Program and arguments of PID 1. */
  get argv(): readonly string[] {
    return [...this.entrypoint, ...this.command];
  }

  get entrypoint(): readonly string[] {
    const given = this.spec.entrypoint;
    return given === undefined ? this.image.entrypoint : given.filter((word, i) => word !== "" || i > 0);
  }

  /** An entry point of one's own does without the image's command. */
  get command(): readonly string[] {
    if (this.spec.command.length > 0) return this.spec.command;
    return this.spec.entrypoint === undefined ? this.image.command : [];
  }

  get env(): readonly string[] {
    const names = new Set(this.spec.env.map((entry) => entry.split("=")[0]));
    return [...this.spec.env, ...this.image.env.filter((entry) => !names.has(entry.split("=")[0]))];
  }

  /** Ports that the image, --expose or -p name: "80/tcp", by number. */
  get namedPorts(): readonly string[] {
    const published = this.spec.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
    const ports = [...new Set([...this.image.exposed, ...this.spec.exposed, ...published])];
    return ports.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
  }

  /** What is to be published; with -P every named port that is not. */
  get requestedPorts(): readonly PortSpec[] {
    const { ports, publishAll } = this.spec;
    if (!publishAll) return ports;
    const given = new Set(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
    const rest = this.namedPorts.filter((port) => !given.has(port));
    return [
      ...ports,
      ...rest.map((port): PortSpec => {
        const [number, protocol] = port.split("/") as [string, PortSpec["protocol"]];
        return { containerPort: Number(number), protocol, hostIp: "", hostPort: "" };
      }),
    ];
  }

  get ports(): readonly PortBinding[] {
    return this.#inOrder.flatMap(({ portMappings }) =>
      portMappings.map(({ containerPort, protocol, hostIp, hostPort }) => ({ containerPort, protocol, hostIp, hostPort })),
    );
  }

  get exposedPorts(): readonly string[] {
    return [...new Set(this.#inOrder.flatMap(({ exposedPorts }) => exposedPorts))];
  }

  /** Names that embedded DNS servers answer for: the container's name first, which is what addresses resolve to. */
  dnsNames(aliases: readonly string[] | undefined): readonly string[] {
    return [...new Set([this.name, ...(aliases ?? []), shortId(this.id), this.hostname])];
  }

  setState(state: ContainerState): void {
    this.state = state;
    this.changed.wake();
    this.activity.wake();
  }

  /** Keeps what PID 1 writes and passes it on to whoever is attached. */
  write(stream: LogEntry["stream"], text: string, t: number): void {
    if (text === "") return;
    this.#log.push({ t, stream, text });
    this.#logLength += text.length;
    while (this.#logLength > LOG_LIMIT && this.#log.length > 1) {
      this.#logLength -= (this.#log.shift() as LogEntry).text.length;
      this.logDropped++;
    }
    for (const listener of this.#attached) listener(stream, text);
    this.activity.wake();
  }

  /** Calls `listener` with what is written from now on; the result ends that. */
  listen(listener: (stream: LogEntry["stream"], text: string) => void): () => void {
    this.#attached.add(listener);
    return () => this.#attached.delete(listener);
  }

  /** One operation at a time, as under the container's lock. */
  *lock(): Op<() => void> {
    while (this.#locked) yield this.#unlocked;
    this.#locked = true;
    return () => {
      this.#locked = false;
      this.#unlocked.wake();
    };
  }

  /** Waits until nothing holds the lock. */
  *settled(): Op<void> {
    while (this.#locked) yield this.#unlocked;
  }

  view(): ContainerView {
    return {
      id: this.id,
      name: this.name,
      image: this.spec.image,
      state: this.state,
      exitCode: this.exitCode,
      netns: this.netns?.uid ?? 0,
      networkMode: this.networkMode,
      sharesWith: this.sharesWith ?? "",
      hostname: this.hostname,
      endpoints: [...this.endpoints.values()].map(({ network, ipv4, ipv6, macAddress, spec, device, hostDevice }) => ({
        network: network.id,
        networkName: network.name,
        ipv4,
        ipv6,
        mac: macAddress,
        aliases: spec.aliases ?? [],
        device: device?.uid ?? 0,
        hostDevice: hostDevice?.uid ?? 0,
      })),
      ports: this.ports,
      published: this.spec.ports.map(describePort),
    };
  }

  get #inOrder(): readonly EngineEndpoint[] {
    return this.sandbox?.endpoints ?? [];
  }
}

/** "127.0.0.1:8080:80/tcp" as it might have been typed. */
function describePort({ hostIp, hostPort, containerPort, protocol }: PortSpec): string {
  const address = hostIp === "" ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`;
  return `${address}${hostPort === "" && address === "" ? "" : `${hostPort}:`}${containerPort}/${protocol}`;
}

/** "on-failure:3" taken apart; undefined for what is no policy. */
export function parseRestartPolicy(text: string): RestartPolicy | undefined {
  const [name = "", count] = text === "" ? ["no"] : text.split(":");
  if (name !== "no" && name !== "always" && name !== "unless-stopped" && name !== "on-failure") return undefined;
  if (count !== undefined && !/^-?\d+$/.test(count)) return undefined;
  return { name, maximumRetryCount: count === undefined ? 0 : Number(count) };
}

/** Whether host ports are written as the API takes them. */
export const isHostPort = (text: string): boolean => parseHostPort(text) !== undefined;

/** As much swap as memory where only memory is limited (adaptContainerSettings). */
function withSwap(config: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const { Memory, MemorySwap } = config;
  return typeof Memory === "number" && Memory > 0 && !MemorySwap ? { ...config, MemorySwap: Memory * 2 } : config;
}
