/** A service out of its part of a compose file: short forms made long, defaults filled in (compose-go/loader). */
import type { Healthcheck } from "../../../../../engine/types.ts";
import { resolvePath } from "../../../../../kernel/vfs.ts";
import { ramInBytes } from "../../container/host-config.ts";
import { extraHost } from "../../container/spec.ts";
import { canonicalPort, portsOf } from "./ports.ts";
import {
  type Canonical,
  ComposeError,
  type Condition,
  type Dependency,
  type Service,
  type ServiceNetwork,
  type VolumeMount,
} from "./project.ts";
import { FURTHER_SERVICE_KEYS } from "./schema.ts";
import {
  commandOf,
  durationOf,
  durationText,
  flagOf,
  isMap,
  listOf,
  mapOf,
  numberOf,
  pairsOf,
  type RawMap,
  recordOf,
  textOf,
} from "./values.ts";
import type { Raw } from "./yaml.ts";

const CONDITIONS: readonly string[] = ["service_started", "service_healthy", "service_completed_successfully"];
/** Containers of one service. */
const MAX_REPLICAS = 200;

/** What is read and left out, or refused: each is told in a line. */
const LEFT_OUT: readonly string[] = [
  "configs",
  "secrets",
  "develop",
  "logging",
  "models",
  "post_start",
  "pre_stop",
  "ulimits",
  "devices",
  "platform",
  "annotations",
];
const REFUSED: readonly string[] = ["volumes_from", "provider", "gpus", "credential_spec", "use_api_socket", "label_file"];

/** Fields whose reading may fail, once for all. */
class Failure {
  error: ComposeError | undefined;

  of<T>(value: T | ComposeError): T | undefined {
    if (!(value instanceof ComposeError)) return value;
    this.error ??= value;
    return undefined;
  }
}

function networksOf(raw: Raw | undefined): ReadonlyMap<string, ServiceNetwork | null> {
  if (Array.isArray(raw)) return new Map(listOf(raw).map((key) => [key, null]));
  return new Map(Object.entries(mapOf(raw)).map(([key, value]) => [key, isMap(value) ? networkOf(value) : null]));
}

function networkOf(raw: RawMap): ServiceNetwork {
  const word = (key: string): string | undefined => textOf(raw[key]);
  return {
    ...(raw.aliases ? { aliases: listOf(raw.aliases) } : {}),
    ...(raw.driver_opts ? { driverOpts: recordOf(raw.driver_opts) } : {}),
    ...(raw.gw_priority === undefined ? {} : { gwPriority: numberOf(raw.gw_priority) ?? 0 }),
    ...(word("interface_name") ? { interfaceName: word("interface_name") as string } : {}),
    ...(word("ipv4_address") ? { ipv4: word("ipv4_address") as string } : {}),
    ...(word("ipv6_address") ? { ipv6: word("ipv6_address") as string } : {}),
    ...(raw.link_local_ips ? { linkLocalIps: listOf(raw.link_local_ips) } : {}),
    ...(word("mac_address") ? { macAddress: word("mac_address") as string } : {}),
    ...(raw.priority === undefined ? {} : { priority: numberOf(raw.priority) ?? 0 }),
  };
}

const canonicalNetwork = (network: ServiceNetwork | null): Canonical =>
  network && {
    ...(network.aliases ? { aliases: network.aliases } : {}),
    ...(network.driverOpts ? { driver_opts: network.driverOpts } : {}),
    ...(network.gwPriority ? { gw_priority: network.gwPriority } : {}),
    ...(network.interfaceName ? { interface_name: network.interfaceName } : {}),
    ...(network.ipv4 ? { ipv4_address: network.ipv4 } : {}),
    ...(network.ipv6 ? { ipv6_address: network.ipv6 } : {}),
    ...(network.linkLocalIps ? { link_local_ips: network.linkLocalIps } : {}),
    ...(network.macAddress ? { mac_address: network.macAddress } : {}),
    ...(network.priority ? { priority: network.priority } : {}),
  };

/** What the service waits for: named, linked to, or sharing its network. */
function dependenciesOf(raw: RawMap): ReadonlyMap<string, Dependency> | ComposeError {
  const dependencies = new Map<string, Dependency>();
  const started = { condition: "service_started" as const, required: true };
  if (Array.isArray(raw.depends_on)) for (const name of listOf(raw.depends_on)) dependencies.set(name, { ...started, restart: false });
  else
    for (const [name, value] of Object.entries(mapOf(raw.depends_on))) {
      const condition = textOf(mapOf(value).condition) ?? "service_started";
      if (!CONDITIONS.includes(condition))
        return new ComposeError(
          `depends_on.${name}.condition value must be one of 'service_started', 'service_healthy', 'service_completed_successfully'`,
        );
      const required = mapOf(value).required;
      dependencies.set(name, {
        condition: condition as Condition,
        restart: flagOf(mapOf(value).restart),
        required: required === undefined || flagOf(required),
      });
    }
  const implied = listOf(raw.links).map((link) => link.split(":")[0] as string);
  for (const key of ["network_mode", "pid", "ipc"]) {
    const mode = textOf(raw[key]) ?? "";
    if (mode.startsWith("service:")) implied.push(mode.slice("service:".length));
  }
  for (const name of implied) if (!dependencies.has(name)) dependencies.set(name, { ...started, restart: true });
  return new Map([...dependencies].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function volumeOf(raw: Raw, workingDir: string): VolumeMount | ComposeError {
  if (isMap(raw)) {
    const type = textOf(raw.type) ?? "volume";
    if (type !== "bind" && type !== "volume" && type !== "tmpfs")
      return new ComposeError(`volumes of type ${type} are not supported here; bind, volume and tmpfs are`);
    const source = textOf(raw.source);
    return {
      type,
      ...(source === undefined ? {} : { source: type === "bind" ? resolvePath(workingDir, source) : source }),
      target: textOf(raw.target) ?? "",
      readOnly: flagOf(raw.read_only),
    };
  }
  const text = textOf(raw) ?? "";
  if (text === "") return new ComposeError("invalid empty volume spec");
  const parts = text.split(":");
  if (parts.length === 1) return { type: "volume", target: text, readOnly: false };
  const [source = "", target = "", mode = ""] = parts;
  const bind = /^[./~]/.test(source);
  const readOnly = mode.split(",").includes("ro");
  if (bind) return { type: "bind", source: resolvePath(workingDir, source.replace(/^~/, "/root")), target, readOnly };
  return { type: "volume", source, target, readOnly };
}

const canonicalVolume = ({ type, source, target, readOnly }: VolumeMount): Canonical => ({
  type,
  ...(source === undefined ? {} : { source }),
  target,
  ...(readOnly ? { read_only: true } : {}),
  ...(type === "bind" ? { bind: { create_host_path: true } } : type === "volume" ? { volume: {} } : { tmpfs: {} }),
});

function healthcheckOf(raw: RawMap, failure: Failure): { readonly check: Healthcheck; readonly canonical: Canonical } {
  const { test } = raw;
  const words = Array.isArray(test) ? listOf(test) : test === undefined || test === null ? [] : ["CMD-SHELL", textOf(test) ?? ""];
  const disabled = flagOf(raw.disable);
  const time = (key: string): number => failure.of(durationOf(raw[key])) ?? 0;
  const check = {
    test: disabled ? ["NONE"] : words,
    interval: time("interval"),
    timeout: time("timeout"),
    startPeriod: time("start_period"),
    startInterval: time("start_interval"),
    retries: numberOf(raw.retries) ?? 0,
  };
  const canonical = {
    ...(words.length > 0 ? { test: words } : {}),
    ...(check.timeout ? { timeout: durationText(check.timeout) } : {}),
    ...(check.interval ? { interval: durationText(check.interval) } : {}),
    ...(check.retries ? { retries: check.retries } : {}),
    ...(check.startPeriod ? { start_period: durationText(check.startPeriod) } : {}),
    ...(check.startInterval ? { start_interval: durationText(check.startInterval) } : {}),
    ...(disabled ? { disable: true } : {}),
  };
  return { check, canonical };
}

/** "name=address" entries, sorted; addresses in brackets without them. */
function extraHostsOf(raw: Raw | undefined): readonly string[] | ComposeError {
  const entries: string[] = [];
  if (Array.isArray(raw)) entries.push(...listOf(raw));
  else for (const [name, value] of Object.entries(mapOf(raw))) for (const address of listOf(value)) entries.push(`${name}=${address}`);
  const hosts: string[] = [];
  for (const entry of entries) {
    if (extraHost(entry) !== undefined) return new ComposeError(`invalid additional host, missing IP: ${entry}`);
    const at = entry.includes("=") ? entry.indexOf("=") : entry.indexOf(":");
    hosts.push(`${entry.slice(0, at)}=${entry.slice(at + 1).replace(/^\[(.*)\]$/, "$1")}`);
  }
  return hosts.sort();
}

/** The value of a list in the printed form; absent when it is empty. */
const given = (key: string, values: readonly Canonical[]): { readonly [key: string]: Canonical } =>
  values.length > 0 ? { [key]: values } : {};

const record = (key: string, values: Readonly<Record<string, string>>): { readonly [key: string]: Canonical } =>
  Object.keys(values).length > 0 ? { [key]: values } : {};

/** Reads a service; `notes` takes a line for each thing that is left out. */
export function readService(
  name: string,
  raw: RawMap,
  workingDir: string,
  env: ReadonlyMap<string, string>,
  notes: string[],
): Service | ComposeError {
  const failure = new Failure();
  const told = (what: string): string => `service ${JSON.stringify(name)}: ${what}`;
  for (const key of REFUSED)
    if (Object.hasOwn(raw, key))
      return new ComposeError(told(`${key} is not supported here; services stand on their own in one file or in several given by -f`));
  for (const key of [...LEFT_OUT, ...FURTHER_SERVICE_KEYS])
    if (Object.hasOwn(raw, key) && !REFUSED.includes(key)) notes.push(told(`${key} is not supported here and left out`));
  const word = (key: string): string | undefined => textOf(raw[key]);
  const image = word("image") ?? "";
  if (image === "" && raw.build !== undefined) return new ComposeError(told("build is not supported here; image names one that is pulled"));
  if (image === "")
    return new ComposeError(`service ${JSON.stringify(name)} has neither an image nor a build context specified: invalid compose project`);
  if (raw.build !== undefined) notes.push(told("build is not supported here; its image is pulled"));

  const ports = failure.of(portsOf(name, raw.ports)) ?? [];
  const command = failure.of(commandOf(raw.command));
  const entrypoint = failure.of(commandOf(raw.entrypoint));
  const dependsOn = failure.of(dependenciesOf(raw)) ?? new Map<string, Dependency>();
  const extraHosts = failure.of(extraHostsOf(raw.extra_hosts)) ?? [];
  const volumes = (Array.isArray(raw.volumes) ? raw.volumes : [])
    .map((one) => failure.of(volumeOf(one as Raw, workingDir)))
    .filter((one) => one !== undefined);
  const health = raw.healthcheck ? healthcheckOf(mapOf(raw.healthcheck), failure) : undefined;
  const stopGracePeriod = failure.of(durationOf(raw.stop_grace_period));
  const environment = new Map([...pairsOf(raw.environment)].map(([key, value]) => [key, value ?? env.get(key) ?? null] as const));
  const networkMode = word("network_mode");
  const named = networksOf(raw.networks);
  const networks =
    networkMode !== undefined ? new Map<string, ServiceNetwork | null>() : named.size > 0 ? named : new Map([["default", null]]);
  if (networkMode !== undefined && named.size > 0)
    return new ComposeError(`service ${name} declares mutually exclusive \`network_mode\` and \`networks\`: invalid compose project`);
  const deploy = mapOf(raw.deploy);
  const replicas = numberOf(deploy.replicas);
  const scale = numberOf(raw.scale) ?? replicas ?? 1;
  if (raw.scale !== undefined && replicas !== undefined && numberOf(raw.scale) !== replicas)
    return new ComposeError(`services.${name}: can't set distinct values on 'scale' and 'deploy.replicas': invalid compose project`);
  if (scale > MAX_REPLICAS) return new ComposeError(told(`more than ${MAX_REPLICAS} containers are not supported here`));
  const containerName = word("container_name");
  if (containerName !== undefined && scale > 1)
    return new ComposeError(
      `services.deploy.replicas: can't set container_name and ${name} as container name must be unique: invalid compose project`,
    );
  const restart = word("restart");
  const restartPolicy = mapOf(deploy.restart_policy);
  const envFiles = (
    Array.isArray(raw.env_file) ? raw.env_file : raw.env_file === undefined || raw.env_file === null ? [] : [raw.env_file]
  ).map((one) => {
    const entry = one as Raw;
    return isMap(entry)
      ? { path: resolvePath(workingDir, textOf(entry.path) ?? ""), required: entry.required === undefined || flagOf(entry.required) }
      : { path: resolvePath(workingDir, textOf(entry) ?? ""), required: true };
  });
  const limits: Record<string, number> = {};
  const memory = word("mem_limit") === undefined ? undefined : ramInBytes(word("mem_limit") as string);
  if (memory !== undefined) limits.Memory = memory;
  const reservation = word("mem_reservation") === undefined ? undefined : ramInBytes(word("mem_reservation") as string);
  if (reservation !== undefined) limits.MemoryReservation = reservation;
  const cpus = numberOf(raw.cpus);
  if (cpus !== undefined) limits.NanoCpus = Math.round(cpus * 1e9);
  const pids = numberOf(raw.pids_limit);
  if (pids !== undefined) limits.PidsLimit = pids;
  const shares = numberOf(raw.cpu_shares);
  if (shares !== undefined) limits.CpuShares = shares;
  if (failure.error) return failure.error;

  const list = (key: string): readonly string[] => listOf(raw[key]);
  const labels = recordOf(raw.labels);
  const sysctls = recordOf(raw.sysctls);
  const one = (key: string): { readonly [key: string]: Canonical } => (word(key) ? { [key]: word(key) as string } : {});
  const on = (key: string): { readonly [key: string]: Canonical } => (flagOf(raw[key]) ? { [key]: true } : {});
  const canonical: Canonical = {
    ...given("profiles", list("profiles")),
    ...given("cap_add", list("cap_add")),
    ...given("cap_drop", list("cap_drop")),
    ...(cpus === undefined ? {} : { cpus }),
    ...(shares === undefined ? {} : { cpu_shares: shares }),
    command: command ?? null,
    ...one("container_name"),
    ...(dependsOn.size > 0
      ? {
          depends_on: Object.fromEntries(
            [...dependsOn].map(([key, { condition, restart: again, required }]) => [
              key,
              { condition, ...(again ? { restart: true } : {}), required },
            ]),
          ),
        }
      : {}),
    ...(raw.deploy ? { deploy: canonicalDeploy(deploy) } : {}),
    ...given("dns", list("dns")),
    ...given("dns_opt", list("dns_opt")),
    ...given("dns_search", list("dns_search")),
    ...one("domainname"),
    entrypoint: entrypoint ?? null,
    ...(environment.size > 0 ? { environment: Object.fromEntries(environment) } : {}),
    ...given("expose", list("expose")),
    ...given("external_links", list("external_links")),
    ...given("extra_hosts", extraHosts),
    ...given("group_add", list("group_add")),
    ...one("hostname"),
    ...(health ? { healthcheck: health.canonical } : {}),
    image,
    ...(raw.init === undefined ? {} : { init: flagOf(raw.init) }),
    ...one("ipc"),
    ...record("labels", labels),
    ...given("links", list("links")),
    ...(memory === undefined ? {} : { mem_limit: String(memory) }),
    ...(reservation === undefined ? {} : { mem_reservation: String(reservation) }),
    ...one("mac_address"),
    ...one("network_mode"),
    ...(networks.size > 0
      ? {
          networks: Object.fromEntries(
            [...networks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, canonicalNetwork(value)]),
          ),
        }
      : {}),
    ...(pids === undefined ? {} : { pids_limit: pids }),
    ...given("ports", ports.map(canonicalPort)),
    ...on("privileged"),
    ...one("pull_policy"),
    ...on("read_only"),
    ...one("restart"),
    ...(raw.scale === undefined ? {} : { scale }),
    ...given("security_opt", list("security_opt")),
    ...on("stdin_open"),
    ...(stopGracePeriod === undefined ? {} : { stop_grace_period: durationText(stopGracePeriod) }),
    ...one("stop_signal"),
    ...record("sysctls", sysctls),
    ...given("tmpfs", list("tmpfs")),
    ...on("tty"),
    ...one("user"),
    ...given("volumes", volumes.map(canonicalVolume)),
    ...one("working_dir"),
  };
  const some = <K extends string>(key: K, field: string): { readonly [P in K]?: string } =>
    word(field) ? ({ [key]: word(field) } as { [P in K]: string }) : {};
  return {
    name,
    image,
    ...some("containerName", "container_name"),
    ...(command ? { command } : {}),
    ...(entrypoint ? { entrypoint } : {}),
    dependsOn,
    ...(networkMode === undefined ? {} : { networkMode }),
    networks,
    ports,
    expose: list("expose"),
    links: list("links"),
    externalLinks: list("external_links"),
    extraHosts,
    dns: list("dns"),
    dnsSearch: list("dns_search"),
    dnsOptions: list("dns_opt"),
    environment,
    envFiles,
    labels,
    ...some("hostname", "hostname"),
    ...some("domainname", "domainname"),
    ...some("user", "user"),
    ...some("workingDir", "working_dir"),
    ...(restart ? { restart } : restartPolicy.condition ? { restart: deployRestart(restartPolicy) } : {}),
    ...some("macAddress", "mac_address"),
    capAdd: list("cap_add"),
    capDrop: list("cap_drop"),
    privileged: flagOf(raw.privileged),
    readOnly: flagOf(raw.read_only),
    init: flagOf(raw.init),
    tty: flagOf(raw.tty),
    stdinOpen: flagOf(raw.stdin_open),
    sysctls,
    ...some("stopSignal", "stop_signal"),
    ...(stopGracePeriod === undefined ? {} : { stopGracePeriod }),
    ...(health ? { healthcheck: health.check } : {}),
    volumes,
    tmpfs: list("tmpfs"),
    profiles: list("profiles"),
    ...some("pullPolicy", "pull_policy"),
    scale,
    limits,
    canonical,
  };
}

/** deploy.restart_policy as a policy of the engine. */
function deployRestart(policy: RawMap): string {
  const condition = textOf(policy.condition);
  if (condition === "none") return "no";
  if (condition === "on-failure") return `on-failure${numberOf(policy.max_attempts) ? `:${numberOf(policy.max_attempts)}` : ""}`;
  return "unless-stopped";
}

function canonicalDeploy(deploy: RawMap): Canonical {
  const { mode, replicas, labels, ...rest } = deploy;
  return {
    ...(mode === undefined ? {} : { mode: textOf(mode) ?? "" }),
    ...(replicas === undefined ? {} : { replicas: numberOf(replicas) ?? 0 }),
    ...(labels === undefined ? {} : { labels: recordOf(labels) }),
    ...(rest as { readonly [key: string]: Canonical }),
    resources: (rest.resources as Canonical) ?? {},
    placement: (rest.placement as Canonical) ?? {},
  };
}
