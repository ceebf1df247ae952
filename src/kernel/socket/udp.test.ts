import { expect, test } from "vitest";
import { PROTO_ICMP } from "../wire/packet.ts";
import type { UdpSocket } from "./udp.ts";
import { CLIENT, SERVER, Wire } from "./wire.fixture.ts";

const owner = { process: "test", pid: 1 };
const text = (words: string) => ({ kind: "text", text: words }) as const;

test("given a bound socket, when a datagram comes, then it is read with its sender and the journey it came by", () => {
  const wire = new Wire();
  const server = wire.server.udp(owner, { port: 53 }) as UdpSocket;
  const client = wire.client.udp(owner) as UdpSocket;
  expect(client.connect(SERVER, 53)).toBeUndefined();
  expect(client.localPort).toBeGreaterThanOrEqual(32768);
  client.send(text("question"));
  wire.clock.advanceTo(1000);
  const question = server.receive();
  expect(question).toMatchObject({ from: CLIENT, fromPort: client.localPort, to: SERVER, payload: text("question") });
  server.send(text("answer"), { ip: CLIENT, port: client.localPort }, question?.packet);
  wire.clock.advanceTo(2000);
  expect(client.receive()).toMatchObject({ payload: text("answer") });
});

test("given a closed port, when a connected socket sends, then the ICMP error comes back as ECONNREFUSED, once", () => {
  const wire = new Wire();
  const client = wire.client.udp(owner) as UdpSocket;
  client.connect(SERVER, 9);
  client.send(text("x"));
  wire.clock.advanceTo(1000);
  expect([client.takeError(), client.takeError()]).toEqual(["ECONNREFUSED", undefined]);
});

test("given two sockets on one port, when a datagram comes, then the specific address wins over the wildcard", () => {
  const wire = new Wire();
  const any = wire.server.udp(owner, { port: 53, family: 6 }) as UdpSocket;
  const own = wire.server.udp(owner, { port: 53, ip: SERVER }) as UdpSocket;
  const client = wire.client.udp(owner) as UdpSocket;
  client.send(text("x"), { ip: SERVER, port: 53 });
  wire.clock.advanceTo(1000);
  expect([any.receive(), own.receive()?.from]).toEqual([undefined, CLIENT]);
  expect(wire.server.udp(owner, { port: 53 })).toBe("EADDRINUSE");
});

test("given a raw ICMP socket, when a message comes, then it is read whole", () => {
  const wire = new Wire();
  const raw = wire.server.raw(owner, 4, PROTO_ICMP);
  const echo = { kind: "icmp", type: 8, code: 0, id: 7, sequence: 1, dataLength: 56 } as const;
  wire.client.raw(owner, 4, PROTO_ICMP).send({ dst: SERVER, body: echo });
  wire.clock.advanceTo(1000);
  expect(raw.receive()?.packet.body).toBe(echo);
  raw.close();
  expect(raw.receive()).toBeUndefined();
});
