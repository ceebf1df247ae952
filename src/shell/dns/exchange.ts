/** Sending DNS questions to one server and waiting for the answers, over UDP or TCP, from a process's netns. */
import type { Ip } from "../../kernel/address.ts";
import type { SocketErrno } from "../../kernel/socket/table.ts";
import { anyOf, type Op, sleep } from "../../kernel/task.ts";
import { DnsStream, encodeDns } from "../../kernel/wire/dns-stream.ts";
import type { DnsMessage } from "../../kernel/wire/packet.ts";
import type { Process } from "../command.ts";

export type Asking = Pick<Process, "netns" | "pid" | "argv">;

/** What came of it: by question, its answer; an errno that the socket gave; or nothing in time. */
export interface Exchange {
  readonly answers: readonly (DnsMessage | undefined)[];
  readonly errno: SocketErrno | undefined;
  /** The errno is that of connecting the socket: nothing was sent. */
  readonly setup: boolean;
  /** µs from the first question to the last answer. */
  readonly elapsed: number;
}

const failed = (queries: readonly DnsMessage[], errno: SocketErrno | undefined, setup: boolean): Exchange => ({
  answers: queries.map(() => undefined),
  errno,
  setup,
  elapsed: 0,
});

/**
 * Sends the questions from one UDP socket, and waits at most `timeout` µs until all are answered. Who is `patient` waits for what
 * a filter of its own host has kept (EPERM), as libuv does; the resolver of the C library does not.
 */
export function* exchangeUdp(
  process: Asking,
  server: Ip,
  port: number,
  queries: readonly DnsMessage[],
  timeout: number,
  patient = false,
): Op<Exchange> {
  const { sockets, kernel } = process.netns;
  const socket = sockets.udp({ process: process.argv[0] ?? "", pid: process.pid });
  if (typeof socket === "string") return failed(queries, socket, true);
  try {
    socket.receiveErrors = true;
    const start = kernel.clock.now;
    const refused = socket.connect(server, port);
    if (refused) return failed(queries, refused, true);
    for (const message of queries) {
      const errno = socket.send({ kind: "dns", message });
      if (errno && !(patient && errno === "EPERM")) return failed(queries, errno, false);
    }
    const answers: (DnsMessage | undefined)[] = queries.map(() => undefined);
    for (;;) {
      for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
        if (datagram.payload.kind !== "dns") continue;
        const { message } = datagram.payload;
        const index = queries.findIndex((query) => query.id === message.id && query.question.type === message.question.type);
        if (message.response && index >= 0) answers[index] = message;
      }
      const elapsed = kernel.clock.now - start;
      if (answers.every((message) => message !== undefined)) return { answers, errno: undefined, setup: false, elapsed };
      const errno = socket.takeError();
      if (errno || elapsed >= timeout) return { answers, errno, setup: false, elapsed };
      yield anyOf(socket.readable, sleep(timeout - elapsed));
    }
  } finally {
    socket.close();
  }
}

/** Asks one question over TCP. */
export function* exchangeTcp(process: Asking, server: Ip, port: number, query: DnsMessage, timeout: number): Op<Exchange> {
  const { sockets, kernel } = process.netns;
  const start = kernel.clock.now;
  const socket = sockets.tcpConnect({ process: process.argv[0] ?? "", pid: process.pid }, server, port);
  if (typeof socket === "string") return failed([query], socket, true);
  const stream = new DnsStream();
  let asked = false;
  try {
    for (;;) {
      if (!asked && socket.state === "ESTABLISHED") {
        socket.send(encodeDns(query));
        asked = true;
      }
      for (const message of stream.take(socket.receive()))
        if (message.id === query.id && message.response)
          return { answers: [message], errno: undefined, setup: false, elapsed: kernel.clock.now - start };
      const elapsed = kernel.clock.now - start;
      if (socket.error || socket.ended || elapsed >= timeout) return { answers: [undefined], errno: socket.error, setup: false, elapsed };
      yield anyOf(socket.changed, sleep(timeout - elapsed));
    }
  } finally {
    socket.close();
  }
}
