/** `-m icmp` and `-m icmp6`: the type, and the code where one is given (libipt_icmp, libip6t_icmp6). */
import type { Family } from "../../address.ts";
import { PROTO_ICMP, PROTO_ICMPV6 } from "../../wire/packet.ts";
import { bang, type MatchExtension, refuse, required } from "../extension.ts";
import { ICMP_TYPES, ICMPV6_TYPES, type IcmpType } from "../names.ts";

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
