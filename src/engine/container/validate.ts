/** What the daemon refuses when a container is created or connected (daemon/container.go, runconfig, daemon/create.go). */
import { contains, familyOf, type Ip, isUnspecified, parseIp, parseMac } from "../../kernel/address.ts";
import { SYSCTLS_OPTION } from "../drivers/driver.ts";
import { joinErrors } from "../ipam/validate.ts";
import type { EngineNetwork } from "../network/network.ts";
import { isPredefined } from "../network/store.ts";
import { type ContainerSpec, type EndpointSpec, EngineError, type Healthcheck } from "../types.ts";
import { isHostPort, parseRestartPolicy } from "./container.ts";
import { parseSignal } from "./signals.ts";

const CAPABILITIES =
  "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM";
const KNOWN_CAPABILITIES: ReadonlySet<string> = new Set(CAPABILITIES.split(" "));

export const SHARED_NETWORK = "container sharing network namespace with another container or host cannot be connected to any other network";

/** Conflicts between the network mode and other options (runconfig/hostconfig.go). */
export function validateNetworkMode(spec: ContainerSpec): EngineError | undefined {
  const { networkMode } = spec;
  const conflict = (what: string): EngineError => new EngineError(`conflicting options: ${what}`);
  if (networkMode === "host" && spec.links.length > 0)
    return conflict("host type networking can't be used with links. This would result in undefined behavior");
  if (networkMode !== "container" && !networkMode.startsWith("container:")) return undefined;
  if (networkMode.slice("container:".length) === "")
    return new EngineError("invalid network mode: invalid container format container:<name|id>");
  if (spec.hostname) return conflict("hostname and the network mode");
  if (spec.links.length > 0) return conflict("container type network can't be used with links. This would result in undefined behavior");
  if (spec.dns.length > 0) return conflict("dns and the network mode");
  if (spec.extraHosts.length > 0) return conflict("custom host-to-IP mapping and the network mode");
  if (spec.ports.length > 0 || spec.publishAll) return conflict("port publishing and the container type network mode");
  if (spec.exposed.length > 0) return conflict("port exposing and the container type network mode");
  return undefined;
}

/** What needs no look at networks and images (verifyContainerSettings). */
export function validateSettings(spec: ContainerSpec): EngineError | undefined {
  if (spec.workingDir && !spec.workingDir.startsWith("/"))
    return new EngineError(`the working directory '${spec.workingDir}' is invalid, it needs to be an absolute path`);
  for (const key of Object.keys(spec.sysctls)) {
    if (/^net\.[^.]+\.[^.]+\.(eth\d+)\./.test(key))
      return new EngineError(
        `interface specific sysctl setting ${JSON.stringify(key)} must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
      );
  }
  const unwell = spec.healthcheck && healthcheckError(spec.healthcheck);
  if (unwell) return new EngineError(unwell);
  if (spec.stopSignal && parseSignal(spec.stopSignal) === undefined) return new EngineError(`invalid signal: ${spec.stopSignal}`);
  for (const env of spec.env) if (env === "" || env.startsWith("=")) return new EngineError(`invalid environment variable: ${env}`);
  const policy = parseRestartPolicy(spec.restartPolicy);
  if (spec.autoRemove && policy?.name !== "no") return new EngineError("can't create 'AutoRemove' container with restart policy");
  for (const entry of spec.extraHosts) {
    const wrong = extraHostError(entry);
    if (wrong) return new EngineError(wrong);
  }
  for (const { hostPort } of spec.ports) if (!isHostPort(hostPort)) return new EngineError(`invalid port specification: "${hostPort}"`);
  if (!policy) {
    const name = spec.restartPolicy.split(":")[0];
    return new EngineError(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (policy.maximumRetryCount !== 0 && policy.name !== "on-failure")
    return new EngineError(
      `invalid restart policy: maximum retry count can only be used with 'on-failure'${policy.maximumRetryCount < 0 ? " and cannot be negative" : ""}`,
    );
  if (policy.maximumRetryCount < 0) return new EngineError("invalid restart policy: maximum retry count cannot be negative");
  return capabilityError("CapAdd", spec.capAdd) ?? capabilityError("CapDrop", spec.capDrop);
}

/** Times below a millisecond are not accepted (daemon/container.go, validateHealthCheck). */
function healthcheckError(check: Healthcheck): string | undefined {
  const least = 1000;
  for (const [name, value] of [
    ["Interval", check.interval],
    ["Timeout", check.timeout],
    ["StartPeriod", check.startPeriod],
    ["StartInterval", check.startInterval],
  ] as const)
    if (value !== 0 && value < least) return `${name} in Healthcheck cannot be less than 1ms`;
  return check.retries < 0 ? "Retries in Healthcheck cannot be negative" : undefined;
}

function capabilityError(list: "CapAdd" | "CapDrop", capabilities: readonly string[]): EngineError | undefined {
  for (const capability of capabilities) {
    const name = capability.toUpperCase().replace(/^CAP_/, "");
    if (!KNOWN_CAPABILITIES.has(name)) return new EngineError(`invalid ${list}: unknown capability: "CAP_${name}"`);
  }
  return undefined;
}

/** opts.ValidateExtraHost: "name:address". */
function extraHostError(entry: string): string | undefined {
  const colon = entry.indexOf(":");
  if (colon <= 0) return `bad format for add-host: ${JSON.stringify(entry)}`;
  const address = entry.slice(colon + 1).replace(/^\[(.*)\]$/, "$1");
  if (address === "host-gateway" || parseIp(address) !== undefined) return undefined;
  return `invalid IP address in add-host: ${JSON.stringify(address)}`;
}

/** Whether the network is one of the predefined by name, where addresses and aliases have no place. */
const isPlain = (name: string): boolean => isPredefined(name) || name.startsWith("container:");

/** validateEndpointSettings: `network` is undefined when there is no such network yet. */
export function validateEndpoint(network: EngineNetwork | undefined, name: string, spec: EndpointSpec): EngineError | undefined {
  const errors: string[] = [];
  const { ipv4, ipv6, aliases, macAddress, linkLocalIps } = spec;
  if (isPlain(name)) {
    if (ipv4 || ipv6) errors.push("user specified IP address is supported on user defined networks only");
    if (aliases && aliases.length > 0) errors.push("network-scoped alias is supported only for containers in user defined networks");
  }
  const invalid = (text: string, family: 4 | 6): boolean => {
    const ip = parseIp(text);
    return ip === undefined || familyOf(ip) !== family || isUnspecified(ip);
  };
  if (ipv4 && invalid(ipv4, 4)) errors.push(`invalid IPv4 address: ${ipv4}`);
  if (ipv6 && invalid(ipv6, 6)) errors.push(`invalid IPv6 address: ${ipv6}`);
  for (const text of linkLocalIps ?? []) {
    const ip = parseIp(text);
    if (ip === undefined || isUnspecified(ip)) errors.push(`invalid link-local IP address: ${text}`);
  }
  if (network) {
    for (const [text, family] of [
      [ipv4, 4],
      [ipv6, 6],
    ] as const) {
      const wrong = text && rangeError(network, text, family);
      if (wrong) errors.push(wrong);
    }
  }
  if (macAddress && parseMac(macAddress) === undefined) return new EngineError(`invalid MAC address ${macAddress}`);
  const sysctls = spec.driverOpts?.[SYSCTLS_OPTION];
  for (const sysctl of sysctls ? sysctls.split(",") : []) {
    const parts = sysctl.split(".");
    const valid = parts.length >= 5 && /^(ipv4|ipv6|mpls)$/.test(parts[1] as string) && /^ifname$/i.test(parts[3] as string);
    if (!valid)
      errors.push(
        `unrecognised network interface sysctl '${sysctl}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
      );
  }
  return errors.length > 0 ? new EngineError(`invalid endpoint settings:\n${joinErrors(errors)}`) : undefined;
}

/** Addresses may only be chosen in subnets that were chosen. */
function rangeError(network: EngineNetwork, text: string, family: 4 | 6): string | undefined {
  const ip: Ip | undefined = parseIp(text);
  const configured = network.pools.filter((pool) => pool.family === family && pool.config !== undefined);
  if (configured.length === 0)
    return "user specified IP address is supported only when connecting to networks with user configured subnets";
  if (ip !== undefined && configured.some((pool) => contains(pool.prefix, ip))) return undefined;
  return `no configured subnet or ip-range contain the IP address ${text}`;
}
