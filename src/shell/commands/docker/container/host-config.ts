/** The flags of `docker run` that a network knows nothing of: they stand in HostConfig, where `docker inspect` shows them. */

import type { Json } from "../../../../engine/engine.ts";
import { PROCESSORS } from "../../../../engine/inspect/index.ts";
import { type Flags, rational, record } from "../flags.ts";

const SIZES: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** "64m" in bytes (units.RAMInBytes). */
export function ramInBytes(text: string): number {
  const match = /^(-?[\d.]+) ?([kmgtpb]?)/i.exec(text);
  return match ? Math.round(Number(match[1]) * (SIZES[(match[2] as string).toLowerCase()] ?? 1)) : 0;
}

const MIN_MEMORY = 6 * 1024 ** 2;

const KNOWN_LOG_DRIVERS = ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog"];
const ULIMITS = "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" ");

/** A list of processors such as "0-3,5" (parsers.ParseUintList); undefined for what is none. */
function processors(text: string): readonly number[] | undefined {
  const found: number[] = [];
  for (const part of text.split(",")) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined || Number(first) > Number(last)) return undefined;
    for (let one = Number(first); one <= Number(last) && found.length < 1024; one++) found.push(one);
  }
  return found;
}

/** Words that name no namespace, as the client or the daemon says it. */
function namespaceError(flags: Flags, name: string): string | undefined {
  const value = flags.text(name) ?? "";
  const daemon = "Error response from daemon: ";
  if (value === "" || value === "host") return undefined;
  if (name === "pid") return value.startsWith("container:") && value.length > "container:".length ? undefined : "--pid: invalid PID mode";
  if (name === "uts") return "--uts: invalid UTS mode";
  if (name === "userns") return "--userns: invalid USER mode";
  if (name === "cgroupns") return value === "private" ? undefined : "--cgroupns: invalid CGROUP mode";
  if (name === "ipc") return /^(private|shareable|none|container:.+)$/.test(value) ? undefined : `${daemon}invalid IPC mode: ${value}`;
  if (name === "isolation") return value === "default" ? undefined : `${daemon}invalid isolation (${value}): linux only supports 'default'`;
  if (name === "runtime")
    return value === "runc" || value === "io.containerd.runc.v2" ? undefined : `${daemon}unknown or invalid runtime name: ${value}`;
  return undefined;
}

/** Limits of memory that contradict each other. Whether an update fits what there is already, the engine says. */
function memoryError(flags: Flags): string | undefined {
  const bytes = (name: string): number => (flags.text(name) === "-1" ? -1 : ramInBytes(flags.text(name) ?? "0"));
  const [memory, swap, reservation] = [bytes("memory"), bytes("memory-swap"), bytes("memory-reservation")];
  if (memory > 0 && memory < MIN_MEMORY) return "Minimum memory limit allowed is 6MB";
  if (memory > 0 && swap > 0 && swap < memory) return "Minimum memoryswap limit should be larger than memory limit, see usage";
  if (reservation > 0 && reservation < MIN_MEMORY) return "Minimum memory reservation allowed is 6MB";
  if (memory > 0 && memory < reservation) return "Minimum memory limit can not be less than memory reservation limit, see usage";
  return undefined;
}

/** Numbers that the daemon would not take (verifyPlatformContainerResources), and what there is none of on this host. */
function resourceError(flags: Flags): string | undefined {
  const daemon = "Error response from daemon: ";
  const cpus = rational(flags.text("cpus") ?? "0") ?? 0;
  if (cpus < 0 || cpus > PROCESSORS)
    return `${daemon}range of CPUs is from 0.01 to ${PROCESSORS}.00, as there are only ${PROCESSORS} CPUs available`;
  const memory = memoryError(flags);
  if (memory) return daemon + memory;
  const shares = flags.number("cpu-shares") ?? 0;
  if (shares < 0) return `${daemon}invalid CPU shares (${shares}): value must be a positive integer`;
  const swappiness = flags.number("memory-swappiness") ?? -1;
  if (swappiness < -1 || swappiness > 100) return `invalid value: ${swappiness}. Valid memory swappiness range is 0-100`;
  const score = flags.number("oom-score-adj") ?? 0;
  if (score < -1000 || score > 1000) return `${daemon}Invalid value ${score}, range for oom score adj is [-1000, 1000]`;
  const set = flags.text("cpuset-cpus") ?? "";
  const wanted = set === "" ? [] : processors(set);
  if (wanted === undefined) return `${daemon}Invalid value ${set} for cpuset cpus: invalid format: ${set}`;
  if (wanted.some((one) => one >= PROCESSORS))
    return `${daemon}Requested CPUs are not available - requested ${set}, available: 0-${PROCESSORS - 1}`;
  const period = flags.number("cpu-period") ?? 0;
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    return `${daemon}CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)`;
  for (const option of flags.list("security-opt"))
    if (!/[=:]/.test(option) && option !== "no-new-privileges") return `Invalid --security-opt: ${JSON.stringify(option)}`;
  for (const option of flags.list("security-opt"))
    if (!/^(no-new-privileges([:=](true|false))?|writable-cgroups.*|(label|apparmor|seccomp|systempaths)[=:].*)$/.test(option))
      return `${daemon}invalid --security-opt 2: ${JSON.stringify(option)}`;
  const platform = flags.text("platform") ?? "";
  if (platform !== "" && platform !== "linux" && platform !== "linux/amd64")
    return `--platform=${platform} is not supported here; this host is linux/amd64`;
  if (flags.has("gpus")) return `${daemon}could not select device driver "" with capabilities: [[gpu]]`;
  return undefined;
}

/** Why `--ulimit` is none (units.ParseUlimit). */
export function ulimitError(value: string): string | undefined {
  const [name = "", values = ""] = value.split("=");
  if (!ULIMITS.includes(name)) return `invalid ulimit type: ${name}`;
  const [soft = Number.NaN, hard = soft] = values.split(":").map(Number);
  const refusal = "ulimit soft limit must be less than or equal to hard limit: ";
  if (hard !== -1 && soft === -1) return `${refusal}soft: -1 (unlimited), hard: ${hard}`;
  return hard !== -1 && soft > hard ? `${refusal}${soft} > ${hard}` : undefined;
}

/** Namespaces that a container of this world cannot leave or share. */
function refusal(flags: Flags): string | undefined {
  for (const name of ["pid", "uts", "userns", "cgroupns", "ipc", "isolation", "runtime"]) {
    const wrong = namespaceError(flags, name);
    if (wrong) return wrong;
  }
  const resources = resourceError(flags);
  if (resources) return resources;
  if (flags.text("uts") === "host" && flags.text("hostname"))
    return "Error response from daemon: conflicting options: hostname and the UTS mode";
  for (const [name, allowed] of [
    ["uts", ["", "host"]],
    ["userns", ["", "host"]],
    ["cgroupns", ["", "host", "private"]],
    ["isolation", ["", "default"]],
    ["runtime", ["", "runc", "io.containerd.runc.v2"]],
  ] as const) {
    const value = flags.text(name);
    if (value !== undefined && !(allowed as readonly string[]).includes(value))
      return `--${name}=${value} is not supported here: containers have ${name === "runtime" ? "runc for a runtime" : `a ${name} namespace of their own`}`;
  }
  if (flags.list("storage-opt").some((option) => !option.includes("="))) return "invalid storage option";
  if (flags.has("storage-opt"))
    return "Error response from daemon: --storage-opt is supported only for overlay over xfs with 'pquota' mount option";
  for (const name of ["volume-driver", "use-api-socket", "cgroup-parent"])
    if (flags.has(name)) return `--${name} is not supported here; networks, ports, names, limits, bind mounts and named volumes are`;
  return undefined;
}

const isDeviceMode = (mode: string): boolean => /^[rwm]{1,3}$/.test(mode) && new Set(mode).size === mode.length;

/** "/dev/x", "/dev/x:rwm", "/dev/x:/dev/y", "/dev/x:/dev/y:r" (opts.ParseDevice). */
function parseDevice(entry: string): { readonly host: string; readonly inside: string; readonly mode: string } {
  const [host = "", second, third] = entry.split(":");
  const onlyMode = second !== undefined && third === undefined && isDeviceMode(second);
  return { host, inside: onlyMode ? host : (second ?? host), mode: third ?? (onlyMode ? (second as string) : "rwm") };
}

function deviceError(entry: string): string | undefined {
  const { host, inside, mode } = parseDevice(entry);
  if (!isDeviceMode(mode)) return `bad mode specified: ${mode}`;
  const relative = [host, inside].find((path) => !path.startsWith("/"));
  if (relative !== undefined) return `${relative} is not an absolute path`;
  return inside === host ? undefined : `--device ${entry} is not supported here; a device is found inside where it is on the host`;
}

const LOG_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "json-file": ["max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"],
  local: ["max-file", "max-size", "compress"],
};

/** What a log driver does not know (daemon/logger, ValidateLogOpts), or the client's word on options of none. */
export function loggingError(driver: string, options: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(options);
  if (KNOWN_LOG_DRIVERS.includes(driver)) return `--log-driver=${driver} is not supported here; json-file, local and none are`;
  if (!["json-file", "local", "none"].includes(driver))
    return `Error response from daemon: error looking up logging plugin ${driver}: plugin ${JSON.stringify(driver)} not found`;
  if (driver === "none") return keys.length > 0 ? "invalid logging opts for driver none" : undefined;
  const daemon = "Error response from daemon: ";
  const { mode = "" } = options;
  if (!["", "blocking", "non-blocking"].includes(mode)) return `${daemon}logger: logging mode not supported: ${mode}`;
  if (keys.includes("max-buffer-size") && mode !== "non-blocking")
    return `${daemon}logger: max-buffer-size option is only supported with 'mode=non-blocking'`;
  const unknown = keys.find((key) => key !== "mode" && key !== "max-buffer-size" && !LOG_OPTIONS[driver]?.includes(key));
  if (unknown === undefined) return undefined;
  return `${daemon}unknown log opt '${unknown}' for ${driver === "local" ? "log driver local" : "json-file log driver"}`;
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
  text("uts", "UTSMode");
  text("userns", "UsernsMode");
  text("cgroupns", "CgroupnsMode");
  text("isolation", "Isolation");
  text("runtime", "Runtime");
  if (flags.has("cpus")) config.NanoCpus = Math.round((rational(flags.text("cpus") as string) ?? 0) * 1e9);
  if (flags.on("oom-kill-disable")) config.OomKillDisable = true;
  if (flags.list("volumes-from").length > 0) config.VolumesFrom = flags.list("volumes-from");
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
  for (const entry of flags.list("device")) {
    const wrong = deviceError(entry);
    if (wrong) return wrong;
  }
  const devices = flags.list("device").map((entry) => {
    const { host, inside, mode } = parseDevice(entry);
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
  const logOptions = record(flags.list("log-opt"));
  const driver = flags.text("log-driver");
  const unlogged = loggingError(driver || "json-file", logOptions);
  if (unlogged) return unlogged;
  if (driver !== undefined || Object.keys(logOptions).length > 0) config.LogConfig = { Type: driver || "json-file", Config: logOptions };
  return config;
}
