/** The flags of `docker run` that a network knows nothing of: they stand in HostConfig, where `docker inspect` shows them. */
import type { Json } from "../../../../engine/engine.ts";
import type { Flags } from "../flags.ts";

const SIZES: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** "64m" in bytes (units.RAMInBytes). */
export function ramInBytes(text: string): number {
  const match = /^(-?[\d.]+) ?([kmgtpb]?)/i.exec(text);
  return match ? Math.round(Number(match[1]) * (SIZES[(match[2] as string).toLowerCase()] ?? 1)) : 0;
}

const MIN_MEMORY = 6 * 1024 ** 2;

/** Namespaces that a container of this world cannot leave or share. */
function refusal(flags: Flags): string | undefined {
  for (const [name, allowed] of [
    ["pid", ["", "private"]],
    ["ipc", ["", "private", "shareable", "none", "host"]],
    ["uts", [""]],
    ["userns", ["", "host"]],
    ["cgroupns", ["", "host", "private"]],
    ["isolation", ["", "default"]],
    ["runtime", ["", "runc", "io.containerd.runc.v2"]],
  ] as const) {
    const value = flags.text(name);
    if (value !== undefined && !(allowed as readonly string[]).includes(value))
      return `--${name}=${value} is not supported here: containers have ${name === "runtime" ? "runc for a runtime" : `a ${name} namespace of their own`}`;
  }
  if (flags.has("storage-opt"))
    return "Error response from daemon: --storage-opt is supported only for overlay over xfs with 'pquota' mount option";
  for (const name of ["volumes-from", "volume-driver", "gpus", "use-api-socket", "cgroup-parent", "cidfile"])
    if (flags.has(name)) return `--${name} is not supported here; networks, ports, names, limits, bind mounts and named volumes are`;
  return undefined;
}

/** The keys of HostConfig that the flags set, or the client's refusal. */
export function hostConfigOf(flags: Flags): Readonly<Record<string, Json>> | string {
  const refused = refusal(flags);
  if (refused) return refused;
  const config: Record<string, Json> = {};
  const number = (flag: string, key: string): void => {
    if (flags.has(flag)) config[key] = flags.number(flag) as number;
  };
  const bytes = (flag: string, key: string): void => {
    if (flags.has(flag)) config[key] = flags.text(flag) === "-1" ? -1 : ramInBytes(flags.text(flag) as string);
  };
  const text = (flag: string, key: string): void => {
    if (flags.has(flag)) config[key] = flags.text(flag) as string;
  };
  bytes("memory", "Memory");
  bytes("memory-reservation", "MemoryReservation");
  if (typeof config.Memory === "number" && config.Memory > 0) config.MemorySwap = config.Memory * 2;
  bytes("memory-swap", "MemorySwap");
  bytes("shm-size", "ShmSize");
  number("memory-swappiness", "MemorySwappiness");
  number("cpu-shares", "CpuShares");
  number("cpu-period", "CpuPeriod");
  number("cpu-quota", "CpuQuota");
  number("cpu-rt-period", "CpuRealtimePeriod");
  number("cpu-rt-runtime", "CpuRealtimeRuntime");
  number("blkio-weight", "BlkioWeight");
  number("oom-score-adj", "OomScoreAdj");
  number("pids-limit", "PidsLimit");
  text("cpuset-cpus", "CpusetCpus");
  text("cpuset-mems", "CpusetMems");
  text("pid", "PidMode");
  text("ipc", "IpcMode");
  text("userns", "UsernsMode");
  text("cgroupns", "CgroupnsMode");
  text("isolation", "Isolation");
  text("runtime", "Runtime");
  if (flags.has("cpus")) config.NanoCpus = Math.round(Number(flags.text("cpus")) * 1e9);
  if (flags.on("oom-kill-disable")) config.OomKillDisable = true;
  if (flags.list("group-add").length > 0) config.GroupAdd = flags.list("group-add");
  if (flags.list("security-opt").length > 0) config.SecurityOpt = flags.list("security-opt");
  if (flags.list("device-cgroup-rule").length > 0) config.DeviceCgroupRules = flags.list("device-cgroup-rule");
  if (flags.list("annotation").length > 0)
    config.Annotations = Object.fromEntries(
      flags.list("annotation").map((entry) => [entry.split("=")[0], entry.split("=").slice(1).join("=")]),
    );
  const ulimits = flags.list("ulimit").map((entry) => {
    const [name = "", values = ""] = entry.split("=");
    const [soft = "", hard = soft] = values.split(":");
    return { Name: name, Hard: Number(hard), Soft: Number(soft) };
  });
  if (ulimits.length > 0) config.Ulimits = ulimits;
  const devices = flags.list("device").map((entry) => {
    const [host = "", inside = host, mode = "rwm"] = entry.split(":");
    return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: mode };
  });
  if (devices.length > 0) config.Devices = devices;
  for (const [flag, key] of [
    ["device-read-bps", "BlkioDeviceReadBps"],
    ["device-write-bps", "BlkioDeviceWriteBps"],
    ["device-read-iops", "BlkioDeviceReadIOps"],
    ["device-write-iops", "BlkioDeviceWriteIOps"],
  ] as const) {
    const rates = flags.list(flag).map((entry) => ({ Path: entry.split(":")[0] as string, Rate: ramInBytes(entry.split(":")[1] ?? "") }));
    if (rates.length > 0) config[key] = rates;
  }
  const weights = flags
    .list("blkio-weight-device")
    .map((entry) => ({ Path: entry.split(":")[0] as string, Weight: Number(entry.split(":")[1]) }));
  if (weights.length > 0) config.BlkioWeightDevice = weights;
  const logOptions = Object.fromEntries(flags.list("log-opt").map((entry) => [entry.split("=")[0], entry.split("=").slice(1).join("=")]));
  const driver = flags.text("log-driver");
  if (driver !== undefined && !["", "json-file", "local", "none"].includes(driver))
    return `--log-driver=${driver} is not supported here; json-file, local and none are`;
  if (driver !== undefined || Object.keys(logOptions).length > 0) config.LogConfig = { Type: driver || "json-file", Config: logOptions };
  if (typeof config.Memory === "number" && config.Memory > 0 && config.Memory < MIN_MEMORY)
    return "Error response from daemon: Minimum memory limit allowed is 6MB";
  return config;
}
