/** `conntrack -I`, `-A` and `-U`: entries made and changed by hand (ctnetlink_new_conntrack of nf_conntrack_netlink.c). */
import type { Connection } from "../../../kernel/netfilter/conntrack.ts";
import { invertTuple } from "../../../kernel/netfilter/tuple.ts";
import type { Tuple } from "../../../kernel/netfilter/types.ts";
import type { Process } from "../../command.ts";
import { addressOf, mappingOf, markOf, type Part, portOf, Refusal, type Request, statusOf } from "./conntrack-request.ts";

const SECOND = 1_000_000;

const needs = (option: string): Refusal => new Refusal(`You need to supply the \`--${option}' option for this command`);

const number = ({ values }: Request, part: Part): number | undefined => {
  const text = values.get(part);
  return text === undefined ? undefined : portOf(text);
};

/** The tuple of the direction that the options describe. Throws a Refusal for what is missing. */
function originalOf(request: Request): Tuple {
  const { protocol, values } = request;
  if (protocol === undefined) throw needs("protonum");
  if (!values.has("timeout")) throw needs("timeout");
  const [from, to] = [values.get("src"), values.get("dst")];
  if (from === undefined || to === undefined) throw new Refusal("you have to specify `--src' and `--dst'");
  const [src, dst] = [addressOf(from), addressOf(to)];
  if (typeof src !== typeof dst) throw new Refusal("mismatched address family");
  if (protocol === 1 || protocol === 58) {
    const type = number(request, "icmpType");
    if (type === undefined) throw needs("icmp-type");
    const code = number(request, "icmpCode");
    if (code === undefined) throw needs("icmp-code");
    return { protocol, src, dst, srcPort: number(request, "icmpId") ?? 0, dstPort: (type << 8) | code };
  }
  if (protocol !== 6 && protocol !== 17)
    throw new Refusal(`-p ${protocol} is not supported here with this command; supported: tcp, udp, icmp, icmpv6`);
  const [srcPort, dstPort] = [number(request, "sport"), number(request, "dport")];
  if (srcPort === undefined || dstPort === undefined) throw new Refusal("you have to specify `--sport' and `--dport'");
  if (protocol === 6 && !values.has("state")) throw needs("state");
  return { protocol, src, dst, srcPort, dstPort };
}

/** The tuple of the answers: what is said of it, or the original turned round with the mappings applied. */
function replyOf(request: Request, original: Tuple): Tuple {
  const { values } = request;
  const [src, dst] = [values.get("replySrc"), values.get("replyDst")];
  if (src !== undefined || dst !== undefined) {
    const [srcPort, dstPort] = [number(request, "replySport"), number(request, "replyDport")];
    if (src === undefined || dst === undefined || srcPort === undefined || dstPort === undefined)
      throw new Refusal("Operation failed: invalid parameters", 1);
    return { protocol: original.protocol, src: addressOf(src), dst: addressOf(dst), srcPort, dstPort };
  }
  const turned = invertTuple(original);
  const [source, destination] = [values.get("srcNat"), values.get("dstNat")].map((text) =>
    text === undefined ? undefined : mappingOf(text),
  );
  return {
    protocol: turned.protocol,
    src: destination?.ip ?? turned.src,
    dst: source?.ip ?? turned.dst,
    srcPort: destination?.port ?? turned.srcPort,
    dstPort: source?.port ?? turned.dstPort,
  };
}

/** Gives an entry what the options say. */
function furnish(process: Process, { values }: Request, entry: Connection): void {
  const timeout = values.get("timeout");
  // Like strtoul, which takes what is no number for 0.
  if (timeout !== undefined) entry.expires = process.netns.kernel.clock.now + (Number.parseInt(timeout, 10) || 0) * SECOND;
  const mark = values.get("mark");
  if (mark !== undefined) {
    const { mark: bits, mask } = markOf(mark);
    entry.mark = ((entry.mark & ~mask) | bits) >>> 0;
  }
  const state = values.get("state");
  if (state !== undefined) entry.protocolState = state.toUpperCase();
  for (const name of statusOf(values.get("status") ?? "CONFIRMED")) {
    if (name === "ASSURED") entry.assured = true;
    else if (name === "SEEN_REPLY") entry.seenReply = true;
  }
}

/** Makes an entry; false when its tuple is taken already. */
export function createEntry(process: Process, request: Request): boolean {
  const original = originalOf(request);
  const reply = replyOf(request, original);
  const { conntrack } = process.netns.netfilter;
  const made = conntrack.enter(
    original,
    reply,
    (entry) => {
      furnish(process, request, entry);
      entry.sourceNat = request.values.has("srcNat");
      entry.destinationNat = request.values.has("dstNat");
    },
    process.pid,
  );
  return made !== undefined;
}

/** Makes an entry, or changes the one that is there. */
export function addEntry(process: Process, request: Request): void {
  if (createEntry(process, request)) return;
  const found = process.netns.netfilter.conntrack.find(originalOf(request));
  if (found) changeEntry(process, request, found.entry);
}

export function changeEntry(process: Process, request: Request, entry: Connection): void {
  furnish(process, request, entry);
  process.netns.netfilter.conntrack.changedBy(entry, process.pid);
}
