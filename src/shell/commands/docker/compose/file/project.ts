/** A project as its compose file describes it, once variables are filled in, short forms are long and defaults are there. */
import type { Healthcheck } from "../../../../../engine/types.ts";

/** What is wrong with a compose file, in the words of the real thing; it is all that the client then says. */
export class ComposeError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

export interface Dependency {
  readonly condition: Condition;
  readonly restart: boolean;
  readonly required: boolean;
}

export interface Port {
  readonly name?: string;
  readonly mode: string;
  readonly hostIp?: string;
  readonly target: number;
  /** "8080", "8080-8090"; absent for one that the engine chooses. */
  readonly published?: string;
  readonly protocol: string;
  readonly appProtocol?: string;
}

export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly driverOpts?: Readonly<Record<string, string>>;
  readonly gwPriority?: number;
  readonly interfaceName?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly priority?: number;
}

export interface VolumeMount {
  readonly type: "bind" | "volume" | "tmpfs";
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** What is said of its type. */
  readonly options?: Canonical;
}

/** What the image of a service is built from. */
export interface Build {
  /** The folder. */
  readonly context: string;
  readonly dockerfile: string;
  /** The Dockerfile's text itself, in the place of a file. */
  readonly inline?: string;
  readonly target?: string;
  readonly args: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly noCache: boolean;
  /** Other keys that are given. */
  readonly further: readonly string[];
  readonly canonical: Canonical;
}

/** A limit as HostConfig has it. */
export type Ulimit = { readonly Name: string; readonly Hard: number; readonly Soft: number };

export interface Service {
  readonly name: string;
  readonly image: string;
  /** Whether its image is built and has no name of its own. */
  readonly unnamed: boolean;
  /** Whether it says what to do when files change (develop). */
  readonly develops: boolean;
  readonly build?: Build;
  readonly containerName?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly dependsOn: ReadonlyMap<string, Dependency>;
  readonly networkMode?: string;
  /** By the key of the project's network; null where nothing is said about it. Empty with a network mode. */
  readonly networks: ReadonlyMap<string, ServiceNetwork | null>;
  readonly ports: readonly Port[];
  readonly expose: readonly string[];
  readonly links: readonly string[];
  readonly externalLinks: readonly string[];
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** null for a variable without value here. */
  readonly environment: ReadonlyMap<string, string | null>;
  readonly envFiles: readonly { readonly path: string; readonly required: boolean }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly user?: string;
  readonly workingDir?: string;
  readonly restart?: string;
  readonly macAddress?: string;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly init: boolean;
  readonly tty: boolean;
  readonly stdinOpen: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  /** µs. */
  readonly stopGracePeriod?: number;
  readonly healthcheck?: Healthcheck;
  readonly volumes: readonly VolumeMount[];
  readonly tmpfs: readonly string[];
  readonly profiles: readonly string[];
  readonly pullPolicy?: string;
  readonly ulimits: readonly Ulimit[];
  readonly logging?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly scale: number;
  /** Where the file says how many, as errors name it. */
  readonly scaleKey: string;
  /** Keys of HostConfig that only inspect shows. */
  readonly limits: Readonly<Record<string, number>>;
  /** As `docker compose config` prints it. */
  readonly canonical: Canonical;
}

export interface ProjectNetwork {
  readonly key: string;
  /** As the engine knows it. */
  readonly name: string;
  readonly driver?: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly ipamDriver?: string;
  readonly ipamOptions?: Readonly<Record<string, string>>;
  readonly ipam: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ipRange?: string;
    readonly auxAddresses?: Readonly<Record<string, string>>;
  }[];
  readonly external: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv4?: boolean;
  readonly enableIpv6?: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly canonical: Canonical;
}

export interface ProjectVolume {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly canonical: Canonical;
}

/** A value as it is printed, keys in the order of the real thing's structs. */
export type Canonical = null | boolean | number | string | readonly Canonical[] | { readonly [key: string]: Canonical };

export interface Project {
  readonly name: string;
  readonly workingDir: string;
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  /** By name, in alphabetical order: those whose profiles are active. */
  readonly services: ReadonlyMap<string, Service>;
  /** All profiles that services name. */
  readonly profiles: readonly string[];
  /** Names of services whose profiles are not active. */
  readonly disabled: ReadonlyMap<string, Service>;
  readonly networks: ReadonlyMap<string, ProjectNetwork>;
  readonly volumes: ReadonlyMap<string, ProjectVolume>;
  readonly extensions: { readonly [key: string]: Canonical };
  /** What is left out here, each in a line. */
  readonly notes: readonly string[];
  /** The variables that its files may use. */
  readonly environment: ReadonlyMap<string, string>;
  /** What the files say, in long forms, with the keys of each map in alphabetical order. */
  readonly model: Canonical;
}
