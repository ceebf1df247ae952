import { expect, test } from "vitest";
import { parseIp } from "../address.ts";
import { frameBytes, packetBytes } from "./bytes.ts";
import { frameLength, ipLength } from "./length.ts";
import { type DnsMessage, type IpPacket, NO_PAYLOAD, TCP_ACK, TCP_SYN } from "./packet.ts";

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const ip = (text: string) => parseIp(text) as number;
const base = { kind: "ip", src: ip("172.18.0.5"), dst: ip("172.18.0.2"), ttl: 64, tos: 0, id: 0x757b, df: true } as const;

test("an IPv4 header has the checksum that a real kernel gave it", () => {
  const packet: IpPacket = { ...base, protocol: 1, body: { kind: "icmp", type: 8, code: 0, id: 0x56d, sequence: 0, dataLength: 56 } };
  expect(hex(packetBytes(packet)).slice(0, 40)).toBe("45000054757b400040016d02ac120005ac120002");
});

test("every packet takes as many bytes as its length says", () => {
  const dns: DnsMessage = {
    id: 7,
    response: true,
    status: "NOERROR",
    authoritative: false,
    recursionDesired: true,
    recursionAvailable: true,
    truncated: false,
    question: { name: "a.b.", type: "ANY" },
    answers: [
      { name: "a.b.", type: "A", ttl: 600, data: "10.0.0.1" },
      { name: "a.b.", type: "MX", ttl: 600, data: "10 mail.b." },
      { name: "c.b.", type: "TXT", ttl: 600, data: '"words"' },
      { name: "a.b.", type: "SRV", ttl: 600, data: "1 2 3 s.b." },
    ],
    authority: [{ name: "b.", type: "SOA", ttl: 1, data: "ns.b. admin.b. 1 2 3 4 5" }],
    additional: [],
    edns: 1232,
  };
  const bodies = [
    { protocol: 17, body: { kind: "udp", srcPort: 53, dstPort: 5000, payload: { kind: "dns", message: dns } } },
    { protocol: 17, body: { kind: "udp", srcPort: 53, dstPort: 5000, payload: { kind: "dns", message: { ...dns, uncompressed: true } } } },
    {
      protocol: 6,
      body: {
        kind: "tcp",
        srcPort: 1,
        dstPort: 2,
        seq: 1,
        ack: 2,
        flags: TCP_SYN,
        window: 1,
        mss: 1460,
        windowScale: 7,
        payload: NO_PAYLOAD,
      },
    },
    {
      protocol: 6,
      body: { kind: "tcp", srcPort: 1, dstPort: 2, seq: 1, ack: 2, flags: TCP_ACK, window: 1, payload: { kind: "text", text: "äöü" } },
    },
    {
      protocol: 1,
      body: {
        kind: "fragment",
        whole: { kind: "icmp", type: 8, code: 0, id: 1, sequence: 1, dataLength: 3000 },
        offset: 1480,
        length: 1480,
        more: true,
      },
    },
    {
      protocol: 1,
      body: {
        kind: "icmp",
        type: 3,
        code: 3,
        id: 0,
        sequence: 0,
        dataLength: 0,
        original: { ...base, protocol: 47, body: { kind: "raw", length: 900 } },
      },
    },
  ] as const;
  for (const part of bodies) {
    const packet: IpPacket = { ...base, ...part };
    expect(packetBytes(packet)).toHaveLength(ipLength(packet));
    const eth = { src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02", type: 0x0800 };
    expect(frameBytes(eth, packet)).toHaveLength(frameLength(packet));
  }
});
