/** A container's network sandbox: its netns with the endpoints that have joined it (libnetwork/sandbox.go, endpoint.go). */
import { type Ip, parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { EngineContainer } from "../container/container.ts";
import type { EngineContext } from "../context.ts";
import { type DnsBackend, EMBEDDED_DNS, EmbeddedDnsServer } from "../dns/server.ts";
import { goErrno } from "../drivers/errno.ts";
import { addHosts, buildHosts, deleteHosts, type HostsRecord, ownNames } from "../files/hosts.ts";
import { ResolvConf } from "../files/resolv-conf.ts";
import { EngineError } from "../types.ts";
import { compareEndpoints, type EngineEndpoint, selectGateways } from "./endpoint.ts";
import { addInterface, removeInterface } from "./interface.ts";

const HOSTS = "/etc/hosts";
const RESOLV_CONF = "/etc/resolv.conf";
const DEFAULT_ROUTE = { 4: { address: 0, length: 0 }, 6: { address: 0n, length: 0 } } as const;
const IPV6_METRIC = 1024;

export class Sandbox implements DnsBackend {
  readonly id: string;
  readonly container: EngineContainer;
  readonly netns: Netns;
  #hasIpv6 = true;
  /** Better gateways first. */
  readonly endpoints: EngineEndpoint[] = [];
  /** Names of interfaces that are still in the netns though their endpoints are gone. */
  readonly leftBehind: string[] = [];
  /** Lines for /etc/hosts beside the container's own: --add-host, and --link. */
  readonly extraHosts: HostsRecord[] = [];
  ndotsSet = false;
  readonly #context: EngineContext;
  #resolver: EmbeddedDnsServer | undefined;
  /** What was last written to resolv.conf; what differs from it is the user's and stays. */
  #writtenResolvConf = "";

  constructor(context: EngineContext, container: EngineContainer, netns: Netns) {
    this.#context = context;
    this.id = context.kernel.random.hex(64);
    this.container = container;
    this.netns = netns;
    for (const entry of container.spec.extraHosts) this.extraHosts.push(...this.#hostsRecords(entry));
    this.#buildHosts();
    this.#writeResolvConf(this.#loadResolvConf());
  }

  get key(): string {
    return this.usesHost ? "/var/run/docker/netns/default" : `/var/run/docker/netns/${this.id.slice(0, 12)}`;
  }

  get usesHost(): boolean {
    return this.netns === this.#context.netns;
  }

  /** A way out that is not through the host's own network: the host's name servers may be asked for it. */
  get mayForward(): boolean {
    return this.endpoints.some(
      ({ network, hasGateway4, hasGateway6 }) => !network.internal && !network.special && (hasGateway4 || hasGateway6),
    );
  }

  /**
   * Endpoint.sbJoin. Nothing of the endpoint stays in the sandbox when its interface could not be configured. When it is only the
   * way out that was refused (a host port that is taken), the interface stays as it is, with nobody to take it away.
   */
  join(endpoint: EngineEndpoint): EngineError | undefined {
    const { network } = endpoint;
    endpoint.sandbox = this;
    const refused = network.handler.join(endpoint);
    if (refused) {
      endpoint.sandbox = undefined;
      return refused;
    }
    if (!this.#hasIpv6) this.#context.networks.releaseIpv6(endpoint);
    if (endpoint.ipv6 === "") endpoint.gateway6 = "";
    if (endpoint.dnsNames.length > 0) network.records.add(endpoint.dnsNames, endpoint.ipv4, endpoint.ipv6);
    this.#editHosts((text) => addHosts(text, this.#ownRecords(endpoint)));
    this.#updateDns(network.enableIpv6);
    const before = selectGateways(this.endpoints);
    this.endpoints.push(endpoint);
    this.endpoints.sort(compareEndpoints);
    const failed = this.#populate(endpoint);
    if (failed !== undefined) {
      this.#abandon(endpoint);
      return new EngineError(failed, 500);
    }
    const unrouted = this.#routeBy(endpoint);
    const unreachable = unrouted === undefined ? this.#connectOutside(endpoint, before) : new EngineError(unrouted, 500);
    if (unreachable) this.#leaveBehind(endpoint);
    return unreachable;
  }

  /** Endpoint.sbLeave: the device goes back to the host, another endpoint may become the gateway. */
  leave(endpoint: EngineEndpoint): void {
    const { network } = endpoint;
    const before = selectGateways(this.endpoints);
    const moves4 = before.v4 === endpoint;
    const moves6 = before.v6 === endpoint;
    if (moves4 || moves6) network.handler.revokeConnectivity(endpoint);
    network.handler.leave(endpoint);
    removeInterface(this.netns, endpoint, this.#context.netns);
    this.endpoints.splice(this.endpoints.indexOf(endpoint), 1);
    endpoint.sandbox = undefined;
    const after = selectGateways(this.endpoints);
    if ((after.v4 && before.v4 !== after.v4) || (after.v6 && before.v6 !== after.v6)) this.#updateGateway();
    this.#editHosts((text) => deleteHosts(text, this.#ownRecords(endpoint)));
    if (!moves4 && !moves6) return;
    const noProxy6To4 = after.v6 !== undefined && after.v6 !== after.v4;
    if (after.v4) {
      const restart = before.v4 === after.v4 && (before.v6 === undefined) !== (after.v6 === undefined);
      if (restart) after.v4.network.handler.revokeConnectivity(after.v4);
      if (restart || moves4) this.#program(after.v4, noProxy6To4);
    }
    if (after.v6 && moves6 && after.v6 !== after.v4) this.#program(after.v6, false);
  }

  /** The container is gone: the server with it. Endpoints have left before. */
  delete(): void {
    this.#resolver?.stop();
    this.#resolver = undefined;
  }

  /** Reads /etc/hosts, changes it, writes it back, whoever else has edited it. */
  #editHosts(change: (text: string) => string): void {
    const { fs } = this.container;
    const text = fs.read(HOSTS);
    fs.write(HOSTS, change(typeof text === "string" ? text : ""));
  }

  editHosts(change: (text: string) => string): void {
    this.#editHosts(change);
  }

  /** The settings of --sysctl have been written: IPv6 is on when loopback has its address (IPv6LoEnabled). */
  sysctlsSet(): void {
    this.#hasIpv6 = this.netns.devices.byName("lo")?.addresses.some(({ ip }) => typeof ip === "bigint") ?? false;
    if (!this.#hasIpv6) this.#buildHosts();
  }

  /** --link: another name for another container; the file is built anew, as the daemon does. */
  addHostsEntry(record: HostsRecord): void {
    this.extraHosts.push(record);
    this.#buildHosts();
  }

  resolveName(name: string, family: 4 | 6): readonly Ip[] | undefined {
    // For a.b.c: the whole name on any network, then a.b on network c, then a on network b.c.
    let split = name.length;
    for (;;) {
      const wanted = name.slice(0, split);
      const networkName = name.slice(split + 1);
      const found = this.#lookUp(wanted, networkName, family, true) ?? this.#lookUp(wanted, networkName, family, false);
      if (found) return found;
      const dot = name.lastIndexOf(".", split - 1);
      if (dot <= 0) return undefined;
      split = dot;
    }
  }

  resolveAddress(ip: Ip): string | undefined {
    for (const { network } of this.endpoints) {
      const name = network.records.nameOf(ip);
      if (name !== undefined) return `${name}.${network.name}`;
    }
    return undefined;
  }

  #lookUp(name: string, networkName: string, family: 4 | 6, byAlias: boolean): readonly Ip[] | undefined {
    for (const { network, aliases } of this.endpoints) {
      if (networkName !== "" && networkName !== network.name) continue;
      const alias = aliases.get(name);
      if (byAlias !== (alias !== undefined)) continue;
      const asked = alias ?? name;
      const addresses = network.records.resolve(asked, family);
      if (addresses) return this.#order(addresses, () => network.records.turn(asked, family));
    }
    return undefined;
  }

  /** The engine shuffles several addresses; turn by turn each comes first once. */
  #order(addresses: readonly Ip[], turn: () => number): readonly Ip[] {
    if (addresses.length < 2) return addresses;
    if (this.#context.dnsOrder === "shuffle") return this.#context.kernel.random.shuffle([...addresses]);
    const first = turn() % addresses.length;
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }

  /** The endpoint's interface, set up in the netns; the text is why not. */
  #populate(endpoint: EngineEndpoint): string | undefined {
    if (endpoint.network.userDefined) this.#startResolver();
    const names = this.endpoints.flatMap(({ populated, device }) => (populated && device ? [device.name] : []));
    return addInterface(this.netns, endpoint, [...names, ...this.leftBehind], this.#context.netns);
  }

  /** The default routes, where the endpoint is the gateway now; the text is why not. */
  #routeBy(endpoint: EngineEndpoint): string | undefined {
    const gateways = selectGateways(this.endpoints);
    if (endpoint !== gateways.v4 && endpoint !== gateways.v6) return undefined;
    const refused = this.#updateGateway();
    return refused && `updating gateway endpoint: ${refused}`;
  }

  #connectOutside(endpoint: EngineEndpoint, before: ReturnType<typeof selectGateways>): EngineError | undefined {
    const after = selectGateways(this.endpoints);
    if (endpoint !== after.v4 && endpoint !== after.v6) return undefined;
    const split = ({ v4, v6 }: typeof before): boolean => v4 !== undefined && v6 !== undefined && v4 !== v6;
    const noProxyBefore = split(before);
    const noProxyAfter = split(after);
    const restart4 = endpoint !== after.v4 && noProxyBefore !== noProxyAfter;
    const revoked: EngineEndpoint[] = [];
    if (before.v4 && (endpoint === after.v4 || restart4)) {
      before.v4.network.handler.revokeConnectivity(before.v4);
      if (restart4) this.#program(before.v4, noProxyAfter);
      else revoked.push(before.v4);
    }
    if (endpoint === after.v6 && before.v6 && before.v6 !== before.v4) {
      before.v6.network.handler.revokeConnectivity(before.v6);
      revoked.push(before.v6);
    }
    if (endpoint.network.internal) return undefined;
    const reason = this.#program(endpoint, noProxyAfter);
    if (reason === undefined) return undefined;
    for (const former of revoked) this.#program(former, noProxyBefore);
    return new EngineError(`driver failed programming external connectivity on endpoint ${endpoint.name} (${endpoint.id}): ${reason}`, 500);
  }

  #program(endpoint: EngineEndpoint, noProxy6To4: boolean): string | undefined {
    const { container } = this;
    return endpoint.network.handler.programConnectivity(endpoint, {
      ports: container.requestedPorts,
      exposed: container.namedPorts,
      noProxy6To4,
    });
  }

  /** A join whose interface could not be set up. */
  #abandon(endpoint: EngineEndpoint): void {
    if (endpoint.device?.netns === this.netns) this.leftBehind.push(endpoint.device.name);
    this.endpoints.splice(this.endpoints.indexOf(endpoint), 1);
    this.#editHosts((text) => deleteHosts(text, this.#ownRecords(endpoint)));
    endpoint.network.handler.leave(endpoint);
    endpoint.sandbox = undefined;
  }

  /** A join without a way out: the endpoint goes, what it has put into the netns and into /etc/hosts does not. */
  #leaveBehind(endpoint: EngineEndpoint): void {
    this.endpoints.splice(this.endpoints.indexOf(endpoint), 1);
    if (endpoint.device) this.leftBehind.push(endpoint.device.name);
    endpoint.network.handler.leave(endpoint);
    endpoint.sandbox = undefined;
  }

  /** Takes the default routes away and sets those of the gateways of now; the text is the kernel's refusal. */
  #updateGateway(): string | undefined {
    const { fib } = this.netns.inet;
    for (const family of [4, 6] as const) {
      for (const route of fib.list(family)) if (route.dst.length === 0) fib.remove(route);
    }
    const { v4, v6 } = selectGateways(this.endpoints);
    if (v4?.populated) {
      const refused = this.#setDefaultRoute(4, v4, v4.gateway);
      if (refused) return `failed to set gateway: ${refused}`;
    }
    if (v6?.populated) {
      const refused = this.#setDefaultRoute(6, v6, v6.gateway6);
      if (refused) return `failed to set IPv6 gateway: ${refused}`;
    }
    return undefined;
  }

  #setDefaultRoute(family: 4 | 6, endpoint: EngineEndpoint, gateway: string): string | undefined {
    const { kernel, uid, inet } = this.netns;
    const via = gateway === "" ? undefined : parseIp(gateway);
    // As the daemon asks for it: by gateway alone, or by device alone where there is none.
    const dev = via === undefined ? endpoint.device : (inet.fib.lookup(via)?.dev ?? endpoint.device);
    const refused = inet.fib.add({
      type: "unicast",
      dst: DEFAULT_ROUTE[family],
      ...(via === undefined ? {} : { via }),
      ...(dev ? { dev } : {}),
      metric: family === 6 ? IPV6_METRIC : 0,
      table: "main",
      protocol: "boot",
      scope: via === undefined && family === 4 ? "link" : "global",
    });
    if (refused) return goErrno(refused);
    const data = { route: "default", via: gateway, dev: endpoint.device?.uid ?? 0, container: this.container.id };
    kernel.trace.event(kernel.clock.now, "route-added", uid, data);
    return undefined;
  }

  #hostsRecords(entry: string): HostsRecord[] {
    const colon = entry.indexOf(":");
    const names = entry.slice(0, colon);
    const address = entry.slice(colon + 1).replace(/^\[(.*)\]$/, "$1");
    if (address !== "host-gateway") return [{ ip: address, names }];
    return this.#context.networks.hostGateways().map((ip) => ({ ip, names }));
  }

  #ownRecords(endpoint: EngineEndpoint): HostsRecord[] {
    const names = ownNames(this.container.hostname, this.container.spec.domainname ?? "");
    return endpoint.hostsAddresses.map((ip) => ({ ip, names }));
  }

  #buildHosts(): void {
    const { fs } = this.container;
    if (this.usesHost && this.extraHosts.length === 0) {
      const text = this.#context.fs.read(HOSTS);
      fs.place(HOSTS, typeof text === "string" ? text : "");
      return;
    }
    fs.place(HOSTS, buildHosts([...this.extraHosts, ...this.endpoints.flatMap((endpoint) => this.#ownRecords(endpoint))], this.#hasIpv6));
  }

  #loadResolvConf(): ResolvConf {
    const text = this.#context.fs.read(RESOLV_CONF);
    const { dns, dnsSearch, dnsOptions } = this.container.spec;
    return new ResolvConf(typeof text === "string" ? text : "", { nameservers: dns, search: dnsSearch, options: dnsOptions });
  }

  #writeResolvConf(conf: ResolvConf): void {
    this.#writtenResolvConf = conf.generate();
    this.container.fs.place(RESOLV_CONF, this.#writtenResolvConf);
  }

  #updateDns(ipv6: boolean): void {
    if (this.#resolvConfModified()) return;
    const conf = this.#loadResolvConf();
    if (!this.usesHost) conf.transformForLegacyNetwork(ipv6);
    this.#writeResolvConf(conf);
  }

  #resolvConfModified(): boolean {
    return this.container.fs.read(RESOLV_CONF) !== this.#writtenResolvConf;
  }

  #startResolver(): void {
    if (this.#resolver || this.usesHost) return;
    const resolver = new EmbeddedDnsServer(this.netns, this.#context.netns, this, [], this.#context.pid);
    this.#resolver = resolver;
    if (!this.#resolvConfModified()) {
      const conf = this.#loadResolvConf();
      this.ndotsSet = conf.hasOption("ndots");
      resolver.external = conf.transformForEmbedded(EMBEDDED_DNS);
      // Not noted as written: from now on the file is left alone (rebuildDNS of sandbox_dns_unix.go).
      this.container.fs.place(RESOLV_CONF, conf.generate());
    }
    resolver.start();
  }
}
