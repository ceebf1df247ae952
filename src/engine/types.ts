/** The engine's nouns: what is asked of it (specs), what it keeps (containers, networks, endpoints), what it refuses with. */

import type { Mac } from "../kernel/address.ts";
import type { NetDevice } from "../kernel/device/device.ts";
import type { Netns } from "../kernel/netns.ts";
import type { WaitQueue } from "../kernel/task.ts";
import type { Tty } from "../kernel/tty.ts";
import type { FileSystem } from "../kernel/vfs.ts";
import type { Json } from "./inspect/json.ts";
import type { RuntimeProcess } from "./runtime.ts";

/** What the daemon answers instead: the text after "Error response from daemon: ", and the HTTP status. */
export class EngineError {
  readonly message: string;
  readonly status: 400 | 403 | 404 | 409 | 500;

  constructor(message: string, status: EngineError["status"] = 400) {
    this.message = message;
    this.status = status;
  }
}

/** One end of a container on a network, as the user asks for it (`--network name=…,ip=…`, `docker network connect`). */
export interface EndpointSpec {
  readonly aliases?: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly links?: readonly string[];
  readonly driverOpts?: Readonly<Record<string, string>>;
  readonly gwPriority?: number;
  /** The client sends an IPAM configuration though there is nothing in it, which inspect shows. */
  readonly emptyIpam?: boolean;
}

/** A published or exposed port: `-p 127.0.0.1:8080-8090:80/tcp` taken apart by the client. */
export interface PortSpec {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly hostIp: string;
  /** "" for an ephemeral port, "8080", or "8080-8090". */
  readonly hostPort: string;
}

export interface ContainerSpec {
  readonly name?: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly workingDir?: string;
  readonly user?: string;
  readonly autoRemove: boolean;
  /** "default", "bridge", "host", "none", "container:NAME", or a network's name or id. */
  readonly networkMode: string;
  /** By network name or id as given; the first is `networkMode`'s. */
  readonly endpoints: ReadonlyMap<string, EndpointSpec>;
  readonly macAddress?: string;
  readonly ports: readonly PortSpec[];
  /** EXPOSE and --expose: "80/tcp". */
  readonly exposed: readonly string[];
  readonly publishAll: boolean;
  readonly links: readonly string[];
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly restartPolicy: string;
  readonly stopSignal?: string;
  readonly stopTimeout?: number;
  readonly init: boolean;
  readonly readOnly: boolean;
  /** "SOURCE:PATH[:MODE]" as -v takes it: a source that begins with a slash is the host's, any other a volume's name. */
  readonly volumes: readonly string[];
  /** Paths of anonymous volumes (`-v /data`). */
  readonly anonymousVolumes?: readonly string[];
  readonly healthcheck?: Healthcheck;
  /** Further keys of HostConfig that only `docker inspect` shows: limits, namespaces, logging. */
  readonly hostConfig?: Readonly<Record<string, Json>>;
}

/** How the engine finds out whether a container is well; times in µs, 0 for the engine's own. */
export interface Healthcheck {
  /** ["NONE"], ["CMD", …], ["CMD-SHELL", line]; empty for the image's. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

export interface HealthState {
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly failingStreak: number;
  /** The last five probes, oldest first; times in µs. */
  readonly log: readonly { readonly start: number; readonly end: number; readonly exitCode: number; readonly output: string }[];
}

export interface MountPoint {
  readonly type: "bind" | "volume";
  /** The volume's; "" for a bind mount. */
  readonly name: string;
  /** The directory on the host. */
  readonly source: string;
  readonly destination: string;
  /** "", "ro", "rw", "z" as written. */
  readonly mode: string;
  readonly readOnly: boolean;
  /** A volume that nobody has named. */
  readonly anonymous?: boolean;
  /** Taken over from another container (`--volumes-from`). */
  readonly inherited?: boolean;
}

/** An endpoint that exists on a network: what `docker network connect` or a start made. */
export interface Endpoint {
  readonly id: string;
  readonly network: Network;
  readonly container: Container;
  readonly spec: EndpointSpec;
  macAddress: Mac | "";
  /** Dotted quad without length, "" when none. */
  ipv4: string;
  ipv4Length: number;
  ipv6: string;
  ipv6Length: number;
  gateway: string;
  gateway6: string;
  /** The device inside the sandbox, and the one that stayed on the host (bridge driver). */
  device: NetDevice | undefined;
  hostDevice: NetDevice | undefined;
  /** Names that the embedded DNS server answers for on this network. */
  dnsNames: readonly string[];
}

export type ContainerState = "created" | "running" | "paused" | "restarting" | "exited" | "dead" | "removing";

export interface PortBinding {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface Container {
  readonly id: string;
  /** Without the leading slash. */
  name: string;
  readonly spec: ContainerSpec;
  readonly image: Image;
  /** The daemon changes it when the container joins another's netns. */
  readonly hostname: string;
  readonly fs: FileSystem;
  state: ContainerState;
  /** µs of virtual time; undefined before. */
  readonly created: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exitCode: number;
  /** What State.Error shows after a start that failed. */
  error: string;
  /** The network namespace it runs in while it runs: own, the host's, or another container's. */
  netns: Netns | undefined;
  /** The container whose netns it shares (`container:NAME`), resolved. */
  readonly sharesWith: string | undefined;
  /** Whose processes it sees instead of its own (`--pid`): the machine's, or another container's. */
  readonly pidNamespace: "host" | Container | undefined;
  /** Endpoint settings by network name, connected or to be connected at start; the order is the order of connecting. */
  readonly endpointSpecs: Map<string, EndpointSpec>;
  readonly endpoints: Map<string, Endpoint>;
  /** Those that it links to on the default bridge, by alias. */
  readonly links: ReadonlyMap<string, Container>;
  /** Bound host ports, in the order of `docker port`. */
  readonly ports: readonly PortBinding[];
  /** Ports that the container names, published or not, where its gateway is a bridge: "80/tcp" in `docker ps`. */
  readonly exposedPorts: readonly string[];
  /** HostConfig.NetworkMode: "bridge", "host", "none", "container:ID", or a network's name or id. */
  readonly networkMode: string;
  process: RuntimeProcess | undefined;
  /** Its own network sandbox while it has one; the key is the file that its netns is mounted on. */
  readonly sandbox: { readonly id: string; readonly key: string } | undefined;
  /** The container's own pty, with `-t`. */
  readonly tty: Tty | undefined;
  /** Program and arguments of PID 1. */
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly mounts: readonly MountPoint[];
  /** Undefined without a health check, and before the first start. */
  readonly health: HealthState | undefined;
  /** What PID 1 has written, for `docker logs`. Entries with µs. */
  readonly log: readonly { readonly t: number; readonly stream: "stdout" | "stderr"; readonly text: string }[];
  /** How many entries of the log have been let go. */
  readonly logDropped: number;
  /** Woken by output, and by changes of the state. */
  readonly activity: WaitQueue;
}

/** "none" without a health check. */
export const healthOf = (container: Container): "none" | HealthState["status"] => container.health?.status ?? "none";

export interface IpamConfig {
  readonly subnet: string;
  readonly ipRange?: string;
  readonly gateway?: string;
  readonly auxAddresses?: Readonly<Record<string, string>>;
}

export interface NetworkSpec {
  readonly name: string;
  readonly driver: string;
  readonly ipam: readonly IpamConfig[];
  readonly ipamDriver: string;
  /** Undefined where the client sends none at all, which inspect shows. */
  readonly ipamOptions: Readonly<Record<string, string>> | undefined;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly enableIpv4: boolean | undefined;
  readonly enableIpv6: boolean | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scope?: string;
  readonly configFrom?: string;
  readonly configOnly: boolean;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly spec: NetworkSpec;
  readonly created: number;
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly internal: boolean;
  /** One of bridge, host, none. */
  readonly predefined: boolean;
  /** Pools of IPv4 before those of IPv6. */
  readonly pools: readonly NetworkPool[];
  /** By endpoint id. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** The bridge or parent device on the host. */
  device: NetDevice | undefined;
}

export interface NetworkPool {
  readonly family: 4 | 6;
  readonly subnet: string;
  readonly ipRange: string | undefined;
  readonly gateway: string;
  readonly auxAddresses: Readonly<Record<string, string>>;
  /** Whether the gateway was given or is shown by inspect. */
  readonly showsGateway: boolean;
  /** How many addresses there are to give, the gateway's included. */
  readonly size: number;
  /** Who has which: container name, "gateway", or an auxiliary name. */
  readonly taken: ReadonlyMap<string, string>;
  /** The lowest address that a container would get now; "" when there is none. */
  readonly next: string;
}

export interface Image {
  /** "ubuntu:18.04", "ghcr.io/acme/app:1". */
  readonly reference: string;
  readonly id: string;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
  readonly exposed: readonly string[];
  readonly workingDir: string;
  /** What sort of userland it has: decides which commands exist inside. */
  readonly flavour: "debian" | "alpine" | "busybox" | "scratch";
  readonly size: number;
  /** When it was built: µs of virtual time, before 0 for what comes from a registry. */
  readonly created: number;
  /** What a commit, a build or an import has made of it here; absent for what comes from a registry. */
  readonly made?: MadeImage;
}

/** What an image holds beside the userland that it goes back to. */
interface MadeImage {
  /** The registry's image whose userland it has; "" for none. */
  readonly base: string;
  /** The image's id that it was made of; "" for what was imported. */
  readonly parent: string;
  readonly author: string;
  readonly comment: string;
  /** What each step has changed in the files, the first one first. */
  readonly layers: readonly Layer[];
  /** The newest first; the last one is that of the base. */
  readonly history: readonly ImageStep[];
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly healthcheck?: Healthcheck;
  readonly onBuild: readonly string[];
  /** Words before those of a command line that is one text; empty for the usual ones. */
  readonly shell: readonly string[];
}

/** Changed paths with what is there now; undefined for what is gone. */
export type Layer = ReadonlyMap<string, LayerEntry | undefined>;

export type LayerEntry =
  | { readonly kind: "file"; readonly text: string; readonly mode: number }
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string };

/** A line of `docker history`. */
interface ImageStep {
  readonly id: string;
  readonly created: number;
  readonly createdBy: string;
  readonly comment: string;
  /** Characters. */
  readonly size: number;
}

/** A container as it is drawn. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly exitCode: number;
  /** Uid of the netns it runs in; 0 while it does not run. */
  readonly netns: number;
  readonly networkMode: string;
  /** Id of the container whose netns it shares, "" when none. */
  readonly sharesWith: string;
  readonly hostname: string;
  readonly endpoints: readonly {
    readonly network: string;
    readonly networkName: string;
    readonly ipv4: string;
    readonly ipv6: string;
    readonly mac: string;
    readonly aliases: readonly string[];
    /** Uids of the device inside and of the veth end on the host; 0 when none. */
    readonly device: number;
    readonly hostDevice: number;
  }[];
  readonly ports: readonly PortBinding[];
  /** Ports that are published by the spec, also while stopped: "8080:80/tcp". */
  readonly published: readonly string[];
}

/** A network as it is drawn. */
export interface NetworkView {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly predefined: boolean;
  readonly device: number;
  readonly pools: readonly {
    readonly subnet: string;
    readonly gateway: string;
    readonly ipRange: string;
    readonly size: number;
    readonly taken: number;
  }[];
  readonly options: Readonly<Record<string, string>>;
}

declare module "../kernel/trace.ts" {
  interface ChangeSubjects {
    container: ContainerView;
    network: NetworkView;
  }
}
