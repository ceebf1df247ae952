/** `-j LOG`: a line in the kernel log (net/netfilter/nf_log_syslog.c). */
import { formatIp } from "../../address.ts";
import { ipLength, transportLength } from "../../wire/length.ts";
import { ETH_IPV4, ETH_IPV6, type IpPacket, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type Transport } from "../../wire/packet.ts";
import { once, parseNumber, refuse, saveString, type TargetExtension } from "../extension.ts";
import { wholeBody } from "../tuple.ts";
import type { PacketView } from "../view.ts";

/** syslog levels by number (LOG --log-level). */
const LOG_LEVELS = ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"] as const;

/** Room for the prefix, less the final zero (struct xt_log_info). */
const PREFIX_LENGTH = 29;
const DEFAULT_LEVEL = 4;

/** In the order in which iptables prints them; the bit of each is XT_LOG_*. */
const FLAGS: readonly (readonly [option: string, bit: number, word: string])[] = [
  ["log-tcp-sequence", 1, "tcp-sequence"],
  ["log-tcp-options", 2, "tcp-options"],
  ["log-ip-options", 4, "ip-options"],
  ["log-uid", 8, "uid"],
  ["log-macdecode", 32, "macdecode"],
];

const TCP_WORDS: readonly (readonly [number, string])[] = [
  [TCP_ACK, "ACK"],
  [TCP_PSH, "PSH"],
  [TCP_RST, "RST"],
  [TCP_SYN, "SYN"],
  [TCP_FIN, "FIN"],
];

const hexByte = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;

function describeBody(packet: IpPacket, body: Transport, sequence: boolean): string {
  switch (body.kind) {
    case "tcp": {
      const numbers = sequence ? `SEQ=${body.seq} ACK=${body.ack} ` : "";
      const flags = TCP_WORDS.filter(([bit]) => body.flags & bit).map(([, word]) => `${word} `);
      return `PROTO=TCP SPT=${body.srcPort} DPT=${body.dstPort} ${numbers}WINDOW=${body.window} RES=0x00 ${flags.join("")}URGP=0 `;
    }
    case "udp":
      return `PROTO=UDP SPT=${body.srcPort} DPT=${body.dstPort} LEN=${transportLength(body)} `;
    case "icmp": {
      const echo = body.type === 8 || body.type === 0 || body.type === 128 || body.type === 129;
      const rest = body.original ? `[${describeIp(body.original, false)}] ` : echo ? `ID=${body.id} SEQ=${body.sequence} ` : "";
      return `PROTO=${typeof packet.src === "number" ? "ICMP" : "ICMPv6"} TYPE=${body.type} CODE=${body.code} ${rest}${body.mtu === undefined ? "" : `MTU=${body.mtu} `}`;
    }
    default:
      return `PROTO=${packet.protocol} `;
  }
}

/** Address and header fields of a packet, as dump_ipv4_packet() and dump_ipv6_packet() write them. */
function describeIp(packet: IpPacket, sequence: boolean): string {
  const head = `SRC=${longIp(packet.src)} DST=${longIp(packet.dst)} LEN=${ipLength(packet)} `;
  const body = describeBody(packet, wholeBody(packet.body), sequence);
  if (typeof packet.src === "bigint") return `${head}TC=${packet.tos} HOPLIMIT=${packet.ttl} FLOWLBL=0 ${body}`;
  const fragment = packet.body.kind === "fragment" ? packet.body : undefined;
  const flags = `${packet.df ? "DF " : ""}${fragment?.more ? "MF " : ""}${fragment?.offset ? `FRAG:${fragment.offset >> 3} ` : ""}`;
  return `${head}TOS=${hexByte(packet.tos & 0x1e)} PREC=${hexByte(packet.tos & 0xe0)} TTL=${packet.ttl} ID=${packet.id} ${flags}${body}`;
}

/** The kernel's log writes IPv6 addresses with all their digits (%pI6). */
function longIp(ip: number | bigint): string {
  if (typeof ip === "number") return formatIp(ip);
  return (ip.toString(16).padStart(32, "0").match(/.{4}/g) as string[]).join(":");
}

function logText({ skb, packet, indev, outdev, inName, outName }: PacketView, prefix: string, flags: number): string {
  const ports = `${skb.physIn ? `PHYSIN=${skb.physIn.name} ` : ""}${skb.physOut ? `PHYSOUT=${skb.physOut.name} ` : ""}`;
  const type = typeof packet.src === "number" ? ETH_IPV4 : ETH_IPV6;
  let mac = "";
  if (indev && !outdev && skb.eth) {
    const { src, dst } = skb.eth;
    const protocol = type.toString(16).padStart(4, "0");
    mac =
      flags & 32 ? `MACSRC=${src} MACDST=${dst} MACPROTO=${protocol} ` : `MAC=${dst}:${src}:${protocol.slice(0, 2)}:${protocol.slice(2)} `;
  } else if (indev && skb.eth && indev.isEthernet) {
    const { src, dst } = skb.eth;
    mac = `MAC=${dst}:${src}:${type === ETH_IPV4 ? "08:00" : "86:dd"} `;
  } else if (indev) mac = "MAC= ";
  const uid = flags & 8 && !indev ? "UID=0 GID=0 " : "";
  const mark = skb.mark ? `MARK=0x${skb.mark.toString(16)} ` : "";
  return `${prefix}IN=${inName} OUT=${outName} ${ports}${mac}${describeIp(packet, (flags & 1) !== 0)}${uid}${mark}`;
}

export const LOG: TargetExtension = {
  options: { "log-level": 1, "log-prefix": 1, ...Object.fromEntries(FLAGS.map(([option]) => [option, 0 as const])) },
  build(uses) {
    const levelUse = once("LOG", uses, "log-level");
    const wanted = levelUse?.value.toLowerCase();
    const alias: Readonly<Record<string, string>> = { panic: "emerg", err: "error", warning: "warn" };
    const level =
      wanted === undefined ? DEFAULT_LEVEL : (parseNumber(wanted, 7) ?? LOG_LEVELS.findIndex((name) => name === (alias[wanted] ?? wanted)));
    if (level < 0) refuse(`log level "${levelUse?.value}" unknown\n`);
    const prefixUse = once("LOG", uses, "log-prefix");
    if (prefixUse?.value.includes("\n")) refuse("LOG: newlines not allowed in --log-prefix");
    const prefix = prefixUse?.value.slice(0, PREFIX_LENGTH) ?? "";
    const chosen = FLAGS.filter(([option]) => uses.some((use) => use.name === option));
    const flags = chosen.reduce((all, [, bit]) => all | bit, 0);
    return {
      text: [
        ...(prefix ? [`--log-prefix ${saveString(prefix)}`] : []),
        ...(level !== DEFAULT_LEVEL ? [`--log-level ${level}`] : []),
        ...chosen.map(([option]) => `--${option}`),
      ].join(" "),
      print: (numeric) =>
        [
          "LOG",
          ...(numeric ? [`flags ${flags} level ${level}`] : [`level ${LOG_LEVELS[level]}`, ...chosen.map(([, , word]) => word)]),
          ...(prefix ? [`prefix "${prefix}"`] : []),
        ].join(" "),
      told: true,
      run(view) {
        view.netns.netfilter.logLine(logText(view, prefix, flags));
        return "continue";
      },
    };
  },
};
