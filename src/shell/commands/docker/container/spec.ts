/** `docker run` and `docker create`: their flags, and what they ask of the engine (cli/command/container/opts.go). */
import type { ContainerSpec, EndpointSpec, Healthcheck, PortSpec } from "../../../../engine/types.ts";
import { parseIp } from "../../../../kernel/address.ts";
import type { Process } from "../../../command.ts";
import { type Flags, labelError, record } from "../flags.ts";
import { parseExpose, parsePublish } from "../ports.ts";
import type { Check, Subcommand } from "../subcommand.ts";
import { parseGoDuration } from "../times.ts";
import { MANY } from "../verb.ts";
import { hostConfigOf, ulimitError } from "./host-config.ts";

const COMMON = `--add-host list  Add a custom host-to-IP mapping (host:ip)
--annotation map  Add an annotation to the container (passed through to the OCI runtime) (default map[])
-a, --attach list  Attach to STDIN, STDOUT or STDERR
--blkio-weight uint16  Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
--blkio-weight-device list  Block IO weight (relative device weight) (default [])
--cap-add list  Add Linux capabilities
--cap-drop list  Drop Linux capabilities
--cgroup-parent string  Optional parent cgroup for the container
--cgroupns string  Cgroup namespace to use (host|private)
| 'host':    Run the container in the Docker host's cgroup namespace
| 'private': Run the container in its own private cgroup namespace
| '':        Use the cgroup namespace as configured by the
|            default-cgroupns-mode option on the daemon (default)
--cidfile string  Write the container ID to the file
--cpu-period int  Limit CPU CFS (Completely Fair Scheduler) period
--cpu-quota int  Limit CPU CFS (Completely Fair Scheduler) quota
--cpu-rt-period int  Limit CPU real-time period in microseconds
--cpu-rt-runtime int  Limit CPU real-time runtime in microseconds
-c, --cpu-shares int  CPU shares (relative weight)
--cpus decimal  Number of CPUs
--cpuset-cpus string  CPUs in which to allow execution (0-3, 0,1)
--cpuset-mems string  MEMs in which to allow execution (0-3, 0,1)
--device list  Add a host device to the container
--device-cgroup-rule list  Add a rule to the cgroup allowed devices list
--device-read-bps list  Limit read rate (bytes per second) from a device (default [])
--device-read-iops list  Limit read rate (IO per second) from a device (default [])
--device-write-bps list  Limit write rate (bytes per second) to a device (default [])
--device-write-iops list  Limit write rate (IO per second) to a device (default [])
--disable-content-trust  Skip image verification (default true)
--dns list  Set custom DNS servers
--dns-option list  Set DNS options
--dns-search list  Set custom DNS search domains
--domainname string  Container NIS domain name
--entrypoint string  Overwrite the default ENTRYPOINT of the image
-e, --env list  Set environment variables
--env-file list  Read in a file of environment variables
--expose list  Expose a port or a range of ports
--gpus gpu-request  GPU devices to add to the container ('all' to pass all GPUs)
--group-add list  Add additional groups to join
--health-cmd string  Command to run to check health
--health-interval duration  Time between running the check (ms|s|m|h) (default 0s)
--health-retries int  Consecutive failures needed to report unhealthy
--health-start-interval duration  Time between running the check during the start period (ms|s|m|h) (default 0s)
--health-start-period duration  Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)
--health-timeout duration  Maximum time to allow one check to run (ms|s|m|h) (default 0s)
--help  Print usage
-h, --hostname string  Container host name
--init  Run an init inside the container that forwards signals and reaps processes
-i, --interactive  Keep STDIN open even if not attached
--ip string  IPv4 address (e.g., 172.30.100.104)
--ip6 string  IPv6 address (e.g., 2001:db8::33)
--ipc string  IPC mode to use
--isolation string  Container isolation technology
--kernel-memory bytes  Kernel memory limit
-l, --label list  Set meta data on a container
--label-file list  Read in a line delimited file of labels
--link list  Add link to another container
--link-local-ip list  Container IPv4/IPv6 link-local addresses
--log-driver string  Logging driver for the container
--log-opt list  Log driver options
--mac-address string  Container MAC address (e.g., 92:d0:c6:0a:29:33)
-m, --memory bytes  Memory limit
--memory-reservation bytes  Memory soft limit
--memory-swap bytes  Swap limit equal to memory plus swap: '-1' to enable unlimited swap
--memory-swappiness int  Tune container memory swappiness (0 to 100) (default -1)
--mount mount  Attach a filesystem mount to the container
--name string  Assign a name to the container
--network network  Connect a container to a network
--network-alias list  Add network-scoped alias for the container
--no-healthcheck  Disable any container-specified HEALTHCHECK
--oom-kill-disable  Disable OOM Killer
--oom-score-adj int  Tune host's OOM preferences (-1000 to 1000)
--pid string  PID namespace to use
--pids-limit int  Tune container pids limit (set -1 for unlimited)
--platform string  Set platform if server is multi-platform capable
--privileged  Give extended privileges to this container
-p, --publish list  Publish a container's port(s) to the host
-P, --publish-all  Publish all exposed ports to random ports
--pull string  Pull image before creating ("always", "|missing", "never") (default "missing")
-q, --quiet  Suppress the pull output
--read-only  Mount the container's root filesystem as read only
--restart string  Restart policy to apply when a container exits (default "no")
--rm  Automatically remove the container and its associated anonymous volumes when it exits
--runtime string  Runtime to use for this container
--security-opt list  Security Options
--shm-size bytes  Size of /dev/shm
--stop-signal string  Signal to stop the container
--stop-timeout int  Timeout (in seconds) to stop a container
--storage-opt list  Storage driver options for the container
--sysctl map  Sysctl options (default map[])
--tmpfs list  Mount a tmpfs directory
-t, --tty  Allocate a pseudo-TTY
--ulimit ulimit  Ulimit options (default [])
--use-api-socket  Bind mount Docker API socket and required auth
-u, --user string  Username or UID (format: <name|uid>[:<group|gid>])
--userns string  User namespace to use
--uts string  UTS namespace to use
-v, --volume list  Bind mount a volume
--volume-driver string  Optional volume driver for the container
--volumes-from list  Mount volumes from the specified container(s)
-w, --workdir string  Working directory inside the container`;

const RUN_ONLY = `-d, --detach  Run container in background and print container ID
--detach-keys string  Override the key sequence for detaching a container
--sig-proxy  Proxy received signals to the process (default true)`;

const address: Check = (value) => (parseIp(value.trim()) === undefined ? `IP address is not correctly formatted: ${value}` : undefined);

/** What names a host after "--add-host" (opts.ValidateExtraHost). */
export const extraHost: Check = (value) => {
  const at = value.includes("=") ? value.indexOf("=") : value.indexOf(":");
  if (at <= 0) return `bad format for add-host: ${JSON.stringify(value)}`;
  const ip = value.slice(at + 1);
  const plain = /^\[.*\]$/.test(ip) ? ip.slice(1, -1) : ip;
  return plain === "host-gateway" || parseIp(plain) !== undefined ? undefined : `invalid IP address in add-host: ${JSON.stringify(ip)}`;
};

const sysctl: Check = (value) => {
  const key = value.split("=")[0] as string;
  const allowed =
    value.includes("=") &&
    (/^(net|fs\.mqueue)\./.test(key) ||
      [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
      ].includes(key));
  return allowed ? undefined : `sysctl '${value}' is not allowed`;
};

const searchDomain: Check = (value) => {
  const domain = value.trim();
  if (domain === ".") return undefined;
  return /^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*\.?$/.test(domain)
    ? undefined
    : `${value} is not a valid domain`;
};

const CHECKS: Readonly<Record<string, Check>> = {
  "add-host": extraHost,
  attach: (value) => (/^(stdin|stdout|stderr)$/i.test(value) ? undefined : "valid streams are STDIN, STDOUT and STDERR"),
  dns: address,
  "dns-search": searchDomain,
  env: (value) => (value === "" || value.startsWith("=") ? `invalid environment variable: ${value}` : undefined),
  label: labelError,
  link: (value) =>
    value === "" ? "empty string specified for links" : value.split(":").length > 2 ? `bad format for links: ${value}` : undefined,
  network: (value) => {
    const parsed = parseNetwork(value);
    return typeof parsed === "string" ? parsed : undefined;
  },
  sysctl,
  ulimit: ulimitError,
  mount: (value) => {
    const refused = parseMount(value);
    return typeof refused === "string" ? refused : undefined;
  },
};

const RENAMED = { "dns-opt": "dns-option", net: "network", "net-alias": "network-alias" };

export const CREATE: Subcommand = {
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create a new container",
  aliases: "docker container create, docker create",
  options: COMMON,
  checks: CHECKS,
  renamed: RENAMED,
  least: 1,
  most: MANY,
  leading: true,
};

export const RUN: Subcommand = {
  ...CREATE,
  summary: "Create and run a new container from an image",
  aliases: "docker container run, docker run",
  options: `${COMMON.replace('creating ("always", "|missing"', 'running ("always", "missing"')}\n${RUN_ONLY}`,
};

/** distribution/reference as far as typing goes wrong. */
export function referenceError(image: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(image)) return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  if (
    !/^(?:[\w.-]+(?::\d+)?\/)?[\w./-]+(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(image) ||
    /(^|\/)[._-]|\/\/|\/$/.test(image)
  )
    return "invalid reference format";
  const first = image.split("/")[0] as string;
  const hasHost = image.includes("/") && /[.:]|^localhost$/.test(first);
  const path = hasHost ? image.slice(first.length + 1) : image;
  if (/[A-Z]/.test(path.split(":")[0] as string))
    return `invalid reference format: repository name (${hasHost ? "" : "library/"}${path.split(":")[0]}) must be lowercase`;
  return undefined;
}

const userDefined = (mode: string): boolean => !["", "default", "bridge", "host", "none"].includes(mode) && !mode.startsWith("container:");

interface NetworkAttachment {
  readonly name: string;
  readonly spec: EndpointSpec;
}

/** `--network name=N,alias=A,…` (opts.NetworkOpt). */
function parseNetwork(word: string): NetworkAttachment | string {
  if (!word.includes("=")) return { name: word, spec: {} };
  let name = "";
  const aliases: string[] = [];
  const driverOpts: Record<string, string> = {};
  const linkLocalIps: string[] = [];
  const spec: { -readonly [K in keyof EndpointSpec]: EndpointSpec[K] } = {};
  for (const part of word.split(",")) {
    const at = part.indexOf("=");
    if (at < 0) return `invalid field ${part}`;
    const key = part.slice(0, at).trim().toLowerCase();
    const value = part.slice(at + 1).trim();
    if (key === "name") name = value;
    else if (key === "alias") aliases.push(value);
    else if (key === "ip") spec.ipv4 = value;
    else if (key === "ip6") spec.ipv6 = value;
    else if (key === "mac-address") spec.macAddress = macOf(value) ?? value;
    else if (key === "link-local-ip") linkLocalIps.push(value);
    else if (key === "gw-priority") {
      if (!/^[-+]?\d{1,18}$/.test(value)) return `invalid gw-priority (${value}): invalid syntax`;
      spec.gwPriority = Number(value);
    } else if (key === "driver-opt") {
      if (!value.includes("=")) return "invalid key value pair format in driver options";
      Object.assign(driverOpts, record([value]));
    } else return `invalid field key ${key}`;
  }
  if (name === "") return "network name/id is not specified";
  return {
    name,
    spec: {
      ...spec,
      ...(aliases.length && { aliases }),
      ...(linkLocalIps.length && { linkLocalIps }),
      ...(Object.keys(driverOpts).length && { driverOpts }),
    },
  };
}

/** `--mount type=bind,source=/a,target=/b,readonly` as the entry of -v that it amounts to (opts.MountOpt). */
function parseMount(word: string): { readonly volume: string } | { readonly tmpfs: string } | string {
  const fields = new Map<string, string>();
  for (const part of word.split(",")) {
    const at = part.indexOf("=");
    const key = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    if (at < 0 && key !== "readonly" && key !== "ro") return `invalid field '${part}' must be a key=value pair`;
    const name = { src: "source", dst: "target", destination: "target", ro: "readonly" }[key] ?? key;
    if (
      ![
        "type",
        "source",
        "target",
        "readonly",
        "volume-opt",
        "volume-label",
        "volume-driver",
        "volume-nocopy",
        "volume-subpath",
        "bind-propagation",
        "bind-nonrecursive",
        "bind-recursive",
        "consistency",
        "tmpfs-size",
        "tmpfs-mode",
        "image-subpath",
      ].includes(name)
    )
      return `unknown option '${key}' in '${part}'`;
    fields.set(name, at < 0 ? "true" : part.slice(at + 1));
  }
  const target = fields.get("target");
  const type = fields.get("type") ?? "volume";
  if (!target) return "target is required";
  if (type === "tmpfs") return { tmpfs: target };
  if (type === "npipe" || type === "cluster" || type === "image")
    return `mounts of type ${type} are not supported here; bind, volume and tmpfs are`;
  return { volume: `${fields.get("source") ?? ""}:${target}${fields.get("readonly") === "true" ? ":ro" : ""}` };
}

/** What the daemon says of a mount (volume/mounts, validate.go). */
function mountError(process: Process, word: string): string | undefined {
  const field = (pattern: RegExp): string | undefined => pattern.exec(word)?.[1];
  const type = field(/(?:^|,)type=([^,]*)/) ?? "volume";
  const source = field(/(?:^|,)(?:source|src)=([^,]*)/) ?? "";
  const target = field(/(?:^|,)(?:target|dst|destination)=([^,]*)/) ?? "";
  const invalid = (why: string): string => `invalid mount config for type ${JSON.stringify(type)}: ${why}`;
  const relative = (path: string): string => invalid(`invalid mount path: '${path}' mount path must be absolute`);
  if (!["bind", "volume", "tmpfs"].includes(type)) return invalid("mount type unknown");
  if (!target.startsWith("/")) return relative(target);
  if (type === "tmpfs") return source === "" ? undefined : invalid("field Source must not be specified");
  if (type === "volume") return undefined;
  if (source === "") return invalid("field Source must not be empty");
  const path = /^\.{1,2}(\/|$)/.test(source) ? absolute(process.cwd, source) : source;
  if (!path.startsWith("/")) return relative(source);
  return process.fs.exists(path) ? undefined : invalid(`bind source path does not exist: ${source}`);
}

/** Reads a file of NAME=value lines, of which a bare NAME has its value from `env` or is left out; the text is the refusal (kvfile). */
export function readKeyValues(
  process: Process,
  file: string,
  what: string,
  env: ReadonlyMap<string, string> | undefined,
): readonly string[] | { readonly error: string } {
  const path = file.startsWith("/") ? file : `${process.cwd}/${file}`;
  const text = process.fs.read(path);
  if (typeof text !== "string") return { error: `open ${file}: ${text.message.toLowerCase()}` };
  const entries: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    const name = at < 0 ? line : line.slice(0, at);
    if (/\s/.test(name.replace(/^\s+/, ""))) return { error: `invalid ${what} (${file}): variable '${name}' contains whitespaces` };
    if (name === "") return { error: `invalid ${what} (${file}): no variable name on line '${line}'` };
    if (at >= 0) entries.push(line);
    else if (env?.has(name)) entries.push(`${name}=${env.get(name)}`);
  }
  return entries;
}

function environmentOf(process: Process, flags: Flags): readonly string[] | string {
  const entries: string[] = [];
  for (const file of flags.list("env-file")) {
    const read = readKeyValues(process, file, "env file", process.env);
    if ("error" in read) return read.error;
    entries.push(...read);
  }
  for (const entry of flags.list("env")) {
    if (entry.includes("=")) entries.push(entry);
    else if (process.env.has(entry)) entries.push(`${entry}=${process.env.get(entry)}`);
  }
  return entries;
}

function labelsOf(process: Process, flags: Flags): Readonly<Record<string, string>> | string {
  const entries: string[] = [];
  for (const file of flags.list("label-file")) {
    const read = readKeyValues(process, file, "label file", undefined);
    if ("error" in read) return read.error;
    entries.push(...read);
  }
  return record([...entries, ...flags.list("label")]);
}

const HEALTH_FLAGS = ["health-cmd", "health-interval", "health-retries", "health-timeout", "health-start-period", "health-start-interval"];

function healthOf(flags: Flags): Healthcheck | undefined | string {
  const given = HEALTH_FLAGS.some((name) => flags.has(name) && flags.text(name) !== "0s");
  const nothing = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };
  if (flags.on("no-healthcheck")) return given ? "--no-healthcheck conflicts with --health-* options" : { ...nothing, test: ["NONE"] };
  if (!given) return undefined;
  const time = (name: string): number => parseGoDuration(flags.text(name) ?? "0") ?? 0;
  for (const name of ["interval", "timeout", "start-period", "start-interval"])
    if (time(`health-${name}`) < 0) return `--health-${name} cannot be negative`;
  const retries = flags.number("health-retries") ?? 0;
  if (retries < 0) return "--health-retries cannot be negative";
  const command = flags.text("health-cmd");
  return {
    test: command ? ["CMD-SHELL", command] : [],
    interval: time("health-interval"),
    timeout: time("health-timeout"),
    startPeriod: time("health-start-period"),
    startInterval: time("health-start-interval"),
    retries,
  };
}

/** Where the container goes: by the network's name, with what each network was given. */
function endpointsOf(flags: Flags): { readonly mode: string; readonly endpoints: ReadonlyMap<string, EndpointSpec> } | string {
  const attachments = flags.list("network").map((word) => parseNetwork(word) as NetworkAttachment);
  if (attachments.some(({ name }) => name === "")) return "no name set for network";
  const mode = attachments[0]?.name ?? "default";
  const aliases = flags.list("network-alias");
  const endpoints = new Map<string, EndpointSpec>();
  for (const [i, { name, spec }] of (attachments.length > 0 ? attachments : [{ name: "default", spec: {} }]).entries()) {
    if (i > 0 && userDefined(mode) !== userDefined(name))
      return "conflicting options: cannot attach both user-defined and non-user-defined network-modes";
    if (endpoints.has(name)) return `network ${JSON.stringify(name)} is specified multiple times`;
    const conflict = i === 0 ? attachmentConflict(flags, spec) : undefined;
    if (conflict) return conflict;
    const merged = { ...(i === 0 ? firstEndpoint(flags, mode, aliases) : {}), ...spec };
    const scoped = merged.aliases && merged.aliases.length > 0 && !userDefined(name);
    if (scoped) return "network-scoped aliases are only supported for user-defined networks";
    if (attachments.length > 0 || Object.keys(merged).length > 0) endpoints.set(name, merged);
  }
  return { mode, endpoints };
}

/** What stands both in a flag of its own and in the first network's long form. */
function attachmentConflict(flags: Flags, spec: EndpointSpec): string | undefined {
  const both = (what: string): string => `conflicting options: cannot specify both ${what}`;
  if (spec.aliases && flags.has("network-alias")) return both("--network-alias and per-network alias");
  if (spec.links && flags.has("link")) return both("--link and per-network links");
  if (spec.ipv4 && flags.has("ip")) return both("--ip and per-network IPv4 address");
  if (spec.ipv6 && flags.has("ip6")) return both("--ip6 and per-network IPv6 address");
  if (spec.macAddress && flags.has("mac-address")) return both("--mac-address and per-network MAC address");
  if (spec.linkLocalIps && flags.has("link-local-ip")) return both("--link-local-ip and per-network link-local IP addresses");
  return undefined;
}

/** The address, aliases and links of the first network; nothing that was not asked for. */
function firstEndpoint(flags: Flags, mode: string, aliases: readonly string[]): EndpointSpec {
  const ipv4 = flags.text("ip");
  const ipv6 = flags.text("ip6");
  const linkLocalIps = flags.list("link-local-ip");
  const written = flags.text("mac-address");
  const macAddress = written && (macOf(written) ?? written);
  const links = userDefined(mode) ? flags.list("link") : [];
  return {
    ...(aliases.length > 0 && { aliases }),
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(linkLocalIps.length > 0 && { linkLocalIps }),
    ...(macAddress !== undefined && { macAddress }),
    ...(links.length > 0 && { links }),
  };
}

/** -v and --mount: binds, and the paths of anonymous volumes. A source that is a relative path is taken from where one stands. */
function volumesOf(
  process: Process,
  flags: Flags,
): { readonly binds: readonly string[]; readonly anonymous: readonly string[]; readonly tmpfs: readonly string[] } {
  const binds: string[] = [];
  const anonymous: string[] = [];
  const tmpfs = [...flags.list("tmpfs")];
  const add = (entry: string): void => {
    const parts = entry.split(":");
    if (parts.length === 1) anonymous.push(entry);
    else if (parts[0] === "" && parts.length === 2) anonymous.push(parts[1] as string);
    else if (/^\.{1,2}(\/|$)/.test(parts[0] as string))
      binds.push([absolute(process.cwd, parts[0] as string), ...parts.slice(1)].join(":"));
    else binds.push(entry);
  };
  for (const entry of flags.list("volume")) add(entry);
  for (const word of flags.list("mount")) {
    const mount = parseMount(word);
    if (typeof mount === "string") continue;
    if ("tmpfs" in mount) tmpfs.push(mount.tmpfs);
    else add(mount.volume);
  }
  return { binds, anonymous, tmpfs };
}

function absolute(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${cwd}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** An address as net.ParseMAC reads it, also with hyphens or as "0242.ac11.0002". */
function macOf(text: string): string | undefined {
  const digits = /^[0-9a-f]{2}(([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4}|([0-9a-f]{2}\.[0-9a-f]{2}){2}[0-9a-f]{2})$/i.test(text)
    ? text.replace(/[^0-9a-f]/gi, "")
    : "";
  return digits === "" ? undefined : (digits.match(/../g) ?? []).join(":");
}

/** What the words ask for, or the client's refusal as it follows "docker: ". */
export function containerSpecOf(process: Process, flags: Flags): ContainerSpec | string {
  const [image = "", ...command] = flags.args;
  const wrong = referenceError(image);
  const written = flags.text("mac-address");
  const mac = written && macOf(written);
  if (written && !mac) return `${written} is not a valid mac address`;
  const ports: PortSpec[] = [];
  for (const word of flags.list("publish")) {
    const parsed = parsePublish(word);
    if (typeof parsed === "string") return parsed;
    ports.push(...parsed);
  }
  const exposed: string[] = [];
  for (const word of flags.list("expose")) {
    const parsed = parseExpose(word);
    if ("error" in parsed) return parsed.error;
    exposed.push(...parsed);
  }
  const env = environmentOf(process, flags);
  if (typeof env === "string") return env;
  const labels = labelsOf(process, flags);
  if (typeof labels === "string") return labels;
  const restart = flags.text("restart") ?? "no";
  if (/:/.test(restart) && !/:[-+]?\d+$/.test(restart)) return "invalid restart policy format: maximum retry count must be an integer";
  if (flags.on("rm") && restart !== "no" && restart !== "") return "conflicting options: cannot specify both --restart and --rm";
  for (const word of flags.list("mount")) {
    const refused = mountError(process, word);
    if (refused) return `Error response from daemon: ${refused}`;
  }
  const healthcheck = healthOf(flags);
  if (typeof healthcheck === "string") return healthcheck;
  const hostConfig = hostConfigOf(flags);
  if (typeof hostConfig === "string") return hostConfig;
  if (Number(hostConfig.MemorySwap) > 0 && !hostConfig.Memory)
    return "Error response from daemon: You should always set the Memory limit when using Memoryswap limit, see usage";
  const networks = endpointsOf(flags);
  if (typeof networks === "string") return networks;
  if (wrong !== undefined) return wrong;
  const detach = flags.on("detach");
  const streams = flags.list("attach").map((stream) => stream.toUpperCase());
  const attach = (stream: string): boolean => !detach && (streams.length === 0 || streams.includes(stream));
  const interactive = flags.on("interactive");
  const { binds, anonymous, tmpfs } = volumesOf(process, flags);
  return {
    name: flags.text("name"),
    image,
    command,
    entrypoint: flags.has("entrypoint") ? [flags.text("entrypoint") as string] : undefined,
    env,
    labels,
    hostname: flags.text("hostname"),
    domainname: flags.text("domainname"),
    tty: flags.on("tty"),
    openStdin: interactive,
    attachStdin: streams.length > 0 ? attach("STDIN") : interactive && !detach,
    attachStdout: attach("STDOUT"),
    attachStderr: attach("STDERR"),
    workingDir: flags.text("workdir"),
    user: flags.text("user"),
    autoRemove: flags.on("rm"),
    networkMode: networks.mode,
    endpoints: networks.endpoints,
    macAddress: mac,
    ports,
    exposed,
    publishAll: flags.on("publish-all"),
    links: flags.list("link"),
    extraHosts: flags.list("add-host").map((host) => host.replace(/^([^:=]+)=(.*)$/, "$1:$2").replace(/:\[(.*)\]$/, ":$1")),
    dns: flags.list("dns"),
    dnsSearch: flags.list("dns-search"),
    dnsOptions: flags.list("dns-option"),
    capAdd: flags.list("cap-add"),
    capDrop: flags.list("cap-drop"),
    privileged: flags.on("privileged"),
    sysctls: record(flags.list("sysctl")),
    restartPolicy: restart,
    stopSignal: flags.text("stop-signal"),
    stopTimeout: flags.number("stop-timeout"),
    init: flags.on("init"),
    readOnly: flags.on("read-only"),
    volumes: binds,
    anonymousVolumes: anonymous,
    ...(healthcheck ? { healthcheck } : {}),
    hostConfig: {
      ...hostConfig,
      ...(tmpfs.length > 0
        ? { Tmpfs: Object.fromEntries(tmpfs.map((entry) => [entry.split(":")[0], entry.split(":").slice(1).join(":")])) }
        : {}),
    },
  };
}
