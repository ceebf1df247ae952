/** `-j TCPMSS`, `TTL`, `HL`, `TOS` and `DSCP`: change header fields on the way (libxt_*, libipt_TTL, libip6t_HL). */
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from "../../wire/length.ts";
import { type IpPacket, PROTO_TCP, TCP_SYN } from "../../wire/packet.ts";
import { numberOption, once, refuse, required, type Target, type TargetExtension } from "../extension.ts";
import type { PacketView } from "../view.ts";
import { parseDscp, parseTos } from "./match-header.ts";

const TCP_HEADER_LENGTH = 20;

/** The MSS that fits the way: the smaller MTU of route out and device in (tcpmss_reverse_mtu of xt_TCPMSS.c). */
function fittingMss({ outdev, indev, packet }: PacketView): number {
  const mtu = Math.min(outdev?.mtu ?? 65535, indev?.mtu ?? 65535);
  return mtu - (typeof packet.src === "number" ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH) - TCP_HEADER_LENGTH;
}

export const TCPMSS: TargetExtension = {
  options: { "set-mss": 1, "clamp-mss-to-pmtu": 0 },
  build(uses): Target {
    const set = once("TCPMSS", uses, "set-mss");
    const clamp = once("TCPMSS", uses, "clamp-mss-to-pmtu");
    if (!set && !clamp) refuse("TCPMSS target: At least one parameter is required");
    if (set && clamp) refuse('TCPMSS: option "--clamp-mss-to-pmtu" cannot be used together with "--set-mss".\n');
    const fixed = set && numberOption("TCPMSS", set, 65535);
    return {
      text: fixed === undefined ? "--clamp-mss-to-pmtu" : `--set-mss ${fixed}`,
      print: () => (fixed === undefined ? "TCPMSS clamp to PMTU" : `TCPMSS set ${fixed}`),
      protocols: [PROTO_TCP],
      // The MTU of the way is only known once there is a route out.
      ...(clamp ? { chains: ["FORWARD", "OUTPUT", "POSTROUTING"] } : {}),
      told: true,
      run(view) {
        const { body } = view.packet;
        if (body.kind !== "tcp" || !(body.flags & TCP_SYN)) return "continue";
        const wanted = fixed ?? fittingMss(view);
        // Never raised: only lowered, or given where the segment has none (RFC 879's 536 is the default then).
        const mss = Math.min(body.mss ?? 536, wanted);
        if (mss !== body.mss) view.replace({ ...view.packet, body: { ...body, mss } });
        return "continue";
      },
    };
  },
};

const change = (view: PacketView, fields: Partial<Pick<IpPacket, "ttl" | "tos">>): "continue" => {
  view.replace({ ...view.packet, ...fields });
  return "continue";
};

const hopTarget = (family: 4 | 6, name: string, prefix: string): TargetExtension => ({
  options: { [`${prefix}-set`]: 1, [`${prefix}-inc`]: 1, [`${prefix}-dec`]: 1 },
  family,
  build(uses): Target {
    const [use, second] = uses;
    if (!use) refuse(`${name}: You must specify an action`);
    if (second) refuse(`${name}: option "--${second.name}" cannot be used together with "--${use.name}".\n`);
    const kind = use.name.slice(-3);
    const value = numberOption(name, use, 255, kind === "set" ? 0 : 1);
    const words = kind === "set" ? "set to" : kind === "inc" ? "increment by" : "decrement by";
    return {
      text: `--${use.name} ${value}`,
      print: () => `${name} ${words} ${value}`,
      tables: ["mangle"],
      told: true,
      run(view) {
        const { ttl } = view.packet;
        const next = kind === "set" ? value : kind === "inc" ? Math.min(255, ttl + value) : Math.max(0, ttl - value);
        return next === ttl ? "continue" : change(view, { ttl: next });
      },
    };
  },
});

export const TTL = hopTarget(4, "TTL", "ttl");
export const HL = hopTarget(6, "HL", "hl");

const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;

export const TOS: TargetExtension = {
  options: { "set-tos": 1 },
  build(uses): Target {
    const { value, mask } = parseTos("TOS", required("TOS", uses, "set-tos"));
    const shown = `${hexByte(value)}/${hexByte(mask)}`;
    return {
      text: `--set-tos ${shown}`,
      print: () => `TOS set ${shown}`,
      tables: ["mangle"],
      told: true,
      run: (view) => change(view, { tos: (view.packet.tos & ~mask) ^ value }),
    };
  },
};

export const DSCP: TargetExtension = {
  options: { "set-dscp": 1, "set-dscp-class": 1 },
  build(uses): Target {
    const { value } = parseDscp("DSCP", uses, "set-");
    return {
      text: `--set-dscp ${hexByte(value)}`,
      print: () => `DSCP set ${hexByte(value)}`,
      tables: ["mangle"],
      told: true,
      run: (view) => change(view, { tos: (view.packet.tos & 3) | (value << 2) }),
    };
  },
};
