/** `-j REJECT`: drops the packet and tells its sender (net/ipv4/netfilter/nf_reject_ipv4.c, nf_reject_ipv6.c). */

import { payloadLength } from "../../wire/length.ts";
import { NO_PAYLOAD, PROTO_ICMPV6, PROTO_TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../../wire/packet.ts";
import { once, refuse, type TargetExtension } from "../extension.ts";
import type { PacketView } from "../view.ts";

interface Answer {
  readonly name: string;
  readonly alias: string;
  /** ICMP type and code; undefined for a TCP reset. */
  readonly error?: readonly [number, number];
}

const ANSWERS_V4: readonly Answer[] = [
  { name: "icmp-net-unreachable", alias: "net-unreach", error: [3, 0] },
  { name: "icmp-host-unreachable", alias: "host-unreach", error: [3, 1] },
  { name: "icmp-proto-unreachable", alias: "proto-unreach", error: [3, 2] },
  { name: "icmp-port-unreachable", alias: "port-unreach", error: [3, 3] },
  { name: "icmp-net-prohibited", alias: "net-prohib", error: [3, 9] },
  { name: "icmp-host-prohibited", alias: "host-prohib", error: [3, 10] },
  { name: "tcp-reset", alias: "tcp-rst" },
  { name: "icmp-admin-prohibited", alias: "admin-prohib", error: [3, 13] },
];
const ANSWERS_V6: readonly Answer[] = [
  { name: "icmp6-no-route", alias: "no-route", error: [1, 0] },
  { name: "icmp6-adm-prohibited", alias: "adm-prohibited", error: [1, 1] },
  { name: "icmp6-addr-unreachable", alias: "addr-unreach", error: [1, 3] },
  { name: "icmp6-port-unreachable", alias: "port-unreach", error: [1, 4] },
  { name: "tcp-reset", alias: "tcp-reset" },
  { name: "icmp6-policy-fail", alias: "policy-fail", error: [1, 5] },
  { name: "icmp6-reject-route", alias: "reject-route", error: [1, 6] },
];

/** nf_send_reset: as if from the socket that the segment was for. */
function reset({ skb, packet, body, netns }: PacketView): void {
  if (body?.kind !== "tcp" || body.flags & TCP_RST) return;
  const acknowledges = (body.flags & TCP_ACK) !== 0;
  const length = payloadLength(body.payload) + (body.flags & TCP_SYN ? 1 : 0) + (body.flags & TCP_FIN ? 1 : 0);
  netns.inet.send({
    src: packet.dst,
    dst: packet.src,
    protocol: PROTO_TCP,
    cause: skb.id,
    body: {
      kind: "tcp",
      srcPort: body.dstPort,
      dstPort: body.srcPort,
      seq: acknowledges ? body.ack : 0,
      ack: acknowledges ? 0 : (body.seq + length) >>> 0,
      flags: acknowledges ? TCP_RST : TCP_RST | TCP_ACK,
      window: 0,
      payload: NO_PAYLOAD,
    },
  });
}

export const REJECT: TargetExtension = {
  options: { "reject-with": 1 },
  build(uses, context) {
    const answers = context.family === 4 ? ANSWERS_V4 : ANSWERS_V6;
    const use = once("REJECT", uses, "reject-with");
    const wanted = use?.value.toLowerCase();
    const answer =
      answers.find(({ name, alias }) => (wanted === undefined ? name.endsWith("port-unreachable") : name === wanted || alias === wanted)) ??
      refuse(`unknown reject type "${use?.value}"`);
    const resets = answer.error === undefined;
    return {
      text: `--reject-with ${answer.name}`,
      print: () => `reject-with ${answer.name}`,
      tables: ["filter"],
      ...(resets ? { protocols: [PROTO_TCP] } : {}),
      run(view) {
        const { skb, netns, packet, body } = view;
        // An error about an ICMP error is never sent (RFC 1122); sendError sees to the rest of the exceptions.
        if (!answer.error) netns.netfilter.answering(skb, () => reset(view));
        else if (!(packet.protocol === PROTO_ICMPV6 && body?.kind === "icmp" && body.type < 128)) {
          const [type, code] = answer.error;
          netns.netfilter.answering(skb, () => netns.inet.sendError(skb, type, code));
        }
        return "drop";
      },
    };
  },
};
