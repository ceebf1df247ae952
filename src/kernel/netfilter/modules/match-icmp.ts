/** `-m icmp` and `-m icmp6`: the type, and the code where one is given (libipt_icmp, libip6t_icmp6). */
import type { Family } from "../../address.ts";
import { PROTO_ICMP, PROTO_ICMPV6 } from "../../wire/packet.ts";
import { bang, type MatchExtension, refuse, required } from "../extension.ts";

/** An ICMP type, with the range of codes that it stands for. */
interface IcmpType {
  readonly name: string;
  readonly type: number;
  readonly minCode: number;
  readonly maxCode: number;
}

const icmpTypes = (table: string): readonly IcmpType[] =>
  table.split(/\s+/).map((entry) => {
    const [name, type, code] = entry.split(/[:/]/) as [string, string, string?];
    return { name, type: Number(type), minCode: code ? Number(code) : 0, maxCode: code ? Number(code) : 255 };
  });

/** In the order of the kernel's own tables: the first of several names of a type is the one that is printed. */
const ICMP_TYPES: readonly IcmpType[] = icmpTypes(`any:255 echo-reply:0 pong:0 destination-unreachable:3 network-unreachable:3/0
host-unreachable:3/1 protocol-unreachable:3/2 port-unreachable:3/3 fragmentation-needed:3/4 source-route-failed:3/5 network-unknown:3/6
host-unknown:3/7 network-prohibited:3/9 host-prohibited:3/10 TOS-network-unreachable:3/11 TOS-host-unreachable:3/12
communication-prohibited:3/13 host-precedence-violation:3/14 precedence-cutoff:3/15 source-quench:4 redirect:5 network-redirect:5/0
host-redirect:5/1 TOS-network-redirect:5/2 TOS-host-redirect:5/3 echo-request:8 ping:8 router-advertisement:9 router-solicitation:10
time-exceeded:11 ttl-exceeded:11 ttl-zero-during-transit:11/0 ttl-zero-during-reassembly:11/1 parameter-problem:12 ip-header-bad:12/0
required-option-missing:12/1 timestamp-request:13 timestamp-reply:14 info-request:15 info-reply:16 address-mask-request:17
address-mask-reply:18`);

const ICMPV6_TYPES: readonly IcmpType[] = icmpTypes(`destination-unreachable:1 no-route:1/0 communication-prohibited:1/1
beyond-scope:1/2 address-unreachable:1/3 port-unreachable:1/4 failed-policy:1/5 reject-route:1/6 packet-too-big:2 time-exceeded:3
ttl-exceeded:3 ttl-zero-during-transit:3/0 ttl-zero-during-reassembly:3/1 parameter-problem:4 bad-header:4/0 unknown-header-type:4/1
unknown-option:4/2 echo-request:128 ping:128 echo-reply:129 pong:129 mld-listener-query:130 mld-listener-report:131 mld-listener-done:132
mld-listener-reduction:132 router-solicitation:133 router-advertisement:134 neighbour-solicitation:135 neighbor-solicitation:135
neighbour-advertisement:136 neighbor-advertisement:136 redirect:137`);

function parseType(text: string, family: Family): IcmpType {
  const label = family === 4 ? "ICMP" : "ICMPv6";
  const known = family === 4 ? ICMP_TYPES : ICMPV6_TYPES;
  const lower = text.toLowerCase();
  const exact = known.find(({ name }) => name.toLowerCase() === lower);
  if (exact) return exact;
  const starting = known.filter(({ name }) => name.toLowerCase().startsWith(lower));
  if (starting.length === 1) return starting[0] as IcmpType;
  if (starting.length > 1 && text !== "") refuse(`Ambiguous ${label} type \`${text}': \`${starting[0]?.name}' or \`${starting[1]?.name}'?`);
  const [type, code] = text.split("/") as [string, string?];
  if (!/^\d+$/.test(type) || Number(type) > 255) refuse(`Unknown ${label} type \`${type}'`);
  if (code !== undefined && (!/^\d+$/.test(code) || Number(code) > 255)) refuse(`Unknown ${label} code \`${text}'`);
  return { name: "", type: Number(type), minCode: Number(code ?? 0), maxCode: Number(code ?? 255) };
}

const icmpMatch = (family: Family, module: string, option: string, protocol: number): MatchExtension => ({
  options: { [option]: 1 },
  family,
  build(uses, context) {
    const use = required(module, uses, option);
    const wanted = parseType(use.value, family);
    const { type, minCode, maxCode } = wanted;
    const { invert } = use;
    const oneCode = minCode === maxCode;
    // Type 255 is iptables' "any".
    const any = family === 4 && type === 255;
    const known = (family === 4 ? ICMP_TYPES : ICMPV6_TYPES).find(
      (entry) => entry.type === type && entry.minCode === minCode && entry.maxCode === maxCode,
    );
    return {
      text: `${bang(use)}--${option} ${any ? "any" : oneCode ? `${type}/${minCode}` : type}`,
      print(numeric) {
        const not = invert ? "!" : "";
        if (!numeric && known) return `${family === 4 ? "icmp" : "ipv6-icmp"} ${not}${known.name}`;
        const head = invert ? `${family === 4 ? "icmp" : "ipv6-icmp"} !type` : `${family === 4 ? "icmp" : "ipv6-icmp"}type`;
        return `${head} ${type}${oneCode ? ` code ${minCode}` : ""}`;
      },
      test: ({ body }) => body?.kind === "icmp" && (any || (body.type === type && body.code >= minCode && body.code <= maxCode)) !== invert,
      invalidFor: () => context.protocol !== protocol || context.protocolInverted,
    };
  },
});

export const icmp = icmpMatch(4, "icmp", "icmp-type", PROTO_ICMP);
export const icmp6 = icmpMatch(6, "icmp6", "icmpv6-type", PROTO_ICMPV6);
