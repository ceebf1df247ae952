/** A service out of its part of a compose file: short forms made long, defaults filled in (compose-go/loader). */
import type { Healthcheck } from "../../../../../engine/types.ts";
import { resolvePath } from "../../../../../kernel/vfs.ts";
import { ramInBytes } from "../../container/host-config.ts";
import { extraHost } from "../../container/spec.ts";
import { canonicalPort, portsOf } from "./ports.ts";
import {
  type Build,
  type Canonical,
  ComposeError,
  type Condition,
  type Dependency,
  type Service,
  type ServiceNetwork,
  type Ulimit,
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

/** What of `build` is read; the rest is refused when it comes to building. */
const BUILD_KEYS: readonly string[] = ["args", "labels", "tags", "no_cache"];
/** Containers of one service. */
const MAX_REPLICAS = 200;

/** What is read and left out, or refused: each is told in a line. */
const LEFT_OUT: readonly string[] = [
  "configs",
  "secrets",
  "develop",
  "models",
  "post_start",
  "pre_stop",
  "devices",
  "platform",
  "annotations",
];
const REFUSED: readonly string[] = ["volumes_from", "provider", "gpus", "credential_spec", "use_api_socket", "label_file"];

/** Fields whose reading may fail: what is wrong with them is told together. */
class Failure {
  readonly #service: string;
  readonly #told: string[] = [];

  constructor(service: string) {
    this.#service = service;
  }

  /** The value; undefined when the reading of `field` has failed. */
  of<T>(value: T | ComposeError, field: string): T | undefined {
    if (!(value instanceof ComposeError)) return value;
    this.#told.push(`'services[${this.#service}].${field}' ${value.message}`);
    return undefined;
  }

  get error(): ComposeError | undefined {
    if (this.#told.length === 0) return undefined;
    return new ComposeError(`decoding failed due to the following error(s):\n\n${[...this.#told].sort().join("\n")}`);
  }
}

function networksOf(raw: Raw | undefined): ReadonlyMap<string, ServiceNetwork | null> {
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

/** What the service waits for. */
function dependenciesOf(raw: Raw | undefined): ReadonlyMap<string, Dependency> {
  const entries = Object.entries(mapOf(raw)).map(([name, value]) => {
    const { condition, restart, required } = mapOf(value);
    const dependency: Dependency = {
      condition: (textOf(condition) ?? "service_started") as Condition,
      restart: flagOf(restart),
      required: required === undefined || flagOf(required),
    };
    return [name, dependency] as const;
  });
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function volumeOf(entry: Raw): VolumeMount | ComposeError {
  const raw = mapOf(entry);
  const type = textOf(raw.type) ?? "volume";
  if (type !== "bind" && type !== "volume" && type !== "tmpfs")
    return new ComposeError(`volumes of type ${type} are not supported here; bind, volume and tmpfs are`);
  const source = textOf(raw.source);
  const options = raw[type] === undefined ? undefined : (mapOf(raw[type]) as Canonical);
  return {
    type,
    ...(source === undefined ? {} : { source }),
    target: cleanPath(textOf(raw.target) ?? ""),
    readOnly: flagOf(raw.read_only),
    ...(options === undefined ? {} : { options }),
  };
}

/** A path without what leads nowhere: "//", "/./", a slash at the end. */
const cleanPath = (path: string): string => (path.startsWith("/") ? resolvePath("/", path) : path);

const canonicalVolume = ({ type, source, target, readOnly, options }: VolumeMount): Canonical => ({
  type,
  ...(source === undefined ? {} : { source }),
  target,
  ...(readOnly ? { read_only: true } : {}),
  ...(options === undefined ? {} : { [type]: options }),
});

function healthcheckOf(raw: RawMap, failure: Failure): { readonly check: Healthcheck; readonly canonical: Canonical } {
  const { test } = raw;
  const words = Array.isArray(test) ? listOf(test) : test === undefined || test === null ? [] : ["CMD-SHELL", textOf(test) ?? ""];
  const disabled = flagOf(raw.disable);
  const time = (key: string): number => failure.of(durationOf(raw[key]), `healthcheck.${key}`) ?? 0;
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

/** What an image of the service's own is built from. */
function buildOf(raw: RawMap): Build {
  const { context, dockerfile, dockerfile_inline: inline, target, ...rest } = raw;
  const args = pairsOf(rest.args);
  const labels = recordOf(rest.labels);
  return {
    context: textOf(context) ?? ".",
    dockerfile: textOf(dockerfile) ?? "Dockerfile",
    ...(inline === undefined ? {} : { inline: textOf(inline) ?? "" }),
    ...(target === undefined ? {} : { target: textOf(target) ?? "" }),
    args,
    labels,
    tags: listOf(rest.tags),
    noCache: flagOf(rest.no_cache),
    further: Object.keys(rest).filter((key) => !BUILD_KEYS.includes(key)),
    canonical: {
      ...(context === undefined ? {} : { context: textOf(context) ?? "" }),
      ...(dockerfile === undefined ? {} : { dockerfile: textOf(dockerfile) ?? "" }),
      ...(inline === undefined ? {} : { dockerfile_inline: textOf(inline) ?? "" }),
      ...(args.size > 0 ? { args: Object.fromEntries(args) } : {}),
      ...Object.fromEntries(
        Object.entries(rest)
          .filter(([key]) => !BUILD_KEYS.includes(key))
          .map(([key, value]) => [key, value as Canonical]),
      ),
      ...record("labels", labels),
      ...(flagOf(rest.no_cache) ? { no_cache: true } : {}),
      ...(target === undefined ? {} : { target: textOf(target) ?? "" }),
      ...given("tags", listOf(rest.tags)),
    },
  };
}

/** A size in bytes; undefined when none is given. */
function sizeOf(raw: Raw | undefined): number | undefined | ComposeError {
  const text = textOf(raw);
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)? ?([kmgtp](i?b)?|b)?$/i.test(text) ? ramInBytes(text) : new ComposeError(`invalid size: '${text}'`);
}

/** Reads a service in its long form; `notes` takes a line for each thing that is left out. */
export function readService(name: string, raw: RawMap, env: ReadonlyMap<string, string>, notes: string[]): Service | ComposeError {
  const failure = new Failure(name);
  const told = (what: string): string => `service ${JSON.stringify(name)}: ${what}`;
  for (const key of REFUSED)
    if (Object.hasOwn(raw, key))
      return new ComposeError(told(`${key} is not supported here; services stand on their own in one file or in several given by -f`));
  for (const key of [...LEFT_OUT, ...FURTHER_SERVICE_KEYS])
    if (Object.hasOwn(raw, key) && !REFUSED.includes(key)) notes.push(told(`${key} is not supported here and left out`));
  const word = (key: string): string | undefined => textOf(raw[key]);
  const image = word("image") ?? "";
  const build = raw.build === undefined ? undefined : buildOf(mapOf(raw.build));

  const read = portsOf(name, raw.ports);
  if (read instanceof ComposeError) return read;
  const ports = read;
  const command = failure.of(commandOf(raw.command), "command");
  const entrypoint = failure.of(commandOf(raw.entrypoint), "entrypoint");
  const dependsOn = dependenciesOf(raw.depends_on);
  const extraHosts = failure.of(extraHostsOf(raw.extra_hosts), "extra_hosts") ?? [];
  const volumes: VolumeMount[] = [];
  for (const entry of Array.isArray(raw.volumes) ? raw.volumes : []) {
    const mount = volumeOf(entry as Raw);
    if (mount instanceof ComposeError) return mount;
    volumes.push(mount);
  }
  const health = raw.healthcheck ? healthcheckOf(mapOf(raw.healthcheck), failure) : undefined;
  const stopGracePeriod = failure.of(durationOf(raw.stop_grace_period), "stop_grace_period");
  const environment = new Map([...pairsOf(raw.environment)].map(([key, value]) => [key, value ?? env.get(key) ?? null] as const));
  const networkMode = word("network_mode");
  const networks = networksOf(raw.networks);
  const deploy = mapOf(raw.deploy);
  const replicas = numberOf(deploy.replicas);
  const scale = numberOf(raw.scale) ?? replicas ?? 1;
  if (raw.scale !== undefined && replicas !== undefined && numberOf(raw.scale) !== replicas)
    return new ComposeError(`services.${name}: can't set distinct values on 'scale' and 'deploy.replicas': invalid compose project`);
  if (scale > MAX_REPLICAS) return new ComposeError(told(`more than ${MAX_REPLICAS} containers are not supported here`));
  const restart = word("restart");
  const restartPolicy = mapOf(deploy.restart_policy);
  const envFiles = (Array.isArray(raw.env_file) ? raw.env_file : []).map((one) => {
    const entry = mapOf(one as Raw);
    return { path: textOf(entry.path) ?? "", required: entry.required === undefined || flagOf(entry.required) };
  });
  const limits: Record<string, number> = {};
  const memory = failure.of(sizeOf(raw.mem_limit), "mem_limit");
  if (memory !== undefined) limits.Memory = memory;
  const reservation = failure.of(sizeOf(raw.mem_reservation), "mem_reservation");
  if (reservation !== undefined) limits.MemoryReservation = reservation;
  const cpus = numberOf(raw.cpus);
  if (cpus !== undefined) limits.NanoCpus = Math.round(cpus * 1e9);
  const pids = numberOf(raw.pids_limit);
  if (pids !== undefined) limits.PidsLimit = pids;
  const shares = numberOf(raw.cpu_shares);
  if (shares !== undefined) limits.CpuShares = shares;
  if (failure.error) return failure.error;
  const resources = mapOf(deploy.resources);
  const caps = mapOf(resources.limits);
  const apart = (own: number | undefined, other: number | undefined, field: string, place: string): string | undefined =>
    own !== undefined && other !== undefined && own !== other
      ? `services.${name}: can't set distinct values on '${field}' and 'deploy.resources.${place}': invalid compose project`
      : undefined;
  const [most, least] = [sizeOf(caps.memory), sizeOf(mapOf(resources.reservations).memory)];
  if (most instanceof ComposeError || least instanceof ComposeError) return most instanceof ComposeError ? most : (least as ComposeError);
  const distinct =
    apart(cpus, numberOf(caps.cpus), "cpus", "limits.cpus") ??
    apart(memory, most, "mem_limit", "limits.memory") ??
    apart(reservation, least, "mem_reservation", "reservations.memory") ??
    apart(pids, numberOf(caps.pids), "pids_limit", "limits.pids");
  if (distinct !== undefined) return new ComposeError(distinct);
  // What `deploy` says of a service's resources holds for its containers.
  if (most !== undefined) limits.Memory = most;
  if (least !== undefined) limits.MemoryReservation = least;
  if (caps.cpus !== undefined) limits.NanoCpus = Math.round((numberOf(caps.cpus) ?? 0) * 1e9);
  if (caps.pids !== undefined) limits.PidsLimit = numberOf(caps.pids) ?? 0;

  const list = (key: string): readonly string[] => listOf(raw[key]);
  const labels = recordOf(raw.labels);
  const sysctls = recordOf(raw.sysctls);
  const one = (key: string): { readonly [key: string]: Canonical } => (word(key) ? { [key]: word(key) as string } : {});
  const asGiven = (key: string): { readonly [key: string]: Canonical } => (raw[key] === undefined ? {} : { [key]: raw[key] as Canonical });
  const on = (key: string): { readonly [key: string]: Canonical } => (flagOf(raw[key]) ? { [key]: true } : {});
  const canonical: Canonical = {
    ...given("profiles", list("profiles")),
    ...record("annotations", recordOf(raw.annotations)),
    ...(build ? { build: build.canonical } : {}),
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
    ...(image === "" ? {} : { image }),
    ...(raw.init === undefined ? {} : { init: flagOf(raw.init) }),
    ...one("ipc"),
    ...record("labels", labels),
    ...given("links", list("links")),
    ...(raw.logging === undefined ? {} : { logging: canonicalLogging(mapOf(raw.logging)) }),
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
    ...one("platform"),
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
    ...asGiven("ulimits"),
    ...one("user"),
    ...given("volumes", volumes.map(canonicalVolume)),
    ...one("working_dir"),
  };
  const some = <K extends string>(key: K, field: string): { readonly [P in K]?: string } =>
    word(field) ? ({ [key]: word(field) } as { [P in K]: string }) : {};
  return {
    name,
    image,
    unnamed: image === "",
    develops: raw.develop !== undefined,
    ...(build ? { build } : {}),
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
    scaleKey: raw.scale === undefined ? "deploy.replicas" : "scale",
    limits,
    ulimits: ulimitsOf(raw.ulimits),
    ...(raw.logging === undefined ? {} : { logging: loggingOf(mapOf(raw.logging)) }),
    canonical,
  };
}

const canonicalLogging = ({ driver, options, ...rest }: RawMap): Canonical => ({
  ...(driver === undefined ? {} : { driver: textOf(driver) ?? "" }),
  ...(options === undefined ? {} : { options: sorted(recordOf(options)) }),
  ...(rest as { readonly [key: string]: Canonical }),
});

const sorted = (record: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** As HostConfig has it (getLogConfig); the usual driver where none is named. */
const loggingOf = ({ driver, options }: RawMap): { readonly Type: string; readonly Config: Readonly<Record<string, string>> } => ({
  Type: textOf(driver) ?? "json-file",
  Config: sorted(recordOf(options)),
});

/** deploy.restart_policy as a policy of the engine. */
function deployRestart(policy: RawMap): string {
  const condition = textOf(policy.condition);
  const attempts = numberOf(policy.max_attempts);
  const name = condition === "none" ? "no" : condition === "on-failure" ? "on-failure" : "unless-stopped";
  return attempts ? `${name}:${attempts}` : name;
}

/** An "on" part of what is printed: nothing where it is empty. */
const part = (key: string, value: { readonly [key: string]: Canonical }): { readonly [key: string]: Canonical } =>
  Object.keys(value).length > 0 ? { [key]: value } : {};

function canonicalResource(raw: Raw | undefined): { readonly [key: string]: Canonical } {
  const { cpus, memory, pids, ...rest } = mapOf(raw);
  const bytes = sizeOf(memory);
  return {
    ...(cpus === undefined ? {} : { cpus: numberOf(cpus) ?? 0 }),
    ...(typeof bytes === "number" ? { memory: String(bytes) } : {}),
    ...(pids === undefined ? {} : { pids: numberOf(pids) ?? 0 }),
    ...(rest as { readonly [key: string]: Canonical }),
  };
}

/** As DeployConfig is marshalled: its fields in their order, none that is empty. */
function canonicalDeploy(deploy: RawMap): Canonical {
  const { mode, replicas, labels, update_config, rollback_config, resources, restart_policy, placement, ...rest } = deploy;
  const { limits, reservations } = mapOf(resources);
  const given = (key: string, value: Raw | undefined): { readonly [key: string]: Canonical } =>
    part(key, mapOf(value) as { readonly [key: string]: Canonical });
  /** Times are told in Go's way. */
  const timed = (key: string, value: Raw | undefined): { readonly [key: string]: Canonical } =>
    given(
      key,
      Object.fromEntries(
        Object.entries(mapOf(value)).map(([name, one]) => {
          const time = ["delay", "window", "monitor"].includes(name) ? durationOf(one) : undefined;
          return [name, typeof time === "number" ? durationText(time) : one];
        }),
      ),
    );
  return {
    ...(mode === undefined ? {} : { mode: textOf(mode) ?? "" }),
    ...(replicas === undefined ? {} : { replicas: numberOf(replicas) ?? 0 }),
    ...(labels === undefined ? {} : { labels: recordOf(labels) }),
    ...timed("update_config", update_config),
    ...timed("rollback_config", rollback_config),
    ...part("resources", { ...part("limits", canonicalResource(limits)), ...part("reservations", canonicalResource(reservations)) }),
    ...timed("restart_policy", restart_policy),
    ...given("placement", placement),
    ...(rest as { readonly [key: string]: Canonical }),
  };
}

/** "nofile: 1000" or "nofile: {soft: …, hard: …}" (toUlimits). */
function ulimitsOf(raw: Raw | undefined): readonly Ulimit[] {
  return Object.entries(mapOf(raw))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, value]) => {
      const { soft = value, hard = value } = mapOf(value);
      return { Name, Hard: numberOf(hard) ?? 0, Soft: numberOf(soft) ?? 0 };
    });
}
