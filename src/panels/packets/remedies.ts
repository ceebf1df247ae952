/**
 * What would help a packet that ended: a sentence and, where one is known, the very line. Read from the hop that ended it and
 * the picture: nothing that has been done already; it proposes, the kernel decides. Pure.
 */
import type { ContainerView, NetworkView } from "../../engine/types.ts";
import type { RemedyKey } from "../../i18n/remedies.ts";
import { formatIp } from "../../kernel/address.ts";
import type { Decision, DeviceView, Hop } from "../../kernel/trace.ts";
import type { NetworkPacket } from "../../kernel/wire/packet.ts";
import type { Picture } from "../../session/picture.ts";
import { quote } from "../add/words.ts";

export interface Remedy {
  readonly key: RemedyKey;
  readonly words: Readonly<Record<string, string>>;
  readonly line?: string;
  /** Uid of the netns in which the line has to act; undefined: on the Docker host. */
  readonly netns?: number;
}

type Endpoint = ContainerView["endpoints"][number];
interface Holder {
  readonly container: ContainerView;
  readonly endpoint: Endpoint;
}

export function remedyOf(hop: Hop, picture: Picture): Remedy | undefined {
  if (hop.verdict === "deliver") return nameRemedy(hop, picture);
  const { decision } = hop;
  const dev = picture.devices.get(hop.device)?.name ?? "";
  switch (hop.reason) {
    case "netfilter-rule":
      return decision?.by === "rule" ? ruleRemedy(hop, decision, picture) : undefined;
    case "netfilter-policy":
      if (decision?.by !== "policy") return undefined;
      return {
        key: "cure.policy",
        words: { chain: decision.chain },
        line: `${toolOf(decision.family)} -P ${decision.chain} ACCEPT`,
        netns: hop.netns,
      };
    case "neighbour-failed":
    case "macvlan-host-isolation":
      return neighbourRemedy(hop, picture);
    case "no-route":
      return routeRemedy(hop, picture);
    case "blackhole-route":
    case "unreachable-route":
    case "prohibit-route":
      return decision?.by === "route" && /^(blackhole|unreachable|prohibit) /.test(decision.route)
        ? { key: "cure.route", words: {}, line: `ip route del ${decision.route.split(" ").slice(0, 2).join(" ")}`, netns: hop.netns }
        : undefined;
    case "device-down":
      return dev ? { key: "cure.up", words: { dev }, line: `ip link set ${dev} up`, netns: hop.netns } : undefined;
    case "no-carrier":
    case "peer-missing":
      return cableRemedy(hop, picture);
    case "not-local-no-forwarding":
      return { key: "cure.forward", words: {}, line: "sysctl -w net.ipv4.ip_forward=1", netns: hop.netns };
    case "reverse-path-filter":
      return dev
        ? {
            key: "cure.filter",
            words: { dev },
            line: `sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${dev}.rp_filter=0`,
            netns: hop.netns,
          }
        : undefined;
    case "netem-loss":
      return dev ? { key: "cure.netem", words: { dev }, line: `tc qdisc del dev ${dev} root`, netns: hop.netns } : undefined;
    case "no-socket":
    case "port-unreachable":
      return { key: "cure.listen", words: {}, line: "ss -tuln", netns: hop.netns };
    case "ttl-exceeded":
      return { key: "cure.ttl", words: {} };
    case "too-big":
      return { key: "cure.mtu", words: { dev } };
    default:
      return undefined;
  }
}

const toolOf = (family: 4 | 6): string => (family === 6 ? "ip6tables" : "iptables");

const ends = (packet: NetworkPacket): readonly [from: string, to: string] =>
  packet.kind === "arp" ? [formatIp(packet.senderIp), formatIp(packet.targetIp)] : [formatIp(packet.src), formatIp(packet.dst)];

/** Whose address it is. */
function holderOf(ip: string, picture: Picture): Holder | undefined {
  for (const container of picture.containers.values())
    for (const endpoint of container.endpoints)
      if (endpoint.ipv4.split("/")[0] === ip || endpoint.ipv6.split("/")[0] === ip) return { container, endpoint };
  return undefined;
}

/** The container that a netns was made for. */
function ownerOf(netns: number, picture: Picture): ContainerView | undefined {
  for (const one of picture.containers.values()) if (one.netns === netns && !one.sharesWith && one.networkMode !== "host") return one;
  return undefined;
}

const connect = (network: string, container: string): string => `docker network connect ${quote(network)} ${quote(container)}`;

const connectTo = (network: string, container: string, key: RemedyKey): Remedy => ({
  key,
  words: { network, container },
  line: connect(network, container),
});

const isOn = (network: string, container: ContainerView): boolean =>
  container.endpoints.some((endpoint) => endpoint.networkName === network);

function ruleRemedy(hop: Hop, rule: Extract<Decision, { by: "rule" }>, picture: Picture): Remedy | undefined {
  const isDockers = rule.chain !== "DOCKER-USER" && (rule.chain.startsWith("DOCKER") || isDirectAccess(rule));
  if (!isDockers)
    return {
      key: "cure.rule",
      words: {},
      line: `${toolOf(rule.family)} -t ${rule.table} -D ${rule.chain} ${rule.number}`,
      netns: hop.netns,
    };
  const [from, to] = ends(hop.before);
  const source = holderOf(from, picture);
  const target = holderOf(to, picture);
  if (source && target && isOn(target.endpoint.networkName, source.container)) return undefined;
  if (source && target) return connectTo(target.endpoint.networkName, source.container.name, "cure.connect");
  if (target) return { key: "cure.publish", words: { container: target.container.name } };
  if (source && picture.networks.get(source.endpoint.network)?.internal)
    return internalRemedy(source.endpoint.networkName, source.container);
  return undefined;
}

/** Docker's rules against reaching a container's address by another interface than its bridge. */
const isDirectAccess = (rule: Extract<Decision, { by: "rule" }>): boolean =>
  rule.table === "raw" && rule.chain === "PREROUTING" && / ! -i (br-|docker0)/.test(rule.rule);

const internalRemedy = (network: string, container: ContainerView): Remedy => ({
  key: "cure.internal",
  words: { network, container: container.name },
  line: connect("bridge", container.name),
});

const passesTheHostBy = (network: NetworkView | undefined): boolean => network?.driver === "macvlan" || network?.driver === "ipvlan";

function neighbourRemedy(hop: Hop, picture: Picture): Remedy | undefined {
  const [from, to] = ends(hop.before);
  const owner = ownerOf(hop.netns, picture) ?? holderOf(from, picture)?.container;
  const target = holderOf(to, picture);
  const isHosts = (ip: string): boolean =>
    [...picture.devices.values()].some(
      (device) =>
        picture.netns.get(device.netns)?.initial &&
        device.addresses.some((address) => address.split("/")[0] === ip) &&
        hasChildren(device.uid, picture),
    );
  const through = owner?.endpoints.find((endpoint) => passesTheHostBy(picture.networks.get(endpoint.network)));
  if (owner && through && isHosts(to)) {
    const bridge = [...picture.networks.values()].find((network) => network.name === "bridge");
    const gateway = bridge?.pools[0]?.gateway ?? "";
    return { key: "cure.child", words: { container: owner.name, dst: to, gateway }, line: connect("bridge", owner.name) };
  }
  if (!owner && target && passesTheHostBy(picture.networks.get(target.endpoint.network)))
    return { key: "cure.parent", words: { container: target.container.name } };
  const cables = [owner?.endpoints.find((endpoint) => endpoint.device === hop.device), target?.endpoint];
  for (const cable of cables) {
    const cure = cable && plugRemedy(cable, picture);
    if (cure) return cure;
  }
  const network = cables[0]?.networkName;
  return network
    ? { key: "cure.neighbour", words: { dst: to, network }, line: `docker network inspect ${quote(network)}` }
    : { key: "cure.nobody", words: { dst: to } };
}

/** An end of an endpoint's cable that is down, or not plugged into its bridge. */
function plugRemedy({ device, hostDevice, network }: Endpoint, picture: Picture): Remedy | undefined {
  for (const uid of [hostDevice, device]) {
    const end = picture.devices.get(uid);
    if (end && !end.up) return upRemedy(end);
  }
  const end = picture.devices.get(hostDevice);
  const bridge = picture.devices.get(picture.networks.get(network)?.device ?? 0);
  if (!end || !bridge || end.master === bridge.uid) return undefined;
  return {
    key: "cure.plug",
    words: { dev: end.name, bridge: bridge.name },
    line: `ip link set ${end.name} master ${bridge.name}`,
    netns: end.netns,
  };
}

const upRemedy = (device: DeviceView): Remedy => ({
  key: "cure.up",
  words: { dev: device.name },
  line: `ip link set ${device.name} up`,
  netns: device.netns,
});

/** Whether macvlan or ipvlan networks sit on a device. */
function hasChildren(uid: number, picture: Picture): boolean {
  for (const network of picture.networks.values()) if (network.device === uid && passesTheHostBy(network)) return true;
  return false;
}

function routeRemedy(hop: Hop, picture: Picture): Remedy | undefined {
  const owner = ownerOf(hop.netns, picture);
  if (!owner) return { key: "cure.noRoute", words: {} };
  if (owner.endpoints.length === 0)
    return owner.networkMode === "none"
      ? {
          key: "cure.none",
          words: { container: owner.name },
          line: `docker network disconnect none ${quote(owner.name)} && ${connect("bridge", owner.name)}`,
        }
      : connectTo("bridge", owner.name, "cure.unplugged");
  const inner = owner.endpoints.find((endpoint) => picture.networks.get(endpoint.network)?.internal);
  return inner ? internalRemedy(inner.networkName, owner) : { key: "cure.noRoute", words: {} };
}

/** A cable without a carrier: the end that is down is brought up. */
function cableRemedy(hop: Hop, picture: Picture): Remedy | undefined {
  const peer = picture.devices.get(picture.devices.get(hop.device)?.peer ?? 0);
  if (peer && !peer.up) return upRemedy(peer);
  return { key: "cure.cable", words: {} };
}

/** A name that nobody knows, though a container is called so: it is answered for on user-defined networks alone, to those on them. */
function nameRemedy(hop: Hop, picture: Picture): Remedy | undefined {
  const { before } = hop;
  if (before.kind !== "ip" || before.body.kind !== "udp" || before.body.payload.kind !== "dns") return undefined;
  const { message } = before.body.payload;
  const asker = ownerOf(hop.netns, picture);
  if (!message.response || message.status !== "NXDOMAIN" || !asker) return undefined;
  const name = message.question.name.replace(/\.$/, "");
  const named = [...picture.containers.values()].find(
    (one) => one.id !== asker.id && (one.name === name || one.endpoints.some((endpoint) => endpoint.aliases.includes(name))),
  );
  if (!named) return undefined;
  if (asker.endpoints.some((one) => isOn(one.networkName, named) && picture.networks.get(one.network)?.predefined === false))
    return undefined;
  const words = { name, container: asker.name };
  const answers = (one: ContainerView): Endpoint | undefined =>
    one.endpoints.find((endpoint) => picture.networks.get(endpoint.network)?.predefined === false);
  const theirs = answers(named);
  if (theirs) return { key: "cure.name", words: { ...words, network: theirs.networkName }, line: connect(theirs.networkName, asker.name) };
  const own = answers(asker);
  if (own) return { key: "cure.name", words: { ...words, network: own.networkName }, line: connect(own.networkName, named.name) };
  return {
    key: "cure.noNames",
    words,
    line: `docker network create names && ${connect("names", asker.name)} && ${connect("names", named.name)}`,
  };
}
