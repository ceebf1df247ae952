/** `docker run` and `docker create`: their flags, and what they ask of the engine. */
import type { ContainerSpec, EndpointSpec, PortSpec } from "../../../engine/types.ts";
import { type Flag, type Flags, record, type Subcommand } from "./flags.ts";
import { parsePublish } from "./ports.ts";

const flag = (name: string, kind: Flag["kind"], help?: string, short?: string, alias?: string): Flag => ({
  name,
  kind,
  help,
  short,
  alias,
});

const COMMON: readonly Flag[] = [
  flag("add-host", "list", "Add a custom host-to-IP mapping (host:ip)"),
  flag("attach", "list", "Attach to STDIN, STDOUT or STDERR", "a"),
  flag("cap-add", "list", "Add Linux capabilities"),
  flag("cap-drop", "list", "Drop Linux capabilities"),
  flag("dns", "list", "Set custom DNS servers"),
  flag("dns-option", "list", "Set DNS options", undefined, "dns-opt"),
  flag("dns-search", "list", "Set custom DNS search domains"),
  flag("domainname", "string", "Container NIS domain name"),
  flag("entrypoint", "string", "Overwrite the default ENTRYPOINT of the image"),
  flag("env", "list", "Set environment variables", "e"),
  flag("expose", "list", "Expose a port or a range of ports"),
  flag("hostname", "string", "Container host name", "h"),
  flag("init", "bool", "Run an init inside the container that forwards signals and reaps processes"),
  flag("interactive", "bool", "Keep STDIN open even if not attached", "i"),
  flag("ip", "string", "IPv4 address (e.g., 172.30.100.104)"),
  flag("ip6", "string", "IPv6 address (e.g., 2001:db8::33)"),
  flag("label", "list", "Set meta data on a container", "l"),
  flag("link", "list", "Add link to another container"),
  flag("link-local-ip", "list", "Container IPv4/IPv6 link-local addresses"),
  flag("mac-address", "string", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  flag("name", "string", "Assign a name to the container"),
  flag("network", "list", "Connect a container to a network", undefined, "net"),
  flag("network-alias", "list", "Add network-scoped alias for the container", undefined, "net-alias"),
  flag("platform", "string", "Set platform if server is multi-platform capable"),
  flag("privileged", "bool", "Give extended privileges to this container"),
  flag("publish", "list", "Publish a container's port(s) to the host", "p"),
  flag("publish-all", "bool", "Publish all exposed ports to random ports", "P"),
  flag("pull", "string", 'Pull image before running ("always", "missing", "never") (default "missing")'),
  flag("quiet", "bool", "Suppress the pull output", "q"),
  flag("read-only", "bool", "Mount the container's root filesystem as read only"),
  flag("restart", "string", 'Restart policy to apply when a container exits (default "no")'),
  flag("rm", "bool", "Automatically remove the container and its associated anonymous volumes when it exits"),
  flag("stop-signal", "string", "Signal to stop the container"),
  flag("stop-timeout", "int", "Timeout (in seconds) to stop a container"),
  flag("sysctl", "list", "Sysctl options (default map[])"),
  flag("tty", "bool", "Allocate a pseudo-TTY", "t"),
  flag("user", "string", "Username or UID (format: <name|uid>[:<group|gid>])", "u"),
  flag("volume", "list", "Bind mount a volume", "v"),
  flag("workdir", "string", "Working directory inside the container", "w"),
  // Known, without effect on a network: kept out of help.
  ...[
    "cpus",
    "memory",
    "cpu-shares",
    "log-driver",
    "shm-size",
    "ulimit",
    "security-opt",
    "tmpfs",
    "mount",
    "device",
    "pid",
    "ipc",
    "uts",
    "userns",
    "env-file",
    "log-opt",
    "memory-swap",
    "pids-limit",
    "group-add",
    "health-cmd",
  ].map((name) => flag(name, "list", undefined, name === "memory" ? "m" : undefined)),
  flag("no-healthcheck", "bool"),
  flag("oom-kill-disable", "bool"),
];

export const RUN: Subcommand = {
  path: "docker run",
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  least: 1,
  most: Number.POSITIVE_INFINITY,
  leading: true,
  flags: [
    ...COMMON,
    flag("detach", "bool", "Run container in background and print container ID", "d"),
    flag("detach-keys", "string"),
    flag("sig-proxy", "bool"),
  ],
};

export const CREATE: Subcommand = { ...RUN, path: "docker create", summary: "Create a new container", flags: COMMON };

/** distribution/reference as far as typing goes wrong. */
export function referenceError(image: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(image)) return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  if (
    !/^(?:[\w.-]+(?::\d+)?\/)?[\w./-]+(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(image) ||
    /(^|\/)[._-]|\/\/|\/$/.test(image)
  )
    return "invalid reference format";
  const [path = ""] =
    image.split("/").length > 1 && /[.:]|^localhost$/.test(image.split("/")[0] as string) ? [image.split("/").slice(1).join("/")] : [image];
  if (/[A-Z]/.test(path.split(":")[0] as string))
    return `invalid reference format: repository name (library/${path.split(":")[0]}) must be lowercase`;
  return undefined;
}

const userDefined = (mode: string): boolean => !["", "default", "bridge", "host", "none"].includes(mode) && !mode.startsWith("container:");

/** `--network name=N,alias=A,…`. */
function advanced(word: string): { readonly name: string; readonly spec: EndpointSpec } | string {
  if (!/(^|,)[a-z0-9-]+=/.test(word)) return { name: word, spec: {} };
  let name = "";
  const aliases: string[] = [];
  const driverOpts: Record<string, string> = {};
  const linkLocalIps: string[] = [];
  const spec: { -readonly [K in keyof EndpointSpec]: EndpointSpec[K] } = {};
  for (const part of word.split(",")) {
    const at = part.indexOf("=");
    if (at < 0) return `invalid argument "${word}" for "--network" flag: invalid field ${part}`;
    const key = part.slice(0, at).trim().toLowerCase();
    const value = part.slice(at + 1).trim();
    if (key === "name") name = value;
    else if (key === "alias") aliases.push(value);
    else if (key === "ip") spec.ipv4 = value;
    else if (key === "ip6") spec.ipv6 = value;
    else if (key === "mac-address") spec.macAddress = value;
    else if (key === "link-local-ip") linkLocalIps.push(value);
    else if (key === "gw-priority") spec.gwPriority = Number(value);
    else if (key === "driver-opt") Object.assign(driverOpts, record([value]));
    else return `invalid argument "${word}" for "--network" flag: invalid field key ${key}`;
  }
  if (name === "") return `invalid argument "${word}" for "--network" flag: network name/id is not specified`;
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

/** What the words ask for, or the client's refusal as it follows "docker: ". */
export function containerSpecOf(flags: Flags): ContainerSpec | string {
  const [image = "", ...command] = flags.args;
  const ports: PortSpec[] = [];
  for (const word of flags.list("publish")) {
    const parsed = parsePublish(word);
    if (typeof parsed === "string") return parsed;
    ports.push(...parsed);
  }
  const networks: { name: string; spec: EndpointSpec }[] = [];
  for (const word of flags.list("network")) {
    const parsed = advanced(word);
    if (typeof parsed === "string") return parsed;
    networks.push(parsed);
  }
  const mode = networks[0]?.name ?? "default";
  const aliases = flags.list("network-alias");
  if (aliases.length > 0 && !userDefined(mode)) return "network-scoped aliases are only supported for user-defined networks";
  const mac = flags.text("mac-address");
  if (mac !== undefined && !/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(mac)) return `${mac} is not a valid mac address`;
  for (const host of flags.list("add-host"))
    if (!/^[^:=]+[:=].+$/.test(host)) return `invalid argument "${host}" for "--add-host" flag: bad format for add-host: "${host}"`;
  const endpoints = new Map<string, EndpointSpec>();
  for (const [i, one] of networks.entries()) {
    if (i > 0 && !userDefined(one.name) && one.name !== "bridge")
      return `conflicting options: cannot attach both user-defined and non-user-defined network-modes`;
    const first = i === 0 ? firstEndpoint(flags, aliases) : {};
    endpoints.set(one.name, { ...first, ...one.spec });
  }
  if (networks.length === 0) {
    const first = firstEndpoint(flags, aliases);
    if (Object.keys(first).length > 0) endpoints.set("default", first);
  }
  const tty = flags.on("tty");
  const detach = flags.on("detach");
  const interactive = flags.on("interactive");
  return {
    name: flags.text("name"),
    image,
    command,
    entrypoint: flags.has("entrypoint") ? [flags.text("entrypoint") as string].filter(Boolean) : undefined,
    env: flags.list("env"),
    labels: record(flags.list("label")),
    hostname: flags.text("hostname"),
    domainname: flags.text("domainname"),
    tty,
    openStdin: interactive,
    attachStdin: interactive && !detach,
    attachStdout: !detach,
    attachStderr: !detach,
    workingDir: flags.text("workdir"),
    user: flags.text("user"),
    autoRemove: flags.on("rm"),
    networkMode: mode,
    endpoints,
    macAddress: mac,
    ports,
    exposed: flags.list("expose").map((port) => (port.includes("/") ? port : `${port}/tcp`)),
    publishAll: flags.on("publish-all"),
    links: flags.list("link"),
    extraHosts: flags.list("add-host").map((host) => host.replace("=", ":")),
    dns: flags.list("dns"),
    dnsSearch: flags.list("dns-search"),
    dnsOptions: flags.list("dns-option"),
    capAdd: flags.list("cap-add"),
    capDrop: flags.list("cap-drop"),
    privileged: flags.on("privileged"),
    sysctls: record(flags.list("sysctl")),
    restartPolicy: flags.text("restart") ?? "no",
    stopSignal: flags.text("stop-signal"),
    stopTimeout: flags.number("stop-timeout"),
    init: flags.on("init"),
    readOnly: flags.on("read-only"),
    volumes: flags.list("volume"),
  };
}

/** The address, aliases and links of the first network; nothing that was not asked for. */
function firstEndpoint(flags: Flags, aliases: readonly string[]): EndpointSpec {
  const ipv4 = flags.text("ip");
  const ipv6 = flags.text("ip6");
  const linkLocalIps = flags.list("link-local-ip");
  const macAddress = flags.text("mac-address");
  const links = userDefined(flags.list("network")[0] ?? "") ? flags.list("link") : [];
  return {
    ...(aliases.length > 0 && { aliases }),
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(linkLocalIps.length > 0 && { linkLocalIps }),
    ...(macAddress !== undefined && { macAddress }),
    ...(links.length > 0 && { links }),
  };
}
