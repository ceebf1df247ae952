/** The chains that the daemon makes as it starts (libnetwork/drivers/bridge/internal/iptabler, libnetwork/firewall_linux.go). */
import type { Family } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Firewall } from "./program.ts";

const FILTER_CHAINS = [
  "DOCKER",
  "DOCKER-FORWARD",
  "DOCKER-BRIDGE",
  "DOCKER-CT",
  "DOCKER-ISOLATION-STAGE-1",
  "DOCKER-ISOLATION-STAGE-2",
] as const;

export function setUpChains(netns: Netns, family: Family): void {
  const firewall = new Firewall(netns);
  firewall.newChain(family, "nat", "DOCKER");
  for (const chain of FILTER_CHAINS) firewall.newChain(family, "filter", chain);
  const toLocal = ["-m", "addrtype", "--dst-type", "LOCAL", "-j", "DOCKER"];
  firewall.append({ family, table: "nat", chain: "PREROUTING", words: toLocal });
  // With the userland proxy, what the host sends to its own loopback addresses is the proxy's to relay.
  const loopback = family === 4 ? "127.0.0.0/8" : "::1/128";
  firewall.append({ family, table: "nat", chain: "OUTPUT", words: [...toLocal, "!", "--dst", loopback] });
  const jump = (chain: string, target: string): void => firewall.insert({ family, table: "filter", chain, words: ["-j", target] });
  jump("FORWARD", "DOCKER-FORWARD");
  jump("DOCKER-FORWARD", "DOCKER-BRIDGE");
  jump("DOCKER-FORWARD", "DOCKER-ISOLATION-STAGE-1");
  jump("DOCKER-FORWARD", "DOCKER-CT");
}

/** DOCKER-USER comes first in FORWARD: an administrator's rules outlast whatever the daemon does. */
export function setUpUserChain(netns: Netns, family: Family): void {
  const firewall = new Firewall(netns);
  firewall.newChain(family, "filter", "DOCKER-USER");
  firewall.insert({ family, table: "filter", chain: "FORWARD", words: ["-j", "DOCKER-USER"] });
}

/**
 * Turns forwarding on where it is off; then, and only then, what FORWARD does not accept is dropped
 * (drivers/bridge/setup_ip_forwarding.go).
 */
export function setUpForwarding(netns: Netns, family: Family): void {
  const keys = family === 4 ? ["net.ipv4.ip_forward"] : ["net.ipv6.conf.default.forwarding", "net.ipv6.conf.all.forwarding"];
  let changed = false;
  for (const key of keys) {
    if (netns.sysctl.get(key) === "1") continue;
    changed = netns.sysctl.set(key, "1") || changed;
  }
  if (changed) new Firewall(netns).policy(family, "FORWARD", "DROP");
}
