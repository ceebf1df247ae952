/** All matches by the name that `-m` takes. */
import type { MatchExtension } from "../extension.ts";
import { iprange, mac } from "./address.ts";
import { addrtype } from "./addrtype.ts";
import { comment } from "./comment.ts";
import { conntrack, state } from "./conntrack.ts";
import { owner, physdev, pkttype } from "./device.ts";
import { dscp, hl, length, tcpmss, tos, ttl } from "./header.ts";
import { icmp, icmp6 } from "./icmp.ts";
import { limit, statistic } from "./limit.ts";
import { connmark, mark } from "./mark.ts";
import { multiport } from "./multiport.ts";
import { tcp, udp } from "./tcp-udp.ts";

export const MATCHES: ReadonlyMap<string, MatchExtension> = new Map(
  Object.entries({
    addrtype,
    comment,
    connmark,
    conntrack,
    dscp,
    hl,
    icmp,
    icmp6,
    iprange,
    length,
    limit,
    mac,
    mark,
    multiport,
    owner,
    physdev,
    pkttype,
    state,
    statistic,
    tcp,
    tcpmss,
    tos,
    ttl,
    udp,
  }),
);

/** Matches of the real iptables that are not modelled here: asked for, they are refused in a line that names the others. */
export const UNMODELLED_MATCHES: ReadonlySet<string> = new Set(
  `ah bpf cgroup cluster connbytes connlabel connlimit cpu dccp devgroup dst ecn esp eui64 frag hashlimit hbh helper ipcomp ipv6header
  ipvs mh nfacct osf policy quota rateest realm recent rpfilter rt sctp socket srh string time u32`.split(/\s+/),
);
