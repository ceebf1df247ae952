/** Matches by the name that `-m` takes. Those that Docker's own rules use are at hand; modules.ts has the others. */
import type { MatchExtension } from "../extension.ts";
import { addrtype } from "./addrtype.ts";
import { comment } from "./comment.ts";
import { conntrack, state } from "./conntrack.ts";
import { tcp, udp } from "./tcp-udp.ts";

const known = new Map<string, MatchExtension>(Object.entries({ addrtype, comment, conntrack, state, tcp, udp }));

/** All that can be asked for now, in order of their names. */
export const MATCHES: ReadonlyMap<string, MatchExtension> = known;

/** Loads further ones, as modprobe does. */
export function addMatches(matches: Readonly<Record<string, MatchExtension>>): void {
  const all = [...known, ...Object.entries(matches)].sort(([a], [b]) => (a < b ? -1 : 1));
  known.clear();
  for (const [name, match] of all) known.set(name, match);
}

/** Matches of the real iptables that are not modelled here: asked for, they are refused in a line that names the others. */
export const UNMODELLED_MATCHES: ReadonlySet<string> = new Set(
  `ah bpf cgroup cluster connbytes connlabel cpu dccp devgroup dst ecn esp eui64 frag hbh helper ipcomp ipv6header
  ipvs mh nfacct osf policy rateest realm rpfilter rt sctp socket srh u32`.split(/\s+/),
);
