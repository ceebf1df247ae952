/** `-m physdev`, `-m pkttype` and `-m owner`: bridge ports, how a frame was addressed, whose socket sent it (libxt_*). */
import { BROADCAST_MAC, isGroupMac, isMulticast, LIMITED_BROADCAST } from "../../address.ts";
import { bang, type Match, type MatchExtension, once, parseNumber, refuse, required } from "../extension.ts";
import { matchesName } from "../rule.ts";
import type { PacketView } from "../view.ts";

const PHYSDEV: readonly (readonly [string, (view: PacketView, value: string) => boolean])[] = [
  ["physdev-is-in", ({ skb }) => skb.physIn !== undefined],
  ["physdev-in", ({ skb }, value) => matchesName(value, skb.physIn?.name ?? "")],
  ["physdev-is-out", ({ skb }) => skb.physOut !== undefined],
  ["physdev-out", ({ skb }, value) => matchesName(value, skb.physOut?.name ?? "")],
  ["physdev-is-bridged", ({ skb }) => skb.physIn !== undefined && skb.physOut !== undefined],
];

export const physdev: MatchExtension = {
  options: { "physdev-in": 1, "physdev-out": 1, "physdev-is-in": 0, "physdev-is-out": 0, "physdev-is-bridged": 0 },
  build(uses): Match {
    if (uses.length === 0) refuse("PHYSDEV: no physdev option specified");
    const parts = PHYSDEV.flatMap(([name, test]) => {
      const use = once("physdev", uses, name);
      return use ? [{ use, test }] : [];
    });
    const text = parts.map(({ use }) => `${bang(use)}--${use.name}${use.value ? ` ${use.value}` : ""}`).join(" ");
    return {
      text,
      print: () => `PHYSDEV match ${text}`,
      test: (view) => parts.every(({ use, test }) => test(view, use.value) !== use.invert),
    };
  },
};

const PACKET_TYPES = ["unicast", "broadcast", "multicast"] as const;

function packetType({ skb, packet, indev }: PacketView): (typeof PACKET_TYPES)[number] {
  const to = skb.eth?.dst;
  if (indev && to !== undefined) {
    if (to === BROADCAST_MAC) return "broadcast";
    return isGroupMac(to) ? "multicast" : "unicast";
  }
  // Without a frame (loopback, own packets) xt_pkttype goes by the address.
  if (isMulticast(packet.dst)) return "multicast";
  return packet.dst === LIMITED_BROADCAST ? "broadcast" : "unicast";
}

export const pkttype: MatchExtension = {
  options: { "pkt-type": 1 },
  build(uses) {
    const use = required("pkttype", uses, "pkt-type");
    const wanted = PACKET_TYPES.find((name) => name === use.value.toLowerCase()) ?? refuse(`Bad packet type '${use.value}'`);
    return {
      text: `${bang(use)}--pkt-type ${wanted}`,
      print: () => `PKTTYPE ${use.invert ? "!=" : "="} ${wanted}`,
      test: (view) => (packetType(view) === wanted) !== use.invert,
    };
  },
};

const USERS: ReadonlyMap<string, number> = new Map([
  ["root", 0],
  ["daemon", 1],
  ["bin", 2],
  ["sys", 3],
  ["www-data", 33],
  ["nobody", 65534],
]);
const GROUPS: ReadonlyMap<string, number> = new Map([
  ["root", 0],
  ["daemon", 1],
  ["bin", 2],
  ["sys", 3],
  ["adm", 4],
  ["tty", 5],
  ["disk", 6],
  ["www-data", 33],
  ["nogroup", 65534],
]);

interface Ids {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
  readonly option: string;
  readonly label: string;
  readonly names: ReadonlyMap<string, number>;
}

/** Every socket of this model is root's; a packet that the kernel itself sends has none. */
export const owner: MatchExtension = {
  options: { "uid-owner": 1, "gid-owner": 1, "socket-exists": 0 },
  build(uses): Match {
    const ids: Ids[] = [];
    for (const [option, label, names] of [
      ["uid-owner", "owner UID match", USERS],
      ["gid-owner", "owner GID match", GROUPS],
    ] as const) {
      const use = once("owner", uses, option);
      if (!use) continue;
      const [low, high] = use.value.split("-") as [string, string?];
      const bad = (): never => refuse(`owner: Bad value for "--${option}" option: "${use.value}"`);
      const min = names.get(use.value) ?? parseNumber(low, 0xfffffffe) ?? bad();
      const max = high === undefined || names.has(use.value) ? min : (parseNumber(high, 0xfffffffe) ?? bad());
      ids.push({ min, max, invert: use.invert, option, label, names });
    }
    const socket = once("owner", uses, "socket-exists");
    if (!socket && ids.length === 0) refuse("owner: At least one of --uid-owner, --gid-owner or --socket-exists is required");
    const range = (id: Ids): string => (id.min === id.max ? String(id.min) : `${id.min}-${id.max}`);
    const named = (id: Ids): string =>
      id.min === id.max ? ([...id.names].find(([, number]) => number === id.min)?.[0] ?? String(id.min)) : range(id);
    return {
      text: [...(socket ? [`${bang(socket)}--socket-exists`] : []), ...ids.map((id) => `${bang(id)}--${id.option} ${range(id)}`)].join(" "),
      print: (numeric) =>
        [
          ...(socket ? [`${bang(socket)}owner socket exists`] : []),
          ...ids.map((id) => `${bang(id)}${id.label} ${numeric ? range(id) : named(id)}`),
        ].join(" "),
      test: ({ indev }) => indev === undefined && !socket?.invert && ids.every((id) => (id.min <= 0 && id.max >= 0) !== id.invert),
      invalidFor: (chains) => chains.has("INPUT") || chains.has("FORWARD") || chains.has("PREROUTING"),
    };
  },
};
