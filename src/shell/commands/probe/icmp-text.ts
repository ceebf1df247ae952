/** ICMP errors in the words of iputils (ping/ping.c pr_icmph, ping/ping6_common.c print_icmp). */
import { formatIp } from "../../../kernel/address.ts";
import type { IcmpMessage, IpPacket, Transport } from "../../../kernel/wire/packet.ts";

const UNREACHABLE: readonly (string | undefined)[] = [
  "Destination Net Unreachable",
  "Destination Host Unreachable",
  "Destination Protocol Unreachable",
  "Destination Port Unreachable",
  undefined,
  "Source Route Failed",
  "Destination Net Unknown",
  "Destination Host Unknown",
  "Source Host Isolated",
  "Destination Net Prohibited",
  "Destination Host Prohibited",
  "Destination Net Unreachable for Type of Service",
  "Destination Host Unreachable for Type of Service",
  "Packet filtered",
  "Precedence Violation",
  "Precedence Cutoff",
];

const REDIRECTS: readonly string[] = [
  "Redirect Network",
  "Redirect Host",
  "Redirect Type of Service and Network",
  "Redirect Type of Service and Host",
];

const UNREACHABLE6: readonly string[] = [
  "No route",
  "Administratively prohibited",
  "Beyond scope of source address",
  "Address unreachable",
  "Port unreachable",
  "Source address failed ingress/egress policy",
  "Reject route to destination",
];

/** "Destination Host Unreachable", "Time to live exceeded", "Frag needed and DF set (mtu = 1400)" … */
export function icmpText(message: IcmpMessage): string {
  const { type, code } = message;
  switch (type) {
    case 3:
      if (code === 4) return `Frag needed and DF set (mtu = ${message.mtu ?? 0})`;
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case 5: {
      const text = REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`;
      return message.target === undefined ? text : `${text}(New nexthop: ${formatIp(message.target)})`;
    }
    case 11:
      return code === 0 ? "Time to live exceeded" : code === 1 ? "Frag reassembly time exceeded" : `Time exceeded, Bad Code: ${code}`;
    case 12:
      return "Parameter problem: pointer = 0";
    default:
      return `Bad ICMP type: ${type}`;
  }
}

/** "Destination unreachable: No route", "Packet too big: mtu=1400", "Time exceeded: Hop limit" … */
export function icmp6Text(message: IcmpMessage): string {
  const { type, code } = message;
  switch (type) {
    case 1:
      return `Destination unreachable: ${UNREACHABLE6[code] ?? `Unknown code ${code}`}`;
    case 2:
      return `Packet too big: mtu=${message.mtu ?? 0}`;
    case 3:
      return `Time exceeded: ${code === 0 ? "Hop limit" : code === 1 ? "Defragmentation failure" : `code ${code}`}`;
    case 4:
      return code === 0
        ? "Parameter problem: Wrong header field "
        : code === 1
          ? "Parameter problem: Unknown header "
          : "Parameter problem: Unknown option ";
    case 137:
      return "Redirect";
    default:
      return `unknown icmp type: ${type}`;
  }
}

/** The body of a packet, fragments seen as the whole that they are of. */
export const wholeBody = (packet: IpPacket): Transport => (packet.body.kind === "fragment" ? packet.body.whole : packet.body);
