/** ICMP and ICMPv6 messages as tcpdump words them (print-icmp.c, print-icmp6.c). */
import type { Ip } from "../../../../kernel/address.ts";
import { transportLength } from "../../../../kernel/wire/length.ts";
import type { IcmpMessage, IpPacket } from "../../../../kernel/wire/packet.ts";
import type { Names } from "./names.ts";

const UNREACHABLE_BY_CODE: Readonly<Record<number, (host: string, net: string) => string>> = {
  0: (_host, net) => `net ${net} unreachable`,
  1: (host) => `host ${host} unreachable`,
  5: (host) => `${host} unreachable - source route failed`,
  6: (_host, net) => `net ${net} unreachable - unknown`,
  7: (host) => `host ${host} unreachable - unknown`,
  8: (host) => `${host} unreachable - source host isolated`,
  9: (_host, net) => `net ${net} unreachable - admin prohibited`,
  10: (host) => `host ${host} unreachable - admin prohibited`,
  11: (_host, net) => `net ${net} unreachable - tos prohibited`,
  12: (host) => `host ${host} unreachable - tos prohibited`,
  13: (host) => `host ${host} unreachable - admin prohibited filter`,
};

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const REDIRECT = 5;
const ECHO_REQUEST = 8;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;

/** Addresses that the text will name besides the packet's own. */
export const namedBy = (message: IcmpMessage): readonly Ip[] => (message.original ? [message.original.dst] : []);

/** Everything after "A > B: ". */
export function printIcmp(message: IcmpMessage, names: Names, length = transportLength(message)): string {
  return `ICMP ${what(message, names)}, length ${length}`;
}

function what(message: IcmpMessage, names: Names): string {
  const { original } = message;
  switch (message.type) {
    case ECHO_REQUEST:
    case ECHO_REPLY:
      return `echo ${message.type === ECHO_REQUEST ? "request" : "reply"}, id ${message.id}, seq ${message.sequence}`;
    case UNREACHABLE: {
      if (!original) return `unreachable - #${message.code}`;
      const host = names.host(original.dst);
      const inner = original.body.kind === "fragment" ? original.body.whole : original.body;
      if (message.code === 2) return `${host} protocol ${original.protocol} unreachable`;
      if (message.code === 3 && (inner.kind === "tcp" || inner.kind === "udp")) {
        return `${host} ${inner.kind} port ${names.port(inner.dstPort, inner.kind)} unreachable`;
      }
      if (message.code === 4) return `${host} unreachable - need to frag${message.mtu ? ` (mtu ${message.mtu})` : ""}`;
      return UNREACHABLE_BY_CODE[message.code]?.(host, host) ?? `${host} unreachable - #${message.code}`;
    }
    case REDIRECT: {
      const to = message.target === undefined ? "?" : names.host(message.target);
      const about = original ? names.host(original.dst) : "?";
      return `redirect ${about} to ${message.code === 0 ? "net" : "host"} ${to}`;
    }
    case TIME_EXCEEDED:
      return message.code === 0 ? "time exceeded in-transit" : "ip reassembly time exceeded";
    case PARAMETER_PROBLEM:
      return `parameter problem - code ${message.code}`;
    default:
      return `type-#${message.type}`;
  }
}

/** ICMPv6: everything after "A > B: "; with -v it ends without its length. */
export function printIcmp6(
  packet: IpPacket,
  message: IcmpMessage,
  names: Names,
  verbose: boolean,
  length = transportLength(message),
): string {
  const text = what6(packet, message, names);
  return verbose ? `[icmp6 sum ok] ICMP6, ${text}${options6(message)}` : `ICMP6, ${text}, length ${length}`;
}

const ND_OPTION: Readonly<Record<number, string>> = { 135: "source link-address option (1)", 136: "destination link-address option (2)" };

function options6(message: IcmpMessage): string {
  const option = ND_OPTION[message.type];
  return option !== undefined && message.linkAddress !== undefined
    ? `, length ${transportLength(message)}\n\t  ${option}, length 8 (1): ${message.linkAddress}`
    : "";
}

function what6(_packet: IpPacket, message: IcmpMessage, names: Names): string {
  const { original } = message;
  switch (message.type) {
    case 1: {
      const about = original ? names.host(original.dst) : "?";
      const inner = original && (original.body.kind === "fragment" ? original.body.whole : original.body);
      if (message.code === 4 && (inner?.kind === "tcp" || inner?.kind === "udp")) {
        return `destination unreachable, unreachable port, ${about} ${inner.kind} port ${names.port(inner.dstPort, inner.kind)}`;
      }
      const why = ["unreachable route", "unreachable prohibited", "beyond scope", "unreachable address", "unreachable port"][message.code];
      return `destination unreachable, ${why ?? `unknown code (${message.code})`} ${about}`;
    }
    case 2:
      return `packet too big, mtu ${message.mtu ?? 0}`;
    case 3:
      return `time exceeded ${message.code === 0 ? "in-transit" : "in-reassembly"}${original ? ` for ${names.host(original.dst)}` : ""}`;
    case 4:
      return `parameter problem, ${["errorneous - octet 0", "next header - octet 6", "option - octet 0"][message.code] ?? `code ${message.code}`}`;
    case 128:
    case 129:
      return `echo ${message.type === 128 ? "request" : "reply"}, id ${message.id}, seq ${message.sequence}`;
    case 133:
      return "router solicitation";
    case 134:
      return "router advertisement";
    case 135:
      return `neighbor solicitation, who has ${message.target === undefined ? "?" : names.host(message.target)}`;
    case 136:
      return `neighbor advertisement, tgt is ${message.target === undefined ? "?" : names.host(message.target)}`;
    case 137:
      return `redirect, ${original ? names.host(original.dst) : "?"} to ${message.target === undefined ? "?" : names.host(message.target)}`;
    case 143:
      return "multicast listener report v2, 1 group record(s)";
    default:
      return `unknown icmp6 type (${message.type})`;
  }
}
