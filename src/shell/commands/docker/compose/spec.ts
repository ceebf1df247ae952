/** From a service or a network of a project to what is asked of the engine (pkg/compose/create.go). */
import { digestOf } from "../../../../engine/digest.ts";
import type { DockerEngine, Json } from "../../../../engine/engine.ts";
import type { ContainerSpec, EndpointSpec, EngineError, NetworkSpec, PortSpec } from "../../../../engine/types.ts";
import { loggingError } from "../container/host-config.ts";
import { parseExpose } from "../ports.ts";
import type { Canonical, Project, ProjectNetwork, Service, ServiceNetwork } from "./file/project.ts";
import {
  COMPOSE_LABEL_VERSION,
  CONFIG_FILES,
  CONFIG_HASH,
  containersOfService,
  DEPENDS_ON,
  ENVIRONMENT_FILE,
  IMAGE,
  NETWORK,
  NUMBER,
  ONE_OFF,
  PROJECT,
  REPLACE,
  SERVICE,
  SLUG,
  VERSION,
  WORKING_DIR,
} from "./labels.ts";

export const containerName = (project: Project, service: Service, number: number): string =>
  service.containerName ?? `${project.name}-${service.name}-${number}`;

/** A digest of what makes a container what it is: another one means that it is made anew. */
export function configHash(service: Service): string {
  const { depends_on: _, deploy: __, scale: ___, profiles: ____, ...rest } = service.canonical as { readonly [key: string]: Canonical };
  return digestOf(JSON.stringify({ name: service.name, ...rest }));
}

export const networkHash = (network: ProjectNetwork): string => digestOf(JSON.stringify(network.canonical));

/** A service's networks, the one with the highest priority first; the first is the container's network mode. */
const byPriority = (service: Service): readonly (readonly [string, ServiceNetwork | null])[] =>
  [...service.networks].sort(([a, x], [b, y]) => (y?.priority ?? 0) - (x?.priority ?? 0) || (a < b ? -1 : 1));

export interface ContainerRequest {
  readonly number: number;
  readonly name: string;
  readonly imageId: string;
  /** Names beside the container's own: none for a one-off container unless it asks for them. */
  readonly serviceNames: boolean;
  readonly oneOff?: { readonly slug: string };
  /** The name of the container that this one comes in the place of. */
  readonly replaces?: string;
}

function endpointOf(service: Service, settings: ServiceNetwork | null, request: ContainerRequest, links: readonly string[]): EndpointSpec {
  const aliases = [request.name, ...(request.serviceNames ? [service.name, ...(settings?.aliases ?? [])] : [])];
  return {
    ...(settings ? { emptyIpam: true } : {}),
    aliases,
    ...(settings?.ipv4 ? { ipv4: settings.ipv4 } : {}),
    ...(settings?.ipv6 ? { ipv6: settings.ipv6 } : {}),
    ...(settings?.linkLocalIps ? { linkLocalIps: settings.linkLocalIps } : {}),
    ...(settings?.macAddress ? { macAddress: settings.macAddress } : {}),
    ...(links.length > 0 ? { links } : {}),
    ...(settings?.gwPriority ? { gwPriority: settings.gwPriority } : {}),
    ...driverOptions(settings),
  };
}

function driverOptions(settings: ServiceNetwork | null): Pick<EndpointSpec, "driverOpts"> {
  const named: Readonly<Record<string, string>> = settings?.interfaceName
    ? { "com.docker.network.endpoint.ifname": settings.interfaceName }
    : {};
  const all = { ...settings?.driverOpts, ...named };
  return Object.keys(all).length > 0 ? { driverOpts: all } : {};
}

/** Other services by the names that this one has for them: each container of theirs under several names (getLinks). */
function linksOf(engine: DockerEngine, project: Project, service: Service): readonly string[] {
  const links: string[] = [];
  for (const link of service.links) {
    const [name = "", alias = name] = link.split(":");
    for (const container of containersOfService(engine, project.name, name)) {
      const number = container.name.slice(`${project.name}-`.length);
      links.push(`${container.name}:${alias}`, `${container.name}:${number}`, `${container.name}:${container.name}`);
    }
  }
  for (const link of service.externalLinks) {
    const [name = "", alias = name] = link.split(":");
    links.push(`${name}:${alias}`);
  }
  return links;
}

/** "service:web" as the container that it means; the text is why there is none. */
function networkModeOf(engine: DockerEngine, project: Project, mode: string): string | { readonly refused: string } {
  if (!mode.startsWith("service:")) return mode;
  const name = mode.slice("service:".length);
  const [container] = containersOfService(engine, project.name, name);
  return container ? `container:${container.id}` : { refused: `cannot share network namespace with service ${name}: container missing` };
}

function portsOf(service: Service): readonly PortSpec[] {
  return service.ports.map(({ target, protocol, hostIp, published }) => ({
    containerPort: target,
    protocol: protocol as PortSpec["protocol"],
    hostIp: hostIp ?? "",
    hostPort: published ?? "",
  }));
}

/** What the API is sent where nothing is said: null where `docker run` sends empty lists. */
function hostConfigOf(service: Service): Readonly<Record<string, Json>> {
  return {
    ...(service.dns.length === 0 ? { Dns: null } : {}),
    ...(service.dnsOptions.length === 0 ? { DnsOptions: null } : {}),
    ...(service.dnsSearch.length === 0 ? { DnsSearch: null } : {}),
    ...(service.extraHosts.length === 0 ? { ExtraHosts: [] } : {}),
    BlkioWeightDevice: null,
    BlkioDeviceReadBps: null,
    BlkioDeviceWriteBps: null,
    BlkioDeviceReadIOps: null,
    BlkioDeviceWriteIOps: null,
    Devices: null,
    Ulimits: service.ulimits.length > 0 ? service.ulimits : null,
    ...(service.logging ? { LogConfig: service.logging } : {}),
    ...service.limits,
    ...(service.tmpfs.length > 0
      ? { Tmpfs: Object.fromEntries(service.tmpfs.map((path) => [path.split(":")[0] as string, path.split(":").slice(1).join(":")])) }
      : {}),
  };
}

function labelsOf(project: Project, service: Service, request: ContainerRequest): Readonly<Record<string, string>> {
  const dependsOn = [...service.dependsOn].map(([name, { condition, restart }]) => `${name}:${condition}:${restart}`).join(",");
  return {
    ...service.labels,
    [CONFIG_HASH]: configHash(service),
    [DEPENDS_ON]: dependsOn,
    [IMAGE]: request.imageId,
    ...(request.oneOff ? { [SLUG]: request.oneOff.slug } : { [NUMBER]: String(request.number) }),
    [ONE_OFF]: request.oneOff ? "True" : "False",
    [PROJECT]: project.name,
    [CONFIG_FILES]: project.files.join(","),
    [WORKING_DIR]: project.workingDir,
    ...(project.envFiles.length > 0 ? { [ENVIRONMENT_FILE]: project.envFiles.join(",") } : {}),
    ...(request.replaces ? { [REPLACE]: request.replaces } : {}),
    [SERVICE]: service.name,
    [VERSION]: COMPOSE_LABEL_VERSION,
  };
}

/** The container that a service is to have; the text is the client's refusal. */
export function containerSpecOf(
  engine: DockerEngine,
  project: Project,
  service: Service,
  request: ContainerRequest,
): ContainerSpec | string {
  const unlogged = service.logging && loggingError(service.logging.Type, service.logging.Config);
  if (unlogged) return unlogged;
  const links = linksOf(engine, project, service);
  const mode = service.networkMode === undefined ? undefined : networkModeOf(engine, project, service.networkMode);
  if (typeof mode === "object") return mode.refused;
  const endpoints = new Map<string, EndpointSpec>();
  for (const [key, settings] of byPriority(service)) {
    const network = project.networks.get(key);
    if (network) endpoints.set(network.name, endpointOf(service, settings, request, links));
  }
  const primary = endpoints.keys().next().value;
  const exposed = service.expose.flatMap((port) => {
    const parsed = parseExpose(port);
    return "error" in parsed ? [] : parsed;
  });
  const binds: string[] = [];
  const anonymous: string[] = [];
  for (const { type, source, target, readOnly } of service.volumes) {
    if (type === "tmpfs") continue;
    if (source === undefined) {
      if (!target.startsWith("/"))
        return `Error response from daemon: invalid mount config for type "volume": invalid mount path: '${target}' mount path must be absolute`;
      anonymous.push(target);
    } else binds.push(`${type === "volume" ? (project.volumes.get(source)?.name ?? source) : source}:${target}:${readOnly ? "ro" : "rw"}`);
  }
  return {
    name: request.name,
    image: service.image,
    command: service.command ?? [],
    ...(service.entrypoint ? { entrypoint: service.entrypoint } : {}),
    env: [...service.environment].flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])),
    labels: labelsOf(project, service, request),
    ...(service.hostname ? { hostname: service.hostname } : {}),
    ...(service.domainname ? { domainname: service.domainname } : {}),
    tty: service.tty,
    openStdin: service.stdinOpen,
    attachStdin: false,
    attachStdout: true,
    attachStderr: true,
    ...(service.workingDir ? { workingDir: service.workingDir } : {}),
    ...(service.user ? { user: service.user } : {}),
    autoRemove: false,
    networkMode: mode ?? primary ?? "default",
    endpoints,
    ...(service.macAddress ? { macAddress: service.macAddress } : {}),
    ports: portsOf(service),
    exposed,
    publishAll: false,
    links: mode === "bridge" ? links : [],
    extraHosts: service.extraHosts.map((host) => host.replace("=", ":")),
    dns: service.dns,
    dnsSearch: service.dnsSearch,
    dnsOptions: service.dnsOptions,
    capAdd: service.capAdd,
    capDrop: service.capDrop,
    privileged: service.privileged,
    sysctls: service.sysctls,
    restartPolicy: service.restart ?? "no",
    ...(service.stopSignal ? { stopSignal: service.stopSignal } : {}),
    ...(service.stopGracePeriod === undefined ? {} : { stopTimeout: Math.floor(service.stopGracePeriod / 1e6) }),
    init: service.init,
    readOnly: service.readOnly,
    volumes: binds,
    anonymousVolumes: anonymous,
    ...(service.healthcheck ? { healthcheck: service.healthcheck } : {}),
    hostConfig: hostConfigOf(service),
  };
}

export function networkSpecOf(project: Project, network: ProjectNetwork): NetworkSpec {
  return {
    name: network.name,
    driver: network.driver ?? "bridge",
    // A configuration without subnet is for the engine to fill in.
    ipam: network.ipam.flatMap(({ subnet, ...rest }) => (subnet ? [{ subnet, ...rest }] : [])),
    ipamDriver: network.ipamDriver ?? "default",
    ipamOptions: network.ipamOptions,
    internal: network.internal,
    attachable: network.attachable,
    ingress: false,
    enableIpv4: network.enableIpv4,
    enableIpv6: network.enableIpv6,
    options: network.driverOpts,
    labels: {
      ...network.labels,
      [CONFIG_HASH]: networkHash(network),
      [NETWORK]: network.key,
      [PROJECT]: project.name,
      [VERSION]: COMPOSE_LABEL_VERSION,
    },
    configOnly: false,
  };
}

/** The daemon's refusal as the client tells it. */
export const daemonText = (error: EngineError): string => `Error response from daemon: ${error.message}`;
