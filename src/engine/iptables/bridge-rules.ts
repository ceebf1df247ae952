/** The rules of one bridge network, its containers and their ports (libnetwork/drivers/bridge/internal/iptabler). */
import type { Family } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Firewall, type Rule, type Table } from "./program.ts";

/** What differs by family. */
export interface BridgeFamily {
  /** The subnet, "172.18.0.0/16". */
  readonly prefix: string;
  /** com.docker.network.host_ipv4: source address instead of masquerading. */
  readonly hostIp: string | undefined;
  readonly routed: boolean;
  readonly unprotected: boolean;
}

export interface BridgeRulesConfig {
  /** The bridge's name. */
  readonly name: string;
  readonly internal: boolean;
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly trustedInterfaces: readonly string[];
  readonly v4: BridgeFamily | undefined;
  readonly v6: BridgeFamily | undefined;
}

/** A published port once it has its host port: addresses without brackets; `hostPort` 0 where NAT is off. */
export interface PublishedPort {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerIp: string;
  readonly containerPort: number;
}

const familyOf = (address: string): Family => (address.includes(":") ? 6 : 4);
const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";

export class BridgeRules {
  readonly #config: BridgeRulesConfig;
  readonly #firewall: Firewall;

  constructor(netns: Netns, config: BridgeRulesConfig) {
    this.#config = config;
    this.#firewall = new Firewall(netns);
  }

  addNetwork(): void {
    this.#network("add");
  }

  removeNetwork(): void {
    this.#network("remove");
  }

  /** Nobody but the bridge's own network sends straight to a container's address. */
  addEndpoint(ipv4: string, ipv6: string): void {
    this.#endpoint(ipv4, ipv6, true);
  }

  removeEndpoint(ipv4: string, ipv6: string): void {
    this.#endpoint(ipv4, ipv6, false);
  }

  addPort(port: PublishedPort): void {
    this.#port(port, true);
  }

  removePort(port: PublishedPort): void {
    this.#port(port, false);
  }

  /** Opens a linked container's exposed port to the container that links to it, where ICC is off (ChainInfo.Link). */
  addLink(parentIp: string, childIp: string, port: number, protocol: string): void {
    for (const rule of this.#linkRules(parentIp, childIp, port, protocol)) this.#firewall.append(rule);
  }

  removeLink(parentIp: string, childIp: string, port: number, protocol: string): void {
    for (const rule of this.#linkRules(parentIp, childIp, port, protocol)) this.#firewall.delete(rule);
  }

  #linkRules(parentIp: string, childIp: string, port: number, protocol: string): Rule[] {
    const { name } = this.#config;
    const side = (from: string, to: string, way: "--dport" | "--sport"): Rule => ({
      family: 4,
      table: "filter",
      chain: "DOCKER",
      words: ["-i", name, "-o", name, "-p", protocol, "-s", from, "-d", to, way, String(port), "-j", "ACCEPT"],
    });
    return [side(parentIp, childIp, "--dport"), side(childIp, parentIp, "--sport")];
  }

  #network(change: "add" | "remove"): void {
    const { v4, v6, internal } = this.#config;
    for (const [family, settings] of [
      [4, v4],
      [6, v6],
    ] as const) {
      if (!settings) continue;
      if (internal) this.#internalNetwork(family, settings, change);
      else this.#outwardNetwork(family, settings, change);
    }
  }

  #internalNetwork(family: Family, settings: BridgeFamily, change: "add" | "remove"): void {
    const { name, icc } = this.#config;
    const firewall = this.#firewall;
    const first = change === "add" ? firewall.insert.bind(firewall) : firewall.delete.bind(firewall);
    const last = change === "add" ? firewall.append.bind(firewall) : firewall.delete.bind(firewall);
    const stage = (words: readonly string[]): Rule => ({ family, table: "filter", chain: "DOCKER-ISOLATION-STAGE-1", words });
    const notIn = family === 6 ? ["!", "-o", name] : [];
    const notOut = family === 6 ? ["!", "-i", name] : [];
    first(stage(["-i", name, ...notIn, "!", "-d", settings.prefix, "-j", "DROP"]));
    first(stage([...notOut, "-o", name, "!", "-s", settings.prefix, "-j", "DROP"]));
    last({ family, table: "filter", chain: "DOCKER-FORWARD", words: ["-i", name, "-o", name, "-j", icc ? "ACCEPT" : "DROP"] });
  }

  #outwardNetwork(family: Family, settings: BridgeFamily, change: "add" | "remove"): void {
    const { name, icc, masquerade } = this.#config;
    const firewall = this.#firewall;
    const first = change === "add" ? firewall.insert.bind(firewall) : firewall.delete.bind(firewall);
    const last = change === "add" ? firewall.append.bind(firewall) : firewall.delete.bind(firewall);
    const rule = (table: Table, chain: string, ...words: string[]): Rule => ({ family, table, chain, words });

    if (masquerade) {
      if (!settings.routed) {
        const target = settings.hostIp ? ["SNAT", "--to-source", settings.hostIp] : ["MASQUERADE"];
        first(rule("nat", "POSTROUTING", "-s", settings.prefix, "!", "-o", name, "-j", ...target));
      }
      // What comes from this network leaves published ports to the userland proxy.
      first(rule("nat", "DOCKER", "-i", name, "-j", "RETURN"));
    }
    if (!icc) last(rule("filter", "DOCKER-FORWARD", "-i", name, "-o", name, "-j", "DROP"));
    if (settings.routed) last(rule("filter", "DOCKER", "-o", name, "-p", family === 4 ? "icmp" : "icmpv6", "-j", "ACCEPT"));
    last(rule("filter", "DOCKER-FORWARD", "-i", name, ...(icc ? [] : ["!", "-o", name]), "-j", "ACCEPT"));
    last(rule("filter", "DOCKER", "!", "-i", name, "-o", name, "-j", settings.unprotected ? "ACCEPT" : "DROP"));
    last(rule("filter", "DOCKER-CT", "-o", name, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"));
    last(rule("filter", "DOCKER-BRIDGE", "-o", name, "-j", "DOCKER"));
    const stage1 = "DOCKER-ISOLATION-STAGE-1";
    if (settings.routed) {
      first(rule("filter", stage1, "-o", name, "-j", "RETURN"));
      first(rule("filter", stage1, "-i", name, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"));
    }
    last(rule("filter", stage1, "-i", name, "!", "-o", name, "-j", "DOCKER-ISOLATION-STAGE-2"));
    first(rule("filter", "DOCKER-ISOLATION-STAGE-2", "-o", name, "-j", "DROP"));
  }

  #endpoint(ipv4: string, ipv6: string, add: boolean): void {
    const { name, internal, trustedInterfaces, v4, v6 } = this.#config;
    if (internal) return;
    for (const [family, address, settings] of [
      [4, ipv4, v4],
      [6, ipv6, v6],
    ] as const) {
      if (address === "" || !settings || settings.routed || settings.unprotected) continue;
      const words = trustedInterfaces.map((trusted) => ["-d", address, "-i", trusted, "-j", "ACCEPT"]);
      words.push(["-d", address, "!", "-i", name, "-j", "DROP"]);
      for (const each of words) this.#change({ family, table: "raw", chain: "PREROUTING", words: each }, add);
    }
  }

  #port(port: PublishedPort, add: boolean): void {
    const { name, internal, v4, v6 } = this.#config;
    if (internal) return;
    const { protocol, hostIp, containerIp } = port;
    const family = familyOf(containerIp);
    if (port.hostPort !== 0 && hostIp.startsWith("127.")) {
      const words = ["-p", protocol, "-d", hostIp, "--dport", String(port.hostPort), "!", "-i", "lo", "-j", "DROP"];
      this.#change({ family: 4, table: "raw", chain: "PREROUTING", words }, add);
    }
    // From a host IPv6 address to a container with IPv4 only: docker-proxy does it all.
    if (family !== familyOf(hostIp)) return;
    if (port.hostPort !== 0) {
      const target = `${family === 6 ? `[${containerIp}]` : containerIp}:${port.containerPort}`;
      const words = ["-p", protocol, "--dport", String(port.hostPort), "-j", "DNAT"];
      if (!isAny(hostIp)) words.push("-d", hostIp);
      words.push("--to-destination", target, "!", "-i", name);
      if (family === 6) words.push("!", "-s", "fe80::/10");
      this.#change({ family, table: "nat", chain: "DOCKER", words }, add);
    }
    if ((family === 4 ? v4 : v6)?.unprotected) return;
    const words = ["!", "-i", name, "-o", name, "-p", protocol, "-d", containerIp, "--dport", String(port.containerPort), "-j", "ACCEPT"];
    const open: Rule = { family, table: "filter", chain: "DOCKER", words };
    // A port that is published on several addresses is opened once.
    if (add) this.#firewall.insertUnlessThere(open);
    else this.#firewall.delete(open);
  }

  #change(rule: Rule, add: boolean): void {
    if (add) this.#firewall.append(rule);
    else this.#firewall.delete(rule);
  }
}
