/** From what a container publishes to bound host ports (libnetwork/drivers/bridge/port_mapping_linux.go). */
import { formatIp, type Ip, parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { SocketErrno } from "../../kernel/socket/table.ts";
import type { BridgeRules, PublishedPort } from "../iptables/bridge-rules.ts";
import type { PortSpec } from "../types.ts";
import type { PortAllocator, PortProtocol } from "./allocator.ts";
import { DockerProxy } from "./proxy.ts";

/** A binding that holds: in `docker port` and in NetworkSettings.Ports. `hostPort` 0: opened without NAT. */
export interface PortMapping extends PublishedPort {
  readonly proxy: DockerProxy | undefined;
}

export interface MappingContext {
  readonly host: Netns;
  readonly allocator: PortAllocator;
  readonly rules: BridgeRules;
  readonly containerIpv4: string;
  readonly containerIpv6: string;
  /** com.docker.network.bridge.host_binding_ipv4; "" for 0.0.0.0. */
  readonly defaultHostIp: string;
  readonly routed4: boolean;
  readonly routed6: boolean;
  /** Another endpoint is the IPv6 gateway: host IPv6 addresses are not led to this container's IPv4. */
  readonly noProxy6To4: boolean;
  newPid(): number;
}

interface Request {
  readonly hostIp: string;
  readonly containerIp: string;
  readonly routed: boolean;
}

interface Range {
  readonly spec: PortSpec;
  readonly first: number;
  readonly last: number;
}

const MAX_ATTEMPTS = 10;
const PROTOCOL_ORDER = { tcp: 6, udp: 17, sctp: 132 } as const;
const isV6 = (address: string): boolean => address.includes(":");

/** Host ports of a specification: "" is 0 to 0, "8080" is itself, "8080-8090" a range. */
export function parseHostPort(text: string): readonly [number, number] | undefined {
  if (text === "") return [0, 0];
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= 65535 ? [first, last] : undefined;
}

/** cmpPortBinding: exact ports before ranges, then by container port, protocol, host ports and host address. */
function compareRanges(a: Range, b: Range): number {
  const open = (range: Range): number => (range.first === 0 || range.first !== range.last ? 1 : 0);
  const byAddress = (): number => {
    const [x, y] = [parseIp(a.spec.hostIp) ?? 0, parseIp(b.spec.hostIp) ?? 0];
    if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
    return x < y ? -1 : x > y ? 1 : 0;
  };
  return (
    open(a) - open(b) ||
    a.spec.containerPort - b.spec.containerPort ||
    PROTOCOL_ORDER[a.spec.protocol] - PROTOCOL_ORDER[b.spec.protocol] ||
    a.first - b.first ||
    a.last - b.last ||
    byAddress()
  );
}

const samePort = (a: Range, b: Range): boolean =>
  a.spec.containerPort === b.spec.containerPort && a.spec.protocol === b.spec.protocol && a.first === b.first && a.last === b.last;

/** Binds every port, or none: the text is the driver's reason. */
export function addPortMappings(context: MappingContext, specs: readonly PortSpec[]): PortMapping[] | string {
  const ranges = specs.map((spec): Range => {
    const [first, last] = parseHostPort(spec.hostPort) ?? [0, 0];
    return { spec, first, last };
  });
  ranges.sort(compareRanges);
  const mappings: PortMapping[] = [];
  let requests: Request[] = [];
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i] as Range;
    const v4 = requestV4(context, range.spec);
    if (v4) requests.push(v4);
    const v6 = requestV6(context, range.spec);
    if (v6) requests.push(v6);
    const next = ranges[i + 1];
    if (next && samePort(range, next)) continue;
    const bound = bind(context, range, requests);
    if (typeof bound === "string") {
      releasePortMappings(context, mappings);
      return bound;
    }
    mappings.push(...bound);
    requests = [];
  }
  return mappings;
}

export function releasePortMappings(context: Pick<MappingContext, "rules" | "allocator">, mappings: readonly PortMapping[]): void {
  for (const mapping of mappings) mapping.proxy?.stop();
  for (const mapping of mappings) context.rules.removePort(mapping);
  for (const { hostIp, protocol, hostPort } of mappings) if (hostPort > 0) context.allocator.release(hostIp, protocol, hostPort);
}

function requestV4(context: MappingContext, spec: PortSpec): Request | undefined {
  const { containerIpv4, defaultHostIp, routed4 } = context;
  if (containerIpv4 === "" || isV6(spec.hostIp)) return undefined;
  if (spec.hostIp === "" && isV6(defaultHostIp)) return undefined;
  // Without NAT there is no host address to bind: the container's own port is opened.
  const hostIp = routed4 ? "0.0.0.0" : spec.hostIp || defaultHostIp || "0.0.0.0";
  return { hostIp, containerIp: containerIpv4, routed: routed4 };
}

function requestV6(context: MappingContext, spec: PortSpec): Request | undefined {
  const { containerIpv4, containerIpv6, defaultHostIp, routed6 } = context;
  const containerIp = containerIpv6 || (context.noProxy6To4 ? "" : containerIpv4);
  if (containerIp === "" || (spec.hostIp !== "" && !isV6(spec.hostIp))) return undefined;
  let { hostIp } = spec;
  if (hostIp === "") {
    if (defaultHostIp === "" || defaultHostIp === "0.0.0.0") hostIp = "::";
    else if (isV6(defaultHostIp)) hostIp = defaultHostIp;
    else return undefined;
  }
  const ip = parseIp(hostIp);
  const plain = ip === undefined ? hostIp : formatIp(ip);
  return { hostIp: routed6 ? "::" : plain, containerIp, routed: routed6 };
}

/** bindHostPorts: the same host port on all addresses; another try where the port was left to the engine. */
function bind(context: MappingContext, range: Range, requests: readonly Request[]): PortMapping[] | string {
  if (requests.length === 0) return [];
  let refusal = "";
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const bound = attemptBind(context, range, requests);
    if (typeof bound !== "string") return bound;
    refusal = bound;
    if (range.first !== 0 && range.first === range.last) break;
  }
  return refusal;
}

function attemptBind(context: MappingContext, range: Range, requests: readonly Request[]): PortMapping[] | string {
  const { protocol, containerPort } = range.spec;
  const addresses = requests.filter((request) => !request.routed).map((request) => request.hostIp);
  let port = 0;
  if (addresses.length > 0) {
    const given = context.allocator.request(addresses, protocol, range.first, range.last);
    if (typeof given === "string") return given;
    port = given;
  }
  const mappings: PortMapping[] = [];
  const abandon = (): void => {
    for (const mapping of mappings) mapping.proxy?.stop();
    for (const address of addresses) context.allocator.release(address, protocol, port);
  };
  for (const { hostIp, containerIp, routed } of requests) {
    const mapping = { protocol, hostIp, containerIp, containerPort, hostPort: routed ? 0 : port };
    if (routed) {
      mappings.push({ ...mapping, proxy: undefined });
      continue;
    }
    const proxy = protocol === "sctp" ? undefined : startProxy(context, { ...mapping, protocol });
    if (typeof proxy === "string") {
      abandon();
      // Addresses of one container that overlap are bound side by side: none listens yet. The second one to listen is refused.
      const own = proxy === "EADDRINUSE" && mappings.some((other) => overlaps(other.hostIp, hostIp));
      if (own) return `failed to listen on TCP socket: ${ERRNO[proxy]}`;
      const which = range.first === range.last && range.first !== 0 ? "" : ` ${port}`;
      return `failed to bind host port${which} for ${bindingText(mapping, range)}: ${ERRNO[proxy] ?? proxy}`;
    }
    mappings.push({ ...mapping, proxy });
  }
  for (const mapping of mappings) context.rules.addPort(mapping);
  return mappings;
}

/** Whether two host addresses have one in common. */
const overlaps = (a: string, b: string): boolean =>
  isV6(a) === isV6(b) && (a === b || [a, b].some((ip) => ip === "0.0.0.0" || ip === "::"));

function startProxy(context: MappingContext, port: PublishedPort & { protocol: "tcp" | "udp" }): DockerProxy | SocketErrno {
  const { protocol, hostPort, containerPort } = port;
  const hostIp = parseIp(port.hostIp) as Ip;
  const containerIp = parseIp(port.containerIp) as Ip;
  const proxy = new DockerProxy(context.host, { protocol, hostIp, hostPort, containerIp, containerPort }, context.newPid());
  return proxy.start() ?? proxy;
}

/** Go's words for an errno. */
const ERRNO: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
};

/** types.PortBinding as text: "0.0.0.0:8080:172.17.0.2:80/tcp". */
function bindingText(port: { hostIp: string; containerIp: string; containerPort: number; protocol: PortProtocol }, range: Range): string {
  const bracket = (address: string): string => (isV6(address) ? `[${address}]` : address);
  const hostPorts = range.first === 0 ? "" : range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
  return `${bracket(port.hostIp)}:${hostPorts}:${bracket(port.containerIp)}:${port.containerPort}/${port.protocol}`;
}
