/** What `docker info` and `docker version` are told by the daemon (api/types/system). */
import { type EngineContext, timestamp } from "../context.ts";
import type { Json } from "./json.ts";

const VERSION = "28.5.2+dfsg4";
const GIT_COMMIT = "3ef3c07c883be49a2e8097bcf6d2952fce1d70eb";
const API_VERSION = "1.51";
const MIN_API_VERSION = "1.24";
const KERNEL_VERSION = "6.18.0";
const GO_VERSION = "go1.27.1";
const BUILD_TIME = "Tue Sep 15 11:02:57 2026";
/** Processors of the machines: each has as many. */
export const PROCESSORS = 2;

export function infoDocument(context: EngineContext): Json {
  const containers = [...context.containers.all()];
  const count = (state: string): number => containers.filter((container) => container.state === state).length;
  const running = count("running");
  const paused = count("paused");
  return {
    ID: "3d3dddf8-3a4c-451a-ad4c-f9988cb4dfab",
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: new Set(context.images.all().map((image) => image.id)).size,
    Driver: "overlay2",
    DriverStatus: [
      ["Backing Filesystem", "tmpfs"],
      ["Supports d_type", "true"],
      ["Using metacopy", "false"],
      ["Native Overlay Diff", "true"],
      ["userxattr", "false"],
    ],
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"],
      Authorization: null,
      Log: ["awslogs", "fluentd", "gelf", "journald", "json-file", "local", "splunk", "syslog"],
    },
    MemoryLimit: true,
    SwapLimit: true,
    KernelMemoryTCP: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: context.netns.sysctl.get("net.ipv4.ip_forward") === "1",
    Debug: false,
    NFd: 25,
    OomKillDisable: true,
    NGoroutines: 42,
    SystemTime: timestamp(context, context.kernel.clock.now),
    LoggingDriver: "json-file",
    CgroupDriver: "cgroupfs",
    CgroupVersion: "1",
    NEventsListener: 0,
    KernelVersion: KERNEL_VERSION,
    OperatingSystem: "Debian GNU/Linux forky/sid",
    OSVersion: "",
    OSType: "linux",
    Architecture: "x86_64",
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: {
      IndexConfigs: { "docker.io": { Mirrors: [], Name: "docker.io", Official: true, Secure: true } },
      InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8"],
      Mirrors: null,
    },
    NCPU: PROCESSORS,
    MemTotal: 25276026880,
    GenericResources: null,
    DockerRootDir: "/var/lib/docker",
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: context.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: VERSION,
    Runtimes: { "io.containerd.runc.v2": { path: "runc" }, runc: { path: "runc" } },
    DefaultRuntime: "runc",
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "", RemoteManagers: null },
    LiveRestoreEnabled: false,
    Isolation: "",
    InitBinary: "docker-init",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "1.3.6+ds1-1" },
    InitCommit: { ID: "" },
    SecurityOptions: ["name=seccomp,profile=builtin"],
    FirewallBackend: { Driver: "iptables" },
    CDISpecDirs: ["/etc/cdi", "/var/run/cdi"],
    Containerd: { Address: "/run/containerd/containerd.sock", Namespaces: { Containers: "moby", Plugins: "plugins.moby" } },
    Warnings: null,
  };
}

export function versionDocument(): Json {
  return {
    Platform: { Name: "" },
    Components: [
      {
        Name: "Engine",
        Version: VERSION,
        Details: {
          ApiVersion: API_VERSION,
          Arch: "amd64",
          BuildTime: BUILD_TIME,
          Experimental: "false",
          GitCommit: GIT_COMMIT,
          GoVersion: GO_VERSION,
          KernelVersion: KERNEL_VERSION,
          MinAPIVersion: MIN_API_VERSION,
          Os: "linux",
        },
      },
      { Name: "containerd", Version: "2.1.9+unknown", Details: { GitCommit: "" } },
      { Name: "runc", Version: "1.3.6+ds1", Details: { GitCommit: "1.3.6+ds1-1" } },
      { Name: "docker-init", Version: "0.19.0", Details: { GitCommit: "" } },
    ],
    Version: VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: GIT_COMMIT,
    GoVersion: GO_VERSION,
    Os: "linux",
    Arch: "amd64",
    KernelVersion: KERNEL_VERSION,
    BuildTime: "2026-09-15T11:02:57.000000000+00:00",
  };
}
