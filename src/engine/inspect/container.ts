/** The document of `docker inspect` (daemon/inspect.go, api/types/container). */
import type { EndpointSettings, EngineContainer } from "../container/container.ts";
import { type EngineContext, timestamp } from "../context.ts";
import type { EngineEndpoint } from "../network/endpoint.ts";
import type { Healthcheck, HealthState, MountPoint } from "../types.ts";
import { type Json, orNull, sortedObject, stringMap } from "./json.ts";

const STORE = "/var/lib/docker";

export function containerDocument(context: EngineContext, container: EngineContainer): Json {
  const { id, argv } = container;
  const donor = container.joinedContainer;
  const files = `${STORE}/containers/${donor !== undefined && container.sharesWith ? container.sharesWith : id}`;
  const created = donor !== undefined && !container.sharesWith ? "" : files;
  const path = (name: string): string => (container.startedAt === undefined && !container.running ? "" : `${created}/${name}`);
  const own = `${STORE}/containers/${id}`;
  return {
    Id: id,
    Created: timestamp(context, container.created),
    Path: argv[0] ?? "",
    Args: argv.slice(1),
    State: stateOf(context, container),
    Image: container.image.id,
    ResolvConfPath: path("resolv.conf"),
    HostnamePath: path("hostname"),
    HostsPath: path("hosts"),
    LogPath: container.startedAt === undefined ? "" : `${own}/${id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: null,
    HostConfig: hostConfigOf(container),
    GraphDriver: graphDriverOf(container),
    Mounts: container.mounts.map(mountOf),
    Config: configOf(container),
    NetworkSettings: networkSettingsOf(container),
  };
}

function stateOf(context: EngineContext, container: EngineContainer): Json {
  const { state } = container;
  return {
    Status: state,
    Running: container.running,
    Paused: state === "paused",
    Restarting: state === "restarting",
    OOMKilled: false,
    Dead: state === "dead",
    Pid: container.process?.pid ?? 0,
    ExitCode: container.exitCode,
    Error: container.error,
    StartedAt: timestamp(context, container.startedAt),
    FinishedAt: timestamp(context, container.finishedAt),
    ...(container.health ? { Health: healthOf(context, container.health) } : {}),
  };
}

function healthOf(context: EngineContext, { status, failingStreak, log }: HealthState): Json {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({
      Start: timestamp(context, start),
      End: timestamp(context, end),
      ExitCode: exitCode,
      Output: output,
    })),
  };
}

function mountOf({ type, name, source, destination, mode, readOnly, anonymous, inherited }: MountPoint): Json {
  return {
    Type: type,
    ...(type === "volume" ? { Name: name } : {}),
    Source: source,
    Destination: destination,
    ...(type === "volume" ? { Driver: "local" } : {}),
    Mode: mode || (type === "volume" && !anonymous && !inherited ? "z" : ""),
    RW: !readOnly,
    Propagation: type === "bind" ? "rprivate" : "",
  };
}

/** Go prints times in nanoseconds. */
const nanoseconds = (micros: number): number => Math.round(micros * 1000);

/** A health check as documents have it. */
export function healthcheckDocument(check: Healthcheck): Json {
  return {
    ...(check.test.length > 0 ? { Test: check.test } : {}),
    ...(check.interval ? { Interval: nanoseconds(check.interval) } : {}),
    ...(check.timeout ? { Timeout: nanoseconds(check.timeout) } : {}),
    ...(check.startPeriod ? { StartPeriod: nanoseconds(check.startPeriod) } : {}),
    ...(check.startInterval ? { StartInterval: nanoseconds(check.startInterval) } : {}),
    ...(check.retries ? { Retries: check.retries } : {}),
  };
}

/** Paths that an unprivileged container cannot see, or cannot write to (oci/defaults.go). */
const MASKED_PATHS = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

const capabilities = (list: readonly string[]): Json =>
  orNull(list.map((name) => (name.toUpperCase() === "ALL" ? "ALL" : `CAP_${name.toUpperCase().replace(/^CAP_/, "")}`)));

function hostConfigOf(container: EngineContainer): Json {
  const { spec } = container;
  const bindings = new Map<string, Json[]>();
  for (const { containerPort, protocol, hostIp, hostPort } of spec.ports) {
    const key = `${containerPort}/${protocol}`;
    const list = bindings.get(key) ?? [];
    list.push({ HostIp: hostIp, HostPort: hostPort });
    bindings.set(key, list);
  }
  const links = [...container.links].map(([alias, child]) => `/${child.name}:/${container.name}/${alias}`).sort();
  const config: { readonly [key: string]: Json } = {
    Binds: orNull(spec.volumes),
    ContainerIDFile: "",
    LogConfig: { Type: "json-file", Config: {} },
    NetworkMode: container.networkMode,
    PortBindings: sortedObject(bindings, (list) => list),
    RestartPolicy: { Name: container.restartPolicy.name, MaximumRetryCount: container.restartPolicy.maximumRetryCount },
    AutoRemove: spec.autoRemove,
    VolumeDriver: "",
    VolumesFrom: null,
    ConsoleSize: [0, 0],
    CapAdd: capabilities(spec.capAdd),
    CapDrop: capabilities(spec.capDrop),
    CgroupnsMode: "host",
    Dns: spec.dns,
    DnsOptions: spec.dnsOptions,
    DnsSearch: spec.dnsSearch,
    ExtraHosts: orNull(spec.extraHosts),
    GroupAdd: null,
    IpcMode: "private",
    Cgroup: "",
    Links: orNull(links),
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: spec.privileged,
    PublishAllPorts: spec.publishAll,
    ReadonlyRootfs: spec.readOnly,
    SecurityOpt: spec.privileged ? ["label=disable"] : null,
    UTSMode: "",
    UsernsMode: "",
    ShmSize: 67108864,
    ...(Object.keys(spec.sysctls).length > 0 ? { Sysctls: stringMap(spec.sysctls) } : {}),
    Runtime: "runc",
    Isolation: "",
    CpuShares: 0,
    Memory: 0,
    NanoCpus: 0,
    CgroupParent: "",
    BlkioWeight: 0,
    BlkioWeightDevice: [],
    BlkioDeviceReadBps: [],
    BlkioDeviceWriteBps: [],
    BlkioDeviceReadIOps: [],
    BlkioDeviceWriteIOps: [],
    CpuPeriod: 0,
    CpuQuota: 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: "",
    CpusetMems: "",
    Devices: [],
    DeviceCgroupRules: null,
    DeviceRequests: null,
    MemoryReservation: 0,
    MemorySwap: 0,
    MemorySwappiness: null,
    OomKillDisable: false,
    PidsLimit: null,
    Ulimits: [],
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    MaskedPaths: spec.privileged ? null : MASKED_PATHS,
    ReadonlyPaths: spec.privileged ? null : READONLY_PATHS,
    ...(spec.init ? { Init: true } : {}),
  };
  return withFurther(config, container.hostConfig);
}

/** Keys that options put in the place of the usual values; what is new stands where the API has it, before Ulimits' kin. */
function withFurther(config: { readonly [key: string]: Json }, further: Readonly<Record<string, Json>>): Json {
  const { Annotations, Tmpfs, ...rest } = further;
  const merged: Record<string, Json> = {};
  for (const [key, value] of Object.entries(config)) {
    merged[key] = Object.hasOwn(rest, key) ? (rest[key] as Json) : value;
    if (key === "ConsoleSize" && Annotations !== undefined) merged.Annotations = Annotations;
    if (key === "SecurityOpt" && Tmpfs !== undefined) merged.Tmpfs = Tmpfs;
  }
  return merged;
}

/** A layer's directory: nothing looks into it, but templates may print it. */
function graphDriverOf({ id, image }: EngineContainer): Json {
  const layer = `${STORE}/overlay2/${[...id].reverse().join("")}`;
  const base = `${STORE}/overlay2/${image.id.replace("sha256:", "")}`;
  return {
    Data: {
      ID: id,
      LowerDir: `${layer}-init/diff:${base}/diff`,
      MergedDir: `${layer}/merged`,
      UpperDir: `${layer}/diff`,
      WorkDir: `${layer}/work`,
    },
    Name: "overlay2",
  };
}

function configOf(container: EngineContainer): Json {
  const { spec, image } = container;
  const exposed = container.namedPorts;
  const anonymous = [...(spec.anonymousVolumes ?? [])].sort();
  const mac =
    container.endpointSpecs.get(container.networkMode)?.macAddress ?? (container.networkMode === "host" ? undefined : spec.macAddress);
  return {
    Hostname: container.hostname,
    Domainname: spec.domainname ?? "",
    User: spec.user ?? "",
    AttachStdin: spec.attachStdin,
    AttachStdout: spec.attachStdout,
    AttachStderr: spec.attachStderr,
    ...(exposed.length > 0
      ? {
          ExposedPorts: sortedObject(
            exposed.map((port) => [port, {}] as const),
            () => ({}),
          ),
        }
      : {}),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: spec.openStdin && spec.attachStdin,
    Env: container.env,
    Cmd: orNull(container.command),
    Image: spec.image,
    ...(spec.healthcheck ? { Healthcheck: healthcheckDocument(spec.healthcheck) } : {}),
    Volumes: anonymous.length > 0 ? Object.fromEntries(anonymous.map((path) => [path, {}])) : null,
    WorkingDir: spec.workingDir ?? image.workingDir,
    Entrypoint: orNull(container.entrypoint),
    ...(mac ? { MacAddress: mac } : {}),
    OnBuild: null,
    Labels: stringMap(spec.labels),
    ...(spec.stopSignal ? { StopSignal: spec.stopSignal } : {}),
    ...(spec.stopTimeout === undefined ? {} : { StopTimeout: spec.stopTimeout }),
  };
}

function networkSettingsOf(container: EngineContainer): Json {
  const { sandbox } = container;
  const bridge = container.endpoints.get("bridge");
  return {
    Bridge: "",
    SandboxID: sandbox?.id ?? "",
    SandboxKey: sandbox?.key ?? "",
    Ports: portsOf(container),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.id ?? "",
    Gateway: bridge?.gateway ?? "",
    GlobalIPv6Address: bridge?.ipv6 ?? "",
    GlobalIPv6PrefixLen: bridge?.ipv6Length ?? 0,
    IPAddress: bridge?.ipv4 ?? "",
    IPPrefixLen: bridge?.ipv4Length ?? 0,
    IPv6Gateway: bridge?.gateway6 ?? "",
    MacAddress: bridge?.macAddress ?? "",
    Networks: sortedObject(
      [...container.endpointSpecs].map(([name, settings]) => [name, { settings, endpoint: container.endpoints.get(name) }] as const),
      ({ settings, endpoint }) => describeEndpoint(settings, endpoint),
    ),
  };
}

/** Bound ports by container port; null for a port that is only named. */
function portsOf(container: EngineContainer): Json {
  const ports = new Map<string, Json[] | null>();
  for (const port of container.exposedPorts) ports.set(port, null);
  for (const { containerPort, protocol, hostIp, hostPort } of container.ports) {
    const key = `${containerPort}/${protocol}`;
    const list = ports.get(key) ?? [];
    list.push({ HostIp: hostIp, HostPort: hostPort === 0 ? "" : String(hostPort) });
    ports.set(key, list);
  }
  return sortedObject(ports, (list) => list);
}

/** Where `docker run` sends nothing the document has null, where `docker network connect` sends it empty, the empty value. */
function describeEndpoint(settings: EndpointSettings, endpoint: EngineEndpoint | undefined): Json {
  const { ipv4, ipv6, linkLocalIps, connected, emptyIpam } = settings;
  const ipam = {
    ...(ipv4 ? { IPv4Address: ipv4 } : {}),
    ...(ipv6 ? { IPv6Address: ipv6 } : {}),
    ...(linkLocalIps && linkLocalIps.length > 0 ? { LinkLocalIPs: linkLocalIps } : {}),
  };
  return {
    IPAMConfig: connected || emptyIpam || Object.keys(ipam).length > 0 ? ipam : null,
    Links: settings.links && settings.links.length > 0 ? settings.links : null,
    Aliases: settings.aliases && settings.aliases.length > 0 ? settings.aliases : connected ? [] : null,
    MacAddress: endpoint?.macAddress ?? "",
    DriverOpts: settings.driverOpts && Object.keys(settings.driverOpts).length > 0 ? stringMap(settings.driverOpts) : connected ? {} : null,
    GwPriority: settings.gwPriority ?? 0,
    NetworkID: settings.networkId,
    EndpointID: endpoint?.id ?? "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: endpoint?.ipv4 ?? "",
    IPPrefixLen: endpoint?.ipv4Length ?? 0,
    IPv6Gateway: endpoint?.gateway6 ?? "",
    GlobalIPv6Address: endpoint?.ipv6 ?? "",
    GlobalIPv6PrefixLen: endpoint?.ipv6Length ?? 0,
    DNSNames: settings.dnsNames ?? null,
  };
}
