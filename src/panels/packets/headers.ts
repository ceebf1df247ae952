/** The headers of a packet as fields to read, layer by layer, in the words of the wire. Pure. */
import { formatIp } from "../../kernel/address.ts";
import type { EthernetHeader, IpPacket, NetworkPacket, Payload, Transport } from "../../kernel/wire/packet.ts";

interface Field {
  readonly name: string;
  readonly value: string;
}

export interface Layer {
  readonly name: string;
  readonly fields: readonly Field[];
}

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
  12: "parameter problem",
};
const ICMPV6_TYPES: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  128: "echo request",
  129: "echo reply",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
  143: "multicast listener report",
};
const TCP_FLAGS = [
  [2, "SYN"],
  [16, "ACK"],
  [8, "PSH"],
  [1, "FIN"],
  [4, "RST"],
] as const;
const ETHER_TYPES: Readonly<Record<number, string>> = { 2048: "IPv4", 2054: "ARP", 34525: "IPv6" };

const field = (name: string, value: string | number): Field => ({ name, value: String(value) });

export function layersOf(packet: NetworkPacket, eth: EthernetHeader | undefined): readonly Layer[] {
  const layers: Layer[] = [];
  if (eth)
    layers.push({
      name: "Ethernet",
      fields: [
        field("src", eth.src),
        field("dst", eth.dst),
        field("type", ETHER_TYPES[eth.type] ?? `0x${eth.type.toString(16)}`),
        ...(eth.vlan === undefined ? [] : [field("vlan", eth.vlan)]),
      ],
    });
  if (packet.kind === "arp")
    layers.push({
      name: "ARP",
      fields: [
        field("op", packet.op),
        field("sender", `${formatIp(packet.senderIp)} ${packet.senderMac}`),
        field("target", `${formatIp(packet.targetIp)} ${packet.op === "request" ? "?" : packet.targetMac}`),
      ],
    });
  else layers.push(internet(packet), ...transport(packet.body, typeof packet.dst === "bigint"));
  return layers;
}

function internet(packet: IpPacket): Layer {
  const six = typeof packet.dst === "bigint";
  return {
    name: six ? "IPv6" : "IPv4",
    fields: [
      field("src", formatIp(packet.src)),
      field("dst", formatIp(packet.dst)),
      field(six ? "hop limit" : "ttl", packet.ttl),
      ...(packet.tos ? [field("tos", `0x${packet.tos.toString(16)}`)] : []),
      ...(!six && packet.id ? [field("id", packet.id)] : []),
      ...(!six && packet.df ? [field("flags", "DF")] : []),
    ],
  };
}

function transport(body: Transport, six: boolean): readonly Layer[] {
  switch (body.kind) {
    case "fragment":
      return [
        { name: "Fragment", fields: [field("offset", body.offset), field("length", body.length), field("more", body.more ? "yes" : "no")] },
        ...transport(body.whole, six),
      ];
    case "icmp": {
      const name = (six ? ICMPV6_TYPES : ICMP_TYPES)[body.type];
      const echo = body.type === (six ? 128 : 8) || body.type === (six ? 129 : 0);
      return [
        {
          name: six ? "ICMPv6" : "ICMP",
          fields: [
            field("type", name ? `${body.type} ${name}` : body.type),
            ...(body.code ? [field("code", body.code)] : []),
            ...(echo ? [field("id / seq", `${body.id} / ${body.sequence}`), field("data", `${body.dataLength} bytes`)] : []),
            ...(body.target === undefined ? [] : [field("target", formatIp(body.target))]),
            ...(body.linkAddress ? [field("link address", body.linkAddress)] : []),
            ...(body.mtu === undefined ? [] : [field("mtu", body.mtu)]),
            ...(body.original ? [field("about", `${formatIp(body.original.src)} → ${formatIp(body.original.dst)}`)] : []),
          ],
        },
      ];
    }
    case "udp":
      return [{ name: "UDP", fields: [field("src port", body.srcPort), field("dst port", body.dstPort)] }, ...content(body.payload)];
    case "tcp":
      return [
        {
          name: "TCP",
          fields: [
            field("src port", body.srcPort),
            field("dst port", body.dstPort),
            field(
              "flags",
              TCP_FLAGS.filter(([bit]) => body.flags & bit)
                .map(([, name]) => name)
                .join(" ") || "none",
            ),
            field("seq / ack", `${body.seq} / ${body.ack}`),
            field("window", body.window),
          ],
        },
        ...content(body.payload),
      ];
    case "raw":
      return [{ name: "Payload", fields: [field("length", `${body.length} bytes`)] }];
  }
}

/** As much of a text as tells what it is. */
const MOST_TEXT = 160;

function content(payload: Payload): readonly Layer[] {
  if (payload.kind === "dns") {
    const { message } = payload;
    return [
      {
        name: "DNS",
        fields: [
          field("id", message.id),
          field(message.response ? "answer to" : "question", `${message.question.name} ${message.question.type}`),
          ...(message.response ? [field("status", message.status)] : []),
          ...message.answers.map((answer) => field(answer.type, `${answer.data} (ttl ${answer.ttl})`)),
        ],
      },
    ];
  }
  if (payload.kind === "text" && payload.text !== "")
    return [{ name: "Payload", fields: [field("text", payload.text.slice(0, MOST_TEXT).replaceAll("\r\n", " ⏎ "))] }];
  if (payload.kind === "zeros" && payload.length > 0) return [{ name: "Payload", fields: [field("length", `${payload.length} bytes`)] }];
  if (payload.kind === "frame") return [{ name: "VXLAN", fields: [field("vni", payload.vni)] }, ...layersOf(payload.packet, payload.eth)];
  return [];
}
