import { expect, test } from "vitest";
import { type IpPacket, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type TcpSegment } from "../wire/packet.ts";
import type { TcpListener, TcpSocket } from "./tcp.ts";
import { CLIENT, SERVER, Wire } from "./wire.fixture.ts";

const owner = { process: "test", pid: 1 };
const segment = (packet: IpPacket): TcpSegment => packet.body as TcpSegment;
const flags = (wire: Wire): string[] =>
  wire.sent.map((packet) => {
    const set = segment(packet).flags;
    return [set & TCP_SYN && "S", set & TCP_FIN && "F", set & TCP_RST && "R", set & 8 && "P", set & TCP_ACK && "."]
      .filter(Boolean)
      .join("");
  });

function connected(wire: Wire): { readonly client: TcpSocket; readonly server: TcpSocket; readonly listener: TcpListener } {
  const listener = wire.server.tcpListen(owner, { port: 80, family: 6, dual: true }) as TcpListener;
  const client = wire.client.tcpConnect(owner, SERVER, 80) as TcpSocket;
  wire.clock.advanceTo(1000);
  return { client, server: listener.accept() as TcpSocket, listener };
}

test("given a listener, when a client connects, asks and both close, then the segments are those of the book", () => {
  const wire = new Wire();
  const { client, server } = connected(wire);
  expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  client.send("ask");
  wire.clock.advanceTo(2000);
  expect(server.receive()).toBe("ask");
  server.send("answer");
  server.close();
  wire.clock.advanceTo(3000);
  expect([client.receive(), client.ended, client.state, server.state]).toEqual(["answer", true, "CLOSE-WAIT", "FIN-WAIT-2"]);
  client.close();
  wire.clock.advanceTo(4000);
  expect([client.state, server.state]).toEqual(["CLOSE", "TIME-WAIT"]);
  expect(flags(wire)).toEqual(["S", "S.", ".", "P.", ".", "P.", "F.", ".", ".", "F.", "."]);
  expect(segment(wire.sent[0] as IpPacket)).toMatchObject({ mss: 1460, window: 64240, windowScale: 10 });
  expect(segment(wire.sent[1] as IpPacket)).toMatchObject({ mss: 1460, window: 65160 });
  expect(wire.server.list().filter((view) => view.state === "TIME-WAIT")).toHaveLength(1);
  wire.clock.advanceTo(61_000_000);
  expect(wire.server.list().filter((view) => view.state === "TIME-WAIT")).toHaveLength(0);
});

test("given nobody listens, when a SYN comes, then it is refused by a reset", () => {
  const wire = new Wire();
  const client = wire.client.tcpConnect(owner, SERVER, 81) as TcpSocket;
  wire.clock.advanceTo(1000);
  expect([client.state, client.error, flags(wire)]).toEqual(["CLOSE", "ECONNREFUSED", ["S", "R."]]);
});

test("given a dead peer, when a client connects, then the SYN is repeated after 1, 2, 3, 4, 5, 7, 11 … s and given up after 131", () => {
  const wire = new Wire();
  const times: number[] = [];
  wire.lose = () => times.push(Math.floor(wire.clock.now / 1e6)) > 0;
  const client = wire.client.tcpConnect(owner, SERVER, 80) as TcpSocket;
  wire.clock.advanceTo(130_900_000);
  expect([client.state, times]).toEqual(["SYN-SENT", [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]]);
  wire.clock.advanceTo(131_100_000);
  expect(client.error).toBe("ETIMEDOUT");
});

test("given every fifth packet is lost, when much is sent, then all of it arrives in order", () => {
  const wire = new Wire();
  const { client, server } = connected(wire);
  wire.lose = (_packet, index) => index % 5 === 0;
  const text = Array.from({ length: 20_000 }, (_, i) => `${i} äöü€😀\n`).join("");
  client.send(text);
  client.shutdown();
  let got = "";
  for (let second = 1; second < 900 && !server.ended; second++) {
    wire.clock.advanceTo(second * 1e6);
    got += server.receive();
  }
  expect(got).toBe(text);
  expect(server.state).toBe("CLOSE-WAIT");
});

test("given unread data, when a socket is closed, then the peer is reset", () => {
  const wire = new Wire();
  const { client, server } = connected(wire);
  client.send("unread");
  wire.clock.advanceTo(2000);
  server.close();
  wire.clock.advanceTo(3000);
  expect([client.error, client.state]).toEqual(["ECONNRESET", "CLOSE"]);
});

test("given a path that takes less than the link, when its router says so, then segments get smaller and arrive", () => {
  const wire = new Wire();
  const { client, server } = connected(wire);
  wire.lose = (packet) => {
    const { body } = packet;
    if (body.kind !== "tcp" || body.payload.kind !== "text" || body.payload.text.length <= 1000) return false;
    wire.clock.after(50, () =>
      wire.client.deliverError(undefined as never, {
        ...packet,
        src: SERVER,
        dst: CLIENT,
        protocol: 1,
        body: { kind: "icmp", type: 3, code: 4, id: 0, sequence: 0, dataLength: 0, mtu: 1052, original: packet },
      }),
    );
    return true;
  };
  client.send("x".repeat(5000));
  wire.clock.advanceTo(1_000_000);
  expect(server.receive()).toHaveLength(5000);
});

test("given a port that is taken, when another listens on an overlapping address, then EADDRINUSE", () => {
  const { server } = new Wire();
  server.tcpListen(owner, { port: 80 });
  expect(server.tcpListen(owner, { port: 80, ip: SERVER })).toBe("EADDRINUSE");
  expect(server.tcpListen(owner, { port: 80, family: 6, dual: true })).toBe("EADDRINUSE");
  expect(server.tcpListen(owner, { port: 80, family: 6 })).toBeTypeOf("object");
  expect(server.tcpListen(owner, { port: 81, ip: CLIENT })).toBe("EADDRNOTAVAIL");
});
