import { expect, test } from "vitest";
import { parseIp } from "../../../../kernel/address.ts";
import { frameBytes } from "../../../../kernel/wire/bytes.ts";
import { type DnsMessage, type IpPacket, type NetworkPacket, TCP_ACK, TCP_RST, TCP_SYN } from "../../../../kernel/wire/packet.ts";
import { decodeFrame } from "./decode.ts";

const ip = (text: string) => parseIp(text) as number;
const ip6 = (text: string) => parseIp(text) as bigint;
const base = { kind: "ip", src: ip("172.18.0.5"), dst: ip("172.18.0.2"), ttl: 64, tos: 0, id: 7, df: true } as const;
const base6 = { kind: "ip", src: ip6("fd00::5"), dst: ip6("fd00::2"), ttl: 255, tos: 0, id: 0, df: false } as const;
const echo = { kind: "icmp", type: 8, code: 0, id: 9, sequence: 2, dataLength: 56 } as const;
const tcp = { kind: "tcp", srcPort: 80, dstPort: 40000, seq: 4e9, ack: 5, window: 63 } as const;
const dns: DnsMessage = {
  id: 7,
  response: true,
  status: "NXDOMAIN",
  authoritative: true,
  recursionDesired: true,
  recursionAvailable: false,
  truncated: false,
  question: { name: "a.b.", type: "A" },
  answers: [
    { name: "a.b.", type: "CNAME", ttl: 600, data: "c.b." },
    { name: "c.b.", type: "AAAA", ttl: 600, data: "fd00::1" },
    { name: "c.b.", type: "TXT", ttl: 600, data: '"words"' },
    { name: "c.b.", type: "SRV", ttl: 600, data: "1 2 3 s.b." },
  ],
  authority: [{ name: "b.", type: "SOA", ttl: 1, data: "ns.b. admin.b. 1 2 3 4 5" }],
  additional: [],
  edns: 1232,
};

const packets: readonly (readonly [string, NetworkPacket])[] = [
  ["ARP", { kind: "arp", op: "reply", senderMac: "02:00:00:00:00:01", senderIp: 1, targetMac: "02:00:00:00:00:02", targetIp: 2 }],
  ["an echo", { ...base, protocol: 1, body: echo }],
  ["an echo that records its route", { ...base, protocol: 1, body: echo, recorded: [ip("10.0.0.1"), ip("10.0.0.2")] }],
  [
    "an error",
    {
      ...base,
      protocol: 1,
      body: { ...echo, type: 3, code: 4, id: 0, sequence: 0, dataLength: 0, mtu: 1400, original: { ...base, protocol: 1, body: echo } },
    },
  ],
  [
    "a SYN",
    {
      ...base,
      protocol: 6,
      body: { ...tcp, flags: TCP_SYN, mss: 1460, windowScale: 7, timestamps: { value: 1, echo: 0 }, payload: { kind: "zeros", length: 0 } },
    },
  ],
  [
    "data",
    {
      ...base,
      protocol: 6,
      body: { ...tcp, flags: TCP_ACK, timestamps: { value: 1, echo: 2 }, payload: { kind: "text", text: "HTTP/1.1 200 OK\r\n\r\nä" } },
    },
  ],
  ["a reset", { ...base, protocol: 6, body: { ...tcp, flags: TCP_RST, payload: { kind: "zeros", length: 0 } } }],
  ["DNS", { ...base, protocol: 17, body: { kind: "udp", srcPort: 53, dstPort: 4000, payload: { kind: "dns", message: dns } } }],
  [
    "DNS written out",
    {
      ...base,
      protocol: 17,
      body: { kind: "udp", srcPort: 53, dstPort: 4000, payload: { kind: "dns", message: { ...dns, uncompressed: true } } },
    },
  ],
  ["another protocol", { ...base, protocol: 47, body: { kind: "raw", length: 12 } }],
  [
    "neighbour discovery",
    {
      ...base6,
      protocol: 58,
      body: {
        kind: "icmp",
        type: 136,
        code: 0,
        id: 0,
        sequence: 0,
        dataLength: 0,
        target: ip6("fd00::9"),
        linkAddress: "02:00:00:00:00:09",
        solicited: true,
        override: false,
      },
    },
  ],
  ["UDP over IPv6", { ...base6, protocol: 17, body: { kind: "udp", srcPort: 1, dstPort: 2, payload: { kind: "text", text: "x\n" } } }],
];

test.each(packets)("given %s as octets, when they are read, then it is the same packet", (_name, packet) => {
  const type = packet.kind === "arp" ? 0x0806 : typeof packet.src === "number" ? 0x0800 : 0x86dd;
  const eth = { src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02", type, vlan: 5 };
  const decoded = decodeFrame(frameBytes(eth, packet));
  expect(decoded?.eth).toEqual(eth);
  expect(decoded?.packet).toEqual(packet);
});

test("given pieces of a packet, when they are read, then they say where they belong", () => {
  const body = { kind: "fragment", whole: { ...echo, dataLength: 3000 }, offset: 1480, length: 1480, more: true } as const;
  const packet: IpPacket = { ...base, df: false, protocol: 1, body };
  const bytes = frameBytes({ src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02", type: 0x0800 }, packet);
  const decoded = decodeFrame(bytes);
  expect(decoded?.packet).toMatchObject({ id: 7, body: { offset: 1480, length: 1480, more: true } });
  expect(decoded?.bytes).toEqual(bytes.subarray(14));
});
